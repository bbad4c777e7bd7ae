"""A launcher without processes: the same job, run in the test's own process, so that every call can be counted."""

from collections.abc import Iterable
from pathlib import Path

from smf_helpers.batch.job import Job, write_text
from smf_helpers.batch.perform import perform


class InProcessLauncher:
    def start(self, job: Job, *, secrets: tuple[str, ...], log: Path) -> "InProcessRun":
        log.touch()
        return InProcessRun(write_text(perform(job)))

    def learn(self, modules: Iterable[str]) -> None:
        pass

    def close(self) -> None:
        pass


class InProcessRun:
    pids: list[int] = []

    def __init__(self, text: str) -> None:
        self._text = text

    def fileno(self) -> int:
        return -1

    def ended(self) -> int:
        return 0

    def kill(self) -> None:
        pass

    def said(self) -> str:
        return self._text
