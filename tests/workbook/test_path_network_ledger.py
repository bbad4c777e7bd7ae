import numpy as np
import pandas as pd
import pytest

from smf_helpers.framework import STAGES
from smf_helpers.params import ClientParams
from smf_helpers.tables import check, conform
from smf_helpers.workbook import PROPOSERS, Workbook

OURS = ("path", "network", "interventions")
UNITS = ("Sales", "IT", "Service", "Legal")


def tables(seed=1, n=160, n_weeks=40):
    rng = np.random.default_rng(seed)
    who = [f"p{k:03d}" for k in range(n)]
    unit = [UNITS[k % 4] for k in range(n)]
    weeks = pd.date_range("2025-06-02", periods=n_weeks, freq="7D")
    start = np.minimum(rng.geometric(0.04, n), 60)
    activity, acts = [], []
    for k in range(n):
        for w in range(n_weeks):
            if w >= start[k] and rng.random() < 0.6:
                activity.append((who[k], weeks[w], "viva_engage", 2.0))
                acts.append((who[k], who[int(rng.integers(n))], weeks[w], "reply", bool(rng.random() < 0.4)))
    waves = pd.DataFrame(
        {
            "wave": ["w1", "w2", "w3"],
            "opened_on": ["2025-06-02", "2025-12-01", "2026-02-23"],
            "key_kind": "panel",
        }
    )
    stage, answers, people = rng.integers(0, 3, n), [], []
    for wave in waves["wave"]:
        stage = np.minimum(stage + (rng.random(n) < 0.3), 3)
        answers += [(wave, p, "STAGE", float(s)) for p, s in zip(who, stage, strict=True)]
        people += [(wave, p, u) for p, u in zip(who, unit, strict=True)]
    frames = {
        "people": pd.DataFrame({"person": who, "unit": unit, "joined_on": "2020-01-01"}),
        "units": pd.DataFrame(
            {"unit": UNITS, "headcount": n // 4, "joined_rollout_on": ["2025-09-01", None, None, None]}
        ),
        "activity": pd.DataFrame(activity, columns=["actor", "week", "platform", "posts"]),
        "interactions": pd.DataFrame(acts, columns=["source", "target", "at", "kind", "open"]),
        "waves": waves,
        "items": pd.DataFrame({"item": ["STAGE"], "module": ["stage"], "scale_min": 0.0, "scale_max": 3.0}),
        "responses": pd.DataFrame(answers, columns=["wave", "respondent", "item", "value"]),
        "respondents": pd.DataFrame(people, columns=["wave", "respondent", "unit"]),
        "interventions": pd.DataFrame(
            {"kind": ["policy_published"], "name": ["Policy"], "starts_on": ["2025-11-03"]}
        ),
    }
    return {name: conform(name, frame) for name, frame in frames.items()}


def workbook(held):
    check(held)
    return Workbook(ClientParams(client="trial", name="Trial", sources=[{"path": "x.csv"}]), held)


def proposed(book):
    return {p.table.spec.name: p for kind in OURS for p in PROPOSERS[kind](book)}


@pytest.fixture(scope="module")
def found():
    return proposed(workbook(tables()))


def test_the_path_is_told_by_wave_and_unit(found):
    table = found["path_occupancy"].table
    first = table.records(at="2025-06-02", unit="all")
    assert [row["stage"] for row in first] == list(STAGES)
    assert sum(row["share"] for row in first) == pytest.approx(1.0)
    assert {row["unit"] for row in table.records()} == {"all", *UNITS}
    moved = found["path_flows"].table.records(from_stage="personal", to_stage="internal")[0]
    assert moved["status"] == "ok"
    assert moved["rate_low"] < moved["rate"] < moved["rate_high"]


def test_time_at_a_stage_is_told_in_months_and_a_policy_for_all_is_refused(found):
    rows = found["path_time"].table.records(stage="personal")
    rate = sum(row["rate"] for row in found["path_flows"].table.records(from_stage="personal"))
    assert rows[0]["time"] == pytest.approx(12 / rate)
    assert rows[0]["time_low"] < rows[0]["time"] < rows[0]["time_high"]
    policy = found["path_drivers"].table.records(kind="policy_published")
    assert {row["status"] for row in policy} == {"not_identified"}
    assert all("same date" in row["reason"] for row in policy)


def test_no_row_of_the_network_is_about_one_person(found):
    for name in ("network_summary", "mixing", "personas", "adopter_classes", "champions", "adoption_sources"):
        proposal = found[name]
        assert proposal.table.rows, name
        assert all(proposal.groups)
        assert min(proposal.counts) >= 40
    told = str([proposal.table.rows for proposal in found.values()])
    assert "p001" not in told


def test_openness_and_shares_come_out_as_simulated(found):
    openness = found["network_summary"].table.records(quantity="openness")[0]
    assert openness["low"] < 0.4 < openness["high"]
    assert sum(found["personas"].table.column("share")) == pytest.approx(1.0)
    assert sum(found["adopter_classes"].table.column("share")) == pytest.approx(1.0)


def test_the_ledger_has_a_row_for_each_intervention_and_a_verdict(found):
    row = found["interventions"].table.records(intervention="Policy")[0]
    assert row["design"] == "interrupted"
    assert row["verdict"] in {"rose", "fell", "no effect seen", "cannot be told"}
    assert row["reason"]


def test_a_client_without_data_gets_reasons_instead_of_rows():
    for name, proposal in proposed(workbook({})).items():
        assert not proposal.table.rows, name
        assert proposal.table.reason, name


def test_a_list_of_people_without_any_activity_gets_reasons():
    held = {name: tables()[name] for name in ("people", "units")}
    made = proposed(workbook(held))
    assert made["adopter_classes"].table.reason
    assert made["interventions"].table.reason
