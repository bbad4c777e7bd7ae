"""Limits of adoption parameters: profile likelihood, and draws by parametric bootstrap.

There are no Wald limits here. A profile that never rises to its threshold is an open side, and an open
side is the identifiability test (Raue et al. 2009, doi:10.1093/bioinformatics/btp358).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from smf_helpers.models.diffusion_engine import Cells, Solved, begin, ceiling, mass, solve
from smf_helpers.models.diffusion_families import Law

Floats = npt.NDArray[np.float64]

FAR: Final = 1000.0
"""A ceiling this many times the adopters counts as unbounded."""

POINTS: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Draws:
    """Parameters refitted to resampled series.

    Attributes
    ----------
    theta : shape (draws, K). m : ceilings, shape (draws,).
    """

    theta: Floats
    m: Floats


def dispersion(law: Law, cells: Cells, solved: Solved) -> float:
    """Give the over-dispersion of counts (Pearson, at least 1), or the residual variance of a least squares fit."""
    seen = cells.seen[0]
    m = ceiling(law, cells, solved.theta)[0]
    expected = m * mass(law, cells, solved.theta)[0][seen]
    spare = max(int(seen.sum()) - n_free(law, cells), 1)
    squares = (cells.n[0][seen] - expected) ** 2
    if cells.squares:
        return float(squares.sum() / spare)
    if cells.cover is not None:
        return 1.0
    told = expected > 0.5
    return max(
        1.0, float((squares[told] / expected[told]).sum() / max(int(told.sum()) - n_free(law, cells), 1))
    )


def n_free(law: Law, cells: Cells) -> int:
    """Count the parameters that were estimated, the ceiling included when it was."""
    return len(law.names) + (cells.eligible is None)


def runs_to_edge(law: Law, cells: Cells, solved: Solved) -> list[int]:
    """Say for each parameter whether it ended at the lower (-1) or upper (+1) edge of its box."""
    low, high = law.box(float(cells.upper.max()))
    theta = solved.theta[0]
    near = 1e-3 * (high - low)
    return [int(up) - int(down) for down, up in zip(theta <= low + near, theta >= high - near, strict=True)]


def threshold(law: Law, cells: Cells, spread: float, level: float) -> float:
    """Give how far the loss may rise inside the limits: F-calibrated half deviance."""
    from scipy.special import chdtri, fdtri

    spare = max(int(cells.seen[0].sum()) - n_free(law, cells), 1)
    if cells.squares or spread > 1.0:
        return float(spread * fdtri(1, spare, level) / 2)
    return float(chdtri(1, 1 - level) / 2)


def limit_parameter(law: Law, cells: Cells, solved: Solved, k: int, rise: float) -> tuple[float, float]:
    """Give the profile limits of parameter `k` on the engine's scale; infinite where a side is open."""
    box = law.box(float(cells.upper.max()))
    best = solved.theta[0]

    def profile(values: Floats) -> Floats:
        start = np.tile(best, (len(values), 1))
        start[:, k] = values
        rows = np.zeros(len(values), dtype=np.intp)
        return solve(law, cells.rows(rows), start, fixed=(k,), max_steps=60, tolerance=1e-5).loss

    goal = float(solved.loss[0]) + rise
    low, high = (_cross(profile, float(best[k]), float(edge[k]), goal) for edge in box)
    return low, high


def limit_ceiling(law: Law, cells: Cells, solved: Solved, rise: float) -> tuple[float, float]:
    """Give the profile limits of m; infinite above where the market cannot be bounded.

    m is the ceiling of the expected curve, so its lower limit may lie below the adopters counted. It rests on
    their sum, so where counts are over-dispersed and large intervals vary more than small ones (negative binomial),
    the dispersion of the sum widens the limits, not only that of the typical interval.
    """
    counted = float(cells.n[0][cells.seen[0]].sum())
    m = float(ceiling(law, cells, solved.theta)[0])
    rise *= _excess_of_the_sum(law, cells, solved, m)

    def profile(values: Floats) -> Floats:
        rows = np.zeros(len(values), dtype=np.intp)
        fixed = replace(cells.rows(rows), eligible=np.exp(values), poisson=not cells.squares)
        start = np.tile(solved.theta[0], (len(values), 1))
        # far from the optimum the pace must fall as the ceiling rises, or the search starts lost
        start[:, 0] += np.log(m) - values
        return solve(law, fixed, start, max_steps=80, tolerance=1e-5).loss

    goal = float(profile(np.log([m]))[0]) + rise
    low = _cross(profile, np.log(m), np.log(max(counted * 0.2, 1e-12)), goal)
    high = _cross(profile, np.log(m), np.log(max(m, counted) * FAR), goal)
    return (float(np.exp(low)) if np.isfinite(low) else counted), float(np.exp(high))


def _excess_of_the_sum(law: Law, cells: Cells, solved: Solved, m: float) -> float:
    """Give the dispersion of the sum of the counts as a multiple of that of the typical one; at least 1."""
    spread = dispersion(law, cells, solved)
    if cells.squares or spread <= 1.0:
        return 1.0
    seen = cells.seen[0]
    expected = m * mass(law, cells, solved.theta)[0][seen]
    spare = max(int(seen.sum()) - n_free(law, cells), 1) / int(seen.sum())
    of_sum = float(((cells.n[0][seen] - expected) ** 2).sum() / expected.sum() / spare)
    return max(1.0, of_sum / spread)


def _cross(profile: Callable[[Floats], Floats], centre: float, edge: float, goal: float) -> float:
    """Find where the profile rises to the goal between the centre and the edge."""
    span = edge - centre
    if abs(span) < 1e-9:
        return float(np.sign(span) * np.inf) if span else float("nan")
    inner, steps = 0.0, np.geomspace(1e-4, 1.0, POINTS) * span
    for _ in range(3):
        above = np.flatnonzero(profile(centre + steps) >= goal)
        if not len(above):
            return float(np.sign(span) * np.inf)
        first = above[0]
        inner, outer = (float(steps[first - 1]) if first else inner), float(steps[first])
        steps = np.linspace(inner, outer, POINTS + 1)[1:]
    return centre + (inner + outer) / 2


def draw_again(law: Law, cells: Cells, solved: Solved, spread: float, *, draws: int, seed: int) -> Draws:
    """Refit the law to series drawn from the fit, with the over-dispersion that was seen."""
    rng = np.random.default_rng(seed)
    counted = float(cells.n[0][cells.seen[0]].sum())
    again = replace(
        cells.rows(np.zeros(draws, dtype=np.intp)), n=resample(law, cells, solved, spread, draws, rng)
    )
    starts = (np.tile(solved.theta[0], (draws, 1)), begin(law, again))
    fits = [solve(law, again, start, max_steps=60, tolerance=1e-6) for start in starts]
    better = (fits[0].loss <= fits[1].loss + 1e-9)[:, None]
    theta = np.where(better, fits[0].theta, fits[1].theta)
    m = np.minimum(ceiling(law, again, theta), counted * FAR)
    return Draws(theta=theta, m=m)


def resample(
    law: Law, cells: Cells, solved: Solved, spread: float, draws: int, rng: np.random.Generator
) -> Floats:
    """Draw counts (or shares) from a fit, shape (draws, C)."""
    m = float(ceiling(law, cells, solved.theta)[0])
    if cells.cover is not None and not cells.squares:
        # who was asked when is part of the data: resample people, not intervals
        people = round(m)
        chances = np.append(cells.n[0], max(m - cells.n[0].sum(), 0.0)) / m
        return np.asarray(rng.multinomial(people, chances, draws)[:, :-1], dtype=float)
    share = np.where(cells.seen[0], np.maximum(mass(law, cells, solved.theta)[0], 0.0), 0.0)
    if cells.squares:
        return np.asarray(m * share + rng.normal(0.0, np.sqrt(spread), (draws, len(share))))
    if cells.eligible is None:
        return np.asarray(spread * rng.poisson(m * share / spread, (draws, len(share))))
    groups = max(round(m / spread), 1)
    parts = np.append(share, max(1.0 - share.sum(), 0.0))
    return np.asarray(m / groups * rng.multinomial(groups, parts / parts.sum(), size=draws)[:, :-1])
