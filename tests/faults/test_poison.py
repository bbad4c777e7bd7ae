"""Bad clients among good ones, nothing of one client in another's report, and nothing left behind."""

import json
import os
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest

from smf_helpers.batch import Limits, plan_batch, run_batch
from tests.batch.notebooks import ANALYSIS, make_clients, make_options, tree
from tests.batch.test_paths import alive

FULL = bool(os.environ.get("SMF_FULL"))
BATCHES = [(500, 1), (500, 25), (200, 180)] if FULL else [(20, 7)]
CLIENTS = 500 if FULL else 20

LONG = f"600.{os.getpid()}"  # so that no other test's sleeper is taken for one of ours
POISONS = {
    "os._exit(0)": "B305",
    "os.kill(os.getpid(), signal.SIGSEGV)": "B305",
    "sys.exit(0)": "B302",
    "bytearray(10 ** 10)": "B304",
    "[print('x' * 1000) for _ in range(10 ** 4)]": "B306",
    "signal.signal(signal.SIGINT, signal.SIG_IGN); time.sleep(600)": "B303",
    f"[subprocess.Popen(['sleep', '{LONG}'], start_new_session=True) for _ in range(30)]; time.sleep(600)": "B307",
    "signal.signal(signal.SIGINT, signal.SIG_IGN); sum(range(10 ** 12))": "B303",
    f"subprocess.Popen(['sleep', '{LONG}'], start_new_session=True); os._exit(0)": "B305",
}
"""Cell → code; the short form takes the first seven."""


def poisoned(sick: dict[str, str]) -> list[str]:
    """Give the cells of the analysis with the bad ones between them, each client's in one of three places."""
    cells = ["import os, signal, subprocess, sys, time"] * 3
    for n, (client, what) in enumerate(sick.items()):
        cells[n % 3] += f"\nif client == {client!r}: {what}"
    return [ANALYSIS[0], cells[0], ANALYSIS[1], cells[1], ANALYSIS[2], cells[2]]


@pytest.mark.parametrize(("clients", "bad"), BATCHES)
def test_bad_clients_cost_only_themselves_and_each_is_named_with_its_reason(
    tmp_path: Path, clients: int, bad: int, record_property
):
    record_property("count", bad)
    names = [f"client-{n}" for n in range(1, clients + 1)]
    chosen = random.Random(3).sample(names, bad)
    sick = {client: list(POISONS)[n % len(POISONS)] for n, client in enumerate(chosen)}
    analysis = poisoned(sick)
    limits = Limits(seconds=15, memory=2 * 1024**3, output=100_000, processes=20)
    options = make_options(tmp_path, analysis=analysis, limits=limits)
    outcome = run_batch(plan_batch(make_clients(tmp_path, clients), options))
    assert outcome.exit_code == 3
    for row in outcome.rows:
        expected = POISONS[sick[row.client]] if row.client in sick else ""
        assert row.code == expected and bool(row.reason) == bool(expected), row
    assert not alive(str(tmp_path)) and not alive(LONG)
    clean = tmp_path / "clean"
    clean.mkdir()
    healthy = [task for task in make_clients(clean, clients) if task.client not in sick]
    run_batch(plan_batch(healthy, make_options(clean, analysis=analysis, limits=limits)))
    whole = {name: content for name, content in tree(clean / "reports").items() if name != "index.html"}
    left = tree(tmp_path / "reports")
    assert {name: left[name] for name in whole} == whole
    assert {f"{client}/failure.html" for client in sick} == {n for n in left if n.endswith("failure.html")}


def test_no_token_of_one_client_is_found_in_another(tmp_path: Path, record_property):
    record_property("count", CLIENTS)
    clients = make_clients(tmp_path, CLIENTS)
    for task in clients:
        assert task.params_path is not None
        task.params_path.write_text(f"canary-{task.client}-canary")
    random.Random(5).shuffle(clients)
    analysis = [*ANALYSIS[:2], f"{ANALYSIS[2].replace('len(text)', 'text')}"]
    options = make_options(tmp_path, analysis=analysis, keep=True)
    assert run_batch(plan_batch(clients, options)).exit_code == 0
    token = re.compile(rb"canary-(client-\d+)-canary")
    seen = set()
    for folder in [*(tmp_path / "reports").iterdir(), *(tmp_path / "reports" / ".work").iterdir()]:
        for path in folder.rglob("*") if folder.name.startswith("client-") else ():
            if path.is_file():
                found = {name.decode() for name in token.findall(path.read_bytes())}
                assert found <= {folder.name}, path
                seen |= found
    assert len(seen) == CLIENTS


SOAK = (
    "import gc, json, os, pathlib, sys\n"
    "from tests.batch.notebooks import make_clients, make_options\n"
    "from smf_helpers.batch import plan_batch, run_batch, watch\n"
    "folder, seen = pathlib.Path(sys.argv[1]), []\n"
    "clients, options = make_clients(folder, int(sys.argv[2])), make_options(folder, select='all')\n"
    "for _ in range(3):\n"
    "    assert run_batch(plan_batch(clients, options)).exit_code == 0\n"
    "    gc.collect()\n"
    "    resident = int(pathlib.Path('/proc/self/statm').read_text().split()[1])\n"
    "    left = os.listdir(os.environ['TMPDIR'])\n"
    "    seen.append([resident, len(os.listdir('/proc/self/fd')), watch.children(os.getpid()), left])\n"
    "print(json.dumps(seen))"
)


def test_batch_after_batch_in_one_runner_leaves_nothing_behind(tmp_path: Path, record_property):
    record_property("count", 3 * (500 if FULL else 2))
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    env = {**os.environ, "PYTHONPATH": str(Path.cwd()), "TMPDIR": str(scratch)}
    argv = [sys.executable, "-c", SOAK, str(tmp_path), "500" if FULL else "2"]
    ran = subprocess.run(argv, env=env, capture_output=True, text=True, check=True)
    first, *later = json.loads(ran.stdout)
    assert first[2:] == [[], []] and all(seen[1:] == first[1:] for seen in later)
    assert later[-1][0] < 1.05 * first[0] or not FULL
