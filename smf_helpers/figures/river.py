"""Draw the double cycle as a river.

The river runs round the internal cycle, through the link at the crossing, round the external cycle and
back through the link. Where a factor is weak the river is narrow; its pale banks are the limits of the
interval. Two forms of one drawing: lying for a page, standing for a phone.
"""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from smf_helpers.figures import svg
from smf_helpers.figures.svg import Point
from smf_helpers.framework import LINK

STEPS = 180
"""Points along the river."""

HELD_STEPS = 9
"""Points on either side of the bottleneck that are marked."""

Station = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One of the two forms: its size, its loops, and how large things are."""

    name: str
    width: float
    height: float
    centre: Point
    along: float
    across: float
    radius: float
    link_radius: float
    line: float
    letters: int
    loops: Mapping[str, Point]


LYING = Form(
    name="lying",
    width=1000,
    height=448,
    centre=(500, 218),
    along=362,
    across=142,
    radius=27,
    link_radius=41,
    line=19,
    letters=18,
    loops={"internal": (272, 206), "external": (728, 206)},
)
UPRIGHT = Form(
    name="upright",
    width=390,
    height=732,
    centre=(195, 345),
    along=308,
    across=148,
    radius=22,
    link_radius=32,
    line=16,
    letters=12,
    loops={"internal": (195, 143), "external": (195, 570)},
)


def draw_double_cycle(drawing: Mapping[str, Any]) -> str:
    """Give both forms as SVG; the page's style shows the one that fits."""
    return _draw(drawing, LYING) + _draw(drawing, UPRIGHT)


def _draw(drawing: Mapping[str, Any], form: Form) -> str:
    line = _line(form)
    stations: Sequence[Station] = drawing["stations"]
    stops = _stops(line)
    return svg.element(
        "svg",
        _river(line, stops, stations, "high", "bank"),
        _river(line, stops, stations, "value", "river"),
        _river(line, stops, stations, "low", "bed"),
        _held(line, stops, stations),
        _chevrons(line, stops),
        *(_loop_words(cycle, form) for cycle in drawing["cycles"]),
        *(_stop(line[stop], station, drawing, form) for stop, station in zip(stops, stations, strict=True)),
        viewBox=f"0 0 {form.width:.0f} {form.height:.0f}",
        class_=f"cycle {form.name}",
        aria_hidden="true",
        focusable="false",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RiverShapes:
    """The outlines of the drawing, for a medium that draws shapes itself.

    Attributes
    ----------
    river : corners of the river.
    held : corners of the marked stretch, empty where no factor holds the flow back.
    places : centre of each station, in the order of the factors.
    """

    river: Sequence[Point]
    held: Sequence[Point]
    places: Sequence[Point]


def river_shapes(drawing: Mapping[str, Any], form: Form) -> RiverShapes:
    """Give the outlines of the double cycle in one of its forms."""
    line = _line(form)
    stations: Sequence[Station] = drawing["stations"]
    stops = _stops(line)
    widths = _widths(stops, stations, "value")
    return RiverShapes(
        river=svg.outline([*line, line[0]], [*widths, widths[0]]),
        held=_stretch(line, stops, stations),
        places=[line[stop] for stop in stops],
    )


def _line(form: Form) -> list[Point]:
    """Trace the figure of eight from the crossing round the internal, then the external cycle."""
    found = []
    for step in range(STEPS):
        turn = 2 * math.pi * step / STEPS
        along, across = -math.sin(turn), -math.sin(2 * turn)
        # rounder than the plain curve: the loops of a river, not the blades of a propeller
        along = math.copysign(abs(along) ** 0.92, along)
        x, y = (across, along) if form is UPRIGHT else (along, across)
        wide, high = (form.across, form.along) if form is UPRIGHT else (form.along, form.across)
        found.append((form.centre[0] + wide * x, form.centre[1] + high * y))
    return found


def _stops(line: Sequence[Point]) -> list[int]:
    """Place four factors on the first loop and three on the second, evenly by length; the link last."""
    half = STEPS // 2
    places: list[int] = []
    for start, count in ((0, 4), (half, 3)):
        lengths = [0.0]
        for step in range(start, start + half):
            lengths.append(lengths[-1] + math.dist(line[step], line[(step + 1) % STEPS]))
        for stop in range(1, count + 1):
            wanted = lengths[-1] * stop / (count + 1)
            places.append(start + next(i for i, length in enumerate(lengths) if length >= wanted))
    return [*places, 0]


def _width(value: float | None) -> float:
    """Give the width of the river for a score of 1 to 5; a thread where nothing may be shown."""
    return 3.0 if value is None else 4.0 + 44.0 * max((value - 1) / 4, 0.0) ** 1.5


def _widths(stops: Sequence[int], stations: Sequence[Station], field: str) -> list[float]:
    link = _width(stations[-1][field])
    known = [(stop, _width(station[field])) for stop, station in zip(stops[:-1], stations[:-1], strict=True)]
    knots = sorted([(0, link), (STEPS // 2, link), (STEPS, link), *known])
    widths = []
    for (a, before), (b, after) in itertools.pairwise(knots):
        for step in range(a, b):
            ease = (1 - math.cos(math.pi * (step - a) / (b - a))) / 2
            widths.append(before + (after - before) * ease)
    return widths


def _river(
    line: Sequence[Point], stops: Sequence[int], stations: Sequence[Station], field: str, class_: str
) -> str:
    widths = _widths(stops, stations, field)
    return svg.element("path", d=svg.ribbon((*line, line[0]), (*widths, widths[0])), class_=class_)


def _stretch(line: Sequence[Point], stops: Sequence[int], stations: Sequence[Station]) -> list[Point]:
    """Give the corners of the river on either side of the bottleneck, fading out; none where there is none."""
    found = [stop for stop, station in zip(stops, stations, strict=True) if station["held"]]
    if not found:
        return []
    widths = _widths(stops, stations, "value")
    reach = range(found[0] - HELD_STEPS, found[0] + HELD_STEPS + 1)
    taper = [
        widths[step % STEPS] * math.cos(math.pi / 2 * (step - found[0]) / (HELD_STEPS + 1)) ** 0.4
        for step in reach
    ]
    return svg.outline([line[step % STEPS] for step in reach], taper)


def _held(line: Sequence[Point], stops: Sequence[int], stations: Sequence[Station]) -> str:
    corners = _stretch(line, stops, stations)
    return svg.element("path", d=svg.path(corners, closed=True), class_="held") if corners else ""


def _chevrons(line: Sequence[Point], stops: Sequence[int]) -> str:
    """Show which way the river runs, half-way between one stop and the next."""
    half = STEPS // 2
    knots = sorted([*stops, half, STEPS])
    marks = []
    for a, b in itertools.pairwise(knots):
        middle = (a + b) // 2
        (x, y), (ahead_x, ahead_y) = line[middle % STEPS], line[(middle + 1) % STEPS]
        turn = math.degrees(math.atan2(ahead_y - y, ahead_x - x))
        place = f"translate({svg.number(x)} {svg.number(y)}) rotate({svg.number(turn)})"
        marks.append(svg.element("path", d="M-3.5 -5L2.5 0L-3.5 5", transform=place))
    return svg.element("g", *marks, class_="stream")


def _loop_words(cycle: Mapping[str, Any], form: Form) -> str:
    if cycle["key"] not in form.loops:
        return ""
    x, y = form.loops[cycle["key"]]
    return (
        svg.text(cycle["name"], x, y, "loop")
        + svg.text(cycle["kind"], x, y + form.line, "kind")
        + svg.text(cycle["flow"], x, y + 2.2 * form.line, "flow")
    )


def _stop(point: Point, station: Station, drawing: Mapping[str, Any], form: Form) -> str:
    x, y = point
    link = station["key"] == LINK
    radius = form.link_radius if link else form.radius
    label = _link_label(station, drawing, form) if link else _label(point, station, drawing["held"], form)
    return svg.element(
        "g",
        svg.element("circle", cx=x, cy=y, r=radius + 5, class_="halo"),
        svg.element("circle", cx=x, cy=y, r=radius, class_="ring"),
        svg.text(station["score"], x, y + (8 if link else 6), "score"),
        label,
        class_="stop" + (" link" if link else "") + (" held" if station["held"] else ""),
    )


def _label(point: Point, station: Station, held: str, form: Form) -> str:
    """Write name, interval and mark of a factor outside the loop (lying) or inside it (upright)."""
    x, y = point
    beside = form is LYING and abs(x - form.centre[0]) > 290
    letters = 10 if beside else form.letters
    rows = [(line, "name") for line in svg.wrapped(station["name"], letters)]
    rows += [(station["range"], "range")]
    if station["held"]:
        rows += [(line, "tag") for line in svg.wrapped(held, form.letters + 4)]
    off, height = form.radius + 12, form.line * (len(rows) - 1)
    towards = x - form.centre[0]
    if form is UPRIGHT and abs(towards) > 40:
        side = -1 if towards > 0 else 1
        if y < form.centre[1] - 0.8 * form.along:
            return _lines(rows, x - 20 * side, y + off + 6, form, "start" if side > 0 else "end")
        return _lines(rows, x + side * (off - 2), y - height / 2 + 4, form, "start" if side > 0 else "end")
    if beside:
        side = 1 if towards > 0 else -1
        return _lines(rows, x + side * off, y - height / 2 + 5, form, "start" if side > 0 else "end")
    above = form is LYING and y < form.centre[1]
    return _lines(rows, x, y - off - 3 - height if above else y + off + 12, form, "middle")


def _link_label(station: Station, drawing: Mapping[str, Any], form: Form) -> str:
    x, y = form.centre
    link = next(cycle for cycle in drawing["cycles"] if cycle["key"] == "link")
    rows = [(line, "name") for line in svg.wrapped(station["name"], form.letters)]
    under = [(station["range"], "range"), (link["kind"], "kind")]
    tag = [(line, "tag") for line in svg.wrapped(drawing["held"], form.letters)] if station["held"] else []
    off = form.link_radius + 14
    if form is UPRIGHT:
        rows, under = [*rows], [*under, *tag]
        right = _lines(rows, x + off, y - form.line * (len(rows) - 1) / 2 + 4, form, "start")
        return right + _lines(under, x - off, y - form.line * (len(under) - 1) / 2 + 4, form, "end")
    top = y - off - 22 - form.line * (len(rows) - 1)
    return _lines(rows, x, top, form, "middle") + _lines([*under, *tag], x, y + off + 20, form, "middle")


def _lines(rows: Sequence[tuple[str, str]], x: float, top: float, form: Form, anchor: str) -> str:
    return "".join(
        svg.text(line, x, top + form.line * i, kind, anchor) for i, (line, kind) in enumerate(rows)
    )
