"""Interaction logs too large for memory: CSV or Parquet → weekly activity and ties, inside the database engine.

One expression (Ibis) says what is counted; DuckDB runs it here, embedded and in bounded memory, and a Spark session
or the client's warehouse runs the same expression where the data are. `scan_log` is DuckDB's own SQL for the common
case of files on this machine. A row of the log is one action: who, towards whom, when, of which kind.
"""

import hashlib
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from smf_helpers.errors import Fault, InputError
from smf_helpers.ingest.sources import missing_extra
from smf_helpers.results.ingest import LOG_COLUMNS, Export
from smf_helpers.tables import conform

if TYPE_CHECKING:
    import pandas as pd

MEMORY_LIMIT: Final = "1GB"
"""What DuckDB may hold; with the result and the process itself it stays under 2 GB."""
MAX_TIES: Final = 8_000_000
"""Pairs of people beyond which the ties are no longer a table for this machine."""
FIELDS: Final = ("source", "target", "at", "kind")


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSummary:
    """What a large log comes down to.

    Attributes
    ----------
    activity : canonical activity, a row an actor and week.
    ties : ``source, target, n, first_at, last_at``, a row a pair.
    rows_in : rows of the log.
    rows_out : rows that were counted.
    """

    activity: "pd.DataFrame"
    ties: "pd.DataFrame"
    rows_in: int
    rows_out: int


def read_log(
    path: str | Path,
    *,
    columns: Mapping[str, str] | None = None,
    platform: str = "internal",
    timezone: str | None = None,
    memory_limit: str = MEMORY_LIMIT,
) -> LogSummary:
    """Count a large log of interactions (CSV, Parquet, or a folder or pattern of them) in bounded memory.

    Parameters
    ----------
    path : file, folder of Parquet files, or pattern such as ``logs/*.csv``.
    columns : field → column, for ``source``, ``target``, ``at`` (a time, or seconds since 1970) and ``kind``
        (reply, mention, reaction or message); by default the columns are called like the fields.
    platform : name of the platform.
    timezone : zone in which weeks and days begin; by default UTC. Times without a zone are UTC.
    memory_limit : what DuckDB may hold in memory; the rest goes to a temporary folder.

    Returns
    -------
    LogSummary
        Weekly activity and ties.

    Raises
    ------
    InputError
        S000 nothing there, S102 a column is missing, S010 the file cannot be read, S011 DuckDB is not installed,
        S013 more pairs of people than a table holds.
    """
    where = Path(path).name
    try:
        import duckdb
    except ImportError as problem:
        raise missing_extra(where, "Large log", "big") from problem
    with tempfile.TemporaryDirectory() as spill, duckdb.connect() as engine:
        for name, value in (("memory_limit", memory_limit), ("temp_directory", spill), ("TimeZone", "UTC")):
            engine.execute(f"SET {name}='{value}'")
        engine.execute("SET preserve_insertion_order=false")
        try:
            _view(engine, Path(path), columns or {}, timezone, where)
            engine.execute(f"CREATE TEMP TABLE counted AS {_ACTIVITY}")
            [(rows_in, rows_out)] = engine.execute(
                "SELECT coalesce(sum(n), 0), coalesce(sum(n) FILTER (actor IS NOT NULL), 0) FROM counted"
            ).fetchall()
            activity = engine.sql("SELECT * EXCLUDE (n) FROM counted WHERE actor IS NOT NULL ORDER BY ALL")
            activity = activity.to_arrow_table().to_pandas()
            engine.execute(f"CREATE TEMP TABLE tied AS {_TIES}")
            [(pairs,)] = engine.execute("SELECT count(*) FROM tied").fetchall()
            _check_ties(pairs, where)
            ties = engine.sql("SELECT * FROM tied ORDER BY source, target").to_arrow_table().to_pandas()
        except duckdb.Error as problem:
            what = f"The log cannot be read ({type(problem).__name__})."
            remedy = "Check that it is CSV or Parquet with a header, and that `at` holds times."
            raise InputError(Fault(code="S010", where=where, what=what, remedy=remedy)) from problem
    activity = conform("activity", activity.assign(platform=platform, window_days=7))
    return LogSummary(activity=activity, ties=ties, rows_in=int(rows_in), rows_out=int(rows_out))


def log_export(
    folder: Path, path: str, columns: Mapping[str, str], *, platform: str, timezone: str | None
) -> Export:
    """Count a client's log: weekly activity, and of each pair its first contact as one interaction."""
    import pandas as pd

    found = read_log(folder / path, columns=columns, platform=platform, timezone=timezone)
    first = found.ties.assign(
        at=pd.to_datetime(found.ties["first_at"], utc=True), kind="message", place=None, open=None
    )
    tables = {"activity": found.activity, "interactions": conform("interactions", first)}
    lost = found.rows_in - found.rows_out
    log = pd.DataFrame(
        {
            "file": path,
            "format": "interaction_log",
            "variant": "counted in the database engine",
            "confidence": 1.0,
            "encoding": "",
            "separator": "",
            "header_row": pd.array([None] * len(tables), dtype="Int64"),
            "rows_in": found.rows_in,
            "rejected": f"{lost} rows without a source or a time" if lost else "",
            "notes": "each pair's first contact stands for all of its interactions",
            "digest": _digest(folder / path),
            "table": list(tables),
            "rows_out": [len(rows) for rows in tables.values()],
        }
    )[list(LOG_COLUMNS)]
    return Export(format="interaction_log", variant="large", confidence=1.0, tables=tables, log=log)


def _digest(path: Path) -> str:
    if path.is_file():
        files = [path]
    else:
        inside = path.rglob("*") if path.is_dir() else path.parent.glob(path.name)
        files = sorted(file for file in inside if file.is_file())
    whole = hashlib.sha256()
    for file in files:
        with file.open("rb") as stream:
            whole.update(hashlib.file_digest(stream, "sha256").digest())
    return whole.hexdigest()


# The days of a week are bits of one number: no list of distinct days has to be kept for anybody.
_ACTIVITY: Final = """
SELECT CASE WHEN kept THEN source END AS actor,
       CASE WHEN kept THEN CAST(date_trunc('week', here) AS TIMESTAMP) END AS week, count(*) AS n,
       CAST(count(*) FILTER (kind = 'message') AS DOUBLE) AS posts,
       CAST(count(*) FILTER (kind IN ('reply', 'mention')) AS DOUBLE) AS replies,
       CAST(count(*) FILTER (kind = 'reaction') AS DOUBLE) AS reactions,
       CAST(bit_count(bit_or(1 << CAST(isodow(here) - 1 AS INTEGER))) AS DOUBLE) AS active_days
FROM log GROUP BY 1, 2
"""
_TIES: Final = """
SELECT source, target, count(*) AS n, min(moment) AS first_at, max(moment) AS last_at
FROM log WHERE kept AND target <> '' AND target <> source GROUP BY source, target
"""


def _check_ties(pairs: int, where: str) -> None:
    if pairs > MAX_TIES:
        what = (
            f"The log holds {pairs:,} pairs of people, more than the {MAX_TIES:,} that a table here may have."
        )
        remedy = "Give one platform or one year at a time."
        raise InputError(Fault(code="S013", where=where, what=what, remedy=remedy))


def _view(engine: Any, path: Path, columns: Mapping[str, str], timezone: str | None, where: str) -> None:
    """Put one view over the files: the four fields, the moment here, and whether a row can be counted."""
    pattern, parquet = _pattern(path, where)
    literal = "'" + pattern.replace("'", "''") + "'"
    scan = (
        f"read_parquet({literal})"
        if parquet
        else f"read_csv({literal}, all_varchar=true, union_by_name=true)"
    )
    known = {row[0]: row[1] for row in engine.execute(f"DESCRIBE SELECT * FROM {scan}").fetchall()}
    lost = [field for field in FIELDS[:3] if columns.get(field, field) not in known]
    if lost:
        faults = [
            Fault(
                code="S102",
                where=where,
                what=f"There is no column '{columns.get(field, field)}'.",
                remedy=f"Name the column that holds '{field}'; known: {', '.join(list(known)[:8])}.",
            )
            for field in lost
        ]
        raise InputError(*faults)
    name = {field: '"' + columns.get(field, field).replace('"', '""') + '"' for field in FIELDS}
    kind = f"lower(CAST({name['kind']} AS VARCHAR))" if columns.get("kind", "kind") in known else "'message'"
    at = _moment(name["at"], known[columns.get("at", "at")])
    zone = (timezone or "UTC").replace("'", "")
    here = "moment" if zone == "UTC" else f"timezone('{zone}', timezone('UTC', moment))"
    engine.execute(
        f"CREATE TEMP VIEW log AS SELECT *, {here} AS here, (source <> '' AND moment IS NOT NULL) AS kept FROM ("
        f"SELECT coalesce(CAST({name['source']} AS VARCHAR), '') AS source, "
        f"coalesce(CAST({name['target']} AS VARCHAR), '') AS target, {at} AS moment, {kind} AS kind FROM {scan})"
    )


def _moment(column: str, dtype: str) -> str:
    """Give the SQL of a time in UTC without a zone, from whatever type the column has."""
    if dtype.startswith("TIMESTAMP WITH TIME ZONE"):
        return f"({column} AT TIME ZONE 'UTC')"
    if dtype.startswith(("TIMESTAMP", "DATE")):
        return f"CAST({column} AS TIMESTAMP)"
    text = f"CAST({column} AS VARCHAR)"
    seconds = f"make_timestamp(CAST(TRY_CAST({text} AS DOUBLE) * 1000000 AS BIGINT))"
    if dtype != "VARCHAR":
        return seconds
    # A plain cast to TIMESTAMP would drop an offset such as +02:00 without a word.
    return f"coalesce(TRY_CAST({text} AS TIMESTAMPTZ) AT TIME ZONE 'UTC', {seconds})"


def _pattern(path: Path, where: str) -> tuple[str, bool]:
    if path.is_dir():
        parquet = any(path.rglob("*.parquet"))
        return str(path / ("**/*.parquet" if parquet else "*.csv")), parquet
    if not path.exists() and not any(mark in path.name for mark in "*?["):
        what = "There is no such file."
        raise InputError(
            Fault(code="S000", where=where, what=what, remedy="Put it there, or correct the path.")
        )
    if not path.is_file():
        return str(path), path.suffix == ".parquet"
    with path.open("rb") as stream:
        return str(path), stream.read(4) == b"PAR1"


def weekly_activity(log: Any) -> Any:
    """Give weekly activity as an Ibis expression over a table with ``source, target, at, kind``.

    The same expression runs on DuckDB, on Spark and on any warehouse that Ibis knows.
    """
    kept = log.filter(log.at.notnull() & (log.source != ""))
    kept = kept.mutate(week=kept.at.truncate("W"), day=kept.at.date())
    return (
        kept.group_by(["source", "week"])
        .aggregate(
            posts=(kept.kind == "message").sum().cast("float64"),
            replies=kept.kind.isin(["reply", "mention"]).sum().cast("float64"),
            reactions=(kept.kind == "reaction").sum().cast("float64"),
            active_days=kept.day.nunique().cast("float64"),
        )
        .rename(actor="source")
        .order_by(["actor", "week"])
    )


def ties(log: Any) -> Any:
    """Give ties as an Ibis expression: how often each source turned to each target, first and last."""
    kept = log.filter(log.at.notnull() & (log.source != "") & (log.target != "") & (log.source != log.target))
    return (
        kept.group_by(["source", "target"])
        .aggregate(n=kept.count(), first_at=kept.at.min(), last_at=kept.at.max())
        .order_by(["source", "target"])
    )
