import numpy as np
import pandas as pd
import pytest

import smf_helpers as smf
from smf_helpers.framework import BARRIERS, FACTOR_KEYS
from smf_helpers.measures.adoption_rule import adopted_in_survey, adopted_on_platform, adoption_intervals
from smf_helpers.measures.barriers import barrier_shares, judge_barriers
from smf_helpers.measures.conditions import score_conditions
from smf_helpers.measures.drivers import weigh_drivers
from smf_helpers.measures.favourability import favourability
from smf_helpers.measures.modules import read_module
from smf_helpers.measures.needs import map_needs
from smf_helpers.measures.recommendation import score_recommendation
from smf_helpers.measures.response import check_nonresponse, response_rates
from smf_helpers.measures.segments import segment_people

WAVES = pd.DataFrame(
    {
        "wave": ["w1", "w2", "w3"],
        "opened_on": pd.to_datetime(["2025-01-01", "2025-06-01", "2026-01-01"]),
        "closed_on": pd.to_datetime(["2025-02-01", "2025-07-01", "2026-02-01"]),
        "invited": [100, 100, None],
        "key_kind": "panel",
    }
)


def long(values, codes, wave="w1", names=None):
    """Rows of a people x items array."""
    names = names if names is not None else [f"p{i:04d}" for i in range(len(values))]
    return pd.DataFrame(
        {
            "respondent": np.repeat(names, len(codes)),
            "wave": wave,
            "item": np.tile(codes, len(values)),
            "value": np.asarray(values, dtype=float).ravel(),
        }
    ).dropna()


def items(codes, modules, low=1.0, high=5.0):
    return pd.DataFrame({"item": codes, "module": modules, "scale_min": low, "scale_max": high})


# --- recommendation ---------------------------------------------------------------------------------
REC = items(["REC"], ["recommendation"], 0.0, 10.0)


def test_recommendation_is_promoters_less_detractors():
    ratings = [10, 9, 9, 8, 7, 6, 0, 3]
    row = score_recommendation(read_module(long(np.c_[ratings], ["REC"]), REC, "recommendation")).iloc[0]
    assert row["value"] == pytest.approx(100 * (3 - 3) / 8)
    assert (row["promoters"], row["detractors"], row["n"]) == (3 / 8, 3 / 8, 8)


@pytest.mark.parametrize("n", [15, 60])
def test_intervals_of_the_recommendation_cover(n):
    rng = np.random.default_rng(1)
    chance = np.array([0.25, 0.45, 0.30])
    runs = 300
    ratings = rng.choice([3.0, 8.0, 10.0], (runs, n), p=chance)
    rows = pd.concat([long(r[:, None], ["REC"], f"w{k:04d}") for k, r in enumerate(ratings)])
    table = score_recommendation(read_module(rows, REC, "recommendation"))
    hits = ((table["low"] <= 5.0) & (table["high"] >= 5.0)).mean()
    assert 0.93 <= hits <= 0.98


def test_everybody_promoting_still_leaves_doubt_and_nobody_says_why():
    row = score_recommendation(
        read_module(long(np.full((10, 1), 10.0), ["REC"]), REC, "recommendation")
    ).iloc[0]
    assert row["value"] == 100 and row["high"] == 100 and row["low"] < 95
    assert len(score_recommendation(read_module(long(np.empty((0, 1)), ["REC"]), REC, "recommendation"))) == 0


# --- drivers ----------------------------------------------------------------------------------------
def test_two_drivers_share_r_squared_as_averaging_over_orders_does():
    rng = np.random.default_rng(2)
    x = rng.multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], 300)
    y = x @ [0.5, 0.3] + rng.normal(size=300)
    weights, r2 = weigh_drivers(x, y, ("a", "b"), resamples=50)
    r = np.corrcoef(np.c_[x, y].T)
    whole = 1 - np.linalg.det(r) / (1 - r[0, 1] ** 2)
    first = (r[0, 2] ** 2 + whole - r[1, 2] ** 2) / 2
    assert r2.value == pytest.approx(whole, rel=1e-10)
    assert weights["a"].value == pytest.approx(first / whole, rel=1e-10)


def test_drivers_of_the_eight_factors_sum_to_one_and_find_the_planted_one():
    rng = np.random.default_rng(3)
    x = rng.normal(size=(200, 8)) + rng.normal(size=(200, 1))
    y = 0.9 * x[:, 4] + rng.normal(size=200)
    weights, _ = weigh_drivers(x, y, FACTOR_KEYS)
    assert sum(w.value for w in weights.values()) == pytest.approx(1)
    assert max(weights, key=lambda name: weights[name].value) == FACTOR_KEYS[4]
    assert all(w.low <= w.value <= w.high for w in weights.values())
    again, _ = weigh_drivers(x[::-1], y[::-1], FACTOR_KEYS)
    assert again == weights


def test_no_driver_is_told_where_nothing_is_explained_or_too_few_answered():
    rng = np.random.default_rng(4)
    few, _ = weigh_drivers(rng.normal(size=(29, 8)), rng.normal(size=29), FACTOR_KEYS)
    none, _ = weigh_drivers(rng.normal(size=(200, 8)), rng.normal(size=200), FACTOR_KEYS)
    flat, _ = weigh_drivers(np.ones((200, 8)), rng.normal(size=200), FACTOR_KEYS)
    assert {w.status for w in few.values()} == {"insufficient_data"}
    assert {w.status for w in none.values()} == {"not_identified"} == {w.status for w in flat.values()}


# --- needs and favourability ------------------------------------------------------------------------
def test_a_need_is_the_paired_difference_and_only_a_real_one_is_called_a_need():
    stats = pytest.importorskip("scipy.stats")
    rng = np.random.default_rng(5)
    codes = [*FACTOR_KEYS, *(f"IMP_{f}" for f in FACTOR_KEYS)]
    asked = items(codes, [*FACTOR_KEYS, *(f"importance:{f}" for f in FACTOR_KEYS)])
    works = rng.integers(2, 5, (120, 8)).astype(float)
    wants = np.clip(works + rng.integers(-1, 2, works.shape), 1, 5)
    wants[:, 7] = np.clip(works[:, 7] + rng.integers(0, 2, 120), 1, 5)
    rows = long(np.c_[works, wants], codes)
    found = map_needs(smf.score_factors(rows, asked), read_module(rows, asked, "importance")).set_index(
        "factor"
    )
    peer = stats.ttest_1samp(wants[:, 7] - works[:, 7], 0).confidence_interval()
    row = found.loc["learning_culture"]
    np.testing.assert_allclose([row["low"], row["high"]], peer, rtol=1e-9)
    assert row["verdict"] == "need" and (found["verdict"] == "need").sum() == 1
    assert row["need"] == pytest.approx(row["importance"] - row["performance"])


def test_favourability_equals_the_ratio_of_people_and_covers():
    rng = np.random.default_rng(6)
    codes = ["a", "b", "c"]
    asked = items(codes, ["listening"] * 3)
    blocks = []
    for k in range(600):
        person = rng.normal(0, 1, (40, 1))
        blocks.append(
            long(np.digitize(person + rng.normal(0, 1, (40, 3)), (-2, -1, 0, 1)) + 1.0, codes, f"w{k:03d}")
        )
    found = favourability(smf.score_factors(pd.concat(blocks), asked))
    assert found["favourable"].mean() == pytest.approx(0.5, abs=0.01)
    assert 0.93 <= ((found["low"] <= 0.5) & (found["high"] >= 0.5)).mean() <= 0.97
    first = blocks[0]["value"]
    assert found["favourable"].iloc[0] == pytest.approx((first >= 4).mean())


# --- barriers ---------------------------------------------------------------------------------------
BAR = items([f"BAR_{b}" for b in BARRIERS], [f"barrier:{b}" for b in BARRIERS], 0.0, 1.0)
NONE = pd.DataFrame({"kind": [], "name": [], "starts_on": pd.to_datetime([]), "scope": []})


def barrier_world(rng, n=600, harm=1.2, unit_fall=0.0):
    """Two waves: naming `time` lowers later use by `harm` in log-odds; in unit a it falls by `unit_fall`."""
    names = [f"p{i:04d}" for i in range(n)]
    unit = np.where(np.arange(n) % 2, "a", "b")
    first = (rng.random((n, 7)) < 0.4).astype(float)
    second = (rng.random((n, 7)) < 0.4).astype(float)
    at = BARRIERS.index("time")
    second[:, at] = rng.random(n) < np.where(unit == "a", 0.4 - unit_fall, 0.4)
    use_now = rng.random(n) < 0.5
    use_later = rng.random(n) < 1 / (1 + np.exp(-(1.0 * use_now - harm * first[:, at])))
    rows = pd.concat([long(first, BAR["item"], "w1", names), long(second, BAR["item"], "w2", names)])
    people = pd.concat([pd.DataFrame({"respondent": names, "wave": w, "unit": unit}) for w in ("w1", "w2")])
    adopted = pd.concat(
        [
            pd.DataFrame({"wave": w, "respondent": names, "adopted": use})
            for w, use in (("w1", use_now), ("w2", use_later))
        ]
    )
    return read_module(rows, BAR, "barrier", respondents=people), adopted


REMEDY = pd.DataFrame(
    {"kind": ["executive_joined"], "name": ["x"], "starts_on": pd.to_datetime(["2025-03-01"]), "scope": ["a"]}
)


def test_the_odds_ratio_equals_that_of_statsmodels():
    tables = pytest.importorskip("statsmodels.stats.contingency_tables")
    answers, adopted = barrier_world(np.random.default_rng(7), n=300)
    odds = judge_barriers(answers, adopted, NONE, WAVES)["time"][0]
    first = answers.agrees[:300, BARRIERS.index("time")] > 0
    now, later = adopted["adopted"].to_numpy()[:300], adopted["adopted"].to_numpy()[300:]
    strata = [
        np.array(
            [[(s & ~later).sum(), (s & later).sum()] for s in (first & part, ~first & part)], dtype=float
        )
        for part in (now, ~now)
    ]
    peer = tables.StratifiedTable(strata)
    low, high = peer.oddsratio_pooled_confint()
    np.testing.assert_allclose(
        [odds.value, odds.low, odds.high], [peer.oddsratio_pooled, low, high], rtol=1e-10
    )


def test_reason_and_excuse_are_told_apart_and_doubt_stays_doubt():
    reason, adopted = barrier_world(np.random.default_rng(8), harm=1.5, unit_fall=0.35)
    assert judge_barriers(reason, adopted, REMEDY, WAVES)["time"][3] == "reason"
    stayed, adopted = barrier_world(np.random.default_rng(8), n=6000, harm=0.0, unit_fall=-0.1)
    assert judge_barriers(stayed, adopted, REMEDY, WAVES)["time"][3] == "excuse"
    torn, adopted = barrier_world(np.random.default_rng(8), n=6000, harm=1.5, unit_fall=-0.1)
    verdict = judge_barriers(torn, adopted, REMEDY, WAVES)["time"]
    assert verdict[3] == "not enough to say" and "did not make it fall" in verdict[4]
    assert verdict[2] == "less"
    untried, adopted = barrier_world(np.random.default_rng(8), harm=1.5)
    verdict = judge_barriers(untried, adopted, NONE, WAVES)["time"]
    assert verdict[3] == "not enough to say" and "not been applied" in verdict[4]


def test_null_barriers_are_seldom_called_a_reason():
    verdicts = []
    for seed in range(25):
        answers, adopted = barrier_world(np.random.default_rng(seed), n=200, harm=0.0)
        verdicts.append({found[3] for found in judge_barriers(answers, adopted, REMEDY, WAVES).values()})
    assert sum("reason" in found for found in verdicts) <= 1


def test_anonymous_waves_cannot_tell_who_used_later():
    answers, adopted = barrier_world(np.random.default_rng(9), n=100)
    odds = judge_barriers(answers, adopted, NONE, WAVES.assign(key_kind="none"))["time"][0]
    assert odds.status == "insufficient_data" and "two successive waves" in odds.reason


def test_shares_of_barriers_are_those_who_name_them():
    answers, _ = barrier_world(np.random.default_rng(9), n=100)
    table = barrier_shares(answers).set_index(["wave", "unit", "barrier"])
    assert table.loc[("w1", "all", "time"), "share"] == pytest.approx(answers.agrees[:100, 6].mean())
    assert table.loc[("w2", "a", "legal"), "n"] == 50


# --- segments, conditions, adoption, response -------------------------------------------------------
def test_segments_follow_the_stated_rules_and_stand_between_the_others():
    codes = ["STAGE", "REC", *BAR["item"]]
    asked = pd.concat([items(["STAGE"], ["stage"], 0, 3), REC, BAR])
    none, some, two = [0] * 7, [1, *[0] * 6], [1, 1, *[0] * 5]
    sheet = [[2, 9, *none], [3, 10, *none], [2, 8, *some], [0, 10, *some], [1, 5, *two], [1, 9, *none]]
    rows = long(sheet, codes)
    parts = [read_module(rows, asked, m) for m in ("stage", "recommendation", "barrier")]
    table = segment_people(*parts).set_index("segment")
    assert (table["share"] * 6).round(9).to_dict() == {
        "champions": 2,
        "participants": 1,
        "bystanders": 1,
        "held_back": 2,
    }
    assert table.loc["champions", "share_strict"] == pytest.approx(1 / 6)
    assert table.loc["champions", "share_lenient"] == pytest.approx(3 / 6)


def test_conditions_hold_for_those_who_agree_and_where_access_is_open():
    asked = pd.concat([items(["POL1", "EML1"], ["policy", "email"]), items(["ACC1"], ["access"], 0, 2)])
    table = score_conditions(long([[4, 5, 0], [3, 4, 1], [5, 1, 0], [np.nan, 2, 2]], asked["item"]), asked)
    shares = table.set_index("condition")["share"]
    assert shares.round(9).to_dict() == {
        "policy_clarity": round(2 / 3, 9),
        "access_open": 0.5,
        "email_replaced": 0.5,
    }


def test_adopting_is_a_stage_at_work_or_the_rule_of_the_client():
    asked = items(["STAGE", "USE"], ["stage", "comment"], [0, 1], [3, 5])
    rows = long([[0, 5], [1, 2], [2, 4], [3, 1]], ["STAGE", "USE"])
    assert adopted_in_survey(rows, asked)["adopted"].tolist() == [False, False, True, True]
    assert adopted_in_survey(rows, asked, item="USE", at_least=4)["adopted"].tolist() == [
        True,
        False,
        True,
        False,
    ]
    with pytest.raises(smf.SMFError, match="lowest answer"):
        adopted_in_survey(rows, asked, item="USE")


def test_adoption_is_known_to_an_interval_and_never_drops_the_others():
    asked = items(["STAGE"], ["stage"], 0, 3)
    rows = pd.concat(
        [
            long([[0], [2], [0]], ["STAGE"], "w1", ["late", "early", "never"]),
            long([[0], [1], [3]], ["STAGE"], "w2", ["late", "never", "joiner"]),
            long([[3], [0]], ["STAGE"], "w3", ["late", "never"]),
        ]
    )
    table = adoption_intervals(adopted_in_survey(rows, asked, waves=WAVES), WAVES).set_index("person")
    dates = WAVES.set_index("wave")["opened_on"]
    assert (table.loc["late", "after"], table.loc["late", "by"]) == (dates["w2"], dates["w3"])
    assert table.loc["early", ["after"]].isna().all() and table.loc["early", "by"] == dates["w1"]
    assert pd.isna(table.loc["never", "by"]) and table.loc["never", "last_seen"] == dates["w3"]
    assert table.loc["joiner", "by"] == dates["w2"]


def test_adopting_on_a_platform_takes_enough_busy_weeks():
    weeks = pd.to_datetime(["2025-01-06", "2025-01-13", "2025-01-20", "2025-01-06"])
    activity = pd.DataFrame(
        {
            "actor": ["a", "a", "a", "b"],
            "week": weeks,
            "platform": "x",
            "posts": [2, 0, 1, 1],
            "replies": [0, 3, 1, 0],
        }
    )
    table = adopted_on_platform(activity, at_least=2, weeks=2)
    assert table["person"].tolist() == ["a"] and table["adopted_on"].tolist() == [weeks[1]]
    assert adopted_on_platform(activity)["person"].tolist() == ["a", "b"]


def test_response_rates_know_who_was_asked_or_stay_empty():
    people = pd.DataFrame(
        {"respondent": ["p", "q", "r"], "wave": ["w1", "w1", "w2"], "unit": ["a", "b", "a"]}
    )
    table = response_rates(people, WAVES, headcounts={"a": 10}).set_index(["wave", "unit"])
    assert table.loc[("w1", "all"), "response_rate"] == 0.02
    assert table.loc[("w1", "a"), "response_rate"] == 0.1 and np.isnan(
        table.loc[("w1", "b"), "response_rate"]
    )
    assert table.loc[("w3", "all"), "n"] == 0 and np.isnan(table.loc[("w3", "all"), "response_rate"])


def test_unequal_response_is_tested_as_statsmodels_does():
    proportion = pytest.importorskip("statsmodels.stats.proportion")
    n, size = {"a": 40, "b": 60, "c": 55}, {"a": 100, "b": 100, "c": 120}
    p, _ = check_nonresponse(n, size)
    assert p == pytest.approx(
        proportion.proportions_chisquare(list(n.values()), list(size.values()))[1], rel=1e-10
    )
    assert np.isnan(check_nonresponse({"a": 1}, {"a": 3, "b": 2})[0])
