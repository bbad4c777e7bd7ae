"""Units side by side: a small dot and interval for each factor in each unit, against the "
"whole organisation."""

from collections.abc import Mapping
from html import escape
from typing import Any

from smf_helpers.figures import svg
from smf_helpers.figures.parts import nothing
from smf_helpers.figures.plate import Plate
from smf_helpers.figures.reader import Reader
from smf_helpers.figures.register import FIGURES
from smf_helpers.framework import FACTOR_KEYS
from smf_helpers.results.publication import Mark


@FIGURES.register("units")
def units(reader: Reader) -> Plate:
    """Lay units and factors out as a grid of small figures."""
    wave = reader.latest()
    rows = reader.rows("factors", wave=wave)
    known = [unit for unit in dict.fromkeys(row["unit"] for row in rows) if unit != "all"]
    cells = {(row["unit"], row["factor"]): row for row in rows}
    open_cells = [row for row in rows if row["unit"] != "all" and reader.number(row, "mean") is not None]
    if not open_cells:
        return nothing(reader, "units", reader.text("The units cannot be shown side by side"), "factors")
    headline = _headline(reader, open_cells)
    return Plate(
        name="units",
        headline=headline,
        subtitle=reader.text(
            "Mean score of each factor in each unit, 1 to 5, wave {wave}; line: 95 % interval; tick: "
            "whole organisation",
            wave=reader.label(wave),
        ),
        alt=reader.text(
            "Grid of units by factors with a small dot chart in each cell. {finding}", finding=headline
        ),
        tables=("factors",),
        keep={"factors": {"wave": str(wave)}},
        shape="drawing",
        drawing={
            "columns": [reader.short(key) for key in FACTOR_KEYS],
            "corner": reader.text("Unit"),
            "rows": [
                {
                    "name": reader.label(unit),
                    "cells": [
                        _cell(reader, cells.get((unit, key)), cells.get(("all", key))) for key in FACTOR_KEYS
                    ],
                }
                for unit in known
            ],
        },
        definition=reader.text(
            "Units of fewer than {minimum} people, and units from which such a group could be worked "
            "out, are not shown.",
            minimum=reader.release.minimum,
        ),
        n=reader.text("{count} units", count=len(known)),
        wide=True,
    )


def _headline(reader: Reader, rows: list[dict[str, Any]]) -> str:
    apart = [row for row in rows if row.get("low") is not None and reader.number(row, "low") is not None]
    lows = [row for row in apart if _below(reader, row)]
    if not lows:
        return reader.text("No unit falls clearly behind the whole organisation in any factor")
    names = list(dict.fromkeys(reader.label(row["unit"]) for row in lows))
    if len(names) == 1:
        return reader.text("{unit} falls clearly behind in at least one factor", unit=names[0])
    return reader.text("{count} units fall clearly behind in at least one factor", count=len(names))


def _below(reader: Reader, row: Mapping[str, Any]) -> bool:
    whole = next(iter(reader.rows("factors", unit="all", wave=row["wave"], factor=row["factor"])), None)
    if whole is None:
        return False
    high, low = reader.interval(row, "mean")[1], reader.interval(whole, "mean")[0]
    return high is not None and low is not None and high < low


def _cell(reader: Reader, row: Mapping[str, Any] | None, whole: Mapping[str, Any] | None) -> dict[str, Any]:
    value = reader.number(row, "mean") if row else None
    if row is None or value is None:
        hidden = row is not None and row["mean"] is Mark.CONFIDENTIAL
        mark = Mark.CONFIDENTIAL if hidden else Mark.UNSURE
        return {"value": None, "said": reader.text(str(mark.value))}
    low, high = reader.interval(row, "mean")
    return {
        "value": value,
        "low": low,
        "high": high,
        "whole": reader.number(whole, "mean") if whole else None,
        "said": reader.estimate(row, "factors", "mean"),
        "score": reader.language.number(value, 1),
        "behind": _below(reader, row),
    }


def draw_units(drawing: Mapping[str, Any]) -> str:
    """Give the grid as a table with a small SVG in each cell."""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in drawing["columns"])
    body = "".join(
        f'<tr><th scope="row">{escape(row["name"])}</th>{"".join(map(_draw_cell, row["cells"]))}</tr>'
        for row in drawing["rows"]
    )
    return (
        f'<table class="units"><thead><tr><th scope="col">{escape(drawing["corner"])}</th>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table>"
    )


def _draw_cell(cell: Mapping[str, Any]) -> str:
    if cell["value"] is None:
        return f'<td class="closed"><span>{escape(cell["said"])}</span></td>'
    small = [svg.element("line", x1=4, x2=96, y1=8, y2=8, class_="track")]
    if cell["whole"] is not None:
        small.append(
            svg.element("line", x1=_at(cell["whole"]), x2=_at(cell["whole"]), y1=1, y2=15, class_="whole")
        )
    if cell["low"] is not None and cell["high"] is not None:
        small.append(
            svg.element("line", x1=_at(cell["low"]), x2=_at(cell["high"]), y1=8, y2=8, class_="span")
        )
    small.append(svg.element("circle", cx=_at(cell["value"]), cy=8, r=4, class_="dot"))
    drawn = svg.element("svg", *small, viewBox="0 0 100 16", aria_hidden="true", focusable="false")
    state = ' class="behind"' if cell["behind"] else ""
    return f'<td{state} title="{escape(cell["said"], quote=True)}"><b>{escape(cell["score"])}</b>{drawn}</td>'


def _at(value: float) -> float:
    return 4 + 92 * (value - 1) / 4
