"""Adoption as it was observed: counts in intervals of real time, whatever the waves looked like.

Waves may be unequal, unsorted or missing; adopters may be known only to an interval, and intervals may
overlap. Nothing is indexed by wave number and nothing is interpolated.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from smf_helpers.errors import ModelError
from smf_helpers.models.diffusion_engine import Cells
from smf_helpers.results.core import Status

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]
WEEK = np.timedelta64(7 * 86_400_000_000, "us")

MIN_ADOPTERS = 10
"""Adopters below which no law of adoption is fitted to counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """The time axis of a fit: numbers as given, or dates counted in weeks since the origin."""

    origin: float | np.datetime64
    unit: str

    def to_number(self, at: Any) -> Floats:
        """Give times since the origin."""
        if isinstance(self.origin, np.datetime64):
            return np.asarray((_as_dates(at) - self.origin) / WEEK, dtype=float)
        return np.asarray(at, dtype=float) - self.origin

    def to_label(self, since: Floats) -> npt.NDArray[Any]:
        """Give times as they were given: dates for dates, numbers for numbers."""
        if isinstance(self.origin, np.datetime64):
            days = np.rint(since * 7).astype("timedelta64[D]")
            return np.asarray(self.origin + days)
        return np.asarray(since + self.origin)


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """New adopters in intervals, ready for the engine, with the axis they were given on."""

    cells: Cells
    axis: Axis

    @property
    def n(self) -> Floats:
        """Counts of the seen intervals."""
        return self.cells.n[0][self.cells.seen[0]]

    @property
    def last(self) -> float:
        """End of the last seen interval, since the origin."""
        seen = self.cells.seen[0]
        return float(self.cells.upper[seen].max()) if seen.any() else 0.0

    @property
    def gap(self) -> float:
        """Usual length of an interval."""
        return float(np.median(self.cells.upper - self.cells.lower))


def observe(
    new: "Sequence[float] | npt.NDArray[Any] | pd.DataFrame",
    *,
    times: Any = None,
    eligible: float | None = None,
    origin: Any = None,
    squares: bool | None = None,
) -> Observed:
    """Read new adopters into intervals; see `fit_adoption` for what may be given.

    Raises
    ------
    ModelError
        When counts and times differ in length, an interval ends before it begins, or a frame lacks
        one of its columns ``after``, ``by``, ``n``.
    """
    if hasattr(new, "columns"):
        lower, upper, n, axis = _from_frame(new, origin)
    else:
        lower, upper, n, axis = _from_series(np.asarray(new, dtype=float).ravel(), times, origin)
    if (upper <= lower).any() or (lower < 0).any():
        raise ModelError(
            "An interval of adoption must end after it begins, and begin at or after the origin."
        )
    seen = np.isfinite(n)
    known = n[seen]
    fractions = bool((known != np.rint(known)).any() or (known < 0).any())
    cells = Cells(
        lower=lower,
        upper=upper,
        n=np.where(seen, n, 0.0)[None],
        seen=seen[None],
        eligible=None if eligible is None else np.array([float(eligible)]),
        squares=fractions if squares is None else squares,
        cover=_cover(lower, upper),
    )
    return Observed(cells=cells, axis=axis)


def _cover(lower: Floats, upper: Floats) -> tuple[Floats, Floats] | None:
    """Give the disjoint stretches that overlapping intervals cover; None when none overlap."""
    order = np.lexsort((upper, lower))
    low, high = lower[order], upper[order]
    if not (low[1:] < np.maximum.accumulate(high)[:-1]).any():
        return None
    begins = np.concatenate([[True], low[1:] > np.maximum.accumulate(high)[:-1]])
    return low[begins], np.maximum.reduceat(high, np.flatnonzero(begins))


def _from_series(n: Floats, times: Any, origin: Any) -> tuple[Floats, Floats, Floats, Axis]:
    at = np.arange(1, len(n) + 1) if times is None else np.asarray(times)
    if len(at) != len(n):
        raise ModelError(f"There are {len(n)} counts but {len(at)} interval ends.")
    dated = at.dtype.kind in "MOU" and len(at) > 0
    at = _as_dates(at) if dated else at.astype(float)
    order = np.argsort(at, kind="stable")
    at, n = at[order], n[order]
    ends, inverse = np.unique(at, return_inverse=True)
    # counts given for the same end belong together; an unknown part makes the whole unknown
    totals = np.bincount(inverse, weights=np.nan_to_num(n), minlength=len(ends))
    unknown = np.bincount(inverse, weights=np.isnan(n), minlength=len(ends)) > 0
    start = _origin(ends, origin, dated)
    axis = Axis(origin=start, unit="weeks" if dated else "")
    upper = axis.to_number(ends) if len(ends) else np.zeros(0)
    lower = np.concatenate([[0.0], upper[:-1]]) if len(ends) else np.zeros(0)
    return lower, upper, np.where(unknown, np.nan, totals), axis


def _from_frame(new: Any, origin: Any) -> tuple[Floats, Floats, Floats, Axis]:
    absent = [name for name in ("after", "by", "n") if name not in new.columns]
    if absent:
        raise ModelError(
            f"Adopters known to intervals need the columns after, by and n; {', '.join(absent)} absent."
        )
    known = new[new["n"].notna()]
    after, by, n = known["after"].to_numpy(), known["by"].to_numpy(), known["n"].to_numpy(dtype=float)
    dated = by.dtype.kind in "MOU" and len(by) > 0
    start = origin if origin is not None else (np.min(_as_dates(after)) if dated else 0.0)
    axis = Axis(origin=_one(start, dated), unit="weeks" if dated else "")
    lower, upper = axis.to_number(after), axis.to_number(by)
    pairs, inverse = np.unique(np.stack([upper, lower], axis=1), axis=0, return_inverse=True)
    totals = np.bincount(inverse.ravel(), weights=n, minlength=len(pairs)).astype(float)
    return pairs[:, 1], pairs[:, 0], totals, axis


def _origin(ends: npt.NDArray[Any], origin: Any, dated: bool) -> float | np.datetime64:
    """Give the start of the first interval: one usual gap before its end, unless told."""
    if origin is not None:
        return _one(origin, dated)
    if not len(ends):
        return 0.0
    gap = np.median(np.diff(ends)) if len(ends) > 1 else (WEEK if dated else 1.0)
    return _one(ends[0] - gap, dated)


def _one(at: Any, dated: bool) -> float | np.datetime64:
    return _as_dates([at])[0] if dated else float(at)


def _as_dates(at: Any) -> npt.NDArray[np.datetime64]:
    values = [at] if isinstance(at, (str, dt.date, np.datetime64)) else at
    return np.asarray(values, dtype="datetime64[us]")


def cumulate(observed: Observed) -> Floats:
    """Give cumulative adopters at every interval end; missing from the first unknown count on.

    Where intervals overlap only those adopters are counted that are known to have adopted by then.
    """
    cells = observed.cells
    ends = np.unique(cells.upper)
    totals = np.array([cells.n[0][cells.upper <= end].sum() for end in ends])
    unknown = cells.upper[~cells.seen[0]]
    return np.where(ends >= unknown.min(), np.nan, totals) if len(unknown) else totals


def refuse(observed: Observed, n_parameters: int) -> tuple[Status, str] | None:
    """Say why these counts cannot carry a law of adoption; None when they can be tried."""
    cells, n = observed.cells, observed.n
    known = cells.eligible is not None
    needed = n_parameters + (0 if known else 1) + 1
    if not len(n):
        return Status.INSUFFICIENT_DATA, "No interval has a known number of adopters."
    if not n.sum() > 0:
        return Status.INSUFFICIENT_DATA, "Nobody has adopted yet."
    if cells.eligible is not None and cells.eligible[0] <= 0:
        return Status.INSUFFICIENT_DATA, "Nobody is eligible."
    if len(n) < needed:
        return Status.INSUFFICIENT_DATA, f"{len(n)} intervals; this law needs at least {needed}."
    if not cells.squares and n.sum() < MIN_ADOPTERS:
        return Status.INSUFFICIENT_DATA, f"{n.sum():.0f} adopters; a law needs at least {MIN_ADOPTERS}."
    if (n > 0).sum() < 2:
        return Status.NOT_IDENTIFIED, "Everybody adopted in one interval, which has no shape."
    if cells.eligible is not None and not cells.squares and n.sum() > cells.eligible[0]:
        return Status.NOT_IDENTIFIED, "More people adopted than are eligible; check the headcount."
    return None
