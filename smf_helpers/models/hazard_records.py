"""Who could adopt when, and who looks to whom: the reading before exposures are added up."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from smf_helpers.errors import Fault, ModelError
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

    @property
    def begin(self) -> Ints:
        """First period at risk of each; the first period has no past."""
        return np.maximum(self.first, 1)

    @property
    def end(self) -> Ints:
        """Last period at risk of each; before `begin` where somebody never was."""
        return np.minimum(self.last, self.adopted)

    @property
    def adopters(self) -> Ints:
        """Those who adopted while they were at risk."""
        return np.flatnonzero((self.adopted == self.end) & (self.end >= self.begin))

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
    source, target = (_places(ties[end], index) for end in ("source", "target"))
    kept = (source >= 0) & (target >= 0) & (source != target)
    pair, place = np.unique(source[kept] * np.int64(len(index)) + target[kept], return_inverse=True)
    weight = ties["weight"].to_numpy(float)[kept] if "weight" in ties else None
    summed = np.ones(len(pair))
    if weight is not None:
        summed = np.bincount(place.ravel(), weights=weight, minlength=len(pair)).astype(float)
    return TiePlaces(source=pair // len(index), target=pair % len(index), weight=summed)


def _places(names: "pd.Series[Any]", index: "pd.Index[Any]") -> Ints:
    """Look every name up once, however many ties it has; -1 where it is not known."""
    import pandas as pd

    codes, once = pd.factorize(names)
    found = np.append(index.get_indexer(pd.Index(once).astype(str)), -1)
    return np.asarray(found[codes], dtype=int)


def read_traits(
    people: "pd.DataFrame", names: Sequence[str], known: People
) -> tuple[list[tuple[str, str]], Floats]:
    """Give traits of the people as columns: numbers centred, groups against the largest one.

    Returns
    -------
    Trait and group (empty for numbers) of each column, and the columns, shape (people, columns). A missing number
    counts as the mean, a missing group as a group of its own.

    Raises
    ------
    ModelError
        When a column is missing.
    """
    import pandas as pd

    absent = [name for name in names if name not in people]
    if absent:
        raise ModelError(
            *(Fault(code="M331", where="people", what=f"The column '{name}' is missing.") for name in absent)
        )
    keyed = people.set_axis(people["person"].astype(str).to_numpy()).sort_index()
    keyed = keyed[~keyed.index.duplicated()].reindex(known.names)
    labels: list[tuple[str, str]] = []
    columns: list[Floats] = []
    for name in names:
        values = keyed[name]
        if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
            numbers = values.to_numpy(dtype=float, na_value=np.nan)
            middle = np.nanmean(numbers) if np.isfinite(numbers).any() else 0.0
            labels.append((name, ""))
            columns.append(np.nan_to_num(numbers - middle))
            continue
        groups = values.astype("string").fillna("unknown")
        sizes = groups.value_counts()
        largest = min(sizes.index[sizes == sizes.max()], default="")
        for group in sorted(set(sizes.index) - {largest}):
            labels.append((name, group))
            columns.append((groups == group).to_numpy(dtype=float))
    return labels, np.stack(columns, axis=1) if columns else np.empty((len(known.names), 0))
