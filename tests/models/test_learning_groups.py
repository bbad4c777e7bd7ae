"""Teams within units: the spread of pace of each level, found again and beside R's nlme."""

import os
import shutil
import subprocess

import numpy as np
import pytest

from smf_helpers.models import fit_learning
from tests.models.learners import as_frame

FULL = os.environ.get("SMF_FULL") == "1"
UNITS, TEAMS, PEOPLE, WEEKS = 24, 5, 8, 10
SCRIPT = """
suppressMessages(library(nlme))
rows <- read.csv(commandArgs(TRUE)[1])
rows$team <- paste(rows$unit, rows$team)
fit <- nlme(
  score ~ a - b * exp(-exp(u) * at), data = rows, fixed = a + b + u ~ 1,
  random = list(unit = pdDiag(a + u ~ 1), team = pdDiag(a + u ~ 1), learner = pdDiag(a + b + u ~ 1)),
  start = c(a = 4.3, b = 2.2, u = log(0.35)), method = "ML",
  control = nlmeControl(returnObject = TRUE, maxIter = 100)
)
spread <- sapply(c("unit", "team", "learner"), function(level) {
  part <- as.matrix(fit$modelStruct$reStruct[[level]]) * fit$sigma^2
  sqrt(c(part["u", "u"], part["a", "a"]))
})
cat(fixef(fit)["u"], spread, "\\n")
"""


def nested(*, between=0.4, teams=0.25, own=0.4, seed=0):
    """Give scores of learners in teams within units, with the true log paces and the groups' own draws."""
    rng = np.random.default_rng(seed)
    count = UNITS * TEAMS * PEOPLE
    unit, team = np.repeat(np.arange(UNITS), TEAMS * PEOPLE), np.repeat(np.arange(UNITS * TEAMS), PEOPLE)
    of_unit, of_team = between * rng.standard_normal(UNITS), teams * rng.standard_normal(UNITS * TEAMS)
    u = np.log(0.35) + of_unit[unit] + of_team[team] + own * rng.standard_normal(count)
    a = 4.3 + 0.3 * rng.standard_normal(UNITS)[unit] + 0.2 * rng.standard_normal(UNITS * TEAMS)[team]
    a = a + 0.3 * rng.standard_normal(count)
    b = 2.2 + 0.3 * rng.standard_normal(count)
    weeks = np.arange(float(WEEKS))
    scores = a[:, None] - b[:, None] * np.exp(-np.exp(u)[:, None] * weeks)
    frame = as_frame(
        scores + 0.15 * rng.standard_normal(scores.shape), weeks, np.array([f"unit {p:02d}" for p in unit])
    )
    frame["team"] = np.repeat([f"team {place % TEAMS}" for place in team], WEEKS)
    return frame, u, of_unit, of_team


@pytest.fixture(scope="module")
def known():
    return nested(seed=3)


@pytest.fixture(scope="module")
def fit(known):
    return fit_learning(known[0], families=())


def test_the_spread_of_units_teams_and_people_is_found_again(known, fit):
    _, _, of_unit, of_team = known
    levels = fit.levels.set_index("level")
    assert levels["n"].to_dict() == {"unit": UNITS, "team": UNITS * TEAMS, "learner": UNITS * TEAMS * PEOPLE}
    assert levels.loc["unit", "pace_spread"] == pytest.approx(np.std(of_unit), rel=0.2)
    assert levels.loc["team", "pace_spread"] == pytest.approx(np.std(of_team), rel=0.15)
    assert levels.loc["learner", "pace_spread"] == pytest.approx(0.4, rel=0.06)
    assert (levels["status"] == "ok").all()


def test_a_persons_pace_is_nearer_the_truth_for_the_groups_and_its_interval_still_holds(known, fit):
    frame, u, *_ = known
    alike = fit_learning(frame.drop(columns=["unit", "team"]), families=()).learners

    def error(learners):
        return np.sqrt(np.mean((np.log(learners["rate"]) - u) ** 2))

    assert error(fit.learners) < 0.95 * error(alike)
    inside = (fit.learners["rate_low"] <= np.exp(u)) & (np.exp(u) <= fit.learners["rate_high"])
    assert 0.93 <= inside.mean() <= 0.97 + 3 * np.sqrt(0.03 * 0.97 / len(u))


@pytest.mark.skipif(not FULL, reason="the full count only: SMF_FULL=1")
def test_groups_that_do_not_differ_get_no_spread_of_pace():
    frame, *_ = nested(between=0.0, teams=0.0, seed=5)
    levels = fit_learning(frame, families=()).levels.set_index("level")
    assert levels.loc["unit", "pace_spread"] < 0.08
    assert levels.loc["team", "pace_spread"] < 0.12
    assert levels.loc["learner", "pace_spread"] == pytest.approx(0.4, rel=0.06)


def test_teams_of_one_name_in_two_units_are_two_teams_and_few_groups_tell_no_spread(known):
    few = known[0][known[0]["unit"].isin(["unit 00", "unit 01"])]
    levels = fit_learning(few, families=()).levels.set_index("level")
    assert levels["n"].to_dict() == {"unit": 2, "team": 2 * TEAMS, "learner": 2 * TEAMS * PEOPLE}
    assert levels.loc["unit", "status"] == "insufficient_data"
    assert np.isnan(levels.loc["unit", "pace_spread"])
    alone = fit_learning(few.drop(columns="unit"), families=())
    assert alone.levels.set_index("level").loc["team", "n"] == TEAMS
    assert alone.learners["unit"].isna().all()
    assert alone.status == "ok"


@pytest.mark.skipif(not FULL, reason="the full count only: nlme takes a minute")
def test_the_spread_of_every_level_agrees_with_nlme(known, fit, tmp_path):
    if shutil.which("Rscript") is None:
        pytest.skip("R is not installed here: no comparison with nlme")
    if subprocess.run(["Rscript", "-e", "library(nlme)"], capture_output=True, check=False).returncode:
        pytest.skip("R has no nlme here: no comparison with it")
    rows, script = tmp_path / "rows.csv", tmp_path / "fit.R"
    known[0].to_csv(rows, index=False)
    script.write_text(SCRIPT, encoding="utf-8")
    done = subprocess.run(["Rscript", script, rows], capture_output=True, text=True, check=True)
    centre, *spread = (float(value) for value in done.stdout.split())
    levels = fit.levels.set_index("level").loc[["unit", "team", "learner"]]
    mine = levels[["pace_spread", "asymptote_spread"]].to_numpy().ravel()
    assert mine == pytest.approx(np.array(spread), rel=0.08)
    assert fit.posterior[3].population.gamma[0, 2] == pytest.approx(centre, abs=0.03)
