"""Many comparisons at once: adjusted p values, so that looking often is not finding.

`holm` keeps the chance of any false finding below the level, whatever the dependence; `bh` keeps the expected share
of false findings below it. With weights the error budget is shared out in their proportion. References: Holm (1979),
https://www.jstor.org/stable/4615733; Benjamini and Hochberg (1995), doi:10.1111/j.2517-6161.1995.tb02031.x; Genovese,
Roeder and Wasserman (2006), doi:10.1093/biomet/93.3.509.
"""

import numpy as np
import numpy.typing as npt

from smf_helpers.errors import ModelError

Floats = npt.NDArray[np.float64]

CORRECTIONS = ("holm", "bh")


def adjust(p: npt.ArrayLike, method: str = "holm", weights: npt.ArrayLike | None = None) -> Floats:
    """Adjust p values for being many; empty ones stay empty and do not count.

    Parameters
    ----------
    p : p values.
    method : ``holm`` or ``bh``.
    weights : share of the error budget of each; equal by default.

    Raises
    ------
    ModelError
        When the method is unknown.

    Examples
    --------
    >>> adjust([0.01, 0.04, 0.03, np.nan]).tolist()
    [0.03, 0.06, 0.06, nan]
    >>> adjust([0.01, 0.04, 0.03], "bh").round(3).tolist()
    [0.03, 0.04, 0.04]
    """
    if method not in CORRECTIONS:
        raise ModelError(f"There is no correction '{method}'. Known: {', '.join(CORRECTIONS)}.")
    raw = np.asarray(p, dtype=np.float64)
    use = np.isfinite(raw)
    share = np.ones(raw.shape) if weights is None else np.asarray(weights, dtype=np.float64)
    adjusted = np.full(raw.shape, np.nan)
    if use.any():
        share = share[use] / share[use].mean()
        adjusted[use] = (_holm if method == "holm" else _bh)(raw[use], share)
    return adjusted


def _holm(p: Floats, share: Floats) -> Floats:
    order = np.argsort(p / share, kind="stable")
    left = np.cumsum(share[order][::-1])[::-1]
    stepped = np.minimum(1.0, np.maximum.accumulate(left * (p / share)[order]))
    return _unsorted(stepped, order)


def _bh(p: Floats, share: Floats) -> Floats:
    order = np.argsort(p / share, kind="stable")
    ranked = (p / share)[order] * len(p) / np.arange(1, len(p) + 1)
    return _unsorted(np.minimum(1.0, np.minimum.accumulate(ranked[::-1])[::-1]), order)


def _unsorted(values: Floats, order: npt.NDArray[np.intp]) -> Floats:
    back = np.empty_like(values)
    back[order] = values
    return back
