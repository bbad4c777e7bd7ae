"""Profile-likelihood limits of each learner's pace and levels, from the reduced sum of squares.

``RSS(u)`` with level and gain projected out is the profile of the pace. Its limits are where it reaches
``RSS_min (1 + t² / (n - 3))``. For a quantity that is linear in level and gain at a given pace, the limits
are the outermost of ``value(u) ± sqrt((bound - RSS(u)) v(u))`` over the paces inside.
"""

import numpy as np

from smf_helpers.models.curves_engine import Array
from smf_helpers.models.learning_projection import (
    Alone,
    Series,
    centred,
    pace_grid,
    project_on_grid,
    sums,
)
from smf_helpers.models.learning_shapes import LearningShape

INSIDE = 17
"""Paces between the two limits at which levels are looked at."""

Three = tuple[Array, Array, Array]


def student(spare: Array, level: float = 0.95) -> Array:
    """Give Student's quantile for each number of spare observations; NaN where there is none."""
    from scipy.special import stdtrit

    return np.where(spare > 0, stdtrit(np.maximum(spare, 1), (1 + level) / 2), np.nan)


def pace_bound(series: Series, alone: Alone, level: float = 0.95) -> Array:
    """Give the sum of squares that bounds the profile of each learner."""
    spare = series.n - 3
    return alone.rss * (1 + student(spare, level) ** 2 / np.maximum(spare, 1))


def pace_limits(
    shape: LearningShape, series: Series, alone: Alone, *, common: float = 0.0, level: float = 0.95
) -> tuple[Array, Array]:
    """Give the limits of log pace of each learner; NaN for a side that the data leave open."""
    y, total = centred(series)
    grid = pace_grid(shape, series.gap)
    bound = pace_bound(series, alone, level)
    keep = project_on_grid(shape, series, y, grid, common) >= (total - bound)[:, None]
    told = alone.rising & (series.n > 3)
    first = np.where(keep.any(axis=1), np.argmax(keep, axis=1), grid.size)
    last = np.where(keep.any(axis=1), grid.size - 1 - np.argmax(keep[:, ::-1], axis=1), -1)
    limits = []
    for side, edge in ((-1, first), (1, last)):
        none = ~keep.any(axis=1)
        inner = np.where(none, alone.u, grid[np.clip(edge, 0, grid.size - 1)])
        inner = np.minimum(inner, alone.u) if side < 0 else np.maximum(inner, alone.u)
        nearest = np.searchsorted(grid, alone.u) + (-1 if side < 0 else 0)
        outer_place = np.where(none, nearest, edge + side)
        open_side = (outer_place < 0) | (outer_place >= grid.size) | ~told
        outer = grid[np.clip(outer_place, 0, grid.size - 1)]
        limit = np.full(len(series.n), np.nan)
        rows = np.flatnonzero(~open_side)
        limit[rows] = _cross(shape, series, y, total - bound, inner, outer, alone.u, rows, common)
        limits.append(limit)
    return limits[0], limits[1]


def _cross(
    shape: LearningShape,
    series: Series,
    y: Array,
    floor: Array,
    inner: Array,
    outer: Array,
    best: Array,
    rows: Array,
    common: float,
) -> Array:
    """Find where h falls to the floor between a pace inside and one outside.

    Newton steps on the root of what h has lost from its top, which is nearly straight, kept in the bracket.
    """
    part = Series(
        s=series.s[rows],
        y=series.y[rows],
        seen=series.seen[rows],
        e=series.e[rows],
        n=series.n[rows],
        gap=series.gap,
        ahead=series.ahead,
        centre=series.centre,
    )
    inside, outside, own, level = inner[rows].copy(), outer[rows].copy(), y[rows], floor[rows]
    top = sums(shape, part, own, best[rows], common)[0]
    aim = np.sqrt(np.maximum(top - level, 0.0))
    trial = (inside + outside) / 2
    for _ in range(12):
        h, slope, _ = sums(shape, part, own, trial, common)
        above = h > level
        inside, outside = np.where(above, trial, inside), np.where(above, outside, trial)
        lost = np.sqrt(np.maximum(top - h, 1e-300))
        step = trial + (aim - lost) * 2 * lost / np.where(slope == 0, np.inf, -slope)
        low, high = np.minimum(inside, outside), np.maximum(inside, outside)
        settled = np.abs(step - trial) < 1e-8
        safe = np.where((step > low) & (step < high), step, (inside + outside) / 2)
        trial = np.where(settled, trial, safe)
        if settled.all():
            break
    return trial


def profile_levels(
    shape: LearningShape,
    series: Series,
    alone: Alone,
    low: Array,
    high: Array,
    last: Array,
    ahead: float,
    *,
    common: float = 0.0,
) -> tuple[Three, Three, Three, Three]:
    """Give level now, next measurement, gain to it and asymptote of each learner, with their limits."""
    grid = pace_grid(shape, series.gap)
    start = np.where(np.isfinite(low), low, grid[0])
    stop = np.where(np.isfinite(high), high, grid[-1])
    part = np.linspace(0, 1, INSIDE)
    paces = start[:, None] + (stop - start)[:, None] * part
    paces = np.sort(np.concatenate([paces, alone.u[:, None]], axis=1), axis=1)
    y, total = centred(series)
    bound = pace_bound(series, alone)
    share = 1.0 / np.maximum(series.n, 1)
    middle = series.y.sum(axis=1) * share
    outcomes = [[np.full(len(low), np.inf), np.full(len(low), -np.inf)] for _ in range(4)]
    for u in paces.T:
        g = shape.left(series.s, series.e[:, None], u[:, None], common) * series.seen
        mean_g = g.sum(axis=1) * share
        g = (g - mean_g[:, None]) * series.seen
        size = np.maximum(np.einsum("ij,ij->i", g, g), 1e-300)
        slope = np.einsum("ij,ij->i", g, y) / size
        slack = np.maximum(bound - (total - slope**2 * size), 0.0)
        now = shape.left(last, series.e, u, common)
        later = shape.left(last + ahead, series.e, u, common)
        for place, (level, left) in enumerate(((1, now), (1, later), (0, later - now), (1, 0.0))):
            away = left - level * mean_g
            value = level * middle + slope * away
            spread = level * share + away**2 / size
            if place == 1:
                spread = spread + 1.0
            reach = np.sqrt(slack * spread)
            outcomes[place][0] = np.minimum(outcomes[place][0], value - reach)
            outcomes[place][1] = np.maximum(outcomes[place][1], value + reach)
    now = shape.left(last, series.e, alone.u, common)
    later = shape.left(last + ahead, series.e, alone.u, common)
    best = (alone.a - alone.b * now, alone.a - alone.b * later, alone.b * (now - later), alone.a)
    return tuple((value, *limits) for value, limits in zip(best, outcomes, strict=True))  # type: ignore


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
