import numpy as np
import pytest
from statsmodels.duration.survfunc import CumIncidenceRight, SurvfuncRight

from smf_helpers.errors import ModelError
from smf_helpers.models.survival import aalen_johansen, kaplan_meier
from smf_helpers.results.core import Status


def sample(seed, n=400):
    rng = np.random.default_rng(seed)
    at = np.ceil(rng.exponential(20.0, n))
    return at, rng.integers(0, 3, n), np.minimum(rng.integers(0, 15, n), at - 1).astype(float)


def test_curve_and_standard_error_agree_with_statsmodels():
    at, cause, _ = sample(1)
    ours, theirs = kaplan_meier(at, cause == 1), SurvfuncRight(at, (cause == 1).astype(int))
    here = np.isin(ours.times, theirs.surv_times)
    assert ours.survival[here] == pytest.approx(theirs.surv_prob, abs=1e-12)
    assert ours.se[here] == pytest.approx(theirs.surv_prob_se, abs=1e-12, nan_ok=True)


def test_curve_with_late_entry_agrees_with_statsmodels():
    at, cause, entered = sample(2)
    ours = kaplan_meier(at, cause == 1, entered=entered)
    theirs = SurvfuncRight(at, (cause == 1).astype(int), entry=entered)
    here = np.isin(ours.times, theirs.surv_times)
    assert ours.survival[here] == pytest.approx(theirs.surv_prob, abs=1e-12)


def test_leukaemia_remission_of_freireich_1963():
    # the 6-MP arm of Freireich et al. 1963, the standard textbook example of the product-limit method
    at = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
    event = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
    curve = kaplan_meier(at, event)
    steps = curve.survival[curve.n_events > 0]
    assert steps == pytest.approx([0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448], abs=5e-4)
    assert curve.se[curve.n_events > 0] == pytest.approx(
        [0.0764, 0.0869, 0.0963, 0.1068, 0.1141, 0.1282, 0.1346], abs=5e-5
    )
    assert curve.median.value == 23


def test_log_log_interval_is_the_formula_of_kalbfleisch_and_prentice():
    at, cause, _ = sample(3)
    curve = kaplan_meier(at, cause == 1)
    k = int(np.argmin(np.abs(curve.survival - 0.6)))
    S, se = curve.survival[k], curve.se[k]
    width = 1.959963984540054 * se / (S * np.log(S))
    assert (curve.low[k], curve.high[k]) == pytest.approx(
        (S ** np.exp(-width), S ** np.exp(width)), abs=1e-12
    )
    assert curve.low[k] < S < curve.high[k]


def test_competing_risks_agree_with_statsmodels():
    at, cause, _ = sample(4)
    at = at + np.random.default_rng(5).uniform(0, 0.5, len(at))
    ours = aalen_johansen(
        np.zeros(len(at)), at, np.zeros(len(at), int), np.where(cause == 0, -1, cause), n_states=3
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        theirs = CumIncidenceRight(at, cause)
    here = np.isin(theirs.times, ours.times)
    for k in (0, 1):
        assert ours.share[:, k + 1] == pytest.approx(theirs.cinc[k][here], abs=1e-12)


def test_two_states_reduce_to_kaplan_meier_with_greenwood():
    at, cause, entered = sample(6)
    one = kaplan_meier(at, cause == 1, entered=entered)
    two = aalen_johansen(
        entered, at, np.zeros(len(at), int), np.where(cause == 1, 1, -1), n_states=2, start=[1, 0]
    )
    steps = one.n_events > 0
    assert two.share[:, 0] == pytest.approx(one.survival[steps], abs=1e-12)
    keep = one.survival[steps] > 0
    assert two.se[keep, 0] == pytest.approx(one.se[steps][keep], abs=1e-12)


def test_shares_over_states_that_can_be_left_again_add_up_to_one():
    rng = np.random.default_rng(7)
    begun, ended, source, target = [], [], [], []
    for _ in range(200):
        at, state = 0.0, 0
        while at < 10:
            stay = rng.exponential(3.0)
            goal = int(rng.choice([s for s in range(3) if s != state]))
            begun.append(at), ended.append(min(at + stay, 10)), source.append(state)
            target.append(goal if at + stay < 10 else -1)
            at, state = at + stay, goal
    curve = aalen_johansen(begun, ended, source, target, n_states=3)
    assert curve.share.sum(axis=1) == pytest.approx(1.0, abs=1e-12)
    at_end = np.bincount([s for s, t in zip(source, target, strict=True) if t == -1], minlength=3) / 200
    assert curve.share[-1] == pytest.approx(at_end, abs=1e-12)


@pytest.mark.parametrize(
    ("at", "event", "status"),
    [
        ([], [], Status.INSUFFICIENT_DATA),
        ([np.nan], [True], Status.INSUFFICIENT_DATA),
        ([1, 2], [0, 0], Status.BOUNDARY),
    ],
    ids=["empty", "all missing", "nobody"],
)
def test_degenerate_times_give_a_status_and_a_reason(at, event, status):
    curve = kaplan_meier(at, event)
    assert curve.status is status
    assert curve.reason
    assert curve.median.value is None


def test_unequal_lengths_are_refused():
    with pytest.raises(ModelError, match="same length"):
        kaplan_meier([1, 2], [True])


def test_an_empty_set_of_moves_says_so():
    assert aalen_johansen([0], [1], [0], [-1], n_states=2).reason == "nobody moved"
