"""The people of the survey in the workbook: needs, drivers, barriers, segments, conditions, as tables for the gate."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from smf_helpers.framework import FACTOR_KEYS
from smf_helpers.results.publication import Cell, Proposal
from smf_helpers.workbook.proposing import ALL, Row, estimated, propose, proposes
from smf_helpers.workbook.survey import (
    NO_SURVEY,
    all_waves,
    answers,
    factor_scores,
    limits,
    number,
    respondents,
    rows_of,
    wave_group,
)

if TYPE_CHECKING:
    import pandas as pd

    from smf_helpers.measures.modules import ModuleAnswers
    from smf_helpers.workbook.book import Workbook


def module(book: "Workbook", name: str) -> "ModuleAnswers":
    """Lay out the answers to one module of the questionnaire, once."""
    from smf_helpers.measures.modules import read_module

    return book.once(
        f"module {name}",
        lambda: read_module(
            answers(book),
            book.rows("items"),
            name,
            respondents=respondents(book),
            waves=book.rows("waves"),
        ),
    )


def adopted_in_waves(book: "Workbook") -> "pd.DataFrame":
    """Say who has adopted in which wave, by the client's one rule."""
    from smf_helpers.measures.adoption_rule import adopted_in_survey

    rule = book.params.adoption
    own = rule.source == "survey" and rule.item is not None
    return book.once(
        "adopted in waves",
        lambda: adopted_in_survey(
            answers(book),
            book.rows("items"),
            item=rule.item if own else None,
            at_least=float(rule.at_least) if own else None,
            waves=book.rows("waves"),
        ),
    )


@proposes(
    "survey people",
    "needs",
    "recommendation",
    "drivers",
    "barriers",
    "barrier_tests",
    "segments",
    "conditions",
)
def propose_people(book: "Workbook") -> Iterator[Proposal]:
    """Propose what the survey says of needs, recommendation, barriers, segments and conditions."""
    yield _needs(book)
    yield _recommendation(book)
    yield _drivers(book)
    yield from _barriers(book)
    yield _segments(book)
    yield _conditions(book)


def _row(book: "Workbook", row: dict[str, Any], keys: tuple[str, ...], cells: dict[str, Cell]) -> Row:
    """Make a row about a unit in a wave."""
    return Row(
        cells={**{key: row[key] for key in keys}, **cells, "n": row["n"]},
        groups=wave_group(book, row["wave"], row["unit"]),
        count=int(row["n"]),
    )


def _needs(book: "Workbook") -> Proposal:
    from smf_helpers.measures.needs import map_needs

    table = map_needs(factor_scores(book), module(book, "importance"), headcounts=book.headcounts)
    asked = rows_of(table)
    waves = {row["wave"] for row in asked}
    latest = next((wave for wave in reversed(book.waves) if wave in waves), "")
    rows = [
        _row(
            book,
            row,
            ("unit", "factor", "verdict"),
            {
                "importance": number(row["importance"]),
                "performance": number(row["performance"]),
                "need": number(row["need"]),
                **{f"need_{side}": value for side, value in limits(row, row["status"] == "ok").items()},
            },
        )
        for row in asked
        if row["wave"] == latest
    ]
    note = "Of those who rated both the importance and the performance of a factor."
    return propose("needs", rows, note=note, reason="Importance was not asked.")


def _recommendation(book: "Workbook") -> Proposal:
    from smf_helpers.measures.recommendation import score_recommendation

    table = score_recommendation(module(book, "recommendation"), headcounts=book.headcounts)
    rows = [
        _row(
            book,
            row,
            ("wave", "unit"),
            {
                "value": number(row["value"]),
                **limits(row),
                "promoters": number(row["promoters"]),
                "detractors": number(row["detractors"]),
            },
        )
        for row in rows_of(table)
    ]
    return propose("recommendation", rows, reason="Recommendation was not asked.")


def _drivers(book: "Workbook") -> Proposal:
    from smf_helpers.measures.drivers import weigh_drivers

    scores, recommends = factor_scores(book), module(book, "recommendation")
    factors = tuple(key for key in FACTOR_KEYS if key in scores.people)
    if not recommends.facets or not len(recommends.people) or len(factors) < 2:
        return propose("drivers", [], reason="Drivers need the factors and the recommendation.")
    wave = next(name for name in reversed(book.waves) if (recommends.people["wave"] == name).any())
    rated = recommends.people.assign(rating=recommends.position[:, 0])[["wave", "respondent", "rating"]]
    both = scores.people[scores.people["wave"] == wave].merge(rated, on=["wave", "respondent"])
    weights, r2 = weigh_drivers(
        both[list(factors)].to_numpy(dtype="float64"),
        both["rating"].to_numpy(dtype="float64"),
        factors,
        seed=book.params.seed,
    )
    rows = [
        Row(
            cells={
                "factor": factor,
                **estimated(weights[factor], "weight"),
                "status": weights[factor].status.value,
                "reason": weights[factor].reason,
                "n": weights[factor].n,
            },
            groups=wave_group(book, wave),
            count=weights[factor].n or 0,
        )
        for factor in factors
    ]
    note = (
        "" if r2.value is None else "Weights share out what the factors together explain; they are no causes."
    )
    return propose("drivers", rows if (r2.n or 0) > 0 else [], note=note, reason=r2.reason)


def _barriers(book: "Workbook") -> Iterator[Proposal]:
    from smf_helpers.measures.barriers import barrier_shares, judge_barriers

    answers = module(book, "barrier")
    absent = "Barriers were not asked." if len(book.waves) else NO_SURVEY
    asked = bool(answers.facets) and len(answers.people) > 0
    table = rows_of(barrier_shares(answers, headcounts=book.headcounts)) if asked else []
    rows = [
        _row(book, row, ("wave", "unit", "barrier"), {"share": number(row["share"]), **limits(row)})
        for row in table
    ]
    yield propose("barriers", rows, reason=absent)
    tests = (
        judge_barriers(answers, adopted_in_waves(book), book.rows("interventions"), book.rows("waves"))
        if asked
        else {}
    )
    judged = [
        Row(
            cells={
                "barrier": barrier,
                **estimated(odds, "odds_ratio"),
                **estimated(remedy, "remedy_effect"),
                "design": "comparison" if "against units" in remedy.method else "before_after",
                "later_use": later,
                "verdict": verdict,
                "reason": reason,
                "n": n,
            },
            groups=all_waves(book),
            count=n,
        )
        for barrier, (odds, remedy, later, verdict, reason, n) in tests.items()
        if n > 0
    ]
    note = "A reason goes with not using later and falls where its remedy is applied; an excuse does not."
    yield propose("barrier_tests", judged, note=note, reason=absent)


def _segments(book: "Workbook") -> Proposal:
    from smf_helpers.measures.segments import segment_people

    parts = (module(book, name) for name in ("stage", "recommendation", "barrier"))
    table = segment_people(*parts, headcounts=book.headcounts)
    rows = [
        _row(
            book,
            row,
            ("wave", "segment"),
            {
                "share": number(row["share"]),
                **limits(row),
                "share_strict": number(row["share_strict"]),
                "share_lenient": number(row["share_lenient"]),
            },
        )
        for row in rows_of(table)
        if row["unit"] == ALL
    ]
    note = "Sorted by stated rules: use at work, recommending, barriers named; the other shares move the cut-offs."
    return propose("segments", rows, note=note, reason="Segments need stage, recommendation and barriers.")


def _conditions(book: "Workbook") -> Proposal:
    from smf_helpers.measures.conditions import score_conditions

    table = score_conditions(
        answers(book),
        book.rows("items"),
        respondents=respondents(book),
        waves=book.rows("waves"),
        headcounts=book.headcounts,
    )
    rows = [
        _row(book, row, ("wave", "unit", "condition"), {"share": number(row["share"]), **limits(row)})
        for row in rows_of(table)
    ]
    return propose("conditions", rows, reason="The conditions of the culture were not asked.")
