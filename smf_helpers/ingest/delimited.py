"""Text → grid: separator, quotes, ragged rows. A fast engine for large files, a diagnosing one for all.

Both engines give the same grid; the fast one (Arrow's CSV parser, where it is installed) hands over to the
diagnosing one as soon as a row is not as it should be.
"""

import csv
import io
import re
import sys
from collections import Counter
from dataclasses import replace
from typing import Final

import numpy as np

from smf_helpers.errors import Fault, InputError
from smf_helpers.ingest.cells import Cells
from smf_helpers.ingest.decoding import Decoded
from smf_helpers.ingest.grids import Column, Grid, columns_of
from smf_helpers.ingest.limits import MAX_COLUMNS

SEPARATORS: Final = (",", ";", "\t", "|")
LARGE: Final = 20_000
"""Bytes from which on the fast engine is worth its start."""
_LINE: Final = 1_000_000
"""Bytes in which the first line ends."""
_PIECE: Final = 1 << 16
_NEWLINE, _RETURN = 10, 13
_BLOCK: Final = 1 << 20
"""Bytes that the fast engine takes at once: what the processor's cache holds."""
_SAMPLE: Final = 250_000
"""Bytes that show the separator."""
_LOOK: Final = 60
_SHOWN: Final = 5
_NUMBERS: Final = re.compile(r"[\d.+-]+(?: [\d.+-]+)+\Z")

csv.field_size_limit(min(sys.maxsize, 2**31 - 1))


def read_delimited(decoded: Decoded, where: str, *, separator: str | None = None) -> Grid:
    """Read a delimited text into a grid.

    Raises
    ------
    InputError
        S002 no table, S006 unclosed quote, S007 ragged rows, S008 ambiguous separator, S009 too many columns.
    """
    notes = list(decoded.notes)
    body, first_row = decoded, 1
    if decoded.utf8[:4].lower() == b"sep=" and (head := decoded.head(_LINE)):
        separator = separator or head[4:5] or None
        rest = decoded.utf8.partition(b"\n")[2]
        body, first_row = replace(decoded, utf8=rest), 2
    longest = body.head(4 * MAX_COLUMNS + 1_000_000).split("\n", 1)[0]
    if max(longest.count(mark) for mark in SEPARATORS) > MAX_COLUMNS:
        what = f"The first line has more than {MAX_COLUMNS:,} columns."
        raise InputError(Fault(code="S009", where=where, what=what, remedy="Export fewer columns."))
    mark = separator or find_separator(body.head(_SAMPLE), where)
    widths = lines = None
    if len(body.utf8) > LARGE and (found := _fast(body.utf8, mark)) is not None:
        columns, lines = found
    else:
        rows, starts = _rows(body.text, mark, where)
        rows, unwrapped = _unwrap(rows, mark)
        if unwrapped:
            notes.append("every line was wrapped in quotes once more; unwrapped")
        columns = columns_of(rows)
        widths = np.fromiter(map(len, rows), dtype=np.int32)
        lines = np.array(starts, dtype=np.int64)
    if lines is not None and first_row > 1:
        lines = lines + first_row - 1
    grid = Grid(
        place=where,
        columns=columns,
        encoding=decoded.encoding,
        separator={"\t": "tab", " ": "blank"}.get(mark, mark),
        first_row=first_row,
        widths=widths,
        lines=lines,
        notes=tuple(notes),
    )
    return _unglued(grid)


def _unglued(grid: Grid) -> Grid:
    """Leave out a header that stands again further down: two files were put under each other."""
    header = grid.row(0)
    if len(header) < 2 or not all(cell.strip() and not cell.strip()[0].isdigit() for cell in header):
        return grid
    again = np.ones(grid.n_rows, dtype=bool)
    again[0] = False
    for column in grid.columns:
        again &= column.like(0)
        if not again.any():
            return grid
    lines = grid.line_numbers()[again]
    note = f"the header stands again at line {lines[0]}: two files glued together? It was left out"
    return replace(grid.part(~again), notes=(*grid.notes, note), lines=grid.line_numbers()[~again])


def find_separator(text: str, where: str) -> str:
    """Give the separator under which the first rows have the same number of cells, most of them.

    Raises
    ------
    InputError
        S008 when two separators do equally well.
    """
    sample = text[:200_000]
    if len(text) > len(sample):
        sample = sample[: sample.rfind("\n") + 1] or sample
    scores = {}
    for mark in SEPARATORS:
        if mark not in sample:
            continue
        widths: Counter[int] = Counter()
        try:
            for number, row in enumerate(csv.reader(io.StringIO(sample, newline=""), delimiter=mark)):
                if any(row):
                    widths[len(row)] += 1
                if number > _LOOK:
                    break
        except csv.Error:
            continue
        if not widths:
            continue
        # The widest shape that repeats: preambles and titles are narrow, tables are wide.
        total = sum(widths.values())
        best = max(widths, key=lambda width: (width > 1) * widths[width] * min(width, 8))
        scores[mark] = (round((best > 1) * widths[best] / total, 2), min(best, 8))
    ranked = sorted(scores, key=lambda mark: scores[mark], reverse=True)
    if not ranked or scores[ranked[0]][1] < 2 or scores[ranked[0]][0] == 0:
        return " " if _spaced(sample) else ","
    if len(ranked) > 1 and scores[ranked[0]] == scores[ranked[1]]:
        header = sample.split("\n", 1)[0]
        counts = sorted(((header.count(mark), mark) for mark in ranked[:2]), reverse=True)
        if counts[0][0] == counts[1][0]:
            what = "The separator is ambiguous: " + " and ".join(f"'{mark}'" for mark in ranked[:2])
            raise InputError(
                Fault(code="S008", where=where, what=what + " fit equally well.", remedy="Set `separator:`.")
            )
        return counts[0][1]
    return ranked[0]


def _spaced(sample: str) -> bool:
    """Say whether every line holds the same number of bare numbers with one blank between them."""
    lines = [line for line in sample.splitlines()[:_LOOK] if line.strip()]
    widths = {len(line.split(" ")) for line in lines}
    return len(widths) == 1 and widths.pop() > 1 and all(_NUMBERS.match(line) for line in lines)


def _fast(raw: bytes, mark: str) -> tuple[list[Column], np.ndarray | None] | None:
    """Parse UTF-8 with Arrow: the columns, and the line of each row where a row is not a line; None to hand over."""
    try:
        import pyarrow as pa
        import pyarrow.csv as arrow_csv
    except ImportError:
        return None
    newlines, lonely = _ends(raw)
    if lonely:
        return None
    head = raw[:_LINE].decode("utf-8", errors="ignore")
    names = [
        f"f{index}" for index in range(len(next(csv.reader(io.StringIO(head, newline=""), delimiter=mark))))
    ]
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(raw),
            read_options=arrow_csv.ReadOptions(column_names=names, block_size=_BLOCK, use_threads=False),
            parse_options=arrow_csv.ParseOptions(
                delimiter=mark, newlines_in_values=True, ignore_empty_lines=False
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.large_string()),
                strings_can_be_null=False,
                check_utf8=False,
            ),
        )
    except pa.ArrowInvalid:
        return None
    if len(names) < 2 or not table.num_rows:
        return None
    cells = [Cells(column) for column in table.columns]
    # A quote that never closes swallows the rest of the file into one cell: let the other engine name its line.
    last = cells[-1].text(table.num_rows - 1)
    if "\n" in last:
        return None
    inside = newlines + (not raw.endswith(b"\n")) - table.num_rows
    lines = _lines(cells, inside) if inside else None
    if inside and lines is None:
        return None
    rows = table.num_rows - _empty_lines(raw)
    if rows < 1:
        return None
    columns = [Column(None, None, column.take(slice(0, rows))) for column in cells]
    return columns, None if lines is None else lines[:rows]


def _ends(raw: bytes) -> tuple[int, bool]:
    """Count the new lines, and say whether a return stands without one; piece by piece, as the processor's cache holds them."""
    content, returns = np.frombuffer(raw, dtype=np.uint8), b"\r" in raw
    newlines, lonely = 0, raw.endswith(b"\r")
    for start in range(0, len(content), _PIECE):
        piece = content[start : start + _PIECE + 1]
        ends = piece == _NEWLINE
        newlines += int(np.count_nonzero(ends[:_PIECE]))
        lonely = lonely or (returns and bool(((piece[:-1] == _RETURN) > ends[1:]).any()))
    return newlines, lonely


def _empty_lines(raw: bytes) -> int:
    """Count the lines at the end that hold nothing."""
    end = len(raw)
    while end and raw[end - 1] in (_NEWLINE, _RETURN):
        end -= 1
    return max(raw[end:].count(b"\n") - 1, 0)


def _lines(cells: list[Cells], inside: int) -> np.ndarray | None:
    """Give the line at which each row starts, where cells hold `inside` new lines in all; None where they do not."""
    within = np.zeros(len(cells[0]), dtype=np.int64)
    for column in cells:
        if inside <= 0:
            break
        if (found := column.count(_NEWLINE)) is not None:
            within += found
            inside -= int(found.sum())
    starts = np.arange(1, len(within) + 1)
    starts[1:] += np.cumsum(within)[:-1]
    return starts if inside == 0 else None


def _rows(text: str, mark: str, where: str) -> tuple[list[list[str]], list[int]]:
    lenient = csv.reader(io.StringIO(text, newline=""), delimiter=mark)
    rows: list[list[str]] = []
    starts: list[int] = []
    begin = 1
    for row in lenient:
        rows.append(row)
        starts.append(begin)
        begin = lenient.line_num + 1
    last = rows[-1][-1] if rows and rows[-1] else ""
    if "\n" in last and _unclosed(text, mark):
        line = starts[-1]
        what = "A quote is opened and never closed."
        raise InputError(Fault(code="S006", where=f"{where}:{line}", what=what, remedy="Close or remove it."))
    while rows and not any(cell.strip() for cell in rows[-1]):
        rows.pop()
        starts.pop()
    if not rows:
        raise InputError(
            Fault(code="S001", where=where, what="The file is empty.", remedy="Export it again.")
        )
    if max(map(len, rows)) > MAX_COLUMNS:
        what = f"A line has more than {MAX_COLUMNS:,} columns."
        raise InputError(Fault(code="S009", where=where, what=what, remedy="Export fewer columns."))
    return rows, starts


def _unclosed(text: str, mark: str) -> bool:
    try:
        for _ in csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True):
            pass
    except csv.Error as problem:
        return "unexpected end" in str(problem)
    return False


def _unwrap(rows: list[list[str]], mark: str) -> tuple[list[list[str]], bool]:
    """Undo a spreadsheet round trip that quoted every line as a whole."""
    lone = [row for row in rows if len([cell for cell in row if cell]) == 1 and mark in row[0]]
    if len(rows) < 2 or len(lone) < len(rows):
        return rows, False
    return [next(csv.reader([row[0]], delimiter=mark)) for row in rows], True


def check_ragged(grid: Grid, header: int) -> None:
    """Refuse rows under the row number `header` whose number of cells is not that of the header.

    Blank rows pass; so do rows that only lack trailing blank cells of the header.

    Raises
    ------
    InputError
        S007 with the first lines and the count.
    """
    if grid.widths is None or grid.lines is None:
        return
    width = int(grid.widths[header])
    named = width
    head = grid.row(header)[:width]
    while named > 1 and not head[named - 1].strip():
        named -= 1
    below = grid.widths[header + 1 :]
    bad = np.flatnonzero((below != width) & (below > 1) & ((below < named) | (below > width)))
    bad = np.array(
        [row for row in bad if any(cell.strip() for cell in _surplus(grid, header + 1 + int(row), named))]
    )
    if len(bad):
        lines = grid.lines[header + 1 :][bad]
        shown = ", ".join(str(line) for line in lines[:_SHOWN])
        what = f"{len(bad)} rows do not have the {width} cells of the header (lines {shown})."
        where = f"{grid.place}:{lines[0]}"
        raise InputError(
            Fault(code="S007", where=where, what=what, remedy="Mend these lines, or export again.")
        )


def _surplus(grid: Grid, row: int, named: int) -> list[str]:
    """Give what makes a row ragged: the cells beyond the header, or the whole row when it is short."""
    cells = grid.row(row)
    widths = grid.widths
    return cells[named:] if widths is not None and widths[row] > named else cells
