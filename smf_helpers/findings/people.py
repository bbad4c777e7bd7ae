"""Findings about people: barriers, segments, conditions of the culture, recommendation, champions."""

from collections.abc import Iterator

from smf_helpers.findings.reading import Reading, Record, number
from smf_helpers.findings.register import WRITERS
from smf_helpers.findings.remedies import BARRIER_REMEDIES, CONDITION_REMEDIES
from smf_helpers.results.claims import Finding, Tone


@WRITERS.register("barrier")
def barrier(reading: Reading) -> Iterator[Finding]:
    """Tell the barrier named most, whether it is a reason or an excuse, and what fell."""
    wave = reading.last_wave("barriers")
    rows = reading.told("barriers", "share", wave=wave, unit="all")
    if not rows:
        return
    top = max(rows, key=lambda row: number(row, "share") or 0.0)
    tests = {row["barrier"]: row for row in reading.rows("barrier_tests")}
    caveat = _reason_or_excuse(reading, tests.get(top["barrier"], {}))
    yield Finding(
        key=f"barrier:{top['barrier']}",
        kind="barrier",
        question=3,
        claim=reading.say(
            "What holds people back most: {barrier}."
            if _stands_out(top, rows)
            else "Named most as holding people back, though not clearly before the next: {barrier}.",
            barrier=reading.name(top["barrier"]),
        ),
        evidence=(
            reading.evidence(
                "barriers",
                reading.say(
                    "named by {share}, {people}",
                    share=reading.between(top, "share", percent=True),
                    people=reading.people(top),
                ),
                wave=wave,
                unit="all",
                barrier=top["barrier"],
            ),
        ),
        grade="measured",
        overturn=reading.say("A next wave in which another barrier is named more often."),
        remedy=reading.say(BARRIER_REMEDIES[str(top["barrier"])]),
        tone="bad",
        weight=0.75,
        caveat=caveat,
    )
    yield from _tested(reading, tests)


def _stands_out(top: Record, rows: list[Record]) -> bool:
    """Say whether the interval of the first lies above that of every other."""
    low = number(top, "low")
    highs = [number(row, "high") for row in rows if row is not top]
    return low is not None and all(high < low for high in highs if high is not None)


def _tested(reading: Reading, tests: dict[str, Record]) -> Iterator[Finding]:
    for name, row in tests.items():
        if row["later_use"] == "less":
            yield _predicts(reading, str(name), row)
    for name, row in tests.items():
        high = number(row, "remedy_effect_high")
        if number(row, "remedy_effect") is None or high is None or high >= 0:
            continue
        yield _remedy(reading, str(name), row)


def _reason_or_excuse(reading: Reading, row: Record) -> str:
    """Say what the test of a barrier showed, and no more than that."""
    verdict, later = row.get("verdict"), row.get("later_use")
    if verdict == "reason":
        return reading.say("Those who name it take part less later: a reason that can be addressed.")
    if verdict == "excuse" and later == "the same":
        return reading.say(
            "Those who name it take part as much as others later: it may stand for something deeper."
        )
    if verdict == "excuse":
        return reading.say("Its remedy was applied and it did not fall: it may stand for something deeper.")
    return reading.say("Whether it is a reason or an excuse cannot be told yet.")


def _predicts(reading: Reading, name: str, row: Record) -> Finding:
    return Finding(
        key=f"barrier:{name}:later",
        kind="barrier",
        question=3,
        claim=reading.say(
            "Those who name this use social media less at work at the next wave: {barrier}.",
            barrier=reading.name(name),
        ),
        evidence=(
            reading.evidence(
                "barrier_tests",
                reading.say(
                    "odds of not using it later {odds} times as high, {people}",
                    odds=reading.between(row, "odds_ratio"),
                    people=reading.people(row),
                ),
                barrier=name,
            ),
        ),
        grade="associated",
        overturn=reading.say("The same use later by those who name it and those who do not."),
        remedy=reading.say(BARRIER_REMEDIES[name]),
        tone="bad",
        weight=0.7,
        caveat=reading.say(
            "Compared among those who used it alike before; held against chance over all barriers."
        ),
    )


def _remedy(reading: Reading, name: str, row: Record) -> Finding:
    """Tell that a barrier fell after its remedy; only a comparison with other units is a test."""
    compared = row.get("design") == "comparison"
    said = (
        reading.say(
            "change {change} points against the other units", change=reading.points(row, "remedy_effect")
        )
        if compared
        else reading.say("change {change} points since before", change=reading.points(row, "remedy_effect"))
    )
    return Finding(
        key=f"remedy:{name}",
        kind="barrier",
        question=3,
        claim=reading.say(
            "This barrier fell where its remedy was applied: {barrier}.", barrier=reading.name(name)
        )
        if compared
        else reading.say(
            "This barrier is named less often since its remedy was applied: {barrier}.",
            barrier=reading.name(name),
        ),
        evidence=(reading.evidence("barrier_tests", said, barrier=name),),
        grade="tested" if compared else "associated",
        overturn=reading.say("The same fall in units without the remedy."),
        remedy=reading.say("Apply the same remedy in the units that still wait.") if compared else "",
        tone="good",
        weight=0.7 if compared else 0.5,
        caveat=""
        if compared
        else reading.say("Before and after, without comparison: something else may have changed too."),
    )


@WRITERS.register("segments")
def segments(reading: Reading) -> Iterator[Finding]:
    """Tell how many are champions and how many hold back."""
    wave = reading.last_wave("segments")
    rows = {row["segment"]: row for row in reading.told("segments", "share", wave=wave)}
    if "champions" not in rows or "held_back" not in rows:
        return
    yield Finding(
        key="segments",
        kind="segments",
        question=2,
        claim=reading.say(
            "{champions} are champions, who use it at work and recommend it; {held_back} do not use it and name what holds them back.",
            champions=reading.share(number(rows["champions"], "share") or 0.0),
            held_back=reading.share(number(rows["held_back"], "share") or 0.0),
        ),
        evidence=(
            reading.evidence(
                "segments",
                reading.say(
                    "{strict} to {lenient} champions under a stricter and a more lenient rule, {people}",
                    strict=reading.share(number(rows["champions"], "share_strict") or 0.0),
                    lenient=reading.share(number(rows["champions"], "share_lenient") or 0.0),
                    people=reading.people(rows["champions"]),
                ),
                wave=wave,
            ),
        ),
        grade="measured",
        overturn=reading.say("Other cut-offs than the stated ones."),
        remedy=reading.say(
            "Ask the champions what keeps them going, and give those held back what they name."
        ),
        tone="mixed",
        weight=0.4,
    )


ENOUGH = 0.6
"""Share of agreement below which, interval included, a condition is called unmet."""


@WRITERS.register("conditions")
def conditions(reading: Reading) -> Iterator[Finding]:
    """Tell the weakest condition of the culture."""
    wave = reading.last_wave("conditions")
    rows = reading.told("conditions", "share", wave=wave, unit="all")
    if not rows:
        return
    weakest = min(rows, key=lambda row: number(row, "share") or 0.0)
    high = number(weakest, "high")
    if high is None or high >= ENOUGH:
        return
    yield Finding(
        key=f"condition:{weakest['condition']}",
        kind="conditions",
        question=3,
        claim=reading.say(
            "A condition that too few find met: {condition}.", condition=reading.name(weakest["condition"])
        ),
        evidence=(
            reading.evidence(
                "conditions",
                reading.say(
                    "{share} agree, {people}",
                    share=reading.between(weakest, "share", percent=True),
                    people=reading.people(weakest),
                ),
                wave=wave,
                condition=weakest["condition"],
                unit="all",
            ),
        ),
        grade="measured",
        overturn=reading.say("More agreeing in the next wave."),
        remedy=reading.say(CONDITION_REMEDIES.get(str(weakest["condition"]), "")),
        tone="bad",
        weight=0.6,
    )


RECOMMENDED = {
    "good": "Those who would warmly recommend working this way (9 or 10 of 10) outnumber those who would hardly do so (0 to 6).",
    "bad": "Those who would hardly recommend working this way (0 to 6 of 10) outnumber those who would do so warmly (9 or 10).",
    "unknown": "Whether more people would warmly recommend working this way than would hardly do so cannot be said.",
}


@WRITERS.register("recommendation")
def recommendation(reading: Reading) -> Iterator[Finding]:
    """Tell whether people would recommend working this way."""
    wave = reading.last_wave("recommendation")
    for row in reading.told("recommendation", "value", wave=wave, unit="all"):
        low, high = number(row, "low"), number(row, "high")
        tone: Tone = (
            "good" if low is not None and low > 0 else "bad" if high is not None and high < 0 else "unknown"
        )
        yield Finding(
            key="recommendation",
            kind="recommendation",
            question=2,
            claim=reading.say(RECOMMENDED[tone]),
            evidence=(
                reading.evidence(
                    "recommendation",
                    reading.say(
                        "{value} on the scale from −100 to 100, {people}",
                        value=reading.between(row, "value", decimals=0),
                        people=reading.people(row),
                    ),
                    wave=wave,
                    unit="all",
                ),
            ),
            grade="measured",
            overturn=reading.say("A next wave on the other side of zero."),
            tone=tone,
            weight=0.4,
        )


@WRITERS.register("champions")
def champions(reading: Reading) -> Iterator[Finding]:
    """Tell how much hangs on the most active few."""
    rows = [row for row in reading.told("champions", "left") if number(row, "removed") in (0.05, 0.1)]
    if not rows:
        return
    row = rows[-1]
    lost = 1 - (number(row, "left") or 0.0)
    yield Finding(
        key="champions",
        kind="champions",
        question=3,
        claim=reading.say(
            "If the most active {removed} left, {lost} of the interactions would be gone.",
            removed=reading.share(number(row, "removed") or 0.0),
            lost=reading.share(lost),
        ),
        evidence=(
            reading.evidence(
                "champions",
                reading.say("{people} removed", people=reading.people(row)),
                removed=row["removed"],
            ),
        ),
        grade="assumed",
        overturn=reading.say("Others stepping in when somebody leaves."),
        remedy=reading.say("Spread the role: let each champion bring in one colleague from another unit."),
        tone="bad" if lost > 0.5 else "mixed",
        weight=0.35,
    )


@WRITERS.register("openness")
def openness(reading: Reading) -> Iterator[Finding]:
    """Tell how much of the traffic is in the open."""
    row = reading.quantity("network_summary", "openness")
    if row is None:
        return
    low, high = number(row, "low"), number(row, "high")
    tone: Tone = (
        "good" if low is not None and low > 0.5 else "bad" if high is not None and high < 0.5 else "mixed"
    )
    yield Finding(
        key="openness",
        kind="openness",
        question=2,
        claim=reading.say(
            "{share} of the internal traffic is in the open, where others can find it.",
            share=reading.share(number(row, "value") or 0.0),
        ),
        evidence=(
            reading.evidence(
                "network_summary",
                f"{reading.between(row, 'value', percent=True)}, {reading.people(row)}",
                quantity="openness",
            ),
        ),
        grade="measured",
        overturn=reading.say("Traffic outside the exported platform, such as e-mail."),
        remedy="" if tone == "good" else reading.say(CONDITION_REMEDIES["email_replaced"]),
        tone="mixed" if tone == "good" else tone,
        weight=0.3,
    )


INCIDENTS = {
    ("internal", True): "On the internal platform {value} in 1,000 posts broke the rules.",
    ("internal", False): "No post on the internal platform has broken the rules so far.",
    ("public", True): "On the public channels {value} in 1,000 posts broke the rules.",
    ("public", False): "No post on the public channels has broken the rules so far.",
}
"""By (scope, whether there was an incident at all)."""


@WRITERS.register("self_regulation")
def self_regulation(reading: Reading) -> Iterator[Finding]:
    """Tell how often posts broke the rules, where somebody counts; what is few is the organisation's to say."""
    for row in reading.told("self_regulation", "value", period="so_far"):
        some = bool(number(row, "incidents"))
        yield Finding(
            key=f"self_regulation:{row['scope']}",
            kind="self_regulation",
            question=2,
            claim=reading.say(
                INCIDENTS[str(row["scope"]), some], value=reading.plain(number(row, "value") or 0.0, 2)
            ),
            evidence=(
                reading.evidence(
                    "self_regulation",
                    reading.say(
                        "{value} incidents per 1,000 posts", value=reading.between(row, "value", decimals=2)
                    ),
                    scope=row["scope"],
                    period=row["period"],
                ),
            ),
            grade="measured",
            overturn=reading.say("Incidents that nobody counted."),
            tone="mixed",
            weight=0.25,
            caveat="" if some else reading.say("No incident is no proof that there is no risk."),
        )
