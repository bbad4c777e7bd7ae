"""Texts of a column → numbers; the convention is decided once a column, over all of its texts."""

import re
from dataclasses import dataclass
from typing import Final

import numpy as np

from smf_helpers.ingest.grids import Column

BLANKS: Final = frozenset({"", "-", "--", "–", "—", "n/a", "na", "nan", "null", "none", "undefined", "#n/a"})
_PLAIN: Final = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\Z")
_ALL_PLAIN: Final = re.compile(r"(?:-?\d{1,15}(?:\.\d{1,15})?)?(?:\n(?:-?\d{1,15}(?:\.\d{1,15})?)?)*")
_COMMA: Final = re.compile(r"[+-]?\d{1,3}(?:\.\d{3})*,\d+\Z|[+-]?\d+,\d{1,2}\Z")
_GROUPED: Final = re.compile(r"[+-]?\d{1,3}(?:[,'\u2019 \u00a0\u202f]\d{3})+(?:\.\d+)?\Z")
_SHORT: Final = re.compile(r"([+-]?\d+(?:[.,]\d+)?)\s*([KkMm])\Z")
_LOSSY: Final = re.compile(r"\d(?:[.,]\d+)?[eE]\+?\d+\Z")
_FACTOR: Final = {"k": 1e3, "m": 1e6}


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """Numbers of a column: one for each row, NaN where blank; rows that hold something else; the unit."""

    values: np.ndarray
    bad: np.ndarray
    unit: str = "count"
    notes: tuple[str, ...] = ()


def numbers(column: Column, *, decimal: str | None = None) -> Numbers:
    """Read a column as numbers: thousands marks, decimal commas, percent signs, ``1.2K``, blanks of all kinds.

    `decimal` is ``","`` where the user or the separator of the file says so; then ``1.234`` is 1234.
    """
    if decimal != "," and column.cells is not None and (said := column.cells.numbers()) is not None:
        return Numbers(values=said, bad=np.zeros(len(said), dtype=bool))
    whole = "\n".join(column.levels)
    if decimal != "," and _ALL_PLAIN.fullmatch(whole):
        plain = np.array([float(level) if level else np.nan for level in column.levels] or [np.nan])
        return Numbers(values=plain[column.codes], bad=np.zeros(len(column.codes), dtype=bool))
    texts = [level.strip().lstrip("'\u2019") for level in column.levels]
    comma = decimal == "," or any(_decimal_comma(text.rstrip(" %\u00a0")) for text in texts if "," in text)
    percent = any(text.endswith("%") for text in texts)
    table = np.empty(len(texts) or 1)
    wrong = np.zeros(len(texts) or 1, dtype=bool)
    for index, text in enumerate(texts):
        value = _number(text, comma)
        table[index] = np.nan if value is None else value
        wrong[index] = value is None
    if percent:
        marked = np.array([text.endswith("%") or text.casefold() in BLANKS for text in texts] or [True])
        table = np.where(marked, table / 100, table / 100)
    notes = ("decimal comma",) if comma else ()
    unit = "share" if percent else "count"
    return Numbers(values=table[column.codes], bad=wrong[column.codes], unit=unit, notes=notes)


def _decimal_comma(text: str) -> bool:
    """Say whether a comma can only be a decimal mark: ``11,337`` may be eleven thousand."""
    return bool(_COMMA.match(text)) and not _GROUPED.match(text)


def _number(text: str, comma: bool) -> float | None:
    if _PLAIN.match(text) and not (comma and "." in text and len(text.rsplit(".", 1)[1]) == 3):
        value = float(text) if len(text) < 400 else float("nan")
        return value if np.isfinite(value) else None
    bare = text.rstrip("%").strip()
    if bare.casefold() in BLANKS:
        return float("nan")
    if bare.startswith("<"):
        return float("nan")
    if comma:
        turned = bare.replace(".", "").replace("\u00a0", "").replace(" ", "").replace(",", ".")
        return float(turned) if _PLAIN.match(turned) else None
    if _GROUPED.match(bare):
        return float(re.sub(r"[,'\u2019 \u00a0\u202f]", "", bare))
    if match := _SHORT.match(bare):
        return float(match[1].replace(",", ".")) * _FACTOR[match[2].lower()]
    return float(bare) if _PLAIN.match(bare) else None


def lossy_ids(column: Column) -> int:
    """Count the distinct ids that a spreadsheet has rounded (``1.22158E+17``)."""
    if column.cells is not None and column.cells.trimmed() and not column.cells.second_in(b".,eE"):
        return 0
    return sum(bool(_LOSSY.match(level.strip())) for level in column.levels if "E" in level or "e" in level)
