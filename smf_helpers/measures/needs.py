"""Needs: how important each factor is, against how well it works today.

Importance and performance come from the same people, so the need is a mean of differences: its interval knows how the two go
together. A need is real when the difference is above zero beyond chance (adjusted over the factors of a unit) and not
demonstrably smaller than what matters.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from smf_helpers.framework import FACTOR_KEYS
from smf_helpers.measures.design import t_limits
from smf_helpers.measures.groups import group_people
from smf_helpers.measures.modules import ModuleAnswers
from smf_helpers.measures.multiplicity import adjust
from smf_helpers.results.survey import FactorScores

ALPHA = 0.05
MIN_PEOPLE = 5


def map_needs(
    scores: FactorScores,
    importance: ModuleAnswers,
    *,
    headcounts: Mapping[str, int] | None = None,
    smallest: float = 0.2,
    correction: str = "holm",
    level: float = 0.95,
) -> pd.DataFrame:
    """Map the needs of each unit in each wave: importance minus performance.

    Parameters
    ----------
    scores : performance, what `score_factors` gave.
    importance : what `read_module` gave for ``importance``.
    headcounts : group → people in it, for the finite population.
    smallest : smallest need that matters, in scale points.
    correction : ``holm`` or ``bh``, over the factors of a unit.
    level : coverage of the intervals.

    Returns
    -------
    DataFrame
        ``wave, unit, factor, importance, performance, need, low, high, p_adjusted, verdict, n, status, reason``;
        verdicts ``need``, ``no need``, ``not enough to say``.
    """
    from scipy.special import stdtr

    factors = [f for f in FACTOR_KEYS if f in importance.facets and f in scores.people]
    both = (
        importance.people[["wave", "respondent"]]
        .reset_index()
        .merge(scores.people.reset_index(), on=["wave", "respondent"], suffixes=("", "_scored"))
    )
    if not factors or not len(both):
        names = ("wave", "unit", "factor", "importance", "performance", "need", "low", "high", "p_adjusted")
        return pd.DataFrame({name: [] for name in (*names, "verdict", "n", "status", "reason")})
    low_end, high_end = scores.scale
    columns = [importance.facets.index(factor) for factor in factors]
    wanted = low_end + (high_end - low_end) * importance.position[both["index"].to_numpy()][:, columns]
    works = both[factors].to_numpy(dtype=np.float64)
    weight = both["weight"].to_numpy(dtype=np.float64)
    paired = np.where(np.isfinite(wanted) & np.isfinite(works), 1.0, np.nan)
    groups = group_people(both, scores.waves, headcounts)
    need = groups.means((wanted - works) * paired, weight)
    means = [groups.means(part * paired, weight).mean for part in (wanted, works)]
    low, high = t_limits(need.mean, need.se, need.df, level)
    enough = (need.n >= MIN_PEOPLE) & (need.se > 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        p = np.where(enough, 2 * stdtr(need.df, -np.abs(need.mean) / need.se), np.nan)
        p_small = np.where(enough, stdtr(need.df, (need.mean - smallest) / need.se), np.nan)
    adjusted = np.array([adjust(row, correction) for row in p])
    small = p_small < ALPHA
    verdict = np.select(
        [small, (adjusted < ALPHA) & (need.mean > 0)], ["no need", "need"], "not enough to say"
    )
    return pd.DataFrame(
        {
            **groups.keys(factors, "factor"),
            "importance": means[0].ravel(),
            "performance": means[1].ravel(),
            "need": need.mean.ravel(),
            "low": low.ravel(),
            "high": high.ravel(),
            "p_adjusted": adjusted.ravel(),
            "verdict": verdict.ravel(),
            "n": need.n.ravel(),
            "status": np.where(enough, "ok", "insufficient_data").ravel(),
            "reason": np.where(enough, "", "Too few people rated both, or all alike.").ravel(),
        }
    )
