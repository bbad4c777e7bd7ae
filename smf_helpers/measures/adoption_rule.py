"""What counts as adopting: the one place where answers and activity become adopters.

In the survey somebody has adopted who answers an item at or above an answer (by default the stage: with colleagues, or
beyond). On a platform somebody has adopted in the week in which enough actions were seen for the stated number of times. A survey
knows the moment only between two waves; whoever has not adopted is censored there and stays in the denominator.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from smf_helpers.errors import ModelError
from smf_helpers.framework import STAGES
from smf_helpers.measures.answers import lay_out, order_waves

ADOPTED_STAGE = STAGES.index("internal")
"""Stage from which somebody has adopted, where the rule names no item."""


def adopted_in_survey(
    responses: pd.DataFrame,
    items: pd.DataFrame,
    *,
    item: str | None = None,
    at_least: float | None = None,
    waves: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Say for each respondent and wave whether the answer counts as adopting.

    Parameters
    ----------
    responses, items, waves : canonical tables.
    item : item of the rule; by default the one of the module ``stage``.
    at_least : lowest answer that counts; by default the stage ``internal``.

    Returns
    -------
    DataFrame
        ``wave, respondent, answer, adopted`` for those who answered; no rows where the item was not asked.

    Raises
    ------
    ModelError
        When an item is named without the answer from which it counts.
    """
    if item is not None and at_least is None:
        raise ModelError(
            f"The rule for adopting names the item '{item}' but not the lowest answer that counts."
        )
    asked = items[(items["item"] == item) if item is not None else (items["module"] == "stage")].head(1)
    if not len(asked):
        return pd.DataFrame({"wave": [], "respondent": [], "answer": [], "adopted": []})
    sheet = lay_out(responses, asked, scale=None, waves=waves)
    answer = sheet.values[:, 0]
    if item is None:
        lowest = asked["scale_min"].iloc[0] if "scale_min" in asked else 0.0
        answer = answer - (0.0 if pd.isna(lowest) else float(lowest))
    told = np.isfinite(answer)
    table = sheet.people[told].reset_index(drop=True)
    bar = ADOPTED_STAGE if at_least is None else at_least
    return table.assign(answer=answer[told], adopted=answer[told] >= bar)


def adoption_intervals(adopted: pd.DataFrame, waves: pd.DataFrame) -> pd.DataFrame:
    """Give for each person the interval in which adopting must have happened.

    Parameters
    ----------
    adopted : what `adopted_in_survey` gave, of waves whose people can be followed.
    waves : canonical table, for the dates.

    Returns
    -------
    DataFrame
        ``person, after, by, last_seen``: adopted after `after` (empty: before the first wave seen) and not later
        than `by` (empty: not yet at `last_seen`, censored there).
    """
    opened = dict(zip(waves["wave"].astype(str), pd.to_datetime(waves["opened_on"]), strict=True))
    order = order_waves(adopted["wave"].unique(), waves)
    rows = adopted.assign(at=adopted["wave"].map(opened)).sort_values(
        "wave", key=lambda names: pd.Index(order).get_indexer(names), kind="stable"
    )
    people = rows.groupby("respondent", sort=True)
    first = rows[rows["adopted"].astype(bool)].groupby("respondent")["at"].first()
    by = first.reindex(people.size().index)
    reached = rows["respondent"].map(by)
    before = rows[reached.isna() | (rows["at"] < reached)]
    after = before.groupby("respondent")["at"].last().reindex(by.index)
    return pd.DataFrame(
        {
            "person": by.index,
            "after": after.to_numpy(),
            "by": by.to_numpy(),
            "last_seen": people["at"].last().to_numpy(),
        }
    )


def adopted_on_platform(
    activity: pd.DataFrame,
    *,
    actions: Sequence[str] = ("posts", "replies", "reactions"),
    at_least: int = 1,
    weeks: int = 1,
    platform: str | None = None,
) -> pd.DataFrame:
    """Give the week in which each actor became an adopter.

    Parameters
    ----------
    activity : canonical table; rows that cover another window than a week are left out.
    actions : columns that count as an action.
    at_least : actions that a week needs.
    weeks : number of such weeks before somebody counts.
    platform : only this platform.

    Returns
    -------
    DataFrame
        ``person, adopted_on``: actors who adopted, in order; whoever is not there has not adopted.

    Raises
    ------
    ModelError
        When fewer than one action or week is asked for.
    """
    if at_least < 1 or weeks < 1:
        raise ModelError("Adopting takes at least one action in at least one week.")
    rows = activity if platform is None else activity[activity["platform"] == platform]
    if "window_days" in rows:
        rows = rows[rows["window_days"].fillna(7) == 7]
    known = [name for name in actions if name in rows]
    done = rows[known].fillna(0).astype(np.float64).sum(axis=1)
    by_week = done.groupby([rows["actor"], rows["week"]]).sum().reset_index(name="done")
    busy = by_week[by_week["done"] >= at_least].sort_values(["actor", "week"])
    reached = busy[busy.groupby("actor").cumcount() == weeks - 1]
    return pd.DataFrame(
        {"person": reached["actor"].to_numpy(), "adopted_on": reached["week"].to_numpy()}
    ).sort_values("person", ignore_index=True)
