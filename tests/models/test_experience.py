import numpy as np
import pandas as pd
import pytest

from smf_helpers.errors import ModelError
from smf_helpers.models import fit_experience
from smf_helpers.models.experience import _shape


def posts(slope, *, n=80, noise=0.1, seed=0, drift=0.0, growth=0.0, law="crawford"):
    rng = np.random.default_rng(seed)
    week = np.sort(rng.uniform(0, 40, n))
    made = np.arange(1.0, n + 1)
    size = 1000 * np.exp(growth * week)
    log = np.log(50) + _shape(made, slope, law) + drift * week + np.log(size / 1000)
    return pd.DataFrame({"at": week, "value": np.exp(log + noise * rng.standard_normal(n)), "audience": size})


def test_the_same_eighty_percent_means_sixty_under_wright_and_eighty_under_crawford():
    two, slope = np.array([1.0, 2.0]), np.log2(0.8)
    assert 100 * np.exp(_shape(two, slope, "crawford")) == pytest.approx([100, 80])
    assert 100 * np.exp(_shape(two, slope, "wright")) == pytest.approx([100, 60])


@pytest.mark.parametrize("law", ["crawford", "wright"])
def test_the_progress_ratio_is_recovered_and_covered(law):
    hits = []
    for seed in range(60):
        row = fit_experience(posts(np.log2(0.8), seed=seed, law=law), law=law, trend=False).teams.iloc[0]
        hits.append(row["low"] <= 0.8 <= row["high"])
        assert row["progress_ratio"] == pytest.approx(0.8, abs=0.06)
    assert np.mean(hits) >= 0.85


def test_crawford_agrees_with_ordinary_least_squares_on_the_logarithms():
    from statsmodels.api import OLS, add_constant

    table = posts(0.3, growth=0.02)
    n = np.arange(1, 81)
    told = OLS(np.log(table["value"]), add_constant(np.column_stack([np.log(n), table["at"]]))).fit()
    row = fit_experience(table.drop(columns="audience")).teams.iloc[0]
    assert np.log2(row["progress_ratio"]) == pytest.approx(told.params.iloc[1], rel=1e-9)
    assert row["trend"] == pytest.approx(told.params.iloc[2], rel=1e-9)


def test_a_growing_audience_is_not_taken_for_experience():
    table = posts(0.0, growth=0.05, noise=0.05)
    blind = fit_experience(table.drop(columns="audience"), trend=False).teams.iloc[0]
    fair = fit_experience(table, trend=False).teams.iloc[0]
    assert blind["low"] > 1
    assert fair["low"] <= 1 <= fair["high"]


def test_breaks_show_forgetting():
    rng = np.random.default_rng(2)
    week = np.concatenate([np.arange(20) * 0.5, 30 + np.arange(20) * 0.5, 60 + np.arange(20) * 0.5])
    stock, held = [], 0.0
    for place, gap in enumerate(np.diff(week, prepend=week[0])):
        held = held * 0.9**gap + 1
        stock.append(held)
        assert place >= 0
    value = 10 * np.array(stock) ** -0.5 * np.exp(0.03 * rng.standard_normal(60))
    row = fit_experience(pd.DataFrame({"at": week, "value": value}), forgetting=True).teams.iloc[0]
    assert row["retention_status"] == "ok"
    assert row["retention_low"] <= 0.9 <= row["retention_high"]
    assert row["progress_ratio"] == pytest.approx(2**-0.5, abs=0.03)


def test_no_breaks_and_no_fading_is_never_called_fading():
    row = fit_experience(posts(-0.3), forgetting=True).teams.iloc[0]
    assert row["retention_status"] in {"one_sided", "not_identified"}


@pytest.mark.parametrize(
    "table",
    [
        pd.DataFrame({"at": [], "value": []}),
        pd.DataFrame({"at": np.arange(5.0), "value": np.ones(5)}),
        pd.DataFrame({"at": np.arange(30.0), "value": np.zeros(30)}),
        pd.DataFrame({"at": np.arange(30.0), "value": np.full(30, np.nan)}),
        pd.DataFrame({"at": np.arange(30.0), "value": np.ones(30), "made": np.full(30, 90.0)}),
    ],
)
def test_degenerate_histories_give_a_status_and_a_reason(table):
    fit = fit_experience(table)
    assert fit.status == "insufficient_data"
    assert fit.reason
    assert fit.teams["progress_ratio"].isna().all()


def test_a_constant_value_has_a_progress_ratio_of_one():
    row = fit_experience(pd.DataFrame({"at": np.sqrt(np.arange(30.0)), "value": np.ones(30)})).teams.iloc[0]
    assert row["progress_ratio"] == pytest.approx(1)


def test_a_request_without_meaning_is_refused():
    with pytest.raises(ModelError):
        fit_experience(pd.DataFrame({"at": [1.0]}))
    with pytest.raises(ModelError):
        fit_experience(posts(0.1), law="moore")
