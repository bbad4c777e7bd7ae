"""Which family one learner's own scores support, or that they cannot tell.

A verdict on one person takes many points: even at 12 weekly scores of low noise the wrong three-parameter curve wins
in one case of five. So below twelve measurements the answer is always ``undecided``, and from twelve on a family is
named only when it leads every other (the simple rivals too) by four AICc, the residual variance counted as a
parameter, and when its residuals look like noise. Scores at an end of the scale bend a curve: a learner with many of
them stays undecided. Not for telling learning styles of people apart: a verdict says which curve describes the scores.

References
----------
Burnham & Anderson 2002, doi:10.1007/b97636. Heathcote, Brown & Mewhort 2000, doi:10.3758/BF03212979.
"""

from typing import Any

import numpy as np
import pandas as pd

from smf_helpers.models.curves_engine import Array
from smf_helpers.models.learning_projection import Alone, Series, fit_alone
from smf_helpers.models.learning_selection import SUPPORTED, common_of
from smf_helpers.models.learning_series import CEILING_SHARE, last_of
from smf_helpers.models.learning_shapes import SHAPES, LearningShape

ENOUGH = 12
UNDECIDED = "undecided"
NOISE = 1.645
"""Lag-1 correlation of the residuals, in units of one over the root of n, above which they do not look like noise."""
EXACT = 1e-20
"""Share of a learner's own variance below which a residual sum is no more than rounding."""


def own_families(
    series: Series,
    families: tuple[str, ...],
    at_hand: tuple[str, float, Alone | None],
    *,
    limits: tuple[float, float],
    seed: int,
) -> dict[str, Any]:
    """Give ``family`` and ``family_reason`` of every learner.

    Parameters
    ----------
    series : everybody's scores; families : shapes to compare, none for no verdict.
    at_hand : a family that is fitted already, its common parameter and fit; limits : ends of the scale less the centre.
    seed : of the sample that chooses parameters common to the cohort.
    """
    names = [UNDECIDED, "constant", "line", "log_line", *families]
    words = ["Families were not compared.", f"Fewer than {ENOUGH} measurements cannot tell families apart."]
    verdict, reason = np.zeros(len(series.n), dtype=int), np.full(len(series.n), min(len(families), 1))
    long = np.flatnonzero(series.n >= ENOUGH)
    if families and long.size:
        found, why = _judge(series.take(long), long, families, at_hand, limits, seed)
        verdict[long] = found
        told, reason[long] = np.unique(why, return_inverse=True)
        reason[long] += len(words)
        words += list(told)
    columns = {"family": (names, verdict), "family_reason": (words, reason)}
    return {name: pd.array(keys, dtype="str").take(place) for name, (keys, place) in columns.items()}


def _judge(
    series: Series,
    rows: Array,
    families: tuple[str, ...],
    at_hand: tuple[str, float, Alone | None],
    limits: tuple[float, float],
    seed: int,
) -> tuple[Array, Array]:
    """Give the place of the supported family (0: undecided) and the reason of each learner."""
    n = series.n
    residuals = [_rival(series, x) for x in _rivals(series)]
    sizes = [2, 3, 3]
    for name in families:
        shape = SHAPES[name]
        ready, common, alone = at_hand
        if name != ready or alone is None:
            common = common_of(shape, series, rng=np.random.default_rng(seed))
            found = fit_alone(shape, series, common=common)
            parts = found.u, found.a, found.b, (found.edge == 0) & found.rising
        else:
            inside = (alone.edge == 0) & alone.rising
            parts = alone.u[rows], alone.a[rows], alone.b[rows], inside[rows]
        residuals.append(_curve(series, shape, common, *parts))
        sizes.append(4 + bool(SHAPES[name].commons))
    total = np.einsum("ij,ij->i", residuals[0], residuals[0])
    scores = []
    for residual, k in zip(residuals, sizes, strict=True):
        rss = np.einsum("ij,ij->i", residual, residual)
        rss = np.maximum(rss, EXACT * np.maximum(total, 1e-300))
        scores.append(n * np.log(rss / n) + 2 * k + 2 * k * (k + 1) / (n - k - 1))
    table = np.nan_to_num(np.stack(scores, axis=1), nan=np.inf)
    order = np.argsort(table, axis=1, kind="stable")
    who = np.arange(len(n))
    best, second = order[:, 0], order[:, 1]
    lead = table[who, second] - table[who, best]
    left = np.stack(residuals)[best, who]
    noisy = np.sum(left[:, 1:] * left[:, :-1], axis=1) / np.maximum(np.sum(left * left, axis=1), 1e-300)
    flat = total <= 0
    ended = (series.y >= limits[1]) | (series.y <= limits[0])
    ended = np.sum(ended & series.seen, axis=1) > CEILING_SHARE * n
    names = np.array(["constant", "line", "log_line", *families])
    why = [
        f"{one} leads {two} by {_points(gap)} AICc."
        for one, two, gap in zip(names[best], names[second], lead, strict=True)
    ]
    reason = np.array(why, dtype=object)
    close = lead < SUPPORTED
    reason[close] = [f"{part[:-1]}: less than {SUPPORTED:.0f}." for part in reason[close]]
    unlike = ~close & (noisy > NOISE / np.sqrt(n))
    reason[unlike] = "The residuals of the best family do not look like noise."
    reason[ended] = "Too many of the scores are at an end of the scale."
    reason[flat] = "All scores are the same."
    return np.where(close | unlike | ended | flat, 0, best + 1), reason.astype(str)


def _points(gap: float) -> str:
    return f"{gap:.1f}" if gap < 100 else "more than 100"


def _rivals(series: Series) -> list[Array]:
    """Give what the simple rivals are straight lines in: nothing, time, its logarithm."""
    reach = np.maximum(last_of(series), 1e-12)[:, None]
    return [np.zeros_like(series.s), series.s / reach, np.log1p(8.0 * series.s / reach)]


def _rival(series: Series, x: Array) -> Array:
    """Give the residuals of each learner's least-squares line in x."""
    share = 1.0 / series.n[:, None]
    y = np.where(series.seen, series.y - np.sum(series.y * series.seen, axis=1, keepdims=True) * share, 0.0)
    x = np.where(series.seen, x - np.sum(x * series.seen, axis=1, keepdims=True) * share, 0.0)
    size = np.maximum(np.einsum("ij,ij->i", x, x), 1e-300)
    return np.asarray(y - (np.einsum("ij,ij->i", x, y) / size)[:, None] * x)


def _curve(
    series: Series, shape: LearningShape, common: float, u: Array, a: Array, b: Array, inside: Array
) -> Array:
    """Give the residuals of each learner's curve; NaN where its pace is at an edge: there it is a simpler rule."""
    g = shape.left(series.s, series.e[:, None], u[:, None], common)
    residual = np.where(series.seen, series.y - a[:, None] + b[:, None] * g, 0.0)
    return np.where(inside[:, None], residual, np.nan)
