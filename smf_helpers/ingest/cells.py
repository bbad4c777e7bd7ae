"""Cells of a column as they came: they stay in Arrow's memory until somebody asks for their distinct texts.

Ids, links and comments of a large file go from the file into the frame without becoming Python's texts on the way, and a
column that nobody asks for costs nothing more than its place.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Self

import numpy as np

_EDGE: Final = np.zeros(256, dtype=bool)
_EDGE[[*range(33), *range(127, 256)]] = True
"""Bytes that a blank, or a mark that looks like one, may begin or end with."""
_SHORT: Final = 2
_SHORT_TEXTS: Final = 3 << 16
_KEPT: Final = np.array([0, 0xFF, 0xFFFF], dtype="<u2")
_MANY: Final = 10_000
"""Cells from which on that is cheaper."""
_SEEN: Final = 2000
"""Cells that mostly hold every text of a column that repeats."""
_DIGITS: Final = 15
"""Digits that a float keeps."""
_LONGEST: Final = 40
_LOOK: Final = 200
_ZERO, _POINT = np.uint8(ord("0")), ord(".")


@dataclass(frozen=True)
class Cells:
    """The cells of a column in Arrow's memory as large strings, none missing; in pieces until one looks at them."""

    held: Any

    def __len__(self) -> int:
        return len(self.held)

    @cached_property
    def array(self) -> Any:
        """The cells as one array."""
        return self.held.combine_chunks() if hasattr(self.held, "chunks") else self.held

    @cached_property
    def _parts(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Where each cell starts, how long it is, and the bytes of all."""
        _, offsets, content = self.array.buffers()
        places = np.frombuffer(offsets, dtype=np.int64)[self.array.offset :][: len(self) + 1]
        raw = (
            np.frombuffer(content, dtype=np.uint8)
            if content is not None and content.size
            else _EDGE[:1].view(np.uint8)
        )
        return places[:-1], np.diff(places), raw

    def take(self, rows: np.ndarray | slice) -> Self:
        """Keep some rows."""
        if isinstance(rows, slice) and rows.step is None:
            start, stop, _ = rows.indices(len(self))
            return type(self)(self.held.slice(start, max(stop - start, 0)))
        return type(self)(self.array.take(np.arange(len(self))[rows]))

    def text(self, row: int) -> str:
        """Give the text of one cell."""
        return str(self.held[row].as_py())

    def first(self, count: int) -> list[str]:
        """Give the texts of the first cells."""
        texts: list[str] = self.held.slice(0, count).to_pylist()
        return texts

    def like(self, row: int) -> np.ndarray:
        """Say which cells are equal to one of them."""
        import pyarrow.compute as pc

        return np.asarray(pc.equal(self.array, self.array[row]).to_numpy(zero_copy_only=False))

    def _edge(self, at: np.ndarray) -> np.ndarray:
        _, lengths, raw = self._parts
        return _EDGE[raw[np.clip(at, 0, len(raw) - 1)]] & (lengths > 0)

    def blank(self) -> np.ndarray:
        """Say which cells hold nothing but blanks."""
        starts, lengths, _ = self._parts
        empty = lengths == 0
        for row in np.flatnonzero(self._edge(starts)):
            empty[row] = not self.text(int(row)).strip()
        return empty

    def trimmed(self) -> bool:
        """Say whether it is plain that no cell begins or ends with a blank."""
        starts, lengths, _ = self._parts
        return not (self._edge(starts) | self._edge(starts + lengths - 1)).any()

    def second_in(self, marks: bytes) -> bool:
        """Say whether the second byte of any cell is one of these."""
        starts, lengths, raw = self._parts
        second = raw[np.minimum(starts + 1, len(raw) - 1)]
        return any(((second == mark) & (lengths > 1)).any() for mark in marks)

    def plain(self) -> bool:
        """Say whether it is plain that the cells are tidy ids: not blank, no blanks or odd marks, no decimals."""
        starts, lengths, raw = self._parts
        if not len(self) or not lengths.min():
            return False
        content = raw[starts[0] : starts[-1] + lengths[-1]]
        return not _EDGE[content].any() and b".0" not in content.tobytes()

    def all_differ(self) -> bool:
        """Say whether no two cells are equal; ids mostly stand in order, which is seen at once."""
        import pyarrow.compute as pc

        if len(self) > 1:
            _, lengths, _ = self._parts
            step = np.diff(lengths)
            less = pc.less(self.array.slice(0, len(self) - 1), self.array.slice(1)).to_numpy(
                zero_copy_only=False
            )
            same = step == 0
            if (np.where(same, less, step > 0)).all():
                return True
        return int(pc.count_distinct(self.array).as_py()) == len(self)

    def encoded(self) -> tuple[np.ndarray, list[str]]:
        """Give codes and distinct texts, in the order in which they first stand."""
        if (keys := self._short()) is not None:
            known, first = np.unique(keys[:_SEEN], return_index=True)
            known = known[np.argsort(first)]
            place = np.full(_SHORT_TEXTS, -1, dtype=np.int32)
            place[known] = np.arange(len(known))
            codes = place[keys]
            if codes.min() >= 0:
                return codes, [self.text(row) for row in np.sort(first).tolist()]
        found = self.array.dictionary_encode()
        return np.asarray(found.indices, dtype=np.int32), found.dictionary.to_pylist()

    def _short(self) -> np.ndarray | None:
        """Give cells of at most two bytes as numbers, one for each text: such columns need no hashing."""
        if len(self) < _MANY:
            return None
        starts, lengths, raw = self._parts
        if lengths.max() > _SHORT:
            return None
        padded = np.append(raw, np.zeros(2, dtype=np.uint8))
        pairs = np.ndarray(len(raw) + 1, dtype="<u2", buffer=padded, strides=(1,))
        return (pairs[starts] & _KEPT[lengths]) + (lengths << 16)

    def numbers(self) -> np.ndarray | None:
        """Give the cells as numbers, NaN where empty; None unless all are digits with at most one point inside."""
        import pyarrow as pa

        starts, lengths, raw = self._parts
        if not len(self) or lengths.max() > _DIGITS:
            return None
        content = raw[starts[0] : starts[-1] + lengths[-1]]
        points = content == _POINT
        whole = not points.any()
        if not (points | (content - _ZERO < 10)).all():
            return None
        held = lengths > 0
        if not whole and (raw[np.where(held, starts, 0)][held] == _POINT).any():
            return None
        if not whole and (raw[np.where(held, starts + lengths - 1, 0)][held] == _POINT).any():
            return None
        _, offsets, data = self.array.buffers()
        known = pa.py_buffer(np.packbits(held, bitorder="little"))
        ends = pa.py_buffer(np.frombuffer(offsets, dtype=np.int64)[self.array.offset :][: len(self) + 1])
        texts = pa.Array.from_buffers(pa.large_string(), len(self), [known, ends, data])
        try:
            found = texts.cast(pa.int64() if whole else pa.float64()).to_numpy(zero_copy_only=False)
        except pa.ArrowInvalid:
            return None
        return np.asarray(found, dtype=np.float64)

    def alike(self) -> list[tuple[np.ndarray, np.ndarray]] | None:
        """Give (rows, bytes of each) for cells of one length that differ in their digits only; None where others stand.

        Empty cells are left out; only columns that hardly repeat are looked at, and only plain texts.
        """
        starts, lengths, raw = self._parts
        sample = self.array.slice(0, _LOOK)
        if not len(self) or lengths.max() > _LONGEST or len(set(sample.to_pylist())) < 0.5 * len(sample):
            return None
        found = []
        for length in np.flatnonzero(np.bincount(lengths)).tolist():
            if not length:
                continue
            rows = np.flatnonzero(lengths == length)
            marks = np.lib.stride_tricks.sliding_window_view(raw, length)[starts[rows]]
            digits = marks - _ZERO < 10
            fixed = ~digits[0]
            if (
                (digits != digits[0]).any()
                or (marks[:, fixed] != marks[0, fixed]).any()
                or (marks[0] > 127).any()
            ):
                return None
            found.append((rows, marks))
        return sorted(found, key=lambda group: int(group[0][0]))

    def count(self, byte: int) -> np.ndarray | None:
        """Count a byte in each cell; None where no cell holds it."""
        starts, lengths, raw = self._parts
        found = np.flatnonzero(raw[starts[0] : starts[-1] + lengths[-1]] == byte) + starts[0]
        if not len(found):
            return None
        return np.bincount(np.searchsorted(starts, found, side="right") - 1, minlength=len(self))

    def texts(self, *, blank_is_missing: bool = False) -> Any:
        """Give the Arrow array, with blank cells missing when asked."""
        if not blank_is_missing:
            return self.held
        blank = self.blank()
        if not blank.any():
            return self.array
        import pyarrow as pa
        import pyarrow.compute as pc

        return pc.if_else(pa.array(blank), pa.scalar(None, pa.large_string()), self.array)
