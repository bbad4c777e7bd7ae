"""External channels in the look of LinkedIn Page and Meta Business Suite exports."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import numpy as np

from smf_helpers.ingest.sample.containers import delimited, workbook
from smf_helpers.ingest.sample.practice import Post

PACIFIC: Final = ZoneInfo("America/Los_Angeles")

_LINKEDIN_NOTES: Final = (
    "Aggregated engagement metrics for your organic and sponsored updates over time. Date indicates when "
    "your updates were viewed by LinkedIn members. Data is delayed by up to 2 days. All dates and times are "
    "in UTC.",
    "Engagement metrics for individual updates. Created date indicates when the update was created. All "
    "dates and times are in UTC.",
)
_LINKEDIN_DAILY: Final = ("Impressions", "Clicks", "Reactions", "Comments", "Reposts")
_KINDS: Final = ("organic", "sponsored", "total")


def linkedin_content(rng: np.random.Generator, posts: Sequence[Post], first: date, last: date) -> bytes:
    """Write the content export of a page for at most a year: daily metrics and all posts, dates as text."""
    head = ["Date", *(f"Impressions ({kind})" for kind in _KINDS), "Unique impressions (organic)"]
    head += [f"{name} ({kind})" for name in _LINKEDIN_DAILY[1:] for kind in _KINDS]
    head += [f"Engagement rate ({kind})" for kind in _KINDS]
    chosen = [post for post in posts if first <= post.at.date() <= last]
    daily: list[list[Any]] = [[_LINKEDIN_NOTES[0]], head]
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        fresh = [post for post in chosen if 0 <= (day - post.at.date()).days < 3]
        part = [0.6, 0.3, 0.1]
        sums = [
            sum(int(getattr(p, name) * part[(day - p.at.date()).days]) for p in fresh)
            for name in ("impressions", "clicks", "reactions", "comments", "shares")
        ]
        reach = sum(int(p.reach * part[(day - p.at.date()).days]) for p in fresh)
        if sums[2] == 0 and rng.random() < 0.02:
            sums[2] = -1
        rate = round(sum(sums[1:]) / sums[0], 6) if sums[0] else 0
        row: list[Any] = [f"{day:%m/%d/%Y}", sums[0], 0, sums[0], reach]
        for value in sums[1:]:
            row += [value, 0, value]
        daily.append([*row, rate, 0, rate])
    columns = _split(
        "Post title,Post link,Post type,Campaign name,Posted by,Created date,Campaign start date,"
        "Campaign end date,Audience,Impressions,Views,Off-site views,Clicks,Click through rate (CTR),Likes,"
        "Comments,Reposts,Follows,Engagement rate,Content Type"
    )
    listed: list[list[Any]] = [[_LINKEDIN_NOTES[1]], columns]
    for post in chosen:
        engaged = post.clicks + post.reactions + post.comments + post.shares
        activity = 7_100_000_000_000_000_000 + post.number * 977
        link = f"https://www.linkedin.com/feed/update/urn:li:activity:{activity}"
        listed.append(
            [
                post.text,
                link,
                "Organic",
                "",
                "Communications",
                f"{post.at:%m/%d/%Y}",
                "",
                "",
                "All followers",
                post.impressions,
                post.reach if post.kind == "Video" else "",
                "",
                post.clicks,
                round(post.clicks / post.impressions, 6),
                post.reactions,
                post.comments,
                post.shares,
                0,
                round(engaged / post.impressions, 6),
                post.kind,
            ]
        )
    return workbook({"Metrics": daily, "All posts": listed})


def linkedin_followers(rng: np.random.Generator, first: date, last: date, pace: float) -> bytes:
    """Write the followers export: the day's gain (its column says total) and two tables of shares."""
    rows: list[list[Any]] = [
        ["Date", "Sponsored followers", "Organic followers", "Auto-invited followers", "Total followers"]
    ]
    for offset in range((last - first).days + 1):
        gain = int(rng.poisson(pace))
        rows.append([f"{first + timedelta(days=offset):%m/%d/%Y}", 0, gain, 0, gain])
    places: list[list[Any]] = [["Location", "Total followers"], ["Vika", 812], ["Norrholm", 404]]
    sizes: list[list[Any]] = [["Company size", "Total followers"], ["1001-5000", 500], ["11-50", 210]]
    return workbook({"New followers": rows, "Location": places, "Company size": sizes})


def facebook_posts(posts: Sequence[Post]) -> bytes:
    """Write posts as Meta Business Suite does for Facebook: Pacific times, lifetime figures, an error row."""
    head = (
        "Post ID,Page ID,Page name,Title,Description,Duration (sec),Publish time,Caption type,Permalink,"
        "Is crosspost,Is share,Post type,Languages,Custom labels,Funded content status,Data comment,Date,"
        'Views,Reach,"Reactions, Comments and Shares",Reactions,Comments,Shares,Total clicks,Link Clicks,'
        "Other Clicks"
    )
    rows: list[list[Any]] = [_split(head)]
    page = "100063500000001"
    for post in posts:
        key = str(1_220_000_000_000_000 + post.number * 7919)
        local = post.at.astimezone(PACIFIC)
        rows.append(
            [
                key,
                page,
                "Kauppa",
                post.text,
                f"{post.text}\n#kauppa",
                0,
                f"{local:%m/%d/%Y %H:%M}",
                "",
                f"https://www.facebook.com/{page}/posts/{key}",
                0,
                0,
                post.kind,
                "",
                "",
                "",
                "",
                "Lifetime",
                post.impressions,
                post.reach,
                post.reactions + post.comments + post.shares,
                post.reactions,
                post.comments,
                post.shares,
                post.clicks,
                post.clicks // 2,
                post.clicks - post.clicks // 2,
            ]
        )
    broken: list[Any] = [""] * len(rows[0])
    broken[15] = "An error occurred while fetching the data for this post"
    rows.append(broken)
    return "\ufeff".encode() + delimited(rows, end="\n")


def instagram_posts(posts: Sequence[Post]) -> bytes:
    """Write posts as Meta Business Suite does for Instagram: 17-digit ids, Pacific times."""
    head = (
        "Post ID,Account ID,Account username,Account name,Description,Duration (sec),Publish time,Permalink,"
        "Post type,Data comment,Date,Views,Reach,Likes,Shares,Follows,Comments,Saves"
    )
    rows: list[list[Any]] = [_split(head)]
    for post in posts:
        key = str(17_900_000_000_000_001 + post.number * 104_729)
        local = post.at.astimezone(PACIFIC)
        rows.append(
            [
                key,
                "17841400000000001",
                "kauppa.fi",
                "Kauppa",
                post.text,
                0,
                f"{local:%m/%d/%Y %H:%M}",
                f"https://www.instagram.com/p/{key[-8:]}/",
                post.kind,
                "",
                "Lifetime",
                post.impressions,
                post.reach,
                post.reactions,
                post.shares,
                0,
                post.comments,
                post.saves,
            ]
        )
    return "\ufeff".encode() + delimited(rows, end="\n")


def meta_card(blocks: Sequence[tuple[str, date, Sequence[int]]]) -> bytes:
    """Write insight cards as Meta does: UTF-16, a ``sep=`` line, a title, then day and value."""
    lines = ["sep=,"]
    for title, first, values in blocks:
        lines += [f'"{title}"', '"Date","Primary"']
        for offset, value in enumerate(values):
            day = first + timedelta(days=offset)
            hour = 1 if 3 < day.month < 11 else 0
            lines.append(f'"{day}T{hour:02d}:00:00","{value}"')
        lines.append("")
    return "\ufeff".encode("utf-16-le") + "\r\n".join(lines).encode("utf-16-le")


def _split(head: str) -> list[Any]:
    import csv

    return next(csv.reader([head]))
