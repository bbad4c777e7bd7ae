"""Released tables agree with themselves: a reader who subtracts gets the figures that are printed."""

import pytest

from smf_helpers.privacy.gate import pass_gate
from smf_helpers.privacy.rules import profile
from smf_helpers.results.catalogue import CATALOGUE
from smf_helpers.results.publication import GroupRef, Mark, Proposal, Table
from tests.privacy.organisations import answers_of, organisation


def released(name, rows, counts, people=40, **more):
    waves = {w.key: w for w in (organisation(1, people=people), organisation(2, people=people, wave="w2"))}
    refs = more.pop("refs", [(GroupRef(population="survey:w1"),)] * len(rows))
    proposal = Proposal(
        table=Table(spec=CATALOGUE[name], rows=tuple(rows)), groups=tuple(refs), counts=tuple(counts)
    )
    others = more.pop("others", [])
    return pass_gate([*others, proposal], waves, profile()).tables[name].records()


def test_a_need_is_the_difference_of_the_printed_figures():
    row = released("needs", [("all", "listening", 4.04, 3.46, 0.58, 0.41, 0.74, "need", 40)], [40])[0]
    assert (row["importance"], row["performance"], row["need"]) == (4.0, 3.5, 0.5)
    assert row["need_low"] == 0.4 and row["need_high"] == 0.8


def test_recommendation_is_the_difference_of_the_printed_shares_also_for_a_dozen_people():
    cells = ("w1", "all", -33.3, -60.0, -5.0, 0.254, 0.586, 12)
    row = released("recommendation", [cells], [12], people=12)[0]
    assert (row["promoters"], row["detractors"], row["value"]) == (0.25, 0.59, -34.0)
    assert row["low"] is Mark.CONFIDENTIAL


def test_a_change_is_the_difference_of_the_printed_means_unless_other_questions_are_behind_it():
    factors = Proposal(
        table=Table(
            spec=CATALOGUE["factors"],
            rows=(
                ("w1", "all", "listening", 3.04, 2.9, 3.2, 0.4, 40),
                ("w2", "all", "listening", 3.46, 3.3, 3.6, 0.5, 40),
            ),
        ),
        groups=((GroupRef(population="survey:w1"),), (GroupRef(population="survey:w2"),)),
        counts=(40, 40),
    )
    both = (GroupRef(population="survey:w1"), GroupRef(population="survey:w2"))
    cells = [
        ("all", "listening", "w1", "w2", change, 0.1, 1.2, "rose", design, "", 80)
        for change, design in ((0.42, "independent"), (0.42, "paired"), (0.93, "paired"))
    ]
    rows = released("factor_change", cells, [80] * 3, refs=[both] * 3, others=[factors])
    assert [row["change"] for row in rows] == [0.5, 0.5, 0.9]


def test_a_banded_mean_has_no_limits():
    rows = [("w1", "all", "listening", 5.0, 5.0, 5.0, 1.0, 40)]
    row = released("factors", rows, [40])[0]
    assert (row["mean"], row["favourable"]) == ("≥ 4.5", "> 90 %")
    assert row["low"] is Mark.CONFIDENTIAL and row["high"] is Mark.CONFIDENTIAL


def test_the_people_who_answered_in_both_waves_are_a_group_of_their_own():
    first = organisation(1, people=40)
    others = tuple(str(person) for person in first.people[:37])
    rows = [
        ("w1", "all", "listening", 3.0, 2.9, 3.1, 0.4, 40),
        ("w1", "same", "listening", 3.0, 2.9, 3.1, 0.4, 37),
    ]
    refs = [(GroupRef(population="survey:w1"),), (GroupRef(population="survey:w1", subset=others),)]
    shown = [row["mean"] for row in released("factors", rows, [40, 37], refs=refs)]
    # Everybody without these 37 would be three people.
    assert shown == [3.0, Mark.CONFIDENTIAL]


def test_words_about_a_small_group_lose_its_exact_number():
    cells = (
        "listening",
        None,
        None,
        None,
        None,
        None,
        None,
        3,
        "insufficient_data",
        "Only 12 people answered.",
        12,
    )
    row = released("reliability", [cells], [12], people=12)[0]
    assert row["reason"] == "Only 10-19 people answered." and row["n"] == "10-19"


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_number_is_no_cell(value):
    row = released("factors", [("w1", "all", "listening", value, None, None, None, 40)], [40])[0]
    assert row["mean"] is None


def test_rare_answers_of_a_large_group_are_told_though_there_are_small_units():
    population = organisation(1, people=60)
    assert answers_of(population, 1).min() >= 1
    rows = [("w1", "champions", 0.02, 0.0, 0.06, 0.0, 0.03, 60)]
    row = released("segments", rows, [60], people=60)[0]
    assert row["share"] == 0.02
