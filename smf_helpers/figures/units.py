"""Units and roles side by side: a small dot and interval for each factor in each, against the whole organisation."""

import itertools
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
    return _grid(
        reader,
        "units",
        "factors",
        "unit",
        reader.text("Unit"),
        reader.text(
            "Mean score of each factor in each unit, 1 to 5, wave {wave}; line: 95 % interval; tick: "
            "whole organisation",
            wave=reader.label(reader.latest()),
        ),
        reader.text("The units cannot be shown side by side"),
    )


@FIGURES.register("roles")
def roles(reader: Reader) -> Plate:
    """Lay roles and factors out as a grid of small figures."""
    return _grid(
        reader,
        "roles",
        "factors_by_role",
        "role",
        reader.text("Role"),
        reader.text(
            "Mean score of each factor in each role, 1 to 5, wave {wave}; line: 95 % interval; tick: "
            "whole organisation",
            wave=reader.label(reader.latest()),
        ),
        reader.text("The roles cannot be shown side by side"),
    )


def _grid(reader: Reader, name: str, table: str, by: str, corner: str, subtitle: str, without: str) -> Plate:
    """Lay groups and factors out as a grid, with the whole organisation as a tick in each cell."""
    wave = reader.latest()
    rows = [row for row in reader.rows(table, wave=wave) if row[by] != "all"]
    known = list(dict.fromkeys(row[by] for row in rows))
    cells = {(row[by], row["factor"]): row for row in rows}
    whole = {row["factor"]: row for row in reader.rows("factors", wave=wave, unit="all")}
    open_cells = [row for row in rows if reader.number(row, "mean") is not None]
    if not open_cells:
        return nothing(reader, name, without, table)
    asked = [key for key in FACTOR_KEYS if any(row["factor"] == key for row in rows)]
    asked = [
        key for key in asked if any(row["factor"] == key and row["mean"] is not Mark.UNSURE for row in rows)
    ]
    missing = [reader.short(key) for key in FACTOR_KEYS if key not in asked]
    headline = _headline(reader, open_cells, by, whole)
    return Plate(
        name=name,
        headline=headline,
        subtitle=subtitle,
        alt=reader.text(
            "Grid of units by factors with a small dot chart in each cell. {finding}", finding=headline
        )
        if by == "unit"
        else reader.text(
            "Grid of roles by factors with a small dot chart in each cell. {finding}", finding=headline
        ),
        tables=(table,),
        keep={table: {"wave": str(wave)}},
        shape="drawing",
        drawing={
            "columns": [reader.short(key) for key in asked],
            "corner": corner,
            "rows": [
                {
                    "name": reader.label(group),
                    "cells": [_cell(reader, table, cells.get((group, key)), whole.get(key)) for key in asked],
                }
                for group in known
            ],
        },
        definition=reader.text(
            "Units of fewer than {minimum} people, and units from which such a group could be worked "
            "out, are not shown.",
            minimum=reader.release.minimum,
        )
        if by == "unit"
        else reader.text(
            "Roles of fewer than {minimum} people, and roles from which such a group could be worked "
            "out, are not shown.",
            minimum=reader.release.minimum,
        ),
        note=_grid_note(reader, open_cells, missing),
        n=reader.plural("{n} unit", "{n} units", len(known))
        if by == "unit"
        else reader.plural("{n} role", "{n} roles", len(known)),
        wide=True,
    )


def _grid_note(reader: Reader, rows: list[dict[str, Any]], missing: list[str]) -> str:
    """Say what a reader would look for in vain: factors without answers, intervals of small groups."""
    told = []
    if missing:
        told.append(reader.text("Not enough to say: {factors}.", factors=", ".join(missing)))
    if any(None in reader.interval(row, "mean") for row in rows):
        told.append(
            reader.text("A dot without a line: the interval of so few people is not shown (confidentiality).")
        )
    return " ".join(told)


def _headline(
    reader: Reader, rows: list[dict[str, Any]], by: str, whole: Mapping[str, Mapping[str, Any]]
) -> str:
    lows = [row for row in rows if _below(reader, row, whole.get(row["factor"]))]
    names = list(dict.fromkeys(reader.label(row[by]) for row in lows))
    if len(names) == 1:
        return reader.text("{unit} falls clearly behind in at least one factor", unit=names[0])
    if by == "unit":
        if not names:
            return reader.text("No unit falls clearly behind the whole organisation in any factor")
        return reader.text("{count} units fall clearly behind in at least one factor", count=len(names))
    if not names:
        return reader.text("No role falls clearly behind the whole organisation in any factor")
    return reader.text("{count} roles fall clearly behind in at least one factor", count=len(names))


def _below(reader: Reader, row: Mapping[str, Any], whole: Mapping[str, Any] | None) -> bool:
    if whole is None:
        return False
    high, low = reader.interval(row, "mean")[1], reader.interval(whole, "mean")[0]
    return high is not None and low is not None and high < low


def _cell(
    reader: Reader, table: str, row: Mapping[str, Any] | None, whole: Mapping[str, Any] | None
) -> dict[str, Any]:
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
        "said": reader.estimate(row, table, "mean"),
        "score": reader.language.number(value, 1),
        "behind": _below(reader, row, whole),
    }


def draw_units(drawing: Mapping[str, Any]) -> str:
    """Give the grid as a table with a small SVG in each cell."""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in drawing["columns"])
    body = "".join(
        f'<tr><th scope="row">{escape(row["name"])}</th>{_draw_row(row["cells"])}</tr>'
        for row in drawing["rows"]
    )
    return (
        f'<table class="units"><thead><tr><th scope="col">{escape(drawing["corner"])}</th>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table>"
    )


def _draw_row(cells: list[Mapping[str, Any]]) -> str:
    """Give the cells of a row; neighbours that are closed for the same reason say so once."""
    drawn: list[str] = []
    for said, run in itertools.groupby(cells, key=lambda cell: cell["said"] if cell["value"] is None else ""):
        group = list(run)
        if not said:
            drawn += map(_draw_cell, group)
        else:
            wide = f' colspan="{len(group)}"' if len(group) > 1 else ""
            drawn.append(f'<td class="closed"{wide}><span>{escape(said)}</span></td>')
    return "".join(drawn)


def _draw_cell(cell: Mapping[str, Any]) -> str:
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
