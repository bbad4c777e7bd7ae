"""Residual bootstrap of one person's pace: thousands of resamples fitted as if they were learners.

Residuals are rescaled by ``sqrt(n / (n - 3))`` (Davison & Hinkley 1997). Below eight measurements a percentile
interval of a bootstrap is not honest; use the profile interval.
"""

import numpy as np

from smf_helpers.models.curves_engine import Array
from smf_helpers.models.learning_projection import Alone, Series, fit_alone
from smf_helpers.models.learning_shapes import LearningShape

FEWEST = 8


def bootstrap_learner(
    shape: LearningShape,
    series: Series,
    alone: Alone,
    learner: int,
    *,
    resamples: int = 1000,
    common: float = 0.0,
    rng: np.random.Generator,
) -> Alone:
    """Refit one learner on scores with resampled residuals; one row a resample.

    Parameters
    ----------
    shape, common : the shape of learning and its common parameter.
    series, alone : everybody's scores and fits; learner : whose row.
    resamples : how many; rng : where the draws come from.

    Returns
    -------
    Alone : the fits of the resamples; all edges (nothing told) below eight measurements.
    """
    n = int(series.n[learner])
    s, y = series.s[learner, :n], series.y[learner, :n]
    fitted = alone.a[learner] - alone.b[learner] * shape.left(s, series.e[learner], alone.u[learner], common)
    residuals = y - fitted
    residuals = (residuals - residuals.mean()) * np.sqrt(n / max(n - 3, 1))
    if n < FEWEST:
        residuals = np.full(n, np.nan)
    drawn = fitted + residuals[rng.integers(0, n, size=(resamples, n))]
    return fit_alone(shape, _repeated(series, s, drawn, learner), common=common)


def _repeated(series: Series, s: Array, drawn: Array, learner: int) -> Series:
    count, n = drawn.shape
    return Series(
        s=np.broadcast_to(s, drawn.shape),
        y=np.nan_to_num(drawn),
        seen=np.ones(drawn.shape, dtype=bool),
        e=np.full(count, series.e[learner]),
        n=np.full(count, n),
        gap=series.gap,
        ahead=series.ahead,
        centre=series.centre,
    )
