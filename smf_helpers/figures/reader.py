"""Read a release as figures and pages need it: rows, numbers that may be shown, labels and sentences.

Nothing is computed here. A number is given only where the gate let a number through and its status allows
it to be told; everything else comes back as None, and the mark or the reason says why.
"""

import datetime as dt
import functools
import re
from collections.abc import Mapping
from typing import Any

from smf_helpers.figures.vocabulary import LABELS, SHORT, UNITS
from smf_helpers.framework import PROPER_NAMES
from smf_helpers.language import Language, language
from smf_helpers.results.core import SHOWN
from smf_helpers.results.publication import Cell, Column, Kind, Mark, Table
from smf_helpers.results.released import Release

Row = Mapping[str, Any]
_PLAIN = {"value", "mean", "share", "estimate", "fitted", "level"}
_SENTENCES = {"reason", "notes"}
_TOLD = {status.value for status in SHOWN}


def limits(name: str) -> tuple[str, str]:
    """Name the columns that hold the interval of a column.

    Examples
    --------
    >>> limits("mean"), limits("change")
    (('low', 'high'), ('change_low', 'change_high'))
    """
    stem = "" if name in _PLAIN else f"{name}_"
    return f"{stem}low", f"{stem}high"


class Reader:
    """One release in its own language.

    Parameters
    ----------
    release : what passed the gate.
    """

    def __init__(self, release: Release) -> None:
        self.release = release
        self.language: Language = language(release.language)
        self._rows: dict[str, list[dict[str, Any]]] = {}

    # --- words ---------------------------------------------------------------------------------
    def text(self, message: str, /, **values: Any) -> str:
        """Give a sentence in the language of the release."""
        return self.language.text(message, **values)

    def plural(self, one: str, many: str, n: int, /) -> str:
        """Give the form of a message that fits the number `n`."""
        return self.language.plural(one, many, n)

    def finished(self, sentence: object) -> str:
        """Give a reason or note that a model finished in English in the language of the release."""
        return self.language.finished(str(sentence)) if sentence else ""

    def label(self, key: Any) -> str:
        """Give the label of a key: the client's own, ours, or the key written as words."""
        if isinstance(key, Mark):
            return self.text(str(key.value))
        name = str(key)
        if name in self.release.labels:
            return self.release.labels[name]
        if name in LABELS:
            return self.text(LABELS[name])
        if name in PROPER_NAMES:
            return PROPER_NAMES[name]
        words = name.replace("_", " ")
        return words if "{" in words else self.text(words)

    def stage(self, key: Any) -> str:
        """Give the label of a stage of the path; "internal" is a cycle, too, and has another word there."""
        return self.text("With colleagues") if key == "internal" else self.label(key)

    def short(self, key: str) -> str:
        """Give a label of at most two words, for drawings."""
        return self.text(SHORT[key]) if key in SHORT else self.label(key)

    # --- tables --------------------------------------------------------------------------------
    def table(self, name: str) -> Table | None:
        """Give a published table, or None where it was not proposed."""
        return self.release.tables.get(name)

    def rows(self, name: str, **where: Cell) -> list[dict[str, Any]]:
        """Give the rows of a table whose columns equal the given values; none where there is no table."""
        if name not in self._rows:
            table = self.table(name)
            self._rows[name] = table.records() if table else []
        return [row for row in self._rows[name] if all(row.get(key) == value for key, value in where.items())]

    def column(self, table: str, name: str) -> Column:
        """Give the declared column of a published table."""
        found = self.table(table)
        if found is None:
            raise KeyError(table)
        return found.spec.column(name)

    def keys(self, table: str, name: str, **where: Cell) -> list[Any]:
        """Give the distinct keys of a column in the order in which they come."""
        return list(dict.fromkeys(row[name] for row in self.rows(table, **where)))

    @functools.cached_property
    def waves(self) -> list[str]:
        """The survey waves, oldest first."""
        dated = [row for row in self.rows("waves") if row["unit"] == "all"] or self.rows("waves")
        dated = sorted(dated, key=lambda row: str(row["opened_on"]))
        named = [str(row["wave"]) for row in dated] or [str(key) for key in self.keys("factors", "wave")]
        return list(dict.fromkeys(named))

    def latest(self, table: str = "factors", name: str = "wave") -> Any:
        """Give the latest key of a table's wave or date column; empty where it has no rows."""
        known = self.keys(table, name)
        ordered = (
            [wave for wave in self.waves if wave in known] or known
            if name == "wave"
            else sorted(known, key=str)
        )
        return ordered[-1] if ordered else ""

    def changes(self, unit: str = "all") -> list[dict[str, Any]]:
        """Give the changes of a unit's factors to the latest wave from the wave just before it."""
        rows = self.rows("factor_change", unit=unit)
        reached = [wave for wave in self.waves if any(row["to_wave"] == wave for row in rows)]
        rows = [row for row in rows if not reached or row["to_wave"] == reached[-1]]
        starts = [wave for wave in self.waves if any(row["from_wave"] == wave for row in rows)]
        return [row for row in rows if not starts or row["from_wave"] == starts[-1]]

    # --- numbers -------------------------------------------------------------------------------
    def number(self, row: Row, name: str) -> float | None:
        """Give a number that may be drawn, or None: refused by the gate, or not told by its status."""
        cell = row.get(name)
        if isinstance(cell, bool) or not isinstance(cell, int | float):
            return None
        if str(row.get("status", "ok")) not in _TOLD:
            return None
        return float(cell)

    def interval(self, row: Row, name: str) -> tuple[float | None, float | None]:
        """Give the limits of a number's interval; None for an open side."""
        low, high = limits(name)
        return self.number(row, low), self.number(row, high)

    def say(self, value: float, column: Column, *, signed: bool = False) -> str:
        """Write a value of a column as its reader would: shares as percents, the rest with its decimals."""
        if column.unit == "share":
            places = max(column.decimals - 2, 0)
            if signed:
                return self.signed_points(value)
            return self.language.percent(value, places)
        write = self.language.signed if signed else self.language.number
        return write(value, column.decimals)

    def signed_points(self, share: float) -> str:
        """Write a difference of shares in percentage points."""
        return self.text("{change} pp", change=self.language.signed(100 * share, 0))

    def estimate(self, row: Row, table: str, name: str, *, signed: bool = False) -> str:
        """Write a number with its interval, or the mark in its place."""
        value = self.number(row, name)
        column = self.column(table, name)
        if value is None:
            return self.refusal(row, name)
        low, high = self.interval(row, name)
        told = self.say(value, column, signed=signed)
        if low is None and high is None:
            return told
        if low is None or high is None:
            limit = low if high is None else high
            message = "{value} (at least {limit})" if high is None else "{value} (at most {limit})"
            return self.text(message, value=told, limit=self.say(limit or 0.0, column, signed=signed))
        return self.text(
            "{value} ({low} to {high})",
            value=told,
            low=self.say(low, column, signed=signed),
            high=self.say(high, column, signed=signed),
        )

    def refusal(self, row: Row, name: str) -> str:
        """Give the words that stand where a number is not shown."""
        cell = row.get(name)
        mark = cell if isinstance(cell, Mark) else Mark.UNSURE
        return self.text(str(mark.value))

    def count(self, cell: Cell) -> str:
        """Write a count: a number, a band as released, or the mark."""
        if isinstance(cell, Mark):
            return self.text(str(cell.value))
        if isinstance(cell, int | float) and not isinstance(cell, bool):
            return self.language.number(cell, 0)
        return self.banded(str(cell)) if cell is not None else "–"

    def banded(self, cell: str) -> str:
        """Write a band as this language does: ``10–19``, ``> 90%``."""
        return self.language.bound(re.sub(r"(?<=\d)-(?=\d)", "–", cell))

    def cell(self, cell: Cell, column: Column) -> str:
        """Write any cell of a published table for a reader."""
        if cell is None or cell == "":
            return "–"
        if isinstance(cell, Mark):
            return self.text(str(cell.value))
        if isinstance(cell, bool):
            return self.text("yes") if cell else self.text("no")
        if isinstance(cell, dt.date):
            return self.language.date(cell)
        if column.name in _SENTENCES:
            return self.finished(cell)
        if column.name == "unit_of":
            return self.text(UNITS[str(cell)]) if cell in UNITS else self.finished(cell)
        if isinstance(cell, int | float):
            return self.count(cell) if column.kind is Kind.COUNT else self.say(float(cell), column)
        if column.name.endswith("stage"):
            return self.stage(cell)
        if column.kind in (Kind.KEY, Kind.TEXT):
            return self.day(cell) if _is_day(cell) else self.label(cell) if column.kind is Kind.KEY else cell
        return self.banded(str(cell))

    def day(self, day: dt.date | str, style: str = "medium") -> str:
        """Write a date, or the text as it is where it is none."""
        return self.language.date(day, style) if isinstance(day, dt.date) or _is_day(day) else str(day)


def _is_day(text: str) -> bool:
    try:
        dt.date.fromisoformat(text[:10])
    except ValueError:
        return False
    return len(text) >= 10


def iso(day: Cell) -> str:
    """Write a date cell as ISO text, for an axis."""
    return day.isoformat() if isinstance(day, dt.date) else str(day)
