"""Who is readier to adopt: traits of people that make them more or less ready for every source alike.

The additive rates of `hazard` hold for a typical person; somebody with a trait is ``exp(beta)`` times as ready::

    h_it = 1 - exp(-(p + q_F F + q_E exposure_i + q_X executives) exp(x_i'beta))

so people are compared who had the same programme, colleagues and executives before them. The ratio is consistent
with the trait, not caused by it: whoever holds a role also has its work, its tools and its company.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from smf_helpers.models.hazard_exposures import gather, lay_sources
from smf_helpers.models.hazard_profiles import Exposed, Top, trait_interval
from smf_helpers.models.hazard_records import read_people, read_places, read_traits
from smf_helpers.results.core import Status

if TYPE_CHECKING:
    import pandas as pd

MIN_ADOPTERS = 10
"""Adopters that each source and each trait needs."""

RATIOS = ("covariate", "group", "ratio", "low", "high", "n", "status", "reason")


def estimate_readiness(
    people: "pd.DataFrame",
    covariates: Sequence[str],
    *,
    exposure: "pd.DataFrame | None" = None,
    campaigns: "pd.DataFrame | None" = None,
    period: float = 1.0,
    until: Any = None,
) -> "pd.DataFrame":
    """Estimate how many times as ready people with a trait are: the `covariates` of `fit_hazard`, nothing else of it.

    Parameters are those of `fit_hazard`. Without its shares and falsifications it takes seconds for a thousand people.

    Returns
    -------
    One row a trait: ``covariate, group, ratio, low, high, n, status, reason``; with fewer than ten adopters for each
    source and trait the status ``insufficient_data``.
    """
    known = read_people(people, period=period, until=until)
    ties = read_places(exposure, known) if exposure is not None and len(exposure) else None
    labels, traits = read_traits(people, covariates, known)
    sources = lay_sources(known, ties, campaigns)
    n, needed = len(known.adopters), MIN_ADOPTERS * (len(sources) + len(labels))
    if n < needed:
        why = f"{n} adopters after the first period; {needed} are needed for {len(sources)} sources and {len(labels)} covariates"
        return _refused(labels, n, Status.INSUFFICIENT_DATA, why)
    exposed = gather(known, list(sources.values()), traits)
    if not exposed.waiting[:, 0].sum() > 0:
        why = "everybody adopted as soon as they could: there is nothing to tell sources apart"
        return _refused(labels, n, Status.NOT_IDENTIFIED, why)
    return tell_ratios(labels, exposed, exposed.best())


def _refused(labels: list[tuple[str, str]], n: int, status: Status, why: str) -> "pd.DataFrame":
    import pandas as pd

    rows = [(name, group, np.nan, None, None, n, status, why) for name, group in labels]
    return pd.DataFrame(rows, columns=list(RATIOS))


def tell_ratios(labels: list[tuple[str, str]], exposed: Exposed, top: Top) -> "pd.DataFrame":
    """Give one row a trait: its ratio with profile limits, or why it cannot be bounded."""
    import pandas as pd

    rows = []
    for j, (name, group) in enumerate(labels):
        low, high = (
            None if edge is None else float(np.exp(edge)) for edge in trait_interval(exposed, j, top)
        )
        known = low is not None and high is not None
        n = int((exposed.traits[exposed.whose, j] != 0).sum())
        rows.append(
            {
                "covariate": name,
                "group": group,
                "ratio": float(np.exp(top.beta[j])) if known else np.nan,
                "low": low,
                "high": high,
                "n": n,
                "status": Status.OK if known else Status.NOT_IDENTIFIED,
                "reason": "" if known else f"{n} of the adopters have it: its ratio cannot be bounded",
            }
        )
    return pd.DataFrame(rows, columns=list(RATIOS))
