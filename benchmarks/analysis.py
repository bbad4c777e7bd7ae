"""What the analysis of one client costs, room by room, and how that grows from 100 to 100,000 people.

``python -m benchmarks.analysis [PEOPLE ...]`` prints the table and writes ``benchmarks/results/analysis.md``; sizes
that are not asked for keep the column of an earlier run, so that the largest may be measured by itself.

The people are those of the sample client ``northgrid``, drawn without replacement for a smaller organisation
and copied, ties and all, for a larger one; its public channels stay as they are. The process has analysed the
sample once before, as a warm kernel has, so that no import is counted.
"""

import os

os.environ.setdefault("SMF_SECRET", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
os.environ.setdefault("OMP_NUM_THREADS", "1")  # before numpy is imported

import argparse
import resource
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import smf_helpers as smf
from smf_helpers.privacy import nesting
from smf_helpers.workbook import PROPOSERS, Workbook

RESULTS = Path(__file__).parent / "results" / "analysis.md"
CLIENT = "northgrid"
SIZES = (100, 1_200, 10_000, 100_000)
GOAL = 3.0
PERSONS = {
    "people": ["person"],
    "respondents": ["respondent"],
    "responses": ["respondent"],
    "activity": ["actor"],
    "interactions": ["source", "target"],
    "skills": ["learner"],
}


def resized(tables: dict[str, pd.DataFrame], n: int) -> dict[str, pd.DataFrame]:
    """Give the tables of an organisation of n people, made of these."""
    people = tables["people"]["person"].to_numpy()
    rng = np.random.default_rng(n)
    copies = [people] * (n // len(people))
    if n % len(people):
        copies.append(rng.choice(people, n % len(people), replace=False))
    made = dict(tables)
    for name, columns in PERSONS.items():
        parts = []
        for copy, members in enumerate(copies):
            rows = tables[name]
            if len(members) < len(people):
                rows = rows[np.logical_and.reduce([rows[column].isin(members) for column in columns])]
            parts.append(rows.assign(**{c: (rows[c] + f"-{copy}").astype(rows[c].dtype) for c in columns}))
        made[name] = pd.concat(parts, ignore_index=True)
    for name, column in (("waves", "invited"), ("units", "headcount")):
        grown = np.ceil(tables[name][column].astype(float) * n / len(people))
        made[name] = tables[name].assign(**{column: grown.astype(tables[name][column].dtype)})
    held = made["people"].groupby("unit")["person"].size().reindex(made["units"]["unit"]).fillna(0).to_numpy()
    room = np.maximum(made["units"]["headcount"].astype(float).to_numpy(), held)
    made["units"] = made["units"].assign(headcount=pd.Series(room).astype(made["units"]["headcount"].dtype))
    return made


def analyse(book: Any) -> dict[str, float]:
    """Compute everything that may be published and pass the gate; give CPU seconds by room."""
    spent: dict[str, float] = {}
    nesting._nests.cache_clear()  # a process of its own remembers nothing of another client
    for name in PROPOSERS:
        begun = time.process_time()
        book._proposed(name)
        spent[name] = time.process_time() - begun
    begun = time.process_time()
    smf.make_release(book)
    return {**spent, "gate and release": time.process_time() - begun}


def measure(sizes: list[int]) -> dict[int, dict[str, Any]]:
    """Measure each size, the smallest first: the peak of memory is that of the largest so far."""
    analyse(smf.open_workbook(CLIENT))
    begun = time.process_time()
    sample = smf.open_workbook(CLIENT)
    read = {"read and check": time.process_time() - begun}
    tables = {name: sample.rows(name) for name in sample._tables}
    found = {}
    for n in sorted(sizes):
        whole = n == len(tables["people"])
        sized = tables if whole else resized(tables, n)
        book = Workbook(sample.params, sized, log=sample.log, key_id=sample.key_id, root=sample.root)
        spent = {**(read if whole else {}), **analyse(book)}
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        found[n] = {"spent": spent, "memory": memory}
        print(n, f"{sum(spent.values()):.1f} CPU s, {memory:.0f} MB", file=sys.stderr, flush=True)
    return found


def earlier(asked: list[int]) -> dict[int, dict[str, Any]]:
    """Read the columns of sizes that are not measured now from the table of an earlier run."""
    lines = RESULTS.read_text().splitlines() if RESULTS.exists() else []
    rows = [
        [cell.strip(" *") for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")
    ]
    found = {}
    for place, head in enumerate(rows[0][1:] if rows else (), start=1):
        n = int(head.split()[0].replace(",", ""))
        cells = {row[0]: float(row[place]) for row in rows[2:] if row[place]}
        memory = cells.pop("memory, MB")
        del cells["all"]
        if n not in asked:
            found[n] = {"spent": cells, "memory": memory}
    return found


def table(found: dict[int, dict[str, Any]]) -> list[str]:
    """Write one column a size and one row a room."""
    rooms = list(dict.fromkeys(room for told in found.values() for room in told["spent"]))
    whole = {n: sum(told["spent"].values()) for n, told in found.items()}
    order = sorted(rooms, key=lambda room: -max(told["spent"].get(room, 0.0) for told in found.values()))
    cells = {room: [told["spent"].get(room) for told in found.values()] for room in order}
    return [
        "| CPU s | " + " | ".join(f"{n:,} people" for n in found) + " |",
        "| --- |" + " ---: |" * len(found),
        *(
            f"| {room} | " + " | ".join("" if cell is None else f"{cell:.2f}" for cell in row) + " |"
            for room, row in cells.items()
        ),
        "| all | " + " | ".join(f"**{whole[n]:.1f}**" for n in found) + " |",
        "| memory, MB | " + " | ".join(f"{told['memory']:.0f}" for told in found.values()) + " |",
    ]


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m benchmarks.analysis")
    options.add_argument("people", type=int, nargs="*", default=list(SIZES))
    asked = options.parse_args()
    lines = [
        "# The analysis of one client: how it grows",
        "",
        "`python -m benchmarks.analysis`: CPU seconds in a warm process, one thread, each room as the workbook "
        f"runs it. Reading is measured on the sample client itself (1,200 people, six waves); the goal there is {GOAL:g} s "
        "in all. CPU seconds on a machine that others use at the same time are up to twice those of an idle one.",
        "",
        *table(dict(sorted({**earlier(asked.people), **measure(asked.people)}.items()))),
    ]
    RESULTS.write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
