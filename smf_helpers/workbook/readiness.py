"""Who is readier to adopt, as a proposed table: by role where roles may be told, and by years in the organisation.

Units are not compared here: they join the roll-out on different dates, which is no trait of their people.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from smf_helpers.results.core import SHOWN, Status
from smf_helpers.results.publication import GroupRef, Proposal
from smf_helpers.workbook.network import at_risk
from smf_helpers.workbook.people import eligible
from smf_helpers.workbook.proposing import Row, propose, proposes
from smf_helpers.workbook.survey import number, rows_of

if TYPE_CHECKING:
    import pandas as pd

    from smf_helpers.workbook.book import Workbook

DAYS_IN_TEN_YEARS: Final = 3652.5
NEITHER: Final = "The people list tells neither joining dates nor roles that may be told."


@proposes("readiness", "readiness")
def propose_readiness(book: "Workbook") -> Iterator[Proposal]:
    """Propose how many times as ready to adopt people of a role, and those longer in the organisation, are."""
    from smf_helpers.models import estimate_readiness

    people = eligible(book)
    known = at_risk(book) if len(book.rows("activity")) else None
    traits = {} if known is None else _traits(book, people, known["people"]["adopted_on"])
    if known is None or not traits:
        yield propose("readiness", (), reason=NEITHER)
        return
    listed = known.pop("people").assign(**traits)
    found = rows_of(estimate_readiness(listed, tuple(traits), **known))
    sizes = people["role"].value_counts() if "role" in traits else None
    note = "Consistent with the trait, not caused by it."
    if sizes is not None:
        largest = min(sizes.index[sizes == sizes.max()])
        note += (
            f" Roles are held against the largest: {largest}; a role also brings its own work and company."
        )
    yield propose(
        "readiness",
        [
            _row(book, row, len(people) if sizes is None else int(sizes.get(row["group"], len(people))))
            for row in found
            if row["group"] != "unknown"
        ],
        note=note,
    )


def _row(book: "Workbook", row: dict[str, Any], n: int) -> Row:
    told = Status(row["status"]) in SHOWN
    role = (GroupRef(population="people", dims=(("role", row["group"]),)),)
    return Row(
        cells={
            "trait": row["covariate"],
            "group": row["group"] or "ten years longer",
            "ratio": number(row["ratio"], told),
            "ratio_low": row["low"] if told else None,
            "ratio_high": row["high"] if told else None,
            "status": str(row["status"]),
            "reason": row["reason"],
            "n": n,
        },
        groups=role if row["group"] else book.group("people"),
        count=n,
    )


def _traits(book: "Workbook", people: "pd.DataFrame", adopted: "pd.Series") -> "dict[str, object]":
    """Give the traits that these people have: their role where roles may be told, and tens of years since joining."""
    found: dict[str, object] = {}
    if "role" in people and "role" in book.params.publish.breakdowns and people["role"].nunique() > 1:
        found["role"] = people["role"].to_numpy()
    if "joined_on" in people and people["joined_on"].nunique() > 1 and adopted.notna().any():
        tens = (adopted.min() - people["joined_on"]).dt.days.to_numpy(dtype=float, na_value=np.nan)
        found["tenure"] = np.maximum(tens, 0.0) / DAYS_IN_TEN_YEARS
    return found
