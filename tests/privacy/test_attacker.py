"""The attacker: finds what arithmetic says can be found, and nothing else."""

import os
from collections import Counter

import pandas as pd
import pytest

import smf_helpers as smf
from smf_helpers.privacy import attack
from smf_helpers.privacy.gate import pass_gate
from smf_helpers.privacy.rules import profile
from smf_helpers.results.publication import Mark
from tests.privacy.organisations import answers_of, breakdowns, factor_scores, inside, organisation, uneven
from tests.privacy.policies import POLICIES
from tests.privacy.programme import run_programme

FULL = os.environ.get("SMF_FULL") == "1"
ORGANISATIONS = range(500) if FULL else (0, 1, 2, 3, 69, 105)
"""In 69 and 105 both issues of a wave give somebody away where only the groups of the first are remembered."""


def cell(mean, n, **dims):
    return {"dims": dims, "n": n, "mean": mean}


def headcounts(**units):
    return {(("unit", unit),): n for unit, n in units.items()}


def kinds(found):
    return {breach.attack for breach in found.findings}


def test_total_minus_shown_gives_the_hidden_unit_with_its_mean():
    found = attack([cell(3.0, 40), cell(3.2, 37, unit="A")], headcounts=headcounts(A=37, B=3))
    breach = next(breach for breach in found.findings if breach.attack == "span")
    # 40 * 3.0 - 37 * 3.2 = 1.6, so the mean of three is 0.53 +- 1.28: below the scale, but the arithmetic is this.
    slack = (40 * 0.05 + 37 * 0.05) / 3
    assert (breach.n, breach.target) == (3, "unit B")
    assert breach.low == pytest.approx(1.6 / 3 - slack) and breach.high == pytest.approx(1.6 / 3 + slack)


def test_without_headcounts_the_published_numbers_give_the_count_away():
    found = attack([cell(3.0, 40), cell(3.2, 37, unit="A")], groups=[(("unit", "B"),)])
    assert "span" in kinds(found) or "count" in kinds(found)


def test_five_people_left_over_are_enough():
    found = attack([cell(3.0, 40), cell(3.1, 35, unit="A")], headcounts=headcounts(A=35, B=3, C=2))
    assert not found.findings


def test_two_breakdowns_together_give_away_what_neither_does():
    # unit A: 10 = 6 (R) + 4 (S); role R: 16 = 6 + 10. R within A is shown, so S within A is 10 - 6 = 4.
    counts = {
        (("role", role), ("unit", unit)): n
        for unit, role, n in (("A", "R", 6), ("A", "S", 4), ("B", "R", 10), ("B", "S", 12))
    }
    shown = [cell(3.0, 32), cell(3.1, 10, unit="A"), cell(2.9, 6, unit="A", role="R")]
    found = attack(shown, headcounts=counts)
    assert any(b.attack == "span" and b.n == 4 for b in found.findings)


def test_a_contrast_of_two_people_is_found_though_it_is_no_group():
    # Published: {a, b}, {a, c} with one person each in b and c: their difference is b - c.
    counts = {
        (("role", "R"), ("unit", "A")): 20,
        (("role", "S"), ("unit", "A")): 1,
        (("role", "R"), ("unit", "B")): 1,
    }
    shown = [cell(3.0, 21, unit="A"), cell(3.0, 21, role="R")]
    assert any(b.attack == "support" and b.n == 2 for b in attack(shown, headcounts=counts).findings)


def test_an_extreme_total_encloses_its_hidden_part():
    # Nine hidden people with a mean of 4.9 at most one decimal off: three of them have at least
    # (9 * 4.85 - 6 * 5) / 3 = 4.55.
    counts = headcounts(A=30, B=6, C=3)
    mean = (30 * 3.0 + 9 * 4.9) / 39
    shown = [
        {"dims": {}, "n": 39, "mean": mean, "decimals": 3},
        {"dims": {"unit": "A"}, "n": 30, "mean": 3.0, "decimals": 3},
    ]
    breach = next(b for b in attack(shown, headcounts=counts).findings if b.attack == "interval")
    assert breach.target == "unit C" and breach.high == pytest.approx(5.0)
    assert breach.low == pytest.approx((9 * 4.9 - 39 * 0.0005 - 30 * 0.0005 - 30) / 3, abs=1e-6)


def test_everybody_at_the_end_of_the_scale_is_seen():
    assert "unanimity" in kinds(attack([cell(5.0, 12)]))
    assert "unanimity" in kinds(attack([cell(1.0, 12)]))
    assert not attack([cell(4.8, 12)]).findings


def test_a_composite_and_its_items_give_away_who_did_not_answer():
    items = [
        {"dims": {}, "n": n, "mean": 3.0, "measure": name, "decimals": 4}
        for name, n in (("q1", 20), ("q2", 19))
    ]
    total = {"dims": {}, "n": 20, "mean": 3.0, "measure": "factor", "decimals": 4}
    found = attack([*items, total], composites={"factor": ["q1", "q2"]})
    assert any(b.attack == "items" and b.n == 1 for b in found.findings)


def test_comments_of_all_without_those_of_a_part_are_somebodys():
    found = attack([], comments={(): ["a", "b", "c"], (("unit", "A"),): ["a", "b"]})
    assert kinds(found) == {"comments"}


def test_a_frame_of_cells_is_read_like_dicts():
    frame = pd.DataFrame({"unit": ["", "A"], "n": [40, 37], "mean": [3.0, 3.2]})
    assert kinds(smf.attack(frame, headcounts=headcounts(A=37, B=3))) >= {"span"}


def test_nothing_published_gives_nothing():
    assert attack([]).findings == ()


def published(population, refs, answers, shown):
    cells = []
    for ref in refs:
        group = answers[inside(population, ref)]
        if ref.dims in shown and len(group):
            n = len(group) if len(group) >= 20 else None
            cells.append({"dims": ref.dims, "mean": round(float(group.mean()), 1), "n": n or "10-19"})
    return cells


def who_sits_where(population):
    roles, units = population.dimensions["role"], population.dimensions["unit"]
    return Counter((("role", str(r)), ("unit", str(u))) for u, r in zip(units, roles, strict=True))


@pytest.mark.parametrize("policy", [name for name in POLICIES if name != "everything shown"])
def test_the_rules_of_survey_tools_are_broken_by_the_same_attacker(policy):
    broken = 0
    for seed in range(5):
        population = uneven(seed)
        refs = breakdowns(population)
        sizes = {ref.dims: int(inside(population, ref).sum()) for ref in refs}
        cells = published(population, refs, answers_of(population, seed), POLICIES[policy](sizes))
        broken += bool(attack(cells, headcounts=who_sits_where(population)).findings)
    assert broken >= 1


def test_nothing_is_recovered_from_everything_that_clients_ever_got(tmp_path):
    """Both levels of knowledge; two waves, a re-issue, delivered sheets, all at once; and most groups are visible."""
    rows = []
    for seed in ORGANISATIONS:
        (tmp_path / str(seed)).mkdir()
        rows.append(run_programme(uneven, seed, tmp_path / str(seed)))
    assert [row["seed"] for row in rows if row["knows"] or row["guesses"]] == []
    assert all(row["second"] and row["cells"] for row in rows)
    assert any(row["reissued"] for row in rows) and not all(row["reissued"] for row in rows)
    assert sum(row["kept"] for row in rows) / sum(row["able"] for row in rows) > 0.71


def test_one_newcomer_between_two_waves_can_be_guessed_and_is_counted():
    # 20 people with 3.0, 24 with 3.2: the four who came, if nobody else changed, (76.8 - 60) / 4 = 4.2 +- 0.55.
    waves = [{**cell(3.0, 20), "wave": "w1"}, {**cell(3.2, 24), "wave": "w2"}]
    (guess,) = attack(waves).advisories
    assert (guess.n, guess.low) == (4, pytest.approx(4.2 - (24 * 0.05 + 20 * 0.05) / 4))
    assert not attack([{**cell(3.0, 20), "wave": "w1"}, {**cell(3.2, 21), "wave": "w2"}]).advisories
    assert not attack([{**cell(3.0, 20), "wave": "w1"}, {**cell(3.2, 25), "wave": "w2"}]).advisories


def test_the_share_that_is_kept_is_high_under_the_strict_profile_too():
    population = organisation(11, people=300)
    refs = breakdowns(population)
    gated = pass_gate(
        [factor_scores(population, refs, answers_of(population, 11))],
        {population.key: population},
        profile("strict"),
    )
    able = sum(int(inside(population, ref).sum()) >= 10 for ref in refs)
    kept = sum(mean is not Mark.CONFIDENTIAL for mean in gated.tables["factors"].column("mean"))
    found = attack(gated.cells, headcounts=who_sits_where(population), minimum=10)
    assert found.findings == () and kept / able > 0.5
