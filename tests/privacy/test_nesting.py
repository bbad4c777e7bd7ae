"""On cells that lie inside one another the closed forms must give what linear programs give."""

import numpy as np
from scipy.optimize import linprog

from smf_helpers.privacy.counting import aim, find_pinned
from smf_helpers.privacy.intervals import Knowledge, solve_range
from smf_helpers.privacy.nesting import nests

ATOMS = 12


def _nested(rng: np.random.Generator) -> np.ndarray:
    """Give a total, consecutive units of some of it, parts of these, and perhaps a group that is told twice."""
    cuts = np.sort(rng.choice(np.arange(1, ATOMS), 3, replace=False))
    units = np.split(np.arange(ATOMS), cuts)
    rows = [np.arange(ATOMS)] * int(rng.integers(0, 2)) + units[: int(rng.integers(1, 5))]
    rows += [unit[:2] for unit in units if len(unit) > 2][: int(rng.integers(0, 3))]
    rows += [rows[-1]] * int(rng.integers(0, 2))
    matrix = np.zeros((len(rows), ATOMS))
    for row, inside in enumerate(rows):
        matrix[row, inside] = 1.0
    return matrix[rng.permutation(len(matrix))]


def test_ranges_and_contradictions_are_those_of_the_programs() -> None:
    rng = np.random.default_rng(3)
    compared = contradicted = 0
    for _ in range(14):
        matrix = _nested(rng)
        sizes = rng.integers(1, 6, ATOMS).astype(float)
        n = matrix @ sizes
        # Figures that do not come from the same answers contradict one another now and then.
        mean = (matrix @ (sizes * rng.uniform(1, 5, ATOMS))) / n + rng.choice(
            [0.0, 0.3], len(matrix), p=[0.8, 0.2]
        )
        known = Knowledge(
            matrix=matrix, low=n * (mean - 0.05), high=n * (mean + 0.05), floor=sizes, ceiling=5 * sizes
        )
        targets = np.vstack([np.eye(ATOMS), np.eye(ATOMS) + np.roll(np.eye(ATOMS), 1, axis=1), matrix])
        (tree,) = nests(matrix, targets)
        *ends, torn = tree.reach(known.low, known.high, known.floor, known.ceiling)
        if torn:
            contradicted += 1
            assert solve_range(known, targets[0]) is None
            continue
        for row in np.flatnonzero(tree.whole):
            program = solve_range(known, targets[row])
            assert program is not None
            np.testing.assert_allclose([ends[0][row], ends[1][row]], [program.low, program.high], atol=1e-6)
            compared += 1
    assert compared > 150
    assert contradicted > 1


def test_cells_that_overlap_are_no_tree_but_trees_of_those_that_do_not() -> None:
    matrix = np.array([[1.0, 1, 1, 1], [1, 1, 0, 0], [1, 0, 1, 0]])
    families = [tree.cells.tolist() for tree in nests(matrix, np.eye(4))]
    assert families == [[0, 1], [0, 2]]


def test_pinned_numbers_of_people_are_those_of_the_programs() -> None:
    rng = np.random.default_rng(5)
    pinned = 0
    for turn in range(12):
        matrix = _nested(rng)
        if turn % 3 == 0:
            matrix = np.vstack([matrix, rng.integers(0, 2, ATOMS)])
            matrix = matrix[matrix.any(axis=1)]
        people = matrix @ rng.integers(0, 4, ATOMS)
        low, high = people - rng.integers(0, 2, len(people)), people + rng.integers(0, 2, len(people))
        targets = np.vstack([np.eye(ATOMS), matrix, np.clip(matrix[:1] - matrix, 0, 1)])
        targets = targets[targets.any(axis=1)][:: 1 + turn % 2]
        aimed = aim(matrix, targets)
        found = find_pinned(aimed, low.astype(float), high.astype(float), 5)
        limits, sides = np.vstack([matrix, -matrix]), np.concatenate([high, -low])
        for row, target in enumerate(targets):
            # Atoms that no cell separates may hold all people of one another, or none.
            least = linprog(target, A_ub=limits, b_ub=sides)
            most = linprog(-target, A_ub=limits, b_ub=sides)
            sure = least.status == most.status == 0 and least.fun > 1e-4 and -most.fun < 5 - 1e-4
            assert (row in found) == sure
            pinned += sure
    assert pinned > 5
