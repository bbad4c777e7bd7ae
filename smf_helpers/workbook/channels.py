"""The public channels and the inbox of one client, as proposed tables."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from smf_helpers.results.core import SHOWN, Estimate
from smf_helpers.results.publication import Cell, Proposal
from smf_helpers.workbook.proposing import Row, estimated, propose, proposes

if TYPE_CHECKING:
    import pandas as pd

    from smf_helpers.workbook.book import Workbook

NO_POSTS: Final = "There are no posts of a public channel; bring an export of one."
NO_INBOX: Final = "There are no inbound messages; bring an export of the inbox."


def dated_posts(book: "Workbook") -> "pd.DataFrame":
    """Give the posts up to the day to which data count, with the followers of their day where those are known."""

    def make() -> "pd.DataFrame":
        import pandas as pd

        posts = book.rows("posts")
        if book.params.as_of is not None and len(posts):
            end = pd.Timestamp(book.params.as_of, tz="UTC") + pd.Timedelta(days=1)
            posts = posts[posts["published_at"].isna() | (posts["published_at"] < end)]
        return posts.assign(followers=_followers(book, posts), month=_month(posts))

    return book.once("dated posts", make)


def _followers(book: "Workbook", posts: "pd.DataFrame") -> "pd.Series[Any]":
    """Give followers at the time of each post: the post's own, else the channel's last count by that day."""
    import pandas as pd

    days = book.rows("channel_days")
    days = days[(days["metric"] == "followers") & days["value"].notna()].sort_values("date")
    known = posts["followers"].copy()
    for channel, mine in posts.groupby("channel", observed=True):
        counts = days[days["channel"] == channel]
        at = mine["published_at"].dt.tz_localize(None)
        place = np.searchsorted(counts["date"].to_numpy(), at.to_numpy(), side="right") - 1
        then = np.where(
            place >= 0, counts["value"].to_numpy()[np.maximum(place, 0)] if len(counts) else np.nan, np.nan
        )
        known.loc[mine.index] = mine["followers"].fillna(pd.Series(then, index=mine.index))
    return known


def _month(posts: "pd.DataFrame") -> "pd.Series[Any]":
    return posts["published_at"].dt.strftime("%Y-%m-01")


def denominator(posts: "pd.DataFrame") -> str:
    """Choose the denominator of a channel's rates: reach where most posts tell it, else impressions, else followers."""
    for name in ("reach", "impressions", "followers"):
        if posts[name].notna().mean() >= 0.5:
            return name
    return "reach"


@proposes("channels", "channels", "channel_weeks", "channel_kinds")
def propose_channels(book: "Workbook") -> Iterator[Proposal]:
    """Propose what the public channels bring, by month and by kind of post."""
    posts = dated_posts(book)
    if not len(posts):
        for name in ("channels", "channel_weeks", "channel_kinds"):
            yield propose(name, (), reason=NO_POSTS)
        return
    channels = sorted(posts["channel"].astype(str).unique())
    by = {channel: denominator(posts[posts["channel"] == channel]) for channel in channels}
    said = ", ".join(f"{channel}: {name}" for channel, name in by.items())
    yield propose("channels", [row for channel in channels for row in _metrics(book, posts, channel)])
    yield propose(
        "channel_weeks",
        [row for channel in channels for row in _months(posts, channel, by[channel])],
        note=f"Interactions divided by, for each channel: {said}.",
        reason="The posts tell no day.",
    )
    yield propose(
        "channel_kinds",
        [row for channel in channels for row in _kinds(posts, channel, by[channel])],
        note=f"Posts with few views are pooled towards their kind; divided by: {said}.",
        reason="No channel has two kinds of posts with enough posts each.",
    )


def _metrics(book: "Workbook", posts: "pd.DataFrame", channel: str) -> Iterator[Row]:
    from smf_helpers.measures.channels import DENOMINATORS, measure_engagement

    mine = posts[posts["channel"] == channel]
    audience = mine.sort_values("published_at")["followers"].dropna()
    given = book.params.channels.get(channel)
    latest = float(audience.iloc[-1]) if len(audience) else getattr(given, "followers", None)
    for by in DENOMINATORS:
        found = measure_engagement(mine, by)
        cells: dict[str, Cell] = {
            "channel": channel,
            "metric": f"engagement_by_{by}",
            **estimated(found),
            "unit_of": found.unit,
            "n_posts": found.n if found.n is not None else len(mine),
            "audience": latest,
            "status": found.status.value,
            "reason": found.reason,
        }
        yield Row(cells=cells)


def _months(posts: "pd.DataFrame", channel: str, by: str) -> Iterator[Row]:
    from smf_helpers.measures.channels import measure_engagement

    mine = posts[(posts["channel"] == channel) & posts["month"].notna()]
    for month, rows in mine.groupby("month"):
        found = measure_engagement(rows, by)
        cells = {
            "channel": channel,
            "month": str(month),
            "posts": len(rows),
            **estimated(found, "engagement_rate"),
        }
        yield Row(cells=cells)


def _kinds(posts: "pd.DataFrame", channel: str, by: str) -> Iterator[Row]:
    """Give the rate of each kind of post, its posts pooled towards each other where views are few."""
    from smf_helpers.measures.channels import MIN_POSTS, count_interactions, measure_engagement

    mine = posts[(posts["channel"] == channel) & posts["kind"].notna()]
    told = mine.assign(y=count_interactions(mine), x=mine[by])
    told = told[told["y"].notna() & (told["x"] > 0)]
    sizes = told.groupby("kind")["x"].size()
    kinds = [kind for kind in sorted(sizes.index) if sizes[kind] >= MIN_POSTS]
    if len(kinds) < 2:
        return
    whole = measure_engagement(told, by)
    for kind in kinds:
        rows = told[told["kind"] == kind]
        found = pool_towards(measure_engagement(rows, by), whole)
        cells = {
            "channel": channel,
            "kind": str(kind),
            "n_posts": len(rows),
            **estimated(found, "engagement_rate"),
        }
        yield Row(cells=cells)


def pool_towards(own: Estimate, whole: Estimate) -> Estimate:
    """Shrink a kind's rate towards the channel's: weights by squared error against the squared distance.

    The distance between the two stands in for the spread between kinds, so a kind that is told precisely, or
    lies far away, keeps its own rate.
    """
    if own.status not in SHOWN or whole.status not in SHOWN or own.value is None or whole.value is None:
        return own
    error = ((own.high or own.value) - (own.low or own.value)) / 2
    gap = own.value - whole.value
    keep = gap**2 / (gap**2 + (error / 2) ** 2) if gap or error else 1.0
    centre = whole.value + keep * gap
    return Estimate(
        value=centre,
        low=max(centre - error, 0.0),
        high=centre + error,
        n=own.n,
        unit=own.unit,
        method="ratio of totals, pooled towards the channel",
    )


@proposes("response", "response")
def propose_response(book: "Workbook") -> Iterator[Proposal]:
    """Propose how fast messages are answered, those of a crisis beside all of them."""
    import pandas as pd

    messages = book.rows("messages")
    if not len(messages):
        yield propose("response", (), reason=NO_INBOX)
        return
    last = pd.concat([messages["at"], messages["answered_at"]]).max()
    as_of = book.params.as_of
    until = pd.Timestamp(as_of, tz="UTC") + pd.Timedelta(days=1) if as_of is not None else last
    rows = []
    for channel, mine in messages.groupby("channel", observed=True):
        kinds = {"all": mine, "crisis": mine[mine["crisis"].fillna(False).astype(bool)]}
        rows += [_response(str(channel), kind, found, until) for kind, found in kinds.items() if len(found)]
    yield propose(
        "response",
        rows,
        note="All hours count, nights and weekends too; whoever still waits is counted as waiting.",
    )


def _response(channel: str, kind: str, messages: "pd.DataFrame", until: Any) -> Row:
    from smf_helpers.measures.channels import measure_response
    from smf_helpers.measures.survival import share_through

    curve = measure_response(messages, until=until)
    day = share_through(curve, 24.0)
    return Row(
        cells={
            "channel": channel,
            "kind": kind,
            **estimated(curve.median, "median_hours"),
            "answered": day.value if day.status in SHOWN else None,
            "n_messages": curve.n,
            "status": curve.median.status.value,
            "reason": curve.median.reason,
        }
    )
