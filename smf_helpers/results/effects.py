"""Results on interventions: what each changed, how sure that is, and what could have been seen."""

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from smf_helpers.results.core import Estimate, Status

if TYPE_CHECKING:
    import pandas as pd

Design = Literal["interrupted", "comparative", "staggered", "none"]
Verdict = Literal["rose", "fell", "no effect seen", "cannot be told"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What changed when something was done, by the strongest design the data allow.

    Attributes
    ----------
    design : ``interrupted`` (one series before and after), ``comparative`` (its difference to units
        where nothing was done), ``staggered`` (units that started at different times) or ``none``.
    level : change in level at the start; for ``staggered`` the mean effect since the start.
    slope : further change a unit of time.
    placebo : share of placebo dates with an effect as large; for ``staggered`` the p value of an
        effect dated before anything was done.
    placebo_unit : share of placebo units (or of re-dealt starts) with an effect as large.
    detectable : smallest change in level that would have been seen four times in five.
    p_level, p_slope : p values.
    points : the series as judged: ``at, value, fitted, without`` (without: had nothing been done).
    coefficients : ordinary segmented regression, before serial dependence is allowed for: ``term,
        value``; empty for ``staggered``.
    verdict : rose, fell, no effect seen, cannot be told.
    reason : why, in words.
    n_before, n_after : points in time on either side.
    status : ``ok`` unless nothing could be estimated.
    """

    design: Design
    level: Estimate
    slope: Estimate
    placebo: Estimate
    placebo_unit: Estimate
    detectable: Estimate
    p_level: float
    p_slope: float
    points: "pd.DataFrame"
    coefficients: "pd.DataFrame"
    verdict: Verdict
    reason: str
    n_before: int
    n_after: int
    status: Status

    def __repr__(self) -> str:
        return f"Effect({self.design}, level {self.level!r}, {self.verdict}: {self.reason})"


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """One intervention and what it changed in one outcome; `scope` is empty for the organisation."""

    intervention: str
    kind: str
    starts_on: dt.date
    scope: str
    outcome: str
    effect: Effect


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """Every dated intervention with what can be told about it."""

    entries: tuple[LedgerEntry, ...]
    status: Status
    reason: str = ""
