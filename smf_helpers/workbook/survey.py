"""The survey in the workbook: scores, changes, the double cycle and reliability, as tables for the gate."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from smf_helpers.results.core import SHOWN, Status
from smf_helpers.results.flow import Flow, LinkTest
from smf_helpers.results.publication import Cell, GroupRef, Mark, Proposal
from smf_helpers.results.survey import FactorScores, WaveChange
from smf_helpers.workbook.proposing import ALL, Row, estimated, propose, proposes, quantity

if TYPE_CHECKING:
    import pandas as pd

    from smf_helpers.workbook.book import Workbook

NO_SURVEY = "There is no survey of the eight factors."
NO_ROLES = "The survey does not tell the roles, or no breakdown by role is asked for."
TABLES = (
    *("waves", "factors", "factors_by_role", "factor_change"),
    *("flow", "bottleneck", "link_test", "reliability"),
)
_SHOWN = frozenset(status.value for status in SHOWN)


def respondents(book: "Workbook") -> "pd.DataFrame":
    """Give the respondents, weighted to the headcounts of the units where all of them are known."""
    names = dict.fromkeys(("respondent", "wave"), "category")
    return book.once("weighted respondents", lambda: _weighted(book).astype(names))


def _weighted(book: "Workbook") -> "pd.DataFrame":
    from smf_helpers.measures.weights import calibrate

    people = book.rows("respondents")
    if not len(people) or people["weight"].notna().any():
        return people
    known = {unit: n for unit, n in book.headcounts.items() if unit != ALL and n > 0}
    weight = people["weight"].astype("float64").fillna(1.0)
    for _, rows in people.groupby("wave"):
        here = set(rows["unit"].dropna().astype(str))
        if len(here) > 1 and here <= set(known):
            weight.loc[rows.index] = calibrate(
                rows, {"unit": {unit: known[unit] for unit in sorted(here)}}
            ).weights
    return people.assign(weight=weight)


def answers(book: "Workbook") -> "pd.DataFrame":
    """Give the answers with names as categories, once: every measure looks up who answered what, and when."""
    names = ["respondent", "wave", "item", "missing"]
    return book.once("answers", lambda: book.rows("responses").astype(dict.fromkeys(names, "category")))


def factor_scores(book: "Workbook") -> FactorScores:
    """Score the eight factors, once."""
    from smf_helpers.measures.scores import score_factors

    return book.once(
        "factor scores",
        lambda: score_factors(
            answers(book),
            book.rows("items"),
            respondents=respondents(book),
            headcounts=book.headcounts,
            waves=book.rows("waves"),
        ),
    )


def role_scores(book: "Workbook") -> FactorScores:
    """Score the eight factors by role, once; how many people hold a role is not known, so nothing is corrected for it."""
    from smf_helpers.measures.scores import score_factors

    return book.once(
        "factor scores by role",
        lambda: score_factors(
            answers(book),
            book.rows("items"),
            respondents=respondents(book),
            waves=book.rows("waves"),
            by="role",
        ),
    )


def wave_change(book: "Workbook") -> WaveChange:
    """Compare the waves, once; items that the params call not comparable carry no comparison."""
    from smf_helpers.measures.invariance import compare_meaning
    from smf_helpers.measures.waves import compare_waves

    scores = factor_scores(book)
    changed = {wave.wave: wave.not_comparable for wave in book.params.waves if wave.not_comparable}
    return book.once(
        "wave change",
        lambda: compare_waves(scores, changed=changed, invariance=compare_meaning(scores, changed=changed)),
    )


def flow(book: "Workbook") -> Flow:
    """Trace the flow round the double cycle, once."""
    from smf_helpers.models.flow import trace_flow

    return book.once("flow", lambda: trace_flow(factor_scores(book), seed=book.params.seed))


def link_test(book: "Workbook") -> LinkTest:
    """Test over the units whether the link feeds both cycles, once."""
    from smf_helpers.models.link import link_feeds

    return book.once("link test", lambda: link_feeds(factor_scores(book)))


def wave_group(book: "Workbook", wave: str, unit: str = ALL) -> tuple[GroupRef, ...]:
    """Name the people of a unit in a survey wave."""
    return book.group(f"survey:{wave}", unit)


def all_waves(book: "Workbook") -> tuple[GroupRef, ...]:
    """Name everybody in every wave that somebody answered."""
    answered = book.once("answered waves", lambda: set(book.rows("respondents")["wave"].astype(str).unique()))
    return tuple(ref for wave in book.waves if wave in answered for ref in wave_group(book, wave))


def number(value: Any, told: bool = True) -> Cell:
    """Give a number as a cell; what may not be told, or is none, is marked."""
    return float(value) if told and value == value and value is not None else Mark.UNSURE


def limits(row: Any, told: bool = True) -> dict[str, Cell]:
    """Give the limits of a row's interval; empty where there are none."""
    return {
        side: float(row[side]) if told and row[side] == row[side] else None  # NaN is not equal to itself
        for side in ("low", "high")
    }


def rows_of(frame: "pd.DataFrame") -> list[dict[str, Any]]:
    """Give the rows of a measure that are about somebody."""
    return [] if not len(frame) else frame[frame["n"] > 0].to_dict("records")


@proposes("survey", *TABLES)
def propose_survey(book: "Workbook") -> Iterator[Proposal]:
    """Propose what the survey says of the eight factors."""
    scores = factor_scores(book)
    reason = "" if scores.status is Status.OK else NO_SURVEY
    yield _waves(book)
    yield _factors(book, reason)
    yield _by_role(book, reason)
    yield _changes(book, reason)
    yield from _flow(book, reason)
    yield _link(book, reason)
    yield _reliability(book, reason)


def _waves(book: "Workbook") -> Proposal:
    from smf_helpers.measures.response import check_nonresponse, response_rates

    table = response_rates(book.rows("respondents"), book.rows("waves"), headcounts=book.headcounts)
    rows, note = [], ""
    for row in rows_of(table):
        day = {key: None if row[key] != row[key] or row[key] is None else str(row[key])[:10] for key in _DAYS}
        cells: dict[str, Cell] = {"wave": row["wave"], "unit": row["unit"], **day, "n": row["n"]}
        known = row["invited"] is not None and row["invited"] == row["invited"]
        cells["invited"] = int(row["invited"]) if known else None
        cells["response_rate"] = float(row["response_rate"]) if known else None
        rows.append(Row(cells=cells, groups=wave_group(book, row["wave"], row["unit"]), count=row["n"]))
    if rows:
        last = table[(table["wave"] == rows[-1].cells["wave"]) & (table["unit"] != ALL)]
        counts = dict(zip(last["unit"], last["n"], strict=True))
        known_units = {unit: n for unit, n in book.headcounts.items() if unit != ALL}
        note = check_nonresponse(counts, known_units)[1] if known_units else ""
    return propose("waves", rows, note=note, reason="There is no survey.")


_DAYS = ("opened_on", "closed_on")


def _factors(book: "Workbook", reason: str) -> Proposal:
    scores = factor_scores(book)
    rows = [
        _score(row, "unit", wave_group(book, row["wave"], row["unit"])) for row in rows_of(scores.factors)
    ]
    weighted = scores.people["weight"].nunique() > 1 if len(scores.people) else False
    notes = [
        *scores.notes,
        "The organisation is weighted to the headcounts of its units." if weighted else "",
    ]
    return propose("factors", rows, note=" ".join(filter(None, notes)), reason=reason)


def _score(row: dict[str, Any], by: str, groups: tuple[GroupRef, ...]) -> Row:
    """Make a row about a factor in a group and wave."""
    return Row(
        cells={
            **{key: row[key] for key in ("wave", "factor", "n")},
            by: row["unit"],
            "mean": number(row["mean"]),
            **limits(row, row["status"] in _SHOWN),
            "favourable": number(row["favourable"]),
        },
        groups=groups,
        count=row["n"],
    )


def _by_role(book: "Workbook", reason: str) -> Proposal:
    """Propose the factors by role; in one measure set with those by unit, so that both together give nobody away."""
    rows = []
    if "role" in book.params.publish.breakdowns and book.rows("respondents")["role"].notna().any():
        for row in rows_of(role_scores(book).factors):
            if row["unit"] not in (ALL, ""):
                ref = GroupRef(population=f"survey:{row['wave']}", dims=(("role", row["unit"]),))
                rows.append(_score(row, "role", (ref,)))
    return propose("factors_by_role", rows, reason=reason or NO_ROLES, measure="factors")


def _changes(book: "Workbook", reason: str) -> Proposal:
    change = wave_change(book)
    rows = []
    for row in rows_of(change.changes):
        told = row["status"] in _SHOWN
        refs = (
            *wave_group(book, row["from_wave"], row["unit"]),
            *wave_group(book, row["to_wave"], row["unit"]),
        )
        # Those of the smaller wave: the number in either wave would tell how few joined or left.
        n = int(min(row["n_from"], row["n_to"]))
        rows.append(
            Row(
                cells={
                    **{k: row[k] for k in ("unit", "factor", "from_wave", "to_wave", "verdict", "design")},
                    "n": n,
                    "change": number(row["change"], told),
                    **{f"change_{side}": value for side, value in limits(row, told).items()},
                    "reason": row["reason"],
                },
                groups=refs,
                count=n,
            )
        )
    return propose(
        "factor_change",
        [row for row in rows if row.count > 0],
        note=f"Adjusted for the number of comparisons; changes below {change.smallest:g} points do not matter.",
        reason=reason or "It takes two waves to see a change.",
    )


def _flow(book: "Workbook", reason: str) -> Iterator[Proposal]:
    found = flow(book)
    rows = [
        Row(
            cells={
                **{key: row[key] for key in ("wave", "unit", "cycle", "n")},
                "value": number(row["value"], row["status"] in _SHOWN),
                **limits(row, row["status"] in _SHOWN),
            },
            groups=wave_group(book, row["wave"], row["unit"]),
            count=row["n"],
        )
        for row in rows_of(found.flow)
    ]
    note = "The average speed of one round: half of it on the cycle's own factors, half across the link."
    yield propose("flow", rows, note=note, reason=reason or "Not all eight factors were asked.")
    chances = [
        Row(
            cells={
                **{key: row[key] for key in ("wave", "unit", "factor", "n")},
                "probability": number(row["probability"], row["status"] in _SHOWN),
            },
            groups=wave_group(book, row["wave"], row["unit"]),
            count=row["n"],
        )
        for row in rows_of(found.bottleneck)
    ]
    yield propose("bottleneck", chances, reason=reason or "Not all eight factors were asked.")


def _link(book: "Workbook", reason: str) -> Proposal:
    found = link_test(book)
    everybody = all_waves(book)
    rows = [quantity(name, found.paths[name], everybody) for name in ("link_to_internal", "link_to_external")]
    return propose("link_test", [] if reason else rows, note=found.reason, reason=reason)


def _reliability(book: "Workbook", reason: str) -> Proposal:
    from smf_helpers.measures.reliability import factor_reliability

    scores = factor_scores(book)
    rows = []
    for factor, found in factor_reliability(scores).items() if not reason else ():
        cells: dict[str, Cell] = {
            "factor": factor,
            **estimated(found.omega, "omega"),
            **estimated(found.alpha, "alpha"),
            "n_items": found.n_items,
            "status": found.omega.status.value,
            "reason": found.omega.reason,
            "n": found.n,
        }
        rows.append(Row(cells=cells, groups=wave_group(book, scores.waves[-1]), count=found.n))
    return propose("reliability", rows, note="Of the latest wave: nobody counts twice.", reason=reason)
