"""Beside R: the panel likelihood by msm, shares over states by survival, scatter by MASS. Skipped where they are not installed."""

import shutil
import subprocess
from functools import cache

import numpy as np
import pandas as pd
import pytest

from smf_helpers.framework import STAGES
from smf_helpers.models import fit_path
from smf_helpers.models.scatter import measure_scatter
from smf_helpers.models.survival import aalen_johansen

MOVES = [
    ("none", "personal"),
    ("personal", "internal"),
    ("internal", "customer"),
    ("personal", "none"),
    ("internal", "personal"),
]


@cache
def has(package):
    if shutil.which("Rscript") is None:
        return False
    asked = subprocess.run(
        ["Rscript", "-e", f"quit(status = !requireNamespace('{package}', quietly = TRUE))"],
        capture_output=True,
        timeout=120,
    )
    return asked.returncode == 0


def ask(script, rows, folder):
    rows.to_csv(folder / "rows.csv", index=False)
    (folder / "ask.R").write_text(script)
    subprocess.run(["Rscript", "ask.R"], cwd=folder, check=True, capture_output=True, timeout=300)
    return pd.read_csv(folder / "told.csv")


def looks(n_people=150):
    """Draw people seen at unequal waves, forward and back along the path."""
    rng = np.random.default_rng(21)
    rows = []
    for person in range(n_people):
        stage, at = int(rng.integers(0, 3)), 0.0
        for gap in (0.0, 0.25, 0.5, 0.25, 1.0):
            at += gap
            if gap:
                step = rng.choice([-1, 0, 1], p=[0.15, 0.45, 0.4])
                stage = max(stage + int(step), 0) if stage < 3 else 3
            rows.append((person, at, stage))
    return pd.DataFrame(rows, columns=["person", "at", "stage"])


def test_the_panel_likelihood_and_its_top_are_those_of_msm(tmp_path):
    if not has("msm"):
        pytest.skip("R with the package msm is not here")
    rows = looks()
    fit = fit_path(rows.assign(stage=np.array(STAGES)[rows["stage"]]), moves=MOVES)
    order = {stage: k + 1 for k, stage in enumerate(STAGES)}
    cells = "; ".join(
        f"Q[{order[i]}, {order[j]}] <- {float(rate)!r}"
        for i, j, rate in zip(
            fit.rates["from_stage"], fit.rates["to_stage"], np.exp(fit.parameters), strict=True
        )
    )
    told = ask(
        f"""
        library(msm)
        rows <- read.csv("rows.csv"); rows$stage <- rows$stage + 1
        Q <- matrix(0, 4, 4); {cells}
        here <- msm(stage ~ at, subject = person, data = rows, qmatrix = Q, fixedpars = TRUE)
        top <- msm(stage ~ at, subject = person, data = rows, qmatrix = Q, control = list(reltol = 1e-14, maxit = 10000))
        rates <- qmatrix.msm(top, ci = "none")
        told <- data.frame(here = here$minus2loglik, top = top$minus2loglik)
        for (cell in which(Q > 0)) told[[paste0("q", cell)]] <- rates[cell]
        write.csv(format(told, digits = 17), "told.csv", row.names = FALSE)
        """,
        rows,
        tmp_path,
    ).iloc[0]
    assert fit.loglik == pytest.approx(-told["here"] / 2, abs=1e-6)
    assert fit.loglik == pytest.approx(-told["top"] / 2, abs=1e-6)
    for i, j, rate in zip(
        fit.rates["from_stage"], fit.rates["to_stage"], np.exp(fit.parameters), strict=True
    ):
        assert rate == pytest.approx(told[f"q{order[i] + 4 * (order[j] - 1)}"], rel=1e-3)


def test_shares_over_states_are_those_of_the_package_survival(tmp_path):
    if not has("survival"):
        pytest.skip("R with the package survival is not here")
    rng = np.random.default_rng(22)
    rows = []
    for person in range(80):
        begun, stage = 0.0, 0
        while begun < 5:
            stay = float(rng.exponential(1.5))
            ended = min(begun + stay, 5.0)
            nxt = int(rng.choice([k for k in range(3) if k != stage])) if ended < 5 else -1
            rows.append((person, begun, ended, stage, nxt))
            begun, stage = ended, nxt
    spells = pd.DataFrame(rows, columns=["person", "begun", "ended", "from", "to"])
    told = ask(
        """
        library(survival)
        rows <- read.csv("rows.csv")
        rows$event <- factor(rows$to, c(-1, 0, 1, 2), c("censored", "s0", "s1", "s2"))
        rows$now <- factor(rows$from, 0:2, c("s0", "s1", "s2"))
        fit <- survfit(Surv(begun, ended, event) ~ 1, id = person, istate = now, data = rows)
        told <- data.frame(time = fit$time, fit$pstate); names(told) <- c("time", fit$states)
        write.csv(format(told, digits = 17), "told.csv", row.names = FALSE)
        """,
        spells,
        tmp_path,
    )
    ours = aalen_johansen(spells["begun"], spells["ended"], spells["from"], spells["to"], n_states=3)
    slot = np.searchsorted(ours.times, told["time"].to_numpy() + 1e-9) - 1
    for k in range(3):
        assert ours.share[slot, k] == pytest.approx(told[f"s{k}"].to_numpy(), abs=1e-12)


def test_the_scatter_of_counts_is_the_moment_estimate_of_mass(tmp_path):
    if not has("MASS"):
        pytest.skip("R with the package MASS is not here")
    rows = pd.DataFrame({"n": [61, 30, 52, 18, 33, 9, 21, 12, 4, 11], "mean": 50 * 0.8 ** np.arange(10)})
    told = ask(
        "rows <- read.csv('rows.csv')\n"
        "theta <- MASS::theta.mm(rows$n, rows$mean, dfr = 8, limit = 200, eps = 1e-12)\n"
        "write.csv(data.frame(shape = as.numeric(theta)), 'told.csv', row.names = FALSE)\n",
        rows,
        tmp_path,
    )
    n, mean = rows["n"].to_numpy(float), rows["mean"].to_numpy()
    assert measure_scatter(n, mean, mean, 2) == pytest.approx(1 / told["shape"][0], rel=1e-6)
