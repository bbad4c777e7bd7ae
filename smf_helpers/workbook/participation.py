"""Who took part in which week, by the client's own rule, and whether it would go on by itself.

What counts as adopting is the rule of the params, applied here and nowhere else: on the internal platform, so many
weeks with so many actions; in the survey, an answer of at least so much. The denominator is the headcount.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from smf_helpers.results.publication import Proposal
from smf_helpers.workbook.people import eligible
from smf_helpers.workbook.proposing import ALL, Row, propose, proposes, quantity

if TYPE_CHECKING:
    import pandas as pd

    from smf_helpers.measures.practice import Calendar
    from smf_helpers.workbook.book import Workbook

_NO_ACTIVITY: Final = "There is no activity on an internal platform; bring its export."


def calendar(book: "Workbook") -> "Calendar":
    """Give the actions of the eligible on gapless calendar weeks, up to the day to which data count."""
    from smf_helpers.measures.practice import lay_out

    def make() -> "Calendar":
        rule = book.params.adoption
        people = eligible(book)["person"]
        rows = book.rows("activity")
        rows = rows[rows["actor"].isin(people)]
        until = book.params.as_of
        if until is not None:
            rows = rows[rows["week"] <= np.datetime64(until)]
        return lay_out(rows, actions=rule.actions, platform=rule.platform, until=until if len(rows) else None)

    return book.once("calendar", make)


def adopted_in(book: "Workbook") -> "pd.Series[Any]":
    """Give for every actor the Monday of the week in which the rule of adoption was met; missing if not yet."""
    import pandas as pd

    laid, rule = calendar(book), book.params.adoption
    met = np.cumsum(laid.active(rule.at_least), axis=1) >= max(rule.weeks, 1)
    first = met.argmax(axis=1) if met.size else np.zeros(len(met), int)
    nobody = np.array([], dtype="datetime64[D]")
    weeks = np.where(met.any(axis=1), laid.weeks[first], np.datetime64("NaT")) if met.size else nobody
    return pd.Series(weeks, index=laid.actors, dtype="datetime64[us]")


def headcount(book: "Workbook") -> int:
    """Give how many people could take part: the headcount or the people list; 0 where neither is known.

    Those who were seen are never the denominator: adoption divided by the adopters is always complete.
    """
    listed = len(eligible(book)) if len(book.rows("people")) else 0
    return max(book.headcounts.get(ALL, 0), listed)


def absent(book: "Workbook") -> str:
    """Say why there is no adoption to tell."""
    if book.params.adoption.source == "survey":
        return "No wave asked about adopting."
    if len(calendar(book).weeks) and not headcount(book):
        return "How many people could take part is not known; bring a people list, or give the headcount."
    return _NO_ACTIVITY


@proposes("participation", "participation", "sustain")
def propose_participation(book: "Workbook") -> Iterator[Proposal]:
    """Propose participation week by week, and whether it would go on by itself."""
    laid, people = calendar(book), headcount(book)
    if not len(laid.weeks) or not people:
        yield propose("participation", (), reason=absent(book))
        yield propose("sustain", (), reason=absent(book))
        return
    window = book.params.adoption.lapse_weeks
    grown = growth(book)
    group = book.group("people")
    rows = [
        Row(
            cells={
                "week": str(np.datetime64(row.week, "D")),
                "unit": ALL,
                **{name: getattr(row, name) / people for name in ("active", "new", "resurrected", "lapsed")},
                "depth": row.depth,
                "n": people,
            },
            groups=group,
            count=people,
        )
        for row in grown.itertuples(index=False)
    ]
    least = book.params.adoption.at_least
    deed = "at least one action" if least <= 1 else f"a week with at least {least:g} actions"
    note = f"Active: {deed} in the last {window} weeks; lapsed: silent for longer."
    yield propose("participation", rows, note=note)
    from smf_helpers.models import estimate_sustain

    told = estimate_sustain(
        flows(book), eligible=max(people, int(grown["ever"].max())), seed=book.params.seed
    )
    yield propose(
        "sustain",
        [quantity(name, replace(estimate, n=people), group) for name, estimate in told.items()],
        note="From a model of joining, lapsing and coming back; consistent with imitation, not proof of it.",
    )


def growth(book: "Workbook") -> "pd.DataFrame":
    """Give the growth accounts of the whole organisation by the client's rule of lapsing."""
    from smf_helpers.measures.practice import account_growth

    rule = book.params.adoption
    return book.once(
        "growth", lambda: account_growth(calendar(book), window=rule.lapse_weeks, at_least=rule.at_least)
    )


def flows(book: "Workbook") -> "pd.DataFrame":
    """Give the weekly counts that the what-if and its reproduction number are calibrated from, executives included."""
    import pandas as pd

    weeks = growth(book).rename(columns={"resurrected": "back"})
    weeks = weeks[["week", "active", "new", "lapsed", "back", "ever"]]
    joined = [
        pd.Timestamp(step.starts_on)
        for step in book.params.interventions
        if step.kind == "executive_joined" and not step.scope
    ]
    since = min(joined, default=pd.Timestamp.max)
    return weeks.assign(executives=(pd.to_datetime(weeks["week"]) >= since).astype(float))
