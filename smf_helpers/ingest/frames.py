"""Columns of a grid → columns of a frame, at the price of their distinct texts."""

from typing import Any

import numpy as np

from smf_helpers.ingest.grids import Column


def text_array(column: Column, *, blank_is_missing: bool = False) -> Any:
    """Give a text array; blank texts become missing when asked."""
    import pandas as pd

    levels: list[Any] = list(column.levels) or [""]
    if blank_is_missing:
        levels = [level if level and level.strip() else None for level in levels]
    return pd.array(levels, dtype="str").take(np.asarray(column.codes, dtype=np.intp))


def cleaned(column: Column) -> Column:
    """Strip the texts of a column."""
    return Column(column.codes, [level.strip() for level in column.levels])
