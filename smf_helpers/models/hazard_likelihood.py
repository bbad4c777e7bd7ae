"""The likelihood of additive rates of adoption, its top, and the profiles of rates and shares.

In a period a person at risk adopts with probability ``1 - exp(-x'theta)``, rates `theta` not negative,
`x` what the person was exposed to in the period before. The log-likelihood is ``sum over adoptions of
log(1 - exp(-x'theta)) - sum over other person-periods of x'theta``: the second sum needs only the total
of `x`, so the cost grows with the adoptions and not with the person-periods. It is concave, so there is
one top. "This group of sources has the share s" is a plane through the origin in the rates, so a profile
is the same climb on a plane: Newton steps on the rates that are not zero.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from smf_helpers.results.path import Floats

CUT: Final = 3.841458820694124
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
    rise = (1 - gone) / gone
    gradient = risk.adoptions.T @ rise - risk.waiting
    return value, gradient, -(risk.adoptions.T * (rise / gone)) @ risk.adoptions


def climb(
    risk: AtRisk,
    *,
    start: Floats | None = None,
    held: int | None = None,
    plane: Floats | None = None,
) -> tuple[Floats, float]:
    """Give the top over rates that are not negative, and its log-likelihood.

    Parameters
    ----------
    risk : exposures at risk.
    start : rates to begin with, on the plane where there is one.
    held : a source whose rate stays where it starts.
    plane : rates are kept on ``plane'theta = 0``.
    """
    total = risk.total
    theta = even(risk) if start is None else start.copy()
    value, gradient, hessian = loglik(theta, risk)
    may = total > 0
    if held is not None:
        may = may & (np.arange(len(theta)) != held)
    free = may & (theta > 0)
    # in units of one adoption a source the problem is of order one whatever the exposures are
    unit = np.where(total > 0, len(risk.adoptions) / np.maximum(total, 1e-300), 1.0)
    units = np.outer(unit, unit)
    across = None if plane is None else plane * unit
    for _ in range(200):
        slope = gradient * unit
        step, lift = _step(slope, hessian * units, free, across)
        if float(slope @ step) < 1e-10:
            wanting = may & ~free & (lift > 1e-7)
            if not wanting.any():
                break
            free[np.where(wanting, lift, -np.inf).argmax()] = True
            continue
        step *= unit
        falling = free & (step < 0)
        room = np.where(falling, theta / np.where(falling, -step, 1.0), np.inf)
        length = min(1.0, float(room.min()))
        blocked = np.equal(room, length)
        if length == 0.0:
            free[blocked] = False
            continue
        found = loglik(np.maximum(theta + length * step, 0.0), risk)
        while found[0] <= value and length > 1e-12:
            length /= 2
            blocked[:] = False
            found = loglik(np.maximum(theta + length * step, 0.0), risk)
        if found[0] <= value:
            break
        theta = np.maximum(theta + length * step, 0.0)
        theta[blocked] = 0.0
        free[blocked] = False
        value, gradient, hessian = found
    return theta, value


def even(risk: AtRisk) -> Floats:
    """Give each source an even part of the adoptions."""
    total = risk.total
    n_sources = max(int((total > 0).sum()), 1)
    return np.where(total > 0, len(risk.adoptions) / np.maximum(total, 1e-300) / n_sources, 0.0)


def _step(
    gradient: Floats, hessian: Floats, free: npt.NDArray[np.bool_], across: Floats | None
) -> tuple[Floats, Floats]:
    """Give the Newton step of the free rates, and how much each of the others would lift the top."""
    places = np.flatnonzero(free)
    size = len(places)
    edge = 0 if across is None else 1
    matrix = np.zeros((size + edge, size + edge))
    bend = matrix[:size, :size]
    bend[:] = -hessian[places[:, None], places]
    bend.flat[:: size + 1] += 1e-12 * np.maximum(bend.flat[:: size + 1], 1e-12)
    step = np.zeros_like(gradient)
    if across is None:
        step[places] = np.linalg.lstsq(matrix, gradient[places], rcond=None)[0]
        return step, gradient
    matrix[size, :size] = matrix[:size, size] = across[places]
    solved = np.linalg.lstsq(matrix, np.append(gradient[places], 0.0), rcond=None)[0]
    step[places] = solved[:size]
    return step, gradient - solved[size] * across


def share_of(theta: Floats, risk: AtRisk, group: Floats) -> float:
    """Give the share of the expected adoptions that goes to the sources of `group` (0 or 1 each)."""
    expected = theta * risk.total
    return float(expected @ group / expected.sum())


def move_to(share: float, theta: Floats, risk: AtRisk, group: Floats) -> Floats:
    """Give rates near `theta` at which the group has just this share."""
    total = risk.total
    expected = theta * total
    moved = np.zeros_like(theta)
    for part, fraction in ((group > 0, share), (group == 0, 1 - share)):
        within = np.where(part, expected, 0.0)
        if not within.sum() > 0:
            within = np.where(part & (total > 0), 1.0, 0.0)
        moved += fraction * expected.sum() * within / max(float(within.sum()), 1e-300)
    return np.where(total > 0, moved / np.maximum(total, 1e-300), 0.0)
