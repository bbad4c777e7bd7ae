"""Time until something happens, where it has not happened to everybody yet.

Whoever is still waiting at the last look is censored, not absent: leaving the unanswered out makes every
response time too short.
"""

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from smf_helpers.errors import ModelError
from smf_helpers.results.core import Estimate, Status, refused
from smf_helpers.results.practice import Survival

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]


def estimate_survival(
    durations: "npt.ArrayLike | pd.Series[Any]",
    happened: "npt.ArrayLike | pd.Series[Any]",
    *,
    entered: npt.ArrayLike | None = None,
    level: float = 0.95,
    unit: str = "",
) -> Survival:
    """Estimate the share for whom something has not happened yet (Kaplan-Meier).

    S(t) is the product over event times up to t of (1 - events / at risk); limits by the log-log transform
    of Greenwood's variance.

    Parameters
    ----------
    durations : time to the event, or to the last look; shape (n,).
    happened : whether the event was seen; False is censored.
    entered : time from which each is under observation (late joiners), 0 by default.
    level : coverage of the limits.
    unit : unit of the durations, for the median.

    Raises
    ------
    ModelError
        When lengths differ, or a duration is negative, missing, or not after its entry.

    References
    ----------
    Kaplan & Meier 1958, doi:10.1080/01621459.1958.10501452; Kalbfleisch & Prentice 2002, section 1.4.

    Examples
    --------
    >>> curve = estimate_survival([1, 2, 2, 5], [True, True, False, True])
    >>> curve.survival.tolist()
    [0.75, 0.5, 0.0]
    """
    t = np.asarray(durations, dtype=float)
    event = np.asarray(happened, dtype=bool)
    start = np.zeros_like(t) if entered is None else np.asarray(entered, dtype=float)
    if not len(t) == len(event) == len(start):
        raise ModelError(f"There are {len(t)} durations, {len(event)} outcomes and {len(start)} entries.")
    if not (np.isfinite(t).all() and (t >= 0).all() and (start <= t).all()):
        raise ModelError("Durations are known, not negative, and not before their entry.")
    times, events, gone = _count(t, event)
    # under observation just before a time: entered before it, and not gone before it
    begun = len(t) if entered is None else np.searchsorted(np.sort(start), times, side="left")
    at_risk = np.asarray(begun - gone, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        survival = np.asarray(np.cumprod(1.0 - events / at_risk), dtype=float)
        greenwood = np.asarray(np.cumsum(events / (at_risk * (at_risk - events))), dtype=float)
        low, high = _log_log(survival, greenwood, level)
    return Survival(
        times=times,
        survival=survival,
        at_risk=at_risk,
        events=events.astype(float),
        low=low,
        high=high,
        median=_median(times, survival, low, high, level, len(t), unit),
        n=len(t),
    )


def _count(
    t: Floats, event: npt.NDArray[np.bool_]
) -> tuple[Floats, npt.NDArray[np.int_], npt.NDArray[np.int_]]:
    """Give the times of events, how many each saw, and how many were gone before it, from a single sort.

    Floats that are not negative sort as their bits do; the bit that their sign does not need puts those censored
    after the events of their time.
    """
    key = ((t + 0.0).view(np.uint64) << np.uint64(1)) | ~event
    key.sort()
    first = np.flatnonzero(np.concatenate([np.ones(min(len(key), 1), dtype=bool), key[1:] != key[:-1]]))
    seen = key[first] & np.uint64(1) == 0
    times = (key[first[seen]] >> np.uint64(1)).view(float)
    return times, np.diff(first, append=len(key))[seen], first[seen]


def _log_log(survival: Floats, greenwood: Floats, level: float) -> tuple[Floats, Floats]:
    from scipy.special import ndtri

    wide = ndtri((1 + level) / 2) * np.sqrt(greenwood) / np.abs(np.log(survival))
    low, high = survival ** np.exp(wide), survival ** np.exp(-wide)
    inside = (survival > 0) & (survival < 1)
    return np.where(inside, low, survival), np.where(inside, high, survival)


def _median(
    times: Floats, survival: Floats, low: Floats, high: Floats, level: float, n: int, unit: str
) -> Estimate:
    """Give the first time at which half are through, with the limits read off the band."""
    if not n:
        return refused(Status.INSUFFICIENT_DATA, "Nothing was observed.", n=0, unit=unit)
    value, lower, upper = (_first(times, curve) for curve in (survival, low, high))
    if value is None:
        why = "Less than half are through; the median lies beyond the last look."
        return Estimate(
            value=None, low=lower, status=Status.NOT_IDENTIFIED, reason=why, n=n, unit=unit, level=level
        )
    status = Status.OK if upper is not None else Status.ONE_SIDED
    why = "" if upper is not None else "Too many are still waiting to bound the median from above."
    return Estimate(
        value=value,
        low=lower,
        high=upper,
        status=status,
        reason=why,
        n=n,
        unit=unit,
        level=level,
        method="Kaplan-Meier",
    )


def _first(times: Floats, curve: Floats) -> float | None:
    below = np.flatnonzero(curve <= 0.5)
    return float(times[below[0]]) if len(below) else None


def share_through(curve: Survival, by: float, *, level: float = 0.95) -> Estimate:
    """Give the share for whom it has happened by a time, with its limits.

    Refused when fewer than one is under observation that long: the curve says nothing beyond its last look.
    """
    before = np.flatnonzero(curve.times <= by)
    if not curve.n:
        return refused(Status.INSUFFICIENT_DATA, "Nothing was observed.", n=0, unit="share")
    if not len(before):
        return Estimate(value=0.0, low=0.0, n=curve.n, unit="share", method="Kaplan-Meier", level=level)
    last = before[-1]
    return Estimate(
        value=float(1 - curve.survival[last]),
        low=float(1 - curve.high[last]),
        high=float(1 - curve.low[last]),
        n=curve.n,
        unit="share",
        method="Kaplan-Meier",
        level=level,
    )
