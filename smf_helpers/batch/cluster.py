"""The batch on a Dask cluster: tasks pass paths, workers ask their own zygote, notebooks never run in a worker.

Code that kills a Dask worker is tried again on others and takes their tasks with it; so every notebook runs in
a child of the worker, and a client that crashes, hangs or floods costs nobody but itself. A task does all
that a client needs, the publishing included, and gives back a few lines of text.
"""

import queue
import select
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import dask
from distributed import Client, LocalCluster, WorkerPlugin, get_worker
from distributed.comm import CommClosedError

from smf_helpers.batch import files
from smf_helpers.batch.errands import complete, errand_of
from smf_helpers.batch.executors import unborn
from smf_helpers.batch.launch import ColdLauncher, Launcher
from smf_helpers.batch.runs import TICK, ClientRun, Ended
from smf_helpers.batch.warm import ZygoteLauncher, zygote_possible
from smf_helpers.errors import BatchError, Fault
from smf_helpers.results.batch import BatchOptions, PlannedClient

_PLUGIN = "smf-zygote"
_AHEAD = 1
"""Tasks sent ahead of those that run, so that a worker never waits for the next."""
_LOG_TAIL = 20_000
_PATIENCE = 30
"""Seconds to wait for a scheduler."""
_QUIET = {
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.system-monitor.interval": "5s",
    "distributed.worker.memory.monitor-interval": "1s",
    "distributed.worker.profile.enabled": False,
    "distributed.scheduler.work-stealing": False,
}
"""Settings of our own one-worker cluster: it has no dashboard, so nobody looks at what Dask measures of itself,
fifty times a second, on a core that a client could have."""


class ZygotePlugin(WorkerPlugin):
    """Holds a worker's launcher, from its first client to its end, and what lies beside all clients' folders.

    Parameters
    ----------
    beside : name → content of the files of the batch's private folder, such as the marks of other clients: the
        audit of the finished files on a worker looks for them where it would on the runner's machine.
    """

    name = _PLUGIN

    def __init__(self, options: BatchOptions, beside: Mapping[str, bytes]) -> None:
        self._options = options
        self._beside = dict(beside)

    def setup(self, worker: Any) -> None:
        """Start the zygote; the first client waits for it."""
        work = files.make_folder(_work_of(worker), mode=0o700)
        for name, content in self._beside.items():
            files.write_new(work / name, content, mode=0o600)
        self.launcher: Launcher = ZygoteLauncher(self._options) if zygote_possible() else ColdLauncher()

    def teardown(self, worker: Any) -> None:
        """End the zygote and every run of it."""
        self.launcher.close()


def run_client(planned: PlannedClient, options: BatchOptions) -> Ended:
    """Run one client from a worker's thread, in children of the worker, and publish its report."""
    worker = get_worker()
    launcher = worker.plugins[_PLUGIN].launcher
    work = _work_of(worker)
    key = worker.get_current_task()
    try:
        run = ClientRun(errand_of(planned, options, work), launcher)
    except OSError as refused:
        return unborn(planned.task.client, refused)
    while (end := run.step()) is None:
        if not _wanted(worker, key):
            run.stop()
            return Ended(client=planned.task.client, ok=False, reason="nobody waits for it", lost=True)
        waiter = select.poll()
        if run.fileno() >= 0:
            waiter.register(run.fileno(), select.POLLIN)
        waiter.poll(TICK * 1000)
    launcher.learn(end.modules)
    end = complete(end, planned, options, work)
    return replace(end, modules=(), log="" if end.ok else _tail(work / planned.task.client))


def _work_of(worker: Any) -> Path:
    """Give the private folder of the batch on a worker."""
    return Path(worker.local_directory) / "smf"


def _wanted(worker: Any, key: str) -> bool:
    """Say whether anybody still waits for a task: not when it was cancelled or its client is gone."""
    task = worker.state.tasks.get(key)
    return task is not None and task.state == "executing"


def _tail(folder: Path) -> str:
    logs = sorted(folder.glob("*/*.log"))
    return "".join(path.read_text("utf-8", "replace") for path in logs)[-_LOG_TAIL:]


class DaskExecutor:
    """Runs clients on the workers of a scheduler, or of a cluster of this machine."""

    def __init__(self, options: BatchOptions, jobs: int, work: Path) -> None:
        beside = {path.name: path.read_bytes() for path in work.glob("*.json") if path.is_file()}
        self._options = options
        self._cluster: Any = None
        self._client: Any = None
        self._gone = False
        try:
            if options.dask == "local":
                # Notebooks run in children of the worker anyway: it needs no process of its own here.
                with dask.config.set(_QUIET):
                    self._cluster = LocalCluster(
                        n_workers=1, threads_per_worker=jobs, processes=False, dashboard_address=None
                    )
            self._client = Client(self._cluster or options.dask, timeout=_PATIENCE, set_as_default=False)
            self._client.register_plugin(ZygotePlugin(options, beside))
        except (OSError, TimeoutError, ValueError) as refused:
            self.close()
            raise BatchError(
                Fault(
                    code="B103",
                    where=options.dask,
                    what="No scheduler answers there.",
                    remedy="Start one, or leave --dask out to run on this machine.",
                )
            ) from refused
        self._futures: dict[str, Any] = {}
        self._done: queue.SimpleQueue[str] = queue.SimpleQueue()

    def room(self) -> int:
        """Say how many more clients it takes now: one a thread, and a few ahead."""
        with self._asking():
            threads = self._client.nthreads()
        return max(1, sum(threads.values()) + _AHEAD * len(threads)) - len(self._futures)

    def submit(self, planned: PlannedClient) -> None:
        """Send a client to a worker."""
        client = planned.task.client
        with self._asking():
            future = self._client.submit(run_client, planned, self._options, pure=False, retries=0)
        self._futures[client] = future
        future.add_done_callback(lambda _: self._done.put(client))

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """Say in words that the scheduler is gone, should it be."""
        try:
            yield
        except OSError as broken:
            self._gone = True
            raise BatchError(
                Fault(
                    code="B104",
                    where=self._options.dask,
                    what="The scheduler is gone.",
                    remedy="Start it and run again, or leave --dask out: what is done stays done.",
                )
            ) from broken

    def ended(self) -> Iterator[Ended]:
        """Wait until a client has ended or a tick has passed; give the clients that have ended."""
        wait: float | None = TICK
        while True:
            try:
                client = self._done.get(timeout=wait)
            except queue.Empty:
                return
            wait = 0
            future = self._futures.pop(client, None)
            if future is not None:
                yield self._result(client, future)

    def _result(self, client: str, future: Any) -> Ended:
        try:
            end: Ended = future.result()
        except Exception as broken:
            if isinstance(broken, OSError) and not isinstance(broken, CommClosedError):
                return unborn(client, broken)
            what = f"The cluster lost the client ({type(broken).__name__})."
            return Ended(
                client=client, ok=False, code="B320", reason=what, remedy="Look at the workers.", lost=True
            )
        return end

    def learn(self, modules: Iterable[str]) -> None:
        """Workers learn by themselves."""

    def stop(self) -> list[str]:
        """Cancel everything; workers end their runs within a tick. Give the clients that were at work."""
        stopped = list(self._futures)
        with self._asking():
            self._client.cancel(list(self._futures.values()))
        self._futures.clear()
        return stopped

    def close(self) -> None:
        """Let go of the cluster; one of our own ends."""
        if self._client is not None:
            with suppress(OSError):
                if not self._gone:
                    self._client.unregister_worker_plugin(_PLUGIN)
                self._client.close(timeout=0 if self._gone else _PATIENCE)
        if self._cluster is not None:
            self._cluster.close()
