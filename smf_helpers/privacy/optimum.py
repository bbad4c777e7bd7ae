"""The best choice of groups, exactly, where the problem is small enough to be solved to the end.

Which groups may stand together is a matter of minimal conflicts: a set of groups whose figures combine to a
statement about fewer than k people, while no smaller part of it does. At least one group of each must be
hidden. There are too many conflicts to list, so they are found when they are needed: choose the most useful
groups that agree with the conflicts known so far (a mixed-integer program), look for conflicts among them,
add these, choose again. When no conflict is left, the choice is the best there is.

References
----------
Fischetti & Salazar-González 2001, Management Science 47, 1008-1027, doi:10.1287/mnsc.47.7.1008.9805.
Huangfu & Hall 2018, Mathematical Programming Computation 10, 119-142, doi:10.1007/s12532-017-0130-5 (HiGHS).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from smf_helpers.privacy.groups import Floats
from smf_helpers.privacy.span import TOLERANCE, SmallSets, null_projector

ROUNDS: Final = 60
"""Programs that are solved before the choice is left to the greedy way."""

NODES: Final = 5_000
MAX_GROUPS: Final = 120
CONFLICTS_A_ROUND: Final = 60
_EXACT: Final = TOLERANCE**0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Optimum:
    """What the program says.

    Attributes
    ----------
    rows : the chosen groups.
    proven : whether no choice is better; otherwise `rows` may still conflict and is a good order to try.
    """

    rows: tuple[int, ...]
    proven: bool


def find_optimum(
    matrix: Floats, worths: Floats, sets: SmallSets, able: Sequence[int], public: Iterable[int]
) -> Optimum | None:
    """Choose the rows of greatest worth that keep I1 together; None where the problem is too large.

    Parameters
    ----------
    matrix : candidates over atoms.
    worths : what showing each row is worth.
    sets : the sets of atoms that must stay independent.
    able : rows that may be shown.
    public : rows that are shown already.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp

    fixed = sorted(public)
    if not sets.complete or len(able) > MAX_GROUPS:
        return None
    low, high = np.zeros(len(matrix)), np.zeros(len(matrix))
    high[list(able)] = 1.0
    low[fixed] = high[fixed] = 1.0
    conflicts: set[tuple[int, ...]] = set()
    chosen: tuple[int, ...] = tuple(sorted({*able, *fixed}))
    for _ in range(ROUNDS):
        new = _conflicts(matrix, sets, chosen) - conflicts
        if not new:
            return Optimum(rows=chosen, proven=True)
        conflicts |= new
        held = np.zeros((len(conflicts), len(matrix)))
        for place, conflict in enumerate(sorted(conflicts)):
            held[place, list(conflict)] = 1.0
        solved = milp(
            -worths,
            constraints=[LinearConstraint(held, -np.inf, held.sum(axis=1) - 1)],
            integrality=np.ones(len(matrix)),
            bounds=Bounds(low, high),
            options={"mip_rel_gap": 0.0, "node_limit": NODES},
        )
        if solved.status != 0:
            return None
        chosen = tuple(np.flatnonzero(solved.x > 0.5).tolist())
    return Optimum(rows=chosen, proven=False)


def _conflicts(matrix: Floats, sets: SmallSets, chosen: Sequence[int]) -> set[tuple[int, ...]]:
    """Find minimal conflicts among chosen rows, those on the fewest atoms first."""
    free = null_projector(matrix[list(chosen)])
    found = sets.dependent(free[np.ix_(sets.small, sets.small)], CONFLICTS_A_ROUND)
    conflicts = set()
    for atoms in found:
        light = np.zeros(matrix.shape[1])
        light[atoms] = np.linalg.svd(free[np.ix_(atoms, atoms)])[2][-1]
        conflicts.add(_minimal(matrix, chosen, light))
    return conflicts


def _minimal(matrix: Floats, chosen: Sequence[int], light: Floats) -> tuple[int, ...]:
    """Give a set of rows that combine to `light`, of which none can be left out."""
    weights = np.linalg.lstsq(matrix[list(chosen)].T, light, rcond=None)[0]
    rows = [row for row, weight in zip(chosen, weights, strict=True) if abs(weight) > _EXACT]
    for row in sorted(rows, key=lambda row: (-matrix[row].sum(), row)):
        rest = [other for other in rows if other != row]
        if rest:
            weights = np.linalg.lstsq(matrix[rest].T, light, rcond=None)[0]
            if np.abs(matrix[rest].T @ weights - light).max() < _EXACT:
                rows = rest
    return tuple(rows)
