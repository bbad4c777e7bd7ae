"""Reading against plain pandas on the same valid file, and a large log against DuckDB's own scan.

``python benchmarks/ingest.py [--rows N]`` writes ``benchmarks/results/ingest.md``. pandas only parses; we also tell
the format, check every row and make canonical tables. Each measure runs in a process of its own, so that peak memory
is its own; the time is the CPU time of the process (all threads), the best of three without the imports.
"""

import argparse
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]
SURVEY = ROOT / "data" / "sample" / "northgrid" / "survey" / "results-survey_2025-spring.csv"


def _measured(work: Callable[[], object], send: object) -> None:
    work()
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    send.send((best, peak))  # type: ignore[attr-defined]


def measure(work: Callable[[], object]) -> tuple[float, float]:
    """Give (seconds, peak MB) of `work`, in a process of its own."""
    context = multiprocessing.get_context("fork")
    receive, send = context.Pipe(duplex=False)
    process = context.Process(target=_measured, args=(work, send))
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


def larger(path: Path, rows: int) -> None:
    """Write the survey again and again with fresh tokens until it has `rows` rows."""
    lines = SURVEY.read_text(encoding="utf-8-sig").splitlines()
    body = [line.split(",") for line in lines[1:]]
    with path.open("w", encoding="utf-8", newline="") as out:
        out.write(lines[0] + "\r\n")
        for number in range(rows):
            cells = list(body[number % len(body)])
            cells[0], cells[5] = f'"{number + 1}"', f'"token{number:09d}"'
            out.write(",".join(cells) + "\r\n")


def log_file(path: Path, rows: int) -> None:
    """Write a log of interactions as Parquet."""
    import duckdb

    with duckdb.connect() as engine:
        engine.execute(
            f"""COPY (SELECT 'u' || CAST(floor(random() * 20000) AS INT) AS source,
            'u' || CAST(floor(random() * 20000) AS INT) AS target,
            TIMESTAMP '2024-01-01' + to_seconds(CAST(random() * 60000000 AS INT)) AS at,
            'message' AS kind FROM range({rows})) TO '{path}' (FORMAT parquet)"""
        )


def main(arguments: list[str] | None = None) -> int:
    """Measure and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000, help="rows of the large survey")
    parser.add_argument("--log-rows", type=int, default=5_000_000, help="rows of the log")
    asked = parser.parse_args(arguments)
    lines = [
        "# Reading, side by side",
        "",
        "CPU seconds, best of three, imports not counted; peak memory. pandas only parses; we make checked canonical tables.",
        "",
        "| file | rows | pandas s | ours s | ratio | ours rows/s | pandas MB | ours MB |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    with tempfile.TemporaryDirectory() as folder:
        big = Path(folder) / "large.csv"
        larger(big, asked.rows)
        people = ROOT / "data" / "sample" / "northgrid" / "people.csv"
        forms = ROOT / "data" / "sample" / "kauppa" / "kysely" / "Some työssä 1.xlsx"
        for name, path, rows in (
            ("LimeSurvey wave", SURVEY, 545),
            ("people list", people, 1200),
            ("Microsoft Forms workbook", forms, 162),
            ("LimeSurvey, large", big, asked.rows),
        ):
            try:
                (slow, wide), (ours, peak) = measure(by_pandas(path)), measure(by_us(path))
            except EOFError:
                lines.append(f"| {name} | {rows:,} | could not be measured | | | | | |")
                continue
            lines.append(
                f"| {name} | {rows:,} | {slow:.3f} | {ours:.3f} | {ours / slow:.1f} | {rows / ours:,.0f} | {wide:.0f} | {peak:.0f} |"
            )
        lines += _log_lines(Path(folder) / "log.parquet", asked.log_rows)
    target = ROOT / "benchmarks" / "results" / "ingest.md"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text("\n".join(lines) + "\n", encoding="utf-8")
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


def _log_lines(path: Path, rows: int) -> list[str]:
    log_file(path, rows)

    def scan() -> object:
        import duckdb

        with duckdb.connect() as engine:
            return engine.execute(
                f'SELECT source, target, min("at"), max("at"), count(*) FROM read_parquet(\'{path}\') GROUP BY ALL'
            ).fetchall()

    def count() -> object:
        from smf_helpers.ingest import read_log

        return read_log(path)

    (plain, wide), (ours, peak) = measure(scan), measure(count)
    return [
        "",
        "| large log | rows | DuckDB scan s | ours s | ours rows/s | scan MB | ours MB |",
        "| --- | --- | --- | --- | --- | --- | --- |",
        f"| Parquet, weekly activity and ties | {rows:,} | {plain:.2f} | {ours:.2f} | {rows / ours:,.0f} | {wide:.0f} | {peak:.0f} |",
    ]


if __name__ == "__main__":
    sys.exit(main())
