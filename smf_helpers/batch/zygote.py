"""The zygote: one process that has the stack imported and forks a fresh process for every run.

A connection is a run and its lease: the caller sends one request with descriptors, hears the process id
and, at the end, the status; when the connection closes, by whomever, the run and all that it started are
killed. Above the zygote stands a keeper, a small process that did no imports: when the zygote is killed
it ends what is left of the runs, and when the keeper is killed the zygote does. So no single death
leaves a process behind.
"""

import gc
import json
import os
import select
import signal
import socket
import struct
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from smf_helpers.batch import preload, watch
from smf_helpers.batch.child import adopt_orphans, become, die_with_parent

_IDLE_SECONDS = 900
"""A zygote that no batch owns ends after so long without a run."""


@dataclass(slots=True, kw_only=True)
class _Lease:
    """A connection, and the run that lives as long as it does."""

    line: socket.socket
    pid: int = 0
    handle: int = -1


class Zygote:
    """The loop: accept, fork, reap, kill. Nothing else may happen here."""

    def __init__(self, listener: socket.socket, owner: socket.socket | None) -> None:
        self._listener = listener
        self._owner = owner
        self._leases: list[_Lease] = []
        self._forks = True
        self._used = time.monotonic()

    def serve(self) -> None:
        """Serve until the owner is gone, or nobody has come for a long time."""
        while self._turn():
            pass
        for lease in list(self._leases):
            self._end(lease, kill=True)

    def _turn(self) -> bool:
        waiter = select.poll()
        doors = [self._listener, *([self._owner] if self._owner else [])]
        for door in doors:
            waiter.register(door, select.POLLIN)
        for lease in self._leases:
            waiter.register(lease.line, select.POLLIN)
            if lease.handle >= 0:
                waiter.register(lease.handle, select.POLLIN)
        ready = {handle for handle, _ in waiter.poll(1000)}
        if self._owner is not None and self._owner.fileno() in ready:
            return False
        for lease in list(self._leases):
            if lease.handle in ready:
                self._end(lease, kill=False)
            elif lease.line.fileno() in ready:
                self._hear(lease)
        if self._listener.fileno() in ready:
            with suppress(OSError):
                self._leases.append(_Lease(line=self._listener.accept()[0]))
        self._end_strays()
        if self._leases:
            self._used = time.monotonic()
        return self._owner is not None or time.monotonic() - self._used < _IDLE_SECONDS

    def _hear(self, lease: _Lease) -> None:
        """Take the one request of a connection; anything else on it ends it."""
        handles: list[int] = []
        try:
            text, handles, _, _ = socket.recv_fds(lease.line, 1 << 16, 4)
            request = json.loads(text) if text and not lease.pid else None
            if request is None:
                self._end(lease, kill=True)
            elif request["kind"] == "learn":
                self._forks = self._forks and preload.learn(request["modules"]) is None
                self._end(lease, kill=True)
            else:
                self._fork(lease, request["kind"], handles)
        except (
            Exception
        ):  # whatever a stranger sends, a letter of 60,000 brackets included, ends his connection only
            self._end(lease, kill=True)
        finally:
            for handle in handles:
                os.close(handle)

    def _fork(self, lease: _Lease, kind: str, handles: list[int]) -> None:
        fresh = not self._forks
        pid = os.fork()
        if pid == 0:
            with suppress(BaseException):
                self._forget()
                become(kind, handles, fresh=fresh)
            os._exit(70)
        lease.pid, lease.handle = pid, os.pidfd_open(pid)
        lease.line.send(json.dumps({"pid": pid, "fresh": fresh}).encode())
        if kind == "kernel":
            self._tell_its_run(lease.line, pid)

    def _tell_its_run(self, line: socket.socket, kernel: int) -> None:
        """Tell whoever watches the run that asked for a kernel: it is a child of ours, not of that run."""
        asker, _, _ = struct.unpack("3i", line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
        for lease in self._leases:
            if lease.pid == asker:
                with suppress(OSError):
                    lease.line.send(json.dumps({"kernel": kernel}).encode(), socket.MSG_DONTWAIT)

    def _forget(self) -> None:
        """Close, in a forked child, what belongs to the zygote."""
        for lease in self._leases:
            lease.line.close()
            if lease.handle >= 0:
                os.close(lease.handle)
        self._listener.close()
        if self._owner is not None:
            self._owner.close()

    def _end(self, lease: _Lease, *, kill: bool) -> None:
        self._leases.remove(lease)
        if lease.pid:
            if kill:
                with suppress(ProcessLookupError):
                    os.kill(lease.pid, signal.SIGKILL)
            status = os.waitstatus_to_exitcode(os.waitpid(lease.pid, 0)[1])
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(lease.pid, signal.SIGKILL)
            self._end_strays()
            os.close(lease.handle)
            with suppress(OSError):
                lease.line.send(json.dumps({"status": status}).encode(), socket.MSG_DONTWAIT)
        lease.line.close()

    def _end_strays(self) -> None:
        """Kill what has become ours because the run that started it is over."""
        known = {lease.pid for lease in self._leases}
        end_children(lambda pid: pid not in known)


def end_children(chosen: Callable[[int], bool]) -> None:
    """Kill and reap the chosen children of this process, until there is none."""
    while strays := [pid for pid in watch.children(os.getpid()) if chosen(pid)]:
        for pid in strays:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            with suppress(ChildProcessError):
                os.waitpid(pid, 0)


def keep(listener: socket.socket, owner: socket.socket | None, orders: dict[str, Any]) -> None:
    """Be the keeper: fork the zygote, wait for its end, end what it leaves, try again without what was unsafe."""
    adopt_orphans()
    skip: list[str] = orders.get("skip", [])
    while True:
        told, tell = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(told)
            _live(listener, owner, {**orders, "skip": skip}, tell)
        os.close(tell)
        with os.fdopen(told, encoding="utf-8") as file:
            unsafe = file.read()
        with suppress(ChildProcessError):
            os.waitpid(pid, 0)
        end_children(lambda _: True)
        if not unsafe or unsafe in skip:
            return
        skip = [*skip, unsafe]


def _live(listener: socket.socket, owner: socket.socket | None, orders: dict[str, Any], tell: int) -> None:
    """Be the zygote; never return."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    die_with_parent(signal.SIGTERM)
    adopt_orphans()
    unsafe = preload.prepare(orders)
    if unsafe is not None:
        os.write(tell, unsafe.encode())
        os._exit(0)
    gc.collect()
    gc.freeze()
    zygote = Zygote(listener, owner)
    try:
        if owner is not None:
            owner.send(b"ready")
        zygote.serve()
    finally:
        for pid in watch.descendants(os.getpid()):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        os._exit(0)


def main() -> None:
    """Run as ``python -m smf_helpers.batch.zygote LISTENER OWNER`` with the orders on standard input."""
    orders = json.load(sys.stdin)
    listener = socket.socket(fileno=int(sys.argv[1]))
    owner = socket.socket(fileno=int(sys.argv[2])) if sys.argv[2] != "-" else None
    folder = Path(listener.getsockname()).parent
    try:
        keep(listener, owner, orders)
    finally:
        for entry in sorted(folder.rglob("*"), reverse=True):
            with suppress(OSError):
                entry.rmdir() if entry.is_dir() else entry.unlink()
        with suppress(OSError):
            folder.rmdir()


if __name__ == "__main__":
    main()
