"""Participation: who takes part week by week, and how far each unit has come."""

from collections.abc import Sequence
from typing import Any

from smf_helpers.figures.forest import Line, Panel, forest, shown, why_not
from smf_helpers.figures.parts import (
    dates,
    end_label,
    end_room,
    line,
    narrow_ends,
    nothing,
    percents,
    separators,
    up_to,
)
from smf_helpers.figures.plate import Plate
from smf_helpers.figures.reader import Reader, Row, iso
from smf_helpers.figures.register import FIGURES
from smf_helpers.figures.theme import axis, layout, plain, words

LEAST_FLOW = 0.04
"""Who comes and goes is drawn where it is this share of the eligible in some week: below it is only a flicker."""

CLEARLY_FEWER = 0.05
"""How far the share of active people lies below its height before the headline says so."""


@FIGURES.register("participation")
def participation(reader: Reader) -> Plate:
    """Draw the share of active people week by week, and who comes and goes."""
    rows = sorted(reader.rows("participation", unit="all"), key=lambda row: iso(row["week"]))
    told = [row for row in rows if reader.number(row, "active") is not None]
    if len(told) < 2:
        return nothing(
            reader,
            "participation",
            reader.text("Who takes part week by week cannot be shown"),
            "participation",
        )
    at = [iso(row["week"]) for row in told]
    lines: tuple[tuple[str, str, str, str, int], ...] = (
        ("active", reader.text("active"), "$primary", "solid", 3),
        ("new", reader.text("for the first time"), "$green", "dot", 2),
        ("resurrected", reader.text("back again"), "$blue", "dash", 2),
        ("lapsed", reader.text("stopped"), "$vermilion", "dashdot", 2),
    )
    lines = (
        lines[0],
        *(
            each
            for each in lines[1:]
            if max((reader.number(row, each[0]) or 0.0 for row in told), default=0.0) >= LEAST_FLOW
        ),
    )
    traces, peaks = [], []
    for name, label, colour, dash, width in lines:
        values = [reader.number(row, name) for row in told]
        said = [
            plain(f"{reader.day(day)}, {label}: {reader.language.percent(value)}")
            if value is not None
            else ""
            for day, value in zip(at, values, strict=True)
        ]
        traces.append(line(at, values, colour, said, line={"width": width, "dash": dash}))
        most = max(range(len(at)), key=lambda place: values[place] or 0.0)
        if name != "active":
            peaks.append(
                words(
                    plain(label),
                    x=at[most],
                    y=values[most],
                    yshift=11,
                    xanchor="left" if 2 * most < len(at) else "right",
                    font={"color": colour, "size": 12.5},
                )
            )
    ends = [(lines[0][1], float(told[-1]["active"]), "$primary")]
    top = up_to([reader.number(row, "active") for row in told])
    ended = narrow_ends(ends, 0.085 * top)
    headline = _headline(reader, told)
    return Plate(
        name="participation",
        headline=headline,
        subtitle=reader.text(
            "Share of the eligible people, week by week, counted from the platform's own records"
        ),
        alt=reader.text(
            "Line chart of active, new, returning and stopped people by week. {finding}", finding=headline
        ),
        tables=("participation",),
        plot={"data": traces, "layout": _weekly(reader, ends, top, peaks)},
        narrow={
            "xaxis": axis(**dates(reader, nticks=3)),
            **ended,
            "annotations": [*ended["annotations"], *peaks],
        },
        note=""
        if len(lines) > 1
        else reader.text(
            "Those who came for the first time, came back or stopped are too few in any week to be drawn; they "
            "stand in the numbers behind it."
        ),
        definition=f"{_rule(reader)} "
        + reader.text("What counts as an action is set in the client's parameters."),
        n=reader.count(told[-1]["n"]),
    )


def _headline(reader: Reader, rows: Sequence[Row]) -> str:
    """Say how many took part at the end, and at the height where they have become clearly fewer since."""
    last = float(rows[-1]["active"])
    most = max(float(row["active"]) for row in rows)
    if most - last < CLEARLY_FEWER:
        return reader.text(
            "{share} of the eligible were taking part at the end", share=reader.language.percent(last)
        )
    return reader.text(
        "Taking part was at its height with {most} of the eligible; at the end it was {last}",
        most=reader.language.percent(most),
        last=reader.language.percent(last),
    )


def _rule(reader: Reader) -> str:
    table = reader.table("participation")
    return reader.finished(table.note) if table else ""


def _weekly(
    reader: Reader, ends: Sequence[tuple[str, float, str]], top: float, peaks: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    return layout(
        height=330,
        left=46,
        right=end_room([label for label, _, _ in ends]),
        separators=separators(reader),
        yaxis=percents(reader, top),
        xaxis=axis(**dates(reader)),
        annotations=[*(end_label(*each) for each in ends), *peaks],
    )


@FIGURES.register("adoption_units")
def adoption_units(reader: Reader) -> Plate:
    """Draw the share of adopters in each unit."""
    rows = list(reader.rows("adoption_units"))
    rows.sort(key=lambda row: -(reader.number(row, "share") or -1.0))
    lines = [
        Line(
            label=reader.label(row["unit"]),
            row=row,
            name="share",
            aside=why_not(reader, row, "share"),
        )
        for row in rows
    ]
    if not shown(reader, lines):
        return nothing(
            reader, "adoption_units", reader.text("Adoption by unit cannot be shown"), "adoption_units"
        )
    plot, narrow = forest(reader, Panel(table="adoption_units", lines=lines), left=160, right=220)
    told = [each for each in lines if reader.number(each.row, "share") is not None]
    headline = reader.text(
        "{first} leads with {most}; {last} stands at {least}"
        if _apart(reader, told[0], told[-1])
        else "From {most} ({first}) to {least} ({last}): no unit is clearly ahead of the others",
        first=told[0].label,
        most=reader.language.percent(told[0].row["share"]),
        last=told[-1].label,
        least=reader.language.percent(told[-1].row["share"]),
    )
    if len(told) == 1:
        headline = reader.text("Only {unit} may be shown", unit=told[0].label)
    return Plate(
        name="adoption_units",
        headline=headline,
        subtitle=reader.text("Adopters of the eligible people in each unit, 95 % interval"),
        alt=reader.text("Dot chart of adoption by unit with intervals. {finding}", finding=headline),
        tables=("adoption_units",),
        plot=plot,
        narrow=narrow,
        definition=reader.text(
            "Adopters counted over the unit's headcount; push and imitation of small units are drawn towards the "
            "whole organisation, as far as their data are thin."
        ),
        n=reader.plural("{n} unit", "{n} units", len(lines)),
    )


def _apart(reader: Reader, first: Line, last: Line) -> bool:
    """Say whether the intervals of two units lie apart."""
    low, high = reader.interval(first.row, "share")[0], reader.interval(last.row, "share")[1]
    return low is not None and high is not None and low > high
