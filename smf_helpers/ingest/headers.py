"""Headers as they are matched: without tags, invisible characters, case; and the synonyms of every field.

The synonyms stand in ``synonyms.yml`` beside this file. A user adds their own in a file of the same shape, named
by the environment variable ``SMF_SYNONYMS``.
"""

import os
import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

import yaml

from smf_helpers.errors import Fault, InputError

_TAG: Final = re.compile(r"<[^<>]{1,80}>")
_SPACE: Final = re.compile(r"\s+")
_NUMBER: Final = re.compile(r"^\s*(?:\(?\d{1,3}[.):]|[A-Za-z]?\d{1,3}[.:)])\s+")


@lru_cache(maxsize=65_536)
def normal(header: str) -> str:
    """Give the form of a header in which two spellings of it are equal.

    Examples
    --------
    >>> normal("Ge\u00adsamt\u00a0<b>Reach</b>: ")
    'gesamt reach'
    """
    text = _TAG.sub(" ", header) if "<" in header else header
    if text.isascii():
        return " ".join(text.split()).strip(":?*").strip().casefold()
    text = unicodedata.normalize("NFKC", text)
    text = "".join(mark for mark in text if unicodedata.category(mark) != "Cf")
    return _SPACE.sub(" ", text).strip().strip(":?*").strip().casefold()


def unnumbered(header: str) -> str:
    """Give the normal form of a question without the number in front of it."""
    return normal(_NUMBER.sub("", header))


def clean_name(name: str) -> str:
    """Remove control, bidirectional and zero-width characters and doubled blanks from a name."""
    if name.isascii() and name.isprintable() and "  " not in name:
        return name.strip()
    kept = (mark if mark not in "\t\r\n" else " " for mark in name)
    text = "".join(mark for mark in kept if unicodedata.category(mark) not in ("Cf", "Cc"))
    return _SPACE.sub(" ", text).strip()


@cache
def synonyms() -> dict[str, dict[str, str]]:
    """Give the synonyms by group: normal form of a header → field of the canonical table."""
    files = [Path(__file__).with_name("synonyms.yml")]
    if own := os.environ.get("SMF_SYNONYMS"):
        files.append(Path(own))
    found: dict[str, dict[str, str]] = {}
    for file in files:
        try:
            groups = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
            pairs = [
                (group, field, word)
                for group, fields in groups.items()
                for field, words in fields.items()
                for word in words
            ]
        except (OSError, yaml.YAMLError, AttributeError, TypeError) as problem:
            what = "The file of synonyms cannot be read."
            remedy = "It holds groups of `field: [header, header]`."
            raise InputError(Fault(code="S110", where=file.name, what=what, remedy=remedy)) from problem
        for group, field, word in pairs:
            found.setdefault(str(group), {})[normal(str(word))] = str(field)
    return found


class MissingFieldError(KeyError):
    """A reader needs a column that the file does not have."""


class Places(dict[str, int]):
    """Field → position; to ask for a field that no column holds is an error of the file, not of the reader."""

    def __missing__(self, field: str) -> int:
        raise MissingFieldError(field)


def named(header: Sequence[str], group: str) -> Places:
    """Give field → position of the first column whose header is a synonym of it."""
    known = synonyms()[group]
    found = Places()
    for position, form in enumerate(_normals(tuple(header))):
        field = known.get(form)
        if field is not None:
            found.setdefault(field, position)
    return found


@lru_cache(maxsize=64)
def _normals(header: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(normal, header))


def has(header: Iterable[str], *words: str) -> bool:
    """Say whether every word is one of the headers, in normal form."""
    normals = {normal(text) for text in header}
    return all(word in normals for word in words)
