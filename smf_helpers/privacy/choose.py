"""Which groups are shown: as many as invariant I1 allows, the useful ones first.

The best choice, exactly (`optimum`), where the problem is small enough; elsewhere greedily, in several orders of
usefulness. Every choice is proven (`span`) before it is handed on. The result does not depend on the order
of rows, nor on the clock: the amount of search follows from the size of the problem.
"""

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from smf_helpers.privacy.groups import Cover, Ints
from smf_helpers.privacy.optimum import find_optimum
from smf_helpers.privacy.span import TOLERANCE, SmallSets, light_vectors, null_projector, touching

EFFORT: Final = 3_000_000
"""Work of one greedy choice, in elementary set tests, up to which several orders are tried."""

LEVEL_WEIGHT: Final = (8.0, 2.0, 1.0)
"""What showing a group is worth, by number of dimensions."""


def choose(
    view: Cover,
    minimum: int,
    *,
    fixed: Iterable[int] = (),
    banned: Iterable[int] = (),
) -> tuple[int, ...]:
    """Choose the groups to show.

    Parameters
    ----------
    view : candidates over their atoms; released groups among them are named in `fixed`.
    minimum : smallest group shown, k.
    fixed : rows that are public already.
    banned : rows that must not be shown.

    Returns
    -------
    rows of `view` that may be shown together, sorted, `fixed` included.
    """
    public = tuple(sorted(set(fixed)))
    out = set(banned) - set(public)
    large = np.flatnonzero(view.n >= minimum).tolist()
    view = view.merged(sorted(set(public) | set(large) - out))
    while True:
        chosen = _search(view, minimum, public, out)
        bad = _unproven(view, chosen, minimum, public)
        if bad is None:
            return chosen
        out.add(bad)


def worth(view: Cover, row: int) -> float:
    """Say how useful it is to show a group: coarse before fine, large before small."""
    group = view.groups[row]
    level = LEVEL_WEIGHT[min(group.level, len(LEVEL_WEIGHT) - 1)]
    return level + group.n / (1.0 + view.sizes.sum())


def _search(view: Cover, minimum: int, public: Sequence[int], out: set[int]) -> tuple[int, ...]:
    sets = SmallSets(view.sizes, minimum)
    if public:
        sets.forget(null_projector(view.matrix[list(public)])[np.ix_(sets.small, sets.small)])
    n = view.n
    able = [
        row for row in range(len(view.groups)) if n[row] >= minimum and row not in out and row not in public
    ]
    worths = np.array([worth(view, row) for row in range(len(view.groups))])
    optimum = find_optimum(view.matrix, worths, sets, able, public)
    if optimum is not None and optimum.proven:
        return optimum.rows
    natural = sorted(able, key=lambda row: (-worths[row], view.groups[row].dims))
    fine_first = sorted(able, key=lambda row: (view.groups[row].level != 0, -view.groups[row].level, -n[row]))
    orders = [fine_first, *_by_dimension(view, able, n)]
    if optimum is not None:
        orders.append(sorted(natural, key=lambda row: row not in optimum.rows))
    best = _greedy(view, sets, public, natural)
    value = sum(worths[row] for row in best)
    for order in orders if len(able) * (sets.count + len(view.sizes)) < EFFORT else []:
        found = _greedy(view, sets, public, order)
        gained = sum(worths[row] for row in found)
        if gained > value + TOLERANCE:
            best, value = found, gained
    return tuple(sorted(best))


def _by_dimension(view: Cover, able: Sequence[int], n: Ints) -> list[list[int]]:
    """Order the groups so that one dimension's totals come first, then the fine cells, then the rest."""
    names = sorted({name for row in able for name, _ in view.groups[row].dims})
    orders = []
    for lead in names if len(names) > 1 else []:
        rank = {
            row: (
                0
                if not view.groups[row].dims
                else 1
                if [name for name, _ in view.groups[row].dims] == [lead]
                else 2
                if view.groups[row].level > 1
                else 3
            )
            for row in able
        }
        orders.append(sorted(able, key=lambda row: (rank[row], -n[row], view.groups[row].dims)))
    return orders


def _greedy(view: Cover, sets: SmallSets, public: Sequence[int], order: Sequence[int]) -> set[int]:
    """Show the groups of `order` one by one, leaving out whatever would break I1."""
    shown = set(public)
    projector = null_projector(view.matrix[list(public)])
    small = sets.small
    gram = projector[np.ix_(small, small)]
    for row in order:
        rest = projector @ view.matrix[row]
        length = float(rest @ rest)
        if length < TOLERANCE:
            shown.add(row)
            continue
        after = gram - np.outer(rest[small], rest[small] / length)
        if sets.broken(after):
            continue
        shown.add(row)
        projector = projector - np.outer(rest, rest / length)
        gram = after
    return shown


def _unproven(view: Cover, chosen: Sequence[int], minimum: int, public: Sequence[int]) -> int | None:
    """Give a group to leave out because I1 is not proven with it, or None when it is."""
    sets = SmallSets(view.sizes, minimum)
    if sets.complete:
        return None
    matrix = view.matrix[list(chosen)]
    free = null_projector(view.matrix[list(public)])
    light = light_vectors(matrix, view.sizes, minimum)
    # What the public groups tell by themselves is told already.
    vector = next((found for found in light if np.abs(free @ found).max() > TOLERANCE**0.5), None)
    if vector is None:
        return None
    used = [row for row in touching(vector, matrix, chosen) if row not in public and view.groups[row].level]
    if not used:
        used = [row for row in chosen if row not in public]
    return min(used, key=lambda row: (worth(view, row), view.groups[row].dims)) if used else None
