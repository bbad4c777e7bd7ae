"""One law of scatter for counts in intervals: beside statsmodels and scipy, and beside many series drawn from it."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from smf_helpers.models import fit_adoption
from smf_helpers.models.diffusion_engine import Cells, ceiling, fit_law
from smf_helpers.models.diffusion_families import LAWS
from smf_helpers.models.diffusion_intervals import observe
from smf_helpers.models.diffusion_limits import covariances, expect, scatter_of
from smf_helpers.models.diffusion_quantities import criteria
from smf_helpers.models.scatter import draw_counts, draw_events, log_likelihood

FADING = [61, 30, 52, 18, 33, 9, 21, 12, 4, 11, 3, 6]
"""New adopters of a programme that only pushes: their logarithm falls in a line, so the law is a log-linear model."""


def fit(cells, family="push"):
    solved = fit_law(LAWS[family], cells)
    return solved, scatter_of(LAWS[family], cells, solved)


def test_a_constant_push_without_a_ceiling_is_the_log_linear_model_of_statsmodels_scatter_and_likelihood_included():
    cells, n = observe(FADING).cells, np.array(FADING, dtype=float)
    design = sm.add_constant(np.arange(len(n)))
    peer = sm.GLM(n, design, family=sm.families.Poisson()).fit(tol=1e-12)
    solved, scatter = fit(cells)
    assert np.exp(solved.theta[0, 0]) == pytest.approx(-peer.params[1], rel=1e-6)
    assert expect(LAWS["push"], cells, solved)[1] == pytest.approx(peer.mu, rel=1e-6)
    law = sm.families.NegativeBinomial(alpha=scatter)
    assert ((n - peer.mu) ** 2 / law.variance(peer.mu)).sum() == pytest.approx(peer.df_resid, rel=1e-6)
    loglik, aicc = criteria(LAWS["push"], cells, solved, scatter)
    assert loglik == pytest.approx(law.loglike(n, peer.mu), rel=1e-9)
    assert aicc == pytest.approx(-2 * loglik + 2 * 3 + 2 * 3 * 4 / (len(n) - 4))  # m, p and the scatter
    bread = np.linalg.inv(design.T @ (design * peer.mu[:, None]))
    both = bread @ (design.T @ (design * law.variance(peer.mu)[:, None])) @ bread
    log_p = covariances(LAWS["push"], cells, solved, scatter)[1][1, 1]
    assert np.sqrt(log_p) == pytest.approx(np.sqrt(both[1, 1]) / -peer.params[1], rel=1e-6)


def test_the_scattered_likelihoods_are_those_of_scipy():
    n, at_risk = np.array([3.0, 0.0, 9.0, 4.0]), np.array([30.0, 27.0, 27.0, 18.0])
    expected = np.array([4.0, 2.5, 6.0, 3.0])
    plain = stats.nbinom.logpmf(n, 4.0, 4.0 / (4.0 + expected)).sum()
    assert log_likelihood(n, expected, None, 0.25) == pytest.approx(plain, rel=1e-12)
    chance = expected / at_risk
    among = 4.0 / chance - 1
    mixed = stats.betabinom.logpmf(n, at_risk, chance * among, (1 - chance) * among).sum()
    assert log_likelihood(n, expected, at_risk, 0.25) == pytest.approx(mixed, rel=1e-9)
    nearly = log_likelihood(n, expected, at_risk, 1e-9)
    assert nearly == pytest.approx(stats.binom.logpmf(n, at_risk, chance).sum(), rel=1e-5)


def test_draws_have_the_mean_and_the_variance_of_the_law():
    rng = np.random.default_rng(3)
    for scatter in (0.0, 0.1, 0.5):
        free = draw_counts(rng, np.full(200_000, 20.0), scatter)
        below = draw_events(rng, np.full(200_000, 80), np.float64(0.25), scatter)
        assert free.mean() == pytest.approx(20, rel=0.01) and below.mean() == pytest.approx(20, rel=0.01)
        assert free.var() == pytest.approx(20 * (1 + scatter * 20), rel=0.03)
        assert below.var() == pytest.approx(20 * 0.75 * (1 + scatter * 79 * 0.25), rel=0.03)


@pytest.mark.parametrize("eligible", [None, 600])
def test_the_standard_errors_are_the_spread_of_estimates_over_series_drawn_from_the_law(eligible):
    law, runs, scatter = LAWS["bass"], 2000, 0.05
    theta = np.log([[0.02, 0.3]])
    ends = np.arange(1.0, 27)
    share = np.diff(law.cdf(np.append(0.0, ends), theta)[0])
    rng = np.random.default_rng(8)
    many, left = np.empty((runs, 26)), np.full(runs, 600)
    for week in range(26):
        if eligible is None:
            many[:, week] = rng.negative_binomial(1 / scatter, 1 / (1 + scatter * 600 * share[week]), runs)
        else:
            chance = share[week] / (1 - share[:week].sum())
            among = 1 / (scatter * chance) - 1
            many[:, week] = stats.betabinom.rvs(left, chance * among, (1 - chance) * among, random_state=rng)
            left = left - many[:, week].astype(int)

    def cells(n):
        known = None if eligible is None else np.full(len(n), float(eligible))
        return Cells(lower=ends - 1, upper=ends, n=n, seen=np.ones_like(n, dtype=bool), eligible=known)

    estimates = fit_law(law, cells(many))
    exact = cells(600 * share[None])
    alone, scattered = covariances(law, exact, fit_law(law, exact), scatter)
    told = np.sqrt(np.diag(scattered))
    found = (
        estimates.theta
        if eligible
        else np.column_stack([ceiling(law, cells(many), estimates.theta), estimates.theta])
    )
    assert told == pytest.approx(found.std(axis=0), rel=0.08)
    assert (np.diag(scattered) > 1.5 * np.diag(alone)).all()


def test_people_who_adopt_one_by_one_are_told_no_scatter_worth_speaking_of():
    rng = np.random.default_rng(2)
    share = np.diff(1 - np.exp(-0.08 * np.arange(25.0)))
    found = []
    for _ in range(30):
        n = rng.multinomial(400, [*share, 1 - share.sum()])[:-1]
        found.append(fit(observe(n, eligible=400).cells)[1])
    assert np.mean(np.array(found) == 0.0) > 0.3 and np.quantile(found, 0.9) < 0.1
    told = fit_adoption(n, eligible=400, family="push", draws=2).estimates.set_index("name")
    assert told.loc["scatter", "value"] == pytest.approx(found[-1])
