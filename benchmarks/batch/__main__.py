"""Measure whole batches and write ``benchmarks/results/batch.md``.

Run: ``python -m benchmarks.batch [--clients N] [--rounds R] [--kills K]`` · ``python -m benchmarks.batch --large [N]``.

Every mode is a program of its own, its start-up and all its children counted, interleaved with the others in
one run; CPU seconds come from the system's account of the whole family of processes. The charts of every
client are compared with those of the plain functions before any figure is printed.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.batch.kills import kill_until
from benchmarks.batch.large import large
from benchmarks.batch.safety import killed_runner, poison
from benchmarks.batch.single import kernels, pages
from benchmarks.batch.workload import FIGURES, make_clients, make_notebook

RESULTS = Path(__file__).parents[1] / "results" / "batch.md"
ROOT = Path(__file__).parents[2]
GONE = 3
SHARE = {"naive": 0.1, "pool": 0.4, "limit": 1.0, "direct": 1.0, "warm": 0.5, "dask": 1.0}
"""Clients of each mode as a share of N: the slow ones scale by themselves, their start-up is per client."""


def measure(mode: str, clients: int, folder: Path) -> tuple[float, float]:
    """Run one mode; give CPU seconds and wall seconds a client."""
    for name in ("out", "charts", "reports"):
        shutil.rmtree(folder / name, ignore_errors=True)
    begun = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.batch.modes", mode, str(clients), str(folder)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        | {"SMF_CHARTS": "1", "PLOTLY_RENDERER": "plotly_mimetype"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(process.pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0, mode
    wall = time.monotonic() - begun
    cpu = (used.ru_utime + used.ru_stime) / clients
    print(
        f"{mode}: {cpu:.2f} CPU s, {wall / clients:.2f} wall s a client ({clients})",
        file=sys.stderr,
        flush=True,
    )
    return cpu, wall / clients


def charts(folder: Path) -> dict[str, list[str]]:
    """Give every client's charts as the last mode left them."""
    return {path.stem: json.loads(path.read_text()) for path in sorted((folder / "charts").glob("*.json"))}


def compare(clients: int, rounds: int, folder: Path) -> dict[str, tuple[float, float]]:
    """Run all modes in turn; give the medians of CPU and wall seconds a client."""
    seen: dict[str, list[tuple[float, float]]] = {}
    measure("direct", 2, folder)
    for _ in range(rounds):
        for mode in ("limit", "direct", "dask", "warm", "pool", "naive"):
            n = max(2, round(clients * SHARE[mode]))
            seen.setdefault(mode, []).append(measure(mode, n, folder))
            if mode == "limit":
                expected = charts(folder)
            shown = charts(folder)
            assert len(shown) == n and all(len(c) == FIGURES for c in shown.values()), mode
            assert all(expected[client] == made for client, made in shown.items()), mode
        seen.setdefault("direct10", []).append(measure("direct", min(10, clients), folder))
    return {
        mode: (statistics.median(cpu for cpu, _ in runs), statistics.median(wall for _, wall in runs))
        for mode, runs in seen.items()
    }


def table(found: dict[str, tuple[float, float]], single: dict[str, float], clients: int) -> list[str]:
    """Write the goals of the batch with what was measured."""
    cpu = {mode: pair[0] for mode, pair in found.items()}
    wall = {mode: pair[1] for mode, pair in found.items()}
    return [
        "| # | goal | must | measured |",
        "|---|---|---|---|",
        f"| G1 | clients a minute against the command lines, N = {clients} | >= 15x | "
        f"{wall['naive'] / wall['direct']:.1f}x by wall, {2 * cpu['naive'] / cpu['direct']:.1f}x by CPU on two cores |",
        f"| G2 | against the limit, by CPU | >= 0.70 | {cpu['limit'] / cpu['direct']:.2f} |",
        f"| G3 | warm kernels against the command lines / the limit | >= 10x / >= 0.40 | "
        f"{2 * cpu['naive'] / cpu['warm']:.1f}x / {cpu['limit'] / cpu['warm']:.2f} |",
        f"| G4 | a whole batch of 10 against the command lines | >= 10x | "
        f"{wall['naive'] / wall['direct10']:.1f}x by wall, {2 * cpu['naive'] / cpu['direct10']:.1f}x by CPU |",
        f"| G5 | through Dask (2 x 1) against the local executor, by CPU | >= 0.90 | {cpu['direct'] / cpu['dask']:.2f} |",
        f"| G6 | export, CPU: reused stock exporter / the nbconvert command line, against ours | >= 5x / >= 30x | "
        f"{single['export']:.0f}x / {single['command']:.0f}x |",
        f"| G7 | bytes a page against stock with plotly.js inside: shared assets / single file | <= 0.12 / <= 0.50 | "
        f"{single['bytes']:.3f} / {single['single']:.2f} |",
        f"| G8 | kernel CPU until the imports are usable, warm / cold | <= 1/15 | 1/{single['kernel_cpu']:.0f} |",
        f"| G9 | private memory of a kernel with imports, warm / cold | <= 1/3 | 1/{single['kernel_memory']:.1f} |",
    ]


def safety(times: int, folder: Path) -> list[str]:
    """Kill and poison batches; give the rows of the table."""
    gone = killed_runner(folder, GONE)
    found = kill_until(times, minutes=60)
    lost, rate, limit = poison(folder)
    told = ", ".join(f"{what} {n}" for what, n in found.items() if what != "killed")
    return [
        "| G10, G14 | 10,000 clients | | `make bench-large`, its own page: [batch_large.md](batch_large.md) |",
        f"| G11 | processes left 0.1 s after SIGKILL of the runner, {GONE} times | 0 | {gone} at most |",
        f"| G12 | {found['killed']} batches killed at a random instant, then resumed | 0 | {told} |",
        f"| G13 | 5 of 100 clients are poison: healthy ones lost / their rate against a clean run | 0 / >= 0.9x | "
        f"{lost} / {rate:.2f}x by wall, the hanging one stopped after {limit:.0f} s |",
    ]


def main() -> None:
    """Measure and write the page."""
    options = argparse.ArgumentParser(prog="python -m benchmarks.batch")
    options.add_argument("--clients", type=int, default=20)
    options.add_argument("--rounds", type=int, default=1)
    options.add_argument(
        "--kills", type=int, default=0, help="go on until so many are known in all (benchmarks.batch.kills)"
    )
    options.add_argument("--large", type=int, nargs="?", const=10_000)
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home)
        if asked.large:
            lines = large(asked.large, folder)
            page = RESULTS.with_name("batch_large.md")
        else:
            make_clients(folder, asked.clients)
            make_notebook(folder)
            load = os.getloadavg()[0]
            found = compare(asked.clients, asked.rounds, folder)
            lines = [
                "# Whole batches, side by side",
                "",
                f"`python -m benchmarks.batch --clients {asked.clients} --rounds {asked.rounds}`, {os.cpu_count()} cores, "
                f"load {load:.1f} before it began. All {FIGURES} charts of every client were equal in every mode. "
                "On a machine that others use too, read the ratios by CPU.",
                "",
                *table(found, {**kernels(), **pages(folder)}, asked.clients),
                *safety(asked.kills, folder),
                "",
                "| mode | CPU s a client, start-up included | wall s a client |",
                "|---|---|---|",
                *(f"| {mode} | {cpu:.2f} | {wall:.2f} |" for mode, (cpu, wall) in found.items()),
            ]
            page = RESULTS
    page.parent.mkdir(exist_ok=True)
    page.write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
