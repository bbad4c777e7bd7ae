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

from smf_helpers.privacy.groups import Floats
from smf_helpers.privacy.nesting import nests

NEWTON_STEPS: Final = 60
SETTLED: Final = 1e-3
_EDGE: Final = 1e-7
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

    def of(self, measure: int) -> "Knowledge":
        """Give what is known in one of many measures."""
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
    inside = not exact or not trees[0].whole.all()
    return [
        _narrow(known.of(measure), targets, needed[:, measure], least[:, measure], most[:, measure], inside)
        if doubtful[measure]
        else []
        for measure in range(needed.shape[1])
    ]


def _narrow(
    known: Knowledge, targets: Floats, needed: Floats, least: Floats, most: Floats, inside: bool
) -> list[tuple[int, Range]]:
    """Find the narrow ranges of one measure by points inside, where that may help, and by linear programs."""
    seen = least.copy(), most.copy()
    if inside:
        centre = _plain_start(known)
        if centre is None:
            centre = _start(known)
        if centre is not None:
            _look_inside(known, centre, targets, needed, seen)
    found = []
    for row in range(len(targets)):
        if seen[1][row] - seen[0][row] >= needed[row]:
            continue
        reach = solve_range(known, targets[row])
        if reach is None:
            return []
        for point in reach.points:
            _see(seen, targets @ point[:, None])
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


def _plain_start(known: Knowledge) -> Floats | None:
    """Walk from the middle of the scale into all cells by Newton's steps; None when that is not there soon.

    Sums are scaled so that an atom lies within (-1, 1) and a cell within 1 of its middle. Whatever a cell is off
    by more than ``_ROOM`` costs its square, ever dearer, beside the barrier of the atoms.
    """
    middle, radius = (known.ceiling + known.floor) / 2, (known.ceiling - known.floor) / 2
    half = (known.high - known.low) / 2
    if min(half.min(), radius.min()) <= 0:
        return None
    ways = known.matrix * radius / half[:, None]
    aims = ((known.low + known.high) / 2 - known.matrix @ middle) / half
    place, price = np.zeros(len(middle)), 1.0
    for _ in range(_WALK):
        off = ways @ place - aims
        if np.abs(off).max() < 1 - _EDGE:
            return np.asarray(middle + radius * place)
        over = np.sign(off) * np.maximum(np.abs(off) - _ROOM, 0.0)
        far = ways[over != 0]
        left = 1 - place**2
        slope = price * (ways.T @ over) + 2 * place / left
        bend = price * (far.T @ far) + np.diag(2 * (1 + place**2) / left**2)
        step = np.linalg.solve(bend, -slope)
        reach = float((np.abs(step) / (1 - np.sign(step) * place)).max())
        place = place + step * min(1.0, 0.9 / reach)
        price *= 2.0
    return None


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
    known: Knowledge, start: Floats, targets: Floats, needed: Floats, seen: tuple[Floats, Floats]
) -> None:
    """Widen what is `seen` of each target's range by the chords through points on the way to the analytic centre.

    Every point inside gives a valid bound and the centre the best, so the way there ends as soon as all
    targets are seen to be safe.
    """
    point = start.copy()
    sides = _slacks(known, point)
    hessian = _hessian(known, sides)
    for _ in range(NEWTON_STEPS):
        up, down, top, bottom = sides
        gradient = known.matrix.T @ (1 / up - 1 / down) + 1 / top - 1 / bottom
        solved: Floats = np.asarray(np.linalg.solve(hessian, np.column_stack([gradient, targets.T])))
        _see(seen, targets @ _chords(known, point, sides, solved[:, 1:]))
        decrement = float(gradient @ solved[:, 0])
        if decrement < SETTLED or (seen[1] - seen[0] >= needed).all():
            break
        point = point - (1.0 if decrement < 0.06 else 1.0 / (1.0 + decrement**0.5)) * solved[:, 0]
        sides = _slacks(known, point)
        hessian = _hessian(known, sides)


def _see(seen: tuple[Floats, Floats], sums: Floats) -> None:
    """Note the sums of each target at some feasible points."""
    np.minimum(seen[0], sums.min(axis=1), out=seen[0])
    np.maximum(seen[1], sums.max(axis=1), out=seen[1])


def _chords(
    known: Knowledge, point: Floats, sides: tuple[Floats, Floats, Floats, Floats], ways: Floats
) -> Floats:
    """Give both ends of the chord through a point in each way; all of them are feasible."""
    slack = np.concatenate(sides)[:, None]
    moves = known.matrix @ ways
    change = np.vstack([moves, -moves, ways, -ways])
    with np.errstate(divide="ignore", invalid="ignore"):
        steps = slack / change
    forth = np.where(change > _EDGE * slack, steps, np.inf).min(axis=0)
    back = np.where(change < -_EDGE * slack, -steps, np.inf).min(axis=0)
    # All sides are bounded: where none is in the way, the way itself is nothing but rounding.
    forth, back = (np.where(np.isfinite(step), step, 0.0) for step in (forth, back))
    return np.asarray(np.hstack([point[:, None] + ways * forth, point[:, None] - ways * back]))


def _slacks(known: Knowledge, point: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    sums = known.matrix @ point
    return known.high - sums, sums - known.low, known.ceiling - point, point - known.floor


def _hessian(known: Knowledge, sides: tuple[Floats, Floats, Floats, Floats]) -> Floats:
    up, down, top, bottom = sides
    weights = 1 / up**2 + 1 / down**2
    return np.asarray((known.matrix.T * weights) @ known.matrix + np.diag(1 / top**2 + 1 / bottom**2))
