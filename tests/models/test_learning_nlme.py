"""The pooled fit beside R's nlme, the reference for non-linear mixed models; skipped where R or nlme is absent.

nlme maximises a likelihood that is linearised round each learner's mode (Lindstrom & Bates 1990); ours integrates it.
So the two differ a little in the pace, and the exact likelihood must be the judge: it is higher at ours.
"""

import shutil
import subprocess

import numpy as np
import pytest

from smf_helpers.models import fit_learning
from smf_helpers.models.learning_belief import Population, believe
from tests.models.learners import as_frame, simulate

SCRIPT = """
suppressMessages(library(nlme))
rows <- read.csv(commandArgs(TRUE)[1])
fit <- nlme(
  score ~ a - b * exp(-exp(u) * at), data = rows, fixed = a + b + u ~ 1, random = a + b + u ~ 1 | learner,
  start = c(a = 4.3, b = 2.2, u = log(0.35)), method = "ML"
)
cat(fixef(fit), as.vector(as.matrix(fit$modelStruct$reStruct[[1]])) * fit$sigma^2, fit$sigma^2, "\\n")
write.csv(coef(fit), commandArgs(TRUE)[2])
"""


@pytest.fixture(scope="module")
def nlme(tmp_path_factory):
    """Give the frame, the population that nlme finds in it, and each learner's coefficients."""
    if shutil.which("Rscript") is None:
        pytest.skip("R is not installed here: no comparison with nlme")
    absent = subprocess.run(["Rscript", "-e", "library(nlme)"], capture_output=True, check=False).returncode
    if absent:
        pytest.skip("R has no nlme here: no comparison with it")
    folder = tmp_path_factory.mktemp("nlme")
    weeks = np.arange(12.0)
    frame = as_frame(simulate(200, weeks, seed=4)[0], weeks)
    rows, script, people = folder / "rows.csv", folder / "fit.R", folder / "people.csv"
    frame.to_csv(rows, index=False)
    script.write_text(SCRIPT, encoding="utf-8")
    done = subprocess.run(["Rscript", script, rows, people], capture_output=True, text=True, check=True)
    found = np.array(done.stdout.split(), dtype=float)
    theirs = Population(
        gamma=found[None, :3], omega=found[3:12].reshape(3, 3), between=np.zeros((3, 3)), sigma2=found[12]
    )
    return frame, theirs, np.loadtxt(people, delimiter=",", skiprows=1, usecols=(1, 2, 3))


@pytest.fixture(scope="module")
def ours(nlme):
    return fit_learning(nlme[0], families=())


def test_the_population_agrees_with_nlme_and_is_the_likelier_one(nlme, ours):
    shape, _, cohort, found, _ = ours.posterior
    centre = np.array([cohort.series.centre, 0.0, 0.0])
    theirs, mine = nlme[1], found.population
    assert (mine.gamma[0] + centre)[:2] == pytest.approx(theirs.gamma[0, :2], rel=0.01)
    assert mine.gamma[0, 2] == pytest.approx(theirs.gamma[0, 2], abs=0.02)
    assert mine.sigma2 == pytest.approx(theirs.sigma2, rel=0.01)
    assert np.sqrt(np.diag(mine.omega)) == pytest.approx(np.sqrt(np.diag(theirs.omega)), rel=0.05)
    moved = Population(
        gamma=theirs.gamma - centre, omega=theirs.omega, between=np.zeros((3, 3)), sigma2=theirs.sigma2
    )
    where = {"middle": found.theta[:, 2], "reach": 1.5 * np.sqrt(found.covariance[:, 2, 2])}
    likely = [believe(shape, cohort.series, one, **where)[1].sum() for one in (mine, moved)]
    assert likely[0] > likely[1]


def test_each_learners_pace_agrees_with_nlme(nlme, ours):
    apart = np.log(ours.learners["rate"].to_numpy()) - nlme[2][:, 2]
    assert np.sqrt(np.mean(apart**2)) < 0.05
