"""Findings about learning: the typical learner, the spread of pace, learning by doing."""

from collections.abc import Iterator

from smf_helpers.findings.reading import Reading, Record, number
from smf_helpers.findings.register import WRITERS
from smf_helpers.findings.remedies import FACTOR_REMEDIES
from smf_helpers.framework import LINK
from smf_helpers.results.claims import Evidence, Finding


@WRITERS.register("gain")
def gain(reading: Reading) -> Iterator[Finding]:
    """Tell whether the typical learner gains, and how fast."""
    row = reading.quantity("learning_summary", "gain_so_far")
    if row is None:
        yield from _no_curve(reading)
        return
    low, high = number(row, "low"), number(row, "high")
    rising = low is not None and low > 0
    falling = high is not None and high < 0
    if rising:
        claim = reading.say(
            "The typical learner's skill has risen by {gain} {points}.",
            gain=reading.plain(number(row, "value") or 0),
            points=reading.finished(row["unit_of"]),
        )
    elif falling:
        claim = reading.say("The typical learner's skill has fallen since the first measurement.")
    else:
        claim = reading.say(
            "Whether the typical learner has gained skill cannot be said from these measurements."
        )
    yield Finding(
        key="learning:gain",
        kind="gain",
        question=1,
        claim=claim,
        evidence=(_figures(reading, row),),
        grade="measured",
        overturn=reading.say("A test by others that does not rise when people rate themselves higher."),
        remedy="" if rising else reading.say(FACTOR_REMEDIES[LINK]),
        factor=LINK,
        tone="good" if rising else "bad" if falling else "unknown",
        weight=0.95 if rising or falling else 0.6,
        caveat=reading.say("Part of a gain in repeated ratings can be familiarity with the questions."),
    )


def _no_curve(reading: Reading) -> Iterator[Finding]:
    table = reading.tables.get("learning_summary")
    if table is None:
        return
    rows = reading.rows("learning_summary")
    why = str(rows[0].get("reason") or "") if rows else table.reason
    yield Finding(
        key="learning:none",
        kind="gain",
        question=1,
        claim=reading.say(
            "How fast people learn cannot be said yet: skills were not measured often enough, or by too few."
        ),
        evidence=(reading.evidence("learning_summary", reading.finished(why)),),
        grade="measured",
        overturn=reading.say("Skill ratings of the same people in at least four weeks or waves."),
        remedy=reading.say(
            "Ask five skill questions of the same people in every wave, and weekly in the next pilot."
        ),
        factor=LINK,
        tone="unknown",
        weight=0.6,
    )


@WRITERS.register("pace")
def pace(reading: Reading) -> Iterator[Finding]:
    """Tell how far people's paces lie apart."""
    rows = reading.told("learning_spread", "weeks_to_80")
    if len(rows) < 2:
        return
    fast, slow = rows[0], rows[-1]
    yield Finding(
        key="learning:pace",
        kind="pace",
        question=1,
        claim=reading.say(
            "Everyone's pace is different: the fastest tenth need about {fast} weeks for most of their gain, the slowest tenth about {slow}.",
            fast=reading.plain(number(fast, "weeks_to_80") or 0, 0),
            slow=reading.plain(number(slow, "weeks_to_80") or 0, 0),
        ),
        evidence=(reading.evidence("learning_spread", reading.people(fast)),),
        grade="measured",
        overturn=reading.say("More measurements a person, if they showed the same pace for everybody."),
        remedy=reading.say(
            "Plan pilots for the slow half: let them go on longer, and pair fast learners with slow ones."
        ),
        factor=LINK,
        tone="mixed",
        weight=0.5,
    )


@WRITERS.register("pilot")
def pilot(reading: Reading) -> Iterator[Finding]:
    """Tell what a pilot brought, beside those not yet in the roll-out."""
    for row in reading.told("pilot_paths", "difference")[-1:]:
        low, high = number(row, "difference_low"), number(row, "difference_high")
        if low is None or high is None:
            continue
        unit = reading.name(row["unit"])
        if low > 0:
            claim = reading.say(
                "In its pilot {unit} gained {gain} points of skill more than those not yet in the roll-out.",
                unit=unit,
                gain=reading.plain(number(row, "difference") or 0),
            )
        else:
            claim = reading.say(
                "Whether the pilot of {unit} brought more than waiting did cannot be said.", unit=unit
            )
        yield Finding(
            key=f"pilot:{row['unit']}",
            kind="pilot",
            question=1,
            claim=claim,
            evidence=(
                reading.evidence(
                    "pilot_paths",
                    f"{_points(reading, row)}, {reading.people(row)}",
                    unit=row["unit"],
                ),
            ),
            grade="tested",
            overturn=reading.say("Waiting units that were ahead or behind in other ways to begin with."),
            remedy="" if low > 0 else reading.say("Measure those who wait in the same weeks as the pilot."),
            factor=LINK,
            tone="good" if low > 0 else "unknown",
            weight=0.7,
            caveat=reading.say("Units were not drawn by lot."),
        )


EXPERIENCE = {
    (False, True): "The more posts there were on {team}, the more came back for each.",
    (False, False): "The more posts there were on {team}, the less came back for each.",
    (True, True): "The more messages were answered on {team}, the faster the next was.",
    (True, False): "The more messages were answered on {team}, the slower the next was.",
}
"""By (answering or posting, better or worse)."""


@WRITERS.register("experience")
def experience(reading: Reading) -> Iterator[Finding]:
    """Tell where doing more has gone with doing better."""
    for row in reading.told("experience", "progress_ratio"):
        low, high = number(row, "progress_ratio_low"), number(row, "progress_ratio_high")
        if low is None or high is None or low <= 1 <= high:
            continue
        answering = str(row["measure"]) == "answer_hours"
        better = high < 1 if answering else low > 1
        yield Finding(
            key=f"experience:{row['team']}:{row['measure']}",
            kind="experience",
            question=1,
            claim=reading.say(EXPERIENCE[answering, better], team=reading.name(row["team"])),
            evidence=(
                reading.evidence(
                    "experience",
                    reading.say(
                        "{ratio} times as much with each doubling of experience",
                        ratio=reading.between(row, "progress_ratio", decimals=2),
                    ),
                    team=row["team"],
                ),
            ),
            grade="associated",
            overturn=reading.say("The platform's own growth, if it explained as much."),
            tone="good" if better else "mixed",
            weight=0.55,
            caveat=reading.say("Net of time and audience, as far as the export tells.")
            if better
            else reading.say("Many at once would look the same: it need not be experience."),
        )


def _figures(reading: Reading, row: Record) -> Evidence:
    now = reading.quantity("learning_summary", "level_now")
    gain = reading.say("gain {gain}", gain=reading.change(row, "value"))
    level = reading.say("to {level} now", level=reading.plain(number(now, "value") or 0.0)) if now else ""
    text = ", ".join(filter(None, (gain, level, reading.people(row))))
    return reading.evidence("learning_summary", text, quantity="gain_so_far")


def _points(reading: Reading, row: Record) -> str:
    """Write the lead of a pilot with its interval and, where it is known, the scale of the skill."""
    told = reading.between(row, "difference", decimals=1)
    level = reading.quantity("learning_summary", "level_now")
    return f"{told} {reading.finished(level['unit_of'])}" if level else told
