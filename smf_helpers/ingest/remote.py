"""Sources that are no files here: an SQL query, an fsspec URL, a Parquet data set."""

import os
from typing import TYPE_CHECKING

from smf_helpers.errors import Fault, InputError
from smf_helpers.ingest.grids import Column, Grid
from smf_helpers.ingest.limits import MAX_BYTES, MAX_COLUMNS, MAX_ROWS
from smf_helpers.ingest.sources import ReadOptions, Source, missing_extra, source_of
from smf_helpers.ingest.workbooks import cell_text

if TYPE_CHECKING:
    from collections.abc import Iterable


def open_query(query: str, database: str, options: ReadOptions) -> Source:
    """Run an SQL query and take its rows as a table; the URL stands in the environment, never in the YAML.

    Raises
    ------
    InputError
        D001 the variable is not set, D002 the query fails, D003 the result is too large, S011 no SQLAlchemy.
    """
    where = f"query on {database}"
    try:
        import sqlalchemy
        from sqlalchemy.exc import SQLAlchemyError
    except ImportError as problem:
        raise missing_extra(where, "SQL", "sql") from problem
    url = os.environ.get(database)
    if not url:
        what = f"The environment variable {database} is not set."
        remedy = "Set it to a SQLAlchemy URL."
        raise InputError(Fault(code="D001", where=where, what=what, remedy=remedy))
    try:
        engine = sqlalchemy.create_engine(url)
        try:
            with engine.connect() as connection:
                streamed = connection.execution_options(stream_results=True)
                with streamed.execute(sqlalchemy.text(query)) as result:
                    grid = _grid(list(result.keys()), result.fetchmany(MAX_ROWS + 1), where)
        finally:
            engine.dispose()
    except (SQLAlchemyError, ImportError, ValueError) as problem:
        # The database's own message may hold the URL or a row: its kind is enough.
        what = f"The query cannot be run ({type(problem).__name__})."
        remedy = "Check the URL in the environment, the driver and the query."
        raise InputError(Fault(code="D002", where=where, what=what, remedy=remedy)) from None
    return _ready(grid, where, options)


def open_url(url: str, options: ReadOptions) -> Source:
    """Read a file, or all Parquet files below a folder, from any store that fsspec knows.

    Raises
    ------
    InputError
        S000 nothing there, S012 too large, S011 no fsspec.
    """
    where = url.split("?", 1)[0]
    try:
        import fsspec
    except ImportError as problem:
        raise missing_extra(where, "Object store", "store") from problem
    try:
        store, path = fsspec.core.url_to_fs(url)
        if store.isdir(path):
            return _parquet_set(store, path, where, options)
        if store.size(path) > MAX_BYTES:
            what = f"The file is larger than {MAX_BYTES / 1e9:.0f} GB."
            raise InputError(Fault(code="S012", where=where, what=what, remedy="Export a smaller range."))
        raw = store.cat_file(path)
    except (OSError, ValueError, ImportError) as problem:
        what = f"The file cannot be opened ({type(problem).__name__})."
        remedy = "Check the URL and the credentials of the store."
        raise InputError(Fault(code="S000", where=where, what=what, remedy=remedy)) from problem
    return source_of(raw, where.rsplit("/", 1)[-1], options)


def _parquet_set(store: object, path: str, where: str, options: ReadOptions) -> Source:
    try:
        import pyarrow.parquet as parquet
    except ImportError as problem:
        raise missing_extra(where, "Parquet", "big") from problem
    table = parquet.read_table(path, filesystem=store)
    columns = [
        Column.of([name, *map(cell_text, table.column(name).to_pylist())]) for name in table.column_names
    ]
    return _ready(Grid(place=where, columns=columns, encoding="parquet"), where, options)


def _grid(names: list[str], rows: "Iterable[tuple[object, ...]]", where: str) -> Grid:
    table = list(rows)
    if len(table) > MAX_ROWS or len(names) > MAX_COLUMNS:
        what = f"The query gives more than {MAX_ROWS:,} rows."
        raise InputError(Fault(code="D003", where=where, what=what, remedy="Aggregate it in the query."))
    columns = [Column.of([name, *(cell_text(row[i]) for row in table)]) for i, name in enumerate(names)]
    return Grid(place=where, columns=columns, encoding="sql")


def _ready(grid: Grid, where: str, options: ReadOptions) -> Source:
    source = Source(name=where, options=options, raw=b"sql")
    source.__dict__["grids"] = [grid]
    import hashlib

    whole = hashlib.sha256()
    for column in grid.columns:
        whole.update("\0".join(column.levels).encode() + column.codes.tobytes())
    source.__dict__["digest"] = whole.hexdigest()
    return source
