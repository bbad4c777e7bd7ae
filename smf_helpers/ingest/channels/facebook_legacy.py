"""Facebook Insights, legacy: posts with ``Lifetime Post …`` columns, page days with ``:day`` and ``:days_28``.

Row 2 holds descriptions that tell pairs of equal headers apart; times are Pacific. Day, week and 28-day windows
are different metrics and are never added up.
"""

import re
from typing import Final

from smf_helpers.ingest.channels.meta import PACIFIC
from smf_helpers.ingest.channels.metrics import days_of, merged_days, posts_of, unique_posts
from smf_helpers.ingest.grids import Column, Grid
from smf_helpers.ingest.headers import named, normal
from smf_helpers.ingest.readers import Detection, Reading, register
from smf_helpers.ingest.sources import Source

_DAYS: Final = {
    "page_fans": "followers",
    "page_fan_adds_unique": "followers_gained",
    "page_fan_adds": "followers_gained",
    "page_impressions": "impressions",
    "page_impressions_unique": "reach",
    "page_views_total": "visits",
    "page_post_engagements": "interactions",
    "lifetime total likes": "followers",
    "daily new likes": "followers_gained",
    "daily total reach": "reach",
    "daily total impressions": "impressions",
    "daily page engaged users": "interactions",
    "28 days total reach": "reach_28d",
    "weekly total reach": "reach_7d",
}
_PERIOD: Final = re.compile(r"(.*?):(day|days_28|week|lifetime)\Z")
_WINDOW: Final = {"days_28": "_28d", "week": "_7d"}


def _header(grid: Grid) -> list[str]:
    return [
        _PERIOD.sub(r"\1", normal(text)) if "post" in normal(text) else normal(text) for text in grid.row(0)
    ]


def _days(header: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for position, text in enumerate(header):
        match = _PERIOD.match(text)
        base, period = (match[1], match[2]) if match else (text, "")
        metric = _DAYS.get(base)
        if metric:
            found.setdefault(metric + _WINDOW.get(period, ""), position)
    return found


def _part(grid: Grid) -> tuple[str, dict[str, int]] | None:
    header = _header(grid)
    posts = named(header, "facebook_legacy")
    if {"reach", "impressions"} <= set(posts) and any(
        "lifetime post" in text or "post_" in text for text in header
    ):
        return "posts", posts
    days = _days(header)
    return ("days", days) if header and header[0] == "date" and len(days) >= 2 else None


def detect(source: Source) -> Detection | None:
    """Tell it by its lifetime columns of posts, or by metrics of a page with their period."""
    if source.bundle:
        return None
    parts = [part[0] for grid in source.grids if (part := _part(grid))]
    return Detection(confidence=0.93, variant=parts[0]) if parts else None


@register("facebook_legacy", "channel", detect, "Facebook Insights, legacy export of posts or of a page")
def read(source: Source) -> Reading:
    """Read posts or days; a derived table without ids gets the numbers of its rows as ids."""
    import pandas as pd

    reading = Reading()
    channel = source.options.channel or "facebook"
    days = []
    for grid in source.grids:
        found = _part(grid)
        if found is None:
            continue
        kind, places = found
        body = _without_descriptions(grid, places)
        reading.about(grid, 0)
        reading.leave_out(grid.row(0), {*places.values(), *([0] if kind == "days" else [])})
        reading.rows_in += body.n_rows
        if kind == "days":
            metrics = {name: place for name, place in places.items() if name != "date"}
            days.append(
                days_of(
                    body,
                    0,
                    metrics,
                    channel,
                    reading,
                    order=source.options.date_format,
                    definition="facebook-2018",
                )
            )
            continue
        if "post" not in places and "permalink" not in places:
            ids = Column.of([f"row {line}" for line in body.line_numbers()])
            places = places | {"post": len(body.columns)}
            body = Grid(
                place=body.place, columns=[*body.columns, ids], first_row=body.first_row, lines=body.lines
            )
            reading.notes.append("the file has no ids of posts: the numbers of its rows stand for them")
        order = source.options.date_format or "mdy"
        posts = posts_of(
            body, places, channel, reading, order=order, zone=PACIFIC, definition="facebook-2018-"
        )
        if "paid" in places:
            posts["paid"] = body.columns[places["paid"]].map(
                lambda text: normal(text) in ("1", "yes", "true"), dtype=bool
            )
        reading.tables["posts"] = unique_posts(posts, grid.place, reading)
    if days:
        reading.tables["channel_days"] = merged_days(pd.concat(days, ignore_index=True), source.name, reading)
    return reading


def _without_descriptions(grid: Grid, places: dict[str, int]) -> Grid:
    """Leave out the row of descriptions: words where numbers belong."""
    body = grid.below(0)
    if not body.n_rows:
        return body
    first = body.row(0)
    wordy = [first[place] for name, place in places.items() if name in ("reach", "impressions", "followers")]
    return body.below(0) if any(any(mark.isalpha() for mark in text) for text in wordy) else body
