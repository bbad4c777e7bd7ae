"""Results about learning: one curve, many learners, experience, and the organisation beside its people."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from smf_helpers.results.core import Status

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class CurveFit:
    """One curve fitted to one series.

    Attributes
    ----------
    family : registered name, or ``own`` for a callable.
    estimates : one row a parameter: name, value, se, low, high (95 % profile interval, NaN for an open side),
        status, reason. Only a value with status ``ok`` or ``one_sided`` may be drawn.
    rss : residual sum of squares; sigma : residual standard deviation; n : points used.
    aicc : corrected Akaike criterion, the residual variance counted as a parameter; NaN when n is too small.
    status, reason : of the fit as a whole.
    curve : ``curve(x, *theta)`` as fitted; theta : the values in its order.
    """

    family: str
    estimates: "pd.DataFrame"
    rss: float
    sigma: float
    n: int
    aicc: float
    status: Status
    reason: str
    curve: Callable[..., Any]
    theta: tuple[float, ...] = ()

    def predict(self, x: Any) -> npt.NDArray[np.float64]:
        """Evaluate the fitted curve at x; NaN where there is no fit."""
        points = np.asarray(x, dtype=float)
        if not self.theta or not np.all(np.isfinite(self.theta)):
            return np.full(points.shape, np.nan)
        with np.errstate(all="ignore"):
            return np.asarray(self.curve(points, *self.theta), dtype=float)

    def __repr__(self) -> str:
        told = "" if self.status == Status.OK else f": {self.reason}"
        return f"CurveFit({self.family}, n={self.n}, rss={self.rss:.6g}, {self.status.value}{told})"
