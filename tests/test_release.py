"""The release: one file, the same bytes for the same content, opened strictly."""

import json
from types import SimpleNamespace

import pytest

import smf_helpers as smf
from smf_helpers.errors import InputError
from smf_helpers.release import make_release, open_release, read_release, save_release, write_release
from smf_helpers.results.catalogue import CATALOGUE
from smf_helpers.results.claims import Action, Answer, Evidence, Finding
from smf_helpers.results.publication import Mark, Proposal, Table
from smf_helpers.results.released import Brand
from smf_helpers.results.what_if import Lever, WhatIf
from tests.privacy.organisations import answers_of, breakdowns, factor_scores, organisation


class Workbook:
    """A workbook of a made-up client."""

    def __init__(self, seed=1):
        self.population = organisation(seed, people=120, units=4, roles=3)
        self.params = SimpleNamespace(client="acme", name="Acme <Oy>", language="en")
        self.seen = None

    def populations(self):
        return {self.population.key: self.population}

    def proposals(self):
        sources = Table(
            spec=CATALOGUE["sources"],
            rows=(("w1.csv", "csv", "plain", "responses", 120, 118, "2 duplicate rows", "0123456789ab"),),
        )
        answers = answers_of(self.population, 1)
        return [
            Proposal(table=sources, groups=((),), counts=(0,)),
            factor_scores(self.population, breakdowns(self.population), answers),
        ]

    def conclude(self, tables):
        self.seen = tables
        evidence = Evidence(table="factors", where=(("unit", "all"),), text="3.4 of 5")
        finding = Finding(
            key="bottleneck",
            kind="bottleneck",
            question=3,
            claim="Listening holds the flow back.",
            evidence=(evidence,),
            grade="measured",
            overturn="A later wave.",
        )
        answer = Answer(
            question=1, verdict="unknown", headline="?", because="", uncertainty="", findings=("bottleneck",)
        )
        return [finding], [answer], [Action(what="Listen.", why="", finding="bottleneck")]

    def what_if(self, tables):
        lever = Lever(key="push", acts_on="u", now=1.0, low=0.0, high=2.0, step=0.1)
        return WhatIf(
            start=(0.501, 0.301, 0.198),
            centre=(0.0031234, 0.1, 0.0, 0.01, 0.02, 1.0),
            draws=((0.00312345, 0.1, 0.0, 0.01, 0.02, 1.0),),
            assumed=("e",),
            levers=(lever,),
            eligible=12,
        )

    def labels(self):
        return {"U00": "Sales"}

    def brand(self):
        return Brand(primary="#123456")

    def method(self):
        return {"as_of": "2026-03-31", "seed": "1"}


def test_a_release_comes_back_from_its_file_as_it_was(tmp_path):
    made = make_release(Workbook(), path=tmp_path / "out" / "release.json")
    assert open_release(tmp_path / "out" / "release.json") == made
    assert made.as_of == "2026-03-31"
    assert [name.name for name in (tmp_path / "out").iterdir()] == ["release.json"]


def test_equal_releases_are_equal_bytes():
    assert write_release(make_release(Workbook())) == write_release(make_release(Workbook()))


def test_claims_are_made_from_released_tables_only():
    workbook = Workbook()
    made = make_release(workbook)
    assert workbook.seen == made.tables
    assert Mark.CONFIDENTIAL in workbook.seen["factors"].column("mean")


def test_no_number_of_the_scores_has_more_than_two_decimals():
    for row in make_release(Workbook()).tables["factors"].rows:
        assert all(round(cell, 2) == cell for cell in row if isinstance(cell, float))


def test_the_what_if_keeps_three_digits_and_tells_no_small_number_of_people():
    model = make_release(Workbook()).what_if
    assert sum(model.start) == pytest.approx(1.0)
    assert model.draws[0][0] == 0.00312
    assert model.eligible is None


def test_a_figure_that_names_no_people_is_not_shown():
    workbook = Workbook()
    proposals = workbook.proposals()
    table = proposals[1].table
    lost = Proposal(table=table, groups=tuple(() for _ in table.rows), counts=tuple(0 for _ in table.rows))
    workbook.proposals = lambda: [lost]
    assert set(make_release(workbook).tables["factors"].column("mean")) == {Mark.CONFIDENTIAL}


@pytest.mark.parametrize(
    "spoil",
    [
        lambda content: content.update(schema=2),
        lambda content: content.update(extra=1),
        lambda content: content["release"].pop("name"),
        lambda content: content["release"].update(rows=[["p1", 5]]),
        lambda content: content["release"]["tables"].update(people={"rows": [], "note": "", "reason": ""}),
        lambda content: content["release"]["tables"]["factors"]["rows"][0].append(1),
        lambda content: content["release"].update(minimum="5"),
        lambda content: content["release"]["answers"][0].update(verdict="maybe"),
    ],
)
def test_a_file_that_is_not_a_release_is_refused(spoil):
    content = json.loads(write_release(make_release(Workbook())))
    spoil(content)
    with pytest.raises(InputError, match="R00"):
        read_release(json.dumps(content))


@pytest.mark.parametrize("text", ["", "[]", "{", "[" * 100_000, '{"schema": 1, "release": NaN}'])
def test_hostile_text_is_refused_without_a_traceback(text):
    with pytest.raises(InputError, match="R00"):
        read_release(text)


def test_an_absent_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"nothing\.json"):
        open_release(tmp_path / "nothing.json")


def test_a_failed_save_leaves_the_old_file_alone(tmp_path, monkeypatch):
    made = make_release(Workbook())
    target = save_release(made, tmp_path / "release.json")
    before = target.read_bytes()

    def fail(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(OSError, match="space"):
        save_release(made, target)
    assert target.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["release.json"]


def test_the_public_face_opens_and_makes_releases():
    assert smf.open_release is open_release
    assert smf.make_release is make_release
