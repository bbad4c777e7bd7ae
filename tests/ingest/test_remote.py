"""Databases and object stores, against real servers that the test starts."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from smf_helpers.errors import InputError
from smf_helpers.ingest.reading import read_source
from smf_helpers.ingest.remote import open_query, open_url
from smf_helpers.ingest.sources import ReadOptions
from tests.ports import free_port

SKILLS = pd.DataFrame(
    {
        "Employee number": ["P1", "P1", "P2"],
        "Skill": ["writing"] * 3,
        "Date": pd.to_datetime(["2025-03-03", "2025-03-10", "2025-03-03"]),
        "Score": [40.0, 55.5, 61.0],
    }
)


def test_a_query_becomes_a_table(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    sqlalchemy = pytest.importorskip("sqlalchemy", reason="SQLAlchemy is not installed (extra sql)")
    url = f"sqlite:///{tmp_path / 'x.db'}"
    engine = sqlalchemy.create_engine(url)
    SKILLS.to_sql("skills", engine, index=False)
    engine.dispose()
    monkeypatch.setenv("CLIENT_DB", url)
    source = open_query("SELECT * FROM skills", "CLIENT_DB", ReadOptions())
    export, faults = read_source(source)
    assert not faults and export.format == "skills_list"
    assert list(export.tables["skills"]["score"]) == [40.0, 55.5, 61.0]


def test_a_variable_that_is_not_set_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("sqlalchemy", reason="SQLAlchemy is not installed (extra sql)")
    monkeypatch.delenv("CLIENT_DB", raising=False)
    with pytest.raises(InputError, match="D001 query on CLIENT_DB"):
        open_query("SELECT 1", "CLIENT_DB", ReadOptions())


def test_an_error_of_the_database_shows_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("sqlalchemy", reason="SQLAlchemy is not installed (extra sql)")
    monkeypatch.setenv("CLIENT_DB", "sqlite:////nowhere/hush/x.db")
    with pytest.raises(InputError, match="D002") as caught:
        open_query("SELECT * FROM nowhere", "CLIENT_DB", ReadOptions())
    assert "hush" not in str(caught.value) and "nowhere" not in str(caught.value)


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        pytest.skip("PostgreSQL is not installed (Debian package postgresql)")
    pytest.importorskip("psycopg", reason="psycopg is not installed (extra sql)")
    folder, binaries, port = tmp_path_factory.mktemp("pg"), found[-1].parent, free_port()
    user: dict[str, object] = {}
    if os.getuid() == 0:
        import pwd

        if not any(entry.pw_name == "postgres" for entry in pwd.getpwall()):
            pytest.skip("PostgreSQL does not run as root and there is no user postgres")
        folder = Path(subprocess.check_output(["mktemp", "-d"], user="postgres", cwd="/", text=True).strip())
        user = {"user": "postgres", "group": "postgres", "extra_groups": [], "cwd": "/"}
    store = folder / "data"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run(
        [binaries / "initdb", "-D", store, "-A", "trust", "-U", "tester", "--no-sync"],
        check=True,
        **quiet,
        **user,
    )  # type: ignore[call-overload]
    settings = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    control = [binaries / "pg_ctl", "-D", store, "-w", "-o", settings, "-l", folder / "log"]
    subprocess.run([*control, "start"], check=True, **quiet, **user)  # type: ignore[call-overload]
    yield f"postgresql+psycopg://tester@127.0.0.1:{port}/postgres"
    subprocess.run([*control, "-m", "immediate", "stop"], check=True, **quiet, **user)  # type: ignore[call-overload]
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.server
def test_postgresql_gives_what_a_file_gives(
    postgres: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import sqlalchemy

    import smf_helpers as smf

    engine = sqlalchemy.create_engine(postgres)
    SKILLS.to_sql("skills", engine, index=False)
    engine.dispose()
    monkeypatch.setenv("CLIENT_DB", postgres)
    query = 'SELECT "Employee number", "Skill", "Date", "Score" FROM skills ORDER BY 1, 3'
    export, _ = read_source(open_query(query, "CLIENT_DB", ReadOptions()))
    SKILLS.to_csv(tmp_path / "s.csv", index=False)
    pd.testing.assert_frame_equal(
        export.tables["skills"], smf.read_export(tmp_path / "s.csv").tables["skills"]
    )


@pytest.fixture(scope="module")
def bucket() -> Iterator[dict[str, object]]:
    pytest.importorskip("s3fs", reason="s3fs is not installed (extra store)")
    server = pytest.importorskip("moto.server", reason="moto's server is not installed (extra test)")
    import s3fs

    running = server.ThreadedMotoServer(ip_address="127.0.0.1", port=free_port(), verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    options = {"key": "x", "secret": "y", "endpoint_url": f"http://{host}:{port}"}
    store = s3fs.S3FileSystem(**options, skip_instance_cache=True)
    store.mkdir("client")
    yield {"store": store, **options}
    running.stop()


@pytest.mark.server
@pytest.mark.filterwarnings("ignore")
def test_an_object_store_gives_what_a_file_gives(
    bucket: dict[str, object], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import fsspec

    store = bucket["store"]
    store.pipe_file("client/skills.csv", SKILLS.to_csv(index=False).encode())  # type: ignore[attr-defined]
    for part in range(2):
        SKILLS.iloc[part::2].to_parquet(tmp_path / "part.parquet", index=False)
        store.pipe_file(f"client/set/{part}.parquet", (tmp_path / "part.parquet").read_bytes())  # type: ignore[attr-defined]
    asked = {name: bucket[name] for name in ("key", "secret", "endpoint_url")}
    monkeypatch.setitem(fsspec.config.conf, "s3", asked)
    one, _ = read_source(open_url("s3://client/skills.csv", ReadOptions()))
    assert list(one.tables["skills"]["score"]) == [40.0, 55.5, 61.0]
    several, _ = read_source(open_url("s3://client/set", ReadOptions()))
    assert sorted(several.tables["skills"]["score"]) == [40.0, 55.5, 61.0]
    with pytest.raises(InputError, match="S000"):
        open_url("s3://client/nothing.csv", ReadOptions())
