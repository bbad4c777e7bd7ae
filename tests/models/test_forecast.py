"""Forecasts of adoption: shown where they beat naive ones on the client's own past, hidden where not."""

import numpy as np
import pytest

from smf_helpers.models.diffusion import fit_adoption
from smf_helpers.models.diffusion_families import LAWS
from smf_helpers.models.diffusion_intervals import observe
from smf_helpers.models.forecast import _naive, back_test, measure_skill


def bass(t, p, q):
    return (1 - np.exp(-(p + q) * t)) / (1 + q / p * np.exp(-(p + q) * t))


def draw(people, weeks, seed, p=0.01, q=0.35):
    shares = np.diff(bass(np.arange(weeks + 1.0), p, q))
    return np.random.default_rng(seed).multinomial(people, [*shares, 1 - shares.sum()])[:-1].astype(float)


def test_a_series_that_bends_is_forecast_better_than_by_naive_lines():
    observed = observe(draw(3000, 18, 1), eligible=3000)
    skill = measure_skill(LAWS["bass"], observed, 3)
    assert skill.value is not None and skill.value > 0.5
    assert skill.tests == 12


def test_prediction_limits_hold_what_comes_in_most_simulated_organisations():
    hits = 0
    for seed in range(15):
        n = draw(800, 20, seed)
        ahead = fit_adoption(n[:14], eligible=800, draws=100, seed=seed).forecast(4)
        assert ahead["status"].iloc[0] in ("ok", "not_identified")
        low, high = ahead["low"].iloc[-1], ahead["high"].iloc[-1]
        hits += bool(np.isnan(low)) or low <= n[:18].sum() <= high
    assert hits >= 13


def test_a_forecast_begins_at_what_was_counted_and_never_passes_the_eligible():
    n = draw(500, 16, 3)
    ahead = fit_adoption(n, eligible=500, draws=50).forecast(30)
    assert len(ahead) == 30
    told = ahead.dropna(subset=["value"])
    assert (told["value"] >= n.sum()).all() and (told["high"] <= 500).all()
    assert told["value"].is_monotonic_increasing


def test_without_skill_the_forecast_is_hidden_with_its_reason():
    n = np.array([10, 9, 11, 10, 10, 9, 11, 10, 10, 11, 9, 10.0])
    ahead = fit_adoption(n, eligible=100_000, draws=20, family="weibull").forecast(2)
    skill = measure_skill(LAWS["weibull"], observe(n, eligible=100_000), 2).value
    assert (skill is not None and skill > 0) == bool(ahead["value"].notna().all())
    assert ahead["value"].notna().all() or "naive" in ahead["reason"].iloc[0]


def test_a_short_series_cannot_have_shown_skill():
    ahead = fit_adoption([5, 9, 14, 18, 15], eligible=100, draws=20).forecast(2)
    assert ahead["value"].isna().all()
    assert set(ahead["status"]) == {"insufficient_data"}


def test_the_naive_forecasts_are_the_last_rate_and_the_log_line():
    cells = observe(2.0 ** np.arange(8)).cells
    naive, trend = _naive(cells, np.array([5]), 2)
    assert naive[0] == pytest.approx(2 * 16)
    assert trend[0] == pytest.approx(32 + 64)


def test_what_was_said_earlier_depends_on_its_own_past_only():
    n = draw(600, 16, 4)
    changed = n.copy()
    changed[-1] += 40
    told, other = (
        back_test(LAWS["bass"], observe(x, eligible=600), steps=2, draws=40, last=3) for x in (n, changed)
    )
    assert len(told) == 3
    columns = ["made_at", "for_at", "predicted", "low", "high", "skill"]
    assert told[columns].equals(other[columns])
    assert told["observed"].iloc[-1] + 40 == other["observed"].iloc[-1]


def test_a_back_test_needs_a_past():
    assert back_test(LAWS["bass"], observe([1, 2, 3], eligible=50)).empty
