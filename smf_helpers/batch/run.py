"""Run a plan: every client to its end, one failing client never stopping the others."""

import datetime as dt
import os
import signal
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from smf_helpers.batch import files
from smf_helpers.batch.executors import Executor, LocalExecutor
from smf_helpers.batch.journal import Entry, Journal
from smf_helpers.batch.launch import ColdLauncher, Launcher
from smf_helpers.batch.lock import LockedError, only_run
from smf_helpers.batch.pages import failure_page, index_page
from smf_helpers.batch.plan import journal_path, work_folder
from smf_helpers.batch.runs import Ended
from smf_helpers.batch.targets import FAILURE, MANIFEST, Target, open_target, state_folder
from smf_helpers.batch.warm import ZygoteLauncher, zygote_possible
from smf_helpers.errors import BatchError, Fault
from smf_helpers.results.batch import (
    EXIT_FAILED,
    EXIT_INTERRUPTED,
    EXIT_LOCKED,
    EXIT_OK,
    EXIT_REFUSED,
    BatchEvent,
    BatchOptions,
    BatchOutcome,
    ClientRow,
    Plan,
    PlannedClient,
)

_KEPT_DAYS = 30
"""Private folders of failed runs are kept that long."""

OnEvent = Callable[[BatchEvent], None]


def run_batch(plan: Plan, on_event: OnEvent | None = None) -> BatchOutcome:
    """Run every client of a plan that is to run, each in fresh processes of its own.

    Parameters
    ----------
    plan : what `plan_batch` gave.
    on_event : called when a client starts and ends; None tells nobody.

    Returns
    -------
    One row a client and the exit code. A folder that another run holds gives code 75 and no rows.

    Raises
    ------
    BatchError
        When the journal or the target cannot be used at all, or no longer.
    """
    begun = time.monotonic()
    now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    try:
        state = files.make_folder(state_folder(plan.options))
        with only_run(state, since=now), Journal(journal_path(plan.options)) as journal:
            outcome = _Batch(plan, journal, on_event).run()
    except LockedError as locked:
        return BatchOutcome(rows=(), exit_code=EXIT_LOCKED, note=str(locked))
    except (OSError, sqlite3.Error) as refused:
        what = f"The disk or a device refused ({getattr(refused, 'strerror', None) or refused})."
        remedy = "Make room, check rights and limits, and run again: what is done stays done."
        raise BatchError(Fault(code="B311", where=plan.options.out, what=what, remedy=remedy)) from refused
    return replace(outcome, seconds=time.monotonic() - begun)


class _Batch:
    """One run of one plan, while it holds the folder."""

    def __init__(self, plan: Plan, journal: Journal, on_event: OnEvent | None) -> None:
        self._plan = plan
        self._options = plan.options
        self._journal = journal
        self._tell = on_event or (lambda event: None)
        self._target: Target = open_target(plan.options)
        self._work = work_folder(plan.options)
        self._before = journal.entries()
        self._todo = {planned.task.client: planned for planned in plan.clients if planned.run}
        self._rows: dict[str, ClientRow] = {}
        self._begun = time.monotonic()

    def run(self) -> BatchOutcome:
        self._prepare()
        with _stop_signals() as stopped:
            if self._todo:
                with ExitStack() as stack:
                    executor = open_executor(self._options, self._work, len(self._todo))
                    stack.callback(executor.close)
                    self._work_through(executor, stopped)
            self._close()
        rows = tuple(self._row_of(planned) for planned in self._plan.clients)
        return BatchOutcome(rows=rows, exit_code=_exit_code(rows, stopped.is_set()))

    def _prepare(self) -> None:
        """Clear what an earlier run left half done, and note the batch."""
        files.make_folder(self._work, mode=0o700)
        self._forget_old_work()
        for client, entry in self._before.items():
            if entry.state in ("queued", "running"):
                with suppress(BatchError):
                    self._target.withdraw(client)
        self._journal.queue({client: (planned.key, planned.parts) for client, planned in self._todo.items()})
        self._journal.remember(
            {path: mark for planned in self._plan.clients for path, mark in planned.inputs.items()}
        )

    def _forget_old_work(self) -> None:
        oldest = time.time() - _KEPT_DAYS * 86400
        for folder in self._work.iterdir():
            if folder.name in self._todo or folder.lstat().st_mtime < oldest:
                files.remove_tree(folder)

    def _work_through(self, executor: Executor, stopped: threading.Event) -> None:
        waiting = deque(self._todo)
        running: set[str] = set()
        while (waiting or running) and not stopped.is_set():
            while waiting and executor.room() > 0 and not stopped.is_set():
                client = waiting.popleft()
                attempt = self._journal.start(client)
                executor.submit(self._todo[client])
                running.add(client)
                self._event("started" if attempt == 1 else "again", client)
            for end in executor.ended():
                running.discard(end.client)
                executor.learn(end.modules)
                if end.lost and self._journal.attempts(end.client) <= self._options.retries:
                    waiting.append(end.client)
                else:
                    self._finish(end)
        for client in executor.stop():
            self._interrupted(client)

    def _finish(self, end: Ended) -> None:
        planned = self._todo[end.client]
        row = ClientRow(
            client=end.client,
            state="ok" if end.ok else "refused" if end.code == "B401" else "failed",
            code=end.code,
            seconds=end.seconds,
            reason=end.reason,
            remedy=end.remedy,
            path=", ".join(end.paths),
            key=planned.key,
        )
        if row.state == "ok":
            page = next((file for file in end.finals or {} if file != MANIFEST), MANIFEST)
            row = replace(row, page=self._target.address(f"{row.client}/{page}"))
            self._journal.finish(row, parts=planned.parts, manifest=end.manifest, finals=end.finals)
        else:
            row = self._explain(row, planned, end.log)
        self._rows[row.client] = row
        self._event("ended", row.client, row)

    def _explain(self, row: ClientRow, planned: PlannedClient, log: str) -> ClientRow:
        """Take away the page that is no longer true, and put the reason in its place."""
        try:
            if log:
                folder = files.make_folder(self._work / row.client, mode=0o700)
                files.write_new(folder / "worker.log", log.encode(), mode=0o600)
            self._journal.reopen(row.client)
            self._target.withdraw(row.client)
            self._target.write(f"{row.client}/{FAILURE}", failure_page(row))
            row = replace(row, page=self._target.address(f"{row.client}/{FAILURE}"))
        except (OSError, BatchError):
            row = replace(row, page="")
        self._journal.finish(row, parts=planned.parts)
        return row

    def _interrupted(self, client: str) -> None:
        files.remove_tree(self._work / client)
        row = ClientRow(client=client, state="interrupted", code="B130", reason="stopped while it ran")
        self._rows[client] = row
        self._event("ended", client, row)

    def _close(self) -> None:
        """Write the page over all clients that have one."""
        if self._options.index:
            rows = [entry.row for entry in self._journal.entries().values() if entry.state in _WITH_PAGE]
            files = {client: list(known) for client, known in self._journal.finals().items()}
            page = index_page(rows, files, beside=self._options.beside)
            self._target.write(self._options.index, page)

    def _row_of(self, planned: PlannedClient) -> ClientRow:
        client = planned.task.client
        if client in self._rows:
            return self._rows[client]
        if planned.run:
            return ClientRow(client=client, state="interrupted", code="B130", reason="not started")
        return _row_before(client, planned, self._before.get(client))

    def _event(self, kind: str, client: str, row: ClientRow | None = None) -> None:
        done, total = len(self._rows), len(self._todo)
        minutes = (time.monotonic() - self._begun) / 60
        rate = done / minutes if minutes else 0.0
        left = (total - done) / rate * 60 if rate else None
        self._tell(
            BatchEvent(
                kind=kind,  # type: ignore[arg-type]
                client=client,
                row=row,
                done=done,
                total=total,
                per_minute=rate,
                left=left,
            )
        )


_WITH_PAGE = ("ok", "failed", "refused")


def _row_before(client: str, planned: PlannedClient, entry: Entry | None) -> ClientRow:
    if planned.why == "unchanged" and entry is not None:
        return replace(entry.row, state="unchanged", seconds=0.0)
    if planned.why.endswith("before, unchanged") and entry is not None:
        return entry.row
    return ClientRow(client=client, state="skipped", reason=planned.why)


def _exit_code(rows: tuple[ClientRow, ...], stopped: bool) -> int:
    states = {row.state for row in rows}
    if stopped:
        return EXIT_INTERRUPTED
    if "failed" in states:
        return EXIT_FAILED
    return EXIT_REFUSED if "refused" in states else EXIT_OK


def open_executor(options: BatchOptions, work: Path, clients: int) -> Executor:
    """Open whoever is to run the clients."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    # A kernel and the process that talks to it take turns in waiting for each other.
    usual = cores if options.path == "direct" else 2 * cores
    jobs = max(1, min(options.jobs or usual, clients))
    if not options.dask:
        return LocalExecutor(open_launcher(options), jobs, options, work)
    try:
        from smf_helpers.batch.cluster import DaskExecutor
    except ImportError as missing:
        raise BatchError(
            Fault(
                code="B102",
                where="--dask",
                what=f"A cluster needs the package '{missing.name}'.",
                remedy="Install the extra 'cluster'.",
            )
        ) from missing
    return DaskExecutor(options, jobs, work)


def open_launcher(options: BatchOptions) -> Launcher:
    """Open what makes processes: a zygote where the system has what it needs."""
    return ZygoteLauncher(options) if zygote_possible() else ColdLauncher()


@contextmanager
def _stop_signals() -> Iterator[threading.Event]:
    """Turn the signals that end a program into an event, where this is the main thread."""
    stopped = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stopped
        return
    caught = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
    before = {number: signal.signal(number, lambda *_: stopped.set()) for number in caught}
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
