"""Invariant I1: no combination of published figures is a statement about fewer than k people.

Published groups are 0/1 vectors over respondents. Whatever an attacker computes from their sums is a
vector of their linear span; it tells about the people on its support. I1 asks that no non-zero vector
of the span has a support of fewer than k people.

With ``P`` the projector on the null space of the published matrix, a vector lives on a set of atoms
``A`` inside the span exactly when the rows ``P[A]`` are linearly dependent. Since every atom has at least
one person, only sets of fewer than k atoms matter: they are enumerated where that is feasible.

Elsewhere a linear program proves it. Scale a vector ``v`` of the span by its largest entry, at atom
``t``: ``v_t = 1`` and ``|v_a| <= 1``. Then ``sum h_a |v_a|`` is at most the number of people on its
support, so ``min sum h_a |v_a| >= k`` for every small atom ``t`` is a proof of I1, not a heuristic.

Mostly no program is needed. With ``K = M' (M H M')+ M``, ``H = diag(h)``, the matrix ``K H`` projects on the span,
so ``1 = v_t = sum_a K_ta h_a v_a <= max_a |K_ta| sum_a h_a |v_a|``: where ``1 / max_a |K_ta| >= k``, atom ``t`` is done.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Final

import numpy as np

from smf_helpers.privacy.groups import Bools, Floats, Ints

TOLERANCE: Final = 1e-9
MAX_SETS: Final = 150_000
"""Sets of atoms that are enumerated; beyond, the linear program decides."""


def null_projector(matrix: Floats) -> Floats:
    """Give the orthogonal projector on the null space of `matrix` (cells, atoms)."""
    atoms = matrix.shape[1]
    if matrix.shape[0] == 0:
        return np.eye(atoms)
    _, scales, rows = np.linalg.svd(matrix, full_matrices=False)
    kept = rows[scales > TOLERANCE * max(1.0, float(scales[0]) if len(scales) else 1.0)]
    return np.asarray(np.eye(atoms) - kept.T @ kept)


class SmallSets:
    """All sets of atoms that hold fewer than `minimum` people together, and the test of I1 on them."""

    def __init__(self, sizes: Ints, minimum: int) -> None:
        self.minimum = minimum
        self.small = np.flatnonzero(sizes < minimum)
        self.lone = np.arange(len(self.small))
        self.sets: list[Ints] = []
        self.complete = True
        held = sizes[self.small]
        budget = MAX_SETS
        for size in range(1, minimum):
            found = _sets(held, size, minimum, budget)
            if found is None:
                self.complete = False
                break
            if not len(found):
                break
            budget -= len(found)
            self.sets.append(found.T)

    @property
    def count(self) -> int:
        """Number of sets."""
        return sum(found.shape[1] for found in self.sets)

    def forget(self, gram: Floats) -> None:
        """Leave out the sets that are dependent already: what is public cannot be hidden again."""
        if not len(self.small) or not self.sets:
            return
        zero = np.diagonal(gram) < TOLERANCE
        safe = np.where(zero, 1.0, np.diagonal(gram))
        units = gram / np.sqrt(np.outer(safe, safe))
        units[zero] = 0.0
        units[:, zero] = 0.0
        self.sets = [found[:, ~_singular(units, found)] for found in self.sets]
        self.lone = np.flatnonzero(~zero)

    def broken(self, gram: Floats) -> bool:
        """Say whether some small set is dependent.

        Parameters
        ----------
        gram : the projector on the null space, rows and columns of the small atoms. A projector is its
            own Gram matrix, so a set is dependent exactly when its block of `gram` is singular.
        """
        if not len(self.small):
            return False
        lengths = np.diagonal(gram)
        if (lengths[self.lone] < TOLERANCE).any():
            return True
        units = _units(gram)
        return any(bool(_singular(units, found).any()) for found in self.sets[1:])

    def dependent(self, gram: Floats, most: int) -> list[Ints]:
        """Give up to `most` dependent sets of atoms, of the smallest size at which there are any."""
        if not len(self.small):
            return []
        zero = np.diagonal(gram) < TOLERANCE
        found = [self.small[[at]] for at in self.lone if zero[at]]
        units = _units(gram)
        for sets in self.sets[1:]:
            if found:
                break
            singular = sets[:, _singular(units, sets)]
            found = [self.small[atoms] for atoms in singular[:, ~zero[singular].any(axis=0)].T]
        return found[:most]


def _units(gram: Floats) -> Floats:
    """Scale a Gram matrix to vectors of length one."""
    lengths = np.maximum(np.diagonal(gram), TOLERANCE)
    return np.asarray(gram / np.sqrt(np.outer(lengths, lengths)))


def _singular(units: Floats, found: Ints) -> Bools:
    """Say which blocks of `units` are singular, by elimination over all blocks at once."""
    size, count = found.shape
    block = [[units[found[i], found[j]] for j in range(size)] for i in range(size)]
    singular = np.zeros(count, dtype=bool)
    for pivot in range(size):
        singular |= block[pivot][pivot] < TOLERANCE
        head = np.where(singular, 1.0, block[pivot][pivot])
        for i in range(pivot + 1, size):
            factor = block[i][pivot] / head
            for j in range(i, size):
                block[i][j] = block[i][j] - factor * block[pivot][j]
                block[j][i] = block[i][j]
    return singular


def _sets(held: Ints, size: int, minimum: int, budget: int) -> Ints | None:
    """Give the sets of `size` small atoms with fewer than `minimum` people, or None when too many."""
    light = np.flatnonzero(held <= minimum - size)
    rough = 1.0
    for step in range(size):
        rough *= (len(light) - step) / (step + 1)
    if rough > 20 * budget:
        return None
    kept = [chosen for chosen in combinations(light.tolist(), size) if held[list(chosen)].sum() < minimum]
    if len(kept) > budget:
        return None
    return np.array(kept, dtype=np.int64).reshape(len(kept), size)


def light_vectors(matrix: Floats, sizes: Ints, minimum: int) -> Iterator[Floats]:
    """Give vectors of the span of `matrix` that may stand on fewer than `minimum` people.

    Empty means that I1 is proven. Atoms published on their own drop out first: they can be subtracted
    from any vector and have enough people themselves.

    Parameters
    ----------
    matrix : published cells, shape (cells, atoms).
    sizes : people in each atom.
    """
    hidden = _hidden_atoms(matrix, sizes, minimum)
    inner = np.unique(matrix[:, hidden], axis=0)
    inner = inner[inner.any(axis=1)]
    enough = minimum - 1e-6
    doubtful = _people_at_least(inner, sizes[hidden]) < enough
    for target in np.flatnonzero(doubtful & (sizes[hidden] < minimum)):
        found = _lightest(inner, sizes[hidden], int(target))
        if found is not None and float(np.abs(found) @ sizes[hidden]) < enough:
            vector = np.zeros(matrix.shape[1])
            vector[hidden] = found
            yield vector


def _hidden_atoms(matrix: Floats, sizes: Ints, minimum: int) -> Ints:
    alone = matrix[matrix.sum(axis=1) == 1].any(axis=0)
    return np.flatnonzero(~(alone & (sizes >= minimum)))


def _people_at_least(inner: Floats, sizes: Ints) -> Floats:
    """Give for each atom ``t`` a lower bound of ``sum h |v|`` over the span with ``v_t = 1``; 0 proves nothing."""
    spread = (inner * sizes) @ inner.T
    kernel = inner.T @ np.linalg.pinv(spread, hermitian=True) @ inner
    if not np.allclose((kernel * sizes) @ inner.T, inner.T, rtol=0.0, atol=TOLERANCE):
        return np.zeros(len(sizes))
    most = np.abs(kernel).max(axis=0, initial=0.0)
    return np.asarray(1.0 / np.maximum(most, TOLERANCE))


def _lightest(inner: Floats, sizes: Ints, target: int) -> Floats | None:
    """Minimise ``sum h |v|`` over the span with ``v_target = 1`` and ``|v| <= 1`` by linear programming."""
    from scipy.optimize import linprog
    from scipy.sparse import csr_array, eye_array, hstack, vstack

    cells, atoms = inner.shape
    if not cells or not inner[:, target].any():
        return None
    across = csr_array(inner.T)
    weights = eye_array(atoms)
    limits = vstack([hstack([across, -weights]), hstack([-across, -weights])]).tocsr()
    fixed = csr_array(np.concatenate([inner[:, target], np.zeros(atoms)])[None, :])
    solved = linprog(
        np.concatenate([np.zeros(cells), sizes.astype(float)]),
        A_ub=limits,
        b_ub=np.zeros(2 * atoms),
        A_eq=fixed,
        b_eq=[1.0],
        bounds=[(None, None)] * cells + [(0.0, 1.0)] * atoms,
        method="highs",
    )
    return np.asarray(inner.T @ solved.x[:cells]) if solved.status == 0 else None


def is_safe(matrix: Floats, sizes: Ints, minimum: int) -> bool:
    """Say whether the published groups keep I1.

    Examples
    --------
    Nine people in two units of six and three: the total and the large unit give the small one away.

    >>> import numpy as np
    >>> is_safe(np.array([[1.0, 1.0], [1.0, 0.0]]), np.array([6, 3]), 5)
    False
    >>> is_safe(np.array([[1.0, 1.0]]), np.array([6, 3]), 5)
    True
    """
    sets = SmallSets(sizes, minimum)
    if sets.broken(null_projector(matrix)[np.ix_(sets.small, sets.small)]):
        return False
    return sets.complete or next(light_vectors(matrix, sizes, minimum), None) is None


def touching(vector: Floats, matrix: Floats, rows: Sequence[int]) -> list[int]:
    """Give those `rows` of the published matrix that a combination equal to `vector` uses."""
    weights, *_ = np.linalg.lstsq(matrix.T, vector, rcond=None)
    return [row for row, weight in zip(rows, weights, strict=True) if abs(weight) > TOLERANCE**0.5]
