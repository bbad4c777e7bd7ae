import numpy as np
import pytest

from smf_helpers.measures.invariance import measure_invariance
from smf_helpers.measures.one_factor import Moments, fit_one_factor, moments

LOADING = np.array([0.9, 0.8, 0.7, 0.6])


def wave(rng, n=400, loading=LOADING, intercept=0.0, mean=0.0, spread=1.0):
    factor = mean + spread * rng.normal(size=(n, 1))
    return 3 + intercept + factor * loading + rng.normal(size=(n, 4)) * 0.7


def test_exact_moments_give_back_the_model_that_made_them():
    lam, theta = LOADING, np.array([0.3, 0.4, 0.5, 0.6])
    nu = np.array([3.0, 3.2, 2.8, 3.1])
    groups = [
        Moments(covariance=np.outer(lam, lam) + np.diag(theta), mean=nu, n=300),
        Moments(covariance=1.7 * np.outer(lam, lam) + np.diag(theta * 1.2), mean=nu + 0.4 * lam, n=200),
    ]
    fit = fit_one_factor(groups, equal_intercepts=True)
    assert fit.converged and fit.chi_square < 1e-7 and fit.df == 2 * (10 + 4) - (4 + 8 + 1 + 4 + 1)
    np.testing.assert_allclose(fit.loading, lam, rtol=1e-6)
    np.testing.assert_allclose(fit.specific, [theta, 1.2 * theta], rtol=1e-6)
    np.testing.assert_allclose([fit.variance[1], fit.mean[1]], [1.7, 0.4], rtol=1e-6)


def test_twice_the_same_wave_fits_as_twice_the_single_model():
    values = wave(np.random.default_rng(1))
    alone = fit_one_factor([moments(values)])
    for equal in (False, True):
        both = fit_one_factor([moments(values)] * 2, equal_intercepts=equal)
        assert both.chi_square == pytest.approx(2 * alone.chi_square, rel=1e-6)


def test_a_real_change_of_the_factor_is_no_change_of_meaning():
    rng = np.random.default_rng(2)
    found = measure_invariance(wave(rng), wave(rng, mean=0.6, spread=1.3))
    assert found.verdict == "scalar"
    assert set(found.models) == {"configural", "metric", "scalar"}


def test_changed_loadings_and_changed_intercepts_are_told_apart():
    rng = np.random.default_rng(3)
    other = np.array([0.1, 0.8, 0.7, 1.2])
    assert measure_invariance(wave(rng), wave(rng, loading=other)).verdict == "none"
    moved = np.array([0.7, 0.0, 0.0, -0.7])
    assert measure_invariance(wave(rng), wave(rng, intercept=moved)).verdict == "metric"


def test_meaning_that_stays_is_seldom_doubted_even_for_answers_on_five_points():
    doubted = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        first, second = (np.clip(np.round(wave(rng, n=150)), 1, 5) for _ in range(2))
        doubted += measure_invariance(first, second).verdict != "scalar"
    assert doubted <= 3


def test_the_likelihood_ratio_of_equal_loadings_is_a_chi_square():
    ratios = []
    for seed in range(80):
        rng = np.random.default_rng(500 + seed)
        parts = [moments(wave(rng)) for _ in range(2)]
        alone = sum(fit_one_factor([part]).chi_square for part in parts)
        ratios.append(fit_one_factor(parts).chi_square - alone)
    assert np.mean(ratios) == pytest.approx(3, abs=3 * np.sqrt(6 / 80))


@pytest.mark.parametrize(("first", "k"), [(np.full((50, 4), 3.0), 4), (np.full((200, 2), 3.0), 2)])
def test_too_few_answers_or_items_are_not_assessed(first, k):
    found = measure_invariance(first, np.random.default_rng(1).normal(size=(200, k)))
    assert found.verdict == "not assessed" and "not assessed" in found.reason


def test_two_questions_that_everybody_answers_nearly_alike_are_fitted_all_the_same():
    rng = np.random.default_rng(7)
    f = rng.normal(size=(150, 1))
    values = f + rng.normal(size=(150, 4)) * [0.5, 0.5, 0.7, 0.9]
    values[:, 0] = values[:, 1] + rng.normal(size=150) * 1e-3
    fit = fit_one_factor([moments(values)])
    assert fit.converged and fit.at_floor
    assert measure_invariance(values, rng.permuted(values, axis=1)).verdict != "not assessed"
