"""Quick ways to see that a range is wide enough must agree with the linear programs that they spare."""

import numpy as np
import pytest

from smf_helpers.privacy.intervals import Knowledge, alone, find_narrow, solve_range


def _published(rng: np.random.Generator, cells: int) -> tuple[Knowledge, np.ndarray]:
    """Give the rounded means of some random groups, and targets of one or two atoms."""
    sizes = rng.integers(1, 9, 10)
    truth = sizes * np.minimum(5.0, rng.uniform(1.0, 6.0, 10))
    matrix = np.vstack([np.ones(10), rng.integers(0, 2, (cells - 1, 10))]).astype(float)
    matrix = matrix[matrix.any(axis=1)]
    n = matrix @ sizes
    mean = np.round(matrix @ truth / n, 1)
    low, high = np.maximum(mean - 0.05, 1.0), np.minimum(mean + 0.05, 5.0)
    known = Knowledge(matrix=matrix, low=n * low, high=n * high, floor=1.0 * sizes, ceiling=5.0 * sizes)
    pairs = np.eye(10) + np.roll(np.eye(10), 1, axis=1)
    return known, np.vstack([np.eye(10), pairs])


@pytest.mark.parametrize("cells", [1, 2, 4, 8, 11])
def test_the_narrow_ranges_are_those_that_the_programs_find(cells: int) -> None:
    rng = np.random.default_rng(cells)
    n_narrow = 0
    for _ in range(6):
        known, targets = _published(rng, cells)
        ranges = [solve_range(known, target) for target in targets]
        assert all(reach is not None for reach in ranges)
        widths = np.array([reach.high - reach.low for reach in ranges if reach is not None])
        needed = widths * rng.choice([0.5, 1.0, 1.0 + 1e-3, 1.5], len(widths))
        found = dict(find_narrow(known, targets, needed))
        assert sorted(found) == np.flatnonzero(widths < needed - 1e-6).tolist()
        for row, reach in found.items():
            assert reach.high - reach.low == pytest.approx(widths[row], abs=1e-9)
        n_narrow += len(found)
    assert n_narrow > 20


def test_one_cell_alone_leaves_the_range_that_the_program_finds() -> None:
    known, targets = _published(np.random.default_rng(7), 1)
    for target, width in zip(targets, alone(known, targets), strict=True):
        reach = solve_range(known, target)
        assert reach is not None
        assert reach.high - reach.low == pytest.approx(width, abs=1e-6)
