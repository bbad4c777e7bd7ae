"""Whoever is killed, whenever: what is there is whole, running again gives the undisturbed result, nothing stays."""

import itertools
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from smf_helpers.batch import plan_batch, run_batch, watch
from smf_helpers.batch.journal import Journal
from tests.batch.notebooks import make_clients, make_options, tree
from tests.batch.test_paths import alive

FULL = bool(os.environ.get("SMF_FULL"))
KILLS, PARTS = (50, 4) if FULL else (3, 1)
SIGNALS, PAIRS = (17, 100) if FULL else (1, 2)
MANY = 40 if FULL else 6
CLIENTS = 6
AT_WORK = 4  # clients at once on the two workers of `make_options`, where each also waits for something

RUNNER = (
    "import sys, pathlib\n"
    "from tests.batch.notebooks import make_clients, make_options\n"
    "from smf_helpers.batch import plan_batch, run_batch\n"
    "folder = pathlib.Path(sys.argv[1])\n"
    "outcome = run_batch(plan_batch(make_clients(folder, int(sys.argv[2])), make_options(folder)))\n"
    "print('rows', len(outcome.rows))\n"
    "sys.exit(outcome.exit_code)"
)


def start_runner(folder: Path, clients: int = CLIENTS) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", RUNNER, str(folder), str(clients)],
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


@pytest.fixture(scope="module")
def calm(tmp_path_factory) -> tuple[dict[str, bytes], float]:
    """Give the tree of an undisturbed run, and how long it took."""
    return undisturbed(tmp_path_factory.mktemp("calm"), CLIENTS)


@pytest.fixture(scope="module")
def calm_of_many(calm, tmp_path_factory) -> tuple[dict[str, bytes], float]:
    """Give the same of as many clients as the kills are tried on."""
    return calm if MANY == CLIENTS else undisturbed(tmp_path_factory.mktemp("many"), MANY)


def undisturbed(folder: Path, clients: int) -> tuple[dict[str, bytes], float]:
    begun = time.monotonic()
    with start_runner(folder, clients) as runner:
        assert runner.wait() == 0
    return tree(folder / "reports"), time.monotonic() - begun


def known_as(state: str, folder: Path) -> set[str]:
    """Give the clients of which the journal says so."""
    path = folder / "reports" / ".journal.sqlite"
    if not path.exists():
        return set()
    with Journal(path) as journal:
        return {client for client, entry in journal.entries().items() if entry.state == state}


def all_gone(mark: str) -> bool:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if not alive(mark):
            return True
        time.sleep(0.02)
    return False


@pytest.mark.parametrize("part", range(PARTS))
def test_a_runner_killed_at_any_moment_loses_nothing_that_was_done(
    tmp_path: Path, calm_of_many, part: int, record_property
):
    record_property("count", KILLS)
    whole, seconds = calm_of_many
    chance = random.Random(7 + part)
    kills = 0
    for turn in itertools.count():
        if kills >= KILLS:
            break
        folder = tmp_path / str(turn)
        folder.mkdir()
        ended = False
        while not ended:  # resumed by a run that may be killed as well
            with start_runner(folder, MANY) as runner:
                try:
                    patience = chance.uniform(0, seconds) if kills < KILLS else None
                    assert runner.wait(patience) == 0
                    ended = True
                except subprocess.TimeoutExpired:
                    kills += 1
                runner.kill()
            assert all_gone(str(folder))
            check_what_is_there(folder, whole, MANY)
        assert tree(folder / "reports") == whole, kills


def check_what_is_there(folder: Path, whole: dict[str, bytes], clients: int) -> None:
    """Every file is whole, whatever the journal calls done is there, and none of it would be run again."""
    reports = folder / "reports"
    left = tree(reports) if reports.exists() else {}
    assert all(whole.get(name) == content for name, content in left.items() if name.startswith("client"))
    assert len(known_as("running", folder)) <= AT_WORK
    done = known_as("ok", folder)
    assert {f"{client}/manifest.json" for client in done} <= set(left)
    plan = plan_batch(make_clients(folder, clients), make_options(folder))
    assert not {client.task.client for client in plan.clients if client.run} & done


@pytest.mark.parametrize("turn", range(SIGNALS))
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_runner_told_to_stop_says_what_was_done(tmp_path: Path, calm, number: int, turn: int):
    whole, _ = calm
    first = f"client-{1 + turn % CLIENTS}"
    with start_runner(tmp_path) as runner:
        while not (tmp_path / "reports" / first).exists() and runner.poll() is None:
            time.sleep(0.01)
        runner.send_signal(number)
        begun = time.monotonic()
        said = runner.communicate(timeout=240)[0]
        assert runner.returncode in (130, 0) and time.monotonic() - begun < (10 if FULL else 120)
        assert f"rows {CLIENTS}" in said
    assert all_gone(str(tmp_path))
    run_batch(plan_batch(make_clients(tmp_path, CLIENTS), make_options(tmp_path)))
    assert tree(tmp_path / "reports") == whole


@pytest.mark.parametrize("victim", ["keeper", "zygote", "run"])
def test_any_one_process_killed_in_mid_batch_costs_at_most_its_own_client(tmp_path: Path, calm, victim: str):
    whole, _ = calm
    killed: list[int] = []
    before = set(watch.children(os.getpid()))

    def on_event(event) -> None:
        if event.kind == "started" and event.done >= 2 and not killed:
            (keeper,) = set(watch.children(os.getpid())) - before
            (zygote,) = watch.children(keeper)
            chosen = {"keeper": keeper, "zygote": zygote, "run": (watch.children(zygote) or [0])[0]}[victim]
            if chosen:
                os.kill(chosen, signal.SIGKILL)
                killed.append(chosen)

    outcome = run_batch(plan_batch(make_clients(tmp_path, CLIENTS), make_options(tmp_path)), on_event)
    assert killed and all_gone(str(tmp_path))
    bad = [row for row in outcome.rows if row.state != "ok"]
    if victim == "run":
        assert len(bad) <= 1 and all(row.code == "B305" and "signal 9" in row.reason for row in bad)
        run_batch(plan_batch(make_clients(tmp_path, CLIENTS), make_options(tmp_path)))
    else:
        assert not bad
    assert tree(tmp_path / "reports") == whole


def test_of_two_runners_on_one_folder_one_works_and_one_is_told(tmp_path: Path, calm, record_property):
    record_property("count", PAIRS)
    whole, _ = calm
    for turn in range(PAIRS):
        folder = tmp_path / str(turn)
        folder.mkdir()
        with start_runner(folder) as one, start_runner(folder) as two:
            codes = sorted([one.wait(), two.wait()])
        assert codes in ([0, 75], [0, 0]), codes
        assert tree(folder / "reports") == whole
        with start_runner(folder) as stale:
            stale.kill()
        assert run_batch(plan_batch(make_clients(folder, CLIENTS), make_options(folder))).exit_code == 0


def test_a_manifest_tells_the_digest_of_every_file_beside_it(calm):
    import hashlib

    whole, _ = calm
    for client in range(1, CLIENTS + 1):
        manifest = json.loads(whole[f"client-{client}/manifest.json"])
        assert manifest["files"] == {
            name: hashlib.sha256(whole[f"client-{client}/{name}"]).hexdigest()
            for name in ("report.txt", "sheet.json")
        }
