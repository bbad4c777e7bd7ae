"""Figures that a group may show and still must not, because they enclose a few people too closely.

Works measure by measure on the published figures of the groups that `choose` lets through, and takes the
strictest pattern for all measures of a set.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from smf_helpers.privacy.choose import worth
from smf_helpers.privacy.groups import Cover, Floats, Group, Ints
from smf_helpers.privacy.intervals import Knowledge, alone, find_narrow
from smf_helpers.privacy.rules import INTERVAL_PEOPLE, INTERVAL_WIDTH
from smf_helpers.privacy.span import TOLERANCE
from smf_helpers.results.privacy import PublishedCell

Block = Mapping[Group, tuple[PublishedCell, int]]
"""The figures of one measure in one population: group → its published cell and its number of answers."""


def needed_width(n: int, scale: tuple[float, float], *, share: bool) -> float:
    """Say how wide the range of the sum of `n` people must stay.

    A quarter of the scale for each person, at least two people's worth; for shares at least one person,
    since people are counted in whole numbers.
    """
    reach = scale[1] - scale[0]
    if share:
        return max(INTERVAL_WIDTH * n * reach, 1.0)
    return INTERVAL_WIDTH * max(n, INTERVAL_PEOPLE) * reach


def shield(
    view: Cover,
    block: Block,
    minimum: int,
    *,
    targets: Sequence[tuple[str, Floats]],
    fixed: frozenset[Group] = frozenset(),
) -> set[Group]:
    """Give the groups whose figure of this measure must be hidden.

    Parameters
    ----------
    view : all groups of the population, the hidden ones too: an attacker aims at them.
    block : what would be published.
    targets : the small groups of the view, as `small_targets` names them.
    fixed : groups that are public already; they are never given back.
    """
    hidden: set[Group] = set()
    while True:
        left = {group: told for group, told in block.items() if group not in hidden}
        (used,) = enclosing(view, [left], minimum, targets=targets)
        if used is None:
            return hidden
        able = [group for group in used if group not in fixed] or [
            group for group in left if group not in fixed
        ]
        if not able:
            return hidden
        place = {group: row for row, group in enumerate(view.groups)}
        hidden.add(min(able, key=lambda group: (worth(view, place[group]), group.dims)))


def enclosing(
    view: Cover, blocks: Sequence[Block], minimum: int, *, targets: Sequence[tuple[str, Floats]]
) -> list[list[Group] | None]:
    """Give for each measure the groups whose figures enclose a few people too closely; None where it may be told.

    Measures of the same groups on the same scale are looked at together.
    """
    found: list[list[Group] | None] = [None] * len(blocks)
    alike: dict[tuple[tuple[int, ...], tuple[float, float]], list[int]] = defaultdict(list)
    for place, block in enumerate(blocks):
        rows = tuple(row for row, group in enumerate(view.groups) if group in block)
        if rows and targets:
            alike[rows, block[view.groups[rows[0]]][0].scale].append(place)
    aims = np.array([vector for _, vector in targets])
    for (rows, scale), places in alike.items():
        shown = [view.groups[row] for row in rows]
        told = [[blocks[place][group] for group in shown] for place in places]
        low = np.array([[cell.low for cell, _ in cells] for cells in told]).T
        high = np.array([[cell.high for cell, _ in cells] for cells in told]).T
        answers = np.array([[n for _, n in cells] for cells in told]).T
        few = _few_answers(view, rows, answers, minimum)
        known = _knowledge(view, rows, low, high, answers, scale)
        needed = _needed(known, aims, aims @ view.sizes, scale)
        for place, cells, narrow in zip(places, few, find_narrow(known, aims, needed), strict=True):
            if cells or narrow:
                found[place] = [shown[cell] for cell in cells or narrow[0][1].cells]
    return found


def _needed(known: Knowledge, aims: Floats, people: Ints, scale: tuple[float, float]) -> Floats:
    share = scale == (0.0, 1.0)
    widths = np.array([needed_width(int(n), scale, share=share) for n in people])
    needed = np.broadcast_to(widths[:, None], (len(widths), known.low.shape[1]))
    return np.minimum(needed, alone(known, aims)) if share else needed


def _knowledge(
    view: Cover, rows: Sequence[int], low: Floats, high: Floats, answers: Floats, scale: tuple[float, float]
) -> Knowledge:
    matrix = view.matrix[list(rows)]
    # People who did not answer may sit in any atom of the smallest cell around it.
    silent = view.n[list(rows), None] - answers
    missing = np.where(matrix[:, :, None] > 0, silent[:, None], np.inf).min(axis=0)
    sizes = view.sizes[:, None].astype(float)
    sure = sizes - np.minimum(missing, sizes)
    return Knowledge(
        matrix=matrix,
        low=answers * low,
        high=answers * high,
        floor=np.minimum(scale[0] * sure, scale[0] * sizes),
        ceiling=np.broadcast_to(scale[1] * sizes, sure.shape),
    )


def _few_answers(view: Cover, rows: Sequence[int], answers: Floats, minimum: int) -> list[list[int]]:
    """Find published cells whose combination rests on 1 to `minimum` - 1 answers, though on more people."""
    matrix, n = view.matrix[list(rows)], view.n
    silent = (answers != n[list(rows), None]).any(axis=0)
    if not silent.any():
        return [[] for _ in silent]
    aims = [view.matrix[row] for row in range(len(view.groups))]
    inner = np.rint(view.matrix @ (view.matrix * view.sizes).T)
    aims += [
        view.matrix[parent] - view.matrix[child]
        for child, parent in zip(*np.nonzero(inner == n[:, None]), strict=True)
        if n[parent] > n[child]
    ]
    wanted = np.array(aims)
    weights = wanted @ np.linalg.pinv(matrix)
    weights = weights[np.abs(weights @ matrix - wanted).max(axis=1) < TOLERANCE**0.5]
    people = np.rint(weights @ answers)
    few = (people > 0) & (people < minimum) & silent
    used = np.abs(weights) > TOLERANCE**0.5
    return [np.flatnonzero(used[some.argmax()]).tolist() if some.any() else [] for some in few.T]
