"""Adoption in many units at once: each unit's own p and q, shrunk towards the typical unit.

(log p, log q) of the units are normal around the typical unit (Lenk & Rao 1990, doi:10.1287/mksc.9.1.42). A small
unit, or one that has just begun, borrows strength; a large one speaks for itself. Fitted by EM over the
batched engine (Laplace approximation in each unit).
"""

import math
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from smf_helpers.errors import ModelError
from smf_helpers.models.diffusion_engine import Cells, Prior, Solved, begin, solve
from smf_helpers.models.diffusion_families import LAWS
from smf_helpers.results.adoption import AdoptionUnits
from smf_helpers.results.core import Estimate, Status, refused

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]

MIN_UNITS: Final = 3
"""Units with adopters below which nothing is pooled."""

MIN_ADOPTERS: Final = 10
"""Adopters over all units below which no rates are told."""

OPEN: Final = math.log(1000.0)
"""Half a range of the logarithm of a typical rate beyond which nothing is known of it."""

UNTOLD: Final = {
    "p": "The units' adoptions show no push of the programme.",
    "q": "The units' adoptions show no imitation.",
}

ROUNDS: Final = 60


def fit_adoption_units(
    counts: "pd.DataFrame", eligible: "pd.Series", *, level: float = 0.95
) -> AdoptionUnits:
    """Fit the Bass law to every unit, with partial pooling of (log p, log q).

    Parameters
    ----------
    counts : frame ``unit, after, by, new``: new adopters of a unit between two times, counted from the day on
        which that unit could begin (its joining of the roll-out). Intervals may differ between units; an
        interval without a row was not observed.
    eligible : headcount of each unit, indexed by unit.
    level : coverage of the limits.

    Raises
    ------
    ModelError
        When a column is missing, a unit of the counts has no headcount, or its adopters exceed it.
    """
    import pandas as pd

    absent = [name for name in ("unit", "after", "by", "new") if name not in counts]
    if absent:
        raise ModelError(f"The counts of units lack the columns {', '.join(absent)}.")
    names = sorted(counts["unit"].astype(str).unique())
    unknown = [name for name in names if name not in eligible.index]
    if unknown:
        raise ModelError(f"{len(unknown)} units have no headcount.")
    cells = _lay_out(counts, names, eligible)
    adopters = np.where(cells.seen, cells.n, 0.0).sum(axis=1)
    people = np.asarray(cells.eligible)
    if (adopters > people).any():
        raise ModelError(f"In {int((adopters > people).sum())} units more people adopted than are eligible.")
    share = np.divide(adopters, people, out=np.full(len(people), np.nan), where=people > 0)
    frame = pd.DataFrame(
        {"unit": names, "n": people.astype(int), "adopters": adopters.astype(int), "share": share}
    )
    if (adopters > 0).sum() < MIN_UNITS or adopters.sum() < MIN_ADOPTERS:
        why = f"Fewer than {MIN_UNITS} units with adopters, or fewer than {MIN_ADOPTERS} adopters in all."
        return _refused(frame, Status.INSUFFICIENT_DATA, why)
    if ((cells.seen & (cells.n > 0)).sum(axis=1) < 2).all():
        why = "In every unit everybody adopted in one interval, which has no shape."
        return _refused(frame, Status.NOT_IDENTIFIED, why)
    return _pool(frame, cells, level)


def _refused(frame: "pd.DataFrame", status: Status, why: str) -> AdoptionUnits:
    none = refused(status, why)
    return AdoptionUnits(
        units=frame.assign(**dict.fromkeys(_COLUMNS, np.nan), status=str(status), reason=why),
        typical={"p": none, "q": none},
        spread={"p": none, "q": none},
        status=status,
        reason=why,
    )


_COLUMNS: Final = ("p", "p_low", "p_high", "q", "q_low", "q_high")


def _lay_out(counts: "pd.DataFrame", names: list[str], eligible: "pd.Series") -> Cells:
    """Give one row a unit over the union of all intervals; what a unit did not observe is not seen."""
    ends = counts[["after", "by"]].to_numpy(dtype=float)
    pairs, column = np.unique(ends, axis=0, return_inverse=True)
    row = np.searchsorted(names, counts["unit"].astype(str))
    n = np.zeros((len(names), len(pairs)))
    seen = np.zeros_like(n, dtype=bool)
    new = counts["new"].to_numpy(dtype=float)
    np.add.at(n, (row, column.ravel()), np.nan_to_num(new))
    seen[row, column.ravel()] = np.isfinite(new)
    people = eligible.loc[names].to_numpy(dtype=float)
    return Cells(lower=pairs[:, 0], upper=pairs[:, 1], n=n, seen=seen, eligible=people)


def _pool(frame: "pd.DataFrame", cells: Cells, level: float) -> AdoptionUnits:
    from scipy.special import ndtri

    law = LAWS["bass"]
    fits, mean, cover, posterior = _expect_and_maximise(cells)
    z = float(ndtri((1 + level) / 2))
    error = np.sqrt(np.einsum("bkk->bk", posterior))
    natural = law.natural(fits.theta)
    low, high = law.natural(fits.theta - z * error), law.natural(fits.theta + z * error)
    told = fits.converged
    wide = z * np.sqrt(np.diagonal(cover))
    columns = {}
    for k, name in enumerate(law.names):
        for suffix, values in (("", natural), ("_low", low), ("_high", high)):
            columns[name + suffix] = np.where(told & (wide[k] < OPEN), values[:, k], np.nan)
    n_units = len(frame)
    typical = {
        name: _typical(name, float(mean[k]), float(wide[k]), n_units, level)
        for k, name in enumerate(law.names)
    }
    few = frame["adopters"] < MIN_ADOPTERS
    untold = " ".join(rate.reason for rate in typical.values() if rate.value is None)
    reason = np.where(
        told, np.where(few, "Few adopters: mostly the typical unit.", untold), "The fit did not settle."
    )
    units = frame.assign(
        **columns, status=np.where(told, str(Status.OK), str(Status.NOT_CONVERGED)), reason=reason
    )
    within = np.cov(fits.theta.T, bias=True) + posterior.mean(axis=0)
    spread = {
        name: Estimate(value=float(np.sqrt(within[k, k])), n=n_units, unit="log", method="EM over units")
        if wide[k] < OPEN
        else refused(Status.NOT_IDENTIFIED, typical[name].reason, n=n_units)
        for k, name in enumerate(law.names)
    }
    return AdoptionUnits(units=units, typical=typical, spread=spread, status=Status.OK)


def _typical(name: str, middle: float, wide: float, n: int, level: float) -> Estimate:
    """Give a rate of the typical unit from its logarithm and half its range; refused where any rate would do."""
    if not wide < OPEN:
        return refused(Status.NOT_IDENTIFIED, UNTOLD[name], n=n)
    return Estimate(
        value=math.exp(middle),
        low=math.exp(middle - wide),
        high=math.exp(middle + wide),
        n=n,
        unit="per time unit",
        method="partial pooling of (log p, log q)",
        level=level,
    )


def _expect_and_maximise(cells: Cells) -> tuple[Solved, Floats, Floats, Floats]:
    """Give the units' modes, the typical unit with its covariance, and the units' posterior covariances."""
    law = LAWS["bass"]
    theta = begin(law, cells)
    mean, spread = np.median(theta, axis=0), np.diag([0.5, 0.5]) ** 2
    for _ in range(ROUNDS):
        prior = Prior(mean=mean, precision=np.linalg.inv(spread))
        fits = solve(law, cells, theta, prior=prior, max_steps=12, tolerance=1e-6)
        posterior = np.linalg.inv(fits.information + prior.precision)
        theta, before = fits.theta, mean
        mean = theta.mean(axis=0)
        away = theta - mean
        spread = (np.einsum("bk,bl->kl", away, away) + posterior.sum(axis=0)) / len(theta) + 1e-4 * np.eye(2)
        if np.abs(mean - before).max() < 1e-5:
            break
    fits = solve(law, cells, theta, prior=Prior(mean=mean, precision=np.linalg.inv(spread)))
    # covariance of the typical unit: each unit tells it with its own information
    told = np.linalg.inv(np.linalg.inv(np.maximum(fits.information, 0.0) + 1e-9 * np.eye(2)) + spread)
    return fits, mean, np.asarray(np.linalg.inv(told.sum(axis=0))), np.asarray(posterior, dtype=float)
