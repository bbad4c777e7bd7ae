"""Every call that changes the disk fails once: the error is told, nothing torn stays, running again heals."""

import contextlib
import dataclasses
import errno
import os
from pathlib import Path

import pytest

from smf_helpers.batch import files, plan_batch, run_batch
from smf_helpers.batch.targets import open_target
from smf_helpers.errors import BatchError
from tests.batch.notebooks import ANALYSIS, make_clients, make_options, tree
from tests.faults.in_process import InProcessLauncher

FULL = bool(os.environ.get("SMF_FULL"))


class Faulty:
    """Lets call number `at` fail; counts the calls."""

    def __init__(self, at: int, number: int) -> None:
        self.at, self.number, self.calls = at, number, 0

    def __call__(self, operation: str, path: Path) -> None:
        self.calls += 1
        if self.calls == self.at:
            raise OSError(self.number, os.strerror(self.number), str(path))


@pytest.fixture
def calm(tmp_path: Path, monkeypatch) -> dict[str, bytes]:
    """Let jobs run in this process; give the tree of an undisturbed run."""
    monkeypatch.setattr("smf_helpers.batch.run.open_launcher", lambda options: InProcessLauncher())
    folder = tmp_path / "calm"
    folder.mkdir()
    run_batch(plan_batch(make_clients(folder, 1), make_options(folder)))
    return tree(folder / "reports")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.EACCES, errno.EMFILE])
def test_each_call_may_fail_once_without_harm(
    tmp_path: Path, calm, monkeypatch, number: int, record_property
):
    """All positions of one error in the full form; every fifth, shifted by the error, in the short one."""
    step = 1 if FULL else 5
    at = 1 + number % step
    reached = True
    while reached:
        folder = tmp_path / str(at)
        folder.mkdir()
        clients, options = make_clients(folder, 1), make_options(folder)
        faulty = Faulty(at, number)
        monkeypatch.setattr(files, "before_call", faulty)
        code = 1
        with contextlib.suppress(BatchError):
            code = run_batch(plan_batch(clients, options)).exit_code
        monkeypatch.setattr(files, "before_call", None)
        reached = faulty.calls >= at
        left = tree(folder / "reports") if (folder / "reports").exists() else {}
        for name, content in left.items():
            if name in calm and name != "index.html" and not Path(name).name.startswith("."):
                assert content == calm[name], f"torn at call {at}"
        assert code in ((0, 1, 3) if reached else (0,))
        assert run_batch(plan_batch(clients, options)).exit_code == 0
        assert tree(folder / "reports") == calm, f"not healed after call {at}"
        at += step
    assert at > 15
    record_property("count", at // step)


def test_a_page_stays_whole_when_the_disk_fills_while_its_successor_is_put_in_place(
    tmp_path: Path, calm, monkeypatch
):
    clients, options = make_clients(tmp_path, 1), make_options(tmp_path)
    run_batch(plan_batch(clients, options))
    clients[0].params_path.write_text("changed")
    plan = plan_batch(clients, options)

    def full(operation: str, path: Path) -> None:
        if operation == "replace" and path.name == "sheet.json":
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files, "before_call", full)
    outcome = run_batch(plan)
    monkeypatch.setattr(files, "before_call", None)
    assert outcome.rows[0].code == "B311" and "No space" in outcome.rows[0].reason
    assert "client-1/manifest.json" not in tree(tmp_path / "reports")
    assert run_batch(plan_batch(clients, options)).exit_code == 0


def test_a_kill_while_the_reason_takes_the_place_of_a_page_leaves_nothing_behind(
    tmp_path: Path, calm, monkeypatch
):
    clients, options = make_clients(tmp_path, 2), make_options(tmp_path)
    run_batch(plan_batch(clients, options))
    broken = make_options(tmp_path, analysis=[*ANALYSIS, "1 / (client != 'client-1')"])

    def killed(operation: str, path: Path) -> None:
        if operation == "replace" and path.name == "failure.html":
            raise SystemExit

    monkeypatch.setattr(files, "before_call", killed)
    with pytest.raises(SystemExit):
        run_batch(plan_batch(clients, broken))
    monkeypatch.setattr(files, "before_call", None)
    assert [path.name for path in (tmp_path / "reports" / "client-1").iterdir()] == [".failure.html.new"]
    run_batch(plan_batch(clients, dataclasses.replace(broken, only=("client-2",))))
    assert not (tmp_path / "reports" / "client-1").exists()
    assert run_batch(plan_batch(clients, broken)).exit_code == 3
    assert [path.name for path in (tmp_path / "reports" / "client-1").iterdir()] == ["failure.html"]


@pytest.mark.parametrize("name", ["client-1", ".work", ".journal.sqlite", ".lock", "index.html"])
def test_a_planted_link_is_refused_and_its_target_untouched(tmp_path: Path, calm, name: str):
    clients, options = make_clients(tmp_path, 1), make_options(tmp_path)
    treasure = tmp_path / "treasure"
    treasure.mkdir()
    (treasure / "gold").write_text("gold")
    (tmp_path / "reports").mkdir()
    aim = treasure if name in ("client-1", ".work") else treasure / "gold"
    (tmp_path / "reports" / name).symlink_to(aim)
    code = 1
    with contextlib.suppress(BatchError):
        code = run_batch(plan_batch(clients, options)).exit_code
    assert code in (1, 3)
    assert {path.name for path in treasure.iterdir()} == {"gold"}
    assert (treasure / "gold").read_text() == "gold"


def test_a_link_inside_a_clients_folder_is_replaced_not_followed(tmp_path: Path, calm):
    clients, options = make_clients(tmp_path, 1), make_options(tmp_path)
    run_batch(plan_batch(clients, options))
    gold = tmp_path / "gold"
    gold.write_text("gold")
    page = tmp_path / "reports" / "client-1" / "report.txt"
    page.unlink()
    page.symlink_to(gold)
    plan = plan_batch(clients, options)
    assert plan.clients[0].why == "report missing or altered"
    assert not open_target(options).holds("client-1", "report.txt", "", "")
    assert run_batch(plan).rows[0].code == "B110"
    assert gold.read_text() == "gold"
    assert run_batch(plan_batch(clients, options)).exit_code == 0
