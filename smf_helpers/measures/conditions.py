"""Conditions of the culture: clear policy, a known owner, open access, executives who take part, e-mail replaced."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from smf_helpers.measures.groups import share_table
from smf_helpers.measures.modules import read_module

CONDITIONS = {
    "policy": "policy_clarity",
    "owner": "owner_known",
    "access": "access_open",
    "executives": "executives_seen",
    "email": "email_replaced",
}
"""Module of the questionnaire → condition. A condition holds for those who agree; access holds where it is open."""


def score_conditions(
    responses: pd.DataFrame,
    items: pd.DataFrame,
    *,
    respondents: pd.DataFrame | None = None,
    waves: pd.DataFrame | None = None,
    headcounts: Mapping[str, int] | None = None,
) -> pd.DataFrame:
    """Give the share of people for whom each condition holds, by wave and unit.

    Parameters
    ----------
    responses, items, respondents, waves : canonical tables.
    headcounts : group → people in it, for the finite population.

    Returns
    -------
    DataFrame
        ``wave, unit, condition, share, low, high, n, status, reason``; conditions that were not asked are absent.
    """
    parts = []
    for module, condition in CONDITIONS.items():
        answers = read_module(responses, items, module, respondents=respondents, waves=waves)
        if not answers.facets or not len(answers.people):
            continue
        place = answers.position[:, :1]
        holds = (
            np.where(np.isfinite(place), place < 0.25, np.nan)
            if module == "access"
            else answers.agrees[:, :1]
        )
        parts.append(
            share_table(answers.groups(headcounts), holds, answers.weights, (condition,), "condition")
        )
    if not parts:
        names = ("wave", "unit", "condition", "share", "low", "high", "n", "status", "reason")
        return pd.DataFrame({name: [] for name in names})
    return pd.concat(parts, ignore_index=True)
