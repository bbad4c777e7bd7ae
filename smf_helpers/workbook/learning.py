"""What may be published about learning: the skills of people, the experience of teams, the organisation's lag."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from smf_helpers.results.core import SHOWN, Estimate, Status, refused
from smf_helpers.results.publication import Cell, Mark, Proposal
from smf_helpers.workbook.learning_pilot import pilot_path_rows, pilot_week_rows, since_joining
from smf_helpers.workbook.proposing import ALL, Row, propose, proposes, quantity

if TYPE_CHECKING:
    import pandas as pd

    from smf_helpers.results.learning import LearningFit
    from smf_helpers.workbook.book import Workbook

SHOWN_VALUES = frozenset(status.value for status in SHOWN)
SUMMARY = ("level_now", "gain_so_far", "gain_next", "half_life", "weeks_to_80", "pace_spread")


def learning_fit(book: "Workbook") -> "LearningFit":
    """Fit the learning of the client's people, once."""
    from smf_helpers.models import fit_learning

    low, high = (float(end) for end in book.params.skills.scale)
    return book.once("learning", lambda: fit_learning(since_joining(book), scale=(low, high)))


@proposes(
    "learning",
    "learning_curve",
    "learning_waves",
    "learning_spread",
    "learning_summary",
    "learning_units",
    "learning_family",
    "pilot_weeks",
    "pilot_paths",
    "organisation_beside",
    "organisation_lag",
    "experience",
)
def propose_learning(book: "Workbook") -> Iterator[Proposal]:
    """Propose every table of the learning section."""
    fit = learning_fit(book)
    note = " ".join(fit.warnings)
    why = fit.reason or "No skills were measured."
    everybody = book.group("skills")
    yield propose("learning_curve", _curve_rows(fit, everybody), note=note, reason=why)
    yield propose("learning_waves", _wave_rows(book, fit), note=note, reason=why)
    yield propose("learning_spread", _spread_rows(fit, everybody), reason=why)
    yield propose("learning_summary", _summary_rows(book, fit, everybody), note=note, reason=why)
    yield propose("learning_units", _unit_rows(book, fit), reason=why)
    yield propose("learning_family", _family_rows(fit, everybody), reason=why)
    pilot = "No unit with a joining date was measured from its first weeks on."
    yield propose("pilot_weeks", pilot_week_rows(book), reason=pilot)
    yield propose("pilot_paths", pilot_path_rows(book), reason=pilot)
    beside, lag = _organisation_rows(book, everybody)
    neither = "Neither skills nor waves were measured."
    yield propose("organisation_beside", beside, reason=neither)
    yield propose("organisation_lag", lag, reason=neither)
    yield propose("experience", _experience_rows(book), reason="No posts and no answered messages.")


def _curve_rows(fit: "LearningFit", everybody: Any) -> list[Row]:
    if fit.status.value not in SHOWN_VALUES:
        return []
    names = ("level", "low", "high", "people_low", "people_high")
    return [
        Row(
            cells={"week": float(row["week"]), **{name: row[name] for name in names}, "n": int(row["n"])},
            groups=everybody,
            count=int(row["n"]),
        )
        for row in fit.curve.to_dict("records")
    ]


def _wave_rows(book: "Workbook", fit: "LearningFit") -> list[Row]:
    names = ("week", "unit", "mean", "low", "high", "complete", "n")
    rows = []
    for row in fit.waves.to_dict("records"):
        cells: dict[str, Cell] = {name: row[name] for name in names}
        rows.append(Row(cells=cells, groups=_group(book, row["unit"]), count=int(row["n"])))
    return rows


def _group(book: "Workbook", unit: str) -> Any:
    return book.group("skills", unit if unit != "all" else ALL)


def _spread_rows(fit: "LearningFit", everybody: Any) -> list[Row]:
    names = ("quantile", "weeks_to_80", "weeks_to_80_low", "weeks_to_80_high")
    if fit.status.value not in SHOWN_VALUES:
        return []
    return [
        Row(cells={**{name: row[name] for name in names}, "n": fit.n}, groups=everybody, count=fit.n)
        for row in fit.spread.to_dict("records")
    ]


def _summary_rows(book: "Workbook", fit: "LearningFit", everybody: Any) -> list[Row]:
    if not fit.n:
        return []
    told = {row["quantity"]: row for row in fit.typical.to_dict("records")}
    low, high = book.params.skills.scale
    points = f"points on the scale of {low:g} to {high:g}"
    rows = [
        quantity(name, _estimate(told[name], fit.n, points), everybody) for name in SUMMARY if name in told
    ]
    rows.append(quantity("proficient_by", _proficient(book, fit), everybody))
    rows.append(quantity("dropouts_slope", fit.dropouts, everybody))
    return rows


def _estimate(row: "dict[str, Any]", n: int, points: str) -> Estimate:
    status = Status(row["status"])
    unit = str(row["unit"]).replace("score", points)
    if status not in SHOWN:
        return refused(status, str(row["reason"]), n=n, unit=unit)
    return Estimate(
        value=row["value"],
        low=row["low"],
        high=row["high"],
        status=status,
        reason=row["reason"],
        n=n,
        unit=unit,
    )


def _proficient(book: "Workbook", fit: "LearningFit") -> Estimate:
    """Give the share of the learners expected at the proficient score by the client's date, or a year on."""
    import pandas as pd

    from smf_helpers.models import reach

    skills = book.params.skills
    rows = since_joining(book).dropna(subset=["at"])
    if not len(rows) or fit.status not in SHOWN:
        return refused(fit.status, fit.reason or "No skills were measured.", n=fit.n, unit="share")
    first = rows.groupby("learner")["at"].min().median()
    by = pd.Timestamp(skills.by) if skills.by else rows["at"].max() + pd.Timedelta(weeks=52)
    weeks = max(float((by - first).days) / 7, 0.0)
    chance = reach(fit, float(skills.proficient), weeks)["probability"].dropna()
    if not len(chance):
        return refused(Status.INSUFFICIENT_DATA, "Nobody has four measurements.", n=fit.n, unit="share")
    mean, spread = float(chance.mean()), float((chance * (1 - chance)).sum() ** 0.5) / len(chance)
    return Estimate(
        value=mean,
        low=max(mean - 1.96 * spread, 0.0),
        high=min(mean + 1.96 * spread, 1.0),
        n=len(chance),
        unit="share",
        method=f"expected at {skills.proficient:g} or better by {by.date()}",
    )


def _unit_rows(book: "Workbook", fit: "LearningFit") -> list[Row]:
    rows = []
    for row in fit.units.to_dict("records"):
        shown = row["status"] in SHOWN_VALUES
        cells: dict[str, Cell] = {
            name: row[name] if shown else Mark.UNSURE if name in ("level", "gain") else None
            for name in ("level", "low", "high", "gain", "gain_low", "gain_high")
        }
        cells.update(unit=row["unit"], status=row["status"], reason=row["reason"], n=row["n"])
        rows.append(Row(cells=cells, groups=_group(book, row["unit"]), count=int(row["n"])))
    return rows


def _family_rows(fit: "LearningFit", everybody: Any) -> list[Row]:
    return [
        Row(
            cells={name: row[name] for name in ("family", "weight", "verdict", "reason")},
            groups=everybody,
            count=fit.n,
        )
        for row in fit.selection.to_dict("records")
    ]


def _organisation_rows(book: "Workbook", everybody: Any) -> tuple[list[Row], list[Row]]:
    """Set the organisation's learning culture, wave by wave, beside its people's skill, and give the lag."""
    from smf_helpers.framework import LINK
    from smf_helpers.models import organisation_lag, people_over_time
    from smf_helpers.workbook.survey import factor_scores, wave_group

    skills = since_joining(book)
    if not len(skills) or not len(book.rows("responses")):
        return [], []
    scores = factor_scores(book).factors
    link = scores[(scores["factor"] == LINK) & (scores["unit"] == "all")]
    opened = book.rows("waves").set_index("wave")["opened_on"]
    link = link.assign(at=(link["wave"].map(opened) - skills["at"].min()).dt.days / 7, level=link["mean"])
    link = link.dropna(subset=["at", "level"]).sort_values("at")
    people = people_over_time(learning_fit(book))
    told = organisation_lag(people, link[["at", "level"]])
    n = skills["learner"].nunique()
    lag, strength = replace(told.lag, n=n), replace(told.strength, n=n)
    if lag.status not in SHOWN:
        strength = refused(lag.status, "It hangs on the lag, which cannot be told.", n=n)
    fitted = told.fitted.set_index("at") if lag.status in SHOWN else None
    beside = []
    for row in link.to_dict("records"):
        inside = len(people) > 0 and people["at"].min() <= row["at"] <= people["at"].max()
        cells: dict[str, Cell] = {
            "wave": str(row["wave"]),
            "week": row["at"],
            "organisation": row["mean"],
            "organisation_low": row["low"],
            "organisation_high": row["high"],
            "people": _level_at(row["at"], people) if inside else None,
            "followed": fitted.loc[row["at"], "followed"] if fitted is not None else None,
            "n": int(row["n"]),
        }
        groups = (*everybody, *wave_group(book, str(row["wave"])))
        beside.append(Row(cells=cells, groups=groups, count=int(row["n"])))
    return beside, [quantity("lag", lag, everybody), quantity("strength", strength, everybody)]


def _level_at(week: float, people: "pd.DataFrame") -> float:
    """Give the people's mean level at a week."""
    import numpy as np

    return float(np.interp(week, people["at"], people["level"]))


def _experience_rows(book: "Workbook") -> list[Row]:
    rows = []
    for measure, units in (("engagement", _posts(book)), ("answer_hours", _answers(book))):
        if not len(units):
            continue
        from smf_helpers.models import fit_experience

        for row in fit_experience(units, forgetting=True).teams.to_dict("records"):
            shown = row["status"] in SHOWN_VALUES
            kept = shown and row["retention_status"] in SHOWN_VALUES
            rows.append(
                Row(
                    cells={
                        "team": row["team"],
                        "measure": measure,
                        "progress_ratio": row["progress_ratio"] if shown else Mark.UNSURE,
                        "progress_ratio_low": row["low"] if shown else None,
                        "progress_ratio_high": row["high"] if shown else None,
                        "retention": row["retention"] if kept else Mark.UNSURE,
                        "retention_low": row["retention_low"] if kept else None,
                        "retention_high": row["retention_high"] if kept else None,
                        "forgetting": row["retention_reason"] if shown else row["reason"],
                        "n_posts": row["n"],
                        "status": row["status"],
                        "reason": row["reason"],
                    }
                )
            )
    return rows


def _posts(book: "Workbook") -> "pd.DataFrame":
    """Give what came of each post (reactions, comments, shares) with the audience where the export tells it."""
    posts = book.rows("posts").dropna(subset=["published_at"])
    acts = posts[["reactions", "comments", "shares"]].astype("float64")
    frame = posts.assign(value=acts.sum(axis=1, min_count=1), at=posts["published_at"], team=posts["channel"])
    for name in ("followers", "reach", "impressions"):
        if frame[name].notna().all() and (frame[name] > 0).all():
            frame = frame.assign(audience=frame[name].astype("float64"))
            break
    return frame[[name for name in ("at", "value", "team", "audience") if name in frame]].dropna(
        subset=["value"]
    )


def _answers(book: "Workbook") -> "pd.DataFrame":
    """Give the hours each answered message waited; those without an answer cannot be placed on the curve."""
    messages = book.rows("messages").dropna(subset=["at", "answered_at"])
    hours = (messages["answered_at"] - messages["at"]).dt.total_seconds() / 3600
    frame = messages.assign(
        value=hours.clip(lower=1 / 60), at=messages["answered_at"], team=messages["channel"]
    )
    return frame[["at", "value", "team"]]
