"""From a frame of scores to the padded series of all learners, and what must be said about the scores."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from smf_helpers.errors import Fault, ModelError
from smf_helpers.models.curves_engine import Array
from smf_helpers.models.learning_projection import Series

NEEDED = ("learner", "at", "score")
CEILING_SHARE = 0.15


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """Everybody's scores, in the order of the learners' names.

    Attributes
    ----------
    names : learners; unit_names : units; units : index of each learner's unit, -1 where unknown.
    team_names, teams : the same of teams; parent : the unit of each team, -1 where unknown.
    design : covariates of each learner, first column ones; started : first moment of each learner.
    series : see `Series`; axis : ``time`` or ``practice``; warnings : what must be said.
    """

    names: Array
    unit_names: list[str]
    units: Array
    team_names: list[str]
    teams: Array
    parent: Array
    design: Array
    started: Array
    series: Series
    axis: str
    warnings: tuple[str, ...]


def last_of(series: Series) -> Array:
    """Give each learner's last moment, from the own first; zero for nobody's."""
    return np.asarray(series.s[np.arange(len(series.n)), np.maximum(series.n - 1, 0)])


def weeks_of(at: "pd.Series[Any]") -> Array:
    """Give moments as weeks: dates count from the earliest, numbers are weeks already."""
    if pd.api.types.is_numeric_dtype(at):
        return at.to_numpy(dtype=float, na_value=np.nan)
    try:
        moments = pd.to_datetime(at, utc=True, format="mixed")
    except (TypeError, ValueError):
        fault = Fault(
            code="M101",
            where="skills.at",
            what="Not every moment is a date or a number of weeks.",
            remedy="Give dates, or weeks as numbers.",
        )
        raise ModelError(fault) from None
    since = (moments - moments.min()).dt.total_seconds()
    return since.to_numpy(dtype=float) / (7 * 24 * 3600)


def cohort_of(
    skills: pd.DataFrame,
    *,
    axis: str,
    prior: float,
    falling: bool,
    scale: tuple[float, float] | None,
    covariates: pd.DataFrame | None,
) -> Cohort:
    """Sort, average repeated scores of one moment, pad; say what the scores allow.

    Raises
    ------
    ModelError
        When a needed column is missing, a moment is no date or number, or the axis is unknown.
    """
    _refuse(skills, axis, scale)
    moment = weeks_of(skills["at"])
    place = skills["practice"].to_numpy(dtype=float, na_value=np.nan) if axis == "practice" else moment
    score = pd.to_numeric(skills["score"], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    codes, names = pd.factorize(skills["learner"], sort=True)
    names = np.asarray(names, dtype=object)
    whole = np.isfinite(place) & np.isfinite(score) & (codes >= 0)
    codes, place, score = _in_order(codes, place, score, whole)
    lost = int((~whole).sum())
    warnings = [f"{lost} scores without a moment or value were left out."] if lost else []
    codes, place, score, merged = _merge(codes, place, score)
    if merged:
        warnings.append(f"{merged} repeated scores of the same moment were averaged.")
    if scale is not None and score.size:
        warnings += _ceiling(score, scale, falling)
    n = np.bincount(codes, minlength=len(names))
    seen = np.arange(max(int(n.max(initial=1)), 1))[None, :] < n[:, None]
    s, y = np.zeros(seen.shape), np.zeros(seen.shape)
    s[seen], y[seen] = place, -score if falling else score
    started = s[:, 0].copy()
    s = np.where(seen, s - started[:, None], 0.0)
    steps = np.diff(s, axis=1)[seen[:, 1:]]
    centre = float(np.mean(y[seen])) if score.size else 0.0
    gap = float(np.median(steps)) if steps.size else 1.0
    two = np.flatnonzero(n >= 2)
    latest = s[two, n[two] - 1] - s[two, n[two] - 2]
    first = started if axis == "practice" else np.ones(len(names))
    series = Series(
        s=s,
        y=np.where(seen, y - centre, 0.0),
        seen=seen,
        e=np.maximum(first, 0.0) + prior + np.where(first > 0, 0.0, 1.0),
        n=n,
        gap=gap,
        ahead=float(np.median(latest)) if two.size else gap,
        centre=centre,
    )
    unit_names, units = _members(skills, names, "unit")
    team_names, teams, parent = _teams(skills, names, units)
    return Cohort(
        names=names,
        unit_names=unit_names,
        units=units,
        team_names=team_names,
        teams=teams,
        parent=parent,
        design=_design(covariates, names),
        started=started,
        series=series,
        axis=axis,
        warnings=tuple(warnings),
    )


def _refuse(skills: pd.DataFrame, axis: str, scale: tuple[float, float] | None) -> None:
    wanted = [*NEEDED, *(["practice"] if axis == "practice" else [])]
    if axis not in ("time", "practice"):
        raise ModelError(f"The axis is 'time' or 'practice', not '{axis}'.")
    if missing := [name for name in wanted if name not in skills]:
        raise ModelError(
            Fault(
                code="M102",
                where="skills",
                what=f"The columns {', '.join(missing)} are missing.",
                remedy="Give one row a score: learner, at, score.",
            )
        )
    if scale is not None and not scale[0] < scale[1]:
        raise ModelError("The scale needs its low end below its high end.")


def _in_order(codes: Array, place: Array, score: Array, whole: Array) -> tuple[Array, Array, Array]:
    """Give the whole rows by learner, moment and score; most exports are in that order already."""
    if not whole.all():
        codes, place, score = codes[whole], place[whole], score[whole]
    same = codes[1:] == codes[:-1]
    if np.all(same | (codes[1:] > codes[:-1])) and np.all(~same | (place[1:] > place[:-1])):
        return codes, place, score
    order = np.lexsort((score, place, codes))
    return codes[order], place[order], score[order]


def _merge(codes: Array, place: Array, score: Array) -> tuple[Array, Array, Array, int]:
    """Average scores of one learner at one moment."""
    if not codes.size:
        return codes, place, score, 0
    new = np.ones(codes.size, dtype=bool)
    new[1:] = (codes[1:] != codes[:-1]) | (place[1:] != place[:-1])
    if new.all():
        return codes, place, score, 0
    group = np.cumsum(new) - 1
    mean = np.bincount(group, score) / np.bincount(group)
    return codes[new], place[new], mean, int((~new).sum())


def _ceiling(score: Array, scale: tuple[float, float], falling: bool) -> list[str]:
    share = float(np.mean(score <= scale[0] if falling else score >= scale[1]))
    if share <= CEILING_SHARE:
        return []
    return [
        f"{100 * share:.0f} % of the scores are at the end of the scale: it hides further learning and forges "
        "fast learners."
    ]


def _members(skills: pd.DataFrame, names: Array, kind: str) -> tuple[list[str], Array]:
    """Give each learner the unit or team that most of the rows name (the first in the alphabet of equals)."""
    if kind not in skills or skills[kind].isna().all():
        return [], np.full(len(names), -1)
    rows = skills[["learner", kind]].dropna()
    counts = (
        rows.value_counts(sort=False)
        .reset_index()
        .sort_values(["learner", "count", kind], ascending=[True, False, True])
    )
    chosen = counts.drop_duplicates("learner").set_index("learner")[kind].reindex(names)
    places, found = pd.factorize(chosen, sort=True)
    return [str(name) for name in found], np.asarray(places)


def _teams(skills: pd.DataFrame, names: Array, units: Array) -> tuple[list[str], Array, Array]:
    """Give each learner's team and each team's unit: teams of one name in two units are two teams."""
    team_names, places = _members(skills, names, "team")
    member = np.flatnonzero(places >= 0)
    pairs, found = np.unique(np.column_stack([units, places])[member], axis=0, return_inverse=True)
    teams = np.full(len(names), -1)
    teams[member] = found.ravel()
    return [team_names[place] for place in pairs[:, 1]], teams, pairs[:, 0]


def _design(covariates: pd.DataFrame | None, names: Array) -> Array:
    """Centre the covariates so that the first column stays the typical learner."""
    ones = np.ones((len(names), 1))
    if covariates is None or covariates.shape[1] == 0:
        return ones
    table = covariates.set_index("learner") if "learner" in covariates else covariates
    numbers = pd.get_dummies(table, drop_first=True, dtype=float).reindex(names).astype(float)
    centred = (numbers - numbers.mean()).fillna(0.0)
    varying = centred.loc[:, centred.std() > 0]
    return np.hstack([ones, varying.to_numpy()])
