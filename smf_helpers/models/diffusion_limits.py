"""Limits of adoption parameters: profile likelihood, and draws by parametric bootstrap.

There are no Wald limits here. A profile that never rises to its threshold is an open side, and an open
side is the identifiability test (Raue et al. 2009, doi:10.1093/bioinformatics/btp358).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from smf_helpers.models.diffusion_engine import STEP, TINY, Cells, Solved, begin, ceiling, mass, solve
from smf_helpers.models.diffusion_families import Law
from smf_helpers.models.scatter import (
    draw_counts,
    draw_events,
    freedom,
    measure_scatter,
    scattered_covariance,
    widen,
)

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


def scatter_of(law: Law, cells: Cells, solved: Solved) -> float:
    """Give the scatter of counts (`models.scatter`), or the residual variance of a least squares fit."""
    if cells.squares:
        seen = cells.seen[0]
        fitted = ceiling(law, cells, solved.theta)[0] * mass(law, cells, solved.theta)[0][seen]
        return float(((cells.n[0][seen] - fitted) ** 2).sum() / max(int(seen.sum()) - n_free(law, cells), 1))
    if cells.cover is not None:
        return 0.0
    n, expected, plain, _ = expect(law, cells, solved)
    return measure_scatter(n, expected, plain, n_free(law, cells))


def expect(law: Law, cells: Cells, solved: Solved) -> tuple[Floats, Floats, Floats, Floats | None]:
    """Give counts, means, variances if people adopted one by one, and people at risk, of the seen intervals.

    Below a headcount each interval is binomial among those whom the earlier ones left, which the multinomial is a product of;
    without one there is nobody to count at risk.
    """
    seen = cells.seen[0]
    n = cells.n[0][seen]
    g = np.maximum(mass(law, cells, solved.theta)[0][seen], TINY)
    if cells.eligible is None:
        expected = ceiling(law, cells, solved.theta)[0] * g
        return n, expected, expected, None
    left = cells.eligible[0] - np.concatenate([[0.0], np.cumsum(n)[:-1]])
    chance = np.minimum(g / np.maximum(1.0 - np.concatenate([[0.0], np.cumsum(g)[:-1]]), TINY), 1.0)
    return n, left * chance, left * chance * (1.0 - chance), left


def n_free(law: Law, cells: Cells) -> int:
    """Count the parameters that were estimated, the ceiling included when it was."""
    return len(law.names) + (cells.eligible is None)


def runs_to_edge(law: Law, cells: Cells, solved: Solved) -> list[int]:
    """Say for each parameter whether it ended at the lower (-1) or upper (+1) edge of its box."""
    low, high = law.box(float(cells.upper.max()))
    theta = solved.theta[0]
    near = 1e-3 * (high - low)
    return [int(up) - int(down) for down, up in zip(theta <= low + near, theta >= high - near, strict=True)]


def rises(law: Law, cells: Cells, solved: Solved, scatter: float, level: float) -> Floats:
    """Give how far the loss may rise inside the limits of m and of each parameter: F-calibrated half deviances."""
    from scipy.special import chdtri, fdtri

    size = 1 + len(law.names)
    spare = max(int(cells.seen[0].sum()) - n_free(law, cells), 1)
    if cells.squares:
        return np.full(size, scatter * fdtri(1, spare, level) / 2)
    if not scatter:
        return np.full(size, chdtri(1, 1 - level) / 2)
    alone, scattered = covariances(law, cells, solved, scatter)
    _, expected, plain, _ = expect(law, cells, solved)
    wider = widen(alone, scattered, expected, scatter)
    free = freedom(wider, expected, plain, scatter, spare)
    return np.concatenate([np.ones(size - len(wider)), wider * fdtri(1, free, level) / 2])


def covariances(law: Law, cells: Cells, solved: Solved, scatter: float) -> tuple[Floats, Floats]:
    """Give the covariance of m (unless it is known) and the engine's parameters: without the scatter, and with it."""
    seen = cells.seen[0]
    g = mass(law, cells, solved.theta)[0][seen]
    m = float(ceiling(law, cells, solved.theta)[0])
    columns = [] if cells.eligible is not None else [g]
    for k in range(len(law.names)):
        moved = solved.theta.astype(complex)
        moved[0, k] += STEP * 1j
        columns.append(m * mass(law, cells, moved)[0][seen].imag / STEP)
    slopes = np.stack(columns, axis=1)
    if cells.squares:
        alone, _ = scattered_covariance(slopes.T @ slopes, slopes, g, g, 0.0)
        return alone, alone * scatter
    information = slopes.T @ (slopes / np.maximum(m * g, 1e-12)[:, None])
    if cells.eligible is None:
        return scattered_covariance(information, slopes, m * g, m * g, scatter)
    whole = slopes.sum(axis=0)
    information += np.outer(whole, whole) / max(m * (1 - g.sum()), 1e-12)
    before = np.concatenate([[0.0], np.cumsum(g)[:-1]])
    left = np.maximum(1.0 - before, 1e-12)
    # among those at risk: what moves the share that is left moves the chance as well
    earlier = np.cumsum(slopes, axis=0) - slopes
    among = slopes + (g / left)[:, None] * earlier
    return scattered_covariance(information, among, m * g, m * g * np.maximum(1.0 - g / left, 1e-12), scatter)


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
    return _cross(profile, float(best[k]), (float(box[0][k]), float(box[1][k])), goal)


def limit_ceiling(law: Law, cells: Cells, solved: Solved, rise: float) -> tuple[float, float]:
    """Give the profile limits of m; infinite above where the market cannot be bounded.

    m is the ceiling of the expected curve, so its lower limit may lie below the adopters counted.
    """
    counted = float(cells.n[0][cells.seen[0]].sum())
    m = float(ceiling(law, cells, solved.theta)[0])

    def profile(values: Floats) -> Floats:
        rows = np.zeros(len(values), dtype=np.intp)
        fixed = replace(cells.rows(rows), eligible=np.exp(values), poisson=not cells.squares)
        start = np.tile(solved.theta[0], (len(values), 1))
        # far from the optimum the pace must fall as the ceiling rises, or the search starts lost
        start[:, 0] += np.log(m) - values
        return solve(law, fixed, start, max_steps=80, tolerance=1e-5).loss

    goal = float(profile(np.log([m]))[0]) + rise
    edges = np.log([max(counted * 0.2, 1e-12), max(m, counted) * FAR])
    low, high = _cross(profile, float(np.log(m)), (float(edges[0]), float(edges[1])), goal)
    return (float(np.exp(low)) if np.isfinite(low) else counted), float(np.exp(high))


def _cross(
    profile: Callable[[Floats], Floats], centre: float, edges: tuple[float, float], goal: float
) -> tuple[float, float]:
    """Find where the profile rises to the goal between the centre and each edge: infinite where it never does.

    Both sides are looked at together, for one batch of fits costs little more than half of one.
    """
    spans = [edge - centre for edge in edges]
    found = [float(np.sign(span) * np.inf) if span else float("nan") for span in spans]
    inner = {side: 0.0 for side, span in enumerate(spans) if abs(span) >= 1e-9}
    steps = {side: np.geomspace(1e-4, 1.0, POINTS) * spans[side] for side in inner}
    for _ in range(3):
        if not steps:
            break
        above = profile(centre + np.concatenate([*steps.values()])) >= goal
        for (side, tried), high in zip(list(steps.items()), np.split(above, len(steps)), strict=True):
            if not high.any():
                del steps[side]
                found[side] = float(np.sign(spans[side]) * np.inf)
                continue
            first = int(np.argmax(high))
            inner[side], outer = (float(tried[first - 1]) if first else inner[side]), float(tried[first])
            steps[side] = np.linspace(inner[side], outer, POINTS + 1)[1:]
            found[side] = centre + (inner[side] + outer) / 2
    return found[0], found[1]


def draw_again(law: Law, cells: Cells, solved: Solved, scatter: float, *, draws: int, seed: int) -> Draws:
    """Refit the law to series drawn from the fit, with the scatter that was seen."""
    rng = np.random.default_rng(seed)
    counted = float(cells.n[0][cells.seen[0]].sum())
    again = replace(
        cells.rows(np.zeros(draws, dtype=np.intp)), n=resample(law, cells, solved, scatter, draws, rng)
    )
    starts = (np.tile(solved.theta[0], (draws, 1)), begin(law, again))
    fits = [solve(law, again, start, max_steps=60, tolerance=1e-6) for start in starts]
    better = (fits[0].loss <= fits[1].loss + 1e-9)[:, None]
    theta = np.where(better, fits[0].theta, fits[1].theta)
    m = np.minimum(ceiling(law, again, theta), counted * FAR)
    return Draws(theta=theta, m=m)


def resample(
    law: Law, cells: Cells, solved: Solved, scatter: float, draws: int, rng: np.random.Generator
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
        return np.asarray(m * share + rng.normal(0.0, np.sqrt(scatter), (draws, len(share))))
    if cells.eligible is None:
        return draw_counts(rng, np.broadcast_to(m * share, (draws, len(share))), scatter)
    if not scatter:
        parts = np.append(share, max(1.0 - share.sum(), 0.0))
        return np.asarray(rng.multinomial(round(m), parts / parts.sum(), size=draws)[:, :-1], dtype=float)
    left = np.full(draws, round(m))
    chances = np.minimum(share / np.maximum(1.0 - np.cumsum(share) + share, TINY), 1.0)
    drawn = np.empty((draws, len(share)))
    for interval, chance in enumerate(chances):
        drawn[:, interval] = draw_events(rng, left, chance, scatter)
        left = left - drawn[:, interval].astype(int)
    return drawn
