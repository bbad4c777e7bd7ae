import dataclasses
import json
import os
import signal
from pathlib import Path

import pytest

from smf_helpers.batch import ClientTask, Limits, Output, plan_batch, run_batch
from smf_helpers.errors import BatchError
from tests.batch.notebooks import ANALYSIS, REPORT, make_clients, make_options, tree
from tests.faults.in_process import InProcessLauncher


@pytest.fixture
def quick(monkeypatch):
    """Let jobs run in this process: what is tested does not depend on processes."""
    monkeypatch.setattr("smf_helpers.batch.run.open_launcher", lambda options: InProcessLauncher())


def test_every_client_gets_its_files_and_a_second_run_does_nothing(tmp_path: Path):
    clients, options = make_clients(tmp_path, 2), make_options(tmp_path)
    events = []
    outcome = run_batch(plan_batch(clients, options), events.append)
    assert [row.state for row in outcome.rows] == ["ok", "ok"] and outcome.exit_code == 0
    files = tree(tmp_path / "reports")
    assert files["client-2/report.txt"] == b"page of client-2\n"
    assert json.loads(files["client-2/sheet.json"]) == {"client": "client-2", "size": 2, "draws": 3}
    assert set(json.loads(files["client-1/manifest.json"])["files"]) == {"report.txt", "sheet.json"}
    assert str(tmp_path) not in files["client-1/manifest.json"].decode()
    assert [(event.kind, event.done) for event in events if event.kind == "ended"] == [
        ("ended", 1),
        ("ended", 2),
    ]

    again = plan_batch(clients, options)
    assert [(client.run, client.why) for client in again.clients] == [(False, "unchanged")] * 2
    assert [row.state for row in run_batch(again).rows] == ["unchanged"] * 2
    assert tree(tmp_path / "reports") == files


def test_only_what_changed_runs_again_and_the_plan_says_why(tmp_path: Path, quick):
    clients, options = make_clients(tmp_path, 3), make_options(tmp_path)
    run_batch(plan_batch(clients, options))
    clients[0].params_path.write_text("changed")
    clients[1] = dataclasses.replace(clients[1], parameters={"draws": 4})
    (tmp_path / "reports" / "client-3" / "sheet.json").write_text("tampered")
    plan = plan_batch(clients, options)
    assert [client.why for client in plan.clients] == [
        "inputs changed",
        "parameters changed",
        "report missing or altered",
    ]
    other = make_options(tmp_path, report=[*REPORT, "1 + 1"])
    assert "notebook changed" in plan_batch(clients, other).clients[2].why


def test_a_failing_client_gets_a_page_with_cell_reason_and_remedy_and_stops_nobody(tmp_path: Path, quick):
    analysis = [*ANALYSIS[:2], "assert client != 'client-1', 'secret words of Maria'", ANALYSIS[2]]
    clients, options = make_clients(tmp_path, 2), make_options(tmp_path, analysis=analysis)
    outcome = run_batch(plan_batch(clients, options))
    bad, good = outcome.rows
    assert (bad.state, bad.code, good.state, outcome.exit_code) == ("failed", "B301", "ok", 3)
    assert "AssertionError in code cell 3 of 4" in bad.reason
    files = tree(tmp_path / "reports")
    assert b"code cell 3 of 4" in files["client-1/failure.html"]
    assert not [name for name in files if name.startswith("client-1/") and name != "client-1/failure.html"]
    assert b"class=bad" in files["index.html"] and b"client-1/failure.html" in files["index.html"]
    assert all(b"Maria" not in content for content in files.values())
    assert "Maria" not in bad.reason


def test_a_page_goes_when_its_client_fails_and_comes_back_when_it_is_well(tmp_path: Path, quick):
    analysis = [*ANALYSIS[:2], "assert 'bad' not in text", ANALYSIS[2]]
    clients, options = make_clients(tmp_path, 1), make_options(tmp_path, analysis=analysis)
    run_batch(plan_batch(clients, options))
    clients[0].params_path.write_text("bad")
    assert run_batch(plan_batch(clients, options)).exit_code == 3
    assert set(tree(tmp_path / "reports")) == {"index.html", "client-1/failure.html"}
    again = dataclasses.replace(options, select="changed")
    assert plan_batch(clients, again).clients[0].why == "failed before, unchanged"
    assert run_batch(plan_batch(clients, again)).rows[0].state == "failed"
    clients[0].params_path.write_text("good")
    assert run_batch(plan_batch(clients, again)).exit_code == 0
    assert "client-1/failure.html" not in tree(tmp_path / "reports")


@pytest.mark.parametrize(
    ("cell", "code", "words"),
    [
        ("raise MemoryError", "B304", "Memory limit"),
        ("print('y' * 200_000)", "B306", "Output limit"),
        ("try:\n    print('y' * 200_000)\nexcept BaseException:\n    pass", "B306", "Output limit"),
        ("pathlib.Path(release).unlink()", "B309", "without writing the release"),
        ("from smf_helpers.errors import PrivacyError\nraise PrivacyError('too small')", "B401", "Refused"),
        ("from smf_helpers.errors import Fault, InputError\n"
         "raise InputError(Fault(code='S001', where='w2.csv', what='It is empty.'))", "S001", "w2.csv: It is empty."),
    ],
)  # fmt: skip
def test_each_way_to_end_badly_is_named(tmp_path: Path, quick, cell: str, code: str, words: str):
    at = 3 if "unlink" in cell else 2
    analysis = [*ANALYSIS[:at], cell, *ANALYSIS[at:]]
    options = make_options(tmp_path, analysis=analysis, limits=Limits(output=100_000))
    outcome = run_batch(plan_batch(make_clients(tmp_path, 1), options))
    assert outcome.rows[0].code == code and words in outcome.rows[0].reason
    assert outcome.exit_code == (4 if code == "B401" else 3)
    assert set(tree(tmp_path / "reports")) == {"index.html", "client-1/failure.html"}


def test_the_audit_refuses_one_client_and_nothing_of_it_is_delivered(tmp_path: Path, quick):
    options = make_options(tmp_path, audit="tests.batch.notebooks:refuse")
    outcome = run_batch(plan_batch(make_clients(tmp_path, 2), options))
    assert [row.state for row in outcome.rows] == ["ok", "refused"] and outcome.exit_code == 4
    assert [n for n in tree(tmp_path / "reports") if "client-2" in n] == ["client-2/failure.html"]


def test_an_input_that_changes_while_it_is_read_fails_the_client(tmp_path: Path, quick):
    analysis = [*ANALYSIS, "pathlib.Path(params).write_text('other')"]
    outcome = run_batch(plan_batch(make_clients(tmp_path, 1), make_options(tmp_path, analysis=analysis)))
    assert outcome.rows[0].code == "B308" and "client-1.yml" in outcome.rows[0].reason


def test_the_public_process_sees_no_secret_no_raw_path_and_an_empty_folder(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("SMF_SECRET", "canary-secret")
    look = "import os\nprint('SEEN', dict(os.environ), os.listdir('.'), os.getcwd())"
    show = "import os\nprint('SEEN', os.environ.get('SMF_SECRET'))"
    options = make_options(tmp_path, analysis=[*ANALYSIS, show], report=[*REPORT, look], keep=True)
    run_batch(plan_batch(make_clients(tmp_path, 1), options))
    work = tmp_path / "reports" / ".work" / "client-1"
    assert "SEEN canary-secret" in (work / "analysis" / "analysis.ipynb").read_text()
    public = (work / "report" / "report.ipynb").read_text()
    assert "SEEN" in public and "[]" in public
    assert "canary-secret" not in public and "client-1.yml" not in public
    assert work.parent.stat().st_mode & 0o077 == 0


def test_faults_of_all_clients_are_told_before_anything_runs(tmp_path: Path):
    clients = [
        ClientTask(client="../up", params_path=None),
        ClientTask(client="twice"),
        ClientTask(client="twice"),
        ClientTask(client="A"),
        ClientTask(client="con"),
    ]
    with pytest.raises(BatchError) as caught:
        plan_batch(clients, make_options(tmp_path))
    assert [fault.code for fault in caught.value.faults] == ["Y003", "B204", "Y003", "Y003"]
    assert not (tmp_path / "reports").exists()


def test_a_second_run_on_the_same_folder_is_told_who_holds_it(tmp_path: Path, quick):
    from smf_helpers.batch.lock import only_run

    clients, options = make_clients(tmp_path, 1), make_options(tmp_path)
    (tmp_path / "reports").mkdir()
    with only_run(tmp_path / "reports", since="2026-01-01"):
        outcome = run_batch(plan_batch(clients, options))
    assert outcome.exit_code == 75 and outcome.rows == () and "2026-01-01" in outcome.note
    assert run_batch(plan_batch(clients, options)).exit_code == 0


def test_only_runs_the_clients_asked_for(tmp_path: Path, quick):
    clients, options = make_clients(tmp_path, 2), make_options(tmp_path, only=("client-2",))
    outcome = run_batch(plan_batch(clients, options))
    assert [row.state for row in outcome.rows] == ["skipped", "ok"] and outcome.exit_code == 0
    with pytest.raises(BatchError, match="B205"):
        plan_batch(clients, make_options(tmp_path, only=("client-9",)))


def test_resuming_finishes_the_last_batch_and_nothing_else(tmp_path: Path, quick, monkeypatch):
    clients, options = make_clients(tmp_path, 3), make_options(tmp_path, jobs=1)

    def stop_after_one(event):
        if event.kind == "ended":
            os.kill(os.getpid(), signal.SIGINT)

    outcome = run_batch(plan_batch(clients[:2], options), stop_after_one)
    assert [row.state for row in outcome.rows] == ["ok", "interrupted"] and outcome.exit_code == 130
    plan = plan_batch(clients, dataclasses.replace(options, select="resume"))
    assert [(client.run, client.why) for client in plan.clients] == [
        (False, "unchanged"),
        (True, "not finished"),
        (False, "not in the last batch"),
    ]
    assert [row.state for row in run_batch(plan).rows] == ["unchanged", "ok", "skipped"]


def test_a_notebook_that_names_no_kernel_is_taken_for_python(tmp_path: Path, quick):
    clients, options = make_clients(tmp_path, 1), make_options(tmp_path)
    report = json.loads(options.report.read_text())
    options.report.write_text(json.dumps({**report, "metadata": {}}))
    assert run_batch(plan_batch(clients, options)).exit_code == 0


def test_a_disk_that_fills_while_an_output_is_made_is_told(tmp_path: Path, quick):
    output = Output(file="report.txt", by="tests.batch.notebooks:break_disk")
    outcome = run_batch(plan_batch(make_clients(tmp_path, 1), make_options(tmp_path, outputs=(output,))))
    assert outcome.rows[0].code == "B311" and "No space left" in outcome.rows[0].reason


def test_a_client_that_only_waits_leaves_its_place_to_another(tmp_path: Path):
    """The first waits for what the second does, and only one may be at work at a time."""
    mark = tmp_path / "the second has run"
    cell = (
        "import pathlib, time\n"
        f"mark = pathlib.Path({str(mark)!r})\n"
        "if client == 'client-2': mark.touch()\n"
        "while not mark.exists(): time.sleep(0.1)"
    )
    options = make_options(tmp_path, analysis=[*ANALYSIS, cell], jobs=1)
    outcome = run_batch(plan_batch(make_clients(tmp_path, 2), options))
    assert [row.state for row in outcome.rows] == ["ok", "ok"]
