"""SpreadsheetML 2003 (an `.xls` that is XML) → grids, without ever expanding an entity."""

import re
from typing import Any, Final
from xml.parsers import expat

from smf_helpers.errors import Fault, InputError
from smf_helpers.ingest.grids import Grid, columns_of
from smf_helpers.ingest.limits import MAX_COLUMNS, MAX_ROWS

_BARE: Final = re.compile(r"&(?!(?:[A-Za-z]{1,8}|#\d{1,7}|#x[0-9A-Fa-f]{1,6});)|<(?![A-Za-z/?!])")
_ESCAPED: Final = {"&": "&amp;", "<": "&lt;"}
_INVALID: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def is_spreadsheet_xml(raw: bytes) -> bool:
    """Say whether the bytes look like SpreadsheetML 2003."""
    head = raw[:2000].lstrip(b"\xef\xbb\xbf \r\n\t")
    return head.startswith(b"<?xml") and b"urn:schemas-microsoft-com:office:spreadsheet" in raw[:4000]


class _Collector:
    def __init__(self) -> None:
        self.sheets: dict[str, list[list[str]]] = {}
        self.rows: list[list[str]] = []
        self.row: list[str] = []
        self.text: list[str] | None = None

    def begin(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rsplit(":", 1)[-1]
        place = int(next((v for k, v in attributes.items() if k.endswith("Index")), "0") or 0)
        if name == "Worksheet":
            title = next((v for k, v in attributes.items() if k.endswith("Name")), "")
            self.rows = self.sheets.setdefault(title or str(len(self.sheets) + 1), [])
        elif name == "Row":
            if place > MAX_ROWS:
                raise ValueError("too many rows")
            self.rows.extend([] for _ in range(max(0, place - 1 - len(self.rows))))
            self.row = []
            self.rows.append(self.row)
        elif name == "Cell":
            if place > MAX_COLUMNS:
                raise ValueError("too many columns")
            self.row.extend("" for _ in range(max(0, place - 1 - len(self.row))))
            self.row.append("")
        elif name == "Data":
            self.text = []

    def end(self, tag: str) -> None:
        if tag.rsplit(":", 1)[-1] == "Data" and self.text is not None:
            if self.row:
                self.row[-1] = "".join(self.text)
            self.text = None

    def words(self, text: str) -> None:
        if self.text is not None:
            self.text.append(text)


def read_spreadsheet_xml(raw: bytes, where: str) -> list[Grid]:
    """Read the sheets; invalid bytes become the replacement character and are told.

    Raises
    ------
    InputError
        X001 unsafe XML, X002 too large, X003 cut or damaged.
    """
    text = raw.decode("utf-8-sig", errors="replace")
    notes = ("invalid UTF-8 bytes were replaced",) if "\ufffd" in text else ()
    if "<!DOCTYPE" in text[:5000] or "<!ENTITY" in text:
        what = "Unsafe XML: a document type or entity is declared."
        raise InputError(Fault(code="X001", where=where, what=what, remedy="Save it anew as .xlsx."))
    collector = _Collector()
    parser: Any = expat.ParserCreate("utf-8")
    parser.StartElementHandler = collector.begin
    parser.EndElementHandler = collector.end
    parser.CharacterDataHandler = collector.words
    text, bare = _BARE.subn(lambda mark: _ESCAPED[mark[0]], text)
    if bare:
        notes = (*notes, f"{bare} marks in texts were not written as XML wants them; mended")
    try:
        parser.Parse(_INVALID.sub("\ufffd", text).encode("utf-8"), True)
    except expat.ExpatError as problem:
        if collector.rows:
            collector.rows.pop()
        if not any(collector.sheets.values()):
            what = "The XML workbook is cut or damaged."
            raise InputError(
                Fault(code="X003", where=where, what=what, remedy="Export it again.")
            ) from problem
        notes = (*notes, f"the XML is not well-formed at line {problem.lineno}; rows before it were read")
    except ValueError as problem:
        what = "The XML workbook spans too many rows or columns."
        raise InputError(Fault(code="X002", where=where, what=what, remedy="Export it again.")) from problem
    return [
        Grid(place=f"{where}|{name}", columns=columns_of(rows), encoding="workbook", notes=notes)
        for name, rows in collector.sheets.items()
        if any(any(cell.strip() for cell in row) for row in rows)
    ]
