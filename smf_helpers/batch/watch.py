"""What a run uses while it runs: its processes, their memory and their time, read from the system."""

import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096

_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What a run uses at one moment.

    Attributes
    ----------
    processes : processes alive.
    memory : bytes of memory that they do not share with files or each other.
    seconds : CPU time that those alive have used.
    """

    processes: int
    memory: int
    seconds: float


def descendants(pid: int) -> list[int]:
    """Give the ids of everything that a process started, directly or not; empty where the system hides it."""
    found: list[int] = []
    waiting = [pid]
    while waiting:
        for child in children(waiting.pop()):
            found.append(child)
            waiting.append(child)
    return found


def children(pid: int) -> list[int]:
    """Give the ids of a process's children, started by whichever of its threads."""
    found: list[int] = []
    with suppress(OSError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            with suppress(OSError):
                found += [int(child) for child in (thread / "children").read_text().split()]
    return found


def usage(pids: Iterable[int], *, memory: int) -> Usage:
    """Give what these processes and all their descendants use now.

    Pages that forked processes still share are counted once each at first; only when the sum passes
    `memory` are the truly private ones counted, which costs more.
    """
    family = [one for pid in pids for one in (pid, *descendants(pid))]
    used = sum(map(_resident, family))
    return Usage(
        processes=len(family),
        memory=used if used <= memory else sum(map(_private, family)),
        seconds=sum(map(_seconds, family)),
    )


def _resident(pid: int) -> int:
    with suppress(OSError, ValueError, IndexError):
        _size, resident, shared = Path(f"/proc/{pid}/statm").read_text().split()[:3]
        return (int(resident) - int(shared)) * _PAGE
    return 0


def _seconds(pid: int) -> float:
    with suppress(OSError, ValueError, IndexError):
        user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / _TICKS
    return 0.0


def _private(pid: int) -> int:
    with suppress(OSError, ValueError, IndexError):
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Private_"))
    return 0
