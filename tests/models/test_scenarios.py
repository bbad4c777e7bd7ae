"""The what-if: reference model, named scenarios, and the vectors that bind the JavaScript twin."""

import json
import math

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from smf_helpers.errors import ModelError
from smf_helpers.models.scenario_vectors import VECTORS, render_vectors
from smf_helpers.models.scenarios import list_scenarios, project
from smf_helpers.results.adoption import Setting
from smf_helpers.results.what_if import Lever, WhatIf

PUSH = Lever(key="push", acts_on="u", now=1.0, low=0.0, high=2.0, step=0.1)
OWNER = Lever(key="owner", acts_on="c", now=0.0, low=0.0, high=1.0, step=1.0, effect=0.5)
TRAINING = Lever(key="training", acts_on="b", now=1.0, low=0.0, high=3.0, step=0.25, effect=1.5)


def model(
    centre=(0.02, 0.0, 0.0, 0.0, 0.0),
    start=(1.0, 0.0, 0.0),
    levers=(PUSH, OWNER, TRAINING),
    reach=1.0,
    **more,
):
    centre = (*centre, reach)
    return WhatIf(start=start, centre=centre, draws=(), assumed=(), levers=levers, weeks=30, **more)


def test_push_alone_is_the_exponential_distribution():
    weeks = np.arange(31)
    assert np.allclose(project(model(), {}).ever, 1 - np.exp(-0.02 * weeks), rtol=0, atol=1e-14)


def test_only_those_within_reach_join():
    weeks = np.arange(31)
    found = project(model((0.2, 0.0, 0.0, 0.0, 0.0), reach=0.6), {})
    assert np.allclose(found.ever, 0.6 * (1 - np.exp(-0.2 * weeks)), rtol=0, atol=1e-14)


def test_lapse_alone_is_exponential_decay_and_an_owner_slows_it_from_his_week_on():
    found = project(model((0, 0, 0, 0.1, 0), (0.0, 1.0, 0.0)), {"owner": Setting(value=1.0, start=11)})
    weeks = np.arange(31)
    hazard = 0.1 * np.minimum(weeks, 10) + 0.05 * np.maximum(weeks - 10, 0)
    assert np.allclose(found.active, np.exp(-hazard), rtol=0, atol=1e-14)


def test_training_multiplies_joining_by_its_effect_for_each_unit_above_now():
    found = project(model(), {"training": Setting(value=3.0, start=1)})
    assert math.isclose(found.ever[1], 1 - math.exp(-0.02 * 1.5**2), rel_tol=1e-13)


def test_slow_rates_approach_the_bass_differential_equation():
    p, q, slow = 0.03, 0.4, 4000
    bass = solve_ivp(lambda t, f: (p + q * f) * (1 - f), (0, 1), [0.0], rtol=1e-10, atol=1e-12).y[0, -1]
    found = project(model((p / slow, q / slow, 0, 0, 0)), {}, weeks=slow)
    assert math.isclose(found.ever[-1], bass, rel_tol=2e-4)


def test_shares_stay_shares_under_extreme_rates():
    found = project(model((50.0, 80.0, 10.0, 40.0, 60.0), (0.2, 0.5, 0.3)), {"push": Setting(value=2.0)})
    assert min(found.active) >= 0 and max(found.active) <= max(found.ever) <= 1


def test_the_band_is_numpys_quantile_over_single_runs_of_the_draws():
    rng = np.random.default_rng(3)
    draws = tuple(tuple(row) for row in rng.uniform([0] * 5 + [0.8], [0.1] * 5 + [1.0], (11, 6)).tolist())
    whole = WhatIf(start=(0.5, 0.3, 0.2), centre=draws[0], draws=draws, assumed=(), levers=(PUSH,), weeks=9)
    alone = [
        project(WhatIf(start=(0.5, 0.3, 0.2), centre=d, draws=(), assumed=(), levers=(PUSH,)), {}, weeks=9)
        for d in draws
    ]
    found = project(whole, {})
    assert np.allclose(found.low, np.quantile([run.active for run in alone], 0.1, axis=0), atol=1e-15)
    assert np.allclose(found.ever_high, np.quantile([run.ever for run in alone], 0.9, axis=0), atol=1e-15)


@pytest.mark.parametrize(
    "settings",
    [
        {"pushh": Setting(value=1.0)},
        {"push": Setting(value=2.1)},
        {"push": Setting(value=math.nan)},
        {"push": Setting(value=1.0, start=-1)},
    ],
)
def test_a_setting_without_meaning_is_refused(settings):
    with pytest.raises(ModelError):
        project(model(), settings)


@pytest.mark.parametrize("start", [(0.5, 0.5, 0.5), (1.2, -0.1, -0.1)])
def test_a_start_that_is_no_distribution_is_refused(start):
    with pytest.raises(ModelError, match="add up to 1"):
        project(model(start=start), {})


def test_named_scenarios_leave_out_what_already_stands():
    standing = Lever(key="policy", acts_on="b", now=1.0, low=0.0, high=1.0, step=1.0, effect=1.2)
    executives = Lever(key="executives", acts_on="x", now=0.0, low=0.0, high=1.0, step=0.05)
    levers = (PUSH, OWNER, TRAINING, standing, executives)
    found = {item.key: item for item in list_scenarios(model(levers=levers, starts_on="2026-11-23"))}
    assert list(found) == [
        "as_now",
        "executives_in_march",
        "owner_appointed",
        "training_doubled",
        "programme_stops",
    ]
    assert found["executives_in_march"].settings == {"executives": Setting(value=1.0, start=14)}


def test_every_named_scenario_can_be_projected_and_stopping_never_helps():
    what_if = model((0.02, 0.1, 0.01, 0.05, 0.01), (0.6, 0.3, 0.1))
    ends = {item.key: project(what_if, item.settings).active[-1] for item in list_scenarios(what_if)}
    assert ends["programme_stops"] < ends["as_now"] < ends["owner_appointed"]


def test_the_committed_vectors_are_what_the_reference_gives():
    committed, made = json.loads(VECTORS.read_text("utf-8")), json.loads(render_vectors())
    for old, new in zip(committed, made, strict=True):
        assert {key: old[key] for key in ("name", "what_if", "settings")} == {
            key: new[key] for key in ("name", "what_if", "settings")
        }
        for series, values in new["expected"].items():
            assert np.allclose(old["expected"][series], values, rtol=0, atol=1e-13)
