"""People who differ: rates multiplied by ``exp(x_i'beta)``, and the profiles behind every interval.

The additive rates of `hazard_likelihood` hold for a typical person; a trait (a role, a unit, years of tenure) makes a
person more or less ready for all of them alike. Given `beta` the likelihood is the concave one of the rates, so `beta`
is searched from outside with the exact slope of the profile; without traits there is no search at all.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from smf_helpers.models.hazard_likelihood import CUT, AtRisk, climb, even, loglik, move_to
from smf_helpers.results.path import Floats

EDGE: Final = 1e-6
"""Shares closer than this to 0 or 1 count as 0 or 1."""

LOST: Final = 1e6
"""Fall of the likelihood that stands for an impossible value."""

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
        """Give the top under a constraint, searched from `near`."""
        given = given or Constraint()
        n_traits = self.traits.shape[1]
        beta = np.zeros(n_traits) if near is None else near.beta.copy()
        if given.trait is not None:
            beta[given.trait] = given.effect
        theta = None if near is None else near.theta
        free = np.flatnonzero(np.arange(n_traits) != (-1 if given.trait is None else given.trait))
        if len(free):
            beta = self._search(given, beta, theta, free)
        found, value = self._climb(given, beta, theta)
        return Top(theta=found, beta=beta, value=value)

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

    def _search(
        self, given: Constraint, beta: Floats, theta: Floats | None, free: npt.NDArray[np.intp]
    ) -> Floats:
        from scipy.optimize import minimize

        size = max(len(self.adoptions), 1)

        def minus(part: Floats) -> tuple[float, Floats]:
            moved = beta.copy()
            moved[free] = np.clip(part, -2 * FAR, 2 * FAR)
            found, value = self._climb(given, moved, theta)
            if not np.isfinite(value):
                return LOST, np.zeros(len(free))
            return -value / size, -self._slope(given, moved, found)[free] / size

        found = minimize(minus, beta[free], jac=True, method="BFGS", options={"gtol": 1e-8})
        beta = beta.copy()
        beta[free] = np.clip(found.x, -2 * FAR, 2 * FAR)
        return beta

    def _slope(self, given: Constraint, beta: Floats, theta: Floats) -> Floats:
        """Give the slope of the profile in `beta`: that of the likelihood, and of the plane that moves with it."""
        factor = np.exp(self.traits @ beta)
        risk = self.at(beta)
        pull = risk.adoptions @ theta
        gone = -np.expm1(-pull)
        gained = np.bincount(self.whose, weights=pull * (1 - gone) / gone, minlength=len(self.traits))
        weight = np.asarray(gained - factor * (self.waiting @ theta), dtype=float)
        if given.group is not None:
            side = given.group - given.share
            plane = side * risk.total
            held = theta > 0
            gradient = loglik(theta, risk)[1]
            pressure = float(gradient[held] @ plane[held] / (plane[held] @ plane[held]))
            seen = np.zeros_like(self.waiting)
            np.add.at(seen, self.whose, self.adoptions)
            weight = weight - pressure * factor * ((self.waiting + seen) @ (side * theta))
        return self.traits.T @ weight


def share_interval(exposed: Exposed, group: Floats, value: float, top: Top) -> tuple[float, float]:
    """Give the shares that the likelihood does not refuse at 95 %."""

    def beyond(share: float) -> float:
        return _fall(exposed, top, Constraint(group=group, share=share))

    edges: list[float] = []
    for wall in (EDGE, 1 - EDGE):
        if abs(value - wall) < 2 * EDGE or beyond(wall) <= 0:
            edges.append(round(wall))
        else:
            edges.append(_root(beyond, wall, min(max(value, 2 * EDGE), 1 - 2 * EDGE), 1e-6))
    return edges[0], edges[1]


def rate_interval(exposed: Exposed, k: int, top: Top) -> tuple[float, float]:
    """Give the rates of source `k` that the likelihood does not refuse at 95 %; NaN where nobody had it."""
    total = float(exposed.at(top.beta).total[k])
    if not total > 0:
        return 0.0, np.nan
    scale = len(exposed.adoptions) / total
    best = float(top.theta[k])

    def beyond(rate: float) -> float:
        return _fall(exposed, top, Constraint(source=k, rate=rate))

    low = 0.0 if best <= 0 or beyond(0.0) <= 0 else _root(beyond, 0.0, best, 1e-6 * scale)
    high = max(best, 0.1 * scale)
    while beyond(high) <= 0:
        high *= 2
    return low, _root(beyond, high, best, 1e-6 * scale)


def trait_interval(exposed: Exposed, j: int, top: Top) -> tuple[float | None, float | None]:
    """Give the logarithms of the ratio of trait `j` that are not refused at 95 %; None where a side is open."""
    best = float(top.beta[j])

    def beyond(effect: float) -> float:
        return _fall(exposed, top, Constraint(trait=j, effect=effect))

    edges: list[float | None] = []
    for way in (-1.0, 1.0):
        reach = 0.25
        while reach < FAR and beyond(best + way * reach) <= 0:
            reach *= 2
        edges.append(None if reach >= FAR else _root(beyond, best + way * reach, best, 1e-5))
    return edges[0], edges[1]


def _fall(exposed: Exposed, top: Top, given: Constraint) -> float:
    """Give how far twice the log-likelihood falls under a constraint, beyond what is allowed; never infinite."""
    return min(2 * (top.value - exposed.best(given, top).value), LOST) - CUT


def _root(beyond: Callable[[float], float], outer: float, inner: float, xtol: float) -> float:
    """Give where the profile leaves its limit, between a value outside and one inside."""
    from scipy.optimize import brentq

    return float(brentq(beyond, outer, inner, xtol=xtol)) if beyond(inner) < 0 else inner
