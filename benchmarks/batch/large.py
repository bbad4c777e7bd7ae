"""Ten thousand small clients: how fast they run, and how fast a batch with nothing to do says so."""

import hashlib
import json
import time
from dataclasses import replace
from pathlib import Path

from smf_helpers.batch import BatchOptions, ClientTask, Limits, Output, plan_batch, run_batch
from smf_helpers.batch.errands import manifest_of
from smf_helpers.batch.journal import Journal
from smf_helpers.batch.plan import journal_path
from smf_helpers.batch.targets import open_target
from smf_helpers.results.batch import ClientRow

RUN = 200
"""Clients that are truly run; the rate of their second half stands for all."""


def page(release: Path, path: Path) -> None:
    """Write a small page."""
    path.write_text("page\n")


def _notebook(folder: Path) -> Path:
    cells = [
        {
            "cell_type": "code",
            "id": f"c{n}",
            "metadata": {"tags": tags},
            "execution_count": None,
            "outputs": [],
        }
        | {"source": source}
        for n, (tags, source) in enumerate([(["parameters"], "n: int = 0"), ([], "n + 1")])
    ]
    path = folder / "small.ipynb"
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    return path


def _finish_without_running(tasks: list[ClientTask], options: BatchOptions, folder: Path) -> None:
    """Bring a batch into the state it has when all clients went well."""
    plan = plan_batch(tasks, options)
    target, rows = open_target(options), []
    for client in plan.clients:
        if client.run:
            staged = folder / "staged"
            staged.write_text("page\n")
            digests = {"report.html": hashlib.sha256(staged.read_bytes()).hexdigest()}
            text = manifest_of(client, digests)
            stamps = target.publish(client.task.client, {"report.html": staged}, text)
            digests["manifest.json"] = hashlib.sha256(text.encode()).hexdigest()
            rows.append((client, text, {file: (digests[file], when) for file, when in stamps.items()}))
    with Journal(journal_path(options)) as journal:
        journal.queue({client.task.client: (client.key, client.parts) for client, _, _ in rows})
        journal.remember({path: mark for client in plan.clients for path, mark in client.inputs.items()})
        for client, text, finals in rows:
            row = ClientRow(client=client.task.client, state="ok", key=client.key, page="report.html")
            journal.finish(row, parts=client.parts, manifest=text, finals=finals)


def large(n: int, folder: Path) -> list[str]:
    """Simulate n small clients; give the lines of the page."""
    tasks = []
    for client in range(n):
        path = folder / "inputs" / f"{client}.yml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(str(client))
        tasks.append(ClientTask(client=f"client-{client:05d}", input_paths=(path,), parameters={"n": client}))
    options = BatchOptions(
        out=str(folder / "reports"),
        report=_notebook(folder),
        outputs=(Output(file="report.html", by="benchmarks.batch.large:page"),),
        limits=Limits(seconds=60),
    )
    ended: list[float] = []
    some = min(RUN, n)
    outcome = run_batch(
        plan_batch(tasks[:some], options),
        lambda event: ended.append(time.monotonic()) if event.kind == "ended" else None,
    )
    assert outcome.exit_code == 0
    rate = (some / 2 - 1) / (ended[-1] - ended[some // 2])
    _finish_without_running(tasks, options, folder)
    spent = []
    for verify in ("stat", "content"):
        begun, used = time.monotonic(), time.process_time()
        again = run_batch(plan_batch(tasks, replace(options, verify=verify)))
        assert {row.state for row in again.rows} == {"unchanged"}
        spent.append((time.monotonic() - begun, time.process_time() - used))
    (stat, stat_cpu), (content, content_cpu) = spent
    return [
        f"# {n:,} small clients",
        "",
        f"{some} were run with all that a run needs: {rate * 60:.0f} clients a minute. The others were brought into "
        "the state in which a run leaves them; the time for all is that rate times their number, start-up aside.",
        "",
        "| # | goal | must | measured |",
        "|---|---|---|---|",
        f"| G10 | a finished batch of {n:,} run again: by stat / by content | <= 5 s / <= 15 s | "
        f"{stat:.1f} s / {content:.1f} s by wall, {stat_cpu:.1f} s / {content_cpu:.1f} s of CPU |",
        f"| G14 | {n:,} clients, extrapolated | <= 45 min | {n / rate / 60:.0f} min |",
    ]
