"""Profile-likelihood intervals for any curve, calibrated by F (Bates & Watts 1988; Raue et al. 2009).

A limit is where the lowest residual sum of squares with one parameter held reaches
``RSS_min (1 + t² / (n - p))``, t being Student's quantile. Where it never gets there the data do not bound
the parameter on that side, and the side stays open: this is the test of identifiability.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from smf_helpers.models.curves_engine import Array, Problem, descend

REACH = 1e6
"""How many standard errors away a limit is looked for before a side is called open."""


def profile_limits(
    problem: Problem, theta: Array, rss: float, se: float, place: int, quantile: float
) -> tuple[float, float]:
    """Give the two limits of one parameter; NaN for an open side.

    Parameters
    ----------
    problem : the problem as solved; theta, rss : its solution.
    se : standard error of the parameter, the first step outwards.
    place : position of the parameter; quantile : Student's t for the level wanted.
    """
    spread = np.sqrt(rss / (problem.y.size - problem.size))
    limits = []
    for side in (-1.0, 1.0):
        height = _height(problem, theta, rss, spread, place)
        bound = float(problem.lower[place] if side < 0 else problem.upper[place])
        limits.append(_crossing(height, float(theta[place]), side * se * quantile, bound, se, quantile))
    return limits[0], limits[1]


def _height(
    problem: Problem, theta: Array, rss: float, spread: float, place: int
) -> Callable[[float], float]:
    """Make the signless profile t: how many standard deviations the data resist a held value."""
    others = np.delete(np.arange(problem.size), place)
    linear = tuple(int(np.flatnonzero(others == p)[0]) for p in problem.linear if p != place)
    last = {"theta": theta[others]}

    def height(held: float) -> float:
        def curve(x: Any, *free: Any) -> Any:
            full = list(free)
            full.insert(place, held)
            return problem.curve(x, *full)

        rest = replace(
            problem, curve=curve, lower=problem.lower[others], upper=problem.upper[others], linear=linear
        )
        end = descend(rest, last["theta"], steps=60, tolerance=1e-8)
        if np.isfinite(end.rss):
            last["theta"] = end.theta
        return float(np.sqrt(max(end.rss - rss, 0.0)) / spread)

    return height


def _crossing(
    height: Callable[[float], float], centre: float, step: float, bound: float, se: float, target: float
) -> float:
    """Walk outwards until the height passes the target, then close in on the crossing."""
    inside, low = centre, -target
    trial = centre + step
    for _ in range(40):
        beyond = (trial - bound) * np.sign(step) >= 0
        trial = bound if beyond else trial
        gap = height(trial) - target
        if gap >= 0:
            return _close_in(height, inside, low, trial, gap, target)
        if beyond or abs(trial - centre) > REACH * se:
            return float("nan")
        slope = (gap - low) / (trial - inside)
        inside, low = trial, gap
        ahead = -gap / slope if slope * step > 0 else np.inf * np.sign(step)
        reach = 4.0 * abs(trial - centre)
        trial = trial + np.sign(step) * min(max(1.1 * abs(ahead), 0.05 * abs(step)), reach)
    return float("nan")


def _close_in(
    height: Callable[[float], float], inside: float, low: float, outside: float, high: float, target: float
) -> float:
    """Find the crossing between a point inside and one outside (Illinois form of the secant)."""
    kept = 0
    trial = outside
    for _ in range(60):
        if abs(high) <= 1e-6 * target:
            return outside
        trial = outside - high * (outside - inside) / (high - low) if high != low else (inside + outside) / 2
        gap = height(trial) - target
        if abs(gap) <= 1e-6 * target or abs(outside - inside) <= 1e-10 * abs(trial):
            return trial
        if gap > 0:
            outside, high = trial, gap
            low = low / 2 if kept == 1 else low
            kept = 1
        else:
            inside, low = trial, gap
            high = high / 2 if kept == -1 else high
            kept = -1
    return trial
