"""What is left, lost or done twice when runners are killed and clients are poison (G11 to G13)."""

import os
import random
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from benchmarks.batch import workload
from smf_helpers.batch import BatchOptions, ClientTask, Limits, Output, plan_batch, run_batch
from smf_helpers.batch.journal import Journal
from tests.batch.notebooks import make_clients, make_options, tree

RUNNER = (
    "import sys, pathlib\n"
    "from tests.batch.notebooks import ANALYSIS, make_clients, make_options\n"
    "from smf_helpers.batch import plan_batch, run_batch\n"
    "folder = pathlib.Path(sys.argv[1])\n"
    "options = make_options(folder, analysis=[*ANALYSIS, *sys.argv[3:]])\n"
    "sys.exit(run_batch(plan_batch(make_clients(folder, int(sys.argv[2])), options)).exit_code)"
)
HOLD = (
    "import pathlib, signal, subprocess, sys\n"
    "signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
    "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)', {mark!r}], start_new_session=True)\n"
    "pathlib.Path({mark!r}, 'started').touch()\n"
    "sum(range(10 ** 12))"
)
OUTPUT = Output(file="report.html", by="nbconvert:smf_helpers.report.exporter.SharedExporter")
POISON = (
    "time.sleep(600)",
    "os.kill(os.getpid(), signal.SIGSEGV)",
    "bytearray(10 ** 11)",
    "print('x' * 10 ** 7)",
    "os._exit(0)",
)


def _start(folder: Path, clients: int, *cells: str) -> "subprocess.Popen[bytes]":
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    argv = [sys.executable, "-c", RUNNER, str(folder), str(clients), *cells]
    return subprocess.Popen(argv, env=env, stderr=subprocess.DEVNULL)


def left(mark: str) -> int:
    """Count the processes that carry a mark, or work below it."""
    n = 0
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and int(entry.name) != os.getpid():
                told = (entry / "cmdline").read_bytes().decode("utf-8", "replace")
                n += mark in told or str((entry / "cwd").readlink()).startswith(mark)
        except OSError:
            continue
    return n


def killed_runner(folder: Path, times: int) -> int:
    """G11: kill a runner whose client holds the interpreter and has a child of its own; count who is left."""
    worst = 0
    for turn in range(times):
        home = folder / f"gone-{turn}"
        home.mkdir()
        runner = _start(home, 1, HOLD.format(mark=str(home)))
        while not (home / "started").exists():
            assert runner.poll() is None
            time.sleep(0.01)
        runner.send_signal(signal.SIGKILL)
        runner.wait()
        time.sleep(0.1)
        worst = max(worst, left(str(home)))
    return worst


COUNTED = ("killed", "torn or missing", "run twice", "wrong status")


class Kills:
    """G12: batches that are killed at random instants and resumed; what was torn, run twice or told wrongly."""

    def __init__(self, folder: Path, clients: int = 6) -> None:
        self._folder, self._clients = folder, clients
        calm = folder / "calm"
        calm.mkdir()
        assert _start(calm, clients).wait() == 0
        shutil.rmtree(calm / "reports")
        begun = time.monotonic()
        assert _start(calm, clients).wait() == 0
        self._seconds, self._whole = time.monotonic() - begun, tree(calm / "reports")

    def once(self, chance: random.Random) -> dict[str, int]:
        """Start a batch, kill it and resume it by a run that is killed too, until one gets to its end.

        The instant lies anywhere between the first file and the end of an undisturbed run; a run that ends before it is
        not counted as killed. Each resumed run is given longer than the last, so that a machine that became slow comes
        to an end, too.
        """
        found = dict.fromkeys(COUNTED, 0)
        home = Path(tempfile.mkdtemp(dir=self._folder))
        out = home / "reports"
        ended, patience = False, 0.0
        while not ended:
            begun, patience = time.monotonic(), patience + self._seconds
            runner = _start(home, self._clients)
            while not out.exists() and runner.poll() is None:
                time.sleep(0.005)
            try:
                started = time.monotonic() - begun
                ended = runner.wait(chance.uniform(0, max(patience - started, 0.1))) == 0
                found["wrong status"] += not ended
            except subprocess.TimeoutExpired:
                found["killed"] += 1
            runner.kill()
            runner.wait()
            there = tree(out)
            found["torn or missing"] += sum(
                self._whole.get(name) != content
                for name, content in there.items()
                if name.startswith("client")
            )
            with Journal(out / ".journal.sqlite") as journal:
                done = {client for client, entry in journal.entries().items() if entry.state == "ok"}
            found["wrong status"] += sum(f"{client}/manifest.json" not in there for client in done)
            plan = plan_batch(make_clients(home, self._clients), make_options(home))
            found["run twice"] += len({client.task.client for client in plan.clients if client.run} & done)
        found["torn or missing"] += tree(out) != self._whole
        shutil.rmtree(home)
        return found


def poison(folder: Path, clients: int) -> tuple[int, float, float]:
    """G13: one client in twenty is poison; give the healthy ones lost, their rate against a clean run, and the limit.

    The work is that of the other modes. A client may take ten times as long as is usual in the clean run, so that a
    busy machine ends no healthy one.
    """
    homes = workload.make_clients(folder, clients)
    sick = {home.name: POISON[n % len(POISON)] for n, home in enumerate(homes[7::20])}
    cases = "".join(f"if client == {client!r}: {what}\n" for client, what in sick.items())
    cell = f"import os, signal, time\nclient = folder.rpartition('/')[2]\n{cases}"
    notebook = workload.make_notebook(folder, [*workload.CELLS[:5], cell, *workload.CELLS[5:]], "poison")
    limits = Limits(seconds=600, output=4_000_000)
    rates, lost = [], 0
    for healthy in (True, False):
        options = BatchOptions(
            out=str(folder / f"poison-{healthy}"), report=notebook, outputs=(OUTPUT,), limits=limits
        )
        tasks = [
            ClientTask(client=home.name, input_paths=(home,), parameters={"folder": str(home)})
            for home in homes
            if not (healthy and home.name in sick)
        ]
        ended: list[float] = []
        outcome = run_batch(
            plan_batch(tasks, options),
            lambda event, ended=ended: (
                ended.append(time.monotonic()) if event.kind == "ended" and event.client not in sick else None
            ),
        )
        assert {row.client for row in outcome.rows if row.state != "ok"} >= (set() if healthy else set(sick))
        lost += sum(row.state != "ok" for row in outcome.rows if row.client not in sick)
        rates.append((len(ended) - 1) / (ended[-1] - ended[0]))
        limits = replace(
            limits, seconds=max(5.0, 10 * statistics.median(row.seconds for row in outcome.rows))
        )
        if healthy:
            stopped = limits.seconds
    return lost, rates[1] / rates[0], stopped
