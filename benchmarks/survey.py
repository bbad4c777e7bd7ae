"""How fast the survey is measured, side by side with what a user would use instead.

Run ``python benchmarks/survey.py``; it writes ``benchmarks/results/survey.md``. Peers that are not installed are skipped by name.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from smf_helpers.framework import FACTOR_KEYS
from smf_helpers.measures import rake, reliability, score_factors
from smf_helpers.measures.drivers import weigh_drivers

RESULT = Path(__file__).parent / "results" / "survey.md"
PEOPLE = 100_000
UNITS, ROLES, SITES = 40, 6, 12
RESAMPLES = 1000


def best_of(work: Callable[[], object], times: int = 3) -> float:
    """Give the least CPU time of several runs, in seconds: what the neighbours do on the machine cancels."""
    took = []
    for _ in range(times):
        start = time.process_time()
        work()
        took.append(time.process_time() - start)
    return min(took)


def raking_case() -> tuple[pd.DataFrame, dict[str, dict[str, float]]]:
    """Give a hundred thousand people in three crossed breakdowns, and margins that they do not meet."""
    rng = np.random.default_rng(1)
    columns = {"unit": UNITS, "role": ROLES, "site": SITES}
    frame = pd.DataFrame(
        {
            name: np.char.add(name[0], rng.choice(n, PEOPLE, p=rng.dirichlet(np.full(n, 20))).astype(str))
            for name, n in columns.items()
        }
    )
    margins = {
        name: dict(zip([f"{name[0]}{k}" for k in range(n)], rng.dirichlet(np.full(n, 20)), strict=True))
        for name, n in columns.items()
    }
    return frame, margins


def plain_raking(frame: pd.DataFrame, margins: dict[str, dict[str, float]]) -> np.ndarray:
    """Rake as a pandas user would: group sums and a map for each margin, until all stand."""
    weight = pd.Series(1 / len(frame), index=frame.index)
    for _ in range(500):
        for column, target in margins.items():
            weight = weight * frame[column].map(pd.Series(target) / weight.groupby(frame[column]).sum())
        gaps = [(weight.groupby(frame[c]).sum() / pd.Series(t) - 1).abs().max() for c, t in margins.items()]
        if max(gaps) < 1e-10:
            break
    return weight.to_numpy()


def raking_lines() -> list[str]:
    frame, margins = raking_case()
    ours = best_of(lambda: rake(frame, margins, limits=None), 5)
    peer = best_of(lambda: plain_raking(frame, margins), 1)
    a, b = rake(frame, margins, limits=None).to_numpy(), plain_raking(frame, margins)
    apart = float(np.abs(a / a.sum() / (b / b.sum()) - 1).max())
    lines = [
        f"| raking {PEOPLE:,} x 3 margins | {ours * 1e3:.1f} ms | pandas loop {peer * 1e3:.0f} ms | {peer / ours:.0f}x |"
        f" largest relative difference of a weight {apart:.1g} |"
    ]
    with tempfile.TemporaryDirectory() as folder:
        frame.to_csv(Path(folder) / "people.csv", index=False)
        for column, target in margins.items():
            counts = {level: share * PEOPLE for level, share in target.items()}
            pd.DataFrame({column: list(counts), "Freq": list(counts.values())}).to_csv(
                Path(folder) / f"{column}.csv", index=False, float_format="%.17g"
            )
        for name, command in PEERS.items():
            lines.append(other_line(name, command, Path(folder), a, ours))
    return lines


R_RAKE = """
suppressMessages(library(survey)); people <- read.csv('people.csv')
d <- svydesign(ids=~1, weights=rep(1, nrow(people)), data=people)
m <- lapply(c('unit', 'role', 'site'), function(n) read.csv(paste0(n, '.csv')))
work <- function() rake(d, list(~unit, ~role, ~site), m, control=list(maxit=500, epsilon=1e-10))
took <- replicate(3, {s <- proc.time(); r <<- work(); e <- proc.time() - s; e[[1]] + e[[2]]})
cat(min(took), '\\n'); write(sprintf('%.17g', weights(r)), 'weights.txt')
"""
BALANCE_RAKE = """
import time, logging; logging.disable(logging.CRITICAL)
import numpy as np, pandas as pd
from balance.weighting_methods import rake as peer
people = pd.read_csv('people.csv'); ones = pd.Series(1.0, index=people.index); rng = np.random.default_rng(2)
goal = pd.DataFrame({n: rng.choice(t[n], len(people), p=t['Freq'] / t['Freq'].sum())
                     for n in people for t in [pd.read_csv(n + '.csv')]})
took = []
for _ in range(3):
    start = time.process_time(); peer.rake(people, ones, goal, ones); took.append(time.process_time() - start)
print(min(took))
"""
PEERS = {
    "R survey": ["Rscript", "-e", R_RAKE],
    "balance": [os.environ.get("SMF_BALANCE_PYTHON", sys.executable), "-c", BALANCE_RAKE],
}
"""What rakes the same people in a process of its own and prints its CPU seconds; balance may live in another environment."""


def other_line(name: str, command: list[str], folder: Path, ours: np.ndarray, took: float) -> str:
    """Time another program on the same task; where it cannot run, say so by name."""
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return f"| raking against {name} | | skipped: {name} is not installed | | |"
    seconds, note = float(done.stdout.split()[-1]), ""
    if (folder / "weights.txt").exists():
        theirs = np.loadtxt(folder / "weights.txt")
        apart = float(np.abs(ours / ours.sum() / (theirs / theirs.sum()) - 1).max())
        note = f"largest relative difference of a weight {apart:.1g}"
        (folder / "weights.txt").unlink()
    return f"| raking against {name} | {took * 1e3:.1f} ms | {seconds * 1e3:.0f} ms | {seconds / took:.0f}x | {note} |"


def scoring_lines() -> list[str]:
    rng = np.random.default_rng(3)
    people, waves, n_items = 1200, 6, 45
    grid = np.indices((people, waves, n_items)).reshape(3, -1)
    rows = pd.DataFrame(
        {
            "respondent": pd.array(np.char.add("p", grid[0].astype(str)), dtype="str"),
            "wave": pd.array(np.char.add("w", grid[1].astype(str)), dtype="str"),
            "item": pd.array(np.char.add("q", grid[2].astype(str)), dtype="str"),
            "value": rng.integers(1, 6, grid.shape[1]).astype(float),
        }
    )
    items = pd.DataFrame(
        {"item": [f"q{k}" for k in range(n_items)], "module": [FACTOR_KEYS[k % 8] for k in range(n_items)]}
    )
    factor = dict(zip(items["item"], items["module"], strict=True))

    def plain() -> pd.DataFrame:
        by_person = (
            rows.assign(factor=rows["item"].map(factor))
            .groupby(["wave", "respondent", "factor"])["value"]
            .mean()
        )
        return by_person.groupby(["wave", "factor"]).agg(["mean", "sem", "count"])

    ours, peer = best_of(lambda: score_factors(rows, items)), best_of(plain)
    return [
        f"| scoring {people:,} people x {waves} waves x {n_items} items | {ours * 1e3:.0f} ms |"
        f" pandas groupby {peer * 1e3:.0f} ms | {peer / ours:.1f}x | ours with intervals, favourability and checks |"
    ]


def bootstrap_lines() -> list[str]:
    rng = np.random.default_rng(4)
    factors = rng.normal(size=(600, 8)) + rng.normal(size=(600, 1))
    outcome = factors[:, 0] + rng.normal(size=600)
    table = np.column_stack([factors, outcome])

    def loop() -> None:
        for _ in range(RESAMPLES):
            r = np.corrcoef(table[rng.integers(0, len(table), len(table))].T)
            root, axis = np.linalg.eigh(r[:-1, :-1])
            half = axis @ np.diag(np.sqrt(root)) @ axis.T
            (half**2) @ (np.linalg.solve(half, r[:-1, -1]) ** 2)

    ours = best_of(lambda: weigh_drivers(factors, outcome, FACTOR_KEYS, resamples=RESAMPLES))
    peer = best_of(loop)
    answers = factors[:, :5] + rng.normal(size=(600, 1))
    omega = best_of(lambda: reliability(answers))
    return [
        f"| bootstrap of relative weights, {RESAMPLES} samples of 600 | {ours * 1e3:.0f} ms | numpy loop {peer * 1e3:.0f} ms |"
        f" {peer / ours:.1f}x | |",
        f"| omega of 5 items, 600 people, with interval | {omega * 1e3:.1f} ms | | | |",
    ]


def main() -> None:
    lines = [
        "# The survey: how fast",
        "",
        f"Python {platform.python_version()}, numpy {np.__version__}, pandas {pd.__version__}, one thread. CPU time, best of several runs.",
        "",
        "| work | ours | peer | ratio | note |",
        "| --- | --- | --- | --- | --- |",
        *raking_lines(),
        *scoring_lines(),
        *bootstrap_lines(),
        "",
    ]
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text("\n".join(lines), encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
