"""The likelihood of a continuous-time path that is seen at waves only.

Between two looks a person may have moved several times. With constant rates ``Q`` over a piece of
time ``d``, the chance of being in stage j when last seen in stage i is ``expm(Q d)[i, j]``; where a
covariate changes in between, the pieces are multiplied. The likelihood is the product over pairs of
consecutive looks; people whose pairs are alike are counted together. It is climbed by Fisher scoring
with exact derivatives (Kalbfleisch & Lawless 1985), in logarithms of the rates.

References
----------
Kalbfleisch & Lawless 1985, doi:10.1080/01621459.1985.10478195; Jackson 2011, doi:10.18637/jss.v038.i08.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from smf_helpers.results.path import Floats

Ints = npt.NDArray[np.int_]

MAX_STEPS = 200
TAYLOR_TERMS = 14
TOLERANCE = 1e-12
"""Stop when the expected gain of a further step in log-likelihood is below this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """Pairs of consecutive looks, grouped.

    Attributes
    ----------
    counts : shape (groups, stages, stages); pairs seen in i and then in j.
    pieces : shape (groups, most pieces); indices into `length` and `level`, -1 for no piece.
    length : length of each piece of time.
    level : shape (pieces, covariates); values of the covariates during the piece.
    """

    counts: Floats
    pieces: Ints
    length: Floats
    level: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Moves:
    """The moves that the model allows, and which way along the path each goes.

    A covariate multiplies all forward rates by one ratio and all backward rates by another;
    `blocks` says which of the two it is given, in the order of the parameters.
    """

    source: Ints
    target: Ints
    n_stages: int
    blocks: tuple[tuple[int, int], ...] = ()

    @property
    def n_parameters(self) -> int:
        """Logarithms of the rates, then of the ratios."""
        return len(self.source) + len(self.blocks)

    def design(self, level: Floats) -> Floats:
        """Give d log rate / d parameter, shape (pieces, moves, parameters)."""
        n_moves = len(self.source)
        rows = np.zeros((len(level), n_moves, self.n_parameters))
        rows[:, :, :n_moves] = np.eye(n_moves)
        way = np.sign(self.target - self.source)
        for k, (covariate, direction) in enumerate(self.blocks):
            rows[:, way == direction, n_moves + k] = level[:, covariate, None]
        return rows

    def generator(self, rates: Floats) -> Floats:
        """Give Q for rates of shape (..., moves)."""
        each = np.arange(len(self.source))
        pattern = np.zeros((len(each), self.n_stages, self.n_stages))
        pattern[each, self.source, self.target] = 1.0
        pattern[each, self.source, self.source] = -1.0
        return np.tensordot(rates, pattern, axes=1)


def join_moves(kept: list[tuple[int, int]], n_stages: int, blocks: tuple[tuple[int, int], ...] = ()) -> Moves:
    """Give the moves from pairs (source, target)."""
    source, target = (np.array(column, dtype=int) for column in zip(*kept, strict=True))
    return Moves(source=source, target=target, n_stages=n_stages, blocks=blocks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Climb:
    """The top of the likelihood: parameters, value, expected information, and whether it is a top."""

    theta: Floats
    loglik: float
    information: Floats
    converged: bool


def exponentials(A: Floats) -> Floats:
    """Give the exponentials of a stack of small matrices, all at once.

    Scaling to a norm below 1/2, a Taylor polynomial (its remainder there is below 1e-17), squaring:
    a loop over a general routine costs a hundred times more on matrices of this size.

    Examples
    --------
    >>> exponentials(np.array([[[-1.0, 1.0], [0.0, 0.0]]])).round(4).tolist()
    [[[0.3679, 0.6321], [0.0, 1.0]]]
    """
    norm = float(np.abs(A).sum(axis=-1).max(initial=0.0))
    if not np.isfinite(norm):
        return np.full_like(A, np.nan)
    n_squares = max(0, int(np.ceil(np.log2(max(norm, 1e-300)))) + 1)
    small = A / 2.0**n_squares
    identity = np.eye(A.shape[-1])
    grown = identity + small / TAYLOR_TERMS
    for k in range(TAYLOR_TERMS - 1, 0, -1):
        grown = identity + small @ grown / k
    for _ in range(n_squares):
        grown = grown @ grown
    return grown


def transition_matrices(theta: Floats, pairs: Pairs, moves: Moves) -> tuple[Floats, Floats]:
    """Give P, shape (groups, stages, stages), and dP / dtheta with a leading axis of parameters."""
    design = moves.design(pairs.level)
    rates = np.exp(design @ theta)
    S, n_moves = moves.n_stages, len(moves.source)
    A = moves.generator(rates) * pairs.length[:, None, None]
    unit = moves.generator(np.eye(n_moves))
    # expm([[A, E], [0, A]]) holds the derivative of expm(A) in the direction E: Van Loan 1978
    block = np.zeros((len(A), n_moves, 2 * S, 2 * S))
    block[..., :S, :S] = block[..., S:, S:] = A[:, None]
    block[..., :S, S:] = unit[None] * pairs.length[:, None, None, None]
    grown = exponentials(block)
    piece = grown[:, 0, :S, :S]
    slope = np.einsum("gm,gmk,gmij->kgij", rates, design, grown[..., :S, S:])
    n_groups = len(pairs.pieces)
    P = np.broadcast_to(np.eye(S), (n_groups, S, S)).copy()
    dP = np.zeros((moves.n_parameters, n_groups, S, S))
    for column in pairs.pieces.T:
        used = column >= 0
        index = column[used]
        dP[:, used] = dP[:, used] @ piece[index] + P[used] @ slope[:, index]
        P[used] = P[used] @ piece[index]
    return P, dP


def log_likelihood(theta: Floats, pairs: Pairs, moves: Moves) -> tuple[float, Floats, Floats]:
    """Give the log-likelihood, its gradient and the expected information."""
    P, dP = transition_matrices(theta, pairs, moves)
    seen = pairs.counts > 0
    if np.any(P[seen] <= 0.0) or not np.all(np.isfinite(P)):
        return -np.inf, np.zeros(len(theta)), np.eye(len(theta))
    value = float(np.sum(pairs.counts[seen] * np.log(P[seen])))
    safe = np.where(P > 0.0, P, 1.0)
    gradient = np.sum(np.where(seen, pairs.counts / safe, 0.0) * dP, axis=(1, 2, 3))
    n_from = pairs.counts.sum(axis=2)[:, :, None]
    weight = np.where(P > 1e-300, n_from / safe, 0.0)
    information = np.einsum("kgij,gij,lgij->kl", dP, weight, dP)
    return value, gradient, information


def climb(pairs: Pairs, moves: Moves, start: Floats) -> Climb:
    """Go to the top of the likelihood from `start` by damped Fisher scoring."""
    theta = start.copy()
    value, gradient, information = log_likelihood(theta, pairs, moves)
    damping = 0.0
    for _ in range(MAX_STEPS):
        scale = np.diag(np.maximum(np.diag(information), 1e-12))
        step = np.linalg.lstsq(information + (damping + 1e-12) * scale, gradient, rcond=None)[0]
        step *= min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-300))
        if float(gradient @ step) < TOLERANCE:
            return Climb(theta=theta, loglik=value, information=information, converged=True)
        found = log_likelihood(theta + step, pairs, moves)
        if found[0] > value:
            theta, (value, gradient, information) = theta + step, found
            damping = damping / 10 if damping > 1e-6 else 0.0
        else:
            damping = max(10 * damping, 1e-4)
            if damping > 1e10:
                break
    done = float(np.abs(gradient).max()) < 1e-4 * max(1.0, abs(value)) ** 0.5
    return Climb(theta=theta, loglik=value, information=information, converged=done)


def crude_start(pairs: Pairs, moves: Moves) -> Floats:
    """Give start values: moves seen between looks, divided by the time spent."""
    spent = np.where(pairs.pieces >= 0, pairs.length[pairs.pieces], 0.0).sum(axis=1)
    time_in = np.einsum("gij,g->i", pairs.counts, spent) + 1e-9
    total = pairs.counts.sum(axis=0)
    passed = np.zeros_like(total)
    for i, j in zip(*np.nonzero(total * (1 - np.eye(moves.n_stages))), strict=True):
        way = 1 if j > i else -1
        for step in range(i, j, way):
            passed[step, step + way] += total[i, j]
    counted = np.maximum(passed[moves.source, moves.target], 0.5)
    return np.concatenate([np.log(counted / time_in[moves.source]), np.zeros(len(moves.blocks))])
