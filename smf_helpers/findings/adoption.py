"""Findings about adoption: how far it has come, whether it lasts, where it comes from, the path."""

from collections.abc import Iterator
from datetime import date, timedelta

from smf_helpers.findings.reading import Reading, Record, number
from smf_helpers.findings.register import WRITERS
from smf_helpers.findings.remedies import CONDITION_REMEDIES
from smf_helpers.results.claims import Finding

GROWTH = 0.05
"""Growth of the share in a year from which adoption is good news: those who ever took part can only become more."""


@WRITERS.register("adoption")
def adoption(reading: Reading) -> Iterator[Finding]:
    """Tell how many of the eligible have taken part, and what the forecast has been worth."""
    rows = reading.told("adoption_curve", "observed", unit="all", phase="observed")
    if not rows:
        return
    last = rows[-1]
    share = number(last, "observed") or 0.0
    then = _year_before(rows)
    grown = share - (number(then, "observed") or 0.0) if then else None
    yield Finding(
        key="adoption:level",
        kind="adoption",
        question=2,
        claim=reading.say(
            "By {date}, {share} of those who could take part have done so.",
            date=reading.language.date(str(last["at"])),
            share=reading.share(share),
        )
        if grown is None
        else reading.say(
            "By {date}, {share} of those who could take part have done so; by {then} it was {before}.",
            date=reading.language.date(str(last["at"])),
            then=reading.language.date(str((then or last)["at"])),
            share=reading.share(share),
            before=reading.share(share - grown),
        ),
        evidence=(
            reading.evidence(
                "adoption_curve",
                reading.say("of {people} who could take part", people=reading.people(last)),
                unit="all",
                at=last["at"],
            ),
        ),
        grade="measured",
        overturn=reading.say("A people list that counts the eligible differently."),
        tone="good" if grown is not None and grown >= GROWTH else "mixed",
        weight=0.8,
    )
    for row in reading.told("adoption_backtest", "observed")[-1:]:
        if row["verdict"] == "no skill" or number(row, "predicted") is not None:
            yield _backtest(reading, row)


def _backtest(reading: Reading, row: Record) -> Finding:
    if row["verdict"] == "no skill":
        claim = reading.say("A wave ago the model would have forecast no better than a straight line on.")
        told = reading.say("came {observed}", observed=reading.share(number(row, "observed") or 0.0))
    else:
        claim = (
            reading.say("What the model would have said a wave ago came true.")
            if row["verdict"] == "inside"
            else reading.say(
                "What the model would have said a wave ago did not come true; read its forecast with care."
            )
        )
        told = reading.say(
            "said {predicted}, came {observed}",
            predicted=reading.between(row, "predicted", percent=True),
            observed=reading.share(number(row, "observed") or 0.0),
        )
    return Finding(
        key="adoption:backtest",
        kind="adoption",
        question=2,
        claim=claim,
        evidence=(reading.evidence("adoption_backtest", told, for_date=row["for_date"]),),
        grade="tested",
        overturn=reading.say("The next back-test."),
        tone="good" if row["verdict"] == "inside" else "mixed",
        weight=0.3,
    )


@WRITERS.register("sustain")
def sustain(reading: Reading) -> Iterator[Finding]:
    """Tell whether participation would go on by itself."""
    row = reading.quantity("sustain", "reproduction_number")
    if row is None:
        return
    low, high = number(row, "low"), number(row, "high")
    if low is not None and low > 1:
        claim, tone = (
            reading.say("Participation sustains itself: it would go on if the programme stopped today."),
            "good",
        )
    elif high is not None and high < 1:
        claim, tone = (
            reading.say("Participation does not sustain itself yet: without the programme it would fade."),
            "bad",
        )
    else:
        claim, tone = (
            reading.say("Whether participation would go on without the programme cannot be told yet."),
            "unknown",
        )
    yield Finding(
        key="sustain",
        kind="sustain",
        question=2,
        claim=claim,
        evidence=(
            reading.evidence(
                "sustain",
                reading.say(
                    "everyone who takes part brings in {value} others; it takes more than 1",
                    value=reading.between(row, "value", decimals=2),
                ),
                quantity="reproduction_number",
            ),
        ),
        grade="associated",
        overturn=reading.say("A pause of the programme that participation survives, or does not."),
        remedy="" if tone == "good" else reading.say(CONDITION_REMEDIES["executives_seen"]),
        tone=tone,  # type: ignore[arg-type]
        weight=0.85,
        caveat=reading.say("From a model of joining and lapsing; grass roots alone go only so far."),
    )


@WRITERS.register("sources")
def sources(reading: Reading) -> Iterator[Finding]:
    """Tell what the adoptions are consistent with."""
    rows = reading.told("adoption_sources", "share")
    if len(rows) < 2:
        return
    failed = [row for row in reading.rows("adoption_tests") if row["verdict"] == "fails"]
    largest = max(rows, key=lambda row: number(row, "share") or 0.0)
    most = sum(number(row, "share") or 0.0 for row in rows) < 0.5
    yield Finding(
        key="adoption:sources",
        kind="sources",
        question=2,
        claim=reading.say(
            "Where most adoptions come from cannot be told; the largest source that can be told is this: {source}."
            if most
            else "Of the sources of adoption that can be told, the largest is this: {source}.",
            source=reading.name(largest["source"]),
        ),
        evidence=(
            reading.evidence(
                "adoption_sources", reading.between(largest, "share", percent=True), source=largest["source"]
            ),
        ),
        grade="associated" if failed else "tested",
        overturn=reading.say("A shuffled network, or contacts from the future, explaining as much."),
        tone="mixed",
        weight=0.45,
        caveat=reading.say("One of the checks failed: similar people also choose similar company.")
        if failed
        else reading.say("Consistent with, not caused by: similar people also choose similar company."),
    )


PATH_WORDS = {
    ("customer", 1): "More people use social media with customers than at the start.",
    ("customer", -1): "Fewer people use social media with customers than at the start.",
    ("internal", 1): "More people use social media with colleagues than at the start.",
    ("internal", -1): "Fewer people use social media with colleagues than at the start.",
}


@WRITERS.register("path")
def path(reading: Reading) -> Iterator[Finding]:
    """Tell how many work at the later stages of the path, and how that moved."""
    rows = [
        row
        for row in reading.told("path_occupancy", "share", unit="all")
        if row["stage"] in ("internal", "customer")
    ]
    if not rows:
        return
    first, last = rows[0]["at"], rows[-1]["at"]
    now = [row for row in rows if row["at"] == last]
    then = {row["stage"]: row for row in rows if row["at"] == first}
    for row in now:
        before = then.get(row["stage"])
        if before is None or first == last:
            continue
        moved = _apart(before, row)
        if moved == 0:
            continue
        words = PATH_WORDS[str(row["stage"]), moved]
        yield Finding(
            key=f"path:{row['stage']}",
            kind="path",
            question=2,
            claim=reading.say(words),
            evidence=(
                reading.evidence(
                    "path_occupancy",
                    reading.say(
                        "{before} then, {now} now, {people}",
                        before=reading.between(before, "share", percent=True),
                        now=reading.between(row, "share", percent=True),
                        people=reading.people(row),
                    ),
                    stage=row["stage"],
                    unit="all",
                ),
            ),
            grade="measured",
            overturn=reading.say("Other people answering in the later wave."),
            tone="good" if moved > 0 else "bad",
            weight=0.55,
        )


def _apart(before: Record, after: Record) -> int:
    """Say whether two intervals lie apart: 1 risen, -1 fallen, 0 cannot be told."""
    low_before, high_before = number(before, "low"), number(before, "high")
    low_after, high_after = number(after, "low"), number(after, "high")
    if None in (low_before, high_before, low_after, high_after):
        return 0
    return int(low_after > high_before) - int(high_after < low_before)  # type: ignore[operator]


def _year_before(rows: list[Record]) -> Record | None:
    """Give the row nearest to a year before the last one; None where none lies within two months of it."""
    aim = date.fromisoformat(str(rows[-1]["at"])) - timedelta(days=365)

    def away(row: Record) -> timedelta:
        return abs(date.fromisoformat(str(row["at"])) - aim)

    nearest = min(rows, key=away)
    return nearest if away(nearest) <= timedelta(days=61) else None
