"""Bytes → text: the byte order mark first, then strict UTF-8, then the likeliest 8-bit code page, said aloud.

What cannot be read truthfully is refused: UTF-16 or UTF-32 without a mark, two encodings in one file, NUL bytes.
"""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from smf_helpers.errors import Fault, InputError

_BOMS: Final = (
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_HIGH: Final = re.compile(rb"[\x80-\xff]+")
_MULTIBYTE: Final = re.compile(rb"[\xc3-\xc5][\x80-\xbf]")
_ILLEGAL: Final = re.compile(rb"[\xc0\xc1]|\xed[\xa0-\xbf]|\xf0[\x80-\x8f]|[\xf5-\xff]")
_OVERLONG: Final = re.compile(rb"[\xc0\xc1][\x80-\xbf]|\xed[\xa0-\xbf]|\xf0[\x80-\x8f]")
_SAMPLE: Final = 400_000
_BLANK: Final = b"\xef\xbb\xbf\xff\xfe \t\r\n\x00"
_LOOK: Final = 1000
_MARK: Final = b"\xef\xbb\xbf"
_LARGE: Final = 100_000
"""Bytes from which on it pays to check them without making a text of them."""


@dataclass(frozen=True, kw_only=True)
class Decoded:
    """Text of a file as UTF-8 without a mark, with the encoding it had and what a user should know about it."""

    utf8: bytes
    encoding: str
    notes: tuple[str, ...] = ()

    @cached_property
    def text(self) -> str:
        """The whole text."""
        return self.utf8.decode("utf-8")

    def head(self, count: int) -> str:
        """Give the text of the first `count` bytes."""
        if len(self.utf8) <= count:
            return self.text
        return self.utf8[:count].decode("utf-8", errors="ignore")


def decode(raw: bytes, where: str, *, encoding: str | None = None) -> Decoded:
    """Turn the bytes of a text file into text.

    Parameters
    ----------
    raw : the whole file.
    where : its name, for messages.
    encoding : what the user says it is; then nothing is guessed.

    Raises
    ------
    InputError
        S001 empty, S003 encoding, S004 mixed encodings, S005 NUL bytes.
    """
    if not (raw[:_LOOK].strip(_BLANK) or raw.strip(_BLANK)):
        raise InputError(
            Fault(code="S001", where=where, what="The file is empty.", remedy="Export it again.")
        )
    if encoding is not None:
        return Decoded(utf8=_declared(raw, where, encoding), encoding=encoding.lower())
    marked = next((name for mark, name in _BOMS if raw.startswith(mark)), None)
    if marked == "utf-32":
        raise _unknown(where, "UTF-32")
    if marked == "utf-16":
        return _utf16(raw, where)
    if b"\x00" in raw:
        raise _nul(raw, where)
    body, name = (raw[3:], "utf-8-sig") if marked else (raw, "utf-8")
    notes: list[str] = []
    if not _is_utf8(body):
        try:
            body.decode("utf-8")
        except UnicodeDecodeError as problem:
            name = _eight_bit(body, where, problem)
            text = body.decode(name, errors="replace")
            notes.append(f"read as {name}: {_example(text)}")
            body = text.encode()
    if b"\xef" in body and _MARK in body:
        at = body[: body.index(_MARK)].count(b"\n") + 1
        notes.append(f"a second byte order mark at line {at}: two files glued together?")
        body = body.replace(_MARK, b"")
    return Decoded(utf8=body, encoding=name, notes=tuple(notes))


def _is_utf8(body: bytes) -> bool:
    """Say whether bytes are plainly UTF-8, which Arrow sees without making a text of them."""
    if len(body) < _LARGE:
        return body.isascii()
    try:
        import pyarrow as pa
    except ImportError:
        return body.isascii()
    ends = pa.array([0, len(body)], type=pa.int64()).buffers()[1]
    whole = pa.Array.from_buffers(pa.large_string(), 1, [None, ends, pa.py_buffer(body)])
    try:
        whole.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _declared(raw: bytes, where: str, encoding: str) -> bytes:
    try:
        return raw.decode(encoding).lstrip("\ufeff").encode("utf-8")
    except (LookupError, UnicodeError) as problem:
        what = f"The file cannot be read as '{encoding}'."
        raise InputError(
            Fault(code="S003", where=where, what=what, remedy="Change or remove `encoding:`.")
        ) from problem


def _utf16(raw: bytes, where: str) -> Decoded:
    try:
        text = raw.decode("utf-16")
    except UnicodeDecodeError as problem:
        what = "The UTF-16 text is cut or damaged."
        raise InputError(Fault(code="S005", where=where, what=what, remedy="Export it again.")) from problem
    return Decoded(utf8=text.encode("utf-8"), encoding="utf-16", notes=("read as UTF-16",))


def _unknown(where: str, guess: str) -> InputError:
    return InputError(
        Fault(
            code="S003",
            where=where,
            what=f"The encoding is not one that can be told for sure (looks like {guess}).",
            remedy="Save it as UTF-8, or name it with `encoding:`.",
        )
    )


def _nul(raw: bytes, where: str) -> InputError:
    first = raw.index(b"\x00")
    if not raw[first:].strip(b"\x00\r\n "):
        what = "The file ends in NUL bytes: it is cut or damaged."
        return InputError(Fault(code="S005", where=where, what=what, remedy="Export it again."))
    head = raw[:4000]
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if max(even, odd) > 0.3 * len(head) / 2:
        return _unknown(where, "UTF-32" if min(even, odd) > 0.3 * len(head) / 2 else "UTF-16 without a mark")
    line = raw[:first].count(b"\n") + 1
    what = "A NUL byte stands in the text."
    return InputError(
        Fault(code="S005", where=f"{where}:{line}", what=what, remedy="Export it again, or remove the line.")
    )


def _eight_bit(raw: bytes, where: str, problem: UnicodeDecodeError) -> str:
    sample = raw[:_SAMPLE] if problem.start < _SAMPLE else raw[problem.start - 1000 : problem.start + _SAMPLE]
    line = raw[: problem.start].count(b"\n") + 1
    if _japanese(sample):
        raise _unknown(where, "Shift-JIS")
    runs = _HIGH.findall(sample)
    valid = len(_MULTIBYTE.findall(sample))
    if valid >= max(1, len(runs) // 20):
        code = "S003" if _OVERLONG.match(raw[problem.start : problem.start + 3]) else "S004"
        what = "Illegal UTF-8 bytes." if code == "S003" else "Two encodings are mixed in one file."
        remedy = "Save it again as UTF-8, or name the encoding with `encoding:`."
        raise InputError(Fault(code=code, where=f"{where}:{line}", what=what, remedy=remedy))
    if _ILLEGAL.match(raw[problem.start : problem.start + 2]) and all(
        _ILLEGAL.match(run) and len(run) > 1 for run in runs
    ):
        what = "Illegal UTF-8 bytes (overlong or surrogate)."
        raise InputError(
            Fault(code="S003", where=f"{where}:{line}", what=what, remedy="Export it again as UTF-8.")
        )
    high = sum(map(len, runs))
    if high and sum(len(run) for run in runs if len(run) >= 3) > 0.6 * high:
        return "cp1251"
    low = len(re.findall(rb"[A-Za-z][\x80-\x9f][A-Za-z]", sample))
    usual = len(re.findall(rb"[A-Za-z][\xc0-\xff][A-Za-z]", sample))
    return "mac_roman" if low > 2 * usual and low > 2 else "cp1252"


def _japanese(sample: bytes) -> bool:
    pairs = len(re.findall(rb"[\x81-\x9f\xe0-\xef][\x40-\x7e\x80-\xfc]", sample))
    kana = len(re.findall(rb"\x82[\x9f-\xf1]|\x83[\x40-\x96]", sample))
    return kana >= 2 and kana > 0.3 * pairs


def _example(text: str) -> str:
    words = re.findall(r"\w*[^\x00-\x7f]\w*", text.split("\n", 1)[0])
    return "headers such as " + ", ".join(words[:3]) if words else "check that names look right"
