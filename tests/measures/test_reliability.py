import os

import numpy as np
import pandas as pd
import pytest

import smf_helpers as smf
from smf_helpers.measures.one_factor import fit_one_factor, moments
from smf_helpers.measures.reliability import factor_reliability

FULL = os.environ.get("SMF_FULL") == "1"


def congeneric(rng, n, loading, noise, likert=False):
    """Answers of one factor; Likert answers are cut at -1.2, -0.4, 0.4, 1.2 and so are skewed when shifted."""
    loading, noise = np.asarray(loading), np.asarray(noise)
    raw = rng.normal(size=(n, 1)) * loading + rng.normal(size=(n, len(loading))) * noise
    return np.digitize(raw + 0.4, (-1.2, -0.4, 0.4, 1.2)) + 1.0 if likert else raw


def test_omega_equals_the_factor_model_of_statsmodels():
    factor = pytest.importorskip("statsmodels.multivariate.factor")
    for seed, k in ((1, 4), (2, 6)):
        rng = np.random.default_rng(seed)
        values = congeneric(rng, 200, rng.uniform(0.5, 1, k), rng.uniform(0.5, 1, k), likert=True)
        with np.errstate(all="ignore"):
            peer = factor.Factor(values, n_factor=1, method="ml").fit(tol=1e-12, maxiter=5000)
        lam = np.abs(peer.loadings[:, 0]) * values.std(axis=0)
        theta = peer.uniqueness * values.var(axis=0)
        expected = lam.sum() ** 2 / (lam.sum() ** 2 + theta.sum())
        assert smf.reliability(values).omega.value == pytest.approx(expected, abs=1e-5)


def test_three_items_are_fitted_exactly_in_closed_form():
    values = congeneric(np.random.default_rng(5), 300, [0.8, 0.7, 0.9], [0.6, 0.7, 0.5])
    s = np.cov(values.T, ddof=0)
    lam = np.sqrt([s[0, 1] * s[0, 2] / s[1, 2], s[0, 1] * s[1, 2] / s[0, 2], s[0, 2] * s[1, 2] / s[0, 1]])
    expected = lam.sum() ** 2 / (lam.sum() ** 2 + (np.diag(s) - lam**2).sum())
    assert smf.reliability(values).omega.value == pytest.approx(expected, abs=1e-9)
    assert fit_one_factor([moments(values)]).chi_square < 1e-8


def test_alpha_is_the_ratio_of_mean_squares_of_a_two_way_analysis():
    stats = pytest.importorskip("scipy.stats")
    values = congeneric(np.random.default_rng(6), 90, [0.8] * 5, [0.7] * 5, likert=True)
    n, k = values.shape
    people = k * ((values.mean(1) - values.mean()) ** 2).sum() / (n - 1)
    rest = values - values.mean(1, keepdims=True) - values.mean(0) + values.mean()
    inside = (rest**2).sum() / ((n - 1) * (k - 1))
    alpha = smf.reliability(values).alpha
    assert alpha.value == pytest.approx(1 - inside / people, abs=1e-12)
    f = people / inside
    df = (n - 1, (n - 1) * (k - 1))
    assert alpha.low == pytest.approx(1 - stats.f.ppf(0.975, *df) / f, abs=1e-12)
    assert alpha.high == pytest.approx(1 - stats.f.ppf(0.025, *df) / f, abs=1e-12)


def test_item_statistics_are_those_of_the_definition():
    values = congeneric(np.random.default_rng(7), 60, [0.8, 0.3, 0.9, 0.6], [0.6] * 4)
    items = smf.reliability(values).items
    for j in range(4):
        others = np.delete(values, j, axis=1)
        assert items["item_rest"][j] == pytest.approx(
            np.corrcoef(values[:, j], others.sum(1))[0, 1], abs=1e-12
        )
        assert items["alpha_if_deleted"][j] == pytest.approx(smf.reliability(others).alpha.value, abs=1e-12)


def test_two_items_have_spearman_brown():
    values = congeneric(np.random.default_rng(8), 100, [0.8, 0.8], [0.6, 0.6])
    r = np.corrcoef(values.T)[0, 1]
    found = smf.reliability(values)
    assert found.omega.value == pytest.approx(2 * r / (1 + r), abs=1e-12)
    assert "Spearman-Brown" in found.omega.method


@pytest.mark.parametrize(("likert", "n"), [(False, 60), (True, 150)])
def test_intervals_of_omega_and_alpha_cover(likert, n):
    runs = 2000 if FULL else 80
    loading, noise = np.array([0.7, 0.7, 0.7, 0.7]), np.full(4, 0.7)
    if likert:
        s = np.cov(congeneric(np.random.default_rng(0), 1_000_000, loading, noise, likert=True).T)
        off = s[np.triu_indices(4, 1)].mean()
        truth = 16 * off / s.sum()
    else:
        truth = 16 * 0.49 / (16 * 0.49 + 4 * 0.49)
    inside = []
    for seed in range(runs):
        found = smf.reliability(congeneric(np.random.default_rng(seed), n, loading, noise, likert))
        told = (found.omega, found.alpha)
        if found.omega.status == "ok":
            inside.append([e.low <= truth <= e.high for e in told])
    assert len(inside) >= 0.98 * runs
    slack = 0 if FULL else 2 * np.sqrt(0.05 * 0.95 / runs)
    covered = np.mean(inside, axis=0)
    assert (covered >= 0.93 - slack).all() and (covered <= 0.97 + slack).all()


@pytest.mark.parametrize(
    ("values", "status"),
    [
        (np.random.default_rng(1).normal(size=(29, 4)), "insufficient_data"),
        (np.random.default_rng(1).normal(size=(50, 1)), "insufficient_data"),
        (np.ones((50, 4)), "not_identified"),
        (np.full((50, 4), np.nan), "insufficient_data"),
        (np.random.default_rng(1).normal(size=(50, 1)).repeat(3, 1), "not_identified"),
        (np.empty((0, 0)), "insufficient_data"),
    ],
)
def test_what_cannot_be_assessed_says_why(values, status):
    found = smf.reliability(values)
    assert found.omega.status == found.alpha.status == status
    assert found.omega.value is None and found.omega.reason


def test_an_item_without_own_variance_is_told_as_a_boundary():
    rng = np.random.default_rng(3)
    values = rng.normal(size=(40, 4)) * 0.7
    values[:, 1] += values[:, 0] * 2
    found = smf.reliability(values)
    assert found.omega.status in ("boundary", "ok")
    if found.omega.status == "boundary":
        assert found.omega.reason and found.omega.low is None


def test_only_the_latest_wave_counts_by_default():
    rng = np.random.default_rng(9)
    rows = []
    for wave, noise in (("w1", 3.0), ("w2", 0.3)):
        values = congeneric(rng, 60, [0.8] * 3, [noise] * 3)
        for j in range(3):
            rows.append(
                pd.DataFrame(
                    {
                        "respondent": [f"p{i}" for i in range(60)],
                        "wave": wave,
                        "item": f"x{j}",
                        "value": values[:, j],
                    }
                )
            )
    items = pd.DataFrame(
        {"item": ["x0", "x1", "x2"], "module": "listening", "scale_min": -20.0, "scale_max": 20.0}
    )
    found = factor_reliability(smf.score_factors(pd.concat(rows), items))
    assert found["listening"].n == 60 and found["listening"].omega.value > 0.9
