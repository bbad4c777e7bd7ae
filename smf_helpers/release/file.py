"""A release as one JSON file: the same bytes for the same release, and a strict reader.

Tables are stored by name; their declarations are the catalogue's, so a file cannot bring columns of its
own. Whatever is unknown, missing or of another type is refused.
"""

import datetime as dt
import json
import math
import os
import tempfile
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from types import UnionType
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

from smf_helpers.errors import Fault, InputError
from smf_helpers.results.catalogue import CATALOGUE
from smf_helpers.results.publication import Cell, Mark, Table
from smf_helpers.results.released import Release

SCHEMA: Final = 1
MAX_BYTES: Final = 50_000_000
_MARKS: Final = {Mark.CONFIDENTIAL: "confidential", Mark.UNSURE: "unsure"}


def write_release(release: Release) -> str:
    """Write a release as JSON text; equal releases give equal text."""
    content = {"schema": SCHEMA, "release": _plain(release)}
    return json.dumps(content, ensure_ascii=False, sort_keys=True, indent=1, allow_nan=False) + "\n"


def save_release(release: Release, path: str | Path) -> Path:
    """Save a release under `path`; the file is there whole or not at all."""
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    number, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(number, "w", encoding="utf-8", newline="\n") as file:
            file.write(write_release(release))
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return target


def open_release(path: str | Path) -> Release:
    """Open a release file.

    Raises
    ------
    InputError
        When the file is absent or unreadable (R001), is not a release of this version (R002), or holds
        something that a release does not hold (R003).
    """
    source = Path(path)
    try:
        if source.stat().st_size > MAX_BYTES:
            raise _fault("R001", source.name, f"The file is larger than {MAX_BYTES // 1_000_000} MB.")
        text = source.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise _fault("R001", source.name, "The release file cannot be read.") from error
    return read_release(text, where=source.name)


def read_release(text: str, *, where: str = "release.json") -> Release:
    """Read a release from JSON text; see `open_release` for what is refused."""
    try:
        content = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise _fault("R002", where, "This is not a release file.") from error
    if not isinstance(content, dict) or set(content) != {"schema", "release"}:
        raise _fault("R002", where, "This is not a release file.")
    if content["schema"] != SCHEMA:
        raise _fault("R002", where, "The release was written by another version.", "Make the release again.")
    try:
        read = _typed(content["release"], Release, "release")
    except (KeyError, TypeError, ValueError) as error:
        raise _fault("R003", where, f"Not a valid release: {error}.", "Make the release again.") from error
    assert isinstance(read, Release)
    return read


def _fault(
    code: str, where: str, what: str, remedy: str = "Make the release with 'smf report'."
) -> InputError:
    return InputError(Fault(code=code, where=where, what=what, remedy=remedy))


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number")


def _plain(thing: Any) -> Any:
    if isinstance(thing, Table):
        return {
            "rows": [[_plain_cell(cell) for cell in row] for row in thing.rows],
            "note": thing.note,
            "reason": thing.reason,
        }
    if is_dataclass(thing) and not isinstance(thing, type):
        return {field.name: _plain(getattr(thing, field.name)) for field in fields(thing)}
    if isinstance(thing, Mapping):
        return {str(key): _plain(value) for key, value in thing.items()}
    if isinstance(thing, tuple | list):
        return [_plain(value) for value in thing]
    return _plain_cell(thing)


def _plain_cell(cell: Any) -> Any:
    if isinstance(cell, Mark):
        return {"mark": _MARKS[cell]}
    if isinstance(cell, dt.datetime):
        raise TypeError("a release holds dates, not times")
    if isinstance(cell, dt.date):
        return {"date": cell.isoformat()}
    if cell is None or isinstance(cell, bool | str):
        return str(cell) if isinstance(cell, str) else cell
    if isinstance(cell, int):
        return int(cell)
    if isinstance(cell, float) and math.isfinite(cell):
        return float(cell)
    raise TypeError(f"a release cannot hold a {type(cell).__name__}")


def _cell(value: Any, where: str) -> Cell:
    if isinstance(value, dict):
        marks = {name: mark for mark, name in _MARKS.items()}
        if set(value) == {"mark"} and value["mark"] in marks:
            return marks[value["mark"]]
        if set(value) == {"date"} and isinstance(value["date"], str):
            return dt.date.fromisoformat(value["date"])
        raise ValueError(f"{where} is not a cell")
    if value is None or isinstance(value, str | int | float | bool):
        return value
    raise ValueError(f"{where} is not a cell")


def _table(value: Any, name: str) -> Table:
    if name not in CATALOGUE:
        raise ValueError("an unknown table")
    spec = CATALOGUE[name]
    if not isinstance(value, dict) or set(value) != {"rows", "note", "reason"}:
        raise ValueError(f"{name} is not a table")
    rows = value["rows"]
    if not isinstance(rows, list) or any(
        not isinstance(row, list) or len(row) != len(spec.columns) for row in rows
    ):
        raise ValueError(f"{name} has rows of another shape")
    return Table(
        spec=spec,
        rows=tuple(tuple(_cell(cell, name) for cell in row) for row in rows),
        note=_typed(value["note"], str, name),
        reason=_typed(value["reason"], str, name),
    )


def _typed(value: Any, hint: Any, where: str) -> Any:
    """Read `value` as the type that the declaration of the result asks for."""
    origin, arguments = get_origin(hint), get_args(hint)
    if is_dataclass(hint) and isinstance(hint, type):
        return _read_fields(value, hint, where)
    if origin is tuple:
        return _read_tuple(value, arguments, where)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        if not isinstance(value, dict):
            raise ValueError(f"{where} is not a mapping")
        if arguments[1] is Table:
            return {key: _table(value[key], key) for key in value}
        return {key: _typed(item, arguments[1], where) for key, item in value.items()}
    if origin in (Union, UnionType):
        if value is None and type(None) in arguments:
            return None
        return _typed(value, next(kind for kind in arguments if kind is not type(None)), where)
    if arguments:
        if value not in arguments:
            raise ValueError(f"{where} is not one of the known words")
        return value
    if hint is float and isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if type(value) is not hint:
        raise ValueError(f"{where} is not of type {getattr(hint, '__name__', hint)}")
    return value


def _read_fields(value: Any, kind: type, where: str) -> Any:
    hints = get_type_hints(kind)
    if not isinstance(value, dict) or set(value) != set(hints):
        raise ValueError(f"{where} does not have the fields of {kind.__name__}")
    return kind(**{name: _typed(value[name], hint, f"{where}.{name}") for name, hint in hints.items()})


def _read_tuple(value: Any, arguments: tuple[Any, ...], where: str) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise ValueError(f"{where} is not a list")
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        return tuple(_typed(item, arguments[0], where) for item in value)
    if len(value) != len(arguments):
        raise ValueError(f"{where} has another length")
    return tuple(_typed(item, hint, where) for item, hint in zip(value, arguments, strict=True))
