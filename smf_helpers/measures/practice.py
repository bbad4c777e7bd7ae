"""Practice on calendar time: who takes part, how often, who stays, and how unequally.

Everything counts calendar weeks. A week without anybody is a week, not a missing row: ten months of
silence are never a habit. The denominator is always the eligible, never those who happen to appear.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from smf_helpers.errors import ModelError
from smf_helpers.measures.survival import estimate_survival, share_through
from smf_helpers.results.core import Estimate, Status, refused

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]

ACTIONS: Final = ("posts", "replies", "reactions")
"""What counts as an action unless the client says otherwise; reading is not contributing."""

MONTH: Final = 4
"""Weeks in the "month" of stickiness."""

HABIT: Final = (9, 12)
"""A habit: active in at least so many of the last so many calendar weeks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Actions of every actor in every calendar week.

    Attributes
    ----------
    weeks : Mondays without gaps, shape (W,). actors : pseudonyms, shape (P,).
    actions : number of actions, shape (P, W); zero where somebody was silent.
    """

    weeks: npt.NDArray[np.datetime64]
    actors: npt.NDArray[np.str_]
    actions: Floats

    def active(self, at_least: float = 1.0) -> npt.NDArray[np.bool_]:
        """Say who was active in which week."""
        return self.actions >= max(at_least, np.finfo(float).tiny)


def lay_out(
    activity: "pd.DataFrame",
    *,
    actions: Sequence[str] = ACTIONS,
    platform: str | None = None,
    until: Any = None,
) -> Calendar:
    """Lay the canonical table ``activity`` out on gapless calendar weeks, platforms added up.

    Parameters
    ----------
    activity : canonical table; rows of rolling windows (``window_days`` other than 7) are left out.
    actions : columns that count as actions.
    platform : only this platform; all of them by default.
    until : day up to which the data count. Silence up to then counts, and a week that was not over by then
        is left out: half a week would look like people who stopped. By default the last week with a row.

    Raises
    ------
    ModelError
        When a column of `actions` is not one of the table.
    """
    import pandas as pd

    unknown = set(actions) - set(activity.columns)
    if unknown:
        raise ModelError(f"The activity has no column {', '.join(sorted(unknown))}.")
    rows = activity if platform is None else activity[activity["platform"] == platform]
    if "window_days" in rows:
        rows = rows[rows["window_days"].fillna(7) == 7]
    if not len(rows):
        return Calendar(
            weeks=np.array([], "datetime64[D]"), actors=np.array([], str), actions=np.zeros((0, 0))
        )
    monday = pd.to_datetime(rows["week"]).to_numpy().astype("datetime64[D]")
    monday = monday - (monday.astype(int) + 3) % 7
    last = monday.max() if until is None else np.datetime64(until, "D") - 6
    weeks = np.arange(monday.min(), last + 1, 7)
    actors, who = np.unique(rows["actor"].to_numpy(dtype=str), return_inverse=True)
    amount = rows[list(actions)].fillna(0).sum(axis=1).to_numpy(dtype=float)
    laid = np.zeros((len(actors), len(weeks)))
    over = monday <= last
    np.add.at(laid, (who[over], (monday[over] - monday.min()).astype(int) // 7), amount[over])
    return Calendar(weeks=weeks, actors=actors, actions=laid)


def account_growth(calendar: Calendar, *, window: int = 1, at_least: float = 1.0) -> "pd.DataFrame":
    """Account for growth week by week: active = active before + new + resurrected - lapsed.

    Parameters
    ----------
    calendar : actions on calendar weeks.
    window : weeks of silence after which somebody counts as lapsed; 1 means silent this week.
    at_least : actions in a week that make somebody active.

    Returns
    -------
    pandas.DataFrame
        One row a calendar week: ``week, active, new, resurrected, lapsed, retained, ever, actions, depth``;
        depth is actions per person who acted in that very week.
    """
    import pandas as pd

    acted = calendar.active(at_least)
    running = np.cumsum(acted, axis=1)
    shifted = np.hstack([np.zeros((len(acted), min(window, acted.shape[1])), int), running[:, :-window]])
    now = (running - shifted[:, : acted.shape[1]]) > 0
    ever = running > 0
    before = np.hstack([np.zeros((len(acted), 1), bool), now[:, :-1]])[:, : now.shape[1]]
    ever_before = np.hstack([np.zeros((len(acted), 1), bool), ever[:, :-1]])[:, : now.shape[1]]
    actors = acted.sum(axis=0)
    done = np.where(acted, calendar.actions, 0.0).sum(axis=0)
    return pd.DataFrame(
        {
            "week": calendar.weeks,
            "active": now.sum(axis=0),
            "new": (now & ~ever_before).sum(axis=0),
            "resurrected": (now & ~before & ever_before).sum(axis=0),
            "lapsed": (before & ~now).sum(axis=0),
            "retained": (before & now).sum(axis=0),
            "ever": ever.sum(axis=0),
            "actions": done,
            "depth": np.divide(done, actors, out=np.full(len(actors), np.nan), where=actors > 0),
        }
    )


def measure_practice(
    calendar: Calendar, eligible: int, *, last_weeks: int = 12, at_least: float = 1.0
) -> dict[str, Estimate]:
    """Measure breadth, depth, frequency, stickiness and habit over the last calendar weeks.

    - breadth: people active at least once / eligible;
    - depth: actions / active person-weeks;
    - frequency: active weeks / weeks, mean over those active at least once;
    - stickiness: people active in a week / people active in the four weeks that end with it, mean over weeks;
    - habit: people active in at least 9 of the last 12 calendar weeks / eligible.

    Shares of people have Wilson limits. Fewer calendar weeks than a measure needs give a reason, no number.
    """
    weeks = calendar.actions.shape[1]
    window = min(last_weeks, weeks)
    if eligible <= 0 or not weeks:
        why = "Nobody is eligible." if eligible <= 0 else "There is no week with activity."
        names = ("breadth", "depth", "frequency", "stickiness", "habit")
        return {name: refused(Status.INSUFFICIENT_DATA, why) for name in names}
    acted = calendar.active(at_least)[:, weeks - window :]
    done = np.where(acted, calendar.actions[:, weeks - window :], 0.0)
    often = acted.sum(axis=1)
    taking_part = int((often > 0).sum())
    nobody = refused(Status.INSUFFICIENT_DATA, "Nobody was active in these weeks.", n=0)
    method = f"last {window} calendar weeks"
    needed, of = HABIT
    return {
        "breadth": share_of_people(taking_part, eligible),
        "depth": Estimate(
            value=float(done.sum() / often.sum()),
            unit="actions per active week",
            n=taking_part,
            method=method,
        )
        if taking_part
        else nobody,
        "frequency": Estimate(
            value=float(often[often > 0].mean() / window), unit="share of weeks", n=taking_part, method=method
        )
        if taking_part
        else nobody,
        "stickiness": _stickiness(acted, taking_part),
        "habit": share_of_people(
            int((calendar.active(at_least)[:, weeks - of :].sum(axis=1) >= needed).sum()), eligible
        )
        if weeks >= of
        else refused(Status.INSUFFICIENT_DATA, f"{weeks} calendar weeks; a habit needs {of}.", unit="share"),
    }


def _stickiness(acted: npt.NDArray[np.bool_], n: int) -> Estimate:
    if acted.shape[1] < MONTH:
        return refused(Status.INSUFFICIENT_DATA, f"Stickiness needs {MONTH} calendar weeks.", unit="share")
    blocks = np.lib.stride_tricks.sliding_window_view(acted, MONTH, axis=1)
    monthly = blocks.any(axis=2).sum(axis=0)
    weekly = acted[:, MONTH - 1 :].sum(axis=0)
    if not (monthly > 0).any():
        return refused(Status.INSUFFICIENT_DATA, "Nobody was active in these weeks.", n=0, unit="share")
    value = float(np.mean(weekly[monthly > 0] / monthly[monthly > 0]))
    return Estimate(value=value, unit="share", n=n, method="weekly of four-weekly active")


def share_of_people(k: int, n: int, *, level: float = 0.95) -> Estimate:
    """Give a share of people with its Wilson limits (Wilson 1927, doi:10.1080/01621459.1927.10502953).

    Examples
    --------
    >>> share_of_people(20, 100)
    Estimate(0.2 [0.1334, 0.2888] share, ok)
    """
    from scipy.special import ndtri

    if n <= 0:
        return refused(Status.INSUFFICIENT_DATA, "There is nobody to take a share of.", n=0, unit="share")
    z2, p = float(ndtri((1 + level) / 2)) ** 2, min(k / n, 1.0)
    centre = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = np.sqrt(z2 * (p * (1 - p) / n + z2 / (4 * n * n))) / (1 + z2 / n)
    low, high = max(float(centre - half), 0.0), min(float(centre + half), 1.0)
    return Estimate(value=p, low=low, high=high, n=n, unit="share", method="Wilson", level=level)


def measure_retention(calendar: Calendar, *, at_least: float = 1.0) -> "pd.DataFrame":
    """Measure which share is active so many calendar weeks after its first active week.

    Only people whom the calendar covers that long are counted, so late starters do not look lapsed.

    Returns
    -------
    pandas.DataFrame
        ``weeks_since, n, share, low, high``; Wilson limits.
    """
    import pandas as pd

    acted = calendar.active(at_least)
    started = acted.any(axis=1)
    acted = acted[started]
    first = acted.argmax(axis=1) if started.any() else np.zeros(0, int)
    rows = []
    for since in range(acted.shape[1]):
        covered = np.flatnonzero(first + since < acted.shape[1])
        if not len(covered):
            break
        active = acted[covered, first[covered] + since].sum()
        found = share_of_people(int(active), len(covered))
        rows.append((since, len(covered), found.value, found.low, found.high))
    return pd.DataFrame(rows, columns=["weeks_since", "n", "share", "low", "high"])


def measure_activation(
    granted: "pd.Series[Any]", first_used: "pd.Series[Any]", *, until: Any, days: int = 30
) -> Estimate:
    """Measure which share uses it for the first time within so many days of getting access.

    Whoever got access too recently is censored (Kaplan-Meier), not counted as not activated.

    Parameters
    ----------
    granted : date on which each person got access.
    first_used : date of first use; missing where there was none yet.
    until : last day observed.
    days : days within which first use counts.
    """
    import pandas as pd

    start = pd.to_datetime(granted).reset_index(drop=True)
    used = pd.to_datetime(first_used).reset_index(drop=True)
    end = pd.Timestamp(until)
    known = start.notna() & (start <= end)
    happened = used.notna() & (used <= end)
    waited = (used.where(happened, end) - start).dt.days.clip(lower=0)
    curve = estimate_survival(waited[known], happened[known], unit="days")
    if not curve.n or int((waited[known] >= days).sum() + happened[known].sum()) == 0:
        why = f"Nobody has had access for {days} days yet."
        return refused(Status.INSUFFICIENT_DATA, why, n=curve.n, unit="share")
    return share_through(curve, days)
