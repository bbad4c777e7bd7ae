"""LinkedIn: the three exports of a page (content, visitors, followers) and the creator's own analytics.

Two of the sheets begin with a description, the others do not; dates are text, month first, UTC. ``Total
followers`` of the sheet New followers is the day's gain. Counts may be negative on a day (likes taken back).
"""

from typing import Final

from smf_helpers.ingest.channels.metrics import days_of, merged_days, posts_of, unique_posts
from smf_helpers.ingest.grids import Grid
from smf_helpers.ingest.headers import named
from smf_helpers.ingest.readers import Detection, Reading, register
from smf_helpers.ingest.sources import Source

_LOOK: Final = 4


def _sheet(grid: Grid) -> tuple[str, int, dict[str, int]] | None:
    """Give (part, header row, places) of a sheet that is known."""
    for row in range(min(_LOOK, grid.n_rows)):
        header = grid.row(row)
        for part in ("posts", "days", "followers", "visitors"):
            places = named(header, f"linkedin_{part}")
            enough = {"posts": {"permalink", "published_at"}, "days": {"date", "impressions", "clicks"},
                      "followers": {"date", "followers_gained"}, "visitors": {"date", "visits"}}[part]  # fmt: skip
            if enough <= set(places):
                return part, row, places
    return None


def detect(source: Source) -> Detection | None:
    """Tell a page export by the columns of any of its sheets."""
    if source.bundle:
        return None
    known = [found[0] for grid in source.grids if (found := _sheet(grid))]
    if not known:
        return None
    variant = "content" if {"posts", "days"} & set(known) else known[0]
    return Detection(confidence=0.95, variant=variant)


@register("linkedin_page", "channel", detect, "LinkedIn Page: content, visitors or followers")
def read(source: Source) -> Reading:
    """Read every sheet that is known; tables of locations, functions and sizes are left out."""
    import pandas as pd

    reading = Reading(encoding="workbook")
    channel = source.options.channel or "linkedin"
    order = source.options.date_format or "mdy"
    days = []
    for grid in source.grids:
        found = _sheet(grid)
        if found is None:
            reading.rejected["rows of tables by place, function or size"] += max(grid.n_rows - 1, 0)
            reading.rows_in += max(grid.n_rows - 1, 0)
            continue
        part, header, places = found
        reading.leave_out(grid.row(header), places.values())
        body = grid.below(header)
        reading.rows_in += body.n_rows
        reading.header_row = header + 1
        if not body.n_rows:
            reading.notes.append(f"the sheet of {part} holds its header only")
            continue
        if part == "posts":
            posts = posts_of(body, places, channel, reading, order=order, zone="UTC", definition="linkedin-")
            reading.tables["posts"] = unique_posts(posts, grid.place, reading)
            continue
        metrics = {name: place for name, place in places.items() if name != "date"}
        days.append(
            days_of(body, places["date"], metrics, channel, reading, order=order, definition="linkedin")
        )
    if days:
        reading.tables["channel_days"] = merged_days(pd.concat(days, ignore_index=True), source.name, reading)
    return reading
