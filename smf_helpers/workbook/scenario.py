"""The what-if that may leave the house: calibrated from this client's own participation, if that is released."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from smf_helpers.results.publication import Table
from smf_helpers.results.what_if import WhatIf
from smf_helpers.workbook.participation import flows, headcount
from smf_helpers.workbook.proposing import ALL

if TYPE_CHECKING:
    from smf_helpers.workbook.book import Workbook

LEAST_PEOPLE: Final = 30
"""Fewest eligible people behind a fitted parameter that may be shown."""

LEAST_WEEKS: Final = 26

STANDING: Final = {"policy_published": "policy", "owner_appointed": "owner"}
"""Interventions that already stand move their lever to 1."""


def what_if(book: "Workbook", tables: Mapping[str, Table]) -> WhatIf | None:
    """Give the calibrated what-if, or None where the release holds no participation of the whole organisation.

    Parameters
    ----------
    book : the client's workbook.
    tables : what passed the gate; nothing is calibrated from figures that were refused.
    """
    from smf_helpers.models import calibrate_what_if

    shown = tables.get("participation")
    if shown is None or not any(isinstance(share, float) for share in shown.column("active", unit=ALL)):
        return None
    people, weeks = headcount(book), flows(book)
    if people < LEAST_PEOPLE or len(weeks) < LEAST_WEEKS:
        return None
    standing = {
        STANDING[step.kind]: 1.0
        for step in book.params.interventions
        if step.kind in STANDING and not step.scope
    }
    return calibrate_what_if(
        weeks, eligible=max(people, int(weeks["ever"].max())), standing=standing, seed=book.params.seed
    )
