"""What earlier releases told about the people at hand, put beside what would be told now.

An attacker keeps every report. What was published once about a wave counts as known whenever the wave is
told again, and where a wave is issued again, with late answers, he holds both issues: a group of the first and the
same group of the second differ by the few who came late.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from smf_helpers.privacy.groups import SUBSET, Group, tell
from smf_helpers.results.privacy import PublishedCell, ReleasedGroup
from smf_helpers.results.publication import Dims, Population

ISSUE: Final = "issue"
"""Start of the dimension name under which a group of an earlier issue stands in keys."""

NOW: Final = (f"{ISSUE} now", "yes")
"""The pair that marks a group of today where somebody was in an earlier issue only."""

_POINT: Final = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """What was published about one population.

    Attributes
    ----------
    size : people of today and those who were in an earlier issue only.
    figures : group → measure → its figure; None where the ledger did not keep figures yet. A group that is not
        the same people today has dims of its own.
    as_told : dims of such a group → its own and the issue, as somebody reads them who does not know who sits where.
    left : whether somebody was in an earlier issue only.
    """

    size: int
    figures: Mapping[Group, Mapping[str, PublishedCell] | None]
    as_told: Mapping[Dims, Dims]
    left: bool

    def cells(self) -> list[PublishedCell]:
        """Give all figures."""
        return [cell for told in self.figures.values() for cell in (told or {}).values()]


def recall(population: Population, released: Iterable[ReleasedGroup]) -> Earlier:
    """Lay out what was released over the people of today and those who have left since."""
    place = {person: at for at, person in enumerate(population.people.tolist())}
    now = len(place)
    figures: dict[Group, dict[str, PublishedCell] | None] = {}
    as_told: dict[Dims, Dims] = {}
    for told in released:
        positions = sorted(place.setdefault(person, len(place)) for person in told.members)
        people = np.array(positions, dtype=np.int64)
        dims = told.dims
        if told.issue and not _is_same(population, dims, people):
            dims = ((f"{ISSUE} {told.issue} {tell(dims)}", "yes"),)
        group = Group(dims=dims, people=people.tobytes(), level=len(told.dims))
        if dims != told.dims:
            as_told[dims] = (*told.dims, (f"{ISSUE} {told.issue}", "yes"))
        if told.figures is None:
            figures.setdefault(group, None)
            continue
        known = figures.get(group) or {}
        for cell in told.figures:
            known[cell.measure] = together(known.get(cell.measure), replace(cell, dims=dims))
        figures[group] = known
    return Earlier(size=len(place), figures=figures, as_told=as_told, left=len(place) > now)


def together(before: PublishedCell | None, now: PublishedCell) -> PublishedCell:
    """Give what two figures say about the same people; the later one where they contradict each other."""
    if before is None:
        return now
    low, high = max(before.low, now.low), min(before.high, now.high)
    return replace(now, low=low, high=high) if high - low > _POINT else now


def name_in(earlier: Earlier, dims: Dims, *, knows: bool) -> Dims:
    """Give the dims of a group as an attacker tells it from those of other issues.

    Parameters
    ----------
    knows : whether he knows who sits where and who was in which issue; else a group of an earlier issue is
        to him a unit and an issue.
    """
    told = earlier.as_told.get(dims)
    if told is not None:
        return dims if knows else tuple(sorted(told))
    return tuple(sorted((*dims, NOW))) if earlier.left else dims


def _is_same(population: Population, dims: Dims, people: "np.typing.NDArray[np.int64]") -> bool:
    """Say whether a group of an earlier issue has the same people today."""
    if any(name.startswith(SUBSET) or name not in population.dimensions for name, _ in dims):
        return False
    inside = np.ones(len(population.people), dtype=bool)
    for name, value in dims:
        inside &= population.dimensions[name] == value
    return bool(np.array_equal(np.flatnonzero(inside), people))
