"""Practice on calendar time, against counts by hand, closed forms and lifelines' printed results."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

from smf_helpers.errors import ModelError
from smf_helpers.measures.inequality import measure_gini, measure_inequality
from smf_helpers.measures.practice import (
    account_growth,
    lay_out,
    measure_activation,
    measure_practice,
    measure_retention,
    share_of_people,
)
from smf_helpers.measures.survival import estimate_survival, share_through
from smf_helpers.results.core import Status


def activity(rows, start="2026-01-05"):
    weeks = pd.Timestamp(start) + pd.to_timedelta([7 * week for _, week, _ in rows], unit="D")
    return pd.DataFrame(
        {
            "actor": [actor for actor, _, _ in rows],
            "week": weeks,
            "platform": "viva_engage",
            "posts": [float(n) for _, _, n in rows],
            "replies": np.nan,
            "reactions": 0.0,
            "window_days": 7,
        }
    )


BY_HAND = [("a", 0, 2), ("b", 0, 1), ("a", 1, 1), ("c", 4, 3), ("b", 5, 1), ("a", 5, 4)]


def test_growth_accounting_by_hand_counts_silent_weeks_as_weeks():
    grown = account_growth(lay_out(activity(BY_HAND)))
    assert grown["active"].tolist() == [2, 1, 0, 0, 1, 2]
    assert grown["new"].tolist() == [2, 0, 0, 0, 1, 0]
    assert grown["resurrected"].tolist() == [0, 0, 0, 0, 0, 2]
    assert grown["lapsed"].tolist() == [0, 1, 1, 0, 0, 1]
    assert grown["depth"].iloc[5] == 2.5 and np.isnan(grown["depth"].iloc[2])


def test_a_week_that_was_not_over_on_the_last_day_of_the_data_is_left_out():
    whole = lay_out(activity(BY_HAND), until="2026-04-05")
    cut = lay_out(activity(BY_HAND), until="2026-04-04")
    assert cut.weeks.tolist() == whole.weeks[:-1].tolist()
    assert (cut.actions == whole.actions[:, :-1]).all()


def test_a_longer_window_lapses_people_only_after_that_many_silent_weeks():
    grown = account_growth(lay_out(activity(BY_HAND), until="2026-04-05"), window=3)
    assert grown["active"].tolist() == [2, 2, 2, 1, 1, 3, 3, 2, 0, 0, 0, 0, 0]
    assert grown["lapsed"].sum() == grown["new"].sum() + grown["resurrected"].sum()


def test_the_accounts_balance_every_week_for_any_activity_and_window():
    rng = np.random.default_rng(1)
    rows = [(f"p{rng.integers(40)}", int(rng.integers(30)), int(rng.integers(1, 5))) for _ in range(400)]
    for window in (1, 2, 4, 50):
        grown = account_growth(lay_out(activity(rows)), window=window)
        change = grown["new"] + grown["resurrected"] - grown["lapsed"]
        assert (grown["active"] == change.cumsum()).all()
        assert (grown["new"].cumsum() == grown["ever"]).all()


def test_ten_months_of_silence_are_no_habit():
    rows = [("a", week, 1) for week in range(9)] + [("b", 43, 1)]
    found = measure_practice(lay_out(activity(rows)), eligible=10)
    assert found["habit"].value == 0.0
    steady = measure_practice(
        lay_out(activity([("a", week, 1) for week in range(3, 12)] + [("b", 0, 1)])), 10
    )
    assert steady["habit"].value == 0.1


def test_breadth_depth_frequency_and_stickiness_by_hand():
    rows = [("a", 0, 2), ("a", 1, 2), ("a", 2, 2), ("a", 3, 2), ("b", 3, 4)]
    found = measure_practice(lay_out(activity(rows)), eligible=8)
    assert found["breadth"].value == 0.25
    assert found["depth"].value == pytest.approx(12 / 5, abs=1e-12)
    assert found["frequency"].value == pytest.approx((4 / 4 + 1 / 4) / 2, abs=1e-12)
    assert found["stickiness"].value == 1.0


@pytest.mark.parametrize("k", [0, 1, 17, 60])
def test_shares_of_people_have_the_limits_of_scipy(k):
    found, peer = share_of_people(k, 60), binomtest(k, 60).proportion_ci(method="wilson")
    assert (found.low, found.high) == pytest.approx((peer.low, peer.high), abs=1e-12)


def test_retention_counts_only_people_covered_that_long():
    rows = [("a", 0, 1), ("a", 2, 1), ("b", 2, 1)]
    found = measure_retention(lay_out(activity(rows)))
    assert found["n"].tolist() == [2, 1, 1]
    assert found["share"].tolist() == [1.0, 0.0, 1.0]


def test_activation_keeps_recent_joiners_as_censored():
    granted = pd.Series(pd.to_datetime(["2026-01-01"] * 4 + ["2026-03-30"] * 6))
    used = pd.Series(pd.to_datetime(["2026-01-05", "2026-01-20", None, None] + [None] * 6))
    found = measure_activation(granted, used, until="2026-04-01")
    assert found.value == pytest.approx(1 - (1 - 1 / 4) * (1 - 1 / 3), abs=1e-12)


def test_kaplan_meier_is_the_product_limit_of_the_remission_times_of_gehan_1965():
    # 6-MP arm; S as printed in Kalbfleisch & Prentice and every textbook after it
    times = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
    seen = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
    curve = estimate_survival(times, seen, unit="weeks")
    assert curve.times.tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert np.round(curve.survival, 4).tolist() == [0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482]
    assert (curve.median.value, curve.median.low, curve.median.status) == (23.0, 13.0, Status.ONE_SIDED)


def test_kaplan_meier_with_late_entry_is_the_product_over_people_under_observation():
    rng = np.random.default_rng(2)
    entered = rng.integers(0, 10, 300).astype(float)
    times = entered + rng.integers(1, 20, 300)
    seen = rng.random(300) < 0.7
    curve = estimate_survival(times, seen, entered=entered)
    by_hand = 1.0
    for place, t in enumerate(curve.times):
        at_risk = ((entered < t) & (times >= t)).sum()
        by_hand *= 1 - ((times == t) & seen).sum() / at_risk
        assert curve.survival[place] == pytest.approx(by_hand, abs=1e-12)


def test_kaplan_meier_limits_agree_with_lifelines():
    lifelines = pytest.importorskip("lifelines")
    rng = np.random.default_rng(3)
    times, seen = rng.exponential(5, 200).round(1), rng.random(200) < 0.6
    curve = estimate_survival(times, seen)
    peer = lifelines.KaplanMeierFitter().fit(times, seen)
    limits = peer.confidence_interval_survival_function_.loc[curve.times].to_numpy()
    assert np.allclose(np.column_stack([curve.low, curve.high]), limits, rtol=0, atol=1e-10)
    assert np.allclose(curve.survival, peer.survival_function_.loc[curve.times].to_numpy()[:, 0], atol=1e-12)


def test_nobody_observed_and_nothing_happened_are_told_and_not_drawn():
    assert estimate_survival([], []).median.status is Status.INSUFFICIENT_DATA
    waiting = estimate_survival([3.0, 4.0], [False, False])
    assert (waiting.median.value, waiting.median.status) == (None, Status.NOT_IDENTIFIED)
    assert share_through(waiting, 2.0).value == 0.0
    with pytest.raises(ModelError):
        estimate_survival([1.0, -1.0], [True, True])


def test_gini_is_half_the_relative_mean_absolute_difference():
    x = np.random.default_rng(4).pareto(1.5, 300)
    plain = np.abs(x[:, None] - x).mean() / (2 * x.mean())
    assert measure_gini(x, corrected=False) == pytest.approx(plain, abs=1e-12)
    assert measure_gini(x) == pytest.approx(plain * 300 / 299, abs=1e-12)
    assert measure_gini([5] * 20) == pytest.approx(0, abs=1e-12)


def test_ninety_nine_one_is_read_off_an_organisation_made_that_way():
    given = [0] * 900 + [1] * 90 + [9] * 10
    found = measure_inequality(given)
    assert (found.lurkers.value, found.heavy.value, found.contributors.value) == (0.9, 0.01, 0.09)
    assert found.top_1.value == 0.5
    exact = binomtest(900, 1000).proportion_ci(1 - 0.05 / 3, "exact")
    assert (found.lurkers.low, found.lurkers.high) == pytest.approx((exact.low, exact.high), abs=1e-12)
    assert found.gini.low <= found.gini.value <= found.gini.high


@pytest.mark.parametrize("given", [[], [0] * 50, [1, 2, 3]])
def test_inequality_without_people_or_contributions_is_refused(given):
    found = measure_inequality(given)
    assert found.gini.status is Status.INSUFFICIENT_DATA and found.gini.reason


def test_an_empty_activity_gives_empty_accounts():
    empty = lay_out(activity([]))
    assert account_growth(empty).empty
    assert measure_practice(empty, 20)["breadth"].status is Status.INSUFFICIENT_DATA
    assert measure_retention(empty).empty
