"""The development path: none, personal, internal, customer; forward, back, and the other way round.

Survey waves see a person now and then, so moves are known to lie between two looks and some are never
seen. The path is a continuous-time Markov model fitted to those pairs of looks; where every move has
its time, rates are moves over time at risk and occupancy is Aalen-Johansen; where waves are anonymous,
only the shares at each wave are told. Not for stages that people report after the fact: remembered
times are not observed times.

References
----------
Kalbfleisch & Lawless 1985, doi:10.1080/01621459.1985.10478195; Jackson 2011, doi:10.18637/jss.v038.i08;
Putter, Fiocco & Geskus 2007, doi:10.1002/sim.2712.
"""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from smf_helpers.errors import ModelError
from smf_helpers.framework import STAGES
from smf_helpers.models.path_likelihood import Climb, Moves, Pairs, climb, crude_start, join_moves
from smf_helpers.models.path_observed import observed_occupancy
from smf_helpers.models.path_plain import Setting, anonymous_path, exact_path, shares_only
from smf_helpers.models.path_records import (
    Looks,
    PairRecords,
    Tracks,
    group_pairs,
    pair_up,
    read_looks,
    read_tracks,
)
from smf_helpers.models.path_tables import (
    DIRECTIONS,
    MIN_MOVES,
    effect_table,
    few,
    fitted_occupancy,
    rate_rows,
    rate_table,
    reach_rows,
    reach_table,
    sojourn_rows,
    stage_table,
)
from smf_helpers.results.core import Estimate, Status, refused
from smf_helpers.results.path import Floats, PathFit

if TYPE_CHECKING:
    import pandas as pd


def fit_path(
    observations: "pd.DataFrame",
    *,
    covariates: "pd.DataFrame | None" = None,
    stages: Sequence[str] = STAGES,
    moves: Sequence[tuple[str, str]] | None = None,
    exact: bool = False,
    year: float = 1.0,
    level: float = 0.95,
) -> PathFit:
    """Fit how people move along the development path.

    Panel looks: the log-likelihood is ``sum over pairs of looks of log expm(Q d)[i, j]``, with
    ``q = exp(log rate + covariates)``, one ratio for all forward and one for all backward moves. Exact
    times: ``q = moves / time at risk``. A rate is shown from ten observed moves on.

    Parameters
    ----------
    observations : frame ``person, at, stage``, any order; dates, or numbers in a unit of the caller's.
        Without persons the waves are anonymous and only shares are told.
    covariates : frame ``at`` (and ``person``) and one column a covariate: what holds from ``at`` on, 0
        before. A covariate that is the same for everybody cannot be told from the calendar.
    stages : the stages, in order.
    moves : the moves that are possible; by default to the neighbouring stages both ways, and from the
        first stage straight to the third (those who start at work).
    exact : the times are those of the moves themselves; the last look only says how long a person was
        followed.
    year : length of twelve months where ``at`` is a number; dates are in years.
    level : coverage of the intervals.

    Returns
    -------
    PathFit; degenerate observations give a status and a reason.

    Raises
    ------
    ModelError
        When a column is missing, a stage or move is unknown, or covariates come with exact times.

    Examples
    --------
    >>> import pandas as pd
    >>> waves = pd.DataFrame({"at": [0] * 3 + [1] * 3, "stage": ["none", "none", "personal"] * 2})
    >>> fit = fit_path(waves)
    >>> fit.design, fit.status.value
    ('anonymous', 'not_identified')
    >>> round(float(fit.observed.share[0]), 3)
    0.667
    """
    order = tuple(stages)
    allowed = _allowed(order, moves)
    if exact and covariates is not None:
        raise ModelError("Covariates need looks at waves; they cannot go with exact=True.")
    setting = Setting(stages=order, level=level, year=year)
    looks = read_looks(observations, order)
    if looks.anonymous:
        return anonymous_path(looks, setting)
    records = pair_up(looks)
    if not len(records.person):
        reason = "nobody was seen twice" if len(looks.at) else "there are no observations"
        return shares_only(looks, setting, Status.INSUFFICIENT_DATA, reason)
    if exact:
        return exact_path(looks, records, setting)
    return _panel(looks, records, read_tracks(covariates, looks), allowed, setting)


def _allowed(stages: tuple[str, ...], moves: Sequence[tuple[str, str]] | None) -> list[tuple[int, int]]:
    if moves is None:
        n = len(stages)
        pairs = {(i, j) for i in range(n) for j in range(n) if abs(i - j) == 1}
        return sorted(pairs | ({(0, 2)} if n > 2 else set()))
    unknown = [move for move in moves if move[0] not in stages or move[1] not in stages]
    if unknown or any(source == target for source, target in moves):
        raise ModelError("Every move leads from one of the stages to another one.")
    return sorted({(stages.index(source), stages.index(target)) for source, target in moves})


# --- looks at waves ---------------------------------------------------------------------------------


def _panel(
    looks: Looks, records: PairRecords, tracks: Tracks, allowed: list[tuple[int, int]], setting: Setting
) -> PathFit:
    n_stages = len(setting.stages)
    pairs = group_pairs(records, tracks, n_stages)
    seen = pairs.counts.sum(axis=0)
    kept = _kept(seen, allowed)
    if kept is None:
        reason = "some observed moves are impossible under the allowed moves"
        return shares_only(looks, setting, Status.NOT_IDENTIFIED, reason)
    if not kept:
        return shares_only(looks, setting, Status.INSUFFICIENT_DATA, "nobody moved between two looks")
    blocks, refused_rows = _usable_blocks(pairs, tracks, kept)
    moves = join_moves(kept, n_stages, tuple(blocks))
    top = _climb(pairs, moves)
    covariance = _covariance(top.information)
    counted = seen[moves.source, moves.target]
    given = _now(tracks, looks)
    rows = rate_rows(top.theta, covariance, counted, setting.z)
    status, reason = _verdict(top, rows)
    start, n_start = _start(looks, n_stages)
    occupancy = partial(
        fitted_occupancy,
        theta=top.theta,
        covariance=covariance,
        moves=moves,
        stages=setting.stages,
        start=start,
        n_start=n_start,
        given=given,
        seen_until=float(looks.at.max() - looks.at.min()),
        level=setting.level,
    )
    year = setting.year if looks.unit == "unit" else 1.0
    return PathFit(
        design="panel",
        stages=setting.stages,
        rates=rate_table(rows, moves, setting.stages),
        effects=effect_table(
            top.theta, covariance, moves, list(blocks.values()), refused_rows, tracks.names, setting.z
        ),
        sojourn=stage_table(
            sojourn_rows(top.theta, covariance, moves, counted, given, setting.z), setting.stages
        ),
        reach=reach_table(
            reach_rows(top.theta, covariance, moves, counted, given, year, setting.z), setting.stages
        ),
        observed=observed_occupancy(looks, setting.stages),
        occupancy=occupancy,
        loglik=top.loglik,
        parameters=top.theta,
        covariance=covariance,
        markov=_markov(records, kept, n_stages),
        unit=looks.unit,
        n_people=len(np.unique(records.person)),
        n_pairs=len(records.person),
        status=status,
        reason="; ".join(part for part in (reason, looks.note) if part),
    )


def _kept(seen: Floats, allowed: list[tuple[int, int]]) -> list[tuple[int, int]] | None:
    """Keep the moves that were seen, and all allowed ones where the seen alone cannot explain a pair."""
    n = len(seen)

    def explains(moves: list[tuple[int, int]]) -> bool:
        reach = np.eye(n, dtype=bool)
        for i, j in moves:
            reach[i, j] = True
        for _ in range(n):
            reach = reach | ((reach.astype(int) @ reach.astype(int)) > 0)
        return bool(np.all(reach[seen > 0]))

    used = [move for move in allowed if seen[move] > 0]
    if explains(used):
        return used
    return allowed if explains(allowed) else None


def _climb(pairs: Pairs, moves: Moves) -> Climb:
    """Climb without the covariates first, then with them."""
    bare = Moves(source=moves.source, target=moves.target, n_stages=moves.n_stages)
    top = climb(pairs, bare, crude_start(pairs, bare))
    if not moves.blocks:
        return top
    return climb(pairs, moves, np.concatenate([top.theta, np.zeros(len(moves.blocks))]))


def _covariance(information: Floats) -> Floats:
    scale = np.sqrt(np.maximum(np.diag(information), 1e-300))
    return np.linalg.pinv(information / np.outer(scale, scale), hermitian=True) / np.outer(scale, scale)


def _usable_blocks(
    pairs: Pairs, tracks: Tracks, kept: list[tuple[int, int]]
) -> tuple[dict[tuple[int, int], int], list[tuple[Any, ...]]]:
    """Give the ratios that can be estimated, and for the others the row that says why not."""
    blocks: dict[tuple[int, int], int] = {}
    refusals: list[tuple[Any, ...]] = []
    place = np.arange(pairs.counts.shape[1])
    way = np.sign(place[None, :] - place[:, None])
    weight = np.where(pairs.pieces >= 0, pairs.length[pairs.pieces], 0.0)
    for c, name in enumerate(tracks.names):
        mean = (weight * pairs.level[pairs.pieces, c]).sum(axis=1) / weight.sum(axis=1)
        upper = mean > np.average(mean, weights=pairs.counts.sum(axis=(1, 2)))
        for direction, word in DIRECTIONS.items():
            moved = (pairs.counts * (way == direction)).sum(axis=(1, 2))
            n = int(min(moved[upper].sum(), moved[~upper].sum()))
            possible = any(np.sign(j - i) == direction for i, j in kept)
            if n >= MIN_MOVES and possible:
                blocks[c, direction] = n
            else:
                status, reason = few(n)
                refusals.append(
                    (name, word, np.nan, np.nan, np.nan, n, status, f"on one side of it {reason}")
                )
    return blocks, refusals


def _now(tracks: Tracks, looks: Looks) -> Floats:
    """Give the mean of the covariates over people at the last look."""
    if not tracks.names:
        return np.empty(0)
    last = float(looks.at.max())
    index, n = np.unique(tracks.of_person, return_counts=True)
    return np.average([tracks.at(int(track), last) for track in index], axis=0, weights=n)


def _start(looks: Looks, n_stages: int) -> tuple[Floats, int]:
    here = looks.at == looks.at.min()
    if here.sum() < MIN_MOVES:
        here = np.append(True, looks.person[1:] != looks.person[:-1])
    n = int(here.sum())
    return np.bincount(looks.stage[here], minlength=n_stages) / n, n


def _verdict(top: Climb, rows: list[tuple[Any, ...]]) -> tuple[Status, str]:
    n_shown = sum(row[-2] is Status.OK for row in rows)
    if not n_shown and any(row[-2] is Status.NOT_IDENTIFIED for row in rows):
        return Status.NOT_IDENTIFIED, "the observations do not bound any rate"
    if not n_shown:
        return Status.INSUFFICIENT_DATA, f"no move was observed {MIN_MOVES} times"
    if not top.converged:
        return Status.NOT_CONVERGED, "the likelihood has no clear top"
    hidden = len(rows) - n_shown
    return Status.OK, f"{hidden} of {len(rows)} rates rest on too few moves" if hidden else ""


def _markov(records: PairRecords, kept: list[tuple[int, int]], n_stages: int) -> Estimate:
    """Test whether those who were already in a stage before move at another pace."""
    later = records.stayed >= 0
    part = PairRecords(
        **{
            name: getattr(records, name)[later]
            for name in ("person", "begin", "end", "source", "target", "stayed")
        }
    )
    moved = part.source != part.target
    n = min(int(np.sum(moved & (part.stayed == flag))) for flag in (0, 1))
    if n < MIN_MOVES:
        return refused(Status.INSUFFICIENT_DATA, f"{n} later moves on one side; {MIN_MOVES} are needed", n=n)
    from scipy.special import chdtrc

    nobody = Tracks(names=(), histories=((np.empty(0), np.empty((0, 0))),), of_person=np.zeros(0, dtype=int))
    pairs = group_pairs(part, nobody, n_stages, by_stay=True)
    kept = _kept(pairs.counts.sum(axis=0), kept) or kept
    ways = {int(np.sign(j - i)) for i, j in kept}
    moves = join_moves(kept, n_stages, tuple((0, way) for way in sorted(ways)))
    bare = _climb(pairs, join_moves(kept, n_stages))
    full = _climb(pairs, moves)
    if not (bare.converged and full.converged):
        return refused(Status.NOT_CONVERGED, "the test has no clear top", n=n)
    p = float(chdtrc(len(ways), max(2 * (full.loglik - bare.loglik), 0.0)))
    return Estimate(
        value=p, n=int(later.sum()), unit="p value", method="likelihood ratio, stayed before or not"
    )
