"""What everybody at risk was exposed to in the period before, added up without a table of people by periods.

A person is at risk in one stretch of periods, and somebody looked to counts from one period on; so the exposure added
up over a stretch is a count of periods for each tie, and a hundred thousand people cost no more than their ties.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from smf_helpers.models.hazard_profiles import Exposed
from smf_helpers.models.hazard_records import People, TiePlaces, clock
from smf_helpers.results.path import Floats

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Exposure to one source.

    Attributes
    ----------
    now : shape (adoptions,); in the period of adoption, in the order of `People.adopters`.
    total : shape (people,); added up over all periods at risk.
    """

    now: Floats
    total: Floats


def over_time(values: Floats, people: People) -> Source:
    """Give the exposure to what holds for everybody: `values` at the end of each period."""
    so_far = np.concatenate([[0.0], np.cumsum(values)])
    stretch = np.where(people.end >= people.begin, people.end, people.begin - 1)
    return Source(
        now=values[people.adopted[people.adopters] - 1],
        total=so_far[np.minimum(stretch, people.n_periods)]
        - so_far[np.minimum(people.begin - 1, people.n_periods)],
    )


def along_ties(ties: TiePlaces, people: People, *, since: int = 1, through: int | None = None) -> Source:
    """Give the share of own ties that adopted, from `since` periods after their adoption through `through`.

    One period after on is what they had done; from one before through the same period is what they were about to do.
    The last two periods have no future to look at. 0 for whoever has no ties.
    """
    n = len(people.names)
    came = people.adopted[ties.target]
    total = np.bincount(ties.source, weights=ties.weight, minlength=n)
    size = np.where(total > 0, total, 1.0)
    opens, closes = came + since, people.n_periods + 1 if through is None else came + through
    last = people.end if through is None else np.minimum(people.end, people.n_periods - 2)
    periods = np.minimum(last[ties.source], closes) - np.maximum(people.begin[ties.source], opens) + 1
    summed = np.bincount(ties.source, weights=ties.weight * np.maximum(periods, 0), minlength=n)
    when = people.adopted[ties.source]
    seen = (opens <= when) & (when <= closes) & (when <= last[ties.source])
    now = np.bincount(ties.source, weights=ties.weight * seen, minlength=n) / size
    return Source(now=now[people.adopters], total=summed / size)


def shuffled(ties: TiePlaces, rng: np.random.Generator) -> TiePlaces:
    """Rewire the ties at random: everybody keeps how many they look to and how many look to them."""
    return replace(ties, target=rng.permutation(ties.target))


def one_way(ties: TiePlaces, n: int) -> TiePlaces:
    """Keep the ties that are not returned: those looked to cannot have followed through them."""
    forward = ties.source * np.int64(n) + ties.target
    kept = ~np.isin(forward, ties.target * np.int64(n) + ties.source, assume_unique=True)
    return TiePlaces(source=ties.source[kept], target=ties.target[kept], weight=ties.weight[kept])


def organisation(people: People) -> Floats:
    """Give the share of those present who had adopted, at the end of each period."""
    width = people.n_periods + 1

    def running(start: "np.ndarray[tuple[int], np.dtype[np.int_]]", stop: Floats) -> Floats:
        there = stop >= start
        change = np.bincount(np.minimum(start[there], width - 1), minlength=width).astype(float)
        change -= np.bincount(np.minimum(stop[there].astype(int) + 1, width - 1), minlength=width)
        return np.asarray(np.cumsum(change)[: people.n_periods])

    here = running(people.first, people.last.astype(float))
    done = running(np.maximum(people.first, people.adopted), people.last.astype(float))
    return done / np.maximum(here, 1)


def calendar(campaigns: "pd.DataFrame", name: str, people: People) -> Floats:
    """Give what holds in each period of a column of the campaigns: a row says it from ``at`` on."""
    place = people.place(clock(campaigns["at"]))
    values = campaigns[name].to_numpy(dtype=float, na_value=0.0)
    order = np.argsort(place, kind="stable")
    slot = np.searchsorted(place[order], np.arange(people.n_periods), side="right") - 1
    return np.where(slot >= 0, values[order][np.maximum(slot, 0)], 0.0)


def gather(people: People, sources: "list[Source]", traits: Floats | None = None) -> Exposed:
    """Put the exposures together; people with the same `traits` (people, traits) are added up."""
    adopters = people.adopters
    adoptions = np.stack([source.now for source in sources], axis=1)
    totals = np.stack([source.total for source in sources], axis=1)
    totals[adopters] -= adoptions
    if traits is None or not traits.shape[1]:
        kinds, kind = np.zeros((1, 0)), np.zeros(len(people.names), dtype=int)
    else:
        kinds, place = np.unique(traits, axis=0, return_inverse=True)
        kind = place.ravel()
    waiting = np.stack(
        [np.bincount(kind, weights=column, minlength=len(kinds)) for column in totals.T], axis=1
    )
    return Exposed(
        adoptions=adoptions, whose=kind[adopters], waiting=np.asarray(waiting, dtype=float), traits=kinds
    )


def lay_sources(
    people: People, ties: TiePlaces | None, campaigns: "pd.DataFrame | None"
) -> dict[str, Source]:
    """Give the exposure to each source that these data have, the programme first."""
    found = {
        "programme": over_time(np.ones(people.n_periods), people),
        "organisation": over_time(organisation(people), people),
    }
    if ties is not None and len(ties.source):
        found["network"] = along_ties(ties, people)
    for name in ("campaign", "executives"):
        if campaigns is not None and name in campaigns and len(campaigns):
            values = calendar(campaigns, name, people)
            if np.ptp(values[:-1]) > 0:
                found[name] = over_time(values, people)
    return found
