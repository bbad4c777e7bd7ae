"""Whether a law of adoption describes the counts it was fitted to.

The scatter widens every limit, so it hides a law of the wrong shape behind wide limits. So the curve itself is
held against what was counted. It does not describe the counts where both hold:

* at some interval end the adopters counted and fitted part by at least `FAR_OFF` of all adopters, which any reader
  of the picture sees; and
* the counts scatter about the curve more than people who adopt one by one would (Pearson's statistic beyond its
  99 % quantile), so that a short series of few people is not blamed for chance.

Simulated with the right law (300 people, 200 series each, adopters capped at the headcount): people one by one are refused
never, in lumps of five in 3 % at most; counts that vary by a third from week to week (negative binomial, shape 10) in none of 30 weeks and
in 7 % of 13 intervals; a twofold scatter (shape 3), which hides any curve, in 16 % and 37 %. Where such draws overshoot a headcount that is then
raised to them, more are refused: no people adopt like that, but a headcount that is too low makes counts that look so.
"""

from typing import Final

import numpy as np

from smf_helpers.models.diffusion_engine import TINY, Cells, Solved, ceiling, mass
from smf_helpers.models.diffusion_families import Law
from smf_helpers.models.diffusion_intervals import Observed
from smf_helpers.models.diffusion_limits import expect, n_free
from smf_helpers.models.scatter import LEAST_EXPECTED
from smf_helpers.results.core import Status

FAR_OFF: Final = 0.10
"""Gap between the adopters counted and fitted, as a share of all counted, from which a curve does not describe them."""

CHANCE: Final = 0.01
"""Chance of a larger scatter below which people adopting one by one do not explain it."""


def find_misfit(law: Law, observed: Observed, solved: Solved) -> tuple[Status, str] | None:
    """Say where the curve parts from the counts; None where it describes them, or where that cannot be asked.

    Intervals that overlap have no counts of their own to hold a curve against. Shares come without the people behind
    them, so their gap alone decides, as a share of the whole.
    """
    cells = observed.cells
    if cells.cover is not None:
        return None
    seen = cells.seen[0]
    counted = np.cumsum(cells.n[0][seen])
    fitted = np.cumsum(ceiling(law, cells, solved.theta)[0] * mass(law, cells, solved.theta)[0][seen])
    worst = int(np.abs(counted - fitted).argmax())
    whole = _whole(cells, float(counted[-1]))
    if abs(counted[worst] - fitted[worst]) < FAR_OFF * whole or not _scattered(law, cells, solved):
        return None
    base = float(cells.eligible[0]) if cells.eligible is not None else whole
    since = float(cells.upper[seen][worst])
    when = f"after {since:.0f} weeks" if observed.axis.unit else f"at {since:g}"
    said = f"{when} it has {fitted[worst] / base:.0%}, where {counted[worst] / base:.0%} had adopted"
    return Status.NOT_IDENTIFIED, f"The curve does not describe these data: {said}."


def _whole(cells: Cells, counted: float) -> float:
    """Give what a gap is a share of: all adopters counted, or for shares the ceiling."""
    return float(cells.eligible[0]) if cells.squares and cells.eligible is not None else counted


def _scattered(law: Law, cells: Cells, solved: Solved) -> bool:
    from scipy.special import chdtrc

    if cells.squares:
        return True
    n, expected, plain, _ = expect(law, cells, solved)
    told = expected >= LEAST_EXPECTED
    pearson = float(((n - expected) ** 2 / np.maximum(plain, TINY))[told].sum())
    return bool(chdtrc(max(int(told.sum()) - n_free(law, cells), 1), pearson) < CHANCE)
