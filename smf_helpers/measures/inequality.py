"""How unequally people contribute: Gini, Lorenz, and the 90-9-1 line with its uncertainty."""

import numpy as np
import numpy.typing as npt

from smf_helpers.results.core import Estimate, Status, refused
from smf_helpers.results.practice import Inequality

Floats = npt.NDArray[np.float64]

MIN_PEOPLE = 10
"""People below whom no inequality is told."""


def measure_gini(contributions: npt.ArrayLike, *, corrected: bool = True) -> float:
    """Give the Gini coefficient of non-negative amounts: mean absolute difference / (2 x mean).

    Parameters
    ----------
    contributions : amount of each person, zeros for those who gave nothing.
    corrected : multiply by n / (n - 1), so that one person who gives everything makes it 1.

    Examples
    --------
    >>> measure_gini([0, 0, 0, 8])
    1.0
    >>> measure_gini([1, 2, 3, 4], corrected=False)
    0.25
    """
    x = np.sort(np.asarray(contributions, dtype=float))
    n, total = len(x), float(x.sum())
    if n < 2 or total <= 0:
        return float("nan")
    plain = float((2 * np.arange(1, n + 1) - n - 1) @ x / (n * total))
    return plain * n / (n - 1) if corrected else plain


def measure_inequality(
    contributions: npt.ArrayLike, *, draws: int = 500, seed: int = 1, level: float = 0.95
) -> Inequality:
    """Measure how unequally people contribute.

    Parameters
    ----------
    contributions : number of contributions of everybody eligible, zeros included.
    draws, seed : bootstrap over people behind the limits of Gini and top shares.
    level : coverage; the three shares of 90-9-1 hold it together (Bonferroni over Clopper-Pearson).

    References
    ----------
    van Mierlo 2014, doi:10.2196/jmir.2966; Nielsen 2006 (the 90-9-1 line).
    """
    x = np.sort(np.asarray(contributions, dtype=float))
    n, total = len(x), float(x.sum())
    if n < MIN_PEOPLE or total <= 0:
        why = (
            "Nobody contributed."
            if n >= MIN_PEOPLE
            else f"{n} people; inequality needs at least {MIN_PEOPLE}."
        )
        none = refused(Status.INSUFFICIENT_DATA, why, n=n)
        empty = np.zeros((0, 2))
        return Inequality(
            gini=none, lurkers=none, contributors=none, heavy=none, top_1=none, top_10=none, lorenz=empty
        )
    again = np.sort(np.random.default_rng(seed).choice(x, (draws, n)), axis=1)
    again = again[again.sum(axis=1) > 0]
    ranks = (2 * np.arange(1, n + 1) - n - 1) / (n - 1)
    ginis = again @ ranks / again.sum(axis=1)
    lurkers = int((x == 0).sum())
    heavy = int(np.searchsorted(np.cumsum(x[::-1]), total / 2) + 1)
    counts = {"lurkers": lurkers, "contributors": n - lurkers - heavy, "heavy": heavy}
    shares = {name: _exact_share(k, n, 1 - (1 - level) / 3) for name, k in counts.items()}
    lorenz = np.column_stack([np.arange(n + 1) / n, np.concatenate([[0.0], np.cumsum(x) / total])])
    return Inequality(
        gini=_from_draws(measure_gini(x), ginis, n, level),
        top_1=_top(x, again, 0.01, level),
        top_10=_top(x, again, 0.10, level),
        lorenz=lorenz,
        **shares,
    )


def _top(x: Floats, again: Floats, share: float, level: float) -> Estimate:
    """Give the share of contributions of the most active `share` of people (rounded up to a person)."""
    most = int(np.ceil(share * len(x) - 1e-9))
    drawn = again[:, -most:].sum(axis=1) / again.sum(axis=1)
    return _from_draws(float(x[-most:].sum() / x.sum()), drawn, len(x), level)


def _from_draws(value: float, drawn: Floats, n: int, level: float) -> Estimate:
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    return Estimate(
        value=value,
        low=min(float(low), value),
        high=max(float(high), value),
        n=n,
        unit="share",
        method="bootstrap over people",
        level=level,
    )


def _exact_share(k: int, n: int, level: float) -> Estimate:
    from scipy.special import betaincinv

    tail = (1 - level) / 2
    low = betaincinv(k, n - k + 1, tail) if k else 0.0
    high = betaincinv(k + 1, n - k, 1 - tail) if k < n else 1.0
    return Estimate(
        value=k / n,
        low=float(low),
        high=float(high),
        n=n,
        unit="share",
        method="Clopper-Pearson, simultaneous",
    )
