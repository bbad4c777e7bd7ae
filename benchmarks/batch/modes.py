"""One way to run the batch, as a program of its own, so that its start-up and all its children are counted.

``python -m benchmarks.batch.modes MODE CLIENTS FOLDER`` leaves one JSON of charts a client in FOLDER/charts, and in
FOLDER/lost.json the clients that the mode did not bring to their end, with the reason.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor
from pathlib import Path

from benchmarks.batch.workload import CELLS, charts_of, comparable

CORES = 2
Lost = dict[str, str]
"""Client → why it has no page."""


def naive(homes: list[Path], folder: Path) -> Lost:
    """The loop a consultant writes first: two command lines a client."""
    lost = {}
    for home in homes:
        executed = folder / "out" / f"{home.name}.ipynb"
        for command in (
            [
                "papermill",
                "--no-progress-bar",
                str(folder / "workload.ipynb"),
                str(executed),
                "-p",
                "folder",
                str(home),
            ],
            ["nbconvert", "--to", "html", str(executed)],
        ):
            ran = subprocess.run(
                [sys.executable, "-m", *command], check=False, stderr=subprocess.PIPE, text=True
            )
            if ran.returncode:
                lost[home.name] = f"{command[0]} ended with {ran.returncode}: {_last_line(ran.stderr)}"
                break
    return lost


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or [""])[-1][:200]


def _each(pool: Executor, run: Callable[[Path, Path], None], homes: list[Path], folder: Path) -> Lost:
    """Run every client in a pool; one that fails is noted and stops nobody else."""
    lost = {}
    for home, future in [(home, pool.submit(run, home, folder)) for home in homes]:
        problem = future.exception()
        if problem is not None:
            lost[home.name] = f"{type(problem).__name__}: {_last_line(str(problem))}"
    return lost


def _pool_client(home: Path, folder: Path) -> None:
    import papermill
    from nbconvert.exporters import HTMLExporter

    global _exporter
    _exporter = globals().get("_exporter") or HTMLExporter()
    executed = folder / "out" / f"{home.name}.ipynb"
    notebook = papermill.execute_notebook(
        str(folder / "workload.ipynb"), str(executed), {"folder": str(home)}, progress_bar=False
    )
    page, _ = _exporter.from_notebook_node(notebook)
    executed.with_suffix(".html").write_text(page)


def pool(homes: list[Path], folder: Path) -> Lost:
    """What a careful programmer writes: papermill in a pool of processes, the exporter reused."""
    with ProcessPoolExecutor(CORES) as workers:
        return _each(workers, _pool_client, homes, folder)


def _limit_client(home: Path, folder: Path) -> None:
    import pandas as pd
    import plotly.graph_objects as go

    shown: list[object] = []
    space: dict[str, object] = {"display": shown.append, "folder": str(home)}
    for source in CELLS[1:]:
        code = source.replace("from IPython.display import display", "")
        exec(compile(code, "workload", "exec"), space)
        last = code.rpartition("\n")[2]
        if last and "=" not in last.partition("(")[0] and not last.startswith((" ", "import", "from", "def")):
            shown.append(eval(last, space))
    figures = [json.loads(thing.to_json()) for thing in shown if isinstance(thing, go.Figure)]
    tables = "".join(thing.to_html() for thing in shown if isinstance(thing, pd.DataFrame))
    scripts = "".join(
        f"<div id=f{n}></div><script>draw({n},{json.dumps(f)})</script>" for n, f in enumerate(figures)
    )
    (folder / "out" / f"{home.name}.html").write_text(f"<!doctype html>{tables}{scripts}")
    (folder / "charts" / f"{home.name}.json").write_text(json.dumps([comparable(f) for f in figures]))


def limit(homes: list[Path], folder: Path) -> Lost:
    """What the machine could do at best: the same lines as plain functions, pages written directly."""
    with ProcessPoolExecutor(CORES) as workers:
        return _each(workers, _limit_client, homes, folder)


def write_charts(folder: Path, path: Path) -> None:
    """Write the charts of an executed notebook; what this costs is counted as ours."""
    path.write_text(json.dumps(charts_of(folder / "report.ipynb")))


def _ours(homes: list[Path], folder: Path, **more: object) -> Lost:
    from smf_helpers.batch import BatchOptions, ClientTask, Output, plan_batch, run_batch

    options = BatchOptions(
        out=str(folder / "reports"),
        report=folder / "workload.ipynb",
        outputs=(
            Output(file="report.html", by="nbconvert:smf_helpers.report.exporter.SharedExporter"),
            Output(file="charts.json", by="benchmarks.batch.modes:write_charts"),
        ),
        keep=True,
        **more,  # type: ignore[arg-type]
    )
    tasks = [
        ClientTask(client=home.name, input_paths=(home,), parameters={"folder": str(home)}) for home in homes
    ]
    outcome = run_batch(plan_batch(tasks, options))
    return {row.client: f"{row.code} {row.reason}" for row in outcome.rows if row.state != "ok"}


def direct(homes: list[Path], folder: Path) -> Lost:
    """Ours, the default."""
    return _ours(homes, folder)


def warm(homes: list[Path], folder: Path) -> Lost:
    """Ours, through warm kernels."""
    return _ours(homes, folder, path="warm_kernel")


def dask(homes: list[Path], folder: Path) -> Lost:
    """Ours, through a Dask cluster of this machine."""
    return _ours(homes, folder, dask="local")


MODES: dict[str, Callable[[list[Path], Path], Lost]] = {
    run.__name__: run for run in (naive, pool, limit, direct, warm, dask)
}


def main() -> None:
    """Run one mode, then leave every client's charts for the comparison, and who was lost."""
    mode, clients, folder = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    homes = sorted((folder / "data").iterdir())[:clients]
    for name in ("out", "charts"):
        (folder / name).mkdir(exist_ok=True)
    lost = MODES[mode](homes, folder)
    (folder / "lost.json").write_text(json.dumps(lost))
    for home in (home for home in homes if home.name not in lost):
        executed = folder / "out" / f"{home.name}.ipynb"
        ours = folder / "reports" / home.name / "charts.json"
        if executed.exists():
            (folder / "charts" / f"{home.name}.json").write_text(json.dumps(charts_of(executed)))
        elif ours.exists():
            shutil.copy(ours, folder / "charts" / f"{home.name}.json")


if __name__ == "__main__":
    main()
