import numpy as np
import pytest
from scipy.optimize import curve_fit
from scipy.stats import f as f_distribution

from smf_helpers.errors import ModelError
from smf_helpers.models import fit_curve
from smf_helpers.models.curves import aicc
from smf_helpers.models.curves_families import CURVES

WEEKS = np.arange(14.0)
NOISE = 0.05 * np.random.default_rng(3).standard_normal(14)
TRUE = {
    "constant": (3.0,),
    "line": (2.0, 0.1),
    "log_line": (2.0, 0.7),
    "exponential": (4.0, 2.0, 0.4),
    "power": (4.5, 2.5, 0.9),
    "power_prior": (4.5, 2.5, 1.5, 3.0),
    "hyperbolic": (4.0, 2.0, 0.5),
    "apex": (4.0, 2.0, 0.15, 0.5),
    "delayed_exponential": (4.0, 2.0, 0.8, 12.0),
    "logistic": (4.0, 0.6, 4.0),
    "gompertz": (4.0, 0.5, 3.0),
}


@pytest.mark.parametrize("name", CURVES)
def test_every_registered_family_recovers_its_own_noiseless_curve(name):
    curve = CURVES[name].bind(WEEKS)
    fit = fit_curve(name, WEEKS, curve(WEEKS, *TRUE[name]))
    assert fit.estimates["value"].to_numpy() == pytest.approx(np.array(TRUE[name]), rel=1e-6)
    assert fit.predict(WEEKS) == pytest.approx(curve(WEEKS, *TRUE[name]), rel=1e-9)


@pytest.mark.parametrize("name", ["exponential", "power", "hyperbolic", "logistic", "gompertz"])
def test_an_interior_optimum_agrees_with_scipy_to_eight_digits(name):
    curve = CURVES[name].bind(WEEKS)
    y = curve(WEEKS, *TRUE[name]) + NOISE
    fit = fit_curve(name, WEEKS, y)
    theta, cov = curve_fit(curve, WEEKS, y, p0=TRUE[name], ftol=1e-15, xtol=1e-15, gtol=1e-15, maxfev=9999)
    assert fit.estimates["value"].to_numpy() == pytest.approx(theta, rel=2e-7)
    assert fit.rss <= np.sum((y - curve(WEEKS, *theta)) ** 2) * (1 + 1e-12)
    assert fit.estimates["se"].to_numpy() == pytest.approx(np.sqrt(np.diag(cov)), rel=1e-5)


def test_a_profile_limit_is_where_the_refitted_sum_of_squares_reaches_the_f_bound():
    y = CURVES["exponential"].bind(WEEKS)(WEEKS, 4.0, 2.0, 0.4) + NOISE
    fit = fit_curve("exponential", WEEKS, y)
    bound = fit.rss * (1 + f_distribution.ppf(0.95, 1, 11) / 11)
    for limit in fit.estimates.set_index("name").loc["rate", ["low", "high"]]:
        design = np.column_stack([np.ones(14), np.exp(-limit * WEEKS)])
        assert np.linalg.lstsq(design, y, rcond=None)[1][0] == pytest.approx(bound, rel=1e-5)


def test_intervals_of_a_straight_line_are_those_of_the_textbook():
    from statsmodels.api import OLS, add_constant

    y = 2 + 0.1 * WEEKS + NOISE
    told = OLS(y, add_constant(WEEKS)).fit()
    fit = fit_curve("line", WEEKS, y)
    assert fit.estimates[["low", "high"]].to_numpy() == pytest.approx(told.conf_int(), rel=1e-9)
    assert fit.aicc == pytest.approx(aicc(told.ssr, 14, 2))


def test_a_flat_series_gives_no_rate():
    fit = fit_curve("exponential", WEEKS, np.full(14, 3.0))
    assert fit.status in {"not_identified", "boundary"}
    assert fit.reason


def test_a_straight_series_runs_to_the_edge_and_says_which_simpler_curve_it_means():
    fit = fit_curve("exponential", WEEKS, 2 + 0.1 * WEEKS + NOISE / 10)
    row = fit.estimates.set_index("name").loc["rate"]
    assert row["status"] in {"boundary", "one_sided", "not_identified"}
    if row["status"] == "boundary":
        assert "straight line" in row["reason"]


def test_a_parameter_that_the_curve_does_not_use_is_not_identified():
    fit = fit_curve(lambda x, a, b, c: a + b * x + 0 * c, WEEKS, 2 + WEEKS + NOISE)
    assert list(fit.estimates["status"]) == ["ok", "ok", "not_identified"]


@pytest.mark.parametrize(
    ("x", "y"),
    [
        ([], []),
        ([1.0], [2.0]),
        ([1.0, 2.0], [2.0, 3.0]),
        ([1, 2, 3], [np.nan, np.nan, 3.0]),
        ([1, 2, 3], [1, 2, 4]),
    ],
)
def test_too_few_points_give_a_status_and_a_reason(x, y):
    fit = fit_curve("exponential", x, y)
    assert fit.status == "insufficient_data"
    assert fit.reason
    assert fit.estimates["low"].isna().all()


def test_one_x_repeated_gives_a_status():
    assert fit_curve("exponential", np.ones(9), np.arange(9.0)).status != "ok"


def test_points_on_the_curve_are_reported_exactly():
    fit = fit_curve("exponential", WEEKS, 4 - 2 * np.exp(-0.5 * WEEKS))
    assert fit.status == "ok"
    assert fit.estimates["value"].to_numpy() == pytest.approx([4, 2, 0.5], rel=1e-9)


def test_a_callable_that_cannot_be_differentiated_by_the_complex_step_is_fitted_all_the_same():
    def kinked(x, a, b):
        return a * np.abs(np.real(x)) ** np.real(b)

    fit = fit_curve(kinked, WEEKS + 1, 2 * (WEEKS + 1) ** 0.5, start=[1.0, 1.0])
    assert fit.estimates["value"].to_numpy() == pytest.approx([2, 0.5], rel=1e-8)


def test_bounds_hold_and_are_told():
    y = 4 - 2 * np.exp(-0.4 * WEEKS) + NOISE
    fit = fit_curve("exponential", WEEKS, y, bounds={"asymptote": (0.0, 3.5)})
    row = fit.estimates.set_index("name").loc["asymptote"]
    assert row["value"] == 3.5
    assert (row["status"], fit.status) == ("boundary", "boundary")


def test_the_order_of_the_points_does_not_matter():
    y = 4 - 2 * np.exp(-0.4 * WEEKS) + NOISE
    order = np.random.default_rng(1).permutation(14)
    one, other = fit_curve("exponential", WEEKS, y), fit_curve("exponential", WEEKS[order], y[order])
    assert one.theta == pytest.approx(other.theta, rel=1e-9)


@pytest.mark.parametrize(
    "call",
    [
        lambda: fit_curve("exponentail", WEEKS, WEEKS),
        lambda: fit_curve("line", WEEKS, WEEKS[:3]),
        lambda: fit_curve("line", WEEKS, WEEKS, start=[1.0]),
        lambda: fit_curve("line", WEEKS, WEEKS, bounds={"pace": (0, 1)}),
        lambda: fit_curve("line", WEEKS, WEEKS, bounds=[(0, 1)]),
        lambda: fit_curve("line", WEEKS, WEEKS, bounds={"slope": (1, 0)}),
        lambda: fit_curve(lambda x, *theta: x, WEEKS, WEEKS),
        lambda: fit_curve(lambda x: x, WEEKS, WEEKS),
    ],
)
def test_a_request_without_meaning_is_refused_in_words(call):
    with pytest.raises(ModelError):
        call()
