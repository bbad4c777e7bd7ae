"""What published cells tell where they lie inside one another: the attacker's programs in closed form.

A report that breaks everybody down by one dimension publishes cells of which any two are apart or one inside the
other. They form a tree with the atoms as leaves, and on a tree the range of a sum needs no linear program. Going up,
``U_v = [low_v, high_v] ∩ sum of U`` over the children of ``v`` is what all below ``v`` allows; going down,
``D_v = U_v ∩ (D_parent - sum of U over the siblings of v)`` is what everything allows. For a target made of some
children ``T`` of ``v`` the two sums ``s_T`` and ``s_rest`` are bounded by their own ``U`` and together by ``D_v``, and by
nothing else, so ``s_T`` reaches exactly from ``max(sum U_T.low, D_v.low - sum U_rest.high)`` to
``min(sum U_T.high, D_v.high - sum U_rest.low)``.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from smf_helpers.privacy.groups import Bools, Floats, Ints

MATRICES: Final = 256
"""Sets of cells and targets that are remembered: the measures of a wave mostly share theirs."""

_CONTRADICTION: Final = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Nest:
    """Cells that lie inside one another, and targets over them. Nodes are the cells, everybody, and the atoms.

    Attributes
    ----------
    cells : rows of the matrix that it is made of.
    parents : the node around each cell.
    levels : the cells by depth, the outermost first.
    children : 0/1, shape (cells and everybody, nodes).
    around : the smallest node around each target.
    parts, rest : 0/1, shape (targets, nodes): the children of that node inside the target, and the others.
    whole : targets that are made of whole children; of the others the tree tells nothing.
    """

    cells: Ints
    parents: Ints
    levels: tuple[Ints, ...]
    children: Floats
    around: Ints
    parts: Floats
    rest: Floats
    whole: Bools

    def reach(
        self, low: Floats, high: Floats, floor: Floats, ceiling: Floats
    ) -> tuple[Floats, Floats, Bools]:
        """Give the least and the greatest sum of each target, in one measure or (a second axis) in many at once.

        Parameters
        ----------
        low, high : bounds of the sum of each row of the matrix.
        floor, ceiling : bounds of each atom's sum.

        Returns
        -------
        both ends, infinity and minus infinity for targets that are not whole; and of which measures the cells
        contradict one another, so that their ends mean nothing.
        """
        everybody = len(self.cells)
        least = np.concatenate([low[self.cells], floor.sum(axis=0, keepdims=True), floor])
        most = np.concatenate([high[self.cells], ceiling.sum(axis=0, keepdims=True), ceiling])
        for nodes in (*self.levels[::-1], np.array([everybody])):
            least[nodes] = np.maximum(least[nodes], self.children[nodes] @ least)
            most[nodes] = np.minimum(most[nodes], self.children[nodes] @ most)
        torn: Bools = np.asarray((least > most + _CONTRADICTION).any(axis=0))
        low_in, high_in = least[: everybody + 1].copy(), most[: everybody + 1].copy()
        all_least, all_most = self.children @ least, self.children @ most
        for nodes in self.levels:
            above = self.parents[nodes]
            low_in[nodes] = np.maximum(low_in[nodes], low_in[above] - (all_most[above] - most[nodes]))
            high_in[nodes] = np.minimum(high_in[nodes], high_in[above] - (all_least[above] - least[nodes]))
        start = np.maximum(self.parts @ least, low_in[self.around] - self.rest @ most)
        end = np.minimum(self.parts @ most, high_in[self.around] - self.rest @ least)
        start[~self.whole], end[~self.whole] = np.inf, -np.inf
        return start, end, torn


def nests(matrix: Floats, targets: Floats) -> tuple[Nest, ...]:
    """Lay out cells as trees with these targets: one tree of all, or one for each way to take cells that nest.

    Parameters
    ----------
    matrix : cells over atoms, 0/1.
    targets : 0/1 vectors over atoms, shape (targets, atoms).

    Examples
    --------
    A total of four people and a unit of two of them, on a scale of 1 to 5: what is left for one of the others.

    >>> import numpy as np
    >>> (tree,) = nests(np.array([[1.0, 1, 1], [1, 0, 0]]), np.array([[0.0, 1, 0]]))
    >>> low, high, _ = tree.reach(np.array([12.0, 8]), np.array([12.0, 8]), np.array([2.0, 1, 1]), np.array([10.0, 5, 5]))
    >>> float(low[0]), float(high[0])
    (1.0, 3.0)
    """
    return _nests(matrix.astype(bool).tobytes(), targets.astype(bool).tobytes(), matrix.shape[1])


@lru_cache(maxsize=MATRICES)
def _nests(cells: bytes, aims: bytes, atoms: int) -> tuple[Nest, ...]:
    matrix = np.frombuffer(cells, dtype=bool).reshape(-1, atoms).astype(float)
    targets = np.frombuffer(aims, dtype=bool).reshape(-1, atoms).astype(float)
    sizes = matrix.sum(axis=1)
    shared = matrix @ matrix.T
    agree = ((shared == 0) | (shared == np.minimum.outer(sizes, sizes))) & (sizes > 0)
    found: list[Nest] = []
    left = np.flatnonzero(sizes)
    while len(left):
        family = [int(left[0])]
        for cell in range(len(matrix)):
            if cell != left[0] and agree[cell, family].all():
                family.append(cell)
        found.append(_tree(np.array(sorted(family)), matrix, targets))
        left = np.setdiff1d(left, family)
    return tuple(found)


def _tree(cells: Ints, matrix: Floats, targets: Floats) -> Nest:
    matrix, atoms = matrix[cells], matrix.shape[1]
    sizes, shared = matrix.sum(axis=1), matrix @ matrix.T
    everybody = len(matrix)
    order = sorted(range(everybody), key=lambda cell: (-sizes[cell], cell))
    parents, depths = np.full(everybody, everybody), np.zeros(everybody + 1, dtype=np.int64)
    leaves = np.full(atoms, everybody)
    for place, cell in enumerate(order):
        outer = [other for other in order[:place] if shared[cell, other] == sizes[cell]]
        if outer:
            parents[cell] = outer[-1]
        depths[cell] = depths[parents[cell]] + 1
        leaves[matrix[cell] > 0] = cell
    children = np.zeros((everybody + 1, everybody + 1 + atoms))
    children[parents, np.arange(everybody)] = 1.0
    children[leaves, everybody + 1 + np.arange(atoms)] = 1.0
    held = np.vstack([matrix, np.ones(atoms)])
    inside = held @ targets.T
    around = np.where(inside == targets.sum(axis=1), depths[:, None], -1)
    innermost = around.argmax(axis=0)
    near = children[innermost]
    full = held.sum(axis=1) == inside.T
    partly = (near[:, : everybody + 1] > 0) & (inside.T > 0) & ~full
    parts = near * np.hstack([full, targets > 0])
    levels = tuple(np.flatnonzero(depths[:-1] == depth) for depth in range(1, int(depths.max()) + 1))
    return Nest(
        cells=cells,
        parents=parents,
        levels=levels,
        children=children,
        around=innermost,
        parts=parts,
        rest=near - parts,
        whole=~partly.any(axis=1),
    )
