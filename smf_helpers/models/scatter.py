"""How much counts scatter: one law for all people who are counted in intervals.

Where everybody decides alone, counts scatter as binomial or Poisson ones do. Weeks of an organisation vary more: a
holiday or a good example moves everybody of that week together, and a large week by more people than a small one::

    variance = plain variance * (1 + scatter * expected)

``scatter`` is the squared coefficient of variation of the weeks: 1 / shape of a negative binomial, and below a
headcount that of a beta-binomial. It is zero where people adopt one by one.

The means are fitted by the likelihood of people who adopt one by one, which finds them whatever the scatter; what
its limits lack is the ratio of the variance of the estimate under this law to the one that its curvature shows, so the
rise of the profile that bounds an estimate is multiplied by that ratio (robust adjusted likelihood: Royall & Tsou 2003,
doi:10.1111/1467-9868.00392). Where every interval scatters alike the ratio is the dispersion of quasi-likelihood.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

MOST: Final = 20.0
"""Largest scatter told: weeks that differ four- to fivefold."""


LEAST_EXPECTED: Final = 1.0
"""People expected below which an interval tells nothing of the scatter: a single one too many looks like a lot of it."""


def measure_scatter(n: Floats, expected: Floats, plain: Floats, n_free: int) -> float:
    """Give the scatter by moments: with it Pearson's statistic equals its degrees of freedom.

    Parameters
    ----------
    n, expected, plain : counts, their means, and their variances if people moved one by one.
    n_free : parameters that were fitted to the counts.

    Returns
    -------
    float
        Zero where the counts scatter no more than people who move one by one.

    References
    ----------
    Hinde & Demetrio 1998, Computational Statistics & Data Analysis 27, 151-170 (models and moments of over-dispersion).

    Examples
    --------
    >>> n, mean = np.array([30.0, 75.0, 20.0, 90.0]), np.full(4, 50.0)
    >>> scatter = measure_scatter(n, mean, mean, 1)
    >>> round(float(((n - mean) ** 2 / (mean * (1 + scatter * mean))).sum()), 6)
    3.0
    """
    from scipy.optimize import brentq

    told = expected >= LEAST_EXPECTED
    expected, squares = expected[told], (n[told] - expected[told]) ** 2 / np.maximum(plain[told], 1e-12)
    spare = max(len(squares) - n_free, 1)

    def surplus(scatter: float) -> float:
        return float((squares / (1.0 + scatter * expected)).sum()) - spare

    if surplus(0.0) <= 0.0:
        return 0.0
    return MOST if surplus(MOST) >= 0.0 else float(brentq(surplus, 0.0, MOST, xtol=1e-12))


def scattered_covariance(
    information: Floats, slopes: Floats, expected: Floats, plain: Floats, scatter: float
) -> tuple[Floats, Floats]:
    """Give the covariance of the parameters of a mean: people one by one, and with the scatter.

    Parameters
    ----------
    information : Fisher information of people who move one by one, shape (K, K).
    slopes : derivatives of the means, shape (C, K).
    expected, plain : means, and their variances if people moved one by one, shape (C,).
    scatter : as measured.

    Returns
    -------
    tuple
        Two covariances, shape (K, K); missing where the information is singular.
    """
    # scaled before inverting: m and p differ by many orders of magnitude
    size = np.sqrt(np.maximum(np.diag(information), 1e-300))
    try:
        alone = np.linalg.inv(information / np.outer(size, size)) / np.outer(size, size)
    except np.linalg.LinAlgError:
        alone = np.full_like(information, np.nan)
    extra = slopes.T @ (slopes * (scatter * expected / np.maximum(plain, 1e-12))[:, None])
    return alone, alone + alone @ extra @ alone


def widen(alone: Floats, scattered: Floats, expected: Floats, scatter: float) -> Floats:
    """Give for each parameter how far the scatter widens its variance, shape (K,).

    The factor lies between those of the smallest and the largest interval; the latter where it cannot be told.
    """
    most = 1.0 + scatter * float(np.max(expected, initial=0.0))
    with np.errstate(invalid="ignore", divide="ignore"):
        factor = np.diag(scattered) / np.diag(alone)
    return np.clip(np.where(np.isfinite(factor), factor, most), 1.0, most)


def freedom(wider: Floats, expected: Floats, plain: Floats, scatter: float, spare: int) -> Floats:
    """Give the degrees of freedom behind each widened variance, at most those to spare (Satterthwaite's rule).

    The scatter is known from the same few intervals, large ones above all, and a variance that rests on it is as
    uncertain. A squared standardised count has variance 2 + 1 / variance (normal, and the Poisson part beyond it).
    """
    told = expected >= LEAST_EXPECTED
    expected = expected[told]
    variance = plain[told] * (1.0 + scatter * expected)
    bend = float((expected / (1.0 + scatter * expected)).sum())
    of_scatter = float((2.0 + 1.0 / np.maximum(variance, 1e-12)).sum()) / max(bend, 1e-12) ** 2
    leans = np.maximum((wider - 1.0) / scatter, 1e-12)
    return np.clip(2.0 * (wider / leans) ** 2 / of_scatter, 1.0, spare)


def draw_counts(rng: np.random.Generator, expected: Floats, scatter: float) -> Floats:
    """Draw counts without a ceiling: Poisson, or negative binomial where they scatter."""
    if scatter:
        expected = expected * rng.gamma(1.0 / scatter, scatter, np.shape(expected))
    return np.asarray(rng.poisson(expected), dtype=float)


def draw_events(
    rng: np.random.Generator, trials: npt.NDArray[np.int_], chance: Floats, scatter: float
) -> Floats:
    """Draw how many of the people at risk move: binomial, or beta-binomial where they scatter."""
    if scatter:
        # of a beta with this concentration the variance is scatter * chance^2 * (1 - chance)
        among = np.maximum(1.0 / (scatter * np.maximum(chance, 1e-300)) - 1.0, 0.05)
        chance = rng.beta(
            np.maximum(chance * among, 1e-9), np.maximum((1.0 - chance) * among, 1e-9), trials.shape
        )
    return np.asarray(rng.binomial(trials, chance), dtype=float)


def log_likelihood(n: Floats, expected: Floats, trials: Floats | None, scatter: float) -> float:
    """Give the log-likelihood of scattered counts: negative binomial, or beta-binomial among people at risk.

    Parameters
    ----------
    n, expected : counts and their means.
    trials : people at risk in each interval; None without a ceiling.
    scatter : as measured, above zero.
    """
    from scipy.special import betaln, gammaln

    if trials is None:
        shape = 1.0 / scatter
        told = gammaln(n + shape) - gammaln(shape) - gammaln(n + 1)
        told += n * np.log(expected / (shape + expected)) - shape * np.log1p(expected / shape)
        return float(told.sum())
    chance = np.clip(expected / np.maximum(trials, 1e-12), 1e-12, 1 - 1e-12)
    among = np.maximum(1.0 / (scatter * chance) - 1.0, 0.05)
    out, stay = chance * among, (1.0 - chance) * among
    told = gammaln(trials + 1) - gammaln(n + 1) - gammaln(trials - n + 1)
    return float((told + betaln(n + out, trials - n + stay) - betaln(out, stay)).sum())
