"""What a notebook may do to itself and to the machine, on every way of running it: it is stopped, named, and alone."""

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from smf_helpers.batch import Limits, plan_batch, run_batch
from smf_helpers.results.batch import ClientRow
from tests.batch.notebooks import ANALYSIS, REPORT, make_clients, make_options, tree
from tests.batch.test_paths import alive

FULL = bool(os.environ.get("SMF_FULL"))
PATHS = ["direct", "warm_kernel", "cold_kernel"] if FULL else ["direct"]
LONG = f"601.{os.getpid()}"
"""Seconds that only sleepers of these tests sleep."""

DEATHS = {
    "os.kill(os.getpid(), signal.SIGKILL)": ("B305", "signal 9"),
    "ctypes.string_at(0)": ("B305", "signal 11"),
    "os._exit(0)": ("B305", "before its end"),
    "sys.exit(0)": ("B302", "stopped early"),
    "os.abort()": ("B305", "signal 6"),
    "quit()": ("B302", "stopped early"),
}
"""Cell → code, and what a direct run says; the short form takes the first four."""
HOG = f"subprocess.Popen([sys.executable, '-c', 'import time; x = b\"x\" * 900_000_000; time.sleep({LONG})'])"
HUNGRY = [
    "bytearray(10 ** 10)",
    "x = []\n    while True: x.append(bytearray(10 ** 7))",
    "import numpy; numpy.ones(10 ** 10)",
    "import mmap; mmap.mmap(-1, 10 ** 10)",
    "import pyarrow; pyarrow.allocate_buffer(10 ** 10)",
    f"[{HOG} for _ in range(3)]; time.sleep({LONG})",
]
CROWDS = [
    f"[os.fork() or time.sleep({LONG}) for _ in range(50)]; time.sleep({LONG})",
    f"[os.fork() or (os.setsid(), time.sleep({LONG})) for _ in range(50)]; time.sleep({LONG})",
]
HANGS = [
    f"time.sleep({LONG})",
    "while True: pass",
    f"signal.signal(signal.SIGINT, signal.SIG_IGN); signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep({LONG})",
    "sum(range(10 ** 12))",
    f"subprocess.run(['sleep', '{LONG}'], capture_output=True)",
]


def run_sick(
    folder: Path, ills: Mapping[str, tuple[int, str]], *, healthy: int = 2, **more: object
) -> list[ClientRow]:
    """Run clients that fall ill, each in its place (0 to 2: private notebook, 3 to 5: public one), and healthy ones."""
    who = "import ctypes, json, os, pathlib, signal, subprocess, sys, time\n"
    own = who + "one = client"
    public = who + "one = json.loads(pathlib.Path(release).read_text())['client']"
    places = [own] * 3 + [public] * 3
    for client, (place, ill) in ills.items():
        places[place] += f"\nif one == {client!r}:\n    {ill}"
    woven = [cell for pair in zip([*ANALYSIS, *REPORT], places, strict=True) for cell in pair]
    options = make_options(folder, analysis=woven[:6], report=woven[6:], **more)
    outcome = run_batch(plan_batch(make_clients(folder, len(ills) + healthy), options))
    assert outcome.exit_code == 3
    assert not alive(str(folder)) and not alive(LONG)
    left = tree(folder / "reports")
    for row in outcome.rows[len(ills) :]:
        assert row.state == "ok", row
        assert left[f"{row.client}/report.txt"] == f"page of {row.client}\n".encode()
    assert {f"{client}/failure.html" for client in ills} == {n for n in left if n.endswith("failure.html")}
    return list(outcome.rows[: len(ills)])


def spread(ills: Sequence[str], places: Sequence[int]) -> dict[str, tuple[int, str]]:
    """Give every ill in every place to a client of its own."""
    pairs = [(place, ill) for ill in ills for place in places]
    return {f"client-{n}": pair for n, pair in enumerate(pairs, start=1)}


@pytest.mark.parametrize("path", PATHS)
def test_a_process_that_ends_anywhere_is_never_taken_for_done(tmp_path: Path, path: str, record_property):
    ills = spread(list(DEATHS) if FULL else list(DEATHS)[:4], range(6))
    record_property("count", len(ills))
    for row in run_sick(tmp_path, ills, path=path, limits=Limits(seconds=300)):
        place, ill = ills[row.client]
        code, words = DEATHS[ill]
        assert row.code == code, (row, ill)
        assert row.reason.startswith("analysis" if place < 3 else "report"), (row, ill)
        assert words in row.reason or "code cell" in row.reason, (row, ill)
        cell = re.search(r"code cell (\d) of 6", row.reason)
        assert cell is None or int(cell[1]) == 2 * (place % 3) + 2, (row, ill)


@pytest.mark.parametrize("path", PATHS)
def test_a_run_that_takes_too_much_memory_or_too_many_processes_is_stopped(
    tmp_path: Path, path: str, record_property
):
    greedy = [*HUNGRY, *CROWDS]
    ills = spread(greedy, [1, 4]) if FULL else spread([HUNGRY[1], HUNGRY[3], CROWDS[1]], [1])
    own = Path("/proc/self/clear_refs")
    own.write_text("5")  # forget the most that this process ever held
    record_property("count", len(ills))
    for row in run_sick(tmp_path, ills, path=path, limits=Limits(seconds=300, processes=40)):
        _, ill = ills[row.client]
        assert row.code == ("B307" if ill in CROWDS else "B304"), (row, ill)
        assert ill in CROWDS or "Memory limit of 2 GB" in row.reason
    status = Path("/proc/self/status").read_text()
    most, now = (int(re.search(rf"{name}:\s+(\d+)", status)[1]) for name in ("VmHWM", "VmRSS"))  # type: ignore[index]
    assert most - now < 100_000 and (most < 500_000 or not FULL), "the runner itself stays small"


@pytest.mark.parametrize("path", PATHS)
def test_a_run_that_hangs_is_stopped_in_time(tmp_path: Path, path: str, record_property):
    seconds = 10 if FULL else 3
    ills = spread(HANGS, [0, 4]) if FULL else spread(HANGS[2:], [1])
    record_property("count", len(ills))
    for row in run_sick(tmp_path, ills, healthy=0, path=path, limits=Limits(seconds=seconds)):
        place, ill = ills[row.client]
        stage = "analysis" if place < 3 else "report"
        assert (row.code, row.reason) == ("B303", f"{stage}: Time limit of {seconds} s reached."), ill
        assert row.seconds < 2 * seconds + 10 or not FULL
