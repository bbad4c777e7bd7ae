"""Cells of a column that hardly ever repeat: they stay in Arrow's memory until somebody asks for texts.

Ids, links and comments of a large file go from the file into the frame without becoming Python's texts on the way.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Self

import numpy as np

_EDGE: Final = np.zeros(256, dtype=bool)
_EDGE[[*range(33), *range(127, 256)]] = True
"""Bytes that a blank, or a mark that looks like one, may begin or end with."""


@dataclass(frozen=True)
class Cells:
    """The cells of a column as one Arrow array of large strings, none missing."""

    array: Any

    def __len__(self) -> int:
        return len(self.array)

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
            return type(self)(self.array.slice(start, max(stop - start, 0)))
        return type(self)(self.array.take(np.arange(len(self))[rows]))

    def text(self, row: int) -> str:
        """Give the text of one cell."""
        return str(self.array[row].as_py())

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
        found = self.array.dictionary_encode()
        return np.asarray(found.indices, dtype=np.int32), found.dictionary.to_pylist()

    def texts(self, *, blank_is_missing: bool = False) -> Any:
        """Give the Arrow array, with blank cells missing when asked."""
        blank = self.blank() if blank_is_missing else np.zeros(1, dtype=bool)
        if not blank.any():
            return self.array
        import pyarrow as pa
        import pyarrow.compute as pc

        return pc.if_else(pa.array(blank), pa.scalar(None, pa.large_string()), self.array)
