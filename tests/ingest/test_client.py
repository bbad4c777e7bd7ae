"""All sources of a client become canonical tables that hold what the generator planted."""

import os
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from smf_helpers.errors import InputError
from smf_helpers.framework import BARRIERS, FACTOR_KEYS
from smf_helpers.ingest import load_client_tables
from smf_helpers.ingest.sample import SAMPLES, write_sample
from smf_helpers.params import ClientParams, client_folder, load_params
from smf_helpers.tables import SCHEMAS, check
from tests.ingest.conftest import ROOT, sample_of

Pseudonym = Callable[[str], str]


def params_of(name: str) -> ClientParams:
    return load_params(str(ROOT / "params" / f"{name}.yml"))


@cache
def tables_of(name: str) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """Load a sample once; the pseudonym is the raw id, so that tests can look behind it."""
    params = params_of(name)
    return load_client_tables(params, client_folder(params, ROOT), lambda raw: raw)


@pytest.fixture(params=list(SAMPLES))
def loaded(request: pytest.FixtureRequest) -> tuple[str, dict[str, pd.DataFrame], pd.DataFrame]:
    return (request.param, *tables_of(request.param))


def test_every_canonical_table_is_there_and_keeps_its_schema(loaded) -> None:
    _, tables, _ = loaded
    assert set(tables) == set(SCHEMAS)
    check(tables)


def test_every_respondent_of_the_exports_is_read(loaded) -> None:
    name, tables, _ = loaded
    found = tables["respondents"].groupby("wave").size().to_dict()
    assert found == dict(sample_of(name).truth.respondents)


def test_factor_means_are_those_of_everybody_within_sampling_error(loaded) -> None:
    name, tables, _ = loaded
    truth = sample_of(name).truth
    items = tables["items"].set_index("item")
    answers = tables["responses"].dropna(subset=["value"])
    answers = answers[answers["item"].isin([item for item in items.index if "@" not in item])]
    module = answers["item"].map(items["module"])
    low, high = answers["item"].map(items["scale_min"]), answers["item"].map(items["scale_max"])
    turned = answers["value"].where(~answers["item"].map(items["reverse"]), low + high - answers["value"])
    for wave, means in truth.factor_means.items():
        for factor in FACTOR_KEYS:
            kept = turned[(answers["wave"] == wave) & (module == factor)]
            people = answers.loc[kept.index, "respondent"].nunique()
            error = 4 * 1.1 / np.sqrt(people)
            assert abs(kept.mean() - means[factor]) < error, (wave, factor)


def test_barriers_are_read_alike_from_all_three_survey_tools(loaded) -> None:
    name, tables, _ = loaded
    truth = sample_of(name).truth
    shares = tables["responses"].assign(
        module=tables["responses"]["item"].map(tables["items"].set_index("item")["module"])
    )
    for wave, expected in truth.barrier_shares.items():
        for barrier in BARRIERS:
            rows = shares[(shares["wave"] == wave) & (shares["module"] == f"barrier:{barrier}")]
            n = truth.respondents[wave]
            found = rows["value"].sum() / n
            assert abs(found - expected[barrier]) < 4 * np.sqrt(0.25 / n), (wave, barrier)


def test_the_log_accounts_for_every_file(loaded) -> None:
    name, _, log = loaded
    assert set(log["file"]) == set(sample_of(name).files) or name == "pienpaja"
    assert (log["rows_in"] > 0).all() and (log["confidence"] > 0.5).all()
    assert log["digest"].str.len().eq(64).all()


def test_people_of_all_systems_are_one_person() -> None:
    tables, _ = tables_of("northgrid")
    people = set(tables["people"]["person"])
    assert len(people) == 1200
    for table, column in (("respondents", "respondent"), ("activity", "actor"), ("skills", "learner")):
        assert set(tables[table][column]) <= people, table
    assert tables["people"]["executive"].sum() == 14


def test_weekly_adopters_are_those_of_the_planted_process() -> None:
    diffusion = sample_of("northgrid").truth.diffusion
    tables, _ = tables_of("northgrid")
    first = tables["activity"].groupby("actor")["week"].min()
    weeks = ((first - pd.Timestamp(diffusion.launched_on)).dt.days // 7).value_counts()
    found = [int(weeks.get(week, 0)) for week in range(len(diffusion.adopters))]
    assert sum(found) >= 0.97 * sum(diffusion.adopters)
    assert np.abs(np.cumsum(found) - np.cumsum(diffusion.adopters)).max() <= 0.03 * sum(diffusion.adopters)


def test_raw_ids_leave_no_trace_in_the_tables(pseudonym: Pseudonym) -> None:
    params = params_of("kauppa")
    tables, log = load_client_tables(params, client_folder(params, ROOT), pseudonym)
    raw = "".join(frame.to_csv() for name, frame in tables.items() if name != "posts") + log.to_csv()
    assert "@kauppa.example" not in raw and "K00007" not in raw


def test_anonymous_waves_share_no_pseudonym(pseudonym: Pseudonym) -> None:
    params = params_of("pienpaja")
    tables, _ = load_client_tables(params, client_folder(params, ROOT), pseudonym)
    waves = [set(rows["respondent"]) for _, rows in tables["respondents"].groupby("wave")]
    assert not waves[0] & waves[1]
    assert set(tables["waves"]["key_kind"]) == {"none"}


def test_items_that_are_not_comparable_stand_apart_with_their_own_scale() -> None:
    tables, _ = tables_of("pienpaja")
    items = tables["items"].set_index("item")
    assert items.loc["MEA1@2", "scale_max"] == 7 and items.loc["MEA1", "scale_max"] == 5
    assert items.loc["LCU2@2", "module"] == "learning_culture"
    asked = tables["responses"].groupby("item")["wave"].unique()
    assert list(asked["MEA1"]) == ["1"] and list(asked["MEA1@2"]) == ["2"]


@pytest.mark.parametrize("name", ["kauppa", "pienpaja"])
def test_deleting_any_one_input_names_the_file(name: str, tmp_path: Path, pseudonym: Pseudonym) -> None:
    params = params_of(name)
    files = list(sample_of(name).files)
    for lost in files if "SMF_FULL" in os.environ else files[::4]:
        write_sample(sample_of(name), tmp_path)
        (tmp_path / lost).unlink()
        with pytest.raises(InputError) as caught:
            load_client_tables(params, tmp_path, pseudonym)
        said = [fault.where for fault in caught.value.faults]
        assert len(said) == 1
        assert said[0] == lost or Path(lost).match(said[0])


def test_faults_of_all_files_are_told_at_once(tmp_path: Path, pseudonym: Pseudonym) -> None:
    write_sample(sample_of("kauppa"), tmp_path)
    (tmp_path / "henkilosto.csv").write_bytes(b"")
    (tmp_path / "slack-export.zip").write_bytes(b"PK\x03\x04 cut")
    with pytest.raises(InputError) as caught:
        load_client_tables(params_of("kauppa"), tmp_path, pseudonym)
    assert {fault.code for fault in caught.value.faults} == {"S001", "Z003"}


@pytest.mark.parametrize("days", [("2025-02-01", "2025-03-01"), ("2025-03-01", "2025-02-01")])
def test_waves_whose_numbers_contradict_their_dates_are_told(days: tuple[str, str], tmp_path: Path) -> None:
    rows = [f"{i},{wave},4,5,3" for i, wave in enumerate(("W9", "W10") * 3)]
    (tmp_path / "survey.csv").write_text("\n".join(["Respondent ID,Wave,OBJ1,OBJ2,OBJ3", *rows]))
    waves = [{"wave": name, "opened_on": day} for name, day in zip(("W9", "W10"), days, strict=True)]
    about = {"client": "acme", "name": "Acme", "waves": waves}
    params = ClientParams(**about, sources=[{"path": "survey.csv", "wave_column": "Wave"}])
    _, log = load_client_tables(params, tmp_path, lambda raw: raw)
    told = "S405 W10 opened before a wave with a smaller number" in " ".join(log["notes"])
    assert told == (days[1] < days[0])


def test_a_large_log_is_a_source_like_any_other(tmp_path: Path) -> None:
    pytest.importorskip("duckdb", reason="DuckDB is not installed (extra big)")
    people = ["Employee number,Unit,Role,Joined", *(f"P{n},Sales,specialist,2020-01-01" for n in range(3))]
    (tmp_path / "people.csv").write_text("\n".join(people))
    rows = ["who,to,sent,kind", "P0,P1,2025-03-03 09:00:00,reply", "P0,P1,2025-03-04 09:00:00,message",
            "P1,P2,2025-03-03 10:00:00,reaction", ",P2,2025-03-03 10:00:00,reply"]  # fmt: skip
    (tmp_path / "log.csv").write_text("\n".join(rows))
    log = {"source": "who", "target": "to", "at": "sent"}
    sources = [{"path": "people.csv"}, {"path": "log.csv", "platform": "chat", "log": log}]
    params = ClientParams(client="acme", name="Acme", timezone="Europe/Helsinki", sources=sources)
    tables, loaded = load_client_tables(params, tmp_path, lambda raw: f"x{raw}")
    check(tables)
    assert tables["activity"][["actor", "posts", "replies", "active_days"]].to_numpy().tolist() == [
        ["xP0", 1, 1, 2], ["xP1", 0, 0, 1],
    ]  # fmt: skip
    ties = tables["interactions"][["source", "target"]].to_numpy().tolist()
    assert sorted(ties) == [["xP0", "xP1"], ["xP1", "xP2"]]
    assert "1 rows without a source or a time" in " ".join(loaded["rejected"])


def test_a_log_that_is_not_there_is_told_like_any_other_file(tmp_path: Path) -> None:
    pytest.importorskip("duckdb", reason="DuckDB is not installed (extra big)")
    params = ClientParams(client="acme", name="Acme", sources=[{"path": "log.csv", "log": {}}])
    with pytest.raises(InputError, match=r"S000 log\.csv"):
        load_client_tables(params, tmp_path, lambda raw: raw)
