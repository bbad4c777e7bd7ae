"""The development path: where people stand, how they move, and how it changed."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from smf_helpers.figures import svg
from smf_helpers.figures.parts import (
    apart,
    band,
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
from smf_helpers.figures.reader import Reader, iso
from smf_helpers.figures.register import FIGURES
from smf_helpers.figures.theme import axis, layout, plain
from smf_helpers.framework import STAGES

_COLOURS = {"none": "$faint", "personal": "$sky", "internal": "$primary", "customer": "$accent"}
_INKS = {**_COLOURS, "none": "$soft", "customer": "$accentink"}
_DASHES = {"none": "dot", "personal": "dashdot", "internal": "solid", "customer": "solid"}


@FIGURES.register("path")
def path(reader: Reader) -> Plate:
    """Draw the four stages as circles by their share, with arcs for the moves between them."""
    at = reader.latest("path_occupancy", "at")
    now = {row["stage"]: row for row in reader.rows("path_occupancy", unit="all", at=at)}
    if not any(reader.number(row, "share") is not None for row in now.values()):
        return nothing(
            reader, "path", reader.text("The development path cannot be drawn yet"), "path_occupancy"
        )
    headline = path_headline(reader)
    return Plate(
        name="path",
        headline=headline,
        subtitle=reader.text(
            "Circles: share of people at each stage on {date}; arcs above: moves on, below: moves "
            "back, per person "
            "and year, 95 % interval"
            if any(reader.number(row, "rate") is not None for row in reader.rows("path_flows"))
            else "Circles: share of people at each stage on {date}, 95 % interval",
            date=reader.day(iso(at), "long"),
        ),
        alt=reader.text(
            "Drawing of four stages with arcs for the moves between them. {finding}", finding=headline
        ),
        tables=("path_occupancy", "path_flows"),
        shape="drawing",
        drawing={
            "stages": [_stage(reader, now.get(stage), stage) for stage in STAGES],
            "flows": [_flow(reader, row) for row in reader.rows("path_flows")],
        },
        definition=reader.text(
            "A stage is the furthest use that a person reports; people may move on, skip a stage, or "
            "fall back."
        ),
        n=reader.count(next(iter(now.values()))["n"]),
        movement=_movement(reader),
        wide=True,
    )


def path_headline(reader: Reader) -> str:
    """Say how many use social media at work now, and which way most of them move."""
    flows = [row for row in reader.rows("path_flows") if reader.number(row, "rate") is not None]
    if not flows:
        return reader.text("Where people stand on the path; how they move cannot be told yet")
    top = max(flows, key=lambda row: row["rate"])
    onward = STAGES.index(top["to_stage"]) > STAGES.index(top["from_stage"])
    message = (
        "The strongest move is onward: from “{source}” to “{target}”"
        if onward
        else "The strongest move is backward: from “{source}” to “{target}”"
    )
    return reader.text(message, source=reader.stage(top["from_stage"]), target=reader.stage(top["to_stage"]))


def _movement(reader: Reader) -> str:
    days = sorted(reader.keys("path_occupancy", "at", unit="all"), key=iso)
    if len(days) < 2:
        return ""
    last = next(iter(reader.rows("path_occupancy", unit="all", at=days[-2], stage="customer")), None)
    if last is None or reader.number(last, "share") is None:
        return ""
    return reader.text(
        "with customers: {share} the wave before", share=reader.language.percent(last["share"])
    )


def _stage(reader: Reader, row: Mapping[str, Any] | None, stage: str) -> dict[str, Any]:
    value = reader.number(row, "share") if row else None
    low, high = reader.interval(row, "share") if row else (None, None)
    told = low is not None and high is not None
    return {
        "key": stage,
        "name": reader.stage(stage),
        "share": value,
        "said": reader.language.percent(value) if value is not None else "–",
        "range": f"{reader.language.percent(low or 0)}–{reader.language.percent(high or 0)}"
        if told
        else reader.refusal(row or {}, "share"),
    }


def _flow(reader: Reader, row: Mapping[str, Any]) -> dict[str, Any]:
    value = reader.number(row, "rate")
    low, high = reader.interval(row, "rate")
    number = reader.language.number
    return {
        "source": row["from_stage"],
        "target": row["to_stage"],
        "rate": value,
        "said": number(value, 2) if value is not None else "",
        "range": f"{number(low, 2)}–{number(high, 2)}" if low is not None and high is not None else "",
    }


# --- the drawing --------------------------------------------------------------------------------------


def draw_path(drawing: Mapping[str, Any]) -> str:
    """Give the path lying for a page and standing for a phone."""
    return _draw(drawing, upright=False) + _draw(drawing, upright=True)


def _draw(drawing: Mapping[str, Any], *, upright: bool) -> str:
    places = {
        stage["key"]: (120 + 253 * i, 190.0) if not upright else (195.0, 80 + 190 * i)
        for i, stage in enumerate(drawing["stages"])
    }
    sizes = {stage["key"]: _radius(stage["share"], upright) for stage in drawing["stages"]}
    flows = sorted(drawing["flows"], key=lambda flow: -abs(_steps(flow)))
    return svg.element(
        "svg",
        *(_arc(flow, places, sizes, upright) for flow in flows if flow["rate"] is not None),
        *(_circle(stage, places[stage["key"]], sizes[stage["key"]], upright) for stage in drawing["stages"]),
        viewBox="0 0 390 740" if upright else _lying(flows, sizes),
        class_=f"path {'upright' if upright else 'lying'}",
        aria_hidden="true",
        focusable="false",
    )


def _lying(flows: Sequence[Mapping[str, Any]], sizes: Mapping[str, float]) -> str:
    """Give the part of the sheet that the lying drawing fills: less where no move is told."""
    told = [_steps(flow) for flow in flows if flow["rate"] is not None]
    most = max(sizes.values())
    top = 45 - 24 * (max(told) - 1) if told and max(told) > 0 else 178 - most
    bottom = 338 + 24 * (-min(told) - 1) if told and min(told) < 0 else 242 + most
    return f"0 {top:.0f} 1000 {bottom - top:.0f}"


def _radius(share: float | None, upright: bool) -> float:
    """Give a radius whose area goes with the share."""
    least, most = (24, 78) if not upright else (22, 62)
    return least if share is None else max(least, most * math.sqrt(share))


def _steps(flow: Mapping[str, Any]) -> int:
    return STAGES.index(flow["target"]) - STAGES.index(flow["source"])


def _arc(
    flow: Mapping[str, Any],
    places: Mapping[str, tuple[float, float]],
    sizes: Mapping[str, float],
    upright: bool,
) -> str:
    """Draw a move as an arc whose width is its rate: onward above (left), backward below (right)."""
    steps = _steps(flow)
    (x0, y0), (x1, y1) = places[flow["source"]], places[flow["target"]]
    side = -1 if steps > 0 else 1
    lift = (92 + 42 * (abs(steps) - 1)) if not upright else (96 + 26 * (abs(steps) - 1))
    away = (0.45, 0.9) if abs(steps) > 1 else (0.72, 0.66) if steps > 0 or upright else (1.0, 0.08)
    ra, rb = sizes[flow["source"]], sizes[flow["target"]]
    along = 1 if steps > 0 else -1
    if upright:
        start = (x0 + side * ra * away[1], y0 + along * ra * away[0])
        end = (x1 + side * (rb + 7) * away[1], y1 - along * (rb + 7) * away[0])
        bend = ((x0 + x1) / 2 + side * lift * 1.2, (start[1] + end[1]) / 2)
    else:
        start = (x0 + along * ra * away[0], y0 + side * ra * away[1])
        end = (x1 - along * (rb + 7) * away[0], y1 + side * (rb + 7) * away[1])
        bend = ((start[0] + end[0]) / 2, (y0 + y1) / 2 + side * lift * 1.45)
    points = [_bezier(start, bend, end, i / 24) for i in range(25)]
    width = max(1.6, 22 * float(flow["rate"]))
    body = svg.path(points)
    middle = _bezier(start, bend, end, 0.5)
    return svg.element(
        "g",
        svg.element("path", d=body, class_="move", stroke_width=width),
        _head(points[-2], points[-1], width),
        _words(flow, middle, side, width, upright),
        class_="onward" if steps > 0 else "back",
    )


def _bezier(a: svg.Point, b: svg.Point, c: svg.Point, t: float) -> svg.Point:
    u = 1 - t
    return (u * u * a[0] + 2 * u * t * b[0] + t * t * c[0], u * u * a[1] + 2 * u * t * b[1] + t * t * c[1])


def _head(before: svg.Point, tip: svg.Point, width: float) -> str:
    turn = math.degrees(math.atan2(tip[1] - before[1], tip[0] - before[0]))
    size = 5 + width * 0.7
    shape = f"M{-size:.1f} {-size:.1f}L{size * 0.9:.1f} 0L{-size:.1f} {size:.1f}Z"
    place = f"translate({svg.number(tip[0])} {svg.number(tip[1])}) rotate({svg.number(turn)})"
    return svg.element("path", d=shape, transform=place, class_="head")


def _words(flow: Mapping[str, Any], at: svg.Point, side: int, width: float, upright: bool) -> str:
    gap = width / 2 + 8
    if upright:
        x, anchor = at[0] + side * gap, "end" if side < 0 else "start"
        return svg.text(flow["said"], x, at[1], "rate", anchor) + svg.text(
            flow["range"], x, at[1] + 15, "range", anchor
        )
    top = at[1] - gap - 17 if side < 0 else at[1] + gap + 12
    return svg.text(flow["said"], at[0], top, "rate") + svg.text(flow["range"], at[0], top + 17, "range")


def _circle(stage: Mapping[str, Any], at: svg.Point, radius: float, upright: bool) -> str:
    x, y = at
    told = stage["share"] is not None
    inside = told and radius >= 27
    words = svg.text(stage["said"], x, y + 7, "score") if inside else ""
    name = stage["name"] if inside or not told else f"{stage['name']} {stage['said']}"
    below = y + radius + 19
    return svg.element(
        "g",
        svg.element("circle", cx=x, cy=y, r=radius + 4, class_="halo"),
        svg.element("circle", cx=x, cy=y, r=radius, class_="body"),
        words,
        svg.text(name, x, below, "name"),
        svg.text(stage["range"], x, below + 17, "range"),
        class_=f"stage {stage['key']}{'' if told else ' open'}",
    )


@FIGURES.register("path_over_time")
def path_over_time(reader: Reader) -> Plate:
    """Draw the share of people at each stage over the waves."""
    rows = reader.rows("path_occupancy", unit="all")
    days = sorted({iso(row["at"]) for row in rows})
    told = [row for row in rows if reader.number(row, "share") is not None]
    if len(days) < 2 or not told:
        return nothing(
            reader,
            "path_over_time",
            reader.text("How the path changed over time cannot be told yet"),
            "path_occupancy",
        )
    traces: list[dict[str, Any]] = []
    ends: list[tuple[str, float, str]] = []
    for stage in STAGES:
        mine = sorted((row for row in told if row["stage"] == stage), key=lambda row: iso(row["at"]))
        if mine:
            traces += _stage_line(reader, mine, stage)
            name = reader.stage(stage)
            ends.append((name, float(mine[-1]["share"]), _INKS[stage]))
    headline = _time_headline(reader, told, days)
    return Plate(
        name="path_over_time",
        headline=headline,
        subtitle=reader.text("Share of people at each stage; band: 95 % interval"),
        alt=reader.text(
            "Line chart of the four stages over the waves with intervals. {finding}", finding=headline
        ),
        tables=("path_occupancy",),
        plot={"data": traces, "layout": _time_layout(reader, told, ends)},
        narrow={
            "xaxis": axis(**dates(reader, nticks=3)),
            **narrow_ends(ends, 0.085 * max(end for _, end, _ in ends)),
        },
        definition=reader.text("A stage is the furthest use that a person reports."),
        n=reader.count(told[-1]["n"]),
    )


def _stage_line(reader: Reader, rows: Sequence[Mapping[str, Any]], stage: str) -> list[dict[str, Any]]:
    at = [iso(row["at"]) for row in rows]
    sides = [reader.interval(row, "share") for row in rows]
    colour = _COLOURS[stage]
    said = [
        plain(f"{reader.day(day)}, {reader.stage(stage)}: {reader.estimate(row, 'path_occupancy', 'share')}")
        for day, row in zip(at, rows, strict=True)
    ]
    look = {"width": 2.6, "dash": _DASHES[stage]}
    return [
        band(at, [low for low, _ in sides], [high for _, high in sides], colour + "@0.16"),
        line(
            at,
            [row["share"] for row in rows],
            colour,
            said,
            mode="lines+markers",
            line=look,
            marker={"size": 6},
        ),
    ]


def _time_headline(reader: Reader, rows: Sequence[Mapping[str, Any]], days: Sequence[str]) -> str:
    def share(day: str) -> Mapping[str, Any] | None:
        return next((row for row in rows if row["stage"] == "customer" and iso(row["at"]) == day), None)

    first, last = share(days[0]), share(days[-1])
    if first is None or last is None:
        return reader.text("People at each stage over time")
    return reader.text(
        "With customers: {first} at the first wave, {last} at the latest",
        first=reader.language.percent(first["share"]),
        last=reader.language.percent(last["share"]),
    )


def _time_layout(
    reader: Reader, rows: Sequence[Mapping[str, Any]], ends: Sequence[tuple[str, float, str]]
) -> dict[str, Any]:
    top = up_to([reader.interval(row, "share")[1] or reader.number(row, "share") for row in rows])
    places = apart([value for _, value, _ in ends], top * 0.075)
    return layout(
        height=330,
        left=46,
        right=end_room([name for name, _, _ in ends]),
        separators=separators(reader),
        yaxis=percents(reader, top),
        xaxis=axis(**dates(reader)),
        annotations=[
            end_label(name, place, colour) for (name, _, colour), place in zip(ends, places, strict=True)
        ],
    )
