"""A file, folder or zip as the user has it → a `Source` that readers look at: grids, members, bytes."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any, Final

from smf_helpers.errors import Fault, InputError
from smf_helpers.ingest.archives import read_archive
from smf_helpers.ingest.catalogue import ItemCatalogue
from smf_helpers.ingest.decoding import decode
from smf_helpers.ingest.delimited import read_delimited
from smf_helpers.ingest.grids import Grid
from smf_helpers.ingest.limits import MAX_BYTES, MAX_DEPTH
from smf_helpers.ingest.spreadsheet_xml import is_spreadsheet_xml, read_spreadsheet_xml
from smf_helpers.ingest.workbooks import OLE, read_workbook

_REFUSED: Final[tuple[tuple[bytes, str], ...]] = (
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"%PDF", "a PDF"),
    (b"\x80\x02", "a pickle"),
    (b"\x80\x03", "a pickle"),
    (b"\x80\x04", "a pickle"),
    (b"\x80\x05", "a pickle"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"RDX2\n", "an R data file"),
    (b"RDX3\n", "an R data file"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"SQLite format 3", "an SQLite database"),
)
_SURROGATE: Final = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F]"
)
"""Half of a pair that stands for one character: text that no file can be written with."""
_CONTROL: Final = bytes([*range(9), *range(14, 32)])
_WORKBOOK_PARTS: Final = ("xl/workbook.xml", "xl/workbook.bin", "content.xml")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """What the user says about a source; everything else is told from the bytes.

    Attributes
    ----------
    mapping : column → canonical field, or ``{table, columns, …}``, for tables of no known format.
    encoding, separator, date_format, timezone, sheet : where it cannot be told from the file.
    wave, wave_column, channel, platform : what the file holds.
    missing_codes : numbers that mean no answer.
    not_comparable : items of this wave that must not be compared with other waves.
    catalogue : items that columns are matched with.
    """

    mapping: Mapping[str, Any] | None = None
    encoding: str | None = None
    separator: str | None = None
    date_format: str | None = None
    timezone: str | None = None
    sheet: str | None = None
    wave: str | None = None
    wave_column: str | None = None
    channel: str | None = None
    platform: str | None = None
    missing_codes: tuple[float, ...] = ()
    not_comparable: tuple[str, ...] = ()
    catalogue: ItemCatalogue = field(default_factory=ItemCatalogue.ready_made)


@dataclass(kw_only=True)
class Source:
    """One export: a single file with its bytes, or a bundle of members.

    Attributes
    ----------
    name : label of the file, for messages and the log.
    raw : bytes of a single file; empty for a bundle.
    members : name → bytes of a bundle (zip or folder); empty for a single file.
    """

    name: str
    options: ReadOptions
    raw: bytes = b""
    members: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def bundle(self) -> bool:
        """Whether this is a zip or folder."""
        return bool(self.members)

    @cached_property
    def digest(self) -> str:
        """Digest of the bytes."""
        whole = hashlib.sha256(self.raw)
        for name in sorted(self.members):
            whole.update(name.encode() + b"\0" + self.members[name])
        return whole.hexdigest()

    @cached_property
    def grids(self) -> list[Grid]:
        """The tables of a single file.

        Raises
        ------
        InputError
            When the bytes are no table, or cannot be read truthfully.
        """
        return [] if self.bundle or self.is_json or self.is_sav else self._read_grids()

    @property
    def is_sav(self) -> bool:
        """Whether the bytes are an SPSS file."""
        return self.raw[:4] in (b"$FL2", b"$FL3")

    @cached_property
    def is_json(self) -> bool:
        """Whether the bytes look like JSON or JSON lines."""
        head = self.raw[:200].lstrip(b"\xef\xbb\xbf \r\n\t")
        return not self.bundle and head[:1] in (b"{", b"[")

    def parsed(self, member: str | None = None) -> Any:
        """Parse a JSON member, or the file itself.

        Raises
        ------
        InputError
            Z004 when it is cut, too deep, or holds numbers that JSON does not know.
        """
        raw = self.members[member] if member else self.raw
        return parse_json(raw, f"{self.name}|{member}" if member else self.name)

    def _read_grids(self) -> list[Grid]:
        raw, options = self.raw, self.options
        kind = next((what for mark, what in _REFUSED if raw.startswith(mark)), None)
        if kind is None and raw[:4] == b"PAR1":
            kind = None
            return [_parquet(raw, self.name)]
        if kind is not None:
            what = f"The file is not a table (looks like {kind})."
            raise InputError(
                Fault(code="S002", where=self.name, what=what, remedy="Export it as CSV or .xlsx.")
            )
        if raw.startswith((b"PK\x03\x04", OLE)):
            return _tables(read_workbook(raw, self.name, sheet=options.sheet))
        if is_spreadsheet_xml(raw):
            return read_spreadsheet_xml(raw, self.name)
        _check_text(raw, self.name)
        decoded = decode(raw, self.name, encoding=options.encoding)
        return [read_delimited(decoded, self.name, separator=options.separator)]


def _tables(grids: list[Grid]) -> list[Grid]:
    """Leave cover sheets out: a table has two columns at least."""
    tables = [grid for grid in grids if len(grid.columns) > 1]
    return tables or grids


def _check_text(raw: bytes, where: str) -> None:
    head = raw[:1000].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if head.startswith((b"<!doctype html", b"<html", b"<?xml", b"<!doctype")):
        unsafe = b"<!entity" in raw[:20_000].lower()
        code, what = (
            ("X001", "Unsafe XML.") if unsafe else ("S002", "The file is a web page or XML, no table.")
        )
        raise InputError(Fault(code=code, where=where, what=what, remedy="Export it as CSV or .xlsx."))
    control = min(len(raw), 2000) - len(raw[:2000].translate(None, _CONTROL))
    if not raw.startswith((b"\xff\xfe", b"\xfe\xff")) and b"\x00" not in raw[:2000] and control > 20:
        what = "The file is not a text table (looks like binary data)."
        raise InputError(Fault(code="S002", where=where, what=what, remedy="Export it as CSV or .xlsx."))


def _parquet(raw: bytes, where: str) -> Grid:
    import io

    from smf_helpers.ingest.grids import Column

    try:
        import pyarrow as pa
        import pyarrow.parquet as parquet
    except ImportError as problem:
        raise missing_extra(where, "Parquet", "big") from problem
    try:
        table = parquet.read_table(io.BytesIO(raw))
    except (pa.ArrowException, OSError, ValueError) as problem:
        what = "The Parquet file is cut or damaged."
        raise InputError(Fault(code="S010", where=where, what=what, remedy="Export it again.")) from problem
    from smf_helpers.ingest.workbooks import cell_text

    columns = [
        Column.of([name, *map(cell_text, table.column(name).to_pylist())]) for name in table.column_names
    ]
    return Grid(place=where, columns=columns, encoding="parquet")


def missing_extra(where: str, what: str, extra: str) -> InputError:
    """Make the error that names the extra to install."""
    return InputError(
        Fault(
            code="S011",
            where=where,
            what=f"{what} files need a package that is not installed.",
            remedy=f"Install 'smf-workbook[{extra}]'.",
        )
    )


def parse_json(raw: bytes, where: str) -> Any:
    """Parse JSON strictly: no NaN, no giant integers, no half characters, no nesting beyond what exports have.

    Raises
    ------
    InputError
        Z004, naming the member.
    """
    try:
        text = raw.decode("utf-8-sig")
        if _depth(text) > MAX_DEPTH:
            raise ValueError("too deep")
        found = json.loads(text, parse_constant=_no_constant)
        if _SURROGATE.search(text):
            json.dumps(found, ensure_ascii=False).encode()
        return found
    except (ValueError, RecursionError) as problem:
        what = "The JSON is cut, damaged or unreasonably nested."
        raise InputError(Fault(code="Z004", where=where, what=what, remedy="Export it again.")) from problem


def _no_constant(word: str) -> Any:
    raise ValueError(word)


def _depth(text: str) -> int:
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return 0
    depth = deepest = 0
    inside = escaped = False
    for mark in text if len(text) < 5_000_000 else text[:5_000_000]:
        if inside:
            inside = escaped or mark != '"'
            escaped = mark == "\\" and not escaped
        elif mark == '"':
            inside = True
        elif mark in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif mark in "]}":
            depth -= 1
    return deepest


def open_source(path: Path, options: ReadOptions, *, label: str | None = None) -> Source:
    """Open a file, folder or zip.

    Raises
    ------
    InputError
        S000 when there is nothing, S012 when it is too large; the archive's own errors.
    """
    name = label or path.name
    if path.is_dir():
        files = sorted(file for file in path.rglob("*") if file.is_file() and not file.name.startswith("."))
        members = {str(file.relative_to(path).as_posix()): _bytes(file, name) for file in files}
        if not members:
            what = "The folder is empty."
            raise InputError(Fault(code="S001", where=name, what=what, remedy="Put the export there."))
        return Source(name=name, options=options, members=members)
    return source_of(_bytes(path, name), name, options)


def source_of(raw: bytes, name: str, options: ReadOptions) -> Source:
    """Make a source of bytes: a zip that is no workbook becomes a bundle, gzip is unpacked once."""
    if raw.startswith(b"\x1f\x8b"):
        raw = _gunzip(raw, name)
    if raw.startswith(b"PK") and not _is_workbook(raw):
        members = _unwrapped(read_archive(raw, name))
        if not members:
            raise InputError(
                Fault(code="S001", where=name, what="The archive is empty.", remedy="Export it again.")
            )
        return Source(name=name, options=options, members=members)
    return Source(name=name, options=options, raw=raw)


def _bytes(path: Path, name: str) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            what = f"The file is larger than {MAX_BYTES / 1e9:.0f} GB."
            remedy = "Interaction logs of that size are read by `read_log`; export a smaller range."
            raise InputError(Fault(code="S012", where=name, what=what, remedy=remedy))
        return path.read_bytes()
    except FileNotFoundError as problem:
        what = "There is no such file."
        remedy = "Put it there, or correct the path."
        raise InputError(Fault(code="S000", where=name, what=what, remedy=remedy)) from problem
    except OSError as problem:
        what = f"The file cannot be opened ({problem.strerror})."
        raise InputError(
            Fault(code="S000", where=name, what=what, remedy="Check its permissions.")
        ) from problem


def _is_workbook(raw: bytes) -> bool:
    return (any(part.encode() in raw for part in _WORKBOOK_PARTS) and b"[Content_Types].xml" in raw) or (
        b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet" in raw[:200]
    )


def _gunzip(raw: bytes, name: str) -> bytes:
    import zlib

    from smf_helpers.ingest.limits import MAX_RATIO, MAX_UNPACKED

    unpacker = zlib.decompressobj(wbits=31)
    try:
        content = unpacker.decompress(raw, MAX_UNPACKED + 1)
    except zlib.error as problem:
        what = "The gzip file is cut or damaged."
        raise InputError(Fault(code="Z003", where=name, what=what, remedy="Export it again.")) from problem
    if len(content) > MAX_UNPACKED or len(content) > 1_000_000 + MAX_RATIO * len(raw):
        what = "The gzip file would unpack to too much."
        raise InputError(Fault(code="Z002", where=name, what=what, remedy="Export a smaller range."))
    if not unpacker.eof:
        what = "The gzip file is cut or damaged."
        raise InputError(Fault(code="Z003", where=name, what=what, remedy="Export it again."))
    return content


def _unwrapped(members: dict[str, bytes]) -> dict[str, bytes]:
    """Take away a folder that wraps everything."""
    tops = {PurePosixPath(name).parts[0] for name in members}
    nested = all(len(PurePosixPath(name).parts) > 1 for name in members)
    if len(tops) == 1 and nested:
        start = len(next(iter(tops))) + 1
        return {name[start:]: content for name, content in members.items()}
    return members
