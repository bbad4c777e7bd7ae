"""Which law and which ceiling of adoption the counts support, and the regression that Bass began with."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from smf_helpers.models.diffusion_engine import Solved, fit_law
from smf_helpers.models.diffusion_families import LAWS, Law
from smf_helpers.models.diffusion_intervals import Observed, observe, refuse
from smf_helpers.models.diffusion_limits import limit_ceiling, rises, runs_to_edge, scatter_of
from smf_helpers.models.diffusion_misfit import find_misfit
from smf_helpers.models.diffusion_quantities import criteria
from smf_helpers.results.core import Estimate, Status, refused

if TYPE_CHECKING:
    import pandas as pd

UNDECIDED: Final = 2.0
SUPPORTED: Final = 4.0
"""Differences in AICc: below the first undecided, from the second on supported (METHODS 4)."""


def select_family(
    new: "Sequence[float] | npt.NDArray[Any] | pd.DataFrame",
    *,
    times: Any = None,
    eligible: float | None = None,
    families: Sequence[str] = tuple(LAWS),
    origin: Any = None,
) -> "pd.DataFrame":
    """Compare the laws of adoption on the same counts by AICc.

    Each law with the scatter of the counts about it, which counts as a parameter. R squared of cumulative curves is
    never used.

    Returns
    -------
    pandas.DataFrame
        One row a law, best first: ``family, aicc, delta, weight, verdict, reason``; the verdict of the best law
        is supported, leaning or undecided, that of the others not supported or undecided.
    """
    import pandas as pd

    observed = observe(new, times=times, eligible=eligible, origin=origin)
    cells = observed.cells
    rows: list[dict[str, Any]] = []
    for family in families:
        law = LAWS[family]
        why_not = refuse(observed, len(law.names))
        if why_not:
            rows.append({"family": family, "reason": why_not[1]})
            continue
        solved = fit_law(law, cells)
        aicc = criteria(law, cells, solved, scatter_of(law, cells, solved))[1]
        rows.append({"family": family, "aicc": aicc})
    table = pd.DataFrame.from_records(rows, columns=["family", "aicc", "reason"])
    table["delta"] = table["aicc"] - table["aicc"].min()
    weight = np.exp(-table["delta"] / 2)
    table["weight"] = weight / weight.sum()
    table = table.sort_values(["aicc", "family"], ignore_index=True)
    lead = float(table["delta"].iloc[1]) if len(table) > 1 else np.inf
    best = "supported" if lead >= SUPPORTED else "leaning" if lead >= UNDECIDED else "undecided"
    others = np.where(table["delta"] < UNDECIDED, "undecided", "not supported")
    verdict = np.where(table.index == 0, best, others)
    table["verdict"] = np.where(table["aicc"].isna(), "not tried", verdict)
    table["reason"] = [reason if isinstance(reason, str) else "" for reason in table["reason"]]
    return table[["family", "aicc", "delta", "weight", "verdict", "reason"]]


def choose_ceiling(law: Law, observed: Observed, *, level: float = 0.95) -> Observed:
    """Let the ceiling go where the counts exclude that all the eligible will ever adopt; keep it elsewhere.

    The headcount is a ceiling that nobody can pass, but some never adopt. It is given up when the upper profile
    limit of m lies below it, or when no curve up to it describes the counts and one to a lower ceiling does. The
    series is all that is looked at, so an earlier series may choose otherwise.
    """
    cells = observed.cells
    if cells.eligible is None:
        return observed
    free = replace(observed, cells=replace(cells, eligible=None))
    if refuse(free, len(law.names)):
        return observed
    law_free, solved = _fit_or_push(law, free)
    if not solved.converged[0]:
        return observed
    scatter = scatter_of(law_free, free.cells, solved)
    rise = float(rises(law_free, free.cells, solved, scatter, level)[0])
    if limit_ceiling(law_free, free.cells, solved, rise)[1] < cells.eligible[0]:
        return free
    if find_misfit(law_free, free, solved):
        return observed
    law_known, whole = _fit_or_push(law, observed)
    return free if find_misfit(law_known, observed, whole) else observed


def _fit_or_push(law: Law, observed: Observed) -> tuple[Law, Solved]:
    """Fit a law, or a constant push where its imitation runs to zero."""
    solved = fit_law(law, observed.cells)
    if law.key == "bass" and runs_to_edge(law, observed.cells, solved)[1] == -1:
        law = LAWS["push"]
        solved = fit_law(law, observed.cells)
    return law, solved


def fit_bass_ols(new: Sequence[float] | npt.NDArray[Any]) -> dict[str, Estimate]:
    """Give m, p and q from the regression n_t = a + b N_{t-1} + c N_{t-1}^2 (Bass 1969).

    A start value and a piece of history, not an estimate to report: it treats time as discrete, and gives
    p < 0 on three of the ten published series.

    Parameters
    ----------
    new : new adopters in equal intervals, none missing.

    Returns
    -------
    dict
        ``m``, ``p`` and ``q``; m is the positive root of a + b m + c m^2, p = a / m, q = -c m.

    References
    ----------
    Bass 1969, doi:10.1287/mnsc.15.5.215.

    Examples
    --------
    >>> found = fit_bass_ols([3, 6, 10, 14, 15, 11, 6, 3])
    >>> round(found["m"].value, 1)
    67.8
    """
    n = np.asarray(new, dtype=float)
    if len(n) < 4 or not np.isfinite(n).all() or not n.sum() > 0:
        why = "The regression needs at least four equal intervals, none missing, with adopters."
        return {name: refused(Status.INSUFFICIENT_DATA, why) for name in ("m", "p", "q")}
    before = np.concatenate([[0.0], np.cumsum(n)[:-1]])
    size = max(float(before.max()), 1e-300)
    scaled = before / size
    design = np.stack([np.ones_like(scaled), scaled, scaled**2], axis=1)
    a, b, c = np.linalg.lstsq(design, n)[0] / np.array([1.0, size, size**2])
    root = b * b - 4 * a * c
    if root < 0 or c >= 0:
        why = "The regression has no ceiling: the number of new adopters does not bend down."
        return {name: refused(Status.NOT_IDENTIFIED, why, n=len(n)) for name in ("m", "p", "q")}
    m = (-b - np.sqrt(root)) / (2 * c)
    values = {"m": m, "p": a / m, "q": -c * m}
    negative = "A negative push has no meaning." if values["p"] < 0 else ""
    return {
        name: Estimate(
            value=float(value),
            method="regression of Bass 1969, without limits",
            n=len(n),
            status=Status.BOUNDARY if negative and name == "p" else Status.OK,
            reason=negative if name == "p" else "",
        )
        for name, value in values.items()
    }
