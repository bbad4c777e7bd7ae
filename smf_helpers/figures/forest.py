"""Estimates with their intervals, one a row: the figure for every comparison of groups or effects.

A row has its label at the left, its dot and interval in the middle and its number and verdict in words at the
right; on a narrow screen label and words stand above the dot. A row that may not be shown keeps its place
and says why.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from smf_helpers.figures.parts import changes_axis, line, percents, separators
from smf_helpers.figures.reader import Reader, Row
from smf_helpers.figures.theme import axis, layout, plain, value_axis, words

ROW, TITLE, FOOT, TOP = 34, 30, 30, 6
TALL_ROW = 40
"""Height of a row where a label takes two lines."""

NARROW_ROW = 50
NARROW_TALL_ROW = 66
LETTER, LABEL_LETTER = 7.0, 7.7
"""Width of a letter of the words at the right, and of the larger ones of the labels, in pixels."""

MOST_RIGHT = 330
MOST_LEFT = 290
BREAK = "<br>"
BAND = 11
GHOST = 0.24
"""How far below its row the second column is drawn, as a part of the row."""

NARROW_LETTERS = 47
"""Letters that fit beside each other on a narrow screen."""

Bounds = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One row: a label, the published row and column it shows, and words beside it.

    Attributes
    ----------
    strong : drawn in the accent colour, for the row that the headline speaks of.
    ghost : a second column of the same row drawn pale beside the first, such as the units still waiting.
    short : label for a narrow screen, where the label may not be long.
    band : two columns between which a pale bar is drawn, such as where half of the others stand.
    said : words in place of the number and its interval, where the column does not know how to write them.
    """

    label: str
    row: Row
    name: str
    aside: str = ""
    strong: bool = False
    ghost: str = ""
    short: str = ""
    band: tuple[str, str] | None = None
    said: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """Rows that share one axis.

    Attributes
    ----------
    table : published table that the rows are of.
    zero : value of the reference line, or None.
    signed : numbers are changes and carry their sign.
    points : the changes are of shares, and their axis is in percentage points.
    bounds : ends of the axis, or None to fit.
    """

    table: str
    lines: Sequence[Line]
    title: str = ""
    zero: float | None = None
    signed: bool = False
    points: bool = False
    bounds: Bounds | None = None


def forest(
    reader: Reader, *panels: Panel, left: int = 190, right: int = 210
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Draw panels one under the other; give the figure and what differs on a narrow screen."""
    traces: list[dict[str, Any]] = []
    broken = any(BREAK in _cut(each.label) for panel in panels for each in panel.lines)
    tall = any(_overflows(reader, panel, each) for panel in panels for each in panel.lines)
    wide = _Sheet(reader, panels, TALL_ROW if broken else ROW)
    narrow = _Sheet(reader, panels, NARROW_TALL_ROW if tall else NARROW_ROW)
    right = max(right, _room(reader, panels))
    widest = max(
        len(part) for panel in panels for each in panel.lines for part in _cut(each.label).split(BREAK)
    )
    left = max(left, min(int(LABEL_LETTER * widest) + 14, MOST_LEFT))
    for place, panel in enumerate(panels):
        traces += _traces(reader, panel, place)
    figure: dict[str, Any] = {
        "data": traces,
        "layout": layout(
            height=wide.height,
            left=left,
            right=right,
            separators=separators(reader),
            annotations=wide.notes(beside=True),
            shapes=_references(panels),
            **wide.axes(labels=True),
        ),
    }
    figure["layout"]["margin"] |= {"t": TOP, "b": 4}
    changed = {
        "height": narrow.height,
        "margin": {"l": 6, "r": 6, "t": TOP, "b": 4, "pad": 0},
        "annotations": narrow.notes(beside=False),
        **narrow.axes(labels=False),
    }
    return figure, changed


def shown(reader: Reader, lines: Sequence[Line]) -> bool:
    """Say whether any of the rows has a number that may be drawn."""
    return any(reader.number(each.row, each.name) is not None for each in lines)


def stands_out(reader: Reader, lines: Sequence[Line]) -> bool:
    """Say whether the first row lies above every other: its interval touches none of theirs."""
    low = reader.interval(lines[0].row, lines[0].name)[0]
    highs = [reader.interval(each.row, each.name)[1] for each in lines[1:]]
    return low is not None and all(high < low for high in highs if high is not None)


def why_not(reader: Reader, row: Row, name: str) -> str:
    """Give the reason why a row has no number that may be drawn; nothing where it has one."""
    return "" if reader.number(row, name) is not None else reader.finished(row["reason"])


class _Sheet:
    """Heights and places of panels, one under the other, for a given height of a row."""

    def __init__(self, reader: Reader, panels: Sequence[Panel], row: int) -> None:
        self.reader, self.panels, self.row = reader, panels, row
        self.heights = [row * len(panel.lines) for panel in panels]
        self.heads = [TITLE if panel.title else 0 for panel in panels]
        inner = sum(self.heights) + sum(self.heads) + FOOT * len(panels)
        self.inner, self.height = inner, inner + TOP + 4

    def spans(self) -> list[Bounds]:
        found, used = [], 0.0
        for height, head in zip(self.heights, self.heads, strict=True):
            top = used + head
            found.append((1 - (top + height) / self.inner, 1 - top / self.inner))
            used = top + height + FOOT
        return found

    def axes(self, *, labels: bool) -> dict[str, Any]:
        made = {}
        for place, (panel, span) in enumerate(zip(self.panels, self.spans(), strict=True)):
            number = "" if place == 0 else str(place + 1)
            rows = len(panel.lines)
            made[f"yaxis{number}"] = axis(
                range=[rows - 0.5, -0.5] if labels else [rows - 0.3, -0.7],
                domain=list(span),
                anchor=f"x{number}",
                tickvals=list(range(rows)),
                ticktext=[_cut(plain(line.label)) for line in panel.lines],
                tickfont={"size": 13, "color": "$ink"},
                showticklabels=labels,
            )
            made[f"xaxis{number}"] = _across(self.reader, panel) | {"anchor": f"y{number}"}
        return made

    def notes(self, *, beside: bool) -> list[dict[str, Any]]:
        found = []
        for place, (panel, span) in enumerate(zip(self.panels, self.spans(), strict=True)):
            number = "" if place == 0 else str(place + 1)
            if panel.title:
                found.append(_title(panel.title, span[1]))
            for row, each in enumerate(panel.lines):
                at = {"yref": f"y{number}", "xref": "paper"}
                found += _beside(self.reader, panel, each, row, at) if beside else []
                found += [] if beside else _above(self.reader, panel, each, row, at, self.row)
        return found


def _across(reader: Reader, panel: Panel) -> dict[str, Any]:
    column = reader.column(panel.table, panel.lines[0].name)
    values = [value for each in panel.lines for value in _values(reader, each) if value is not None]
    if column.unit == "share" and not panel.signed and panel.bounds is None:
        return percents(reader, max([*values, 0.02]))
    ends = panel.bounds or _fit(values, panel.zero)
    look: dict[str, Any] = {"range": list(ends), "nticks": 6}
    if column.unit == "share" and not panel.signed:
        look["tickformat"] = ".0%"
    elif panel.signed:
        least = 10.0**-column.decimals
        look = {"range": list(ends), **changes_axis(reader, ends, points=panel.points, least=least)}
    return value_axis(**look)


def _values(reader: Reader, each: Line) -> list[float | None]:
    names = [each.name, *([each.ghost] if each.ghost else [])]
    found = [
        value for name in names for value in (reader.number(each.row, name), *reader.interval(each.row, name))
    ]
    return [*found, *(reader.number(each.row, name) for name in each.band or ())]


def _fit(values: Sequence[float], zero: float | None) -> Bounds:
    known = [*values, *([] if zero is None else [zero])] or [0.0, 1.0]
    low, high = min(known), max(known)
    room = (high - low or 1.0) * 0.08
    return (round(low - room, 4), round(high + room, 4))


def _references(panels: Sequence[Panel]) -> list[dict[str, Any]]:
    return [
        {
            "type": "line",
            "xref": f"x{'' if place == 0 else place + 1}",
            "yref": f"y{'' if place == 0 else place + 1} domain",
            "x0": panel.zero,
            "x1": panel.zero,
            "y0": 0,
            "y1": 1,
            "line": {"color": "$faint", "width": 1.4},
            "layer": "below",
        }
        for place, panel in enumerate(panels)
        if panel.zero is not None
    ]


def _traces(reader: Reader, panel: Panel, place: int) -> list[dict[str, Any]]:
    axes = {"xaxis": f"x{'' if place == 0 else place + 1}", "yaxis": f"y{'' if place == 0 else place + 1}"}
    made = _bands(reader, panel, axes)
    for strong in (False, True):
        rows = [(row, each) for row, each in enumerate(panel.lines) if each.strong is strong]
        colour = "$accent" if strong else "$primary"
        ghosts = [(row, each) for row, each in rows if each.ghost]
        if ghosts:
            made += _series(reader, panel, ghosts, "$faint", axes, ghost=True)
        if rows:
            made += _series(reader, panel, rows, colour, axes, ghost=False)
    return made


def _bands(reader: Reader, panel: Panel, axes: Mapping[str, str]) -> list[dict[str, Any]]:
    across: list[float | None] = []
    up: list[float | None] = []
    for row, each in enumerate(panel.lines):
        ends = [reader.number(each.row, name) for name in each.band or ()]
        if ends and None not in ends:
            at = row + GHOST if each.ghost else float(row)
            across += [*ends, None]
            up += [at, at, None]
    return [line(across, up, "$primary@0.2", line={"width": BAND}, **axes)] if across else []


def _series(
    reader: Reader,
    panel: Panel,
    rows: Sequence[tuple[int, Line]],
    colour: str,
    axes: Mapping[str, str],
    *,
    ghost: bool,
) -> list[dict[str, Any]]:
    across: list[float | None] = []
    up: list[float | None] = []
    points: list[tuple[float, float, str]] = []
    for row, each in rows:
        name = each.ghost if ghost else each.name
        value = reader.number(each.row, name)
        low, high = reader.interval(each.row, name)
        at = row + GHOST if ghost else float(row)
        if value is None:
            continue
        if low is not None or high is not None:  # of a one-sided interval the side that is told
            across += [value if low is None else low, value if high is None else high, None]
            up += [at, at, None]
        said = each.said or reader.estimate(each.row, panel.table, name, signed=panel.signed)
        points.append((value, at, plain(f"{each.label}: {said}")))
    size = 7 if ghost else 11
    return [
        line(across, up, colour, line={"width": 2 if ghost else 3}, cliponaxis=False, **axes),
        line(
            [x for x, _, _ in points],
            [y for _, y, _ in points],
            colour,
            [said for _, _, said in points],
            mode="markers",
            marker={"color": colour, "size": size, "line": {"color": "$paper", "width": 1.5}},
            cliponaxis=False,
            **axes,
        ),
    ]


def _said(reader: Reader, panel: Panel, each: Line, room: int) -> tuple[str, str]:
    if reader.number(each.row, each.name) is None:
        fits = 0 < len(each.aside) <= room
        return f"<i>{plain(each.aside if fits else reader.refusal(each.row, each.name))}</i>", "$soft"
    told = plain(each.said or reader.estimate(each.row, panel.table, each.name, signed=panel.signed))
    aside = f"  <b>{plain(each.aside)}</b>" if each.aside else ""
    return told + aside, "$accentink" if each.strong else "$soft"


def _beside(
    reader: Reader, panel: Panel, each: Line, row: int, at: Mapping[str, str]
) -> list[dict[str, Any]]:
    text, colour = _said(reader, panel, each, 36)
    look = {"color": colour, "size": 12.5}
    return [words(text, x=1, xanchor="left", xshift=10, y=row, yanchor="middle", font=look, **at)]


def _above(
    reader: Reader, panel: Panel, each: Line, row: int, at: Mapping[str, str], height: int
) -> list[dict[str, Any]]:
    """Put label and words above the dot: on one line where they fit, else one under the other."""
    text, colour = _said(reader, panel, each, 26)
    label = plain(each.short or each.label)
    ink = {"color": "$ink", "size": 12}
    look = {"color": colour, "size": 12}
    if height == NARROW_ROW:
        name = words(label, x=0, xanchor="left", y=row - 0.42, yanchor="middle", font=ink, **at)
        return [name, words(text, x=1, xanchor="right", y=row - 0.42, yanchor="middle", font=look, **at)]
    name = words(label, x=0, xanchor="left", y=row - 0.55, yanchor="middle", font=ink, **at)
    return [name, words(text, x=0, xanchor="left", y=row - 0.29, yanchor="middle", font=look, **at)]


def _overflows(reader: Reader, panel: Panel, each: Line) -> bool:
    """Say whether label and words do not fit beside each other on a narrow screen."""
    return _letters(_said(reader, panel, each, 26)[0]) + len(each.short or each.label) > NARROW_LETTERS


def _room(reader: Reader, panels: Sequence[Panel]) -> int:
    """Give the margin that the words at the right need."""
    longest = max(_letters(_said(reader, panel, each, 36)[0]) for panel in panels for each in panel.lines)
    return min(int(LETTER * longest) + 24, MOST_RIGHT)


def _letters(text: str) -> int:
    return len(re.sub(r"<[^>]+>|&\w+;", "", text))


def _title(text: str, top: float) -> dict[str, Any]:
    return words(
        f"<b>{plain(text)}</b>",
        x=0,
        xref="paper",
        xanchor="left",
        y=top,
        yref="paper",
        yanchor="bottom",
        yshift=4,
        font={"color": "$ink", "size": 13},
    )


def _cut(label: str, letters: int = 28) -> str:
    """Break a long label into two lines."""
    if len(label) <= letters or " " not in label:
        return label
    middle = min(
        (place for place, letter in enumerate(label) if letter == " "), key=lambda i: abs(i - len(label) / 2)
    )
    return label[:middle] + BREAK + label[middle + 1 :]
