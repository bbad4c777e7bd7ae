"""Every sentence that the sample clients can produce is read: in each language, whole, and no bolder than its estimate."""

import re
from collections.abc import Iterator

import pytest

import smf_helpers as smf
from smf_helpers.findings import conclude
from smf_helpers.language import languages
from smf_helpers.results.claims import Finding
from smf_helpers.results.released import Release
from tests.main_job.conftest import CLIENTS, Run

pytestmark = pytest.mark.xdist_group("main_job")

BROKEN = re.compile(r"[{}]|\bnan\b|\bNone\b|  | [,.;:]|\(\)|\.\.|,,|: *\.|^\W*$|\bnot_|_[a-z]", re.IGNORECASE)
ENGLISH = re.compile(r"\b(the|and|of|this|was|were|with|that|those|which|people|than|between)\b")
FINNISH = re.compile(r"\b(ja|ei|että|joka|kierroksesta|mitä|henkilöä)\b")
CAUSAL = re.compile(
    r"\b(caused|causes|because of|proves|due to|led to|aiheutti|johtui|todistaa)\b", re.IGNORECASE
)


@pytest.fixture(params=[*CLIENTS, "composed"])
def release(request: pytest.FixtureRequest) -> Release:
    run: Run = request.getfixturevalue("composed_job" if request.param == "composed" else "main_job")
    return smf.open_release(next(run.project.rglob(f"{request.param}/release.json")))


def own_words(release: Release) -> list[str]:
    """Give the client's own names, longest first: they stay in the client's language."""
    cells = {str(value) for value in release.labels.values()}
    for name, column in (
        ("interventions", "intervention"),
        ("waves", "wave"),
        ("channel_kinds", "kind"),
        ("response", "channel"),
    ):
        if name in release.tables:
            cells |= {str(row[column]) for row in release.tables[name].records()}
    return sorted(cells, key=len, reverse=True)


def texts(finding: Finding) -> Iterator[tuple[str, str]]:
    yield "claim", finding.claim
    yield "overturn", finding.overturn
    yield from (("evidence", each.text) for each in finding.evidence)
    yield from (
        (name, text) for name, text in (("remedy", finding.remedy), ("caveat", finding.caveat)) if text
    )


@pytest.mark.parametrize("language", languages())
def test_every_sentence_is_whole_and_in_its_language(release: Release, language: str) -> None:
    told, answers, actions = conclude(release.tables, language=language, labels=release.labels)
    read = [pair for finding in told for pair in texts(finding)]
    read += [("claim", answer.headline) for answer in answers]
    read += [("claim", text) for answer in answers for text in (answer.because, answer.uncertainty) if text]
    read += [("remedy", action.what) for action in actions]
    assert len(read) > 25
    own, other = own_words(release), ENGLISH if language != "en" else FINNISH
    for kind, text in read:
        assert not BROKEN.search(text), text
        assert not CAUSAL.search(text), text
        assert text[0].isupper() or text[0].isdigit() or kind == "evidence", text
        assert text.endswith((".", "!")) or kind == "evidence", text
        plain = text
        for name in own:
            plain = plain.replace(name, "…")
        assert not other.search(plain), text


def test_no_claim_goes_further_than_its_evidence(release: Release) -> None:
    told, answers, actions = conclude(release.tables, labels=release.labels)
    by_key = {finding.key: finding for finding in told}
    assert len(by_key) == len(told)
    for finding in told:
        assert finding.evidence and all(each.text for each in finding.evidence), finding.key
        for each in finding.evidence:
            rows = release.tables[each.table].records()
            assert not each.where or any(
                all(str(row[key]) == value for key, value in each.where) for row in rows
            ), each
        if "not enough to say" in finding.evidence[0].text:
            assert finding.tone == "unknown", finding.key
        if finding.tone == "unknown":
            assert re.search(r"cannot be|Whether", finding.claim), finding.claim
        if finding.tone == "bad":
            assert finding.remedy or finding.kind in ("recommendation", "learning", "intervention"), (
                finding.key
            )
        if finding.grade == "associated":
            assert finding.caveat or "seen" in finding.claim, finding.key
    for answer in answers:
        assert answer.findings or answer.verdict == "unknown"
        resting = [by_key[key] for key in answer.findings]
        if answer.question != 3:
            assert {finding.question for finding in resting} <= {answer.question}
            first = resting[0].claim if resting else ""
            assert answer.because.startswith(first)
        if answer.verdict in ("yes", "no", "partly"):
            assert len([f for f in resting if f.tone in ("good", "bad")]) >= 2
            assert any(f.grade in ("measured", "tested") for f in resting)
    assert {action.finding for action in actions} <= set(by_key)
