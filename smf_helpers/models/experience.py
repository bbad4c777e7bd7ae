"""Experience curves: what a team gets out of a post, or how fast it answers, against how many it has made.

Two laws share one name in the field and are kept apart here. Crawford's: the value of the n-th unit is ``a n^b``.
Wright's (1936): the mean of the first n units is ``a n^b``, so the n-th unit is ``a (n^(1+b) - (n-1)^(1+b))``. The
same "80 %" makes the second unit 80 under the one and 60 under the other. Both are fitted to the single units on
the log scale, net of calendar time and audience; experience may fade with time (Argote, Beckman & Epple 1990).
"""

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import pandas as pd

from smf_helpers.errors import Fault, ModelError
from smf_helpers.models.curves import aicc
from smf_helpers.models.curves_engine import Array
from smf_helpers.models.learning_series import weeks_of
from smf_helpers.results.core import Status
from smf_helpers.results.learning import ExperienceFit

Law = Literal["crawford", "wright"]
FEWEST = 12
"""Units below which no curve is fitted."""
SPAN = 4.0
"""Experience must grow at least this many times (two doublings)."""
SLOPES = np.linspace(-2.0, 2.0, 401)
KEPT = np.concatenate([np.linspace(0.05, 0.9, 18), np.linspace(0.91, 1.0, 10)])


def fit_experience(
    units: pd.DataFrame, *, law: Law = "crawford", forgetting: bool = False, trend: bool = True
) -> ExperienceFit:
    """Fit the experience curve of each team and give its progress ratio.

    ``log y = log a + b log n (+ c t + d log audience)``; the progress ratio is ``2^b``, the factor per doubling of
    experience: above one where the value grows, below one where it is an effort or a time. Intervals are widened
    for the autocorrelation of neighbouring units. Not for teams whose output only followed a growing audience:
    give the audience.

    Parameters
    ----------
    units : one row a post, answer or case: ``at`` (date or weeks), ``value``; optional ``team``, ``audience``
        (followers at the time) and ``made`` (units made up to and including this one; counted when absent).
    law : ``crawford`` (n-th unit) or ``wright`` (mean of the first n).
    forgetting : let experience fade between units and estimate the share kept per week.
    trend : take calendar time out.

    Raises
    ------
    ModelError
        When a column is missing, a moment is no date or number, or the law is unknown.

    References
    ----------
    Wright 1936, doi:10.2514/8.155. Argote, Beckman & Epple 1990, doi:10.1287/mnsc.36.2.140.

    Examples
    --------
    >>> n = np.arange(1, 41)
    >>> noise = 0.05 * np.random.default_rng(0).standard_normal(40)
    >>> posts = pd.DataFrame({"at": np.sqrt(n), "value": 100 * n ** -0.322 * np.exp(noise)})
    >>> fit = fit_experience(posts, trend=False)
    >>> bool(fit.teams["low"][0] < 0.8 < fit.teams["high"][0]), fit.status.value
    (True, 'ok')
    """
    missing = [name for name in ("at", "value") if name not in units]
    if missing:
        raise ModelError(
            Fault(
                code="M103",
                where="units",
                what=f"The columns {', '.join(missing)} are missing.",
                remedy="Give one row a unit: at, value.",
            )
        )
    if law not in ("crawford", "wright"):
        raise ModelError(f"The law is 'crawford' or 'wright', not '{law}'.")
    frame = units.assign(week=weeks_of(units["at"]), team=units.get("team", "all"))
    value = pd.to_numeric(frame["value"], errors="coerce")
    frame = frame.assign(value=value)
    whole = frame[np.isfinite(frame["week"]) & np.isfinite(value) & frame["team"].notna()]
    warnings = []
    if len(whole) < len(frame):
        warnings.append(f"{len(frame) - len(whole)} units without a moment or value were left out.")
    rows = [
        _team(str(team), part.sort_values(["week", "value"]), law, forgetting, trend, warnings)
        for team, part in whole.groupby("team", sort=True)
    ]
    columns = list(_blank("", 0, "").keys())
    teams = pd.DataFrame(rows, columns=columns)
    status = Status.OK if (teams["status"] == Status.OK).any() else Status.INSUFFICIENT_DATA
    reason = "" if status == Status.OK else (str(teams["reason"].iloc[0]) if len(teams) else "No units.")
    return ExperienceFit(law=law, teams=teams, status=status, reason=reason, warnings=tuple(warnings))


def _blank(team: str, n: int, reason: str) -> dict[str, Any]:
    names = ("progress_ratio", "low", "high", "retention", "retention_low", "retention_high")
    row: dict[str, Any] = {"team": team, "n": n, **dict.fromkeys(names, float("nan"))}
    row.update(retention_status=Status.INSUFFICIENT_DATA.value, retention_reason="Not asked for.")
    row.update(trend=float("nan"), autocorrelation=float("nan"), aicc=float("nan"))
    row.update(status=Status.INSUFFICIENT_DATA.value, reason=reason)
    return row


def _team(
    team: str, part: pd.DataFrame, law: Law, forgetting: bool, trend: bool, warnings: list[str]
) -> dict[str, Any]:
    n = len(part)
    made = part["made"].to_numpy(dtype=float) if "made" in part else np.arange(1.0, n + 1)
    if n < FEWEST:
        return _blank(team, n, f"{n} units: {FEWEST} are needed.")
    if not made.max() >= SPAN * max(made.min(), 1.0):
        return _blank(team, n, "Experience grew less than fourfold: no curve can be seen.")
    y = part["value"].to_numpy(dtype=float)
    if np.any(y < 0) or np.mean(y == 0) > 0.2:
        return _blank(team, n, "More than a fifth of the values are zero or below: they have no logarithm.")
    if np.any(y == 0):
        warnings.append("Values of zero were counted as half the smallest value above zero.")
        y = np.where(y == 0, 0.5 * y[y > 0].min(), y)
    week = part["week"].to_numpy(dtype=float)
    beside = [np.ones(n)]
    if trend and np.ptp(week) > 0:
        beside.append(week - week.mean())
    if "audience" in part and (part["audience"] > 0).all() and part["audience"].nunique() > 1:
        size = np.log(part["audience"].to_numpy(dtype=float))
        beside.append(size - size.mean())
    return _fit_team(team, np.log(y), week, made, np.column_stack(beside), law, forgetting, trend)


def _fit_team(
    team: str, y: Array, week: Array, made: Array, beside: Array, law: Law, forgetting: bool, trend: bool
) -> dict[str, Any]:
    """Search slope and retention with everything linear projected out; widen for autocorrelation."""
    from scipy.special import stdtrit

    row = _blank(team, len(y), "")
    basis = np.linalg.qr(beside)[0]
    clean = y - basis @ (basis.T @ y)
    kept_options = KEPT if forgetting else np.array([1.0])
    profile = np.array(
        [_best_slope(_experience(week, made, kept), clean, basis, law) for kept in kept_options]
    )
    best = int(np.argmin(profile[:, 1]))
    # The ratio is that of faded experience only where the fading can be told; else of all that was made.
    place = best if not forgetting or best > 0 else len(kept_options) - 1
    slope, rss, kept = float(profile[place, 0]), float(profile[place, 1]), float(kept_options[place])
    done = _experience(week, made, kept)
    parameters = beside.shape[1] + 1 + int(forgetting)
    spare = len(y) - parameters
    slant = _slant(done, slope, law)
    slant = slant - basis @ (basis.T @ slant)
    size = float(slant @ slant)
    shape = _shape(done, slope, law)
    left = clean - (shape - basis @ (basis.T @ shape))
    rho = _autocorrelation(left, parameters)
    if size < 1e-8 * len(y):
        row["reason"] = "Experience and calendar time grew together: they cannot be told apart."
        row["status"] = Status.NOT_IDENTIFIED.value
        return row
    error = np.sqrt(rss / spare / size * (1 + rho) / (1 - rho))
    reach = float(stdtrit(max(spare * (1 - rho) / (1 + rho), 2.0), 0.975)) * error
    row.update(progress_ratio=2.0**slope, low=2.0 ** (slope - reach), high=2.0 ** (slope + reach))
    row.update(autocorrelation=rho, aicc=aicc(rss, len(y), parameters), status=Status.OK.value, reason="")
    if trend and beside.shape[1] > 1:
        row["trend"] = float(np.linalg.lstsq(beside, y - _shape(done, slope, law), rcond=None)[0][1])
    if abs(slope) >= SLOPES[-1] - 1e-6:
        row.update(progress_ratio=float("nan"), low=float("nan"), high=float("nan"))
        row.update(status=Status.BOUNDARY.value, reason="The slope runs out of all reason: see the points.")
    if forgetting:
        inflate = (1 + rho) / (1 - rho)
        bound = profile[best, 1] * (1 + inflate * float(stdtrit(spare, 0.975)) ** 2 / spare)
        row.update(_retention(profile[:, 1], kept_options, best, bound))
    return row


def _experience(week: Array, made: Array, kept: float) -> Array:
    """Give the experience at each unit, faded by ``kept`` per week between units; the unit itself counts as one."""
    if kept >= 1.0:
        return np.maximum(made, 1.0)
    added = np.diff(made, prepend=made[0] - 1.0)
    fade = kept ** np.diff(week, prepend=week[0])
    stock = np.empty(len(made))
    held = max(made[0] - 1.0, 0.0)
    for place in range(len(made)):
        held = held * fade[place] + (added[place] if place else 1.0)
        stock[place] = held
    return np.maximum(stock, 1.0)


def _shape(done: Array, slope: float, law: Law) -> Array:
    """Give the log of the curve without its level."""
    if law == "crawford":
        return slope * np.log(done)
    power = 1.0 + slope
    if abs(power) < 1e-9:
        return np.where(done > 1, np.log(np.log(done / np.maximum(done - 1, 0.5))), 0.0)
    return np.log(np.abs(done**power - (done - 1.0) ** power + 1e-300) / 1.0)


def _slant(done: Array, slope: float, law: Law) -> Array:
    step = 1e-5
    return (_shape(done, slope + step, law) - _shape(done, slope - step, law)) / (2 * step)


def _best_slope(done: Array, clean: Array, basis: Array, law: Law) -> tuple[float, float]:
    """Give the slope with the lowest sum of squares, and that sum."""
    if law == "crawford":
        x = np.log(done)
        x = x - basis @ (basis.T @ x)
        size = max(float(x @ x), 1e-300)
        slope = float(np.clip(x @ clean / size, SLOPES[0], SLOPES[-1]))
        return slope, float(np.sum((clean - slope * x) ** 2))

    def misfit(slope: float) -> float:
        shape = _shape(done, slope, law)
        return float(np.sum((clean - shape + basis @ (basis.T @ shape)) ** 2))

    above = SLOPES[SLOPES > -0.99]
    return _golden(misfit, above)


def _golden(misfit: Callable[[float], float], grid: Array) -> tuple[float, float]:
    """Find the lowest point of a grid and close in on it."""
    heights = [misfit(float(point)) for point in grid]
    place = int(np.argmin(heights))
    low, high = float(grid[max(place - 1, 0)]), float(grid[min(place + 1, len(grid) - 1)])
    ratio = (np.sqrt(5.0) - 1) / 2
    for _ in range(60):
        one, two = high - ratio * (high - low), low + ratio * (high - low)
        if misfit(one) < misfit(two):
            high = two
        else:
            low = one
    middle = (low + high) / 2
    return middle, misfit(middle)


def _autocorrelation(left: Array, parameters: int) -> float:
    """Give the lag-one autocorrelation of the residuals, corrected for its bias, between 0 and 0.9."""
    total = float(left @ left)
    if total <= 0:
        return 0.0
    n = len(left)
    raw = float(left[1:] @ left[:-1]) / total
    return float(np.clip(raw + (1 + 3 * max(raw, 0.0)) * parameters / (2 * n), 0.0, 0.9))


def _retention(heights: Array, options: Array, place: int, bound: float) -> dict[str, Any]:
    """Judge the share of experience that is kept per week."""
    inside = np.flatnonzero(heights <= bound)
    low, high = float(options[inside[0]]), float(options[inside[-1]])
    if inside[-1] == len(options) - 1:
        if inside[0] == 0:
            reason = "The data do not tell whether experience fades."
            return {"retention_status": Status.NOT_IDENTIFIED.value, "retention_reason": reason}
        reason = "No fading is seen; it is at most what the lower limit says."
        told = {"retention_status": Status.ONE_SIDED.value, "retention_reason": reason}
        return {"retention": float(options[place]), "retention_low": low, **told}
    told = {"retention_status": Status.OK.value, "retention_reason": ""}
    if place == 0:
        reason = "What was made in the latest weeks counts, older experience does not: a load, not learning."
        return {"retention_status": Status.NOT_IDENTIFIED.value, "retention_reason": reason}
    if inside[0] == 0:
        reason = "Experience fades, faster than these data can date."
        told = {"retention_status": Status.ONE_SIDED.value, "retention_reason": reason}
        return {"retention": float(options[place]), "retention_high": high, **told}
    return {"retention": float(options[place]), "retention_low": low, "retention_high": high, **told}
