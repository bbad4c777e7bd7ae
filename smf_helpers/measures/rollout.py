"""The roll-out, unit by unit: how a unit changed since it joined, against the units still waiting over the same waves.

A person's score here is the mean over the factors. For a unit the change runs from the last wave before it joined to the last wave at
which units were still waiting (the latest wave, where none ever waited again); the waiting units are those that had not joined by
then. Units drift by themselves: where two or more units waited, the spread of their own changes beyond sampling counts against every
verdict. Joining was decided by somebody, not by lot: units that join first may be those that would have risen anyway.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd

from smf_helpers.measures.multiplicity import adjust
from smf_helpers.measures.waves import compare_waves, factors_of
from smf_helpers.results.core import Status
from smf_helpers.results.survey import FactorScores

ALPHA = 0.05
WAITING = "units still waiting"
COLUMNS = (
    *(
        "unit",
        "joined_on",
        "from_wave",
        "to_wave",
        "change",
        "low",
        "high",
        "waiting",
        "waiting_low",
        "waiting_high",
    ),
    *("p_adjusted", "verdict", "n", "n_from", "n_to", "waiting_units", "reason"),
)


def compare_rollout(
    scores: FactorScores,
    joined_on: Mapping[str, "pd.Timestamp | None"],
    waves: pd.DataFrame,
    *,
    smallest: float = 0.2,
    correction: str = "holm",
) -> pd.DataFrame:
    """Compare each unit that joined with the units that were still waiting.

    Parameters
    ----------
    scores : what `score_factors` gave, with units.
    joined_on : unit → day on which it joined; None while it waits.
    waves : canonical table, for the dates.
    smallest : smallest difference that matters, in scale points.
    correction : ``holm`` or ``bh``, over the units that joined.

    Returns
    -------
    DataFrame
        A row a unit; verdicts ``ahead``, ``level``, ``behind``, ``waiting``, ``not enough to say``; the waiting units' own names are in
        ``waiting_units``, as a tuple.
    """
    from scipy.special import stdtr

    opened = dict(zip(waves["wave"].astype(str), pd.to_datetime(waves["opened_on"]), strict=True))
    dated = [wave for wave in scores.waves if wave in opened]
    seen = [str(unit) for unit in scores.people["unit"].unique() if unit]
    whole = _one_score(scores)

    @cache
    def between(pair: tuple[str, str], waiting: tuple[str, ...] = ()) -> pd.DataFrame:
        unit = whole.people["unit"]
        pooled = np.where(unit.isin(waiting), WAITING, "") if waiting else unit
        people = whole.people.assign(unit=pooled)
        return compare_waves(replace(whole, people=people), pairs=[pair]).changes.set_index("unit")

    rows: list[dict[str, object]] = []
    for unit in sorted(seen):
        day = joined_on.get(unit)
        row: dict[str, object] = {
            **dict.fromkeys(COLUMNS),
            "unit": unit,
            "joined_on": day,
            "waiting_units": (),
            "n": 0,
        }
        row |= {"n_from": 0, "n_to": 0, "reason": ""}
        if day is None or pd.isna(day) or (dated and day > opened[dated[-1]]):
            rows.append(row | {"verdict": "waiting", "reason": "It had not joined at the latest wave."})
            continue
        before = [wave for wave in dated if opened[wave] <= day]
        after = [wave for wave in dated if opened[wave] > day]
        if not before or not after:
            rows.append(
                row
                | {
                    "verdict": "not enough to say",
                    "reason": "It takes a wave before and a wave after joining.",
                }
            )
            continue
        last, others = _still_waiting(after, opened, joined_on, seen, unit)
        told = _changes(between, (before[-1], last), unit, others)
        rows.append(row | told | {"from_wave": before[-1], "to_wave": last, "waiting_units": others})
    table = pd.DataFrame(rows, columns=[*COLUMNS, "gap", "se", "df"])
    gap, se, df = (table[name].to_numpy(dtype=np.float64) for name in ("gap", "se", "df"))
    with np.errstate(invalid="ignore", divide="ignore"):
        p = np.where(se > 0, 2 * stdtr(df, -np.abs(gap) / se), np.nan)
        same = np.where(se > 0, stdtr(df, (np.abs(gap) - smallest) / se), np.nan) < ALPHA
    table["p_adjusted"] = adjust(p, correction)
    found = table["p_adjusted"].to_numpy(dtype=np.float64) < ALPHA
    compared = np.isfinite(p)
    table["verdict"] = np.select(
        [compared & same, compared & found & (gap > 0), compared & found, compared],
        ["level", "ahead", "behind", "not enough to say"],
        table["verdict"].to_numpy(dtype=object),
    )
    return table[list(COLUMNS)]


def _one_score(scores: FactorScores) -> FactorScores:
    """Give the scores with one factor only: the mean over the factors, once half of them have a score."""
    factors = factors_of(scores)
    values = scores.people[factors].to_numpy(dtype=np.float64)
    given = np.isfinite(values).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(2 * given >= len(factors), np.nansum(values, axis=1) / given, np.nan)
    people = scores.people[["wave", "respondent", "unit", "weight"]].assign(mean=mean)
    return FactorScores(
        people=people,
        answers=pd.DataFrame({"mean": mean}),
        factors=scores.factors.iloc[:0],
        items=pd.DataFrame({"item": ["mean"], "factor": ["mean"]}),
        waves=scores.waves,
        key_kinds=scores.key_kinds,
        scale=scores.scale,
        status=Status.OK,
    )


def _still_waiting(
    after: list[str],
    opened: Mapping[str, pd.Timestamp],
    joined_on: Mapping[str, "pd.Timestamp | None"],
    seen: list[str],
    unit: str,
) -> tuple[str, tuple[str, ...]]:
    """Give the last wave after joining at which other units still waited, and those units."""
    for wave in reversed(after):
        days = {other: joined_on.get(other) for other in seen if other != unit}
        others = tuple(
            sorted(other for other, day in days.items() if day is None or pd.isna(day) or day > opened[wave])
        )
        if others:
            return wave, others
    return after[-1], ()


def _changes(
    between: Callable[..., pd.DataFrame], pair: tuple[str, str], unit: str, others: tuple[str, ...]
) -> dict[str, object]:
    """Give the change of the unit and of those waiting, and what is needed to judge the difference."""
    changes = between(pair)
    own = changes.loc[unit]
    row: dict[str, object] = {
        **{name: own[name] for name in ("change", "low", "high", "n", "n_from", "n_to")},
        "verdict": "not enough to say",
        "reason": "" if others else "No unit was still waiting: there is nothing to compare it with.",
    }
    if not others or own["status"] != "ok":
        return row
    waiting = between(pair, others).loc[WAITING]
    if waiting["status"] != "ok":
        return row
    apart = changes.loc[[other for other in others if other in changes.index], ["change", "se"]].dropna()
    drift = 0.0
    if len(apart) > 1:
        drift = max(0.0, float(apart["change"].var(ddof=1) - (apart["se"] ** 2).mean()))
    se = float(np.sqrt(own["se"] ** 2 + waiting["se"] ** 2 + drift * (1 + 1 / len(apart))))
    return row | {
        "waiting": waiting["change"],
        "waiting_low": waiting["low"],
        "waiting_high": waiting["high"],
        "gap": own["change"] - waiting["change"],
        "se": se,
        "df": max(1.0, float(min(own["n_from"], own["n_to"])) - 1),
    }
