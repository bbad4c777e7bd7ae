"""Reliability: whether the items of a factor measure one thing, and how well.

McDonald's omega is the headline: ``(sum lambda)^2 / ((sum lambda)^2 + sum theta)`` from a one-factor model by maximum likelihood. Cronbach's
alpha stands beside it with Feldt's interval. Two items have Spearman-Brown's ``2r / (1 + r)``. Below thirty complete answers
nothing is assessed. Reliability is no validity: a factor can be measured precisely and be something else.
References: McDonald (1999), doi:10.4324/9781410601087; McNeish (2018), doi:10.1037/met0000144; Feldt (1965),
doi:10.1007/BF02289499; Eisinga, te Grotenhuis and Pelzer (2013), doi:10.1007/s00038-012-0416-3.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from smf_helpers.measures.one_factor import OneFactor, fit_one_factor, moments
from smf_helpers.results.core import Estimate, Status, refused
from smf_helpers.results.survey import FactorScores, Reliability

Floats = npt.NDArray[np.float64]

MIN_COMPLETE = 30
"""Complete answers below which reliability is not assessed."""


def reliability(answers: "pd.DataFrame | Floats", *, level: float = 0.95) -> Reliability:
    """Assess the reliability of a set of items from the people who answered all of them.

    Parameters
    ----------
    answers : people x items, reverse-keyed items turned; empty where missing.
    level : coverage of the intervals: omega's by the sandwich variance of its influence (no normality
        assumed) on the scale of ``log(1 - omega)``, alpha's by Feldt's F.

    Returns
    -------
    Reliability

    References
    ----------
    McDonald (1999), doi:10.4324/9781410601087; Feldt (1965), doi:10.1007/BF02289499.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> answers = rng.normal(size=(500, 1)) + rng.normal(size=(500, 4))  # true reliability 0.8
    >>> found = reliability(answers)
    >>> abs(found.omega.value - 0.8) < 0.02, found.omega.low < 0.8 < found.omega.high
    (True, True)
    """
    names = [str(name) for name in getattr(answers, "columns", range(np.shape(answers)[1]))]
    values = np.asarray(answers, dtype=np.float64)
    values = values[np.isfinite(values).all(axis=1)]
    n, k = values.shape
    problem = _problem(values, n, k)
    if problem:
        status, reason = problem
        return Reliability(
            omega=refused(status, reason, n=n),
            alpha=refused(status, reason, n=n),
            items=_describe(names, None, None, None),
            n=n,
            n_items=k,
        )
    covariance = np.atleast_2d(np.cov(values.T))
    alpha = _alpha(covariance, n, level)
    if k == 2:
        omega, loading = _spearman_brown(covariance, n, level), None
    else:
        fit = fit_one_factor([moments(values)])
        omega, loading = _omega(values, fit, level), fit.loading
    rest, deleted = _item_statistics(covariance)
    return Reliability(
        omega=omega, alpha=alpha, items=_describe(names, loading, rest, deleted), n=n, n_items=k
    )


def factor_reliability(scores: FactorScores, wave: str | None = None) -> dict[str, Reliability]:
    """Assess each factor in one wave, by default the latest: nobody counts twice."""
    chosen = wave if wave is not None else (scores.waves[-1] if scores.waves else "")
    rows = (scores.people["wave"] == chosen).to_numpy()
    values = scores.answers.to_numpy(dtype=np.float64)[rows]
    asked = np.isfinite(values).any(axis=0)
    names, factors = (
        scores.items["item"].to_numpy(dtype=object),
        scores.items["factor"].to_numpy(dtype=object),
    )
    found = {}
    for factor in dict.fromkeys(factors):
        mine = asked & (factors == factor)
        found[str(factor)] = reliability(pd.DataFrame(values[:, mine], columns=names[mine]))
    return found


def _problem(values: Floats, n: int, k: int) -> tuple[Status, str] | None:
    """Say why reliability cannot be assessed, if it cannot."""
    if n < MIN_COMPLETE:
        return Status.INSUFFICIENT_DATA, f"Not assessed: fewer than {MIN_COMPLETE} complete answers."
    if k < 2:
        return Status.INSUFFICIENT_DATA, "Not assessed: it takes two items at least."
    if (np.ptp(values, axis=0) == 0).any():
        return Status.NOT_IDENTIFIED, "Everybody gave the same answer to one of the items."
    if np.linalg.cond(np.corrcoef(values.T)) > 1e10:
        return Status.NOT_IDENTIFIED, "One item repeats the others."
    return None


def _describe(names: list[str], loading: Any, rest: Any, deleted: Any) -> pd.DataFrame:
    empty = np.full(len(names), np.nan)
    columns = {"loading": loading, "item_rest": rest, "alpha_if_deleted": deleted}
    return pd.DataFrame({"item": names, **{k: empty if v is None else v for k, v in columns.items()}})


def _alpha(covariance: Floats, n: int, level: float) -> Estimate:
    """Give Cronbach's alpha ``k/(k-1) (1 - tr S / 1'S1)`` with Feldt's interval."""
    from scipy.special import fdtri

    k, total = len(covariance), covariance.sum()
    if total <= 0:
        return refused(Status.NOT_IDENTIFIED, "The items go against each other: check the reverse keys.", n=n)
    value = float(k / (k - 1) * (1 - np.trace(covariance) / total))
    df = (n - 1, (n - 1) * (k - 1))
    low, high = (float(1 - (1 - value) * fdtri(*df, q)) for q in (0.5 + level / 2, 0.5 - level / 2))
    return Estimate(
        value=value, low=low, high=high, n=n, method="Cronbach's alpha, Feldt's interval", level=level
    )


def _spearman_brown(covariance: Floats, n: int, level: float) -> Estimate:
    """Give ``2r / (1 + r)`` with the interval of Fisher's z."""
    from scipy.special import ndtri

    r = float(covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1]))
    half = float(ndtri(0.5 + level / 2)) / np.sqrt(n - 3)
    low, high = (float(np.tanh(np.arctanh(r) + side * half)) for side in (-1, 1))
    value, low, high = (2 * x / (1 + x) for x in (r, low, high))
    return Estimate(value=value, low=low, high=high, n=n, method="Spearman-Brown for two items", level=level)


def _omega(values: Floats, fit: OneFactor, level: float) -> Estimate:
    """Give McDonald's omega with an interval from the influence of each person on it."""
    from scipy.special import ndtri

    n = len(values)
    if not fit.converged:
        return refused(Status.NOT_CONVERGED, "The one-factor model did not converge.", n=n)
    lam, theta = fit.loading, fit.specific[0]
    common, own = lam.sum() ** 2, theta.sum()
    value = float(common / (common + own))
    if fit.at_floor:
        return Estimate(
            value=value,
            status=Status.BOUNDARY,
            reason="An item has no variance of its own left: one factor does not fit these answers.",
            n=n,
            method="one-factor maximum likelihood",
            level=level,
        )
    se = float(np.sqrt(np.mean(_influence(values, lam, theta) ** 2) / n))
    half = float(ndtri(0.5 + level / 2)) * se / (1 - value)
    low, high = 1 - (1 - value) * np.exp(half), 1 - (1 - value) * np.exp(-half)
    return Estimate(
        value=value,
        low=float(max(low, 0.0)),
        high=float(high),
        n=n,
        method="one-factor maximum likelihood",
        level=level,
    )


def _influence(values: Floats, lam: Floats, theta: Floats) -> Floats:
    """Give each person's influence on omega, by the implicit function of the likelihood equations."""
    p = len(lam)
    apart = values - values.mean(axis=0)
    inverse = np.linalg.inv(np.outer(lam, lam) + np.diag(theta))
    eye = np.eye(p)
    d_sigma = np.concatenate(
        [
            eye[:, :, None] * lam[None, None, :] + lam[None, :, None] * eye[:, None, :],
            np.einsum("ij,ik->ijk", eye, eye),
        ]
    )
    half = inverse @ d_sigma
    information = np.einsum("aij,bji->ab", half, half)
    seen = apart @ inverse
    scores = np.concatenate([2 * seen * (seen @ lam)[:, None], seen**2], axis=1)
    shift = np.linalg.lstsq(information, (scores - scores.mean(axis=0)).T, rcond=None)[0].T
    total, own = lam.sum(), theta.sum()
    slope = np.concatenate([np.full(p, 2 * total * own), np.full(p, -(total**2))]) / (total**2 + own) ** 2
    return np.asarray(shift @ slope, dtype=np.float64)


def _item_statistics(covariance: Floats) -> tuple[Floats, Floats]:
    """Give each item's correlation with the rest, and alpha without it (empty for two items)."""
    k, total = len(covariance), covariance.sum()
    own, row = np.diag(covariance), covariance.sum(axis=1)
    left = total - 2 * row + own
    with np.errstate(invalid="ignore", divide="ignore"):
        rest = (row - own) / np.sqrt(own * left)
        deleted = (k - 1) / (k - 2) * (1 - (own.sum() - own) / left) if k > 2 else np.full(k, np.nan)
    return rest, deleted
