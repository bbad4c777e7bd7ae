"""The ledger of interventions and the roll-out of one client, as proposed tables."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from smf_helpers.framework import FACTOR_KEYS
from smf_helpers.results.core import SHOWN, Estimate
from smf_helpers.results.effects import Ledger, LedgerEntry
from smf_helpers.results.publication import Cell, GroupRef, Mark, Proposal
from smf_helpers.workbook.adoption import calendar
from smf_helpers.workbook.people import eligible
from smf_helpers.workbook.proposing import ALL, Row, estimated, propose, proposes
from smf_helpers.workbook.survey import all_waves, factor_scores

if TYPE_CHECKING:
    import pandas as pd

    from smf_helpers.workbook.book import Workbook

MIN_PEOPLE = 5
"""Answers on either side that a change of a unit needs."""


def weekly_outcomes(book: "Workbook") -> "pd.DataFrame":
    """Give the share of the eligible that was active, week by week: ``outcome, unit, at, value``."""
    import pandas as pd

    laid, people = calendar(book), eligible(book)
    if not len(laid.weeks):
        return pd.DataFrame({"outcome": [], "unit": [], "at": [], "value": []})
    active = laid.active(book.params.adoption.at_least)
    unit = people.set_index("person")["unit"].reindex(laid.actors) if "unit" in people else None
    size = {ALL: max(book.headcounts.get(ALL, 0), len(laid.actors))}
    parts = {ALL: np.ones(len(laid.actors), dtype=bool)}
    if unit is not None:
        for name in sorted(unit.dropna().astype(str).unique()):
            parts[name] = (unit == name).to_numpy(dtype=bool, na_value=False)
            size[name] = max(book.headcounts.get(name, 0), int(parts[name].sum()))
    return pd.concat(
        pd.DataFrame(
            {
                "outcome": "active",
                "unit": name,
                "at": laid.weeks,
                "value": active[chosen].sum(axis=0) / size[name],
            }
        )
        for name, chosen in parts.items()
    )


def ledger(book: "Workbook") -> Ledger:
    """Judge every intervention once."""
    from smf_helpers.models import estimate_ledger

    return book.once(
        "ledger",
        lambda: estimate_ledger(book.rows("interventions"), weekly_outcomes(book), seed=book.params.seed),
    )


@proposes("interventions", "interventions", "rollout")
def propose_interventions(book: "Workbook") -> Iterator[Proposal]:
    """Propose what each intervention changed, and how the roll-out goes unit by unit."""
    found = ledger(book)
    n = len(eligible(book))
    rows = [_entry(book, entry, n) for entry in found.entries]
    note = "Changes at a date are consistent with the intervention; other things happen too."
    absent = "No interventions are dated, or there is no activity to see them on."
    yield propose("interventions", rows, note=note, reason=absent)
    yield _rollout(book)


def _entry(book: "Workbook", entry: LedgerEntry, n: int) -> Row:
    effect = entry.effect
    cells: dict[str, Cell] = {
        "intervention": entry.intervention,
        "kind": entry.kind,
        "starts_on": str(entry.starts_on),
        "scope": entry.scope or ALL,
        "outcome": entry.outcome,
        "design": effect.design,
        **estimated(effect.level, "effect"),
        "slope": _told(effect.slope),
        "placebo": _told(effect.placebo),
        "detectable": _told(effect.detectable),
        "verdict": effect.verdict,
        "reason": effect.reason,
        "n": n,
    }
    return Row(cells=cells, groups=book.group("people"), count=n)


def _told(estimate: Estimate) -> Cell:
    return estimate.value if estimate.status in SHOWN and estimate.value is not None else Mark.UNSURE


def _rollout(book: "Workbook") -> Proposal:
    import pandas as pd

    units = book.rows("units")
    units = units[units["joined_rollout_on"].notna()] if len(units) else units
    if not len(units):
        return propose("rollout", [], reason="It is not known which unit joined the roll-out when.")
    joined = dict(zip(units["unit"].astype(str), pd.to_datetime(units["joined_rollout_on"]), strict=True))
    scores = _scores(book)
    rows = [_unit(book, unit, joined, scores) for unit in book.units]
    note = "Change of the mean of the eight factors since the last wave before joining."
    return propose("rollout", [row for row in rows if row is not None], note=note)


def _scores(book: "Workbook") -> "pd.DataFrame":
    """Give each answer as the mean of the eight factors, with its unit and the date of its wave."""
    import pandas as pd

    people = factor_scores(book).people
    known = [key for key in FACTOR_KEYS if key in people]
    if not len(people) or not known or "unit" not in people:
        return pd.DataFrame({"unit": [], "at": [], "score": []})
    opened = book.rows("waves").set_index("wave")["opened_on"]
    table = pd.DataFrame(
        {
            "unit": people["unit"].astype(str),
            "at": pd.to_datetime(people["wave"].astype(str).map(opened)),
            "score": people[known].mean(axis=1),
        }
    )
    return table.dropna()


def _unit(book: "Workbook", unit: str, joined: dict[str, Any], scores: "pd.DataFrame") -> Row | None:
    start = joined.get(unit)
    size = book.headcounts.get(unit)
    cells: dict[str, Cell] = {
        "unit": unit,
        "headcount": size,
        "joined_on": str(start)[:10] if start is not None else "",
    }
    own = scores[scores["unit"] == unit]
    waves = sorted(scores["at"].unique())
    before = [at for at in waves if start is not None and at < start]
    last = waves[-1] if waves else None
    if start is None or (last is not None and start > last):
        return Row(
            cells={
                **cells,
                "change": Mark.UNSURE,
                "waiting": Mark.UNSURE,
                "verdict": "waiting",
                "n": len(own),
            },
            groups=_groups(book, unit),
            count=len(own),
        )
    waiting = scores[[joined.get(name) is None or joined[name] > last for name in scores["unit"]]]
    base = before[-1] if before else None
    change = _change(own, base, last)
    level = _change(waiting, base, last)
    n = int((own["at"] == last).sum()) if last is not None else 0
    return Row(
        cells={
            **cells,
            **_cells("change", change),
            **_cells("waiting", level),
            "verdict": _verdict(change, level),
            "n": n,
        },
        groups=_groups(book, unit),
        count=n,
    )


Change = tuple[float, float, float] | None


def _change(scores: "pd.DataFrame", base: Any, last: Any) -> Change:
    """Give the difference of two waves with the interval of two independent means."""
    if base is None or last is None or base == last:
        return None
    early, late = (scores[scores["at"] == at]["score"].to_numpy(dtype=float) for at in (base, last))
    if min(len(early), len(late)) < MIN_PEOPLE:
        return None
    value = float(late.mean() - early.mean())
    half = 1.96 * float(np.sqrt(early.var(ddof=1) / len(early) + late.var(ddof=1) / len(late)))
    return value, value - half, value + half


def _cells(name: str, change: Change) -> dict[str, Cell]:
    if change is None:
        return {name: Mark.UNSURE, f"{name}_low": None, f"{name}_high": None}
    return {name: change[0], f"{name}_low": change[1], f"{name}_high": change[2]}


def _verdict(change: Change, waiting: Change) -> str:
    if change is None or waiting is None:
        return "not enough to say"
    half = float(np.hypot(change[2] - change[0], waiting[2] - waiting[0]))
    ahead = change[0] - waiting[0]
    return "ahead" if ahead > half else "behind" if ahead < -half else "level"


def _groups(book: "Workbook", unit: str) -> tuple[GroupRef, ...]:
    return tuple(GroupRef(population=ref.population, dims=(("unit", unit),)) for ref in all_waves(book))
