"""Quick ways to see that a range is wide enough must agree with the linear programs that they spare."""

from dataclasses import replace

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


def _one(known: Knowledge) -> Knowledge:
    """Give the same as the first and only of many measures."""
    ends = {name: getattr(known, name)[:, None] for name in ("low", "high", "floor", "ceiling")}
    return replace(known, **ends)


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
        (narrow,) = find_narrow(_one(known), targets, needed[:, None])
        found = dict(narrow)
        assert sorted(found) == np.flatnonzero(widths < needed - 1e-6).tolist()
        for row, reach in found.items():
            assert reach.high - reach.low == pytest.approx(widths[row], abs=1e-9)
        n_narrow += len(found)
    assert n_narrow > 20


def test_many_measures_at_once_tell_what_each_tells_by_itself() -> None:
    rng = np.random.default_rng(11)
    matrix = np.vstack([np.ones(9), np.kron(np.eye(3), np.ones(3))])
    sizes = rng.integers(1, 5, 9)
    means = rng.uniform(1.0, 5.0, (len(matrix), 40)).round(1)
    n = (matrix @ sizes)[:, None]
    floor, ceiling = (np.outer(end * sizes, np.ones(40)) for end in (1.0, 5.0))
    low, high = n * np.maximum(means - 0.4, 1.0), n * np.minimum(means + 0.4, 5.0)
    known = Knowledge(matrix=matrix, low=low, high=high, floor=floor, ceiling=ceiling)
    needed = np.outer(np.ones(9), rng.uniform(1.0, 6.0, 40))
    found = find_narrow(known, np.eye(9), needed)
    for measure, narrow in enumerate(found):
        ranges = [solve_range(known.of(measure), target) for target in np.eye(9)]
        widths = [np.inf if reach is None else reach.high - reach.low for reach in ranges]
        assert [row for row, _ in narrow] == np.flatnonzero(
            np.array(widths) < needed[:, measure] - 1e-6
        ).tolist()
    assert 5 < sum(map(bool, found)) < 35


def test_one_cell_alone_leaves_the_range_that_the_program_finds() -> None:
    known, targets = _published(np.random.default_rng(7), 1)
    for target, width in zip(targets, alone(known, targets), strict=True):
        reach = solve_range(known, target)
        assert reach is not None
        assert reach.high - reach.low == pytest.approx(width, abs=1e-6)
