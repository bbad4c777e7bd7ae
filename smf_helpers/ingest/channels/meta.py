"""Meta Business Suite: Facebook and Instagram posts and videos, insight cards by day, audience tables.

Publish times are Pacific, month first. ``Lifetime`` in the column Date marks lifetime figures; a day there marks
the daily breakdown, whose rows are never taken for posts. Cards name their metric in the title.
"""

import re
from typing import Final

from smf_helpers.ingest.channels.metrics import days_of, merged_days, posts_of, unique_posts
from smf_helpers.ingest.delimited import check_ragged
from smf_helpers.ingest.grids import Grid
from smf_helpers.ingest.headers import named, normal
from smf_helpers.ingest.readers import Detection, Reading, register
from smf_helpers.ingest.sources import Source

PACIFIC: Final = "America/Los_Angeles"
_LIFETIME: Final = ("lifetime", "livstid", "durata", "elinikä", "gesamter zeitraum", "vida útil", "")
_CARDS: Final = {
    "reach": ("reach", "räckvidd", "copertura", "kattavuus", "alcance"),
    "impressions": ("views", "visningar", "visualizzazioni", "näyttökerrat", "katselukerrat", "impressions"),
    "visits": ("visits", "profile visits", "page visits", "besök", "visite", "vierailut", "käynnit"),
    "followers_gained": ("follows", "new follows", "följer", "nuovi follower", "seuraamiset"),
    "unfollows": ("unfollows",),
    "interactions": (
        "content interactions",
        "interactions",
        "interaktioner",
        "interazioni",
        "vuorovaikutukset",
    ),
    "clicks": ("link clicks", "länkklick", "clic sui link", "linkin klikkaukset"),
    "viewers": ("viewers", "tittare"),
}
_AUDIENCE: Final = ("age & gender", "top cities", "top countries", "paesi principali", "città principali")
_TITLES: Final = 40
"""Rows in which the title of an audience table has to stand."""
_PLATFORM: Final = re.compile(r"(facebook|instagram)")


def _header(source: Source) -> list[str] | None:
    if source.bundle or len(source.grids) != 1:
        return None
    return source.grids[0].row(0)


def detect_posts(source: Source) -> Detection | None:
    """Tell posts by an id, an account or page id, a publish time and a link, in any known language."""
    header = _header(source)
    if header is None:
        return None
    found = named(header, "meta_posts")
    instagram = "account" in found
    needed = {"post", "published_at", "permalink"} <= set(found) and (instagram or "page" in found)
    if not needed or "sprout" in found:
        return None
    return Detection(confidence=0.96, variant="Instagram posts" if instagram else "Facebook posts")


@register("meta_posts", "channel", detect_posts, "Meta Business Suite: posts of Facebook or Instagram")
def read_posts(source: Source) -> Reading:
    """Read posts with lifetime figures; the daily breakdown is refused with a sentence."""
    grid = source.grids[0]
    check_ragged(grid, 0)
    reading = Reading().about(grid, 0)
    header, body = grid.row(0), grid.below(0)
    places = named(header, "meta_posts")
    reading.leave_out(header, places.values())
    reading.rows_in = body.n_rows
    channel = source.options.channel or ("instagram" if "account" in places else "facebook")
    if "data_comment" in places:
        post = body.columns[places["post"]]
        failed = post.blank() & ~body.columns[places["data_comment"]].blank()
        if failed.any():
            reading.rejected["rows that Meta could not fetch"] += int(failed.sum())
            body = body.part(~failed)
    if "date" in places:
        lifetime = body.columns[places["date"]].map(lambda text: normal(text) in _LIFETIME, dtype=bool)
        if not lifetime.all():
            what = "This is the daily breakdown: several rows a post, no lifetime figures."
            reading.fail("C204", grid.place, what, "Export the posts again with lifetime figures.")
            return reading
    posts = posts_of(body, places, channel, reading, order="mdy", zone=PACIFIC, definition="meta-")
    reading.tables["posts"] = unique_posts(posts, grid.place, reading)
    return reading


def detect_videos(source: Source) -> Detection | None:
    """Tell the video export by its two ids of an asset."""
    header = _header(source)
    if header is None:
        return None
    found = named(header, "meta_videos")
    return (
        Detection(confidence=0.96, variant="Facebook videos") if {"post", "universal"} <= set(found) else None
    )


@register("meta_videos", "channel", detect_videos, "Meta Business Suite: Facebook videos")
def read_videos(source: Source) -> Reading:
    """Read videos as posts of the kind video."""
    grid = source.grids[0]
    reading = Reading().about(grid, 0)
    header, body = grid.row(0), grid.below(0)
    places = named(header, "meta_videos")
    reading.leave_out(header, places.values())
    reading.rows_in = body.n_rows
    channel = source.options.channel or "facebook"
    posts = posts_of(body, places, channel, reading, order="mdy", zone=PACIFIC, definition="meta-")
    posts["kind"] = "video"
    reading.tables["posts"] = unique_posts(posts, grid.place, reading)
    return reading


def _blocks(grid: Grid) -> list[tuple[str, int, int]]:
    """Give (title, first row, row after the last) of each block of a card file."""
    first = grid.columns[0].values
    second = grid.columns[1].values if len(grid.columns) > 1 else [""] * grid.n_rows
    starts = [
        row
        for row in range(grid.n_rows - 1)
        if first[row].strip()
        and not str(second[row]).strip()
        and (
            normal(first[row + 1]) in ("date", "datum", "data", "päivämäärä", "päivä", "fecha", "")
            and str(second[row + 1]).strip()
        )
    ]
    ends = [*starts[1:], grid.n_rows] if starts else []
    return [(first[start], start + 2, end) for start, end in zip(starts, ends, strict=True)]


def _metric(title: str) -> tuple[str, str]:
    """Give platform and metric of a card's title; the platform may be empty."""
    form = normal(title)
    platform = (_PLATFORM.search(form) or [""])[0]
    rest = _PLATFORM.sub("", form).strip()
    metric = next((name for name, words in _CARDS.items() if rest in words), "")
    return platform, metric


def detect_cards(source: Source) -> Detection | None:
    """Tell insight cards by a title, then a date and one value."""
    header = _header(source)
    if header is None:
        return None
    if len(header) > 3:
        return None
    blocks = _blocks(source.grids[0])
    known = [title for title, _, _ in blocks if _metric(title)[1]]
    if not known:
        return None
    return Detection(confidence=0.9 if len(known) == len(blocks) else 0.7, variant="insight cards")


@register("meta_cards", "channel", detect_cards, "Meta Business Suite: insight cards by day")
def read_cards(source: Source) -> Reading:
    """Read each block as one metric of one platform; the date is taken as it stands, never converted."""
    import pandas as pd

    grid = source.grids[0]
    reading = Reading().about(grid)
    parts = []
    for title, start, end in _blocks(grid):
        platform, metric = _metric(title)
        channel = platform or source.options.channel
        body = grid.part(slice(start, end))
        body = body.part(body.filled())
        if not metric:
            reading.rejected["rows of a card that is not known"] += body.n_rows
            continue
        if channel is None:
            what = "The card does not say whether it is Facebook or Instagram."
            reading.fail("C205", grid.place, what, "Set `channel:` of the source.")
            return reading
        reading.rows_in += body.n_rows
        parts.append(days_of(body, 0, {metric: 1}, channel, reading, definition="meta-card"))
    found = pd.concat(parts, ignore_index=True)
    reading.tables["channel_days"] = merged_days(found, grid.place, reading)
    return reading


def detect_audience(source: Source) -> Detection | None:
    """Tell the audience file by the titles of its tables."""
    header = _header(source)
    if header is None:
        return None
    first = {normal(row[0]) for row in source.grids[0].head(_TITLES)}
    return Detection(confidence=0.9, variant="audience") if first & set(_AUDIENCE) else None


@register("meta_audience", "channel", detect_audience, "Meta Business Suite: audience (age, places)")
def read_audience(source: Source) -> Reading:
    """Recognise the audience tables; they hold shares of followers, for which there is no canonical table."""
    grid = source.grids[0]
    reading = Reading(rows_in=grid.n_rows).about(grid)
    reading.rejected["shares of the audience (no rows of posts or days)"] += grid.n_rows
    reading.notes.append("audience tables were recognised and left out: they are shares, not posts or days")
    return reading
