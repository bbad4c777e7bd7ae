"""What reading gives: the tables of an export, and the log that says for every row that is not there why."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import pandas as pd

LOG_COLUMNS: Final = (
    "file",
    "format",
    "variant",
    "confidence",
    "encoding",
    "separator",
    "header_row",
    "table",
    "rows_in",
    "rows_out",
    "rejected",
    "notes",
    "digest",
)
"""Columns of a load log; one row a file and table that came of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """An export as it was read.

    Attributes
    ----------
    format : name of the registered format.
    variant : which of its layouts, such as ``answer texts`` or ``three header rows``.
    confidence : how sure the detector was, 0 to 1; 1 when the user named the format.
    tables : canonical table → frame; ids are the raw ids unless a pseudonym function was given.
    log : one row a file and table: rows in and out, rejected rows with reasons, notes, digest.
    """

    format: str
    variant: str
    confidence: float
    tables: "Mapping[str, pd.DataFrame]"
    log: "pd.DataFrame"

    def __repr__(self) -> str:
        held = ", ".join(f"{name} {len(rows)}" for name, rows in self.tables.items())
        return f"Export({self.format}, {self.variant}, {self.confidence:.2f}: {held})"
