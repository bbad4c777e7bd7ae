"""Additive rates of a weekly flow of people, for many draws of the counts at once.

``events ~ Binomial(trials, 1 - exp(-design @ rates))`` with rates that are not negative: the log-likelihood is
concave, so Newton steps on the free rates find the only top, and every draw takes its steps beside the others.
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
LEAST_HAZARD = 1e-12


def fit_rates(design: Floats, events: Floats, trials: Floats) -> Floats:
    """Fit non-negative additive rates: events ~ Binomial(trials, 1 - exp(-design @ rates)).

    The log-likelihood is concave, so the optimum is the only one.

    Parameters
    ----------
    design : shape (weeks, rates), non-negative.
    events, trials : shape (weeks,).

    Examples
    --------
    >>> rates = fit_rates(np.ones((3, 1)), np.array([5.0, 4.0, 6.0]), np.array([50.0, 50.0, 50.0]))
    >>> bool(abs(rates[0] + np.log(1 - 15 / 150)) < 1e-9)
    True
    """
    return fit_many_rates(design[None], events[None], trials[None])[0]


def fit_many_rates(design: Floats, events: Floats, trials: Floats) -> Floats:
    """Fit the rates of many draws; `fit_rates` for each of them, side by side.

    Parameters
    ----------
    design : shape (draws, weeks, rates).
    events, trials : shape (draws, weeks).

    Returns
    -------
    ndarray of shape (draws, rates)
    """
    rates = np.zeros((len(events), design.shape[2]))
    open_ = np.flatnonzero(events.sum(axis=1) > 0)
    design, events, trials = design[open_], events[open_], trials[open_]
    exposed = np.maximum(np.matmul(trials[:, None, :], design)[:, 0], 1e-300).sum(axis=1)
    now = np.repeat((events.sum(axis=1) / exposed)[:, None], design.shape[2], axis=1)
    loss = _loss(design, events, trials, now)
    for _ in range(200):
        if not len(open_):
            break
        slope, bend = _derivatives(design, events, trials, now)
        free = ((now > 0) | (slope < 0)) & (np.diagonal(bend, axis1=1, axis2=2) > 0)
        uphill = np.abs(slope * np.where(free, np.maximum(now, 1e-12), 0.0)).sum(axis=1)
        tried, tried_loss = _descend(
            design, events, trials, now, loss, _newton_step(slope, bend, free), uphill
        )
        still = uphill >= 1e-12 * (1.0 + np.abs(loss))
        rates[open_] = np.where(still[:, None], tried, now)
        still &= np.abs(tried - now).max(axis=1) > 1e-14 * tried.max(axis=1)
        open_, design, events, trials = open_[still], design[still], events[still], trials[still]
        now, loss = tried[still], tried_loss[still]
    return rates


def _newton_step(slope: Floats, bend: Floats, free: npt.NDArray[np.bool_]) -> Floats:
    """Give the Newton step of each draw on its free rates; the others stay."""
    eye = np.eye(slope.shape[1])
    both = free[:, :, None] & free[:, None, :]
    curved = np.where(both, bend * (1.0 + 1e-12 * eye), eye)
    return np.asarray(-np.linalg.solve(curved, np.where(free, slope, 0.0)[:, :, None])[:, :, 0])


def _descend(
    design: Floats, events: Floats, trials: Floats, now: Floats, loss: Floats, step: Floats, uphill: Floats
) -> tuple[Floats, Floats]:
    """Halve each draw's step until its loss no longer grows."""
    tried = np.maximum(now + step, 0.0)
    tried_loss = _loss(design, events, trials, tried)
    moving = uphill >= 1e-12 * (1.0 + np.abs(loss))
    for halving in range(1, 40):
        back = np.flatnonzero((tried_loss > loss) & moving)
        if not len(back):
            break
        tried[back] = np.maximum(now[back] + step[back] * 0.5**halving, 0.0)
        tried_loss[back] = _loss(design[back], events[back], trials[back], tried[back])
    return tried, tried_loss


def _hazard(design: Floats, rates: Floats) -> Floats:
    return np.maximum(np.matmul(design, rates[:, :, None])[:, :, 0], LEAST_HAZARD)


def _loss(design: Floats, events: Floats, trials: Floats, rates: Floats) -> Floats:
    hazard = _hazard(design, rates)
    told = events * np.log(-np.expm1(-hazard)) - (trials - events) * hazard
    return np.asarray(-told.sum(axis=1))


def _derivatives(design: Floats, events: Floats, trials: Floats, rates: Floats) -> tuple[Floats, Floats]:
    """Give gradient and Hessian of the loss of each draw, which is convex in the rates."""
    leave = -np.expm1(-_hazard(design, rates))
    ratio = (1.0 - leave) / leave
    slope = -np.matmul((events * ratio - (trials - events))[:, None, :], design)[:, 0]
    bend = np.matmul((design * (events * ratio / leave)[:, :, None]).transpose(0, 2, 1), design)
    return slope, bend
