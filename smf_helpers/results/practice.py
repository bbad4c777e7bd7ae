"""What was found about practice: who takes part, how often, how unequally, and how fast answers come."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from smf_helpers.results.core import Estimate

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Survival:
    """A Kaplan-Meier curve.

    Attributes
    ----------
    times : distinct times at which something happened, ascending.
    survival : share for whom it has not happened yet, just after each time.
    at_risk, events : people under observation just before each time, and events at it.
    low, high : log-log limits of `survival` at each time.
    median : median time; one-sided or refused where the curve does not come down far enough.
    n : people or messages observed.
    """

    times: Floats
    survival: Floats
    at_risk: Floats
    events: Floats
    low: Floats
    high: Floats
    median: Estimate
    n: int

    def __repr__(self) -> str:
        return f"Survival({self.n} observed, {int(self.events.sum())} events, median {self.median!r})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inequality:
    """How unequally people contribute.

    Attributes
    ----------
    gini : Gini coefficient over everybody eligible, bootstrap limits.
    lurkers, contributors, heavy : shares of the eligible who contribute nothing, something, and the fewest who
        together make half of all contributions; simultaneous exact limits. "90-9-1" is a benchmark, no law.
    top_1, top_10 : share of all contributions made by the most active 1 % and 10 % of the eligible.
    lorenz : share of contributions (second column) of the least active share of people (first column).
    """

    gini: Estimate
    lurkers: Estimate
    contributors: Estimate
    heavy: Estimate
    top_1: Estimate
    top_10: Estimate
    lorenz: Floats
