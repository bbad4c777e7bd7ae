"""Workbooks (.xlsx, .xls, .ods, SpreadsheetML) → one grid a sheet, after a look for bombs and locks."""

import io
import re
import struct
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, Final

import numpy as np

from smf_helpers.errors import Fault, InputError
from smf_helpers.ingest.archives import DAMAGED
from smf_helpers.ingest.compound import has_endless_chain
from smf_helpers.ingest.grids import Column, Grid
from smf_helpers.ingest.limits import MAX_EMPTY, MAX_ROWS

OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_UNSAFE: Final = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_CELL: Final = re.compile(rb'<c r="([A-Z]{1,3})([0-9]{1,7})"')
_UNCOMPUTED: Final = re.compile(rb"(?:</f>|<f[^<>]{0,200}/>)\s*</c>")
_FROM_1904: Final = re.compile(rb"""<workbookPr[^<>]*\sdate1904=["'](?:1|true)""")
_GLOBALS: Final = b"\x09\x08\x10\x00\x00\x06\x05\x00"
"""How an old workbook begins, before its sheets."""
_BEGIN: Final = _GLOBALS[:4]
_DATE_MODE, _END, _SPAN, _MANY_RECORDS, _MOST_OLD_ROWS = 0x22, 0x0A, 0x200, 10_000, 1 << 16
FROM_1904: Final = "the workbook counts its days from 1904; dates were read so"
_ERRORS: Final = ("#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!")


def read_workbook(raw: bytes, where: str, *, sheet: str | None = None) -> list[Grid]:
    """Read the sheets of a workbook that hold anything; hidden ones and macros are never loaded.

    Raises
    ------
    InputError
        X001 unsafe XML, X002 too large, X003 damaged or password-protected, X104 formulas without values.
    """
    from python_calamine import (
        CalamineError,
        CalamineWorkbook,
        PasswordError,
        SheetTypeEnum,
        SheetVisibleEnum,
    )

    if raw.startswith(OLE) and "EncryptedPackage".encode("utf-16-le") in raw:
        raise _locked(where)
    if raw.startswith(OLE) and (has_endless_chain(raw) or _has_lying_span(raw)):
        raise _damaged(where)
    notes = _look_inside(raw, where) if raw.startswith(b"PK") else _old_notes(raw)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(raw))
        grids = []
        for about in book.sheets_metadata:
            seen = about.visible == SheetVisibleEnum.Visible and about.typ == SheetTypeEnum.WorkSheet
            if not seen or (sheet is not None and about.name != sheet):
                continue
            page = book.get_sheet_by_name(about.name)
            rows = page.to_python(skip_empty_area=False)
            grid = _grid(rows, f"{where}|{about.name}", notes)
            if grid is not None:
                grids.append(grid)
    except PasswordError as problem:
        raise _locked(where) from problem
    except (CalamineError, OSError, ValueError, RuntimeError, BaseException) as problem:
        if isinstance(problem, InputError) or not _is_reader_fault(problem):
            raise
        raise _damaged(where) from problem
    if not grids:
        what = f"There is no sheet '{sheet}' with rows." if sheet else "The workbook is empty."
        raise InputError(Fault(code="S001", where=where, what=what, remedy="Export it again."))
    return grids


def _is_reader_fault(problem: BaseException) -> bool:
    return isinstance(problem, Exception) or type(problem).__name__ == "PanicException"


def _damaged(where: str) -> InputError:
    what = "The workbook is cut or damaged, or no workbook at all."
    return InputError(Fault(code="X003", where=where, what=what, remedy="Export it again."))


def _locked(where: str) -> InputError:
    what = "The workbook is password-protected."
    return InputError(
        Fault(code="X003", where=where, what=what, remedy="Save it without a password and run again.")
    )


def _look_inside(raw: bytes, where: str) -> tuple[str, ...]:
    """Refuse what is unsafe, too wide or never computed; give what a user should know of the workbook."""
    from smf_helpers.ingest.archives import checked_members

    notes: tuple[str, ...] = ()
    with checked_members(raw, where, code="X002", damaged="X003") as pack:
        names = pack.namelist()
        for name in names:
            if not name.endswith((".xml", ".rels")):
                continue
            try:
                part = pack.read(name)
            except DAMAGED as problem:
                what = f"The part '{name}' of the workbook is damaged."
                raise InputError(
                    Fault(code="X003", where=where, what=what, remedy="Export it again.")
                ) from problem
            if _UNSAFE.search(part):
                what = "Unsafe XML: a document type or entity is declared in the workbook."
                raise InputError(
                    Fault(code="X001", where=where, what=what, remedy="Save it anew from a spreadsheet.")
                )
            if name == "xl/workbook.xml" and _FROM_1904.search(part):
                notes = (FROM_1904,)
            if name.startswith("xl/worksheets/"):
                _check_span(part, where)
                _check_formulas(part, where)
    return notes


def _old_notes(raw: bytes) -> tuple[str, ...]:
    """Give what a user should know of an old workbook: its records tell which day it counts from."""
    for kind, body in _records(raw, raw.find(_GLOBALS)):
        if kind == _DATE_MODE:
            return (FROM_1904,) if body[:2] == b"\x01\x00" else ()
    return ()


def _has_lying_span(raw: bytes) -> bool:
    """Say whether a sheet of an old workbook claims more rows than one can have, or fewer than none: the reader would ask
    for hundreds of gigabytes and end the process."""
    for start in re.finditer(re.escape(_BEGIN), raw):
        for kind, body in _records(raw, start.start()):
            if kind == _SPAN and len(body) == 14:
                first, last, left, right = struct.unpack_from("<IIHH", body)
                if first > last or left > right or last > _MOST_OLD_ROWS:
                    return True
                break
    return False


def _records(raw: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """Give kind and content of the records from one that begins a stream to the one that ends it."""
    for _ in range(_MANY_RECORDS if at >= 0 else 0):
        if at + 4 > len(raw):
            return
        kind, size = struct.unpack_from("<HH", raw, at)
        if kind == _END:
            return
        yield kind, raw[at + 4 : at + 4 + size]
        at += 4 + size


def _check_span(part: bytes, where: str) -> None:
    found = _CELL.findall(part)
    cells = len(found)
    last_row = max(map(int, {row for _, row in found}), default=0)
    last_column = max(map(_position, {letters for letters, _ in found}), default=0)
    if last_row > MAX_ROWS or last_row * last_column > MAX_EMPTY + 4 * cells:
        what = f"A sheet spans {last_row:,} rows and {last_column:,} columns but fills {cells:,} cells."
        raise InputError(
            Fault(code="X002", where=where, what=what, remedy="Delete the far cells and save it again.")
        )


def _check_formulas(part: bytes, where: str) -> None:
    """Refuse formulas whose values nobody ever computed: they would read as blank cells."""
    bare = _UNCOMPUTED.search(part)
    if bare is not None:
        n = len(_UNCOMPUTED.findall(part))
        at = _CELL.search(part, part.rfind(b"<c ", 0, bare.start()))
        cell = (at[1] + at[2]).decode() if at else "?"
        what = f"{n} formulas have no values (the first at {cell})."
        remedy = "Open it in a spreadsheet, save it and run again."
        raise InputError(Fault(code="X104", where=f"{where}!{cell}", what=what, remedy=remedy))


def _position(letters: bytes) -> int:
    place = 0
    for letter in letters:
        place = place * 26 + letter - 64
    return place


def _grid(rows: list[list[Any]], place: str, about: tuple[str, ...]) -> Grid | None:
    if not any(cell not in ("", None) for row in rows for cell in row):
        return None
    columns = [Column.of(map(cell_text, values)) for values in zip(*rows, strict=True)]
    # A table may start anywhere on its sheet.
    top = int(np.argmax(~np.logical_and.reduce([column.blank() for column in columns])))
    left = next(i for i, column in enumerate(columns) if column.used())
    columns = [column.take(slice(top, None)) for column in columns[left:]]
    notes = [*about, *([f"the table starts at row {top + 1}, column {left + 1}"] if top or left else [])]
    broken = sum(sum(level in _ERRORS for level in column.levels) for column in columns)
    if broken:
        notes.append("cells with spreadsheet errors such as #REF! count as missing")
        columns = [
            Column(c.codes, ["" if level in _ERRORS else level for level in c.levels]) for c in columns
        ]
    return Grid(place=place, columns=columns, encoding="workbook", first_row=top + 1, notes=tuple(notes))


def cell_text(value: Any) -> str:
    """Give the text of a cell: whole numbers without a point, times as ISO text."""
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value.total_seconds())
    return "" if value is None else str(value)
