"""What is inside a delivered file: every text and every number, as somebody with a text editor finds them.

Reads pages (with the JSON and the packed arrays in their scripts), workbooks, slides (with the workbooks
embedded in their charts) and PDF. Whatever a file must not hold (scripts from elsewhere, formulas, hidden
sheets, notes) is named as a danger.
"""

import base64
import binascii
import functools
import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree

import numpy as np

from smf_helpers.errors import Fault, InputError

MAX_UNPACKED: Final = 200_000_000
_TYPES: Final = {"i1", "i2", "i4", "i8", "u1", "u2", "u4", "f4", "f8"}
_PACKED = re.compile(r'"dtype"\s*:\s*"([iuf]\d)"\s*,\s*"bdata"\s*:\s*"([A-Za-z0-9+/=\\]+)"')
_ADDRESS = re.compile(r"^\s*(?:https?:|//|javascript:|vbscript:|data:text|file:|ftp:)", re.I)
_DATE = re.compile(r"\d{4}-\d\d-\d\d(?:T[\d:.]+)?$")
_SPOKEN: Final = {"title", "alt", "aria-label", "content", "value", "placeholder", "label", "data-name"}
_FORBIDDEN: Final = {"iframe", "object", "embed", "form", "base", "applet", "frame", "link"}
TRACES: Final = {"bar", "scatter", "heatmap", "box", "scattergl"}
"""Kinds of traces that hold published figures; anything else may hold raw records."""

RAW_FIELDS: Final = ("customdata", "ids", "hovertext")


@dataclass(slots=True)
class Sheet:
    """Where the numbers of a sheet stand: (row, column from 0) → number, and its last row with anything in it."""

    numbers: dict[tuple[int, int], float] = field(default_factory=dict)
    last: int = 0


@dataclass(slots=True)
class Extracted:
    """Everything found in a file.

    Attributes
    ----------
    file : its name.
    texts : place and text.
    numbers : place and number, from data (not from words).
    arrays : place and numbers that stand together, such as the values of one axis of one trace.
    dangers : what the file must not hold, with its place.
    sheets : title of a sheet → where its numbers stand; of workbooks that are delivered, not of embedded ones.
    """

    file: str
    texts: list[tuple[str, str]] = field(default_factory=list)
    numbers: list[tuple[str, float]] = field(default_factory=list)
    arrays: list[tuple[str, tuple[float, ...]]] = field(default_factory=list)
    dangers: list[str] = field(default_factory=list)
    sheets: dict[str, Sheet] = field(default_factory=dict)


def extract(path: str | Path) -> Extracted:
    """Read a delivered file.

    Raises
    ------
    InputError
        When the file cannot be read or is of a kind that is not delivered (D001).
    """
    source = Path(path)
    found = Extracted(file=source.name)
    try:
        content = source.read_bytes()
        _read(content, source.suffix.lower(), source.name, found)
        found.sheets = _titled(content, found.sheets) if source.suffix.lower() == ".xlsx" else {}
    except (OSError, UnicodeDecodeError, ElementTree.ParseError, zipfile.BadZipFile, KeyError) as error:
        raise InputError(
            Fault(code="D001", where=source.name, what="The file cannot be audited.", remedy="Make it again.")
        ) from error
    return found


def _read(content: bytes, suffix: str, where: str, found: Extracted) -> None:
    if suffix in (".html", ".htm"):
        _read_page(content.decode("utf-8"), where, found)
    elif suffix in (".xlsx", ".xlsm"):
        _read_workbook(content, where, found)
    elif suffix == ".pptx":
        _read_slides(content, where, found)
    elif suffix == ".pdf":
        _read_pdf(content, where, found)
    elif suffix in (".txt", ".md", ".csv", ".json", ".svg"):
        found.texts.append((where, content.decode("utf-8")))
    elif suffix not in (".png", ".jpg", ".jpeg", ".js", ".css"):
        raise KeyError(suffix)


# --- pages ------------------------------------------------------------------------------------------
class _Page(HTMLParser):
    def __init__(self, where: str, found: Extracted) -> None:
        super().__init__(convert_charrefs=True)
        self.where, self.found = where, found
        self.inside: list[str] = []
        self.script_type = ""
        self.policy = False
        self.script = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        place = f"{self.where} line {self.getpos()[0]}"
        known = {name: value or "" for name, value in attrs}
        if tag in ("script", "style", "template"):
            self.inside.append(tag)
            self.script_type = known.get("type", "")
            self.script = ""
        if tag == "meta" and known.get("http-equiv", "").lower() == "content-security-policy":
            self.policy = "default-src 'none'" in known.get("content", "")
            return
        if tag in _FORBIDDEN:
            self.found.dangers.append(f"{place}: <{tag}>")
        for name, value in known.items():
            if name.startswith("on"):
                self.found.dangers.append(f"{place}: script in the attribute {name}")
            if name in ("src", "href", "action", "poster", "xlink:href", "srcset") and _ADDRESS.match(value):
                self.found.dangers.append(f"{place}: an address outside the file")
            if name in _SPOKEN and tag != "meta":
                self.found.texts.append((place, value))

    def handle_endtag(self, tag: str) -> None:
        if self.inside and self.inside[-1] == tag:
            if tag == "script":
                self._read_script()
            self.inside.pop()

    def handle_data(self, data: str) -> None:
        if self.inside:
            if self.inside[-1] == "script":
                self.script += data
        elif data.strip():
            self.found.texts.append((f"{self.where} line {self.getpos()[0]}", data.strip()))

    def handle_comment(self, data: str) -> None:
        self.found.texts.append((f"{self.where} line {self.getpos()[0]}", data))

    def _read_script(self) -> None:
        place = f"{self.where} script at line {self.getpos()[0]}"
        if self.script_type == "application/json":
            _read_json(json.loads(self.script), place, self.found)
        else:
            for kind, packed in _PACKED.findall(self.script):
                self.found.arrays.append((place, _unpack(kind, packed)))


def _read_page(text: str, where: str, found: Extracted) -> None:
    page = _Page(where, found)
    page.feed(text)
    page.close()
    if not page.policy:
        found.dangers.append(f"{where}: no content security policy")


def _unpack(kind: str, packed: str) -> tuple[float, ...]:
    try:
        raw = base64.b64decode(packed.replace("\\u002f", "/").replace("\\", ""), validate=True)
        return tuple(float(value) for value in np.frombuffer(raw, dtype=np.dtype(kind).newbyteorder("<")))
    except (binascii.Error, ValueError):
        return ()


def _read_json(content: Any, place: str, found: Extracted) -> None:
    if isinstance(content, dict) and isinstance(content.get("data"), list) and "layout" in content:
        for number, trace in enumerate(content["data"]):
            _read_trace(trace, f"{place}, trace {number}", found)
        layout = {name: _without_ticks(part) for name, part in content["layout"].items()}
        for text in _strings(layout):
            found.texts.append((f"{place}, layout", text))
    elif isinstance(content, dict) and "palettes" in content:
        return
    else:
        _read_values(content, place, found)


def _without_ticks(part: Any) -> Any:
    """Give a part of a layout without the labels that tell nothing but their own place on an even axis.

    Such labels come from the axis, not from data. "75 %" passes at 0.75 of an axis that steps by a quarter;
    anywhere else, or with another number, it has to trace as every other word.
    """
    if not isinstance(part, dict) or not isinstance(part.get("ticktext"), list):
        return part
    places, texts = part.get("tickvals"), part["ticktext"]
    if not isinstance(places, list) or len(places) != len(texts) or not _is_even(places):
        return part
    told = [text for at, text in zip(places, texts, strict=True) if not _tells_place(str(text), at)]
    return {**part, "ticktext": told}


def _is_even(places: list[Any]) -> bool:
    """Say whether places are neighbouring multiples of a round step: 1, 2, 2.5 or 5 times a power of ten."""
    if len(places) < 2 or not all(_is_number(at) for at in places):
        return False
    step = places[1] - places[0]
    if step <= 0 or f"{step:.6e}".split("e")[0].rstrip("0") not in ("1.", "2.", "2.5", "5."):
        return False
    return all(abs(at / step - round(places[0] / step) - number) < 1e-6 for number, at in enumerate(places))


def _tells_place(text: str, at: float) -> bool:
    plain = re.sub(r"[\s+%]", "", text).replace("−", "-").replace(",", ".")
    try:
        told = float(plain)
    except ValueError:
        return False
    return min(abs(told - at), abs(told - 100 * at)) < 1e-9


def _read_trace(trace: dict[str, Any], place: str, found: Extracted) -> None:
    kind = trace.get("type", "scatter")
    if kind not in TRACES:
        found.dangers.append(f"{place}: a trace of type {kind}")
    for name in RAW_FIELDS:
        if trace.get(name):
            found.dangers.append(f"{place}: {name}")
    for name, value in trace.items():
        if name in (
            "marker",
            "line",
            "textfont",
            "hoverlabel",
            "fillcolor",
            "xaxis",
            "yaxis",
            "type",
            "mode",
        ):
            continue
        _read_values(value, f"{place} {name}", found)


def _read_values(value: Any, place: str, found: Extracted) -> None:
    """Read JSON: lists of numbers as arrays, packed arrays unpacked, strings as texts."""
    if isinstance(value, dict):
        if set(value) >= {"dtype", "bdata"}:
            found.arrays.append((place, _unpack(str(value["dtype"]), str(value["bdata"]))))
            return
        for name, item in value.items():
            _read_values(item, f"{place} {name}", found)
    elif isinstance(value, list):
        numbers = tuple(float(item) for item in value if _is_number(item))
        if numbers:
            found.arrays.append((place, numbers))
        for item in value:
            if not _is_number(item):
                _read_values(item, place, found)
    elif isinstance(value, str):
        found.texts.append((place, value))
    elif _is_number(value):
        found.numbers.append((place, float(value)))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, item in value.items():
            if name in ("text", "ticktext", "title", "name", "annotations") or isinstance(item, dict):
                yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)
    elif isinstance(value, str):
        yield value


# --- office files -----------------------------------------------------------------------------------
def _members(content: bytes) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > MAX_UNPACKED:
            raise zipfile.BadZipFile("too large")
        for entry in archive.infolist():
            yield entry.filename, archive.read(entry)


def _local(tag: str) -> str:
    return tag.rsplit("}", 1)[-1]


def _read_workbook(content: bytes, where: str, found: Extracted) -> None:
    for name, body in _members(content):
        place = f"{where}|{Path(name).stem}"
        if re.search(r"externalLink|vbaProject|comments|pivotCache|threadedComment|customXml", name):
            found.dangers.append(f"{place}: {Path(name).name}")
        if not name.endswith(".xml"):
            continue
        root = ElementTree.fromstring(body)
        if name == "xl/workbook.xml":
            _check_workbook(root, where, found)
        elif name == "xl/sharedStrings.xml" or name.startswith("docProps/"):
            for node in root.iter():
                if (
                    _local(node.tag) in ("t", "creator", "lastModifiedBy", "title", "subject", "description")
                    and node.text
                ):
                    found.texts.append((place, node.text))
        elif name.startswith("xl/worksheets/"):
            _read_sheet(root, place, found, found.sheets.setdefault(Path(name).stem, Sheet()))
        elif "/charts/" in name or "/drawings/" in name:
            _read_drawing(root, place, found)


def _titled(content: bytes, sheets: dict[str, Sheet]) -> dict[str, Sheet]:
    """Name sheets by their titles; they are numbered in the order of the workbook."""
    root = ElementTree.fromstring(dict(_members(content))["xl/workbook.xml"])
    titles = [str(node.get("name")) for node in root.iter() if _local(node.tag) == "sheet"]
    return {title: sheets.get(f"sheet{number}", Sheet()) for number, title in enumerate(titles, start=1)}


def _check_workbook(root: Any, where: str, found: Extracted) -> None:
    for node in root.iter():
        kind = _local(node.tag)
        if kind == "sheet":
            found.texts.append((where, str(node.get("name"))))
            if node.get("state") in ("hidden", "veryHidden"):
                found.dangers.append(f"{where}: a hidden sheet")
        elif kind == "definedName" and not str(node.get("name")).startswith("_xlnm."):
            found.dangers.append(f"{where}: a defined name")


def _read_sheet(root: Any, place: str, found: Extracted, sheet: Sheet) -> None:
    for node in root.iter():
        if _local(node.tag) == "hyperlink":
            found.dangers.append(f"{place}: a link")
        if _local(node.tag) != "c":
            continue
        parts = {_local(part.tag): part for part in node}
        cell = f"{place}!{node.get('r')}"
        if "f" in parts:
            found.dangers.append(f"{cell}: a formula")
        if "is" in parts:
            text = "".join(part.text or "" for part in parts["is"].iter() if _local(part.tag) == "t")
            found.texts.append((cell, text))
        elif "v" in parts and node.get("t") not in ("s", "b", "e"):
            text = parts["v"].text or ""
            if node.get("t") == "str":
                found.texts.append((cell, text))
            else:
                found.numbers.append((cell, float(text)))
                sheet.numbers[_position(str(node.get("r")))] = float(text)
        if len(node):
            sheet.last = max(sheet.last, _position(str(node.get("r")))[0])


def _position(name: str) -> tuple[int, int]:
    """Give row and column (from 0) of a cell such as ``C7``."""
    letters = name.rstrip("0123456789")
    column = functools.reduce(lambda told, letter: 26 * told + ord(letter) - 64, letters, 0)
    return int(name[len(letters) :]), column - 1


def _read_drawing(root: Any, place: str, found: Extracted) -> None:
    """Read texts and cached values of a slide, drawing or chart."""
    for node in root.iter():
        kind = _local(node.tag)
        if kind == "t" and node.text:
            found.texts.append((place, node.text))
        elif kind in ("numCache", "numLit"):
            values = [part.text for part in node.iter() if _local(part.tag) == "v" and part.text]
            found.arrays.append((place, tuple(float(value) for value in values)))
        elif kind == "strCache":
            found.texts.extend(
                (place, part.text) for part in node.iter() if _local(part.tag) == "v" and part.text
            )
        elif kind in ("cNvPr", "docPr") and node.get("descr"):
            found.texts.append((place, str(node.get("descr"))))


def _read_slides(content: bytes, where: str, found: Extracted) -> None:
    for name, body in _members(content):
        place = f"{where}|{Path(name).stem}"
        if name.endswith((".xlsx", ".xlsm")):
            _read_workbook(body, place, found)
        elif re.search(r"vbaProject|/comments/|oleObject|activeX", name):
            found.dangers.append(f"{place}: {Path(name).name}")
        elif name.endswith(".rels"):
            for node in ElementTree.fromstring(body).iter():
                if node.get("TargetMode") == "External":
                    found.dangers.append(f"{place}: an address outside the file")
        elif name.endswith(".xml") and name.startswith("ppt/notesSlides/"):
            texts = [node.text for node in ElementTree.fromstring(body).iter() if _local(node.tag) == "t"]
            if any(text and not text.strip().isdigit() for text in texts):
                found.dangers.append(f"{place}: notes")
        elif name.endswith(".xml") and re.match(r"ppt/(slides|charts|diagrams)/|docProps/", name):
            _read_drawing(ElementTree.fromstring(body), place, found)


def _read_pdf(content: bytes, where: str, found: Extracted) -> None:
    try:
        from pypdf import PdfReader
    except ImportError:
        # Without the reader the text of a PDF cannot be traced; it is made from the audited page.
        return
    reader = PdfReader(io.BytesIO(content))
    if reader.attachments:
        found.dangers.append(f"{where}: attachments")
    if b"/JavaScript" in content or b"/Launch" in content:
        found.dangers.append(f"{where}: a script")
    for number, page in enumerate(reader.pages, start=1):
        found.texts.append((f"{where} page {number}", page.extract_text()))
