"""People who differ: rates multiplied by ``exp(x_i'beta)``, and the profiles behind every interval.

The additive rates of `hazard_likelihood` hold for a typical person; a trait (a role, a unit, years of tenure) makes a
person more or less ready for all of them alike. Given `beta` the likelihood is the concave one of the rates, so `beta`
is searched from outside with the exact slope of the profile; without traits there is no search at all.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

from smf_helpers.models.hazard_likelihood import CUT, AtRisk, climb, even, loglik, move_to
from smf_helpers.results.path import Floats

EDGE: Final = 1e-6
"""Shares closer than this to 0 or 1 count as 0 or 1."""

LOST: Final = 1e6
"""Fall of the likelihood that stands for an impossible value."""

SETTLED: Final = 1e-8
"""Lift of the log-likelihood below which the last Newton step has landed."""

XTOL: Final = 1e-8
"""How closely the edge of an interval is found."""

REACH: Final = 2.0
"""Longest step of the logarithm of a ratio."""

FAR: Final = 8.0
"""Logarithm of a ratio beyond which a trait counts as unbounded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Top:
    """A top of the likelihood: rates, effects of traits, log-likelihood."""

    theta: Floats
    beta: Floats
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraint:
    """What a profile holds fixed; nothing by default.

    Attributes
    ----------
    source, rate : a source and its rate.
    group, share : sources (0 or 1 each) and their share of the expected adoptions.
    trait, effect : a trait and the logarithm of its ratio.
    """

    source: int | None = None
    rate: float = 0.0
    group: Floats | None = None
    share: float = 0.0
    trait: int | None = None
    effect: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposed:
    """Exposures at risk of people with traits.

    Attributes
    ----------
    adoptions : shape (adoptions, sources); exposures in the periods of adoption.
    whose : shape (adoptions,); row of the traits of each adopter.
    waiting : shape (kinds, sources); exposures without adoption, added up over people with the same traits.
    traits : shape (kinds, traits); a single row of none where people are alike.
    """

    adoptions: Floats
    whose: npt.NDArray[np.int_]
    waiting: Floats
    traits: Floats

    def only(self, sources: list[int]) -> "Exposed":
        """Keep some of the sources."""
        return Exposed(
            adoptions=self.adoptions[:, sources],
            whose=self.whose,
            waiting=self.waiting[:, sources],
            traits=self.traits,
        )

    def at(self, beta: Floats) -> AtRisk:
        """Give the exposures as a typical person would have to have them."""
        factor = np.exp(self.traits @ beta)
        return AtRisk(adoptions=self.adoptions * factor[self.whose, None], waiting=factor @ self.waiting)

    def best(self, given: Constraint | None = None, near: Top | None = None) -> Top:
        """Give the top under a constraint, searched from `near`: damped Newton steps on the profile in `beta`."""
        given = given or Constraint()
        n_traits = self.traits.shape[1]
        beta = np.zeros(n_traits) if near is None else near.beta.copy()
        if given.trait is not None:
            beta[given.trait] = given.effect
        theta, value = self._climb(given, beta, None if near is None else near.theta)
        free = np.arange(n_traits) != given.trait
        gain = np.inf if free.any() and np.isfinite(value) else 0.0
        while gain > SETTLED:
            step, gain = self._step(given, beta, theta, free)
            moved = np.clip(beta + step, -2 * FAR, 2 * FAR)
            found, lifted = self._climb(given, moved, theta)
            while lifted < value and gain > SETTLED:
                step, gain = step / 2, gain / 2
                moved = np.clip(beta + step, -2 * FAR, 2 * FAR)
                found, lifted = self._climb(given, moved, theta)
            beta, theta, value = moved, found, lifted
        return Top(theta=theta, beta=beta, value=value)

    def _climb(self, given: Constraint, beta: Floats, theta: Floats | None) -> tuple[Floats, float]:
        risk = self.at(beta)
        if given.group is not None:
            theta = climb(risk)[0] if theta is None else theta
            plane = (given.group - given.share) * risk.total
            return climb(risk, start=move_to(given.share, theta, risk, given.group), plane=plane)
        if given.source is None:
            return climb(risk, start=theta)
        start = even(risk) if theta is None else theta.copy()
        start[given.source] = given.rate
        if not (risk.adoptions @ start > 0).all():
            start = even(risk)
            start[given.source] = given.rate
        return climb(risk, start=start, held=given.source)

    def _step(
        self, given: Constraint, beta: Floats, theta: Floats, free: npt.NDArray[np.bool_]
    ) -> tuple[Floats, float]:
        """Give a step in `beta` that climbs the profile, and the lift it promises; no longer than `REACH`."""
        slope, bend = self._profile(given, beta, theta)
        free = free & ~((np.abs(beta) >= 2 * FAR) & (slope * beta > 0))
        spread, axes = np.linalg.eigh(-bend[np.ix_(free, free)])
        step = np.zeros_like(beta)
        # a profile that bends the wrong way is climbed all the same
        step[free] = axes @ ((axes.T @ slope[free]) / np.maximum(np.abs(spread), 1e-12))
        step *= REACH / max(float(np.abs(step).max()), REACH)
        return step, float(step @ slope)

    def _profile(self, given: Constraint, beta: Floats, theta: Floats) -> tuple[Floats, Floats]:
        """Give slope and curvature of the profile in `beta`: the rates follow, on the plane that moves with it."""
        factor = np.exp(self.traits @ beta)
        risk = self.at(beta)
        pull = risk.adoptions @ theta
        gone = -np.expm1(-pull)
        rise = (1 - gone) / gone
        bent = rise * (1 - pull / gone)
        held = (theta > 0) & (np.arange(len(theta)) != given.source)
        waiting, plane, tilt = self.waiting, np.zeros((0, len(theta))), np.zeros((0, len(beta)))
        if given.group is not None:
            side = given.group - given.share
            plane = (side * risk.total)[None]
            seen = np.zeros_like(self.waiting)
            np.add.at(seen, self.whose, self.adoptions)
            everyone = self.waiting + seen
            tilt = (factor * (everyone @ (side * theta)) @ self.traits)[None]
            gradient = loglik(theta, risk)[1]
            pressure = float(gradient[held] @ plane[0, held] / (plane[0, held] @ plane[0, held]))
            waiting = waiting + pressure * side * everyone
        idle = factor * (waiting @ theta)
        gained = np.bincount(self.whose, weights=pull * rise, minlength=len(factor)) - idle
        turned = np.bincount(self.whose, weights=pull * bent, minlength=len(factor)) - idle
        cross = (risk.adoptions.T * bent) @ self.traits[self.whose] - (waiting.T * factor) @ self.traits
        bend = -(risk.adoptions.T * (rise / gone)) @ risk.adoptions
        inner = np.block(
            [[bend[np.ix_(held, held)], -plane[:, held].T], [-plane[:, held], np.zeros((len(plane),) * 2)]]
        )
        outer = np.vstack([cross[held], -tilt])
        left = np.append((risk.adoptions.T @ rise - factor @ waiting)[held], np.zeros(len(plane)))
        follow = np.linalg.lstsq(inner, outer, rcond=None)[0]
        slope = self.traits.T @ gained - left @ follow
        return slope, (self.traits.T * turned) @ self.traits - outer.T @ follow


def share_interval(exposed: Exposed, group: Floats, value: float, top: Top) -> tuple[float, float]:
    """Give the shares that the likelihood does not refuse at 95 %."""

    @cache
    def beyond(share: float) -> float:
        return _fall(exposed, top, Constraint(group=group, share=share))

    edges: list[float] = []
    for wall in (EDGE, 1 - EDGE):
        if abs(value - wall) < 2 * EDGE or beyond(wall) <= 0:
            edges.append(round(wall))
        else:
            edges.append(_root(beyond, wall, min(max(value, 2 * EDGE), 1 - 2 * EDGE), 1.0))
    return edges[0], edges[1]


def rate_interval(exposed: Exposed, k: int, top: Top) -> tuple[float, float]:
    """Give the rates of source `k` that the likelihood does not refuse at 95 %; NaN where nobody had it."""
    total = float(exposed.at(top.beta).total[k])
    if not total > 0:
        return 0.0, np.nan
    scale = len(exposed.adoptions) / total
    best = float(top.theta[k])

    @cache
    def beyond(rate: float) -> float:
        return _fall(exposed, top, Constraint(source=k, rate=rate))

    low = 0.0 if best <= 0 or beyond(0.0) <= 0 else _root(beyond, 0.0, best, scale)
    high = max(best, 0.1 * scale)
    while beyond(high) <= 0:
        high *= 2
    return low, _root(beyond, high, best, scale)


def trait_interval(exposed: Exposed, j: int, top: Top) -> tuple[float | None, float | None]:
    """Give the logarithms of the ratio of trait `j` that are not refused at 95 %; None where a side is open."""
    best = float(top.beta[j])

    @cache
    def beyond(effect: float) -> float:
        return _fall(exposed, top, Constraint(trait=j, effect=effect))

    edges: list[float | None] = []
    for way in (-1.0, 1.0):
        reach = 0.25
        while reach < FAR and beyond(best + way * reach) <= 0:
            reach *= 2
        edges.append(None if reach >= FAR else _root(beyond, best + way * reach, best, 1.0))
    return edges[0], edges[1]


def _fall(exposed: Exposed, top: Top, given: Constraint) -> float:
    """Give the root of twice the fall of the log-likelihood under a constraint, beyond what is allowed; never infinite.

    The root of a parabola is a straight line, which `_root` follows in few steps.
    """
    fall = 2 * (top.value - exposed.best(given, top).value)
    return float(np.sqrt(min(max(fall, 0.0), LOST)) - np.sqrt(CUT))


def _root(beyond: Callable[[float], float], outer: float, inner: float, scale: float) -> float:
    """Give where the profile leaves its limit, between a value outside and one inside."""
    from scipy.optimize import brentq

    return float(brentq(beyond, outer, inner, xtol=XTOL * scale)) if beyond(inner) < 0 else inner
