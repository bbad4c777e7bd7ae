"""Channels: every rate against a closed form or another library."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2, gamma

from smf_helpers.measures.channels import (
    measure_engagement,
    measure_incidents,
    measure_response,
    measure_voice,
    open_hours,
    shrink_rates,
)
from smf_helpers.results.core import Status


def test_engagement_is_the_ratio_of_totals_with_the_linearised_error_of_survey_sampling():
    rng = np.random.default_rng(1)
    reach = rng.integers(50, 5000, 40).astype(float)
    posts = pd.DataFrame({"reactions": rng.poisson(0.03 * reach), "comments": 1.0, "reach": reach})
    found = measure_engagement(posts, "reach")
    y = posts["reactions"] + 1.0
    rate = y.sum() / reach.sum()
    residual = y - rate * reach
    assert found.value == pytest.approx(rate, abs=1e-12)
    from scipy.stats import t

    error = residual.std(ddof=1) / (reach.mean() * np.sqrt(40))
    # residuals of a ratio have mean zero only up to rounding, hence std about zero
    assert found.high == pytest.approx(rate + t.ppf(0.975, 39) * error, abs=1e-9)


@pytest.mark.parametrize("by", ["impressions", "reach", "followers"])
def test_a_denominator_that_the_channel_does_not_tell_is_said_and_not_guessed(by):
    found = measure_engagement(pd.DataFrame({"reactions": [1.0] * 9}), by)
    assert found.status is Status.INSUFFICIENT_DATA and by in found.reason


def test_a_shrunken_rate_is_the_posterior_mean_of_gamma_and_poisson():
    y, x = np.array([0.0, 3, 40, 400]), np.array([5.0, 20, 1000, 8000])
    found = shrink_rates(y, x)
    mean = y.sum() / x.sum()
    variance = (x * (y / x - mean) ** 2).sum() / x.sum() - mean / x.mean()
    posterior = gamma(mean**2 / variance + y, scale=1 / (mean / variance + x))
    assert np.allclose(found["rate"], posterior.mean(), rtol=0, atol=1e-12)
    assert np.allclose(found["low"], posterior.ppf(0.025), rtol=0, atol=1e-10)
    assert found["weight"].is_monotonic_increasing


def test_rates_that_differ_by_chance_only_are_all_the_common_rate():
    found = shrink_rates([10, 10, 10, 10], [100, 100, 100, 100])
    assert np.allclose(found["rate"], 0.1, atol=1e-9)


def test_shrinking_halves_the_error_of_small_posts():
    rng = np.random.default_rng(2)
    truth = rng.gamma(4, 0.01, 4000)
    x = rng.integers(5, 60, 4000)
    y = rng.poisson(truth * x)
    alone, pooled = y / x, shrink_rates(y, x)["rate"]
    assert np.sqrt(((pooled - truth) ** 2).mean()) < 0.5 * np.sqrt(((alone - truth) ** 2).mean())


def messages(hours):
    came = pd.Timestamp("2026-03-02 08:00", tz="UTC") + pd.to_timedelta(np.arange(len(hours)), unit="D")
    answered = [
        at + pd.Timedelta(hours=h) if h is not None else pd.NaT for at, h in zip(came, hours, strict=True)
    ]
    return pd.DataFrame({"at": came, "answered_at": pd.to_datetime(pd.Series(answered), utc=True)})


def test_unanswered_messages_lengthen_the_median_instead_of_vanishing():
    found = measure_response(messages([1, 2, 3, None, None, None, None]), until="2026-04-01")
    assert found.median.value is None
    assert found.n == 7
    answered_only = measure_response(messages([1, 2, 3]), until="2026-04-01")
    assert answered_only.median.value == 2


def test_an_answer_after_the_last_look_has_not_come_yet():
    found = measure_response(messages([1, 1, 500]), until="2026-03-05")
    assert found.events.sum() == 2


def test_business_hours_skip_nights_and_the_weekend():
    friday = pd.Series(pd.to_datetime(["2026-03-06 15:00", "2026-03-09 10:00"], utc=True))
    passed = np.diff(open_hours(friday, (9, 17), "Europe/Helsinki"))
    # Helsinki is two hours ahead: Friday 17:00 is closing time, Monday 12:00 is three hours after opening
    assert passed[0] == pytest.approx(3.0)


def test_poisson_limits_are_those_of_the_chi_square():
    found = measure_incidents(7, 2500)
    assert found.low == pytest.approx(chi2.ppf(0.025, 14) / 2 / 2.5, abs=1e-12)
    assert found.high == pytest.approx(chi2.ppf(0.975, 16) / 2 / 2.5, abs=1e-12)
    assert measure_incidents(0, 0).status is Status.INSUFFICIENT_DATA


def test_share_of_voice_is_own_of_all_mentions():
    assert measure_voice(30, 90).value == 0.25
    assert measure_voice(0, 0).status is Status.INSUFFICIENT_DATA
