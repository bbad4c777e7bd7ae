"""Exposure and thresholds: how many of the people one looks to had adopted before one did.

A tie ``source → target`` says that the source looks to the target (answers, follows, names). Exposure
of i at time t is the share of i's ties, by weight, to people who have adopted by t; the threshold of
an adopter is the exposure at adoption. Exposure at the very time of adoption (lag 0) also counts people
who adopted because i did, so lag 1, one period earlier, always stands beside it. One pass over the ties
and no matrix of people by people: two million ties take seconds.

References
----------
Valente 1996, doi:10.1016/0378-8733(95)00256-1; Granovetter 1978, doi:10.1086/226707; Rogers 2003.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from smf_helpers.errors import Fault, ModelError
from smf_helpers.results.core import Status

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int_]

CUTS = (0.025, 0.16, 0.50, 0.84)
CLASSES = ("innovators", "early adopters", "early majority", "late majority", "laggards")
"""Rogers' classes; the cuts are conventions, not findings."""
NOT_YET = "not yet"
THRESHOLDS = ("very low", "low", "high", "very high")
DAYS_A_WEEK = 7.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ties:
    """Ties between people of one list, each pair once.

    Attributes
    ----------
    source, target : positions in the list of people.
    weight : weight of the tie.
    unknown : for each person, ties to people who are not on the list.
    """

    source: Ints
    target: Ints
    weight: Floats
    unknown: Ints


def trace_exposure(
    ties: "pd.DataFrame",
    adopted_at: "pd.Series[Any] | pd.DataFrame | Mapping[Any, Any]",
    *,
    eligible_from: "pd.Series[Any] | None" = None,
    censored_at: Any = None,
    period: float = 1.0,
) -> "pd.DataFrame":
    """Trace each person's exposure, threshold and class of adopter.

    Whoever has not adopted keeps a row: their threshold is only known to lie above their exposure now
    (status ``one_sided``). Ties to people who are not in `adopted_at` are unknown, not zero; they are
    counted in ``n_unknown`` and take no part. A tie to oneself is ignored.

    Parameters
    ----------
    ties : frame ``source, target`` (and ``weight``; equal pairs are added up, without weights they
        count once).
    adopted_at : time of adoption by person (Series, mapping, or frame ``person, adopted_at``), missing
        where not adopted yet; dates count in weeks.
    eligible_from : time from which a person could adopt, where that was not the beginning.
    censored_at : times from this one on are codes for "not adopted".
    period : what counts as one period for lag 1.

    Returns
    -------
    One row a person, sorted: ``person, adopted_at, n_ties, n_unknown, exposure, exposure_lag1,
    threshold, threshold_lag1, threshold_class, class, infectiousness, susceptibility, status, reason``.

    Raises
    ------
    ModelError
        When a column of the ties is missing.

    Examples
    --------
    >>> import pandas as pd
    >>> ties = pd.DataFrame({"source": ["c", "c"], "target": ["a", "b"]})
    >>> rows = trace_exposure(ties, {"a": 1, "b": 2, "c": 2})
    >>> rows.set_index("person").loc["c", ["threshold", "threshold_lag1"]].tolist()
    [1.0, 0.5]
    """
    import pandas as pd

    people, at, given = read_adoption(adopted_at, censored_at)
    known = read_ties(ties, people)
    n = len(people)
    mine, other = at[known.source], at[known.target]
    now = np.where(np.isnan(mine), np.inf, mine)
    total = _sum(known.source, known.weight, n)
    with np.errstate(invalid="ignore", divide="ignore"):
        exposure = _sum(known.source, known.weight * (other <= now), n) / total
        lagged = _sum(known.source, known.weight * (other <= now - period), n) / total
    adopted = ~np.isnan(at)
    threshold = np.where(adopted, exposure, np.nan)
    starts = None if eligible_from is None else _clock(eligible_from.reindex(people))
    status, reason = _states(adopted, total > 0)
    return pd.DataFrame(
        {
            "person": people,
            "adopted_at": given,
            "n_ties": np.bincount(known.source, minlength=n),
            "n_unknown": known.unknown,
            "exposure": exposure,
            "exposure_lag1": lagged,
            "threshold": threshold,
            "threshold_lag1": np.where(adopted, lagged, np.nan),
            "threshold_class": threshold_classes(threshold),
            "class": adopter_classes(at, entered=starts),
            "infectiousness": _followed(known, at, period, n),
            "susceptibility": _following(known, at, period, n),
            "status": status,
            "reason": reason,
        }
    )


def _states(adopted: npt.NDArray[np.bool_], tied: npt.NDArray[np.bool_]) -> tuple[Any, Any]:
    status = np.where(adopted, Status.OK.value, Status.ONE_SIDED.value).astype(object)
    reason = np.where(adopted, "", "not adopted yet: the threshold lies above the exposure").astype(object)
    status[~tied] = Status.INSUFFICIENT_DATA.value
    reason[~tied] = "no known ties"
    return status, reason


def read_adoption(adopted_at: Any, censored_at: Any = None) -> tuple[npt.NDArray[Any], Floats, Any]:
    """Give people, sorted; their adoption on a clock (NaN where not yet); and as the caller wrote it.

    Of several times for one person the earliest counts.
    """
    import pandas as pd

    if isinstance(adopted_at, pd.DataFrame):
        missing = {"person", "adopted_at"} - set(adopted_at.columns)
        if missing:
            what = f"The column '{min(missing)}' is missing."
            raise ModelError(Fault(code="M321", where="adopted_at", what=what))
        adopted_at = adopted_at.set_index("person")["adopted_at"]
    times = adopted_at if isinstance(adopted_at, pd.Series) else pd.Series(dict(adopted_at), dtype=object)
    if times.dtype == object:
        times = times.infer_objects()
    if times.dtype == object and len(times):
        dated = times.dropna()
        times = pd.to_datetime(times) if len(dated) else times.astype(float)
    if times.index.has_duplicates:
        times = times.sort_values().groupby(level=0).first()
    times = times.sort_index()
    if censored_at is not None:
        times = times.where(times < censored_at)
    return times.index.to_numpy(), _clock(times), times.to_numpy()


def _clock(values: "pd.Series[Any]") -> Floats:
    import pandas as pd

    if pd.api.types.is_datetime64_any_dtype(values):
        days = (pd.to_datetime(values, utc=True) - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(days=1)
        return days.to_numpy(dtype=float) / DAYS_A_WEEK
    return values.to_numpy(dtype=float, na_value=np.nan)


def read_ties(ties: "pd.DataFrame", people: npt.NDArray[Any]) -> Ties:
    """Place the ties on the list of people; equal pairs once, weights added up, none to oneself."""
    import pandas as pd

    missing = [name for name in ("source", "target") if name not in ties]
    if missing:
        raise ModelError(
            *(Fault(code="M321", where="ties", what=f"The column '{name}' is missing.") for name in missing)
        )
    index, n = pd.Index(people), len(people)
    source, target = index.get_indexer(ties["source"]), index.get_indexer(ties["target"])
    unknown = np.bincount(source[(source >= 0) & (target < 0)], minlength=n)
    kept = (source >= 0) & (target >= 0) & (source != target)
    weighted = "weight" in ties
    weight = ties["weight"].to_numpy(dtype=float, na_value=0.0)[kept] if weighted else None
    pair, place = np.unique(source[kept] * np.int64(max(n, 1)) + target[kept], return_inverse=True)
    summed = np.ones(len(pair)) if weight is None else _sum(place, weight, len(pair))
    positive = summed > 0
    pair, summed = pair[positive], summed[positive]
    return Ties(source=pair // max(n, 1), target=pair % max(n, 1), weight=summed, unknown=unknown)


def _sum(index: Ints, values: Any, n: int) -> Floats:
    return np.bincount(index, weights=values, minlength=n).astype(float)


def exposure_over_time(ties: Ties, at: Floats, times: npt.ArrayLike) -> Floats:
    """Give everybody's exposure at each of the `times`, shape (people, times); NaN without ties.

    Examples
    --------
    >>> import pandas as pd
    >>> people = np.array(["a", "b", "c"])
    >>> ties = read_ties(pd.DataFrame({"source": ["c", "c"], "target": ["a", "b"]}), people)
    >>> exposure_over_time(ties, np.array([1.0, 2.0, np.nan]), [0, 1, 2])[2].tolist()
    [0.0, 0.5, 1.0]
    """
    from scipy.sparse import coo_array

    moments = np.asarray(times, dtype=float)
    n = len(at)
    slot = np.searchsorted(moments, at[ties.target], side="left")
    came = slot < len(moments)
    came &= ~np.isnan(at[ties.target])
    steps = coo_array(
        (ties.weight[came], (ties.source[came], slot[came])), shape=(n, max(len(moments), 1))
    ).toarray()[:, : len(moments)]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.cumsum(steps, axis=1) / _sum(ties.source, ties.weight, n)[:, None])


def adopter_classes(at: npt.ArrayLike, *, entered: npt.ArrayLike | None = None) -> npt.NDArray[Any]:
    """Put people into Rogers' classes by the share of the eligible that had adopted at their time.

    The share is Kaplan-Meier's, so people who have not adopted and people who came late count among
    the eligible; people with one time are in one class, that of the middle of their step. Percentiles
    of the adopters' own ranks do neither: ties empty the majorities, and a half-finished diffusion
    already has laggards.

    Examples
    --------
    >>> adopter_classes([1, 2, 2, 3, np.nan]).tolist()
    ['early adopters', 'early majority', 'early majority', 'late majority', 'not yet']
    """
    times = np.asarray(at, dtype=float)
    adopted = ~np.isnan(times)
    classes = np.full(len(times), NOT_YET, dtype=object)
    if not adopted.any():
        return classes
    steps, place, events = np.unique(times[adopted], return_inverse=True, return_counts=True)
    starts = np.full(len(times), -np.inf) if entered is None else np.asarray(entered, dtype=float)
    starts = np.where(np.isnan(starts), -np.inf, starts)
    starts = np.where(starts >= np.where(adopted, times, np.inf), -np.inf, starts)
    at_risk = np.searchsorted(np.sort(starts), steps, side="left") - np.concatenate(
        [[0], np.cumsum(events)[:-1]]
    )
    after = 1 - np.cumprod(1 - events / at_risk)
    middle = (after + np.concatenate([[0.0], after[:-1]])) / 2
    classes[adopted] = np.array(CLASSES, dtype=object)[np.searchsorted(CUTS, middle, side="right")][
        place.ravel()
    ]
    return classes


def threshold_classes(threshold: Floats) -> npt.NDArray[Any]:
    """Put thresholds into four classes, cut at the mean and one standard deviation either side."""
    known = ~np.isnan(threshold)
    classes = np.full(len(threshold), "", dtype=object)
    if known.sum() < 2 or np.ptp(threshold[known]) == 0:
        return classes
    centre, spread = threshold[known].mean(), threshold[known].std(ddof=1)
    place = np.searchsorted([centre - spread, centre, centre + spread], threshold[known], side="right")
    classes[known] = np.array(THRESHOLDS, dtype=object)[place]
    return classes


def _followed(ties: Ties, at: Floats, period: float, n: int) -> Floats:
    """Of those who look to me and had not adopted when I did: the share that did in the next period."""
    gap = at[ties.source] - at[ties.target]
    open_ = (gap > 0) | (np.isnan(at[ties.source]) & ~np.isnan(at[ties.target]))
    soon = (gap > 0) & (gap <= period)
    with np.errstate(invalid="ignore", divide="ignore"):
        return _sum(ties.target, soon, n) / _sum(ties.target, open_, n)


def _following(ties: Ties, at: Floats, period: float, n: int) -> Floats:
    """Of those I look to and who adopted before me: the share that did in the period before."""
    gap = at[ties.source] - at[ties.target]
    with np.errstate(invalid="ignore", divide="ignore"):
        return _sum(ties.source, (gap > 0) & (gap <= period), n) / _sum(ties.source, gap > 0, n)
