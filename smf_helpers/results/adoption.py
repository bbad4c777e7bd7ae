"""What was found about adoption over time: fits, forecasts, lapse, tipping, scenarios.

Shares are in [0, 1] of the eligible people, rates are per week unless a field says otherwise.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from smf_helpers.results.core import Estimate, Status

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class Shock:
    """A dated change of the pace of adoption, such as an intervention.

    Attributes
    ----------
    name : name of the intervention.
    at : time from which it acts, on the time axis of the fit: a number, or a date where that has dates.
    until : time at which it ends; None when it lasts.
    """

    name: str
    at: Any
    until: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptionFit:
    """A law of adoption fitted to new adopters in intervals.

    Attributes
    ----------
    family : law of adoption, such as ``bass``.
    method : how it was fitted, a few words.
    estimates : one row a quantity: ``name, value, se, low, high, status, reason, unit``. Values that may
        not be shown are missing; limits are profile or bootstrap limits, never value plus or minus se.
    curve : one row an interval end: ``at, observed, fitted, low, high`` (cumulative adopters).
    loglik, aicc : log-likelihood and corrected Akaike criterion, comparable on the same data and method.
    n : adopters counted.
    intervals : intervals used.
    status, reason : whether the curve as a whole may be drawn, and why not.
    forecaster : what `forecast` calls.
    """

    family: str
    method: str
    estimates: "pd.DataFrame"
    curve: "pd.DataFrame"
    loglik: float | None
    aicc: float | None
    n: int
    intervals: int
    status: Status
    reason: str = ""
    forecaster: "Callable[[float], pd.DataFrame] | None" = None

    def forecast(self, horizon: float) -> "pd.DataFrame":
        """Give cumulative adopters for the intervals up to `horizon` beyond the last one.

        Columns ``at, value, low, high, status, reason``; 95 % prediction limits. Values are missing, with
        the reason, where the law has shown no skill against naive forecasts on this client's own past.
        """
        if self.forecaster is None:
            import pandas as pd

            return pd.DataFrame(columns=["at", "value", "low", "high", "status", "reason"], dtype=float)
        return self.forecaster(horizon)

    def __repr__(self) -> str:
        return f"AdoptionFit({self.family}, {self.n} adopters in {self.intervals} intervals, {self.status.value})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Where a lever of the what-if is put, and from which week on.

    Attributes
    ----------
    value : value of the lever, between its ``low`` and ``high``.
    start : first week in which it holds; 0 and 1 both mean from the first projected week on.
    """

    value: float
    start: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A named what-if: something an organisation could do, as settings of the levers.

    Attributes
    ----------
    key : stable name, such as ``executives_in_march``.
    label : English label.
    settings : lever key → setting; levers that are not named stay as they are now.
    """

    key: str
    label: str
    settings: Mapping[str, Setting] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """A what-if carried forward; index 0 of every series is today, index t the end of week t.

    Attributes
    ----------
    active : share active, at the central parameters.
    ever : share that has ever taken part, at the central parameters.
    low, high : 10 % and 90 % quantile of ``active`` over the parameter draws.
    ever_low, ever_high : the same of ``ever``.
    """

    active: tuple[float, ...]
    ever: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    ever_low: tuple[float, ...]
    ever_high: tuple[float, ...]

    def __repr__(self) -> str:
        return (
            f"Projection({len(self.active) - 1} weeks: active {self.active[0]:.3f} -> {self.active[-1]:.3f} "
            f"[{self.low[-1]:.3f}, {self.high[-1]:.3f}])"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptionUnits:
    """Adoption of many units with partial pooling.

    Attributes
    ----------
    units : one row a unit: ``unit, n`` (eligible), ``adopters, share`` (now), ``p, p_low, p_high, q, q_low,
        q_high, status, reason``.
    typical : p and q of the typical unit.
    spread : standard deviation of log p and log q over the units.
    status, reason : whether the rates may be told, and why not.
    """

    units: "pd.DataFrame"
    typical: Mapping[str, Estimate]
    spread: Mapping[str, Estimate]
    status: Status
    reason: str = ""

    def __repr__(self) -> str:
        return f"AdoptionUnits({len(self.units)} units, {self.status.value})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Equilibria:
    """Where participation comes to rest when people join once enough others take part.

    Attributes
    ----------
    points : one row an equilibrium: ``share, stable``; ascending.
    reached : share at which participation comes to rest from where it stands.
    tipping : the unstable share that must be passed to come to rest higher; None when there is none above.
    """

    points: "pd.DataFrame"
    reached: float
    tipping: float | None

    def __repr__(self) -> str:
        tip = "no tipping point" if self.tipping is None else f"tipping point {self.tipping:.3g}"
        return f"Equilibria({len(self.points)}, comes to rest at {self.reached:.3g}, {tip})"
