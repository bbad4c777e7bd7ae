"""TikTok Studio and TikTok Business: days without a year, ``undefined`` for numbers, blanks after headers.

A range may cross New Year: the years are counted back from the day of the newest row, which the params' `as_of` or
the file's own dates have to tell; without either the days are left out and the log says so.
"""

import re
from datetime import date
from typing import Final

from smf_helpers.ingest.channels.metrics import days_of, posts_of, unique_posts
from smf_helpers.ingest.grids import Column, Grid
from smf_helpers.ingest.headers import named
from smf_helpers.ingest.readers import Detection, Reading, register
from smf_helpers.ingest.sources import Source
from smf_helpers.ingest.times import month_of

_NO_YEAR: Final = re.compile(r"([^\W\d]+)\.?\s+(\d{1,2})\Z|(\d{1,2})\.?\s+([^\W\d]+)\.?\Z")
_YEAR: Final = re.compile(r"(20\d\d)[-_.]?(\d{2})[-_.]?(\d{2})")


def _kind(source: Source) -> tuple[str, dict[str, int]] | None:
    if source.bundle or len(source.grids) != 1:
        return None
    header = source.grids[0].row(0)
    posts, days = named(header, "tiktok_posts"), named(header, "tiktok_days")
    if {"permalink", "published_at", "text"} <= set(posts) and {"views", "reactions"} & set(posts):
        return "videos", posts
    if "date" in days and {"impressions", "visits"} <= set(days):
        return "days", days
    if {"date", "followers", "followers_gained"} <= set(days) and len(header) <= 4:
        return "followers", days
    return None


def detect(source: Source) -> Detection | None:
    """Tell it by its columns."""
    found = _kind(source)
    return Detection(confidence=0.92, variant=found[0]) if found else None


@register("tiktok", "channel", detect, "TikTok Studio or Business: days, videos or followers")
def read(source: Source) -> Reading:
    """Read videos as posts and days as days."""
    grid = source.grids[0]
    reading = Reading().about(grid, 0)
    found = _kind(source)
    assert found is not None
    kind, places = found
    reading.leave_out(grid.row(0), places.values())
    body = grid.below(0)
    reading.rows_in = body.n_rows
    channel = source.options.channel or "tiktok"
    position = places["published_at" if kind == "videos" else "date"]
    dated = _with_years(body, position, source.name, reading, forward=kind != "videos")
    if dated is None:
        return reading
    if kind == "videos":
        posts = posts_of(
            dated, places, channel, reading, order=source.options.date_format, definition="tiktok-"
        )
        posts["kind"] = "video"
        reading.tables["posts"] = unique_posts(posts, grid.place, reading)
        return reading
    metrics = {name: place for name, place in places.items() if name != "date"}
    reading.tables["channel_days"] = days_of(
        dated, position, metrics, channel, reading, order=source.options.date_format, definition="tiktok"
    )
    return reading


def _with_years(body: Grid, position: int, name: str, reading: Reading, *, forward: bool) -> Grid | None:
    """Write the year into days that have none: the file's name tells the last day.

    Days run `forward` in time and may cross several New Years; videos stand in any order, within a year.
    """
    column = body.columns[position]
    bare = [match for text in column.used() if (match := _NO_YEAR.match(text.strip()))]
    if not bare:
        return body
    stamps = [date(int(m[1]), int(m[2]), int(m[3])) for m in _YEAR.finditer(name) if _valid(m)]
    if not stamps:
        what = "The days have no year, and the name of the file does not tell it."
        reading.fail(
            "S405", body.place, what, "Put the last day into the file's name, such as `…_2025-10-31.csv`."
        )
        return None
    last, turned = max(stamps), list[str]()
    year, later = last.year, (last.month, last.day)
    for text in reversed(list(column.values)):
        match = _NO_YEAR.match(str(text).strip())
        if match is None:
            turned.append(str(text))
            continue
        month, day = month_of(match[1] or match[4]), int(match[2] or match[3])
        before = (month, day) > later
        if forward:
            year, later = year - before, (month, day)
        turned.append(f"{year if forward else year - before}-{month:02d}-{day:02d}")
    reading.notes.append("years were counted back from the day in the file's name")
    columns = list(body.columns)
    columns[position] = Column.of(reversed(turned))
    return Grid(place=body.place, columns=columns, first_row=body.first_row, lines=body.lines)


def _valid(match: re.Match[str]) -> bool:
    try:
        date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return False
    return True
