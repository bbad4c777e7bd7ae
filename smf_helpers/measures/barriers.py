"""Barriers: how many name each, whether it goes with not using later, and whether its remedy took it away.

*Prevalence* is a share of people. *Later non-use*: among people seen in two successive waves (each counts once, in the last two),
the odds of not using at the second of those who named the barrier at the first, against those who did not, within those who
used and those who did not use at the first (Mantel-Haenszel; interval by Robins, Breslow and Greenland 1986,
doi:10.2307/2531052). *Remedy*: the change of the barrier's share where one of its remedies began between two waves, less the change
where none did.

The statement that is tested: a barrier is a **reason** when naming it goes with not using later *and* it fell where its remedy was
applied; it is an **excuse** when naming it was not seen to go with not using later and it did not fall though its remedy was
applied, or when naming it demonstrably makes no difference to later use. Anything else is not enough to say. Adjusted over the barriers by Holm.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from smf_helpers.framework import REMEDIES
from smf_helpers.measures.groups import share_table
from smf_helpers.measures.modules import ModuleAnswers
from smf_helpers.measures.multiplicity import adjust
from smf_helpers.results.core import Estimate, Status, refused

Floats = npt.NDArray[np.float64]

MIN_PEOPLE = 30
"""People in two successive waves below which no odds ratio is told."""

MIN_CELL = 3
"""People on either side of a comparison (users, non-users, named, not named) below which it is not made."""

SAME_ODDS = 1.5
"""Odds ratio below which, and above whose inverse, a barrier makes no difference that matters."""

SMALL_FALL = 0.05
"""Fall of a barrier's share that a remedy should bring at least."""

ALPHA = 0.05


def barrier_shares(answers: ModuleAnswers, *, headcounts: Mapping[str, int] | None = None) -> pd.DataFrame:
    """Give the share of people who name each barrier, by wave and unit, with Wilson's interval."""
    return share_table(answers.groups(headcounts), answers.agrees, answers.weights, answers.facets, "barrier")


def judge_barriers(
    answers: ModuleAnswers,
    adopted: pd.DataFrame,
    interventions: pd.DataFrame,
    waves: pd.DataFrame,
    *,
    level: float = 0.95,
) -> dict[str, tuple[Estimate, Estimate, str, str, str, int]]:
    """Test of each barrier whether it is a reason or an excuse.

    Parameters
    ----------
    answers : what `read_module` gave for ``barrier``.
    adopted : what `adopted_in_survey` gave: who used, wave by wave.
    interventions, waves : canonical tables.
    level : coverage of the intervals.

    Returns
    -------
    dict
        Barrier → odds ratio of later non-use, change of its share by the remedy, later use of those who name it (``less``, ``the
        same``, ``not enough to say``; less over all barriers at once), verdict (``reason``, ``excuse``, ``not enough to say``), the
        verdict in words, and people behind it.
    """
    pairs = _pairs(answers, adopted, waves)
    named = answers.agrees
    odds = {f: _odds(named[:, k], pairs, level) for k, f in enumerate(answers.facets)}
    remedies = {
        f: _remedy(named[:, k], answers, f, interventions, waves, level) for k, f in enumerate(answers.facets)
    }
    p_odds = adjust([_p(odds[f], log=True) for f in answers.facets])
    p_fell = adjust([_p(remedies[f]) for f in answers.facets])
    found = {}
    for k, facet in enumerate(answers.facets):
        later = _later_use(odds[facet], p_odds[k] < ALPHA)
        verdict, reason = _judge(later, odds[facet], remedies[facet], p_fell[k] < ALPHA)
        n = int(np.isfinite(named[:, k]).sum())
        found[facet] = (odds[facet], remedies[facet], later, verdict, reason, n)
    return found


def _pairs(answers: ModuleAnswers, adopted: pd.DataFrame, waves: pd.DataFrame) -> pd.DataFrame:
    """Give each person's last two successive waves: row of the earlier answers, use then, use later."""
    kinds = (
        dict(zip(waves["wave"].astype(str), waves["key_kind"].fillna("").astype(str), strict=True))
        if "key_kind" in waves
        else {}
    )
    known = [wave for wave in answers.waves if kinds.get(wave) != "none"]
    order = pd.Index(known, dtype=object)
    use = adopted.assign(at=order.get_indexer(adopted["wave"].astype(object)))
    rows = answers.people[["wave", "respondent"]].reset_index(names="row")
    rows = rows.assign(at=order.get_indexer(rows["wave"].astype(object)))
    use, rows = use[use["at"] >= 0], rows[rows["at"] >= 0]
    now = rows.merge(use[["respondent", "at", "adopted"]], on=["respondent", "at"])
    later = use[["respondent", "at", "adopted"]].assign(at=lambda rows: rows["at"] - 1)
    both = now.merge(later, on=["respondent", "at"], suffixes=("", "_later"))
    return both.sort_values(["respondent", "at"]).drop_duplicates("respondent", keep="last")


def _odds(named: Floats, pairs: pd.DataFrame, level: float) -> Estimate:
    """Estimate the Mantel-Haenszel odds ratio of later non-use, within wave and present use."""
    from scipy.special import ndtri

    here = named[pairs["row"].to_numpy(dtype=np.intp)]
    told = np.isfinite(here)
    n = int(told.sum())
    if n < MIN_PEOPLE:
        reason = f"Fewer than {MIN_PEOPLE} people answered in two successive waves."
        return refused(Status.INSUFFICIENT_DATA, reason, n=n, unit="odds ratio")
    x = here[told] > 0
    y = ~pairs["adopted_later"].to_numpy(dtype=bool)[told]
    layer = 2 * pairs["at"].to_numpy(dtype=np.intp)[told] + pairs["adopted"].to_numpy(dtype=np.intp)[told]
    if min(x.sum(), (~x).sum(), y.sum(), (~y).sum()) < MIN_CELL:
        reason = "Too few people name it, or too few stopped or started using, for a comparison."
        return refused(Status.INSUFFICIENT_DATA, reason, n=n, unit="odds ratio")
    a, b, c, d = (
        np.bincount(layer[side]) if side.any() else np.zeros(1) for side in (x & y, x & ~y, ~x & y, ~x & ~y)
    )
    size = max(len(part) for part in (a, b, c, d))
    a, b, c, d = (np.pad(part.astype(np.float64), (0, size - len(part))) for part in (a, b, c, d))
    total = np.maximum(a + b + c + d, 1.0)
    r, s, concordant, discordant = a * d / total, b * c / total, (a + d) / total, (b + c) / total
    if r.sum() == 0 or s.sum() == 0:
        side = "always" if s.sum() == 0 else "never"
        return refused(
            Status.NOT_IDENTIFIED, f"Those who name it {side} use it less later: the odds have no end.", n=n
        )
    value = float(r.sum() / s.sum())
    var = (
        (concordant * r).sum() / (2 * r.sum() ** 2)
        + (concordant * s + discordant * r).sum() / (2 * r.sum() * s.sum())
        + (discordant * s).sum() / (2 * s.sum() ** 2)
    )
    half = float(ndtri(0.5 + level / 2)) * np.sqrt(var)
    return Estimate(
        value=value,
        low=float(value * np.exp(-half)),
        high=float(value * np.exp(half)),
        n=n,
        unit="odds ratio",
        method="Mantel-Haenszel within wave and present use",
        level=level,
    )


def _remedy(
    named: Floats,
    answers: ModuleAnswers,
    barrier: str,
    interventions: pd.DataFrame,
    waves: pd.DataFrame,
    level: float,
) -> Estimate:
    """Estimate the change of a barrier's share where its remedy began, less the change where it had not begun."""
    from scipy.special import ndtri

    opened = dict(zip(waves["wave"].astype(str), pd.to_datetime(waves["opened_on"]), strict=True))
    helps = interventions[interventions["kind"].isin(REMEDIES.get(barrier, ()))]
    starts = [
        (pd.Timestamp(when), "" if pd.isna(scope) else str(scope))
        for when, scope in zip(helps["starts_on"], helps["scope"], strict=True)
    ]
    if not starts:
        return refused(Status.INSUFFICIENT_DATA, "Its remedy has not been applied.", unit="share")
    wave = answers.people["wave"].to_numpy(dtype=object)
    unit = answers.people["unit"].to_numpy(dtype=object)
    effect, weight, alone, people = [], [], True, 0
    for first, last in zip(answers.waves, answers.waves[1:], strict=False):
        if first not in opened or last not in opened:
            continue
        begun = [scope for when, scope in starts if opened[first] < when <= opened[last]]
        before = [scope for when, scope in starts if when <= opened[first]]
        if not begun or "" in before:
            continue
        treated = (
            np.ones(len(unit), dtype=bool)
            if "" in begun
            else np.isin(unit, [u for u in begun if u not in before])
        )
        waiting = (
            np.zeros(len(unit), dtype=bool)
            if "" in begun
            else ~treated & ~np.isin(unit, before) & (unit != "")
        )
        change, var, n = _shift(named, treated, wave, first, last)
        if not np.isfinite(var):
            continue
        other, other_var, _ = _shift(named, waiting, wave, first, last)
        if np.isfinite(other_var):
            change, var, alone = change - other, var + other_var, False
        effect.append(change)
        weight.append(1 / var)
        people += n
    if not effect:
        reason = "Its remedy was not applied between two waves with enough answers before and after."
        return refused(Status.INSUFFICIENT_DATA, reason, unit="share")
    value = float(np.average(effect, weights=weight))
    half = float(ndtri(0.5 + level / 2) / np.sqrt(np.sum(weight)))
    return Estimate(
        value=value,
        low=value - half,
        high=value + half,
        n=people,
        unit="share",
        method="before and after, without comparison" if alone else "against units where it had not begun",
        level=level,
    )


def _shift(
    named: Floats, inside: npt.NDArray[np.bool_], wave: npt.NDArray[np.object_], first: str, last: str
) -> tuple[float, float, int]:
    """Give the change of a share between two waves, its variance (Agresti-Caffo) and the people in the later wave."""
    parts = [named[inside & (wave == name) & np.isfinite(named)] for name in (first, last)]
    if min(len(part) for part in parts) < MIN_CELL:
        return np.nan, np.nan, 0
    smoothed = [(part.sum() + 1) / (len(part) + 2) for part in parts]
    var = sum(p * (1 - p) / (len(part) + 2) for p, part in zip(smoothed, parts, strict=True))
    return float(parts[1].mean() - parts[0].mean()), float(var), len(parts[1])


def _p(estimate: Estimate, *, log: bool = False) -> float:
    """Give the two-sided p value that belongs to an estimate's interval; empty where there is none."""
    from scipy.special import ndtr, ndtri

    if estimate.value is None or estimate.low is None or estimate.high is None:
        return float("nan")
    value, low, high = (np.log(x) if log else x for x in (estimate.value, estimate.low, estimate.high))
    se = (high - low) / (2 * ndtri(0.5 + estimate.level / 2))
    return float(2 * ndtr(-abs(value) / se)) if se > 0 else float("nan")


def _later_use(odds: Estimate, sure: bool) -> str:
    """Say how those who name a barrier use social media later, against those who do not."""
    if sure and odds.value is not None and odds.value > 1:
        return "less"
    close = odds.low is not None and odds.high is not None
    if close and odds.low > 1 / SAME_ODDS and odds.high < SAME_ODDS:  # type: ignore[operator]
        return "the same"
    return "not enough to say"


def _judge(later: str, odds: Estimate, remedy: Estimate, change_sure: bool) -> tuple[str, str]:
    """Give the verdict on one barrier, and why."""
    predicts, same = later == "less", later == "the same"
    fell = change_sure and remedy.value is not None and remedy.value < 0
    stayed = remedy.low is not None and remedy.low > -SMALL_FALL
    how = f" ({remedy.method})" if remedy.value is not None else ""
    if predicts and fell:
        return (
            "reason",
            f"Those who name it use it less later, and it fell where its remedy was applied{how}.",
        )
    if predicts and stayed:
        return (
            "not enough to say",
            f"Those who name it use it less later, but its remedy did not make it fall{how}.",
        )
    if stayed:
        return (
            "excuse",
            f"Its remedy was applied and it did not fall{how}: something else may stand behind it.",
        )
    if same:
        return "excuse", "Those who name it use it later as much as those who do not."
    if predicts:
        return (
            "not enough to say",
            f"Those who name it use it less later. {remedy.reason or 'It was not seen to fall.'}",
        )
    if fell:
        return "not enough to say", f"It fell where its remedy was applied{how}. {odds.reason}".strip()
    return (
        "not enough to say",
        odds.reason or remedy.reason or "The intervals hold both a reason and an excuse.",
    )
