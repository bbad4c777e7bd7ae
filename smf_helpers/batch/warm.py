"""The callers' side of the zygote: start it, ask it for a process, hear of its end."""

import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from smf_helpers.batch import fingerprint
from smf_helpers.batch.environment import MEMORY, clean_environment
from smf_helpers.batch.job import Job
from smf_helpers.batch.launch import LOST, ColdLauncher, Run, nameless, open_log, read_back, write_letter
from smf_helpers.batch.needs import imported_by, wants_kernel
from smf_helpers.results.batch import BatchOptions

_PATIENCE = 120.0
"""Seconds to wait for a zygote to be ready, or to answer."""
_NAMES_A_LETTER = 400
SOCKET = "SMF_ZYGOTE"
"""The environment variable that tells a notebook's process where the zygote listens."""


def zygote_possible() -> bool:
    """Say whether this system has what a zygote needs."""
    return sys.platform == "linux" and hasattr(os, "pidfd_open") and Path("/proc/self/task").is_dir()


class Line:
    """One connection to a zygote: a run and its lease.

    Attributes
    ----------
    pid : the forked process.
    kernels : processes that the zygote forked for that one.
    """

    def __init__(self, address: str, kind: str, handles: list[int]) -> None:
        self._line = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._status: int | None = None
        self.kernels: list[int] = []
        try:
            self._line.settimeout(_PATIENCE)
            self._line.connect(address)
            socket.send_fds(self._line, [json.dumps({"kind": kind}).encode()], handles)
            self.pid = int(json.loads(self._line.recv(4096) or "{}")["pid"])
        except (OSError, ValueError, KeyError) as broken:
            self._line.close()
            raise ConnectionError("the zygote does not answer") from broken
        self._line.setblocking(False)

    def fileno(self) -> int:
        """Give the descriptor that becomes readable when the process has ended."""
        return self._line.fileno()

    def poll(self) -> int | None:
        """Give the exit status, None while the process runs."""
        while self._status is None:
            try:
                told = json.loads(self._line.recv(4096) or "{}")
            except BlockingIOError:
                return None
            except (OSError, ValueError):
                told = {}
            if "kernel" in told:
                self.kernels.append(int(told["kernel"]))
            else:
                self._status = int(told.get("status", LOST))
                self._line.close()
        return self._status

    def end(self) -> int:
        """End the process and all that it started; give the status."""
        if self._status is None:
            with suppress(OSError):
                self._line.shutdown(socket.SHUT_WR)
            deadline = time.monotonic() + 10
            while self.poll() is None and time.monotonic() < deadline:
                select.select([self._line], [], [], 0.1)
        if self._status is None:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
            self._line.close()
            self._status = LOST
        return self._status


class Zygote:
    """A running zygote; an owned one lives as long as this process does, another until it is idle."""

    def __init__(self, orders: Mapping[str, Any], *, owned: bool = True) -> None:
        self._home = tempfile.mkdtemp(prefix="smf-")
        self.address = f"{self._home}/z"
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._owner, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with listener, theirs:
            listener.bind(self.address)
            listener.listen(4096)  # a caller that finds the queue full takes the zygote for dead
            self._keeper = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "smf_helpers.batch.zygote",
                    str(listener.fileno()),
                    str(theirs.fileno()) if owned else "-",
                ],
                cwd=self._home,
                env=clean_environment(home=self._home),
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(listener.fileno(), theirs.fileno()),
                start_new_session=True,
            )
        with self._keeper.stdin as orders_in:  # type: ignore[union-attr]
            orders_in.write(json.dumps(dict(orders)).encode())

    def wait(self) -> bool:
        """Wait until it can fork; False when it could not be made ready."""
        self._owner.settimeout(_PATIENCE)
        with suppress(OSError):
            return self._owner.recv(16) == b"ready"
        return False

    def alive(self) -> bool:
        """Say whether it is still there."""
        return self._keeper.poll() is None

    def learn(self, modules: list[str]) -> None:
        """Let it import what runs had to import."""
        for first in range(0, len(modules), _NAMES_A_LETTER):
            with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as line:
                line.connect(self.address)
                letter = {"kind": "learn", "modules": modules[first : first + _NAMES_A_LETTER]}
                line.send(json.dumps(letter).encode())

    def close(self) -> None:
        """End it and every run of it."""
        self._owner.close()
        try:
            self._keeper.wait(10)
        except subprocess.TimeoutExpired:
            self._keeper.kill()
            self._keeper.wait()


class ZygoteLauncher:
    """Asks a zygote for a forked process for every notebook; takes new interpreters when it has none."""

    def __init__(self, options: BatchOptions) -> None:
        self._options = options
        notebooks = [path for path in (options.analysis, options.report) if path is not None]
        self._cells = [cell for path in notebooks for cell in fingerprint.read_cells(path)]
        self._memory = _Memory(fingerprint.of([fingerprint.of_notebooks(notebooks), sys.version]))
        self._cold = ColdLauncher()
        self._zygote: Zygote | None = Zygote(self._orders())
        self._ready = False
        self._one = threading.Lock()
        """A Dask worker has several threads that may want the first process at once."""

    def _orders(self) -> dict[str, Any]:
        outputs = [output.by.partition(":") for output in self._options.outputs]
        makers = [module for module, _, _ in outputs if module != "nbconvert"]
        return {
            "modules": [*imported_by(self._cells), *makers, *self._memory.modules],
            "warm": list(self._options.warm),
            "exporters": [name for module, _, name in outputs if module == "nbconvert"],
            "kernels": self._options.path == "warm_kernel" or wants_kernel(self._cells),
            "path": [path for path in sys.path if path],
        }

    def start(self, job: Job, *, secrets: tuple[str, ...], log: Path) -> Run:
        """Start the process for a job: forked if possible, else from nothing."""
        for _ in range(2):
            zygote = self._living()
            if zygote is None:
                break
            env = clean_environment(home=job.folder, extra=secrets)
            env |= {SOCKET: zygote.address, MEMORY: str(job.memory)}
            answer = nameless()
            out = open_log(log)
            try:
                with write_letter({"job": asdict(job), "env": env}) as letter:
                    line = Line(zygote.address, "job", [letter.fileno(), answer.fileno(), out])
                    return _WarmRun(line, answer, zygote)
            except ConnectionError:
                answer.close()
                zygote.close()
            finally:
                os.close(out)
        return self._cold.start(job, secrets=secrets, log=log)

    def _living(self) -> Zygote | None:
        """Give a zygote that can fork, a new one when the last is gone; None when there can be none."""
        with self._one:
            return self._awaken()

    def _awaken(self) -> Zygote | None:
        if self._zygote is not None and not self._zygote.alive():
            self._zygote.close()
            self._zygote, self._ready = Zygote(self._orders()), False
        if self._zygote is not None and not self._ready:
            self._ready = self._zygote.wait()
            if not self._ready:
                self._zygote.close()
                self._zygote = None
        return self._zygote

    def learn(self, modules: Iterable[str]) -> None:
        """Let the zygote import what a run had to import, and remember it for the next batch."""
        fresh = self._memory.add(modules)
        if fresh and self._zygote is not None:
            self._zygote.learn(fresh)

    def close(self) -> None:
        """End the zygote and every run of it."""
        self._memory.save()
        if self._zygote is not None:
            self._zygote.close()


class _WarmRun:
    def __init__(self, line: Line, answer: IO[bytes], zygote: Zygote) -> None:
        self._line = line
        self._answer = answer
        self._zygote = zygote

    @property
    def pids(self) -> list[int]:
        return [self._line.pid, *self._line.kernels]

    def fileno(self) -> int:
        return self._line.fileno()

    def ended(self) -> int | None:
        status = self._line.poll()
        # a zygote on its way out ends its runs: that says nothing of the client
        return LOST if status and not self._zygote.alive() else status

    def kill(self) -> None:
        self._line.end()

    def said(self) -> str:
        text = read_back(self._answer)
        self._answer.close()
        return text


class _Memory:
    """Which modules the runs of a pair of notebooks import, kept in the user's cache from batch to batch."""

    def __init__(self, key: str) -> None:
        cache = os.environ.get("XDG_CACHE_HOME") or (
            f"{os.environ['HOME']}/.cache" if "HOME" in os.environ else ""
        )
        self._path = Path(cache) / "smf-workbook" / f"preload-{key[:16]}.json" if cache else None
        self.modules: list[str] = []
        self._fresh = False
        if self._path is not None:
            with suppress(OSError, ValueError):
                self.modules = [str(name) for name in json.loads(self._path.read_text())]

    def add(self, modules: Iterable[str]) -> list[str]:
        known = set(self.modules)
        fresh = [name for name in modules if name not in known]
        self.modules += fresh
        self._fresh = self._fresh or bool(fresh)
        return fresh

    def save(self) -> None:
        if self._path is not None and self._fresh:
            with suppress(OSError):
                self._path.parent.mkdir(parents=True, exist_ok=True)
                staged = self._path.with_suffix(f".{os.getpid()}")
                staged.write_text(json.dumps(self.modules))
                staged.replace(self._path)
