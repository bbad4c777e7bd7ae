import os

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize

from smf_helpers.errors import ModelError
from smf_helpers.models import fit_hazard
from smf_helpers.models.hazard_exposures import along_ties, gather, organisation, over_time, shuffled
from smf_helpers.models.hazard_likelihood import share_of
from smf_helpers.models.hazard_profiles import Constraint, share_interval, trait_interval
from smf_helpers.models.hazard_records import read_people, read_places, read_traits
from smf_helpers.models.readiness import estimate_readiness
from smf_helpers.results.core import Status

TRUE = {"programme": 0.01, "organisation": 0.03, "network": 0.08, "executives": 0.02}


def organisation_of(seed, n=600, n_weeks=40, n_ties=3000, truth=TRUE, ready=1.0):
    """Simulate week by week from the additive hazard, late joiners and leavers included."""
    rng = np.random.default_rng(seed)
    ties = pd.DataFrame({"source": rng.integers(0, n, n_ties), "target": rng.integers(0, n, n_ties)})
    ties = ties[ties["source"] != ties["target"]].drop_duplicates()
    W = np.zeros((n, n))
    W[ties["source"], ties["target"]] = 1
    W /= np.maximum(W.sum(axis=1, keepdims=True), 1)
    joined = np.where(rng.random(n) < 0.8, 0, rng.integers(1, 30, n))
    left = np.where(rng.random(n) < 0.85, np.nan, joined + rng.integers(5, 40, n))
    executives = (np.arange(n_weeks) >= 15) * 1.0
    adopted = np.full(n, np.inf)
    last = np.minimum(np.nan_to_num(left, nan=n_weeks - 1), n_weeks - 1)
    for t in range(1, n_weeks):
        here = (joined <= t - 1) & (last >= t - 1)
        done = adopted <= t - 1
        rate = truth["programme"] + truth["organisation"] * (here & done).sum() / here.sum()
        rate = rate + truth["network"] * (W @ done) + truth["executives"] * executives[t - 1]
        rate = rate * ready
        open_ = (joined <= t) & (last >= t) & ~done
        adopted[open_ & (rng.random(n) < 1 - np.exp(-rate))] = t
    people = pd.DataFrame(
        {
            "person": np.arange(n),
            "adopted_at": np.where(np.isinf(adopted), np.nan, adopted),
            "joined_at": joined.astype(float),
            "left_at": left,
        }
    )
    campaigns = pd.DataFrame({"at": np.arange(n_weeks, dtype=float), "executives": executives})
    return people, ties, campaigns


def exposed_of(people, ties, campaigns, traits=()):
    known = read_people(people, period=1.0, until=39)
    sources = [
        over_time(np.ones(known.n_periods), known),
        over_time(organisation(known), known),
        along_ties(read_places(ties, known), known),
        over_time(campaigns["executives"].to_numpy(), known),
    ]
    return gather(known, sources, read_traits(people, traits, known)[1])


def test_the_likelihood_is_the_one_of_person_weeks_written_out():
    people, ties, campaigns = organisation_of(1, n=150, n_ties=600)
    fit = fit_hazard(people, exposure=ties, campaigns=campaigns, until=39)
    rates = dict(zip(fit.rates["source"], fit.rates["rate"], strict=True))
    alters = ties.groupby("source")["target"].apply(list).to_dict()
    at = people["adopted_at"].fillna(np.inf).to_numpy()
    until = people["left_at"].fillna(39).clip(upper=39).to_numpy()
    total = 0.0
    for i in range(150):
        for t in range(max(int(people["joined_at"][i]), 1), int(min(at[i], until[i])) + 1):
            here = (people["joined_at"] <= t - 1) & (until >= t - 1)
            F = (here & (at <= t - 1)).sum() / here.sum()
            E = np.mean([at[j] <= t - 1 for j in alters[i]]) if i in alters else 0.0
            u = rates["programme"] + rates["organisation"] * F + rates["network"] * E
            u += rates["executives"] * (t - 1 >= 15)
            total += np.log(-np.expm1(-u)) if at[i] == t else -u
    assert fit.loglik == pytest.approx(total, abs=1e-8)


def test_no_other_optimiser_finds_a_higher_likelihood():
    exposed = exposed_of(*organisation_of(2))
    risk = exposed.at(np.empty(0))

    def minus(u):
        pull = risk.adoptions @ np.exp(u)
        return -(np.log(-np.expm1(-pull)).sum() - risk.waiting @ np.exp(u))

    found = minimize(minus, np.log(list(TRUE.values())), method="BFGS", options={"gtol": 1e-8})
    assert exposed.best().value == pytest.approx(-found.fun, abs=1e-6)


def test_a_profile_is_the_top_that_scipy_finds_under_the_same_constraint():
    exposed = exposed_of(*organisation_of(2))
    risk, group = exposed.at(np.empty(0)), np.array([0.0, 1, 1, 0])
    unit = len(risk.adoptions) / risk.total

    def minus(z):
        pull = risk.adoptions @ (z * unit)
        return -(np.log(-np.expm1(-pull)).sum() - risk.waiting @ (z * unit))

    for share in (0.2, 0.5, 0.8):
        level = {"type": "eq", "fun": lambda z, share=share: (group - share) @ z}
        start = np.where(group > 0, share / 2, (1 - share) / 2)
        found = minimize(
            minus,
            start,
            method="SLSQP",
            bounds=[(1e-9, None)] * 4,
            constraints=[level],
            options={"ftol": 1e-12},
        )
        assert exposed.best(Constraint(group=group, share=share)).value == pytest.approx(-found.fun, abs=1e-5)


def test_traits_alone_are_the_complementary_log_log_model_of_statsmodels():
    import statsmodels.api as sm

    people, ties, campaigns = organisation_of(8, n=300, n_ties=1200)
    rng = np.random.default_rng(8)
    people = people.assign(role=rng.choice(["desk", "field", "lead"], 300), tenure=rng.uniform(0, 10, 300))
    exposed = exposed_of(people, ties, campaigns, ("role", "tenure")).only([0])
    known = read_people(people, period=1.0, until=39)
    weeks = np.maximum(known.end - known.begin + 1, 0)
    who = np.repeat(np.arange(300), weeks)
    labels, traits = read_traits(people, ("role", "tenure"), known)
    came = np.concatenate(
        [(np.arange(w) + b) == a for w, b, a in zip(weeks, known.begin, known.adopted, strict=True)]
    )
    link = sm.families.links.CLogLog()
    peer = sm.GLM(came.astype(float), sm.add_constant(traits[who]), family=sm.families.Binomial(link)).fit(
        tol=1e-12
    )
    top = exposed.best()
    assert [name for name, _ in labels] == ["role", "role", "tenure"]
    assert top.value == pytest.approx(peer.llf, abs=1e-6)
    assert [np.log(top.theta[0]), *top.beta] == pytest.approx(list(peer.params), abs=1e-6)
    low, high = trait_interval(exposed, 2, top)
    assert (low, high) == pytest.approx(tuple(peer.conf_int()[3]), abs=0.003)


@pytest.mark.parametrize("share", [None, 0.3])
def test_a_profile_of_people_who_differ_is_the_top_that_scipy_finds(share):
    people, ties, campaigns = organisation_of(2, n=300, n_ties=1200)
    people = people.assign(tenure=np.random.default_rng(2).exponential(0.5, 300))
    exposed = exposed_of(people, ties, campaigns, ("tenure",))
    group = np.array([0.0, 1, 1, 0])
    unit = len(exposed.adoptions) / exposed.at(np.zeros(1)).total

    def minus(z):
        risk = exposed.at(z[4:])
        pull = risk.adoptions @ (z[:4] * unit)
        return -(np.log(-np.expm1(-pull)).sum() - risk.waiting @ (z[:4] * unit))

    def level(z):
        return (group - share) @ (z[:4] * unit * exposed.at(z[4:]).total) / len(exposed.adoptions)

    found = minimize(
        minus,
        np.array([0.35, 0.15, 0.15, 0.35, 0.0]),
        method="SLSQP",
        bounds=[(1e-9, None)] * 4 + [(None, None)],
        constraints=[] if share is None else [{"type": "eq", "fun": level}],
        options={"ftol": 1e-12},
    )
    top = exposed.best() if share is None else exposed.best(Constraint(group=group, share=share))
    assert top.value == pytest.approx(-found.fun, abs=1e-5)
    assert top.beta == pytest.approx(found.x[4:], abs=1e-3)


def test_a_trait_that_halves_readiness_is_found():
    slow = np.arange(600) % 3 == 0
    people, ties, campaigns = organisation_of(9, n=600, n_ties=3000, ready=np.where(slow, 0.5, 1.0))
    people = people.assign(kind=np.where(slow, "slow", "quick"))
    fit = fit_hazard(people, exposure=ties, campaigns=campaigns, covariates=("kind",), until=39)
    row = fit.covariates.iloc[0]
    assert (row["covariate"], row["group"]) == ("kind", "slow")
    assert row["low"] < 0.5 < row["high"] < 1.0
    assert fit.loglik > fit_hazard(people, exposure=ties, campaigns=campaigns, until=39).loglik + 10
    alone = estimate_readiness(people, ("kind",), exposure=ties, campaigns=campaigns, until=39)
    pd.testing.assert_frame_equal(alone, fit.covariates)


def test_readiness_asks_for_ten_adopters_a_source_and_trait():
    few = pd.DataFrame({"person": range(40), "adopted_at": [float(i) for i in range(1, 16)] + [np.nan] * 25})
    found = estimate_readiness(few.assign(kind=["a", "b"] * 20), ("kind",))
    assert found["status"].tolist() == [Status.INSUFFICIENT_DATA] and found["ratio"].isna().all()
    assert "30 are needed for 2 sources and 1 covariates" in found["reason"].iloc[0]
    at_once = pd.DataFrame({"person": range(60), "adopted_at": 1.0, "kind": ["a", "b"] * 30})
    assert estimate_readiness(at_once, ("kind",))["ratio"].isna().all()


def test_shares_cover_the_truth():
    n = 2000 if os.environ.get("SMF_FULL") else 24
    truth = np.array(list(TRUE.values()))
    hits = np.zeros(4)
    for seed in range(n):
        exposed = exposed_of(*organisation_of([3, seed], n=400, n_ties=2000))
        top, risk = exposed.best(), exposed.at(np.empty(0))
        for k in range(4):
            group = np.eye(4)[k]
            low, high = share_interval(exposed, group, share_of(top.theta, risk, group), top)
            hits[k] += low <= share_of(truth, risk, group) <= high
    share = hits.sum() / (4 * n)
    slack = 0.0 if n == 2000 else 0.06
    assert 0.93 - slack <= share <= 0.97 + slack


def test_a_network_that_works_survives_both_tests():
    people, ties, campaigns = organisation_of(4, truth=dict(TRUE, network=0.25, organisation=0.0))
    fit = fit_hazard(people, exposure=ties, campaigns=campaigns, until=39)
    assert fit.status is Status.OK
    assert fit.network.low > 0.1
    assert fit.tests.set_index("test")["verdict"].to_dict() == {
        "permuted_network": "survives",
        "future_exposure": "survives",
    }
    assert fit.top_down.value + fit.bottom_up.value == pytest.approx(1.0, abs=1e-9)
    assert fit.selection.set_index("version").loc["programme only", "delta"] > 4


def test_a_network_that_does_nothing_does_not_survive():
    people, ties, campaigns = organisation_of(5, truth=dict(TRUE, network=0.0))
    fit = fit_hazard(people, exposure=ties, campaigns=campaigns, until=39)
    assert fit.network.low == 0.0
    assert fit.tests.set_index("test").loc["permuted_network", "verdict"] != "survives"


def test_rewiring_stops_once_its_answer_cannot_change(monkeypatch):
    import smf_helpers.models.hazard as hazard

    people, ties, campaigns = organisation_of(21, truth=dict(TRUE, network=0.0))
    made = []
    monkeypatch.setattr(hazard, "shuffled", lambda *given: made.append(0) or shuffled(*given))
    found = fit_hazard(people, exposure=ties, campaigns=campaigns, until=39).tests.set_index("test")
    stopped = found.loc["permuted_network", "value"]
    monkeypatch.setattr(hazard, "ENOUGH", hazard.N_REWIRED + 1)
    through = fit_hazard(people, exposure=ties, campaigns=campaigns, until=39).tests.set_index("test")
    whole = through.loc["permuted_network", "value"]
    assert stopped == 10 / (len(made) - 99) and len(made) < 2 * 99
    assert abs(stopped - whole) < 0.15 and whole > 0.05


def test_likeness_is_found_out_by_exposure_that_has_not_happened_yet():
    rng = np.random.default_rng(6)
    n = 900
    team = np.repeat(np.arange(90), 10)
    wave = rng.integers(2, 38, 90)
    adopted = np.clip(wave[team] + rng.integers(-1, 2, n), 1, 39).astype(float)
    adopted[rng.random(n) < 0.2] = np.nan
    source = rng.integers(0, n, 5000)
    target = team[source] * 10 + rng.integers(0, 10, 5000)
    ties = pd.DataFrame({"source": source, "target": target}).query("source < target")
    people = pd.DataFrame({"person": np.arange(n), "adopted_at": adopted, "joined_at": 0.0})
    tests = fit_hazard(people, exposure=ties).tests.set_index("test")
    assert tests.loc["future_exposure", "verdict"] == "fails"


def test_wording_never_claims_a_cause_and_order_does_not_matter():
    people, ties, campaigns = organisation_of(7, n=300, n_ties=1200)
    fit = fit_hazard(people, exposure=ties, campaigns=campaigns, until=39)
    assert "consistent with" in fit.reason
    again = fit_hazard(
        people.sample(frac=1, random_state=1),
        exposure=ties.sample(frac=1, random_state=2),
        campaigns=campaigns,
        until=39,
    )
    assert again.loglik == pytest.approx(fit.loglik, abs=1e-9)
    pd.testing.assert_frame_equal(again.tests, fit.tests)


@pytest.mark.parametrize(
    "adopted",
    [[], [np.nan] * 50, [1.0] * 50, list(range(1, 6)), [3.0] * 25 + [np.nan] * 25],
    ids=["empty", "nobody", "all at once", "few", "half at once"],
)
def test_degenerate_adoption_has_a_status_and_a_reason(adopted):
    people = pd.DataFrame(
        {"person": [f"p{k}" for k in range(len(adopted))], "adopted_at": np.array(adopted, dtype=float)}
    )
    fit = fit_hazard(people)
    assert fit.reason
    if fit.status is not Status.OK:
        assert fit.top_down.value is None


def test_a_missing_column_is_named():
    with pytest.raises(ModelError, match="'adopted_at' is missing"):
        fit_hazard(pd.DataFrame({"person": ["a"]}))
