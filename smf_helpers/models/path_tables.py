"""What a fitted path says: rates, ratios, time in a stage, the chance to get to the end, occupancy.

Every interval is a delta-method interval on a scale without walls (logarithm for rates, ratios and
times, logit for chances), from the covariance of the fitted logarithms.
"""

from collections.abc import Sequence
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from smf_helpers.models.path_likelihood import Moves, Pairs, transition_matrices
from smf_helpers.models.path_observed import OCCUPANCY
from smf_helpers.results.core import Status
from smf_helpers.results.path import Floats

if TYPE_CHECKING:
    import pandas as pd

MIN_MOVES = 10
"""Observed moves that a rate needs before it is shown."""

WIDEST_LOG_SE = 3.0
"""A rate known to no better than a factor of a few hundred either way is not known."""

UNBOUNDED = Status.NOT_IDENTIFIED, "the observations do not bound this rate"

RATES = ("rate", "low", "high", "n", "status", "reason")
VALUES = ("value", "low", "high", "n", "status", "reason")
RATIOS = ("covariate", "direction", "ratio", "low", "high", "n", "status", "reason")
DIRECTIONS = {1: "forward", -1: "back"}

Row = tuple[Any, ...]


def few(n: float) -> tuple[Status, str]:
    """Give status and reason for a quantity that rests on `n` observed moves."""
    if n >= MIN_MOVES:
        return Status.OK, ""
    return Status.INSUFFICIENT_DATA, f"{int(n)} observed moves; {MIN_MOVES} are needed"


def rate_rows(theta: Floats, covariance: Floats, counted: Floats, z: float) -> list[Row]:
    """Give (rate, low, high, n, status, reason) for each move; NaN where too few were seen."""
    rows: list[Row] = []
    for m, n in enumerate(counted):
        status, reason = few(n)
        se = float(np.sqrt(covariance[m, m]))
        if status is Status.OK and not se < WIDEST_LOG_SE:
            status, reason = UNBOUNDED
        values = np.exp(theta[m] + np.array([0.0, -z, z]) * se) if status is Status.OK else [np.nan] * 3
        rows.append((*values, int(n), status, reason))
    return rows


def sojourn_rows(
    theta: Floats, covariance: Floats, moves: Moves, counted: Floats, given: Floats, z: float
) -> list[Row]:
    """Give (mean time, low, high, n, status, reason) for each stage: one over the rates out of it."""
    design = moves.design(given[None])[0]
    rates = np.exp(design @ theta)
    rows: list[Row] = []
    for stage in range(moves.n_stages):
        out = moves.source == stage
        n = counted[out].sum()
        status, reason = few(n)
        gradient = rates[out] @ design[out] / max(rates[out].sum(), 1e-300)
        se = float(np.sqrt(gradient @ covariance @ gradient))
        if status is Status.OK and not se < WIDEST_LOG_SE:
            status, reason = UNBOUNDED
        if status is not Status.OK:
            rows.append((np.nan, np.nan, np.nan, int(n), status, reason))
            continue
        values = np.exp(-np.log(rates[out].sum()) + np.array([0.0, -z, z]) * se)
        rows.append((*values, int(n), status, reason))
    return rows


def reach_rows(
    theta: Floats,
    covariance: Floats,
    moves: Moves,
    counted: Floats,
    given: Floats,
    horizon: float,
    z: float,
) -> list[Row]:
    """Give (chance, low, high, n, status, reason) of having reached the last stage within `horizon`."""
    last = moves.n_stages - 1
    kept = np.flatnonzero(moves.source != last)
    to_end = Moves(
        source=moves.source[kept], target=moves.target[kept], n_stages=moves.n_stages, blocks=moves.blocks
    )
    columns = np.concatenate([kept, np.arange(len(moves.source), moves.n_parameters)]).astype(int)
    piece = _one_piece(np.array([horizon]), given, moves.n_stages)
    P, dP = transition_matrices(theta[columns], piece, to_end)
    covariance = covariance[np.ix_(columns, columns)]
    rows: list[Row] = []
    for stage in range(last):
        onward = (moves.source >= stage) & (moves.target == moves.source + 1)
        needed = {int(s): float(n) for s, n in zip(moves.source[onward], counted[onward], strict=True)}
        n = min((needed.get(s, 0.0) for s in range(stage, last)), default=0.0)
        status, reason = few(n)
        if status is Status.OK:
            gradient = dP[:, 0, stage, last]
            se = float(np.sqrt(gradient @ covariance @ gradient))
            rows.append((*logit_interval(float(P[0, stage, last]), se, z), int(n), status, reason))
        else:
            reason = f"a step on the way has {reason}"
            rows.append((np.nan, np.nan, np.nan, int(n), status, reason))
    return rows


def _one_piece(lengths: Floats, given: Floats, n_stages: int) -> Pairs:
    n = len(lengths)
    return Pairs(
        counts=np.zeros((n, n_stages, n_stages)),
        pieces=np.arange(n)[:, None],
        length=lengths,
        level=np.tile(given, (n, 1)),
    )


def logit_interval(value: float, se: float, z: float) -> tuple[float, float, float]:
    """Give a chance with its interval on the logit scale; the chance alone at 0 and 1."""
    if not 0.0 < value < 1.0:
        return value, value, value
    centre, width = np.log(value / (1 - value)), z * se / (value * (1 - value))
    low, high = 1 / (1 + np.exp(-(centre + np.array([-width, width]))))
    return value, float(low), float(high)


def fitted_occupancy(
    t: npt.ArrayLike,
    *,
    theta: Floats,
    covariance: Floats,
    moves: Moves,
    stages: tuple[str, ...],
    start: Floats,
    n_start: int,
    given: Floats,
    seen_until: float,
    level: float,
) -> "pd.DataFrame":
    """Give the shares in each stage at the times `t` after the first look: ``start expm(Q t)``.

    The interval carries the uncertainty of the rates and of the shares at the start.
    """
    import pandas as pd

    z = NormalDist().inv_cdf(0.5 + level / 2)
    asked = np.atleast_1d(np.asarray(t, dtype=float))
    usable = np.where(asked >= 0, asked, 0.0)
    P, dP = transition_matrices(theta, _one_piece(usable, given, moves.n_stages), moves)
    share = start @ P
    slope = np.einsum("i,kgij->gjk", start, dP)
    spread = (np.diag(start) - np.outer(start, start)) / max(n_start, 1)
    variance = np.einsum("gjk,kl,gjl->gj", slope, covariance, slope)
    variance += np.einsum("gij,il,glj->gj", P, spread, P)
    rows: list[Row] = []
    for g, moment in enumerate(asked):
        for s, stage in enumerate(stages):
            if moment < 0:
                reason = "before the first observation"
                rows.append((moment, stage, np.nan, np.nan, np.nan, Status.NOT_IDENTIFIED, reason))
                continue
            values = logit_interval(float(share[g, s]), float(np.sqrt(max(variance[g, s], 0.0))), z)
            reason = "beyond the last observation" if moment > seen_until + 1e-9 else ""
            rows.append((moment, stage, *values, Status.OK, reason))
    return pd.DataFrame(rows, columns=list(OCCUPANCY))


def make_frame(rows: list[Any], names: Sequence[str]) -> "pd.DataFrame":
    """Give rows under their names."""
    import pandas as pd

    return pd.DataFrame(rows, columns=list(names))


def rate_table(rows: list[Any], moves: Moves, stages: tuple[str, ...]) -> "pd.DataFrame":
    """Give the rates by the names of their stages."""
    named = [(stages[i], stages[j], *row) for i, j, row in zip(moves.source, moves.target, rows, strict=True)]
    return make_frame(named, ("from_stage", "to_stage", *RATES))


def stage_table(rows: list[Any], stages: tuple[str, ...]) -> "pd.DataFrame":
    """Give a row a stage."""
    return make_frame([(stage, *row) for stage, row in zip(stages, rows, strict=False)], ("stage", *VALUES))


def reach_table(rows: list[Any], stages: tuple[str, ...]) -> "pd.DataFrame":
    """Give the chance to get to the end within twelve months, a row a stage before it."""
    named = [(stage, 12, *row) for stage, row in zip(stages, rows, strict=False)]
    return make_frame(named, ("stage", "months", *VALUES))


def effect_table(
    theta: Floats,
    covariance: Floats,
    moves: Moves,
    counted: list[int],
    refusals: list[tuple[Any, ...]],
    names: tuple[str, ...],
    z: float,
) -> "pd.DataFrame":
    """Give the ratios, those that were refused with their reason."""
    rows = list(refusals)
    for k, ((c, direction), n) in enumerate(zip(moves.blocks, counted, strict=True)):
        p = len(moves.source) + k
        se, told = float(np.sqrt(max(covariance[p, p], 0.0))), (Status.OK, "")
        if se < WIDEST_LOG_SE:
            values = np.exp(theta[p] + np.array([0.0, -z, z]) * se).tolist()
        else:
            values, told = [np.nan] * 3, (Status.NOT_IDENTIFIED, "the observations do not bound this ratio")
        rows.append((names[c], DIRECTIONS[direction], *values, n, *told))
    return make_frame(sorted(rows, key=lambda row: (names.index(row[0]), row[1] != "forward")), RATIOS)
