"""The one-minute reading: three questions, three answers, the double cycle, what changed, the next three actions."""

from smf_helpers.figures import Reader, palettes
from smf_helpers.framework import QUESTIONS
from smf_helpers.report.blocks import Block, claim, figure, finding_label
from smf_helpers.report.chapters import chapter
from smf_helpers.results.catalogue import section_of
from smf_helpers.results.claims import Answer

VERDICTS = {"yes": "Yes", "partly": "Partly", "no": "No", "unknown": "Cannot be told yet", "act": "Act"}
MOST_CHANGES = 8


@chapter("minute", "In one minute", "Three questions, the double cycle, what changed, and what to do next.")
def minute(reader: Reader) -> list[Block]:
    """Give the reading for who has one minute."""
    return [
        cover(reader),
        {"kind": "answers", "items": [_answer(reader, number) for number in (1, 2, 3)]},
        figure(reader, "double_cycle"),
        changes(reader),
        actions(reader),
    ]


def cover(reader: Reader) -> Block:
    """Give what the page needs to know of the client: name, look, language, date."""
    release = reader.release
    return {
        "kind": "cover",
        "client": release.client,
        "name": release.name,
        "title": release.brand.title or reader.text("Social media culture report"),
        "language": release.language,
        "as_of": reader.text("Data up to {date}", date=reader.day(release.as_of, "long"))
        if release.as_of
        else "",
        "greeting": release.brand.greeting,
        "logo": release.brand.logo,
        "palettes": palettes(release.brand),
        "band": release.brand.primary,
    }


def _answer(reader: Reader, number: int) -> Block:
    found = next((each for each in reader.release.answers if each.question == number), None)
    question = reader.text(QUESTIONS[number - 1])
    if found is None:
        return {
            "question": question,
            "number": number,
            "verdict": "unknown",
            "word": reader.text(VERDICTS["unknown"]),
            "headline": reader.text("Cannot be told yet."),
            "because": "",
            "uncertainty": reader.text("No finding of this release bears on the question."),
            "evidence": [],
            "link": "",
        }
    rests = [each for key in found.findings for each in reader.release.findings if each.key == key]
    return {
        "question": question,
        "number": number,
        "verdict": found.verdict,
        "word": reader.text(VERDICTS[found.verdict]),
        "headline": headline_beside(reader.text(VERDICTS[found.verdict]), found.headline),
        "because": found.because,
        "uncertainty": found.uncertainty,
        "evidence": [claim(reader, finding) for finding in rests],
        "brackets": reader.text("In brackets: the range in which the true value most likely lies.")
        if any("(" in each.text for finding in rests for each in finding.evidence)
        else "",
        "link": _link(reader, found),
    }


def headline_beside(word: str, headline: str) -> str:
    """Give a headline that does not begin with the word that stands above it.

    Examples
    --------
    >>> headline_beside("Yes", "Yes, we are learning."), headline_beside("Act", "Start here: listen.")
    ('We are learning.', 'Start here: listen.')
    """
    rest = headline.removeprefix(word)
    if rest == headline or rest[:1] not in (",", ":"):
        return headline
    rest = rest[1:].strip()
    return rest[:1].upper() + rest[1:]


def _link(reader: Reader, answer: Answer) -> str:
    for key in answer.findings:
        for finding in reader.release.findings:
            if finding.key == key and finding.evidence:
                return section_of(finding.evidence[0].table)
    return ""


def changes(reader: Reader) -> Block:
    """List what moved since the last wave, what clearly moved first."""
    order = {"fell": 0, "rose": 1, "equivalent": 2}
    told = [row for row in reader.changes() if reader.number(row, "change") is not None]
    told.sort(key=lambda row: (order.get(str(row["verdict"]), 3), -abs(float(row["change"]))))
    return {
        "kind": "changes",
        "title": reader.text("What changed"),
        "subtitle": reader.text(
            "Wave {first} to {last}, points on the scale of 1 to 5",
            first=reader.label(told[0]["from_wave"]),
            last=reader.label(told[0]["to_wave"]),
        )
        if told
        else "",
        "items": [
            {
                "name": reader.label(row["factor"]),
                "verdict": reader.label(row["verdict"]),
                "direction": str(row["verdict"]),
                "value": reader.estimate(row, "factor_change", "change", signed=True),
            }
            for row in told[:MOST_CHANGES]
        ],
        "empty": reader.text("What changed cannot be told yet: it takes two waves that can be compared."),
    }


def actions(reader: Reader) -> Block:
    """List the next three actions."""
    findings = {finding.key: finding for finding in reader.release.findings}
    items = []
    for action in reader.release.actions[:3]:
        finding = findings.get(action.finding)
        items.append(
            {
                "what": action.what,
                "why": action.why,
                "when": action.when,
                "factor": reader.label(action.factor) if action.factor else "",
                "grade": claim(reader, finding)["grade"] if finding else "",
                "grade_label": finding_label(reader, finding) if finding else {},
            }
        )
    return {
        "kind": "actions",
        "title": reader.text("The next three actions"),
        "items": items,
        "empty": reader.text("No action follows from what can be told so far."),
    }
