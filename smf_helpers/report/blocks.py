"""What a section is made of: plain blocks of JSON that the page turns into HTML, and nothing else can.

A block holds words and published numbers, never markup, so a page is safe whatever a client's labels say.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from smf_helpers.figures import FIGURES, Plate, Reader
from smf_helpers.figures.reader import iso
from smf_helpers.figures.vocabulary import GRADES, UNITS
from smf_helpers.results.catalogue import CATALOGUE
from smf_helpers.results.claims import Finding
from smf_helpers.results.publication import Cell, Column, Kind, Mark, Table

Block = dict[str, Any]

OPEN_CLAIMS = 3
"""Findings of a section that stand open; the others fold out."""

MOST_ROWS = 24
"""Rows of a table that a page shows; the workbook holds them all."""

NAMES = {"reason": "Why", "unit_of": "Measured in", "p": "Programme push", "q": "Imitation"}
"""Heads of columns whose own name would not be understood."""

SENTENCES = ("reason", "notes")
"""Columns that hold sentences and ask for room."""

TWICE = {"status": "reason", "unit_of": "metric"}
"""Columns that say in other words what another one says, and that a page leaves out beside it; the workbook has both."""

NUMERIC = {Kind.MEAN, Kind.SHARE, Kind.COUNT, Kind.INTERVAL, Kind.STATISTIC, Kind.AMOUNT}


def prose(text: str) -> Block:
    """Give a paragraph."""
    return {"kind": "prose", "text": text}


def heading(text: str) -> Block:
    """Give a heading inside a section."""
    return {"kind": "heading", "text": text}


def figure(reader: Reader, name: str) -> Block:
    """Give one figure of the register with the tables behind it."""
    return shown(reader, FIGURES[name](reader))


def shown(reader: Reader, plate: Plate) -> Block:
    """Give a plate as a block, with the tables behind it."""
    return {
        "kind": "figure",
        "name": plate.name,
        "shape": plate.shape,
        "headline": plate.headline,
        "subtitle": plate.subtitle,
        "alt": plate.alt,
        "plot": plate.plot,
        "narrow": plate.narrow,
        "drawing": plate.drawing,
        "mark": reader.text(str(plate.mark.value)) if plate.mark else "",
        "reason": plate.reason,
        "wide": plate.wide,
        "note": plate.note,
        "facts": facts(reader, plate),
        "grade": plate.grade,
        "grade_label": grade_label(reader, plate.grade),
        "tables": [made for made in (table(reader, each, plate) for each in plate.tables) if made["rows"]],
    }


def facts(reader: Reader, plate: Plate) -> list[dict[str, str]]:
    """Give definition, n, movement and grade of a figure, as named lines."""
    if plate.shape == "mark":
        return []
    lines = [
        (reader.text("What it is"), plate.definition),
        (reader.text("n"), plate.n),
        (reader.text("Since last wave"), plate.movement),
    ]
    return [{"name": name, "text": text} for name, text in lines if text]


def grade_label(reader: Reader, grade: str) -> dict[str, str]:
    """Give the word of a grade and what it means."""
    whole = reader.text(GRADES[grade])
    word, _, rest = whole.partition(":")
    return {"word": word, "about": rest.strip()}


def finding_label(reader: Reader, finding: Finding) -> dict[str, str]:
    """Give the word of a finding's grade; what cannot be told has none."""
    if finding.tone != "unknown":
        return grade_label(reader, finding.grade)
    about = reader.text("The data do not tell, so nothing is claimed.")
    return {"word": reader.text("Not enough to say"), "about": about}


def table(reader: Reader, name: str, plate: Plate | None = None) -> Block:
    """Give a published table as words: at most `MOST_ROWS` rows, the whole organisation first."""
    found = reader.table(name) or Table(spec=CATALOGUE[name], rows=())
    rows = _kept(reader, found, plate)
    left = len(rows) - MOST_ROWS
    note = reader.finished(found.note)
    if left > 0:
        note = " ".join(
            filter(None, (note, reader.text("{left} more rows stand in the workbook (XLSX).", left=left)))
        )
    used = [
        place
        for place, column in enumerate(found.spec.columns)
        if any(_filled(row[place]) and not (column.name == "status" and row[place] == "ok") for row in rows)
    ]
    names = [column.name for column in found.spec.columns]
    seen = {names[place] for place in used}
    used = [place for place in used if TWICE.get(names[place]) not in seen]
    reason = reader.finished(found.reason)
    if rows and "reason" in names and all(_filled(row[names.index("reason")]) for row in rows):
        # each row says why there is nothing: a mark in every cell would only say it again
        told = [place for place in used if not all(isinstance(row[place], Mark) for row in rows)]
        reasons = {str(row[names.index("reason")]) for row in rows}
        if len(told) < len(used) and len(reasons) == 1:
            rows, reason = [], reader.finished(reasons.pop())
        used = told
    columns = [found.spec.columns[place] for place in used]
    return {
        "kind": "table",
        "name": name,
        "title": reader.text(found.spec.title),
        "columns": [_head(reader, column) for column in columns],
        "rows": [
            [reader.cell(row[place], column) for place, column in zip(used, columns, strict=True)]
            for row in rows[:MOST_ROWS]
        ],
        "note": note,
        "mark": reader.text(str(Mark.UNSURE.value)),
        "reason": reason,
    }


def _filled(cell: Cell) -> bool:
    return cell is not None and cell != ""


def _kept(reader: Reader, found: Table, plate: Plate | None) -> list[tuple[Cell, ...]]:
    names = [column.name for column in found.spec.columns]
    keep = dict(plate.keep.get(found.spec.name, {})) if plate else {}
    if not keep and len(found.rows) > MOST_ROWS and "unit" in names:
        keep = {"unit": "all"}
    return [
        row
        for row in found.rows
        if all(str(row[names.index(column)]) == str(value) for column, value in keep.items())
    ]


def _head(reader: Reader, column: Column) -> dict[str, Any]:
    return {
        "name": column_label(reader, column),
        "about": reader.text(column.about),
        "numeric": column.kind in NUMERIC,
        "words": column.name in SENTENCES,
        "day": column.name.endswith(("_on", "_at", "_date")),
    }


def column_label(reader: Reader, column: Column) -> str:
    """Write the name of a column with its unit, for a reader."""
    plain = column.name.removeprefix("n_").replace("_", " ").capitalize()
    name = "n" if column.name == "n" else reader.text(NAMES.get(column.name, plain))
    unit = reader.text(UNITS.get(column.unit, column.unit)) if column.unit not in ("", "share") else ""
    known = not unit or column.name == "n" or unit.casefold() in name.casefold()
    return name if known else f"{name}, {unit}"


def boxes(reader: Reader, name: str, *, without: Collection[str] = ()) -> Block:
    """Give a table of quantities as value boxes: value, interval, unit, or why there is none."""
    items = []
    for row in reader.rows(name):
        if row["quantity"] in without:
            continue
        value = reader.number(row, "value")
        low, high = reader.interval(row, "value")
        items.append(
            {
                "label": reader.label(row["quantity"]).capitalize(),
                "value": _quantity(reader, row, value) if value is not None else "",
                "range": _range(reader, row, low, high) if value is not None else "",
                "unit": _unit_of(reader, row) if value is not None else "",
                "mark": "" if value is not None else reader.refusal(row, "value"),
                "reason": reader.finished(row["reason"]) if value is None else "",
                "n": reader.count(row["n"]),
            }
        )
    return {"kind": "boxes", "items": items, "name": name, "n_label": reader.text("n")}


def _range(reader: Reader, row: Mapping[str, Any], low: float | None, high: float | None) -> str:
    """Write the limits of a quantity, or the only one that the data tell."""
    if low is not None and high is not None:
        return reader.text(
            "{low} to {high}", low=_quantity(reader, row, low), high=_quantity(reader, row, high)
        )
    if high is not None:
        return reader.text("at most {limit}", limit=_quantity(reader, row, high))
    return reader.text("at least {limit}", limit=_quantity(reader, row, low)) if low is not None else ""


def _quantity(reader: Reader, row: Mapping[str, Any], value: float | None) -> str:
    if value is None:
        return "–"
    if str(row["unit_of"]).startswith("share"):
        return reader.language.percent(value)
    scored = str(row["unit_of"]).startswith("points on the scale")
    places = 0 if abs(value) >= 100 and not scored else 1 if abs(value) >= 10 or scored else 2
    return reader.language.number(value, places)


def _unit_of(reader: Reader, row: Mapping[str, Any]) -> str:
    unit = str(row["unit_of"])
    if unit == "scale points":
        return reader.text("points")
    if unit in ("", "share"):
        return ""
    return reader.text(UNITS[unit]) if unit in UNITS else reader.finished(unit)


def claim(reader: Reader, finding: Finding) -> Block:
    """Give a finding with its evidence, grade, caveat, remedy and what would overturn it."""
    return {
        "kind": "claim",
        "key": finding.key,
        "claim": finding.claim,
        "tone": finding.tone,
        "evidence": [each.text for each in finding.evidence if each.text],
        "grade": finding.grade if finding.tone != "unknown" else "assumed",
        "grade_label": finding_label(reader, finding),
        "lines": [
            {"name": name, "text": text}
            for name, text in (
                (reader.text("What to do"), finding.remedy),
                (reader.text("Keep in mind"), finding.caveat),
                (reader.text("What would overturn it"), finding.overturn),
            )
            if text
        ],
    }


def claims(reader: Reader, section: str) -> list[Block]:
    """Give the findings that rest on the tables of a section, most important first."""
    mine = sorted(reader.release.about(section), key=lambda finding: -finding.weight)
    made = [claim(reader, finding) for finding in mine]
    more = made[OPEN_CLAIMS:]
    if not more:
        return made
    title = reader.text("More findings ({count})", count=len(more))
    return [*made[:OPEN_CLAIMS], {"kind": "more", "title": title, "items": more}]


def figures(reader: Reader, names: Iterable[str]) -> list[Block]:
    """Give several figures."""
    return [figure(reader, name) for name in names]


def day(reader: Reader, cell: Cell) -> str:
    """Write a date cell for a reader; a dash where it is empty."""
    return reader.day(iso(cell)) if cell else "–"
