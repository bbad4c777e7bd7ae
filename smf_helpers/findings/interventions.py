"""Findings about interventions, the roll-out and the public channels."""

from collections.abc import Iterator

from smf_helpers.findings.reading import Reading, Record, limits, number
from smf_helpers.findings.register import WRITERS
from smf_helpers.results.claims import Finding


@WRITERS.register("intervention")
def intervention(reading: Reading) -> Iterator[Finding]:
    """Tell what each intervention changed, where that can be told, and how many cannot be told."""
    rows = reading.rows("interventions")
    for row in rows:
        if row["verdict"] in ("rose", "fell") and number(row, "effect") is not None:
            yield _effect(reading, row)
        elif row["verdict"] == "no effect seen":
            yield _none(reading, row)
    untold = sorted(
        {str(row["intervention"]) for row in rows}
        - {str(row["intervention"]) for row in rows if row["verdict"] in ("rose", "fell", "no effect seen")}
    )
    if untold:
        yield Finding(
            key="interventions:untold",
            kind="intervention",
            question=3,
            claim=reading.say(
                "What these changed cannot be told from these data: {names}.",
                names=", ".join(reading.name(name) for name in untold),
            ),
            evidence=(
                reading.evidence(
                    "interventions",
                    "; ".join(
                        dict.fromkeys(
                            filter(
                                None,
                                (
                                    reading.finished(row["reason"])
                                    for row in rows
                                    if row["intervention"] in untold
                                ),
                            )
                        )
                    ),
                ),
            ),
            grade="tested",
            overturn=reading.say("A longer series before and after, or units that wait for theirs."),
            remedy=reading.say(
                "Let the next step start in some units first, so that its effect can be seen."
            ),
            tone="unknown",
            weight=0.3,
        )


_SPREAD = "Keep it up, and bring it to the units that do not have it."


def _effect(reading: Reading, row: Record) -> Finding:
    rose = row["verdict"] == "rose"
    alone = row["design"] == "interrupted"
    message = {
        (True, True): "After this step, {outcome} rose beyond its own course before: {name}.",
        (True, False): "After this step, {outcome} fell below its own course before: {name}.",
        (False, True): "After this step, {outcome} rose more than in the units without it: {name}.",
        (False, False): "After this step, {outcome} fell more than in the units without it: {name}.",
    }[alone, rose]
    hardly = _hardly(row)
    if hardly:
        message = "After this step, {outcome} moved by so little that it hardly matters: {name}."
    return Finding(
        key=f"intervention:{row['intervention']}:{row['outcome']}",
        kind="intervention",
        question=3,
        claim=reading.say(
            message, outcome=reading.name(row["outcome"]), name=reading.name(row["intervention"])
        ),
        evidence=(
            reading.evidence(
                "interventions",
                reading.say(
                    "effect {effect}, design: {design}",
                    effect=reading.say("{points} points", points=reading.points(row, "effect", 1))
                    if row["outcome"] == "active"
                    else reading.between(row, "effect", decimals=2),
                    design=reading.name(row["design"]),
                ),
                intervention=row["intervention"],
                outcome=row["outcome"],
            ),
        ),
        grade="tested",
        overturn=reading.say("Something else that happened at the same time."),
        remedy="" if hardly or not rose else reading.say("Keep it up.") if alone else reading.say(_SPREAD),
        tone="mixed" if hardly else "good" if rose else "bad",
        weight=0.3 if hardly else 0.65,
        caveat=reading.say("Consistent with an effect; other things may have changed at the same time."),
    )


def _hardly(row: Record) -> bool:
    """Say whether an effect may be so small that the limit nearest to none is written as zero."""
    decimals = 3 if row["outcome"] == "active" else 2
    ends = [abs(end) for name in limits("effect") if (end := number(row, name)) is not None]
    return bool(ends) and round(min(ends), decimals) == 0


def _none(reading: Reading, row: Record) -> Finding:
    """Tell that an effect was looked for and not seen, and how large it would have had to be."""
    seen = number(row, "detectable")
    return Finding(
        key=f"intervention:{row['intervention']}:{row['outcome']}",
        kind="intervention",
        question=3,
        claim=reading.say(
            "After this step, no change in {outcome} was seen: {name}.",
            outcome=reading.name(row["outcome"]),
            name=reading.name(row["intervention"]),
        ),
        evidence=(
            reading.evidence(
                "interventions",
                reading.say(
                    "smallest effect that would have been seen: {effect}, design: {design}",
                    effect=reading.say("{points} points", points=reading.plain(100 * seen))
                    if row["outcome"] == "active"
                    else reading.plain(seen, 2),
                    design=reading.name(row["design"]),
                )
                if seen is not None
                else reading.say("design: {design}", design=reading.name(row["design"])),
                intervention=row["intervention"],
                outcome=row["outcome"],
            ),
        ),
        grade="tested",
        overturn=reading.say("An effect too small or too slow for this series."),
        tone="mixed",
        weight=0.3,
    )


@WRITERS.register("rollout")
def rollout(reading: Reading) -> Iterator[Finding]:
    """Tell how the units that joined compare with those still waiting."""
    rows = reading.rows("rollout")
    compared = [row for row in rows if row["verdict"] in ("ahead", "level", "behind")]
    for verdict, tone in (("ahead", "good"), ("behind", "bad")):
        units = [reading.name(row["unit"]) for row in compared if row["verdict"] == verdict]
        if units:
            yield _joined(reading, verdict, tone, units)
    if not rows or any(row["verdict"] != "level" for row in compared):
        return
    yield Finding(
        key="rollout:none",
        kind="rollout",
        question=2,
        claim=reading.say(
            "No unit that joined the roll-out is clearly ahead of those still waiting, or behind them."
        )
        if compared
        else reading.say(
            "Whether the units that joined the roll-out gained more than those still waiting cannot be told."
        ),
        evidence=(
            reading.evidence(
                "rollout",
                reading.say(
                    "{joined} of {all} units have joined; shown to be level: {level}",
                    joined=sum(row["verdict"] != "waiting" for row in rows),
                    all=len(rows),
                    level=len(compared),
                ),
            ),
        ),
        grade="tested",
        overturn=reading.say("A wave before a unit joins and one after, while others still wait."),
        remedy=reading.say("Survey each unit before it joins, and let some units wait for a wave."),
        tone="mixed" if compared else "unknown",
        weight=0.35,
        caveat=reading.say("Units were not drawn by lot: those that join first may rise anyway."),
    )


ROLLED = {
    "ahead": (
        "{n} unit that joined the roll-out has gained more than the units still waiting.",
        "{n} units that joined the roll-out have gained more than the units still waiting.",
    ),
    "behind": (
        "{n} unit that joined the roll-out has gained less than the units still waiting.",
        "{n} units that joined the roll-out have gained less than the units still waiting.",
    ),
}


def _joined(reading: Reading, verdict: str, tone: str, units: list[str]) -> Finding:
    ahead = verdict == "ahead"
    return Finding(
        key="rollout" if ahead else "rollout:behind",
        kind="rollout",
        question=2,
        claim=reading.language.plural(*ROLLED[verdict], len(units)),
        evidence=(reading.evidence("rollout", ", ".join(units), verdict=verdict),),
        grade="tested",
        overturn=reading.say("The waiting units catching up by themselves.")
        if ahead
        else reading.say("These units catching up in the next wave."),
        remedy=reading.say("Bring the framework to the next unit.")
        if ahead
        else reading.say(
            "Ask these units what the roll-out has not given them yet, before the next unit joins."
        ),
        tone=tone,  # type: ignore[arg-type]
        weight=0.5,
        caveat=reading.say("Units were not drawn by lot: those that join first may rise anyway."),
    )


@WRITERS.register("response")
def response(reading: Reading) -> Iterator[Finding]:
    """Tell how fast messages are answered, in a crisis above all."""
    for row in reading.told("response", "median_hours"):
        crisis = row["kind"] == "crisis"
        yield Finding(
            key=f"response:{row['channel']}:{row['kind']}",
            kind="response",
            question=2,
            claim=reading.say(
                "In a crisis, half of the messages on {channel} are answered within {hours} hours.",
                channel=reading.name(row["channel"]),
                hours=reading.plain(number(row, "median_hours") or 0.0),
            )
            if crisis
            else reading.say(
                "Half of the messages on {channel} are answered within {hours} hours.",
                channel=reading.name(row["channel"]),
                hours=reading.plain(number(row, "median_hours") or 0.0),
            ),
            evidence=(
                reading.evidence(
                    "response",
                    reading.say(
                        "{hours} hours, unanswered ones counted as still waiting",
                        hours=reading.between(row, "median_hours"),
                    ),
                    channel=row["channel"],
                    kind=row["kind"],
                ),
            ),
            grade="measured",
            overturn=reading.say("Answers given outside the export."),
            tone="mixed",
            weight=0.35 if crisis else 0.2,
        )


@WRITERS.register("kinds")
def kinds(reading: Reading) -> Iterator[Finding]:
    """Tell which kind of post works best on a channel, where that is more than chance."""
    for channel in dict.fromkeys(row["channel"] for row in reading.rows("channel_kinds")):
        rows = reading.told("channel_kinds", "engagement_rate", channel=channel)
        if len(rows) < 2:
            continue
        best = max(rows, key=lambda row: number(row, "engagement_rate") or 0.0)
        low = number(best, "engagement_rate_low")
        rest = [number(row, "engagement_rate_high") for row in rows if row is not best]
        if low is None or any(high is None or high >= low for high in rest):
            continue
        yield Finding(
            key=f"kinds:{channel}",
            kind="kinds",
            question=3,
            claim=reading.say(
                "On {channel}, this kind of post gets the most response for its reach: {kind}.",
                channel=reading.name(channel),
                kind=reading.name(best["kind"]),
            ),
            evidence=(
                reading.evidence(
                    "channel_kinds",
                    reading.between(best, "engagement_rate", percent=True),
                    channel=channel,
                    kind=best["kind"],
                ),
            ),
            grade="associated",
            overturn=reading.say("The same topics told in another kind of post."),
            remedy=reading.say("Tell one of the other topics in this form, and compare."),
            factor="activities",
            tone="good",
            weight=0.25,
        )
