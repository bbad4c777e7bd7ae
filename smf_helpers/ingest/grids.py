"""A table as it stands in a file: columns of text, each distinct text kept once.

Every reader works on the distinct texts of a column (`levels`), never cell by cell, which is what makes reading
fast: a column of answers has a handful of them, whatever the number of respondents.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np

from smf_helpers.ingest.cells import Cells

_FIRST: Final = 48
"""Rows that every format may look at, made once."""


class Column:
    """A column of texts: ``levels[codes]``; a blank cell is the empty text.

    Cells of a large file stay as they came (`cells`); codes and levels are made when somebody asks for them.
    """

    __slots__ = ("_codes", "_levels", "cells")

    def __init__(
        self, codes: np.ndarray | None, levels: list[str] | None, cells: Cells | None = None
    ) -> None:
        self._codes, self._levels, self.cells = codes, levels, cells

    @classmethod
    def of(cls, values: Iterable[str]) -> "Column":
        """Encode texts in the order given."""
        texts = values if isinstance(values, list | tuple) else list(values)
        place = {text: index for index, text in enumerate(dict.fromkeys(texts))}
        return cls(np.fromiter(map(place.__getitem__, texts), dtype=np.int32, count=len(texts)), list(place))

    def _encode(self) -> None:
        if self._codes is None and self.cells is not None:
            self._codes, self._levels = self.cells.encoded()

    @property
    def codes(self) -> np.ndarray:
        """For each row the place of its text among the levels."""
        self._encode()
        assert self._codes is not None
        return self._codes

    @property
    def levels(self) -> list[str]:
        """The distinct texts, in the order in which they first stand."""
        self._encode()
        assert self._levels is not None
        return self._levels

    def __len__(self) -> int:
        return len(self.codes if self.cells is None else self.cells)

    def at(self, row: int) -> str:
        """Give the text of one row."""
        return self.levels[self.codes[row]] if self.cells is None else self.cells.text(row)

    def first(self, count: int) -> list[str]:
        """Give the texts of the first rows."""
        if self.cells is not None:
            return self.cells.first(count)
        return [self.levels[code] for code in self.codes[:count].tolist()]

    def like(self, row: int) -> np.ndarray:
        """Say which rows hold the same text as one of them."""
        return self.codes == self.codes[row] if self.cells is None else self.cells.like(row)

    def all_differ(self) -> bool:
        """Say whether it is plain that no two rows hold the same text."""
        if self.cells is not None and self._codes is None:
            return self.cells.all_differ()
        return len(self.levels) == len(self)

    @property
    def values(self) -> np.ndarray:
        """The texts, one a row, as an array of objects."""
        return self.map(lambda text: text, dtype=object)

    def map(self, say: Callable[[str], Any], *, dtype: Any = object) -> np.ndarray:
        """Apply `say` to each distinct text and give its result for every row."""
        table = np.empty(len(self.levels) or 1, dtype=dtype)
        for index, level in enumerate(self.levels):
            table[index] = say(level)
        return table[self.codes]

    def renamed(self, say: Callable[[str], str]) -> "Column":
        """Write each distinct text in another way; the column itself where none changes."""
        levels = [say(level) for level in self.levels]
        return self if levels == self.levels else Column(self.codes, levels)

    def take(self, rows: np.ndarray | slice) -> "Column":
        """Keep some rows, and of the texts those that still occur."""
        if self.cells is not None:
            return Column(None, None, self.cells.take(rows))
        codes = self.codes[rows]
        if isinstance(rows, slice) and (shorter := self._below(rows)) is not None:
            return shorter
        counts = np.bincount(codes, minlength=len(self.levels))
        if counts.all():
            return Column(codes, self.levels)
        kept = np.flatnonzero(counts)
        place = np.cumsum(counts > 0, dtype=np.int32) - 1
        return Column(place[codes].astype(np.int32), [self.levels[i] for i in kept])

    def _below(self, rows: slice) -> "Column | None":
        """Leave out rows above a table whose texts do not stand in it: its header."""
        if rows.stop is not None or rows.step is not None or not 0 < (rows.start or 0) < len(self.codes):
            return None
        above, below = self.codes[: rows.start], self.codes[rows.start :]
        first = int(above.max()) + 1
        if first > len(above) or int(below.min()) < first:
            return None
        return Column(below - np.int32(first), self.levels[first:])

    def blank(self) -> np.ndarray:
        """Say which cells hold nothing but blanks."""
        if self.cells is not None:
            return self.cells.blank()
        return self.map(lambda text: not text.strip(), dtype=bool)

    def says(self) -> bool:
        """Say whether any cell holds more than blanks."""
        return not self.blank().all()

    def used(self) -> list[str]:
        """Give the distinct texts that occur, blanks left out, in order of first level."""
        counts = np.bincount(self.codes, minlength=len(self.levels))
        return [level for level, n in zip(self.levels, counts, strict=False) if n and level.strip()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A table of a file with nothing decided about it yet, header rows included.

    Attributes
    ----------
    place : ``file`` or ``file|sheet``, for messages.
    columns : one for each position.
    encoding, separator : how it was read.
    first_row : number of the first row in the file, from 1.
    widths, lines : cells of each row and the line it starts at, where the diagnosing engine read it.
    notes : what a user should know.
    """

    place: str
    columns: list[Column]
    encoding: str = ""
    separator: str = ""
    first_row: int = 1
    widths: np.ndarray | None = None
    lines: np.ndarray | None = None
    notes: tuple[str, ...] = field(default=())
    _first: list[list[str]] = field(default_factory=list, init=False, repr=False, compare=False)

    @property
    def n_rows(self) -> int:
        """Rows, header rows included."""
        return len(self.columns[0]) if self.columns else 0

    def row(self, index: int) -> list[str]:
        """Give the cells of one row."""
        if not 0 <= index < _FIRST:
            return [column.at(index) for column in self.columns]
        if not self._first:
            firsts = [column.first(_FIRST) for column in self.columns]
            self._first.extend(list(row) for row in zip(*firsts, strict=True))
        return self._first[index]

    def head(self, count: int = 12) -> list[list[str]]:
        """Give the first rows."""
        return [self.row(index) for index in range(min(count, self.n_rows))]

    def below(self, header: int) -> "Grid":
        """Give the rows under the row number `header`."""
        return self.part(slice(header + 1, None), first_row=self.first_row + header + 1)

    def part(self, rows: np.ndarray | slice, *, first_row: int | None = None) -> "Grid":
        """Keep some rows."""
        if isinstance(rows, np.ndarray) and rows.dtype != bool and len(rows) == self.n_rows:
            return self
        return replace(
            self,
            columns=[column.take(rows) for column in self.columns],
            widths=None if self.widths is None else self.widths[rows],
            lines=self.line_numbers()[rows],
            first_row=self.first_row if first_row is None else first_row,
        )

    def line_numbers(self) -> np.ndarray:
        """Give the line (or row of the sheet) of every row."""
        return np.arange(self.n_rows) + self.first_row if self.lines is None else self.lines

    def filled(self) -> np.ndarray:
        """Say which rows hold anything."""
        empty = np.ones(self.n_rows, dtype=bool)
        for column in self.columns:
            if not empty.any():
                break
            empty &= column.blank()
        return ~empty


def columns_of(rows: Sequence[Sequence[str]]) -> list[Column]:
    """Turn rows of text into columns; short rows are filled with blanks."""
    width = max((len(row) for row in rows), default=0)
    if all(len(row) == width for row in rows):
        return [Column.of(values) for values in zip(*rows, strict=True)]
    return [Column.of([row[i] if i < len(row) else "" for row in rows]) for i in range(width)]
