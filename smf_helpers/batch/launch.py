"""How a process for one notebook comes to be and ends."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any, Protocol

from smf_helpers.batch import watch
from smf_helpers.batch.environment import clean_environment
from smf_helpers.batch.job import Job


class Run(Protocol):
    """A process at work for one notebook."""

    @property
    def pids(self) -> list[int]:
        """Give the ids of that process and of kernels that are not its children."""

    def fileno(self) -> int:
        """Give a descriptor that becomes readable when the process has ended."""

    def ended(self) -> int | None:
        """Give the exit status (negative: the signal), None while it runs, `LOST` when nobody knows."""

    def kill(self) -> None:
        """End the process and all that it started."""

    def said(self) -> str:
        """Give what the process wrote as its report."""


LOST = 1000
"""The status of a process whose keeper died: the client is not to blame."""


class Launcher(Protocol):
    """Makes processes for notebooks."""

    def start(self, job: Job, *, secrets: tuple[str, ...], log: Path) -> Run:
        """Start the process for a job."""

    def learn(self, modules: Iterable[str]) -> None:
        """Take note of modules that runs had to import."""

    def close(self) -> None:
        """End everything that is still running."""


def open_log(path: Path) -> int:
    """Open a client's log for the two streams of its process."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0), 0o600)


def nameless() -> IO[bytes]:
    """Make a file without a name: in memory where there is such a thing, else on disk."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("smf"), "w+b")
    return tempfile.TemporaryFile()


def write_letter(orders: Mapping[str, Any]) -> IO[bytes]:
    """Write what a process has to know into a file without a name; secrets never touch a disk."""
    letter = nameless()
    letter.write(json.dumps(orders).encode())
    letter.flush()
    letter.seek(0)
    return letter


def read_back(answer: IO[bytes]) -> str:
    """Read a report from the file that the process wrote."""
    answer.seek(0)
    return answer.read().decode("utf-8", "replace")


class ColdLauncher:
    """Starts a new interpreter for every notebook: slow, and possible everywhere."""

    def start(self, job: Job, *, secrets: tuple[str, ...], log: Path) -> Run:
        """Start the process for a job in a session of its own."""
        env = clean_environment(home=job.folder, extra=secrets)
        letter, answer = write_letter({"job": asdict(job)}), nameless()
        out = open_log(log)
        try:
            process = subprocess.Popen(
                [sys.executable, "-m", "smf_helpers.batch.child", str(letter.fileno()), str(answer.fileno())],
                cwd=job.folder,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                pass_fds=(letter.fileno(), answer.fileno()),
                start_new_session=True,
            )
        finally:
            os.close(out)
            letter.close()
        return _ColdRun(process, answer)

    def learn(self, modules: Iterable[str]) -> None:
        """A new interpreter knows nothing of the last."""

    def close(self) -> None:
        """Nothing is kept between runs."""


class _ColdRun:
    def __init__(self, process: "subprocess.Popen[bytes]", answer: IO[bytes]) -> None:
        self._process = process
        self._answer = answer
        self._handle = os.pidfd_open(process.pid) if hasattr(os, "pidfd_open") else -1

    @property
    def pids(self) -> list[int]:
        return [self._process.pid]

    def fileno(self) -> int:
        return self._handle

    def ended(self) -> int | None:
        status = self._process.poll()
        if status is not None:
            self._close()
        return status

    def kill(self) -> None:
        descendants = watch.descendants(self._process.pid)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        for pid in descendants:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait()

    def said(self) -> str:
        text = read_back(self._answer)
        self._answer.close()
        return text

    def _close(self) -> None:
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1
