"""Times to an event: Kaplan-Meier and Aalen-Johansen, with late entry.

Whoever has not adopted is censored, never dropped, and whoever was hired late enters the risk set
late: a person is at risk at time t when ``entered < t <= at``. Leaving the company is a competing
event, so the chance of adopting is a share in a state (Aalen-Johansen), not one minus Kaplan-Meier.
Plain sorting and cumulative sums, so a hundred thousand people take milliseconds.

References
----------
Kaplan & Meier 1958, doi:10.1080/01621459.1958.10501452; Aalen & Johansen 1978;
Andersen, Borgan, Gill & Keiding 1993, doi:10.1007/978-1-4612-4348-9, sections IV.3 and IV.4.
"""

from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from smf_helpers.errors import ModelError
from smf_helpers.results.core import Estimate, Status, refused
from smf_helpers.results.path import Floats, StateCurve, SurvivalCurve


def kaplan_meier(
    at: npt.ArrayLike,
    event: npt.ArrayLike,
    *,
    entered: npt.ArrayLike | None = None,
    level: float = 0.95,
) -> SurvivalCurve:
    """Estimate the share still without the event, by the product-limit method.

    ``S(t) = prod over t_k <= t of (1 - d_k / r_k)`` with Greenwood variance and the interval on the
    scale ``log(-log S)``, which stays inside [0, 1]. Not for people who can leave for good: see
    `aalen_johansen`.

    Parameters
    ----------
    at : time of the event or of the last observation, one a person; missing times are left out.
    event : True where the event came at `at`.
    entered : time from which the person was at risk; from the beginning where not given.
    level : coverage of the interval.

    Returns
    -------
    The curve at every distinct time; status ``insufficient_data`` where nobody is left.

    Raises
    ------
    ModelError
        When the arrays have different lengths.

    Examples
    --------
    >>> curve = kaplan_meier([1, 2, 2, 3, 4], [True, True, False, True, False])
    >>> curve.survival.round(3).tolist()
    [0.8, 0.6, 0.3, 0.3]
    >>> curve.median.value
    3.0
    """
    ends, happened, starts = _risk_records(at, event, entered)
    if not len(ends):
        return _no_curve("there is nobody with a time", level)
    times, position = np.unique(ends, return_inverse=True)
    n_events = np.bincount(position, weights=happened, minlength=len(times)).astype(float)
    n_ends = np.bincount(position, minlength=len(times)).astype(float)
    gone = np.concatenate([[0.0], np.cumsum(n_ends)[:-1]])
    came = np.searchsorted(np.sort(starts), times, side="left").astype(float)
    n_at_risk = came - gone
    with np.errstate(divide="ignore", invalid="ignore"):
        survival = np.cumprod(1.0 - n_events / n_at_risk)
        spread = np.cumsum(n_events / (n_at_risk * (n_at_risk - n_events)))
        se = survival * np.sqrt(spread)
        se[survival == 0.0] = np.nan
        low, high = _log_log(survival, np.sqrt(spread), level)
    status, reason = Status.OK, ""
    if not n_events.any():
        status, reason = Status.BOUNDARY, "nobody has had the event yet"
    elif np.any(survival[:-1] == 0.0) and entered is not None:
        status, reason = Status.NOT_IDENTIFIED, "the risk set is empty while people still enter"
    return SurvivalCurve(
        times=times,
        n_at_risk=n_at_risk,
        n_events=n_events,
        n_censored=n_ends - n_events,
        survival=survival,
        se=se,
        low=low,
        high=high,
        median=_median(times, survival, low, high, int(n_ends.sum()), level),
        level=level,
        status=status,
        reason=reason,
    )


def _risk_records(
    at: npt.ArrayLike, event: npt.ArrayLike, entered: npt.ArrayLike | None
) -> tuple[Floats, npt.NDArray[np.bool_], Floats]:
    ends = np.asarray(at, dtype=float).ravel()
    happened = np.asarray(event, dtype=bool).ravel()
    starts = np.full(len(ends), -np.inf) if entered is None else np.asarray(entered, dtype=float).ravel()
    if not len(ends) == len(happened) == len(starts):
        raise ModelError("The times, the events and the entries are not of the same length.")
    starts = np.where(np.isnan(starts), -np.inf, starts)
    known = ~np.isnan(ends) & (starts < ends)
    return ends[known], happened[known], starts[known]


def _log_log(survival: Floats, spread: Floats, level: float) -> tuple[Floats, Floats]:
    z = NormalDist().inv_cdf(0.5 + level / 2)
    inside = (survival > 0.0) & (survival < 1.0)
    width = np.where(inside, z * spread / np.log(np.where(inside, survival, 0.5)), np.nan)
    return survival ** np.exp(-width), survival ** np.exp(width)


def _median(times: Floats, survival: Floats, low: Floats, high: Floats, n: int, level: float) -> Estimate:
    def first(curve: Floats) -> float | None:
        reached = np.flatnonzero(curve <= 0.5)
        return float(times[reached[0]]) if len(reached) else None

    value = first(survival)
    if value is None:
        return refused(Status.NOT_IDENTIFIED, "fewer than half have had the event", n=n)
    upper = first(high)
    return Estimate(
        value=value,
        low=first(low),
        high=upper,
        status=Status.OK if upper is not None else Status.ONE_SIDED,
        reason="" if upper is not None else "the upper limit lies beyond the last observation",
        n=n,
        method="Kaplan-Meier, log-log interval",
        level=level,
    )


def _no_curve(reason: str, level: float) -> SurvivalCurve:
    nothing: Floats = np.empty(0)
    return SurvivalCurve(
        times=nothing,
        n_at_risk=nothing,
        n_events=nothing,
        n_censored=nothing,
        survival=nothing,
        se=nothing,
        low=nothing,
        high=nothing,
        median=refused(Status.INSUFFICIENT_DATA, reason, n=0),
        level=level,
        status=Status.INSUFFICIENT_DATA,
        reason=reason,
    )


def aalen_johansen(
    entered: npt.ArrayLike,
    left: npt.ArrayLike,
    source: npt.ArrayLike,
    target: npt.ArrayLike,
    *,
    n_states: int,
    start: npt.ArrayLike | None = None,
    level: float = 0.95,
) -> StateCurve:
    """Estimate the share in each state over time from exactly timed moves.

    ``p(t) = p(0) prod over t_k <= t of (I + dA_k)`` with ``dA_ij = d_ij / Y_i``; variance by the
    Greenwood recursion. With two absorbing states this is the cumulative incidence under competing
    risks. Not for moves that are only known to lie between two waves.

    Parameters
    ----------
    entered, left : times between which a person was in state `source`, one row a stay.
    source : state of the stay, ``0 .. n_states - 1``.
    target : state moved to at `left`, or -1 where the stay was still going on.
    n_states : number of states.
    start : shares at the beginning; those in the earliest stays where not given.
    level : coverage of the interval.

    Returns
    -------
    Shares at every distinct time of a move; status ``insufficient_data`` where nobody moved.

    Raises
    ------
    ModelError
        When the arrays have different lengths.

    Examples
    --------
    >>> curve = aalen_johansen([0, 0, 0, 0], [1, 2, 3, 4], [0, 0, 0, 0], [1, 2, 1, -1], n_states=3)
    >>> curve.share[-1].tolist()
    [0.25, 0.5, 0.25]
    """
    begun, ended = np.asarray(entered, float).ravel(), np.asarray(left, float).ravel()
    origin, goal = np.asarray(source, int).ravel(), np.asarray(target, int).ravel()
    if not len(begun) == len(ended) == len(origin) == len(goal):
        raise ModelError("The columns of the stays are not of the same length.")
    moved = goal >= 0
    if not moved.any():
        shape = np.empty((0, n_states))
        return StateCurve(
            times=np.empty(0),
            share=shape,
            se=shape,
            low=shape,
            high=shape,
            n_at_risk=shape,
            level=level,
            status=Status.INSUFFICIENT_DATA,
            reason="nobody moved",
        )
    times, position = np.unique(ended[moved], return_inverse=True)
    cell = (position * n_states + origin[moved]) * n_states + goal[moved]
    moves = np.bincount(cell, minlength=len(times) * n_states**2).reshape(-1, n_states, n_states)
    at_risk = np.stack([_in_state(begun, ended, origin == state, times) for state in range(n_states)], axis=1)
    share = _start(begun, origin, n_states) if start is None else np.asarray(start, float)
    shares, variances = _product(share, moves.astype(float), at_risk)
    se = np.sqrt(np.maximum(variances, 0.0))
    low, high = _cloglog_share(shares, se, level)
    return StateCurve(
        times=times,
        share=shares,
        se=se,
        low=low,
        high=high,
        n_at_risk=at_risk,
        level=level,
        status=Status.OK,
    )


def _in_state(begun: Floats, ended: Floats, here: npt.NDArray[np.bool_], times: Floats) -> Floats:
    came = np.searchsorted(np.sort(begun[here]), times, side="left")
    gone = np.searchsorted(np.sort(ended[here]), times, side="left")
    return (came - gone).astype(float)


def _start(begun: Floats, origin: npt.NDArray[np.int_], n_states: int) -> Floats:
    first = origin[begun == begun.min()]
    return np.bincount(first, minlength=n_states) / len(first)


def _product(share: Floats, moves: Floats, at_risk: Floats) -> tuple[Floats, Floats]:
    n_states = len(share)
    identity = np.eye(n_states)
    covariance = np.zeros((n_states, n_states))
    shares, variances = np.empty(at_risk.shape), np.empty(at_risk.shape)
    for k, (counted, present) in enumerate(zip(moves, at_risk, strict=True)):
        known = np.where(present > 0, present, 1.0)
        step = counted / known[:, None]
        step[np.diag_indices(n_states)] = -step.sum(axis=1)
        added = np.zeros_like(covariance)
        for i in np.flatnonzero(counted.sum(axis=1)):
            stay = step[i] + identity[i]
            added += share[i] ** 2 / known[i] * (np.diag(stay) - np.outer(stay, stay))
        onward = identity + step
        covariance = onward.T @ covariance @ onward + added
        share = share @ onward
        shares[k], variances[k] = share, np.diag(covariance)
    return shares, variances


def _cloglog_share(share: Floats, se: Floats, level: float) -> tuple[Floats, Floats]:
    z = NormalDist().inv_cdf(0.5 + level / 2)
    inside = (share > 0.0) & (share < 1.0)
    safe = np.where(inside, share, 0.5)
    rest = 1.0 - safe
    width = np.where(inside, z * se / (rest * -np.log(rest)), np.nan)
    return 1.0 - rest ** np.exp(-width), 1.0 - rest ** np.exp(width)
