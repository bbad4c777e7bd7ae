import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.proportion import proportion_confint

from smf_helpers.measures.network_structure import (
    count_personas,
    measure_mixing,
    rank_champions,
    remove_champions,
    share_interval,
    sort_personas,
    summarise_network,
)
from smf_helpers.results.core import Status


def acts(*pairs):
    return pd.DataFrame(pairs, columns=["source", "target"])


def test_the_interval_of_a_share_agrees_with_statsmodels():
    assert share_interval(13, 60) == pytest.approx(proportion_confint(13, 60, method="wilson"), abs=1e-12)


def test_reciprocity_is_returned_ties_over_ties():
    people = [f"p{k}" for k in range(40)]
    ring = [(f"p{k}", f"p{(k + 1) % 40}") for k in range(40)]
    back = [(b, a) for a, b in ring[:10]]
    found = summarise_network(acts(*ring, *back, ("p0", "p1")), people)
    assert found["reciprocity"].value == pytest.approx(20 / 50)
    assert found["ties_per_person"].value == pytest.approx(50 / 40)


def test_a_surveyed_network_that_covers_few_is_not_told():
    found = summarise_network(acts(("a", "b")), [f"x{k}" for k in range(20)] + ["a", "b"], surveyed=True)
    assert found["reciprocity"].status is Status.INSUFFICIENT_DATA
    assert "70%" in found["reciprocity"].reason


def test_openness_is_the_share_of_traffic_in_open_places():
    rows = acts(*[("a", "b")] * 40).assign(open=[True] * 10 + [False] * 25 + [None] * 5)
    assert summarise_network(rows, ["a", "b"])["openness"].value == pytest.approx(10 / 35)


def test_mixing_says_where_the_answers_of_each_unit_go():
    units = pd.Series({"a": "Sales", "b": "Sales", "c": "Service"})
    table = measure_mixing(acts(("a", "b"), ("a", "c"), ("b", "c"), ("c", "c")), units)
    assert table["share"].tolist() == pytest.approx([1 / 3, 2 / 3])
    assert table["n"].tolist() == [2, 1]


def test_personas_follow_the_balance_of_giving_and_receiving():
    rows = acts(*[("b", "x")] * 6, *[("x", "c")] * 6, *[("e", "f")] * 4, *[("f", "e")] * 4, ("o", "x"))
    persona = sort_personas(rows, list("bcefox"))
    assert (persona["b"], persona["c"], persona["e"], persona["o"]) == (
        "broadcaster",
        "catalyst",
        "engager",
        "observer",
    )
    table = count_personas(rows, list("bcefox"))
    assert table["share"].sum() == pytest.approx(1.0)
    assert (table["share_strict"] >= 0).all()


def test_ranks_that_cannot_be_told_apart_have_wide_intervals():
    rng = np.random.default_rng(1)
    people = [f"p{k:02d}" for k in range(30)]
    alike = acts(*zip(rng.choice(people, 300), rng.choice(people, 300), strict=True))
    star = acts(*zip(alike["source"], alike["target"], strict=True), *[("p00", "p01")] * 200)
    wide, clear = rank_champions(alike, people), rank_champions(star, people)
    assert (wide["rank_high"] - wide["rank_low"]).head(3).mean() > 5
    assert clear["top_tenth"].iloc[0] > 0.95
    assert clear["person"].iloc[0] == "p00"


def test_a_star_falls_apart_without_its_centre():
    people = ["hub", *(f"p{k}" for k in range(19))]
    table = remove_champions(acts(*[(person, "hub") for person in people[1:]]), people, removed=(0.05,))
    assert table.iloc[0].tolist() == [0.05, 0.0, 0.0, 1]


@pytest.mark.parametrize("people", [[], ["a"], ["a", "b"]])
def test_no_interactions_give_no_numbers(people):
    nothing = acts()
    assert all(e.value in (None, 0.0) for e in summarise_network(nothing, people).values())
    for table in (
        count_personas(nothing, people),
        rank_champions(nothing, people),
        remove_champions(nothing, people),
    ):
        assert len(table) == 0
