"""The private preview computes what is looked at, once, and is otherwise what the gate would get."""

import pytest

import smf_helpers as smf
from smf_helpers.privacy.keys import create_secret
from smf_helpers.workbook import Workbook
from smf_helpers.workbook.proposing import PROPOSER_OF, PROPOSERS


@pytest.fixture
def book(monkeypatch: pytest.MonkeyPatch) -> Workbook:
    monkeypatch.setenv("SMF_SECRET", create_secret())
    return smf.open_workbook("pienpaja")


def test_a_figure_computes_its_own_subject_and_no_other(book) -> None:
    smf.open_report(book.preview()).figure("learning_curve")
    begun = {name.removeprefix("proposals of ") for name in book._made if name.startswith("proposals of")}
    assert begun == {"learning"}


def test_every_declared_table_is_proposed_by_its_subject(book) -> None:
    for name, subject in PROPOSER_OF.items():
        assert name in {proposal.table.spec.name for proposal in PROPOSERS[subject](book)}, name


def test_the_preview_holds_what_the_gate_would_get(book) -> None:
    preview = book.preview()
    learning = preview.about("learning")
    whole = {proposal.table.spec.name: proposal.table for proposal in book.proposals()}
    assert dict(preview.tables) == whole
    findings, answers, actions = book.conclude(whole)
    assert preview.findings == tuple(findings) and preview.answers == tuple(answers)
    assert preview.actions == tuple(actions)
    assert {each.key for each in learning} == {
        each.key
        for each in findings
        if each.evidence and each.evidence[0].table.startswith(("learning", "exp"))
    }
