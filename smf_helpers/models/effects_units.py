"""Units that started at different times: the effect against units that had not started yet.

``ATT(g, t) = mean over units that started at g of (y_t - base) - mean over units not yet started at t
of (y_t - base)``, base the waves just before g, averaged over all g and t after the start (Callaway &
Sant'Anna 2021). Comparing with units that had started before, as two-way fixed effects do, is wrong as
soon as effects grow. Inference deals the starting dates out again among the units: every statistic here
is linear in the outcomes, so a re-dealt one is a sum over a permuted table, and the interval holds every
effect that the dealing does not refuse.

References
----------
Callaway & Sant'Anna 2021, doi:10.1016/j.jeconom.2020.12.001; Rosenbaum 2002,
doi:10.1214/ss/1042727942.
"""

from dataclasses import dataclass
from math import lgamma

import numpy as np
import numpy.typing as npt

from smf_helpers.results.path import Floats

N_DEALS = 1999
MIN_DEALS = 40
"""Fewer different dealings cannot give a p value below 5 % with anything to spare."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dealt:
    """A linear statistic under re-dealt starts: own value, its dealt values, and what one unit of
    effect would add to each."""

    own: float
    values: Floats
    shares: Floats

    def p_value(self, effect: float = 0.0) -> float:
        """Give the share of dealings at least as far from `effect` as the true starts."""
        size = abs(self.own - effect)
        return float(np.mean(np.abs(self.values - effect * self.shares) >= size - 1e-12 * (1 + size)))

    def interval(self, level: float) -> tuple[float | None, float | None]:
        """Give the effects that are not refused; None where the search meets no end."""
        edges: list[float | None] = []
        spread = float(np.std(self.values)) or 1e-12
        for way in (-1.0, 1.0):
            near, far = 0.0, 2 * spread
            while self.p_value(self.own + way * far) > 1 - level:
                near, far = far, 2 * far
                if far > 1e6 * spread:
                    break
            else:
                for _ in range(40):
                    middle = (near + far) / 2
                    if self.p_value(self.own + way * middle) > 1 - level:
                        near = middle
                    else:
                        far = middle
                edges.append(self.own + way * far)
                continue
            edges.append(None)
        return edges[0], edges[1]


def staggered_weights(starts: Floats, times: Floats, *, base: int) -> tuple[Floats, Floats]:
    """Give what each outcome counts in the mean effect and in its growth since the start.

    Parameters
    ----------
    starts : shape (units,); start of each unit, infinite where it never started.
    times : shape (times,), ascending.
    base : number of times before the start that form the base.

    Returns
    -------
    Two arrays of shape (units, times); the effect is the sum over weight times outcome.
    """
    cells: list[tuple[float, float, Floats]] = []
    for start in np.unique(starts[np.isfinite(starts)]):
        before = np.flatnonzero(times < start)[-base:]
        treated = starts == start
        if not len(before):
            continue
        for k in np.flatnonzero(times >= start):
            control = starts > times[k]
            if not control.any():
                continue
            cell = np.zeros((len(starts), len(times)))
            side = treated / treated.sum() - control / control.sum()
            cell[:, k] += side
            cell[:, before] -= side[:, None] / len(before)
            cells.append((float(treated.sum()), float(times[k] - start), cell))
    if not cells:
        nothing = np.zeros((len(starts), len(times)))
        return nothing, nothing
    size = np.array([cell[0] for cell in cells])
    since = np.array([cell[1] for cell in cells])
    table = np.stack([cell[2] for cell in cells])
    share = size / size.sum()
    centred = since - share @ since
    spread = share @ centred**2
    growth = share * centred / spread if spread > 0 else np.zeros_like(share)
    return np.tensordot(share, table, 1), np.tensordot(growth, table, 1)


def deal(
    weights: Floats, outcome: Floats, under_effect: Floats, rng: np.random.Generator, n_deals: int = N_DEALS
) -> Dealt:
    """Deal the rows of `weights` out again among the units, `n_deals` times and once as they are."""
    n_units = len(outcome)
    here = np.arange(n_units)
    value, share = weights @ outcome.T, weights @ under_effect.T
    orders = rng.permuted(np.tile(here, (n_deals, 1)), axis=1)
    orders = np.concatenate([here[None], orders])
    return Dealt(
        own=float(value[here, here].sum()),
        values=value[orders, here].sum(axis=1),
        shares=share[orders, here].sum(axis=1),
    )


def n_dealings(starts: npt.ArrayLike) -> float:
    """Give in how many different ways the starts could have been dealt out."""
    _, n = np.unique(np.asarray(starts, dtype=float), return_counts=True)
    return float(np.exp(lgamma(n.sum() + 1) - sum(lgamma(k + 1) for k in n)))
