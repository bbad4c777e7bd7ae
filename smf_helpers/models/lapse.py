"""Adoption with lapse: would participation sustain itself if the programme stopped today?

In the weekly model of the what-if, with push and executives gone, one active person brings in
``q R + r L`` others a week, where R are those within reach who never took part::

    reproduction number = (q R + r L) / d

Above 1 participation grows by itself from where it stands, below 1 it dies away. It falls as the culture fills up;
it is a statement about today. Like every q it is consistent with imitation, not proof of it.
"""

from typing import TYPE_CHECKING, Final

import numpy as np

from smf_helpers.models.scenario_calibration import calibrate_what_if
from smf_helpers.models.scenarios import project
from smf_helpers.results.adoption import Setting
from smf_helpers.results.core import Estimate, Status, refused

if TYPE_CHECKING:
    import pandas as pd

YEAR: Final = 52
QUANTITIES: Final = ("reproduction_number", "chance_sustained", "active_after_year", "lapse_must_fall")

_STOPPED: Final = {"push": Setting(value=0.0), "executives": Setting(value=0.0)}


def estimate_sustain(
    weeks: "pd.DataFrame",
    *,
    eligible: int | None = None,
    level: float = 0.95,
    draws: int = 200,
    seed: int = 1,
) -> dict[str, Estimate]:
    """Estimate whether participation sustains itself without the programme.

    Parameters
    ----------
    weeks : weekly counts ``active, new, lapsed, back`` as for `calibrate_what_if`.
    eligible : people who could take part, where the frame has no such column.
    level : coverage of the limits (quantiles of the bootstrap draws).
    draws, seed : parametric bootstrap.

    Returns
    -------
    dict
        ``reproduction_number`` (R); ``chance_sustained`` (share of draws with R of at least 1, held within 1 and 99 %);
        ``active_after_year`` (share active a year after a stop today); ``lapse_must_fall`` (the distance to critical
        mass: by which share weekly lapse must fall for R = 1; 0 when it is there already).
        All refused, with the reason, while joining or lapsing could not be estimated from this client.

    References
    ----------
    Diekmann, Heesterbeek & Metz 1990, doi:10.1007/BF00178324 (reproduction numbers); Oliver & Marwell 1985,
    doi:10.1086/228313 (critical mass).
    """
    model = calibrate_what_if(weeks, eligible=eligible, horizon=YEAR, draws=draws, seed=seed)
    _, active, lapsed = model.start
    unknown = [name for name in ("p", "q", "d") if name in model.assumed]
    n = len(model.observed)
    if unknown or active <= 0:
        why = (
            "Nobody is active now."
            if n and active <= 0
            else "Too few weeks, joiners or leavers to tell joining and lapsing apart."
        )
        return {name: refused(Status.INSUFFICIENT_DATA, why, n=n) for name in QUANTITIES}
    returns = "r" not in model.assumed

    def reproduce(rates: tuple[float, ...]) -> float:
        _, q, _, d, r, reach = rates
        pull = q * max(reach - active - lapsed, 0.0) + (r * lapsed if returns else 0.0)
        return pull / d if d > 0 else np.inf

    centre = reproduce(model.centre)
    many = np.array([reproduce(rates) for rates in model.draws])
    low, high = np.quantile(many, [(1 - level) / 2, (1 + level) / 2])
    how = "parametric bootstrap" + ("" if returns else ", without those who come back")
    # a bootstrap never proves certainty: nothing is told beyond one in a hundred
    chance = float(np.clip((many >= 1).mean(), 0.01, 0.99))
    stopped = project(model, _STOPPED, band=((1 - level) / 2, (1 + level) / 2))
    return {
        "reproduction_number": Estimate(
            value=centre,
            low=float(low),
            high=float(high),
            unit="people brought in by one",
            n=n,
            method=how,
            level=level,
        ),
        "chance_sustained": Estimate(value=chance, unit="share", n=n, method=how, level=level),
        "active_after_year": Estimate(
            value=stopped.active[-1],
            low=stopped.low[-1],
            high=stopped.high[-1],
            unit="share",
            n=n,
            method=how,
            level=level,
        ),
        "lapse_must_fall": Estimate(
            value=max(0.0, 1 - centre),
            low=max(0.0, 1 - float(high)),
            high=max(0.0, 1 - float(low)),
            unit="share of weekly lapse",
            n=n,
            method=how,
            level=level,
        ),
    }
