"""Every learner alone, thousands at once: variable projection on the pace.

For a learner with centred scores y and centred shape g(u), the sum of squares that a pace leaves is
``RSS(u) = S_yy - h(u)``, ``h = S_gy² / S_gg``. The two linear parameters are projected out (Golub & Pereyra
1973), so each learner is a search in one dimension: a grid over u, then safeguarded Newton steps with closed
derivatives. It needs no start values, cannot diverge, and the grid is the profile likelihood.
"""

from dataclasses import dataclass

import numpy as np

from smf_helpers.models.curves_engine import Array
from smf_helpers.models.learning_shapes import LearningShape, left_and_slopes

GRID = 48
BLOCK = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """The scores of many learners, one row each, padded on the right.

    Attributes
    ----------
    s : distance from the learner's own first measurement; y : score less `centre`; seen : which places are real.
    e : experience at the first measurement, shape (learners,); n : measurements of each learner.
    gap : typical distance of two measurements; ahead : distance to the next one, as the latest were apart.
    centre : subtracted from every score.
    """

    s: Array
    y: Array
    seen: Array
    e: Array
    n: Array
    gap: float
    ahead: float
    centre: float

    def take(self, rows: Array) -> "Series":
        """Give some of the learners, with as many places as the longest of them needs."""
        width = int(self.n[rows].max(initial=1))
        return Series(
            s=self.s[rows, :width],
            y=self.y[rows, :width],
            seen=self.seen[rows, :width],
            e=self.e[rows],
            n=self.n[rows],
            gap=self.gap,
            ahead=self.ahead,
            centre=self.centre,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Alone:
    """Least-squares fit of each learner alone.

    Attributes
    ----------
    u : log of the pace; a, b : asymptote (less the centre) and gain; rss : residual sum of squares.
    edge : -1 at the slow edge, 1 at the fast edge, 0 inside; rising : some pace gives a positive gain.
    covariance : of (a, b, u) over sigma², shape (learners, 3, 3), NaN where it is singular.
    """

    u: Array
    a: Array
    b: Array
    rss: Array
    edge: Array
    rising: Array
    covariance: Array


def pace_grid(shape: LearningShape, gap: float, count: int = GRID) -> Array:
    """Give the log paces from the slowest to the fastest that measurements `gap` apart can tell."""
    unit = np.log(gap) if shape.scaled else 0.0
    low, high = np.log(shape.edges)
    return np.linspace(low - unit, high - unit, count)


def centred(series: Series) -> tuple[Array, Array]:
    """Give the scores less each learner's mean, and their sum of squares."""
    mean = np.sum(series.y, axis=1) / np.maximum(series.n, 1)
    y = np.where(series.seen, series.y - mean[:, None], 0.0)
    return y, np.einsum("ij,ij->i", y, y)


def project_on_grid(shape: LearningShape, series: Series, y: Array, grid: Array, common: float) -> Array:
    """Give h at every grid point, shape (learners, points); zero where the gain would be negative."""
    patterns, which = _patterns(series)
    if patterns is not None:
        h = np.empty((len(series.n), grid.size))
        for place, row in enumerate(patterns):
            members = which == place
            members = slice(None) if len(patterns) == 1 else members
            seen = series.seen[row]
            g = shape.left(series.s[row][None, :], series.e[row], grid[:, None], common) * seen
            g = np.where(seen, g - (g.sum(axis=1) / max(series.n[row], 1))[:, None], 0.0)
            size = np.einsum("ij,ij->i", g, g)
            product = y[members] @ (g / np.sqrt(np.maximum(size, 1e-300))[:, None]).T
            h[members] = np.square(np.minimum(product, 0.0, out=product), out=product)
        return h
    blocks = [slice(first, first + BLOCK // 4) for first in range(0, len(series.n), BLOCK // 4)]
    return np.concatenate([_block(shape, series, y, grid, common, block) for block in blocks])


def _patterns(series: Series) -> tuple[list[int] | None, Array]:
    """Find learners measured at the same moments; None when nearly everybody has moments of their own."""
    key = np.column_stack([np.where(series.seen, series.s, -1.0), series.e])
    if np.all(key == key[:1]):
        return [0], np.zeros(len(key), dtype=int)
    packed = np.ascontiguousarray(key).view(np.dtype((np.void, key.dtype.itemsize * key.shape[1]))).ravel()
    _, first, which = np.unique(packed, return_index=True, return_inverse=True)
    if len(first) > max(len(key) // 16, 8):
        return None, which
    return [int(row) for row in first], which


def _block(shape: LearningShape, series: Series, y: Array, grid: Array, common: float, block: slice) -> Array:
    seen = series.seen[block][:, None, :]
    g = shape.left(series.s[block][:, None, :], series.e[block][:, None, None], grid[None, :, None], common)
    g = np.where(seen, g, 0.0)
    g -= np.sum(g, axis=2, keepdims=True) / np.maximum(series.n[block], 1)[:, None, None]
    g *= seen
    size = np.einsum("ijk,ijk->ij", g, g)
    product = np.minimum(np.einsum("ijk,ik->ij", g, y[block]), 0.0)
    return product * product / np.maximum(size, 1e-300)


def sums(
    shape: LearningShape, series: Series, y: Array, u: Array, common: float
) -> tuple[Array, Array, Array]:
    """Give h, its first and its second derivative at one pace for each learner."""
    g, first, second = left_and_slopes(shape, series.s, series.e[:, None], u[:, None], common)
    share = 1.0 / np.maximum(series.n, 1)
    g, first, second = (_centre(part, series.seen, share) for part in (g, first, second))
    a, b = np.einsum("ij,ij->i", g, y), np.einsum("ij,ij->i", g, g)
    a1, b1 = np.einsum("ij,ij->i", first, y), 2 * np.einsum("ij,ij->i", g, first)
    a2 = np.einsum("ij,ij->i", second, y)
    b2 = 2 * (np.einsum("ij,ij->i", g, second) + np.einsum("ij,ij->i", first, first))
    b = np.maximum(b, 1e-300)
    ratio = a / b
    slope = ratio * (2 * a1 - ratio * b1)
    bend = 2 * (a1 * a1 + a * a2) / b - ratio * (4 * a1 * b1 + a * b2) / b + 2 * (ratio * b1) ** 2 / b
    return a * ratio, slope, bend


def _centre(part: Array, seen: Array, share: Array) -> Array:
    part = part * seen
    part -= (part.sum(axis=1) * share)[:, None]
    part *= seen
    return part


def fit_alone(shape: LearningShape, series: Series, *, common: float = 0.0) -> Alone:
    """Fit every learner alone; learners whose best pace is at an edge or who decline are marked."""
    y, _ = centred(series)
    grid = pace_grid(shape, series.gap)
    h = project_on_grid(shape, series, y, grid, common)
    best = np.argmax(h, axis=1)
    rows = np.arange(len(best))
    rising = h[rows, best] > 0
    edge = np.where(best == 0, -1, np.where(best == grid.size - 1, 1, 0))
    inner = np.clip(best, 1, grid.size - 2)
    u = grid[best].copy()
    before, here, after = h[rows, inner - 1], h[rows, inner], h[rows, inner + 1]
    bow = before - 2 * here + after
    step = np.where(bow < 0, 0.5 * (before - after) / np.where(bow < 0, bow, 1.0), 0.0)
    inside = (edge == 0) & rising
    spacing = grid[1] - grid[0]
    u[inside] += spacing * np.clip(step[inside], -0.5, 0.5)
    u[inside] = _newton(shape, series, y, u, grid[inner] - spacing, grid[inner] + spacing, inside, common)
    return _alone(shape, series, y, u, edge, rising, common)


def _newton(
    shape: LearningShape,
    series: Series,
    y: Array,
    u: Array,
    low: Array,
    high: Array,
    inside: Array,
    common: float,
) -> Array:
    """Climb to the top of h inside each learner's bracket."""
    rows = np.flatnonzero(inside)
    u, low, high, best = u[rows].copy(), low[rows].copy(), high[rows].copy(), u[rows].copy()
    moving = np.arange(rows.size)
    for turn in range(40):
        if not moving.size:
            break
        some = rows[moving]
        part = series if some.size == len(series.n) else _plain(series, some)
        _, slope, bend = sums(shape, part, y[some], u[moving], common)
        up = slope > 0
        low[moving] = np.where(up, u[moving], low[moving])
        high[moving] = np.where(up, high[moving], u[moving])
        step = np.where(bend < 0, -slope / np.where(bend < 0, bend, -1.0), np.inf)
        trial = u[moving] + step
        lost = ~((trial > low[moving]) & (trial < high[moving]))
        trial = np.where(lost, (low[moving] + high[moving]) / 2, trial)
        gone = np.abs(trial - u[moving])
        u[moving] = trial
        still = gone > 1e-7 if turn < 30 else gone > 1e-12
        still |= lost & (gone > 1e-13)
        moving = moving[still]
    best[:] = u
    return best


def _plain(series: Series, rows: Array) -> Series:
    return Series(
        s=series.s[rows],
        y=series.y[rows],
        seen=series.seen[rows],
        e=series.e[rows],
        n=series.n[rows],
        gap=series.gap,
        ahead=series.ahead,
        centre=series.centre,
    )


def _alone(
    shape: LearningShape, series: Series, y: Array, u: Array, edge: Array, rising: Array, common: float
) -> Alone:
    """Give the linear parameters, the residual sum and the covariance at each learner's pace."""
    g, first, _ = left_and_slopes(shape, series.s, series.e[:, None], u[:, None], common)
    share = 1.0 / np.maximum(series.n, 1)
    g, first = g * series.seen, first * series.seen
    mean_g, mean_first = g.sum(axis=1) * share, first.sum(axis=1) * share
    cg, cf = (g - mean_g[:, None]) * series.seen, (first - mean_first[:, None]) * series.seen
    gg, gf, ff = (np.einsum("ij,ij->i", one, two) for one, two in ((cg, cg), (cg, cf), (cf, cf)))
    gy = np.einsum("ij,ij->i", cg, y)
    b = np.where(rising, -gy / np.maximum(gg, 1e-300), 0.0)
    a = np.sum(series.y, axis=1) * share + b * mean_g
    residual = y + b[:, None] * cg
    rss = np.einsum("ij,ij->i", residual, residual)
    root = gg * ff - gf * gf
    with np.errstate(divide="ignore", invalid="ignore"):
        whole = (root > 1e-14 * gg * ff) & (b > 0)
        vb = np.where(whole, ff / root, np.nan)
        vu = np.where(whole, gg / (root * b * b), np.nan)
        vbu = np.where(whole, -gf / (root * b), np.nan)
        slope = b * mean_first
        va = share + mean_g**2 * vb + slope**2 * vu + 2 * mean_g * slope * vbu
        vab, vau = mean_g * vb + slope * vbu, mean_g * vbu + slope * vu
    covariance = np.stack(
        [np.stack([va, vab, vau], -1), np.stack([vab, vb, vbu], -1), np.stack([vau, vbu, vu], -1)], -2
    )
    return Alone(u=u, a=a, b=b, rss=rss, edge=edge, rising=rising, covariance=covariance)
