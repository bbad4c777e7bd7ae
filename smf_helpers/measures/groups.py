"""People by wave and unit: the rows of every survey table, and estimates for all of them at once.

The first group of each wave is everybody; people whose unit nobody knows count there and nowhere else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from smf_helpers.measures.design import Means, group_means, group_sums, share_limits

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]

EVERYBODY = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Groups:
    """The groups of a sheet of people, wave by wave.

    Attributes
    ----------
    waves : waves in time.
    units : names of the groups in a wave, everybody first.
    of_all, of_unit : number of the group that each person belongs to; -1 for nobody's.
    sizes : headcount of each group, empty where unknown.
    """

    waves: tuple[str, ...]
    units: tuple[str, ...]
    of_all: Ints
    of_unit: Ints
    sizes: Floats

    @property
    def count(self) -> int:
        """Number of groups over all waves."""
        return len(self.waves) * len(self.units)

    @property
    def whole(self) -> npt.NDArray[np.bool_]:
        """Which groups are everybody, as a column."""
        return (np.arange(self.count) % len(self.units) == 0)[:, None]

    def keys(self, names: Sequence[str], label: str) -> dict[str, npt.NDArray[np.object_]]:
        """Give the key columns ``wave, unit, label`` of a table with a row for each group and name."""
        return {
            "wave": np.repeat(np.array(self.waves, dtype=object), len(self.units) * len(names)),
            "unit": np.tile(np.repeat(np.array(self.units, dtype=object), len(names)), len(self.waves)),
            label: np.tile(np.array(names, dtype=object), self.count),
        }

    def means(self, values: Floats, weights: Floats) -> Means:
        """Estimate the mean of each column in each group; see `group_means`."""
        parts = [
            group_means(values, weights, of, self.count, self.sizes) for of in (self.of_all, self.of_unit)
        ]
        names = ("mean", "se", "n", "deff", "left")
        return Means(
            **{name: np.where(self.whole, *(getattr(part, name) for part in parts)) for name in names}
        )

    def sums(self, values: Floats) -> Floats:
        """Add each column up in each group."""
        found = []
        for of in (self.of_all, self.of_unit):
            inside = of >= 0
            columns = [group_sums(of[inside], column[inside], self.count) for column in values.T]
            found.append(np.stack(columns, axis=1) if columns else np.empty((self.count, 0)))
        return np.where(self.whole, found[0], found[1])


def group_people(
    people: pd.DataFrame, waves: tuple[str, ...], headcounts: Mapping[str, int] | None = None
) -> Groups:
    """Group a sheet's people (``wave, unit``) by wave and unit; see `sizes_of` for the headcounts."""
    units = [EVERYBODY, *sorted(str(unit) for unit in people["unit"].unique() if unit)]
    start = pd.Index(waves).get_indexer(people["wave"]) * len(units)
    place = pd.Index(units[1:], dtype=object).get_indexer(people["unit"]) + 1
    return Groups(
        waves=waves,
        units=tuple(units),
        of_all=start,
        of_unit=np.where(place > 0, start + place, -1),
        sizes=np.tile(sizes_of(units, headcounts), len(waves)),
    )


def sizes_of(units: Sequence[str], headcounts: Mapping[str, int] | None) -> Floats:
    """Give the headcount of each unit, empty where unknown; everybody is the sum when all units are known."""
    if not headcounts:
        return np.full(len(units), np.nan)
    sizes = np.array([float(headcounts.get(unit, np.nan)) for unit in units])
    if np.isnan(sizes[0]) and len(units) > 1 and np.isfinite(sizes[1:]).all():
        sizes[0] = float(sum(n for unit, n in headcounts.items() if unit != EVERYBODY))
    return sizes


def share_table(
    groups: Groups, values: Floats, weights: Floats, names: Sequence[str], label: str, level: float = 0.95
) -> pd.DataFrame:
    """Estimate shares of people, with Wilson's interval: a row for each group and name.

    Parameters
    ----------
    groups : the groups.
    values : people x names: 1 where it is so, 0 where not, empty where unknown.
    weights : one a person.
    names, label : what the columns are, and the name of the key column that says so.
    level : coverage of the intervals.
    """
    means = groups.means(values, weights)
    low, high = share_limits(means, level)
    n = means.n.ravel()
    return pd.DataFrame(
        {
            **groups.keys(names, label),
            "share": means.mean.ravel(),
            "low": low.ravel(),
            "high": high.ravel(),
            "n": n,
            "status": np.where(n > 0, "ok", "insufficient_data"),
            "reason": np.where(n > 0, "", "Nobody answered."),
        }
    )
