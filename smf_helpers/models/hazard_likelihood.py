"""The likelihood of additive rates of adoption, and the profile of a share.

In a period a person at risk adopts with probability ``1 - exp(-x'theta)``, rates `theta` not negative,
`x` what the person was exposed to in the period before. The log-likelihood is ``sum over adoptions of
log(1 - exp(-x'theta)) - sum over other person-periods of x'theta``: the second sum needs only the total
of `x`, so the cost grows with the adoptions and not with the person-periods. It is concave, so there is
one top. The share of a group of sources is a ratio of sums, so its profile is a climb on a plane.
"""

from dataclasses import dataclass

import numpy as np

from smf_helpers.results.path import Floats

CUT = 3.841458820694124
"""95 % quantile of chi-square with one degree of freedom."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AtRisk:
    """What the likelihood needs.

    Attributes
    ----------
    adoptions : shape (adoptions, sources); exposures in the periods of adoption.
    waiting : shape (sources,); exposures added up over the person-periods without adoption.
    """

    adoptions: Floats
    waiting: Floats

    @property
    def total(self) -> Floats:
        """Exposure added up over all person-periods at risk."""
        return self.waiting + self.adoptions.sum(axis=0)

    def only(self, sources: list[int]) -> "AtRisk":
        """Keep some of the sources."""
        return AtRisk(adoptions=self.adoptions[:, sources], waiting=self.waiting[sources])


def loglik(theta: Floats, risk: AtRisk) -> tuple[float, Floats, Floats]:
    """Give log-likelihood, gradient and Hessian."""
    pull = risk.adoptions @ theta
    if np.any(pull <= 0):
        return -np.inf, np.zeros_like(theta), np.eye(len(theta))
    gone = -np.expm1(-pull)
    value = float(np.log(gone).sum() - risk.waiting @ theta)
    rise = np.exp(-pull) / gone
    gradient = risk.adoptions.T @ rise - risk.waiting
    bend = rise / gone
    return value, gradient, -(risk.adoptions.T * bend) @ risk.adoptions


def climb(risk: AtRisk) -> tuple[Floats, float]:
    """Give the top over rates that are not negative, by Newton steps on the free ones."""
    total = risk.total
    n = len(risk.adoptions)
    theta = np.where(total > 0, n / np.maximum(total, 1e-300) / max(int((total > 0).sum()), 1), 0.0)
    value, gradient, hessian = loglik(theta, risk)
    for _ in range(200):
        free = (theta > 0) | (gradient > 0)
        free &= total > 0
        inner = -hessian[np.ix_(free, free)]
        ridge = 1e-12 * np.diag(np.maximum(np.diag(inner), 1e-12))
        step = np.zeros_like(theta)
        step[free] = np.linalg.lstsq(inner + ridge, gradient[free], rcond=None)[0]
        if float(gradient @ step) < 1e-11:
            break
        length = 1.0
        while length > 1e-12:
            trial = np.maximum(theta + length * step, 0.0)
            found = loglik(trial, risk)
            if found[0] > value:
                break
            length /= 2
        else:
            break
        gained = found[0] - value
        theta, (value, gradient, hessian) = trial, found
        if gained < 1e-12:
            break
    return theta, value


def share_of(theta: Floats, risk: AtRisk, group: Floats) -> float:
    """Give the share of the expected adoptions that goes to the sources of `group` (0 or 1 each)."""
    expected = theta * risk.total
    return float(expected @ group / expected.sum())


def share_loglik(share: float, risk: AtRisk, group: Floats) -> float:
    """Give the highest log-likelihood at which the group has just this share.

    With ``phi = theta * total`` the group adds up to ``s M`` and the others to ``(1 - s) M``; sources
    inside a group stay free. Each sum is a mixture of its members, so the climb is over one overall
    rate and the mixtures, all not negative: the same problem with merged exposures, solved by turns.
    """
    from scipy.optimize import minimize

    total = risk.total
    inside, outside = np.flatnonzero(group > 0), np.flatnonzero(group == 0)
    scale = np.maximum(total, 1e-300)

    def rates(z: Floats) -> tuple[Floats, Floats]:
        weights = np.zeros(len(total))
        soft = np.zeros((len(total), len(z)))
        at = 1
        for part, fraction in ((inside, share), (outside, 1 - share)):
            free = len(part) - 1
            raw = np.concatenate([[0.0], z[at : at + free]])
            mix = np.exp(raw - raw.max())
            mix /= mix.sum()
            weights[part] = fraction * mix
            slope = np.diag(mix) - np.outer(mix, mix)
            soft[part, at : at + free] = fraction * slope[:, 1:]
            at += free
        overall = np.exp(z[0])
        slope_all = overall * soft
        slope_all[:, 0] = overall * weights
        return overall * weights / scale, slope_all / scale[:, None]

    def minus(z: Floats) -> tuple[float, Floats]:
        theta, slope = rates(z)
        value, gradient, _ = loglik(theta, risk)
        if not np.isfinite(value):
            return 1e12, np.zeros_like(z)
        return -value, -(slope.T @ gradient)

    n_free = 1 + max(len(inside) - 1, 0) + max(len(outside) - 1, 0)
    start = np.zeros(n_free)
    start[0] = np.log(max(len(risk.adoptions), 1))
    bounds = [(start[0] - 5, start[0] + 5)] + [(-12.0, 12.0)] * (n_free - 1)
    found = minimize(
        minus, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-13, "gtol": 1e-8}
    )
    return -float(found.fun)


def share_interval(risk: AtRisk, group: Floats, value: float, top: float) -> tuple[float, float]:
    """Give the shares that the likelihood does not refuse at 95 %."""
    from scipy.optimize import brentq

    def beyond(share: float) -> float:
        return 2 * (top - share_loglik(share, risk, group)) - CUT

    edges: list[float] = []
    for wall in (1e-6, 1 - 1e-6):
        if abs(value - wall) < 2e-6 or beyond(wall) <= 0:
            edges.append(round(wall))
        else:
            inner = min(max(value, 2e-6), 1 - 2e-6)
            edges.append(brentq(beyond, wall, inner, xtol=1e-4) if beyond(inner) < 0 else inner)
    return float(edges[0]), float(edges[1])


def rate_interval(risk: AtRisk, k: int, theta: Floats, top: float) -> tuple[float, float]:
    """Give the rates of source `k` that the likelihood does not refuse at 95 %, the others free."""
    from scipy.optimize import brentq

    if not risk.total[k] > 0:
        return 0.0, np.nan
    others = [j for j in range(len(theta)) if j != k and risk.total[j] > 0]
    scale = len(risk.adoptions) / float(risk.total[k])

    def beyond(rate: float) -> float:
        return 2 * (top - fixed_loglik(risk, k, rate, others)) - CUT

    low = (
        0.0
        if beyond(0.0) <= 0
        else brentq(beyond, 0.0, max(float(theta[k]), 1e-12 * scale), xtol=1e-6 * scale)
    )
    high = max(float(theta[k]), 0.1 * scale)
    while beyond(high) <= 0:
        high *= 2
    return float(low), float(brentq(beyond, float(theta[k]), high, xtol=1e-6 * scale))


def fixed_loglik(risk: AtRisk, k: int, rate: float, others: list[int]) -> float:
    """Give the highest log-likelihood with source `k` held at `rate`."""
    from scipy.optimize import minimize

    part = risk.only(others)
    held = risk.adoptions[:, k] * rate
    scale = len(risk.adoptions) / np.maximum(part.total, 1e-300)

    def minus(z: Floats) -> tuple[float, Floats]:
        pull = np.maximum(held + part.adoptions @ (z * scale), 1e-12)
        gone = -np.expm1(-pull)
        value = float(np.log(gone).sum() - part.waiting @ (z * scale) - risk.waiting[k] * rate)
        gradient = (part.adoptions.T @ (np.exp(-pull) / gone) - part.waiting) * scale
        return -value, -gradient

    if not others:
        return -minus(np.empty(0))[0]
    start = np.full(len(others), 1.0 / (len(others) + 1))
    found = minimize(
        minus,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=[(0.0, None)] * len(others),
        options={"ftol": 1e-14, "gtol": 1e-8},
    )
    return -float(found.fun)
