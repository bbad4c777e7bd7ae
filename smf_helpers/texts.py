"""Texts from outside are text everywhere: in pages, charts, sheets, notebooks, file names.

Whoever writes a name, a label or a comment into a file sends it through here: first `plain_text`, which
leaves a harmless line of words, then the escape of the medium.
"""

import hashlib
import html
import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final

MAX_NAME: Final = 120
"""Longest name shown; longer ones end in an ellipsis."""

MAX_CELL: Final = 32_000
"""Longest text of a spreadsheet cell; the format ends at 32,767."""

FORMULA_STARTS: Final = "=+-@\t\r\n＝＋－＠|%"
"""Characters with which a spreadsheet may take a text for a formula, full-width forms included."""

_WORD = re.compile(r"\w+")
_GAPS = re.compile(r"[^\S\u00a0\u202f]+")
"""Blanks that may break a line; those that bind a number to its sign or its thousands stay."""

MIN_LETTERS: Final = 4
MIN_DIGITS: Final = 6
"""Shorter numbers and words stand in any text and prove nothing."""

RUN: Final = 6
"""Words of a comment that stand in a row and give it away."""

_INVISIBLE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$&:^=])")
_LATEX: Final = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
}


def plain_text(text: object, limit: int = MAX_NAME) -> str:
    """Give a single harmless line: no control, direction, zero-width or unassigned characters.

    Parameters
    ----------
    text : a name or label from data or params.
    limit : longest result; a longer text is cut and ends in an ellipsis.

    Examples
    --------
    >>> plain_text("Sales\\u202e\\x00  North\\n")
    'Sales North'
    """
    composed = unicodedata.normalize("NFC", str(text))
    spaced = "".join(" " if char in "\t\n\r\v\f\x85\u2028\u2029" else char for char in composed)
    kept = "".join(char for char in spaced if unicodedata.category(char) not in _INVISIBLE)
    line = _GAPS.sub(" ", kept).strip()
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def html_text(text: object, limit: int = MAX_NAME) -> str:
    """Give text for HTML, in elements and in quoted attributes."""
    return html.escape(plain_text(text, limit), quote=True)


def chart_text(text: object, limit: int = MAX_NAME) -> str:
    """Give text for plotly, whose titles, labels and hovers read a little HTML of their own.

    MathJax is not loaded, but a text between dollar signs would be taken for it: they get a zero-width
    companion.

    Examples
    --------
    >>> chart_text("<a href='javascript:x'>A&B</a>")
    "&lt;a href='javascript:x'&gt;A&amp;B&lt;/a&gt;"
    """
    line = plain_text(text, limit)
    escaped = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return escaped.replace("%{", "% {").replace("$", "&#36;")


def cell_text(text: object) -> str:
    """Give text for a spreadsheet cell: never a formula, never a link, never too long.

    Examples
    --------
    >>> cell_text("=1+1"), cell_text("Sales")
    ("'=1+1", 'Sales')
    """
    raw = str(text)
    line = plain_text(raw, MAX_CELL)
    starts = raw.lstrip(" \u00a0")[:1], line[:1]
    risky = any(start and start in FORMULA_STARTS for start in starts)
    return "'" + line if risky else line


def markdown_text(text: object, limit: int = MAX_NAME) -> str:
    """Give text for Markdown, where it stays text, links and mark-up included."""
    return _MARKDOWN.sub(r"\\\1", plain_text(text, limit)).replace("://", r":/\/")


def latex_text(text: object, limit: int = MAX_NAME) -> str:
    """Give text for LaTeX."""
    return "".join(_LATEX.get(char, char) for char in plain_text(text, limit))


def words_of(text: str) -> list[str]:
    """Give the words of a text, as they compare: without case, width and punctuation.

    Examples
    --------
    >>> words_of("Maria VIRTANEN, kx7-q2")
    ['maria', 'virtanen', 'kx7', 'q2']
    """
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def mark_of(words: Sequence[str]) -> str:
    """Give the digest by which a run of words is recognised and from which it cannot be read."""
    return hashlib.sha256("\x1f".join(words).encode()).hexdigest()[:16]


def marks_of(tokens: Iterable[str], *, comments: Iterable[str] = ()) -> list[str]:
    """Give the marks of ids and names, and of every run of six words of comments.

    Examples
    --------
    >>> marks_of(["abc", "1234"]), len(marks_of(["kx7q2m-Canary", "Maria Virtanen"]))
    ([], 2)
    """
    runs = [words for token in tokens if _tells(words := words_of(token))]
    for comment in comments:
        words = words_of(comment)
        runs += [words[at : at + RUN] for at in range(0, len(words) - RUN + 1, RUN)]
    return sorted({_entry(words) for words in runs})


def _tells(words: Sequence[str]) -> bool:
    joined = "".join(words)
    return len(joined) >= (MIN_DIGITS if joined.isdigit() else MIN_LETTERS)


def _entry(words: Sequence[str]) -> str:
    return f"{mark_of(words[:1])}:{len(words)}:{mark_of(words)}"


def script_json(text: str) -> str:
    """Give JSON text that may stand inside a ``<script>`` element.

    Examples
    --------
    >>> script_json('{"name": "</script>"}')
    '{"name": "\\\\u003c/script\\\\u003e"}'
    """
    for char, code in (
        ("<", "\\u003c"),
        (">", "\\u003e"),
        ("&", "\\u0026"),
        ("\u2028", "\\u2028"),
        ("\u2029", "\\u2029"),
    ):
        text = text.replace(char, code)
    return text
