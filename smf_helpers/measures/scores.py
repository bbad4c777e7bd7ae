"""Scores of the eight factors: of each respondent, of each unit and of the organisation, wave by wave.

A respondent's score is the mean of the answered items of the factor, once at least half of those asked in the wave
are answered; a unit's is the weighted mean of its respondents' scores with a design-based interval. So
somebody who answered many items counts as much as somebody who answered a few.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from smf_helpers.framework import FACTOR_KEYS
from smf_helpers.measures.answers import Sheet, coded, lay_out, need_columns
from smf_helpers.measures.design import Means, t_limits
from smf_helpers.measures.groups import Groups, group_people
from smf_helpers.measures.pooling import pool_units
from smf_helpers.results.core import Status
from smf_helpers.results.survey import FactorScores

Floats = npt.NDArray[np.float64]

FAVOURABLE_FROM = 0.75
"""Share of the scale at which an answer is favourable: 4 and 5 of 5."""

_COLUMNS = (
    *("wave", "unit", "factor", "mean", "se", "low", "high", "n", "deff", "favourable"),
    *("pooled", "pooled_low", "pooled_high", "status", "reason"),
)


def score_factors(
    responses: pd.DataFrame,
    items: pd.DataFrame,
    *,
    weights: "pd.Series | None" = None,
    respondents: pd.DataFrame | None = None,
    headcounts: Mapping[str, int] | None = None,
    waves: pd.DataFrame | None = None,
    by: str = "unit",
    scale: tuple[float, float] = (1.0, 5.0),
    answered: float = 0.5,
    level: float = 0.95,
) -> FactorScores:
    """Score the eight factors for respondents, units and the whole organisation, wave by wave.

    For group g the score is ``sum(w y) / sum(w)`` over its respondents' scores y, its variance is linearised
    (``n/(n-1) sum((w (y - mean))^2) / sum(w)^2``) and shrinks by ``1 - n/N`` where at least 5 % of the headcount
    answered. The intervals are of the sampling only: they say nothing about people who would not answer.

    Parameters
    ----------
    responses, items : canonical tables; items whose module is not a factor are left out.
    weights : survey weights, indexed by respondent or by (wave, respondent); by default the column ``weight`` of
        `respondents`, else everybody counts the same.
    respondents : canonical table, for units and weights; without it only the organisation is scored.
    headcounts : group → people in it; ``all`` is their sum unless it is given.
    waves : canonical table, for the order in time and how people are known.
    by : column of `respondents` that makes the groups, ``unit`` or ``role``.
    scale : ends of the common scale onto which every item is brought.
    answered : share of the items asked of a factor that must be answered for a score.
    level : coverage of the intervals.

    Returns
    -------
    FactorScores
        Without answers: no rows, a status and the reason.

    Raises
    ------
    TableError
        When a needed column is missing or an item has no scale.

    References
    ----------
    Lumley (2010), doi:10.1002/9780470580066.

    Examples
    --------
    >>> rows = pd.DataFrame({"wave": "w1", "respondent": ["p", "p", "q", "q"], "item": ["x", "y"] * 2,
    ...                      "value": [4, 2, 5, 1]})
    >>> asked = pd.DataFrame({"item": ["x", "y"], "module": "listening", "reverse": [False, True]})
    >>> scores = score_factors(rows, asked)
    >>> scores.factors[["factor", "mean", "n"]].to_dict("records")
    [{'factor': 'listening', 'mean': 4.5, 'n': 2}]
    """
    asked = items[items["module"].isin(FACTOR_KEYS)] if "module" in items else items
    sheet = lay_out(responses, asked, scale=scale, waves=waves)
    factors = [key for key in FACTOR_KEYS if key in set(sheet.items["module"])]
    member = (sheet.items["module"].to_numpy()[:, None] == np.array(factors, dtype=object)).astype(np.float64)
    people = attach_people(sheet, respondents, weights, by)
    scores = score_people(sheet.values, sheet.wave, member, len(sheet.waves), answered)
    people[factors] = scores
    table = _score_groups(sheet, people, factors, member, scale, headcounts, level)
    told = len(table) > 0 and bool(np.isfinite(scores).any())
    kinds = (
        dict(zip(waves["wave"].astype(str), waves["key_kind"].fillna("").astype(str), strict=True))
        if waves is not None and "key_kind" in waves
        else {}
    )
    return FactorScores(
        people=people,
        answers=pd.DataFrame(sheet.values, columns=sheet.items["item"].to_numpy(dtype=object)),
        factors=table,
        items=pd.DataFrame({"item": sheet.items["item"], "factor": sheet.items["module"]}),
        waves=sheet.waves,
        key_kinds=kinds,
        scale=scale,
        notes=sheet.notes,
        status=Status.OK if told else Status.INSUFFICIENT_DATA,
        reason="" if told else "There is no answer to an item of the eight factors.",
    )


def attach_people(
    sheet: Sheet, respondents: pd.DataFrame | None, weights: "pd.Series | None", by: str = "unit"
) -> pd.DataFrame:
    """Give the sheet's people their group (as ``unit``) and weight; people nobody knows keep an empty group."""
    people = sheet.people.copy()
    people["unit"], people["weight"] = "", 1.0
    if respondents is not None:
        need_columns("respondents", respondents, ("respondent", "wave", by))
        (held, waves), (who, names) = (coded(respondents[name]) for name in ("wave", "respondent"))
        persons = pd.Index(names).get_indexer(pd.Index(people["respondent"], dtype=object))
        mine = _number(pd.Index(waves).get_indexer(list(sheet.waves))[sheet.wave], persons, len(names))
        keys = pd.Index(_number(held, who, len(names)))
        first = ~keys.duplicated()
        place = keys[first].get_indexer(mine)
        known = respondents[first]
        group = known[by].fillna("").astype(object).to_numpy()
        people["unit"] = np.where(place >= 0, group[place] if len(group) else "", "")
        if "weight" in known and len(known):
            weight = known["weight"].fillna(1.0).to_numpy(dtype=np.float64)
            people["weight"] = np.where(place >= 0, weight[place], 1.0)
    if weights is not None:
        people["weight"] = _look_up(weights, people)
    return people


def _number(wave: npt.NDArray[np.intp], person: npt.NDArray[np.intp], persons: int) -> npt.NDArray[np.intp]:
    """Number people in waves; -1 where either is not known."""
    return np.where((wave < 0) | (person < 0), -1, wave.astype(np.intp) * persons + person)


def _look_up(weights: "pd.Series", people: pd.DataFrame) -> Floats:
    """Find each person's weight by (wave, respondent) or by respondent; unknown people weigh nothing."""
    wanted = (
        pd.MultiIndex.from_frame(people[["wave", "respondent"]])
        if weights.index.nlevels == 2
        else pd.Index(people["respondent"])
    )
    once = weights[~weights.index.duplicated()]
    return once.reindex(wanted).fillna(0.0).to_numpy(dtype=np.float64)


def score_people(
    values: Floats, wave: npt.NDArray[np.intp], member: Floats, n_waves: int, answered: float
) -> Floats:
    """Give each person's mean over the items of each factor, empty where too few were answered.

    Parameters
    ----------
    values : people x items on the common scale.
    wave : number of each person's wave; an item counts as asked in a wave when anybody answered it there.
    member : items x factors, 1 where the item belongs to the factor.
    n_waves : number of waves.
    answered : share of the items asked that must be answered.
    """
    given = np.isfinite(values)
    asked = np.zeros((n_waves, values.shape[1]))
    for w in range(n_waves):
        asked[w] = given[wave == w].any(axis=0)
    n_asked = (asked @ member)[wave]
    n_given = given @ member
    enough = (n_given > 0) & (n_given >= answered * n_asked - 1e-9)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(enough, (np.where(given, values, 0.0) @ member) / n_given, np.nan)


def _score_groups(
    sheet: Sheet,
    people: pd.DataFrame,
    factors: list[str],
    member: Floats,
    scale: tuple[float, float],
    headcounts: Mapping[str, int] | None,
    level: float,
) -> pd.DataFrame:
    """Score everybody and every group in every wave; a row for each factor."""
    if not len(people) or not factors:
        return pd.DataFrame({name: [] for name in _COLUMNS})
    groups = group_people(people, sheet.waves, headcounts)
    values, weight = people[factors].to_numpy(dtype=np.float64), people["weight"].to_numpy(dtype=np.float64)
    means = groups.means(values, weight)
    good, valid = (
        groups.sums(part * weight[:, None]) for part in favourable_counts(sheet.values, weight, member, scale)
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        share = good / valid
    pooled = _pool(means, len(groups.waves), len(groups.units), level)
    return _tabulate(groups, factors, means, share, pooled, scale, level)


def favourable_counts(
    values: Floats, weight: Floats, member: Floats, scale: tuple[float, float]
) -> tuple[Floats, Floats]:
    """Count each person's favourable and valid answers to each factor; nothing from people who weigh nothing."""
    cut = scale[0] + FAVOURABLE_FROM * (scale[1] - scale[0]) - 1e-9
    given = np.isfinite(values) & (weight > 0)[:, None]
    good = given & (np.where(given, values, -np.inf) >= cut)
    return good @ member, given @ member


def _pool(means: Means, n_waves: int, n_groups: int, level: float) -> tuple[Floats, Floats, Floats]:
    """Pool the units of each wave and factor, with one common spread inside units; everybody stays as it is."""
    shape = (n_waves, n_groups, means.mean.shape[1])
    mean, n, deff, left = (getattr(means, name).reshape(shape) for name in ("mean", "n", "deff", "left"))
    inside = (means.se.reshape(shape) ** 2 * n / np.where(deff * left > 0, deff * left, np.nan))[:, 1:]
    df = np.where(np.isfinite(inside), n[:, 1:] - 1.0, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        common = np.nansum(df * np.nan_to_num(inside), axis=1, keepdims=True) / df.sum(axis=1, keepdims=True)
        variance = common * deff[:, 1:] * left[:, 1:] / n[:, 1:]
    parts = pool_units(mean[:, 1:].swapaxes(1, 2), variance.swapaxes(1, 2), level)
    everybody = np.full((n_waves, 1, shape[2]), np.nan)
    return tuple(  # type: ignore[return-value]
        np.concatenate([everybody, part.swapaxes(1, 2)], axis=1).reshape(means.mean.shape) for part in parts
    )


def _tabulate(
    groups: Groups,
    factors: list[str],
    means: Means,
    favourable: Floats,
    pooled: tuple[Floats, Floats, Floats],
    scale: tuple[float, float],
    level: float,
) -> pd.DataFrame:
    low, high = t_limits(means.mean, means.se, means.df, level)
    n, flat = means.n.ravel(), means.se.ravel() == 0
    alike = flat & (means.left.ravel() > 0) & (n > 1)
    low, high = np.clip(low, *scale).ravel(), np.clip(high, *scale).ravel()
    low[alike], high[alike] = np.nan, np.nan
    status = np.select([n < 2, alike], ["insufficient_data", "boundary"], "ok")
    reason = np.select(
        [n == 0, n == 1, alike],
        [
            "Nobody has a score.",
            "One person has a score: there is no interval.",
            "Everybody has the same score: the spread cannot be estimated.",
        ],
        "",
    )
    table = pd.DataFrame(
        {
            **groups.keys(factors, "factor"),
            "mean": means.mean.ravel(),
            "se": means.se.ravel(),
            "low": low,
            "high": high,
            "n": n,
            "deff": means.deff.ravel(),
            "favourable": favourable.ravel(),
            "pooled": np.clip(pooled[0], *scale).ravel(),
            "pooled_low": np.clip(pooled[1], *scale).ravel(),
            "pooled_high": np.clip(pooled[2], *scale).ravel(),
            "status": status,
            "reason": reason,
        }
    )
    return table[list(_COLUMNS)]
