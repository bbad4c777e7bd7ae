"""Change between waves: rose, fell, equivalent, not enough to say, or not comparable.

Waves of a panel share people, and their answers go together: the variance of the change is
``var(later) + var(earlier) - 2 cov``, with the covariance carried by those who answered twice. Anonymous waves are
independent samples and are never joined. Everybody who answered counts, not only the pairs.

A change *rose* or *fell* when its p value, adjusted over everything compared in one call, is below 5 % and the
change is not demonstrably small; it is *equivalent* when two one-sided tests put it within the smallest change that
matters (Schuirmann 1987, doi:10.1007/BF01068419). There is no finite population correction here: the question is
whether the organisation changed, not what these very answers were. Where the questionnaire changed, both waves are
scored on the anchor items that they share.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from smf_helpers.errors import ModelError
from smf_helpers.measures.groups import EVERYBODY
from smf_helpers.measures.multiplicity import adjust
from smf_helpers.measures.scores import score_people
from smf_helpers.results.survey import FactorScores, Invariance, WaveChange

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]
Pair = tuple[str, str]

MIN_PEOPLE = 5
"""Answers needed in each wave before a verdict is given."""

ALPHA = 0.05

_NOT_ASSESSED = "Too few answers to tell whether the questions mean the same in both waves."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Side:
    """One wave of a comparison: people x factors with weights and groups, aligned with the other wave's people."""

    score: Floats
    weight: Floats
    group: Ints


def compare_waves(
    scores: FactorScores,
    *,
    pairs: Sequence[Pair] | None = None,
    changed: Mapping[str, Collection[str]] | None = None,
    invariance: Mapping[tuple[str, str, str], Invariance] | None = None,
    smallest: float = 0.2,
    correction: str = "holm",
    answered: float = 0.5,
    level: float = 0.95,
) -> WaveChange:
    """Compare the factors between waves, for the organisation and for each unit.

    Parameters
    ----------
    scores : what `score_factors` gave.
    pairs : (earlier, later) waves; by default the last with the one before, and with the first.
    changed : wave → items that were worded or scaled anew in it, which cannot carry a comparison with before.
    invariance : (earlier, later, factor) → what `compare_meaning` found; a factor that means something
        else is not comparable.
    smallest : smallest change that matters, in scale points.
    correction : ``holm`` or ``bh``, over everything compared; where units are compared too, the whole
        organisation has half of the error budget.
    answered : share of the anchor items that a person must have answered.
    level : coverage of the intervals, each for itself.

    Returns
    -------
    WaveChange

    Raises
    ------
    ModelError
        When a wave is not among the scores or `smallest` is not positive.

    References
    ----------
    Lumley (2010), doi:10.1002/9780470580066; Schuirmann (1987), doi:10.1007/BF01068419.

    Examples
    --------
    >>> import smf_helpers as smf
    >>> rows = pd.DataFrame([(f"p{i}", w, "x", 3 + (i % 3 - 1) + (w == "b") * (i % 4 > 0)) for i in range(40)
    ...                      for w in "ab"], columns=["respondent", "wave", "item", "value"])
    >>> asked = pd.DataFrame({"item": ["x"], "module": ["listening"]})
    >>> change = smf.compare_waves(smf.score_factors(rows, asked))
    >>> change.changes[["change", "verdict", "design"]].to_dict("records")
    [{'change': 0.75, 'verdict': 'rose', 'design': 'paired'}]
    """
    if not smallest > 0:
        raise ModelError("The smallest change that matters must be above 0 scale points.")
    wanted = list(pairs) if pairs is not None else default_pairs(scores.waves)
    lost = sorted({wave for pair in wanted for wave in pair} - set(scores.waves))
    if lost:
        raise ModelError(f"There is no wave '{lost[0]}'. Known: {', '.join(scores.waves)}.")
    parts = [_compare(scores, pair, changed or {}, smallest, answered, level) for pair in wanted]
    table = pd.concat(parts, ignore_index=True) if parts else _no_rows()
    doubtful = np.zeros(len(table), dtype=bool)
    for (first, last, factor), found in (invariance or {}).items():
        here = (table["from_wave"] == first) & (table["to_wave"] == last) & (table["factor"] == factor)
        if found.verdict == "not assessed":
            doubtful |= here.to_numpy(dtype=bool)
        elif found.verdict != "scalar":
            table.loc[here, ["comparable", "reason"]] = [False, found.reason]
    judged = _judge(table, smallest, correction)
    judged.loc[doubtful & (judged["reason"] == ""), "reason"] = _NOT_ASSESSED
    return WaveChange(changes=judged, smallest=smallest, correction=correction, level=level)


def default_pairs(waves: Sequence[str]) -> list[Pair]:
    """Give the comparisons that a reader wants first: with the wave before, and with the first wave."""
    if len(waves) < 2:
        return []
    found = [(waves[-2], waves[-1])]
    return found if len(waves) == 2 else [*found, (waves[0], waves[-1])]


def _no_rows() -> pd.DataFrame:
    numbers = (
        "change",
        "se",
        "low",
        "high",
        "p",
        "p_small",
        "same_people",
        "n",
        "n_from",
        "n_to",
        "n_paired",
        "n_items",
    )
    words = ("unit", "factor", "from_wave", "to_wave", "design", "reason")
    return pd.DataFrame(
        {**{name: pd.Series(dtype=object) for name in words}, **{n: pd.Series(dtype=float) for n in numbers}}
    ).assign(comparable=pd.Series(dtype=bool))


def anchors(scores: FactorScores, pair: Pair, changed: Mapping[str, Collection[str]]) -> tuple[Floats, Ints]:
    """Give the items that both waves asked alike, as items x factors, and how many either wave asked of each factor."""
    given = np.isfinite(scores.answers.to_numpy(dtype=np.float64))
    wave = scores.people["wave"].to_numpy(dtype=object)
    # A product of matrices: `any` down the columns of so many rows is twenty times slower.
    asked = np.array([wave == name for name in pair], dtype=np.float32) @ given.astype(np.float32) > 0
    first, last = (scores.waves.index(name) for name in pair)
    new = {
        item
        for name in scores.waves[min(first, last) + 1 : max(first, last) + 1]
        for item in changed.get(name, ())
    }
    alike = asked.all(axis=0) & ~scores.items["item"].isin(new).to_numpy()
    factors = factors_of(scores)
    member = scores.items["factor"].to_numpy(dtype=object)[:, None] == np.array(factors, dtype=object)
    return (member & alike[:, None]).astype(np.float64), (asked @ member.astype(np.intp)).max(axis=0)


def factors_of(scores: FactorScores) -> list[str]:
    """Give the factors that were scored, in the order of the framework."""
    return [name for name in scores.people.columns if name not in ("wave", "respondent", "unit", "weight")]


def _compare(
    scores: FactorScores,
    pair: Pair,
    changed: Mapping[str, Collection[str]],
    smallest: float,
    answered: float,
    level: float,
) -> pd.DataFrame:
    """Compare one pair of waves: a row a unit and factor, without adjusted p values and verdicts."""
    from scipy.special import stdtr, stdtrit

    member, n_asked = anchors(scores, pair, changed)
    units = sorted(str(unit) for unit in scores.people["unit"].unique() if unit)
    groups = [EVERYBODY, *units]
    earlier, later, joined = _align(scores, pair, member, groups, answered)
    parts = [_difference(earlier, later, k) for k in range(len(groups))]
    change, var, df, same, n_first, n_last, n_both = (np.array(part) for part in zip(*parts, strict=True))
    with np.errstate(invalid="ignore", divide="ignore"):
        se = np.sqrt(var)
        t = np.where(se > 0, change / se, np.nan)
        half = stdtrit(df, 0.5 + level / 2) * se
        p = 2 * stdtr(df, -np.abs(t))
        p_small = np.where(se > 0, stdtr(df, (np.abs(change) - smallest) / se), np.nan)
    factors = factors_of(scores)
    n_anchors = member.sum(axis=0).astype(np.intp)
    comparable = 2 * n_anchors >= n_asked
    few = (np.minimum(n_first, n_last) < MIN_PEOPLE) | ~(se > 0)
    p, p_small = np.where(few, np.nan, p), np.where(few, np.nan, p_small)
    reason = np.select(
        [np.broadcast_to(~comparable, few.shape), few, np.broadcast_to(n_anchors < n_asked, few.shape)],
        [
            "Fewer than half of the questions were asked alike in both waves.",
            "Too few answers, or none that differ, in one of the waves.",
            "Compared on the questions that both waves asked alike.",
        ],
        "",
    )
    shape = few.shape
    return pd.DataFrame(
        {
            "unit": np.repeat(np.array(groups, dtype=object), shape[1]),
            "factor": np.tile(np.array(factors, dtype=object), shape[0]),
            "from_wave": pair[0],
            "to_wave": pair[1],
            "change": change.ravel(),
            "se": se.ravel(),
            "low": (change - half).ravel(),
            "high": (change + half).ravel(),
            "p": p.ravel(),
            "p_small": p_small.ravel(),
            "same_people": same.ravel(),
            "design": "paired" if joined else "independent",
            "n": (n_first + n_last - n_both).ravel(),
            "n_from": n_first.ravel(),
            "n_to": n_last.ravel(),
            "n_paired": n_both.ravel(),
            "n_items": np.tile(n_anchors, shape[0]),
            "comparable": np.tile(comparable, shape[0]),
            "reason": reason.ravel(),
        }
    )


def _align(
    scores: FactorScores, pair: Pair, member: Floats, groups: list[str], answered: float
) -> tuple[_Side, _Side, bool]:
    """Put both waves over the same people; in anonymous waves nobody is the same."""
    wave = scores.people["wave"].to_numpy(dtype=object)
    rows = [np.flatnonzero(wave == name) for name in pair]
    keys = [scores.people["respondent"].to_numpy(dtype=object)[row] for row in rows]
    secret = any(scores.key_kinds.get(name, "") == "none" for name in pair)
    later_place = np.full(len(rows[1]), -1) if secret else pd.Index(keys[0]).get_indexer(keys[1])
    joined = bool((later_place >= 0).any())
    new = later_place < 0
    place = [np.arange(len(rows[0])), later_place.copy()]
    place[1][new] = len(rows[0]) + np.arange(int(new.sum()))
    size = len(rows[0]) + int(new.sum())
    values = scores.answers.to_numpy(dtype=np.float64)
    unit = pd.Index(groups[1:]).get_indexer(scores.people["unit"])
    weight = scores.people["weight"].to_numpy(dtype=np.float64)
    sides = []
    for row, at in zip(rows, place, strict=True):
        score = np.full((size, member.shape[1]), np.nan)
        score[at] = score_people(values[row], np.zeros(len(row), dtype=np.intp), member, 1, answered)
        held, group = np.zeros(size), np.full(size, -1)
        held[at], group[at] = weight[row], unit[row]
        sides.append(_Side(score=score, weight=held, group=group))
    return sides[0], sides[1], joined


def _difference(
    earlier: _Side, later: _Side, k: int
) -> tuple[Floats, Floats, Floats, Floats, Ints, Ints, Ints]:
    """Estimate the change in group `k` (0 is everybody): value, variance, df, change of those in both, and n's.

    A person's influence is ``w (y - mean) / sum(w)``, later minus earlier; the variance is the sum of its squares over
    people, and the degrees of freedom are those of Welch and Satterthwaite over those who left, stayed and joined.
    """
    influence, inside, mean = [], [], []
    for side in (earlier, later):
        here = (side.weight > 0) if k == 0 else (side.weight > 0) & (side.group == k - 1)
        use = here[:, None] & np.isfinite(side.score)
        w = np.where(use, side.weight[:, None], 0.0)
        y = np.where(use, side.score, 0.0)
        n = use.sum(axis=0)
        with np.errstate(invalid="ignore", divide="ignore"):
            centre = (w * y).sum(axis=0) / w.sum(axis=0)
            influence.append(np.where(use, np.sqrt(n / (n - 1.0)) * w * (y - centre) / w.sum(axis=0), 0.0))
        inside.append(use)
        mean.append(centre)
    both = inside[0] & inside[1]
    square = (influence[1] - influence[0]) ** 2
    parts = np.array(
        [np.where(who, square, 0.0).sum(axis=0) for who in (inside[0] & ~both, inside[1] & ~both, both)]
    )
    sizes = np.array([(inside[0] & ~both).sum(axis=0), (inside[1] & ~both).sum(axis=0), both.sum(axis=0)])
    with np.errstate(invalid="ignore", divide="ignore"):
        var = parts.sum(axis=0)
        df = var**2 / (parts**2 / np.maximum(sizes - 1, 1)).sum(axis=0)
        gap = np.where(both, later.score - earlier.score, 0.0).sum(axis=0)
        same = np.where(both.any(axis=0), gap / both.sum(axis=0), np.nan)
    n_first, n_last = inside[0].sum(axis=0), inside[1].sum(axis=0)
    return mean[1] - mean[0], var, df, same, n_first, n_last, both.sum(axis=0)


def _judge(table: pd.DataFrame, smallest: float, correction: str) -> pd.DataFrame:
    """Adjust the p values over everything comparable and give each row its verdict and status."""
    p = table["p"].to_numpy(dtype=np.float64).copy()
    comparable = table["comparable"].to_numpy(dtype=bool)
    p[~comparable] = np.nan
    whole = (table["unit"] == EVERYBODY).to_numpy(dtype=bool)
    counted = np.isfinite(p)
    n_whole, n_units = int((whole & counted).sum()), int((~whole & counted).sum())
    share = np.where(whole, max(n_units, 1), max(n_whole, 1)).astype(np.float64)
    adjusted = adjust(p, correction, share)
    small = comparable & (table["p_small"].to_numpy(dtype=np.float64) < ALPHA)
    found = comparable & (adjusted < ALPHA) & ~small
    rising = table["change"].to_numpy(dtype=np.float64) > 0
    verdict = np.select(
        [~comparable, small, found & rising, found],
        ["not comparable", "equivalent", "rose", "fell"],
        "not enough to say",
    )
    unsure = (verdict == "not enough to say") & (table["reason"].to_numpy(dtype=object) == "")
    beside = ((table["low"] > 0) | (table["high"] < 0)).to_numpy(dtype=bool)
    reason = np.select(
        [unsure & beside, unsure],
        [
            "Taken alone it would count as a change; with so many comparisons it may be chance.",
            f"The data are compatible both with no change and with one of {smallest:g} points or more.",
        ],
        table["reason"],
    )
    blank = ~comparable
    told = table.assign(p_adjusted=adjusted, verdict=verdict, reason=reason)
    told["status"] = np.select(
        [blank | ~np.isfinite(told["low"].to_numpy(dtype=np.float64))], ["insufficient_data"], "ok"
    )
    told.loc[blank, ["change", "se", "low", "high", "same_people"]] = np.nan
    return told.drop(columns=["comparable", "p_small"])
