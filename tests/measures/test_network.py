import os
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from smf_helpers.errors import ModelError
from smf_helpers.measures import trace_exposure
from smf_helpers.measures.network import adopter_classes, exposure_over_time, read_adoption, read_ties

BESIDE = Path(__file__).parents[3] / "shared" / "fixtures"
FIXTURE = Path(os.environ.get("SMF_FIXTURES", BESIDE)) / "network_adoption" / "medInnovations.csv"


def random_network(seed, n=80, n_ties=500):
    rng = np.random.default_rng(seed)
    people = [f"p{k:06d}" for k in range(n)]
    ties = pd.DataFrame({"source": rng.choice(people, n_ties), "target": rng.choice(people, n_ties)})
    at = pd.Series(rng.integers(1, 15, n).astype(float), index=people)
    return ties, at.where(at < 12)


def test_exposure_and_threshold_equal_a_dense_matrix_by_hand():
    ties, at = random_network(1)
    ties["weight"] = np.random.default_rng(2).uniform(0.1, 3, len(ties))
    W = np.zeros((len(at), len(at)))
    place = {person: k for k, person in enumerate(at.index)}
    for row in ties.itertuples():
        if row.source != row.target:
            W[place[row.source], place[row.target]] += row.weight
    rows = trace_exposure(ties, at)
    for k, row in enumerate(rows.itertuples()):
        now = at.iloc[k] if at.notna().iloc[k] else np.inf
        if W[k].sum() == 0:
            assert np.isnan(row.exposure)
            continue
        assert row.exposure == pytest.approx(W[k] @ (at <= now).to_numpy() / W[k].sum(), abs=1e-12)
        assert row.exposure_lag1 == pytest.approx(W[k] @ (at <= now - 1).to_numpy() / W[k].sum(), abs=1e-12)
    people, clock, _ = read_adoption(at)
    over = exposure_over_time(read_ties(ties, people), clock, range(15))
    for t in range(15):
        with np.errstate(invalid="ignore"):
            assert over[:, t] == pytest.approx(
                W @ (at <= t).to_numpy() / W.sum(axis=1), abs=1e-12, nan_ok=True
            )


def test_people_who_have_not_adopted_keep_their_row_and_have_no_threshold():
    ties, at = random_network(3)
    rows = trace_exposure(ties, at).set_index("person")
    waiting = rows[at.isna()]
    assert len(waiting) and waiting["threshold"].isna().all()
    assert set(waiting["class"]) == {"not yet"}
    assert (waiting[waiting["n_ties"] > 0]["status"] == "one_sided").all()


def test_tied_times_share_a_class_and_the_majorities_are_not_empty():
    at = np.repeat([1.0, 2.0, 3.0, 4.0, np.nan], [2, 20, 40, 20, 18])
    classes = pd.Series(adopter_classes(at))
    assert classes.groupby(pd.Series(at).fillna(-1)).nunique().max() == 1
    assert {"innovators", "early adopters", "early majority", "late majority"} <= set(classes)


def test_a_half_finished_diffusion_has_no_laggards():
    at = np.where(np.arange(100) < 45, np.arange(100) + 1.0, np.nan)
    assert set(adopter_classes(at)) == {"innovators", "early adopters", "early majority", "not yet"}


def test_people_who_came_late_count_from_when_they_came():
    at = np.array([1.0, 2.0, 9.0, np.nan])
    late = adopter_classes(at, entered=[0, 0, 8, 8])
    assert late[0] == "early majority"
    assert adopter_classes(at)[0] == "early adopters"


def test_ties_to_people_off_the_list_are_unknown_and_not_zero():
    ties = pd.DataFrame({"source": ["a", "a", "a"], "target": ["b", "x", "a"]})
    row = trace_exposure(ties, {"a": 2, "b": 1}).iloc[0]
    assert (row.exposure, row.n_ties, row.n_unknown) == (1.0, 1, 1)


def test_dates_and_weeks_give_the_same_lag():
    ties = pd.DataFrame({"source": ["b", "b"], "target": ["a", "c"]})
    weeks = trace_exposure(ties, {"a": 1, "b": 2, "c": 2})
    dates = trace_exposure(
        ties, pd.to_datetime(pd.Series({"a": "2026-01-05", "b": "2026-01-12", "c": "2026-01-12"}))
    )
    assert weeks["threshold_lag1"].tolist()[1] == dates["threshold_lag1"].tolist()[1] == 0.5


def test_row_order_does_not_matter():
    ties, at = random_network(4)
    shuffled = trace_exposure(ties.sample(frac=1, random_state=1), at.sample(frac=1, random_state=2))
    pd.testing.assert_frame_equal(shuffled, trace_exposure(ties, at))


@pytest.mark.parametrize(
    "at", [{}, {"a": np.nan, "b": np.nan}, {"a": 1, "b": 1}], ids=["empty", "nobody", "at once"]
)
def test_degenerate_adoption_gives_rows_with_status(at):
    rows = trace_exposure(pd.DataFrame({"source": ["a"], "target": ["b"]}), at)
    assert len(rows) == len(at)
    assert rows["status"].isin(["ok", "one_sided", "insufficient_data"]).all()


def test_a_missing_column_is_named():
    with pytest.raises(ModelError, match="'target' is missing"):
        trace_exposure(pd.DataFrame({"source": ["a"]}), {"a": 1})


@pytest.mark.skipif(not FIXTURE.exists(), reason="the real data are not beside this checkout")
def test_medical_innovation_counts_month_18_as_not_adopted():
    rows = pd.read_csv(FIXTURE)
    key = rows["city"].astype(int).astype(str) + "-" + rows["id"].astype(int).astype(str)
    named = [name for name in rows if name.startswith("net")]
    long = rows.assign(source=key).melt(id_vars=["source", "city"], value_vars=named).dropna(subset="value")
    target = long["city"].astype(int).astype(str) + "-" + long["value"].astype(int).astype(str)
    traced = trace_exposure(
        long.assign(target=target), pd.Series(rows["toa"].to_numpy(), index=key), censored_at=18
    )
    waiting = int((rows["toa"] >= 18).sum())
    assert len(traced) == 125
    assert (traced["class"] == "not yet").sum() == waiting > 0
    assert traced["threshold"].notna().sum() <= 125 - waiting
    by_hand = {k: t for k, t in zip(key, rows["toa"], strict=True) if t < 18}
    pairs = set(zip(long["source"], target, strict=True))
    for row in traced.itertuples():
        listed = [t for s, t in pairs if s == row.person and t != row.person and t in set(key)]
        if row.threshold == row.threshold:
            share = np.mean([by_hand.get(t, np.inf) <= row.adopted_at for t in listed])
            assert row.threshold == pytest.approx(share, abs=1e-12)


def test_a_fifth_of_the_largest_network_takes_seconds():
    rng = np.random.default_rng(5)
    n, n_ties = 20_000, 400_000
    ties = pd.DataFrame({"source": rng.integers(0, n, n_ties), "target": rng.integers(0, n, n_ties)})
    at = pd.Series(rng.integers(0, 52, n).astype(float))
    begun = time.process_time()
    assert len(trace_exposure(ties, at)) == n
    assert time.process_time() - begun < 5
