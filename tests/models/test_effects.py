import os

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from smf_helpers.errors import ModelError
from smf_helpers.models import estimate_effect
from smf_helpers.models.effects_ledger import estimate_ledger
from smf_helpers.models.effects_series import GRID, LEVEL, SLOPE, fit_segments, generalised, segment_design
from smf_helpers.models.effects_units import deal, staggered_weights
from smf_helpers.results.core import Status

FULL = bool(os.environ.get("SMF_FULL"))


def noise(rng, n, rho):
    e = rng.standard_normal(n) * np.sqrt(1 - rho**2)
    e[0] = rng.standard_normal()
    for t in range(1, n):
        e[t] += rho * e[t - 1]
    return e


def weekly(value, **more):
    at = pd.date_range("2026-01-05", periods=len(value), freq="7D")
    return pd.DataFrame({"at": at, "value": value, **more})


@pytest.mark.parametrize("family", ["gaussian", "poisson", "binomial"])
def test_segmented_regression_agrees_with_statsmodels(family):
    rng = np.random.default_rng(1)
    X = segment_design(np.arange(40.0), 18.0)
    n = rng.integers(20, 60, 40).astype(float)
    eta = X @ [-0.5, 0.01, 0.4, 0.02]
    if family == "gaussian":
        y, kind, more = eta + rng.standard_normal(40), sm.families.Gaussian(), {}
        ours = generalised(y, X, family=family)
    elif family == "poisson":
        y, kind = rng.poisson(np.exp(eta) * n).astype(float), sm.families.Poisson()
        more, ours = {"offset": np.log(n)}, generalised(y, X, family="poisson", n=n)
    else:
        y, kind = rng.binomial(n.astype(int), 1 / (1 + np.exp(-eta))) / n, sm.families.Binomial()
        more, ours = {"var_weights": n}, generalised(y, X, family="binomial", n=n)
    theirs = sm.GLM(y, X, family=kind, **more).fit(tol=1e-13)
    assert ours[0] == pytest.approx(theirs.params, abs=1e-8)
    if family == "binomial":
        counts = np.column_stack([y * n, n - y * n])
        assert ours[1] == pytest.approx(sm.GLM(counts, X, family=kind).fit().llf, abs=1e-6)
    else:
        assert ours[1] == pytest.approx(theirs.llf, abs=1e-6)


def test_each_autocorrelation_of_the_grid_is_generalised_least_squares():
    rng = np.random.default_rng(2)
    at = np.array([0, 1, 2, 3, 5, 6, 7, 8, 9, 12, 13, 14, 15, 16, 17, 18, 20, 21], dtype=float)
    X, y = segment_design(at, 9.0), rng.standard_normal(len(at))
    ours = fit_segments(at, y, X)
    for k in (0, 30, 55):
        gap = np.abs(np.subtract.outer(at, at))
        theirs = sm.GLS(y, X, sigma=np.sign(GRID[k]) ** gap * np.abs(GRID[k]) ** gap).fit()
        assert ours.centre[k] == pytest.approx(theirs.params, abs=1e-8)
        assert ours.scale[k] == pytest.approx(theirs.bse, abs=1e-8)


@pytest.mark.parametrize("n_weeks", [23, 52])
@pytest.mark.parametrize("rho", [0.0, 0.3, 0.6])
def test_false_alarms_stay_below_seven_percent(n_weeks, rho):
    n = 2000 if FULL else 250
    rng = np.random.default_rng([3, n_weeks, int(10 * rho)])
    at = np.arange(float(n_weeks))
    X = segment_design(at, n_weeks // 2)
    alarms = 0
    for _ in range(n):
        fit = fit_segments(at, noise(rng, n_weeks, rho), X)
        alarms += fit.p_value(LEVEL) < 0.04 or fit.p_value(SLOPE) < 0.01
    assert alarms / n <= 0.07 + (0.0 if FULL else 2 * np.sqrt(0.05 * 0.95 / n))


def test_a_clear_step_is_seen_and_its_interval_covers_it():
    n, hits, seen = 400 if FULL else 40, 0, 0
    rng = np.random.default_rng(4)
    for _ in range(n):
        effect = estimate_effect(weekly(noise(rng, 52, 0.3) + 3.0 * (np.arange(52) >= 26)), at="2026-07-06")
        hits += effect.level.low <= 3.0 <= effect.level.high
        seen += effect.verdict == "rose"
    assert seen / n >= 0.8
    assert hits / n >= 0.95 - 2.5 * np.sqrt(0.05 * 0.95 / n)


def test_verdict_reports_and_row_order_does_not_matter():
    rng = np.random.default_rng(5)
    rows = weekly(noise(rng, 40, 0.2) - 4.0 * (np.arange(40) >= 20))
    effect = estimate_effect(rows, at="2026-05-25")
    assert (effect.design, effect.verdict, effect.n_before) == ("interrupted", "fell", 20)
    assert effect.level.low < -4 < effect.level.high
    assert "consistent with" in effect.reason
    assert effect.placebo.value == 0.0
    assert effect.detectable.value > 0
    again = estimate_effect(rows.sample(frac=1, random_state=1), at="2026-05-25")
    assert (again.level.value, again.level.low) == (effect.level.value, effect.level.low)


def test_an_adoption_curve_without_any_intervention_is_not_called_an_effect():
    at = np.arange(52)
    rng = np.random.default_rng(6)
    curve = 0.8 / (1 + np.exp(-(at - 24) / 3)) + 0.01 * rng.standard_normal(52)
    assert estimate_effect(weekly(curve), at="2026-07-06").verdict in ("cannot be told", "no effect seen")


def test_counts_give_log_ratios():
    rng = np.random.default_rng(7)
    n = np.full(60, 200.0)
    y = rng.poisson(n * 0.2 * np.exp(0.5 * (np.arange(60) >= 30)))
    effect = estimate_effect(weekly(y.astype(float), n=n), at="2026-08-03", family="poisson")
    assert effect.verdict == "rose"
    assert effect.level.low < 0.5 < effect.level.high
    assert effect.level.unit == "log ratio"


def test_a_shock_that_hits_everybody_is_taken_out_by_the_comparison():
    rng = np.random.default_rng(8)
    shock = 5.0 * (np.arange(40) >= 20)
    own = weekly(shock + 0.3 * rng.standard_normal(40))
    others = pd.concat([weekly(shock + 0.3 * rng.standard_normal(40), unit=f"u{k}") for k in range(6)])
    assert estimate_effect(own, at="2026-05-25").verdict == "rose"
    compared = estimate_effect(own, at="2026-05-25", comparison=others)
    assert (compared.design, compared.verdict) == ("comparative", "no effect seen")
    assert compared.placebo_unit.n == 6


def units(rng, effect=0.0, n_units=10, n_times=12, rho=0.4, grow=0.0):
    starts = {f"u{k}": t for k, t in enumerate([4, 4, 4, 6, 6, 6, 8])}
    common = noise(rng, n_times, 0.5)
    rows = []
    for k in range(n_units):
        own = rng.standard_normal() + common + noise(rng, n_times, rho)
        for t in range(n_times):
            since = t - starts.get(f"u{k}", np.inf)
            rows.append((f"u{k}", t, own[t] + (effect + grow * since if since >= 0 else 0.0)))
    return pd.DataFrame(rows, columns=["unit", "at", "value"]), starts


def test_staggered_effect_is_the_mean_over_groups_and_times_by_hand():
    rows, starts = units(np.random.default_rng(9), effect=1.0)
    table = rows.pivot(index="unit", columns="at", values="value")
    effects, sizes = [], []
    for g in (4, 6, 8):
        treated = [u for u, s in starts.items() if s == g]
        for t in range(g, 12):
            control = [u for u in table.index if starts.get(u, np.inf) > t]
            change = table[t] - table[g - 1]
            effects.append(change[treated].mean() - change[control].mean())
            sizes.append(len(treated))
    ours = estimate_effect(rows, at=starts, base=1)
    assert ours.level.value == pytest.approx(np.average(effects, weights=sizes), abs=1e-12)


def test_staggered_recovers_a_growing_effect_that_two_way_fixed_effects_would_bias():
    rows, starts = units(np.random.default_rng(10), effect=2.0, grow=0.5, n_units=14)
    effect = estimate_effect(rows, at=starts)
    assert (effect.design, effect.verdict) == ("staggered", "rose")
    assert effect.slope.low < 0.5 < effect.slope.high


def test_staggered_false_alarms_and_coverage():
    n = 2000 if FULL else 150
    alarms = hits = 0
    for seed in range(n):
        rows, starts = units(np.random.default_rng([11, seed]))
        table = rows.pivot(index="unit", columns="at", values="value")
        began = np.array([starts.get(unit, np.inf) for unit in table.index])
        time = table.columns.to_numpy(float)
        weights, _ = staggered_weights(began, time, base=4)
        post = (time[None] >= began[:, None]).astype(float)
        dealt = deal(weights, table.to_numpy() + 1.0 * post, post, np.random.default_rng(seed), n_deals=499)
        alarms += dealt.p_value(1.0) <= 0.05
        low, high = dealt.interval(0.95)
        hits += (low is None or low <= 1.0) and (high is None or high >= 1.0)
    slack = 2 * np.sqrt(0.05 * 0.95 / n)
    assert alarms / n <= 0.05 + slack
    assert hits / n >= 0.95 - slack


@pytest.mark.parametrize(
    "value",
    [[], [1.0], [3.0] * 30, [np.nan] * 30, [1.0] * 15 + [2.0] * 15, list(range(14))],
    ids=["empty", "one", "constant", "missing", "noiseless step", "too few"],
)
def test_degenerate_series_cannot_be_told(value):
    effect = estimate_effect(weekly(np.array(value, dtype=float)), at="2026-04-20")
    assert effect.verdict == "cannot be told"
    assert effect.status is not Status.OK
    assert effect.level.value is None
    assert effect.reason


def test_all_units_starting_at_once_leave_nobody_to_compare_with():
    rows, _ = units(np.random.default_rng(12))
    effect = estimate_effect(rows, at={f"u{k}": 5 for k in range(10)})
    assert effect.verdict == "cannot be told"
    assert "no unit" in effect.reason


def test_missing_columns_are_named():
    with pytest.raises(ModelError, match="'value' is missing"):
        estimate_effect(pd.DataFrame({"at": [1]}), at=1)


def ledger_of(done, seen):
    return {(e.intervention, e.outcome): e.effect for e in estimate_ledger(done, seen).entries}


def test_the_ledger_takes_the_strongest_design_that_the_scope_allows():
    rng = np.random.default_rng(13)
    days = pd.date_range("2026-01-05", periods=40, freq="7D")
    outcomes = pd.concat(
        [
            pd.DataFrame({"outcome": "active", "unit": u, "at": days, "value": rng.normal(size=40)})
            for u in "abcdefgh"
        ]
        + [pd.DataFrame({"outcome": "active", "unit": "all", "at": days, "value": rng.normal(size=40)})]
    )
    done = pd.DataFrame(
        [
            ("policy_published", "Policy", days[18], None),
            ("training_held", "Training", days[24], "a"),
            *(
                ("unit_joined", f"Join {u}", days[k], u)
                for u, k in (("b", 10), ("c", 14), ("d", 28), ("e", 31))
            ),
        ],
        columns=["kind", "name", "starts_on", "scope"],
    )
    found = ledger_of(done, outcomes)
    assert found["Policy", "active"].design == "interrupted"
    assert found["Training", "active"].design == "comparative"
    assert {found[f"Join {u}", "active"].design for u in "bcd"} == {"staggered"}


def test_interventions_within_two_waves_of_each_other_are_not_separated():
    rng = np.random.default_rng(14)
    outcomes = weekly(noise(rng, 40, 0.0)).assign(outcome="active")
    done = pd.DataFrame(
        {
            "kind": ["policy_published", "owner_appointed"],
            "name": ["Policy", "Owner"],
            "starts_on": ["2026-05-11", "2026-05-20"],
        }
    )
    for effect in ledger_of(done, outcomes).values():
        assert effect.verdict == "cannot be told"
        assert "cannot be separated" in effect.reason


def test_an_empty_ledger_says_why():
    done = pd.DataFrame({"kind": [], "name": [], "starts_on": []})
    assert estimate_ledger(done, weekly([1.0]).assign(outcome="x")).reason == "there are no interventions"
