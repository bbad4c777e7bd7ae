"""Bytes of a delimited text → cells, all at once: where each begins and ends, and what is equal to what.

Nothing is turned into text until somebody asks for it: a column of answers has a handful of distinct cells, and only
those become Python's texts; a column of ids goes from the bytes of the file into the memory of the frame.
"""

import re
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np

_BLOCK: Final = 1 << 17
"""Bytes looked through at once: what the processor's cache holds."""
_WORD: Final = 8
_MASKS: Final = np.array([(1 << 8 * n) - 1 for n in range(_WORD + 1)], dtype=np.uint64)
_MIX: Final = np.uint64(0x9E3779B97F4A7C15)
_EDGE: Final = np.zeros(256, dtype=bool)
_EDGE[[*range(33), *range(127, 256)]] = True
"""Bytes that a blank, or a mark that looks like one, may begin or end with."""
_WIDE: Final = 256
"""Bytes of a cell from which on cells are compared as Python's texts."""


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of a column: ``raw[starts:starts + lengths]``, without their quotes; doubled quotes still doubled."""

    raw: np.ndarray
    starts: np.ndarray
    lengths: np.ndarray

    def __len__(self) -> int:
        return len(self.starts)

    def take(self, rows: np.ndarray | slice) -> Self:
        """Keep some rows."""
        return type(self)(self.raw, self.starts[rows], self.lengths[rows])

    def text(self, row: int) -> str:
        """Give the text of one cell."""
        start = int(self.starts[row])
        said = self.raw[start : start + int(self.lengths[row])].tobytes().decode("utf-8", "surrogatepass")
        return said.replace('""', '"') if '"' in said else said

    def blank(self) -> np.ndarray:
        """Say which cells hold nothing but blanks."""
        empty = self.lengths == 0
        for row in np.flatnonzero(_EDGE[self.raw[self.starts]] & ~empty):
            empty[row] = not self.text(row).strip()
        return empty

    def trimmed(self) -> bool:
        """Say whether it is plain that no cell begins or ends with a blank."""
        ends = np.maximum(self.starts + self.lengths - 1, self.starts)
        edge = _EDGE[self.raw[self.starts]] | _EDGE[self.raw[ends]]
        return not (edge & (self.lengths > 0)).any()

    def words(self) -> list[np.ndarray]:
        """Give the bytes of every cell as whole numbers, eight bytes each."""
        view = np.ndarray((len(self.raw) - _WORD + 1,), dtype="<u8", buffer=self.raw, strides=(1,))
        longest = int(self.lengths.max(initial=0))
        found = []
        for at in range(0, longest, _WORD):
            here = np.minimum(self.starts + at, len(view) - 1) if at else self.starts
            found.append(view[here] & _MASKS[np.clip(self.lengths - at, 0, _WORD)])
        return found

    def hashes(self, words: list[np.ndarray]) -> np.ndarray:
        """Give a number for each cell; different numbers are different cells."""
        if len(words) == 1 and int(self.lengths.max()) < _WORD:
            return words[0] | self.lengths.astype(np.uint64) << np.uint64(56)
        mixed = self.lengths.astype(np.uint64)
        for word in words:
            mixed = (mixed ^ (mixed >> np.uint64(29))) * _MIX + word
        return mixed

    def all_differ(self) -> bool:
        """Say whether it is plain that no two cells are equal."""
        if not len(self) or int(self.lengths.max()) > _WIDE:
            return False
        import pandas as pd

        return len(pd.unique(self.hashes(self.words()))) == len(self)

    def varied(self) -> bool:
        """Say whether most cells of a sample differ: then to look for equal ones is not worth it."""
        sample = self.take(slice(None, None, max(1, len(self) // 500)))
        return len({sample.text(row) for row in range(len(sample))}) > len(sample) // 2

    def encoded(self) -> tuple[np.ndarray, list[str]]:
        """Give codes and distinct texts, in the order in which they first stand."""
        import pandas as pd

        if not len(self):
            return np.zeros(0, dtype=np.int32), []
        if int(self.lengths.max()) <= _WIDE:
            words = self.words()
            codes, _ = pd.factorize(self.hashes(words) if words else np.zeros(len(self), dtype=np.uint64))
            first = np.empty(int(codes.max()) + 1, dtype=np.intp)
            first[codes[::-1]] = np.arange(len(codes) - 1, -1, -1)
            alike = first[codes]
            same = self.lengths == self.lengths[alike]
            if same.all() and all((word == word[alike]).all() for word in words):
                return codes.astype(np.int32), [self.text(row) for row in first]
        texts = [self.text(row) for row in range(len(self))]
        place = {text: index for index, text in enumerate(dict.fromkeys(texts))}
        return np.fromiter(map(place.__getitem__, texts), dtype=np.int32, count=len(texts)), list(place)

    def matrix(self) -> np.ndarray | None:
        """Give the bytes of the cells, one row each, where all are of one length."""
        longest = int(self.lengths.max(initial=0))
        if not longest or longest > _WIDE or int(self.lengths.min()) != longest:
            return None
        view = np.ndarray((len(self.raw) - longest + 1,), dtype=f"V{longest}", buffer=self.raw, strides=(1,))
        return view[self.starts].view(np.uint8).reshape(-1, longest)

    def bytes(self) -> tuple[np.ndarray, np.ndarray]:
        """Give where each cell ends in the bytes of all of them put behind each other, and these bytes."""
        ends = np.cumsum(self.lengths, dtype=np.int64)
        even = self.matrix()
        if even is not None:
            return ends, even.reshape(-1)
        shift = np.repeat(self.starts - ends + self.lengths, self.lengths)
        return ends, self.raw[shift + np.arange(len(shift))]


def split(raw: bytes, mark: str, width: int) -> tuple[list[Cells], np.ndarray] | None:
    """Cut a text into columns of cells, and give the line at which each row begins.

    None where a row has not `width` cells or a quote stands where it should not: then the diagnosing engine reads it.
    """
    size = len(raw)
    while size and raw[size - 1] in b"\r\n":
        size -= 1
    whole = np.frombuffer(raw[:size] + b"\n" + bytes(_WORD), dtype=np.uint8)
    text = whole[: size + 1]
    quoted = b'"' in raw
    found = []
    for at in range(0, len(text), _BLOCK):
        block = text[at : at + _BLOCK]
        here = (block == ord(mark)) | (block == 10)
        if quoted:
            here |= block == 34
        found.append(np.flatnonzero(here).astype(np.int32) + at)
    places = np.concatenate(found)
    quotes = None
    if quoted:
        kinds = text[places]
        counted = np.cumsum(kinds == 34, dtype=np.int32)
        kept = (kinds != 34) & (counted & 1 == 0)
        newlines = np.cumsum(kinds == 10, dtype=np.int32)[kept]
        if b"\r" in raw and not _returns(text, places, counted):
            return None
        places, quotes = places[kept], np.diff(counted[kept], prepend=0)
    elif b"\r" in raw and not _returns(text, places, None):
        return None
    if len(places) % width or counted_wrongly(text, places, width):
        return None
    ends = np.ascontiguousarray(places.reshape(-1, width).T)
    lines = np.arange(1, ends.shape[1] + 1)
    if quotes is not None:
        lines = np.concatenate(([0], newlines.reshape(-1, width)[:-1, -1])) + 1
        if not _well_quoted(text, places, quotes):
            return None
    columns = []
    for column in range(width):
        stop = ends[column]
        start = ends[column - 1] + 1 if column else np.concatenate(([0], ends[-1][:-1] + 1), dtype=np.int32)
        if column == width - 1:
            stop = stop - ((text[stop - 1] == 13) & (stop > start))
        if quotes is not None:
            held = (text[start] == 34) & (stop > start)
            start, stop = start + held, stop - held
        columns.append(Cells(whole, start, stop - start))
    return columns, lines


def counted_wrongly(text: np.ndarray, places: np.ndarray, width: int) -> bool:
    """Say whether a row ends anywhere but after its last cell."""
    ends = text[places].reshape(-1, width) == 10
    return not ends[:, -1].all() or bool(ends[:, :-1].any())


def _returns(text: np.ndarray, places: np.ndarray, counted: np.ndarray | None) -> bool:
    """Say whether every carriage return stands before a new line or inside quotes."""
    at = np.flatnonzero(text == 13)
    lone = at[text[at + 1] != 10]
    if not len(lone):
        return True
    return counted is not None and bool((counted[np.searchsorted(places, lone)] & 1).all())


def _well_quoted(text: np.ndarray, places: np.ndarray, quotes: np.ndarray) -> bool:
    """Say whether every quote opens or closes a cell, or stands doubled inside of one."""
    held = np.flatnonzero(quotes)
    starts = places[held - 1] + 1
    if len(held) and held[0] == 0:
        starts[0] = 0
    ends = places[held] - 1
    ends = ends - (text[ends] == 13)
    if not ((text[starts] == 34) & (text[ends] == 34) & (ends > starts)).all():
        return False
    inner = held[quotes[held] > 2]
    chosen = quotes[held] > 2
    return not len(inner) or all(
        b'"' not in _DOUBLED.sub(b"", text[start + 1 : end].tobytes())
        for start, end in zip(starts[chosen], ends[chosen], strict=True)
    )


_DOUBLED: Final = re.compile(rb'""')


def arrow(cells: Cells) -> Any:
    """Give the cells as a text array of Arrow; None where quotes are doubled in some."""
    import pyarrow as pa

    ends, content = cells.bytes()
    if (content == 34).any():
        return None
    offsets = np.concatenate(([0], ends), dtype=np.int64)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(content))]
    return pa.Array.from_buffers(pa.large_string(), len(cells), buffers)
