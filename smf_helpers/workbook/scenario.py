"""The what-if that may leave the house: calibrated from this client's own participation, if that is released."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from smf_helpers.results.publication import Table
from smf_helpers.results.what_if import WhatIf
from smf_helpers.workbook.people import eligible
from smf_helpers.workbook.proposing import ALL

if TYPE_CHECKING:
    from smf_helpers.workbook.book import Workbook

WINDOW: Final = 4
"""Weeks within which somebody must have acted to count as active."""

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
    from smf_helpers.measures.practice import account_growth, lay_out
    from smf_helpers.models import calibrate_what_if

    shown = tables.get("participation")
    if shown is None or not any(isinstance(share, float) for share in shown.column("active", unit=ALL)):
        return None
    people, rule, activity = eligible(book), book.params.adoption, book.rows("activity")
    activity = activity[activity["actor"].isin(people["person"])]
    calendar = lay_out(activity, actions=rule.actions, platform=rule.platform, until=book.params.as_of)
    if len(people) < LEAST_PEOPLE or len(calendar.weeks) < LEAST_WEEKS:
        return None
    growth = account_growth(calendar, window=WINDOW, at_least=rule.at_least)
    weeks = growth.rename(columns={"resurrected": "back"})[
        ["week", "active", "new", "lapsed", "back", "ever"]
    ]
    standing = {
        STANDING[step.kind]: 1.0
        for step in book.params.interventions
        if step.kind in STANDING and not step.scope
    }
    return calibrate_what_if(
        weeks.iloc[WINDOW - 1 :], eligible=len(people), standing=standing, seed=book.params.seed
    )
