"""Favourability: the share of favourable answers, with an interval that knows that answers come from people."""

import numpy as np
import pandas as pd

from smf_helpers.measures.design import wilson_limits
from smf_helpers.measures.groups import group_people
from smf_helpers.measures.scores import favourable_counts
from smf_helpers.measures.waves import factors_of
from smf_helpers.results.survey import FactorScores


def favourability(scores: FactorScores, *, level: float = 0.95) -> pd.DataFrame:
    """Give the share of favourable answers (4 and 5 of 5) of all valid answers, by wave, unit and factor.

    The share is a ratio of sums over people, its variance is linearised, and Wilson's interval is taken at the number
    of independent answers that gives this variance.

    Parameters
    ----------
    scores : what `score_factors` gave.
    level : coverage of the intervals.

    Returns
    -------
    DataFrame
        ``wave, unit, factor, favourable, low, high, n, status, reason``.

    References
    ----------
    Korn and Graubard (1998), Survey Methodology 24, 193-201.
    """
    factors = factors_of(scores)
    member = (
        scores.items["factor"].to_numpy(dtype=object)[:, None] == np.array(factors, dtype=object)
    ).astype(np.float64)
    weight = scores.people["weight"].to_numpy(dtype=np.float64)
    groups = group_people(scores.people, scores.waves)
    good, valid = favourable_counts(scores.answers.to_numpy(dtype=np.float64), weight, member, scores.scale)
    told = (valid > 0) & (weight > 0)[:, None]
    n = groups.sums(told.astype(np.float64))
    total = groups.sums(valid * weight[:, None])
    with np.errstate(invalid="ignore", divide="ignore"):
        share = groups.sums(good * weight[:, None]) / total
        # sum((w (f - p a))^2) = sum(w^2 f^2) - 2 p sum(w^2 f a) + p^2 sum(w^2 a^2)
        w2 = (weight**2)[:, None]
        squares = [groups.sums(w2 * part) for part in (good * good, good * valid, valid * valid)]
        var = n / (n - 1) * (squares[0] - 2 * share * squares[1] + share**2 * squares[2]) / total**2
        independent = np.where(var > 1e-15, share * (1 - share) / np.maximum(var, 1e-15), n)
    low, high = wilson_limits(share, independent, level)
    people = n.ravel().astype(np.intp)
    return pd.DataFrame(
        {
            **groups.keys(factors, "factor"),
            "favourable": share.ravel(),
            "low": np.where(people > 1, low.ravel(), np.nan),
            "high": np.where(people > 1, high.ravel(), np.nan),
            "n": people,
            "status": np.where(people > 1, "ok", "insufficient_data"),
            "reason": np.where(people > 1, "", "Fewer than two people answered."),
        }
    )
