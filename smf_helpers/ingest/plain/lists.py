"""The HR list of people, ratings of skills and the inbox: tables told by their headers."""

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from smf_helpers.ingest.catalogue import yes_no
from smf_helpers.ingest.delimited import check_ragged
from smf_helpers.ingest.frames import all_differ, cleaned, constant, text_array
from smf_helpers.ingest.grids import Column, Grid
from smf_helpers.ingest.headers import clean_name, named, normal
from smf_helpers.ingest.readers import Detection, Reading, frame, register, without
from smf_helpers.ingest.sources import Source
from smf_helpers.ingest.times import Times, times
from smf_helpers.ingest.values import numbers

if TYPE_CHECKING:
    import pandas as pd

_NEEDED: Final = {
    "people": ("unit",),
    "skills": ("learner", "skill", "at", "score"),
    "messages": ("message", "channel", "at", "answered_at"),
}


def _detect(source: Source, group: str) -> Detection | None:
    if source.bundle or len(source.grids) != 1:
        return None
    header = source.grids[0].row(0)
    found = named(header, group)
    if not all(field in found for field in _NEEDED[group]):
        return None
    share = len(found) / max(sum(bool(normal(text)) for text in header), 1)
    return Detection(confidence=round(0.5 + 0.4 * share, 2), variant="list") if share >= 0.6 else None


def detect_people(source: Source) -> Detection | None:
    """Tell a people list: an id or e-mail, a unit, and one of role, first day, last day, executive."""
    found = _detect(source, "people")
    if found is None:
        return None
    fields = named(source.grids[0].row(0), "people")
    keyed = bool({"person", "email"} & set(fields))
    about = {"role", "joined_on", "left_on", "executive"} & set(fields)
    return found if keyed and about else None


@register(
    "people_list", "table", detect_people, "HR list of people: id or e-mail, unit, role, first and last day"
)
def read_people(source: Source) -> Reading:
    """Read the list; e-mail and survey token are kept as aliases so that other files can be joined."""
    reading, fields, body = _open(source, "people")
    key = fields.get("person", fields.get("email", 0))
    ids = cleaned(body.columns[key])
    columns: dict[str, Any] = {"person": text_array(ids)}
    for name in ("unit", "role"):
        if name in fields:
            column = body.columns[fields[name]]
            columns[name] = text_array(column.renamed(clean_name), blank_is_missing=True)
    for name in ("joined_on", "left_on"):
        if name in fields:
            columns[name] = _days(body, fields[name], source, reading)
    if "executive" in fields:
        columns["executive"] = flags(body.columns[fields["executive"]])
    columns["state"] = text_array(constant("active", body.n_rows))
    for name in ("email", "token"):
        if name in fields and fields[name] != key:
            columns[f"alias_{name}"] = text_array(cleaned(body.columns[fields[name]]), blank_is_missing=True)
    people = frame(columns)
    blank = (people["person"] == "").to_numpy()
    twice = np.zeros(len(blank), dtype=bool)
    if not all_differ(people["person"]):
        twice = people.duplicated("person").to_numpy() & ~blank
    if blank.any():
        reading.rejected["rows without an id"] += int(blank.sum())
    if twice.any():
        lines = ", ".join(str(line) for line in body.line_numbers()[twice][:5])
        what = f"{int(twice.sum())} people stand in the list twice (lines {lines})."
        reading.fail("S301", body.place, what, "Keep one row a person.")
    reading.tables["people"] = without(people, blank | twice)
    return reading


@register(
    "skills_list", "table", lambda source: _detect(source, "skills"), "Ratings or tests of skills, one a row"
)
def read_skills(source: Source) -> Reading:
    """Read who, which skill, when, the score, and how it was found."""
    reading, fields, body = _open(source, "skills")
    score = numbers(body.columns[fields["score"]], decimal="," if body.separator == ";" else None)
    columns: dict[str, Any] = {
        "learner": text_array(cleaned(body.columns[fields["learner"]])),
        "skill": text_array(cleaned(body.columns[fields["skill"]])),
        "at": _days(body, fields["at"], source, reading),
        "score": score.values,
    }
    for name in ("source", "unit"):
        if name in fields:
            columns[name] = text_array(cleaned(body.columns[fields[name]]), blank_is_missing=True)
    if "practice" in fields:
        columns["practice"] = numbers(body.columns[fields["practice"]]).values
    rows = frame(columns)
    reading.notes += [note for note in score.notes if note not in reading.notes]
    refuse_words(score.bad, body, reading, "score")
    lost = (rows["score"].isna() | rows["at"].isna()).to_numpy() & ~score.bad
    if lost.any():
        reading.rejected["rows without a score or a date"] += int(lost.sum())
    reading.tables["skills"] = without(rows, lost)
    return reading


@register(
    "inbox_list",
    "table",
    lambda source: _detect(source, "messages"),
    "Inbound messages with the time of the answer",
)
def read_inbox(source: Source) -> Reading:
    """Read when each message came and when it was first answered; without an answer it is still waiting."""
    reading, fields, body = _open(source, "messages")
    columns: dict[str, Any] = {
        "message": text_array(cleaned(body.columns[fields["message"]])),
        "channel": text_array(cleaned(body.columns[fields["channel"]])),
    }
    for name in ("at", "answered_at"):
        utc = "utc" in normal(source.grids[0].row(0)[fields[name]])
        zone = "UTC" if utc else source.options.timezone
        stamps = times(body.columns[fields[name]], order=source.options.date_format, zone=zone)
        refuse_times(stamps, body, reading)
        columns[name] = utc_series(stamps)
    columns["crisis"] = flags(body.columns[fields["crisis"]]) if "crisis" in fields else False
    rows = frame(columns)
    early = (rows["answered_at"] < rows["at"]).fillna(False).to_numpy(dtype=bool)
    if early.any():
        reading.warn(
            "S404", body.place, f"{int(early.sum())} answers are earlier than their message; left out."
        )
        reading.rejected["answered before they came"] += int(early.sum())
    reading.tables["messages"] = without(rows, early)
    return reading


def _open(source: Source, group: str) -> tuple[Reading, dict[str, int], Grid]:
    grid = source.grids[0]
    check_ragged(grid, 0)
    reading = Reading().about(grid, 0)
    body = grid.below(0)
    filled = body.filled()
    if not filled.all():
        reading.rejected["blank rows"] += int((~filled).sum())
        body = body.part(filled)
    reading.rows_in = body.n_rows
    header, fields = grid.row(0), named(grid.row(0), group)
    reading.leave_out(header, fields.values())
    return reading, fields, body


def _days(body: Grid, position: int, source: Source, reading: Reading) -> "pd.Series":
    import pandas as pd

    stamps = times(body.columns[position], order=source.options.date_format)
    refuse_times(stamps, body, reading)
    return pd.Series(stamps.values.astype("datetime64[D]").astype("datetime64[us]"))


def refuse_times(stamps: Times, body: Grid, reading: Reading) -> None:
    """Add an error where a needed date cannot be read, or day and month cannot be told apart."""
    reading.notes += [note for note in stamps.notes if note not in reading.notes]
    if stamps.order == "ambiguous":
        what = "The day and the month of the dates cannot be told apart."
        reading.fail("S402", body.place, what, "Set `date_format:`, for example `%d/%m/%Y`.")
    elif stamps.bad.any() or stamps.order == "mixed":
        shown = ", ".join(str(line) for line in body.line_numbers()[stamps.bad][:5])
        what = f"{int(stamps.bad.sum())} dates cannot be read (lines {shown})."
        reading.fail("S401", body.place, what, "Mend them, or set `date_format:`.")


def refuse_words(bad: np.ndarray, body: Grid, reading: Reading, name: str) -> None:
    """Add an error where a column of numbers holds something else."""
    if bad.any():
        shown = ", ".join(str(line) for line in body.line_numbers()[bad][:5])
        what = f"{int(bad.sum())} values of '{name}' are no numbers (lines {shown})."
        reading.fail("C201", body.place, what, "Mend them, or leave them blank.")


def utc_series(stamps: Times) -> "pd.Series":
    """Give times as a series in UTC."""
    import pandas as pd

    return pd.Series(stamps.values).dt.tz_localize("UTC")


def flags(column: Column) -> Any:
    """Read a column of yes and no, in any known language."""
    import pandas as pd

    def flag(text: str) -> float:
        form = normal(text)
        return yes_no().get(form, {"1": 1.0, "0": 0.0}.get(form, float("nan")))

    said = column.map(flag, dtype=float)
    return pd.arrays.BooleanArray(said > 0, np.isnan(said))
