import numpy as np
import pandas as pd
import pytest

from smf_helpers.framework import BARRIERS, FACTOR_KEYS
from smf_helpers.params import ClientParams
from smf_helpers.results.catalogue import CATALOGUE
from smf_helpers.results.publication import Mark
from smf_helpers.tables import check, conform
from smf_helpers.workbook import PROPOSERS, Workbook
from smf_helpers.workbook.survey import propose_survey
from smf_helpers.workbook.survey_people import propose_people

TABLES = (
    *(
        "waves",
        "factors",
        "factors_by_role",
        "factor_change",
        "flow",
        "bottleneck",
        "link_test",
        "reliability",
    ),
    *("needs", "recommendation", "drivers", "barriers", "barrier_tests", "segments", "conditions"),
)
WAVES = ("w1", "w2", "w3")
UNITS = ("Sales", "IT", "Service")


def questions():
    rows = [(f"{f}_{k}", f, 1, 5, k == 2) for f in FACTOR_KEYS for k in range(3)]
    rows += [(f"IMP_{f}", f"importance:{f}", 1, 5, False) for f in FACTOR_KEYS]
    rows += [(f"BAR_{b}", f"barrier:{b}", 0, 1, False) for b in BARRIERS]
    rows += [
        ("STAGE", "stage", 0, 3, False),
        ("REC", "recommendation", 0, 10, False),
        ("ACC1", "access", 0, 2, False),
    ]
    rows += [(m.upper(), m, 1, 5, False) for m in ("policy", "owner", "executives", "email")]
    names = ("item", "module", "scale_min", "scale_max", "reverse")
    return pd.DataFrame(rows, columns=names)


def tables(n=180, rise=0.6, seed=1):
    """A panel of three waves: `listening` rises, `learning_culture` is weak, the rest stays."""
    rng = np.random.default_rng(seed)
    asked = questions()
    person = rng.normal(0, 0.5, n)
    answers, people = [], []
    for number, wave in enumerate(WAVES):
        here = np.flatnonzero(rng.random(n) < 0.8)
        score = {}
        for f in FACTOR_KEYS:
            level = (
                3.2 + (rise * number / 2 if f == "listening" else 0) - (1.1 if f == "learning_culture" else 0)
            )
            score[f] = level + person[here] + rng.normal(0, 0.4, len(here))
        for item in asked.itertuples():
            head, _, facet = item.module.partition(":")
            if head in FACTOR_KEYS:
                raw = score[head] + rng.normal(0, 0.6, len(here))
                value = np.clip(np.round(6 - raw if item.reverse else raw), 1, 5)
            elif head == "importance":
                more = 1.0 if facet == "learning_culture" else 0.0
                value = np.clip(np.round(score[facet] + rng.normal(more, 0.5, len(here))), 1, 5)
            elif head == "recommendation":
                value = np.clip(np.round(2 * score["listening"] + rng.normal(0, 1, len(here))), 0, 10)
            else:
                value = rng.integers(item.scale_min, item.scale_max + 1, len(here))
            answers.append(
                pd.DataFrame(
                    {"respondent": [f"p{i}" for i in here], "wave": wave, "item": item.item, "value": value}
                )
            )
        unit = [UNITS[i % 3] for i in here]
        role = ["expert" if i < 4 else ("lead" if i % 5 == 0 else "staff") for i in here]
        person_of = {"respondent": [f"p{i}" for i in here], "wave": wave, "unit": unit, "role": role}
        people.append(pd.DataFrame(person_of))
    found = {
        "items": asked,
        "responses": pd.concat(answers, ignore_index=True),
        "respondents": pd.concat(people, ignore_index=True),
        "waves": pd.DataFrame(
            {
                "wave": WAVES,
                "opened_on": ["2025-01-01", "2025-06-01", "2026-01-01"],
                "invited": n,
                "key_kind": "panel",
            }
        ),
        "units": pd.DataFrame({"unit": UNITS, "headcount": [n // 3] * 3}),
        "interventions": pd.DataFrame(
            {"kind": ["executive_joined"], "name": ["x"], "starts_on": ["2025-03-01"], "scope": ["Sales"]}
        ),
    }
    found = {name: conform(name, frame) for name, frame in found.items()}
    check(found)
    return found


def workbook(held, breakdowns=("unit", "role")):
    params = ClientParams(
        client="acme", name="Acme", sources=[{"path": "x.csv"}], publish={"breakdowns": breakdowns}
    )
    return Workbook(params, held)


@pytest.fixture(scope="module")
def proposals():
    book = workbook(tables())
    made = [*propose_survey(book), *propose_people(book)]
    return {proposal.table.spec.name: proposal for proposal in made}


def test_every_table_of_the_survey_is_proposed_with_rows_and_the_people_behind_them(proposals):
    assert set(proposals) == set(TABLES)
    for name, proposal in proposals.items():
        assert proposal.table.rows, name
        assert len(proposal.table.rows) == len(proposal.groups) == len(proposal.counts)
        assert all(len(row) == len(CATALOGUE[name].columns) for row in proposal.table.rows)
        assert all(
            refs and count > 0 for refs, count in zip(proposal.groups, proposal.counts, strict=True)
        ), name


def test_every_group_belongs_to_a_population_with_its_dimension(proposals):
    populations = workbook(tables()).populations()
    for proposal in proposals.values():
        for ref in (ref for refs in proposal.groups for ref in refs):
            assert all(name in populations[ref.population].dimensions for name, _ in ref.dims)


def test_every_word_and_number_is_a_plain_cell(proposals):
    for name, proposal in proposals.items():
        for row in proposal.table.records():
            for cell in row.values():
                assert cell is None or isinstance(cell, (str, int, float, Mark)), name
                assert cell == cell, f"{name} holds a number that is none"


def test_the_planted_truths_are_found(proposals):
    changes = proposals["factor_change"].table.records(unit="all", from_wave="w1", to_wave="w3")
    verdicts = {row["factor"]: row["verdict"] for row in changes}
    assert verdicts.pop("listening") == "rose" and not {"rose", "fell"} & set(verdicts.values())
    weakest = proposals["bottleneck"].table.records(unit="all", wave="w3", factor="learning_culture")[0]
    assert weakest["probability"] > 0.99
    needs = {row["factor"]: row["verdict"] for row in proposals["needs"].table.records(unit="all")}
    assert needs["learning_culture"] == "need"
    drivers = {row["factor"]: row["weight"] for row in proposals["drivers"].table.records()}
    assert max(drivers, key=drivers.get) == "listening"
    held = proposals["link_test"].table.records()
    assert {row["status"] for row in held} == {"insufficient_data"} and held[0]["value"] is Mark.UNSURE


def test_no_count_of_people_hides_in_words(proposals):
    for name, proposal in proposals.items():
        words = [proposal.table.note, *(row.get("reason") or "" for row in proposal.table.records())]
        counts = {str(count) for count in proposal.counts if count > 30}
        assert not any(count in word.split() for word in words for count in counts), name


def test_units_are_weighted_to_their_size():
    book = workbook(tables())
    from smf_helpers.workbook.survey import respondents

    people = respondents(book)
    for _, rows in people.groupby("wave"):
        np.testing.assert_allclose(rows.groupby("unit")["weight"].sum(), 60, rtol=1e-9)


def test_a_client_without_a_survey_gets_reasons():
    book = workbook({})
    made = [*propose_survey(book), *propose_people(book)]
    assert {proposal.table.spec.name for proposal in made} == set(TABLES)
    assert all(not proposal.table.rows and proposal.table.reason for proposal in made)


def test_one_wave_gets_everything_but_the_changes():
    held = tables(n=60)
    for name in ("responses", "respondents", "waves"):
        held[name] = held[name][held[name]["wave"] == "w1"].reset_index(drop=True)
    book = workbook(held)
    made = {p.table.spec.name: p for p in [*propose_survey(book), *propose_people(book)]}
    assert not made["factor_change"].table.rows and made["factor_change"].table.reason
    assert made["factors"].table.rows and made["flow"].table.rows


def test_the_rollout_is_told_unit_by_unit_with_those_who_wait():
    from smf_helpers.workbook.rollout import propose_rollout

    held = tables()
    joined = pd.to_datetime(["2025-02-01", None, None])
    held["units"] = conform("units", held["units"].assign(joined_rollout_on=joined))
    (proposal,) = propose_rollout(workbook(held))
    rows = {row["unit"]: row for row in proposal.table.records()}
    assert rows["IT"]["verdict"] == "waiting" and rows["IT"]["change"] is None
    assert isinstance(rows["Sales"]["change"], float) and rows["Sales"]["joined_on"] == "2025-02-01"
    assert len(proposal.groups[[*rows].index("Sales")]) == 6
    (none,) = propose_rollout(workbook(tables(n=30)))
    assert not none.table.rows and "joined" in none.table.reason


def test_each_table_is_proposed_by_one_proposer_only():
    names = [proposal.table.spec.name for make in PROPOSERS.values() for proposal in make(workbook(tables()))]
    assert len(names) == len(set(names))


def test_the_factors_by_role_are_those_of_the_people_who_hold_it_and_few_are_not_shown():
    from smf_helpers.measures import score_factors
    from smf_helpers.privacy import pass_gate, profile

    held = tables()
    book = workbook(held)
    made = {proposal.table.spec.name: proposal for proposal in propose_survey(book)}
    lead = held["respondents"][held["respondents"]["role"] == "lead"].assign(weight=1.0)
    own = held["responses"].merge(lead[["respondent", "wave"]], on=["respondent", "wave"])
    alone = score_factors(own, held["items"], respondents=lead).factors
    alone = alone[(alone["wave"] == "w2") & (alone["unit"] == "all")].set_index("factor")["mean"]
    # everybody weighs the same here up to the calibration to the units' headcounts
    for row in made["factors_by_role"].table.records(wave="w2", role="lead"):
        assert row["mean"] == pytest.approx(alone[row["factor"]], abs=0.05)
    gated = pass_gate(list(made.values()), book.populations(), profile("standard")).tables["factors_by_role"]
    told = {role: gated.column("mean", wave="w2", role=role) for role in ("staff", "lead", "expert")}
    assert set(told["expert"]) == {Mark.CONFIDENTIAL}
    # whoever knows everybody and two roles knows the third
    assert any(set(told[role]) == {Mark.CONFIDENTIAL} for role in ("staff", "lead"))


def test_nothing_is_told_by_role_where_no_such_breakdown_is_asked_for():
    made = {
        proposal.table.spec.name: proposal for proposal in propose_survey(workbook(tables(n=60), ("unit",)))
    }
    assert not made["factors_by_role"].table.rows and "role" in made["factors_by_role"].table.reason
