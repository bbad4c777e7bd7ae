"""Slack workspace export: channels.json, users.json, a folder a channel, a JSON list a day.

Joins, bots, tombstones and broadcasts of a thread are no activity; reactions have no time; only public channels
are in the export of the lower plans, which the notes say.
"""

import re
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from smf_helpers.errors import InputError
from smf_helpers.ingest.internal.talk import Talk, read_talk
from smf_helpers.ingest.readers import Detection, Reading, frame, register
from smf_helpers.ingest.sources import Source

if TYPE_CHECKING:
    import pandas as pd

_DAY: Final = re.compile(r"(?:.*/)?([^/]+)/\d{4}-\d{2}-\d{2}\.json\Z")
_MENTION: Final = re.compile(r"<@([UWuw][A-Za-z0-9]+)(?:\|[^>]*)?>")
_KEPT: Final = ("", "me_message", "file_share", "thread_broadcast", "file_comment")
_OUTSIDE: Final = ("bot", "guest")
_REASONS: Final = {
    "channel_join": "joins and leaves",
    "channel_leave": "joins and leaves",
    "group_join": "joins and leaves",
    "tombstone": "tombstones",
    "bot_message": "messages of bots",
    "bot_add": "messages of bots",
}


def detect(source: Source) -> Detection | None:
    """Tell it by day files in channel folders, and users.json or channels.json beside them."""
    days = sum(bool(_DAY.match(name)) for name in source.members)
    listed = {"users.json", "channels.json"} & {name.rsplit("/", 1)[-1] for name in source.members}
    if not days or (not listed and days < 2):
        return None
    return Detection(confidence=0.97 if len(listed) == 2 else 0.9, variant="workspace export")


@register("slack_export", "internal", detect, "Slack workspace export (zip or folder)")
def read(source: Source) -> Reading:
    """Read every day of every channel."""
    reading = Reading(encoding="json")
    users = _listed(source, "users.json", reading)
    _listed(source, "channels.json", reading)
    kinds, email = _kinds(users)
    talk = Talk(platform=source.options.platform or "slack")
    private = {str(entry.get("name")) for name in ("groups.json", "mpims.json", "dms.json")
               for entry in _listed(source, name, None)}  # fmt: skip
    broken = 0
    for member in source.members:
        match = _DAY.match(member)
        if not match:
            continue
        try:
            day = source.parsed(member)
        except InputError:
            broken += 1
            continue
        for entry in day if isinstance(day, list) else []:
            _keep(entry, match[1], match[1] not in private, talk, kinds, email, reading)
    if broken:
        what = f"{broken} days of a channel are damaged and were left out."
        reading.warn("Z004", source.name, what, "Export again.")
    if not talk.ids:
        reading.fail("S001", source.name, "The export holds no messages.", "Export a longer range.")
        return reading
    reading.notes.append("public channels only: talk in private channels and direct messages is not in it")
    if users:
        reading.tables["people"] = _people(users, email)
    return read_talk(talk, reading, source.options.timezone)


def _listed(source: Source, name: str, reading: Reading | None) -> list[dict[str, Any]]:
    member = next((found for found in source.members if found.rsplit("/", 1)[-1] == name), None)
    if member is None:
        if reading is not None:
            reading.warn("Z005", source.name, f"'{name}' is missing; what it holds is left out.")
        return []
    found = source.parsed(member)
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def _kinds(users: list[dict[str, Any]]) -> tuple[dict[str, str], dict[str, str]]:
    kinds, email = {}, {}
    for user in users:
        key = str(user.get("id", "")).upper()
        profile = user.get("profile") if isinstance(user.get("profile"), dict) else {}
        bot = user.get("is_bot") or key == "USLACKBOT"
        guest = user.get("is_restricted") or user.get("is_ultra_restricted") or user.get("is_stranger")
        kinds[key] = (
            "bot" if bot else "guest" if guest else "deactivated" if user.get("deleted") else "active"
        )
        email[key] = str((profile or {}).get("email") or "").lower() or key
    return kinds, email


def _keep(
    entry: Any,
    channel: str,
    is_open: bool,
    talk: Talk,
    kinds: dict[str, str],
    email: dict[str, str],
    reading: Reading,
) -> None:
    if not isinstance(entry, dict) or entry.get("type", "message") != "message":
        reading.rejected["entries that are no messages"] += 1
        return
    reading.rows_in += 1
    subtype = str(entry.get("subtype") or "")
    user = str(entry.get("user") or "").upper()
    stamp = _seconds(entry.get("ts"))
    if subtype not in _KEPT:
        reading.rejected[_REASONS.get(subtype, "notices of the platform")] += 1
    elif not user or entry.get("bot_id") or kinds.get(user) == "bot":
        reading.rejected["messages of bots"] += 1
    elif kinds.get(user) == "guest":
        reading.rejected["messages of guests"] += 1
    elif subtype == "thread_broadcast":
        reading.rejected["broadcasts of a reply"] += 1
    elif stamp is None:
        reading.rejected["messages without a time"] += 1
    else:
        number = len(talk.ids)
        thread = str(entry.get("thread_ts") or "")
        own = f"{channel}/{entry['ts']}"
        talk.ids.append(own)
        talk.senders.append(email.get(user, user))
        talk.at.append(stamp)
        talk.places.append(channel)
        talk.open.append(is_open)
        talk.replied_to.append(f"{channel}/{thread}" if thread and f"{channel}/{thread}" != own else "")
        named = dict.fromkeys(found.upper() for found in _MENTION.findall(str(entry.get("text") or "")))
        talk.mentions += [(number, email.get(who, who)) for who in named if kinds.get(who) not in _OUTSIDE]
        for reaction in entry.get("reactions") or []:
            fans = reaction.get("users") if isinstance(reaction, dict) else None
            talk.reactions += [
                (number, email.get(str(who).upper(), str(who).upper()))
                for who in fans or []
                if kinds.get(str(who).upper()) not in _OUTSIDE
            ]


def _seconds(stamp: Any) -> np.datetime64 | None:
    try:
        micro = round(float(stamp) * 1e6)
    except (TypeError, ValueError, OverflowError):
        return None
    return np.datetime64(micro, "us") if 0 < micro < 4e15 else None


def _people(users: list[dict[str, Any]], email: dict[str, str]) -> "pd.DataFrame":
    kinds, _ = _kinds(users)
    rows = frame({"person": [email[key] for key in kinds], "state": list(kinds.values())})
    return rows.drop_duplicates("person", ignore_index=True)
