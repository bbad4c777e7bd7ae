"""What an intervention changed: the strongest design that its scope allows, or an honest refusal.

* Units that started at different times → ``staggered``: compared with units that had not yet started.
* A unit, and others where nothing was done → ``comparative``: the difference of the two series, before
  and after.
* One series → ``interrupted``: before and after, its own past as the comparison.

Each is tried on placebo dates and, where there are other units, on placebo units. An effect is told
only when it stands out of both; else "no effect seen" comes with the smallest effect that would have
been seen. Two looks are taken (step and slope), so the step has 4 % and the slope 1 % of the false
alarms. Not for dates that were chosen because the series had jumped there.

References
----------
Lopez Bernal, Cummins & Gasparrini 2017, doi:10.1093/ije/dyw098; Callaway & Sant'Anna 2021,
doi:10.1016/j.jeconom.2020.12.001; Wagner et al. 2002, doi:10.1046/j.1365-2710.2002.00430.x.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from smf_helpers.errors import ModelError
from smf_helpers.models.effects_points import (
    MIN_UNITS,
    average,
    detectable,
    drawn,
    mean_at,
    moment,
    named,
    read_points,
    refusal,
    share_estimate,
    term_estimate,
)
from smf_helpers.models.effects_rollout import staggered_effect
from smf_helpers.models.effects_series import (
    LEVEL,
    SLOPE,
    TERMS,
    Family,
    Segments,
    bends_before,
    fit_segments,
    generalised,
    placebo_dates,
    segment_design,
)
from smf_helpers.results.core import Estimate, Status, refused
from smf_helpers.results.effects import Design, Effect, Verdict
from smf_helpers.results.path import Floats

if TYPE_CHECKING:
    import pandas as pd

MIN_SIDE = 8
"""Points in time that a series needs before and after the date."""
ALPHA_LEVEL, ALPHA_SLOPE = 0.04, 0.01
MAX_PLACEBO = 0.2
"""Share of placebo dates with an effect as large above which an effect is not believed."""
ALPHA_BEND = 0.01
"""A series that bends before the date, at this level, is no straight line to continue."""


def estimate_effect(
    series: "pd.DataFrame",
    *,
    at: Any,
    comparison: "pd.DataFrame | None" = None,
    family: Family = "gaussian",
    base: int = 4,
    level: float = 0.95,
    seed: int = 0,
) -> Effect:
    """Estimate what changed at a date, with interval, placebos and the smallest effect to be seen.

    Parameters
    ----------
    series : frame ``at, value``, one row a point in time (and ``unit``; and ``n``: people behind a
        point, a weight for means, trials for shares, the offset of counts). Any order; unequal
        distances count as they are.
    at : the date, or a mapping from unit to its own date for a staggered start.
    comparison : the same kind of frame for units where nothing was done.
    family : ``gaussian`` for means, ``poisson`` for counts (effects are log ratios), ``binomial`` for
        shares of `n` (effects are log odds); the latter two for a single series.
    base : points before the start that form the base of a staggered comparison.
    level : coverage of the intervals.
    seed : of the dealing in a staggered comparison.

    Returns
    -------
    Effect; slopes are per week for dates, per unit of the numbers otherwise. Fewer than eight points
    on a side, or a constant series, gives the verdict "cannot be told".

    Raises
    ------
    ModelError
        When a column is missing, or a comparison is asked for with counts or shares.

    Examples
    --------
    >>> import pandas as pd
    >>> weeks = pd.DataFrame({"at": range(6), "value": [3, 4, 3, 4, 3, 4]})
    >>> estimate_effect(weeks, at=3).verdict
    'cannot be told'
    """
    rows = read_points(series, "series")
    others = None if comparison is None else read_points(comparison, "comparison")
    if family != "gaussian" and (others is not None or isinstance(at, Mapping)):
        raise ModelError("Counts and shares are judged one series at a time, without a comparison.")
    if isinstance(at, Mapping) or hasattr(at, "items"):
        return staggered_effect(rows, dict(at.items()), others, base=base, level=level, seed=seed)
    when = moment(at, rows)
    if others is None or not len(others):
        return _one_series(average(rows), when, family, level, "interrupted", None)
    joined = average(rows).merge(average(others), on="time", suffixes=("", "_other"))
    joined["value"] -= joined["value_other"]
    return _one_series(joined, when, family, level, "comparative", others)


# --- one series ---------------------------------------------------------------------------------------


def _one_series(
    rows: "pd.DataFrame", when: float, family: Family, level: float, design: Design, others: Any
) -> Effect:
    time, value = rows["time"].to_numpy(float), rows["value"].to_numpy(float)
    before, after = int((time < when).sum()), int((time >= when).sum())
    if min(before, after) < MIN_SIDE:
        reason = f"{before} points before and {after} after; {MIN_SIDE} are needed on either side"
        return refusal(design, Status.INSUFFICIENT_DATA, reason, rows, before, after)
    X = segment_design(time, when)
    n = rows["n"].to_numpy(float) if "n" in rows and design == "interrupted" else None
    beta, loglik, response, weight = generalised(value, X, family=family, n=n)
    rest = response - X @ beta
    if float(np.sqrt(np.mean(rest**2))) <= 1e-9 * max(float(np.abs(response).max()), 1e-300):
        reason = "the series has no noise to judge a change against"
        return refusal(design, Status.NOT_IDENTIFIED, reason, rows, before, after)
    fit = fit_segments(time, response, X, weight)
    share, n_dates = placebo_dates(time, response, X, when, n_side=MIN_SIDE, weight=weight)
    placebo = share_estimate(share, n_dates, "placebo dates")
    placebo_unit = _placebo_units(fit, others, when)
    p_level, p_slope = fit.p_value(LEVEL), fit.p_value(SLOPE)
    verdict, reason = _judge(fit, p_level, p_slope, placebo, placebo_unit)
    if verdict in ("rose", "fell") and bends_before(time, response, X, when, weight) < ALPHA_BEND:
        verdict, reason = "cannot be told", "the series was already bending before the date"
    centre = np.array([fit.mean(term) for term in range(len(TERMS))])
    without = centre * np.array([1.0, 1.0, 0.0, 0.0])
    unit = {"gaussian": "", "poisson": "log ratio", "binomial": "log odds"}[family]
    return Effect(
        design=design,
        level=term_estimate(fit, LEVEL, level, unit, len(time)),
        slope=term_estimate(fit, SLOPE, level, unit, len(time)),
        placebo=placebo,
        placebo_unit=placebo_unit,
        detectable=detectable(fit.deviation(LEVEL), unit, len(time)),
        p_level=p_level,
        p_slope=p_slope,
        points=drawn(rows, _natural(X @ centre, family), _natural(X @ without, family)),
        coefficients=named(beta, loglik),
        verdict=verdict,
        reason=reason,
        n_before=before,
        n_after=after,
        status=Status.OK,
    )


def _natural(predictor: Floats, family: Family) -> Floats:
    """Turn the linear predictor into the scale of the series; counts per unit of their offset."""
    if family == "gaussian":
        return predictor
    return np.exp(predictor) if family == "poisson" else 1 / (1 + np.exp(-predictor))


def _judge(
    fit: Segments, p_level: float, p_slope: float, placebo: Estimate, placebo_unit: Estimate
) -> tuple[Verdict, str]:
    seen = p_level < ALPHA_LEVEL, p_slope < ALPHA_SLOPE
    if not any(seen):
        return "no effect seen", "neither step nor slope stands out of the series' own noise"
    for found, what in ((placebo, "dates"), (placebo_unit, "units")):
        if found.status is Status.OK and found.value is not None and found.value > MAX_PLACEBO:
            return "cannot be told", f"other {what} where nothing was done show changes as large"
    term = LEVEL if seen[0] else SLOPE
    up = fit.mean(term) > 0
    what = "a step" if seen[0] else "a change of slope"
    also = ""
    if all(seen) and (fit.mean(SLOPE) > 0) != up:
        also = ", which then wears off"
    return ("rose" if up else "fell"), f"consistent with {what} at the date{also}"


def _placebo_units(fit: Segments, others: Any, when: float) -> Estimate:
    """Treat each unit of the comparison as if it had been the one; count those that changed as much."""
    if others is None or "unit" not in others or others["unit"].nunique() < MIN_UNITS:
        return refused(Status.INSUFFICIENT_DATA, f"there are not {MIN_UNITS} units to compare with")
    own = abs(fit.mean(LEVEL)) / fit.deviation(LEVEL)
    larger = tried = 0
    units = others["unit"].to_numpy()
    for unit in sorted(others["unit"].unique()):
        own_mean, rest_mean = (mean_at(others, rows) for rows in (units == unit, units != unit))
        both = np.isfinite(own_mean) & np.isfinite(rest_mean)
        time, y = np.unique(others["time"])[both], (own_mean - rest_mean)[both]
        if min(np.sum(time < when), np.sum(time >= when)) < MIN_SIDE or np.ptp(y) == 0:
            continue
        other = fit_segments(time, y, segment_design(time, when))
        larger += abs(other.mean(LEVEL)) / max(other.deviation(LEVEL), 1e-300) >= own
        tried += 1
    return share_estimate(larger / max(tried, 1), tried, "placebo units")
