"""Drivers: how much each factor goes with recommending, when the factors go with each other.

Johnson's relative weights share R squared out among correlated factors; they sum to one. They are no causal effects, and they say
nothing where the factors together explain nothing: then no weight is told. Never below thirty complete answers.
References: Johnson (2000), doi:10.1207/S15327906MBR3501_1; Tonidandel, LeBreton and Johnson (2009), doi:10.1037/a0017735.
"""

import numpy as np
import numpy.typing as npt

from smf_helpers.results.core import Estimate, Status, refused

Floats = npt.NDArray[np.float64]

MIN_COMPLETE, MIN_DF = 30, 10
ALPHA = 0.05


def weigh_drivers(
    factors: Floats,
    outcome: Floats,
    names: "tuple[str, ...]",
    *,
    resamples: int = 1000,
    seed: int = 20260101,
    level: float = 0.95,
) -> tuple[dict[str, Estimate], Estimate]:
    """Give each factor's relative weight in explaining an outcome, and R squared.

    Parameters
    ----------
    factors : people x factors; outcome : one a person; people with anything missing are left out.
    names : names of the factors.
    resamples, seed : bootstrap over people (percentile interval).
    level : coverage of the intervals.

    Returns
    -------
    tuple
        Factor → weight (they sum to one), and R squared with its interval; refused below thirty complete answers, below
        ten residual degrees of freedom, and where R squared is not above chance (F test, 5 %).

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x = rng.normal(size=(400, 2))
    >>> weights, r2 = weigh_drivers(x, 2 * x[:, 0] + rng.normal(size=400), ("a", "b"))
    >>> weights["a"].value > 0.95, round(weights["a"].value + weights["b"].value, 9)
    (True, 1.0)
    """
    from scipy.special import fdtrc

    table = np.column_stack([factors, outcome])
    table = table[np.isfinite(table).all(axis=1)]
    n, k = len(table), factors.shape[1]

    def none(status: Status, reason: str) -> tuple[dict[str, Estimate], Estimate]:
        told = refused(status, reason, n=n, unit="share")
        return dict.fromkeys(names, told), told

    if n < MIN_COMPLETE or n - k - 1 < MIN_DF:
        return none(
            Status.INSUFFICIENT_DATA, f"Fewer than {max(MIN_COMPLETE, k + 1 + MIN_DF)} complete answers."
        )
    if (np.ptp(table, axis=0) == 0).any():
        return none(Status.NOT_IDENTIFIED, "Everybody gave the same answer to one of the questions.")
    order = np.lexsort(table.T)
    table = table[order]
    centred = (table - table.mean(axis=0)) / table.std(axis=0)
    raw = _relative(np.cov(centred.T, ddof=0)[None])[0]
    r2 = float(raw.sum())
    f = r2 / k / max((1 - r2) / (n - k - 1), 1e-12)
    if not np.isfinite(r2) or fdtrc(k, n - k - 1, f) > ALPHA:
        return none(Status.NOT_IDENTIFIED, "The factors together do not explain recommending beyond chance.")
    drawn = _resampled(centred, resamples, np.random.default_rng(seed))
    tail = (1 - level) / 2
    shares = drawn / drawn.sum(axis=1, keepdims=True)
    low, high = np.quantile(shares, [tail, 1 - tail], axis=0)
    method = f"relative weights, {resamples} bootstrap samples of people"
    weights = {
        name: Estimate(
            value=float(raw[j] / r2),
            low=float(min(low[j], raw[j] / r2)),
            high=float(max(high[j], raw[j] / r2)),
            n=n,
            unit="share",
            method=method,
            level=level,
        )
        for j, name in enumerate(names)
    }
    ends = np.quantile(drawn.sum(axis=1), [tail, 1 - tail])
    whole = Estimate(
        value=r2,
        low=float(min(ends[0], r2)),
        high=float(ends[1]),
        n=n,
        unit="share",
        method=method,
        level=level,
    )
    return weights, whole


def _resampled(values: Floats, resamples: int, stream: np.random.Generator) -> Floats:
    """Give the raw weights of bootstrap samples of people, all at once from weighted moments."""
    n, m = values.shape
    counts = stream.multinomial(n, np.full(n, 1 / n), size=resamples).astype(np.float64) / n
    rows, columns = np.triu_indices(m)
    moments = counts @ (values[:, rows] * values[:, columns])
    means = counts @ values
    second = np.empty((resamples, m, m))
    second[:, rows, columns] = second[:, columns, rows] = moments
    return _relative(second - means[:, :, None] * means[:, None, :])


def _relative(covariance: Floats) -> Floats:
    """Give Johnson's raw weights from covariances of (factors, outcome), cases first; they sum to R squared."""
    sd = np.sqrt(np.maximum(np.einsum("bii->bi", covariance), 1e-12))
    r = covariance / sd[:, :, None] / sd[:, None, :]
    root, axis = np.linalg.eigh(r[:, :-1, :-1])
    root = np.sqrt(np.maximum(root, 1e-12))
    half = np.einsum("bij,bj,bkj->bik", axis, root, axis)
    beta = np.linalg.solve(half, r[:, :-1, -1:])[:, :, 0]
    return np.asarray(np.einsum("bij,bj->bi", half**2, beta**2))
