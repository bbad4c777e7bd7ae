"""Viva Insights queries: persons by week, person to person; group and meeting queries are recognised only."""

from typing import Any, Final

import numpy as np

from smf_helpers.ingest.delimited import check_ragged
from smf_helpers.ingest.frames import cleaned, text_array
from smf_helpers.ingest.grids import Column
from smf_helpers.ingest.headers import named, normal
from smf_helpers.ingest.internal.talk import week_of
from smf_helpers.ingest.readers import Detection, Reading, frame, register
from smf_helpers.ingest.sources import Source
from smf_helpers.ingest.times import Times, times
from smf_helpers.ingest.values import numbers

_GROUP: Final = ("primarycollaborator_organization", "secondarycollaborator_organization")
_MEETING: Final = ("meetingid", "attendee_meeting_hours")


def _kind(source: Source) -> str | None:
    if source.bundle or len(source.grids) != 1:
        return None
    header = [normal(text) for text in source.grids[0].row(0)]
    if "personid" in header and "metricdate" in header:
        return "person"
    if "primarycollaborator_personid" in header and "secondarycollaborator_personid" in header:
        return "person to person"
    if all(name in header for name in _GROUP):
        return "group to group"
    return "meetings" if all(name in header for name in _MEETING) else None


def detect(source: Source) -> Detection | None:
    """Tell it by the ids of its queries."""
    kind = _kind(source)
    return Detection(confidence=0.97, variant=kind) if kind else None


@register(
    "viva_insights", "internal", detect, "Viva Insights queries: person, person to person, group, meeting"
)
def read(source: Source) -> Reading:
    """Read the person query as activity and people, person to person as interactions."""
    grid = source.grids[0]
    check_ragged(grid, 0)
    reading = Reading().about(grid, 0)
    kind, body = _kind(source), grid.below(0)
    reading.rows_in = body.n_rows
    if kind in ("group to group", "meetings"):
        reading.rejected[f"rows of the {kind} query (no person's activity or tie)"] += body.n_rows
        reading.notes.append(f"the {kind} query was recognised and left out")
        return reading
    places = named(grid.row(0), "viva_insights")
    stamps = _dates(body.columns[places["date"]], source, reading, grid.place)
    if kind == "person to person":
        ties = frame(
            {
                "source": text_array(cleaned(body.columns[places["person"]])),
                "target": text_array(cleaned(body.columns[places["other"]])),
                "kind": "message",
            }
        )
        import pandas as pd

        ties["at"] = pd.Series(stamps.values).dt.tz_localize("UTC")
        reading.tables["interactions"] = ties
        reading.notes.append("ties are over the window of the query, not single messages")
        return reading
    if np.isnat(stamps.values).all():
        reading.fail("S402", grid.place, "The dates cannot be read.", "Set `date_format:`.")
        return reading
    person = cleaned(body.columns[places["person"]])
    made: dict[str, Any] = {
        "actor": text_array(person),
        "week": week_of(stamps.values),
        "platform": source.options.platform or "teams",
        "posts": numbers(body.columns[places["posts"]]).values if "posts" in places else np.nan,
        "window_days": 7,
    }
    rows = frame(made).drop_duplicates(["actor", "week"], keep="last", ignore_index=True)
    twice = body.n_rows - len(rows)
    if twice:
        reading.rejected["earlier rows of the same person and week"] += twice
    silent = (rows["posts"].fillna(0) <= 0).to_numpy()
    if "posts" in places and silent.any():
        reading.rejected["weeks without activity"] += int(silent.sum())
        rows = rows[~silent].reset_index(drop=True)
    reading.tables["activity"] = rows
    about: dict[str, Any] = {"person": text_array(person), "state": "active"}
    for name in ("unit", "role"):
        if name in places:
            about[name] = text_array(cleaned(body.columns[places[name]]), blank_is_missing=True)
    reading.tables["people"] = frame(about).drop_duplicates("person", keep="last", ignore_index=True)
    return reading


def _dates(column: Column, source: Source, reading: Reading, place: str) -> Times:
    """Read week days; whole numbers below the spreadsheet's years are days since 1970."""
    used = [text for text in column.used() if normal(text)]
    bare = [text.removesuffix(".0") for text in used]
    if bare and all(text.isdigit() and 10_000 < int(text) < 25_000 for text in bare):
        reading.notes.append("numbers read as days since 1970")
        days = column.map(
            lambda text: np.datetime64(int(float(text or 0)), "D").astype("datetime64[us]"),
            dtype="datetime64[us]",
        )
        bad = np.zeros(len(column), dtype=bool)
        return Times(values=days, bad=bad, order="epoch", zoned=False)
    stamps = times(column, order=source.options.date_format)
    if stamps.order == "ambiguous":
        what = "The day and the month of the dates cannot be told apart; they are left out."
        reading.warn("S402", place, what, "Set `date_format:`, for example `%d/%m/%Y`.")
    return stamps
