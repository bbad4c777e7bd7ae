"""Calibration of the what-if: known truth comes back, and what is not known is said to be assumed."""

import math
import os

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from smf_helpers.errors import ModelError
from smf_helpers.models.scenario_calibration import calibrate_what_if
from smf_helpers.models.scenario_rates import fit_rates
from smf_helpers.models.scenarios import project
from smf_helpers.results.what_if import PARAMETERS

FULL = os.environ.get("SMF_FULL") == "1"
TRUTH = {"p": 0.012, "q": 0.15, "e": 0.02, "d": 0.06, "r": 0.03}


def joining(rng, left, chance, shape):
    """Draw who joins: each for themselves, or more scattered (negative binomial of that shape)."""
    if shape is None or left * chance <= 0:
        return rng.binomial(left, chance)
    return min(rng.negative_binomial(shape, shape / (shape + left * chance)), left)


def simulate(people, weeks, seed, executives_from=20, reach=1.0, shape=None):
    rng = np.random.default_rng(seed)
    ever = active = 0
    rows = []
    for week in range(weeks):
        x = float(week >= executives_from)
        share = active / people
        chance = 1 - math.exp(-(TRUTH["p"] + TRUTH["q"] * share + TRUTH["e"] * x))
        new = joining(rng, round(reach * people) - ever, chance, shape)
        lost = rng.binomial(active, 1 - math.exp(-TRUTH["d"]))
        back = rng.binomial(ever - active, 1 - math.exp(-TRUTH["r"] * ((1 + x) / 2 + share)))
        ever, active = ever + new, active + new + back - lost
        rows.append((pd.Timestamp("2026-01-05") + pd.Timedelta(weeks=week), active, new, lost, back, x))
    return pd.DataFrame(rows, columns=["week", "active", "new", "lapsed", "back", "executives"])


def test_the_truth_comes_back_from_a_large_organisation():
    found = calibrate_what_if(simulate(40_000, 52, 5), eligible=40_000, draws=20)
    assert found.assumed == ()
    assert np.allclose(found.centre, [*TRUTH.values(), 1.0], rtol=0.06)


def test_a_ceiling_is_found_where_joining_has_come_to_its_end():
    found = calibrate_what_if(simulate(5000, 80, 3, reach=0.6), eligible=5000, draws=40)
    assert found.assumed == ()
    assert math.isclose(found.centre[-1], 0.6, abs_tol=0.02)
    assert np.ptp([draw[-1] for draw in found.draws]) < 0.1


def test_the_range_of_the_reach_covers_the_truth_as_often_as_it_says():
    inside = []
    for seed in range(60):
        series = simulate(400, 40, seed, executives_from=99, reach=0.7)
        reached = [draw[-1] for draw in calibrate_what_if(series, eligible=400, draws=80, seed=seed).draws]
        inside.append(np.quantile(reached, 0.1) <= 0.7 <= np.quantile(reached, 0.9))
    # of few people the reach is mostly assumed, and then covers more than it says
    assert 0.65 <= np.mean(inside) <= 0.98


@pytest.mark.parametrize("shape", [3, 10])
def test_strong_scatter_leaves_the_reach_covered_or_said_to_be_assumed(shape):
    runs, inside, told = (1000 if FULL else 16), 0, []
    for seed in range(runs):
        series = simulate(5000, 60, seed, executives_from=99, reach=0.6, shape=shape)
        found = calibrate_what_if(series, eligible=5000, draws=60, seed=seed)
        low, high = np.quantile([draw[-1] for draw in found.draws], [0.025, 0.975])
        inside += low <= 0.6 <= high
        told.append("m" not in found.assumed)
    assert inside / runs >= (0.93 if FULL else 0.8)
    # what varies twofold from week to week tells the ceiling in half the cases only
    assert 0.25 <= np.mean(told) <= 0.75 if shape == 3 else np.mean(told) >= 0.9


def test_before_joining_slows_the_reach_is_open_and_said_to_be_assumed():
    found = calibrate_what_if(simulate(2000, 12, 4, executives_from=99), eligible=2000, draws=40)
    assert "m" in found.assumed
    assert np.ptp([draw[-1] for draw in found.draws]) > 0.3


def test_bands_cover_what_comes_about_as_often_as_they_say():
    inside = []
    for seed in range(25):
        series = simulate(600, 60, seed)
        past = calibrate_what_if(series.iloc[:40], eligible=600, draws=30, seed=seed)
        later = project(past, {}, weeks=8)
        inside.append(later.low[8] <= series["active"].iloc[47] / 600 <= later.high[8])
    # the band is of the parameters, not of chance in the coming weeks, so it covers less than 80 %
    assert 0.3 <= np.mean(inside) <= 0.95


def test_one_additive_rate_is_the_complementary_log_log_model_of_statsmodels():
    rng = np.random.default_rng(1)
    exposure = rng.uniform(0.2, 2.0, 60)
    trials = rng.integers(20, 90, 60).astype(float)
    events = rng.binomial(trials.astype(int), 1 - np.exp(-0.2 * exposure)).astype(float)
    peer = sm.GLM(
        np.column_stack([events, trials - events]),
        np.ones((60, 1)),
        family=sm.families.Binomial(sm.families.links.CLogLog()),
        offset=np.log(exposure),
    ).fit(tol=1e-14)
    assert math.isclose(
        fit_rates(exposure[:, None], events, trials)[0], math.exp(peer.params[0]), rel_tol=1e-7
    )


def test_a_client_without_counts_gets_assumptions_and_is_told_so():
    found = calibrate_what_if(pd.DataFrame(), eligible=300)
    assert found.assumed == PARAMETERS
    assert found.start == (1.0, 0.0, 0.0)
    assert {lever.source for lever in found.levers} == {"assumed"}


def test_constant_executives_cannot_give_their_rate():
    found = calibrate_what_if(simulate(5000, 40, 2, executives_from=99), eligible=5000)
    assert found.assumed == ("e",)


def test_few_events_leave_a_rate_assumed():
    series = simulate(5000, 30, 2).assign(back=0)
    series["active"] = (series["new"] - series["lapsed"]).cumsum().clip(lower=0)
    assert "r" in calibrate_what_if(series, eligible=5000).assumed


def test_a_measured_effect_makes_its_lever_estimated():
    found = calibrate_what_if(
        simulate(500, 20, 1), eligible=500, effects={"owner": 0.8}, standing={"policy": 1}
    )
    levers = {lever.key: lever for lever in found.levers}
    assert (levers["owner"].effect, levers["owner"].source) == (0.8, "estimated")
    assert (levers["policy"].now, levers["policy"].source) == (1.0, "assumed")


def test_rows_in_any_order_and_the_same_seed_give_the_same_model():
    series = simulate(500, 30, 4)
    assert calibrate_what_if(series, eligible=500) == calibrate_what_if(
        series.sample(frac=1, random_state=1), eligible=500
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [({"active": 900}, "More people"), ({"new": -1}, "not negative"), ({"back": np.nan}, "not negative")],
)
def test_impossible_counts_are_refused(change, words):
    with pytest.raises(ModelError, match=words):
        calibrate_what_if(simulate(500, 12, 1).assign(**change), eligible=500)
