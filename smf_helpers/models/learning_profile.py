"""Profile-likelihood limits of each learner's pace and levels, from the reduced sum of squares.

``RSS(u)`` with level and gain projected out is the profile of the pace. Its limits are where it reaches
``RSS_min (1 + t² / (n - 3))``. For a quantity that is linear in level and gain at a given pace, the limits
are the outermost of ``value(u) ± sqrt((bound - RSS(u)) v(u))`` over the paces inside.
"""

import numpy as np

from smf_helpers.models.curves_engine import Array
from smf_helpers.models.learning_projection import GRID, NODES, Alone, Series, Table, centred, horner, moments
from smf_helpers.models.learning_shapes import LearningShape

LOOKS = 7
"""Paces from one limit to the other at which levels are looked at, evenly along the half circle over them: there the
slack of the profile is smooth up to both ends."""
SLACK = 1e-9

Three = tuple[Array, Array, Array]


def student(spare: Array, level: float = 0.95) -> Array:
    """Give Student's quantile for each number of spare observations; NaN where there is none."""
    from scipy.special import stdtrit

    counts, which = np.unique(spare, return_inverse=True)
    return np.where(counts > 0, stdtrit(np.maximum(counts, 1), (1 + level) / 2), np.nan)[which]


def pace_bound(series: Series, alone: Alone, level: float = 0.95) -> Array:
    """Give the sum of squares that bounds the profile of each learner."""
    spare = series.n - 3
    return alone.rss * (1 + student(spare, level) ** 2 / np.maximum(spare, 1))


def closed_sides(series: Series, alone: Alone, level: float = 0.95) -> tuple[Array, Array]:
    """Tell on which sides the data bound each learner's pace, without looking where."""
    assert alone.table is not None, "these learners were not fitted"
    floor = np.sqrt(np.maximum(centred(series)[1] - pace_bound(series, alone, level), 0.0))
    told = alone.rising & (series.n > 3) & (floor > 0)
    return told & (alone.table.q[:, 0] < floor), told & (alone.table.q[:, -1] < floor)


def pace_limits(
    shape: LearningShape, series: Series, alone: Alone, *, common: float = 0.0, level: float = 0.95
) -> tuple[Array, Array]:
    """Give the limits of log pace of each learner; NaN for a side that the data leave open.

    They lie where the polynomial through the six grid points round it falls to the bound; on the coarser grid of
    learners with moments of their own a Newton step on the curve itself follows.
    """
    table = alone.table
    assert table is not None, "these learners were not fitted"
    grid, last = table.grid, table.grid.size - 1
    y, total = centred(series)
    floor = np.sqrt(np.maximum(total - pace_bound(series, alone, level), 0.0))
    keep = table.q >= floor[:, None]
    told = alone.rising & (series.n > 3) & (floor > 0)
    below = np.clip(np.searchsorted(grid, alone.u) - 1, 0, last - 1)
    some = keep.any(axis=1)
    limits = []
    for side in (-1, 1):
        far = np.argmax(keep, axis=1) if side < 0 else last - np.argmax(keep[:, ::-1], axis=1)
        nearest = below if side < 0 else below + 1
        outside = np.where(some & (side * far >= side * nearest), far + side, nearest)
        limit = np.full(len(series.n), np.nan)
        rows = np.flatnonzero(told & (outside >= 0) & (outside <= last))
        limit[rows] = _cross(table, rows, outside[rows], -side, alone.u[rows], floor[rows])
        if grid.size == GRID and rows.size:
            s, e, n = series.s[rows], series.e[rows], series.n[rows]
            _, _, _, ff, ff1, _, _, fy, f1y, _ = moments(shape, s, e, y[rows], n, limit[rows], common)
            slope = f1y - fy * ff1 / ff
            limit[rows] -= (fy - floor[rows] * np.sqrt(ff)) / np.where(slope == 0, np.inf, slope)
        limits.append(limit)
    return limits[0], limits[1]


def _cross(table: Table, rows: Array, outside: Array, inwards: int, best: Array, floor: Array) -> Array:
    """Find where q falls to the floor between the grid point outside and the next one inwards (or the best pace)."""
    place = np.minimum(outside, outside + inwards)
    start = table.begin(place)
    powers = table.powers(table.q, rows, start)
    out = table.local(table.grid[outside], start)
    inner = table.local(best, start)
    within = out + inwards if inwards > 0 else out - 1
    within = np.minimum(within, inner) if inwards > 0 else np.maximum(within, inner)
    x = (out + within) / 2
    for _ in range(8):
        value, slope, _ = horner(powers, x)
        above = value > floor
        within, out = np.where(above, x, within), np.where(above, out, x)
        trial = x - (value - floor) / np.where(slope == 0, np.inf, slope)
        low, high = np.minimum(within, out), np.maximum(within, out)
        x = np.where((trial > low - SLACK) & (trial < high + SLACK), trial, (within + out) / 2)
    return table.grid[0] + (x + start - NODES[0]) * (table.grid[1] - table.grid[0])


def profile_levels(
    shape: LearningShape,
    series: Series,
    alone: Alone,
    low: Array,
    high: Array,
    last: Array,
    *,
    common: float = 0.0,
) -> tuple[Three, Three, Three, Three]:
    """Give level now, next measurement, gain to it and asymptote of each learner, with their limits.

    Looked at from one limit of the pace to the other; a parabola gives the top between two looks.
    """
    assert alone.table is not None, "these learners were not fitted"
    grid = alone.table.grid
    start = np.where(np.isfinite(low), low, grid[0])
    stop = np.where(np.isfinite(high), high, grid[-1])
    y, total = centred(series)
    bound = pace_bound(series, alone)
    share = 1.0 / np.maximum(series.n, 1)
    middle = series.y.sum(axis=1) * share
    ends: list[list[list[Array]]] = [[[], []] for _ in range(4)]
    one = np.ones(len(low))
    for turn in np.linspace(-np.pi / 2, np.pi / 2, LOOKS):
        u = (start + stop) / 2 + (stop - start) / 2 * np.sin(turn)
        f = 1.0 - shape.left(series.s, series.e[:, None], u[:, None], common)
        mean = f @ np.ones(f.shape[1]) * share
        root = np.sqrt(np.maximum(np.einsum("ij,ij->i", f, f) - mean * mean * series.n, 1e-300))
        q = np.einsum("ij,ij->i", f, y) / root
        slack = np.maximum(bound - (total - q * q), 0.0)
        now = 1.0 - shape.left(last, series.e, u, common)
        later = 1.0 - shape.left(last + series.ahead, series.e, u, common)
        for place, (level, gained) in enumerate(((1, now), (1, later), (0, later - now), (1, one))):
            away = (gained - level * mean) / root
            value = level * middle + q * away
            reach = np.sqrt(slack * (level * share + away * away + (place == 1)))
            ends[place][0].append(value - reach)
            ends[place][1].append(value + reach)
    best = plain_levels(shape, series, alone, last, common)
    return tuple(
        (value, -_highest(np.negative(lows)), _highest(np.array(highs)))
        for (value, _, _), (lows, highs) in zip(best, ends, strict=True)
    )  # type: ignore[return-value]


def plain_levels(
    shape: LearningShape, series: Series, alone: Alone, last: Array, common: float
) -> tuple[Three, Three, Three, Three]:
    """Give level now, next measurement, gain to it and asymptote of each learner, without limits."""
    now = shape.left(last, series.e, alone.u, common)
    later = shape.left(last + series.ahead, series.e, alone.u, common)
    values = (alone.a - alone.b * now, alone.a - alone.b * later, alone.b * (now - later), alone.a)
    none = np.full(len(last), np.nan)
    return tuple((value, none, none) for value in values)  # type: ignore[return-value]


def _highest(looks: Array) -> Array:
    """Give the highest of evenly spaced looks at each learner, by the parabola through it and its neighbours."""
    place = np.argmax(looks, axis=0)
    columns = np.arange(looks.shape[1])
    top = looks[place, columns]
    before, after = (
        looks[np.maximum(place - 1, 0), columns],
        looks[np.minimum(place + 1, LOOKS - 1), columns],
    )
    bow = before - 2 * top + after
    inner = (place > 0) & (place < LOOKS - 1) & (bow < 0)
    return top - np.where(inner, (before - after) ** 2 / (8 * np.where(inner, bow, -1.0)), 0.0)


def line_levels(series: Series, last: Array, gap: float, ahead: float) -> tuple[Three, Three, Three]:
    """Give level now, next measurement and gain to it from the better of a line and a log-line."""
    y, total = centred(series)
    share = 1.0 / np.maximum(series.n, 1)
    middle = series.y.sum(axis=1) * share
    spare = series.n - 2
    best: list[Array] | None = None
    for bend in (False, True):
        x = np.log1p(series.s / gap) if bend else series.s
        ends = [np.log1p(v / gap) if bend else v for v in (last, last + ahead)]
        mean_x = (x * series.seen).sum(axis=1) * share
        away = (x - mean_x[:, None]) * series.seen
        size = np.maximum(np.einsum("ij,ij->i", away, away), 1e-300)
        slope = np.einsum("ij,ij->i", away, y) / size
        rss = np.maximum(total - slope**2 * size, 0.0)
        noise = rss / np.maximum(spare, 1)
        reach = student(spare) * np.sqrt(noise)
        parts = [rss]
        for value, spread in (
            (middle + slope * (ends[0] - mean_x), share + (ends[0] - mean_x) ** 2 / size),
            (middle + slope * (ends[1] - mean_x), 1 + share + (ends[1] - mean_x) ** 2 / size),
            (slope * (ends[1] - ends[0]), (ends[1] - ends[0]) ** 2 / size),
        ):
            half = reach * np.sqrt(spread)
            parts += [value, value - half, value + half]
        best = (
            parts
            if best is None
            else [np.where(parts[0] < best[0], b, a) for a, b in zip(best, parts, strict=True)]
        )
    assert best is not None
    return (best[1], best[2], best[3]), (best[4], best[5], best[6]), (best[7], best[8], best[9])
