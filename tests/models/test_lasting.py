"""Lapse, tipping and pooled units, against closed forms and simulations with known truth."""

import math
import os

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from smf_helpers.errors import ModelError
from smf_helpers.models.diffusion_units import fit_adoption_units
from smf_helpers.models.lapse import estimate_sustain
from smf_helpers.models.tipping import (
    _deviance,
    find_change,
    find_critical_spread,
    find_equilibria,
    find_normal_equilibria,
)
from smf_helpers.results.core import Status

FULL = os.environ.get("SMF_FULL") == "1"


def weekly(people, weeks, q, d, seed):
    rng = np.random.default_rng(seed)
    ever = active = 0
    rows = []
    for _ in range(weeks):
        share = active / people
        new = rng.binomial(people - ever, 1 - math.exp(-(0.01 + q * share)))
        lost = rng.binomial(active, 1 - math.exp(-d))
        back = rng.binomial(ever - active, 1 - math.exp(-0.01 * (0.5 + share)))
        ever, active = ever + new, active + new + back - lost
        rows.append((active, new, lost, back))
    return pd.DataFrame(rows, columns=["active", "new", "lapsed", "back"]), 1 - ever / people


def test_the_reproduction_number_covers_the_truth_of_a_simulated_culture():
    inside = []
    for seed in range(12):
        counts, never = weekly(1500, 20, 0.12, 0.06, seed)
        found = estimate_sustain(counts, eligible=1500, draws=60, seed=seed)["reproduction_number"]
        inside.append(found.low <= 0.12 * never / 0.06 + 0.01 / 0.06 * (1 - never) * 0.3 <= found.high)
    assert np.mean(inside) >= 0.75


def test_a_culture_that_lives_on_its_programme_is_told_to_die_away():
    counts, _ = weekly(3000, 40, 0.01, 0.12, 1)
    found = estimate_sustain(counts, eligible=3000, draws=60)
    assert found["reproduction_number"].high < 1
    assert found["chance_sustained"].value < 0.05
    assert found["lapse_must_fall"].value == pytest.approx(1 - found["reproduction_number"].value)
    assert found["active_after_year"].value < 0.01


def test_without_enough_weeks_nothing_is_said_about_lasting():
    counts, _ = weekly(300, 4, 0.1, 0.05, 1)
    found = estimate_sustain(counts, eligible=300)
    assert {estimate.status for estimate in found.values()} == {Status.INSUFFICIENT_DATA}
    assert all(estimate.value is None for estimate in found.values())


def test_normal_thresholds_tip_where_granovetter_says():
    spread, rest = find_critical_spread(0.25)
    assert (round(100 * spread, 2), round(100 * rest, 1)) == (12.22, 6.2)
    before, after = (find_normal_equilibria(0.25, spread * factor) for factor in (0.999, 1.001))
    assert before.reached == pytest.approx(0.06, abs=0.01)
    assert before.tipping is not None and before.tipping > before.reached
    assert after.reached == pytest.approx(1.0, abs=1e-6) and after.tipping is None


def test_one_persons_threshold_decides_granovetters_riot_of_a_hundred():
    riot = np.arange(100) / 100
    assert find_equilibria(riot).reached == 1.0
    calm = riot.copy()
    calm[1] = 0.02
    found = find_equilibria(calm)
    assert found.reached == 0.01
    assert found.tipping is not None and found.tipping == pytest.approx(0.02, abs=0.001)


def test_where_nobody_begins_the_equilibrium_is_nobody():
    assert find_equilibria([0.5, 0.6, 2.0]).reached == 0.0
    with pytest.raises(ModelError):
        find_equilibria([np.nan])


def test_the_log_linear_rate_is_the_poisson_model_of_statsmodels():
    rng = np.random.default_rng(1)
    t, risk = np.linspace(-0.5, 0.5, 30), rng.uniform(50, 200, 30)
    y = rng.poisson(0.05 * risk).astype(float)
    design = np.column_stack([np.ones(30), t])
    peer = sm.GLM(y, design, family=sm.families.Poisson(), offset=np.log(risk)).fit()
    assert _deviance(design[None], y[None], risk)[0][0] == pytest.approx(peer.deviance, rel=1e-9)


def test_a_change_is_found_where_it_is():
    rng = np.random.default_rng(2)
    rate = 0.01 * np.exp(0.15 * np.maximum(np.arange(40) - 20, 0))
    found = find_change(rng.poisson(400 * rate), np.full(40, 400.0), draws=99)
    assert found.status is Status.OK
    assert 10 <= found.low <= found.value <= found.high <= 30


def test_no_change_is_found_where_there_is_none():
    rng = np.random.default_rng(3)
    runs, alarms = (1000 if FULL else 25), 0
    for seed in range(runs):
        events = rng.negative_binomial(4, 4 / (4 + 8), 30)
        alarms += find_change(events, np.full(30, 300.0), draws=59, seed=seed).status is Status.OK
    assert alarms / runs <= (0.05 if FULL else 0.16)


@pytest.mark.parametrize("events", [[], [3], [0] * 20, [np.nan] * 20])
def test_a_change_in_nothing_is_refused(events):
    assert find_change(events, [100.0] * len(events)).status is Status.INSUFFICIENT_DATA


def units(n_units, seed, people=80, weeks=14):
    rng = np.random.default_rng(seed)
    theta = np.log([0.02, 0.35]) + rng.normal(0, [0.4, 0.3], (n_units, 2))
    rows, t = [], np.arange(weeks + 1)
    for unit, (p, q) in enumerate(np.exp(theta)):
        share = (1 - np.exp(-(p + q) * t)) / (1 + q / p * np.exp(-(p + q) * t))
        cells = np.diff(share)
        n = rng.multinomial(people, [*cells, 1 - cells.sum()])[:-1]
        rows += [(f"u{unit:03}", week, week + 1, int(k)) for week, k in enumerate(n)]
    frame = pd.DataFrame(rows, columns=["unit", "after", "by", "new"])
    return frame, pd.Series(people, index=sorted(frame["unit"].unique())), theta


def test_pooling_brings_the_units_closer_to_their_truth_than_they_are_alone():
    from smf_helpers.models.diffusion_engine import fit_law
    from smf_helpers.models.diffusion_families import LAWS
    from smf_helpers.models.diffusion_units import _lay_out

    frame, people, theta = units(60, 1)
    found = fit_adoption_units(frame, people)
    pooled = np.log(found.units[["p", "q"]].to_numpy())
    alone = fit_law(LAWS["bass"], _lay_out(frame, sorted(people.index), people)).theta
    errors = [np.sqrt(((guess - theta) ** 2).mean(axis=0)) for guess in (pooled, alone)]
    assert (errors[0] < errors[1]).all()
    assert found.typical["q"].low < 0.35 < found.typical["q"].high
    inside = (found.units["q_low"] <= np.exp(theta[:, 1])) & (np.exp(theta[:, 1]) <= found.units["q_high"])
    assert 0.85 <= inside.mean() <= 1.0


def test_a_unit_that_has_not_begun_borrows_from_the_others_and_is_told_so():
    frame, people, _ = units(8, 2)
    frame.loc[frame["unit"] == "u003", "new"] = 0
    row = fit_adoption_units(frame, people).units.set_index("unit").loc["u003"]
    assert row["share"] == 0.0 and np.isfinite(row["p"]) and "typical" in row["reason"]


def test_units_that_a_constant_push_brought_are_not_told_an_imitation():
    rng = np.random.default_rng(4)
    left, rows = np.full(6, 60), []
    for period in range(20):
        new = rng.binomial(left, 1 - np.exp(-0.06))
        left = left - new
        rows += [(f"u{unit}", 4 * period, 4 * period + 4, int(k)) for unit, k in enumerate(new)]
    frame = pd.DataFrame(rows, columns=["unit", "after", "by", "new"])
    found = fit_adoption_units(frame, pd.Series(60, index=[f"u{unit}" for unit in range(6)]))
    assert found.typical["p"].low < 0.015 < found.typical["p"].high
    assert found.typical["q"].status is Status.NOT_IDENTIFIED and "imitation" in found.typical["q"].reason
    assert found.units["q"].isna().all() and found.units["p"].notna().all()


def test_two_units_are_not_pooled_and_broken_counts_are_refused():
    frame, people, _ = units(2, 3)
    found = fit_adoption_units(frame, people)
    assert found.status is Status.INSUFFICIENT_DATA and found.units["p"].isna().all()
    assert found.units["share"].notna().all()
    with pytest.raises(ModelError, match="headcount"):
        fit_adoption_units(frame, people.iloc[:1])
    with pytest.raises(ModelError, match="eligible"):
        fit_adoption_units(frame, people * 0 + 3)
