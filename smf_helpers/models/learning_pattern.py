"""Is a learner's series a curve at all? Falls that last are named, not bent into the asymptote."""

from typing import Any

import numpy as np
import pandas as pd

from smf_helpers.models.curves_engine import Array
from smf_helpers.models.learning_projection import Alone, Series, centred
from smf_helpers.models.learning_shapes import LearningShape, left_and_slopes

PATTERNS = pd.array(["not judged", "rising", "declining", "relapse or disruption"], dtype="str")


def pattern_of(series: Series, alone: Alone, shape: LearningShape, common: float) -> Any:
    """Name each learner's pattern: rising, declining, ``relapse or disruption``, or not judged.

    A relapse is a fall that lasts at least two measurements: a single shift added to the learner's curve is
    downwards by more than two standard errors of a score and significant at 1 % over all its possible
    moments.
    """
    pattern = np.zeros(len(series.n), dtype=int)
    long = np.flatnonzero(series.n >= 7)
    if not long.size:
        return PATTERNS.take(pattern)
    part = series.take(long)
    y, _ = centred(part)
    g, bent, _ = left_and_slopes(shape, part.s, part.e[:, None], alone.u[long][:, None], common)
    columns = [part.seen.astype(float)]
    for column in (g, bent):
        left = column * part.seen
        for before in columns:
            size = np.maximum(np.einsum("ij,ij->i", before, before), 1e-300)
            left = left - (np.einsum("ij,ij->i", before, left) / size)[:, None] * before
        columns.append(left)
    residual = y
    for before in columns[1:2]:
        size = np.maximum(np.einsum("ij,ij->i", before, before), 1e-300)
        slope = np.einsum("ij,ij->i", before, y) / size
        residual = residual - np.where(slope < 0, slope, 0.0)[:, None] * before
    rss = np.einsum("ij,ij->i", residual, residual)
    tails = np.tril(np.ones((part.s.shape[1], part.s.shape[1])))
    after, size_after = residual @ tails, columns[0] @ tails
    for column in columns:
        size = np.maximum(np.einsum("ij,ij->i", column, column), 1e-300)
        size_after = size_after - (column @ tails) ** 2 / size[:, None]
    place = np.arange(part.s.shape[1])[None, :]
    possible = (place >= 3) & (place <= part.n[:, None] - 2) & (size_after > 0.05)
    fall = np.where(possible, after / np.where(possible, size_after, 1.0), 0.0)
    explained = np.where(possible & (fall < 0), fall**2 * np.where(possible, size_after, 0.0), 0.0)
    best = np.argmax(explained, axis=1)
    rows = np.arange(long.size)
    spare = np.maximum(part.n - 4, 1)
    sem = np.sqrt(np.maximum(rss - explained[rows, best], 1e-300) / spare)
    t = np.sqrt(explained[rows, best]) / sem
    needed = _needed(spare, np.maximum(possible.sum(axis=1), 1))
    relapsed = (t > needed) & (-fall[rows, best] > 2 * sem)
    pattern[long] = np.where(relapsed, 3, np.where(alone.rising[long], 1, 2))
    return PATTERNS.take(pattern)


def _needed(spare: Array, chances: Array) -> Array:
    """Give Student's quantile at 1 % shared out over the possible moments, worked out once for each pair."""
    from scipy.special import stdtrit

    pairs, which = np.unique(spare * 4096 + chances, return_inverse=True)
    return np.asarray(stdtrit(pairs // 4096, 1 - 0.01 / (pairs % 4096)))[which]
