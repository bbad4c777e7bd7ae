"""Large logs come down to weekly activity and ties in bounded memory, alike on every engine."""

import os
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


@pytest.mark.skipif("SMF_FULL" not in os.environ, reason="the long form (SMF_FULL=1)")
def test_memory_stays_bounded_over_many_rows(tmp_path: Path) -> None:
    import psutil

    path = tmp_path / "log.parquet"
    with duckdb.connect() as engine:
        engine.execute(
            f"""COPY (SELECT 'u' || CAST(floor(random() * 20000) AS INT) AS source,
            'u' || CAST(floor(random() * 20000) AS INT) AS target,
            TIMESTAMP '2024-01-01' + to_seconds(CAST(random() * 60000000 AS INT)) AS at, 'message' AS kind
            FROM range(50000000)) TO '{path}' (FORMAT parquet)"""
        )
    found = read_log(path)
    assert found.rows_in == 50_000_000
    assert psutil.Process().memory_info().rss < 2_000_000_000


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

    log = log_of(4_000)
    log.to_parquet(tmp_path / "log.parquet", coerce_timestamps="us")
    session = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
    try:
        remote = ibis.pyspark.connect(session)
        table = remote.read_parquet(str(tmp_path / "log.parquet"))
        found = weekly_activity(table).to_pandas()
    finally:
        session.stop()
    here = weekly_activity(ibis.duckdb.connect().read_parquet(tmp_path / "log.parquet")).to_pandas()
    for frame in (found, here):
        frame["week"] = pd.to_datetime(frame["week"]).astype("datetime64[us]")
    pd.testing.assert_frame_equal(found[COLUMNS], here[COLUMNS], check_dtype=False)
