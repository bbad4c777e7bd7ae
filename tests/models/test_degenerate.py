"""Every verb of adoption, path, network and effects on every degenerate input: a status and a reason, never an exception."""

import numpy as np
import pandas as pd
import pytest

from smf_helpers.measures.network import trace_exposure
from smf_helpers.measures.network_structure import summarise_network
from smf_helpers.measures.practice import account_growth, lay_out
from smf_helpers.models import (
    calibrate_what_if,
    estimate_effect,
    estimate_ledger,
    estimate_sustain,
    fit_adoption,
    fit_adoption_units,
    fit_hazard,
    fit_path,
    project,
)
from smf_helpers.models.diffusion_families import LAWS
from smf_helpers.models.diffusion_intervals import observe
from smf_helpers.models.diffusion_selection import select_family
from smf_helpers.models.forecast import back_test
from smf_helpers.models.tipping import find_change
from smf_helpers.results.adoption import Setting
from smf_helpers.results.core import SHOWN, Status
from smf_helpers.results.what_if import PARAMETERS

SERIES = {
    "constant": [5.0] * 12,
    "empty": [],
    "one wave": [12.0],
    "all missing": [np.nan] * 12,
    "all adopt at once": [0.0, 0, 0, 0, 0, 60, 0, 0, 0, 0, 0, 0],
    "nobody adopts": [0.0] * 12,
}
"""New adopters in twelve weeks, of sixty people."""

TIMES = {
    "constant": [float(week) for week in range(1, 13) for _ in range(5)],
    "empty": [],
    "one wave": [1.0] * 12 + [np.nan] * 48,
    "all missing": [np.nan] * 60,
    "all adopt at once": [6.0] * 60,
    "nobody adopts": [np.nan] * 60,
}
"""When each of sixty people adopted."""

KINDS = [*SERIES, "duplicates", "unsorted"]


def series_of(kind):
    if kind in SERIES:
        return np.array(SERIES[kind]), np.arange(1.0, len(SERIES[kind]) + 1)
    new, at = np.array([2.0, 5, 9, 12, 10, 7, 4, 2]), np.arange(1.0, 9)
    order = np.argsort(np.random.default_rng(1).random(8))
    return (np.tile(new / 2, 2), np.tile(at, 2)) if kind == "duplicates" else (new[order], at[order])


def people_of(kind):
    base = TIMES["constant"] if kind in ("duplicates", "unsorted") else TIMES[kind]
    rows = pd.DataFrame(
        {"person": [f"p{k:02}" for k in range(len(base))], "adopted_at": np.array(base, dtype=float)}
    )
    if kind == "duplicates":
        return pd.concat([rows, rows], ignore_index=True)
    return rows.sample(frac=1, random_state=1) if kind == "unsorted" else rows


def ties_of(kind):
    names = sorted(set(people_of(kind)["person"]))
    pairs = [(a, names[(k + step) % len(names)]) for k, a in enumerate(names) for step in (1, 7)]
    return pd.DataFrame(pairs, columns=["source", "target"])


def looks_of(kind):
    rows = people_of(kind)
    waves = [
        (row.person, at, "internal" if row.adopted_at <= at else "none")
        for row in rows.itertuples()
        for at in (0, 4, 8, 12)
    ]
    looks = pd.DataFrame(waves, columns=["person", "at", "stage"])
    if kind == "all missing":
        return looks.assign(stage=None)
    return looks[looks["at"] == 0] if kind == "one wave" else looks


def shares_of(kind):
    new, at = series_of(kind)
    return pd.DataFrame({"at": at, "value": new})


def refuses_or_shows(estimate):
    assert estimate.status in SHOWN or (estimate.value is None and estimate.reason), estimate


@pytest.mark.parametrize("kind", KINDS)
def test_fit_adoption_and_its_forecast(kind):
    new, at = series_of(kind)
    fit = fit_adoption(new, times=at, eligible=60, draws=10)
    assert fit.status in SHOWN or (fit.reason and fit.estimates["value"].isna().all())
    hidden = ~fit.estimates["status"].isin([str(status) for status in SHOWN])
    assert (
        fit.estimates.loc[hidden, "value"].isna().all() and (fit.estimates.loc[hidden, "reason"] != "").all()
    )
    assert len(fit.forecast(3)) in (0, 3)
    told = select_family(new, times=at, eligible=60)
    assert set(told["family"]) == set(LAWS)
    assert len(back_test(LAWS["bass"], observe(new, times=at, eligible=60), draws=10)) <= 3


@pytest.mark.parametrize("kind", KINDS)
def test_fit_adoption_units(kind):
    new, at = series_of(kind)
    rows = pd.DataFrame({"after": at - 1, "by": at, "new": new})
    counts = pd.concat([rows.assign(unit=unit) for unit in "abcd"])
    found = fit_adoption_units(counts, pd.Series(60, index=list("abcd")))
    assert found.status is Status.OK or found.reason
    for estimate in found.typical.values():
        refuses_or_shows(estimate)


@pytest.mark.parametrize("kind", KINDS)
def test_fit_hazard(kind):
    fit = fit_hazard(people_of(kind), exposure=ties_of(kind))
    assert fit.status is Status.OK or (fit.reason and not len(fit.rates))
    for estimate in (fit.top_down, fit.bottom_up, fit.network):
        refuses_or_shows(estimate)


@pytest.mark.parametrize("kind", KINDS)
def test_trace_exposure_and_the_network(kind):
    people, ties = people_of(kind).drop_duplicates("person"), ties_of(kind)
    traced = trace_exposure(ties, people.set_index("person")["adopted_at"])
    assert len(traced) == len(people)
    known = traced["threshold"].dropna()
    assert ((known >= 0) & (known <= 1)).all()
    for estimate in summarise_network(ties, people["person"].tolist()).values():
        refuses_or_shows(estimate)


@pytest.mark.parametrize("kind", KINDS)
def test_fit_path(kind):
    fit = fit_path(looks_of(kind))
    assert fit.status is Status.OK or fit.reason
    hidden = fit.rates["status"] != Status.OK
    assert fit.rates.loc[hidden, "rate"].isna().all() and (fit.rates.loc[hidden, "reason"] != "").all()


@pytest.mark.parametrize("kind", KINDS)
def test_estimate_effect_and_find_change(kind):
    rows = shares_of(kind)
    effect = estimate_effect(rows, at=6)
    assert effect.verdict in ("cannot be told", "no effect seen") and effect.reason
    refuses_or_shows(effect.level)
    ordered = rows.groupby("at", as_index=False)["value"].sum(min_count=1)
    refuses_or_shows(find_change(ordered["value"], np.full(len(ordered), 60.0), draws=19))


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "all missing"])
def test_growth_and_lasting(kind):
    people = people_of(kind).drop_duplicates("person").dropna()
    rows = pd.DataFrame(
        {
            "actor": people["person"],
            "week": pd.Timestamp("2026-01-05") + pd.to_timedelta(7 * people["adopted_at"], unit="D"),
            "platform": "x",
            "posts": 1,
        }
    )
    grown = account_growth(lay_out(rows, actions=["posts"]), window=4, at_least=1)
    weeks = grown.rename(columns={"resurrected": "back"})
    for estimate in estimate_sustain(weeks, eligible=60, draws=10).values():
        refuses_or_shows(estimate)


def counts_of(kind):
    """Weekly counts of the same people: who joins stays for four weeks."""
    new, at = series_of("constant" if kind in ("duplicates", "unsorted") else kind)
    stopped = np.concatenate([np.zeros(4), new])[: len(new)]
    rows = pd.DataFrame(
        {
            "week": pd.Timestamp("2026-01-05") + pd.to_timedelta(7 * at, unit="D"),
            "active": np.cumsum(new - stopped),
            "new": new,
            "lapsed": stopped,
            "back": new * 0,
        }
    )
    if kind == "all missing":
        return rows.assign(lapsed=np.nan, back=np.nan)
    if kind == "duplicates":
        return pd.concat([rows, rows], ignore_index=True)
    return rows.sample(frac=1, random_state=1) if kind == "unsorted" else rows


@pytest.mark.parametrize("kind", KINDS)
def test_calibrate_what_if_and_project(kind):
    model = calibrate_what_if(counts_of(kind), eligible=60)
    if kind in ("constant", "duplicates", "unsorted"):
        assert model == calibrate_what_if(counts_of("constant"), eligible=60)
        assert set(model.assumed) == {"e", "r"}
    else:
        assert set(model.assumed) == set(PARAMETERS)
    for settings in ({}, {"push": Setting(value=0.0)}, {"executives": Setting(value=1.0, start=3)}):
        told = project(model, settings, weeks=12)
        paths = np.array([told.low, told.active, told.high, told.ever_low, told.ever, told.ever_high])
        assert np.isfinite(paths).all() and paths.min() >= 0 and paths.max() <= 1 + 1e-12
        assert (paths[0] <= paths[2] + 1e-12).all() and (paths[3] <= paths[5] + 1e-12).all()


@pytest.mark.parametrize("kind", KINDS)
def test_estimate_ledger_of_degenerate_outcomes(kind):
    rows = shares_of(kind)
    seen = rows.assign(
        outcome="active", at=pd.Timestamp("2026-01-05") + pd.to_timedelta(7 * rows["at"], unit="D")
    )
    done = pd.DataFrame({"kind": ["policy_published"], "name": ["Policy"], "starts_on": ["2026-02-16"]})
    told_honestly(estimate_ledger(done, seen))


DONE = {
    "empty": [],
    "all missing": [("Policy", None, "")] * 2,
    "duplicates": [("Policy", "2026-02-16", "")] * 2,
    "unsorted": [("Owner", "2026-03-16", "a"), ("Policy", "2026-01-26", "")],
    "of a unit nobody knows": [("Owner", "2026-02-16", "nowhere")],
    "before everything": [("Policy", "2001-01-01", "")],
}


@pytest.mark.parametrize("kind", DONE)
def test_estimate_ledger_of_degenerate_interventions(kind):
    done = pd.DataFrame(DONE[kind], columns=["name", "starts_on", "scope"]).assign(kind="policy_published")
    weeks = pd.date_range("2026-01-05", periods=12, freq="7D")
    noise = np.random.default_rng(2).normal(0.3, 0.02, 36)
    seen = pd.concat(
        [pd.DataFrame({"outcome": "active", "at": weeks, "unit": unit}) for unit in ("all", "a", "b")]
    )
    found = estimate_ledger(done, seen.assign(value=noise))
    assert len(found.entries) == len(done)
    told_honestly(found)


def told_honestly(ledger):
    assert ledger.status is Status.OK or (ledger.reason and not ledger.entries)
    for entry in ledger.entries:
        assert entry.effect.verdict in ("cannot be told", "no effect seen") and entry.effect.reason
        refuses_or_shows(entry.effect.level)
        refuses_or_shows(entry.effect.slope)
