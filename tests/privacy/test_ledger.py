"""The ledger: deliveries together give away no more than one of them."""

import json
from dataclasses import replace

import numpy as np
import pytest

from smf_helpers.errors import PrivacyError
from smf_helpers.privacy.gate import pass_gate
from smf_helpers.privacy.ledger import START, Ledger, ledger_entry
from smf_helpers.privacy.ledger_lines import digest_of
from smf_helpers.privacy.rules import profile
from smf_helpers.results.publication import GroupRef, Mark, Population
from tests.privacy.organisations import answers_of, breakdowns, factor_scores, inside, organisation

STANDARD, STRICT = profile(), profile("strict")


def population(sizes, snapshot="s1", wave="w1"):
    unit = np.repeat(list(sizes), list(sizes.values()))
    people = [f"{name}{i}" for name, n in sizes.items() for i in range(n)]
    return Population(
        key=f"survey:{wave}",
        people=np.array(people),
        answers=tuple(f"answers of {person}" for person in people),
        dimensions={"unit": unit, "role": np.full(len(unit), "R")},
        headcounts={},
        snapshot=snapshot,
    )


def units(people):
    key = people.key
    values = np.unique(people.dimensions["unit"])
    return [GroupRef(population=key), *(GroupRef(population=key, dims=(("unit", str(u)),)) for u in values)]


def release(people, refs, book, chosen=STANDARD, **more):
    book.check(chosen)
    public = book.public({people.key: people}, chosen.minimum, **more)
    gated = pass_gate(
        [factor_scores(people, refs, answers_of(people, 1))], {people.key: people}, chosen, released=public
    )
    book.append(ledger_entry(chosen, "", {people.key: people}, gated.groups))
    return {row["unit"]: row["mean"] for row in gated.tables["factors"].records()}


def test_a_later_breakdown_cannot_undo_an_earlier_one(tmp_path):
    people = population({"A": 20, "B": 12, "C": 3})
    book = Ledger(tmp_path / "ledger.jsonl")
    everybody, a, b, _ = units(people)
    first = release(people, [everybody, a], book)
    assert isinstance(first["all"], float) and isinstance(first["A"], float)
    again = Ledger(tmp_path / "ledger.jsonl")
    second = release(people, [b], again)
    # Everybody without A and without B would be the three of C.
    assert second["B"] is Mark.CONFIDENTIAL


def test_the_same_release_twice_is_one_line_and_the_same_cells(tmp_path):
    people = organisation(4)
    path = tmp_path / "ledger.jsonl"
    first = release(people, breakdowns(people), Ledger(path))
    second = release(people, breakdowns(people), Ledger(path))
    assert first == second
    assert len(path.read_text().splitlines()) == 1


def test_a_frozen_wave_with_one_row_more_is_refused_with_the_count(tmp_path):
    path = tmp_path / "ledger.jsonl"
    release(population({"A": 20, "B": 12}), units(population({"A": 20, "B": 12})), Ledger(path))
    late = population({"A": 21, "B": 12}, snapshot="s2")
    with pytest.raises(PrivacyError, match=r"L004.*\+1 and -0"):
        release(late, units(late), Ledger(path))
    with pytest.raises(PrivacyError, match="L005"):
        release(late, units(late), Ledger(path), late="reissue")


def test_a_reissue_is_allowed_when_enough_people_changed_everywhere(tmp_path):
    path = tmp_path / "ledger.jsonl"
    people = population({"A": 20, "B": 12})
    release(people, units(people), Ledger(path))
    late = population({"A": 26, "B": 12}, snapshot="s2")
    shown = release(late, units(late), Ledger(path), late="reissue")
    assert isinstance(shown["all"], float)


@pytest.mark.parametrize("seed", [1, 3])
def test_both_issues_of_a_wave_keep_the_invariant_though_a_team_left_and_another_came(tmp_path, seed):
    from smf_helpers.privacy.span import is_safe

    first = replace(organisation(seed, people=120, units=5, roles=3), snapshot="s1")
    first = replace(first, answers=tuple(map(str, first.people)))
    units, roles = first.dimensions["unit"], first.dimensions["role"]
    seat = (units == units[0]) & (roles == roles[0])
    stay = ~seat | (np.cumsum(seat) > 6)
    came = np.flatnonzero((units == units[1]) & (roles == roles[1]))[:7]
    now = np.concatenate([np.flatnonzero(stay), came])
    people = np.concatenate([first.people[stay], [f"late{at}" for at in range(len(came))]])
    late = replace(
        first,
        people=people,
        answers=tuple(map(str, people)),
        snapshot="s2",
        dimensions={name: values[now] for name, values in first.dimensions.items()},
    )
    path = tmp_path / "ledger.jsonl"
    issues = []
    for population, more in ((first, {}), (late, {"late": "reissue"})):
        release(population, breakdowns(population), Ledger(path), **more)
        issues.append({group.members for group in Ledger(path).entries[-1].groups})
    everybody = sorted({*map(str, first.people), *map(str, late.people)})
    members = np.array([np.isin(everybody, group) for issue in issues for group in sorted(issue)])
    matrix, sizes = np.unique(members, axis=1, return_counts=True)
    assert len(issues[1]) and is_safe(matrix.astype(float), sizes, 5)


def test_a_wave_that_was_issued_again_is_reported_again_without_asking(tmp_path):
    path = tmp_path / "ledger.jsonl"
    people = population({"A": 20, "B": 12})
    release(people, units(people), Ledger(path))
    late = population({"A": 26, "B": 18}, snapshot="s2")
    again = release(late, units(late), Ledger(path), late="reissue")
    assert release(late, units(late), Ledger(path)) == again


def test_a_wave_whose_digest_alone_is_made_otherwise_is_the_same_wave(tmp_path):
    path = tmp_path / "ledger.jsonl"
    people = population({"A": 20, "B": 12, "C": 3})
    everybody, a, b, _ = units(people)
    first = release(people, [everybody, a], Ledger(path))
    upgraded = replace(people, snapshot="made by another version")
    assert release(upgraded, [everybody, a], Ledger(path)) == first
    # What is public already still counts: everybody without A and without B would be the three of C.
    assert release(upgraded, [b], Ledger(path))["B"] is Mark.CONFIDENTIAL


@pytest.mark.parametrize("late", [0, 6])
def test_corrected_answers_of_the_same_people_cannot_be_reissued(tmp_path, late):
    path = tmp_path / "ledger.jsonl"
    people = population({"A": 20, "B": 12})
    release(people, units(people), Ledger(path))
    again = population({"A": 20 + late, "B": 12}, "s2")
    again = replace(again, answers=("another answer", *again.answers[1:]))
    with pytest.raises(PrivacyError, match=rf"L004.*\+{late} and -0 people, 1 with other answers"):
        release(again, units(again), Ledger(path))
    with pytest.raises(PrivacyError, match=r"L005.*other answers.*--keep-frozen"):
        release(again, units(again), Ledger(path), late="reissue")


def test_what_was_published_stands_in_the_ledger(tmp_path):
    path = tmp_path / "ledger.jsonl"
    people = population({"A": 20, "B": 12, "C": 3})
    shown = release(people, units(people), Ledger(path))
    known = {
        dict(group.dims).get("unit", "all"): cell
        for group in Ledger(path).public({people.key: people}, 5)
        for cell in group.figures
        if cell.measure == "factors|mean|listening"
    }
    assert set(known) == {unit for unit, mean in shown.items() if mean is not Mark.CONFIDENTIAL}
    assert all(cell.low <= shown[unit] <= cell.high for unit, cell in known.items())
    assert {unit: cell.answers for unit, cell in known.items()}["A"] == 20


def test_a_ledger_from_before_figures_were_kept_is_read_but_nothing_is_issued_again(tmp_path):
    path = tmp_path / "ledger.jsonl"
    people = population({"A": 20, "B": 12})
    first = release(people, units(people), Ledger(path))
    body = json.loads(path.read_text())["entry"]
    del body["answers"]
    for group in body["groups"]:
        del group["figures"]
    line = {"previous": START, "digest": digest_of(START, body), "entry": body}
    path.write_text(json.dumps(line) + "\n")
    late = population({"A": 26, "B": 12}, "s2")
    with pytest.raises(PrivacyError, match=r"L005.*not kept"):
        release(late, units(late), Ledger(path), late="reissue")
    assert release(people, units(people), Ledger(path)) == first


def test_a_refused_wave_says_what_to_type_and_what_to_do_where_its_rows_were_not_kept(tmp_path):
    path = tmp_path / "nordkraft" / "ledger.jsonl"
    people = population({"A": 20, "B": 12})
    release(people, units(people), Ledger(path))
    again = replace(people, snapshot="s2", answers=("another", *people.answers[1:]))
    with pytest.raises(PrivacyError, match=r"1 with other answers.*Run `smf report nordkraft --keep-frozen`"):
        release(again, units(again), Ledger(path))
    # Where that was tried and the rows are not there, it must not be advised once more.
    with pytest.raises(
        PrivacyError, match=r"rows were not kept.*take its source out of params/nordkraft.yml"
    ) as told:
        release(again, units(again), Ledger(path), late="keep")
    assert "--keep-frozen" not in str(told.value)


def test_thresholds_are_raised_after_a_reissue_too(tmp_path):
    path = tmp_path / "ledger.jsonl"
    people = population({"A": 20, "B": 12, "C": 7})
    release(people, units(people), Ledger(path))
    late = population({"A": 30, "B": 12, "C": 7}, "s2")
    raised = release(late, units(late), Ledger(path), STRICT, late="reissue")
    assert raised["C"] is Mark.CONFIDENTIAL


def test_thresholds_are_raised_but_never_lowered(tmp_path):
    path = tmp_path / "ledger.jsonl"
    people = population({"A": 20, "B": 12, "C": 7})
    release(people, units(people), Ledger(path))
    raised = release(people, units(people), Ledger(path), STRICT)
    assert raised["C"] is Mark.CONFIDENTIAL and isinstance(raised["A"], float)
    with pytest.raises(PrivacyError, match="L003"):
        release(people, units(people), Ledger(path))


def test_another_wave_is_another_measurement(tmp_path):
    path = tmp_path / "ledger.jsonl"
    first, second = population({"A": 20, "B": 12}), population({"A": 21, "B": 12}, "s2", "w2")
    release(first, units(first), Ledger(path))
    assert isinstance(release(second, units(second), Ledger(path))["A"], float)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text.replace('"minimum":5', '"minimum":4'),
        lambda text: text[: len(text) // 3],
        lambda text: "\n".join(text.splitlines()[1:]),
        lambda text: text + "{}\n",
        lambda text: text.replace("A0", "A9", 1),
    ],
)
def test_a_changed_ledger_is_refused(tmp_path, spoil):
    path = tmp_path / "ledger.jsonl"
    for wave in ("w1", "w2"):
        people = population({"A": 20, "B": 12}, wave=wave)
        release(people, units(people), Ledger(path))
    text = path.read_text()
    spoilt = spoil(text)
    assert spoilt != text
    path.write_text(spoilt)
    with pytest.raises(PrivacyError, match="L002"):
        Ledger(path)


def test_a_ledger_that_lost_its_last_line_is_refused_where_the_delivery_names_it(tmp_path):
    path = tmp_path / "ledger.jsonl"
    for wave in ("w1", "w2"):
        people = population({"A": 20, "B": 12}, wave=wave)
        release(people, units(people), Ledger(path))
    head = Ledger(path).head
    Ledger(path).check_delivered(head)
    path.write_text(path.read_text().splitlines(keepends=True)[0])
    with pytest.raises(PrivacyError, match="L002"):
        Ledger(path).check_delivered(head)


def test_a_missing_ledger_is_refused_when_something_was_delivered(tmp_path):
    Ledger(tmp_path / "none.jsonl")
    with pytest.raises(PrivacyError, match="L001"):
        Ledger(tmp_path / "none.jsonl", delivered=True)


def test_the_ledger_is_private_and_holds_pseudonyms_only(tmp_path):
    path = tmp_path / "private" / "ledger.jsonl"
    people = population({"A": 20, "B": 12})
    release(people, units(people), Ledger(path))
    assert path.stat().st_mode & 0o077 == 0
    body = json.loads(path.read_text().splitlines()[0])["entry"]
    assert set(body) == {"profile", "minimum", "kid", "snapshots", "people", "answers", "groups"}


@pytest.mark.parametrize("seed", range(3))
def test_two_deliveries_together_keep_the_invariant(tmp_path, seed):
    from smf_helpers.privacy.span import is_safe

    people = organisation(seed)
    refs = breakdowns(people)
    half = np.random.default_rng(seed).permutation(len(refs))
    path = tmp_path / "ledger.jsonl"
    for part in (half[: len(refs) // 2], half[len(refs) // 2 :]):
        release(people, [refs[at] for at in part], Ledger(path))
    public = {group.dims for entry in Ledger(path).entries for group in entry.groups}
    members = np.array([inside(people, ref) for ref in refs if ref.dims in public])
    matrix, sizes = np.unique(members, axis=1, return_counts=True)
    assert is_safe(matrix.astype(float), sizes, 5)


def test_another_secret_rewrites_the_ledger_and_the_waves_still_link(tmp_path):
    path = tmp_path / "ledger.jsonl"
    people = population({"A": 20, "B": 12})
    first = release(people, units(people), Ledger(path))
    names = {str(person): f"new-{person}" for person in people.people}
    assert Ledger(path).rekey(names, "", "kid2") == 0
    again = replace(people, people=np.array([names[person] for person in people.people]))
    book = Ledger(path)
    assert {entry.kid for entry in book.entries} == {"kid2"}
    with pytest.raises(PrivacyError, match="K010"):
        book.check(STANDARD, "kid1")
    assert release(again, units(again), book) == first
    assert Ledger(path).rekey({}, "kid2", "kid3") == 32
