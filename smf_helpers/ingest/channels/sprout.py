"""Sprout Social: posts of several networks in one file, profiles by day in its sister; thousands marks, ``16.1%``."""

from smf_helpers.ingest.channels.metrics import days_of, merged_days, posts_of, unique_posts
from smf_helpers.ingest.delimited import check_ragged
from smf_helpers.ingest.grids import Column
from smf_helpers.ingest.headers import named, normal
from smf_helpers.ingest.readers import Detection, Reading, register
from smf_helpers.ingest.sources import Source


def _kind(source: Source) -> tuple[str, dict[str, int]] | None:
    if source.bundle or len(source.grids) != 1:
        return None
    header = source.grids[0].row(0)
    posts, days = named(header, "sprout_posts"), named(header, "sprout_days")
    if {"published_at", "post", "network", "profile"} <= set(posts):
        return "posts", posts
    return ("profiles", days) if {"date", "network", "profile", "followers"} <= set(days) else None


def detect(source: Source) -> Detection | None:
    """Tell it by network and profile beside a date."""
    found = _kind(source)
    return Detection(confidence=0.97, variant=found[0]) if found else None


@register("sprout_social", "channel", detect, "Sprout Social: posts or profiles by day")
def read(source: Source) -> Reading:
    """Read posts or days; each network is a channel of its own."""
    grid = source.grids[0]
    check_ragged(grid, 0)
    reading = Reading().about(grid, 0)
    found = _kind(source)
    assert found is not None
    kind, places = found
    reading.leave_out(grid.row(0), places.values())
    body = grid.below(0)
    reading.rows_in = body.n_rows
    network = body.columns[places["network"]]
    channel = Column(network.codes, [_channel(level) for level in network.levels])
    if kind == "posts":
        order, zone = source.options.date_format or "mdy", source.options.timezone
        posts = posts_of(body, places, channel, reading, order=order, zone=zone, definition="sprout-")
        reading.tables["posts"] = unique_posts(posts, grid.place, reading)
        return reading
    metrics = {n: p for n, p in places.items() if n not in ("date", "network", "profile")}
    import pandas as pd

    parts = []
    for level in dict.fromkeys(channel.levels):
        rows = body.part(channel.values == level)
        if rows.n_rows:
            given = source.options.date_format
            parts.append(
                days_of(rows, places["date"], metrics, level, reading, order=given, definition="sprout")
            )
    reading.tables["channel_days"] = merged_days(pd.concat(parts, ignore_index=True), grid.place, reading)
    return reading


def _channel(network: str) -> str:
    form = normal(network)
    return {"twitter": "x", "x (twitter)": "x"}.get(form, form.split(" ")[0] if form else "unnamed")
