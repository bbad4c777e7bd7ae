"""Languages: one catalogue a language, numbers and dates as its readers write them.

A sentence is written once, in English, where it is made; `Language.text` looks it up in the
catalogue of the language (gettext, ``locale/LANG/*.po``, one file a room) and fills in the values. A language is
added by adding its folder; nothing has to be compiled.
"""

import datetime as dt
import functools
import gettext
import io
from pathlib import Path
from typing import Any

LOCALE = Path(__file__).parent / "locale"


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
        self._catalogue = _catalogue(code)
        self.untranslated: set[str] = set()

    def text(self, message: str, /, **values: Any) -> str:
        """Give `message` in this language with `values` filled in."""
        found = self._catalogue.gettext(message) if message else ""
        if found == message and message:
            self.untranslated.add(message)
        return found.format(**values) if values else found

    def plural(self, one: str, many: str, n: int, /, **values: Any) -> str:
        """Give the form of the message that fits `n`."""
        found = self._catalogue.ngettext(one, many, n)
        if found in (one, many):
            self.untranslated.add(one)
        return found.format(n=self.number(n, 0), **values)

    def number(self, value: float, decimals: int = 1) -> str:
        """Write a number with exactly `decimals` decimals."""
        from babel.numbers import format_decimal

        pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
        return str(format_decimal(value, format=pattern, locale=self.code))

    def signed(self, value: float, decimals: int = 1) -> str:
        """Write a change with its sign."""
        sign = "+" if value > 0 else "−" if value < 0 else "±"
        return sign + self.number(abs(value), decimals)

    def percent(self, share: float, decimals: int = 0) -> str:
        """Write a share in [0, 1] as a percentage."""
        from babel.numbers import format_percent

        pattern = "#,##0" + ("." + "0" * decimals if decimals else "") + ("%" if self.code == "en" else " %")
        return str(format_percent(share, format=pattern, locale=self.code))

    def date(self, day: dt.date | str, style: str = "medium") -> str:
        """Write a date; an ISO text is read first."""
        from babel.dates import format_date

        when = dt.date.fromisoformat(day[:10]) if isinstance(day, str) else day
        return str(format_date(when, format=style, locale=self.code))


def languages() -> list[str]:
    """Give the codes of the languages that are complete: English and those with a catalogue."""
    return ["en", *sorted(folder.name for folder in LOCALE.iterdir() if any(folder.glob("*.po")))]


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
