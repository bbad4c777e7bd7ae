import time

import numpy as np
import pandas as pd
import pytest

import smf_helpers as smf
from smf_helpers.framework import FACTOR_KEYS
from smf_helpers.measures.design import group_means, kish, wilson_limits
from smf_helpers.measures.pooling import pool_units

ITEMS = pd.DataFrame(
    {
        "item": [f"{key}_{n}" for key in FACTOR_KEYS for n in (1, 2, 3, 4)],
        "module": [key for key in FACTOR_KEYS for _ in range(4)],
        "scale_min": 1.0,
        "scale_max": 5.0,
        "reverse": [n == 4 for _ in FACTOR_KEYS for n in (1, 2, 3, 4)],
    }
)


def answers(values, wave="w1", items=ITEMS, prefix="p"):
    """Long rows of a people x items array, empty answers left out."""
    rows, columns = np.nonzero(np.isfinite(values))
    return pd.DataFrame(
        {
            "respondent": [f"{prefix}{row:04d}" for row in rows],
            "wave": wave,
            "item": items["item"].to_numpy()[columns],
            "value": values[rows, columns],
        }
    )


def random_answers(n, seed=1, missing=0.1):
    rng = np.random.default_rng(seed)
    values = rng.integers(1, 6, (n, len(ITEMS))).astype(float)
    values[rng.random(values.shape) < missing] = np.nan
    return values


def turned(values):
    reverse = ITEMS["reverse"].to_numpy()
    return np.where(reverse, 6 - values, values)


def test_a_score_is_the_mean_of_the_turned_answers():
    values = random_answers(30, missing=0)
    people = smf.score_factors(answers(values), ITEMS).people
    expected = turned(values).reshape(30, 8, 4).mean(axis=2)
    np.testing.assert_allclose(people[list(FACTOR_KEYS)].to_numpy(), expected, rtol=1e-15)


def test_half_of_the_items_is_enough_and_less_is_not():
    values = random_answers(3, missing=0)
    values[1, :2] = np.nan
    values[2, :3] = np.nan
    people = smf.score_factors(answers(values), ITEMS).people
    assert people["objectives"].notna().tolist() == [True, True, False]


def test_an_item_that_a_wave_did_not_ask_is_not_missing_there():
    first, second = random_answers(4, seed=1, missing=0), random_answers(4, seed=2, missing=0)
    second[:, 1:4] = np.nan
    both = pd.concat([answers(first), answers(second, "w2")])
    people = smf.score_factors(both, ITEMS).people
    assert people.loc[people["wave"] == "w2", "objectives"].notna().all()


def test_weighted_mean_and_error_equal_those_of_statsmodels():
    sm = pytest.importorskip("statsmodels.regression.linear_model")
    values = random_answers(80)
    rng = np.random.default_rng(3)
    weights = pd.Series(rng.uniform(0.3, 3, 80), index=[f"p{i:04d}" for i in range(80)])
    scores = smf.score_factors(answers(values), ITEMS, weights=weights)
    y = scores.people["listening"].to_numpy()
    use = np.isfinite(y)
    peer = sm.WLS(y[use], np.ones(use.sum()), weights=scores.people["weight"][use]).fit(cov_type="HC1")
    row = scores.factors.set_index("factor").loc["listening"]
    np.testing.assert_allclose([row["mean"], row["se"]], [peer.params[0], peer.bse[0]], rtol=1e-12)
    w = weights.to_numpy()[use]
    assert row["deff"] == pytest.approx(use.sum() * (w**2).sum() / w.sum() ** 2, rel=1e-12)


def test_the_population_is_finite_from_five_percent_on():
    values = random_answers(40, missing=0)
    people = pd.DataFrame({"respondent": [f"p{i:04d}" for i in range(40)], "wave": "w1", "unit": "Sales"})

    def se(headcount):
        scores = smf.score_factors(
            answers(values), ITEMS, respondents=people, headcounts={"Sales": headcount}
        )
        return scores.factors.set_index(["unit", "factor"]).loc[("Sales", "engaging"), "se"]

    plain = values[:, 20:24].copy()
    plain[:, 3] = 6 - plain[:, 3]
    by_hand = plain.mean(axis=1).std(ddof=1) / np.sqrt(40)
    assert se(1000) == pytest.approx(by_hand, rel=1e-12)
    assert se(80) == pytest.approx(by_hand * np.sqrt(0.5), rel=1e-12)
    assert se(40) == 0


def test_intervals_cover_the_truth_of_a_finite_organisation():
    rng = np.random.default_rng(11)
    population = np.clip(np.round(rng.normal(3.4, 1.0, (400, 4))), 1, 5).mean(axis=1)
    draws = np.stack([rng.choice(population, 60, replace=False) for _ in range(2000)])
    group = np.repeat(np.arange(2000), 60)
    means = group_means(draws.reshape(-1, 1), np.ones(group.size), group, 2000, np.full(2000, 400.0))
    from smf_helpers.measures.design import t_limits

    low, high = t_limits(means.mean, means.se, means.df)
    covered = np.mean((low[:, 0] <= population.mean()) & (population.mean() <= high[:, 0]))
    assert 0.93 <= covered <= 0.97


def test_the_order_of_rows_does_not_matter():
    values = random_answers(50) * 0.9 + 0.1
    rows = answers(values)
    one = smf.score_factors(rows, ITEMS).factors
    other = smf.score_factors(rows.sample(frac=1, random_state=5), ITEMS.iloc[::-1]).factors
    pd.testing.assert_frame_equal(one, other, rtol=1e-14)


def test_scales_of_seven_come_onto_the_common_scale():
    items = ITEMS.assign(scale_max=7.0)
    values = np.full((5, len(items)), 7.0)
    values[:, items["reverse"].to_numpy()] = 1.0
    factors = smf.score_factors(answers(values), items).factors
    assert (factors["mean"] == 5).all() and (factors["favourable"] == 1).all()
    assert set(factors["status"]) == {"boundary"} and factors["low"].isna().all()


def test_two_different_answers_to_one_question_are_nobodys_answer():
    values = random_answers(6, missing=0)
    rows = answers(values)
    again = rows.iloc[[0, 1]].copy()
    again.loc[again.index[1], "value"] = 6 - again["value"].iloc[1] if again["value"].iloc[1] != 3 else 1
    scores = smf.score_factors(pd.concat([rows, again]), ITEMS)
    assert len(scores.notes) == 1 and scores.notes[0].startswith("1 questions")
    assert np.isfinite(scores.answers.iloc[0, 0]) and np.isnan(scores.answers.iloc[0, 1])


def test_answers_outside_the_scale_are_left_out_and_counted():
    values = random_answers(6, missing=0)
    values[0, 0] = 99
    scores = smf.score_factors(answers(values), ITEMS)
    assert "1 answers outside" in scores.notes[0]


def test_stated_missing_answers_are_missing():
    rows = answers(random_answers(6, missing=0)).assign(missing="")
    rows.loc[rows["respondent"] == "p0000", "missing"] = "dont_know"
    assert len(smf.score_factors(rows, ITEMS).people.dropna()) == 5


@pytest.mark.parametrize("n", [0, 1])
def test_nobody_and_one_person_get_a_status_and_a_reason(n):
    scores = smf.score_factors(answers(random_answers(n, missing=0)), ITEMS)
    assert scores.status == ("insufficient_data" if n == 0 else "ok")
    assert (scores.factors["status"] == "insufficient_data").all()
    assert scores.reason or (scores.factors["reason"] != "").all()


def test_missing_columns_are_all_named():
    with pytest.raises(smf.SMFError, match=r"respondent[\s\S]*value"):
        smf.score_factors(pd.DataFrame({"wave": [], "item": []}), ITEMS)


def test_pooling_draws_units_together_by_their_noise():
    rng = np.random.default_rng(5)
    truth = rng.normal(3.5, 0.3, (500, 12))
    noise = np.tile(np.linspace(0.05, 0.5, 12), (500, 1))
    seen = rng.normal(truth, noise)
    pooled, low, high = pool_units(seen, noise**2)
    assert np.mean((pooled - truth) ** 2) < 0.65 * np.mean((seen - truth) ** 2)
    assert 0.93 <= np.mean((low <= truth) & (truth <= high)) <= 0.97


def test_alike_units_are_pooled_completely_and_few_are_not():
    pooled, _, _ = pool_units(np.array([[3.0, 3.1, 2.9, 3.0, 3.0]]), np.full((1, 5), 0.5))
    assert np.ptp(pooled) < 0.12
    assert np.isnan(pool_units(np.array([[3.0, 4.0, 2.0]]), np.full((1, 3), 0.1))[0]).all()


def test_wilson_limits_equal_those_of_statsmodels():
    proportion = pytest.importorskip("statsmodels.stats.proportion")
    for k, n in ((0, 12), (3, 20), (20, 20), (57, 200)):
        low, high = wilson_limits(np.array([k / n]), np.array([float(n)]))
        peer = proportion.proportion_confint(k, n, method="wilson")
        np.testing.assert_allclose([low[0], high[0]], peer, atol=1e-12)


def test_equal_weights_cost_nothing():
    assert kish(np.full(7, 0.3)) == pytest.approx(1.0)


def test_twelve_hundred_people_in_six_waves_are_scored_in_a_moment():
    values = random_answers(1200)
    rows = pd.concat([answers(values, f"w{k}") for k in range(6)], ignore_index=True)
    took = []
    for _ in range(3):
        start = time.process_time()
        smf.score_factors(rows, ITEMS)
        took.append(time.process_time() - start)
    assert min(took) < 0.5
