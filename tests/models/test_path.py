import os
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from scipy.linalg import expm
from scipy.optimize import minimize

from smf_helpers.errors import ModelError
from smf_helpers.framework import STAGES
from smf_helpers.models import fit_path
from smf_helpers.results.core import Status

MOVES = [(0, 1), (1, 2), (2, 3), (1, 0), (2, 1), (3, 2)]
NEIGHBOURS = [(STAGES[i], STAGES[j]) for i, j in MOVES]
RATES = [1.2, 0.9, 0.7, 0.3, 0.4, 0.5]


def generator(rates, moves=MOVES, n=4):
    Q = np.zeros((n, n))
    for (i, j), rate in zip(moves, rates, strict=True):
        Q[i, j] += rate
        Q[i, i] -= rate
    return Q


def panel(rng, n_people=300, gaps=(0.25, 0.25, 0.5, 0.25), rates=RATES):
    P = {gap: expm(generator(rates) * gap) for gap in set(gaps)}
    stage = rng.choice(4, n_people, p=[0.6, 0.3, 0.1, 0.0])
    looks = [pd.DataFrame({"at": 0.0, "stage": stage}, index=range(n_people))]
    for at, gap in zip(np.cumsum(gaps), gaps, strict=True):
        stage = (rng.random((n_people, 1)) > P[gap].cumsum(axis=1)[stage]).sum(axis=1)
        seen = np.flatnonzero(rng.random(n_people) < 0.9)
        looks.append(pd.DataFrame({"at": at, "stage": stage[seen]}, index=seen))
    rows = pd.concat(looks).rename_axis("person").reset_index()
    return rows.assign(person="p" + rows["person"].astype(str), stage=np.array(STAGES)[rows["stage"]])


def by_hand(rows, Q):
    total = 0.0
    for _, person in rows.sort_values("at").groupby("person"):
        stage = [STAGES.index(s) for s in person["stage"]]
        at = person["at"].to_numpy()
        for k in range(len(at) - 1):
            total += np.log(expm(Q * (at[k + 1] - at[k]))[stage[k], stage[k + 1]])
    return total


def rates_of(fit):
    return {(row.from_stage, row.to_stage): row.rate for row in fit.rates.itertuples()}


def test_log_likelihood_is_the_product_of_matrix_exponentials_over_pairs_of_looks():
    rows = panel(np.random.default_rng(1), n_people=120)
    fit = fit_path(rows, moves=NEIGHBOURS)
    order = [
        (STAGES.index(i), STAGES.index(j))
        for i, j in zip(fit.rates.from_stage, fit.rates.to_stage, strict=True)
    ]
    assert fit.loglik == pytest.approx(by_hand(rows, generator(np.exp(fit.parameters), order)), abs=1e-8)


def test_no_other_optimiser_finds_a_higher_likelihood():
    rows = panel(np.random.default_rng(2), n_people=400, gaps=(0.5,) * 4)
    fit = fit_path(rows, moves=NEIGHBOURS)
    seen = {}
    for _, person in rows.groupby("person"):
        for (_, before), (_, after) in pairwise(person.iterrows()):
            key = round(after["at"] - before["at"], 9)
            counts = seen.setdefault(key, np.zeros((4, 4)))
            counts[STAGES.index(before["stage"]), STAGES.index(after["stage"])] += 1

    def minus_loglik(u):
        Q = generator(np.exp(u))
        return -sum(np.sum(n[n > 0] * np.log(expm(Q * gap)[n > 0])) for gap, n in seen.items())

    found = minimize(minus_loglik, np.log(RATES), method="BFGS", options={"gtol": 1e-7})
    assert fit.loglik == pytest.approx(-found.fun, abs=1e-6)


def test_two_stages_have_the_closed_form_of_the_two_state_chain():
    gap, stay, move = 0.5, 60, 40
    rows = [(f"a{k}", 0.0, "out") for k in range(100)] + [
        (f"a{k}", gap, "in" if k < move else "out") for k in range(100)
    ]
    rows += [(f"b{k}", 0.0, "in") for k in range(100)] + [
        (f"b{k}", gap, "out" if k < 20 else "in") for k in range(100)
    ]
    fit = fit_path(
        pd.DataFrame(rows, columns=["person", "at", "stage"]),
        stages=("out", "in"),
        moves=[("out", "in"), ("in", "out")],
    )
    total = -np.log(1 - 0.4 - 0.2) / gap
    expected = {("out", "in"): total * 0.4 / 0.6, ("in", "out"): total * 0.2 / 0.6}
    assert rates_of(fit) == pytest.approx(expected, rel=1e-6)
    assert fit.loglik == pytest.approx(
        move * np.log(0.4) + stay * np.log(0.6) + 20 * np.log(0.2) + 80 * np.log(0.8), abs=1e-9
    )


def test_dates_give_rates_a_year_and_the_same_likelihood_as_numbers():
    rows = panel(np.random.default_rng(3))
    dated = rows.assign(at=pd.Timestamp("2025-01-01") + pd.to_timedelta(rows["at"] * 365.25, unit="D"))
    numbers, dates = fit_path(rows), fit_path(dated)
    assert dates.unit == "year"
    assert dates.loglik == pytest.approx(numbers.loglik, abs=1e-5)
    assert rates_of(dates) == pytest.approx(rates_of(numbers), rel=1e-4, nan_ok=True)


def test_row_order_does_not_matter():
    rows = panel(np.random.default_rng(4), n_people=80)
    assert fit_path(rows).loglik == fit_path(rows.sample(frac=1.0, random_state=5)).loglik


def test_intervals_of_the_rates_cover_the_truth():
    n = 2000 if os.environ.get("SMF_FULL") else 40
    hits = np.zeros(2)
    for seed in range(n):
        rows = panel(np.random.default_rng([7, seed]), n_people=250)
        fit = fit_path(rows, moves=NEIGHBOURS)
        truth = {(STAGES[i], STAGES[j]): rate for (i, j), rate in zip(MOVES, RATES, strict=True)}
        for row in fit.rates[fit.rates["status"] == Status.OK].itertuples():
            hits += row.low <= truth[row.from_stage, row.to_stage] <= row.high, 1
    share = hits[0] / hits[1]
    slack = 0.02 if n == 2000 else 0.06
    assert abs(share - 0.95) < slack


def test_occupancy_and_reach_follow_the_true_generator():
    rows = panel(np.random.default_rng(8), n_people=4000)
    fit = fit_path(rows, moves=NEIGHBOURS)
    Q = generator(RATES)
    start = np.bincount([STAGES.index(s) for s in rows[rows["at"] == 0]["stage"]], minlength=4) / 4000
    shares = fit.occupancy([0.0, 1.0])
    assert shares[shares["at"] == 0.0]["share"].to_numpy() == pytest.approx(start, abs=1e-9)
    assert shares[shares["at"] == 1.0]["share"].to_numpy() == pytest.approx(start @ expm(Q), abs=0.03)
    Q[3] = 0.0
    assert fit.reach["value"].to_numpy() == pytest.approx(expm(Q)[:3, 3], abs=0.04)
    assert fit.sojourn["value"].to_numpy() == pytest.approx([1 / 1.2, 1 / 1.2, 1 / 1.1, 1 / 0.5], rel=0.2)


def test_a_covariate_that_starts_between_two_looks_splits_the_interval():
    rng = np.random.default_rng(9)
    rates = np.array(RATES)
    ratio = 2.5
    with_policy = rates * np.where(np.arange(6) < 3, ratio, 1.0)
    rows, policy = [], []
    for person in range(800):
        when = rng.integers(2, 18) / 10
        policy.append((f"p{person}", when, 1.0))
        stage = 0
        rows.append((f"p{person}", 0.0, STAGES[0]))
        for at in (0.5, 1.0, 1.5, 2.0):
            before = min(max(when - (at - 0.5), 0.0), 0.5)
            P = expm(generator(rates) * before) @ expm(generator(with_policy) * (0.5 - before))
            stage = int(rng.choice(4, p=P[stage]))
            rows.append((f"p{person}", at, STAGES[stage]))
    fit = fit_path(
        pd.DataFrame(rows, columns=["person", "at", "stage"]),
        covariates=pd.DataFrame(policy, columns=["person", "at", "policy"]),
        moves=NEIGHBOURS,
    )
    forward = fit.effects[fit.effects["direction"] == "forward"].iloc[0]
    assert forward.low < ratio < forward.high
    assert forward.high / forward.low < 2.5
    back = fit.effects[fit.effects["direction"] == "back"].iloc[0]
    assert back.low < 1 < back.high


def test_exact_times_give_moves_over_time_at_risk():
    rows = pd.DataFrame(
        {
            "person": ["a", "a", "a", "b", "b", "c", "c"] * 12,
            "at": [0, 1, 3, 0, 2, 0, 4] * 12,
            "stage": ["none", "personal", "personal", "none", "personal", "none", "none"] * 12,
        }
    )
    rows["person"] += np.repeat(np.arange(12), 7).astype(str)
    fit = fit_path(rows, exact=True)
    assert fit.rates["rate"].tolist() == pytest.approx([24 / (12 * 7)])
    assert fit.loglik == pytest.approx(24 * np.log(24 / 84) - 24)
    last = fit.occupancy(4.0).set_index("stage")["share"]
    assert last["none"] == pytest.approx(1 / 3)


def test_anonymous_waves_tell_shares_and_no_rates():
    rows = pd.DataFrame(
        {"at": ["2026-01-05"] * 4 + ["2026-04-06"] * 2, "stage": ["none"] * 3 + ["personal"] * 3}
    )
    fit = fit_path(rows)
    assert (fit.design, fit.status, len(fit.rates)) == ("anonymous", Status.NOT_IDENTIFIED, 0)
    assert fit.observed.query("stage == 'none'")["share"].tolist() == [0.75, 0.0]
    assert fit.occupancy(0.0)["share"].tolist() == [0.75, 0.25, 0.0, 0.0]
    assert fit.occupancy(0.1)["share"].isna().all()


def test_a_rate_on_fewer_than_ten_moves_is_not_shown():
    rows = [(f"p{k}", at, "personal" if k < 9 and at else "none") for k in range(50) for at in (0, 1)]
    fit = fit_path(pd.DataFrame(rows, columns=["person", "at", "stage"]))
    assert fit.status is Status.INSUFFICIENT_DATA
    assert fit.rates["rate"].isna().all()
    assert "9 observed moves" in fit.rates["reason"].iloc[0]
    assert (fit.reach["status"] == Status.INSUFFICIENT_DATA).all()


@pytest.mark.parametrize(
    "rows",
    [
        pd.DataFrame({"person": [], "at": [], "stage": []}),
        pd.DataFrame({"person": ["a"], "at": [1], "stage": ["none"]}),
        pd.DataFrame({"person": ["a", "a"], "at": [1, 1], "stage": ["none", "personal"]}),
        pd.DataFrame({"person": ["a", "b"] * 2, "at": [0, 0, 1, 1], "stage": ["none"] * 4}),
        pd.DataFrame({"person": ["a", "a"], "at": [0, 1], "stage": [None, None]}),
        pd.DataFrame({"person": ["a", "a"], "at": [0, 1], "stage": ["none", "customer"]}),
        pd.DataFrame(
            {
                "person": [f"p{k}" for k in range(20)] * 2,
                "at": [0] * 20 + [1] * 20,
                "stage": ["none"] * 20 + ["personal"] * 20,
            }
        ),
    ],
    ids=["empty", "one look", "duplicates", "nobody moves", "all missing", "one jump", "all at once"],
)
def test_degenerate_observations_give_a_status_and_a_reason(rows):
    fit = fit_path(rows)
    assert fit.status is not Status.OK
    assert fit.reason
    assert fit.rates["rate"].isna().all()


def test_unknown_stages_are_counted_and_not_quoted():
    with pytest.raises(ModelError, match="1 rows hold a stage") as caught:
        fit_path(pd.DataFrame({"person": ["a", "a"], "at": [0, 1], "stage": ["none", "secret words"]}))
    assert "secret" not in str(caught.value)
