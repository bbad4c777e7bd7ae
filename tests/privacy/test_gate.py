"""The gate: no combination of what it shows tells about fewer people than the minimum."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from smf_helpers.privacy.gate import pass_gate
from smf_helpers.privacy.rules import profile
from smf_helpers.privacy.span import is_safe, light_vectors
from smf_helpers.results.catalogue import CATALOGUE
from smf_helpers.results.publication import GroupRef, Mark, Population
from tests.privacy.organisations import answers_of, breakdowns, factor_scores, inside, organisation


def gate(population, refs, answers, name="standard"):
    proposal = factor_scores(population, refs, answers)
    return pass_gate([proposal], {population.key: population}, profile(name)).tables["factors"]


def people(sizes):
    unit = np.repeat(list(sizes), list(sizes.values()))
    return Population(
        key="survey:w1",
        people=np.array([f"p{i}" for i in range(len(unit))]),
        dimensions={"unit": unit, "role": np.full(len(unit), "R")},
        headcounts={},
    )


def by_unit(population):
    units = [
        GroupRef(population="survey:w1", dims=(("unit", u),))
        for u in np.unique(population.dimensions["unit"])
    ]
    return [GroupRef(population="survey:w1"), *units]


def test_a_small_unit_is_hidden_together_with_one_that_protects_it():
    population = people({"A": 30, "B": 12, "C": 3})
    table = gate(population, by_unit(population), answers_of(population, 1))
    shown = {row["unit"]: row["mean"] for row in table.records()}
    assert isinstance(shown["all"], float) and isinstance(shown["A"], float)
    assert shown["B"] is Mark.CONFIDENTIAL and shown["C"] is Mark.CONFIDENTIAL


def test_two_small_units_protect_each_other_when_they_are_five_together():
    population = people({"A": 30, "B": 3, "C": 2})
    table = gate(population, by_unit(population), answers_of(population, 1))
    shown = {row["unit"]: row["mean"] for row in table.records()}
    assert isinstance(shown["all"], float) and isinstance(shown["A"], float)


def test_a_hidden_row_says_nothing_but_its_keys():
    population = people({"A": 30, "B": 2})
    table = gate(population, by_unit(population), answers_of(population, 1))
    row = table.records(unit="B")[0]
    assert (row["wave"], row["factor"]) == ("w1", "listening")
    assert {row[name] for name in ("mean", "low", "high", "favourable", "n")} == {Mark.CONFIDENTIAL}


def test_fewer_than_five_people_in_all_give_a_release_without_scores():
    population = people({"A": 4})
    table = gate(population, by_unit(population), answers_of(population, 1))
    assert set(table.column("mean")) == {Mark.CONFIDENTIAL}


def brute_force_is_safe(matrix, sizes, minimum):
    """Rank arithmetic over every set of people below the minimum: the definition of I1."""
    rank = np.linalg.matrix_rank(matrix)
    atoms = range(len(sizes))
    for size in range(1, minimum):
        for chosen in combinations(atoms, size):
            if sizes[list(chosen)].sum() < minimum:
                rest = np.delete(matrix, list(chosen), axis=1)
                if np.linalg.matrix_rank(rest) < rank:
                    return False
    return True


@pytest.mark.parametrize("seed", range(40))
def test_the_proof_agrees_with_the_definition_on_small_random_publications(seed):
    rng = np.random.default_rng(seed)
    matrix = np.unique((rng.random((int(rng.integers(2, 7)), 9)) < 0.5).astype(float), axis=0)
    sizes = rng.integers(1, 7, 9)
    expected = brute_force_is_safe(matrix, sizes, 5)
    assert is_safe(matrix, sizes, 5) == expected
    proven = next(light_vectors(matrix, sizes, 5), None) is None
    # The linear program may doubt what is safe; it must never pass what is not.
    assert expected or not proven


@pytest.mark.parametrize("seed", range(12))
def test_what_is_shown_of_an_organisation_keeps_the_invariant(seed):
    population = organisation(seed)
    refs = breakdowns(population)
    table = gate(population, refs, answers_of(population, seed))
    shown = [
        ref for ref, mean in zip(refs, table.column("mean"), strict=True) if mean is not Mark.CONFIDENTIAL
    ]
    members = np.array([inside(population, ref) for ref in shown])
    matrix, sizes = np.unique(members, axis=1, return_counts=True)
    assert len(shown) > 1
    assert brute_force_is_safe(matrix.astype(float), sizes, 5)


def test_the_result_does_not_depend_on_the_order_of_people_or_rows():
    population = organisation(3)
    refs, answers = breakdowns(population), answers_of(population, 3)
    order = np.random.default_rng(0).permutation(len(answers))
    mixed = Population(
        key=population.key,
        people=population.people[order],
        dimensions={name: values[order] for name, values in population.dimensions.items()},
        headcounts={},
    )
    straight = gate(population, refs, answers)
    turned = gate(mixed, refs[::-1], answers[order])
    assert set(map(str, straight.rows)) == set(map(str, turned.rows))


def test_the_strict_profile_shows_no_group_below_ten():
    population = people({"A": 30, "B": 9, "C": 9, "D": 25})
    table = gate(population, by_unit(population), answers_of(population, 1), "strict")
    shown = {row["unit"]: row["mean"] for row in table.records()}
    assert shown["B"] is Mark.CONFIDENTIAL and shown["C"] is Mark.CONFIDENTIAL
    assert isinstance(shown["A"], float) and isinstance(shown["all"], float)


def test_scores_by_unit_and_by_role_are_attacked_as_one_measure():
    population = organisation(3, people=120, units=4, roles=3)
    answers, refs = answers_of(population, 3), breakdowns(population)
    by_unit = factor_scores(
        population, [ref for ref in refs if all(name == "unit" for name, _ in ref.dims)], answers
    )
    roles = factor_scores(population, [ref for ref in refs if [n for n, _ in ref.dims] == ["role"]], answers)
    by_role = replace(roles, table=replace(roles.table, spec=CATALOGUE["factors_by_role"]))
    gated = pass_gate([by_unit, by_role], {population.key: population}, profile("standard"))
    means = [cell for cell in gated.cells if "mean" in cell.measure]
    assert len({cell.measure for cell in means}) == 1
    assert {name for cell in means for name, _ in cell.dims} == {"unit", "role"}
