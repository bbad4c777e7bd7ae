"""The engine under the adoption fits: many small likelihoods at once.

Adopters are counts in intervals; a law gives each interval its share ``g_j = F(b_j) - F(a_j)``.
The market ceiling m never enters the search (METHODS: projected out):

- ``eligible`` known: multinomial over the intervals and the rest who have not adopted;
- m unknown: multinomial over the intervals, then ``m = sum(n) / sum(g)`` (Poisson profile);
- least squares: ``m = n'g / g'g`` (variable projection), or the known ceiling.

Fits are solved together, one row a data set, by Levenberg-Marquardt on Fisher information with
derivatives by complex steps, so bootstrap, profiles, rolling origins and a thousand units all cost one
call. An optional normal prior on the parameters gives partial pooling.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from smf_helpers.models.diffusion_families import Law

Floats = npt.NDArray[np.float64]
TINY: Final = 1e-14
STEP: Final = 1e-30


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """Counts in intervals, one row a data set; all rows share the intervals.

    Attributes
    ----------
    lower, upper : ends of the intervals since the origin, shape (C,).
    n : new adopters (or increments of a share), shape (B, C).
    seen : False where the count is unknown, shape (B, C).
    eligible : ceiling of each data set, shape (B,), or None when it is estimated.
    poisson : True where a given ceiling is the mean of a Poisson count, not a headcount.
    squares : least squares instead of the count likelihood.
    cover : ends of the disjoint stretches that overlapping intervals cover together; None when the
        intervals do not overlap.
    """

    lower: Floats
    upper: Floats
    n: Floats
    seen: npt.NDArray[np.bool_]
    eligible: Floats | None = None
    poisson: bool = False
    squares: bool = False
    cover: tuple[Floats, Floats] | None = None

    def rows(self, chosen: npt.NDArray[np.intp] | npt.NDArray[np.bool_]) -> "Cells":
        """Give the data sets of these rows."""
        known = None if self.eligible is None else self.eligible[chosen]
        return replace(self, n=self.n[chosen], seen=self.seen[chosen], eligible=known)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prior:
    """A normal prior on the engine's parameters, shared by all rows."""

    mean: Floats
    precision: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Solved:
    """What the engine found, one row a data set.

    Attributes
    ----------
    theta : parameters, shape (B, K).
    loss : half deviance up to a constant, or half the residual sum of squares; shape (B,).
    information : Fisher (or Gauss-Newton) matrix of the likelihood at the optimum, shape (B, K, K).
    converged : shape (B,).
    """

    theta: Floats
    loss: Floats
    information: Floats
    converged: npt.NDArray[np.bool_]


def mass(law: Law, cells: Cells, theta: npt.NDArray) -> npt.NDArray:
    """Give the share of adopters in each interval, shape (B, C)."""
    return _between(law, cells.lower, cells.upper, theta)


def _between(law: Law, lower: Floats, upper: Floats, theta: npt.NDArray) -> npt.NDArray:
    if np.array_equal(lower[1:], upper[:-1]):
        share = law.cdf(np.concatenate([lower[:1], upper]), theta)
        share[:, 0] = np.where(lower[:1] > 0, share[:, 0], 0.0)
        return np.diff(share, axis=1)
    knots, at = np.unique(np.concatenate([lower, upper]), return_inverse=True)
    share = law.cdf(knots, theta)
    before = np.where(lower > 0, share[:, at[: len(lower)]], 0.0)
    return share[:, at[len(lower) :]] - before


def _covered(law: Law, cells: Cells, theta: npt.NDArray, g: npt.NDArray) -> npt.NDArray:
    """Give the share of adopters in all seen intervals together, shape (B,)."""
    if cells.cover is None:
        return np.asarray(g.sum(axis=1))
    return np.asarray(_between(law, *cells.cover, theta).sum(axis=1))


def ceiling(law: Law, cells: Cells, theta: Floats) -> Floats:
    """Give m of each row: the known ceiling, or its optimum given the parameters."""
    if cells.eligible is not None:
        return cells.eligible
    g = _seen_mass(law, cells, theta)
    n = np.where(cells.seen, cells.n, 0.0)
    if cells.squares:
        return np.asarray((n * g).sum(axis=1) / np.maximum((g * g).sum(axis=1), TINY**2))
    return np.asarray(n.sum(axis=1) / np.maximum(_covered(law, cells, theta, g), TINY))


def evaluate(law: Law, cells: Cells, theta: Floats) -> Floats:
    """Give the loss of each row."""
    g = _seen_mass(law, cells, theta)
    return _loss(cells, g, _covered(law, cells, theta, g))


def _seen_mass(law: Law, cells: Cells, theta: Floats) -> Floats:
    """Give the shares of the seen intervals, at least `TINY`, so that a sum of them is one too."""
    return np.where(cells.seen, np.maximum(mass(law, cells, theta), TINY), 0.0)


def _loss(cells: Cells, g: Floats, total: Floats) -> Floats:
    n = np.where(cells.seen, cells.n, 0.0)
    if cells.squares:
        m = cells.eligible
        if m is None:
            m = (n * g).sum(axis=1) / np.maximum((g * g).sum(axis=1), TINY**2)
        return np.asarray(((n - m[:, None] * g) ** 2).sum(axis=1) / 2)
    told = -(n * np.log(np.maximum(g, TINY))).sum(axis=1)
    if cells.eligible is None:
        return np.asarray(told + n.sum(axis=1) * np.log(np.maximum(total, TINY)))
    if cells.poisson:
        return np.asarray(told - n.sum(axis=1) * np.log(cells.eligible) + cells.eligible * total)
    left = cells.eligible - n.sum(axis=1)
    return np.asarray(told - left * np.log(np.maximum(1 - total, TINY)))


def _slopes(
    law: Law, cells: Cells, theta: Floats, free: npt.NDArray[np.intp]
) -> tuple[Floats, Floats, Floats]:
    """Give loss, gradient (B, K) and Fisher information (B, K, K) in the free parameters."""
    g, jac = _between_slopes(law, cells.lower, cells.upper, theta, free)
    g = np.maximum(g, TINY)
    if not cells.seen.all():
        g, jac = np.where(cells.seen, g, 0.0), np.where(cells.seen[:, :, None], jac, 0.0)
    if cells.squares:
        total, whole = np.zeros(len(g)), np.zeros((len(g), len(free)))
    elif cells.cover is None:
        total, whole = g.sum(axis=1), jac.sum(axis=1)
    else:
        total, whole = (part.sum(axis=1) for part in _between_slopes(law, *cells.cover, theta, free))
    n = np.where(cells.seen, cells.n, 0.0)
    return (_loss(cells, g, total), *_normal_equations(cells, n, g, total, jac, whole))


def _between_slopes(
    law: Law, lower: Floats, upper: Floats, theta: Floats, free: npt.NDArray[np.intp]
) -> tuple[Floats, Floats]:
    """Give the share in each interval, shape (B, C), and its derivatives, shape (B, C, K)."""
    if np.array_equal(lower[1:], upper[:-1]):
        share, jac = _cdf_slopes(law, np.concatenate([lower[:1], upper]), theta, free)
        if not lower[0] > 0:
            share[:, 0], jac[:, 0] = 0.0, 0.0
        return np.diff(share, axis=1), np.diff(jac, axis=1)
    knots, at = np.unique(np.concatenate([lower, upper]), return_inverse=True)
    share, jac = _cdf_slopes(law, knots, theta, free)
    began = lower > 0
    before, after = at[: len(lower)], at[len(lower) :]
    g = share[:, after] - np.where(began, share[:, before], 0.0)
    return g, jac[:, after] - np.where(began[:, None], jac[:, before], 0.0)


def _cdf_slopes(law: Law, t: Floats, theta: Floats, free: npt.NDArray[np.intp]) -> tuple[Floats, Floats]:
    if law.slopes is not None:
        share, jac = law.slopes(t, theta)
        return share, jac if len(free) == jac.shape[2] else jac[:, :, free]
    jac = np.empty((len(theta), len(t), len(free)))
    for place, k in enumerate(free):
        moved = theta.astype(complex)
        moved[:, k] += 1j * STEP
        jac[:, :, place] = law.cdf(t, moved).imag / STEP
    return np.asarray(law.cdf(t, theta), dtype=float), jac


def _times(jac: Floats, weights: Floats) -> Floats:
    """Give for every row the sum over intervals of weight times slope, shape (B, K)."""
    return np.asarray((weights[:, None, :] @ jac)[:, 0])


def _cross(left: Floats, right: Floats) -> Floats:
    """Give for every row the sum over intervals of the outer products, shape (B, K, K)."""
    return np.asarray(left.transpose(0, 2, 1) @ right)


def _normal_equations(
    cells: Cells, n: Floats, g: Floats, total: Floats, jac: Floats, whole: Floats
) -> tuple[Floats, Floats]:
    safe = np.maximum(g, TINY)
    if cells.squares:
        m = cells.eligible
        inside = m is None
        if m is None:
            m = (n * g).sum(axis=1) / np.maximum((g * g).sum(axis=1), TINY**2)
        residual = n - m[:, None] * g
        slope = m[:, None, None] * jac
        if inside:
            along = (slope * g[:, :, None]).sum(axis=1) / np.maximum((g * g).sum(axis=1), TINY**2)[:, None]
            slope = slope - g[:, :, None] * along[:, None, :]
        return -_times(slope, residual), _cross(slope, slope)
    score = _times(jac, n / safe)
    spread = _cross(jac, jac / safe[:, :, None])
    outer = whole[:, :, None] * whole[:, None, :]
    if cells.eligible is None:
        counted = n.sum(axis=1)
        per_total = (counted / np.maximum(total, TINY))[:, None]
        if cells.cover is not None:
            spread = _cross(jac, jac * (n / safe**2)[:, :, None]) / per_total[:, :, None]
        bend = per_total[:, :, None] * (spread - outer / np.maximum(total, TINY)[:, None, None])
        return -(score - per_total * whole), bend
    m = cells.eligible[:, None]
    if cells.poisson:
        return -(score - m * whole), m[:, :, None] * spread
    rest = np.maximum(1 - total, TINY)[:, None]
    left = m - n.sum(axis=1)[:, None]
    slope = -(score - left / rest * whole)
    if cells.cover is not None:
        # overlapping intervals have no expected counts of their own: information as observed
        seen = _cross(jac, jac * (n / safe**2)[:, :, None])
        return slope, seen + (left / rest**2)[:, :, None] * outer
    return slope, m[:, :, None] * (spread + outer / rest[:, :, None])


def solve(
    law: Law,
    cells: Cells,
    start: Floats,
    *,
    fixed: tuple[int, ...] = (),
    prior: Prior | None = None,
    max_steps: int = 300,
    tolerance: float = 1e-8,
) -> Solved:
    """Minimise the loss of every row from its start, inside the box of the law.

    Parameters
    ----------
    law, cells : what is fitted to what.
    start : parameters to begin with, shape (B, K).
    fixed : parameters that stay where they start.
    prior : normal prior for partial pooling.
    max_steps : steps after which a row counts as not converged.
    tolerance : a row is done when no parameter moves further than this.
    """
    low, high = law.box(float(cells.upper.max()))
    free = np.array([k for k in range(start.shape[1]) if k not in fixed], dtype=np.intp)
    theta = np.clip(start, low, high) if not fixed else start.copy()
    damping = np.full(len(theta), 1e-3)
    todo = np.full(len(theta), len(free) > 0)
    loss, slope, bend = _with_prior(prior, theta, free, *_slopes(law, cells, theta, free))
    for _ in range(max_steps):
        rows = np.flatnonzero(todo)
        if not len(rows):
            break
        here = theta[rows]
        tried = here.copy()
        step = _step(here[:, free], slope[rows], bend[rows], damping[rows], low[free], high[free])
        tried[:, free] = np.clip(here[:, free] + step, low[free], high[free])
        part = cells if len(rows) == len(theta) else cells.rows(rows)
        after = _with_prior(prior, tried, free, *_slopes(law, part, tried, free))
        better = after[0] <= loss[rows]
        moved = np.abs(tried - here).max(axis=1)
        won = rows[better]
        theta[won] = tried[better]
        loss[won], slope[won], bend[won] = (made[better] for made in after)
        damping[rows] = np.where(better, np.maximum(damping[rows] * 0.1, 1e-12), damping[rows] * 10)
        todo[rows] = ~((moved < tolerance) | (~better & (damping[rows] > 1e10)))
    loss, _, bend = _slopes(law, cells, theta, np.arange(theta.shape[1]))
    return Solved(theta=theta, loss=loss, information=bend, converged=~todo)


def _step(here: Floats, slope: Floats, bend: Floats, damping: Floats, low: Floats, high: Floats) -> Floats:
    """Give the damped step of every row; a parameter at its limit that wants to go further waits there."""
    scale = np.einsum("bkk->bk", bend)
    ridge = damping[:, None] * scale + 1e-12 * scale.max(axis=1, keepdims=True) + 1e-300
    stuck = ((here <= low) & (slope > 0)) | ((here >= high) & (slope < 0))
    held = np.where(stuck[:, :, None] | stuck[:, None, :], 0.0, bend)
    matrix = held + ridge[:, :, None] * np.eye(here.shape[1])
    step = -np.linalg.solve(matrix, np.where(stuck, 0.0, slope)[:, :, None])[:, :, 0]
    return np.asarray(np.clip(step, -4.0, 4.0), dtype=float)


def _with_prior(
    prior: Prior | None, theta: Floats, free: npt.NDArray[np.intp], loss: Floats, slope: Floats, bend: Floats
) -> tuple[Floats, Floats, Floats]:
    if prior is None:
        return loss, slope, bend
    pull = (theta - prior.mean) @ prior.precision
    return loss + _penalty(prior, theta), slope + pull[:, free], bend + prior.precision[np.ix_(free, free)]


def _penalty(prior: Prior | None, theta: Floats) -> Floats:
    if prior is None:
        return np.zeros(len(theta))
    away = theta - prior.mean
    return np.asarray(np.einsum("bk,kl,bl->b", away, prior.precision, away) / 2)


def fit_law(law: Law, cells: Cells) -> Solved:
    """Fit one law to every row of `cells` from the best point of its grid."""
    return solve(law, cells, begin(law, cells))


def begin(law: Law, cells: Cells, *, points: int = 16) -> Floats:
    """Give every row the best starting point of a grid over the first two parameters of the box.

    The shares of the grid do not depend on the data, so a thousand rows cost one matrix product.
    """
    low, high = law.box(float(cells.upper.max()))
    middle = np.linspace(0.0, 1.0, points + 2)[1:-1]
    axes = [low[k] + middle * (high[k] - low[k]) for k in range(min(2, len(low)))]
    grid = np.stack([axis.ravel() for axis in np.meshgrid(*axes, indexing="ij")], axis=1)
    grid = np.hstack([grid, np.zeros((len(grid), len(low) - grid.shape[1]))])
    shares = np.maximum(np.asarray(mass(law, cells, grid), dtype=float), TINY)
    total = (
        cells.seen.astype(float) @ shares.T
        if cells.cover is None
        else _covered(law, cells, grid, shares)[None]
    )
    return grid[_grid_losses(cells, shares, total).argmin(axis=1)]


def _grid_losses(cells: Cells, shares: Floats, total: Floats) -> Floats:
    """Give the loss of every row at every grid point, shape (B, G)."""
    n = np.where(cells.seen, cells.n, 0.0)
    if cells.squares:
        cross, norm = n @ shares.T, cells.seen.astype(float) @ (shares * shares).T
        if cells.eligible is None:
            return np.asarray(-(np.maximum(cross, 0.0) ** 2) / np.maximum(norm, TINY**2))
        m = cells.eligible[:, None]
        return np.asarray(m * m * norm - 2 * m * cross)
    told = -(n @ np.log(shares).T)
    counted = n.sum(axis=1, keepdims=True)
    if cells.eligible is None:
        return np.asarray(told + counted * np.log(np.maximum(total, TINY)))
    left = cells.eligible[:, None] - counted
    return np.asarray(told - left * np.log(np.maximum(1 - total, TINY)))
