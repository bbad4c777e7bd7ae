"""A pilot week by week: who is on which path, and the pilot beside those not yet in the roll-out."""

import numpy as np
import pandas as pd

from smf_helpers.models.curves_engine import Array
from smf_helpers.models.learning_series import weeks_of
from smf_helpers.results.core import Estimate, Status, refused
from smf_helpers.results.learning import PilotView

FEWEST = 5
"""People with two scores below which a mean change is not told."""
Z = 1.959963984540054


def view_pilot(
    skills: pd.DataFrame, *, pilot: list[str], weeks: int = 4, starts_at: float | str | None = None
) -> PilotView:
    """Look at a pilot week by week, who is on which path, and beside those not yet in the roll-out.

    A person's path is judged by reliable change (Jacobson & Truax 1991): the last score less the first, against what
    two scores differ by from noise alone. The comparison is the change over the pilot less the change of the others
    over the same weeks; people who rate themselves for the second time are familiar with the questions in both.

    Parameters
    ----------
    skills : frame ``learner, unit, at, score``.
    pilot : units in the pilot; all others have not begun.
    weeks : length of the pilot; starts_at : its first moment, by default the first score of a pilot unit.
    """
    empty = pd.DataFrame(columns=["week", "group", "n", "mean", "low", "high", "complete"])
    frame = skills.assign(week=weeks_of(skills["at"]), score=pd.to_numeric(skills["score"], errors="coerce"))
    frame["group"] = np.where(frame["unit"].isin(pilot), "pilot", "not yet")
    frame = frame[np.isfinite(frame["week"]) & np.isfinite(frame["score"])]
    inside = frame[frame["group"] == "pilot"]
    if not len(inside):
        reason = "No score of a unit in the pilot."
        return PilotView(
            weeks=empty,
            paths=pd.DataFrame(columns=["path", "n", "share"]),
            change=refused(Status.INSUFFICIENT_DATA, reason, unit="score"),
            waiting=refused(Status.INSUFFICIENT_DATA, reason, unit="score"),
            comparison=refused(Status.INSUFFICIENT_DATA, reason, unit="score"),
            people=pd.DataFrame(columns=["learner", "unit", "group", "path", "change"]),
            status=Status.INSUFFICIENT_DATA,
            reason=reason,
        )
    first = float(inside["week"].min())
    if isinstance(starts_at, int | float):
        first = float(starts_at)
    elif starts_at is not None:
        dates = pd.to_datetime(skills["at"], utc=True, format="mixed")
        first = float((pd.Timestamp(starts_at, tz="UTC") - dates.min()).days / 7)
    frame = frame.assign(week=np.floor(frame["week"] - first + 1e-9))
    frame = frame[(frame["week"] >= 0) & (frame["week"] <= weeks)]
    wide = frame.groupby(["group", "unit", "learner", "week"], observed=True)["score"].mean().unstack("week")
    people = _paths(wide)
    begun = people["group"].to_numpy() == "pilot"
    change = people["change"].to_numpy(dtype=float)
    own, others = (change[side & np.isfinite(change)] for side in (begun, ~begun))
    counts = people["path"][begun].value_counts().rename_axis("path").reset_index(name="n")
    return PilotView(
        weeks=_weekly(wide, empty),
        paths=counts.assign(share=counts["n"] / counts["n"].sum()),
        change=_mean_change(own),
        waiting=_mean_change(others),
        comparison=_compared(own, others),
        people=people,
        status=Status.OK,
        reason="",
    )


def _paths(wide: pd.DataFrame) -> pd.DataFrame:
    """Give each person's change over the pilot, its limits from noise alone, and the path it means."""
    scores = wide.to_numpy(dtype=float)
    x = wide.columns.to_numpy(dtype=float)
    seen = np.isfinite(scores)
    n = seen.sum(axis=1)
    filled = np.where(seen, scores, 0.0)
    mean_x, mean_y = (seen * x).sum(axis=1) / n, filled.sum(axis=1) / n
    away = np.where(seen, x - mean_x[:, None], 0.0)
    size = np.maximum(np.sum(away**2, axis=1), 1e-300)
    slope = np.sum(away * filled, axis=1) / size
    left = np.where(seen, scores - mean_y[:, None] - slope[:, None] * away, 0.0)
    spare = int(np.sum(np.maximum(n - 2, 0)))
    noise = float(np.sum(left[n > 2] ** 2)) / spare if spare else float("nan")
    start = filled[np.arange(len(n)), np.argmax(seen, axis=1)]
    stop = filled[np.arange(len(n)), seen.shape[1] - 1 - np.argmax(seen[:, ::-1], axis=1)]
    change = np.where(n >= 2, stop - start, np.nan)
    reach = Z * np.sqrt(2 * noise)
    gone = ~seen[:, -1]
    path = np.select(
        [gone, ~np.isfinite(change) | ~np.isfinite(reach), change > reach, change < -reach],
        ["left", "not judged", "moving up", "falling back"],
        "holding",
    )
    index = wide.index.to_frame(index=False)
    return index[["learner", "unit", "group"]].assign(
        path=path, change=change, change_low=change - reach, change_high=change + reach
    )


def _weekly(wide: pd.DataFrame, empty: pd.DataFrame) -> pd.DataFrame:
    from scipy.special import stdtrit

    rows = []
    whose = wide.index.get_level_values("group")
    for group in sorted(set(whose)):
        scores = wide.to_numpy(dtype=float)[whose == group]
        seen = np.isfinite(scores)
        last = np.where(seen, np.arange(scores.shape[1]), -1).max(axis=1)
        for place, week in enumerate(wide.columns):
            values = scores[seen[:, place], place]
            if not len(values):
                continue
            mean, n = float(values.mean()), len(values)
            reach = float(stdtrit(n - 1, 0.975) * values.std(ddof=1) / np.sqrt(n)) if n > 1 else float("nan")
            rows.append([week, group, n, mean, mean - reach, mean + reach, float(np.mean(last >= place))])
    return pd.DataFrame(rows, columns=empty.columns)


def _mean_change(change: Array) -> Estimate:
    """Give the mean change of a group over the pilot's weeks."""
    n = len(change)
    if n < FEWEST:
        reason = f"{n} people with two scores: {FEWEST} are needed."
        return refused(Status.INSUFFICIENT_DATA, reason, n=n, unit="score")
    from scipy.special import stdtrit

    mean, reach = float(change.mean()), float(stdtrit(n - 1, 0.975) * change.std(ddof=1) / np.sqrt(n))
    return Estimate(value=mean, low=mean - reach, high=mean + reach, n=n, unit="score", method="mean change")


def _compared(own: Array, others: Array) -> Estimate:
    """Compare the change of the pilot with that of those not yet in the roll-out (Welch)."""
    groups = own, others
    few = min(len(group) for group in groups)
    n = sum(len(group) for group in groups)
    if few < FEWEST:
        reason = f"{few} people with two scores in the smaller group: {FEWEST} are needed to compare."
        return refused(Status.INSUFFICIENT_DATA, reason, n=n, unit="score")
    from scipy.special import stdtrit

    parts = [float(group.var(ddof=1)) / len(group) for group in groups]
    spread = float(np.sqrt(sum(parts)))
    spare = sum(parts) ** 2 / (sum(p**2 / (len(g) - 1) for p, g in zip(parts, groups, strict=True)) + 1e-300)
    reach = float(stdtrit(max(spare, 1.0), 0.975)) * spread
    value = float(groups[0].mean() - groups[1].mean())
    return Estimate(
        value=value,
        low=value - reach,
        high=value + reach,
        n=n,
        unit="score",
        method="change in the pilot less change of those not yet in the roll-out (Welch)",
    )
