"""The roll-out in the workbook: what changed in each unit since it joined, against those still waiting."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from smf_helpers.results.publication import Cell, Proposal
from smf_helpers.workbook.proposing import Row, propose, proposes
from smf_helpers.workbook.survey import factor_scores, number, wave_group

if TYPE_CHECKING:
    from smf_helpers.workbook.book import Workbook


@proposes("survey rollout", "rollout")
def propose_rollout(book: "Workbook") -> Iterator[Proposal]:
    """Propose where each unit stands in the roll-out, and what came with it."""
    from smf_helpers.measures.rollout import compare_rollout

    units = book.rows("units")
    joined = dict(zip(units["unit"].astype(str), units["joined_rollout_on"], strict=True))
    if not units["joined_rollout_on"].notna().any():
        yield propose("rollout", (), reason="No unit has a date on which it joined the roll-out.")
        return
    table = compare_rollout(factor_scores(book), joined, book.rows("waves"))
    rows = []
    for row in table.to_dict("records"):
        cells: dict[str, Cell] = {
            "unit": row["unit"],
            "headcount": book.headcounts.get(row["unit"]),
            "joined_on": str(row["joined_on"])[:10] if row["joined_on"] == row["joined_on"] else None,
            "verdict": row["verdict"],
        }
        if row["n"]:
            cells |= {"change": number(row["change"]), "waiting": number(row["waiting"]), "n": row["n"]}
            ends = (("change_low", "low"), ("change_high", "high"))
            for name, limit in (*ends, ("waiting_low", "waiting_low"), ("waiting_high", "waiting_high")):
                cells[name] = (
                    float(row[limit]) if row[limit] == row[limit] and row[limit] is not None else None
                )
        behind = (row["unit"], *row["waiting_units"]) if row["n"] else ()
        groups = (
            ref
            for wave in ("from_wave", "to_wave")
            for unit in behind
            for ref in wave_group(book, row[wave], unit)
        )
        rows.append(Row(cells=cells, groups=tuple(groups), count=int(min(row["n_from"], row["n_to"]))))
    note = "Units were not drawn by lot: those that joined first may be those that would have risen anyway."
    yield propose("rollout", rows, note=note, reason="There is no survey with units.")
