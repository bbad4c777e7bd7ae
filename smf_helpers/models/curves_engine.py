"""The least-squares engine behind `fit_curve`: any curve, any number of parameters.

Parameters in which a curve is linear are projected out (variable projection: Golub & Pereyra 1973, with the
Jacobian of Kaufman 1975), so only the truly non-linear ones are searched. The search is Levenberg-Marquardt
from many start values; the end is polished by Gauss-Newton steps in extended precision, with derivatives by
the complex step where the curve allows it. Use it through `fit_curve`; it knows nothing of names or statuses.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Curve = Callable[..., Any]

CONVERGED = 1e-7
"""Largest relative offset (Bates & Watts 1988) of a solution that may be called one."""
NEGLIGIBLE = 1e-9
"""Residuals below this share of the response are judged on the data as written, not as rounded to binary."""
ROUNDING = 1e-12
"""Share of the response below which residuals of two ends are told apart by rounding only."""
SOUND = 1e-3
"""Largest relative offset of an end that may compete for the lowest sum of squares."""
SCATTER = (0.3, 1.0, 2.5)
"""Spread of the extra start values on the logarithmic scale."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A curve, its data, the bounds, and which parameters enter linearly.

    Attributes
    ----------
    curve : ``curve(x, *theta)``.
    x : handed to the curve as it is; y : response, shape (n,).
    lower, upper : bounds of each parameter, infinite where there is none.
    linear : positions of the parameters to be projected out.
    analytic : the curve can be differentiated by the complex step.
    """

    curve: Curve
    x: Any
    y: Array
    lower: Array
    upper: Array
    linear: tuple[int, ...] = ()
    analytic: bool = False

    @property
    def size(self) -> int:
        """Number of parameters."""
        return len(self.lower)


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """Where a search ended: parameters, residual sum of squares, relative offset, steps taken."""

    theta: Array
    rss: float
    offset: float
    steps: int


def values(problem: Problem, theta: Sequence[Any] | Array) -> Array:
    """Evaluate the curve; where it cannot be evaluated the answer is NaN, never an exception."""
    try:
        shape = np.asarray(problem.curve(problem.x, *theta))
    except (ArithmeticError, ValueError, TypeError):
        return np.full(problem.y.shape, np.nan)
    return shape if shape.shape == problem.y.shape else np.broadcast_to(shape, problem.y.shape)


def rss_at(problem: Problem, theta: Array) -> float:
    """Give the residual sum of squares; infinite where the curve is not finite."""
    residuals = problem.y - values(problem, theta)
    total = float(np.sum(residuals * residuals))
    return total if np.isfinite(total) else np.inf


def jacobian(problem: Problem, theta: Array) -> Array:
    """Differentiate the curve by each parameter, shape (n, p), in the precision of `theta`."""
    columns = [_derivative(problem, theta, place) for place in range(problem.size)]
    return np.stack(columns, axis=1) if columns else np.empty((problem.y.size, 0), dtype=theta.dtype)


def _derivative(problem: Problem, theta: Array, place: int) -> Array:
    if problem.analytic:
        wide = theta.astype(np.clongdouble if theta.dtype == np.longdouble else np.complex128)
        wide[place] += 1e-30j
        return np.imag(values(problem, wide)) / 1e-30
    return _difference(problem, theta, place)


def _difference(problem: Problem, theta: Array, place: int, *, width: float = 0.0) -> Array:
    """Differentiate by a sixth-order central difference of relative `width`: error about eps ** (6 / 7)."""
    width = (width or float(np.finfo(theta.dtype).eps) ** (1 / 7)) * (abs(float(theta[place])) or 1e-3)
    slope = np.zeros(problem.y.shape, dtype=theta.dtype)
    for reach, weight in ((1, 45.0), (2, -9.0), (3, 1.0)):
        ahead, behind = theta.copy(), theta.copy()
        ahead[place] += reach * width
        behind[place] -= reach * width
        slope = slope + weight * (values(problem, ahead) - values(problem, behind))
    return slope / (60.0 * width)


def understand(problem: Problem, theta: Array) -> Problem:
    """Find out whether the complex step works here and which parameters enter linearly."""
    probe = replace(problem, analytic=True)
    analytic = True
    for place in range(problem.size):
        exact, rough = _derivative(probe, theta, place), _difference(problem, theta, place, width=1e-5)
        scale = np.max(np.abs(rough), initial=0.0)
        if not np.all(np.isfinite(exact)) or np.max(np.abs(exact - rough), initial=0.0) > 1e-4 * scale:
            analytic = False
    found = replace(problem, analytic=analytic)
    return replace(found, linear=_linear_places(found, theta)) if not problem.linear else found


def _linear_places(problem: Problem, theta: Array) -> tuple[int, ...]:
    """Collect greedily the unbounded parameters in which the curve is jointly affine."""
    chosen: list[int] = []
    for place in range(problem.size):
        free = np.isinf(problem.lower[place]) and np.isinf(problem.upper[place])
        if free and all(_flat(problem, theta, place, other) for other in [*chosen, place]):
            chosen.append(place)
    return tuple(chosen)


def _flat(problem: Problem, theta: Array, place: int, other: int) -> bool:
    """Tell whether the derivative by `place` stays the same when `other` moves."""
    for factor in (1.0, 1.07):
        base = theta * factor
        moved = base.copy()
        moved[other] = moved[other] * 1.9 + 0.31
        first, second = _derivative(problem, base, place), _derivative(problem, moved, place)
        scale = np.max(np.abs(first), initial=0.0)
        if not np.all(np.isfinite(second)) or not scale > 0:
            return False
        if np.max(np.abs(first - second)) > 1e-8 * scale:
            return False
    return True


def project(problem: Problem, theta: Array) -> Array:
    """Give the linear parameters their least-squares values, the others as they are."""
    if not problem.linear:
        return theta
    places = list(problem.linear)
    bare = theta.copy()
    bare[places] = 0.0
    origin = values(problem, bare)
    basis = np.empty((problem.y.size, len(places)))
    for column, place in enumerate(places):
        unit = bare.copy()
        unit[place] = 1.0
        basis[:, column] = values(problem, unit) - origin
    if not (np.all(np.isfinite(basis)) and np.all(np.isfinite(origin))):
        return theta
    full = theta.copy()
    full[places] = _solve(basis, np.asarray(problem.y - origin, dtype=float))
    return full


def _solve(design: Array, response: Array) -> Array:
    """Solve a linear least-squares problem with scaled columns; minimum norm where it is singular."""
    scale = np.sqrt(np.sum(design * design, axis=0))
    scale[~(scale > 0)] = 1.0
    try:
        return np.linalg.lstsq(design / scale, response, rcond=1e-15)[0] / scale
    except np.linalg.LinAlgError:
        return np.zeros(design.shape[1])


def descend(problem: Problem, theta: Array, *, steps: int = 300, tolerance: float = 1e-15) -> Solution:
    """Walk downhill from `theta` by Levenberg-Marquardt on the non-linear parameters.

    It rests when a step gains less than `tolerance` of the sum of squares and moves no parameter by more than
    the square root of that.
    """
    searched = np.array([p for p in range(problem.size) if p not in problem.linear], dtype=int)
    theta = project(problem, np.clip(theta.astype(float), problem.lower, problem.upper))
    rss, damping, scale, taken = rss_at(problem, theta), 1e-3, np.zeros(searched.size), 0
    while taken < steps and np.isfinite(rss) and searched.size:
        taken += 1
        slope = jacobian(problem, theta)
        if not np.all(np.isfinite(slope)):
            break
        residuals = problem.y - values(problem, theta)
        moving = slope[:, searched]
        if problem.linear:
            basis = np.linalg.qr(slope[:, list(problem.linear)])[0]
            moving = moving - basis @ (basis.T @ moving)
        gradient = moving.T @ residuals
        held = ((theta[searched] <= problem.lower[searched]) & (gradient < 0)) | (
            (theta[searched] >= problem.upper[searched]) & (gradient > 0)
        )
        moving = np.where(held, 0.0, moving)
        scale = np.maximum(scale, np.sqrt(np.sum(moving * moving, axis=0)))
        better, damping = _damped(problem, theta, rss, searched, moving, residuals, scale, damping)
        if better is None:
            break
        gone = np.abs(better[searched] - theta[searched])
        gain, theta = rss - rss_at(problem, better), better
        rss -= gain
        if gain <= tolerance * rss and np.all(
            gone <= np.sqrt(tolerance) * (np.abs(theta[searched]) + 1e-300)
        ):
            break
    return Solution(theta=theta, rss=rss, offset=offset_at(problem, theta), steps=taken)


def _damped(
    problem: Problem,
    theta: Array,
    rss: float,
    searched: Array,
    moving: Array,
    residuals: Array,
    scale: Array,
    damping: float,
) -> tuple[Array | None, float]:
    """Raise the damping until a step goes down; None when no step does."""
    weights = np.where(scale > 0, scale, 1.0)
    while damping < 1e14:
        wide = np.vstack([moving, np.diag(np.sqrt(damping) * weights)])
        step = _solve(wide, np.concatenate([residuals, np.zeros(searched.size)]))
        trial = theta.copy()
        trial[searched] += step
        trial = project(problem, np.clip(trial, problem.lower, problem.upper))
        if rss_at(problem, trial) < rss:
            return trial, max(damping / 9.0, 1e-14)
        damping *= 6.0
    return None, damping


def offset_at(problem: Problem, theta: Array) -> float:
    """Measure how far from orthogonal residuals and tangent plane are (0 at a solution)."""
    slope = np.asarray(jacobian(problem, theta), dtype=float)
    residuals = np.asarray(problem.y - values(problem, theta), dtype=float)
    if not (np.all(np.isfinite(slope)) and np.all(np.isfinite(residuals))):
        return float("inf")
    gradient = slope.T @ residuals
    free = ~(((theta <= problem.lower) & (gradient < 0)) | ((theta >= problem.upper) & (gradient > 0)))
    slope = slope[:, free]
    length = float(np.sqrt(np.sum(residuals**2)))
    if not length > 1e-13 * float(np.sqrt(np.sum(np.asarray(problem.y, dtype=float) ** 2))) or not free.any():
        return 0.0
    scale = np.sqrt(np.sum(slope**2, axis=0))
    basis, sizes, _ = np.linalg.svd(slope / np.where(scale > 0, scale, 1.0), full_matrices=False)
    return float(np.linalg.norm(basis[:, sizes > 1e-11 * sizes[0]].T @ residuals)) / length


def search(problem: Problem, start: Array, *, rng: np.random.Generator, scattered: int = 72) -> Solution:
    """Descend from the start and from the best of many scattered starts; keep the lowest end.

    Ends within one part in a million, or within rounding of an exact fit, are the same fit: then the one that the start led to is kept, or the one
    nearest to the start; two like terms of a sum stand in the order of the start values.
    """
    ends = [descend(problem, start)]
    base = project(problem, start)
    trials = [project(problem, trial) for trial in _scatter(problem, base, rng, scattered)]
    order = np.argsort([rss_at(problem, trial) for trial in trials], kind="stable")
    ends += [descend(problem, trials[place], steps=120, tolerance=1e-9) for place in order[:6]]
    sound = [end for end in ends if end.offset <= SOUND] or ends
    lowest = min(end.rss for end in sound)
    equal = [end for end in sound if end.rss <= _no_worse(problem, lowest)]
    best = ends[0] if equal[0] is ends[0] else min(equal, key=lambda end: _distance(end.theta, start))
    ordered = _as_started(problem, best, start)
    return best if best is ends[0] and ordered is best.theta else descend(problem, ordered)


def _no_worse(problem: Problem, rss: float) -> float:
    """Give the sum of squares up to which a fit is the same: one part in a million, or what is rounding only."""
    return rss * (1 + 1e-6) + ROUNDING**2 * float(np.sum(np.asarray(problem.y, dtype=float) ** 2))


def _as_started(problem: Problem, end: Solution, start: Array) -> Array:
    """Let two terms that are alike change places when that is nearer to the start values."""
    best = end.theta
    searched = [place for place in range(problem.size) if place not in problem.linear]
    for first in searched:
        for second in searched[searched.index(first) + 1 :]:
            swapped = best.copy()
            swapped[[first, second]] = best[[second, first]]
            swapped = project(problem, np.clip(swapped, problem.lower, problem.upper))
            alike = rss_at(problem, swapped) <= _no_worse(problem, end.rss)
            if alike and _distance(swapped, start) < _distance(best, start):
                best = swapped
    return best


def _distance(theta: Array, start: Array) -> float:
    """Measure how far an end is from the start, in orders of magnitude; a changed sign counts as ten."""
    same = np.sign(theta) == np.sign(start)
    ratio = np.log(np.abs(np.where(same & (start != 0), theta / np.where(start == 0, 1.0, start), 1.0)))
    return float(np.sum(np.where(same, ratio**2, 100.0)))


def _scatter(problem: Problem, base: Array, rng: np.random.Generator, count: int) -> list[Array]:
    trials = []
    for number in range(count):
        spread = SCATTER[number % len(SCATTER)]
        factor = np.exp(spread * rng.standard_normal(base.size))
        shift = np.where(base == 0, spread * rng.standard_normal(base.size), 0.0)
        trials.append(np.clip(base * factor + shift, problem.lower, problem.upper))
    return trials


def as_written(numbers: Any) -> Any:
    """Read decimal numbers again from their shortest notation, in extended precision."""
    if not (isinstance(numbers, np.ndarray) and numbers.dtype == np.float64):
        return numbers
    flat = [np.longdouble(repr(number)) for number in numbers.ravel().tolist()]
    return np.array(flat, dtype=np.longdouble).reshape(numbers.shape)


def polish(problem: Problem, solution: Solution) -> tuple[Solution, Array]:
    """Finish by Gauss-Newton in extended precision; give the solution and the triangle of its Jacobian.

    The triangle R has ``R'R = J'J`` over the parameters that are not held at a bound (NaN columns for those).
    """
    wide = _widened(problem, solution)
    theta = solution.theta.astype(np.longdouble)
    held = (solution.theta <= problem.lower) | (solution.theta >= problem.upper)
    free = np.flatnonzero(~held)
    residuals = wide.y - values(wide, theta)
    rss = np.sum(residuals * residuals)
    for _ in range(30):
        slope = jacobian(wide, theta)[:, free]
        if not np.all(np.isfinite(slope)):
            break
        step = _wide_solve(slope, residuals)[0]
        trial, moved = theta, False
        for shrink in (1.0, 0.5, 0.125):
            trial = theta.copy()
            trial[free] += shrink * step
            trial = np.clip(trial, problem.lower, problem.upper)
            left = wide.y - values(wide, trial)
            total = np.sum(left * left)
            if np.isfinite(total) and total <= rss * (1 + 1e-13):
                moved = True
                break
        if not moved:
            break
        gone = np.abs(trial - theta) <= 1e-16 * np.abs(trial)
        theta, residuals, rss = trial, left, total
        if np.all(gone):
            break
    triangle = np.full((problem.size, problem.size), np.nan)
    slope = jacobian(wide, theta)[:, free]
    if np.all(np.isfinite(slope)) and free.size:
        triangle[np.ix_(free, free)] = _wide_solve(slope, residuals)[1].astype(float)
    rounded = theta.astype(float)
    end = Solution(theta=rounded, rss=float(rss), offset=offset_at(wide, theta), steps=solution.steps)
    return end, triangle


def _extended(numbers: Any) -> Any:
    return numbers.astype(np.longdouble) if isinstance(numbers, np.ndarray) else numbers


def _widened(problem: Problem, solution: Solution) -> Problem:
    """Lift the problem to extended precision, if its curve can be evaluated there."""
    tiny = solution.rss < NEGLIGIBLE**2 * float(np.sum(np.asarray(problem.y, dtype=float) ** 2))
    lift = as_written if tiny else _extended
    wide = replace(problem, x=lift(problem.x), y=lift(problem.y))
    theta = solution.theta.astype(np.longdouble)
    plain = values(problem, solution.theta)
    if np.allclose(np.asarray(values(wide, theta), dtype=float), plain, rtol=1e-9, atol=0, equal_nan=False):
        return wide
    return problem


def _wide_solve(design: Array, response: Array) -> tuple[Array, Array]:
    """Solve least squares by modified Gram-Schmidt, twice orthogonalised, in the precision given."""
    p = design.shape[1]
    scale = np.sqrt(np.sum(design * design, axis=0))
    scale = np.where(scale > 0, scale, 1)
    basis, triangle = design / scale, np.zeros((p, p), dtype=design.dtype)
    for column in range(p):
        for _ in range(2):
            for before in range(column):
                share = np.sum(basis[:, before] * basis[:, column])
                triangle[before, column] += share
                basis[:, column] = basis[:, column] - share * basis[:, before]
        length = np.sqrt(np.sum(basis[:, column] ** 2))
        triangle[column, column] = length
        basis[:, column] = basis[:, column] / length if length > 0 else 0
    left, step = response.astype(design.dtype), np.zeros(p, dtype=design.dtype)
    shares = np.zeros(p, dtype=design.dtype)
    for column in range(p):
        shares[column] = np.sum(basis[:, column] * left)
        left = left - shares[column] * basis[:, column]
    for column in range(p - 1, -1, -1):
        known = np.sum(triangle[column, column + 1 :] * step[column + 1 :])
        top = triangle[column, column]
        step[column] = (shares[column] - known) / top if top > 0 else 0
    return step / scale, triangle * scale
