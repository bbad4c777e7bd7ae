"""Who runs the clients: this machine, behind an interface that a cluster fills as well."""

import select
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol

from smf_helpers.batch.errands import complete, errand_of
from smf_helpers.batch.launch import Launcher
from smf_helpers.batch.runs import TICK, ClientRun, Ended
from smf_helpers.results.batch import BatchOptions, PlannedClient


class Executor(Protocol):
    """Runs clients and publishes their reports, some at once."""

    def room(self) -> int:
        """Say how many more clients it takes now."""

    def submit(self, planned: PlannedClient) -> None:
        """Take a client and begin."""

    def ended(self) -> Iterator[Ended]:
        """Wait for a moment; give the clients that have ended, the good ones published."""

    def learn(self, modules: Iterable[str]) -> None:
        """Take note of modules that a run had to import."""

    def stop(self) -> list[str]:
        """End everything at once; give the clients that were at work."""

    def close(self) -> None:
        """Let go of processes and connections."""


def unborn(client: str, refused: OSError) -> Ended:
    """Say that a run could not even start."""
    what = f"The run could not start ({refused.strerror or type(refused).__name__})."
    return Ended(
        client=client, ok=False, code="B311", reason=what, remedy="Make room, check rights and limits."
    )


class LocalExecutor:
    """Runs clients on this machine: one loop over the descriptors of the processes at work."""

    def __init__(self, launcher: Launcher, jobs: int, options: BatchOptions, work: Path) -> None:
        self._launcher = launcher
        self._options = options
        self._work = work
        self._planned: dict[str, PlannedClient] = {}
        self._jobs = jobs
        self._runs: dict[str, ClientRun] = {}
        self._unborn: list[Ended] = []

    def room(self) -> int:
        """Say how many more clients it takes now; one that only waits leaves its place to another."""
        at_work = sum(not run.waits for run in self._runs.values())
        return min(self._jobs - at_work, 2 * self._jobs - len(self._runs))

    def submit(self, planned: PlannedClient) -> None:
        """Take a client and begin."""
        client = planned.task.client
        self._planned[client] = planned
        try:
            errand = errand_of(planned, self._options, self._work)
            self._runs[client] = ClientRun(errand, self._launcher)
        except OSError as refused:
            self._unborn.append(unborn(client, refused))

    def ended(self) -> Iterator[Ended]:
        """Wait until a process ends or a tick has passed; give the clients that have ended."""
        while self._unborn:
            yield self._unborn.pop()
        if not self._runs:
            return
        waiter = select.poll()
        for run in self._runs.values():
            if run.fileno() >= 0:
                waiter.register(run.fileno(), select.POLLIN)
        waiter.poll(TICK * 1000)
        for client, run in list(self._runs.items()):
            try:
                end = run.step()
            except OSError as refused:
                run.stop()
                end = unborn(client, refused)
            if end is not None:
                del self._runs[client]
                yield complete(end, self._planned.pop(client), self._options, self._work)

    def learn(self, modules: Iterable[str]) -> None:
        """Take note of modules that a run had to import."""
        self._launcher.learn(modules)

    def stop(self) -> list[str]:
        """End everything at once; give the clients that were at work."""
        stopped = list(self._runs)
        for run in self._runs.values():
            run.stop()
        self._runs.clear()
        return stopped

    def close(self) -> None:
        """End what still runs, and the launcher."""
        self.stop()
        self._launcher.close()
