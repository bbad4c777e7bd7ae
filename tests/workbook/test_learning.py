import numpy as np
import pandas as pd
import pytest

from smf_helpers.params import load_params
from smf_helpers.results.catalogue import CATALOGUE
from smf_helpers.tables import conform
from smf_helpers.workbook import Workbook
from smf_helpers.workbook.learning import propose_learning
from tests.models.learners import as_frame, simulate

LEARNING = [name for name, spec in CATALOGUE.items() if spec.section == "learning"]


@pytest.fixture(scope="module")
def params(tmp_path_factory):
    path = tmp_path_factory.mktemp("params") / "acme.yml"
    path.write_text("client: acme\nname: Acme\nsources: [{path: wave.csv}]\n", encoding="utf-8")
    return load_params(str(path))


@pytest.fixture(scope="module")
def tables(params):
    weeks = np.arange(8.0)
    scores, *_ = simulate(60, weeks, seed=3)
    rows = as_frame(scores, weeks, np.repeat(["care", "sales"], 30))
    at = pd.Timestamp("2026-01-05") + pd.to_timedelta(rows["at"] * 7, unit="D")
    skills = conform("skills", rows.assign(at=at, skill="writing"))
    book = Workbook(params, {"skills": skills})
    return {proposal.table.spec.name: proposal for proposal in propose_learning(book)}


def test_every_table_of_the_section_is_proposed(tables):
    assert list(tables) == LEARNING


def test_each_row_names_the_people_behind_it_and_how_many(tables):
    for name in ("learning_curve", "learning_waves", "learning_spread", "learning_summary", "learning_units"):
        proposal = tables[name]
        assert proposal.table.rows, name
        assert all(groups and groups[0].population == "skills" for groups in proposal.groups), name
        assert all(count > 0 for count in proposal.counts), name


def test_the_summary_holds_the_quantities_that_the_findings_read(tables):
    told = {row["quantity"]: row for row in tables["learning_summary"].table.records()}
    assert told["gain_so_far"]["low"] > 0
    assert told["half_life"]["low"] < np.log(2) / 0.35 < told["half_life"]["high"]


def test_units_stand_apart_in_the_waves_as_measured(tables):
    rows = tables["learning_waves"].table.records(week=0.0)
    assert {row["unit"] for row in rows} == {"all", "care", "sales"}
    assert all(row["low"] < row["mean"] < row["high"] for row in rows)


def test_a_client_without_skills_gets_a_reason_for_every_table(params):
    for proposal in propose_learning(Workbook(params, {})):
        assert not proposal.table.rows
        assert proposal.table.reason


@pytest.fixture(scope="module")
def pilot_book(params):
    weeks = np.arange(5.0)
    scores, *_ = simulate(30, weeks, seed=3)
    still = 2.2 + 0.15 * np.random.default_rng(4).standard_normal((20, 5))
    late, *_ = simulate(20, weeks, seed=5)
    blocks = [
        as_frame(part, weeks + start, np.repeat(unit, len(part))).assign(
            learner=lambda rows, unit=unit: unit + rows["learner"]
        )
        for part, start, unit in ((scores, 0.0, "care"), (still, 0.0, "sales"), (late, 30.0, "sales"))
    ]
    rows = pd.concat(blocks, ignore_index=True)
    at = pd.Timestamp("2026-01-05") + pd.to_timedelta(rows["at"] * 7, unit="D")
    skills = conform("skills", rows.assign(at=at, skill="writing"))
    joined = pd.to_datetime(["2026-01-05", "2026-08-03"])
    units = conform("units", pd.DataFrame({"unit": ["care", "sales"], "joined_rollout_on": joined}))
    return Workbook(params, {"skills": skills, "units": units})


def test_a_pilot_stands_beside_those_whose_unit_had_not_joined(pilot_book):
    first, last = pilot_book.frame("pilot_paths").query("unit != 'all'").to_dict("records")
    assert (first["unit"], last["unit"]) == ("care", "sales")
    assert first["difference_low"] > 1
    assert first["moving_up"] > 0.9
    assert abs(first["waiting"]) < 0.2
    weeks = pilot_book.frame("pilot_weeks")
    assert set(weeks.query("unit == 'care'")["group"]) == {"in_pilot", "not_yet"}
    assert set(weeks.query("unit == 'sales'")["group"]) == {"in_pilot"}


def test_scores_from_before_a_unit_joined_do_not_bend_the_learning_curve(pilot_book):
    assert pilot_book.frame("learning_curve")["n"].max() == 50


def test_all_pilots_together_are_the_people_of_each(pilot_book):
    rows = pilot_book.frame("pilot_paths").set_index("unit")
    parts = rows.loc[["care", "sales"]]
    assert rows.loc["all", "n"] == parts["n"].sum()
    mean = np.average(parts["moving_up"].astype(float), weights=parts["n"].astype(float))
    assert rows.loc["all", "moving_up"] == pytest.approx(mean)
