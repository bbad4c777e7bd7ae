"""Large logs come down to weekly activity and ties in bounded memory, alike on every engine."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from smf_helpers.errors import InputError

duckdb = pytest.importorskip("duckdb", reason="DuckDB is not installed (extra big)")

from smf_helpers.ingest.internal.talk import activity_of  # noqa: E402
from smf_helpers.ingest.large import read_log, ties, weekly_activity  # noqa: E402


def log_of(n: int, seed: int = 5) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    seconds = 1_740_000_000 + rng.integers(0, 90 * 86_400, n)
    return pd.DataFrame(
        {
            "source": np.char.add("u", rng.integers(0, 200, n).astype(str)),
            "target": np.char.add("u", rng.integers(0, 200, n).astype(str)),
            "at": pd.to_datetime(seconds, unit="s"),
            "kind": rng.choice(["message", "reply", "mention", "reaction"], n),
        }
    )


def expected(log: pd.DataFrame) -> pd.DataFrame:
    known = log.assign(at=log["at"].dt.tz_localize("UTC"))
    return activity_of(known, "internal", "UTC")


COLUMNS = ["actor", "week", "posts", "replies", "reactions", "active_days"]


@pytest.mark.parametrize("kind", ["csv", "parquet", "folder"])
def test_a_log_is_counted_as_pandas_counts_it(kind: str, tmp_path: Path) -> None:
    log = log_of(5_000)
    path = tmp_path / f"log.{kind}"
    if kind == "csv":
        log.to_csv(path, index=False)
    elif kind == "parquet":
        log.to_parquet(path)
    else:
        path.mkdir()
        for part in range(3):
            log.iloc[part::3].to_parquet(path / f"{part}.parquet")
    found = read_log(path)
    pd.testing.assert_frame_equal(found.activity[COLUMNS], expected(log)[COLUMNS], check_dtype=False)
    pairs = log[log["source"] != log["target"]].groupby(["source", "target"]).size()
    assert found.ties["n"].sum() == pairs.sum() and len(found.ties) == len(pairs)
    assert (found.rows_in, found.rows_out) == (5_000, 5_000)


def test_seconds_since_1970_and_other_names_are_taken(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("from,to,sent\na,b,1740000000\nb,a,1740000600\nb,,bad\n")
    found = read_log(path, columns={"source": "from", "target": "to", "at": "sent"})
    assert found.activity["posts"].sum() == 2 and (found.rows_in, found.rows_out) == (3, 2)


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("from,target,at\na,b,1740000000\n")
    with pytest.raises(InputError, match=r"S102 log\.csv: There is no column 'source'"):
        read_log(path)


def test_offsets_and_zones_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("source,target,at\na,b,2025-03-03T00:30:00+02:00\na,b,2025-03-02T22:45:00Z\n")
    utc = read_log(path)
    assert list(utc.ties["first_at"]) == [pd.Timestamp("2025-03-02 22:30")]
    assert list(utc.activity["week"]) == [pd.Timestamp("2025-02-24")]
    here = read_log(path, timezone="Europe/Helsinki")
    assert list(here.activity["week"]) == [pd.Timestamp("2025-03-03")]


def test_more_ties_than_a_table_holds_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smf_helpers.ingest.large.MAX_TIES", 10)
    log_of(100).to_parquet(tmp_path / "log.parquet")
    with pytest.raises(InputError, match="S013"):
        read_log(tmp_path / "log.parquet")


_COUNT = """
import resource, sys
from smf_helpers.ingest import read_log
found = read_log(sys.argv[1])
print(found.rows_in, found.rows_out, int(found.ties["n"].sum()), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.skipif("SMF_FULL" not in os.environ, reason="the long form (SMF_FULL=1)")
@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_fifty_million_rows_stay_under_two_gigabytes(kind: str, tmp_path: Path) -> None:
    from benchmarks.ingest import log_file

    path = tmp_path / f"log.{kind}"
    log_file(path, 50_000_000)
    said = subprocess.check_output([sys.executable, "-c", _COUNT, path], text=True)
    rows_in, rows_out, tied, peak = map(int, said.split())
    assert rows_in == rows_out == 50_000_000 and 0.99 * rows_in < tied <= rows_in
    assert peak * 1024 < 2_000_000_000


@pytest.mark.filterwarnings("ignore")
def test_one_expression_gives_the_same_on_duckdb_and_by_hand(tmp_path: Path) -> None:
    ibis = pytest.importorskip("ibis", reason="Ibis is not installed (extra big)")
    log = log_of(4_000)
    log.to_parquet(tmp_path / "log.parquet")
    table = ibis.duckdb.connect().read_parquet(tmp_path / "log.parquet")
    found = weekly_activity(table).to_pandas()
    wanted = expected(log)
    found["week"] = pd.to_datetime(found["week"]).astype("datetime64[us]")
    pd.testing.assert_frame_equal(found[COLUMNS], wanted[COLUMNS], check_dtype=False)
    assert ties(table).to_pandas()["n"].sum() == (log["source"] != log["target"]).sum()


@pytest.mark.filterwarnings("ignore")
def test_spark_and_duckdb_give_the_same_numbers(tmp_path: Path) -> None:
    ibis = pytest.importorskip("ibis", reason="Ibis is not installed (extra big)")
    pytest.importorskip("pyspark", reason="pyspark is not installed (extra spark)")
    from pyspark.sql import SparkSession

    if shutil.which("java") is None:
        pytest.skip("Java is not installed, which Spark needs")
    log = log_of(4_000)
    path = str(tmp_path / "log.parquet")
    log.to_parquet(path, coerce_timestamps="us")
    settings = {
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "1",
        "spark.sql.session.timeZone": "UTC",
    }
    session = SparkSession.builder.master("local[1]").config(map=settings).getOrCreate()
    try:
        far = ibis.pyspark.connect(session).read_parquet(path)
        there = [expression(far).to_pandas() for expression in (weekly_activity, ties)]
    finally:
        session.stop()
    near = ibis.duckdb.connect().read_parquet(path)
    here = [expression(near).to_pandas() for expression in (weekly_activity, ties)]
    for times, one, other in (("week",), there[0], here[0]), (("first_at", "last_at"), there[1], here[1]):
        for name in times:
            one[name], other[name] = (
                pd.to_datetime(part[name]).astype("datetime64[us]") for part in (one, other)
            )
        pd.testing.assert_frame_equal(one, other[list(one)], check_dtype=False)
    assert (
        list(there[0][COLUMNS].columns) == COLUMNS
        and there[0]["posts"].sum() == (log["kind"] == "message").sum()
    )
