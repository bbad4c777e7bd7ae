"""What every estimate carries: value, interval, status, and the reason in words."""

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """Whether a number may be shown, and if not, why not."""

    OK = "ok"
    ONE_SIDED = "one_sided"
    BOUNDARY = "boundary"
    NOT_IDENTIFIED = "not_identified"
    INSUFFICIENT_DATA = "insufficient_data"
    NOT_CONVERGED = "not_converged"


SHOWN = frozenset({Status.OK, Status.ONE_SIDED})
"""Only a number with one of these may be drawn or told as an estimate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A scalar that was estimated: it never travels without interval and status.

    Attributes
    ----------
    value : point estimate in `unit`, or None where nothing can be said.
    low, high : limits of the interval at `level`; None for an open side.
    status : see `Status`.
    reason : why, in words, whenever status is not ``ok``.
    n : observations used (people, answers, intervals: whatever `method` says).
    unit : unit of value and limits, such as ``weeks`` or ``share``.
    method : how it was estimated, a few words.
    level : coverage of the interval.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    status: Status = Status.OK
    reason: str = ""
    n: int | None = None
    unit: str = ""
    method: str = ""
    level: float = 0.95

    def __repr__(self) -> str:
        if self.status not in SHOWN or self.value is None:
            return f"Estimate({self.status.value}: {self.reason})"
        low = "-inf" if self.low is None else f"{self.low:.4g}"
        high = "inf" if self.high is None else f"{self.high:.4g}"
        return f"Estimate({self.value:.4g} [{low}, {high}] {self.unit}, {self.status.value})"


def refused(status: Status, reason: str, *, n: int | None = None, unit: str = "") -> Estimate:
    """Make the estimate that says why there is no number."""
    return Estimate(value=None, status=status, reason=reason, n=n, unit=unit)
