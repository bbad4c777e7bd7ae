"""Fit one curve to one series: `fit_curve`.

For a registered family no start values are needed; any callable can be given instead. Every parameter comes
with its standard error, a profile-likelihood interval and a status. One series of a person is rarely long
enough for a curve of three parameters: for many short series use `fit_learning`, which pools them.
"""

import inspect
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from smf_helpers.errors import ModelError
from smf_helpers.models.curves_engine import (
    CONVERGED,
    Array,
    Curve,
    Problem,
    Solution,
    polish,
    project,
    rss_at,
    search,
    understand,
)
from smf_helpers.models.curves_families import CURVES
from smf_helpers.models.curves_profile import profile_limits
from smf_helpers.results.core import Status
from smf_helpers.results.learning import CurveFit

SINGULAR = 1e-11
"""A parameter whose direction keeps less than this share of its own length cannot be told from the others."""
EXACT = 1e-26
"""Residual share of the total below which the points lie on the curve."""

_ORDER = (
    Status.NOT_CONVERGED,
    Status.INSUFFICIENT_DATA,
    Status.BOUNDARY,
    Status.NOT_IDENTIFIED,
    Status.ONE_SIDED,
    Status.OK,
)


def aicc(rss: float, n: int, parameters: int) -> float:
    """Give Akaike's criterion, corrected for small n, with the residual variance counted as a parameter.

    ``n log(RSS / n) + 2 k + 2 k (k + 1) / (n - k - 1)`` with ``k = parameters + 1`` (Burnham & Anderson
    2002); NaN when ``n <= k + 1``.

    Examples
    --------
    >>> round(aicc(2.0, 10, 1), 4)
    -10.3801
    """
    k = parameters + 1
    if n <= k + 1:
        return float("nan")
    return float(n * np.log(max(rss, 1e-300) / n) + 2 * k + 2 * k * (k + 1) / (n - k - 1))


def fit_curve(
    family: str | Curve,
    x: Any,
    y: Any,
    *,
    start: Sequence[float] | Mapping[str, float] | None = None,
    bounds: Mapping[str, tuple[float, float]] | Sequence[tuple[float, float]] | None = None,
    level: float = 0.95,
    seed: int = 0,
) -> CurveFit:
    """Fit a curve by least squares and say how well each parameter is known.

    The sum of squares is searched from the start and from scattered starts, linear parameters projected out,
    the end polished in extended precision. Intervals are profile-likelihood intervals calibrated by F; a side
    that the data leave open is NaN. Not for cohort means: the mean of many exponential learners looks like a
    power curve (Murre & Chessa 2011), so fit people with `fit_learning`.

    Parameters
    ----------
    family : name of a registered curve (see ``CURVES``), or a function ``f(x, *theta)`` of numpy arrays.
    x : shape (n,), or (n, m) for a function that takes several predictors.
    y : shape (n,); pairs with a missing value are left out.
    start : start values in order or by name; a family finds its own, a function starts at ones.
    bounds : ``(low, high)`` for each parameter in order or by name; families bring their own edges.
    level : coverage of the intervals.
    seed : of the scattered start values.

    Returns
    -------
    CurveFit : with ``.estimates``, ``.rss``, ``.aicc``, ``.status``, ``.reason`` and ``.predict(x)``.

    Raises
    ------
    ModelError
        When the family is unknown, lengths differ, or start and bounds do not fit the parameters.

    References
    ----------
    Golub & Pereyra 2003, doi:10.1088/0266-5611/19/2/201. Raue et al. 2009, doi:10.1093/bioinformatics/btp358.

    Examples
    --------
    >>> weeks = np.arange(8.0)
    >>> noise = 0.02 * np.array([1, -1, -1, 1, 1, -1, -1, 1])
    >>> fit = fit_curve("exponential", weeks, 4 - 2 * np.exp(-0.5 * weeks) + noise)
    >>> fit.estimates.set_index("name")["value"].round(1).to_dict(), str(fit.status)
    ({'asymptote': 4.0, 'gain': 2.0, 'rate': 0.5}, 'ok')
    """
    points, response = _pairs(x, y)
    names, curve, candidates, edges = _declared(family, points, response, start)
    if response.size < len(names):
        return _nothing(family, names, curve, response.size)
    lower, upper = _bounds(names, bounds, edges)
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        problem = Problem(curve=curve, x=points, y=response, lower=lower, upper=upper)
        first = _best_start(problem, candidates)
        problem = understand(problem, first)
        solution = search(problem, first, rng=np.random.default_rng(seed))
        end, triangle = polish(problem, solution)
        return _judged(family, names, problem, end, triangle, level)


def _pairs(x: Any, y: Any) -> tuple[Array, Array]:
    points, response = np.asarray(x), np.asarray(y)
    points = points if points.dtype == np.longdouble else points.astype(float)
    response = response if response.dtype == np.longdouble else response.astype(float)
    if response.ndim != 1 or points.ndim not in (1, 2) or len(points) != response.size:
        raise ModelError(
            f"A curve needs one x for each y: x has the shape {points.shape}, y {response.shape}."
        )
    whole = np.isfinite(response) & np.all(np.isfinite(np.atleast_2d(points.T)), axis=0)
    return points[whole], response[whole]


def _declared(
    family: str | Curve, x: Array, y: Array, start: Sequence[float] | Mapping[str, float] | None
) -> tuple[list[str], Curve, Array, dict[str, tuple[float, float]]]:
    """Give names, bound curve, candidate starts and edges of a family or a callable."""
    if callable(family):
        names = _names_of(family, start)
        return names, family, np.array([_started(names, start)]), {}
    known = CURVES[family]
    names = list(known.parameters)
    if not y.size:
        return names, lambda v, *theta: v * np.nan, np.ones((1, len(names))), {}
    if x.ndim != 1:
        raise ModelError(f"The family '{family}' takes one x; x has the shape {x.shape}.")
    candidates = known.starts(x, y) if start is None else np.array([_started(names, start)])
    return names, known.bind(x), candidates, known.edges(x)


def _names_of(curve: Curve, start: Sequence[float] | Mapping[str, float] | None) -> list[str]:
    if isinstance(start, Mapping):
        return list(start)
    arguments = list(inspect.signature(curve).parameters.values())[1:]
    plain = [a.name for a in arguments if a.kind in (a.POSITIONAL_ONLY, a.POSITIONAL_OR_KEYWORD)]
    if any(a.kind == a.VAR_POSITIONAL for a in arguments):
        if start is None:
            raise ModelError("A function of any number of parameters needs start values.")
        return [*plain, *(f"theta{place + 1}" for place in range(len(plain), len(start)))]
    if not plain:
        raise ModelError("The function has no parameter to fit: it must be f(x, a, b, …).")
    return plain


def _started(names: list[str], start: Sequence[float] | Mapping[str, float] | None) -> Array:
    if start is None:
        return np.ones(len(names))
    given = [start.get(name, np.nan) for name in names] if isinstance(start, Mapping) else list(start)
    if len(given) != len(names) or not np.all(np.isfinite(np.asarray(given, dtype=float))):
        raise ModelError(f"Start values are needed for: {', '.join(names)}.")
    return np.asarray(given, dtype=float)


def _bounds(
    names: list[str],
    bounds: Mapping[str, tuple[float, float]] | Sequence[tuple[float, float]] | None,
    edges: dict[str, tuple[float, float]],
) -> tuple[Array, Array]:
    pairs = {name: edges.get(name, (-np.inf, np.inf)) for name in names}
    if isinstance(bounds, Mapping):
        if unknown := [name for name in bounds if name not in pairs]:
            raise ModelError(f"Bounds are given for {', '.join(unknown)}; known: {', '.join(names)}.")
        pairs.update(bounds)
    elif bounds is not None:
        if len(bounds) != len(names):
            raise ModelError(f"Bounds need one (low, high) for each of: {', '.join(names)}.")
        pairs.update(zip(names, bounds, strict=True))
    lower = np.array([-np.inf if pairs[name][0] is None else pairs[name][0] for name in names], dtype=float)
    upper = np.array([np.inf if pairs[name][1] is None else pairs[name][1] for name in names], dtype=float)
    if np.any(~(lower < upper)):
        raise ModelError("Each bound needs low < high.")
    return lower, upper


def _best_start(problem: Problem, candidates: Array) -> Array:
    """Choose among the candidate starts after projecting the linear parameters out."""
    candidates = np.clip(candidates, problem.lower, problem.upper)
    if len(candidates) == 1:
        return candidates[0]
    known = understand(problem, candidates[len(candidates) // 2])
    trials = [project(known, candidate) for candidate in candidates]
    return trials[int(np.argmin([rss_at(known, trial) for trial in trials]))]


def _nothing(family: str | Curve, names: list[str], curve: Curve, n: int) -> CurveFit:
    reason = f"{n} points cannot tell {len(names)} parameters."
    empty = np.full(len(names), np.nan)
    return CurveFit(
        family=family if isinstance(family, str) else "own",
        estimates=_frame(
            names, empty, empty, empty, empty, [Status.INSUFFICIENT_DATA] * len(names), [reason] * len(names)
        ),
        rss=float("nan"),
        sigma=float("nan"),
        n=n,
        aicc=float("nan"),
        status=Status.INSUFFICIENT_DATA,
        reason=reason,
        curve=curve,
    )


def _frame(
    names: list[str],
    theta: Array,
    se: Array,
    low: Array,
    high: Array,
    statuses: list[Status],
    reasons: list[str],
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "name": names,
            "value": theta,
            "se": se,
            "low": low,
            "high": high,
            "status": [status.value for status in statuses],
            "reason": reasons,
        }
    )


def _judged(
    family: str | Curve, names: list[str], problem: Problem, end: Solution, triangle: Array, level: float
) -> CurveFit:
    """Give every parameter its error, interval and status, and the fit the most serious of them."""
    n, p = problem.y.size, problem.size
    total = float(np.sum(np.asarray(problem.y, dtype=float) ** 2))
    exact = not end.rss > EXACT * total
    held = (end.theta <= problem.lower) | (end.theta >= problem.upper)
    root, lost = _inverse_root(triangle, held)
    sigma = float(np.sqrt(end.rss / (n - p))) if n > p else float("nan")
    se = np.where(held | lost, np.nan, sigma * np.sqrt(np.sum(root**2, axis=1)))
    low, high = np.full(p, np.nan), np.full(p, np.nan)
    statuses, reasons = [Status.OK] * p, [""] * p
    for place, name in enumerate(names):
        if not np.isfinite(end.rss) or end.offset > CONVERGED:
            told = (Status.NOT_CONVERGED, "The search did not come to rest: the value is not a solution.")
        elif n == p:
            told = (Status.INSUFFICIENT_DATA, f"{n} points and {p} parameters: nothing is left to judge by.")
        elif held[place]:
            told = (Status.BOUNDARY, f"{name} runs to its bound: {_simpler(family, problem, end, place)}.")
        elif lost[place]:
            told = (Status.NOT_IDENTIFIED, f"The data do not tell {name} from the other parameters.")
        elif exact:
            low[place] = high[place] = end.theta[place]
            told = (Status.OK, "The points lie on the curve.")
        else:
            low[place], high[place] = _interval(problem, end, se[place], place, level)
            told = _sided(name, low[place], high[place], level)
        statuses[place], reasons[place] = told
    worst = min(range(p), key=lambda place: _ORDER.index(statuses[place]))
    return CurveFit(
        family=family if isinstance(family, str) else "own",
        estimates=_frame(names, end.theta, se, low, high, statuses, reasons),
        rss=end.rss,
        sigma=sigma,
        n=n,
        aicc=aicc(end.rss, n, p),
        status=statuses[worst],
        reason=reasons[worst],
        curve=problem.curve,
        theta=tuple(float(value) for value in end.theta),
    )


def _inverse_root(triangle: Array, held: Array) -> tuple[Array, Array]:
    """Invert the triangle of the Jacobian; tell which parameters its singular directions involve."""
    p = len(held)
    root, lost = np.full((p, p), np.nan), np.zeros(p, dtype=bool)
    free = np.flatnonzero(~held)
    block = triangle[np.ix_(free, free)]
    if not free.size or not np.all(np.isfinite(block)):
        return root, ~held
    scale = np.sqrt(np.sum(block**2, axis=0))
    unit = block / np.where(scale > 0, scale, 1.0)
    _, sizes, turned = np.linalg.svd(unit)
    weak = sizes < SINGULAR * sizes[0]
    lost[free] = (scale == 0) | (np.sum(turned[weak] ** 2, axis=0) > 1e-6)
    if not np.any(lost):
        root[np.ix_(free, free)] = np.linalg.solve(block, np.eye(free.size))
    else:
        inverse = np.linalg.pinv(unit, rcond=SINGULAR) / np.where(scale > 0, scale, 1.0)[:, None]
        root[np.ix_(free, free)] = inverse
    return np.where(np.isnan(root), 0.0, root), lost


def _interval(problem: Problem, end: Solution, se: float, place: int, level: float) -> tuple[float, float]:
    from scipy.special import stdtrit

    quantile = float(stdtrit(problem.y.size - problem.size, (1 + level) / 2))
    if set(range(problem.size)) == set(problem.linear):
        return float(end.theta[place] - quantile * se), float(end.theta[place] + quantile * se)
    return profile_limits(problem, end.theta, end.rss, se, place, quantile)


def _sided(name: str, low: float, high: float, level: float) -> tuple[Status, str]:
    bounded = np.isfinite(low), np.isfinite(high)
    share = f"{100 * level:.0f} %"
    if all(bounded):
        return Status.OK, ""
    if not any(bounded):
        return Status.NOT_IDENTIFIED, f"The data bound {name} on neither side at {share}."
    side = "above" if bounded[0] else "below"
    return Status.ONE_SIDED, f"The data do not bound {name} from {side} at {share}."


def _simpler(family: str | Curve, problem: Problem, end: Solution, place: int) -> str:
    lowest = end.theta[place] <= problem.lower[place]
    if isinstance(family, str):
        word = CURVES[family].simpler[0 if lowest else 1]
        if word:
            return f"the data ask for {word}"
    return "the curve is no better determined than that"
