"""Texts of a column → numbers and times; the convention is decided once a column, over all of its texts."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from smf_helpers.ingest.grids import Column

BLANKS: Final = frozenset({"", "-", "--", "–", "—", "n/a", "na", "nan", "null", "none", "undefined", "#n/a"})
_PLAIN: Final = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\Z")
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
    if not re.search(r"\d[eE]\+?\d", "\n".join(column.levels)):
        return 0
    return sum(bool(_LOSSY.match(level.strip())) for level in column.levels)


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


_ISO: Final = re.compile(
    r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ]+(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:\.\d+)?)?)?"
    r"\s*([AaPp][Mm])?\s*(Z|UTC|GMT|(?:UTC|GMT)?[+-]\d{1,2}:?\d{0,2})?\Z"
)
_TRIPLE: Final = re.compile(
    r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})(?:,?\s+(?:klo\s+)?(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?)?"
    r"\s*([AaPp]\.?[Mm]\.?)?\s*(Z|UTC|GMT|(?:UTC|GMT)?[+-]\d{1,2}:?\d{0,2})?\Z"
)
_COMPACT: Final = re.compile(r"(\d{4})(\d{2})(\d{2})\Z")
_SERIAL: Final = re.compile(r"\d{5}(?:\.\d+)?\Z")
_EPOCH: Final = re.compile(r"\d{10}(?:\.\d+)?\Z|\d{13}\Z")
_WORDS: Final = re.compile(
    r"(?:[^\W\d]+\.?,?\s+)?(?:([^\W\d]+)\.?\s+(\d{1,2})|(\d{1,2})\.?\s+(?:de\s+)?([^\W\d]+)\.?(?:\s+de)?)"
    r",?\s+(\d{4})(?:,?\s+(\d{1,2}):(\d{2})(?::(\d{2}))?\s*([AaPp][Mm])?)?\Z"
)
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_FIRST_YEAR, _LAST_YEAR = 1970, 2100


def times(column: Column, *, order: str | None = None, zone: str | None = None) -> Times:
    """Read a column as times.

    Parameters
    ----------
    column : the texts.
    order : ``dmy`` or ``mdy`` where the format or the user says so, or a ``strptime`` pattern.
    zone : zone of times that name none; they become UTC. Without it they stay local.
    """
    texts = [level.strip() for level in column.levels]
    chosen, notes = order or "", list[str]()
    triples = [match for text in texts if (match := _TRIPLE.match(text))]
    if not chosen and triples:
        chosen = _order(triples)
    read = _pattern if "%" in chosen else _stamp
    stamps = [read(text, chosen) for text in texts]
    if any(len(match[4]) == 2 for match in triples):
        notes.append("two-digit years read as 20xx")
    found = {kind for _, kind in stamps if kind}
    if found & {"serial", "epoch"}:
        notes.append("numbers read as " + ("spreadsheet days" if "serial" in found else "seconds since 1970"))
    local = ZoneInfo(zone) if zone else None
    table = np.full(len(texts) or 1, np.datetime64("NaT"), dtype="datetime64[us]")
    wrong = np.zeros(len(texts) or 1, dtype=bool)
    zoned = False
    for index, (moment, _) in enumerate(stamps):
        if moment is None:
            wrong[index] = texts[index].casefold() not in BLANKS
            continue
        if moment.tzinfo is None and local is not None:
            moment = moment.replace(tzinfo=local)
        if moment.tzinfo is not None:
            zoned = True
            moment = moment.astimezone(UTC).replace(tzinfo=None)
        table[index] = np.datetime64(moment, "us")
    said = chosen or next(iter(sorted(found)), "iso")
    if said == "ambiguous":
        notes.append("day and month cannot be told apart; set `date_format:`")
    if said == "mixed":
        notes.append("day first and month first are mixed")
    return Times(
        values=table[column.codes], bad=wrong[column.codes], order=said, zoned=zoned, notes=tuple(notes)
    )


def _order(triples: list[re.Match[str]]) -> str:
    first = max(int(match[1]) for match in triples)
    second = max(int(match[3]) for match in triples)
    if first > 12 and second > 12:
        return "mixed"
    if first > 12 or triples[0][2] == ".":
        return "dmy"
    if second > 12 or any(match[8] for match in triples):
        return "mdy"
    return "ambiguous"


def _pattern(text: str, pattern: str) -> tuple[datetime | None, str]:
    for candidate in (pattern, pattern.split(" ")[0]):
        try:
            return datetime.strptime(text, candidate), "dmy"
        except ValueError:
            continue
    return None, ""


def _stamp(text: str, order: str) -> tuple[datetime | None, str]:
    if match := _ISO.match(text):
        return _made(match[1], match[2], match[3], *match.group(4, 5, 6, 7, 8)), "iso"
    if match := _TRIPLE.match(text):
        if order in ("ambiguous", "mixed"):
            return None, ""
        day, month = (match[1], match[3]) if order != "mdy" else (match[3], match[1])
        year = match[4] if len(match[4]) == 4 else f"20{match[4]}"
        return _made(year, month, day, *match.group(5, 6, 7, 8, 9)), order
    if match := _COMPACT.match(text):
        return _made(match[1], match[2], match[3]), "iso"
    if match := _WORDS.match(text):
        month_number = month_of(match[1] or match[4])
        if month_number:
            day = match[2] or match[3]
            return _made(match[5], str(month_number), day, *match.group(6, 7, 8, 9)), "words"
    if _SERIAL.match(text) and 20_000 < float(text) < 80_000:
        return datetime(1899, 12, 30) + timedelta(days=float(text)), "serial"
    if _EPOCH.match(text):
        seconds = float(text) / (1000 if len(text) == 13 else 1)
        return datetime.fromtimestamp(seconds, UTC), "epoch"
    return None, ""


def _made(
    year: str,
    month: str,
    day: str,
    hour: str | None = None,
    minute: str | None = None,
    second: str | None = None,
    half: str | None = None,
    zone: str | None = None,
) -> datetime | None:
    clock = int(hour or 0)
    if half:
        clock = clock % 12 + (12 if half[0] in "pP" else 0)
    try:
        made = datetime(
            int(year), int(month), int(day), clock, int(minute or 0), int(second or 0), tzinfo=_offset(zone)
        )
    except ValueError:
        return None
    return made if _FIRST_YEAR <= made.year <= _LAST_YEAR else None


@cache
def _offset(zone: str | None) -> timezone | None:
    if not zone:
        return None
    digits = re.sub(r"[^\d+-]", "", zone.replace(":", ""))
    if not digits:
        return UTC
    sign = -1 if digits[0] == "-" else 1
    number = digits[1:]
    hours, minutes = (int(number), 0) if len(number) <= 2 else (int(number[:-2]), int(number[-2:]))
    return timezone(sign * timedelta(hours=hours, minutes=minutes))


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
