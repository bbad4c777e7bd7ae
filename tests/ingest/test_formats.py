"""Every registered format is told from its bytes and reads to the right canonical rows."""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import smf_helpers as smf
from smf_helpers.errors import InputError
from smf_helpers.ingest import READERS
from smf_helpers.ingest.sample import northgrid, survey_files
from smf_helpers.ingest.sample.answers import simulate_answers
from smf_helpers.ingest.sample.organisation import make_people
from smf_helpers.tables import SCHEMAS, conform
from tests.ingest.conftest import ROOT
from tests.ingest.lookalikes import CASES, Case

SAMPLED = {"limesurvey", "microsoft_forms", "google_forms", "viva_engage", "slack_export", "linkedin_page"}
SAMPLED |= {"meta_cards", "people_list", "skills_list", "inbox_list"}
MAPPED = {"mapped"}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.format}-{case.name}")
def test_a_lookalike_is_told_and_read_to_the_right_rows(case: Case, tmp_path: Path) -> None:
    path = tmp_path / case.name
    path.write_bytes(case.raw)
    export = smf.read_export(path)
    assert export.format == case.format
    assert case.variant in ("", export.variant)
    for table, n in case.rows.items():
        assert len(export.tables[table]) == n, table
    for (table, column), total in case.sums.items():
        assert export.tables[table][column].sum() == pytest.approx(total), (table, column)
    for (table, column), value in case.first.items():
        assert str(export.tables[table][column].iloc[0]) == value, (table, column)


NAME_SAYS_THE_YEAR = ("Overview_2025-01-01.csv", "Followers_2025-01-01.csv", "Content_2025-01-05.csv")
"""TikTok writes days without their year: without the file's name they are refused, never guessed."""


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.format}-{case.name}")
def test_the_name_of_the_file_says_nothing(case: Case, tmp_path: Path) -> None:
    path = tmp_path / "download (1).bin"
    path.write_bytes(case.raw)
    if case.name in NAME_SAYS_THE_YEAR:
        with pytest.raises(InputError, match=r"S405.*the name of the file does not tell it"):
            smf.read_export(path)
    else:
        assert smf.read_export(path).format == case.format


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.format}-{case.name}")
def test_every_row_is_accounted_for(case: Case, tmp_path: Path) -> None:
    path = tmp_path / case.name
    path.write_bytes(case.raw)
    export = smf.read_export(path)
    for name, rows in export.tables.items():
        known = rows[[column for column in rows if column in SCHEMAS[name].names]]
        assert list(conform(name, known).columns) == SCHEMAS[name].names
    assert (export.log["rows_in"] > 0).all()
    assert export.log["digest"].str.len().eq(64).all()
    lost = export.log["rows_in"].max() > export.log["rows_out"].max()
    assert not lost or export.log["rejected"].str.len().gt(0).any() or export.tables


def test_every_registered_format_has_a_lookalike() -> None:
    made = {case.format for case in CASES} | SAMPLED | MAPPED
    assert set(READERS) == made


def test_both_dialects_of_limesurvey_give_the_same_numbers(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    people = make_people(
        rng,
        {"A": 30, "B": 20},
        domain="x.example",
        prefix="X",
        begins_on=date(2025, 1, 1),
        ends_on=date(2026, 1, 1),
        executives=3,
    )
    wave = simulate_answers(rng, people, northgrid.plans()[:1], lambda unit, module, number: 0.0)[0]
    read = []
    for texts in (False, True):
        path = tmp_path / f"{texts}.csv"
        path.write_bytes(survey_files.limesurvey(np.random.default_rng(2), people, wave, texts=texts))
        read.append(smf.read_export(path))
    assert [export.variant for export in read] == ["answer codes", "answer texts"]
    for table, columns in (
        ("responses", ["respondent", "item", "value", "missing", "text"]),
        ("items", ["item", "module", "scale_max"]),
    ):
        codes, words = (export.tables[table][columns] for export in read)
        pd.testing.assert_frame_equal(codes, words)


def test_a_question_that_was_not_shown_is_no_skipped_one() -> None:
    path = ROOT / "data" / "sample" / "northgrid" / "survey" / "results-survey_2025-spring.csv"
    rows = smf.read_export(path).tables["responses"].query("item == 'EXE1'")
    assert set(rows["missing"]) == {"", "not_asked", "skipped"}
    assert rows.loc[rows["missing"] != "", "value"].isna().all()


LEFT_OUT = {
    "fb2023.csv": "4 columns (Page name, Title, Duration (sec), Negative feedback from users: Hide all) left out",
    "followers.xls": "2 columns (Organic followers, Auto-invited followers) left out",
    "x-2026.csv": "6 columns (Shares, New follows, Profile visits, Detail Expands, Hashtag Clicks, …) left out",
    "tiktok-business.csv": "3 columns (Phone number clicks, Leads submission, Net growth) left out",
    "sprout-2026.csv": "3 columns (Content Type, Sent by, Linked Content) left out",
    "yt-en.zip": "5 columns (Duration, Watch time (hours), Subscribers, Impressions, Impressions click-through rate (%)) left out",
    "ads-2017.csv": "2 columns (Ends, Campaign ID) left out",
    "pairs.csv": "Lifetime Organic views to 95%) left out",
}
"""Look-alike → the columns of a vendor's export that count in nothing, as the load log lists them."""


@pytest.mark.parametrize("name", LEFT_OUT)
def test_columns_that_count_in_nothing_are_listed(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(next(case.raw for case in CASES if case.name == name))
    assert LEFT_OUT[name] in smf.read_export(path).log["notes"].iloc[0]
