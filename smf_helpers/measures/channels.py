"""Public channels: engagement with its denominator, response with the unanswered, share of voice, incidents.

An engagement rate without its denominator says nothing: by impressions, by reach and by followers are
three different numbers, shown side by side. Posts with a small denominator are shrunk towards their
channel. Messages without an answer are still waiting, not absent.
"""

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from smf_helpers.measures.practice import share_of_people
from smf_helpers.measures.survival import estimate_survival
from smf_helpers.results.core import Estimate, Status, refused
from smf_helpers.results.practice import Survival

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]

INTERACTIONS: Final = ("reactions", "comments", "shares", "saves")
"""What counts as an interaction with a post; clicks are not shown by every platform."""

DENOMINATORS: Final = ("impressions", "reach", "followers")

MIN_POSTS: Final = 5
"""Posts below which no limits of a rate are told."""


def count_interactions(posts: "pd.DataFrame") -> "pd.Series[Any]":
    """Add up the interactions of each post; missing where the platform tells none of them."""
    known = [name for name in INTERACTIONS if name in posts]
    return posts[known].sum(axis=1, min_count=1)


def measure_engagement(posts: "pd.DataFrame", by: str, *, level: float = 0.95) -> Estimate:
    """Measure the engagement rate of a set of posts: interactions / denominator, both summed over posts.

    Limits treat posts as the units that vary (ratio estimator, linearised, t on posts - 1).

    Parameters
    ----------
    posts : canonical table ``posts``.
    by : ``impressions``, ``reach`` or ``followers`` (followers at the time, for each post).

    Examples
    --------
    >>> import pandas as pd
    >>> posts = pd.DataFrame({"reactions": [10.0, 20, 30, 40, 50], "reach": [100.0, 200, 300, 400, 500]})
    >>> measure_engagement(posts, "reach")
    Estimate(0.1 [0.1, 0.1] interactions per reach, ok)
    """
    from scipy.special import stdtrit

    unit = f"interactions per {by.rstrip('s') if by != 'reach' else by}"
    if by not in posts or not posts[by].notna().any():
        return refused(Status.INSUFFICIENT_DATA, f"The channel tells no {by}.", n=0, unit=unit)
    y = count_interactions(posts).to_numpy(dtype=float)
    x = posts[by].to_numpy(dtype=float)
    known = np.isfinite(y) & np.isfinite(x) & (x > 0)
    y, x, n = y[known], x[known], int(known.sum())
    if n < MIN_POSTS:
        why = f"{n} posts with {by}; a rate needs at least {MIN_POSTS}."
        return refused(Status.INSUFFICIENT_DATA, why, n=n, unit=unit)
    rate = y.sum() / x.sum()
    error = np.sqrt(n / (n - 1) * ((y - rate * x) ** 2).sum()) / x.sum()
    wide = float(stdtrit(n - 1, (1 + level) / 2)) * error
    return Estimate(
        value=float(rate),
        low=max(float(rate - wide), 0.0),
        high=float(rate + wide),
        n=n,
        unit=unit,
        method="ratio of totals over posts",
        level=level,
    )


def shrink_rates(events: npt.ArrayLike, exposure: npt.ArrayLike, *, level: float = 0.95) -> "pd.DataFrame":
    """Shrink rates with small denominators towards the rate of all (gamma-Poisson, moments).

    events_i ~ Poisson(rate_i x exposure_i), rate_i ~ Gamma(mean m, variance v); the shrunken rate is
    w_i x own rate + (1 - w_i) x m with w_i = exposure_i / (exposure_i + m / v). Without spread beyond chance
    every rate is the common one.

    Returns
    -------
    pandas.DataFrame
        ``rate, weight, low, high``, aligned with the input; weight is that of the post's own rate.

    References
    ----------
    Robbins 1956; Clayton & Kaldor 1987, doi:10.2307/2532003; moments of Martuzzi & Elliott 1996,
    doi:10.1002/(SICI)1097-0258(19960915)15:17<1867::AID-SIM398>3.0.CO;2-2.
    """
    import pandas as pd
    from scipy.special import gammaincinv

    y, x = np.asarray(events, dtype=float), np.asarray(exposure, dtype=float)
    known = np.isfinite(y) & np.isfinite(x) & (x > 0)
    if not known.any() or y[known].sum() <= 0:
        return pd.DataFrame({name: np.full(len(y), np.nan) for name in ("rate", "weight", "low", "high")})
    mean = y[known].sum() / x[known].sum()
    spread = (x[known] * (y[known] / x[known] - mean) ** 2).sum() / x[known].sum()
    variance = max(float(spread - mean / x[known].mean()), 1e-12 * mean**2)
    rate = mean / variance
    shape = np.where(known, mean * rate + y, np.nan)
    scale = rate + np.where(known, x, np.nan)
    return pd.DataFrame(
        {
            "rate": shape / scale,
            "weight": np.where(known, x, np.nan) / scale,
            "low": gammaincinv(shape, (1 - level) / 2) / scale,
            "high": gammaincinv(shape, (1 + level) / 2) / scale,
        }
    )


def measure_response(
    messages: "pd.DataFrame",
    *,
    until: Any,
    business: tuple[float, float] | None = None,
    timezone: str = "UTC",
) -> Survival:
    """Measure the time to the first answer; whoever is still waiting is censored at the last look.

    Parameters
    ----------
    messages : canonical table ``messages``.
    until : last moment observed.
    business : opening hours such as ``(9, 17)`` on Monday to Friday, to count business hours only; all hours
        by default. Which of the two was used must be said beside the number.
    timezone : zone of the opening hours.
    """
    import pandas as pd

    came = pd.to_datetime(messages["at"], utc=True)
    end = pd.Timestamp(until)
    end = end.tz_localize("UTC") if end.tzinfo is None else end
    answered = pd.to_datetime(messages["answered_at"], utc=True)
    seen = came.notna() & (came <= end) & ~(answered < came)
    happened = (answered.notna() & (answered <= end))[seen]
    stop = answered.where(answered.notna() & (answered <= end), end)[seen]
    begin = came[seen]
    if business is None:
        hours = (stop - begin).dt.total_seconds().to_numpy() / 3600
    else:
        hours = open_hours(stop, business, timezone) - open_hours(begin, business, timezone)
    return estimate_survival(np.maximum(hours, 0.0), happened, unit="hours")


def open_hours(at: "pd.Series[Any]", business: tuple[float, float], timezone: str) -> Floats:
    """Give how many opening hours (Monday to Friday) have passed since a fixed Monday."""
    opens, closes = business
    local = at.dt.tz_convert(timezone).dt.tz_localize(None)
    monday = dt.datetime(2001, 1, 1)
    days = (local - monday).dt.days.to_numpy()
    hour = ((local - local.dt.normalize()).dt.total_seconds() / 3600).to_numpy()
    weekday = days % 7
    full = days // 7 * 5 + np.minimum(weekday, 5)
    today = np.where(weekday < 5, np.clip(hour, opens, closes) - opens, 0.0)
    return np.asarray(full * (closes - opens) + today, dtype=float)


def measure_voice(own: int, others: int, *, level: float = 0.95) -> Estimate:
    """Measure share of voice: own mentions / own and competitors' mentions, Wilson limits."""
    return share_of_people(own, own + others, level=level)


def measure_incidents(incidents: int, posts: int, *, level: float = 0.95) -> Estimate:
    """Measure self-regulation: incidents per 1,000 posts, exact Poisson limits (Garwood 1936).

    Nought incidents are no proof of nought risk: the upper limit stays above zero.

    Examples
    --------
    >>> measure_incidents(0, 1000)
    Estimate(0 [0, 3.689] incidents per 1,000 posts, ok)
    """
    from scipy.special import gammaincinv

    unit = "incidents per 1,000 posts"
    if posts <= 0:
        return refused(Status.INSUFFICIENT_DATA, "There are no posts.", n=0, unit=unit)
    tail = (1 - level) / 2
    low = float(gammaincinv(incidents, tail)) if incidents else 0.0
    high = float(gammaincinv(incidents + 1, 1 - tail))
    per = 1000 / posts
    return Estimate(
        value=incidents * per,
        low=low * per,
        high=high * per,
        n=posts,
        unit=unit,
        method="exact Poisson",
        level=level,
    )
