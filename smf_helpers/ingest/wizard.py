"""The mapping of an unknown table, proposed: `suggest_mapping` looks, the user corrects, the YAML keeps it.

The terminal and the notebook cell show the same text; whatever is uncertain stands there as a comment.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from smf_helpers.errors import Fault, InputError
from smf_helpers.ingest.grids import Column, Grid
from smf_helpers.ingest.headers import named, normal, synonyms
from smf_helpers.ingest.sources import ReadOptions, open_source
from smf_helpers.ingest.times import times
from smf_helpers.ingest.values import numbers
from smf_helpers.tables import SCHEMAS

_GROUPS: Final[dict[str, tuple[str, ...]]] = {
    "posts": ("meta_posts", "linkedin_posts", "x_posts", "youtube_videos", "tiktok_posts", "sprout_posts"),
    "channel_days": ("linkedin_days", "x_days", "tiktok_days", "ga4"),
    "activity": ("m365", "slack_members", "discourse"),
    "people": ("people",),
    "skills": ("skills",),
    "messages": ("messages",),
    "survey": ("respondent", "google_forms"),
}
_CHOICES: Final = ("posts", "people", "skills", "messages", "interactions", "survey")
_GIVEN: Final = ("channel", "platform", "kind")
"""Fields that the source's own line of the YAML may give."""

_ALIASES: Final = {"views": "impressions", "permalink": "post"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A mapping as far as it could be told.

    Attributes
    ----------
    table : canonical table, or ``survey``.
    columns : header → field.
    unsure : needed fields for which no column was found.
    seen : header → what its values look like (text, number, date, blank).
    guessed : headers that were taken for what their values look like.
    """

    table: str
    columns: dict[str, str]
    unsure: tuple[str, ...]
    seen: dict[str, str]
    guessed: tuple[str, ...] = ()


class Written(str):
    """YAML that a notebook's cell shows as it is to be pasted, line by line."""

    __slots__ = ()

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(str(self))

    def _repr_markdown_(self) -> str:
        return f"```yaml\n{self}\n```"


def suggest_mapping(path: str | Path, *, table: str | None = None) -> Written:
    """Write the YAML of a mapping for a table of no known format.

    Parameters
    ----------
    path : the file.
    table : canonical table it should become, where the user knows; by default the likeliest.

    Returns
    -------
    Written
        A `sources:` entry to paste into the client's YAML; a text, which a notebook's cell shows as it stands.

    Raises
    ------
    InputError
        When the file holds no table, or the table is unknown.
    """
    source = open_source(Path(path), ReadOptions())
    if not source.grids:
        what = "The file holds no table."
        raise InputError(Fault(code="S002", where=source.name, what=what, remedy="Give a CSV or a workbook."))
    if table is not None and table not in _CHOICES and table not in SCHEMAS:
        what = f"There is no table '{table}'."
        raise InputError(
            Fault(code="S103", where=source.name, what=what, remedy=f"Known: {', '.join(_CHOICES)}.")
        )
    return Written(as_yaml(Path(path).name, propose(source.grids[0], table)))


def propose(grid: Grid, table: str | None = None) -> Suggestion:
    """Propose a mapping of a grid whose first row is the header."""
    header, body = grid.row(0), grid.below(0)
    seen = {text: looks_like(body.columns[i]) for i, text in enumerate(header) if normal(text)}
    found = {name: _fields(header, name) for name in ([table] if table else _CHOICES)}
    chosen = table or max(found, key=lambda name: (_weight(name, found[name]), name == "survey"))
    columns = {header[position]: field for field, position in found[chosen].items()}
    guessed = _by_values(chosen, columns, seen, rows=body.n_rows)
    columns |= guessed
    needed = (
        [] if chosen == "survey" else [field.name for field in SCHEMAS[chosen].fields if not field.optional]
    )
    unsure = tuple(field for field in needed if field not in columns.values() and field not in _GIVEN)
    return Suggestion(table=chosen, columns=columns, unsure=unsure, seen=seen, guessed=tuple(guessed))


def _by_values(table: str, columns: dict[str, str], seen: dict[str, str], rows: int) -> dict[str, str]:
    """Take the only column of dates for a table's only time, and the only one that names each row for its key."""
    if table == "survey":
        return {}
    schema = SCHEMAS[table]
    free = {text: kind for text, kind in seen.items() if text not in columns}
    dates = [text for text, kind in free.items() if kind.startswith("date")]
    names = [text for text, kind in free.items() if kind == f"text, {rows} different"]
    times_of = [field.name for field in schema.fields if field.dtype in ("date", "time")]
    keys = [name for name in schema.key if name not in _GIVEN and name not in times_of]
    found = {}
    for headers, fields in ((dates, times_of), (names, keys)):
        if len(headers) == len(fields) == 1 and fields[0] not in columns.values():
            found[headers[0]] = fields[0]
    return found


def _fields(header: list[str], table: str) -> dict[str, int]:
    """Give field → position, by the names of the fields themselves and by all synonyms of the table."""
    known = {"survey": ("respondent", "unit", "role", "tenure", "weight", "wave", "submitted_at")}
    fields = known.get(table) or tuple(SCHEMAS[table].names)
    found: dict[str, int] = {}
    for position, text in enumerate(header):
        form = normal(text).replace(" ", "_")
        if form in fields:
            found.setdefault(form, position)
    for group in _GROUPS.get(table, ()):
        if group not in synonyms():
            continue
        for field, position in named(header, group).items():
            field = "submitted_at" if field == "submitted" else _ALIASES.get(field, field)
            if field in fields and position not in found.values():
                found.setdefault(field, position)
    return found


def _weight(table: str, found: dict[str, int]) -> float:
    if table == "survey":
        return 0.4 * len(found)
    needed = [field.name for field in SCHEMAS[table].fields if not field.optional]
    return len(found) * (1 + sum(name in found for name in needed)) / (1 + len(needed))


def looks_like(column: Column) -> str:
    """Say what the values of a column look like, without quoting one."""
    used = column.used()
    if not used:
        return "blank"
    if not numbers(column).bad.any():
        return "number"
    stamps = times(column)
    if stamps.order == "ambiguous":
        return "date (day or month first?)"
    return "date" if not stamps.bad.any() else f"text, {len(used)} different"


def as_yaml(name: str, suggestion: Suggestion) -> str:
    """Write a suggestion as YAML, with what is uncertain as comments.

    Examples
    --------
    >>> print(as_yaml("x.csv", Suggestion(table="posts", columns={"Id": "post"}, unsure=("channel",), seen={})))
    sources:
    - path: x.csv
      mapping:
        table: posts
        columns:
          Id: post
    # No column was found for: channel.
    """
    entry = {"path": name, "mapping": {"table": suggestion.table, "columns": suggestion.columns}}
    lines = [yaml.safe_dump({"sources": [entry]}, allow_unicode=True, sort_keys=False, width=100).rstrip()]
    if suggestion.guessed:
        lines.append(f"# Taken for what its values look like: {', '.join(suggestion.guessed)}.")
    if suggestion.unsure:
        lines.append(f"# No column was found for: {', '.join(suggestion.unsure)}.")
    others = {text: kind for text, kind in suggestion.seen.items() if text not in suggestion.columns}
    if others and suggestion.table == "survey":
        lines.append("# Every other column is read as a question; name an item for it under `items:`.")
    elif others:
        lines.append("# Left out; add `header: field` to keep one:")
        lines += [f"#   {text}  ({kind})" for text, kind in list(others.items())[:40]]
    return "\n".join(lines)
