"""Figures that a group may show and still must not, because they enclose a few people too closely.

Works measure by measure on the published figures of the groups that `choose` lets through, and takes the
strictest pattern for all measures of a set.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from smf_helpers.privacy.choose import worth
from smf_helpers.privacy.groups import Cover, Floats, Group
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
    place = {group: row for row, group in enumerate(view.groups)}
    hidden: set[Group] = set()
    if not targets:
        return hidden
    aims = np.array([vector for _, vector in targets])
    people = aims @ view.sizes
    while True:
        shown = [group for group in view.groups if group in block and group not in hidden]
        if not shown:
            return hidden
        rows = [place[group] for group in shown]
        cells = [block[group][0] for group in shown]
        answers = np.array([block[group][1] for group in shown])
        few = _few_answers(view, rows, answers, minimum)
        if few is None:
            scale = cells[0].scale
            share = scale == (0.0, 1.0)
            needed = np.array([needed_width(int(n), scale, share=share) for n in people])
            known = _knowledge(view, rows, cells, answers)
            if share:
                needed = np.minimum(needed, alone(known, aims))
            narrow = find_narrow(known, aims, needed)
            if not narrow:
                return hidden
            used = [shown[cell] for cell in narrow[0][1].cells]
        else:
            used = [shown[cell] for cell in few]
        able = [group for group in used if group not in fixed] or [g for g in shown if g not in fixed]
        if not able:
            return hidden
        hidden.add(min(able, key=lambda group: (worth(view, place[group]), group.dims)))


def _knowledge(
    view: Cover, rows: Sequence[int], cells: Sequence[PublishedCell], answers: Floats
) -> Knowledge:
    matrix = view.matrix[rows]
    low_end, high_end = cells[0].scale
    # People who did not answer may sit in any atom of the smallest cell around it.
    silent = view.n[rows] - answers
    missing = np.where(matrix > 0, silent[:, None], np.inf).min(axis=0)
    sure = view.sizes - np.minimum(missing, view.sizes)
    return Knowledge(
        matrix=matrix,
        low=answers * np.array([cell.low for cell in cells]),
        high=answers * np.array([cell.high for cell in cells]),
        floor=np.minimum(low_end * sure, low_end * view.sizes),
        ceiling=high_end * view.sizes.astype(float),
    )


def _few_answers(view: Cover, rows: Sequence[int], answers: Floats, minimum: int) -> list[int] | None:
    """Find published cells whose combination rests on 1 to `minimum` - 1 answers, though on more people."""
    if (answers == view.n[rows]).all():
        return None
    matrix = view.matrix[rows]
    aims = [view.matrix[row] for row in range(len(view.groups))]
    inner = np.rint(view.matrix @ (view.matrix * view.sizes).T)
    n = view.n
    aims += [
        view.matrix[parent] - view.matrix[child]
        for child, parent in zip(*np.nonzero(inner == n[:, None]), strict=True)
        if n[parent] > n[child]
    ]
    wanted = np.array(aims)
    weights = wanted @ np.linalg.pinv(matrix)
    exact = np.abs(weights @ matrix - wanted).max(axis=1) < TOLERANCE**0.5
    found = np.rint(weights @ answers)
    for aim in np.flatnonzero(exact & (found > 0) & (found < minimum)):
        return np.flatnonzero(np.abs(weights[aim]) > TOLERANCE**0.5).tolist()
    return None
