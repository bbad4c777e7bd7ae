"""The batch on a real scheduler with real workers, and into an object store."""

import contextlib
import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from smf_helpers.batch import Limits, plan_batch, run_batch
from smf_helpers.batch.files import make_folder
from smf_helpers.batch.plan import work_folder
from smf_helpers.errors import BatchError
from smf_helpers.texts import marks_of
from tests.batch.notebooks import ANALYSIS, make_clients, make_options, tree
from tests.ports import free_port

pytest.importorskip("distributed", reason="the extra 'cluster' is not installed")
pytestmark = [pytest.mark.server, pytest.mark.filterwarnings("ignore")]


@contextlib.contextmanager
def process(*argv: str, **env: str) -> Iterator["subprocess.Popen[bytes]"]:
    running = subprocess.Popen(
        [sys.executable, "-m", *argv],
        env={**os.environ, "PYTHONPATH": str(Path.cwd()), **env},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield running
    finally:
        running.kill()
        running.wait()


def wait_until(condition, seconds: float = 240.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory) -> Iterator[tuple[str, Path]]:
    note = tmp_path_factory.mktemp("dask") / "scheduler.json"
    with process("dask", "scheduler", "--port", "0", "--no-dashboard", "--scheduler-file", str(note)):
        wait_until(lambda: note.exists() and note.stat().st_size)
        yield json.loads(note.read_text())["address"], note


@contextlib.contextmanager
def worker(note: Path, folder: Path) -> Iterator["subprocess.Popen[bytes]"]:
    argv = ["dask", "worker", "--scheduler-file", str(note), "--no-nanny", "--nthreads", "1"]
    with process(*argv, "--no-dashboard", "--local-directory", str(folder)) as running:
        yield running


def test_a_worker_killed_in_mid_batch_costs_no_client(tmp_path: Path, scheduler):
    address, note = scheduler
    clients = make_clients(tmp_path, 6)
    with worker(note, tmp_path / "a"), worker(note, tmp_path / "b") as doomed:
        ended = []

        def on_event(event):
            if event.kind == "ended":
                ended.append(event.client)
                if len(ended) == 2:
                    doomed.kill()

        outcome = run_batch(plan_batch(clients, make_options(tmp_path, dask=address)), on_event)
    assert [row.state for row in outcome.rows] == ["ok"] * 6 and len(ended) == 6
    here = tmp_path / "here"
    here.mkdir()
    run_batch(plan_batch(make_clients(here, 6), make_options(here)))
    assert tree(tmp_path / "reports") == tree(here / "reports")


def test_a_poison_client_on_a_worker_costs_only_itself(tmp_path: Path, scheduler):
    address, note = scheduler
    poison = (
        "import os, signal\n"
        "if client == 'client-1': os.kill(os.getpid(), signal.SIGSEGV)\n"
        "while client == 'client-2': pass"
    )
    options = make_options(tmp_path, dask=address, analysis=[*ANALYSIS, poison], limits=Limits(seconds=15))
    with worker(note, tmp_path / "a") as only:
        outcome = run_batch(plan_batch(make_clients(tmp_path, 4), options))
        assert only.poll() is None
    assert [row.code for row in outcome.rows] == ["B305", "B303", "", ""] and outcome.exit_code == 3


def test_a_worker_looks_for_the_words_of_the_other_clients(tmp_path: Path, scheduler):
    address, note = scheduler
    options = make_options(tmp_path, dask=address, audit="tests.batch.notebooks:search")
    # Every page says "page of" its client; here these are words of client-1, and those of client-2 another's.
    marks = {"client-1": marks_of(["page of client-2"]), "client-2": marks_of(["page of client-7"])}
    beside = make_folder(work_folder(options)) / "clients.json"
    beside.write_text(json.dumps(marks))
    with worker(note, tmp_path / "a"):
        outcome = run_batch(plan_batch(make_clients(tmp_path, 2), options))
    assert [row.state for row in outcome.rows] == ["ok", "refused"] and outcome.exit_code == 4
    assert "words of another client" in outcome.rows[1].reason


def test_reports_go_to_an_object_store_and_are_not_made_twice(tmp_path: Path, scheduler, monkeypatch):
    fsspec = pytest.importorskip("fsspec")
    pytest.importorskip("s3fs")
    pytest.importorskip("moto")
    address, note = scheduler
    port = free_port()
    access = {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
    }
    for name, value in access.items():
        monkeypatch.setenv(name, value)
    with process("moto.server", "-p", str(port)), worker(note, tmp_path / "a"):
        wait_until(lambda: _answers(port))
        store = fsspec.filesystem("s3")
        store.mkdir("reports")
        clients = make_clients(tmp_path, 2)
        options = make_options(tmp_path, out="s3://reports/q3", state=tmp_path / "state", dask=address)
        outcome = run_batch(plan_batch(clients, options))
        assert [row.page for row in outcome.rows] == [
            f"s3://reports/q3/client-{n}/report.txt" for n in (1, 2)
        ]
        assert store.cat_file("reports/q3/client-2/report.txt") == b"page of client-2\n"
        assert store.exists("reports/q3/index.html")
        assert not [c.why for c in plan_batch(clients, options).clients if c.run]
        store.pipe_file("reports/q3/client-1/sheet.json", b"tampered!")
        store.invalidate_cache()
        assert [c.why for c in plan_batch(clients, options).clients if c.run] == ["report missing or altered"]


def _answers(port: int) -> bool:
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=1).close()
    except OSError:
        return False
    return True


def test_a_scheduler_that_does_not_answer_is_told_in_words(tmp_path: Path, monkeypatch):
    monkeypatch.setattr("smf_helpers.batch.cluster._PATIENCE", 1)
    options = make_options(tmp_path, dask=f"tcp://127.0.0.1:{free_port()}")
    with pytest.raises(BatchError, match="B103"):
        run_batch(plan_batch(make_clients(tmp_path, 1), options))


def test_a_scheduler_that_dies_in_mid_batch_is_told_in_words_and_what_is_done_stays(tmp_path: Path):
    note = tmp_path / "scheduler.json"
    argv = ["dask", "scheduler", "--port", "0", "--no-dashboard", "--scheduler-file", str(note)]
    clients = make_clients(tmp_path, 4)
    with process(*argv) as doomed:
        wait_until(lambda: note.exists() and note.stat().st_size)

        def on_event(event):
            if event.kind == "ended":
                doomed.kill()

        options = make_options(tmp_path, dask=json.loads(note.read_text())["address"])
        with worker(note, tmp_path / "a"), pytest.raises(BatchError, match=r"B104.*The scheduler is gone"):
            run_batch(plan_batch(clients, options), on_event)
    again = plan_batch(clients, make_options(tmp_path))
    assert sum(not client.run for client in again.clients) >= 1
    assert run_batch(again).exit_code == 0
