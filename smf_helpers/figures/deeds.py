"""What the organisation did: the ledger of interventions and the roll-out, each with its "
"interval and verdict."""

from smf_helpers.figures.forest import Line, Panel, forest, shown, why_not
from smf_helpers.figures.parts import nothing
from smf_helpers.figures.plate import Plate
from smf_helpers.figures.reader import Reader, Row, iso
from smf_helpers.figures.register import FIGURES

MOST_NAMED = 2
"""Steps that a headline names; of more it tells the number only."""

ROLLOUT_TOLD = ("ahead", "behind", "level")
"""Verdicts on a unit that are written beside it; where there is none, its number and interval say so."""

SHARES = {"active": "Active in a week, percentage points"}
"""Outcomes that are shares, and what their axis says."""


@FIGURES.register("ledger")
def ledger(reader: Reader) -> Plate:
    """Draw each intervention's effect on each outcome, outcome by outcome."""
    rows = sorted(reader.rows("interventions"), key=lambda row: iso(row["starts_on"]))
    panels = []
    for outcome in dict.fromkeys(row["outcome"] for row in rows):
        lines = [
            Line(
                label=f"{reader.label(row['intervention'])} · {reader.day(iso(row['starts_on']))}",
                short=reader.label(row["intervention"]),
                row=row,
                name="effect",
                said=_points(reader, row) if outcome in SHARES else "",
                aside=_verdict(reader, row),
                strong=_moved(reader, row),
            )
            for row in rows
            if row["outcome"] == outcome
        ]
        panels.append(
            Panel(
                table="interventions",
                lines=lines,
                title=reader.text(SHARES[outcome]) if outcome in SHARES else reader.label(outcome),
                zero=0.0,
                signed=True,
                points=outcome in SHARES,
            )
        )
    if not any(shown(reader, panel.lines) for panel in panels):
        return nothing(
            reader,
            "ledger",
            reader.text("What the interventions changed cannot be told yet"),
            "interventions",
        )
    plot, narrow = forest(reader, *panels, left=240, right=270)
    moved = [row for row in rows if _moved(reader, row)]
    names = list(dict.fromkeys(reader.label(row["intervention"]) for row in moved))
    headline = (
        reader.text(
            "{moved} of {all} comparisons show a change that matters: {names}",
            moved=len(moved),
            all=len(rows),
            names=", ".join(names),
        )
        if 0 < len(names) <= MOST_NAMED
        else reader.text(
            "{moved} of {all} comparisons show a change that matters", moved=len(moved), all=len(rows)
        )
        if moved
        else reader.text("After none of these steps was a change seen that matters")
    )
    return Plate(
        name="ledger",
        headline=headline,
        subtitle=reader.text(
            "Change in level after each intervention, 95 % interval; one scale for each outcome"
        ),
        alt=reader.text(
            "Dot chart of the effects of interventions with intervals. {finding}", finding=headline
        ),
        tables=("interventions",),
        plot=plot,
        narrow=narrow,
        definition=reader.text(
            "Each effect comes from the strongest design that its scope allows; the table names the "
            "design, the share of "
            "placebo dates with an effect as large, and the smallest effect that could have been seen."
        ),
        n=reader.plural("{n} comparison", "{n} comparisons", len(rows)),
        grade="tested",
        wide=True,
    )


def _moved(reader: Reader, row: Row) -> bool:
    """Say whether a step was followed by a change that matters: the limit nearest to none is not written as zero."""
    low, high = reader.interval(row, "effect")
    return row["verdict"] in ("rose", "fell") and bool(low) and bool(high)


def _verdict(reader: Reader, row: Row) -> str:
    hardly = row["verdict"] in ("rose", "fell") and not _moved(reader, row)
    return reader.text("hardly matters") if hardly else reader.label(row["verdict"])


def _points(reader: Reader, row: Row) -> str:
    """Write an effect on a share with its interval, in percentage points."""
    value, (low, high) = reader.number(row, "effect"), reader.interval(row, "effect")
    if value is None:
        return ""
    told = [reader.language.signed(100 * each, 1) for each in (value, low, high) if each is not None]
    if len(told) < 3:
        return told[0]
    return reader.text("{value} ({low} to {high})", value=told[0], low=told[1], high=told[2])


@FIGURES.register("rollout")
def rollout(reader: Reader) -> Plate:
    """Draw the change in each unit since it joined, beside the units still waiting."""
    rows = reader.rows("rollout")
    lines = [
        Line(
            label=reader.label(row["unit"]),
            row=row,
            name="change",
            ghost="waiting",
            aside=reader.label(row["verdict"]) if row["verdict"] in ROLLOUT_TOLD else "",
            strong=row["verdict"] == "behind",
        )
        for row in rows
    ]
    if not shown(reader, lines):
        return nothing(
            reader, "rollout", reader.text("What the roll-out changed cannot be told yet"), "rollout"
        )
    plot, narrow = forest(
        reader, Panel(table="rollout", lines=lines, zero=0.0, signed=True), left=160, right=290
    )
    ahead = [each.label for each in lines if each.row["verdict"] == "ahead"]
    headline = (
        reader.text("Ahead of those still waiting: {units}", units=", ".join(ahead))
        if ahead
        else reader.text("No unit is clearly ahead of those still waiting")
    )
    return Plate(
        name="rollout",
        headline=headline,
        subtitle=reader.text(
            "Mean change of the eight factors since joining, 95 % interval; grey below: units still "
            "waiting, same waves"
        ),
        alt=reader.text("Dot chart of the change in each unit since joining. {finding}", finding=headline),
        tables=("rollout",),
        plot=plot,
        narrow=narrow,
        definition=reader.text(
            "A unit that has joined is compared with those that had not, over the same waves."
        ),
        n=reader.plural("{n} unit", "{n} units", len(rows)),
        grade="tested",
    )


@FIGURES.register("reliability")
def reliability(reader: Reader) -> Plate:
    """Draw how reliably each factor is measured."""
    rows = reader.rows("reliability")
    lines = [
        Line(
            label=reader.label(row["factor"]),
            short=reader.short(row["factor"]),
            row=row,
            name="omega",
            aside=why_not(reader, row, "omega"),
        )
        for row in rows
    ]
    if not shown(reader, lines):
        return nothing(
            reader,
            "reliability",
            reader.text("How reliable the factors are cannot be told yet"),
            "reliability",
        )
    plot, narrow = forest(
        reader, Panel(table="reliability", lines=lines, zero=0.7, bounds=(0.0, 1.0)), left=240, right=150
    )
    told = [each for each in lines if reader.number(each.row, "omega") is not None]
    weak = [each.label for each in told if each.row["omega"] < 0.7]
    headline = (
        reader.text("{count} of {all} factors should be read with care", count=len(weak), all=len(told))
        if len(weak) > 2
        else reader.text("Read with care: {factors}", factors=", ".join(weak))
        if weak
        else reader.text("Every factor that could be checked is measured reliably")
    )
    return Plate(
        name="reliability",
        headline=headline,
        subtitle=reader.text("McDonald's omega, 95 % interval; line: 0.7"),
        alt=reader.text("Dot chart of the reliability of eight factors. {finding}", finding=headline),
        tables=("reliability",),
        plot=plot,
        narrow=narrow,
        definition=reader.text(
            "The share of a score's differences that is not mere noise; below 0.7 read with care."
        ),
        n=reader.count(rows[0]["n"]),
    )
