"""An internal platform's history in the look of a Viva Engage network export and a Slack workspace export."""

import json
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import Any

from smf_helpers.ingest.sample.containers import delimited, zipped
from smf_helpers.ingest.sample.network import TEXTS, Message
from smf_helpers.ingest.sample.organisation import Person


def _names(text: str) -> list[str]:
    return text.split()


_MESSAGE_COLUMNS = _names(
    "id replied_to_id parent_id thread_id conversation_id group_id group_name participants in_private_group "
    "in_private_conversation sender_id sender_type sender_name sender_email body api_url attachments "
    "deleted_by_id deleted_by_type created_at deleted_at title message_type gdpr_delete_url"
)
_USER_COLUMNS = _names(
    "id name email job_title location department joined_at deleted_at suspended_at guid state api_url"
)


def viva_engage(
    people: list[Person], messages: list[Message], week_of: Any, launched_on: date, ends_on: date
) -> bytes:
    """Write the history as a network export: messages, users, groups; no likes, as in the real one."""
    groups = {name: 500 + i for i, name in enumerate(sorted({message.group for message in messages}))}
    user = {index: 15_000_000_000 + 7 * index for index in range(len(people))}

    def key(number: int) -> str:
        return str(1_600_000_000_000 + 1000 * number)

    rows: list[list[Any]] = [list(_MESSAGE_COLUMNS)]
    for message in messages:
        sender = people[message.sender]
        body = TEXTS[message.text] + "".join(f" [[user:{user[i]}]]" for i in message.mentions)
        known: dict[str, Any] = {
            "id": key(message.number),
            "replied_to_id": "" if message.replied_to is None else key(message.replied_to),
            "thread_id": key(message.thread),
            "group_id": groups[message.group],
            "group_name": message.group,
            "in_private_group": "false" if message.group == "All company" else "true",
            "in_private_conversation": "false",
            "sender_id": user[message.sender],
            "sender_type": "user",
            "sender_name": sender.name,
            "sender_email": sender.email,
            "body": body,
            "created_at": f"{message.at:%Y-%m-%d %H:%M:%S} UTC",
            "message_type": "update",
        }
        rows.append([known.get(column, "") for column in _MESSAGE_COLUMNS])
        if message.number % 400 == 7:
            note = known | {
                "id": str(1_600_000_000_000 + 1000 * message.number + 1),
                "thread_id": str(1_600_000_000_000 + 1000 * message.number + 1),
                "replied_to_id": "",
                "body": f"{sender.name} has joined the group.",
                "message_type": "system",
            }
            rows.append([note.get(column, "") for column in _MESSAGE_COLUMNS])
    joined: list[list[Any]] = [list(_USER_COLUMNS)]
    for index, person in enumerate(people):
        if week_of[index] < 0:
            continue
        known = {
            "id": user[index],
            "name": person.name,
            "email": person.email,
            "job_title": person.role,
            "department": person.unit,
            "joined_at": f"{launched_on + timedelta(weeks=int(week_of[index]))} 08:00:00 UTC",
            "state": "active",
        }
        joined.append([known.get(column, "") for column in _USER_COLUMNS])
    listed = [["id", "name", "description", "private", "external", "deleted", "created_at"]]
    listed += [
        [
            str(number),
            name,
            "",
            "false" if name == "All company" else "true",
            "false",
            "false",
            launched_on.isoformat(),
        ]
        for name, number in groups.items()
    ]
    mark = "\ufeff".encode()
    return zipped(
        {
            "Messages.csv": mark + delimited(rows),
            "Users.csv": mark + delimited(joined),
            "Groups.csv": mark + delimited(listed),
            "Networks.csv": mark + delimited([["id", "name"], ["1", "example network"]]),
            "log.txt": b"export finished\n",
            "request.txt": f"from={launched_on} to={ends_on}\n".encode(),
        }
    )


def slack(people: list[Person], messages: list[Message], launched_on: date) -> bytes:
    """Write the history as a workspace export: a JSON file a channel and day; joins, a bot, a guest."""

    def user(index: int) -> str:
        return f"U{index + 1:010d}"

    def stamp(at: datetime, number: int) -> str:
        return f"{int(at.replace(tzinfo=UTC).timestamp())}.{number % 1000000:06d}"

    users: list[dict[str, Any]] = [
        {
            "id": user(index),
            "name": person.email.split("@")[0],
            "deleted": person.left_on is not None,
            "is_bot": False,
            "profile": {"real_name": person.name, "email": person.email},
        }
        for index, person in enumerate(people)
    ]
    users.append({"id": "U0BOT000001", "name": "poll", "deleted": False, "is_bot": True, "profile": {}})
    users.append(
        {
            "id": "U0GUEST0001",
            "name": "agency",
            "deleted": False,
            "is_bot": False,
            "is_restricted": True,
            "profile": {},
        }
    )
    stamps = [stamp(message.at, message.number) for message in messages]
    days: dict[str, dict[str, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    for message in messages:
        place = _channel(message.group)
        text = " ".join([*(f"<@{user(i)}>" for i in message.mentions), TEXTS[message.text]])
        entry: dict[str, Any] = {
            "type": "message",
            "user": user(message.sender),
            "text": text,
            "ts": stamps[message.number],
        }
        if message.replied_to is not None:
            entry["thread_ts"] = stamps[message.thread]
            entry["parent_user_id"] = user(messages[message.thread].sender)
        if message.reactions:
            names = [user(i) for i in message.reactions]
            entry["reactions"] = [{"name": "thumbsup", "users": names, "count": len(names)}]
        days[place][f"{message.at:%Y-%m-%d}"].append(entry)
    for place, by_day in days.items():
        first = min(by_day)
        opened = datetime.fromisoformat(f"{first}T05:00:00+00:00")
        by_day[first].insert(
            0,
            {
                "type": "message",
                "subtype": "channel_join",
                "user": user(0),
                "text": f"<@{user(0)}> has joined the channel",
                "ts": stamp(opened, 1),
            },
        )
        by_day[first].append(
            {
                "type": "message",
                "subtype": "bot_message",
                "bot_id": "B0001",
                "text": f"Welcome to {place}",
                "ts": stamp(opened, 2),
            }
        )
    channels = [
        {
            "id": f"C{i + 1:09d}",
            "name": place,
            "created": int(
                datetime(launched_on.year, launched_on.month, launched_on.day, tzinfo=UTC).timestamp()
            )
            // 86400
            * 86400,
            "is_archived": False,
        }
        for i, place in enumerate(sorted(days))
    ]
    members = {"channels.json": channels, "users.json": users, "integration_logs.json": []}
    for place in sorted(days):
        for day in sorted(days[place]):
            members[f"{place}/{day}.json"] = sorted(days[place][day], key=lambda entry: entry["ts"])
    return zipped(
        {
            name: json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
            for name, content in members.items()
        }
    )


def _channel(group: str) -> str:
    plain = group.lower().replace(" ", "-").replace("ä", "a").replace("ö", "o")
    return "general" if plain == "all-company" else plain
