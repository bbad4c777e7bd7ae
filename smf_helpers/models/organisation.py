"""From person to organisation: does the organisation's curve follow its people's, and how many weeks later?

``O(t) = alpha + beta P(t - lag)`` with P the people's skill over calendar time, held at its ends. The lag is
searched with alpha and beta projected out, and its interval is the profile's; with few waves, or curves that do
not bend, it cannot be told, and that is said.
"""

import numpy as np
import pandas as pd

from smf_helpers.models.curves_engine import Array
from smf_helpers.models.learning_series import weeks_of
from smf_helpers.results.core import Estimate, Status, refused
from smf_helpers.results.learning import OrganisationLag

FEWEST = 6
"""Waves of the organisation below which no lag is told."""
STEPS = 400


def organisation_lag(
    people: pd.DataFrame, organisation: pd.DataFrame, *, longest: float = 52.0
) -> OrganisationLag:
    """Estimate by how many weeks the organisation follows its people.

    "Consistent with", not "caused by": a common cause that reaches people first gives the same picture.

    Parameters
    ----------
    people : frame ``at, level``: skill of the people over calendar time (dates or weeks).
    organisation : frame ``at, level``: the organisation's value at its waves, on the same calendar.
    longest : greatest lag considered, in weeks.

    Returns
    -------
    OrganisationLag : lag and strength with intervals, or the reason why they cannot be told.
    """
    both = pd.concat([people.assign(of="people"), organisation.assign(of="organisation")], ignore_index=True)
    both = both.assign(week=weeks_of(both["at"])) if len(both) else both.assign(week=[])
    both = both[np.isfinite(both["week"]) & np.isfinite(both["level"].astype(float))]
    ours = both[both["of"] == "people"].groupby("week")["level"].mean()
    theirs = both[both["of"] == "organisation"].groupby("week")["level"].mean()
    n = len(theirs)
    fitted = pd.DataFrame({"at": theirs.index.to_numpy(float), "organisation": theirs.to_numpy(float)})
    if n < FEWEST or len(ours) < 4:
        reason = (
            f"Cannot be told: {n} waves of the organisation ({FEWEST} needed), {len(ours)} of people (4)."
        )
        return _untold(fitted, Status.INSUFFICIENT_DATA, reason, n)
    at, value = ours.index.to_numpy(dtype=float), ours.to_numpy(dtype=float)
    week, level = theirs.index.to_numpy(dtype=float), theirs.to_numpy(dtype=float)
    fitted["people"] = np.interp(week, at, value)
    lags = np.linspace(0.0, longest, STEPS + 1)
    rss, slope, size = _profile(at, value, week, level, lags)
    total = float(np.sum((level - level.mean()) ** 2))
    place = int(np.argmin(rss))
    from scipy.special import stdtrit

    spare = n - 3
    quantile = float(stdtrit(spare, 0.975))
    bound = rss[place] * (1 + quantile**2 / spare)
    if total <= bound * (1 + 1e-9) or slope[place] <= 0:
        reason = "Cannot be told: the organisation's curve does not follow its people's in these waves."
        return _untold(fitted, Status.NOT_IDENTIFIED, reason, n)
    fitted["followed"] = level.mean() + slope[place] * (
        np.interp(week - lags[place], at, value) - np.interp(week - lags[place], at, value).mean()
    )
    inside = np.flatnonzero(rss <= bound)
    low_open, high_open = inside[0] == 0, inside[-1] == STEPS
    error = np.sqrt(rss[place] / spare / size[place])
    strength = Estimate(
        value=float(slope[place]),
        low=float(slope[place] - quantile * error),
        high=float(slope[place] + quantile * error),
        n=n,
        unit="points per point of skill",
        method="least squares at the best lag",
    )
    if high_open:
        reason = "Cannot be told: lags up to the longest considered fit these waves as well."
        return OrganisationLag(
            lag=refused(Status.NOT_IDENTIFIED, reason, n=n, unit="weeks"), strength=strength, fitted=fitted
        )
    lag = Estimate(
        value=float(lags[place]),
        low=None if low_open else float(lags[inside[0]]),
        high=float(lags[inside[-1]]),
        status=Status.ONE_SIDED if low_open else Status.OK,
        reason="No lag at all fits these waves as well." if low_open else "",
        n=n,
        unit="weeks",
        method="profile of the sum of squares over the lag",
    )
    return OrganisationLag(lag=lag, strength=strength, fitted=fitted)


def _untold(fitted: pd.DataFrame, status: Status, reason: str, n: int) -> OrganisationLag:
    lag = refused(status, reason, n=n, unit="weeks")
    strength = refused(status, reason, n=n, unit="points per point of skill")
    return OrganisationLag(lag=lag, strength=strength, fitted=fitted)


def _profile(at: Array, value: Array, week: Array, level: Array, lags: Array) -> tuple[Array, Array, Array]:
    """Give the sum of squares, the slope (not below zero) and the spread of x at each lag."""
    x = np.interp(week[None, :] - lags[:, None], at, value)
    x = x - x.mean(axis=1, keepdims=True)
    y = level - level.mean()
    size = np.maximum(np.sum(x * x, axis=1), 1e-300)
    slope = np.maximum(x @ y / size, 0.0)
    return np.sum(y * y) - slope**2 * size, slope, size
