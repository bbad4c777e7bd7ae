"""Bad clients among good ones, odd surroundings, and nothing of one client in another's report."""

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
CLIENTS, BAD = (500, 25) if FULL else (20, 7)

POISONS = {
    "os._exit(0)": "B305",
    "os.kill(os.getpid(), signal.SIGSEGV)": "B305",
    "sys.exit(0)": "B302",
    "bytearray(10 ** 10)": "B304",
    "[print('x' * 1000) for _ in range(10 ** 4)]": "B306",
    "signal.signal(signal.SIGINT, signal.SIG_IGN); sum(range(10 ** 12))": "B303",
    "[subprocess.Popen(['sleep', '600'], start_new_session=True) for _ in range(30)]; time.sleep(600)": "B307",
}


def poison_cell(sick: dict[str, str]) -> str:
    cases = "\n".join(f"if client == {client!r}: {what}" for client, what in sick.items())
    return f"import os, signal, subprocess, sys, time\n{cases}"


def test_bad_clients_cost_only_themselves_and_each_is_named_with_its_reason(tmp_path: Path):
    names = [f"client-{n}" for n in range(1, CLIENTS + 1)]
    chosen = random.Random(3).sample(names, BAD)
    sick = {client: list(POISONS)[n % len(POISONS)] for n, client in enumerate(chosen)}
    analysis = [*ANALYSIS[:2], poison_cell(sick), ANALYSIS[2]]
    limits = Limits(seconds=6, memory=2 * 1024**3, output=100_000, processes=20)
    options = make_options(tmp_path, analysis=analysis, limits=limits)
    outcome = run_batch(plan_batch(make_clients(tmp_path, CLIENTS), options))
    assert outcome.exit_code == 3
    for row in outcome.rows:
        expected = POISONS[sick[row.client]] if row.client in sick else ""
        assert row.code == expected and bool(row.reason) == bool(expected), row
    assert not alive(str(tmp_path)) and not alive("sleep\x00600")
    clean = tmp_path / "clean"
    clean.mkdir()
    healthy = [task for task in make_clients(clean, CLIENTS) if task.client not in sick]
    run_batch(plan_batch(healthy, make_options(clean, analysis=analysis, limits=limits)))
    whole = {name: content for name, content in tree(clean / "reports").items() if name != "index.html"}
    left = tree(tmp_path / "reports")
    assert {name: left[name] for name in whole} == whole
    assert {f"{client}/failure.html" for client in sick} == {n for n in left if n.endswith("failure.html")}


def test_no_token_of_one_client_is_found_in_another(tmp_path: Path):
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


SURROUNDINGS = {
    "a Turkish locale and a far time zone": {"LC_ALL": "tr_TR.UTF-8", "TZ": "Pacific/Kiritimati"},
    "the C locale, no home": {"LC_ALL": "C", "HOME": ""},
    "another seed of hashes": {"PYTHONHASHSEED": "4711", "TZ": "Europe/Berlin"},
}
RUNNER = (
    "import os, sys, pathlib, resource\n"
    "os.umask(0o077)\n"
    "resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))\n"
    "from tests.batch.notebooks import make_clients, make_options\n"
    "from smf_helpers.batch import plan_batch, run_batch\n"
    "folder = pathlib.Path(sys.argv[1])\n"
    "os.chdir('/proc')\n"
    "sys.exit(run_batch(plan_batch(make_clients(folder, 2), make_options(folder))).exit_code)"
)


@pytest.mark.parametrize("name", SURROUNDINGS if FULL else list(SURROUNDINGS)[:1])
def test_odd_surroundings_change_no_byte(tmp_path: Path, name: str):
    calm, odd = tmp_path / "calm", tmp_path / f"odd ä {'x' * 150}"
    calm.mkdir()
    odd.mkdir()
    run_batch(plan_batch(make_clients(calm, 2), make_options(calm)))
    env = {**os.environ, "PYTHONPATH": str(Path.cwd()), **SURROUNDINGS[name]}
    assert subprocess.run([sys.executable, "-c", RUNNER, str(odd)], env=env, check=False).returncode == 0
    assert tree(odd / "reports") == tree(calm / "reports")
    assert (odd / "reports" / "client-1" / "report.txt").stat().st_mode & 0o777 == 0o644
