"""Critical mass and tipping points: thresholds' equilibria, and a change point in the pace of adoption.

"No tipping point found" is an answer. An experimental committed minority near 25 % (Centola et al. 2018,
doi:10.1126/science.aas8827) is a reference line, not a law.
"""

import itertools
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from smf_helpers.errors import ModelError
from smf_helpers.results.adoption import Equilibria
from smf_helpers.results.core import Estimate, Status, refused

if TYPE_CHECKING:
    from collections.abc import Callable

Floats = npt.NDArray[np.float64]

EDGE: Final = 3
"""Intervals that must lie on either side of a change point."""


def find_equilibria(thresholds: npt.ArrayLike, *, now: float = 0.0) -> Equilibria:
    """Find where participation comes to rest when each joins once enough others take part.

    A threshold is the share of people whom somebody must see taking part before joining; 0 joins unprompted, above
    1 never joins. Participation moves from r to F(r), the share of people with a threshold of at most r.

    Parameters
    ----------
    thresholds : thresholds of everybody, shares; surveyed, or exposure at adoption.
    now : share that takes part now.

    References
    ----------
    Granovetter 1978, doi:10.1086/226707.

    Examples
    --------
    >>> find_equilibria([0, 0.25, 0.5, 0.75]).reached
    1.0
    >>> find_equilibria([0, 0.5, 0.5, 0.75]).reached
    0.25
    """
    x = np.sort(np.asarray(thresholds, dtype=float))
    x = x[np.isfinite(x)]
    if not len(x):
        raise ModelError("Nobody's threshold is known.")

    def joined(share: Floats) -> Floats:
        return np.asarray(np.searchsorted(x, share + 1e-12, side="right") / len(x))

    counts = np.arange(len(x) + 1) / len(x)
    resting = counts[joined(counts) == counts]
    # between two resting points lies the share that must be passed to reach the higher one
    between = [_pass(joined, low, high) for low, high in itertools.pairwise(resting)]
    return _equilibria(
        resting, np.array([b for b in between if b is not None]), _come_to_rest(joined, now), now
    )


def _pass(joined: "Callable[[Floats], Floats]", low: float, high: float) -> float | None:
    shares = np.linspace(low, high, 2001)[1:-1]
    climbing = shares[joined(shares) > shares]
    return float(climbing[0]) if len(climbing) else None


def _come_to_rest(joined: "Callable[[Floats], Floats]", share: float) -> float:
    for _ in range(100_000):
        following = float(joined(np.array([share]))[0])
        if abs(following - share) < 1e-12:
            break
        share = following
    return share


def find_normal_equilibria(mean: float, spread: float, *, now: float = 0.0) -> Equilibria:
    """Find the equilibria when thresholds are normal over the people (shares, not percent).

    Solves r = Phi((r - mean) / spread). With mean 0.25 the culture rests near 6 % up to a spread of 0.1222 and
    takes in everybody above it (Granovetter 1978).

    Examples
    --------
    >>> find_normal_equilibria(0.25, 0.123)
    Equilibria(1, comes to rest at 1, no tipping point)
    """
    from scipy.optimize import brentq
    from scipy.special import ndtr

    if not spread > 0:
        raise ModelError("The spread of the thresholds must be positive.")

    def surplus(share: float) -> float:
        return float(ndtr((share - mean) / spread) - share)

    grid = np.linspace(0.0, 1.0, 4001)
    signs = np.sign(ndtr((grid - mean) / spread) - grid)
    roots = [
        brentq(surplus, grid[i], grid[i + 1], xtol=1e-13) for i in np.flatnonzero(signs[:-1] * signs[1:] < 0)
    ]
    roots += [float(share) for share, sign in zip(grid, signs, strict=True) if sign == 0]
    roots = sorted(set(roots)) or [float(grid[np.abs(signs).argmin()])]
    if surplus(1.0) > -1e-9 and roots[-1] < 1 - 1e-6:
        roots.append(1.0)
    stable = np.array([surplus(root - 1e-6) >= 0 >= surplus(min(root + 1e-6, 1.0)) for root in roots])
    points = np.array(roots)
    above = points[stable & (points >= now)] if surplus(now) >= 0 else points[stable & (points <= now)][::-1]
    reached = float(above[0]) if len(above) else float(points[-1])
    return _equilibria(points[stable], points[~stable], reached, now)


def _equilibria(stable: Floats, unstable: Floats, reached: float, now: float) -> Equilibria:
    import pandas as pd

    points = pd.DataFrame(
        {
            "share": np.concatenate([stable, unstable]),
            "stable": [True] * len(stable) + [False] * len(unstable),
        }
    ).sort_values("share", ignore_index=True)
    ahead = unstable[(unstable > now) & (unstable >= reached)]
    return Equilibria(points=points, reached=reached, tipping=float(ahead.min()) if len(ahead) else None)


def find_critical_spread(mean: float) -> tuple[float, float]:
    """Find the spread of normal thresholds at which a culture tips, and the share where it rests just before.

    There r = Phi((r - mean)/s) touches the diagonal: Phi' / s = 1.

    Examples
    --------
    >>> spread, rest = find_critical_spread(0.25)
    >>> round(100 * spread, 2), round(100 * rest, 1)
    (12.22, 6.2)
    """
    from scipy.optimize import brentq
    from scipy.special import ndtri

    if not 0 < mean < 0.5:
        raise ModelError(
            "Only thresholds with a mean between 0 and one half have a spread at which a culture tips."
        )

    def off_tangent(rest: float) -> float:
        z = float(ndtri(rest))
        spread = (rest - mean) / z
        return float(np.exp(-z * z / 2) / np.sqrt(2 * np.pi) / spread - 1)

    rest = float(brentq(off_tangent, 1e-9, mean * 0.999, xtol=1e-14))
    return (rest - mean) / float(ndtri(rest)), rest


def find_change(
    events: npt.ArrayLike,
    at_risk: npt.ArrayLike,
    *,
    times: Any = None,
    draws: int = 199,
    seed: int = 1,
    level: float = 0.95,
) -> Estimate:
    """Find the time from which adoption speeds up or slows down, if there is one.

    Compares a log-linear rate with one whose slope changes once; the strongest change over all times is held
    against the same search in series drawn from the fit without change, with the over-dispersion that was seen.

    Parameters
    ----------
    events : new adopters in each interval.
    at_risk : people who could still adopt (times the length of the interval where these differ).
    times : interval ends; 1, 2, … by default.
    draws, seed : parametric bootstrap of the search.
    level : one minus the false alarm rate, and coverage of the limits of the time.

    Returns
    -------
    Estimate
        Time of change with limits, or refused: "No tipping point found".
    """
    y, risk = np.asarray(events, dtype=float), np.asarray(at_risk, dtype=float)
    t = np.arange(1.0, len(y) + 1) if times is None else np.asarray(times, dtype=float)
    known = np.isfinite(y) & (risk > 0)
    y, risk, t = y[known], risk[known], t[known]
    if len(y) < 2 * EDGE + 2 or y.sum() < 10:
        why = f"{len(y)} intervals with {y.sum():.0f} adopters; a change point needs {2 * EDGE + 2} and 10."
        return refused(Status.INSUFFICIENT_DATA, why, n=len(y))
    scaled = (t - t.mean()) / max(float(np.ptp(t)), 1e-12)
    candidates = scaled[EDGE - 1 : len(t) - EDGE]
    plain = np.column_stack([np.ones_like(scaled), scaled])
    bent = np.stack([np.column_stack([plain, np.maximum(scaled - c, 0.0)]) for c in candidates])
    smooth, expected = _deviance(plain[None], y[None], risk)
    drops = smooth - _deviance(bent, np.tile(y, (len(bent), 1)), risk)[0]
    lump = max(1.0, float(((y - expected[0]) ** 2 / expected[0]).sum() / (len(y) - 2)))
    rng = np.random.default_rng(seed)
    again = np.asarray(lump * rng.poisson(expected[0] / lump, (draws, len(y))), dtype=float)
    base = _deviance(np.tile(plain, (draws, 1, 1)), again, risk)[0]
    many = _deviance(np.tile(bent, (draws, 1, 1)), np.repeat(again, len(bent), axis=0), risk)[0]
    best = (base[:, None] - many.reshape(draws, len(bent))).max(axis=1)
    p = (1 + int((best >= drops.max()).sum())) / (draws + 1)
    if p > 1 - level:
        why = f"No tipping point found: the pace shows no change beyond chance (p = {p:.2f})."
        return refused(Status.INSUFFICIENT_DATA, why, n=len(y))
    from scipy.special import chdtri

    inside = t[EDGE - 1 : len(t) - EDGE][drops >= drops.max() - lump * chdtri(1, 1 - level)]
    value = float(t[EDGE - 1 + int(drops.argmax())])
    return Estimate(
        value=value,
        low=float(inside.min()),
        high=float(inside.max()),
        n=len(y),
        method="change in slope of the log rate",
        level=level,
    )


def _deviance(designs: Floats, y: Floats, at_risk: Floats) -> tuple[Floats, Floats]:
    """Give the deviance and means of a log-linear Poisson model for every (design, series) pair."""
    start = np.log(max(float(y.sum(axis=1).mean()), 0.5) / at_risk.sum())
    beta = np.zeros((len(designs), designs.shape[2]))
    beta[:, 0] = start
    for _ in range(25):
        eta = np.clip(np.einsum("bnk,bk->bn", designs, beta), -30, 30)
        mu = at_risk * np.exp(eta)
        slope = np.einsum("bnk,bn->bk", designs, y - mu)
        bend = np.einsum("bnk,bn,bnl->bkl", designs, mu, designs) + 1e-8 * np.eye(designs.shape[2])
        step = np.linalg.solve(bend, slope[:, :, None])[:, :, 0]
        beta = beta + np.clip(step, -3.0, 3.0)
        if np.abs(step).max() < 1e-8:
            break
    mu = at_risk * np.exp(np.clip(np.einsum("bnk,bk->bn", designs, beta), -30, 30))
    ratio = np.where(y > 0, y / mu, 1.0)
    return 2 * (y * np.log(ratio) - (y - mu)).sum(axis=1), mu
