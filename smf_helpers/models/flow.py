"""Flow round the double cycle, and its bottleneck.

**The formula.** Let ``s_j = (m_j - lowest) / (highest - lowest)`` be the score of factor j between 0 and 1, taken as the speed at
which the work passes that stretch. Going once round a cycle means its own k stretches, and the crossing in the centre, which
both cycles share and which counts as much as all of them together. The flow is the average speed of that round::

    1 / flow_cycle = 1/2 * mean(1 / s_j, own factors) + 1/2 * 1 / s_link
    1 / flow_whole = 1/2 * 1 / flow_internal + 1/2 * 1 / flow_external

told again on the answer scale. Why so: times on a way add up, so speeds average harmonically; when all factors are equal the
flow equals them; a link near zero stops both cycles however good the other seven are, since ``flow <= 2 s_link`` always; any
weak factor holds its cycle back (``flow <= 2 k s_j``), but none as much as the link; and the formula is smooth, so that its interval
follows from the scores' own. It is a declared index and not a law: the weights are stated in the result.

**The bottleneck** is the factor with the lowest true score. Its probability is the share of draws from the joint distribution of
the eight means (with their correlations, Student's t) in which the factor is the lowest: two low factors share it.
"""

from zlib import crc32

import numpy as np
import numpy.typing as npt
import pandas as pd

from smf_helpers.errors import ModelError
from smf_helpers.framework import FACTOR_KEYS, FACTORS, LINK
from smf_helpers.results.flow import Flow
from smf_helpers.results.survey import FactorScores

Floats = npt.NDArray[np.float64]

CYCLES = ("internal", "external", "link", "whole")
EVERYBODY = "all"
MIN_PEOPLE = 5
"""People with a score in every factor below which no flow is told."""


def _weights() -> Floats:
    """Give the weights of the eight factors in the four flows; rows sum to one."""
    table = np.zeros((len(CYCLES), len(FACTORS)))
    for row, cycle in enumerate(CYCLES[:2]):
        own = [j for j, factor in enumerate(FACTORS) if factor.cycle == cycle]
        table[row, own] = 0.5 / len(own)
        table[row, FACTOR_KEYS.index(LINK)] = 0.5
    table[2, FACTOR_KEYS.index(LINK)] = 1.0
    table[3] = (table[0] + table[1]) / 2
    return table


WEIGHTS = _weights()


def flow_of(scores: Floats, scale: tuple[float, float] = (1.0, 5.0)) -> Floats:
    """Give the flow of each cycle for scores of the eight factors (last axis), on the answer scale.

    Parameters
    ----------
    scores : scores in the order of the framework.
    scale : ends of the answer scale.

    Returns
    -------
    array
        Last axis: internal, external, link, whole.

    Examples
    --------
    >>> flow_of(np.full(8, 3.4)).round(3).tolist()
    [3.4, 3.4, 3.4, 3.4]
    >>> weak_link = np.array([5, 5, 5, 5, 5, 5, 5, 1.4])
    >>> flow_of(weak_link).round(2).tolist()
    [1.73, 1.73, 1.4, 1.73]
    """
    speed = (np.asarray(scores, dtype=np.float64) - scale[0]) / (scale[1] - scale[0])
    with np.errstate(divide="ignore"):
        time = np.where(speed > 0, 1.0 / np.where(speed > 0, speed, 1.0), np.inf)
        needed = np.where(WEIGHTS > 0, WEIGHTS * np.where(WEIGHTS > 0, time[..., None, :], 0.0), 0.0).sum(
            axis=-1
        )
        return np.asarray(scale[0] + (scale[1] - scale[0]) / needed)


def weight_sensitivity(
    scores: Floats, scale: tuple[float, float] = (1.0, 5.0), *, share: float = 0.5
) -> float:
    """Give the largest change of the whole flow when one factor's weight is moved by `share` of itself, up or down.

    The other weights make room in proportion, so that all still sum to one.

    Parameters
    ----------
    scores : scores of the eight factors, in the order of the framework.
    scale : ends of the answer scale.
    share : how far a weight is moved.

    Returns
    -------
    float
        Scale points; empty (NaN) where a factor has no score.

    Examples
    --------
    >>> round(weight_sensitivity(np.full(8, 3.0)), 12)
    0.0
    """
    span = scale[1] - scale[0]
    speed = (np.asarray(scores, dtype=np.float64) - scale[0]) / span
    if not (speed > 0).all():
        return 0.0 if np.isfinite(speed).all() else float("nan")
    moved = np.tile(WEIGHTS[3], (2 * len(speed), 1))
    for j in range(len(speed)):
        moved[[2 * j, 2 * j + 1], j] *= np.array([1 - share, 1 + share])
    moved /= moved.sum(axis=1, keepdims=True)
    return float(span * np.abs(1 / (moved @ (1 / speed)) - 1 / (WEIGHTS[3] @ (1 / speed))).max())


def trace_flow(scores: FactorScores, *, draws: int = 4000, seed: int = 20260101, level: float = 0.95) -> Flow:
    """Trace the flow round the double cycle and its bottleneck, in each wave and unit.

    Parameters
    ----------
    scores : what `score_factors` gave, with all eight factors.
    draws : draws for the probabilities of the bottleneck.
    seed : seed of the draws; every wave and unit has its own stream.
    level : coverage of the intervals (delta method on the logit of the flow, people as sampling units).

    Returns
    -------
    Flow
        A unit whose eight factors were not all answered by five people keeps a status and a reason.

    Raises
    ------
    ModelError
        When `draws` is not positive.
    """
    if draws < 1:
        raise ModelError("The bottleneck needs at least one draw.")
    lost = [key for key in FACTOR_KEYS if key not in scores.people]
    people = scores.people.assign(**dict.fromkeys(lost, np.nan))
    units = [EVERYBODY, *sorted(str(unit) for unit in people["unit"].unique() if unit)]
    wave = pd.Index(scores.waves).get_indexer(people["wave"])
    unit = pd.Index(units[1:], dtype=object).get_indexer(people["unit"]) + 1
    values = people[list(FACTOR_KEYS)].to_numpy(dtype=np.float64)
    weight = people["weight"].to_numpy(dtype=np.float64)
    flows, bottlenecks = [], []
    for w, name in enumerate(scores.waves):
        for g, group in enumerate(units):
            here = (wave == w) & ((unit == g) if group != EVERYBODY else True)
            key = {"wave": name, "unit": group}
            stream = np.random.default_rng([seed, crc32(name.encode()), crc32(group.encode())])
            told = _group_flow(values[here], weight[here], scores.scale, stream, draws, level)
            flows += [{**key, "cycle": cycle, **row} for cycle, row in zip(CYCLES, told[0], strict=True)]
            bottlenecks += [{**key, "factor": f, **row} for f, row in zip(FACTOR_KEYS, told[1], strict=True)]
    shares = {
        cycle: {key: float(w) for key, w in zip(FACTOR_KEYS, WEIGHTS[row], strict=True) if w > 0}
        for row, cycle in enumerate(CYCLES)
    }
    columns = ["wave", "unit", "cycle", "value", "low", "high", "n", "status", "reason"]
    return Flow(
        flow=pd.DataFrame(flows, columns=columns),
        bottleneck=pd.DataFrame(
            bottlenecks, columns=["wave", "unit", "factor", "probability", "n", "status", "reason"]
        ),
        weights=shares,
    )


def joint_means(values: Floats, weight: Floats) -> tuple[Floats, Floats, int]:
    """Give the weighted means of several scores, their covariance over people, and the smallest number of people."""
    given = np.isfinite(values) & (weight > 0)[:, None]
    w = np.where(given, weight[:, None], 0.0)
    n = given.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(given, w * values, 0.0).sum(axis=0) / w.sum(axis=0)
        influence = np.sqrt(n / (n - 1.0)) * w * np.where(given, values - mean, 0.0) / w.sum(axis=0)
    return mean, influence.T @ influence, int(n.min())


def _group_flow(
    values: Floats,
    weight: Floats,
    scale: tuple[float, float],
    stream: np.random.Generator,
    draws: int,
    level: float,
) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """Give the rows of one group: four flows and eight probabilities."""
    from scipy.special import expit, logit, stdtrit

    mean, covariance, n = joint_means(values, weight)
    if n < MIN_PEOPLE:
        blank = {"n": n, "status": "insufficient_data", "reason": _too_few(values, n)}
        empty = {"value": np.nan, "low": np.nan, "high": np.nan, **blank}
        return [empty] * len(CYCLES), [{"probability": np.nan, **blank}] * len(FACTOR_KEYS)
    span = scale[1] - scale[0]
    flow = flow_of(mean, scale)
    speed = np.clip((flow - scale[0]) / span, 0.0, 1.0)
    stretch = np.clip((mean - scale[0]) / span, 1e-12, 1.0)
    slope = WEIGHTS * speed[:, None] ** 2 / stretch**2 / span
    se = np.sqrt(np.einsum("ij,jk,ik->i", slope, covariance, slope))
    rows: list[dict[str, object]] = []
    t = float(stdtrit(n - 1, 0.5 + level / 2))
    for k in range(len(CYCLES)):
        inside = 0.0 < speed[k] < 1.0 and se[k] > 0
        half = t * se[k] / (speed[k] * (1 - speed[k])) if inside else np.nan
        low, high = (scale[0] + span * float(expit(logit(speed[k]) + side * half)) for side in (-1, 1))
        rows.append(
            {
                "value": float(flow[k]),
                "low": low,
                "high": high,
                "n": n,
                "status": "ok" if inside else "boundary",
                "reason": "" if inside else "The answers do not differ: the interval cannot be told.",
            }
        )
    root, axis = np.linalg.eigh(covariance)
    spread = axis * np.sqrt(np.clip(root, 0.0, None))
    noise = spread @ stream.standard_normal((draws, len(mean))).T
    noise *= np.sqrt((n - 1) / stream.chisquare(n - 1, draws))
    drawn = mean[:, None] + noise
    least = drawn == drawn.min(axis=0)
    chance = (least / least.sum(axis=0)).mean(axis=1)
    return rows, [{"probability": float(p), "n": n, "status": "ok", "reason": ""} for p in chance]


def _too_few(values: Floats, n: int) -> str:
    missing = [
        key for key, column in zip(FACTOR_KEYS, values.T, strict=True) if not np.isfinite(column).any()
    ]
    if missing and len(missing) < len(FACTOR_KEYS):
        return f"Not all eight factors were asked: {len(missing)} have no score."
    return f"{n} people have a score in every factor; {MIN_PEOPLE} are needed."
