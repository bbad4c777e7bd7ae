"""From people, ties and campaigns to exposures at risk."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from smf_helpers.errors import Fault, ModelError
from smf_helpers.models.hazard_likelihood import AtRisk
from smf_helpers.results.path import Floats

if TYPE_CHECKING:
    import pandas as pd

Ints = npt.NDArray[np.int_]
DAYS_A_WEEK = 7.0


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """When each person could adopt, in periods from the first one.

    Attributes
    ----------
    names : the people, sorted.
    first, last : first and last period at risk or present.
    adopted : period of adoption; `never` where it has not come.
    n_periods : periods watched.
    origin, period : clock of the caller: ``period number = floor((time - origin) / period)``.
    dated : whether times are dates (weeks).
    """

    names: npt.NDArray[Any]
    first: Ints
    last: Ints
    adopted: Ints
    n_periods: int
    origin: float
    period: float
    dated: bool

    @property
    def never(self) -> int:
        """Number that stands for an adoption that has not come."""
        return self.n_periods + 1

    def place(self, times: Floats) -> Ints:
        """Give the number of the period of each time."""
        return np.floor((times - self.origin) / self.period + 1e-9).astype(int)


@dataclass(frozen=True, slots=True, kw_only=True)
class TiePlaces:
    """Ties as positions in the list of people, with weights."""

    source: Ints
    target: Ints
    weight: Floats


def clock(values: "pd.Series[Any]") -> Floats:
    """Give times as numbers: weeks for dates, the numbers themselves otherwise."""
    import pandas as pd

    if pd.api.types.is_numeric_dtype(values):
        return values.to_numpy(dtype=float, na_value=np.nan)
    days = (pd.to_datetime(values, utc=True) - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(days=1)
    return days.to_numpy(dtype=float) / DAYS_A_WEEK


def read_people(people: "pd.DataFrame", *, period: float, until: Any = None) -> People:
    """Read who could adopt when; columns may end in ``_at`` or ``_on``.

    Raises
    ------
    ModelError
        When the person or the adoption is missing.
    """
    import pandas as pd

    def column(stem: str) -> "pd.Series[Any] | None":
        found = [name for name in (f"{stem}_at", f"{stem}_on") if name in people]
        return people[found[0]] if found else None

    adopted = column("adopted")
    missing = [
        name
        for name, absent in (("person", "person" not in people), ("adopted_at", adopted is None))
        if absent
    ]
    if missing or adopted is None:
        raise ModelError(
            *(Fault(code="M331", where="people", what=f"The column '{name}' is missing.") for name in missing)
        )
    nothing = pd.Series(np.nan, index=people.index)
    joined, left = column("joined"), column("left")
    times = pd.DataFrame(
        {
            "adopted": clock(adopted),
            "joined": clock(joined if joined is not None else nothing),
            "left": clock(left if left is not None else nothing),
        }
    ).set_axis(people["person"].astype(str).to_numpy())
    times = times.groupby(level=0).min().sort_index()
    dated = not pd.api.types.is_numeric_dtype(adopted)
    known = times.to_numpy()[~np.isnan(times.to_numpy())]
    origin = float(np.nanmin(times[["adopted", "joined"]].to_numpy(), initial=np.inf)) if len(known) else 0.0
    origin = origin if np.isfinite(origin) else 0.0
    # without entries everybody was there one period before the first adoption
    origin -= period if not times["joined"].notna().any() else 0.0
    end = float(clock(pd.Series([pd.Timestamp(until)]))[0]) if until is not None and dated else until
    end = float(end) if end is not None else float(known.max(initial=origin))
    n_periods = int(np.floor((end - origin) / period + 1e-9)) + 1

    def place(name: str, missing_as: int) -> Ints:
        values = times[name].to_numpy()
        return np.where(
            np.isnan(values), missing_as, np.floor((np.nan_to_num(values) - origin) / period + 1e-9)
        ).astype(int)

    gone = n_periods + 1
    when = place("adopted", gone)
    return People(
        names=times.index.to_numpy(),
        first=np.clip(place("joined", 0), 0, None),
        last=np.minimum(place("left", n_periods - 1), n_periods - 1),
        adopted=np.where(when >= n_periods, gone, when),
        n_periods=n_periods,
        origin=origin,
        period=period,
        dated=dated,
    )


def read_places(ties: "pd.DataFrame", people: People) -> TiePlaces:
    """Place ties ``source, target`` (and ``weight``) on the list of people; equal pairs are added up."""
    import pandas as pd

    index = pd.Index(people.names)
    source = index.get_indexer(ties["source"].astype(str))
    target = index.get_indexer(ties["target"].astype(str))
    kept = (source >= 0) & (target >= 0) & (source != target)
    pair, place = np.unique(source[kept] * np.int64(len(index)) + target[kept], return_inverse=True)
    weight = ties["weight"].to_numpy(float)[kept] if "weight" in ties else None
    summed = np.ones(len(pair))
    if weight is not None:
        summed = np.bincount(place.ravel(), weights=weight, minlength=len(pair)).astype(float)
    return TiePlaces(source=pair // len(index), target=pair % len(index), weight=summed)


def own_exposure(ties: TiePlaces, people: People) -> Floats:
    """Give everybody's exposure at the end of each period, shape (people, periods); 0 without ties."""
    n, width = len(people.names), people.n_periods + 2
    cell = ties.source * np.int64(width) + np.clip(people.adopted[ties.target], 0, width - 1)
    steps = np.bincount(cell, weights=ties.weight, minlength=n * width).reshape(n, width)[
        :, : people.n_periods
    ]
    total = np.bincount(ties.source, weights=ties.weight, minlength=n)
    return np.asarray(np.cumsum(steps, axis=1) / np.where(total > 0, total, 1.0)[:, None])


def shuffled(ties: TiePlaces, rng: np.random.Generator) -> TiePlaces:
    """Rewire the ties at random: everybody keeps how many they look to and how many look to them."""
    return replace(ties, target=rng.permutation(ties.target))


def one_way(ties: TiePlaces, n: int) -> TiePlaces:
    """Keep the ties that are not returned: those looked to cannot have followed through them."""
    forward = ties.source * np.int64(n) + ties.target
    kept = ~np.isin(forward, ties.target * np.int64(n) + ties.source)
    return TiePlaces(source=ties.source[kept], target=ties.target[kept], weight=ties.weight[kept])


def at_risk(people: People) -> npt.NDArray[np.bool_]:
    """Say who is at risk in which period, shape (people, periods); the first period has no past."""
    t = np.arange(people.n_periods)[None, :]
    until = np.minimum(people.last, people.adopted)[:, None]
    return (t >= np.maximum(people.first, 1)[:, None]) & (t <= until)


def organisation(people: People) -> Floats:
    """Give the share of those present who had adopted, at the end of each period."""
    t = np.arange(people.n_periods)[None, :]
    here = (t >= people.first[:, None]) & (t <= people.last[:, None])
    done = here & (people.adopted[:, None] <= t)
    return np.asarray(done.sum(axis=0) / np.maximum(here.sum(axis=0), 1))


def calendar(campaigns: "pd.DataFrame", name: str, people: People) -> Floats:
    """Give what holds in each period of a column of the campaigns: a row says it from ``at`` on."""
    place = people.place(clock(campaigns["at"]))
    values = campaigns[name].to_numpy(dtype=float, na_value=0.0)
    order = np.argsort(place, kind="stable")
    slot = np.searchsorted(place[order], np.arange(people.n_periods), side="right") - 1
    return np.where(slot >= 0, values[order][np.maximum(slot, 0)], 0.0)


def gather(people: People, risk: npt.NDArray[np.bool_], exposures: "list[Floats]") -> AtRisk:
    """Add exposures of the period before up over the people at risk; keep them where one adopted."""
    who = np.flatnonzero((people.adopted < people.n_periods) & (people.adopted >= 1))
    who = who[risk[who, people.adopted[who]]]
    when = people.adopted[who]
    columns, totals = [], []
    n_at_risk = risk.sum(axis=0)
    for exposure in exposures:
        if exposure.ndim == 1:
            columns.append(exposure[when - 1])
            totals.append(float(n_at_risk[1:] @ exposure[:-1]))
        else:
            columns.append(exposure[who, when - 1])
            totals.append(float(exposure[:, :-1][risk[:, 1:]].sum()))
    adoptions = np.stack(columns, axis=1) if columns else np.empty((len(who), 0))
    return AtRisk(adoptions=adoptions, waiting=np.array(totals) - adoptions.sum(axis=0))
