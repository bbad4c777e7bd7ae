"""A curve that does not describe the counts is not told, and says so; chance alone is not taken for it."""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize_scalar

from smf_helpers.models import fit_adoption
from smf_helpers.models.diffusion_families import LAWS
from smf_helpers.models.diffusion_intervals import observe
from smf_helpers.models.diffusion_selection import choose_ceiling
from smf_helpers.results.core import Status

LAUNCH = [633, 538, 85, 34, 21, 19, 18]
"""A platform that most join in its first weeks and the rest never: 1,348 of 1,899."""


def test_a_curve_that_misses_the_counts_is_refused_with_what_it_said_and_what_came():
    ends = pd.date_range("2004-05-09", periods=7, freq="28D")
    fit = fit_adoption(LAUNCH, times=ends, eligible=1899)
    t, n = np.arange(1, 8), np.array(LAUNCH)

    def loss(p):
        share = np.diff(1 - np.exp(-p * t), prepend=0.0)
        return -(n * np.log(share)).sum() + (1899 - n.sum()) * p * t[-1]

    p = minimize_scalar(loss, bounds=(0.01, 3), method="bounded", options={"xatol": 1e-10}).x
    said, came = 1 - np.exp(-2 * p), n[:2].sum() / 1899
    assert fit.status is Status.NOT_IDENTIFIED
    assert (
        fit.reason
        == f"The curve does not describe these data: after 8 weeks it has {said:.0%}, where {came:.0%} had adopted."
    )
    assert fit.curve["fitted"].isna().all() and fit.curve["observed"].notna().all()
    assert fit.estimates["value"].isna().all() and not len(fit.forecast(4))


def test_the_headcount_is_given_up_where_only_a_lower_ceiling_describes_the_counts():
    assert choose_ceiling(LAWS["bass"], observe(LAUNCH, eligible=1899)).cells.eligible is None
    assert fit_adoption(LAUNCH).status is Status.OK


@pytest.mark.parametrize("eligible", [500, None])
def test_two_campaigns_are_no_single_wave(eligible):
    rng = np.random.default_rng(1)
    twice = [2, 2, 60, 40, 10, 3, 2, 2, 2, 70, 50, 10, 3, 2, 2, 1]
    for _ in range(2):
        fit = fit_adoption(rng.poisson(twice), eligible=eligible, draws=2)
        assert "does not describe" in fit.reason


def test_counts_of_the_law_are_not_refused_in_lumps_nor_from_few_people():
    t = np.linspace(0, 30, 13)
    shares = np.diff((1 - np.exp(-0.36 * t)) / (1 + 35 * np.exp(-0.36 * t)))
    for seed in range(5):
        rng = np.random.default_rng([4, seed])
        for people, lump in ((60, 1), (300, 5)):
            new = lump * rng.multinomial(people // lump, [*shares, 1 - shares.sum()])[:-1]
            assert "describe" not in fit_adoption(new, eligible=people, draws=2).reason


def test_shares_are_held_against_the_curve_as_far_as_ten_points():
    assert "does not describe" in fit_adoption([0.4, 0.0, 0.0, 0.3, 0.0], eligible=1, draws=2).reason
    assert fit_adoption([0.03, 0.08, 0.09, 0.19, 0.17, 0.16], eligible=1, draws=2).status is Status.OK
