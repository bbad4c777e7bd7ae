"""Findings about the eight factors: what changed, what holds the flow back, what is needed."""

from collections.abc import Iterator

from smf_helpers.findings.reading import Reading, Record, number
from smf_helpers.findings.register import WRITERS
from smf_helpers.findings.remedies import FACTOR_REMEDIES
from smf_helpers.framework import LINK
from smf_helpers.results.claims import Finding, Tone
from smf_helpers.results.publication import Cell

LIKELY = 0.8
"""Chance from which one factor is called the bottleneck without a rival."""


@WRITERS.register("change")
def change(reading: Reading) -> Iterator[Finding]:
    """Tell for each factor whether it rose or fell since the wave before, for the whole organisation."""
    rows = reading.rows("factor_change", unit="all")
    if not rows:
        return
    latest = [row for row in rows if row["to_wave"] == rows[-1]["to_wave"]]
    steps = list(dict.fromkeys(row["from_wave"] for row in latest))
    recent = max(steps, key=lambda wave: _place(reading, wave))
    moved: dict[str, Record] = {}
    for row in sorted(latest, key=lambda row: row["from_wave"] != recent):
        if row["verdict"] in ("rose", "fell"):
            moved.setdefault(str(row["factor"]), row)
    for row in moved.values():
        yield _moved(reading, row)
    if not moved:
        yield _still(reading, [row for row in latest if row["from_wave"] == recent])


def _place(reading: Reading, wave: Cell) -> int:
    """Give the place of a wave in time, as the table of factors orders them."""
    waves = list(dict.fromkeys(row["wave"] for row in reading.rows("factors")))
    return waves.index(wave) if wave in waves else -1


def _moved(reading: Reading, row: Record) -> Finding:
    rose = row["verdict"] == "rose"
    words = {"factor": reading.begin(row["factor"]), "wave": reading.wave(row["from_wave"])}
    claim = (
        reading.say("{factor} has become stronger since wave {wave}.", **words)
        if rose
        else reading.say("{factor} has become weaker since wave {wave}.", **words)
    )
    return Finding(
        key=f"change:{row['factor']}",
        kind="change",
        question=1 if row["factor"] == LINK else 2,
        claim=claim,
        evidence=(
            reading.evidence(
                "factor_change",
                reading.say(
                    "change {change} points on the scale of 1 to 5, {people}",
                    change=reading.change(row, "change"),
                    people=reading.people(row),
                ),
                factor=row["factor"],
                to_wave=row["to_wave"],
                unit="all",
            ),
        ),
        grade="measured",
        overturn=reading.say("A next wave in which it goes back by as much."),
        remedy="" if rose else reading.say(FACTOR_REMEDIES[str(row["factor"])]),
        factor=str(row["factor"]),
        tone="good" if rose else "bad",
        weight=0.9 if row["factor"] == LINK else 0.6,
        caveat=reading.say("Held against chance over all eight factors at once."),
    )


def _still(reading: Reading, latest: list[Record]) -> Finding:
    steady = sum(row["verdict"] == "equivalent" for row in latest)
    tone: Tone = "mixed" if steady else "unknown"
    claim = (
        reading.say(
            "Since wave {wave} no factor has become stronger or weaker; {steady} of {all} are shown to be unchanged.",
            wave=reading.wave(latest[0]["from_wave"]),
            steady=steady,
            all=len(latest),
        )
        if steady
        else reading.say(
            "Whether the eight factors changed since wave {wave} cannot be said from these answers.",
            wave=reading.wave(latest[0]["from_wave"]),
        )
    )
    return Finding(
        key="change:none",
        kind="change",
        question=2,
        claim=claim,
        evidence=(
            reading.evidence(
                "factor_change", reading.people(latest[0]), to_wave=latest[0]["to_wave"], unit="all"
            ),
        ),
        grade="measured",
        overturn=reading.say("More answers in the next wave, or a change larger than 0.2 points."),
        tone=tone,
        weight=0.7,
    )


@WRITERS.register("bottleneck")
def bottleneck(reading: Reading) -> Iterator[Finding]:
    """Tell which factor holds the flow back, or between which it cannot be decided."""
    wave = reading.last_wave("bottleneck")
    rows = reading.told("bottleneck", "probability", wave=wave, unit="all")
    if not rows:
        return
    ranked = sorted(rows, key=lambda row: -(number(row, "probability") or 0))
    first = ranked[0]
    chance = number(first, "probability") or 0.0
    rivals = [row for row in ranked[1:3] if (number(row, "probability") or 0) >= 0.1]
    if chance >= LIKELY or not rivals:
        claim = reading.say("What holds the flow back most: {factor}.", factor=reading.name(first["factor"]))
    else:
        names = ", ".join(reading.name(row["factor"]) for row in [first, *rivals])
        claim = reading.say(
            "What holds the flow back most is one of these; the answers cannot decide which: {factors}.",
            factors=names,
        )
    yield Finding(
        key="bottleneck",
        kind="bottleneck",
        question=3,
        claim=claim,
        evidence=(
            reading.evidence(
                "bottleneck",
                reading.say(
                    "chance of being the weakest: {share}, {people}",
                    share=reading.chance(chance),
                    people=reading.people(first),
                ),
                wave=wave,
                factor=first["factor"],
                unit="all",
            ),
        ),
        grade="measured",
        overturn=reading.say("Another factor falling below it in the next wave."),
        remedy=reading.say(FACTOR_REMEDIES[str(first["factor"])]),
        factor=str(first["factor"]),
        tone="bad",
        weight=1.0 if chance >= LIKELY else 0.8,
    )


@WRITERS.register("link")
def link(reading: Reading) -> Iterator[Finding]:
    """Tell where the link stands, and whether it feeds both cycles in this organisation's own data."""
    wave = reading.last_wave("factors")
    rows = reading.told("factors", "mean", wave=wave, unit="all", factor=LINK)
    if rows:
        mean = number(rows[0], "mean") or 0.0
        low, high = number(rows[0], "low"), number(rows[0], "high")
        tone: Tone = (
            "good" if low is not None and low > 3.5 else "bad" if high is not None and high < 3 else "mixed"
        )
        yield Finding(
            key="link:level",
            kind="link",
            question=2,
            claim=reading.say(
                "Learning and building a culture, the link of both cycles, stands at {mean} of 5.",
                mean=reading.plain(mean),
            ),
            evidence=(
                reading.evidence(
                    "factors",
                    f"{reading.between(rows[0], 'mean')}, {reading.people(rows[0])}",
                    wave=wave,
                    factor=LINK,
                    unit="all",
                ),
            ),
            grade="measured",
            overturn=reading.say("Answers from those who did not take part, if they differ much."),
            remedy=reading.say(FACTOR_REMEDIES[LINK]) if mean < 3.5 else "",
            factor=LINK,
            tone=tone,
            weight=0.7,
        )
    yield from _feeding(reading)


def _feeding(reading: Reading) -> Iterator[Finding]:
    """Tell whether the link feeds both cycles, also where that was not seen or cannot be tested."""
    rows = [row for row in reading.rows("link_test") if str(row["quantity"]).startswith("link_to_")]
    told = [row for row in rows if None not in (number(row, "low"), number(row, "high"))]
    clear = [row for row in told if not (number(row, "low") or 0.0) <= 0 <= (number(row, "high") or 0.0)]
    for row in clear:
        yield _fed(reading, row)
    if not rows or clear:
        return
    tested = len(told) == len(rows)
    yield Finding(
        key="link:test",
        kind="link",
        question=2,
        claim=reading.say(
            "Where the link was stronger than usual, the cycles were not seen to be stronger at the next wave."
        )
        if tested
        else reading.say("Whether the link feeds both cycles cannot be tested with these data."),
        evidence=(
            reading.evidence(
                "link_test",
                "; ".join(
                    f"{reading.name(str(row['quantity']).removeprefix('link_to_'))} "
                    f"{reading.between(row, 'value', decimals=2)}"
                    for row in rows
                )
                if tested
                else reading.finished(rows[0]["reason"]),
            ),
        ),
        grade="associated",
        overturn=reading.say("More waves and more units: each step from wave to wave sharpens the test."),
        factor=LINK,
        tone="mixed" if tested else "unknown",
        weight=0.3,
        caveat=reading.say("A comparison of units over time, not an experiment."),
    )


def _fed(reading: Reading, row: Record) -> Finding:
    stronger = (number(row, "low") or 0.0) > 0
    cycle = reading.name(str(row["quantity"]).removeprefix("link_to_"))
    return Finding(
        key=f"link:{row['quantity']}",
        kind="link",
        question=2,
        claim=reading.say(
            "Where the link was stronger than usual, this was stronger at the next wave: {cycle}.",
            cycle=cycle,
        )
        if stronger
        else reading.say(
            "Where the link was stronger than usual, this was weaker at the next wave: {cycle}.", cycle=cycle
        ),
        evidence=(
            reading.evidence(
                "link_test", reading.between(row, "value", decimals=2), quantity=row["quantity"]
            ),
        ),
        grade="associated",
        overturn=reading.say("The opposite order of events in the waves to come."),
        factor=LINK,
        tone="good" if stronger else "mixed",
        weight=0.5,
        caveat=reading.say("A comparison of units over time, not an experiment."),
    )


@WRITERS.register("need")
def need(reading: Reading) -> Iterator[Finding]:
    """Tell the largest need that is larger than chance."""
    rows = [row for row in reading.told("needs", "need", unit="all") if row["verdict"] == "need"]
    for place, row in enumerate(sorted(rows, key=lambda row: -(number(row, "need") or 0))[:2]):
        yield Finding(
            key=f"need:{row['factor']}",
            kind="need",
            question=3,
            claim=reading.say(
                "{factor} matters to people and works less well than it should.",
                factor=reading.begin(row["factor"]),
            ),
            evidence=(
                reading.evidence(
                    "needs",
                    reading.say(
                        "importance {importance}, performance {performance}, need {need}, {people}",
                        importance=reading.plain(number(row, "importance") or 0),
                        performance=reading.plain(number(row, "performance") or 0),
                        need=reading.between(row, "need"),
                        people=reading.people(row),
                    ),
                    factor=row["factor"],
                    unit="all",
                ),
            ),
            grade="measured",
            overturn=reading.say("Performance rising to the importance people give it."),
            remedy=reading.say(FACTOR_REMEDIES[str(row["factor"])]),
            factor=str(row["factor"]),
            tone="bad",
            weight=0.65 - 0.05 * place,
        )
