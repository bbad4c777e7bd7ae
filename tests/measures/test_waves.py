import os

import numpy as np
import pandas as pd
import pytest

import smf_helpers as smf
from smf_helpers.framework import FACTOR_KEYS

N_ITEMS = 3
ITEMS = pd.DataFrame(
    {
        "item": [f"{key}_{n}" for key in FACTOR_KEYS for n in range(N_ITEMS)],
        "module": [key for key in FACTOR_KEYS for _ in range(N_ITEMS)],
    }
)
FULL = os.environ.get("SMF_FULL") == "1"


def panel(rng, n=200, shift=0.0, stay=0.8, waves=("w1", "w2")):
    """Answers of a panel: stable people, noisy items, and `shift` in the last wave."""
    person = rng.normal(0, 0.6, (n, 1)) + rng.normal(0, 0.4, (n, len(ITEMS) // N_ITEMS)).repeat(N_ITEMS, 1)
    rows = []
    for k, wave in enumerate(waves):
        raw = 3.3 + person + rng.normal(0, 0.7, person.shape) + shift * (k == len(waves) - 1)
        value = np.clip(np.round(raw), 1, 5)
        who = np.flatnonzero(rng.random(n) < stay)
        rows.append(long(value[who], wave, [f"p{i:04d}" for i in who]))
    return pd.concat(rows, ignore_index=True)


def long(values, wave, names, items=ITEMS):
    return pd.DataFrame(
        {
            "respondent": np.repeat(names, values.shape[1]),
            "wave": wave,
            "item": np.tile(items["item"], len(values)),
            "value": values.ravel(),
        }
    ).dropna()


def test_complete_pairs_give_the_paired_t_test():
    stats = pytest.importorskip("scipy.stats")
    rows = panel(np.random.default_rng(1), stay=2)
    scores = smf.score_factors(rows, ITEMS)
    change = smf.compare_waves(scores).changes.set_index("factor").loc["engaging"]
    wide = scores.people.pivot(index="respondent", columns="wave", values="engaging")
    peer = stats.ttest_rel(wide["w2"], wide["w1"])
    low, high = peer.confidence_interval()
    np.testing.assert_allclose(
        [change["p"], change["low"], change["high"]], [peer.pvalue, low, high], rtol=1e-9
    )
    assert change["design"] == "paired" and change["n"] == 200


def test_anonymous_waves_give_welchs_test_even_where_names_agree():
    stats = pytest.importorskip("scipy.stats")
    rows = panel(np.random.default_rng(2))
    waves = pd.DataFrame(
        {"wave": ["w1", "w2"], "opened_on": ["2025-01-01", "2025-06-01"], "key_kind": "none"}
    )
    scores = smf.score_factors(rows, ITEMS, waves=waves)
    change = smf.compare_waves(scores).changes.set_index("factor").loc["engaging"]
    by_wave = [part["engaging"].dropna() for _, part in scores.people.groupby("wave")]
    peer = stats.ttest_ind(by_wave[1], by_wave[0], equal_var=False)
    assert change["p"] == pytest.approx(peer.pvalue, rel=1e-9)
    assert change["design"] == "independent" and change["n_paired"] == 0


def test_the_overlap_makes_the_change_of_a_panel_more_certain():
    rows = panel(np.random.default_rng(3))
    paired = smf.compare_waves(smf.score_factors(rows, ITEMS)).changes
    waves = pd.DataFrame(
        {"wave": ["w1", "w2"], "opened_on": ["2025-01-01", "2025-06-01"], "key_kind": "none"}
    )
    apart = smf.compare_waves(smf.score_factors(rows, ITEMS, waves=waves)).changes
    assert (paired["se"] < 0.85 * apart["se"]).all()
    np.testing.assert_allclose(paired["change"], apart["change"])


def test_partly_overlapping_waves_have_the_standard_error_of_simulation():
    changes, errors = [], []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        row = smf.compare_waves(smf.score_factors(panel(rng, n=60, stay=0.7), ITEMS)).changes
        changes.append(row["change"])
        errors.append(row["se"])
    spread = np.std(changes, axis=0)
    np.testing.assert_allclose(np.mean(errors, axis=0).mean(), spread.mean(), rtol=0.1)


def test_at_most_five_percent_of_null_organisations_get_a_rose_or_fell():
    runs = 2000 if FULL else 30
    false = 0
    for seed in range(runs):
        rng = np.random.default_rng(10_000 + seed)
        rows = panel(rng, n=80, waves=("w1", "w2", "w3"))
        people = rows[["respondent", "wave"]].drop_duplicates()
        people["unit"] = "u" + (people["respondent"].str[1:].astype(int) % 4).astype(str)
        scores = smf.score_factors(rows, ITEMS, respondents=people)
        false += smf.compare_waves(scores).changes["verdict"].isin(["rose", "fell"]).any()
    assert false / runs <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / runs) * (not FULL)


def test_a_planted_change_is_found_and_has_the_right_sign():
    for shift, verdict in ((0.5, "rose"), (-0.5, "fell")):
        rows = panel(np.random.default_rng(4), n=300, shift=shift)
        changes = smf.compare_waves(smf.score_factors(rows, ITEMS)).changes
        assert (changes["verdict"] == verdict).all()


def test_a_large_steady_panel_is_equivalent_and_a_small_one_is_not_enough_to_say():
    large = smf.compare_waves(smf.score_factors(panel(np.random.default_rng(5), n=900), ITEMS)).changes
    small = smf.compare_waves(smf.score_factors(panel(np.random.default_rng(6), n=12), ITEMS)).changes
    assert (large["verdict"] == "equivalent").all()
    assert (small["verdict"] == "not enough to say").sum() >= 7


def test_reworded_items_are_left_out_and_too_many_of_them_forbid_the_comparison():
    rows = panel(np.random.default_rng(7), n=200)
    reworded = rows["item"].isin(["listening_0", "engaging_0", "engaging_1"]) & (rows["wave"] == "w2")
    rows.loc[reworded, "value"] = 5.0
    changed = {"w2": ["listening_0", "engaging_0", "engaging_1"]}
    changes = smf.compare_waves(smf.score_factors(rows, ITEMS), changed=changed).changes.set_index("factor")
    assert changes.loc["listening", "n_items"] == 2
    assert changes.loc["listening", "verdict"] not in ("rose", "not comparable")
    assert changes.loc["engaging", "verdict"] == "not comparable"
    assert np.isnan(changes.loc["engaging", "change"]) and changes.loc["engaging", "reason"]


def test_items_with_another_code_in_each_wave_cannot_carry_a_comparison():
    rows = panel(np.random.default_rng(8), n=100)
    items = pd.concat([ITEMS, ITEMS[:3].assign(item=["new_0", "new_1", "new_2"])])
    late = (rows["wave"] == "w2") & rows["item"].str.startswith("objectives")
    rows.loc[late, "item"] = "new_" + rows.loc[late, "item"].str[-1]
    changes = smf.compare_waves(smf.score_factors(rows, items)).changes.set_index("factor")
    assert changes.loc["objectives", "verdict"] == "not comparable"
    assert (changes["verdict"] == "not comparable").sum() == 1


def test_one_wave_no_answers_and_equal_answers_are_told_in_words():
    one = smf.score_factors(panel(np.random.default_rng(9), waves=("w1",)), ITEMS)
    assert len(smf.compare_waves(one).changes) == 0
    flat = pd.concat(
        [long(np.full((20, len(ITEMS)), 3.0), w, [f"p{i}" for i in range(20)]) for w in ("a", "b")]
    )
    changes = smf.compare_waves(smf.score_factors(flat, ITEMS)).changes
    assert (changes["verdict"] == "not enough to say").all() and (changes["reason"] != "").all()


def test_an_unknown_wave_is_refused():
    scores = smf.score_factors(panel(np.random.default_rng(10)), ITEMS)
    with pytest.raises(smf.SMFError, match="no wave 'w9'"):
        smf.compare_waves(scores, pairs=[("w1", "w9")])


def test_another_meaning_forbids_the_comparison():
    from smf_helpers.results.survey import Invariance

    scores = smf.score_factors(panel(np.random.default_rng(11), n=150), ITEMS)
    found = {
        ("w1", "w2", "listening"): Invariance(verdict="metric", models={}, n=(120, 120), reason="It does.")
    }
    changes = smf.compare_waves(scores, invariance=found).changes.set_index("factor")
    assert changes.loc["listening", ["verdict", "reason"]].tolist() == ["not comparable", "It does."]
    assert changes["p_adjusted"].notna().sum() == 7


def test_a_meaning_that_could_not_be_assessed_is_said_beside_the_verdict():
    from smf_helpers.measures.invariance import compare_meaning

    scores = smf.score_factors(panel(np.random.default_rng(12), n=60, shift=1.0), ITEMS)
    changes = smf.compare_waves(scores, invariance=compare_meaning(scores)).changes
    assert (changes["verdict"] == "rose").all() and changes["reason"].str.startswith("Too few answers").all()
