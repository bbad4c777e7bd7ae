"""Estimates from a sample of people: means and shares with design-based intervals.

Variances are linearised (a person is the sampling unit), weights are taken as they are, and the spread
shrinks by ``1 - n/N`` where at least five of a hundred people answered. Kish's design effect says what the
weights cost. References: Lumley (2010), doi:10.1002/9780470580066; Kish (1965); Wilson (1927),
doi:10.1080/01621459.1927.10502953.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]

CENSUS_FROM = 0.05
"""Share of the headcount that has to have answered before the finite population correction counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """Means of groups (rows) in several columns: value, standard error, people and Kish's design effect."""

    mean: Floats
    se: Floats
    n: Ints
    deff: Floats
    left: Floats

    @property
    def df(self) -> Floats:
        """Degrees of freedom: people less one."""
        return np.maximum(self.n.astype(np.float64) - 1.0, 0.0)


def group_means(
    values: Floats, weights: Floats, group: Ints, n_groups: int, headcounts: Floats | None = None
) -> Means:
    """Estimate the weighted mean of each column in each group.

    ``mean = sum(w y) / sum(w)``; ``se^2 = n/(n-1) sum((w (y - mean))^2) / sum(w)^2 (1 - n/N)``; missing values
    are left out column by column.

    Parameters
    ----------
    values : people x columns, empty where missing.
    weights : one a person, positive; their scale does not matter.
    group : number of each person's group; negative for nobody's.
    n_groups : number of groups.
    headcounts : people in each group, empty where unknown; None corrects nothing.
    """
    shape = (n_groups, values.shape[1])
    mean, var = np.full(shape, np.nan), np.full(shape, np.nan)
    n, deff = np.zeros(shape, dtype=np.intp), np.full(shape, np.nan)
    for j in range(shape[1]):
        use = np.isfinite(values[:, j]) & (group >= 0) & (weights > 0)
        g, w, y = group[use], weights[use], values[use, j]
        n[:, j] = np.bincount(g, minlength=n_groups)
        total = group_sums(g, w, n_groups)
        with np.errstate(invalid="ignore", divide="ignore"):
            mean[:, j] = group_sums(g, w * y, n_groups) / total
            spread = group_sums(g, (w * (y - mean[g, j])) ** 2, n_groups)
            var[:, j] = n[:, j] / (n[:, j] - 1.0) * spread / total**2
            deff[:, j] = n[:, j] * group_sums(g, w * w, n_groups) / total**2
    left = finite_share(n, headcounts)
    return Means(mean=mean, se=np.sqrt(var * left), n=n, deff=deff, left=left)


def group_sums(group: Ints, values: Floats, n_groups: int) -> Floats:
    """Add the values up by group."""
    return np.asarray(np.bincount(group, weights=values, minlength=n_groups), dtype=np.float64)


def finite_share(n: Ints, headcounts: Floats | None) -> Floats:
    """Give the factor ``1 - n/N`` of the variance for groups (rows); 1 where it does not count or N is unknown."""
    if headcounts is None:
        return np.ones(n.shape)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = n / headcounts[:, None]
    return np.where(np.nan_to_num(share) >= CENSUS_FROM, np.clip(1.0 - share, 0.0, 1.0), 1.0)


def t_limits(mean: Floats, se: Floats, df: Floats, level: float = 0.95) -> tuple[Floats, Floats]:
    """Give the limits ``mean ± t se`` with Student's t; empty where there is no degree of freedom."""
    from scipy.special import stdtrit

    with np.errstate(invalid="ignore"):
        half = stdtrit(np.where(df > 0, df, np.nan), 0.5 + level / 2) * se
    return mean - half, mean + half


def wilson_limits(share: Floats, n: Floats, level: float = 0.95) -> tuple[Floats, Floats]:
    """Give Wilson's limits of a share; `n` is the effective number of people and may be infinite.

    Examples
    --------
    >>> low, high = wilson_limits(np.array([0.5]), np.array([10.0]))
    >>> float(low[0].round(4)), float(high[0].round(4))
    (0.2366, 0.7634)
    """
    from scipy.special import ndtri

    z = float(ndtri(0.5 + level / 2))
    with np.errstate(invalid="ignore", divide="ignore"):
        c = z * z / n
        centre = (share + c / 2) / (1 + c)
        half = z * np.sqrt(share * (1 - share) / n + c / (4 * n)) / (1 + c)
    return np.clip(centre - half, 0.0, 1.0), np.clip(centre + half, 0.0, 1.0)


def share_limits(means: Means, level: float = 0.95) -> tuple[Floats, Floats]:
    """Give Wilson's limits for means of zeros and ones, with design effect and finite population."""
    with np.errstate(invalid="ignore", divide="ignore"):
        n = np.where(means.n > 0, means.n / (means.deff * means.left), np.nan)
    return wilson_limits(means.mean, n, level)


def kish(weights: npt.ArrayLike) -> float:
    """Give Kish's design effect ``n sum(w^2) / sum(w)^2`` of weights; 1 when all are equal.

    Examples
    --------
    >>> kish([1, 1, 1]), kish([1, 3])
    (1.0, 1.25)
    """
    w = np.asarray(weights, dtype=np.float64)
    return float(len(w) * np.square(w).sum() / w.sum() ** 2) if len(w) and w.sum() > 0 else float("nan")
