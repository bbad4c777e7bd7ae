"""One run a folder: an advisory lock that dies with its process."""

import fcntl
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from smf_helpers.batch import files
from smf_helpers.errors import BatchError, Fault


class LockedError(BatchError):
    """Another run writes to this folder."""


@contextmanager
def only_run(folder: Path, *, since: str) -> Iterator[None]:
    """Hold the folder for this process.

    Parameters
    ----------
    folder : the folder of the journal.
    since : when this run began, for the message that a second run gets.

    Raises
    ------
    LockedError
        When another run holds it; says which.
    """
    path = folder / ".lock"
    files.refuse_link(path)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        if not _take(handle):
            raise LockedError(
                Fault(
                    code="B175",
                    where=folder.name,
                    what=f"Another run ({_holder(path)}) writes to this folder.",
                    remedy="Wait for it, or give another folder.",
                )
            )
        os.ftruncate(handle, 0)
        os.pwrite(
            handle, json.dumps({"pid": os.getpid(), "host": socket.gethostname(), "since": since}).encode(), 0
        )
        yield
    finally:
        os.close(handle)


def _take(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(path: Path) -> str:
    try:
        known = json.loads(path.read_text() or "{}")
    except (OSError, ValueError):
        known = {}
    return f"process {known.get('pid', '?')} on {known.get('host', '?')}, since {known.get('since', '?')}"
