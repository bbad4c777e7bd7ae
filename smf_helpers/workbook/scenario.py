"""The what-if that may leave the house: calibrated from this client's own participation, if that is released."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from smf_helpers.results.publication import Table
from smf_helpers.results.what_if import WhatIf
from smf_helpers.workbook.participation import growth, headcount
from smf_helpers.workbook.proposing import ALL

if TYPE_CHECKING:
    import pandas as pd

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
    people, weeks = headcount(book), growth(book)
    if people < LEAST_PEOPLE or len(weeks) < LEAST_WEEKS:
        return None
    weeks = weeks.rename(columns={"resurrected": "back"})[["week", "active", "new", "lapsed", "back", "ever"]]
    weeks["executives"] = _executives(book, weeks["week"])
    standing = {
        STANDING[step.kind]: 1.0
        for step in book.params.interventions
        if step.kind in STANDING and not step.scope
    }
    return calibrate_what_if(
        weeks, eligible=max(people, int(weeks["ever"].max())), standing=standing, seed=book.params.seed
    )


def _executives(book: "Workbook", weeks: "pd.Series[Any]") -> "pd.Series[Any]":
    """Give from which week on the executives took part, by the interventions of the whole organisation."""
    import pandas as pd

    joined = [
        pd.Timestamp(step.starts_on)
        for step in book.params.interventions
        if step.kind == "executive_joined" and not step.scope
    ]
    return (pd.to_datetime(weeks) >= min(joined, default=pd.Timestamp.max)).astype(float)
