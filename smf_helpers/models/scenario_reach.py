"""How many can be reached at all: the likelihood of the share of the eligible who would ever join.

Joining slows down when few are left and when those who are left would not come whatever is tried. Weekly counts of new
people tell the two apart only once joining has slowed: before that the share ``m`` within reach is open, and says so by
its spread. The likelihood is that of a death process with unknown population (binomial with unknown number of trials)::

    new_t ~ Binomial(m*N - ever_{t-1}, 1 - exp(-design_t @ rates))

maximised over the rates for each ``m``, and tempered by as much as the scatter of the counts (`models.scatter`) widens
the variance of ``m``.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from smf_helpers.models.scatter import measure_scatter, scattered_covariance, widen
from smf_helpers.models.scenario_rates import fit_many_rates

Floats = npt.NDArray[np.float64]

GRID: Final = 61
"""Shares tried, from what has been reached to everybody."""


def profile_reach(design: Floats, new: Floats, eligible: Floats, ever: Floats) -> tuple[Floats, Floats]:
    """Give shares within reach and the weight of each.

    Parameters
    ----------
    design : shape (weeks, rates), non-negative.
    new : people who joined in each week.
    eligible : people who could take part in each week.
    ever : people who had taken part before each week.

    Returns
    -------
    tuple
        Shares, ascending up to 1, and weights that add up to 1: the profile likelihood, tempered.

    References
    ----------
    Van den Bulte & Lilien 1997, doi:10.1287/mksc.16.4.338 (why the ceiling must carry its uncertainty).

    Examples
    --------
    >>> left, new = 100.0, []
    >>> for _ in range(40):
    ...     new.append(0.1 * left)
    ...     left -= new[-1]
    >>> ever = np.concatenate([[0.0], np.cumsum(new)[:-1]])
    >>> shares, weights = profile_reach(np.ones((40, 1)), np.array(new), np.full(40, 200.0), ever)
    >>> round(float(shares @ weights), 2)
    0.5
    """
    from scipy.special import gammaln

    reached = float(np.max((ever + new) / np.maximum(eligible, 1.0), initial=0.0))
    shares = np.linspace(min(reached, 1.0), 1.0, GRID)
    left = np.maximum(shares[:, None] * eligible - ever, new)
    events = np.broadcast_to(new, left.shape)
    rates = fit_many_rates(np.broadcast_to(design, (GRID, *design.shape)), events, left)
    hazard = np.maximum(rates @ design.T, 1e-12)
    stay = left - events
    told = (gammaln(left + 1) - gammaln(stay + 1) + events * np.log(-np.expm1(-hazard)) - stay * hazard).sum(
        axis=1
    )
    best = int(np.argmax(told))
    wider = _widening(design, new, eligible, left[best], hazard[best])
    weight = np.exp((told - told[best]) / wider)
    return shares, weight / weight.sum()


def _widening(design: Floats, new: Floats, eligible: Floats, left: Floats, hazard: Floats) -> float:
    """Give how far the scatter of the counts widens the variance of the share within reach."""
    chance = -np.expm1(-hazard)
    expected, plain = left * chance, left * chance * (1 - chance)
    told = plain > 0
    scatter = measure_scatter(new, expected, plain, design.shape[1] + 1)
    if not scatter:
        return 1.0
    slopes = np.column_stack([eligible * chance, (left * (1 - chance))[:, None] * design])[told]
    information = slopes.T @ (slopes / plain[told, None])
    alone, scattered = scattered_covariance(information, slopes, expected[told], plain[told], scatter)
    return float(widen(alone, scattered, expected[told], scatter)[0])
