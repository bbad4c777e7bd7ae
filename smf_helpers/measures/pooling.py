"""Partial pooling: small units borrow from their fellows, by as much as the data warrant.

A unit's mean ``y`` with sampling variance ``v`` is drawn towards the mean of the units by ``v / (v + tau^2)``, where
``tau^2`` is the spread between units beyond sampling (Paule and Mandel). The interval follows Morris (1983),
doi:10.1080/01621459.1983.10477920, which allows for ``tau^2`` being estimated. Below four units nothing is pooled.
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

MIN_UNITS = 4
_STEPS = 60


def pool_units(mean: Floats, variance: Floats, level: float = 0.95) -> tuple[Floats, Floats, Floats]:
    """Pool units (last axis) towards their common mean.

    Parameters
    ----------
    mean, variance : cases x units; empty where a unit has no mean.
    level : coverage of the interval.

    Returns
    -------
    tuple
        Pooled means and the two limits; empty where fewer than four units have a mean.

    Examples
    --------
    >>> pooled, low, high = pool_units(np.array([[3.0, 3.4, 3.8, 3.4]]), np.array([[0.04, 0.04, 0.04, 0.04]]))
    >>> bool(3.0 < pooled[0, 0] < 3.4 and low[0, 0] < pooled[0, 0] < high[0, 0])
    True
    """
    from scipy.special import ndtri

    use = np.isfinite(mean) & np.isfinite(variance) & (variance > 0)
    k = use.sum(axis=-1, keepdims=True).astype(np.float64)
    y, v = np.where(use, mean, 0.0), np.where(use, variance, 1.0)
    tau2 = _spread_between(y, v, use, k)
    precision = np.where(use, 1.0 / (v + tau2), 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        total = precision.sum(axis=-1, keepdims=True)
        centre = (precision * y).sum(axis=-1, keepdims=True) / total
        shrink = (k - 3) / (k - 1) * v / (v + tau2)
        pooled = (1 - shrink) * y + shrink * centre
        unsure = v * (1 - (k - 1) / k * shrink) + 2 / (k - 3) * shrink**2 * (y - centre) ** 2
        half = float(ndtri(0.5 + level / 2)) * np.sqrt(unsure)
    told = use & (k >= MIN_UNITS)
    pooled, half = np.where(told, pooled, np.nan), np.where(told, half, np.nan)
    return pooled, pooled - half, pooled + half


def _spread_between(y: Floats, v: Floats, use: npt.NDArray[np.bool_], k: Floats) -> Floats:
    """Solve ``sum (y - centre)^2 / (v + tau2) = k - 1`` for tau2 >= 0 by bisection, all cases at once."""

    def excess(tau2: Floats) -> Floats:
        w = np.where(use, 1.0 / (v + tau2), 0.0)
        centre = (w * y).sum(axis=-1, keepdims=True) / np.maximum(w.sum(axis=-1, keepdims=True), 1e-300)
        return (w * (y - centre) ** 2).sum(axis=-1, keepdims=True) - (k - 1)

    low = np.zeros_like(k)
    span = y.max(axis=-1, keepdims=True, initial=-1e6) - y
    high = np.maximum((span**2).max(axis=-1, keepdims=True, initial=0.0), 1e-12)
    none = excess(low) <= 0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        more = excess(middle) > 0
        low, high = np.where(more, middle, low), np.where(more, high, middle)
    return np.where(none, 0.0, (low + high) / 2)
