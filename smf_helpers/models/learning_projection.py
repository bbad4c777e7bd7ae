"""Every learner alone, thousands at once: variable projection on the pace.

For a learner with centred scores y and centred shape g(u), the sum of squares that a pace leaves is
``RSS(u) = S_yy - h(u)``, ``h = S_gy² / S_gg``. The two linear parameters are projected out (Golub & Pereyra
1973), so each learner is a search in one dimension: a grid over u (`Table`), the top of the polynomial through the six
grid points round the best, then safeguarded Newton steps with closed derivatives. It needs no start values, cannot
diverge, and the grid is the profile likelihood.
"""

from dataclasses import dataclass

import numpy as np

from smf_helpers.models.curves_engine import Array
from smf_helpers.models.learning_shapes import LearningShape, left_and_slopes

GRID, GRID_SHARED = 48, 96
"""Paces on the grid; twice as many where learners share their moments and a pace costs next to nothing."""
BLOCK = 4096
NEAR = 1e-5
"""Newton step below which the moments are carried on by their derivatives instead of being summed again."""
STENCIL = 6
NODES = np.arange(STENCIL) - (STENCIL - 1) / 2
_TO_POWERS = np.linalg.inv(np.vander(NODES, increasing=True)).T


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
class Table:
    """What every pace of a grid leaves of every learner's scores, and polynomials between the paces.

    Attributes
    ----------
    grid : log paces; q : scores on the normed curve of each pace, shape (learners, paces): the sum of squares that it
        takes away is ``q²``, and q is negative where the gain would be.
    root, mean : root of the centred sum of squares and mean of ``1 - g``, shape (patterns of moments, paces).
    which : the pattern of each learner.
    """

    grid: Array
    q: Array
    root: Array
    mean: Array
    which: Array

    def begin(self, place: Array) -> Array:
        """Give the first of the six paces round the cell that begins at `place`."""
        return np.clip(place - (STENCIL // 2 - 1), 0, self.grid.size - STENCIL)

    def local(self, u: Array, start: Array) -> Array:
        """Give u in grid steps from the middle of the six paces from `start`."""
        return (u - self.grid[0]) / (self.grid[1] - self.grid[0]) - start + NODES[0]

    def powers(self, values: Array, rows: Array, start: Array) -> Array:
        """Give the polynomials through six grid values of each row, one a column, lowest power first."""
        return _TO_POWERS.T @ values[rows, start + np.arange(STENCIL)[:, None]]

    def at(self, rows: Array, u: Array) -> tuple[Array, Array, Array]:
        """Give q, root and mean of some learners at one pace each."""
        place = (u - self.grid[0]) / (self.grid[1] - self.grid[0])
        start = self.begin(place.astype(int))
        away = self.local(u, start)
        parts = ((self.q, rows), (self.root, self.which[rows]), (self.mean, self.which[rows]))
        found = [horner(self.powers(values, some, start), away)[0] for values, some in parts]
        return found[0], found[1], found[2]


def horner(powers: Array, x: Array) -> tuple[Array, Array, Array]:
    """Give the value and the first two derivatives of polynomials, lowest power first, at one x each."""
    value, slope, bend = powers[-1], np.zeros_like(x), np.zeros_like(x)
    for power in powers[-2::-1]:
        bend = bend * x + slope
        slope = slope * x + value
        value = value * x + power
    return value, slope, 2 * bend


@dataclass(frozen=True, slots=True, kw_only=True)
class Alone:
    """Least-squares fit of each learner alone.

    Attributes
    ----------
    u : log of the pace; a, b : asymptote (less the centre) and gain; rss : residual sum of squares.
    edge : -1 at the slow edge, 1 at the fast edge, 0 inside; rising : some pace gives a positive gain.
    covariance : of (a, b, u) over sigma², shape (learners, 3, 3), NaN where it is singular.
    table : see `Table`.
    """

    u: Array
    a: Array
    b: Array
    rss: Array
    edge: Array
    rising: Array
    covariance: Array
    table: Table | None = None


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


def tabulate(shape: LearningShape, series: Series, y: Array, common: float) -> Table:
    """Project every learner's centred scores on every pace of the grid."""
    first, which = _patterns(series)
    if first is None:
        grid = pace_grid(shape, series.gap)
        blocks = [slice(start, start + BLOCK // 4) for start in range(0, len(series.n), BLOCK // 4)]
        parts = [_block(shape, series, y, grid, common, block) for block in blocks]
        q, root, mean = (np.concatenate(part) for part in zip(*parts, strict=True))
        return Table(grid=grid, q=q, root=root, mean=mean, which=np.arange(len(q)))
    grid = pace_grid(shape, series.gap, GRID_SHARED)
    q = np.empty((len(series.n), grid.size))
    root, mean = np.empty((len(first), grid.size)), np.empty((len(first), grid.size))
    for place, row in enumerate(first):
        members = which == place if len(first) > 1 else slice(None)
        gained = shape.left(series.s[row][None, :], series.e[row], grid[:, None], common)
        gained = np.where(series.seen[row], 1.0 - gained, 0.0)
        mean[place] = gained.sum(axis=1) / max(series.n[row], 1)
        gained = np.where(series.seen[row], gained - mean[place][:, None], 0.0)
        root[place] = np.sqrt(np.maximum(np.einsum("ij,ij->i", gained, gained), 1e-300))
        q[members] = y[members] @ (gained / root[place][:, None]).T
    return Table(grid=grid, q=q, root=root, mean=mean, which=which)


def _patterns(series: Series) -> tuple[list[int] | None, Array]:
    """Find learners measured at the same moments; None when nearly everybody has moments of their own."""
    alike = np.all(series.s == series.s[:1]) and np.all(series.n == series.n[:1])
    if alike and np.all(series.e == series.e[:1]):
        return [0], np.zeros(len(series.n), dtype=int)
    key = np.column_stack([np.where(series.seen, series.s, -1.0), series.e])
    packed = np.ascontiguousarray(key).view(np.dtype((np.void, key.dtype.itemsize * key.shape[1]))).ravel()
    _, first, which = np.unique(packed, return_index=True, return_inverse=True)
    if len(first) > max(len(key) // 16, 8):
        return None, which
    return [int(row) for row in first], which


def _block(
    shape: LearningShape, series: Series, y: Array, grid: Array, common: float, block: slice
) -> tuple[Array, Array, Array]:
    seen = series.seen[block][:, None, :]
    gained = shape.left(
        series.s[block][:, None, :], series.e[block][:, None, None], grid[None, :, None], common
    )
    gained = np.where(seen, 1.0 - gained, 0.0)
    mean = np.sum(gained, axis=2) / np.maximum(series.n[block], 1)[:, None]
    gained = np.where(seen, gained - mean[:, :, None], 0.0)
    root = np.sqrt(np.maximum(np.einsum("ijk,ijk->ij", gained, gained), 1e-300))
    return np.einsum("ijk,ik->ij", gained, y[block]) / root, root, mean


MOMENTS = ("mean", "mean1", "mean2", "ff", "ff1", "f1f1", "ff2", "fy", "f1y", "f2y")


def moments(shape: LearningShape, s: Array, e: Array, y: Array, n: Array, u: Array, common: float) -> Array:
    """Give, a row each as in `MOMENTS`, the means of ``f = 1 - g``, f', f'' and their centred sums of products.

    `y` is centred and zero where nothing was measured; there s is zero, so that f and its derivatives are too: no mask
    is needed. The sums are of f and not of g, which is nearly constant where the pace is slow.
    """
    g, first, second = left_and_slopes(shape, s, e[:, None], u[:, None], common)
    f, f1, f2 = 1.0 - g, -first, -second
    out = np.empty((len(MOMENTS), len(u)))
    share = 1.0 / np.maximum(n, 1)
    for place, part in enumerate((f, f1, f2)):
        out[place] = part @ np.ones(s.shape[1])
        np.einsum("ij,ij->i", part, y, out=out[7 + place])
    for place, (one, two) in enumerate(((0, 0), (0, 1), (1, 1), (0, 2))):
        product = np.einsum("ij,ij->i", (f, f1, f2)[one], (f, f1, f2)[two])
        out[3 + place] = product - out[one] * out[two] * share
    out[:3] *= share
    out[3] = np.maximum(out[3], 1e-300)
    return out


def _shifted(m: Array, step: Array) -> Array:
    """Give the moments a tiny step of u on, by their own derivatives."""
    mean, mean1, mean2, ff, ff1, f1f1, ff2, fy, f1y, f2y = m
    half = 0.5 * step * step
    return np.stack(
        [
            mean + step * mean1 + half * mean2,
            mean1 + step * mean2,
            mean2,
            ff + 2 * step * ff1 + 2 * half * (f1f1 + ff2),
            ff1 + step * (f1f1 + ff2),
            f1f1,
            ff2,
            fy + step * f1y + half * f2y,
            f1y + step * f2y,
            f2y,
        ]
    )


def fit_alone(shape: LearningShape, series: Series, *, common: float = 0.0) -> Alone:
    """Fit every learner alone; learners whose best pace is at an edge or who decline are marked."""
    y, total = centred(series)
    table = tabulate(shape, series, y, common)
    grid, q = table.grid, table.q
    best = np.argmax(q, axis=1)
    rising = q[np.arange(len(best)), best] > 0
    edge = np.where(best == 0, -1, np.where(best == grid.size - 1, 1, 0))
    u = grid[best].copy()
    rows = np.flatnonzero((edge == 0) & rising)
    u[rows] = _top(table, rows, best[rows])
    m = moments(shape, series.s, series.e, y, series.n, u, common)
    u, m = _newton(shape, series, y, u, m, grid, best, rows, common)
    return _alone(series, total, u, m, edge, rising, table)


def _top(table: Table, rows: Array, best: Array) -> Array:
    """Give the top of the polynomial through the grid points round each learner's best."""
    start = table.begin(best)
    powers = table.powers(table.q, rows, start)
    middle = table.local(table.grid[best], start)
    x = middle
    for _ in range(4):
        _, slope, bend = horner(powers, x)
        x = np.clip(x - slope / np.where(bend < 0, bend, -np.inf), middle - 1, middle + 1)
    return table.grid[best] + (x - middle) * (table.grid[1] - table.grid[0])


def _newton(
    shape: LearningShape,
    series: Series,
    y: Array,
    u: Array,
    m: Array,
    grid: Array,
    best: Array,
    rows: Array,
    common: float,
) -> tuple[Array, Array]:
    """Climb to the top of h = (f y)² / (f f) inside each learner's bracket; give u and the moments there."""
    low, high = grid[np.maximum(best - 1, 0)], grid[np.minimum(best + 1, grid.size - 1)]
    moving = rows
    for turn in range(40):
        if turn:
            m[:, moving] = moments(
                shape, series.s[moving], series.e[moving], y[moving], series.n[moving], u[moving], common
            )
        _, _, _, ff, ff1, f1f1, ff2, fy, f1y, f2y = m[:, moving]
        at, ratio = u[moving], fy / ff
        slope = 2 * ratio * (f1y - ratio * ff1)
        bend = f1y**2 + fy * f2y - ratio * (4 * f1y * ff1 + fy * (ff2 + f1f1)) + 4 * (ratio * ff1) ** 2
        bend *= 2 / ff
        low[moving] = np.where(slope > 0, at, low[moving])
        high[moving] = np.where(slope > 0, high[moving], at)
        step = np.where(bend < 0, -slope / np.where(bend < 0, bend, -1.0), np.inf)
        near = np.abs(step) <= NEAR
        done = moving[near]
        u[done] += step[near]
        m[:, done] = _shifted(m[:, done], step[near])
        moving, trial = moving[~near], at[~near] + step[~near]
        inside = (trial > low[moving]) & (trial < high[moving])
        trial = np.where(inside, trial, (low[moving] + high[moving]) / 2)
        stuck = np.abs(trial - u[moving]) < 1e-13
        u[moving] = trial
        moving = moving[~stuck]
        if not moving.size:
            break
    return u, m


def _alone(
    series: Series, total: Array, u: Array, m: Array, edge: Array, rising: Array, table: Table
) -> Alone:
    """Give the linear parameters, the residual sum and the covariance at each learner's pace."""
    mean, mean1, _, ff, ff1, f1f1, _, fy, _, _ = m
    share = 1.0 / np.maximum(series.n, 1)
    b = np.where(rising, fy / ff, 0.0)
    mean_g = 1.0 - mean
    a = np.sum(series.y, axis=1) * share + b * mean_g
    root = ff * f1f1 - ff1 * ff1
    with np.errstate(divide="ignore", invalid="ignore"):
        whole = (root > 1e-14 * ff * f1f1) & (b > 0)
        vb = np.where(whole, f1f1 / root, np.nan)
        vu = np.where(whole, ff / (root * b * b), np.nan)
        vbu = np.where(whole, -ff1 / (root * b), np.nan)
    slope = -b * mean1
    covariance = np.empty((len(u), 3, 3))
    covariance[:, 0, 0] = share + mean_g**2 * vb + slope**2 * vu + 2 * mean_g * slope * vbu
    covariance[:, 1, 1], covariance[:, 2, 2] = vb, vu
    covariance[:, 0, 1] = covariance[:, 1, 0] = mean_g * vb + slope * vbu
    covariance[:, 0, 2] = covariance[:, 2, 0] = mean_g * vbu + slope * vu
    covariance[:, 1, 2] = covariance[:, 2, 1] = vbu
    rss = np.maximum(total - np.where(rising, fy * b, 0.0), 0.0)
    return Alone(u=u, a=a, b=b, rss=rss, edge=edge, rising=rising, covariance=covariance, table=table)
