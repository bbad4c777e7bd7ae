"""Results on the network and on where adoption comes from."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from smf_helpers.results.core import Estimate, Status

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class HazardFit:
    """Where adoption comes from, as additive rates: each is consistent with its share, none is its cause.

    Attributes
    ----------
    rates : one row a source: ``source, rate, low, high, status, reason``; rate per period at full
        strength (everybody adopted, all own ties adopted, all executives taking part).
    shares : one row a source: ``source, share, low, high, status, reason``; share of the adoptions.
    covariates : one row a trait: ``covariate, group, ratio, low, high, n, status, reason``; how many times as ready
        for every source as the largest group, or a unit of a number more.
    top_down, bottom_up, network : shares of programme and executives; of organisation and network;
        of the own network alone.
    tests : falsification: ``test, value, low, high, n, verdict, reason``.
    selection : one row a version: ``version, loglik, aicc, delta``; programme only against contagion
        only against all.
    loglik : log-likelihood at the estimate.
    n_people, n_adopters, n_periods : people ever at risk, adoptions, person-periods at risk.
    status, reason : whether sources could be told apart.
    """

    rates: "pd.DataFrame"
    shares: "pd.DataFrame"
    covariates: "pd.DataFrame"
    top_down: Estimate
    bottom_up: Estimate
    network: Estimate
    tests: "pd.DataFrame"
    selection: "pd.DataFrame"
    loglik: float
    n_people: int
    n_adopters: int
    n_periods: int
    status: Status
    reason: str = ""

    def __repr__(self) -> str:
        return (
            f"HazardFit({self.n_adopters} of {self.n_people} adopted, top-down {self.top_down!r}, "
            f"{self.status.value})"
        )
