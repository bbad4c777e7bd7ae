"""Discourse (user list, user archive) and Mattermost (bulk export as JSON lines)."""

import re
from typing import Any, Final

import numpy as np

from smf_helpers.ingest.frames import cleaned
from smf_helpers.ingest.grids import Column
from smf_helpers.ingest.headers import named, normal
from smf_helpers.ingest.internal.talk import Talk, read_talk, week_of
from smf_helpers.ingest.readers import Detection, Reading, frame, register
from smf_helpers.ingest.sources import Source, parse_json
from smf_helpers.ingest.times import times
from smf_helpers.ingest.values import numbers

_MENTION: Final = re.compile(r"(?<![\w.])@([a-z0-9][a-z0-9._-]*)")


def detect_discourse(source: Source) -> Detection | None:
    """Tell the user list by its trust level and counts."""
    if source.bundle or len(source.grids) != 1:
        return None
    places = named(source.grids[0].row(0), "discourse")
    needed = {"person", "trust", "posts", "given"} <= set(places)
    return Detection(confidence=0.95, variant="user list") if needed else None


@register("discourse", "internal", detect_discourse, "Discourse list of users")
def read_discourse(source: Source) -> Reading:
    """Read users as people and their lifetime counts as activity over the time since they joined.

    The last field is missing where a user has no group: such rows are shorter than the header, and right.
    """
    import pandas as pd

    grid = source.grids[0]
    reading = Reading().about(grid, 0)
    places, body = named(grid.row(0), "discourse"), grid.below(0)
    reading.rows_in = body.n_rows
    key = places.get("email", places["person"])
    person = cleaned(body.columns[key])
    person = Column(person.codes, [level.lower() for level in person.levels])
    staged = (
        np.isin(body.columns[places["staged"]].map(normal), ("true", "t", "1"))
        if "staged" in places
        else np.zeros(body.n_rows, dtype=bool)
    )
    out = np.zeros(body.n_rows, dtype=bool)
    if "suspended" in places:
        out = ~body.columns[places["suspended"]].blank()
    state = np.where(staged, "guest", np.where(out, "deactivated", "active"))
    joined = (
        times(body.columns[places["joined_on"]], zone="UTC").values
        if "joined_on" in places
        else np.full(body.n_rows, np.datetime64("NaT", "us"))
    )
    made: dict[str, Any] = {
        "person": person.values,
        "state": state,
        "joined_on": pd.Series(joined).dt.normalize(),
    }
    reading.tables["people"] = frame(made).drop_duplicates("person", ignore_index=True)
    seen = times(body.columns[places["seen"]], zone="UTC").values if "seen" in places else joined
    span = (seen - joined) / np.timedelta64(1, "D")
    rows = frame(
        {
            "actor": person.values,
            "week": week_of(seen),
            "platform": source.options.platform or "discourse",
            "posts": numbers(body.columns[places["posts"]]).values,
            "reactions": numbers(body.columns[places["given"]]).values,
            "reads": numbers(body.columns[places["read"]]).values if "read" in places else np.nan,
            "window_days": np.maximum(np.nan_to_num(span, nan=1), 1).astype(int),
        }
    )
    keep = ~staged & ~np.isnat(seen)
    reading.rejected["users who were never there"] += int((~keep).sum())
    reading.tables["activity"] = rows[keep].drop_duplicates(["actor", "week"], ignore_index=True)
    return reading


def detect_mattermost(source: Source) -> Detection | None:
    """Tell the bulk export by its first line."""
    if not source.is_json:
        return None
    first = source.raw[:400].split(b"\n", 1)[0]
    known = b'"type"' in first and b'"version"' in first
    return Detection(confidence=0.95, variant="bulk export") if known else None


@register("mattermost", "internal", detect_mattermost, "Mattermost bulk export (JSON lines)")
def read_mattermost(source: Source) -> Reading:
    """Read posts with the replies and reactions nested in them; direct messages are counted, never read."""
    reading = Reading(encoding="json")
    talk = Talk(platform=source.options.platform or "mattermost")
    email: dict[str, str] = {}
    opened: dict[str, bool] = {}
    people: list[dict[str, str]] = []
    posts: list[dict[str, Any]] = []
    bots: set[str] = set()
    for number, line in enumerate(source.raw.decode("utf-8-sig", errors="replace").splitlines(), start=1):
        if not line.strip():
            continue
        entry = _entry(line, f"{source.name}:{number}")
        kind = str(entry.get("type"))
        inner = entry.get(kind)
        about: dict[str, Any] = inner if isinstance(inner, dict) else {}
        if kind == "user":
            name = str(about.get("username", ""))
            email[name] = str(about.get("email") or name).lower()
            state = "deactivated" if about.get("delete_at") else "bot" if about.get("is_bot") else "active"
            people.append({"person": email[name], "state": state})
            if state == "bot":
                bots.add(name)
        elif kind == "channel":
            opened[str(about.get("name", ""))] = about.get("type", "O") == "O"
        elif kind == "post":
            posts.append(about)
        elif kind == "direct_post":
            reading.rejected["direct messages"] += 1
            reading.rows_in += 1
    for post in posts:
        _keep(post, None, talk, email, opened, bots, reading)
    if people:
        reading.tables["people"] = frame(
            {name: [row[name] for row in people] for name in ("person", "state")}
        ).drop_duplicates("person", ignore_index=True)
    return read_talk(talk, reading, source.options.timezone)


def _entry(line: str, where: str) -> dict[str, Any]:
    found = parse_json(line.encode(), where)
    return found if isinstance(found, dict) else {}


def _keep(
    post: dict[str, Any],
    parent: str | None,
    talk: Talk,
    email: dict[str, str],
    opened: dict[str, bool],
    bots: set[str],
    reading: Reading,
    place: str = "",
) -> None:
    reading.rows_in += 1
    stamp = post.get("create_at")
    if not isinstance(stamp, int | float) or not 0 < stamp < 4e12:
        reading.rejected["messages without a time"] += 1
        return
    if str(post.get("type") or "").startswith("system_"):
        reading.rejected["joins and notices of the platform"] += 1
        return
    if str(post.get("user", "")) in bots:
        reading.rejected["messages of bots"] += 1
        return
    number = len(talk.ids)
    channel = place or str(post.get("channel", ""))
    own = f"{number}"
    user = str(post.get("user", ""))
    talk.ids.append(own)
    talk.senders.append(email.get(user, user))
    talk.at.append(np.datetime64(int(stamp), "ms").astype("datetime64[us]"))
    talk.places.append(channel)
    talk.open.append(opened.get(channel, True))
    talk.replied_to.append(parent or "")
    named = dict.fromkeys(name.rstrip(".") for name in _MENTION.findall(str(post.get("message") or "")))
    talk.mentions += [(number, email[name]) for name in named if name in email and name not in bots]
    for reaction in post.get("reactions") or []:
        fan = str(reaction.get("user", ""))
        if fan not in bots:
            talk.reactions.append((number, email.get(fan, fan)))
    for reply in post.get("replies") or []:
        _keep(reply, own, talk, email, opened, bots, reading, channel)
