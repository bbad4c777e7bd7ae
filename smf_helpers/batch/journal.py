"""The journal: the only memory of what is done.

A SQLite file in write-ahead mode beside the output, written by the runner alone. A notebook's own
metadata is never asked: it says "completed" about cells of dead kernels.
"""

import json
import os
import sqlite3
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from smf_helpers.batch import files
from smf_helpers.errors import BatchError, Fault
from smf_helpers.results.batch import ClientRow

_TABLES = """
create table if not exists clients (
    client text primary key, key text not null, state text not null, parts text not null,
    row text not null, manifest text not null, attempt integer not null, pid integer not null);
create table if not exists finals (
    client text not null, file text not null, sha256 text not null, stamp text not null,
    primary key (client, file));
create table if not exists digests (path text primary key, stamp text not null, sha256 text not null);
create table if not exists notes (name text primary key, value text not null);
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What the journal knows of one client.

    Attributes
    ----------
    key : fingerprint of what was run last.
    state : ``queued``, ``running`` or the state of its row.
    parts : fingerprints of the parts of the key.
    row : its row of the last closing table.
    attempt : how often it was started with this key.
    manifest : the manifest's text, empty unless ok.
    """

    key: str
    state: str
    parts: Mapping[str, str]
    row: ClientRow
    attempt: int
    manifest: str


def stamp(path: Path) -> str:
    """Give what changes about a file, cheaply, when its content does.

    A folder's stamp is made of the stamps of all files in it.
    """
    if path.is_dir():
        return ";".join(
            f"{entry.relative_to(path).as_posix()}={stamp(entry)}"
            for entry in sorted(path.rglob("*"))
            if entry.is_file()
        )
    known = path.stat()
    return f"{known.st_mtime_ns}:{known.st_size}:{known.st_ino}:{known.st_ctime_ns}"


class Journal:
    """One open journal; use it as a context manager."""

    def __init__(self, path: Path) -> None:
        for name in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
            files.refuse_link(name)
        try:
            self._base = sqlite3.connect(path, isolation_level=None, timeout=30)
            self._base.execute("pragma journal_mode=wal")
            self._base.execute("pragma synchronous=normal")
            self._base.executescript(_TABLES)
        except sqlite3.DatabaseError as broken:
            raise BatchError(
                Fault(
                    code="B120",
                    where=path.name,
                    what=f"The journal cannot be used ({broken}).",
                    remedy="Make room or mend the rights; without it every client runs again.",
                )
            ) from broken

    def __enter__(self) -> "Journal":
        return self

    def __exit__(self, *_: object) -> None:
        self._base.close()

    def entries(self) -> dict[str, Entry]:
        """Give everything known, by client."""
        return {
            client: Entry(
                key=key,
                state=state,
                parts=json.loads(parts),
                row=ClientRow(**json.loads(row)),
                attempt=attempt,
                manifest=manifest,
            )
            for client, key, state, parts, row, attempt, manifest in self._base.execute(
                "select client, key, state, parts, row, attempt, manifest from clients"
            )
        }

    def queue(self, planned: Mapping[str, tuple[str, Mapping[str, str]]]) -> None:
        """Note a batch and its clients, each with key and parts, in one transaction.

        A client that has a good page keeps the row of that page until the new one is in place.
        """
        with self._base:
            self._base.execute("begin immediate")
            fresh = _text(asdict(ClientRow(client="", state="interrupted")))
            for client, (key, parts) in planned.items():
                mark = (key, _text(parts), client)
                self._base.execute(
                    "insert or ignore into clients values (?3, ?1, 'queued', ?2, ?4, '', 0, 0)",
                    (*mark, fresh),
                )
                self._base.execute(
                    "update clients set key = ?, parts = ?, state = 'queued' "
                    "where client = ? and state != 'ok'",
                    mark,
                )
                self._base.execute("update clients set attempt = 0 where client = ?", (client,))
            self.note("batch", {client: key for client, (key, _) in planned.items()})

    def start(self, client: str) -> int:
        """Note that a client is running now; give the number of the attempt."""
        (attempt,) = self._base.execute(
            "update clients set state = case state when 'ok' then 'ok' else 'running' end, "
            "attempt = attempt + 1, pid = ? where client = ? returning attempt",
            (os.getpid(), client),
        ).fetchone()
        return int(attempt)

    def reopen(self, client: str) -> None:
        """Note that a client's page is no longer true, before it is taken away."""
        self._base.execute("update clients set state = 'running' where client = ?", (client,))

    def attempts(self, client: str) -> int:
        """Say how often a client was started in this batch."""
        (attempt,) = self._base.execute("select attempt from clients where client = ?", (client,)).fetchone()
        return int(attempt)

    def finish(
        self,
        row: ClientRow,
        *,
        parts: Mapping[str, str],
        manifest: str = "",
        finals: Mapping[str, tuple[str, str]] | None = None,
    ) -> None:
        """Note how a client ended: its row, and for a good one its manifest and files (digest, stamp)."""
        with self._base:
            self._base.execute("begin immediate")
            self._base.execute(
                "update clients set key = ?, state = ?, parts = ?, row = ?, manifest = ? where client = ?",
                (row.key, row.state, _text(parts), _text(asdict(row)), manifest, row.client),
            )
            self._base.execute("delete from finals where client = ?", (row.client,))
            self._base.executemany(
                "insert into finals values (?, ?, ?, ?)",
                [(row.client, file, sha, when) for file, (sha, when) in (finals or {}).items()],
            )

    def finals(self) -> dict[str, dict[str, tuple[str, str]]]:
        """Give the finished files of every good client: file → (digest, stamp)."""
        known: dict[str, dict[str, tuple[str, str]]] = {}
        for client, file, sha, when in self._base.execute("select client, file, sha256, stamp from finals"):
            known.setdefault(client, {})[file] = (sha, when)
        return known

    def digests(self) -> dict[str, tuple[str, str]]:
        """Give the remembered digests of inputs: path → (stamp, digest)."""
        return {path: (when, sha) for path, when, sha in self._base.execute("select * from digests")}

    def remember(self, digests: Mapping[str, tuple[str, str]]) -> None:
        """Remember digests of inputs, so that unchanged files need not be read again."""
        with self._base:
            self._base.execute("begin immediate")
            self._base.executemany(
                "insert or replace into digests values (?, ?, ?)",
                [(path, when, sha) for path, (when, sha) in digests.items()],
            )

    def note(self, name: str, value: Any = None) -> Any:
        """Give the note of that name; with `value`, put it first."""
        if value is not None:
            self._base.execute("insert or replace into notes values (?, ?)", (name, json.dumps(value)))
        found = self._base.execute("select value from notes where name = ?", (name,)).fetchone()
        return json.loads(found[0]) if found else None


def _text(value: Mapping[str, Any]) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def open_quietly(path: Path) -> Journal | None:
    """Open a journal that exists, for planning; None when there is none or it cannot be read."""
    if not path.exists():
        return None
    with suppress(BatchError):
        return Journal(path)
    return None
