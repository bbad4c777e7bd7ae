"""How many people a group has for sure, as published numbers of people tell somebody who does not know who sits where.

The attacker knows for each published cell between how many and how many people it is about. What he can say of a
target is the least number of people that must be inside, over the atoms that lie in it altogether, and the greatest
that may be, over those that touch it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from smf_helpers.privacy.groups import Bools, Floats
from smf_helpers.privacy.nesting import nests
from smf_helpers.privacy.span import TOLERANCE

_WITNESSES: Final = 8
_CROWD: Final = 1e12
"""More people than any number that is told: nothing bounds an atom by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aimed:
    """Cells over the atoms that they separate, and the targets over these.

    Attributes
    ----------
    matrix : cells over merged atoms, 0/1.
    whole, touched : shape (targets, atoms): lies in the target altogether; in part.
    covered : shape (targets, cells): the target reaches into all atoms of the cell.
    """

    matrix: Floats
    whole: Bools
    touched: Bools
    covered: Bools


def aim(matrix: Floats, targets: Floats) -> Aimed:
    """Merge the atoms that no cell separates; where nothing separates a target's people, it may be empty of them."""
    merged, place = np.unique(matrix, axis=1, return_inverse=True)
    place = place.ravel()
    inside = np.array([np.bincount(place, weights=vector) for vector in targets])
    touched = inside > 0
    return Aimed(
        matrix=merged,
        whole=(inside == np.bincount(place)) & merged.any(axis=0),
        touched=touched,
        covered=touched @ merged.T == merged.sum(axis=1),
    )


def find_pinned(aimed: Aimed, low: Floats, high: Floats, minimum: int) -> list[int]:
    """Give the targets whose number of people lies between 1 and `minimum` - 1 for sure.

    Parameters
    ----------
    low, high : published bounds of the number of people of each cell.
    """
    covered = (aimed.covered & (low >= minimum)).any(axis=1)
    doubtful: Bools = aimed.whole.any(axis=1) & np.logical_not(covered)
    found: list[int] = []
    trees = nests(aimed.matrix, np.vstack([aimed.whole, aimed.touched]))
    if len(trees) == 1 and len(trees[0].cells) == len(aimed.matrix):
        atoms, half = aimed.matrix.shape[1], len(aimed.whole)
        least, most, torn = trees[0].reach(low, high, np.zeros(atoms), np.full(atoms, _CROWD))
        if torn:
            return []
        sure = trees[0].whole[:half] & trees[0].whole[half:]
        pinned = _pins(least[:half], most[half:], minimum)
        found += np.flatnonzero(doubtful & sure & pinned).tolist()
        doubtful = np.asarray(doubtful & ~sure)
    return sorted(found + _pinned_by_program(aimed, doubtful, low, high, minimum))


def _pins(least: Any, most: Any, minimum: int) -> Any:
    return (least > TOLERANCE**0.5) & (np.floor(most + 1e-6) < minimum)


def _pinned_by_program(aimed: Aimed, doubtful: Bools, low: Floats, high: Floats, minimum: int) -> list[int]:
    """Solve for the least and the greatest number of the doubtful targets that no witness clears."""
    from scipy.optimize import linprog

    if not doubtful.any():
        return []
    limits, sides = np.vstack([aimed.matrix, -aimed.matrix]), np.concatenate([high, -low])
    for witness in _witnesses(limits, sides, aimed.matrix.shape[1]):
        empty = aimed.whole @ witness <= TOLERANCE**0.5
        doubtful = np.asarray(doubtful & ~empty) & (aimed.touched @ witness < minimum)
        if not doubtful.any():
            return []
    asked: dict[bytes, bool] = {}
    found = []
    for row in np.flatnonzero(doubtful):
        whole, touched = aimed.whole[row], aimed.touched[row]
        key = whole.tobytes() + touched.tobytes()
        if key not in asked:
            least = linprog(whole.astype(float), A_ub=limits, b_ub=sides, method="highs")
            most = linprog(-touched.astype(float), A_ub=limits, b_ub=sides, method="highs")
            asked[key] = least.status == most.status == 0 and bool(_pins(least.fun, -most.fun, minimum))
        if asked[key]:
            found.append(int(row))
    return found


def _witnesses(limits: Floats, sides: Floats, atoms: int) -> Iterable[Floats]:
    """Give some numbers of people that agree with everything published, as different as possible."""
    from scipy.optimize import linprog

    generator = np.random.default_rng(atoms)
    for _ in range(_WITNESSES):
        solved = linprog(
            generator.normal(size=atoms), A_ub=limits, b_ub=sides, bounds=(0, 1e6), method="highs"
        )
        if solved.status == 0:
            yield np.asarray(solved.x)
