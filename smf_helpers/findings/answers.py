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
    (2, "yes"): "Yes, the culture is developing as we would like it to.",
    (2, "partly"): "Partly: some of it develops, some does not.",
    (2, "no"): "No, not as we would like it to.",
    (2, "unknown"): "It cannot be said yet from these data.",
}


def _yes_or_no(reading: Reading, findings: Sequence[Finding], question: Question) -> Answer:
    """Weigh good against bad news: known news only, and what cannot be said is said."""
    ranked = _ranked(findings, question)
    known = [finding for finding in ranked if finding.tone in ("good", "bad")]
    good = sum(finding.weight for finding in known if finding.tone == "good")
    bad = sum(finding.weight for finding in known if finding.tone == "bad")
    if not known:
        verdict = "unknown"
    elif bad == 0 or good >= 4 * bad:
        verdict = "yes"
    elif good == 0 or bad >= 4 * good:
        verdict = "no"
    else:
        verdict = "partly"
    resting = known[:2] or ranked[:1]
    return Answer(
        question=question,
        verdict=verdict,  # type: ignore[arg-type]
        headline=reading.say(HEADLINES[question, verdict]),
        because=" ".join(dict.fromkeys(finding.claim for finding in resting)),
        uncertainty=_uncertainty(reading, ranked, known),
        findings=tuple(finding.key for finding in (known or ranked)[:4]),
    )


def _uncertainty(reading: Reading, ranked: Sequence[Finding], known: Sequence[Finding]) -> str:
    unknown = [finding for finding in ranked if finding.tone == "unknown"]
    tested = sum(finding.grade in ("measured", "tested") for finding in known)
    if not ranked:
        return reading.say("Nothing was measured that could answer it.")
    if not known:
        return reading.say("More waves, or more answers, are needed: {how}", how=ranked[0].overturn)
    parts = [
        reading.say(
            "It rests on {known} findings, {tested} of them measured or tested.",
            known=len(known),
            tested=tested,
        )
        if len(known) > 1
        else reading.say("It rests on a single finding; read it with care.")
    ]
    if unknown:
        parts.append(
            reading.language.plural(
                "On {n} point there is not enough to say.",
                "On {n} points there is not enough to say.",
                len(unknown),
            )
        )
    return " ".join(parts)


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
    return Answer(
        question=3,
        verdict="act",
        headline=reading.say("Start here: {what}", what=actions[0].what),
        because=first.claim,
        uncertainty=first.caveat or first.overturn,
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
