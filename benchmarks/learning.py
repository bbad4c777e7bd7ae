"""Learning curves side by side with what a user would use instead, in one run, on one core.

Run: ``python -m benchmarks.learning``. Prints the table and writes ``benchmarks/results/learning.md``. Times are
processor time, the best of several; a loop over a peer is timed on some of the learners and scaled, and the table
says so.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import platform
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import scipy
from scipy.optimize import curve_fit

from smf_helpers.models import fit_learning
from smf_helpers.models.learning_bootstrap import bootstrap_learner
from smf_helpers.models.learning_pooling import fit_pooled
from smf_helpers.models.learning_profile import pace_limits
from smf_helpers.models.learning_projection import Series, fit_alone
from smf_helpers.models.learning_shapes import SHAPES

RESULTS = Path(__file__).parent / "results" / "learning.md"
LEARNERS, WEEKS, NOISE = 10_000, np.arange(12.0), 0.15
LOOPED, LOOPED_LMFIT, RESAMPLES = 500, 40, 2_000
SHAPE = SHAPES["exponential"]


def curve(x, asymptote, gain, rate):
    return asymptote - gain * np.exp(-rate * x)


def simulate():
    rng = np.random.default_rng(0)
    a = 4.3 + 0.3 * rng.standard_normal(LEARNERS)
    b = 2.2 + 0.3 * rng.standard_normal(LEARNERS)
    k = 0.35 * np.exp(0.5 * rng.standard_normal(LEARNERS))
    exact = a[:, None] - b[:, None] * np.exp(-np.outer(k, WEEKS))
    return exact + NOISE * rng.standard_normal(exact.shape)


def series_of(scores):
    return Series(
        s=np.broadcast_to(WEEKS, scores.shape).copy(),
        y=scores - scores.mean(),
        seen=np.ones(scores.shape, dtype=bool),
        e=np.ones(len(scores)),
        n=np.full(len(scores), WEEKS.size),
        gap=1.0,
        ahead=1.0,
        centre=float(scores.mean()),
    )


def seconds(work, repeats=5):
    best, out = np.inf, None
    for _ in range(repeats):
        started = time.process_time()
        out = work()
        best = min(best, time.process_time() - started)
    return best, out


def loop_curve_fit(scores):
    failed = 0
    for y in scores:
        try:
            curve_fit(curve, WEEKS, y, p0=[y[-1], y[-1] - y[0], 0.3])
        except RuntimeError:
            failed += 1
    return failed


def loop_lmfit(scores):
    from lmfit import Model

    model = Model(curve)
    for y in scores:
        model.fit(y, x=WEEKS, asymptote=y[-1], gain=y[-1] - y[0], rate=0.3)


def sums_never_higher(scores, alone):
    """Count the learners whose sum of squares `curve_fit` pushed below ours (it must be none)."""
    worse = 0
    for place, y in enumerate(scores):
        if alone.edge[place] or not alone.rising[place]:
            continue
        try:
            theta = curve_fit(curve, WEEKS, y, p0=[y[-1], y[-1] - y[0], 0.3])[0]
        except RuntimeError:
            continue
        worse += alone.rss[place] > np.sum((y - curve(WEEKS, *theta)) ** 2) * (1 + 1e-9)
    return worse


def measure():
    scores = simulate()
    series = series_of(scores)
    ours, alone = seconds(lambda: fit_alone(SHAPE, series))
    profile, _ = seconds(lambda: pace_limits(SHAPE, series, alone))
    looped, failed = seconds(lambda: loop_curve_fit(scores[:LOOPED]), repeats=3)
    each = looped / LOOPED
    rng = np.random.default_rng(1)
    boot, _ = seconds(lambda: bootstrap_learner(SHAPE, series, alone, 3, resamples=RESAMPLES, rng=rng))
    pooled, beliefs = seconds(lambda: fit_pooled(SHAPE, series, alone), repeats=1)
    frame = pd.DataFrame(
        {
            "learner": np.repeat([f"p{place:05d}" for place in range(LEARNERS)], WEEKS.size),
            "at": np.tile(WEEKS, LEARNERS),
            "score": scores.ravel(),
        }
    )
    verb_alone, _ = seconds(lambda: fit_learning(frame, pooled=False))
    verb_quick, _ = seconds(lambda: fit_learning(frame, pooled=False, intervals=False))
    verb_pooled, _ = seconds(lambda: fit_learning(frame), repeats=1)
    rows = [
        [
            "10,000 learners x 12 points, 3 parameters, standard errors",
            ours,
            each * LEARNERS,
            "curve_fit loop",
            80,
        ],
        ["one learner's residual bootstrap, per resample", boot / RESAMPLES, each, "curve_fit", 80],
    ]
    lines = [
        f"| {name} | {t:.3g} s | {peer:.3g} s ({word}) | **{peer / t:.0f}x** | >= {goal}x |"
        for name, t, peer, word, goal in rows
    ]
    lines.append(
        f"| their profile intervals, both sides | {profile:.3g} s | {ours:.3g} s (the fit itself) "
        f"| **{profile / ours:.1f}x its time** | <= 5x |"
    )
    lines.append(
        f"| 10,000 pooled learners: population and posteriors ({beliefs.turns} EM steps) | {pooled:.3g} s "
        "| 15 s | | <= 15 s |"
    )
    lines += compare_lmfit(scores, ours)
    lines.append(compare_nlme(frame, pooled))
    for what, spent, goal in (
        (
            "`fit_learning(pooled=False, intervals=False)`: frame in, levels, paces, standard errors, statuses out",
            verb_quick,
            ">= 80x",
        ),
        (
            "`fit_learning(pooled=False)`: the same with eight profile intervals and a pattern each",
            verb_alone,
        ),
    ):
        lines.append(
            f"| {what} | {spent:.3g} s | {each * LEARNERS:.3g} s (curve_fit loop, no intervals) "
            f"| **{each * LEARNERS / spent:.0f}x** | {goal} |"
        )
    lines.append(
        f"| `fit_learning()`: the same pooled, with typical learner, spread, families | {verb_pooled:.3g} s | | | |"
    )
    worse = sums_never_higher(scores[:LOOPED], alone)
    notes = [
        f"`curve_fit` and the bootstrap's peer were timed on {LOOPED} learners and scaled; it failed on {failed} "
        f"of them, ours on none, and on {worse} of them did it find a lower sum of squares than ours.",
    ]
    return lines, notes


def compare_lmfit(scores, ours):
    try:
        import lmfit
    except ImportError:
        return ["| the same | | lmfit: skipped, not installed | | |"]
    looped, _ = seconds(lambda: loop_lmfit(scores[:LOOPED_LMFIT]), repeats=1)
    peer = looped / LOOPED_LMFIT * LEARNERS
    return [
        f"| the same fit | {ours:.3g} s | {peer:.3g} s (lmfit {lmfit.__version__} loop, {LOOPED_LMFIT} timed) "
        f"| **{peer / ours:.0f}x** | |"
    ]


NLME = """
suppressMessages(library(nlme))
rows <- read.csv(commandArgs(TRUE)[1])
spent <- system.time(nlme(
  score ~ a - b * exp(-exp(u) * at), data = rows, fixed = a + b + u ~ 1, random = a + b + u ~ 1 | learner,
  start = c(a = 4.3, b = 2.2, u = log(0.35))
))
cat(spent[["user.self"]])
"""


def compare_nlme(frame, ours):
    """Time R's nlme on some of the learners and scale; say so where R or nlme is missing."""
    name = "| 10,000 pooled learners"
    if shutil.which("Rscript") is None:
        return f"{name} | {ours:.3g} s | R nlme: skipped, R is not installed here | | <= 2x |"
    with tempfile.TemporaryDirectory() as folder:
        rows, script = Path(folder) / "rows.csv", Path(folder) / "fit.R"
        frame.head(LOOPED * WEEKS.size).to_csv(rows, index=False)
        script.write_text(NLME, encoding="utf-8")
        done = subprocess.run(["Rscript", script, rows], capture_output=True, text=True, check=False)
    if done.returncode:
        return f"{name} | {ours:.3g} s | R nlme: skipped, it did not finish | | <= 2x |"
    peer = float(done.stdout) / LOOPED * LEARNERS
    return f"{name} | {ours:.3g} s | {peer:.3g} s (R nlme, {LOOPED} timed) | {ours / peer:.2f}x its time | <= 2x |"


def main():
    lines, notes = measure()
    table = [
        "# Learning curves: how fast",
        "",
        f"One run, one core, processor time; Python {platform.python_version()}, numpy {np.__version__}, "
        f"scipy {scipy.__version__}; plain numpy, nothing compiled.",
        "",
        "| work | ours | against | ratio | goal |",
        "| --- | --- | --- | --- | --- |",
        *lines,
        "",
        *notes,
        "",
    ]
    text = "\n".join(table)
    print(text)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
