"""Columns of a grid → columns of a frame, at the price of their distinct texts.

Where Arrow is installed the texts stay in its memory: a column that repeats another, or holds one text only, is
referred to and not written again.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from smf_helpers.ingest.grids import Column


@cache
def _arrow() -> tuple[Any, Any] | None:
    """Give Arrow and what makes a text array of its arrays; None where it is not installed."""
    try:
        import pyarrow as pa
    except ImportError:
        return None
    import pandas as pd

    dtype = pd.StringDtype("pyarrow", na_value=np.nan)
    return pa, lambda texts: pd.arrays.ArrowStringArray(texts, dtype=dtype)


def text_list(texts: Sequence[str | None]) -> Any:
    """Give a text array of texts as they stand."""
    import pandas as pd

    known = _arrow()
    if known is None:
        return pd.array(list(texts), dtype="str")
    pa, made = known
    return made(pa.array(texts, type=pa.large_string()))


def text_array(column: Column, *, blank_is_missing: bool = False) -> Any:
    """Give a text array; blank texts become missing when asked."""
    levels: list[Any] = column.levels or [""]
    if blank_is_missing:
        levels = [level if level and level.strip() else None for level in levels]
    known = _arrow()
    if known is None:
        return text_list(levels).take(np.asarray(column.codes, dtype=np.intp))
    pa, made = known
    return made(pa.array(levels, type=pa.large_string()).take(pa.array(column.codes)))


def repeated(texts: Any, times: int) -> Any:
    """Give a text array several times under itself."""
    known = _arrow()
    if known is None:
        return texts.take(np.tile(np.arange(len(texts)), times))
    pa, made = known
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
    pa, made = known
    once: dict[str, Any] = {}
    chunks = []
    for column in columns:
        if len(column.levels) != 1:
            chunks.append(text_array(column, blank_is_missing=blank_is_missing).__arrow_array__())
            continue
        level = column.levels[0]
        if level not in once:
            nothing = blank_is_missing and not level.strip()
            once[level] = (
                pa.nulls(len(column), pa.large_string())
                if nothing
                else pa.repeat(pa.scalar(level, pa.large_string()), len(column))
            )
        chunks.append(once[level])
    parts = [part for chunk in chunks for part in getattr(chunk, "chunks", [chunk])]
    return made(pa.chunked_array(parts, type=pa.large_string()))


def constant(text: str, n: int) -> Column:
    """Give a column that holds one text."""
    return Column(np.zeros(n, dtype=np.int32), [text])


def cleaned(column: Column) -> Column:
    """Strip the texts of a column."""
    return Column(column.codes, [level.strip() for level in column.levels])
