"""What must not be told: few points, flat scores, shapes that cannot be known."""

import os

import numpy as np
import pandas as pd
import pytest

from smf_helpers.errors import ModelError
from smf_helpers.models import fit_learning, reach
from tests.models.learners import as_frame, simulate

FULL = os.environ.get("SMF_FULL") == "1"


def one(scores, weeks=None):
    scores = np.atleast_2d(np.asarray(scores, dtype=float))
    return as_frame(scores, np.arange(scores.shape[1]) if weeks is None else weeks)


DEGENERATE = {
    "empty": one(np.empty((1, 0))),
    "one wave": one(np.full((20, 1), 3.0)),
    "all missing": one(np.full((12, 5), np.nan)),
    "one learner": one([1, 2, 2.5, 2.7]),
    "constant": one(np.full((20, 8), 3.0)),
    "all at the end": one(np.full((20, 8), 5.0)),
    "duplicates": pd.concat([one(np.full((12, 1), 3.0))] * 5),
    "one moment": one(np.arange(60.0).reshape(12, 5), weeks=np.zeros(5)),
    "falling": one(np.tile(np.linspace(4, 1, 8), (15, 1)) + np.random.default_rng(0).normal(0, 0.1, (15, 8))),
    "noise": one(np.random.default_rng(0).normal(3, 0.3, (30, 8))),
    "huge": one(1e9 + np.random.default_rng(0).normal(3, 0.3, (30, 8))),
    "exact": one(4 - 2 * np.exp(-np.outer(np.linspace(0.2, 0.6, 15), np.arange(10)))),
}


@pytest.mark.parametrize("pooled", [True, False])
@pytest.mark.parametrize("name", DEGENERATE)
def test_degenerate_scores_give_a_status_and_a_reason_for_everything_missing(name, pooled):
    fit = fit_learning(DEGENERATE[name], pooled=pooled, scale=(1, 5) if name == "all at the end" else None)
    assert fit.status == "ok" or fit.reason
    for quantity in ("level", "rate", "half_life", "weeks_to_80", "predicted", "gain", "change", "asymptote"):
        shown = fit.learners[f"{quantity}_status"].isin(["ok", "one_sided"])
        hidden = fit.learners[~shown]
        assert hidden[quantity].isna().all()
        assert (hidden[f"{quantity}_reason"].str.len() > 0).all()
        assert np.isfinite(fit.learners.loc[shown, quantity]).all()
    assert repr(fit)
    assert len(reach(fit, 4.0, 5.0)) == fit.n


@pytest.mark.parametrize("name", ["constant", "falling", "noise"])
def test_scores_without_learning_give_nobody_a_pace(name):
    fit = fit_learning(DEGENERATE[name])
    assert fit.status == "not_identified"
    assert fit.learners["rate"].isna().all()
    pace = fit.typical.set_index("quantity").loc[
        ["rate", "half_life", "weeks_to_80", "asymptote", "gain_next"]
    ]
    assert pace["value"].isna().all()
    assert fit.spread["weeks_to_80"].isna().all()


@pytest.mark.parametrize(
    ("waves", "shown"),
    [
        (1, {"level"}),
        (2, {"level", "change"}),
        (3, {"level", "change"}),
        (5, {"level", "change", "rate", "half_life", "weeks_to_80", "predicted", "gain"}),
    ],
)
def test_the_decision_table_for_few_points_holds_when_pooled(waves, shown):
    weeks = np.arange(8.0)
    frame = as_frame(simulate(60, weeks, seed=4)[0], weeks)
    few = frame[(frame["learner"] != "p00007") | (frame["at"] < waves)]
    row = fit_learning(few, families=()).learners.set_index("learner").loc["p00007"]
    quantities = ("level", "change", "rate", "half_life", "weeks_to_80", "predicted", "gain", "asymptote")
    assert {name for name in quantities if row[f"{name}_status"] == "ok"} == shown


@pytest.mark.parametrize("waves", [3, 4, 5, 6])
def test_no_curve_of_one_person_alone_below_seven_points(waves):
    weeks = np.arange(float(waves))
    learners = fit_learning(as_frame(simulate(30, weeks, seed=4)[0], weeks), pooled=False).learners
    assert (learners["rate_status"] == "insufficient_data").all()
    assert (learners["level_status"] == "ok").all()


def test_alone_and_short_a_pace_is_shown_only_when_bounded_on_both_sides():
    weeks = np.arange(8.0)
    learners = fit_learning(
        as_frame(simulate(300, weeks, noise=0.3, seed=4)[0], weeks), pooled=False
    ).learners
    assert set(learners["rate_status"]) <= {"ok", "not_identified", "boundary"}
    shown = learners[learners["rate_status"] == "ok"]
    assert np.isfinite(shown[["rate_low", "rate_high"]]).all().all()


def test_too_small_a_cohort_is_not_pooled():
    weeks = np.arange(8.0)
    fit = fit_learning(as_frame(simulate(6, weeks, seed=4)[0], weeks))
    assert (fit.status, fit.pooled) == ("insufficient_data", False)
    assert "too few to pool" in fit.reason


def test_a_shape_is_called_known_in_at_most_five_percent_where_there_is_no_learning():
    cohorts = 100 if FULL else 6
    known = 0
    for seed in range(cohorts):
        scores = 3 + np.random.default_rng(seed).normal(0, 0.3, (25, 6))
        best = fit_learning(one(scores)).selection.iloc[0]
        known += best["verdict"] == "supported" and best["family"] != "constant"
    assert known <= 0.05 * cohorts + 1


def test_the_family_is_undecided_where_the_data_cannot_tell():
    scores, *_ = simulate(15, np.arange(4.0), noise=0.3, seed=2)
    best = fit_learning(as_frame(scores, np.arange(4.0))).selection.iloc[0]
    assert best["verdict"] in {"undecided", "leaning"}


def test_the_family_is_supported_where_the_data_can_tell():
    weeks = np.arange(12.0)
    rng = np.random.default_rng(1)
    exponent = np.exp(np.log(0.7) + 0.3 * rng.standard_normal((200, 1)))
    scores = 4.5 - 2.5 * (1 + weeks) ** -exponent + 0.1 * rng.standard_normal((200, 12))
    best = fit_learning(as_frame(scores, weeks)).selection.iloc[0]
    assert (best["family"], best["verdict"]) == ("power", "supported")


@pytest.mark.parametrize(
    ("change", "options"),
    [
        ({"drop": "score"}, {}),
        ({"at": "yesterday evening"}, {}),
        ({}, {"family": "exponentail"}),
        ({}, {"families": ("cubic",)}),
        ({}, {"axis": "mileage"}),
        ({}, {"axis": "practice"}),
        ({}, {"scale": (5, 1)}),
    ],
)
def test_a_request_without_meaning_is_refused_in_words(change, options):
    frame = one(np.tile([1, 2, 3.0], (4, 1)))
    frame = frame.drop(columns=change["drop"]) if "drop" in change else frame
    frame = frame.assign(at=change["at"]) if "at" in change else frame
    with pytest.raises(ModelError):
        fit_learning(frame, **options)
