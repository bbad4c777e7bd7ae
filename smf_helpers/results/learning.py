"""Results about learning: one curve, many learners, experience, and the organisation beside its people."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from smf_helpers.results.core import SHOWN, Estimate, Status

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


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class LearningFit:
    """Many learners: each person's pace, the typical learner, the spread of pace, and what cannot be told.

    Attributes
    ----------
    family : shape of learning; pooled : learners were pooled (partially), not fitted alone.
    learners : one row a learner: ``learner, unit, team, n, method, pattern, reliability`` and, for each of ``level``
        (now), ``rate``, ``half_life``, ``weeks_to_80`` (of own gain), ``predicted`` (next measurement), ``gain``
        (expected to the next measurement), ``change`` (last less first) and ``asymptote``: value, ``_low``,
        ``_high``, ``_status``, ``_reason``; ``rate_se`` and ``asymptote_se``; ``family`` and ``family_reason``: which
        shape the learner's own scores support, or ``undecided`` and why (always below 12 measurements).
        ``status`` and ``reason`` are the rate's. A value that may not
        be shown is NaN.
    typical : one row a quantity of the typical learner: quantity, value, low, high, unit, status, reason.
    curve : week by week: week, level, low, high, people_low, people_high (10 and 90 % of people), n.
    spread : pace as a distribution: quantile (share at least this fast), rate and weeks_to_80 with intervals.
    selection : one row a family: family, parameters, aicc, delta, weight, verdict, reason.
    units : one row a unit: unit, n, level and gain with intervals, status, reason.
    levels : where people differ: level (unit, team, learner), n, pace_spread (SD of log rate between units, between
        teams within units, between learners within those), asymptote_spread, status, reason.
    waves : as measured: week, unit, n, mean, low, high, complete (share of learners still taking part).
    dropouts : early slope of those who left less that of those who stayed, with interval and status.
    n : learners; status, reason : of the cohort's pace; warnings : what must be said beside the figures.
    scale : ends of the score, or None; posterior : for `reach`, private.
    """

    family: str
    pooled: bool
    learners: "pd.DataFrame"
    typical: "pd.DataFrame"
    curve: "pd.DataFrame"
    spread: "pd.DataFrame"
    selection: "pd.DataFrame"
    units: "pd.DataFrame"
    levels: "pd.DataFrame"
    waves: "pd.DataFrame"
    dropouts: Estimate
    n: int
    status: Status
    reason: str
    warnings: tuple[str, ...] = ()
    scale: tuple[float, float] | None = None
    posterior: Any = None

    def __repr__(self) -> str:
        shown = int(self.learners["status"].isin([status.value for status in SHOWN]).sum())
        told = "" if self.status == Status.OK else f": {self.reason}"
        how = "pooled" if self.pooled else "alone"
        return (
            f"LearningFit({self.family}, {how}, {self.n} learners, {shown} with a pace, "
            f"{self.status.value}{told})"
        )


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ExperienceFit:
    """Learning by doing: what each further post, answer or case changes.

    Attributes
    ----------
    law : ``crawford`` (the value of the n-th unit) or ``wright`` (the mean of the first n units).
    teams : one row a team: team, n, progress_ratio (factor per doubling of experience), low, high, retention (share
        of experience kept per week of a break; NaN when not asked for), retention_low, retention_high,
        retention_status, retention_reason, trend (change of the log value per week), autocorrelation, aicc, status,
        reason.
    status, reason : of the whole; warnings : what must be said beside it.
    """

    law: str
    teams: "pd.DataFrame"
    status: Status
    reason: str
    warnings: tuple[str, ...] = ()

    def __repr__(self) -> str:
        told = "" if self.status == Status.OK else f": {self.reason}"
        return f"ExperienceFit({self.law}, {len(self.teams)} teams, {self.status.value}{told})"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationLag:
    """The organisation's curve beside its people's.

    Attributes
    ----------
    lag : weeks by which the organisation follows its people.
    strength : change of the organisation's value per point of people's skill.
    fitted : at, organisation, people, followed (the organisation as its people would have it).
    """

    lag: Estimate
    strength: Estimate
    fitted: "pd.DataFrame"


@dataclass(frozen=True, slots=True, kw_only=True)
class PilotView:
    """A pilot week by week, and beside those who have not begun.

    Attributes
    ----------
    weeks : week, group (pilot or not yet), n, mean, low, high, complete.
    paths : path (moving up, holding, falling back, left, not judged), n, share.
    change, waiting : mean change over the pilot, of the pilot's people and of those not yet in the roll-out.
    comparison : the first less the second.
    people : learner, unit, group, path, change, change_low, change_high.
    status, reason : of the pilot as a whole.
    """

    weeks: "pd.DataFrame"
    paths: "pd.DataFrame"
    change: Estimate
    waiting: Estimate
    comparison: Estimate
    people: "pd.DataFrame"
    status: Status
    reason: str
