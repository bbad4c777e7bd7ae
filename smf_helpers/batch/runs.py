"""One client's run: its notebooks one after the other, each in a process of its own, watched from outside."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from smf_helpers.batch import files, watch
from smf_helpers.batch.job import Job, read_report
from smf_helpers.batch.launch import LOST, Launcher, Run
from smf_helpers.results.batch import Limits

TICK = 0.25
"""Seconds between two looks at what a run uses."""
_IDLE_LOOKS = 3
"""Looks in a row without work after which a run counts as waiting."""
_IDLE_SHARE = 0.05
"""A run that uses less than this share of a core does no work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """What an executor is given for one client: jobs in their order, paths only, no data.

    Attributes
    ----------
    client : id.
    jobs : the notebooks in their order.
    limits : what the run may use.
    secrets : names of environment variables for private notebooks.
    folder : private folder of the run, emptied when it starts.
    """

    client: str
    jobs: tuple[Job, ...]
    limits: Limits
    secrets: tuple[str, ...]
    folder: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a client's run ended.

    Attributes
    ----------
    client : id.
    ok : True when every notebook ran and every output is staged.
    code, reason, remedy : what went wrong, empty when nothing did.
    paths : how each notebook was run.
    files : digest of each staged file.
    seconds : wall time.
    lost : True when the machinery broke, not the client; it may be run again.
    modules : modules imported on the way, worth preloading.
    manifest : text of the published manifest, empty until then.
    finals : digest and stamp of each published file.
    log : end of the log, where the runner cannot read it itself.
    """

    client: str
    ok: bool
    code: str = ""
    reason: str = ""
    remedy: str = ""
    paths: tuple[str, ...] = ()
    files: Mapping[str, str] | None = None
    seconds: float = 0.0
    lost: bool = False
    modules: tuple[str, ...] = ()
    manifest: str = ""
    finals: Mapping[str, tuple[str, str]] | None = None
    log: str = ""


class ClientRun:
    """A client at work: feed it with `step` when its descriptor is readable or a tick has passed."""

    def __init__(self, errand: Errand, launcher: Launcher) -> None:
        self.errand = errand
        self._launcher = launcher
        self._begun = time.monotonic()
        self._left = list(errand.jobs)
        self._paths: list[str] = []
        self._modules: list[str] = []
        files.remove_tree(Path(errand.folder))
        self._start(self._left.pop(0))

    def _start(self, job: Job) -> None:
        self._job = job
        self._used, self._idle = 0.0, 0
        folder = files.make_folder(Path(job.folder), mode=0o700)
        files.make_folder(Path(job.cwd))
        files.make_folder(Path(job.staging))
        self._log = folder / f"{job.stage}.log"
        secrets = self.errand.secrets if job.stage == "analysis" else ()
        self._run: Run = self._launcher.start(job, secrets=secrets, log=self._log)
        self._since = self._looked = time.monotonic()  # the zygote's own start is not the client's time

    def fileno(self) -> int:
        """Give the descriptor of the process at work."""
        return self._run.fileno()

    @property
    def waits(self) -> bool:
        """Whether the run has only been waiting for some time, so that another could use its core."""
        return self._idle >= _IDLE_LOOKS

    def step(self) -> Ended | None:
        """Look at the run; give how it ended, or None while it goes on."""
        status = self._run.ended()
        if status is None:
            broken = self._broken_limit()
            if broken is None:
                return None
            self._run.kill()
            self._run.said()
            return self._failure(*broken)
        report = read_report(self._run.said())
        if status == LOST:
            return replace(self._failure("B320", "The process's keeper was lost.", "Run again."), lost=True)
        if status != 0 or report is None:
            return self._died(status)
        if report.slower is not None:
            self._start(replace(self._job, path=report.slower))
            return None
        self._paths.append(report.path)
        self._modules += report.modules
        if not report.ok:
            return self._failure(report.code, report.reason, report.remedy)
        if self._left:
            self._start(self._left.pop(0))
            return None
        return self._ended(ok=True, files=report.files or {})

    def stop(self) -> None:
        """End the run now, and all that it started."""
        self._run.kill()
        self._run.said()

    def _broken_limit(self) -> tuple[str, str, str] | None:
        limits, now = self.errand.limits, time.monotonic()
        passed = now - self._looked
        if passed < TICK:
            return None
        self._looked = now
        if now - self._since > limits.seconds:
            what = f"{self._job.stage}: Time limit of {limits.seconds:g} s reached."
            return "B303", what, "Give it a higher limit, or less data."
        used = watch.usage(self._run.pids, memory=limits.memory)
        worked = abs(used.seconds - self._used) > _IDLE_SHARE * passed
        self._used, self._idle = used.seconds, 0 if worked else self._idle + 1
        if used.memory > limits.memory:
            what = f"{self._job.stage}: Memory limit of {limits.memory / 1024**3:.3g} GB reached."
            return "B304", what, "Give it a higher limit, or less data."
        if used.processes > limits.processes:
            what = f"{self._job.stage}: More than {limits.processes} processes at once."
            return "B307", what, "Start fewer processes in the notebook."
        if self._log.stat().st_size > limits.output:
            what = f"{self._job.stage}: Output limit of {limits.output / 1e6:g} MB reached."
            return "B306", what, "Print and display less."
        return None

    def _died(self, status: int) -> Ended:
        how = f"signal {-status}" if status < 0 else f"status {status}"
        if status == 0:
            how = "status 0 before its end"
        return self._failure(
            "B305", f"{self._job.stage}: The process ended with {how}.", "The client's log has the details."
        )

    def _failure(self, code: str, reason: str, remedy: str) -> Ended:
        return self._ended(ok=False, code=code, reason=reason, remedy=remedy)

    def _ended(self, **what: Any) -> Ended:
        return Ended(
            client=self.errand.client,
            paths=tuple(dict.fromkeys(self._paths)) or (self._job.path,),
            seconds=time.monotonic() - self._begun,
            modules=tuple(dict.fromkeys(self._modules)),
            **what,
        )
