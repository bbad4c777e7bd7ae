"""Viva Engage (Yammer) network export: a zip or folder with Messages.csv, Users.csv and others.

There are no likes in the export. A message whose thread is itself opens the thread; ``system`` messages are no
activity; private conversations and deleted messages are counted but never read.
"""

import re
from typing import TYPE_CHECKING, Final

import numpy as np

from smf_helpers.ingest.decoding import decode
from smf_helpers.ingest.delimited import read_delimited
from smf_helpers.ingest.frames import cleaned, text_array
from smf_helpers.ingest.grids import Column, Grid
from smf_helpers.ingest.headers import clean_name, normal
from smf_helpers.ingest.internal.talk import Talk, read_talk
from smf_helpers.ingest.readers import Detection, Reading, frame, register
from smf_helpers.ingest.sources import Source
from smf_helpers.ingest.times import times

if TYPE_CHECKING:
    import pandas as pd

_MENTION: Final = re.compile(r"\[\[user:(\d+)\]\]")
_NEEDED: Final = ("id", "thread_id", "sender_id", "created_at")


def _member(source: Source, name: str) -> str | None:
    return next((member for member in source.members if member.rsplit("/", 1)[-1].lower() == name), None)


def detect(source: Source) -> Detection | None:
    """Tell it by Messages.csv beside Users.csv, or by the columns of Messages.csv alone."""
    if source.bundle:
        both = _member(source, "messages.csv") and _member(source, "users.csv")
        return Detection(confidence=0.97, variant="network export") if both else None
    if len(source.grids) == 1:
        header = [normal(text) for text in source.grids[0].row(0)]
        if all(name in header for name in (*_NEEDED, "in_private_group")):
            return Detection(confidence=0.95, variant="messages only")
    return None


@register("viva_engage", "internal", detect, "Viva Engage (Yammer) network export")
def read(source: Source) -> Reading:
    """Read messages into activity and interactions, users into people."""
    if source.bundle:
        grid = _grid(source, "messages.csv")
        assert grid is not None
    else:
        grid = source.grids[0]
    reading = Reading().about(grid, 0)
    header, body = [normal(text) for text in grid.row(0)], grid.below(0)
    column = {name: body.columns[i] for i, name in enumerate(header)}
    reading.rows_in = body.n_rows
    keep = _talking(column, reading)
    users = _grid(source, "users.csv") if source.bundle else None
    email_of: dict[str, str] = {}
    if users is not None:
        reading.tables["people"] = _people(users, email_of)
        reading.notes.append("Users.csv lists only who joined or left in the range; give the people list too")
    talk = _talk(column, keep, source.options.platform or "viva_engage", reading)
    return read_talk(talk, reading, source.options.timezone)


def _grid(source: Source, name: str) -> Grid | None:
    member = _member(source, name)
    if member is None:
        return None
    where = f"{source.name}|{member}"
    return read_delimited(decode(source.members[member], where), where, separator=",")


def _talking(column: dict[str, Column], reading: Reading) -> np.ndarray:
    """Say which rows are messages that somebody wrote; account for the others."""
    n = len(column["id"])
    keep = np.ones(n, dtype=bool)
    for name, words, reason in (
        ("message_type", ("system",), "system messages"),
        ("sender_type", ("bot", "system", "application"), "messages of bots"),
        ("in_private_conversation", ("true", "1"), "private conversations"),
    ):
        if name in column:
            out = keep & np.isin(column[name].map(normal), words)
            if out.any():
                reading.rejected[reason] += int(out.sum())
            keep &= ~out
    if "deleted_at" in column:
        gone = keep & ~column["deleted_at"].map(lambda text: normal(text) in ("", "null"), dtype=bool)
        if gone.any():
            reading.rejected["deleted messages"] += int(gone.sum())
        keep &= ~gone
    return keep


def _talk(column: dict[str, Column], keep: np.ndarray, platform: str, reading: Reading) -> Talk:
    rows = np.flatnonzero(keep)

    def texts(name: str) -> list[str]:
        if name not in column:
            return [""] * len(rows)
        return [text if text != "null" else "" for text in column[name].take(rows).values]

    stamps = times(column["created_at"].take(rows), zone="UTC")
    if stamps.bad.any():
        what = f"{int(stamps.bad.sum())} messages have a time that cannot be read."
        reading.fail("S401", "Messages.csv", what, "Export again.")
    ids, threads, replied = texts("id"), texts("thread_id"), texts("replied_to_id")
    email, key = texts("sender_email"), texts("sender_id")
    talk = Talk(platform=platform)
    talk.ids = ids
    talk.senders = [(address or number).lower() for address, number in zip(email, key, strict=True)]
    known = dict(zip(key, talk.senders, strict=True))
    talk.at = list(stamps.values)
    talk.places = [clean_name(name) for name in texts("group_name")]
    talk.open = [normal(text) not in ("true", "1") for text in texts("in_private_group")]
    talk.replied_to = [
        target or (thread if thread != own else "")
        for target, thread, own in zip(replied, threads, ids, strict=True)
    ]
    for number, body in enumerate(texts("body")):
        if "[[user:" in body:
            found = dict.fromkeys(_MENTION.findall(body))
            talk.mentions += [(number, known[user]) for user in found if user in known]
    return talk


def _people(users: Grid, email_of: dict[str, str]) -> "pd.DataFrame":
    header, body = [normal(text) for text in users.row(0)], users.below(0)
    column = {name: cleaned(body.columns[i]) for i, name in enumerate(header)}
    email = [text.lower() for text in column["email"].values] if "email" in column else [""] * body.n_rows
    key = list(column["id"].values)
    email_of.update(zip(key, email, strict=True))
    made = {"person": [address or number for address, number in zip(email, key, strict=True)]}
    rows = frame(made)
    if "department" in column:
        rows["unit"] = text_array(column["department"], blank_is_missing=True)
    if "job_title" in column:
        rows["role"] = text_array(column["job_title"], blank_is_missing=True)
    if "joined_at" in column:
        import pandas as pd

        rows["joined_on"] = pd.Series(times(column["joined_at"]).values).dt.normalize()
    gone = column["state"].map(lambda text: normal(text) in ("deleted", "suspended"), dtype=bool)
    rows["state"] = np.where(gone, "deactivated", "active") if "state" in column else "active"
    return rows.drop_duplicates("person", ignore_index=True)
