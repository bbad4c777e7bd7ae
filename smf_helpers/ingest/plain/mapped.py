"""Any table with a mapping: the user says which column is which field of a canonical table.

``mapping: {table: posts, columns: {Header: field, …}}`` for a wide table; ``{respondent: …, item: …, value: …}``
in a survey makes a long one. A mapping of headers straight to fields names the table by its fields.
"""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, Final, cast

import numpy as np

from smf_helpers.errors import Fault, InputError
from smf_helpers.ingest.delimited import check_ragged
from smf_helpers.ingest.frames import cleaned, text_array
from smf_helpers.ingest.grids import Grid
from smf_helpers.ingest.headers import normal
from smf_helpers.ingest.internal.talk import activity_of
from smf_helpers.ingest.plain.lists import flags, refuse_times, refuse_words, utc_series
from smf_helpers.ingest.readers import Detection, Reading, frame, register
from smf_helpers.ingest.sources import Source
from smf_helpers.ingest.surveys.layout import Question, SurveyTable
from smf_helpers.ingest.surveys.table import read_survey
from smf_helpers.ingest.times import times
from smf_helpers.ingest.values import numbers
from smf_helpers.tables import SCHEMAS

SURVEY: Final = "survey"
_ATTRIBUTES: Final = ("respondent", "unit", "role", "tenure", "weight", "wave", "submitted_at")


def detect(source: Source) -> Detection | None:
    """A mapping in the params settles it."""
    if source.options.mapping is None or source.bundle or not source.grids:
        return None
    return Detection(confidence=1.0, variant="mapping")


@register("mapped", "table", detect, "Any table, with a mapping in the client's YAML")
def read(source: Source) -> Reading:
    """Read the columns that the mapping names; what it does not name is left out and counted."""
    mapping = source.options.mapping or {}
    grid = source.grids[0]
    header_row = int(mapping.get("header_row", 1)) - 1
    if header_row >= grid.n_rows:
        what = f"The header row {header_row + 1} is beyond the end."
        raise InputError(Fault(code="S101", where=grid.place, what=what, remedy="Correct `header_row:`."))
    if header_row >= 0:
        check_ragged(grid, header_row)
    reading = Reading().about(grid, max(header_row, 0))
    # Without a header the columns are called by their position, from 1.
    header = grid.row(header_row) if header_row >= 0 else [str(i + 1) for i in range(len(grid.columns))]
    body = grid.below(header_row)
    columns = mapping.get("columns", {k: v for k, v in mapping.items() if k not in ("table", "header_row")})
    places = _places(columns, header, grid.place)
    table = str(mapping.get("table") or _table_of(list(places), grid.place))
    others = sum(bool(normal(text)) for text in header) - len(places)
    if table in (SURVEY, "responses", "respondents"):
        return _survey(source, body, header, places, columns, reading)
    if others:
        reading.notes.append(f"{others} columns that the mapping does not name were left out")
    _check_fields(table, places, grid.place)
    return _plain(source, body, table, places, reading)


def _places(columns: Mapping[str, Any], header: list[str], where: str) -> dict[str, int]:
    known: dict[str, list[int]] = {}
    for position, text in enumerate(header):
        known.setdefault(normal(text), []).append(position)
    found: dict[str, int] = {}
    faults = []
    for name, field in columns.items():
        places = known.get(normal(str(name)), [])
        if len(places) > 1:
            at = " and ".join(str(place + 1) for place in places[:2])
            what = f"The column '{name}' appears {len(places)} times ({at})."
            faults.append(Fault(code="S104", where=where, what=what, remedy="Remove one and run again."))
        elif not places:
            near = get_close_matches(normal(str(name)), known, n=1)
            hint = f"Did you mean '{header[known[near[0]][0]]}'?" if near else "Correct the mapping."
            what = f"There is no column '{name}'."
            faults.append(Fault(code="S102", where=where, what=what, remedy=hint))
        else:
            found[str(field)] = places[0]
    if faults:
        raise InputError(*faults)
    return found


def _table_of(fields: list[str], where: str) -> str:
    if "item" in fields and "value" in fields:
        return SURVEY
    fits = [name for name, schema in SCHEMAS.items() if set(fields) <= set(schema.names)]
    if len(fits) == 1:
        return fits[0]
    what = "The mapping does not tell which table this is."
    remedy = f"Add `table:`, one of {', '.join(SCHEMAS)} or survey."
    raise InputError(Fault(code="S103", where=where, what=what, remedy=remedy))


def _check_fields(table: str, places: Mapping[str, int], where: str) -> None:
    if table not in SCHEMAS:
        known = ", ".join(SCHEMAS)
        what = f"The mapping names a table '{table}'."
        raise InputError(Fault(code="S103", where=where, what=what, remedy=f"Known: {known}, survey."))
    fields = SCHEMAS[table].names
    faults = []
    for name in places:
        if name not in fields:
            near = get_close_matches(name, fields, n=1)
            hint = f"Did you mean '{near[0]}'?" if near else f"Known: {', '.join(fields)}."
            what = f"The table '{table}' has no field '{name}'."
            faults.append(Fault(code="S103", where=where, what=what, remedy=hint))
    for field in SCHEMAS[table].fields:
        given = field.name in places or field.name in ("channel", "platform", "kind", "wave")
        if not field.optional and not given:
            what = f"The mapping lacks the field '{field.name}' ({field.about})."
            faults.append(Fault(code="S102", where=where, what=what, remedy="Name the column that holds it."))
    if faults:
        raise InputError(*faults)


def _plain(source: Source, body: Grid, table: str, places: Mapping[str, int], reading: Reading) -> Reading:
    filled = body.filled()
    reading.rejected["blank rows"] += int((~filled).sum())
    body = body.part(filled)
    reading.rows_in = body.n_rows
    decimal = "," if body.separator == ";" else None
    made: dict[str, Any] = {}
    for field in SCHEMAS[table].fields:
        if field.name not in places:
            continue
        column = body.columns[places[field.name]]
        if field.dtype == "text":
            made[field.name] = text_array(cleaned(column), blank_is_missing=field.optional)
        elif field.dtype in ("number", "count"):
            found = numbers(column, decimal=decimal)
            refuse_words(found.bad, body, reading, field.name)
            made[field.name] = found.values
        elif field.dtype == "flag":
            made[field.name] = flags(column)
        else:
            zone = source.options.timezone if field.dtype == "time" else None
            stamps = times(column, order=source.options.date_format, zone=zone)
            refuse_times(stamps, body, reading)
            series = utc_series(stamps)
            made[field.name] = series if field.dtype == "time" else series.dt.tz_localize(None).dt.normalize()
    rows = frame(made)
    options = source.options
    for name, value in (("channel", options.channel), ("platform", options.platform), ("wave", options.wave)):
        if name in SCHEMAS[table].names and name not in rows:
            rows[name] = value or "unnamed"
    lacking = np.zeros(len(rows), dtype=bool)
    for field in SCHEMAS[table].fields:
        if not field.optional and field.name in rows:
            values = rows[field.name]
            lacking |= (values.isna() | (values.astype(str) == "")).to_numpy(dtype=bool)
    if lacking.any():
        reading.rejected["rows without a needed field"] += int(lacking.sum())
    rows = rows[~lacking].reset_index(drop=True)
    if table == "interactions":
        rows = rows if "kind" in rows else rows.assign(kind="message")
        reading.tables["activity"] = activity_of(rows, options.platform or "internal", options.timezone)
    reading.tables[table] = rows
    return reading


def _survey(
    source: Source,
    body: Grid,
    header: list[str],
    places: Mapping[str, int],
    columns: Mapping[str, Any],
    reading: Reading,
) -> Reading:
    if "item" in places and "value" in places:
        return _long(source, body, places, reading)
    about = {name: body.columns[place] for name, place in places.items() if name in _ATTRIBUTES}
    items = {place: name for name, place in places.items() if name not in _ATTRIBUTES}
    chosen = items or {i: header[i] for i in range(len(header)) if i not in places.values()}
    stamp = about.pop("submitted_at", None)
    stamps = None
    if stamp is not None:
        stamps = times(stamp, order=source.options.date_format, zone=source.options.timezone)
    questions = [
        Question(position=i, header=header[i], code=name) for i, name in chosen.items() if normal(header[i])
    ]
    table = SurveyTable(
        grid=body,
        questions=questions,
        key_kind="panel" if "respondent" in about else "none",
        submitted=stamps,
        taken=set(places.values()) - set(items),
        **cast(Any, about),
    )
    return read_survey(table, source, reading)


def _long(source: Source, body: Grid, places: Mapping[str, int], reading: Reading) -> Reading:
    """Turn a long table (a row an answer) into a wide one, and read that."""
    from smf_helpers.ingest.grids import columns_of

    reading.rows_in = body.n_rows
    keys = [name for name in _ATTRIBUTES if name in places]
    cells = [body.columns[places[name]].values for name in (*keys, "item", "value")]
    people: dict[tuple[str, ...], dict[str, str]] = {}
    order: dict[str, int] = {}
    wide_key = [keys.index(name) for name in ("respondent", "wave") if name in keys]
    about: dict[tuple[str, ...], tuple[str, ...]] = {}
    for row in zip(*cells, strict=True):
        key = tuple(row[i] for i in wide_key)
        about.setdefault(key, row[: len(keys)])
        order.setdefault(row[-2], len(order))
        if row[-2] in people.setdefault(key, {}) and people[key][row[-2]] != row[-1]:
            what = "A respondent answers the same item twice, differently."
            raise InputError(Fault(code="S301", where=body.place, what=what, remedy="Keep one of them."))
        people[key][row[-2]] = row[-1]
    rows = [[*about[key], *(answers.get(item, "") for item in order)] for key, answers in people.items()]
    wide = Grid(place=body.place, columns=columns_of(rows), first_row=body.first_row)
    header = [*keys, *order]
    return _survey(source, wide, header, {name: i for i, name in enumerate(keys)}, {}, reading)
