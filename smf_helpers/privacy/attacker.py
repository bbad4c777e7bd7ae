"""The attacker: a manager who holds every report and knows who sits where, trying to find somebody out.

He never sees what the gate saw. He reads published figures, lays out the groups they are about, and tries
six attacks, each on every group, complement and combination he can name:

- ``span`` (A1): a linear combination of published cells equals a group of 1 to k-1 people.
- ``support`` (A2): some combination, not of that form, rests on fewer than k people.
- ``count`` and ``interval`` (A3): the figures pin the number of people of a small group, or enclose its mean.
- ``items`` (A4): a composite and its items, answered by almost the same people, give the rest away.
- ``comments`` (A5): the comments of a group without those of its parts are those of a few people.
- ``unanimity`` (A6): a mean so near the end of the scale that everybody must have given the same answer.

Beside these, W1 is counted as an advisory: what the newcomers or leavers between two waves answered, if nobody
else had changed an answer.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from smf_helpers.privacy.counting import aim, find_pinned
from smf_helpers.privacy.groups import Bools, Floats, tell
from smf_helpers.privacy.intervals import Knowledge, alone, find_narrow
from smf_helpers.privacy.knowledge import Headcounts, Lattice, aims, lattice, read_cells
from smf_helpers.privacy.rules import INTERVAL_WIDTH, MINIMUM
from smf_helpers.privacy.span import TOLERANCE, light_vectors
from smf_helpers.results.privacy import Attack, Breach, PublishedCell
from smf_helpers.results.publication import Dims

_BAND_WIDTH = 0.2
GUESS_WIDTH = 0.5


def attack(
    cells: Any,
    *,
    headcounts: Headcounts | None = None,
    minimum: int = MINIMUM["standard"],
    groups: Iterable[Dims] = (),
    composites: Mapping[str, Sequence[str]] | None = None,
    comments: Mapping[Dims, Collection[str]] | None = None,
) -> Attack:
    """Try to recover the answers, or the number, of fewer than `minimum` people from published figures.

    Parameters
    ----------
    cells : published cells: `PublishedCell`s, dicts with ``dims, mean, n, measure, wave, decimals``, or a frame.
    headcounts : people by full combination of dimension values, where the attacker knows who answered.
    minimum : smallest group that may be known.
    groups : groups that are named as hidden; the attacker aims at them too.
    composites : composite measure → its items.
    comments : group → commenting people (keys) whose comments were published for it.

    Returns
    -------
    every breach found, and how many targets were tried.

    Examples
    --------
    Two units of 6 and 3 people; the report hides the small one and forgets the subtraction.

    >>> found = attack([{"dims": {}, "n": 9, "mean": 3.0}, {"dims": {"unit": "A"}, "n": 6, "mean": 3.5}],
    ...     headcounts={(("unit", "A"),): 6, (("unit", "B"),): 3})
    >>> sorted({(breach.attack, breach.target) for breach in found.findings})[1]
    ('span', 'unit B')
    """
    read = read_cells(cells)
    tried: Counter[str] = Counter()
    found: dict[tuple[str, str, str, str], Breach] = {}

    def tell_all(breaches: Iterable[Breach]) -> None:
        for breach in breaches:
            found.setdefault((breach.attack, breach.measure, breach.wave, breach.target), breach)

    waves: dict[str, dict[str, list[PublishedCell]]] = defaultdict(lambda: defaultdict(list))
    for cell in read:
        waves[cell.wave][cell.measure].append(cell)
    hidden = list(groups)
    for wave in sorted(waves):
        named = [cell.dims for block in waves[wave].values() for cell in block] + hidden
        known = lattice(named, headcounts)
        targets = _small(aims(known), known, minimum)
        wanted = np.array([vector for _, vector in targets]).reshape(-1, known.matrix.shape[1])
        shared: dict[tuple[str, bytes], Any] = {}
        proven = _is_light_free([cell for block in waves[wave].values() for cell in block], known, minimum)
        for measures in _alike(waves[wave]):
            block = _Block(measures, known, targets, wanted, minimum, shared, proven)
            for attempt in (block.span, block.support, block.count, block.interval, block.unanimity):
                tried[attempt.__name__] += 0
                tell_all(attempt(tried))
        if composites:
            tell_all(_items(waves[wave], composites, minimum, tried))
    tell_all(_comments(comments or {}, minimum, tried))
    return Attack(
        findings=tuple(found[key] for key in sorted(found)),
        tried=dict(tried),
        advisories=tuple(find_newcomers(read, minimum)),
    )


def find_newcomers(cells: Sequence[PublishedCell], minimum: int) -> Iterable[Breach]:
    """W1: the mean of one to four people by whom a group differs between two waves, if nobody else changed.

    Somebody always changes, so it is a guess and no finding; it is told where the guess would be narrower than
    half the scale.
    """
    waves: dict[tuple[str, Dims], list[PublishedCell]] = defaultdict(list)
    for cell in cells:
        if cell.n_low == cell.n_high:
            waves[cell.measure, cell.dims].append(cell)
    for (measure, dims), series in sorted(waves.items()):
        for before, after in combinations(sorted(series, key=lambda cell: cell.wave), 2):
            few = after.n_low - before.n_low
            if before.wave == after.wave or not 0 < abs(few) < minimum:
                continue
            ends = sorted(
                (after.n_low * after_end - before.n_low * before_end) / few
                for after_end, before_end in ((after.low, before.high), (after.high, before.low))
            )
            low, high = max(ends[0], after.scale[0]), min(ends[1], after.scale[1])
            if 0 < high - low < GUESS_WIDTH * (after.scale[1] - after.scale[0]):
                target = f"{abs(few)} of {tell(dims)} in {after.wave} and not in {before.wave}"
                yield Breach(
                    attack="newcomers",
                    measure=measure,
                    wave=after.wave,
                    target=target,
                    n=abs(few),
                    low=low,
                    high=high,
                )


def _small(targets: Sequence[tuple[str, Floats]], known: Lattice, minimum: int) -> list[tuple[str, Floats]]:
    """Leave out the targets that are known to hold nobody, or enough people."""
    if known.sizes is None:
        return list(targets)
    return [(name, vector) for name, vector in targets if 0 < vector @ known.sizes < minimum]


def _alike(measures: Mapping[str, Sequence[PublishedCell]]) -> Iterable[list[list[PublishedCell]]]:
    """Put the measures together that tell of the same groups the same numbers of people."""
    found: dict[Any, list[list[PublishedCell]]] = defaultdict(list)
    for measure in sorted(measures):
        last = {cell.dims: cell for cell in measures[measure]}
        cells = [last[dims] for dims in sorted(last)]
        found[tuple((cell.dims, cell.n_low, cell.n_high) for cell in cells)].append(cells)
    return found.values()


class _Block:
    """The cells of the measures of a wave that tell of the same groups, over the lattice of the wave."""

    def __init__(
        self,
        measures: Sequence[Sequence[PublishedCell]],
        known: Lattice,
        targets: list[tuple[str, Floats]],
        wanted: Floats,
        minimum: int,
        shared: dict[tuple[str, bytes], Any],
        proven: bool,
    ) -> None:
        self.measures = measures
        self.cells = measures[0]
        self.matrix = known.matrix[[known.row(cell.dims) for cell in self.cells]]
        self.sizes = known.sizes
        self.minimum = minimum
        self.by_groups = shared
        self.proven = proven
        self.targets, self.wanted = targets, wanted
        self.ends = np.array([[cell.n_low, cell.n_high] for cell in self.cells])

    def shared(self, what: Callable[[Floats, Floats], Any]) -> Any:
        """Give what depends on the groups alone; measures about the same groups share it."""
        key = what.__name__, self.matrix.tobytes()
        if key not in self.by_groups:
            self.by_groups[key] = what(self.matrix, self.wanted)
        return self.by_groups[key]

    def by_scale(self) -> Iterable[tuple[tuple[float, float], list[PublishedCell], Floats, Floats]]:
        """Give the measures of each scale: a cell of each, and what their cells allow, shape (cells, measures)."""
        for scale in sorted({cells[0].scale for cells in self.measures}):
            blocks = [cells for cells in self.measures if cells[0].scale == scale]
            low, high = (
                np.array([[getattr(cell, end) for cell in cells] for cells in blocks]).T
                for end in ("low", "high")
            )
            yield scale, [cells[0] for cells in blocks], low, high

    def span(self, tried: Counter[str]) -> Iterable[Breach]:
        """A1: solve each target as a combination of the cells."""
        tried["span"] += len(self.targets) * len(self.measures)
        if not self.targets:
            return
        weights, exact = self.shared(_combinations)
        if not exact.any():
            return
        n_low, n_high = self._people(weights)
        for row in np.flatnonzero(exact & (n_low > TOLERANCE) & (n_high < self.minimum - TOLERANCE)):
            target, n = self.targets[row][0], float(n_low[row] + n_high[row]) / 2
            for cells in self.measures:
                if self.sizes is None:
                    yield _breach("span", cells[0], target, n)
                    continue
                each = self.matrix @ self.sizes * weights[row]
                sums = np.array([[cell.low, cell.high] for cell in cells]) * each[:, None]
                low, high = float(sums.min(axis=1).sum() / n), float(sums.max(axis=1).sum() / n)
                yield _breach("span", cells[0], target, n, low, high)

    def _people(self, weights: Floats) -> tuple[Floats, Floats]:
        """Give how many people each target has, from and to, where `weights` combine the cells to it."""
        if self.sizes is not None:
            people = self.wanted @ self.sizes
            return people, people
        used = np.where(np.abs(weights) > TOLERANCE**0.5, weights, 0.0)
        least, most = self.ends.T
        more, less = np.maximum(used, 0.0), np.minimum(used, 0.0)
        return more @ least + less @ most, more @ most + less @ least

    def support(self, tried: Counter[str]) -> Iterable[Breach]:
        """A2: look for any combination that rests on fewer than k people."""
        if self.sizes is None:
            return
        tried["support"] += int((self.sizes < self.minimum).sum())
        if self.proven:
            return
        sizes = self.sizes.astype(np.int64)
        for vector in light_vectors(self.matrix, sizes, self.minimum):
            on = np.abs(vector) > TOLERANCE**0.5
            people = int(sizes[on].sum())
            if people < self.minimum:
                target = f"{int(on.sum())} combined groups of {people} people"
                yield _breach("support", self.cells[0], target, people)

    def count(self, tried: Counter[str]) -> Iterable[Breach]:
        """A3, first half: is the number of people of a group between 1 and k-1 for sure?"""
        if self.sizes is not None or not self.targets:
            return
        tried["count"] += len(self.targets)
        aimed = self.shared(aim)
        low, high = self.ends.T.astype(float)
        for row in find_pinned(aimed, low, high, self.minimum):
            yield _breach("count", self.cells[0], self.targets[row][0], None)

    def interval(self, tried: Counter[str]) -> Iterable[Breach]:
        """A3, second half: how closely is the mean of a small group enclosed?"""
        if self.sizes is None or not self.targets:
            return
        tried["interval"] += len(self.targets) * len(self.measures)
        n, people = self.matrix @ self.sizes, self.wanted @ self.sizes
        for scale, firsts, low, high in self.by_scale():
            alike = np.ones(len(firsts))
            known = Knowledge(
                matrix=self.matrix,
                low=n[:, None] * low,
                high=n[:, None] * high,
                floor=np.outer(scale[0] * self.sizes, alike),
                ceiling=np.outer(scale[1] * self.sizes, alike),
            )
            needed = np.outer(INTERVAL_WIDTH * (scale[1] - scale[0]) * people, alike)
            if scale == (0.0, 1.0):
                needed = np.minimum(needed, alone(known, self.wanted))
            for first, narrow in zip(firsts, find_narrow(known, self.wanted, needed), strict=True):
                for row, reach in narrow:
                    ends = reach.low / people[row], reach.high / people[row]
                    yield _breach("interval", first, self.targets[row][0], people[row], *ends)

    def unanimity(self, tried: Counter[str]) -> Iterable[Breach]:
        """A6: does a mean say that everybody gave the same answer at the end of the scale?"""
        n = self.ends[:, 0] if self.sizes is None else self.matrix @ self.sizes
        for scale, firsts, low, high in self.by_scale():
            if scale == (0.0, 1.0):
                continue
            tried["unanimity"] += low.size
            # Readings are cut at the ends of the scale: the published mean lies half a decimal inside.
            mean = np.where(low <= scale[0], scale[0], (low + high) / 2)
            mean = np.where(high >= scale[1], scale[1], mean)
            off = n[:, None] * np.minimum(scale[1] - mean, mean - scale[0])
            sure = (off.round(6) < 1) & (n[:, None] > 0) & (high - low <= _BAND_WIDTH)
            for row, measure in np.argwhere(sure):
                ends = float(low[row, measure]), float(high[row, measure])
                target = tell(self.cells[row].dims)
                yield _breach("unanimity", firsts[measure], target, float(n[row]), *ends)


def _breach(
    kind: str,
    first: PublishedCell,
    target: str,
    n: float | None,
    low: float | None = None,
    high: float | None = None,
) -> Breach:
    people = None if n is None else round(n)
    return Breach(
        attack=kind, measure=first.measure, wave=first.wave, target=target, n=people, low=low, high=high
    )


def _is_light_free(cells: Sequence[PublishedCell], known: Lattice, minimum: int) -> bool:
    """Say whether all groups of a wave together leave nothing for ``support``: then no measure's own groups do."""
    if known.sizes is None:
        return False
    matrix = known.matrix[[known.row(dims) for dims in sorted({cell.dims for cell in cells})]]
    return next(light_vectors(matrix, known.sizes.astype(np.int64), minimum), None) is None


def _combinations(matrix: Floats, wanted: Floats) -> tuple[Floats, Bools]:
    """Give the weights of the cells that come closest to each target, and whether they give just that."""
    weights = wanted @ np.asarray(np.linalg.pinv(matrix), dtype=np.float64)
    return weights, np.abs(weights @ matrix - wanted).max(axis=1) < TOLERANCE**0.5


def _items(
    wave: Mapping[str, Sequence[PublishedCell]],
    composites: Mapping[str, Sequence[str]],
    minimum: int,
    tried: Counter[str],
) -> Iterable[Breach]:
    """A4: ``q n mean(composite) - sum n_i mean(item_i)`` with numbers of answers that differ by less than k."""
    for composite, items in composites.items():
        parts = [{cell.dims: cell for cell in wave.get(item, ())} for item in items]
        for cell in wave.get(composite, ()):
            if not all(cell.dims in part for part in parts) or cell.n_low != cell.n_high:
                continue
            answers = [part[cell.dims] for part in parts]
            tried["items"] += 1
            missing = sum(abs(item.n_low - cell.n_low) for item in answers)
            exact = all(item.n_low == item.n_high for item in answers)
            if not exact or not 0 < missing < minimum:
                continue
            slack = len(items) * cell.n_low * (cell.high - cell.low)
            slack += sum(item.n_low * (item.high - item.low) for item in answers)
            if slack / missing < INTERVAL_WIDTH * (cell.scale[1] - cell.scale[0]):
                yield Breach(
                    attack="items", measure=composite, wave=cell.wave, target=tell(cell.dims), n=missing
                )


def _comments(
    comments: Mapping[Dims, Collection[str]], minimum: int, tried: Counter[str]
) -> Iterable[Breach]:
    """A5: comments of a group without the comments of any of its parts."""
    for parent, children in _families(comments).items():
        people = set(comments[parent])
        for shown in [*([child] for child in children), children]:
            tried["comments"] += 1
            rest = people - {person for child in shown for person in comments[child]}
            if shown and 0 < len(rest) < minimum:
                yield Breach(attack="comments", measure="comments", wave="", target=tell(parent), n=len(rest))


def _families(comments: Mapping[Dims, Collection[str]]) -> dict[Dims, list[Dims]]:
    return {
        parent: sorted(child for child in comments if set(parent) < set(child)) for parent in sorted(comments)
    }
