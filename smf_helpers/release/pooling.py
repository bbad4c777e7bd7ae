"""Organisations side by side: where they lie, how far they differ, and where one of them stands.

Each organisation's number is a measurement with an error of its own, so the spread of the published numbers
is wider than that of the organisations. Partial pooling takes them apart: organisation i truly stands at
theta_i ~ N(mu, tau^2) and is measured as y_i ~ N(theta_i, s_i^2). mu has a flat prior, tau a half-Cauchy prior
of scale `SPREAD`; tau is integrated over a grid, and given tau everything has a closed form, so the answer has no
simulation in it. Not meant for measures of which a few organisations are known to be of another kind.

References
----------
Gelman et al. 2013, Bayesian Data Analysis, 3rd edition, sections 5.4 and 5.5 (the eight schools).
Gelman 2006, Prior distributions for variance parameters, https://doi.org/10.1214/06-BA117A (the half-Cauchy prior).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

QUARTER: Final = NormalDist().inv_cdf(0.75)
"""A quarter of a normal distribution lies beyond that many standard deviations from its centre."""

GRID: Final = 400
NEGLIGIBLE: Final = 1e-6
_normal = np.vectorize(NormalDist().cdf, otypes=[np.float64])


@dataclass(frozen=True, slots=True, kw_only=True)
class Pooled:
    """The distribution of organisations, as far as their measurements tell it.

    Attributes
    ----------
    spreads, weights : grid of tau and its posterior weights.
    centres, variances : mean and variance of mu at each tau.
    """

    spreads: Floats
    weights: Floats
    centres: Floats
    variances: Floats

    def border(self, deviations: float = 0.0) -> float:
        """Give where mu + deviations * tau lies: 0 is the middle, `QUARTER` the border of the upper quarter."""
        return float(self.weights @ (self.centres + deviations * self.spreads))

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Give the interval of mu."""
        tail = (1 - level) / 2
        return self._quantile(tail), self._quantile(1 - tail)

    def spread(self) -> float:
        """Give the mean of tau."""
        return float(self.weights @ self.spreads)

    def _quantile(self, share: float) -> float:
        deviation = np.sqrt(self.variances)
        low = float((self.centres - 9 * deviation).min())
        high = float((self.centres + 9 * deviation).max())
        for _ in range(36):
            middle = (low + high) / 2
            below = float(self.weights @ _normal((middle - self.centres) / deviation))
            low, high = (middle, high) if below < share else (low, middle)
        return (low + high) / 2

    def chance_above(self, value: float, error: float, deviations: float) -> float:
        """Give the chance that an organisation measured as `value` truly stands above mu + deviations * tau.

        The organisation is drawn towards the others as far as its own measurement is uncertain, and counts as
        one of them: its own number moves what is believed of mu and tau.
        """
        total = self.variances + self.spreads**2 + error**2
        away = value - self.centres
        log_weights = np.log(self.weights) - 0.5 * (np.log(total) + away**2 / total)
        weights = np.exp(log_weights - log_weights.max())
        weights /= weights.sum()
        pull = self.spreads**2 / total
        deviation = np.sqrt(self.spreads**2 * (1 - pull))
        return float(weights @ (1 - _normal((deviations * self.spreads - pull * away) / deviation)))


def pool(values: Sequence[float], errors: Sequence[float], *, scale: float) -> Pooled:
    """Pool the measurements of several organisations.

    Parameters
    ----------
    values : one number an organisation, in the unit of the measure.
    errors : standard error of each, above zero.
    scale : scale of the half-Cauchy prior of tau, a difference that would be large between organisations.

    Examples
    --------
    The eight schools: their true effects are believed to differ by little, whatever was measured.

    >>> schools = pool([28, 8, -3, 7, -1, 1, 18, 12], [15, 10, 16, 11, 9, 11, 10, 18], scale=25)
    >>> round(schools.border(), 1), [round(limit, 1) for limit in schools.interval()]
    (7.9, [-1.7, 17.8])
    """
    y, s = np.asarray(values, dtype=float), np.asarray(errors, dtype=float)
    widest = 8 * max(float(y.std()), float(s.max()))
    spreads = widest * (np.arange(GRID) + 0.5) ** 2 / GRID**2
    steps = 2 * (np.arange(GRID) + 0.5)
    total = spreads[:, None] ** 2 + s**2
    precision = (1 / total).sum(axis=1)
    centres = (y / total).sum(axis=1) / precision
    fit = -0.5 * (np.log(total) + (y - centres[:, None]) ** 2 / total).sum(axis=1)
    log_weights = fit - 0.5 * np.log(precision) - np.log1p((spreads / scale) ** 2) + np.log(steps)
    weights = np.exp(log_weights - log_weights.max())
    kept = weights > NEGLIGIBLE
    return Pooled(
        spreads=spreads[kept],
        weights=weights[kept] / weights[kept].sum(),
        centres=centres[kept],
        variances=1 / precision[kept],
    )
