"""Languages: one catalogue a language, numbers and dates as its readers write them.

A sentence is written once, in English, where it is made; `Language.text` looks it up in the
catalogue of the language (gettext, ``locale/LANG/*.po``, one file a room) and fills in the values. A language is
added by adding its folder; nothing has to be compiled.
"""

import datetime as dt
import functools
import gettext
import io
import re
import string
from collections.abc import Iterable
from pathlib import Path
from typing import Any

LOCALE = Path(__file__).parent / "locale"

_LEAST_OWN = 4
"""Letters of its own that a message needs to serve as a pattern; with fewer it would fit anything."""

_BREAKS = (". ", "; ", ": ", ", ")
"""Where a finished text falls into parts that may stand in a catalogue each for itself."""

_FIGURE = re.compile(r"\d[\d,]*(?:\.\d+)?")
_NUMBER = re.compile(r"[\d\s.,%+−-]*\d[\d\s.,%+−-]*")


class Language:
    """Texts, numbers and dates in one language.

    Parameters
    ----------
    code : language code such as ``en`` or ``fi``.

    Attributes
    ----------
    untranslated : messages that were asked for and stand in no catalogue; tests hold it empty.

    Examples
    --------
    >>> Language("en").percent(0.347)
    '35%'
    >>> Language("en").text("{n} people", n=12)
    '12 people'
    """

    def __init__(self, code: str) -> None:
        self.code = code
        self._missing = _Missing()
        self._catalogue = _catalogue(code)
        self._catalogue.add_fallback(self._missing)
        self._known: dict[str, str] = getattr(self._catalogue, "_catalog", {})
        self._locale = code if self._known else "en"

    @functools.cached_property
    def _patterns(self) -> list[tuple[re.Pattern[str], str]]:
        return _patterns(self._known)

    @property
    def untranslated(self) -> set[str]:
        """Messages that were asked for and stand in no catalogue."""
        return self._missing.messages

    def text(self, message: str, /, **values: Any) -> str:
        """Give `message` in this language with `values` filled in."""
        found = self._catalogue.gettext(message) if message else ""
        return self.bound(found.format(**values) if values else found)

    def plural(self, one: str, many: str, n: int, /) -> str:
        """Give the form of the message that fits `n`."""
        found = self._catalogue.ngettext(one, many, n)
        return self.bound(found.format(n=self.number(n, 0)))

    def finished(self, sentence: str) -> str:
        """Give a sentence that a model finished in English in this language.

        Models, measures and the workbook give reasons and notes as whole English sentences. A catalogue has
        their patterns: messages whose placeholders stand where a value was filled in. The pattern with the
        most words of its own wins; what fills its places is translated in turn, numbers written as
        here. Sentences one after another are translated one by one; what no pattern fits stays English.

        Examples
        --------
        >>> Language("fi").finished("Fewer than 3 units with adopters, or fewer than 12 adopters in all.")
        'Alle 3 yksikköä, joissa on käyttöön ottaneita, tai yhteensä alle 12 käyttöön ottanutta.'
        """
        if not self._known or not sentence.strip():
            return self.bound(sentence)
        found = self._find(sentence)
        if found is None:
            self._missing.messages.add(sentence)
        return sentence if found is None else found

    def _find(self, sentence: str) -> str | None:
        """Give the translation of a finished sentence, or of each of its parts; None where one has none."""
        sentence = sentence.strip()
        if not sentence:
            return ""
        if sentence in self._known:
            return self._known[sentence]
        if _NUMBER.fullmatch(sentence):
            return self._figures(sentence)
        for pattern, message in self._patterns:
            match = pattern.fullmatch(sentence)
            if match is None:
                continue
            told = {name: self._fill(value) for name, value in match.groupdict().items()}
            return self._catalogue.gettext(message).format(**told)
        for mark in _BREAKS:
            *first, last = sentence.split(mark)
            if not first:
                continue
            stop = "." if mark == ". " else ""
            found = [self._find(part) for part in (*(part + stop for part in first), last)]
            if all(each is not None for each in found):
                return mark.removeprefix(".").join(each or "" for each in found)
        return None

    def _fill(self, value: str) -> str:
        """Translate what fills a place of a pattern, the blanks around it kept."""
        found = self._find(value)
        return value if found is None else value.replace(value.strip(), found) if value.strip() else value

    def _figures(self, text: str) -> str:
        """Write the numbers of a text that is nothing but numbers as this language does."""
        return _FIGURE.sub(lambda found: self._figure(found[0]), text).replace("%", " %").replace("  %", " %")

    def _figure(self, digits: str) -> str:
        plain = digits.replace(",", "")
        return self.number(float(plain), len(plain.partition(".")[2]))

    def number(self, value: float, decimals: int = 1) -> str:
        """Write a number with exactly `decimals` decimals."""
        from babel.numbers import format_decimal

        pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
        return str(format_decimal(value, format=pattern, locale=self._locale)).replace("-", "−")

    def signed(self, value: float, decimals: int = 1) -> str:
        """Write a change with its sign; nothing at all has none.

        Examples
        --------
        >>> Language("en").signed(0.34), Language("en").signed(-0.04)
        ('+0.3', '0.0')
        """
        size = self.number(abs(value), decimals)
        sign = "+" if value > 0 else "−"
        return sign + size if round(abs(value), decimals) > 0 else size

    def percent(self, share: float, decimals: int = 0) -> str:
        """Write a share in [0, 1] as a percentage."""
        from babel.numbers import format_percent

        pattern = (
            "#,##0" + ("." + "0" * decimals if decimals else "") + ("%" if self._locale == "en" else " %")
        )
        return self.bound(str(format_percent(share, format=pattern, locale=self._locale)))

    def bound(self, text: str) -> str:
        """Write percent signs as this language does: beside the number in English, else on its line."""
        return text.replace(" %", "%" if self._locale == "en" else "\u00a0%")

    def date(self, day: dt.date | str, style: str = "medium") -> str:
        """Write a date; an ISO text is read first."""
        from babel.dates import format_date

        when = dt.date.fromisoformat(day[:10]) if isinstance(day, str) else day
        return str(format_date(when, format=style, locale=self._locale))


def languages() -> list[str]:
    """Give the codes of the languages that are complete: English and those with a catalogue."""
    return ["en", *sorted(folder.name for folder in LOCALE.iterdir() if any(folder.glob("*.po")))]


class _Missing(gettext.NullTranslations):
    """What stands behind a catalogue: it gives a message back in English and remembers it."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: set[str] = set()

    def gettext(self, message: str) -> str:
        self.messages.add(message)
        return message

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        self.messages.add(msgid1)
        return super().ngettext(msgid1, msgid2, n)


def _patterns(known: Iterable[str]) -> list[tuple[re.Pattern[str], str]]:
    """Compile the messages with placeholders, those with most words of their own first."""
    messages = [message for message in known if isinstance(message, str) and "{" in message]
    made = []
    for message in messages:
        parts = list(string.Formatter().parse(message))
        own = "".join(literal for literal, *_ in parts)
        if len(own.strip(" .,:;()")) < _LEAST_OWN:
            continue
        seen: set[str] = set()
        pattern = ""
        for literal, name, *_ in parts:
            pattern += re.escape(literal)
            if name:
                pattern += f"(?P={name})" if name in seen else f"(?P<{name}>.*?)"
                seen.add(name)
        made.append((len(own), re.compile(pattern, re.DOTALL), message))
    made.sort(key=lambda each: (-each[0], each[2]))
    return [(pattern, message) for _, pattern, message in made]


def _catalogue(code: str) -> gettext.NullTranslations:
    """Read the catalogues of a language as text and hand them to gettext."""
    files = sorted((LOCALE / code).glob("*.po"))
    if not files:
        return gettext.NullTranslations()
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = io.BytesIO()
    with files[0].open("rb") as source:
        whole = read_po(source, locale=code, abort_invalid=True)
    for file in files[1:]:
        with file.open("rb") as source:
            for message in read_po(source, locale=code, abort_invalid=True):
                if message.id:
                    whole.add(message.id, message.string)
    write_mo(compiled, whole)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


@functools.cache
def language(code: str) -> Language:
    """Give the language of that code; English where there is no catalogue."""
    return Language(code)
