"""What was found about adoption over time: fits, forecasts, lapse, tipping, scenarios.

Shares are in [0, 1] of the eligible people, rates are per week unless a field says otherwise.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


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
