"""What is seen on the path without a model: shares at waves, and moves whose times are exact."""

from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from smf_helpers.framework import STAGES
from smf_helpers.models.path_records import Looks, PairRecords, read_looks
from smf_helpers.models.survival import aalen_johansen
from smf_helpers.results.core import Status
from smf_helpers.results.path import Floats, StateCurve

if TYPE_CHECKING:
    import pandas as pd

OCCUPANCY = ("at", "stage", "share", "low", "high", "status", "reason")


def wilson(n_yes: npt.ArrayLike, n: npt.ArrayLike, *, level: float = 0.95) -> tuple[Floats, Floats]:
    """Give the score interval of a share.

    ``(y + z^2/2 -+ z sqrt(y (n - y) / n + z^2/4)) / (n + z^2)``

    References
    ----------
    Wilson 1927, doi:10.1080/01621459.1927.10502953; Newcombe 1998, doi:10.1002/sim.4780170802.

    Examples
    --------
    >>> low, high = wilson(81, 263)
    >>> round(float(low), 4), round(float(high), 4)
    (0.2553, 0.3662)
    """
    z = NormalDist().inv_cdf(0.5 + level / 2)
    yes, total = np.asarray(n_yes, dtype=float), np.asarray(n, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = yes + z * z / 2
        width = z * np.sqrt(yes * (total - yes) / total + z * z / 4)
        low, high = (centre - width) / (total + z * z), (centre + width) / (total + z * z)
    low = np.where(yes == 0, 0.0, low)
    high = np.where(yes == total, 1.0, high)
    empty = total == 0
    return np.where(empty, np.nan, low), np.where(empty, np.nan, high)


def observe_stages(observations: "pd.DataFrame", *, stages: tuple[str, ...] = STAGES) -> "pd.DataFrame":
    """Count the stages of everybody seen at each time: the `observed` of `fit_path` on anonymous waves, and no more.

    Parameters
    ----------
    observations : frame ``at, stage``; whose they are does not count.

    Examples
    --------
    >>> import pandas as pd
    >>> waves = pd.DataFrame({"at": [0, 0, 0, 1], "stage": ["none", "none", "personal", "none"]})
    >>> observe_stages(waves)["share"].round(3).tolist()[:2]
    [0.667, 0.333]
    """
    return observed_occupancy(read_looks(observations[["at", "stage"]], stages), stages)


def observed_occupancy(looks: Looks, stages: tuple[str, ...]) -> "pd.DataFrame":
    """Count the stages at each time of looking, with Wilson intervals."""
    import pandas as pd

    times, first, index = np.unique(looks.at, return_index=True, return_inverse=True)
    counts = np.bincount(
        index.ravel() * len(stages) + looks.stage, minlength=len(times) * len(stages)
    ).reshape(-1, len(stages))
    n = np.repeat(counts.sum(axis=1), len(stages))
    low, high = wilson(counts.ravel(), n)
    return pd.DataFrame(
        {
            "at": np.repeat(looks.label[first], len(stages)),
            "stage": np.tile(np.array(stages, dtype=object), len(times)),
            "share": counts.ravel() / np.maximum(n, 1),
            "low": low,
            "high": high,
            "n": n,
        }
    )


def occupancy_as_seen(
    t: npt.ArrayLike, *, times: Floats, stages: tuple[str, ...], share: Floats, low: Floats, high: Floats
) -> "pd.DataFrame":
    """Give the shares of the waves at the times `t`; between waves nothing is known."""
    asked = np.atleast_1d(np.asarray(t, dtype=float))
    rows: list[tuple[Any, ...]] = []
    for moment in asked:
        found = np.flatnonzero(np.isclose(times, moment, rtol=0, atol=1e-6))
        for s, stage in enumerate(stages):
            if len(found):
                k = found[0]
                rows.append((moment, stage, share[k, s], low[k, s], high[k, s], Status.OK, ""))
            else:
                rows.append((moment, stage, np.nan, np.nan, np.nan, *_NO_WAVE))
    return _frame(rows)


_NO_WAVE = (Status.NOT_IDENTIFIED, "no wave at this time, and anonymous waves allow no model between them")


def occupancy_by_product(
    t: npt.ArrayLike, *, curve: StateCurve, stages: tuple[str, ...], start: Floats
) -> Any:
    """Give Aalen-Johansen shares at the times `t` after the beginning."""
    asked = np.atleast_1d(np.asarray(t, dtype=float))
    position = np.searchsorted(curve.times, asked, side="right") - 1
    rows: list[tuple[Any, ...]] = []
    for moment, k in zip(asked, position, strict=True):
        for s, stage in enumerate(stages):
            if k < 0:
                rows.append((moment, stage, start[s], np.nan, np.nan, Status.OK, "before the first move"))
            else:
                values = (curve.share[k, s], curve.low[k, s], curve.high[k, s])
                rows.append((moment, stage, *values, Status.OK, ""))
    return _frame(rows)


def _frame(rows: list[tuple[Any, ...]]) -> "pd.DataFrame":
    import pandas as pd

    return pd.DataFrame(rows, columns=list(OCCUPANCY))


def exact_rates(
    records: PairRecords, source: Any, target: Any, n_stages: int
) -> tuple[Floats, Floats, float]:
    """Give moves, time at risk and log-likelihood where every move has its time.

    The likelihood of rates q is ``sum d_ij log q_ij - q_ij T_i``, at its top ``q = d / T``.
    """
    moved = records.source != records.target
    counts = np.zeros((n_stages, n_stages))
    np.add.at(counts, (records.source[moved], records.target[moved]), 1.0)
    spent = np.bincount(records.source, weights=records.end - records.begin, minlength=n_stages)
    n, time = counts[source, target], spent[source]
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(n > 0, n * np.log(n / time), 0.0) - n
    return n, time, float(terms.sum())


def exact_curve(records: PairRecords, first: Floats, stages: tuple[str, ...]) -> StateCurve:
    """Give the Aalen-Johansen curve from exactly timed moves, from the shares `first`."""
    moved = records.source != records.target
    target = np.where(moved, records.target, -1)
    return aalen_johansen(
        records.begin, records.end, records.source, target, n_states=len(stages), start=first
    )
