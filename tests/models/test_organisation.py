import numpy as np
import pandas as pd
import pytest

from smf_helpers.models import organisation_lag, view_pilot
from tests.models.learners import as_frame, simulate


def curves(lag, *, waves=20, noise=0.02, seed=0):
    rng = np.random.default_rng(seed)
    week = np.arange(0, 53.0, 1)
    people = pd.DataFrame({"at": week, "level": 4 - 2 * np.exp(-0.12 * week)})
    at = np.linspace(0, 52, waves)
    level = 1 + 0.6 * np.interp(at - lag, week, people["level"]) + noise * rng.standard_normal(waves)
    return people, pd.DataFrame({"at": at, "level": level})


def test_the_lag_is_recovered_and_covered():
    hits = []
    for seed in range(60):
        told = organisation_lag(*curves(8.0, seed=seed))
        assert told.lag.status == "ok"
        assert told.lag.value == pytest.approx(8, abs=2.5)
        hits.append(told.lag.low <= 8 <= told.lag.high)
        assert told.strength.low > 0
    assert np.mean(hits) >= 0.85


def test_few_waves_cannot_tell_the_lag():
    told = organisation_lag(*curves(8.0, waves=4))
    assert told.lag.status == "insufficient_data"
    assert "Cannot be told" in told.lag.reason
    assert told.lag.value is None


def test_an_organisation_that_does_not_move_follows_nobody():
    people, organisation = curves(8.0)
    flat = organisation.assign(level=3 + np.random.default_rng(1).normal(0, 0.1, len(organisation)))
    told = organisation_lag(people, flat)
    assert told.lag.value is None or told.lag.status == "not_identified"


def test_straight_lines_cannot_tell_the_lag():
    week = np.arange(0, 53.0, 4)
    people = pd.DataFrame({"at": week, "level": 2 + 0.03 * week})
    noise = np.random.default_rng(3).normal(0, 0.05, len(week))
    told = organisation_lag(people, people.assign(level=people["level"] - 0.2 + noise))
    assert told.lag.status in {"not_identified", "one_sided"}


def test_a_pilot_is_seen_week_by_week_and_beside_those_not_yet_in_it():
    weeks = np.arange(5.0)
    scores, *_ = simulate(80, weeks, seed=3)
    still = 2.2 + 0.15 * np.random.default_rng(4).standard_normal((60, 5))
    frame = as_frame(np.vstack([scores, still]), weeks, np.repeat(["service", "sales"], [80, 60]))
    seen = view_pilot(frame, pilot=["service"])
    assert set(seen.weeks["group"]) == {"pilot", "not yet"}
    assert len(seen.weeks) == 10
    assert seen.comparison.status == "ok"
    assert seen.comparison.low > 1
    shares = seen.paths.set_index("path")["share"]
    assert shares["moving up"] > 0.9
    others = seen.people[seen.people["group"] == "not yet"]["path"]
    assert np.mean(others == "holding") > 0.85


@pytest.mark.parametrize("rows", [0, 1])
def test_a_pilot_without_scores_says_so(rows):
    frame = as_frame(np.ones((1, 1)), [0.0], ["sales"]).head(rows)
    seen = view_pilot(frame, pilot=["service"])
    assert (seen.status, seen.comparison.status) == ("insufficient_data", "insufficient_data")
