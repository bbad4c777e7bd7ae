"""X (Twitter), three generations: a row a tweet and a row a day to 2023, content and overview from 2024.

Impressions of a day are those of all tweets on that day and do not add up to those of the tweets: the two are
never mixed. Counts may be written ``825.0``; ``-`` is not offered, not zero.
"""

from smf_helpers.ingest.channels.metrics import days_of, posts_of, unique_posts
from smf_helpers.ingest.delimited import check_ragged
from smf_helpers.ingest.headers import named
from smf_helpers.ingest.readers import Detection, Reading, register
from smf_helpers.ingest.sources import Source


def _kind(source: Source) -> tuple[str, dict[str, int]] | None:
    if source.bundle or len(source.grids) != 1:
        return None
    header = source.grids[0].row(0)
    posts, days = named(header, "x_posts"), named(header, "x_days")
    if {"post", "permalink", "impressions", "engagements"} <= set(posts):
        return "posts", posts
    if {"post", "permalink", "impressions", "reactions", "saves"} <= set(posts):
        return "posts", posts
    if {"date", "impressions"} <= set(days) and {"tweets", "created", "bookmarks"} & set(days):
        return "days", days
    return None


def detect(source: Source) -> Detection | None:
    """Tell it by its columns, in any of the three generations and the known languages."""
    found = _kind(source)
    if found is None:
        return None
    modern = bool({"saves", "bookmarks"} & set(found[1]))
    variant = {"posts": "content" if modern else "tweets", "days": "overview" if modern else "days"}[found[0]]
    return Detection(confidence=0.94, variant=variant)


@register("x", "channel", detect, "X (Twitter): tweets, days, content or overview")
def read(source: Source) -> Reading:
    """Read posts with lifetime figures, or days."""
    grid = source.grids[0]
    check_ragged(grid, 0)
    reading = Reading().about(grid, 0)
    found = _kind(source)
    assert found is not None
    kind, places = found
    reading.leave_out(grid.row(0), places.values())
    body = grid.below(0)
    reading.rows_in = body.n_rows
    channel = source.options.channel or "x"
    version = "x-2024-" if {"saves", "bookmarks"} & set(places) else "twitter-"
    if kind == "posts":
        posts = posts_of(
            body, places, channel, reading, order=source.options.date_format, zone="UTC", definition=version
        )
        reading.tables["posts"] = unique_posts(posts, grid.place, reading)
        return reading
    metrics = {name: place for name, place in places.items() if name not in ("date", "tweets", "created")}
    reading.tables["channel_days"] = days_of(
        body,
        places["date"],
        metrics,
        channel,
        reading,
        order=source.options.date_format,
        definition=version + "day",
    )
    return reading
