"""Invariant I2: how closely published figures enclose the answers of a few people.

The attacker knows for each atom ``a`` of ``h_a`` people that their sum of answers lies between the ends of
the scale, ``lo h_a <= s_a <= hi h_a``, and for each published cell that its sum lies within the rounding of
its mean. For a target ``T`` he solves two linear programs, ``min`` and ``max`` of ``sum_T s_a``.

Where the cells lie inside one another both have a closed form (`nesting`). Elsewhere most targets are safe by
far, and that is shown without a linear program: around the analytic centre of
the polytope the ellipsoid of the barrier's Hessian ``H`` lies inside the polytope (Dikin); its longest way for
``T`` is ``inv(H) T``, and the chord of the polytope in that way has two feasible ends. Only where they are
not far enough apart the programs are solved. Any point inside will do to set out from, so least squares find one
where they can; and every point seen on the way, or by an earlier program, bounds the ranges of all targets.

References
----------
Dikin 1967, Soviet Mathematics Doklady 8, 674-675.
Boyd & Vandenberghe 2004, Convex Optimization, section 8.5, doi:10.1017/CBO9780511804441.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from smf_helpers.privacy.groups import Floats, Ints
from smf_helpers.privacy.nesting import nests

NEWTON_STEPS: Final = 60
SETTLED: Final = 1e-3
_EDGE: Final = 1e-7
_AT_ONCE: Final = 16
"""Measures whose points inside are looked for together."""

_WALK: Final = 12
_ROOM: Final = 0.8
_SLACK: Final = 1e-6
"""A range that is this much narrower than it must be still passes: a rounding of the program, no finding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """What an attacker knows about sums over atoms, in one measure or (a second axis) in many about the same cells.

    Attributes
    ----------
    matrix : published cells, shape (cells, atoms).
    low, high : bounds of each cell's sum.
    floor, ceiling : bounds of each atom's sum.
    """

    matrix: Floats
    low: Floats
    high: Floats
    floor: Floats
    ceiling: Floats

    def of(self, measure: "int | Ints") -> "Knowledge":
        """Give what is known in one of many measures, or in some."""
        bounds = {name: getattr(self, name)[:, measure] for name in ("low", "high", "floor", "ceiling")}
        return replace(self, **bounds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """The range that an attacker finds for a target, and the cells that set it.

    Attributes
    ----------
    low, high : least and greatest sum over the target.
    cells : rows of the matrix that bind at either end.
    points : sums over atoms at the ends that were found.
    """

    low: float
    high: float
    cells: tuple[int, ...]
    points: tuple[Floats, ...] = ()


def find_narrow(known: Knowledge, targets: Floats, needed: Floats) -> list[list[tuple[int, Range]]]:
    """Give for each of many measures the targets whose sum is known more closely than `needed`, with the range found.

    Parameters
    ----------
    targets : 0/1 vectors over atoms, shape (targets, atoms).
    needed : width that the range of each target must have, shape (targets, measures).

    Returns
    -------
    for each measure pairs of target and range; empty when every target is safe, or when the published figures
    contradict the scale (weighted means may), so that this attack has nothing to say.
    """
    if not needed.size or not len(known.matrix):
        return [[] for _ in range(needed.shape[1])]
    needed = needed - _SLACK
    trees = nests(known.matrix, targets)
    told = [tree.reach(known.low, known.high, known.floor, known.ceiling) for tree in trees]
    torn = np.any([ends[2] for ends in told], axis=0)
    exact = len(told) == 1 and len(trees[0].cells) == len(known.matrix)
    least, most = told[0][:2] if exact else (np.full(needed.shape, np.inf), np.full(needed.shape, -np.inf))
    doubtful = ~torn & (most - least < needed).any(axis=0)
    unsure = np.flatnonzero(doubtful)
    if not exact or not trees[0].whole.all():
        least, most = least.copy(), most.copy()
        for start in range(0, len(unsure), _AT_ONCE):
            part = unsure[start : start + _AT_ONCE]
            least[:, part], most[:, part] = _look_inside(
                known.of(part), targets, needed[:, part], least[:, part], most[:, part]
            )
    found: list[list[tuple[int, Range]]] = [[] for _ in doubtful]
    for measure in unsure.tolist():
        seen = least[:, measure].copy(), most[:, measure].copy()
        found[measure] = _solve_narrow(known.of(measure), targets, needed[:, measure], seen)
    return found


def _solve_narrow(
    known: Knowledge, targets: Floats, needed: Floats, seen: tuple[Floats, Floats]
) -> list[tuple[int, Range]]:
    """Find by linear programs which ranges of one measure are narrow, where the points `seen` do not say that they are wide."""
    found = []
    for row in range(len(targets)):
        if seen[1][row] - seen[0][row] >= needed[row]:
            continue
        reach = solve_range(known, targets[row])
        if reach is None:
            return []
        for point in reach.points:
            sums = targets @ point
            np.minimum(seen[0], sums, out=seen[0])
            np.maximum(seen[1], sums, out=seen[1])
        if reach.high - reach.low < needed[row]:
            found.append((row, reach))
    return found


def alone(known: Knowledge, targets: Floats) -> Floats:
    """Give the width of each target's range that any one published cell leaves, without combining cells.

    A share near 0 % or 100 % of a group that is large enough tells something about everybody in it; that
    is a matter of the rule against unanimity, not of combining figures.
    """
    low, high = targets @ known.floor, targets @ known.ceiling
    least, most = low.copy(), high.copy()
    below, above = known.low - known.matrix @ known.ceiling, known.high - known.matrix @ known.floor
    around = targets @ (1.0 - known.matrix.T) == 0
    for cell, held in enumerate(around.T):
        least[held] = np.maximum(least[held], below[cell] + high[held])
        most[held] = np.minimum(most[held], above[cell] + low[held])
    return np.asarray(most - least)


def solve_range(known: Knowledge, target: Floats) -> Range | None:
    """Solve for the least and the greatest sum over `target`; None when nothing is feasible."""
    from scipy.optimize import linprog

    ends = []
    binding: set[int] = set()
    points: list[Floats] = []
    cells = len(known.matrix)
    limits = np.vstack([known.matrix, -known.matrix])
    sides = np.concatenate([known.high, -known.low])
    bounds = np.column_stack([known.floor, known.ceiling])
    for sign in (1.0, -1.0):
        solved = linprog(sign * target, A_ub=limits, b_ub=sides, bounds=bounds, method="highs")
        if solved.status == 3:
            ends.append(-sign * np.inf)
            continue
        if solved.status != 0:
            return None
        ends.append(sign * float(solved.fun))
        points.append(np.asarray(solved.x))
        binding |= {int(row) % cells for row in np.flatnonzero(np.abs(solved.ineqlin.marginals) > 1e-7)}
    return Range(low=ends[0], high=ends[1], cells=tuple(sorted(binding)), points=tuple(points))


def _plain_starts(known: Knowledge) -> Floats:
    """Walk from the middle of the scale into all cells by Newton's steps; NaN for the measures that are not there soon.

    Sums are scaled so that an atom lies within (-1, 1) and a cell within 1 of its middle. Whatever a cell is off
    by more than ``_ROOM`` costs its square, ever dearer, beside the barrier of the atoms. Measures by atoms.
    """
    middle, radius = (known.ceiling + known.floor).T / 2, (known.ceiling - known.floor).T / 2
    half = (known.high - known.low).T / 2
    found, place = np.full(middle.shape, np.nan), np.zeros(middle.shape)
    walking = np.flatnonzero((half.min(axis=1) > 0) & (radius.min(axis=1) > 0))
    with np.errstate(divide="ignore", invalid="ignore"):
        ways = known.matrix * radius[:, None] / half[:, :, None]
        aims = ((known.low + known.high).T / 2 - middle @ known.matrix.T) / half
    atoms = np.arange(middle.shape[1])
    for turn in range(_WALK):
        off = (ways[walking] @ place[walking, :, None])[:, :, 0] - aims[walking]
        there = np.abs(off).max(axis=1) < 1 - _EDGE
        inside = walking[there]
        found[inside] = middle[inside] + radius[inside] * place[inside]
        walking, off = walking[~there], off[~there]
        if not len(walking):
            break
        here, way = place[walking], ways[walking]
        over = np.sign(off) * np.maximum(np.abs(off) - _ROOM, 0.0)
        far = way * (over != 0)[:, :, None]
        left = 1 - here**2
        slope = 2.0**turn * (over[:, None] @ way)[:, 0] + 2 * here / left
        bend = 2.0**turn * (far.transpose(0, 2, 1) @ far)
        bend[:, atoms, atoms] += 2 * (1 + here**2) / left**2
        step = np.linalg.solve(bend, -slope[:, :, None])[:, :, 0]
        reach = (np.abs(step) / (1 - np.sign(step) * here)).max(axis=1)
        place[walking] += step * np.minimum(1.0, 0.9 / np.maximum(reach, _EDGE))[:, None]
    return found


def _start(known: Knowledge) -> Floats | None:
    """Find a point well inside all limits, by linear programming; None when there is no inside."""
    from scipy.optimize import linprog

    atoms = known.matrix.shape[1]
    half = (known.high - known.low) / 2
    radius = (known.ceiling - known.floor) / 2
    limits = np.vstack(
        [
            np.column_stack([known.matrix, half]),
            np.column_stack([-known.matrix, half]),
            np.column_stack([np.eye(atoms), radius]),
            np.column_stack([-np.eye(atoms), radius]),
        ]
    )
    sides = np.concatenate([known.high, -known.low, known.ceiling, -known.floor])
    aim = np.zeros(atoms + 1)
    aim[-1] = -1.0
    solved = linprog(
        aim, A_ub=limits, b_ub=sides, bounds=[(None, None)] * atoms + [(0.0, 1.0)], method="highs"
    )
    if solved.status != 0 or solved.x[-1] < _EDGE:
        return None
    return np.asarray(solved.x[:-1])


def _look_inside(
    known: Knowledge, targets: Floats, needed: Floats, least: Floats, most: Floats
) -> tuple[Floats, Floats]:
    """Widen what is seen of each target's range by the chords through points on the way to the analytic centre.

    Every point inside gives a valid bound and the centre the best, so the way there ends as soon as all
    targets are seen to be safe.
    """
    points = _plain_starts(known)
    for measure in np.flatnonzero(np.isnan(points[:, 0])).tolist():
        centre = _start(known.of(measure))
        if centre is not None:
            points[measure] = centre
    moving = np.flatnonzero(np.isfinite(points[:, 0]))
    for _ in range(NEWTON_STEPS):
        if not len(moving):
            break
        here, point = known.of(moving), points[moving]
        sides = _slacks(here, point)
        up, down, top, bottom = sides
        gradient = (1 / up - 1 / down) @ known.matrix + 1 / top - 1 / bottom
        aims = np.broadcast_to(targets.T, (len(moving), *targets.T.shape))
        solved = np.linalg.solve(
            _hessians(known.matrix, sides), np.concatenate([gradient[:, :, None], aims], axis=2)
        )
        low, high = _chords(known.matrix, point, sides, solved[:, :, 1:], targets)
        least[:, moving] = np.minimum(least[:, moving], low.T)
        most[:, moving] = np.maximum(most[:, moving], high.T)
        decrement = (gradient * solved[:, :, 0]).sum(axis=1)
        damped = 1.0 / (1.0 + np.sqrt(np.maximum(decrement, 0.0)))
        points[moving] = point - np.where(decrement < 0.06, 1.0, damped)[:, None] * solved[:, :, 0]
        safe = (most[:, moving] - least[:, moving] >= needed[:, moving]).all(axis=0)
        moving = moving[(decrement >= SETTLED) & ~safe]
    return least, most


Sides = tuple[Floats, Floats, Floats, Floats]
"""How far points are from the highest and lowest sum of each cell and of each atom; measures by cells or atoms."""


def _chords(
    matrix: Floats, points: Floats, sides: Sides, ways: Floats, targets: Floats
) -> tuple[Floats, Floats]:
    """Give the least and greatest sum of each target at the ends of the chords through each point; all are feasible."""
    slack = np.concatenate(sides, axis=1)[:, :, None]
    moves = matrix @ ways
    change = np.concatenate([moves, -moves, ways, -ways], axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        steps = slack / change
    forth = np.where(change > _EDGE * slack, steps, np.inf).min(axis=1)
    back = np.where(change < -_EDGE * slack, -steps, np.inf).min(axis=1)
    # All sides are bounded: where none is in the way, the way itself is nothing but rounding.
    forth, back = (np.where(np.isfinite(step), step, 0.0)[:, None] for step in (forth, back))
    sums = targets @ np.concatenate(
        [points[:, :, None] + ways * forth, points[:, :, None] - ways * back], axis=2
    )
    return sums.min(axis=2), sums.max(axis=2)


def _slacks(known: Knowledge, points: Floats) -> Sides:
    sums = points @ known.matrix.T
    return known.high.T - sums, sums - known.low.T, known.ceiling.T - points, points - known.floor.T


def _hessians(matrix: Floats, sides: Sides) -> Floats:
    up, down, top, bottom = sides
    weights = 1 / up**2 + 1 / down**2
    found = np.asarray((matrix.T * weights[:, None]) @ matrix)
    atoms = np.arange(matrix.shape[1])
    found[:, atoms, atoms] += 1 / top**2 + 1 / bottom**2
    return found
