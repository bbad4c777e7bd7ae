"""Texts of a column → times, all texts of one shape at once; the order of day and month is decided once a column.

Two texts have one shape when they differ in their digits only. What a shape means is told from one of its texts; the
digits of all of them then become numbers together, so that a column of a million times costs little more than a few.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Final

import numpy as np

from smf_helpers.ingest.grids import Column
from smf_helpers.ingest.values import BLANKS


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """Times of a column: UTC where the zone is known, otherwise local; NaT where blank.

    `order` is ``iso``, ``dmy``, ``mdy``, ``serial``, ``epoch``, ``words`` or ``ambiguous`` (then all are NaT).
    """

    values: np.ndarray
    bad: np.ndarray
    order: str
    zoned: bool
    notes: tuple[str, ...] = ()


_ZONE = r"\s*(?P<half>[AaPp]\.?[Mm]\.?)?\s*(?P<zone>Z|UTC|GMT|(?:UTC|GMT)?[+-]\d{1,2}:?\d{0,2})?\Z"
_ISO: Final = re.compile(
    r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})"
    r"(?:[T ]+(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:\.\d+)?)?)?" + _ZONE
)
_TRIPLE: Final = re.compile(
    r"(?P<first>\d{1,2})(?P<mark>[/.-])(?P<other>\d{1,2})(?P=mark)(?P<year>\d{4}|\d{2})"
    r"(?:,?\s+(?:klo\s+)?(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2}))?)?" + _ZONE
)
_COMPACT: Final = re.compile(r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})\Z")
_WORDS: Final = re.compile(
    r"(?:[^\W\d]+\.?,?\s+)?(?:(?P<before>[^\W\d]+)\.?\s+(?P<day>\d{1,2})"
    r"|(?P<front>\d{1,2})\.?\s+(?:de\s+)?(?P<after>[^\W\d]+)\.?(?:\s+de)?)"
    r",?\s+(?P<year>\d{4})(?:,?\s+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?\s*(?P<half>[AaPp][Mm])?)?\Z"
)
_SERIAL: Final = re.compile(r"\d{5}(?:\.\d+)?\Z")
_EPOCH: Final = re.compile(r"\d{10}(?:\.\d+)?\Z|\d{13}\Z")
_SHAPED: Final = (("iso", _ISO), ("triple", _TRIPLE), ("iso", _COMPACT), ("words", _WORDS))
_DIGITS: Final = str.maketrans("123456789", "000000000")
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
BARE_DAYS: Final = "numbers read as spreadsheet days"
_FIRST_YEAR, _LAST_YEAR = 1970, 2100
_NAT: Final = np.datetime64("NaT", "us")


@dataclass(slots=True, kw_only=True)
class _Shape:
    """Texts that differ in their digits only: which they are, what one of them matches, the digits of all."""

    kind: str
    match: re.Match[str]
    texts: list[str]
    rows: np.ndarray
    marks: np.ndarray

    def number(self, group: str) -> np.ndarray:
        """Give the number that stands in a group of the pattern, 0 where there is none."""
        first, last = self.match.span(group) if group in self.match.re.groupindex else (-1, -1)
        return _digits(self.marks, range(first, last))

    def word(self, group: str) -> str:
        """Give what stands in a group that holds no digits, the same in all texts."""
        return (self.match[group] or "") if group in self.match.re.groupindex else ""


def _digits(marks: np.ndarray, places: "range | list[int]") -> np.ndarray:
    found = np.zeros(len(marks), dtype=np.int64)
    for place in places:
        found = found * 10 + (marks[:, place] - 48)
    return found


def times(column: Column, *, order: str | None = None, zone: str | None = None) -> Times:
    """Read a column as times.

    Parameters
    ----------
    column : the texts.
    order : ``dmy`` or ``mdy`` where the format or the user says so, or a ``strptime`` pattern.
    zone : zone of times that name none; they become UTC. Without it they stay local.
    """
    chosen, notes = order or "", list[str]()
    uniform = None if "%" in chosen else _uniform(column)
    texts = [level.strip() for level in column.levels] or [""] if uniform is None else []
    shapes, blank = uniform if uniform is not None else ([], np.zeros(len(texts), dtype=bool))
    table = np.full(len(blank), _NAT)
    shifted = np.zeros(len(blank), dtype=bool)
    if "%" in chosen:
        found = {"dmy"}
        for place, text in enumerate(texts):
            table[place] = _pattern(text, chosen)
    else:
        shapes = shapes or _shapes(texts)
        triples = [shape for shape in shapes if shape.kind == "triple"]
        if not chosen and triples:
            chosen = _order(triples)
        if any(shape.match.end("year") - shape.match.start("year") == 2 for shape in triples):
            notes.append("two-digit years read as 20xx")
        found = {_read(shape, chosen, table, shifted) for shape in shapes} - {""}
    if found & {"serial", "epoch"}:
        notes.append(BARE_DAYS if "serial" in found else "numbers read as seconds since 1970")
    known = ~np.isnat(table)
    zoned = bool((shifted & known).any())
    if zone is not None and (known & ~shifted).any():
        table = np.where(shifted, table, _to_utc(table, zone))
        zoned = True
    for lost in np.flatnonzero(~known) if uniform is None else ():
        blank[lost] = texts[lost].casefold() in BLANKS
    said = chosen or next(iter(sorted(found)), "iso")
    if said == "ambiguous":
        notes.append("day and month cannot be told apart; set `date_format:`")
    if said == "mixed":
        notes.append("day first and month first are mixed")
    bad = ~known & ~blank
    spread = column.codes if uniform is None else slice(None)
    return Times(values=table[spread], bad=bad[spread], order=said, zoned=zoned, notes=tuple(notes))


def _uniform(column: Column) -> tuple[list[_Shape], np.ndarray] | None:
    """Give the shapes of a column that hardly repeats, row by row, and which rows are empty; None for the other way."""
    groups = None if column.cells is None else column.cells.alike()
    if not groups:
        return None
    blank = np.ones(len(column), dtype=bool)
    shapes = []
    for rows, marks in groups:
        one = marks[0].tobytes().decode()
        kind, match = next(((kind, m) for kind, pattern in _SHAPED if (m := pattern.match(one))), ("", None))
        if match is None:
            return None
        shapes.append(_Shape(kind=kind, match=match, texts=[], rows=rows, marks=marks))
        blank[rows] = False
    return shapes, blank


def _shapes(texts: list[str]) -> list[_Shape]:
    """Sort texts by shape; those that are no times are left out."""
    rows: dict[str, list[int]] = {}
    for place, text in enumerate(texts):
        if len(text) < 60:
            rows.setdefault(text.translate(_DIGITS), []).append(place)
    found = []
    for places in rows.values():
        one = texts[places[0]]
        kind, match = next(((kind, m) for kind, pattern in _SHAPED if (m := pattern.match(one))), ("", None))
        if match is None:
            kind, match = next(
                ((kind, m) for kind, p in (("serial", _SERIAL), ("epoch", _EPOCH)) if (m := p.match(one))),
                ("", None),
            )
        if match is None or any(mark.isdigit() and not mark.isascii() for mark in one):
            continue
        alike = [texts[place] for place in places]
        marks = np.array(alike, dtype=f"U{len(one)}").view(np.uint32).reshape(len(alike), len(one))
        found.append(
            _Shape(kind=kind, match=match, texts=alike, rows=np.array(places), marks=marks.astype(np.int64))
        )
    return found


def _order(triples: list[_Shape]) -> str:
    first = max(int(shape.number("first").max()) for shape in triples)
    second = max(int(shape.number("other").max()) for shape in triples)
    if first > 12 and second > 12:
        return "mixed"
    if first > 12 or triples[0].word("mark") == ".":
        return "dmy"
    if second > 12 or any(shape.word("half") for shape in triples):
        return "mdy"
    return "ambiguous"


def _read(shape: _Shape, order: str, table: np.ndarray, shifted: np.ndarray) -> str:
    """Write the times of a shape into the table and say of which kind they are."""
    if shape.kind in ("serial", "epoch"):
        numbers = np.array([float(text) for text in shape.texts])
        if shape.kind == "serial":
            held = (numbers > 20_000) & (numbers < 80_000)
            micros = np.rint((numbers - 25_569) * 86_400e6)
        else:
            held = np.ones(len(numbers), dtype=bool)
            micros = np.rint(
                numbers * (1e3 if "." not in shape.texts[0] and len(shape.texts[0]) == 13 else 1e6)
            )
        table[shape.rows[held]] = micros[held].astype(np.int64).astype("datetime64[us]")
        shifted[shape.rows] = shape.kind == "epoch"
        return shape.kind if held.any() else ""
    if shape.kind == "triple" and order in ("ambiguous", "mixed"):
        return ""
    year, month, day = _date(shape, order)
    table[shape.rows] = _made(shape, year, month, day)
    offset = _offset(shape)
    if offset is not None:
        table[shape.rows] -= offset
        shifted[shape.rows] = True
    return order if shape.kind == "triple" else shape.kind


def _date(shape: _Shape, order: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    year = shape.number("year")
    if shape.kind == "triple":
        year = np.where(year < 100, year + 2000, year)
        pair = shape.number("first"), shape.number("other")
        return (year, *(pair if order == "mdy" else pair[::-1]))
    if shape.kind == "words":
        name = shape.word("before") or shape.word("after")
        day = shape.number("day") if shape.word("before") else shape.number("front")
        return year, np.full(len(year), month_of(name)), day
    return year, shape.number("month"), shape.number("day")


def _made(shape: _Shape, year: np.ndarray, month: np.ndarray, day: np.ndarray) -> np.ndarray:
    """Put a date and a clock together; NaT where there is no such day or hour."""
    hour, minute, second = (shape.number(name) for name in ("hour", "minute", "second"))
    if half := shape.word("half"):
        hour = hour % 12 + (12 if half[0] in "pP" else 0)
    right = (year >= _FIRST_YEAR) & (year <= _LAST_YEAR) & (month >= 1) & (month <= 12) & (day >= 1)
    right &= (hour < 24) & (minute < 60) & (second < 60)
    start = np.where(right, (year - 1970) * 12 + month - 1, 0).astype("datetime64[M]")
    length = ((start + 1).astype("datetime64[D]") - start.astype("datetime64[D]")).astype(np.int64)
    right &= day <= length
    micros = (((day - 1) * 24 + hour) * 60 + minute) * 60 + second
    made = start.astype("datetime64[us]") + (micros * 1_000_000).astype("timedelta64[us]")
    made[~right] = _NAT
    return made


def _offset(shape: _Shape) -> np.ndarray | None:
    """Give what a zone such as ``GMT+5:30`` is ahead of UTC; None where the texts name none."""
    if "zone" not in shape.match.re.groupindex or shape.match["zone"] is None:
        return None
    first, last = shape.match.span("zone")
    places = [place for place in range(first, last) if shape.match.string[place].isdigit()]
    split = len(places) if len(places) <= 2 else len(places) - 2
    minutes = _digits(shape.marks, places[:split]) * 60 + _digits(shape.marks, places[split:])
    sign = -1 if "-" in shape.match["zone"] else 1
    return (sign * minutes).astype("timedelta64[m]").astype("timedelta64[us]")


def _to_utc(local: np.ndarray, zone: str) -> np.ndarray:
    """Turn local times into UTC; the hour that a change of clocks doubles is the first, a skipped one moves on."""
    import pandas as pd

    stamps = pd.DatetimeIndex(local).tz_localize(
        zone, ambiguous=np.ones(len(local), dtype=bool), nonexistent=pd.Timedelta(hours=1)
    )
    return stamps.tz_convert("UTC").tz_localize(None).to_numpy(dtype="datetime64[us]")


def _pattern(text: str, pattern: str) -> np.datetime64:
    for candidate in (pattern, pattern.split(" ")[0]):
        try:
            return np.datetime64(datetime.strptime(text, candidate), "us")
        except ValueError:
            continue
    return _NAT


@cache
def month_of(word: str) -> int:
    """Give the number of a month from its English name, or from its name in a language of the exports; else 0."""
    short = word.casefold().rstrip(".")
    if short[:3] in _MONTHS and (len(short) == 3 or short in _english()):
        return _MONTHS.index(short[:3]) + 1
    return _foreign().get(short, 0)


@cache
def _english() -> frozenset[str]:
    names = "january february march april may june july august september sept october november december"
    return frozenset(names.split())


@cache
def _foreign() -> dict[str, int]:
    from babel import Locale

    found: dict[str, int] = {}
    for language in ("fi", "sv", "de", "fr", "es", "it", "pt", "nl", "da", "nb"):
        months = Locale(language).months
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in months[context][width].items():
                    found.setdefault(name.casefold().rstrip("."), number)
    return found
