"""Is a learner's series a curve at all? Falls that last are named, not bent into the asymptote."""

import numpy as np

from smf_helpers.models.curves_engine import Array
from smf_helpers.models.learning_projection import Alone, Series, centred
from smf_helpers.models.learning_shapes import LearningShape


def pattern_of(series: Series, alone: Alone, shape: LearningShape, common: float) -> Array:
    """Name each learner's pattern: rising, declining, ``relapse or disruption``, or not judged.

    A relapse is a fall that lasts at least two measurements: a single shift added to the learner's curve is
    downwards by more than two standard errors of a score and significant at 1 % over all its possible
    moments.
    """
    pattern = np.full(len(series.n), "not judged", dtype=object)
    long = np.flatnonzero(series.n >= 7)
    if not long.size:
        return pattern
    part = series.take(long)
    y, _ = centred(part)
    g = shape.left(part.s, part.e[:, None], alone.u[long][:, None], common)
    bent = np.imag(shape.left(part.s, part.e[:, None], alone.u[long][:, None] + 1e-30j, common)) / 1e-30
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
    after = np.cumsum(residual[:, ::-1], axis=1)[:, ::-1]
    size_after = np.cumsum(part.seen[:, ::-1], axis=1)[:, ::-1].astype(float)
    for column in columns:
        size = np.maximum(np.einsum("ij,ij->i", column, column), 1e-300)
        tail = np.cumsum(column[:, ::-1], axis=1)[:, ::-1]
        size_after = size_after - tail**2 / size[:, None]
    place = np.arange(part.s.shape[1])[None, :]
    possible = (place >= 3) & (place <= part.n[:, None] - 2) & (size_after > 0.05)
    fall = np.where(possible, after / np.where(possible, size_after, 1.0), 0.0)
    explained = np.where(possible & (fall < 0), fall**2 * np.where(possible, size_after, 0.0), 0.0)
    best = np.argmax(explained, axis=1)
    rows = np.arange(long.size)
    spare = np.maximum(part.n - 4, 1)
    sem = np.sqrt(np.maximum(rss - explained[rows, best], 1e-300) / spare)
    t = np.sqrt(explained[rows, best]) / sem
    chances = np.maximum(possible.sum(axis=1), 1)
    from scipy.special import stdtrit

    needed = stdtrit(spare, 1 - 0.01 / chances)
    relapsed = (t > needed) & (-fall[rows, best] > 2 * sem)
    pattern[long] = np.where(
        relapsed, "relapse or disruption", np.where(alone.rising[long], "rising", "declining")
    )
    return pattern
