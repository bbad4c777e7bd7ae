"""Reading against plain pandas on the same valid file, and a large log against DuckDB's own scan.

``python -m benchmarks.ingest [--rows N] [--log-rows N]`` writes ``benchmarks/results/ingest.md``. pandas stands there twice:
`pd.read_csv` alone, which gives the file's columns as they are, and the same canonical tables written by hand for this very
file (`ingest_by_hand`; held against ours before it is timed). We also tell the format, check every row and keep a log. Each
measure runs in a process of its own, so that peak memory is its own; the time is the CPU time of the process (all threads),
the best of several without the imports.
"""

import argparse
import csv
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.ingest_by_hand import BY_HAND, same

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "data" / "sample"
SURVEY = SAMPLE / "northgrid" / "survey" / "results-survey_2025-spring.csv"
SMALL = {
    "LimeSurvey wave": SURVEY,
    "Microsoft Forms workbook": SAMPLE / "kauppa" / "kysely" / "Some työssä 1.xlsx",
    "people list": SAMPLE / "northgrid" / "people.csv",
    "skills list": SAMPLE / "northgrid" / "skills.csv",
    "inbox": SAMPLE / "northgrid" / "inbox.csv",
    "Facebook posts": SAMPLE / "kauppa" / "meta" / "Mar-03-2025_Sep-30-2026_facebook.csv",
}
LARGE = {"LimeSurvey wave": SURVEY, "people list": SMALL["people list"], "skills list": SMALL["skills list"],
         "Facebook posts": SMALL["Facebook posts"]}  # fmt: skip
KEYS = {"LimeSurvey wave": (0, 5), "people list": (0, 1), "skills list": (0,), "Facebook posts": (0,)}


def _measured(work: Callable[[], object], repeats: int, send: object) -> None:
    best = float("inf")
    for _ in range(repeats):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    send.send((best, peak))  # type: ignore[attr-defined]


def measure(work: Callable[[], object], repeats: int = 5) -> tuple[float, float]:
    """Give (seconds, peak MB) of `work`, in a process of its own; the first of several runs only warms it up."""
    context = multiprocessing.get_context("fork")
    receive, send = context.Pipe(duplex=False)
    process = context.Process(target=_measured, args=(work, repeats, send))
    process.start()
    send.close()
    found = receive.recv()
    process.join()
    return found  # type: ignore[no-any-return]


def by_pandas(path: Path) -> Callable[[], object]:
    """Parse with plain pandas."""

    def work() -> object:
        import pandas as pd

        return pd.read_excel(path, engine="calamine") if path.suffix == ".xlsx" else pd.read_csv(path)

    return work


def by_us(path: Path) -> Callable[[], object]:
    """Read into canonical tables."""

    def work() -> object:
        import smf_helpers as smf

        return smf.read_export(path)

    return work


def rows_of(path: Path) -> int:
    """Count the rows under the header."""
    import pandas as pd

    return len(pd.read_excel(path, engine="calamine") if path.suffix == ".xlsx" else pd.read_csv(path))


def larger(source: Path, keys: tuple[int, ...], path: Path, rows: int) -> None:
    """Write a file again and again, with fresh keys, until it has `rows` rows."""
    with source.open(encoding="utf-8-sig", newline="") as stream:
        header, *body = csv.reader(stream)
    with path.open("w", encoding="utf-8", newline="") as out:
        write = csv.writer(out).writerow
        write(header)
        for number in range(rows):
            cells = list(body[number % len(body)])
            for place in keys:
                cells[place] = f"{number + 10**9}"
            write(cells)


def log_file(path: Path, rows: int) -> None:
    """Write a log as a platform of 20,000 people has one: a few talk much, each with up to 120 others."""
    import duckdb

    with duckdb.connect() as engine:
        engine.execute("SET memory_limit='1GB'")
        engine.execute("SET preserve_insertion_order=false")
        engine.execute(
            f"""COPY (SELECT 'u' || who AS source,
            'u' || ((who * 7919 + CAST(floor(pow(random(), 3) * 120) AS BIGINT) * 104729) % 20000) AS target,
            TIMESTAMP '2024-01-01' + to_seconds(CAST(random() * 63000000 AS BIGINT)) AS at,
            ['message', 'reply', 'mention', 'reaction'][1 + CAST(floor(random() * 4) AS INT)] AS kind
            FROM (SELECT CAST(floor(pow(random(), 2) * 20000) AS BIGINT) AS who FROM range({rows}))
            ) TO '{path}' (FORMAT {path.suffix.lstrip(".")})"""
        )


def _files(folder: Path, rows: int) -> Iterator[tuple[str, Path, int]]:
    yield from ((name, path, 9) for name, path in SMALL.items())
    for number, (name, path) in enumerate(LARGE.items()):
        big = folder / f"{number}.csv"
        larger(path, KEYS[name], big, rows)
        yield f"{name}, large", big, 3


def _lines(folder: Path, rows: int) -> list[str]:
    found = []
    for name, path, repeats in _files(folder, rows):
        (parse, wide), (ours, peak) = measure(by_pandas(path), repeats), measure(by_us(path), repeats)
        n, cells = rows_of(path), ["", "", ""]
        if write := BY_HAND.get(name.removesuffix(", large")):
            check(path, write)
            hand, held = measure(lambda write=write, path=path: write(path), repeats)  # type: ignore[misc]
            cells = [f"{hand * 1e3:,.1f}", f"{ours / hand:.2f}", f"{held:.0f}"]
        found.append(
            f"| {name} | {n:,} | {parse * 1e3:,.1f} | {cells[0]} | {ours * 1e3:,.1f} | {ours / parse:.1f} | {cells[1]} "
            f"| {n / ours:,.0f} | {wide:.0f} | {cells[2]} | {peak:.0f} |"
        )
    return found


def check(path: Path, write: Callable[[Path], object]) -> None:
    """Hold the tables written by hand against ours, in a process of its own: memory counts from here on."""
    context = multiprocessing.get_context("fork")
    process = context.Process(target=lambda: same(by_us(path)().tables, write(path)))  # type: ignore[attr-defined, arg-type]
    process.start()
    process.join()
    if process.exitcode:
        raise SystemExit(f"{path.name}: the tables written by hand differ from ours")


def _log_lines(path: Path, rows: int) -> str:
    log_file(path, rows)

    def scan() -> object:
        import duckdb

        with duckdb.connect() as engine:
            engine.execute("SET memory_limit='1GB'")
            columns = 'source, target, min("at"), max("at"), count(*)'
            return engine.sql(f"SELECT {columns} FROM '{path}' GROUP BY source, target").to_arrow_table()

    def count() -> object:
        from smf_helpers.ingest import read_log

        return read_log(path)

    (plain, wide), (ours, peak) = measure(scan, 1), measure(count, 1)
    path.unlink()
    return (
        f"| {path.suffix.lstrip('.')} | {rows:,} | {plain:.1f} | {ours:.1f} | {ours / plain:.1f} "
        f"| {rows / ours:,.0f} | {wide:.0f} | {peak:.0f} |"
    )


def main(arguments: list[str] | None = None) -> int:
    """Measure and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=110_000, help="rows of the large files")
    parser.add_argument("--log-rows", type=int, default=50_000_000, help="rows of the log; 0 leaves it out")
    asked = parser.parse_args(arguments)
    lines = [
        "# Reading, side by side",
        "",
        "CPU time, best of several, imports not counted; peak memory of the process, imports counted. *Parse* is `pd.read_csv`",
        "(`read_excel`) alone: the columns as they stand, ids as numbers, times as text, no answers told apart. *Tables* is what a",
        "pandas user has to write for the same canonical tables, knowing this one file, without a check or a log; every value is",
        "held against ours first. We tell the format, check every row, and a survey of 51 answers a row becomes 51 rows.",
        "",
        "| file | rows | parse ms | tables ms | ours ms | ours / parse | ours / tables | ours rows/s | parse MB | tables MB | ours MB |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    with tempfile.TemporaryDirectory() as folder:
        lines += _lines(Path(folder), asked.rows)
        if asked.log_rows:
            lines += [
                "",
                "The large log becomes weekly activity and ties; DuckDB's own scan counts the ties only.",
                "",
                "| log | rows | DuckDB s | ours s | ratio | ours rows/s | DuckDB MB | ours MB |",
                "| --- | --- | --- | --- | --- | --- | --- | --- |",
                *(_log_lines(Path(folder) / f"log.{kind}", asked.log_rows) for kind in ("parquet", "csv")),
            ]
    target = ROOT / "benchmarks" / "results" / "ingest.md"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text("\n".join(lines) + "\n", encoding="utf-8")
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
