"""Adoption of a culture over time: laws fitted to new adopters in intervals.

Build it and they will not simply come: the Bass law splits the pace of adoption into a push from
outside (``p``) and imitation of those who already take part (``q``)::

    F' = (p + q F)(1 - F),   expected new adopters in (a, b] = m (F(b) - F(a))

Intervals, never the density at their end (Srinivasan & Mason 1986). Give the eligible headcount wherever it
is known: the ceiling m of a series that has not passed its peak cannot be told from the series.

Counts are fitted by the likelihood of people who adopt one by one (multinomial below a headcount, Poisson without one),
which finds the curve whatever the scatter. How far the counts scatter about it (`models.scatter`) widens every profile
limit by as much as it widens that estimate's variance, and is in every draw.

Neither p nor q is a cause: different readiness and a common shock also make S-shapes (Van den Bulte &
Stremersch 2004, doi:10.1287/mksc.1040.0054). Known biases with m estimated: for every 10 % more of the market
seen, m rises 5 %, q falls 10 %, p rises 15 % (Van den Bulte & Lilien 1997, doi:10.1287/mksc.16.4.338).
"""

import functools
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from smf_helpers.errors import ModelError
from smf_helpers.models.diffusion_engine import Cells, Solved, ceiling, fit_law
from smf_helpers.models.diffusion_families import LAWS, Law, generalise_bass
from smf_helpers.models.diffusion_intervals import Observed, cumulate, observe, refuse
from smf_helpers.models.diffusion_limits import Draws, draw_again, rises, runs_to_edge, scatter_of
from smf_helpers.models.diffusion_misfit import find_misfit
from smf_helpers.models.diffusion_quantities import (
    accelerates,
    criteria,
    list_milestones,
    list_parameters,
    tabulate,
)
from smf_helpers.models.forecast import forecast_adoption
from smf_helpers.results.adoption import AdoptionFit, Shock
from smf_helpers.results.core import SHOWN, Estimate, Status

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]


def fit_adoption(
    new: "Sequence[float] | npt.NDArray[Any] | pd.DataFrame",
    *,
    times: Any = None,
    eligible: float | None = None,
    family: str = "bass",
    shocks: Sequence[Shock] = (),
    origin: Any = None,
    method: str = "auto",
    level: float = 0.95,
    draws: int = 200,
    seed: int = 1,
) -> AdoptionFit:
    """Fit a law of adoption to new adopters in intervals.

    Parameters
    ----------
    new : new adopters in each interval; missing where a wave was lost. Or a frame ``after, by, n`` for adopters
        known only to an interval, which may overlap. Increments of a share (not whole numbers) are fitted
        by least squares.
    times : end of each interval, numbers or dates, in any order; 1, 2, … by default. Dates count in weeks.
    eligible : people who could adopt (1 for shares of the eligible). Without it the ceiling m is estimated,
        and refused when its profile is open.
    family : a registered law (`LAWS`), such as ``bass``, ``logistic``, ``gompertz``, ``shifted_gompertz``, ``weibull``.
    shocks : dated shocks; with them the Bass law becomes the generalised one.
    origin : when adoption could begin; one usual interval before the first end by default.
    method : ``likelihood`` (multinomial or Poisson, scatter estimated), ``squares``, or ``auto``.
    level : coverage of the limits.
    draws : bootstrap draws behind bands, peak, take-off and forecast.
    seed : seed of the draws.

    Returns
    -------
    AdoptionFit
        Degenerate inputs give a status and a reason in it, never an exception.

    Raises
    ------
    ModelError
        For an unknown family or method, unequal lengths, or intervals that end before they begin.

    Examples
    --------
    >>> fit = fit_adoption([4, 9, 17, 30, 41, 44, 30, 14, 6, 3], eligible=220)
    >>> fit
    AdoptionFit(bass, 198 adopters in 10 intervals, ok)
    >>> fit_adoption([0, 0, 0], eligible=50).reason
    'Nobody has adopted yet.'

    References
    ----------
    Bass 1969, doi:10.1287/mnsc.15.5.215; Srinivasan & Mason 1986, doi:10.1287/mksc.5.2.169; Schmittlein &
    Mahajan 1982, doi:10.1287/mksc.1.1.57; Bass, Krishnan & Jain 1994, doi:10.1287/mksc.13.3.203.
    """
    squares = {"auto": None, "likelihood": False, "squares": True}.get(method, "unknown")
    if squares == "unknown":
        raise ModelError(f"There is no method '{method}'. Known: auto, likelihood, squares.")
    observed = observe(new, times=times, eligible=eligible, origin=origin, squares=squares)  # type: ignore[arg-type]
    law = LAWS[family]
    if shocks:
        law = generalise_bass(_on_axis(shocks, observed))
    why_not = refuse(observed, len(law.names))
    if why_not:
        return _refused(law.key, observed, *why_not)
    solved = fit_law(law, observed.cells)
    if law.key == "bass" and runs_to_edge(law, observed.cells, solved)[1] == -1:
        # q runs to zero: the simpler law is told, never the edge number
        push = LAWS["push"]
        told = _describe(push, observed, fit_law(push, observed.cells), level, draws, seed)
        return replace(told, reason=_NO_IMITATION) if told.status in SHOWN else told
    return _describe(law, observed, solved, level, draws, seed)


_NO_IMITATION: Final = "No imitation shows in these counts: a constant push describes them as well."


def _on_axis(shocks: Sequence[Shock], observed: Observed) -> list[Shock]:
    def place(at: Any) -> float:
        return float(observed.axis.to_number([at])[0])

    return [
        Shock(name=shock.name, at=place(shock.at), until=None if shock.until is None else place(shock.until))
        for shock in shocks
    ]


def _describe(
    law: Law, observed: Observed, solved: Solved, level: float, draws: int, seed: int
) -> AdoptionFit:
    cells = observed.cells
    scatter = scatter_of(law, cells, solved)
    rise = rises(law, cells, solved, scatter, level)
    edges = runs_to_edge(law, cells, solved)
    status, reason = _judge(law, solved, edges)
    misfit = find_misfit(law, observed, solved) if status in SHOWN else None
    status, reason = misfit or (status, reason)
    drawn = draw_again(law, cells, solved, scatter, draws=draws, seed=seed)
    rows = list_parameters(law, observed, solved, scatter, rise, level)
    rising = accelerates(law, cells, solved, scatter, rows["q"][0] if "q" in rows else None)
    rows |= list_milestones(law, observed, solved, drawn, rising, level)
    if not cells.squares:
        rows["scatter"] = (Estimate(value=scatter, method="moments", n=int(cells.seen.sum())), None)
    told = status in SHOWN
    loglik, aicc = criteria(law, cells, solved, scatter)
    return AdoptionFit(
        family=law.key,
        method=_name_method(cells),
        estimates=tabulate(rows, told, status, reason),
        curve=_curve(law, observed, solved, drawn, told, level),
        loglik=loglik,
        aicc=aicc,
        n=int(np.rint(observed.n.sum())) if not cells.squares else 0,
        intervals=int(cells.seen.sum()),
        status=status,
        reason=reason,
        forecaster=functools.partial(forecast_adoption, law, observed, solved, drawn, scatter, level, seed)
        if told
        else None,
    )


def _judge(law: Law, solved: Solved, edges: list[int]) -> tuple[Status, str]:
    if not solved.converged[0]:
        return Status.NOT_CONVERGED, "The search for the best curve did not settle."
    at_edge = [name for name, edge in zip(law.names, edges, strict=True) if edge]
    if at_edge and law.key not in ("bass", "generalised_bass"):
        return (
            Status.BOUNDARY,
            f"{', '.join(at_edge)} runs to the edge of what can be seen; the law does not fit.",
        )
    if at_edge == ["p"] or not at_edge:
        return Status.OK, ""
    return Status.BOUNDARY, f"{', '.join(at_edge)} runs to the edge of what can be seen."


def _name_method(cells: Cells) -> str:
    how = "least squares on intervals" if cells.squares else "count likelihood on intervals"
    return how + (", m estimated" if cells.eligible is None else ", ceiling known")


def _curve(
    law: Law, observed: Observed, solved: Solved, drawn: Draws, told: bool, level: float
) -> "pd.DataFrame":
    """Give observed and fitted cumulative adopters with the bootstrap band of the curve."""
    import pandas as pd

    cells = observed.cells
    ends = np.unique(cells.upper)
    m = float(ceiling(law, cells, solved.theta)[0])
    fitted = m * law.cdf(ends, solved.theta)[0]
    band = np.quantile(
        drawn.m[:, None] * law.cdf(ends, drawn.theta), [(1 - level) / 2, (1 + level) / 2], axis=0
    )
    blank = np.full(len(ends), np.nan)
    return pd.DataFrame(
        {
            "at": observed.axis.to_label(ends),
            "observed": cumulate(observed),
            "fitted": fitted if told else blank,
            "low": band[0] if told else blank,
            "high": band[1] if told else blank,
        }
    )


def _refused(family: str, observed: Observed, status: Status, reason: str) -> AdoptionFit:
    import pandas as pd

    ends = np.unique(observed.cells.upper)
    blank = np.full(len(ends), np.nan)
    curve = {"at": observed.axis.to_label(ends), "observed": cumulate(observed)}
    return AdoptionFit(
        family=family,
        method=_name_method(observed.cells),
        estimates=tabulate({}, False, status, reason),
        curve=pd.DataFrame({**curve, "fitted": blank, "low": blank, "high": blank}),
        loglik=None,
        aicc=None,
        n=int(np.rint(observed.n.sum())) if not observed.cells.squares else 0,
        intervals=int(observed.cells.seen.sum()),
        status=status,
        reason=reason,
    )
