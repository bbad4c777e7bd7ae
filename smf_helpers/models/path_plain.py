"""Paths without a panel likelihood: moves whose times are exact, and waves of unknown people."""

from dataclasses import dataclass
from functools import partial
from statistics import NormalDist

import numpy as np

from smf_helpers.models.path_likelihood import join_moves
from smf_helpers.models.path_observed import (
    exact_curve,
    exact_rates,
    observed_occupancy,
    occupancy_as_seen,
    occupancy_by_product,
    wilson,
)
from smf_helpers.models.path_records import Looks, PairRecords
from smf_helpers.models.path_tables import (
    MIN_MOVES,
    RATES,
    RATIOS,
    VALUES,
    make_frame,
    rate_rows,
    rate_table,
    reach_rows,
    reach_table,
    sojourn_rows,
    stage_table,
)
from smf_helpers.results.core import Status, refused
from smf_helpers.results.path import Floats, PathFit


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What the caller asked for: stages, coverage, and the length of twelve months."""

    stages: tuple[str, ...]
    level: float
    year: float

    @property
    def z(self) -> float:
        """Give the normal quantile of the interval."""
        return NormalDist().inv_cdf(0.5 + self.level / 2)


def exact_path(looks: Looks, records: PairRecords, setting: Setting) -> PathFit:
    """Fit rates as moves over time at risk, and occupancy by Aalen-Johansen."""
    n_stages = len(setting.stages)
    seen = np.zeros((n_stages, n_stages))
    np.add.at(seen, (records.source, records.target), 1.0)
    used = {(int(i), int(j)) for i, j in zip(*np.nonzero(seen), strict=True) if i != j}
    if not used:
        return shares_only(looks, setting, Status.INSUFFICIENT_DATA, "nobody moved")
    moves = join_moves(sorted(used), n_stages)
    n, time, loglik = exact_rates(records, moves.source, moves.target, n_stages)
    theta, covariance = np.log(n / time), np.diag(1.0 / n)
    rows = rate_rows(theta, covariance, n, setting.z)
    shown = any(row[-2] is Status.OK for row in rows)
    origin = float(looks.at.min())
    shifted = PairRecords(
        person=records.person,
        begin=records.begin - origin,
        end=records.end - origin,
        source=records.source,
        target=records.target,
        stayed=records.stayed,
    )
    first = np.bincount(looks.stage[looks.at == origin], minlength=n_stages) / np.sum(looks.at == origin)
    curve = exact_curve(shifted, first, setting.stages)
    year = setting.year if looks.unit == "unit" else 1.0
    nothing: Floats = np.empty(0)
    return PathFit(
        design="exact",
        stages=setting.stages,
        rates=rate_table(rows, moves, setting.stages),
        effects=make_frame([], RATIOS),
        sojourn=stage_table(sojourn_rows(theta, covariance, moves, n, nothing, setting.z), setting.stages),
        reach=reach_table(reach_rows(theta, covariance, moves, n, nothing, year, setting.z), setting.stages),
        observed=observed_occupancy(looks, setting.stages),
        occupancy=partial(occupancy_by_product, curve=curve, stages=setting.stages, start=first),
        loglik=loglik,
        parameters=theta,
        covariance=covariance,
        markov=refused(Status.INSUFFICIENT_DATA, "not tested where times are exact"),
        unit=looks.unit,
        n_people=len(np.unique(records.person)),
        n_pairs=len(records.person),
        status=Status.OK if shown else Status.INSUFFICIENT_DATA,
        reason=looks.note if shown else f"no move was observed {MIN_MOVES} times",
    )


def anonymous_path(looks: Looks, setting: Setting) -> PathFit:
    """Tell the shares of anonymous waves."""
    if not len(looks.at):
        return shares_only(looks, setting, Status.INSUFFICIENT_DATA, "there are no observations")
    reason = "the waves are anonymous: shares can be told, moves of the same people cannot"
    return shares_only(looks, setting, Status.NOT_IDENTIFIED, reason, anonymous=True)


def shares_only(
    looks: Looks, setting: Setting, status: Status, reason: str, *, anonymous: bool = False
) -> PathFit:
    """Tell the shares at each wave, and why nothing else."""
    n_stages = len(setting.stages)
    times, index = np.unique(looks.at, return_inverse=True)
    counts = np.zeros((len(times), n_stages))
    np.add.at(counts, (index.ravel(), looks.stage), 1.0)
    n = counts.sum(axis=1, keepdims=True)
    low, high = wilson(counts, np.broadcast_to(n, counts.shape), level=setting.level)
    seen = partial(
        occupancy_as_seen,
        times=times - times[0] if len(times) else times,
        stages=setting.stages,
        share=counts / np.maximum(n, 1),
        low=low,
        high=high,
    )
    return PathFit(
        design="anonymous" if anonymous else "panel",
        stages=setting.stages,
        rates=make_frame([], ("from_stage", "to_stage", *RATES)),
        effects=make_frame([], RATIOS),
        sojourn=make_frame([], ("stage", *VALUES)),
        reach=make_frame([], ("stage", "months", *VALUES)),
        observed=observed_occupancy(looks, setting.stages),
        occupancy=seen,
        loglik=float("nan"),
        parameters=np.empty(0),
        covariance=np.empty((0, 0)),
        markov=refused(status, reason),
        unit=looks.unit,
        n_people=0,
        n_pairs=0,
        status=status,
        reason=reason,
    )
