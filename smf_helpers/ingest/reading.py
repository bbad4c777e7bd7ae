"""`read_export`: any file, folder or zip → canonical tables and a log that accounts for every row."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from smf_helpers.errors import Fault, InputError
from smf_helpers.ingest import formats as formats
from smf_helpers.ingest.frames import text_list
from smf_helpers.ingest.headers import MissingFieldError
from smf_helpers.ingest.readers import READERS, Detection, Reading
from smf_helpers.ingest.sources import ReadOptions, Source, open_source, source_of
from smf_helpers.ingest.times import BARE_DAYS
from smf_helpers.ingest.workbooks import FROM_1904
from smf_helpers.results.ingest import LOG_COLUMNS, Export
from smf_helpers.tables import SCHEMAS

if TYPE_CHECKING:
    import pandas as pd

SURE: Final = 0.5
"""Confidence below which a format is not taken."""
_CLUTTER: Final = (".txt", ".md", ".html", ".pdf", ".png", ".jpg", ".jpeg", ".gif", ".ds_store")


def read_export(
    path: str | Path, *, format: str | None = None, mapping: Mapping[str, Any] | None = None
) -> Export:
    """Read an export as it was downloaded: a file, a folder or a zip.

    The format is told from the bytes, never from the name; what cannot be read truthfully is refused with a
    sentence that says what to do.

    Parameters
    ----------
    path : the file, folder or zip.
    format : name of the format where it cannot be told; see ``READERS``.
    mapping : header → canonical field, for a table of no known format; `suggest_mapping` writes one.

    Raises
    ------
    InputError
        All faults of the file at once, each with its place and its remedy.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> rows = ["Employee number,Skill,Date,Score", "P1,writing,2025-03-03,40", "P1,writing,2025-03-10,55"]
    >>> _ = (folder / "skills.csv").write_text(chr(10).join(rows))
    >>> export = read_export(folder / "skills.csv")
    >>> export.format, list(export.tables["skills"]["score"])
    ('skills_list', [40.0, 55.0])
    """
    options = ReadOptions(mapping=mapping)
    export, faults = read_source(open_source(Path(path), options), format)
    errors = [fault for fault in faults if fault.severity == "error"]
    if errors:
        raise InputError(*errors)
    return export


def read_source(source: Source, format: str | None = None) -> tuple[Export, list[Fault]]:
    """Read a source and give its export beside everything that is wrong with it.

    Raises
    ------
    InputError
        Where nothing can be read at all.
    """
    if format is not None and format not in READERS:
        known = ", ".join(READERS)
        what = f"There is no format '{format}'."
        raise InputError(Fault(code="S100", where=source.name, what=what, remedy=f"Known: {known}."))
    if format is not None:
        return _as_named(source, format)
    ranked = detect(source)
    if not ranked and source.bundle:
        return _members(source)
    if not ranked and (bare := _without_preamble(source)) is not None:
        source, ranked = bare, detect(bare)
    name, found = _chosen(ranked, source)
    return _read(source, name, found)


def detect(source: Source) -> list[tuple[str, Detection]]:
    """Give the formats that a source may be, the likeliest first."""
    found = [(name, seen) for name, reader in READERS.items() if (seen := reader.detect(source))]
    return sorted(found, key=lambda pair: -pair[1].confidence)


def _chosen(ranked: list[tuple[str, Detection]], source: Source) -> tuple[str, Detection]:
    sure = [pair for pair in ranked if pair[1].confidence >= SURE]
    if not sure:
        _check_header(source)
        what = "The format is not known."
        remedy = "Give a mapping (`suggest_mapping` writes one), or name the format with `format:`."
        raise InputError(Fault(code="S100", where=source.name, what=what, remedy=remedy))
    if len(sure) > 1 and sure[1][1].confidence >= sure[0][1].confidence - 0.01:
        names = f"{sure[0][0]} and {sure[1][0]}"
        what = f"The file fits two formats: {names}."
        raise InputError(Fault(code="S100", where=source.name, what=what, remedy="Name one with `format:`."))
    return sure[0]


def _as_named(source: Source, format: str) -> tuple[Export, list[Fault]]:
    """Read a source as the format that the user named; where the reader does not know it, it may refuse it."""
    named = Detection(confidence=1.0, variant="named by the user")
    if READERS[format].detect(source):
        return _read(source, format, named)
    if not source.bundle:
        _check_kind(source, format)
    try:
        return _read(source, format, named)
    except InputError:
        raise
    except (LookupError, TypeError, ValueError, AttributeError, AssertionError) as problem:
        what = f"This does not look like a file of the format {format}."
        remedy = "Correct or remove `format:`."
        raise InputError(Fault(code="S106", where=source.name, what=what, remedy=remedy)) from problem


def _check_kind(source: Source, format: str) -> None:
    """Refuse a survey that the params call a channel, and the other way round."""
    kinds = {READERS[name].kind for name, found in detect(source) if found.confidence >= SURE}
    kind = READERS[format].kind
    if kinds and kind not in kinds:
        what = f"This looks like a {sorted(kinds)[0]} file, not like {format}."
        raise InputError(
            Fault(code="S106", where=source.name, what=what, remedy="Correct or remove `format:`.")
        )


def _without_preamble(source: Source) -> Source | None:
    """Leave out lines above the header that hold one cell only: a title, a date, a blank line."""
    if source.bundle or len(source.grids) != 1:
        return None
    grid = source.grids[0]
    filled = [sum(bool(cell.strip()) for cell in row) for row in grid.head(12)]
    first = next((row for row, cells in enumerate(filled) if cells > 1), 0)
    if not first:
        return None
    bare = replace(source)
    bare.__dict__["grids"] = [
        replace(grid.below(first - 1), notes=(*grid.notes, f"{first} lines above the header were left out"))
    ]
    return bare


def _check_rows(source: Source) -> None:
    """Refuse a header with nothing below it, whatever the format."""
    for grid in source.grids if len(source.grids) == 1 else ():
        if grid.n_rows < 2:
            what = "The file holds a header and no rows."
            raise InputError(Fault(code="S001", where=grid.place, what=what, remedy="Export it again."))


def _check_header(source: Source) -> None:
    """Say what is wrong with a table that no reader knows, where that is plain to see."""
    _check_rows(source)
    for grid in source.grids:
        header = [text.strip() for text in grid.row(0)]
        if header and all(text.replace(".", "", 1).isdigit() for text in header if text):
            what = "There is no header row: the first line holds numbers."
            remedy = "Add a header, or set `header_row:` in the mapping."
            raise InputError(Fault(code="S101", where=f"{grid.place}:1", what=what, remedy=remedy))


def _read(source: Source, name: str, found: Detection) -> tuple[Export, list[Fault]]:
    from smf_helpers.tables import conform

    _check_rows(source)
    try:
        reading = READERS[name].read(source)
    except MissingFieldError as problem:
        what = f"There is no column for '{problem.args[0]}', which a file of the format {name} has."
        remedy = "Export it again with all columns, or give a mapping."
        raise InputError(Fault(code="S102", where=source.name, what=what, remedy=remedy)) from None
    if BARE_DAYS in reading.notes and any(FROM_1904 in grid.notes for grid in source.grids):
        what = "The workbook counts its days from 1904, and dates stand in it as bare numbers."
        remedy = "Format these cells as dates, save it and run again."
        reading.fail("S406", source.name, what, remedy)
    if READERS[name].kind in ("survey", "table") and len(source.grids) > 1:
        reading.warn("S107", source.name, "Several sheets hold tables; the first was read.", "Set `sheet:`.")
    tables = {}
    if not any(fault.severity == "error" for fault in reading.faults):
        for table, rows in reading.tables.items():
            extra = {column: rows[column] for column in rows if column not in SCHEMAS[table].names}
            kept = conform(table, rows)
            tables[table] = kept.assign(**extra) if extra else kept
        if not tables and not reading.rejected:
            reading.fail("S001", source.name, "The file holds no rows.", "Export it again.")
    log = _log(source, name, found, reading, tables)
    export = Export(format=name, variant=found.variant, confidence=found.confidence, tables=tables, log=log)
    return export, reading.faults


def _log(
    source: Source, name: str, found: Detection, reading: Reading, tables: "Mapping[str, pd.DataFrame]"
) -> "pd.DataFrame":
    import pandas as pd

    rejected = "; ".join(f"{n} {reason}" for reason, n in reading.rejected.items() if n)
    warned = [f"{fault.code} {fault.what}" for fault in reading.faults if fault.severity != "error"]
    shared = {
        "file": source.name,
        "format": name,
        "variant": found.variant,
        "confidence": float(found.confidence),
        "encoding": reading.encoding,
        "separator": reading.separator,
        "header_row": reading.header_row,
        "rows_in": reading.rows_in,
        "rejected": rejected,
        "notes": "; ".join(dict.fromkeys([*reading.notes, *warned])),
        "digest": source.digest,
    }
    held = {table: len(frame) for table, frame in tables.items()} or {"": 0}
    columns: dict[str, Any] = {
        name: text_list([value] * len(held)) if isinstance(value, str) else np.full(len(held), value)
        for name, value in shared.items()
        if name != "header_row"
    }
    columns["header_row"] = pd.array([reading.header_row] * len(held), dtype="Int64")
    columns["table"], columns["rows_out"] = text_list(list(held)), np.array(list(held.values()))
    return pd.DataFrame({name: columns[name] for name in LOG_COLUMNS}, copy=False)


def _members(source: Source) -> tuple[Export, list[Fault]]:
    """Read the members of a zip or folder that is no format of its own, each for itself."""
    import pandas as pd

    exports, faults = [], list[Fault]()
    for name, raw in source.members.items():
        if name.lower().endswith(_CLUTTER) or not raw.strip():
            continue
        try:
            inner = source_of(raw, f"{source.name}|{name}", source.options)
            if inner.bundle:
                what = "An archive inside the archive was left out."
                faults.append(Fault(code="Z002", where=inner.name, what=what, severity="warning"))
                continue
            export, found = read_source(inner)
        except InputError as problem:
            faults += problem.faults
            continue
        exports.append(export)
        faults += found
    if not exports:
        raise InputError(
            *(
                [fault for fault in faults if fault.severity == "error"]
                or [Fault(code="S100", where=source.name, what="No member is of a known format.",
                          remedy="Name the format, or give a mapping.")]
            )
        )  # fmt: skip
    tables: dict[str, list[pd.DataFrame]] = {}
    for export in exports:
        for table, rows in export.tables.items():
            tables.setdefault(table, []).append(rows)
    names = sorted({export.format for export in exports})
    merged = {
        table: pd.concat(parts, ignore_index=True).drop_duplicates(
            list(SCHEMAS[table].key) or None, keep="last", ignore_index=True
        )
        for table, parts in tables.items()
    }
    export = Export(
        format=names[0] if len(names) == 1 else "several",
        variant=exports[0].variant if len(exports) == 1 else f"{len(exports)} files",
        confidence=min(export.confidence for export in exports),
        tables=merged,
        log=pd.concat([export.log for export in exports], ignore_index=True),
    )
    return export, faults
