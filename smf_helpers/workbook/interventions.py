"""The ledger of interventions of one client, as proposed tables."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from smf_helpers.results.core import SHOWN, Estimate
from smf_helpers.results.effects import Ledger, LedgerEntry
from smf_helpers.results.publication import Cell, Mark, Proposal
from smf_helpers.workbook.participation import calendar
from smf_helpers.workbook.people import eligible
from smf_helpers.workbook.proposing import ALL, Row, estimated, propose, proposes

if TYPE_CHECKING:
    import pandas as pd

    from smf_helpers.workbook.book import Workbook

WEEKS_A_YEAR = 365.25 / 7


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


@proposes("interventions", "interventions")
def propose_interventions(book: "Workbook") -> Iterator[Proposal]:
    """Propose what each intervention changed."""
    found = ledger(book)
    n = len(eligible(book))
    rows = [_entry(book, entry, n) for entry in found.entries]
    note = "Changes at a date are consistent with the intervention; other things happen too."
    absent = "No interventions are dated, or there is no activity to see them on."
    yield propose("interventions", rows, note=note, reason=absent)


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
        "slope": _told(effect.slope, WEEKS_A_YEAR),
        "placebo": _told(effect.placebo),
        "detectable": _told(effect.detectable),
        "verdict": effect.verdict,
        "reason": effect.reason,
        "n": n,
    }
    return Row(cells=cells, groups=book.group("people"), count=n)


def _told(estimate: Estimate, times: float = 1.0) -> Cell:
    return times * estimate.value if estimate.status in SHOWN and estimate.value is not None else Mark.UNSURE
