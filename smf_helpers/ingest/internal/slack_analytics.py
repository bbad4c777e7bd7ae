"""Slack analytics of members and of channels: counts over a period that only the file's name tells."""

import re
from datetime import date
from typing import Any, Final

import numpy as np

from smf_helpers.ingest.delimited import check_ragged
from smf_helpers.ingest.frames import cleaned
from smf_helpers.ingest.grids import Column
from smf_helpers.ingest.headers import named, normal
from smf_helpers.ingest.internal.talk import week_of
from smf_helpers.ingest.readers import Detection, Reading, frame, register
from smf_helpers.ingest.sources import Source
from smf_helpers.ingest.times import month_of, times
from smf_helpers.ingest.values import numbers

_ISO: Final = re.compile(r"(20\d\d)-(\d\d)-(\d\d)")
_WORDS: Final = re.compile(r"([A-Za-z]{3,9})[ _-](\d{1,2})(?:st|nd|rd|th)?,?[ _-]+(20\d\d)")


def detect_members(source: Source) -> Detection | None:
    """Tell it by account type, claimed date and days active."""
    if source.bundle or len(source.grids) != 1:
        return None
    places = named(source.grids[0].row(0), "slack_members")
    needed = {"person", "claimed", "active_days", "posts"} <= set(places)
    return Detection(confidence=0.95, variant="members") if needed else None


@register("slack_members", "internal", detect_members, "Slack analytics of members")
def read_members(source: Source) -> Reading:
    """Read members as people (adoption is claiming) and their counts as activity over the period."""
    import pandas as pd

    grid = source.grids[0]
    check_ragged(grid, 0)
    reading = Reading().about(grid, 0)
    places, body = named(grid.row(0), "slack_members"), grid.below(0)
    reading.rows_in = body.n_rows
    key = places.get("email", places["person"])
    person = cleaned(body.columns[key])
    if person.blank().any():
        person = cleaned(body.columns[places["person"]])
    person = Column(person.codes, [level.lower() for level in person.levels])
    kind = body.columns[places["kind"]].map(normal) if "kind" in places else np.full(body.n_rows, "")
    gone = ~body.columns[places["left"]].blank() if "left" in places else np.zeros(body.n_rows, dtype=bool)
    guest = np.array(["guest" in str(text) for text in kind], dtype=bool)
    bot = np.array(["bot" in str(text) for text in kind], dtype=bool)
    state = np.where(bot, "bot", np.where(guest, "guest", np.where(gone, "deactivated", "active")))
    claimed = times(body.columns[places["claimed"]])
    made: dict[str, Any] = {"person": person.values, "state": state}
    made["joined_on"] = pd.Series(claimed.values).dt.normalize()
    reading.tables["people"] = frame(made).drop_duplicates("person", ignore_index=True)
    keep = ~(guest | bot)
    if (~keep).any():
        reading.rejected["guests and bots"] += int((~keep).sum())
    span = _period(source.name)
    if span is None:
        reading.warn("I302", grid.place, "The name of the file does not tell the period; the counts are left out.",
                     "Keep the name that Slack gave the file.")  # fmt: skip
        return reading
    first, last = span
    rows = frame(
        {
            "actor": person.values,
            "week": week_of(np.full(body.n_rows, np.datetime64(last, "us"))),
            "platform": source.options.platform or "slack",
            "posts": numbers(body.columns[places["posts"]]).values,
            "reactions": numbers(body.columns[places["reactions"]]).values
            if "reactions" in places
            else np.nan,
            "active_days": numbers(body.columns[places["active_days"]]).values,
            "window_days": (last - first).days + 1,
        }
    )
    active = keep & (rows["active_days"].fillna(0) > 0).to_numpy()
    reading.rejected["members without activity in the period"] += int((keep & ~active).sum())
    reading.tables["activity"] = rows[active].drop_duplicates(["actor", "week"], ignore_index=True)
    return reading


def detect_channels(source: Source) -> Detection | None:
    """Tell it by membership and members who posted."""
    if source.bundle or len(source.grids) != 1:
        return None
    places = named(source.grids[0].row(0), "slack_channels")
    return (
        Detection(confidence=0.95, variant="channels")
        if {"members", "posters", "posts"} <= set(places)
        else None
    )


@register("slack_channels", "internal", detect_channels, "Slack analytics of channels")
def read_channels(source: Source) -> Reading:
    """Recognise the report; it counts channels, nobody's own activity, and has no canonical table."""
    grid = source.grids[0]
    reading = Reading(rows_in=grid.n_rows - 1).about(grid, 0)
    reading.rejected["rows of channels (nobody's own activity)"] += grid.n_rows - 1
    reading.notes.append("the report was recognised and left out: it counts channels, not people")
    return reading


def _period(name: str) -> tuple[date, date] | None:
    found = [(int(y), int(m), int(d)) for y, m, d in _ISO.findall(name)]
    found += [(int(y), month_of(word), int(d)) for word, d, y in _WORDS.findall(name) if month_of(word)]
    try:
        days = sorted(date(*parts) for parts in found)
    except ValueError:
        return None
    return (days[0], days[-1]) if len(days) >= 2 else None
