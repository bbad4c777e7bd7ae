"""Microsoft 365 usage reports: Yammer and Teams users, groups, counts by day; all generations of columns.

A report period is a rolling window of 7 to 180 days: two downloads overlap and are never added. Names are concealed
by default since 2021, and then nobody can be joined with the people list; the log says so. Inactivity is an absent
row, not a zero.
"""

import re
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from smf_helpers.ingest.delimited import check_ragged
from smf_helpers.ingest.frames import cleaned
from smf_helpers.ingest.grids import Column, Grid
from smf_helpers.ingest.headers import named, normal
from smf_helpers.ingest.internal.talk import week_of
from smf_helpers.ingest.readers import Detection, Reading, frame, register
from smf_helpers.ingest.sources import Source
from smf_helpers.ingest.times import times
from smf_helpers.ingest.values import numbers

if TYPE_CHECKING:
    import pandas as pd

_CONCEALED: Final = re.compile(r"[0-9A-Fa-f]{32,64}\Z")
_GUEST: Final = "#ext#"


def _kind(source: Source) -> tuple[str, dict[str, int]] | None:
    if source.bundle or len(source.grids) != 1:
        return None
    places = named(source.grids[0].row(0), "m365")
    if not {"refreshed", "period"} <= set(places):
        return None
    if "person" in places and {"posted", "liked"} & set(places):
        return "viva_engage", places
    if "person" in places and {"team_chats", "private_chats"} <= set(places):
        return "teams", places
    if "group" in places:
        return "groups", places
    return ("days", places) if "date" in places else None


def detect(source: Source) -> Detection | None:
    """Tell it by the refresh date and the report period."""
    found = _kind(source)
    names = {
        "viva_engage": "Yammer users",
        "teams": "Teams users",
        "groups": "groups",
        "days": "counts by day",
    }
    return Detection(confidence=0.97, variant=names[found[0]]) if found else None


@register("m365_usage", "internal", detect, "Microsoft 365 usage reports of Yammer and Teams")
def read(source: Source) -> Reading:
    """Read users as activity over the window that ends on the refresh date."""
    grid = source.grids[0]
    check_ragged(grid, 0)
    reading = Reading().about(grid, 0)
    found = _kind(source)
    assert found is not None
    kind, places = found
    body = grid.below(0)
    reading.rows_in = body.n_rows
    if kind in ("groups", "days"):
        reading.rejected["rows of groups or of the whole tenant (nobody's own activity)"] += body.n_rows
        reading.notes.append("the report was recognised and left out: it counts groups or days, not people")
        return reading
    person = cleaned(body.columns[places["person"]])
    person = Column(person.codes, [level.lower() for level in person.levels])
    hidden = [level for level in person.used() if _CONCEALED.match(level)]
    if hidden and len(hidden) > 0.5 * len(person.used()):
        reading.warn("I301", grid.place, "Names are concealed: people cannot be joined with other files.",
                     "An administrator can switch the concealing off for the export.")  # fmt: skip
    reading.tables["people"] = _people(body, places, person)
    guests = person.map(lambda text: _GUEST in text, dtype=bool)
    if guests.any():
        reading.rejected["guests"] += int(guests.sum())
    platform = source.options.platform or kind
    reading.tables["activity"] = _activity(body, places, person, platform, ~guests, reading)
    return reading


def _people(body: Grid, places: dict[str, int], person: Column) -> "pd.DataFrame":
    deleted = np.zeros(body.n_rows, dtype=bool)
    for name in ("deleted", "state"):
        if name in places:
            words = ("true", "yes", "1", "deleted", "suspended", "deactivated")
            deleted |= np.isin(body.columns[places[name]].map(normal), words)
    guest = person.map(lambda text: _GUEST in text, dtype=bool)
    state = np.where(deleted, "deleted", np.where(guest, "guest", "active"))
    rows = frame({"person": person.values, "state": state})
    return rows[rows["person"] != ""].drop_duplicates("person", ignore_index=True)


def _activity(
    body: Grid, places: dict[str, int], person: Column, platform: str, keep: np.ndarray, reading: Reading
) -> "pd.DataFrame":
    def count(*names: str) -> np.ndarray:
        found = [numbers(body.columns[places[name]]).values for name in names if name in places]
        return np.nansum(found, axis=0) if found else np.full(body.n_rows, np.nan)

    refreshed = times(body.columns[places["refreshed"]], order="mdy").values
    window = np.nan_to_num(numbers(body.columns[places["period"]]).values, nan=7)
    made: dict[str, Any] = {
        "actor": person.values,
        "week": week_of(refreshed),
        "platform": platform,
        # Where a report tells posts from replies, its messages in channels are the sum of the two.
        "posts": count("posted", "post_messages" if "post_messages" in places else "team_chats"),
        "replies": count("reply_messages"),
        "reactions": count("liked"),
        "reads": count("read"),
        "window_days": window.astype(int),
    }
    rows = frame(made)
    active = rows[["posts", "replies", "reactions", "reads"]].fillna(0).sum(axis=1) > 0
    silent = int((keep & ~active.to_numpy()).sum())
    if silent:
        reading.rejected["people without activity in the window"] += silent
    rows = rows[keep & active.to_numpy()]
    rows.loc[rows["replies"].isna(), "replies"] = 0.0
    return rows.drop_duplicates(["actor", "week"], keep="last", ignore_index=True)
