"""YouTube Studio: a zip with a table of videos, a chart by day and totals, names and headers in any language.

The first row of the table is a total and exceeds the sum of the videos (only 500 are listed): it is never a video.
"""

import re
from typing import Final

from smf_helpers.ingest.channels.metrics import days_of, posts_of, unique_posts
from smf_helpers.ingest.decoding import decode
from smf_helpers.ingest.delimited import read_delimited
from smf_helpers.ingest.grids import Grid
from smf_helpers.ingest.headers import named, normal
from smf_helpers.ingest.readers import Detection, Reading, register
from smf_helpers.ingest.sources import Source

_VIDEO: Final = re.compile(r"[A-Za-z0-9_-]{11}\Z")
_TOTAL: Final = ("total", "gesamt", "yhteensä", "totalt", "totale", "total général")


def _grids(source: Source) -> list[Grid]:
    if not source.bundle:
        return source.grids if len(source.grids) == 1 else []
    found = []
    for name, raw in source.members.items():
        if name.lower().endswith(".csv") and raw.strip():
            where = f"{source.name}|{name}"
            found.append(read_delimited(decode(raw, where), where, separator=","))
    return found


def _table(grid: Grid) -> dict[str, int] | None:
    if "date" in named(grid.row(0), "youtube_days"):
        return None
    places = named(grid.row(0), "youtube_videos")
    return (
        places if {"post", "views"} <= set(places) and len({"text", "published_at"} & set(places)) else None
    )


def _chart(grid: Grid) -> dict[str, int] | None:
    places = named(grid.row(0), "youtube_days")
    return places if "date" in places and "impressions" in places and len(places) <= 12 else None


def detect(source: Source) -> Detection | None:
    """Tell it by the columns of its table of videos; ids of eleven characters make it sure."""
    if source.bundle and (
        len(source.members) > 6 or not any(n.lower().endswith(".csv") for n in source.members)
    ):
        return None
    for grid in _grids(source):
        places = _table(grid)
        if places is not None:
            ids = [
                text for text in grid.below(0).columns[places["post"]].used() if _VIDEO.match(text.strip())
            ]
            return Detection(
                confidence=0.95 if ids else 0.6, variant="zip" if source.bundle else "table data"
            )
    return None


@register("youtube_studio", "channel", detect, "YouTube Studio: zip or its table of videos")
def read(source: Source) -> Reading:
    """Read videos as posts, and the totals by day where they are there."""
    reading = Reading()
    channel = source.options.channel or "youtube"
    for grid in _grids(source):
        body, places = grid.below(0), _table(grid)
        if places is not None:
            reading.about(grid, 0)
            reading.leave_out(grid.row(0), places.values())
            reading.rows_in += body.n_rows
            total = body.columns[places["post"]].map(lambda text: normal(text) in _TOTAL, dtype=bool)
            if total.any():
                reading.rejected["totals rows"] += int(total.sum())
                body = body.part(~total)
            posts = posts_of(
                body, places, channel, reading, order="mdy", zone="America/Los_Angeles", definition="youtube-"
            )
            posts["kind"] = "video"
            reading.tables["posts"] = unique_posts(posts, grid.place, reading)
            continue
        chart = _chart(grid)
        if chart is not None and "video" not in chart:
            reading.rows_in += body.n_rows
            metrics = {name: place for name, place in chart.items() if name != "date"}
            reading.leave_out(grid.row(0), chart.values())
            reading.tables["channel_days"] = days_of(
                body,
                chart["date"],
                metrics,
                channel,
                reading,
                order=source.options.date_format or "dmy",
                definition="youtube",
            )
        else:
            reading.rows_in += body.n_rows
            reading.rejected["rows of charts by video and day"] += body.n_rows
    return reading
