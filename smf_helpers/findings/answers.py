"""The three answers and the next actions, made from findings and nothing else."""

from collections.abc import Sequence

from smf_helpers.findings.reading import Reading
from smf_helpers.results.claims import Action, Answer, Finding, Question

ACTIONS = 3


def answer(reading: Reading, findings: Sequence[Finding]) -> tuple[list[Answer], list[Action]]:
    """Answer the three questions from the findings, and name the next actions."""
    actions = _actions(findings)
    return [
        _yes_or_no(reading, findings, 1),
        _yes_or_no(reading, findings, 2),
        _improve(reading, findings, actions),
    ], actions


def _ranked(findings: Sequence[Finding], question: Question) -> list[Finding]:
    return sorted((f for f in findings if f.question == question), key=lambda f: (-f.weight, f.key))


HEADLINES = {
    (1, "yes"): "Yes, we are learning.",
    (1, "partly"): "Partly: we learn in some things and not in others.",
    (1, "no"): "No, not yet: what we measured does not rise.",
    (1, "unknown"): "It cannot be said yet from these data.",
    (1, "good"): "One sign says that we are learning; one is not enough for a yes.",
    (1, "bad"): "One sign says that we are not learning; one is not enough for a no.",
    (2, "yes"): "Yes, the culture is developing as we would like it to.",
    (2, "partly"): "Partly: some of it develops, some does not.",
    (2, "no"): "No, not as we would like it to.",
    (2, "unknown"): "It cannot be said yet from these data.",
    (2, "good"): "One sign says that the culture is developing; one is not enough for a yes.",
    (2, "bad"): "One sign says that the culture is not developing; one is not enough for a no.",
}
FIRM = ("measured", "tested")
ENOUGH = 2
"""Findings that a yes or a no needs, one of them at least measured or tested."""


def _yes_or_no(reading: Reading, findings: Sequence[Finding], question: Question) -> Answer:
    """Weigh good against bad news: known news only, never one finding alone, and what cannot be said is said."""
    ranked = _ranked(findings, question)
    known = [finding for finding in ranked if finding.tone in ("good", "bad")]
    good, bad = ([finding for finding in known if finding.tone == tone] for tone in ("good", "bad"))
    more, less = sum(finding.weight for finding in good), sum(finding.weight for finding in bad)
    verdict, against, headline = "partly", bad, ""
    if len(known) < ENOUGH or not any(finding.grade in FIRM for finding in known):
        verdict, headline = "unknown", str(known[0].tone) if len(known) == 1 else "unknown"
    elif not bad or more >= 4 * less:
        verdict = "yes"
    elif not good or less >= 4 * more:
        verdict, against = "no", good
    if len(known) == 1:
        against = []
    speaking = [finding for finding in known if finding not in against][:2]
    resting = speaking or ranked[:1]
    because = " ".join(dict.fromkeys(finding.claim for finding in resting))
    if speaking and against:
        because = f"{because} {reading.say('Against it: {claim}', claim=against[0].claim)}"
        resting = [*resting, against[0]]
    told = [*resting, *(finding for finding in known or ranked if finding not in resting)]
    return Answer(
        question=question,
        verdict=verdict,  # type: ignore[arg-type]
        headline=reading.say(HEADLINES[question, headline or verdict]),
        because=because,
        uncertainty=_uncertainty(reading, ranked, known, resting),
        findings=tuple(finding.key for finding in told),
    )


def _uncertainty(
    reading: Reading, ranked: Sequence[Finding], known: Sequence[Finding], resting: Sequence[Finding]
) -> str:
    unknown = [finding for finding in ranked if finding.tone == "unknown"]
    if not ranked:
        return reading.say("Nothing was measured that could answer it.")
    if not known:
        return reading.say("What would settle it: {how}", how=reading.continued(ranked[0].overturn))
    parts = [_counted(reading, known)]
    if unknown:
        parts.append(
            reading.language.plural(
                "On {n} point there is not enough to say.",
                "On {n} points there is not enough to say.",
                len(unknown),
            )
        )
    parts.append(reading.say("What would overturn it: {how}", how=reading.continued(resting[0].overturn)))
    return " ".join(parts)


def _counted(reading: Reading, known: Sequence[Finding]) -> str:
    """Say how many findings of which grade an answer rests on."""
    if len(known) == 1:
        return reading.say("It rests on a single finding; a second is needed.")
    firm = sum(finding.grade in FIRM for finding in known)
    if firm == len(known):
        return reading.say("It rests on {known} findings, all measured or tested.", known=len(known))
    return reading.say(
        "It rests on {known} findings; measured or tested: {firm}, only seen together: {seen}.",
        known=len(known),
        firm=firm,
        seen=len(known) - firm,
    )


def _improve(reading: Reading, findings: Sequence[Finding], actions: Sequence[Action]) -> Answer:
    if not actions:
        return Answer(
            question=3,
            verdict="unknown",
            headline=reading.say("There is not enough to say where to start."),
            because=reading.say("No finding of this round asks for a particular step."),
            uncertainty=reading.say("Nothing was measured that could answer it.") if not findings else "",
            findings=(),
        )
    by_key = {finding.key: finding for finding in findings}
    first = by_key[actions[0].finding]
    told = [finding for action in actions if (finding := by_key[action.finding]).tone != "unknown"]
    return Answer(
        question=3,
        verdict="act",
        headline=reading.say("Start here: {what}", what=actions[0].what),
        because=first.claim,
        uncertainty=" ".join(
            filter(
                None,
                (
                    _counted(reading, told) if len(told) > 1 else "",
                    first.caveat,
                    reading.say("What would overturn it: {how}", how=reading.continued(first.overturn)),
                ),
            )
        ),
        findings=tuple(action.finding for action in actions),
    )


def _actions(findings: Sequence[Finding]) -> list[Action]:
    """Take the remedies of the weightiest findings that call for one, each remedy once."""
    asked = [f for f in findings if f.remedy and f.tone in ("bad", "unknown", "mixed")]
    asked.sort(
        key=lambda f: (-f.weight * (0.5 if f.tone == "unknown" else 0.7 if f.tone == "mixed" else 1.0), f.key)
    )
    found: dict[str, Action] = {}
    for finding in asked:
        found.setdefault(
            finding.remedy,
            Action(what=finding.remedy, why=finding.claim, finding=finding.key, factor=finding.factor),
        )
    return list(found.values())[:ACTIONS]
