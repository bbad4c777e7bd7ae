"""Inputs that change between the plan and the report, and lists of clients that clash."""

import unicodedata
from pathlib import Path

import pytest

from smf_helpers.batch import ClientTask, plan_batch, run_batch
from smf_helpers.errors import BatchError
from tests.batch.notebooks import ANALYSIS, make_clients, make_options, tree
from tests.faults.in_process import InProcessLauncher

CHANGES = {
    "another length": "p.write_text('longer than before')",
    "the same length": "p.write_text('y')",
    "the same length and time": "was = p.stat(); p.write_text('y'); os.utime(p, ns=(was.st_atime_ns, was.st_mtime_ns))",
    "another file under the name": "n = p.with_name('n'); n.write_text('y'); n.replace(p)",
    "emptied": "p.write_text('')",
    "deleted": "p.unlink()",
    "a link to another file": "p.unlink(); p.symlink_to(raw / 'b.csv')",
    "a file of the folder changed": "(raw / 'a.csv').write_text('2')",
    "a file of the folder deleted": "(raw / 'a.csv').unlink()",
    "a file more in the folder": "(raw / 'c.csv').write_text('3')",
    "a file of the folder renamed": "(raw / 'a.csv').rename(raw / 'd.csv')",
    "the whole folder deleted": "[f.unlink() for f in raw.iterdir()]; raw.rmdir()",
    "a file that was not there": "(raw.parent / 'absent').write_text('here')",
}
HARMLESS = {
    "touched": "os.utime(p)",
    "written again as it was": "p.write_text(p.read_text())",
    "copied and put back": "n = p.with_name('n'); n.write_text(p.read_text()); n.replace(p)",
}


@pytest.mark.parametrize("change", [*CHANGES, *HARMLESS])
def test_an_input_that_changes_after_the_plan_fails_its_client_and_no_other(
    tmp_path: Path, monkeypatch, change: str
):
    monkeypatch.setattr("smf_helpers.batch.run.open_launcher", lambda options: InProcessLauncher())
    first, second = make_clients(tmp_path, 2)
    raw = tmp_path / "raw"
    raw.mkdir()
    for name in ("a.csv", "b.csv"):
        (raw / name).write_text(name)
    first = ClientTask(
        client=first.client, params_path=first.params_path, input_paths=(raw, tmp_path / "absent")
    )
    act = f"import os\np = pathlib.Path(params)\nraw = p.with_name('raw')\nif client == 'client-1':\n    {(CHANGES | HARMLESS)[change]}"
    options = make_options(tmp_path, analysis=[*ANALYSIS, act])
    bad, good = run_batch(plan_batch([first, second], options)).rows
    left = tree(tmp_path / "reports")
    assert good.state == "ok" and left["client-2/report.txt"] == b"page of client-2\n"
    if change in HARMLESS:
        assert bad.state == "ok" and "client-1/report.txt" in left
    else:
        assert (bad.state, bad.code) == ("failed", "B308") and bad.reason.startswith(
            "Input changed during run"
        )
        assert [name for name in left if name.startswith("client-1/")] == ["client-1/failure.html"]


OFFICE = "büro"
CLASHES = {
    "the same id twice": (["acme", "other", "acme"], {"B204"}),
    "ids that differ in case": (["acme", "Acme"], {"Y003"}),
    "ids that differ in composition": ([OFFICE, unicodedata.normalize("NFD", OFFICE)], {"Y003"}),
    "ids that name one folder": (["new-york", "new york", "new_york", "new-york-"], {"Y003"}),
}


@pytest.mark.parametrize("clash", CLASHES)
def test_clients_that_clash_are_told_before_any_work(tmp_path: Path, clash: str):
    ids, codes = CLASHES[clash]
    with pytest.raises(BatchError) as told:
        plan_batch([ClientTask(client=name) for name in ids], make_options(tmp_path))
    assert {fault.code for fault in told.value.faults} == codes
    assert not (tmp_path / "reports").exists()
    assert {path.name for path in tmp_path.iterdir()} == {"analysis.ipynb", "report.ipynb"}
