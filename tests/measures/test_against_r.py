"""The survey's numbers beside those of R: `survey` for weights, errors and changes, `psych` and `lavaan` for the scales.

Part of the full count (SMF_FULL=1). Where R or one of its packages is not installed, its tests are skipped by name.
"""

import csv
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from smf_helpers.measures import compare_waves, rake, reliability, score_factors
from smf_helpers.measures.invariance import measure_invariance

pytestmark = pytest.mark.skipif(
    os.environ.get("SMF_FULL") != "1", reason="beside R in the full count only (SMF_FULL=1)"
)


@cache
def installed(package: str) -> bool:
    there = shutil.which("Rscript")
    asked = ["Rscript", "-e", f"quit(status = !requireNamespace('{package}', quietly = TRUE))"]
    return bool(there) and subprocess.run(asked, capture_output=True, check=False).returncode == 0


def from_r(package: str, folder: Path, script: str, **frames: pd.DataFrame) -> dict[str, float]:
    """Run a script that fills `out`, a named vector, and give it with all its digits."""
    if not installed(package):
        pytest.skip(f"R's package {package} is not installed")
    for name, frame in frames.items():
        frame.to_csv(folder / f"{name}.csv", index=False, float_format="%.17g")
    read = "\n".join(f"{name} <- read.csv('{name}.csv')" for name in frames)
    write = "write.csv(data.frame(name=names(out), value=sprintf('%.17g', out)), 'out.csv', row.names=FALSE)"
    code = f"suppressMessages(library({package}))\n{read}\n{script}\n{write}"
    done = subprocess.run(["Rscript", "-e", code], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    with (folder / "out.csv").open(encoding="utf-8") as lines:
        return {row["name"]: float(row["value"]) for row in csv.DictReader(lines)}


def test_raked_weights_equal_those_of_survey(tmp_path):
    rng = np.random.default_rng(1)
    people = pd.DataFrame({"unit": rng.choice(list("abcde"), 400), "role": rng.choice(list("xyz"), 400)})
    margins = {
        "unit": dict(zip("abcde", (150, 90, 120, 60, 80), strict=True)),
        "role": dict(zip("xyz", (250, 150, 100), strict=True)),
    }
    script = """
    d <- svydesign(ids=~1, weights=rep(1, nrow(people)), data=people)
    unit <- data.frame(unit=c('a','b','c','d','e'), Freq=c(150, 90, 120, 60, 80))
    role <- data.frame(role=c('x','y','z'), Freq=c(250, 150, 100))
    r <- rake(d, list(~unit, ~role), list(unit, role), control=list(maxit=2000, epsilon=1e-12))
    out <- weights(r); names(out) <- seq_along(out)
    """
    peer = np.array(list(from_r("survey", tmp_path, script, people=people).values()))
    ours = rake(people, margins, limits=None).to_numpy()
    np.testing.assert_allclose(ours / ours.sum(), peer / peer.sum(), rtol=1e-8)


def answers(rng, n, waves=("w1", "w2")):
    """Give one item a factor for people of three units in two waves, with their weights."""
    own = rng.normal(0, 0.6, n)
    rows = pd.DataFrame(
        {
            "wave": np.repeat(waves, n),
            "respondent": np.tile(np.char.add("p", np.arange(n).astype(str)), 2),
            "value": np.clip(np.round(3 + np.tile(own, 2) + rng.normal(0, 0.7, 2 * n)), 1, 5),
            "weight": np.tile(rng.uniform(0.5, 2.0, n), 2),
        }
    )
    rows["item"] = "L"
    return rows, pd.DataFrame({"item": ["L"], "module": ["listening"], "scale_min": 1.0, "scale_max": 5.0})


def test_weighted_means_and_errors_with_a_finite_population_equal_those_of_survey(tmp_path):
    rows, items = answers(np.random.default_rng(2), 180)
    script = """
    out <- c()
    for (w in c('w1', 'w2')) {
      d <- svydesign(ids=~1, weights=~weight, fpc=rep(600, 180), data=rows[rows$wave == w, ])
      m <- svymean(~value, d); out[paste0(w, 'mean')] <- coef(m); out[paste0(w, 'se')] <- SE(m)
    }
    """
    peer = from_r("survey", tmp_path, script, rows=rows)
    people = rows[["wave", "respondent", "weight"]].assign(unit="U")
    scores = score_factors(rows, items, respondents=people, headcounts={"all": 600}).factors
    for wave in ("w1", "w2"):
        row = scores[(scores["wave"] == wave) & (scores["unit"] == "all")].iloc[0]
        assert row["mean"] == pytest.approx(peer[f"{wave}mean"], rel=1e-12)
        assert row["se"] == pytest.approx(peer[f"{wave}se"], rel=1e-6)


def test_the_error_of_a_paired_change_equals_that_of_survey(tmp_path):
    rows, items = answers(np.random.default_rng(3), 150)
    script = """
    d <- svydesign(ids=~respondent, weights=~weight, data=rows)
    m <- svyby(~value, ~wave, d, svymean, covmat=TRUE)
    change <- svycontrast(m, c(w1=-1, w2=1))
    out <- c(change=unname(coef(change)), se=unname(SE(change)))
    """
    peer = from_r("survey", tmp_path, script, rows=rows)
    waves = pd.DataFrame(
        {"wave": ["w1", "w2"], "opened_on": ["2025-01-01", "2025-06-01"], "key_kind": "panel"}
    )
    people = rows[["wave", "respondent", "weight"]].assign(unit="")
    change = compare_waves(score_factors(rows, items, respondents=people, waves=waves)).changes.iloc[0]
    assert change["change"] == pytest.approx(peer["change"], rel=1e-12)
    assert change["se"] == pytest.approx(peer["se"], rel=1e-6)


def scale(rng, n, loading, shift=0.0):
    factor = shift + rng.normal(size=(n, 1))
    raw = factor * np.asarray(loading) + rng.normal(size=(n, len(loading))) * 0.8
    return np.digitize(raw + 0.3, (-1.2, -0.4, 0.4, 1.2)) + 1.0


def frame(values):
    return pd.DataFrame(values, columns=[f"x{k + 1}" for k in range(values.shape[1])])


def test_alpha_and_item_rest_correlations_equal_those_of_psych(tmp_path):
    values = scale(np.random.default_rng(4), 160, (0.9, 0.7, 0.8, 0.4, 0.6))
    script = """
    a <- psych::alpha(x, warnings=FALSE)
    out <- c(alpha=a$total$raw_alpha, setNames(a$item.stats$r.drop, paste0('r', 1:5)))
    """
    peer = from_r("psych", tmp_path, script, x=frame(values))
    found = reliability(frame(values))
    assert found.alpha.value == pytest.approx(peer["alpha"], rel=1e-12)
    np.testing.assert_allclose(found.items["item_rest"], [peer[f"r{k}"] for k in range(1, 6)], rtol=1e-10)


def test_omega_equals_that_of_lavaan(tmp_path):
    values = scale(np.random.default_rng(5), 220, (0.9, 0.7, 0.8, 0.4))
    script = """
    fit <- cfa('f =~ x1 + x2 + x3 + x4', x, std.lv=TRUE, control=list(rel.tol=1e-14))
    e <- lavInspect(fit, 'est'); l <- sum(e$lambda)^2
    out <- c(omega=l / (l + sum(diag(e$theta))))
    """
    peer = from_r("lavaan", tmp_path, script, x=frame(values))
    assert reliability(frame(values)).omega.value == pytest.approx(peer["omega"], rel=1e-5)


def test_the_three_models_of_invariance_equal_those_of_lavaan(tmp_path):
    rng = np.random.default_rng(6)
    sides = scale(rng, 260, (0.9, 0.7, 0.8, 0.5)), scale(rng, 220, (0.8, 0.7, 0.9, 0.6), 0.4)
    both = pd.concat([frame(side).assign(g=name) for side, name in zip(sides, "ab", strict=True)])
    script = """
    m <- 'f =~ x1 + x2 + x3 + x4'; out <- c()
    eq <- list(configural='', metric='loadings', scalar=c('loadings', 'intercepts'))
    for (name in names(eq)) {
      fit <- cfa(m, x, group='g', meanstructure=TRUE, group.equal=eq[[name]])
      s <- fitMeasures(fit, c('chisq', 'df', 'cfi', 'rmsea'))
      for (k in names(s)) out[paste(name, k)] <- s[k]
    }
    """
    peer = from_r("lavaan", tmp_path, script, x=both)
    for name, (chi, df, cfi, rmsea) in measure_invariance(*sides).models.items():
        assert chi == pytest.approx(peer[f"{name} chisq"], rel=1e-5)
        assert df == peer[f"{name} df"]
        assert cfi == pytest.approx(peer[f"{name} cfi"], abs=1e-6)
        assert rmsea == pytest.approx(peer[f"{name} rmsea"], abs=1e-6)
