import os

import numpy as np
import pandas as pd
import pytest

import smf_helpers as smf
from smf_helpers.framework import FACTOR_KEYS, LINK
from smf_helpers.models.flow import WEIGHTS, flow_of, trace_flow, weight_sensitivity
from smf_helpers.models.link import link_feeds

FULL = os.environ.get("SMF_FULL") == "1"
ITEMS = pd.DataFrame(
    {"item": list(FACTOR_KEYS), "module": list(FACTOR_KEYS), "scale_min": 1.0, "scale_max": 5.0}
)
AT_LINK = FACTOR_KEYS.index(LINK)


def scores_of(blocks):
    """Factor scores from (wave, unit, people x 8) blocks; people are new in every block."""
    rows, people = [], []
    for number, (wave, unit, values) in enumerate(blocks):
        names = [f"{number}-{i:04d}" for i in range(len(values))]
        rows.append(
            pd.DataFrame(
                {
                    "respondent": np.repeat(names, 8),
                    "wave": wave,
                    "item": np.tile(FACTOR_KEYS, len(values)),
                    "value": values.ravel(),
                }
            )
        )
        people.append(pd.DataFrame({"respondent": names, "wave": wave, "unit": unit}))
    return smf.score_factors(pd.concat(rows).dropna(), ITEMS, respondents=pd.concat(people))


def noisy(rng, mean, n):
    shared = rng.normal(0, 0.5, (n, 1))
    return np.clip(np.asarray(mean) + shared + rng.normal(0, 0.6, (n, 8)), 1, 5)


def test_equal_factors_flow_as_they_are():
    for score in (1.5, 3.0, 4.9):
        np.testing.assert_allclose(flow_of(np.full(8, score)), score, rtol=1e-14)


def test_flow_is_the_average_speed_of_the_round():
    scores = np.array([2, 3, 4, 5, 3, 2, 4, 2.5])
    speed = (scores - 1) / 4
    internal = 2 / (np.mean(1 / speed[:4]) + 1 / speed[7])
    external = 2 / (np.mean(1 / speed[4:7]) + 1 / speed[7])
    whole = 2 / (1 / internal + 1 / external)
    np.testing.assert_allclose(
        flow_of(scores), 1 + 4 * np.array([internal, external, speed[7], whole]), rtol=1e-14
    )


def test_a_weak_link_holds_everything_back_and_more_than_any_other_factor():
    for j in range(8):
        scores = np.full(8, 5.0)
        scores[j] = 1.2
        flow = flow_of(scores)
        if j == AT_LINK:
            assert (flow[[0, 1, 3]] <= 1 + 2 * 0.2).all()
        else:
            assert flow[3] > flow_of(np.where(np.arange(8) == AT_LINK, 1.2, 5.0))[3] + 0.5
    scores = np.full(8, 5.0)
    scores[AT_LINK] = 1.0
    np.testing.assert_array_equal(flow_of(scores), 1.0)


def test_no_flow_falls_when_a_factor_rises():
    rng = np.random.default_rng(1)
    scores = rng.uniform(1.1, 4.9, (200, 8))
    for j in range(8):
        better = scores.copy()
        better[:, j] += 0.1
        assert (flow_of(better) >= flow_of(scores) - 1e-12).all()
    np.testing.assert_allclose(WEIGHTS.sum(axis=1), 1.0)


def test_the_sensitivity_is_the_largest_change_that_a_moved_weight_makes():
    scores = np.array([2, 3, 4, 5, 3, 2, 4, 2.5])
    speed, found = (scores - 1) / 4, []
    for j in range(8):
        for times in (0.5, 1.5):
            weight = WEIGHTS[3] * np.where(np.arange(8) == j, times, 1.0)
            found.append(1 + 4 * weight.sum() / (weight / speed).sum())
    assert weight_sensitivity(scores) == pytest.approx(np.abs(np.array(found) - flow_of(scores)[3]).max())
    assert np.isnan(weight_sensitivity(np.full(8, np.nan)))


def test_intervals_of_the_flow_cover_the_truth():
    runs = 2000 if FULL else 40
    rng = np.random.default_rng(2)
    mean = np.array([3.2, 3.0, 3.4, 2.8, 3.6, 3.1, 2.9, 2.6])
    crowd = noisy(rng, mean, 400_000).mean(axis=0)
    truth = flow_of(crowd)
    inside = []
    for seed in range(runs):
        flow = trace_flow(scores_of([("w", "", noisy(np.random.default_rng(seed), mean, 40))]), draws=1).flow
        inside.append((flow["low"] <= truth) & (truth <= flow["high"]))
    slack = 0 if FULL else 2 * np.sqrt(0.05 * 0.95 / runs)
    covered = np.mean(inside, axis=0)
    assert (covered >= 0.93 - slack).all() and (covered <= 0.97 + slack).all()


def test_two_rivals_share_the_bottleneck_as_students_t_says():
    stats = pytest.importorskip("scipy.stats")
    rng = np.random.default_rng(3)
    values = np.full((60, 8), 4.8)
    values[:, 2], values[:, 5] = 2.5 + rng.normal(0, 0.5, 60), 2.6 + rng.normal(0, 0.5, 60)
    flow = trace_flow(scores_of([("w", "", values)]), draws=100_000)
    chance = flow.bottleneck.set_index("factor")["probability"]
    apart = values[:, 5] - values[:, 2]
    expected = stats.t.cdf(apart.mean() / (apart.std(ddof=1) / np.sqrt(60)), 59)
    assert chance[FACTOR_KEYS[2]] == pytest.approx(expected, abs=0.006)
    assert chance.sum() == pytest.approx(1)


def test_seed_and_order_decide_nothing_but_the_draws():
    rng = np.random.default_rng(4)
    blocks = [("w", unit, noisy(rng, np.full(8, 3.0), 30)) for unit in ("a", "b")]
    one, other = trace_flow(scores_of(blocks)), trace_flow(scores_of(blocks[::-1]))
    chance = [x.bottleneck.set_index(["unit", "factor"])["probability"] for x in (one, other)]
    np.testing.assert_allclose(chance[0]["a"], chance[1]["a"], atol=1e-12)


def test_few_people_a_missing_factor_and_equal_answers_say_why():
    rng = np.random.default_rng(5)
    without = noisy(rng, np.full(8, 3.0), 20)
    without[:, 3] = np.nan
    alike = np.full((20, 8), 3.0)
    blocks = [("w", "few", noisy(rng, np.full(8, 3.0), 4)), ("w", "without", without), ("w", "alike", alike)]
    flow = trace_flow(scores_of(blocks)).flow.set_index(["unit", "cycle"])
    assert flow.loc[("few", "whole"), "status"] == "insufficient_data"
    assert "asked" in flow.loc[("without", "whole"), "reason"]
    assert flow.loc[("alike", "whole"), "status"] == "boundary"
    assert flow["value"].loc["few"].isna().all() and flow["low"].loc["alike"].isna().all()


def panel(seed, effect, units=16, waves=5, people=60):
    """Units that differ for good, whose cycles follow the link by `effect` of its last deviation."""
    rng = np.random.default_rng(seed)
    level, link = rng.normal(3.2, 0.4, units), np.zeros(units)
    blocks = []
    for t in range(waves):
        drive = effect * link
        link = rng.normal(0, 0.35, units)
        common = rng.normal(0, 0.15)
        for u in range(units):
            mean = np.full(8, level[u] + common + drive[u] + rng.normal(0, 0.1))
            mean[AT_LINK] = level[u] + common + link[u]
            blocks.append((f"w{t}", f"u{u:02d}", noisy(rng, mean, people)))
    return scores_of(blocks)


def test_a_link_that_feeds_the_cycles_is_found():
    found = link_feeds(panel(1, 0.6))
    assert found.verdict == "feeds" and found.n_units == 16 and found.n_waves == 5
    for cycle in ("internal", "external"):
        assert found.paths[f"link_to_{cycle}"].low > 0
        assert 0.3 < found.paths[f"link_to_{cycle}"].value < 0.75


def test_stable_differences_between_units_are_not_taken_for_an_effect():
    runs = 400 if FULL else 8
    false = 0
    for seed in range(runs):
        path = link_feeds(panel(100 + seed, 0.0, units=10, waves=4, people=15)).paths["link_to_internal"]
        false += not path.low <= 0 <= path.high
    assert false / runs <= 0.07 + (0.0 if FULL else 2 * np.sqrt(0.05 * 0.95 / runs))


@pytest.mark.parametrize(("units", "waves"), [(5, 5), (12, 2), (0, 1)])
def test_few_units_or_waves_are_told_honestly(units, waves):
    found = link_feeds(
        panel(7, 0.5, units=units, waves=waves) if units else scores_of([("w", "", np.ones((6, 8)))])
    )
    assert found.verdict == "not enough to say" and "needed" in found.reason
    assert all(path.value is None for path in found.paths.values())
