"""The points of a series, and the parts from which an `Effect` is put together."""

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from smf_helpers.errors import Fault, ModelError
from smf_helpers.models.effects_series import LEVEL, TERMS, Segments
from smf_helpers.results.core import Estimate, Status, refused
from smf_helpers.results.effects import Design, Effect
from smf_helpers.results.path import Floats

if TYPE_CHECKING:
    import pandas as pd

MIN_PLACEBOS = 5
MIN_UNITS = 3
DAYS_A_WEEK = 7.0


def read_points(frame: "pd.DataFrame", name: str) -> "pd.DataFrame":
    """Check the columns and give time in weeks beside what the caller wrote."""
    missing = [column for column in ("at", "value") if column not in frame]
    if missing:
        raise ModelError(
            *(Fault(code="M311", where=name, what=f"The column '{column}' is missing.") for column in missing)
        )
    rows = frame[frame["at"].notna() & frame["value"].notna()]
    columns = {
        "time": in_weeks(rows["at"]),
        "at": rows["at"].to_numpy(),
        "value": rows["value"].to_numpy(float),
    }
    if "unit" in rows:
        columns["unit"] = rows["unit"].astype(str).to_numpy()
    if "n" in rows:
        columns["n"] = rows["n"].to_numpy(dtype=float, na_value=0.0)
    import pandas as pd

    return pd.DataFrame(columns)


def in_weeks(values: "pd.Series[Any]") -> Floats:
    """Give times as numbers: weeks for dates, the numbers themselves otherwise."""
    import pandas as pd

    if pd.api.types.is_numeric_dtype(values):
        return values.to_numpy(dtype=float, na_value=np.nan)
    days = (pd.to_datetime(values, utc=True) - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(days=1)
    return days.to_numpy(dtype=float) / DAYS_A_WEEK


def moment(at: Any, rows: "pd.DataFrame") -> float:
    """Give a date on the clock of the rows."""
    import pandas as pd

    dated = not pd.api.types.is_numeric_dtype(rows["at"]) if len(rows) else not isinstance(at, (int, float))
    return float(in_weeks(pd.Series([pd.Timestamp(at)]))[0]) if dated else float(at)


def average(rows: "pd.DataFrame") -> "pd.DataFrame":
    """Give one value a point in time: the mean over units, weighted by people where they are known."""
    import pandas as pd

    weight = rows["n"] if "n" in rows else pd.Series(1.0, index=rows.index)
    summed = pd.DataFrame(
        {"time": rows["time"], "at": rows["at"], "weight": weight, "total": weight * rows["value"]}
    )
    grouped = summed.groupby("time", sort=True)
    table = grouped[["weight", "total"]].sum()
    table = pd.DataFrame({"at": grouped["at"].min(), "value": table["total"] / table["weight"]}).assign(
        **({"n": table["weight"]} if "n" in rows else {})
    )
    return table[np.isfinite(table["value"])].reset_index()


def mean_at(rows: "pd.DataFrame", kept: npt.NDArray[np.bool_]) -> Floats:
    """Give the mean of the kept rows at each time of all rows, weighted as `average` does; NaN without any."""
    times, place = np.unique(rows["time"], return_inverse=True)
    weight = rows["n"].to_numpy(float) if "n" in rows else np.ones(len(rows))
    total = np.nan_to_num(weight * rows["value"].to_numpy(float))
    summed = [np.bincount(place[kept], weights=x[kept], minlength=len(times)) for x in (weight, total)]
    return np.divide(summed[1], summed[0], out=np.full(len(times), np.nan), where=summed[0] > 0)


def share_estimate(share: float, n: int, what: str) -> Estimate:
    """Give the share of placebos with an effect as large, or why there is none."""
    needed = MIN_PLACEBOS if what == "placebo dates" else MIN_UNITS
    if n < needed:
        return refused(Status.INSUFFICIENT_DATA, f"{n} {what}; {needed} are needed", n=n, unit="share")
    return Estimate(value=share, n=n, unit="share", method=what)


def term_estimate(fit: Segments, term: int, level: float, unit: str, n: int) -> Estimate:
    """Give a coefficient with its interval."""
    low, high = fit.interval(term, level)
    return Estimate(
        value=fit.mean(term),
        low=low,
        high=high,
        n=n,
        unit=unit if term == LEVEL else f"{unit} per unit of time".strip(),
        method="segmented regression, autocorrelation averaged over",
        level=level,
    )


def detectable(spread: float, unit: str, n: int) -> Estimate:
    """Give the change that would be seen four times in five at 5 %: (1.96 + 0.84) standard errors."""
    from scipy.special import ndtri

    return Estimate(
        value=float(ndtri(0.975) + ndtri(0.8)) * spread, n=n, unit=unit, method="80 % power at 5 %"
    )


def drawn(rows: "pd.DataFrame", fitted: Floats, without: Floats) -> "pd.DataFrame":
    """Give the points with what was fitted."""
    import pandas as pd

    return pd.DataFrame({"at": rows["at"], "value": rows["value"], "fitted": fitted, "without": without})


def named(beta: Floats, loglik: float) -> "pd.DataFrame":
    """Give the coefficients of the ordinary regression by name."""
    import pandas as pd

    return pd.DataFrame({"term": [*TERMS, "loglik"], "value": [*beta, loglik]})


def refuse_effect(design: Design, status: Status, reason: str) -> Effect:
    """Give the effect that says why nothing can be told."""
    import pandas as pd

    return refusal(design, status, reason, pd.DataFrame({"at": [], "value": []}), 0, 0)


def refusal(
    design: Design, status: Status, reason: str, rows: "pd.DataFrame", before: int, after: int
) -> Effect:
    """Give the effect that says why nothing can be told of these rows."""
    nothing = np.full(len(rows), np.nan)
    none = refused(status, reason)
    return Effect(
        design=design,
        level=none,
        slope=none,
        placebo=none,
        placebo_unit=none,
        detectable=none,
        p_level=float("nan"),
        p_slope=float("nan"),
        points=drawn(rows, nothing, nothing),
        coefficients=named(np.full(len(TERMS), np.nan), float("nan")),
        verdict="cannot be told",
        reason=reason,
        n_before=before,
        n_after=after,
        status=status,
    )
