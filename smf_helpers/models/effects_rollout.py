"""A staggered start put together: effect, growth, early placebo, verdict."""

from typing import TYPE_CHECKING, Any

import numpy as np

from smf_helpers.errors import Fault, ModelError
from smf_helpers.models.effects_points import average, detectable, drawn, moment, named, refusal
from smf_helpers.models.effects_series import TERMS
from smf_helpers.models.effects_units import MIN_DEALS, deal, n_dealings, staggered_weights
from smf_helpers.results.core import Estimate, Status, refused
from smf_helpers.results.effects import Effect, Verdict
from smf_helpers.results.path import Floats

if TYPE_CHECKING:
    import pandas as pd


def staggered_effect(
    rows: "pd.DataFrame", starts: dict[Any, Any], others: Any, *, base: int, level: float, seed: int
) -> Effect:
    """Compare units that started at different times with those not yet started."""
    import pandas as pd

    if "unit" not in rows:
        raise ModelError(Fault(code="M311", where="series", what="The column 'unit' is missing."))
    if others is not None:
        rows = pd.concat([rows, others.assign(unit="other:" + others.get("unit", "units"))])
    table = rows.pivot_table(index="unit", columns="time", values="value", aggfunc="mean").sort_index()
    table = table[table.notna().mean(axis=1) >= 0.8].dropna(axis=1)
    when = {str(unit): moment(date, rows) for unit, date in starts.items() if pd.notna(date)}
    began = np.array([when.get(unit, np.inf) for unit in table.index])
    time = table.columns.to_numpy(dtype=float)
    outcome = table.to_numpy(float)
    weights, growth = staggered_weights(began, time, base=base)
    first = float(began.min(initial=np.inf))
    before, after = int(np.sum(time < first)), int(np.sum(time >= first))
    shown = average(rows) if len(rows) else rows
    if not weights.any() or n_dealings(began) < MIN_DEALS:
        reason = (
            "no unit that had not yet started is left to compare with"
            if not weights.any()
            else f"{len(began)} units allow too few other orders of starting"
        )
        return refusal("staggered", Status.INSUFFICIENT_DATA, reason, shown, before, after)
    if np.ptp(outcome) == 0:
        return refusal("staggered", Status.NOT_IDENTIFIED, "all outcomes are equal", shown, before, after)
    post = (time[None, :] >= began[:, None]).astype(float)
    since = np.where(post > 0, time[None, :] - np.where(np.isfinite(began), began, 0.0)[:, None], 0.0)
    main = deal(weights, outcome, post, np.random.default_rng(seed))
    slope = deal(growth, outcome, since, np.random.default_rng(seed))
    p_level, p_slope = main.p_value(), slope.p_value() if growth.any() else float("nan")
    early = _too_early(table, began, base, seed)
    verdict, reason = _judge_units(main.own, p_level, early)
    n_units = len(began)
    low, high = main.interval(level)
    slope_low, slope_high = slope.interval(level) if growth.any() else (None, None)
    growing = (
        Estimate(
            value=slope.own,
            low=slope_low,
            high=slope_high,
            n=n_units,
            unit="per unit of time",
            method="growth of the effect since the start, starts dealt out again",
            level=level,
        )
        if growth.any()
        else refused(Status.INSUFFICIENT_DATA, "only one time since the start", n=n_units)
    )
    return Effect(
        design="staggered",
        level=Estimate(
            value=main.own,
            low=low,
            high=high,
            status=Status.OK if low is not None and high is not None else Status.ONE_SIDED,
            reason="" if low is not None and high is not None else "the dealing does not bound this side",
            n=n_units,
            method="units not yet started as comparison, starts dealt out again",
            level=level,
        ),
        slope=growing,
        placebo=early,
        placebo_unit=Estimate(
            value=p_level, n=len(main.values), unit="share", method="starts dealt out again"
        ),
        detectable=detectable(float(np.std(main.values)), "", n_units),
        p_level=p_level,
        p_slope=p_slope,
        points=drawn(shown, np.full(len(shown), np.nan), np.full(len(shown), np.nan)),
        coefficients=named(np.full(len(TERMS), np.nan), float("nan")),
        verdict=verdict,
        reason=reason,
        n_before=before,
        n_after=after,
        status=Status.OK,
    )


def _too_early(table: "pd.DataFrame", began: Floats, base: int, seed: int) -> Estimate:
    """Date the starts half-way back and use only what came before the true ones."""
    time = table.columns.to_numpy(dtype=float)
    first = float(began.min())
    earlier = time[time < first]
    if len(earlier) < 4:
        return refused(Status.INSUFFICIENT_DATA, "fewer than 4 waves before the first start")
    middle = float(earlier[len(earlier) // 2])
    kept = time < first
    # the first to start against the rest, as if they had started at the middle of the time before
    placebo = np.where(began <= np.median(began), middle, np.inf)
    weights, _ = staggered_weights(placebo, time[kept], base=base)
    if not weights.any() or n_dealings(placebo) < MIN_DEALS:
        return refused(Status.INSUFFICIENT_DATA, "too few units for a placebo date")
    outcome = table.to_numpy(float)[:, kept]
    dealt = deal(weights, outcome, np.zeros_like(outcome), np.random.default_rng(seed))
    return Estimate(value=dealt.p_value(), n=int(kept.sum()), unit="p value", method="starts dated too early")


def _judge_units(effect: float, p_level: float, early: Estimate) -> tuple[Verdict, str]:
    if p_level >= 0.05:
        return "no effect seen", "units dealt other starts differ as much"
    if early.status is Status.OK and early.value is not None and early.value < 0.05:
        return "cannot be told", "units that started early had already moved apart before"
    return ("rose" if effect > 0 else "fell"), "consistent with a change since each unit's own start"
