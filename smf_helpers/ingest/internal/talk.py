"""Messages of an internal platform → weekly activity and interactions: what all of its formats share."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from smf_helpers.ingest.readers import Reading

if TYPE_CHECKING:
    import pandas as pd

_MONDAY: Final = 3
"""1970-01-01 was a Thursday: days since then, plus 3, count from a Monday."""


@dataclass(slots=True, kw_only=True)
class Talk:
    """Messages in any order, one entry a message in each list.

    Attributes
    ----------
    platform : name of the platform.
    ids, senders : id of the message and of who wrote it.
    at : times in UTC.
    places : group or channel.
    open : whether everybody may read there.
    replied_to : id of the message answered, empty for an opening one.
    mentions : (number of the message, id of who was mentioned).
    reactions : (number of the message, id of who reacted).
    """

    platform: str
    ids: list[str] = field(default_factory=list)
    senders: list[str] = field(default_factory=list)
    at: list[Any] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    open: list[bool] = field(default_factory=list)
    replied_to: list[str] = field(default_factory=list)
    mentions: list[tuple[int, str]] = field(default_factory=list)
    reactions: list[tuple[int, str]] = field(default_factory=list)


def week_of(at: np.ndarray) -> np.ndarray:
    """Give the Monday of each time (datetime64, local), as datetime64[us].

    Examples
    --------
    >>> str(week_of(np.array(["2025-03-09T23:00"], dtype="datetime64[us]"))[0])[:10]
    '2025-03-03'
    """
    days = at.astype("datetime64[D]")
    offset = (days.astype("int64") + _MONDAY) % 7
    return (days - offset.astype("timedelta64[D]")).astype("datetime64[us]")


def read_talk(talk: Talk, reading: Reading, timezone: str | None) -> Reading:
    """Turn messages into the tables ``activity`` and ``interactions``.

    Reactions have no time of their own on most platforms: they count in the week of the message.
    """
    import pandas as pd

    at = pd.Series(pd.to_datetime(talk.at, utc=True) if talk.at else pd.DatetimeIndex([], tz="UTC"))
    local = at.dt.tz_convert(timezone or "UTC").dt.tz_localize(None)
    week = week_of(local.to_numpy(dtype="datetime64[us]"))
    reply = np.array([bool(target) for target in talk.replied_to], dtype=bool)
    done = pd.DataFrame(
        {
            "actor": talk.senders,
            "week": week,
            "posts": (~reply).astype(float),
            "replies": reply.astype(float),
            "day": local.dt.normalize().to_numpy(),
        }
    )
    kept = np.array([number for number, _ in talk.reactions], dtype=int)
    liked = pd.DataFrame(
        {
            "actor": [who for _, who in talk.reactions],
            "week": week[kept] if len(kept) else week[:0],
            "reactions": 1.0,
        }
    )
    wrote = done.groupby(["actor", "week"], sort=True).agg(
        posts=("posts", "sum"), replies=("replies", "sum"), active_days=("day", "nunique")
    )
    reacted = liked.groupby(["actor", "week"], sort=True)["reactions"].sum()
    activity = wrote.join(reacted, how="outer").reset_index()
    counts = ["posts", "replies", "reactions", "active_days"]
    activity[counts] = activity[counts].fillna(0.0).astype("float64")
    activity["platform"], activity["window_days"] = talk.platform, 7
    reading.tables["activity"] = activity
    reading.tables["interactions"] = _interactions(talk, at, reading)
    return reading


def _interactions(talk: Talk, at: "pd.Series", reading: Reading) -> "pd.DataFrame":
    import pandas as pd

    sender_of = dict(zip(talk.ids, talk.senders, strict=True))
    answered = [sender_of.get(target, "") for target in talk.replied_to]
    lost = sum(bool(target) and not who for target, who in zip(talk.replied_to, answered, strict=True))
    if lost:
        reading.notes.append(f"{lost} replies answer a message that is not in the export")
    replies = [(i, talk.senders[i], who, "reply") for i, who in enumerate(answered) if who]
    mentions = [(i, talk.senders[i], who, "mention") for i, who in talk.mentions]
    reactions = [(i, who, talk.senders[i], "reaction") for i, who in talk.reactions]
    rows = [row for row in (*replies, *mentions, *reactions) if row[1] != row[2]]
    number = np.array([row[0] for row in rows], dtype=int)
    found = pd.DataFrame(
        {
            "source": [row[1] for row in rows],
            "target": [row[2] for row in rows],
            "at": at.iloc[number].reset_index(drop=True),
            "kind": [row[3] for row in rows],
            "place": np.array(talk.places, dtype=object)[number] if len(rows) else [],
            "open": np.array(talk.open, dtype=bool)[number] if len(rows) else [],
        }
    )
    found.loc[found["kind"] == "reaction", "at"] = pd.NaT
    return found


def activity_of(interactions: "pd.DataFrame", platform: str, timezone: str | None) -> "pd.DataFrame":
    """Give the weekly activity that a log of interactions shows: what its sources wrote, reacted and when."""
    import pandas as pd

    known = interactions[interactions["at"].notna()] if "at" in interactions else interactions.iloc[:0]
    if not len(known):
        return pd.DataFrame({"actor": [], "week": [], "platform": []})
    local = known["at"].dt.tz_convert(timezone or "UTC").dt.tz_localize(None)
    rows = pd.DataFrame(
        {
            "actor": known["source"],
            "week": week_of(local.to_numpy(dtype="datetime64[us]")),
            "posts": (known["kind"] == "message").astype(float),
            "replies": known["kind"].isin(["reply", "mention"]).astype(float),
            "reactions": (known["kind"] == "reaction").astype(float),
            "day": local.dt.normalize(),
        }
    )
    weekly = rows.groupby(["actor", "week"], as_index=False, sort=True).agg(
        posts=("posts", "sum"),
        replies=("replies", "sum"),
        reactions=("reactions", "sum"),
        active_days=("day", "nunique"),
    )
    return weekly.assign(platform=platform, window_days=7)
