"""Parts that figures share: bands, lines, end labels, percent axes, and the plate that "
"says why there is no figure."""

import math
import textwrap
from collections.abc import Sequence
from typing import Any

from smf_helpers.figures.plate import Plate
from smf_helpers.figures.reader import Reader
from smf_helpers.figures.theme import plain, value_axis, words
from smf_helpers.results.publication import Mark

Numbers = Sequence[float | None]


def nothing(reader: Reader, name: str, headline: str, *tables: str, reason: str = "") -> Plate:
    """Give the plate that stands where nothing may be drawn: confidential, or not enough to say."""
    found = [table for table in map(reader.table, tables) if table]
    cells = [cell for table in found for row in table.rows for cell in row]
    hidden = any(cell is Mark.CONFIDENTIAL for cell in cells) and not any(
        cell is Mark.UNSURE for cell in cells
    )
    told = next((row["reason"] for table in found for row in table.records() if row.get("reason")), "")
    return Plate(
        name=name,
        headline=headline,
        tables=tables,
        shape="mark",
        mark=Mark.CONFIDENTIAL if hidden else Mark.UNSURE,
        reason=reader.finished(reason or next((table.reason for table in found if table.reason), "") or told),
    )


def band(x: Sequence[Any], low: Numbers, high: Numbers, colour: str, **changes: Any) -> dict[str, Any]:
    """Fill the space between two lines, where both may be shown."""
    rows = [(a, lo, hi) for a, lo, hi in zip(x, low, high, strict=True) if lo is not None and hi is not None]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [a for a, _, _ in rows] + [a for a, _, _ in reversed(rows)],
        "y": [hi for _, _, hi in rows] + [lo for _, lo, _ in reversed(rows)],
        "fill": "toself",
        "fillcolor": colour,
        "line": {"width": 0, "color": colour},
        "hoverinfo": "skip",
        **changes,
    }


def line(
    x: Sequence[Any], y: Numbers, colour: str, hover: Sequence[str] = (), **changes: Any
) -> dict[str, Any]:
    """Draw one line; `hover` are the words shown at each point."""
    look = {"color": colour, "width": 2.6, **changes.pop("line", {})}
    said = (
        {"text": list(hover), "hovertemplate": "%{text}<extra></extra>"} if hover else {"hoverinfo": "skip"}
    )
    return {
        "type": "scatter",
        "mode": "lines",
        "x": list(x),
        "y": list(y),
        "line": look,
        **said,
        **changes,
    }


def dots(
    x: Sequence[Any], y: Sequence[Any], colour: str, hover: Sequence[str] = (), **changes: Any
) -> dict[str, Any]:
    """Draw points."""
    look = {"color": colour, "size": 9, "line": {"width": 0}, **changes.pop("marker", {})}
    return line(x, y, colour, hover, mode="markers", marker=look, **changes)


def whiskers(x: Sequence[Any], low: Numbers, high: Numbers, colour: str, width: float = 2) -> dict[str, Any]:
    """Draw upright intervals, one a point, from their published limits."""
    across: list[Any] = []
    up: list[float | None] = []
    for place, lo, hi in zip(x, low, high, strict=True):
        if lo is not None and hi is not None:
            across += [place, place, None]
            up += [lo, hi, None]
    return line(across, up, colour, line={"width": width})


def apart(places: Sequence[float], gap: float) -> list[float]:
    """Push labels apart so that neighbours keep at least `gap`, each as near its place as may be.

    Examples
    --------
    >>> apart([1.0, 1.1, 3.0], 0.5)
    [0.8, 1.3, 3.0]
    """
    order = sorted(range(len(places)), key=lambda i: places[i])
    moved = [places[i] for i in order]
    for _ in range(50):
        still = True
        for left in range(len(moved) - 1):
            lack = gap - (moved[left + 1] - moved[left])
            if lack > 1e-9:
                moved[left] -= lack / 2
                moved[left + 1] += lack / 2
                still = False
        if still:
            break
    found = [0.0] * len(places)
    for position, i in enumerate(order):
        found[i] = round(moved[position], 6)
    return found


def end_label(text: str, y: float, colour: str, *, broken: bool = False, **changes: Any) -> dict[str, Any]:
    """Name a line at its right end, in its own colour; `broken` says that the name was folded into lines."""
    return words(
        "<br>".join(map(plain, text.split("<br>"))) if broken else plain(text),
        x=1,
        xref="paper",
        xanchor="left",
        xshift=8,
        y=y,
        yanchor="middle",
        align="left",
        font={"color": colour, "size": 12.5},
        **changes,
    )


def key(text: str, colour: str, x: float, up: int = 0, right: int = 0) -> dict[str, Any]:
    """Name one kind of bar above the bars in its colour, `x` across the figure, `right` and `up` by pixels."""
    return words(
        plain(text),
        xshift=right,
        x=x,
        xref="paper",
        xanchor="left",
        y=1,
        yref="paper",
        yanchor="bottom",
        yshift=up,
        font={"color": colour, "size": 12},
    )


def end_room(names: Sequence[str], least: int = 60) -> int:
    """Give the margin that the names at the ends of lines need, in pixels."""
    return max(least, 20 + round(7.1 * max(map(len, names), default=0)))


def percents(reader: Reader, top: float, **changes: Any) -> dict[str, Any]:
    """Give an axis of shares from 0 up, written as percents in the reader's language."""
    step = 0.25 if top > 0.6 else 0.1 if top > 0.25 else 0.05 if top > 0.1 else 0.02 if top > 0.04 else 0.01
    ticks = [round(step * i, 2) for i in range(int(min(top, 1.0) / step + 1e-9) + 1)]
    return value_axis(
        range=[0, min(top * 1.04, 1.02)],
        tickvals=ticks,
        ticktext=[reader.language.percent(tick) for tick in ticks],
        **changes,
    )


STEPS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0)
MOST_TICKS = 6


def changes_axis(
    reader: Reader, ends: tuple[float, float], *, points: bool = False, least: float = 0.0
) -> dict[str, Any]:
    """Give the ticks of an axis of changes: signed but for zero, in percentage points where they are of shares.

    No tick is finer than `least`, the decimals in which the changes are published.
    """
    step = next((step for step in STEPS if step >= least and (ends[1] - ends[0]) / step <= MOST_TICKS), 100.0)
    first, last = math.ceil(ends[0] / step - 1e-9), math.floor(ends[1] / step + 1e-9)
    ticks = [round(step * place, 4) for place in range(first, last + 1)]
    scale = 100 if points else 1
    places = next((places for places in (0, 1, 2) if step * scale >= 10**-places - 1e-9), 3)
    return {
        "tickvals": ticks,
        "ticktext": [reader.language.signed(scale * tick, places if tick else 0) for tick in ticks],
    }


def folded(name: str, letters: int = 13) -> str:
    """Break a name at a blank so that it takes little room beside the end of a line on a narrow screen.

    Examples
    --------
    >>> folded("not yet in the roll-out"), folded("active")
    ('not yet in<br>the roll-out', 'active')
    """
    return "<br>".join(textwrap.wrap(name, letters, break_long_words=False, break_on_hyphens=False))


def narrow_ends(ends: Sequence[tuple[str, float, str]], gap: float, left: int = 40) -> dict[str, Any]:
    """Give margin and names of line ends on a narrow screen, where a long name is folded."""
    names = [folded(name) for name, _, _ in ends]
    lines = [name.split("<br>") for name in names]
    deep = max((len(parts) for parts in lines), default=1)
    places = apart([value for _, value, _ in ends], gap * (1 + 0.9 * (deep - 1)))
    return {
        "margin": {
            "l": left,
            "r": end_room([part for parts in lines for part in parts]),
            "t": 12,
            "b": 34,
            "pad": 2,
        },
        "annotations": [
            end_label(name, place, colour, broken=True)
            for name, (_, _, colour), place in zip(names, ends, places, strict=True)
        ],
    }


def dates(reader: Reader, **changes: Any) -> dict[str, Any]:
    """Give settings of an axis of dates in the reader's language."""
    return {
        "type": "date",
        "tickformat": "%b %Y" if reader.language.code == "en" else "%-m/%Y",
        "nticks": 6,
        **changes,
    }


def separators(reader: Reader) -> str:
    """Give the decimal and the thousands mark of the language, as plotly takes them."""
    return reader.language.number(1.1, 1)[1] + reader.language.number(1000, 0)[1]


def up_to(values: Sequence[float | None], least: float = 0.1) -> float:
    """Give the largest value that is drawn, at least `least`, for the end of an axis."""
    return max([value for value in values if value is not None], default=least) or least
