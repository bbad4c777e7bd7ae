"""Results on the development path and on times to an event."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from smf_helpers.results.core import Estimate, Status

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]
PathDesign = Literal["panel", "exact", "anonymous"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PathFit:
    """How people move along the development path, and how sure that is.

    Attributes
    ----------
    design : ``panel`` (the same people seen at waves), ``exact`` (every move has its time) or
        ``anonymous`` (waves of unknown people: shares only).
    stages : the stages, in order.
    rates : one row a move: ``from_stage, to_stage, rate, low, high, n, status, reason``; moves per
        person and unit of time.
    effects : one row a covariate and direction: ``covariate, direction, ratio, low, high, n, status,
        reason``; hazard ratios.
    sojourn : one row a stage: ``stage, value, low, high, n, status, reason``; mean time in the stage.
    reach : one row a stage: ``stage, months, value, low, high, n, status, reason``; chance of having
        reached the last stage within twelve months.
    observed : one row a stage at a wave: ``at, stage, share, low, high, n``; Wilson intervals.
    occupancy : ``occupancy(t)`` gives ``at, stage, share, low, high, status, reason`` at the times `t`
        after the first observation.
    loglik : log-likelihood at the estimate, or NaN where nothing was fitted.
    parameters, covariance : logarithms of the fitted rates and ratios, in the order of `rates` and
        `effects`, and their covariance.
    markov : p value of the test that moving does not depend on how long one has stayed.
    unit : unit of time, ``year`` or the unit of the numbers given.
    n_people, n_pairs : people with two observations or more, and pairs of observations.
    status, reason : whether rates could be estimated, and if not, or not all, why.
    """

    design: PathDesign
    stages: tuple[str, ...]
    rates: "pd.DataFrame"
    effects: "pd.DataFrame"
    sojourn: "pd.DataFrame"
    reach: "pd.DataFrame"
    observed: "pd.DataFrame"
    occupancy: "Callable[..., pd.DataFrame]"
    loglik: float
    parameters: Floats
    covariance: Floats
    markov: Estimate
    unit: str
    n_people: int
    n_pairs: int
    status: Status
    reason: str = ""

    def __repr__(self) -> str:
        shown = int((self.rates["status"] == Status.OK).sum()) if len(self.rates) else 0
        return (
            f"PathFit({self.design}, {self.n_people} people, {shown} of {len(self.rates)} rates, "
            f"loglik {self.loglik:.6g}, {self.status.value})"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SurvivalCurve:
    """A product-limit curve.

    Attributes
    ----------
    times : distinct times of events and of censoring, ascending.
    n_at_risk, n_events, n_censored : people at risk just before, events and censorings at each time.
    survival : share still without the event after each time.
    se : Greenwood standard error.
    low, high : log-log interval at `level`; NaN where it does not exist.
    median : time by which half have had the event.
    status, reason : whether the curve may be shown.
    """

    times: Floats
    n_at_risk: Floats
    n_events: Floats
    n_censored: Floats
    survival: Floats
    se: Floats
    low: Floats
    high: Floats
    median: Estimate
    level: float
    status: Status
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StateCurve:
    """Aalen-Johansen shares in each state over time.

    Attributes
    ----------
    times : distinct times of moves, ascending.
    share : shape (times, states); expected share of the starters in each state.
    se : standard errors, same shape.
    low, high : interval at `level` on the complementary log-log scale, same shape.
    n_at_risk : people in each state just before each time, same shape.
    status, reason : whether the curve may be shown.
    """

    times: Floats
    share: Floats
    se: Floats
    low: Floats
    high: Floats
    n_at_risk: Floats
    level: float
    status: Status
    reason: str = ""
