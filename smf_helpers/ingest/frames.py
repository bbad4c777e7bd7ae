"""Columns of a grid → columns of a frame, at the price of their distinct texts.

Where Arrow is installed the texts stay in its memory: a column that repeats another, or holds one text only, is
referred to and not written again.
"""

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any

import numpy as np

from smf_helpers.ingest.cells import Cells
from smf_helpers.ingest.grids import Column


@cache
def _arrow() -> tuple[Any, Any, Any] | None:
    """Give Arrow, what makes a text array of its arrays, and the kind of that array; None where it is not installed."""
    try:
        import pyarrow as pa
    except ImportError:
        return None
    import pandas as pd

    dtype = pd.StringDtype("pyarrow", na_value=np.nan)
    kind = pd.arrays.ArrowStringArray
    return pa, lambda texts: kind(texts, dtype=dtype), kind


def text_list(texts: Sequence[str | None]) -> Any:
    """Give a text array of texts as they stand."""
    import pandas as pd

    known = _arrow()
    if known is None:
        return pd.array(list(texts), dtype="str")
    pa, made, _ = known
    return made(pa.array(texts, type=pa.large_string()))


def text_array(column: Column, *, blank_is_missing: bool = False) -> Any:
    """Give a text array; blank texts become missing when asked."""
    known = _arrow()
    if known is not None and column.cells is not None:
        return known[1](column.cells.texts(blank_is_missing=blank_is_missing))
    levels: list[Any] = column.levels or [""]
    if known is not None and len(levels) == 1 and not blank_is_missing:
        return known[1](_one(levels[0], len(column)))
    if blank_is_missing:
        levels = [level if level and level.strip() else None for level in levels]
    if known is None:
        return text_list(levels).take(np.asarray(column.codes, dtype=np.intp))
    pa, made, _ = known
    return made(pa.array(levels, type=pa.large_string()).take(pa.array(column.codes)))


def all_differ(texts: Any) -> bool:
    """Say whether it is plain that no text of a series stands twice."""
    known = _arrow()
    if known is None or not isinstance(texts.array, known[2]) or not len(texts):
        return False
    whole = known[0].chunked_array(texts.array.__arrow_array__()).combine_chunks()
    return not whole.null_count and Cells(whole).all_differ()


def repeated(texts: Any, times: int) -> Any:
    """Give a text array several times under itself."""
    known = _arrow()
    if known is None:
        return texts.take(np.tile(np.arange(len(texts)), times))
    pa, made, _ = known
    own = pa.chunked_array(texts.__arrow_array__())
    return made(pa.chunked_array(own.chunks * times, type=own.type))


def stacked(columns: Sequence[Column], *, blank_is_missing: bool = False) -> Any:
    """Give the texts of columns of one length, put under each other."""
    known = _arrow()
    if known is None:
        starts = np.cumsum([0, *(len(column.levels) for column in columns)])
        codes = [column.codes + start for column, start in zip(columns, starts, strict=False)]
        levels = [level for column in columns for level in column.levels]
        return text_array(Column(np.concatenate(codes), levels), blank_is_missing=blank_is_missing)
    pa, made, _ = known
    once: dict[str, Any] = {}
    chunks = []
    for column in columns:
        if len(column.levels) != 1:
            chunks.append(text_array(column, blank_is_missing=blank_is_missing).__arrow_array__())
            continue
        level = column.levels[0]
        if level not in once:
            nothing = blank_is_missing and not level.strip()
            once[level] = pa.nulls(len(column), pa.large_string()) if nothing else _one(level, len(column))
        chunks.append(once[level])
    parts = [part for chunk in chunks for part in getattr(chunk, "chunks", [chunk])]
    return made(pa.chunked_array(parts, type=pa.large_string()))


def _one(text: str, n: int) -> Any:
    """Give one text n times; texts of one length share the memory that says where each begins."""
    import pyarrow as pa

    said = text.encode()
    return pa.Array.from_buffers(pa.large_string(), n, [None, _steps(len(said), n), pa.py_buffer(said * n)])


@lru_cache(maxsize=8)
def _steps(size: int, n: int) -> Any:
    import pyarrow as pa

    return pa.py_buffer(np.arange(n + 1, dtype=np.int64) * size)


def coded(columns: Sequence[np.ndarray], words: Sequence[str]) -> Any:
    """Give words by their places, columns put under each other; the first word is empty and by far the commonest."""
    known = _arrow()
    if known is None:
        return text_array(Column(np.concatenate(columns), list(words)))
    pa, made, _ = known
    said, sizes = [word.encode() for word in words], np.array([len(word.encode()) for word in words])
    parts = []
    for codes in columns:
        held = codes[codes > 0]
        if not len(held):
            parts.append(_one(words[0], len(codes)))
            continue
        ends = np.cumsum(sizes[codes])
        content = said[held[0]] * len(held) if (held == held[0]).all() else None
        content = content if content is not None else b"".join([said[code] for code in held.tolist()])
        offsets = np.concatenate(([0], ends), dtype=np.int64)
        buffers = [None, pa.py_buffer(offsets), pa.py_buffer(content)]
        parts.append(pa.Array.from_buffers(pa.large_string(), len(codes), buffers))
    return made(pa.chunked_array(parts, type=pa.large_string()))


def constant(text: str, n: int) -> Column:
    """Give a column that holds one text."""
    return Column(np.zeros(n, dtype=np.int32), [text])


def cleaned(column: Column) -> Column:
    """Strip the texts of a column."""
    if column.cells is not None and column.cells.trimmed():
        return column
    return column.renamed(str.strip)
