"""Which family one learner supports: rarely a wrong one, and none below twelve measurements."""

import numpy as np
import pandas as pd
import pytest

from smf_helpers.models import fit_learning
from smf_helpers.models.curves import fit_curve
from tests.models.learners import as_frame, simulate


def scores_of(family, weeks, count, noise, seed):
    rng = np.random.default_rng(seed)
    pace = np.exp(np.log(0.35) + 0.3 * rng.standard_normal((count, 1)))
    left = {
        "exponential": np.exp(-pace * weeks),
        "power": (1 + weeks) ** (-2 * pace),
        "hyperbolic": 1 / (1 + 2 * pace * weeks),
        "line": 1 - weeks / weeks[-1] + 0 * pace,
        "constant": 0 * weeks + 0 * pace,
    }[family]
    return 4.3 - 2.2 * left + noise * rng.standard_normal((count, weeks.size))


@pytest.mark.parametrize("waves", [12, 20])
@pytest.mark.parametrize("family", ["exponential", "power", "hyperbolic", "line", "constant"])
def test_hardly_anybody_is_said_to_follow_a_family_that_is_not_theirs(family, waves):
    weeks = np.arange(float(waves))
    frame = as_frame(scores_of(family, weeks, 250, 0.15, waves), weeks)
    told = fit_learning(frame, pooled=False).learners["family"]
    wrong = float(np.mean(~told.isin([family, "undecided"])))
    assert wrong <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 250)


@pytest.mark.parametrize("family", ["exponential", "power", "line"])
def test_many_exact_points_name_the_true_family(family):
    weeks = np.arange(40.0)
    frame = as_frame(scores_of(family, weeks, 100, 0.01, 3), weeks)
    told = fit_learning(frame, pooled=False).learners["family"]
    assert np.mean(told == family) > 0.8


@pytest.mark.parametrize("pooled", [True, False])
def test_below_twelve_measurements_nobody_has_a_family_and_the_reason_says_so(pooled):
    weeks = np.arange(11.0)
    frame = as_frame(scores_of("exponential", weeks, 40, 0.0001, 1), weeks)
    learners = fit_learning(frame, pooled=pooled).learners
    assert set(learners["family"]) == {"undecided"}
    assert set(learners["family_reason"]) == {"Fewer than 12 measurements cannot tell families apart."}


def test_a_verdict_follows_the_aicc_of_the_general_engine():
    weeks = np.arange(24.0)
    scores = scores_of("exponential", weeks, 12, 0.05, 2)
    learners = fit_learning(as_frame(scores, weeks), pooled=False).learners
    assert (learners["family"] == "exponential").sum() >= 6
    for place in np.flatnonzero(learners["family"] == "exponential"):
        mine = fit_curve("exponential", weeks, scores[place]).aicc
        for rival in ("hyperbolic", "line", "constant"):
            assert fit_curve(rival, weeks, scores[place]).aicc - mine >= 4


def test_residuals_that_hang_together_and_scores_at_the_end_of_the_scale_leave_it_undecided():
    weeks = np.arange(30.0)
    scores = scores_of("exponential", weeks, 40, 0.02, 4)
    waves = scores + 0.15 * np.sin(weeks / 3)
    told = fit_learning(as_frame(waves, weeks), pooled=False).learners
    assert (told["family"] == "undecided").all()
    clipped = fit_learning(as_frame(np.minimum(scores, 4.0), weeks), pooled=False, scale=(1, 4)).learners
    assert set(clipped["family"]) == {"undecided"}
    assert set(clipped["family_reason"]) == {"Too many of the scores are at an end of the scale."}


def test_degenerate_learners_are_undecided_and_the_order_of_rows_does_not_matter():
    weeks = np.arange(14.0)
    flat = as_frame(np.full((12, 14), 3.0), weeks)
    assert set(fit_learning(flat, pooled=False).learners["family_reason"]) == {"All scores are the same."}
    frame = as_frame(simulate(30, weeks, noise=0.03, seed=6)[0], weeks)
    mixed = frame.sample(frac=1, random_state=1)
    one, other = (fit_learning(rows, pooled=False).learners for rows in (frame, mixed))
    pd.testing.assert_series_equal(one["family"], other["family"])
    quick = fit_learning(frame, pooled=False, families=()).learners
    assert set(quick["family_reason"]) == {"Families were not compared."}
