"""What the zygote does before it forks leaves nothing behind that a notebook could see."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from smf_helpers.batch import plan_batch, run_batch
from smf_helpers.batch.rehearsal import REHEARSALS
from tests.batch.notebooks import REPORT, make_clients, make_options


@pytest.mark.parametrize("name", REHEARSALS)
def test_each_rehearsal_runs_on_the_module_that_is_installed(name: str):
    code = (
        "from importlib import import_module; from smf_helpers.batch.rehearsal import REHEARSALS; "
        f"REHEARSALS[{name!r}](import_module({name!r}))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)  # what a kernel imports changes widgets for good


def test_a_zygote_that_has_rehearsed_is_safe_to_fork_and_unchanged():
    names = ", ".join(REHEARSALS)
    code = (
        "import json, os, logging, numpy.random\n"
        f"import {names}\n"
        "from smf_helpers.batch import preload\n"
        "def seen():\n"
        "    return [list(map(str, numpy.random.get_state())), pandas.options.display.max_rows,\n"
        "        plotly.io.renderers.default, plotly.io.templates.default, os.getcwd(),\n"
        "        dict(os.environ), logging.root.level, numpy.geterr()]\n"
        "import plotly.io\n"
        "preload.prepare({'bare': True, 'skip': ['warming up']})\n"
        "before = seen()\n"
        "unsafe = preload.prepare({'bare': True})\n"
        "print(json.dumps([unsafe, [one for one in zip(before, seen()) if one[0] != one[1]]]))"
    )
    env = {"PLOTLY_RENDERER": "plotly_mimetype", "JE_ARROW_MALLOC_CONF": "background_thread:false"}
    env |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(Path.cwd())}
    ran = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert json.loads(ran.stdout) == [None, []]


def test_a_warm_up_that_starts_a_thread_is_left_out_and_the_zygote_forks_all_the_same(tmp_path: Path):
    count = "import os\nprint(len(os.listdir('/proc/self/task')))"
    options = make_options(
        tmp_path, report=[*REPORT, count], keep=True, warm=("tests.batch.test_preload:start_a_thread",)
    )
    outcome = run_batch(plan_batch(make_clients(tmp_path, 1), options))
    assert (outcome.rows[0].state, outcome.rows[0].path) == ("ok", "direct")
    page = tmp_path / "reports" / ".work" / "client-1" / "report" / "report.ipynb"
    assert json.loads(page.read_text())["cells"][-1]["outputs"][0]["text"] == "1\n"


def start_a_thread() -> None:
    import threading

    threading.Thread(target=threading.Event().wait, daemon=True).start()
