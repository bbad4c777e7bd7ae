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
from collections.abc import Iterator
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What one mode took a client, start-up and all children included, and whom it lost."""

    cpu: float
    wall: float
    clients: int
    lost: dict[str, str]


def measure(mode: str, clients: int, folder: Path) -> Measured:
    """Run one mode; clients that it loses are counted like the others, their work was done too."""
    for name in ("out", "charts", "reports"):
        shutil.rmtree(folder / name, ignore_errors=True)
    begun = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.batch.modes", mode, str(clients), str(folder)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        | {"PLOTLY_RENDERER": "plotly_mimetype"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(process.pid, 0)
    wall = time.monotonic() - begun
    assert os.waitstatus_to_exitcode(status) == 0, mode
    found = Measured(
        cpu=(used.ru_utime + used.ru_stime) / clients,
        wall=wall / clients,
        clients=clients,
        lost=json.loads((folder / "lost.json").read_text()),
    )
    print(f"{mode}: {found}", file=sys.stderr, flush=True)
    return found


def charts(folder: Path) -> dict[str, list[str]]:
    """Give every client's charts as the last mode left them."""
    return {path.stem: json.loads(path.read_text()) for path in sorted((folder / "charts").glob("*.json"))}


def compare(clients: int, rounds: int, folder: Path) -> dict[str, Measured]:
    """Run all modes in turn; give the medians of CPU and wall seconds a client, and everybody who was lost."""
    seen: dict[str, list[Measured]] = {}
    measure("direct", 2, folder)
    for _ in range(rounds):
        for mode in ("limit", "direct", "dask", "warm", "pool", "naive"):
            n = max(2, round(clients * SHARE[mode]))
            found = measure(mode, n, folder)
            seen.setdefault(mode, []).append(found)
            if mode == "limit":
                expected = charts(folder)
            shown = charts(folder)
            assert len(shown) == n - len(found.lost) and all(len(c) == FIGURES for c in shown.values()), mode
            assert all(expected[client] == made for client, made in shown.items()), mode
        seen.setdefault("direct10", []).append(measure("direct", min(10, clients), folder))
    return {
        mode: Measured(
            cpu=statistics.median(found.cpu for found in runs),
            wall=statistics.median(found.wall for found in runs),
            clients=sum(found.clients for found in runs),
            lost={client: why for found in runs for client, why in found.lost.items()},
        )
        for mode, runs in seen.items()
    }


def table(found: dict[str, Measured], single: dict[str, float], clients: int) -> list[str]:
    """Write the goals of the batch with what was measured."""
    cpu = {mode: one.cpu for mode, one in found.items()}
    wall = {mode: one.wall for mode, one in found.items()}
    return [
        f"| G1 | clients a minute against the command lines, N = {clients} | >= 15x | "
        f"{wall['naive'] / wall['direct']:.1f}x by wall, {2 * cpu['naive'] / cpu['direct']:.1f}x by CPU on two cores |",
        f"| G2 | against the limit, by CPU | >= 0.70 | {cpu['limit'] / cpu['direct']:.2f} |",
        f"| G3 | warm kernels against the command lines / the limit | >= 10x / >= 0.40 | "
        f"{wall['naive'] / wall['warm']:.1f}x by wall, {2 * cpu['naive'] / cpu['warm']:.1f}x by CPU on two cores / "
        f"{cpu['limit'] / cpu['warm']:.2f} |",
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


def modes(found: dict[str, Measured]) -> list[str]:
    """Write what each mode took, and whom it lost, with the reasons."""
    return [
        "",
        "| mode | CPU s a client, start-up included | wall s a client | clients run | of them lost |",
        "|---|---|---|---|---|",
        *(
            f"| {mode} | {one.cpu:.2f} | {one.wall:.2f} | {one.clients} | {len(one.lost)} |"
            for mode, one in found.items()
        ),
        *(
            f"\n{mode} lost {client}: `{why}`"
            for mode, one in found.items()
            for client, why in sorted(one.lost.items())[:5]
        ),
    ]


def safety(clients: int, times: int, folder: Path) -> Iterator[str]:
    """Kill and poison batches; give the rows of the table, one as soon as it is known."""
    yield "| G10, G14 | 10,000 clients | | `make bench-large`, its own page: [batch_large.md](batch_large.md) |"
    gone = killed_runner(folder, GONE)
    yield f"| G11 | processes left 0.1 s after SIGKILL of the runner, {GONE} times | 0 | {gone} at most |"
    found = kill_until(times, minutes=60)
    told = ", ".join(f"{what} {n}" for what, n in found.items() if what != "killed")
    yield f"| G12 | {found['killed']} batches killed at a random instant, then resumed | 0 | {told} |"
    lost, rate, limit = poison(folder, clients)
    yield (
        f"| G13 | {clients // 20} of {clients} clients are poison: healthy ones lost / their rate against a clean run | 0 / >= 0.9x | "
        f"{lost} / {rate:.2f}x by wall, the hanging one stopped after {limit:.0f} s |"
    )


def side_by_side(clients: int, rounds: int, kills: int, folder: Path) -> None:
    """Measure everything on the page, which is written anew whenever more is known."""
    make_clients(folder, clients)
    make_notebook(folder)
    load = os.getloadavg()[0]
    found = compare(clients, rounds, folder)
    head = [
        "# Whole batches, side by side",
        "",
        f"`python -m benchmarks.batch --clients {clients} --rounds {rounds}`, {os.cpu_count()} cores, load {load:.1f} "
        f"before it began. All {FIGURES} charts of every client that a mode brought to its end were equal in every mode. "
        "On a machine that others use too, read the ratios by CPU.",
        "",
        "| # | goal | must | measured |",
        "|---|---|---|---|",
    ]
    rows = table(found, {**kernels(), **pages(folder)}, clients)
    write(RESULTS, [*head, *rows, *modes(found)])
    for row in safety(clients, kills, folder):
        rows.append(row)
        write(RESULTS, [*head, *rows, *modes(found)])


def write(page: Path, lines: list[str]) -> None:
    """Put a page in place."""
    page.parent.mkdir(exist_ok=True)
    page.write_text("\n".join(lines) + "\n")


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
            page = RESULTS.with_name("batch_large.md")
            write(page, large(asked.large, folder))
        else:
            page = RESULTS
            side_by_side(asked.clients, asked.rounds, asked.kills, folder)
    print(page.read_text())


if __name__ == "__main__":
    main()
