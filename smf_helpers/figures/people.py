"""People: barriers, conditions, segments, what recommending did, personas, who answers "
"whom, if champions left."""

from collections.abc import Callable, Mapping
from html import escape
from typing import Any

from smf_helpers.figures.forest import Line, Panel, forest, shown, stands_out
from smf_helpers.figures.parts import (
    band,
    end_label,
    end_room,
    line,
    narrow_ends,
    nothing,
    percents,
    separators,
)
from smf_helpers.figures.plate import Plate
from smf_helpers.figures.reader import Reader
from smf_helpers.figures.register import FIGURES
from smf_helpers.figures.theme import axis, layout, plain, value_axis

LEAST_SPAN = 20.0
"""Points of the recommendation score that its axis spans at least; zero is always on it."""

MOST_UPRIGHT = 8
"""Columns of the grid of units whose names fit beside one another; more stand on end."""


@FIGURES.register("barriers")
def barriers(reader: Reader) -> Plate:
    """Draw how many people name each barrier, most named first, with the verdict reason or excuse."""
    wave = reader.latest("barriers")
    rows = reader.rows("barriers", unit="all", wave=wave)
    rows.sort(key=lambda row: -(reader.number(row, "share") or -1.0))
    tests = {row["barrier"]: row for row in reader.rows("barrier_tests")}
    lines = [
        Line(
            label=reader.label(row["barrier"]),
            row=row,
            name="share",
            strong=place == 0,
            aside=_verdict(reader, tests.get(row["barrier"])),
        )
        for place, row in enumerate(rows)
    ]
    if not shown(reader, lines):
        return nothing(reader, "barriers", reader.text("What holds people back cannot be shown"), "barriers")
    plot, narrow = forest(reader, Panel(table="barriers", lines=lines), left=220, right=230)
    top = lines[0]
    headline = reader.text(
        "“{barrier}” is named most: {share}"
        if stands_out(reader, lines)
        else "“{barrier}” is named most, not clearly more than others: {share}",
        barrier=top.label,
        share=reader.language.percent(top.row["share"]),
    )
    return Plate(
        name="barriers",
        headline=headline,
        subtitle=reader.text(
            "People who name each barrier, wave {wave}, 95 % interval; in bold: reason or excuse, "
            "where it was tested",
            wave=reader.label(wave),
        ),
        alt=reader.text("Dot chart of seven barriers with intervals. {finding}", finding=headline),
        tables=("barriers", "barrier_tests"),
        keep={"barriers": {"unit": "all", "wave": str(wave)}},
        plot=plot,
        narrow=narrow,
        definition=reader.text(
            "A barrier is told as a reason where those who name it use less later, and its remedy "
            "moves it; as an "
            "excuse where neither holds."
        ),
        n=reader.count(rows[0]["n"]),
        movement=_before(reader, top.row),
    )


def _verdict(reader: Reader, row: Mapping[str, Any] | None) -> str:
    return reader.label(row["verdict"]) if row and row["verdict"] in ("reason", "excuse") else ""


def _before(reader: Reader, row: Mapping[str, Any]) -> str:
    waves = [wave for wave in reader.waves if reader.rows("barriers", wave=wave)]
    if len(waves) < 2:
        return ""
    last = next(iter(reader.rows("barriers", unit="all", wave=waves[-2], barrier=row["barrier"])), None)
    if last is None or reader.number(last, "share") is None:
        return ""
    return reader.text(
        "{barrier}: {share} the wave before",
        barrier=reader.label(row["barrier"]),
        share=reader.language.percent(last["share"]),
    )


def _shares(
    reader: Reader,
    table: str,
    key: str,
    *,
    name: str,
    empty: str,
    headline: Callable[[Line], str],
    **rest: Any,
) -> Plate:
    """Draw a table of shares by a key at its latest wave."""
    has_wave = bool(reader.rows(table)) and "wave" in reader.rows(table)[0]
    where = {"wave": reader.latest(table)} if has_wave else {}
    rows = [row for row in reader.rows(table, **where) if row.get("unit", "all") == "all"]
    lines = [Line(label=reader.label(row[key]), row=row, name="share") for row in rows]
    if not shown(reader, lines):
        return nothing(reader, name, empty, table)
    plot, narrow = forest(reader, Panel(table=table, lines=lines), left=220, right=150)
    told = [each for each in lines if reader.number(each.row, "share") is not None]
    said = headline(max(told, key=lambda each: each.row["share"]))
    return Plate(
        name=name,
        headline=said,
        alt=reader.text("Dot chart of shares with intervals. {finding}", finding=said),
        tables=(table,),
        plot=plot,
        narrow=narrow,
        n=reader.count(rows[0]["n"]),
        **rest,
    )


@FIGURES.register("segments")
def segments(reader: Reader) -> Plate:
    """Draw who takes part: champions, participants, bystanders, held back."""
    return _shares(
        reader,
        "segments",
        "segment",
        name="segments",
        empty=reader.text("Who takes part cannot be shown"),
        headline=lambda top: reader.text(
            "The largest group: {group} ({share})",
            group=top.label.lower(),
            share=reader.language.percent(top.row["share"]),
        ),
        subtitle=reader.text("Share of people in each group at the latest wave, 95 % interval"),
        definition=reader.text(
            "Champions take part eagerly and answer others; bystanders do the bare minimum; held back "
            "is who names a "
            "barrier. The stricter and the more lenient rule stand in the table."
        ),
    )


@FIGURES.register("comment_themes")
def comment_themes(reader: Reader) -> Plate:
    """Draw what people write about."""
    return _shares(
        reader,
        "comment_themes",
        "theme",
        name="comment_themes",
        empty=reader.text("What people write about cannot be shown"),
        headline=lambda top: reader.text(
            "Most comments are about: {theme} ({share})",
            theme=top.label.lower(),
            share=reader.language.percent(top.row["share"]),
        ),
        subtitle=reader.text("Share of those who wrote something, latest wave, 95 % interval"),
        definition=reader.text(
            "Themes are found by word stems after names and addresses were removed; a theme is told from five "
            "people up."
        ),
    )


@FIGURES.register("conditions")
def conditions(reader: Reader) -> Plate:
    """Draw the conditions of the culture."""
    return _shares(
        reader,
        "conditions",
        "condition",
        name="conditions",
        empty=reader.text("The conditions of the culture cannot be shown"),
        headline=lambda top: reader.text(
            "What most people see in place: {condition} ({share})",
            condition=top.label.lower(),
            share=reader.language.percent(top.row["share"]),
        ),
        subtitle=reader.text("Share of people who agree, latest wave, 95 % interval"),
        definition=reader.text(
            "Policy, owner, access and executives are the conditions that practice names."
        ),
    )


@FIGURES.register("personas")
def personas(reader: Reader) -> Plate:
    """Draw giving and receiving on the internal platform."""
    return _shares(
        reader,
        "personas",
        "persona",
        name="personas",
        empty=reader.text("Giving and receiving cannot be shown"),
        headline=lambda top: reader.text(
            "Most common on the internal platform: {persona} ({share})",
            persona=top.label.partition(":")[0].lower(),
            share=reader.language.percent(top.row["share"]),
        ),
        subtitle=reader.text(
            "Share of people by what they give and receive on the internal platform, 95 % interval"
        ),
        definition=reader.text("Personas follow from how much a person posts and answers, and is answered."),
    )


@FIGURES.register("recommendation")
def recommendation(reader: Reader) -> Plate:
    """Draw the recommendation score over the waves."""
    rows = {row["wave"]: row for row in reader.rows("recommendation", unit="all")}
    waves = [wave for wave in reader.waves if wave in rows and reader.number(rows[wave], "value") is not None]
    if not waves:
        return nothing(
            reader, "recommendation", reader.text("Recommendation cannot be shown"), "recommendation"
        )
    told = [rows[wave] for wave in waves]
    at = list(range(len(waves)))
    sides = [reader.interval(row, "value") for row in told]
    said = [
        plain(f"{reader.label(row['wave'])}: {reader.estimate(row, 'recommendation', 'value', signed=True)}")
        for row in told
    ]
    now = reader.language.signed(told[-1]["value"], 0)
    low, high = sides[-1]
    hidden = any(side is None for pair in sides for side in pair)
    drawn = [
        0.0,
        *(row["value"] for row in told),
        *(side for pair in sides for side in pair if side is not None),
    ]
    room = 0.06 * max(max(drawn) - min(drawn), LEAST_SPAN)
    sure = low is not None and high is not None and (low > 0 or high < 0)
    headline = (
        reader.text("Recommendation stands at {now}", now=now)
        if sure or hidden
        else reader.text("Recommendation stands at {now}, not clearly off zero", now=now)
    )
    plot = {
        "data": [
            band(at, [a for a, _ in sides], [b for _, b in sides], "$primary@0.16"),
            line(
                at, [row["value"] for row in told], "$primary", said, mode="lines+markers", marker={"size": 7}
            ),
        ],
        "layout": layout(
            height=280,
            left=40,
            right=52,
            separators=separators(reader),
            yaxis=value_axis(
                nticks=6,
                zeroline=True,
                zerolinecolor="$faint",
                range=[min(min(drawn), -LEAST_SPAN / 2 if max(drawn) <= 0 else 0) - room, max(drawn) + room],
            ),
            xaxis=axis(tickvals=at, ticktext=[plain(reader.label(wave)) for wave in waves]),
            annotations=[end_label(now, told[-1]["value"], "$primary")],
        ),
    }
    return Plate(
        name="recommendation",
        headline=headline,
        subtitle=reader.text("Promoters (9–10) minus detractors (0–6), points; band: 95 % interval")
        if not hidden
        else reader.text("Promoters (9–10) minus detractors (0–6), points"),
        note=reader.text("The interval of so few people is not shown (confidentiality): read it with care.")
        if hidden
        else "",
        alt=reader.text("Line chart of the recommendation score over the waves. {finding}", finding=headline),
        tables=("recommendation",),
        plot=plot,
        narrow={
            "xaxis": axis(
                tickvals=at[:: max(1, len(at) // 3)],
                ticktext=[plain(reader.label(w)) for w in waves][:: max(1, len(at) // 3)],
            )
        },
        definition=reader.text(
            "Asked on the scale of 0 to 10: would you recommend this way of working to a colleague?"
        ),
        n=reader.count(told[-1]["n"]),
        movement=reader.text("{before} the wave before", before=reader.language.signed(told[-2]["value"], 0))
        if len(told) > 1
        else "",
    )


@FIGURES.register("champions")
def champions(reader: Reader) -> Plate:
    """Draw what would remain if the most active left."""
    rows = [row for row in reader.rows("champions") if reader.number(row, "left") is not None]
    rows = [row for row in rows if reader.number(row, "removed") is not None]
    if not rows:
        return nothing(
            reader, "champions", reader.text("What rests on the most active cannot be told"), "champions"
        )
    share = reader.language.percent
    kinds = (
        ("connected", reader.text("people still connected"), "$soft", "top center"),
        ("left", reader.text("interactions that remain"), "$primary", "top right"),
    )
    at = [float(row["removed"]) for row in rows]
    traces, ends = [], []
    for name, label, colour, place in kinds:
        told = [reader.number(row, name) for row in rows]
        said = [share(value) if value is not None else "" for value in told]
        traces.append(
            line(at, told, colour, said, mode="lines+markers+text", marker={"size": 8}, cliponaxis=False)
            | {
                "textposition": place,
                "textfont": {"color": colour, "size": 12.5},
                "hovertemplate": f"{plain(label)}: %{{text}}<extra></extra>",
            }
        )
        if told[-1] is not None:
            ends.append((label, told[-1], colour))
    headline = reader.text(
        "Without the most active {removed}, {left} of the interactions would remain",
        removed=share(rows[-1]["removed"]),
        left=share(rows[-1]["left"]),
    )
    across = axis(
        range=[-0.04 * at[-1], 1.04 * at[-1]],
        tickvals=at,
        ticktext=[share(each) for each in at],
        title={"text": reader.text("of the most active removed"), "font": {"size": 12, "color": "$soft"}},
    )
    made = layout(
        height=300,
        left=16,
        right=end_room([label for label, _, _ in ends]),
        yaxis=percents(reader, 1.0, showticklabels=False) | {"range": [-0.06, 1.12]},
        xaxis=across,
        annotations=[end_label(*each) for each in ends],
    )
    made["margin"] |= {"b": 48}
    folded_ends = narrow_ends(ends, 0.1, left=12)
    return Plate(
        name="champions",
        headline=headline,
        subtitle=reader.text(
            "What remains when the most active people are removed, by the share of people removed"
        ),
        alt=reader.text(
            "Line chart of what remains without the most active people. {finding}", finding=headline
        ),
        tables=("champions",),
        plot={"data": traces, "layout": made},
        narrow=folded_ends | {"margin": folded_ends["margin"] | {"b": 48}},
        definition=reader.text(
            "The most active are taken out of the network and what is left is counted again."
        ),
        n=reader.count(rows[-1]["n"]),
        grade="assumed",
    )


@FIGURES.register("mixing")
def mixing(reader: Reader) -> Plate:
    """Lay out who answers whom as a grid of shares."""
    rows = reader.rows("mixing")
    known = list(
        dict.fromkeys([*(row["source_unit"] for row in rows), *(row["target_unit"] for row in rows)])
    )
    cells = {(row["source_unit"], row["target_unit"]): row for row in rows}
    told = [row for row in rows if reader.number(row, "share") is not None]
    if not told:
        return nothing(reader, "mixing", reader.text("Who answers whom cannot be shown"), "mixing")
    pairs = [cells.get((unit, other)) or {} for unit in known for other in known]
    closed = sorted({reader.refusal(row, "share") for row in pairs if reader.number(row, "share") is None})
    across = [row for row in told if row["source_unit"] != row["target_unit"]]
    top = max(across, key=lambda row: row["share"], default=None)
    headline = (
        reader.text(
            "The liveliest bridge: {source} answers {target} ({share})",
            source=reader.label(top["source_unit"]),
            target=reader.label(top["target_unit"]),
            share=reader.language.percent(top["share"]),
        )
        if top
        else reader.text("Units answer mostly themselves")
    )
    return Plate(
        name="mixing",
        headline=headline,
        subtitle=reader.text("Share of a unit's answers (row) that go to each unit (column)"),
        alt=reader.text("Grid of shares of answers between units. {finding}", finding=headline),
        tables=("mixing",),
        shape="drawing",
        drawing={
            "corner": reader.text("Answers from … to"),
            "columns": [reader.label(unit) for unit in known],
            "rows": [
                {
                    "name": reader.label(unit),
                    "cells": [_mixed(reader, cells.get((unit, other))) for other in known],
                }
                for unit in known
            ],
        },
        definition=reader.text("Counted from who answered whom on the internal platform."),
        n=reader.plural("{n} unit", "{n} units", len(known)),
        note=" · ".join(f"–: {mark}" for mark in closed),
    )


def _mixed(reader: Reader, row: Mapping[str, Any] | None) -> dict[str, Any]:
    value = reader.number(row, "share") if row else None
    if value is None:
        return {"value": None, "said": reader.refusal(row or {}, "share")}
    return {"value": value, "said": reader.language.percent(value)}


def draw_mixing(drawing: Mapping[str, Any]) -> str:
    """Give the grid as a table whose cells are tinted by their share."""
    many = " many" if len(drawing["columns"]) > MOST_UPRIGHT else ""
    head = "".join(f'<th scope="col"><span>{escape(name)}</span></th>' for name in drawing["columns"])
    body = "".join(
        f'<tr><th scope="row">{escape(row["name"])}</th>{"".join(map(_draw_cell, row["cells"]))}</tr>'
        for row in drawing["rows"]
    )
    return (
        f'<table class="mixing{many}"><thead><tr><th scope="col">{escape(drawing["corner"])}</th>'
        f"{head}</tr></thead>"
        f"<tbody>{body}</tbody></table>"
    )


def _draw_cell(cell: Mapping[str, Any]) -> str:
    if cell["value"] is None:
        return f'<td title="{escape(cell["said"], quote=True)}">–</td>'
    depth = min(int(cell["value"] * 10), 9)
    return f'<td class="depth{depth}">{escape(cell["said"])}</td>'
