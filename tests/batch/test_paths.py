"""Which way a notebook is run, and that each way tells the truth."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from smf_helpers.batch import Limits, plan_batch, run_batch
from smf_helpers.batch.provisioner import install_kernelspec
from tests.batch.notebooks import ANALYSIS, REPORT, make_clients, make_options, tree

HANG = [
    "release: str = ''",
    "import ipywidgets as W",
    "out = W.Output()",
    "with out:\n    display('x' * 1_000_000)",
    "print('after')",
]


def run_report(folder: Path, cells: list[str], **more: object):
    options = make_options(folder, report=cells, keep=True, **more)
    outcome = run_batch(plan_batch(make_clients(folder, 1), options))
    page = folder / "reports" / ".work" / "client-1" / "report" / "report.ipynb"
    return outcome.rows[0], json.loads(page.read_text()) if page.exists() else None


def test_a_notebook_whose_cell_captures_large_output_ends_in_a_warm_kernel(tmp_path: Path):
    row, notebook = run_report(tmp_path, HANG, limits=Limits(seconds=60))
    assert row.state == "ok" and row.path == "direct, warm_kernel"
    assert "after" in json.dumps(notebook["cells"][-1]["outputs"])
    assert "widgets" not in notebook["metadata"]


@pytest.mark.parametrize("path", ["direct", "warm_kernel", "cold_kernel"])
def test_every_path_gives_the_same_outputs(tmp_path: Path, path: str):
    cells = [
        *REPORT,
        "import sys\nprint('a', file=sys.stderr)\nprint('b')\nprint('c')",
        "import pandas as pd\npd.DataFrame({'a': [1, 2]})",
        "from IPython.display import display, Markdown, Image\nh = display(1, display_id='i')\nh.update(2)",
        "await __import__('asyncio').sleep(0)\n%env SMF_X=1",
        "display(Markdown('**m**'))\n7 * 6",
    ]
    row, notebook = run_report(tmp_path, cells, path=path)
    assert row.state == "ok" and row.path == path
    shown = [
        [(o["output_type"], o.get("text", o.get("data"))) for o in sorted(c["outputs"], key=str)]
        for c in notebook["cells"]
    ]
    assert shown[3] == [("stream", "client-1 1 3\n")]
    assert sorted(shown[4]) == [("stream", "a\n"), ("stream", "b\nc\n")]
    assert shown[5][0][0] == "execute_result" and "<table" in shown[5][0][1]["text/html"]
    assert ("text/plain" in shown[5][0][1]) == (path != "direct")  # nobody reads it beside a table
    assert shown[6] == [("display_data", {"text/plain": "2"})]
    assert {kind for kind, _ in shown[8]} == {"display_data", "execute_result"}


@pytest.mark.parametrize("path", ["direct", "warm_kernel"])
def test_no_output_is_dropped_however_fast_it_comes(tmp_path: Path, path: str):
    many = "say = get_ipython().display_pub.publish\nfor n in range(4000): say({'text/plain': str(n)})"
    row, notebook = run_report(tmp_path, [*REPORT, many], path=path)
    assert (row.state, row.path) == ("ok", path)
    assert [o["data"]["text/plain"] for o in notebook["cells"][-1]["outputs"]] == [*map(str, range(4000))]


@pytest.mark.parametrize("path", ["direct", "warm_kernel"])
def test_an_error_names_the_same_cell_on_every_path(tmp_path: Path, path: str):
    row, _ = run_report(tmp_path, [*REPORT, "1 / 0", "2"], path=path)
    assert (row.code, row.reason) == ("B301", "report: ZeroDivisionError in code cell 4 of 5.")


@pytest.mark.parametrize("path", ["warm_kernel", "cold_kernel"])
def test_a_kernel_listens_on_sockets_that_no_other_can_take(tmp_path: Path, path: str):
    app = "from ipykernel.kernelapp import IPKernelApp\nprint(IPKernelApp.instance().transport)"
    row, notebook = run_report(tmp_path, [*REPORT, app], path=path)
    assert (row.state, row.path) == ("ok", path)
    assert notebook["cells"][-1]["outputs"][0]["text"] == "ipc\n"


def test_a_kernel_that_dies_early_is_never_taken_for_done(tmp_path: Path):
    die = (
        "import os, sys\n"
        "ways = {'client-1': os._exit, 'client-2': sys.exit, 'client-3': lambda _: os.kill(os.getpid(), 9)}\n"
        "ways[known['client']](0)"
    )
    options = make_options(tmp_path, report=[*REPORT, die, "2"], path="warm_kernel")
    outcome = run_batch(plan_batch(make_clients(tmp_path, 3), options))
    assert [row.code for row in outcome.rows] == ["B305", "B302", "B305"]
    assert all("code cell 4 of 5" in row.reason for row in outcome.rows)


def test_a_warm_kernel_keeps_the_memory_limit_of_its_run(tmp_path: Path):
    row, _ = run_report(tmp_path, [*REPORT, "x = bytearray(10 ** 10)"], path="warm_kernel")
    assert row.code == "B304" and "Memory limit" in row.reason


def test_clients_share_nothing_of_what_a_notebook_changes(tmp_path: Path):
    change = (
        "import os, sys, json, random, numpy, uuid\n"
        "seen = [hasattr(json, 'leak'), 'leak' in globals(), os.environ.get('LEAK'), os.getcwd().count('leak')]\n"
        "json.leak = leak = 1; os.environ['LEAK'] = '1'; os.mkdir('leak'); os.chdir('leak')\n"
        "print('SEEN', seen, random.random(), numpy.random.rand(), uuid.uuid4())"
    )
    options = make_options(tmp_path, report=[*REPORT, change], keep=True, jobs=1)
    run_batch(plan_batch(make_clients(tmp_path, 3), options))
    seen = []
    for n in (1, 2, 3):
        page = json.loads((tmp_path / f"reports/.work/client-{n}/report/report.ipynb").read_text())
        seen.append(page["cells"][-1]["outputs"][0]["text"].split("]"))
    assert {flags for flags, _ in seen} == {"SEEN [False, False, None, 0"}
    assert len({numbers for _, numbers in seen}) == 3


def test_nothing_that_a_notebook_started_outlives_it(tmp_path: Path):
    start = (
        "import subprocess, sys\n"
        "code = 'import os, time; os.fork() or os.setsid(); time.sleep(600)'\n"
        f"p = [subprocess.Popen([sys.executable, '-c', code, '{tmp_path}'], start_new_session=s) for s in (0, 1)]"
    )
    row, _ = run_report(tmp_path, [*REPORT, start])
    assert row.state == "ok"
    assert not alive(str(tmp_path))


def test_killing_the_runner_ends_everything_at_once(tmp_path: Path):
    started = tmp_path / "started"
    hold = (
        "import pathlib, subprocess, sys, signal\n"
        "signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        f"subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)', '{tmp_path}'], start_new_session=True)\n"
        f"pathlib.Path('{started}').touch()\nsum(range(10 ** 12))"
    )
    make_clients(tmp_path, 1)
    make_options(tmp_path, analysis=[*ANALYSIS, hold])
    code = (
        "import sys, pathlib; from tests.batch.notebooks import *; from smf_helpers.batch import *\n"
        f"f = pathlib.Path({str(tmp_path)!r})\n"
        f"run_batch(plan_batch(make_clients(f, 1), make_options(f, analysis={[*ANALYSIS, hold]!r})))"
    )
    runner = subprocess.Popen([sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": str(Path.cwd())})
    while not started.exists():
        assert runner.poll() is None
        time.sleep(0.05)
    runner.kill()
    runner.wait()
    deadline = time.monotonic() + 60
    while alive(str(tmp_path)) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not alive(str(tmp_path))


def alive(mark: str) -> list[str]:
    """Give the command lines of processes that carry a mark, or work below it."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                line = (entry / "cmdline").read_bytes().decode("utf-8", "replace")
                where = str((entry / "cwd").readlink())
            except OSError:
                continue
            if mark in line or where.startswith(mark):
                found.append(line)
    return found


def test_the_kernelspec_serves_any_jupyter_client(tmp_path: Path, monkeypatch):
    from jupyter_client.manager import start_new_kernel

    from smf_helpers.batch.provisioner import announce
    from smf_helpers.batch.warm import Zygote

    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path))
    announce()
    install_kernelspec(tmp_path)
    zygote = Zygote({"modules": ["numpy"], "kernels": True, "bare": True})
    try:
        assert zygote.wait()
        monkeypatch.setenv("SMF_ZYGOTE", zygote.address)
        manager, client = start_new_kernel(kernel_name="smf-warm")
        try:
            said = []
            client.execute_interactive(
                "import sys; print('numpy' in sys.modules)", timeout=240, output_hook=said.append
            )
            assert any(m["content"].get("text") == "True\n" for m in said)
            assert manager.provisioner.warm
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)
    finally:
        zygote.close()
    assert tree(tmp_path)


def test_the_stack_is_imported_before_the_fork_and_not_again(tmp_path: Path):
    look = "import sys\nprint('HAD', 'pandas' in sys.modules, 'plotly.graph_objects' in sys.modules)"
    row, notebook = run_report(tmp_path, [*REPORT, look, "import pandas, plotly.graph_objects"])
    assert row.path == "direct" and notebook["cells"][-2]["outputs"][0]["text"] == "HAD True True\n"
