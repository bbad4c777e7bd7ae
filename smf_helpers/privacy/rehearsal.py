"""The rehearsal: what would be published is attacked before it is, with all that was published before.

The attacker of the gate reads rounded figures as somebody with the report would, once knowing who sits where and
who answered when, and once not.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from smf_helpers.privacy.attacker import attack, find_newcomers
from smf_helpers.privacy.earlier import ISSUE, NOW, Earlier, name_in, together
from smf_helpers.privacy.groups import SUBSET, Cover
from smf_helpers.privacy.knowledge import Headcounts
from smf_helpers.results.privacy import Attack, Breach, PublishedCell
from smf_helpers.results.publication import Dims, Population


def attack_all(
    cells: Sequence[PublishedCell],
    seats: Mapping[str, Headcounts],
    views: Mapping[str, Cover],
    earlier: Mapping[str, Earlier],
    minimum: int,
) -> Attack:
    """Attack what would be published, once knowing who sits where and once not, alone and with all issues before."""
    findings: list[Breach] = []
    tried: Counter[str] = Counter()
    for key, counts in sorted(seats.items()):
        mine = [cell for cell in cells if cell.wave == key]
        # Alone as well: where an earlier issue contradicts what is told now, both together say nothing.
        for told in (mine, _with_earlier(mine, earlier[key])):
            if not told:
                continue
            for known in (counts, None):
                result = _attack_as(told, known, views[key], earlier[key], minimum)
                findings.extend(breach for breach in result.findings if breach not in findings)
                tried.update(result.tried)
    return Attack(
        findings=tuple(findings), tried=dict(tried), advisories=tuple(find_newcomers(cells, minimum))
    )


def _with_earlier(cells: Sequence[PublishedCell], earlier: Earlier) -> list[PublishedCell]:
    """Give the cells with all that earlier releases told; nothing where these add nothing."""
    before = {(cell.measure, cell.dims): cell for cell in earlier.cells()}
    now = {(cell.measure, cell.dims): cell for cell in cells}
    both = before | {key: together(before.get(key), cell) for key, cell in now.items()}
    return list(both.values()) if both != now else []


def _attack_as(
    cells: Sequence[PublishedCell], known: Headcounts | None, view: Cover, earlier: Earlier, minimum: int
) -> Attack:
    """Attack as somebody who knows who sits where, or (None) does not and reads no group of named people."""
    knows = known is not None
    named = [group.dims for group in view.groups if knows or not _is_subset(group.dims)]
    read = [cell for cell in cells if knows or not _is_subset(cell.dims)]
    told = {dims: name_in(earlier, dims, knows=knows) for dims in {cell.dims for cell in read}}
    return attack(
        [cell if told[cell.dims] == cell.dims else replace(cell, dims=told[cell.dims]) for cell in read],
        headcounts=known,
        minimum=minimum,
        groups=[name_in(earlier, dims, knows=knows) for dims in named],
    )


def told_already(
    seats: Mapping[str, Headcounts],
    views: Mapping[str, Cover],
    earlier: Mapping[str, Earlier],
    minimum: int,
) -> set[tuple[str, str, str, str]]:
    """Give what earlier releases tell by themselves: below a threshold raised since, nobody can take it back."""
    if not any(told.figures for told in earlier.values()):
        return set()
    return {what(breach) for breach in attack_all([], seats, views, earlier, minimum).findings}


def what(breach: Breach) -> tuple[str, str, str, str]:
    """Say what a breach is about, whatever it tells of it."""
    return breach.attack, breach.measure, breach.wave, breach.target


def _is_subset(dims: Dims) -> bool:
    return any(name.startswith(SUBSET) for name, _ in dims)


def seats_of(population: Population, view: Cover, earlier: Earlier) -> Headcounts:
    """Count who sits where: people by every combination of what is broken down by, and who was in which issue."""
    gone = earlier.size - len(population.people)
    names = sorted({name for group in view.groups for name, _ in group.dims if not _is_own(name)})
    columns: dict[str, Any] = {
        name: np.concatenate([population.dimensions[name], np.full(gone, "left")]) for name in names
    }
    if earlier.left:
        columns[NOW[0]] = np.repeat(["yes", "no"], [len(population.people), gone])
    for group in sorted(view.groups, key=lambda group: group.dims):
        for name, value in group.dims:
            if _is_own(name):
                # The widest group that carries the name holds everybody who is in it.
                inside = columns.setdefault(name, np.full(earlier.size, "no", dtype="<U3"))
                inside[group.positions] = value
    counts = Counter(zip(*(values.tolist() for values in columns.values()), strict=True))
    if not columns:
        counts[()] = earlier.size
    return Counter({tuple(sorted(zip(columns, row, strict=True))): n for row, n in counts.items()})


def _is_own(name: str) -> bool:
    """Say whether a dimension names people one by one, or those of an earlier issue."""
    return name.startswith((SUBSET, ISSUE))
