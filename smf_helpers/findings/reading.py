"""What a writer has before it: published tables, the language, and the words for keys inside a sentence."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from smf_helpers.framework import FACTORS, PROPER_NAMES
from smf_helpers.language import Language
from smf_helpers.results.claims import Evidence
from smf_helpers.results.publication import Cell, Mark, Table

Record = Mapping[str, Any]

PHRASES: Final[dict[str, str]] = {
    **{factor.key: factor.label[0].lower() + factor.label[1:] for factor in FACTORS},
    "technology": "fear of the technology",
    "shyness": "shyness about voicing an opinion",
    "embarrassment": "fear of looking silly",
    "tool_overload": "too many tools",
    "legal": "legal worries",
    "security": "security worries",
    "time": "lack of time",
    "policy_clarity": "the policy is clear",
    "owner_known": "it is known who owns it",
    "access_open": "access is open",
    "executives_seen": "executives are seen taking part",
    "email_replaced": "e-mail has been replaced",
    "programme": "the programme",
    "organisation": "imitation across the organisation",
    "network": "people's own colleagues",
    "executives": "executives who take part",
    "active": "the share active in a week",
    "interrupted": "the organisation's own series before and after",
    "comparative": "against the other units",
    "staggered": "against the units still waiting",
    "internal": "the internal cycle",
    "external": "the external cycle",
}
"""Keys of the house as they stand inside a sentence, in the nominative."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Published tables read as sentences need them: only numbers that may be told, in the reader's language."""

    tables: Mapping[str, Table]
    language: Language
    labels: Mapping[str, str]

    def say(self, message: str, /, **values: Any) -> str:
        """Give a sentence of the catalogue with its values filled in."""
        return self.language.text(message, **values)

    def name(self, key: object) -> str:
        """Give the words for a key: the client's own label, ours, or the key itself."""
        text = str(key)
        if text in self.labels:
            return self.labels[text]
        if text in PHRASES:
            return self.say(PHRASES[text])
        return PROPER_NAMES.get(text, text.replace("_", " "))

    def begin(self, key: object) -> str:
        """Give the words for a key as a sentence begins with them."""
        words = self.name(key)
        return words[:1].upper() + words[1:]

    def continued(self, text: str) -> str:
        """Give a text as it goes on after a colon."""
        return text[:1].lower() + text[1:]

    def finished(self, reason: object) -> str:
        """Give a finished English sentence of a model in the reader's language."""
        return "" if reason is None or isinstance(reason, Mark) else self.language.finished(str(reason))

    def wave(self, wave: object) -> str:
        """Give a wave's name, with the month in which it opened where the name does not tell the year."""
        rows = self.rows("waves", wave=str(wave), unit="all") or self.rows("waves", wave=str(wave))
        day = str(rows[0]["opened_on"] or "") if rows else ""
        if len(day) < 10 or day[:4] in str(wave):
            return str(wave)
        return f"{wave} ({self.language.date(day, 'LLLL y')})"

    def rows(self, table: str, **where: Cell) -> list[Record]:
        """Give the rows of a table that match; none where the release has no such table."""
        found = self.tables.get(table)
        return list(found.records(**where)) if found is not None else []

    def told(self, table: str, column: str, **where: Cell) -> list[Record]:
        """Give the matching rows whose `column` holds a number that may be told."""
        return [row for row in self.rows(table, **where) if number(row, column) is not None]

    def quantity(self, table: str, name: str) -> Record | None:
        """Give the row of a named quantity if its value may be told."""
        return next(iter(self.told(table, "value", quantity=name)), None)

    def last_wave(self, table: str = "factors") -> Cell:
        """Give the latest wave of a table."""
        rows = self.rows(table)
        return rows[-1]["wave"] if rows else None

    def plain(self, value: float, decimals: int = 1) -> str:
        """Write a number."""
        return self.language.number(value, decimals).replace("-", "−")

    def share(self, value: float) -> str:
        """Write a share as a percentage."""
        return self.language.percent(value)

    def chance(self, value: float) -> str:
        """Write a chance, never as certain."""
        if value > 0.99:
            return self.say("more than {share}", share=self.share(0.99))
        return self.say("less than {share}", share=self.share(0.01)) if value < 0.01 else self.share(value)

    def change(self, row: Record, column: str) -> str:
        """Write a change on the answer scale with its sign and interval."""
        return self._between(row, column, self.language.signed)

    def points(self, row: Record, column: str, decimals: int = 0) -> str:
        """Write a difference of shares with its interval in percentage points."""
        return self._between(row, column, lambda value: self.language.signed(100 * value, decimals))

    def between(self, row: Record, column: str, *, decimals: int = 1, percent: bool = False) -> str:
        """Write a value with its interval: ``3.4 (3.2 to 3.6)``; without limits only the value."""
        return self._between(
            row, column, self.share if percent else lambda value: self.plain(value, decimals)
        )

    def _between(self, row: Record, column: str, write: Callable[[float], str]) -> str:
        value = number(row, column)
        low_name, high_name = limits(column)
        low, high = number(row, low_name), number(row, high_name)
        if value is None:
            return self.say("not enough to say")
        if low is not None and high is not None:
            return self.say("{value} ({low} to {high})", value=write(value), low=write(low), high=write(high))
        if low is not None:
            return self.say("{value} (at least {low})", value=write(value), low=write(low))
        if high is not None:
            return self.say("{value} (at most {high})", value=write(value), high=write(high))
        return write(value)

    def people(self, row: Record) -> str:
        """Write how many people a row is about, exactly or as its band."""
        n = row.get("n")
        if n is None or isinstance(n, Mark):
            return ""
        written = self.plain(float(n), 0) if isinstance(n, int | float) else str(n).replace("-", "–")
        return self.say("{n} people", n=written)

    def evidence(self, table: str, text: str, **where: object) -> Evidence:
        """Point to the rows of a published table, with the figures in words."""
        return Evidence(
            table=table, where=tuple((key, str(value)) for key, value in where.items()), text=text
        )


PLAIN = {"value", "mean", "share", "estimate", "fitted", "level"}


def limits(column: str) -> tuple[str, str]:
    """Name the columns that hold the limits of a column's interval.

    Examples
    --------
    >>> limits("mean"), limits("change")
    (('low', 'high'), ('change_low', 'change_high'))
    """
    stem = "" if column in PLAIN else f"{column}_"
    return f"{stem}low", f"{stem}high"


def number(row: Record, column: str) -> float | None:
    """Give a cell as a number, or None where it is empty or marked."""
    value = row.get(column)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
