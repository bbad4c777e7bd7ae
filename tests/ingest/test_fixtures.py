"""The licensed real files read without any mapping where they are surveys or channels."""

from pathlib import Path

import pandas as pd
import pytest

import smf_helpers as smf

REAL = {
    "qualtrics/sample_de_labels.csv": ("qualtrics", {"respondents": 1}),
    "surveymonkey/StarWars.csv": ("surveymonkey", {"respondents": 1186}),
    "typeform/mental-heath-in-tech-2016_20161114.csv": ("wide_survey", {"respondents": 1433, "items": 63}),
    "spss/sample.sav": ("spss", {"respondents": 5, "items": 7}),
    "spss/sample.zsav": ("spss", {"respondents": 5, "items": 7}),
    "spss/simple_alltypes.sav": ("spss", {"respondents": 6, "items": 12}),
    "posts/dataset_Facebook.csv": ("facebook_legacy", {"posts": 500}),
    "linkedin_creator/stats_example.xlsx": ("linkedin_creator", {"channel_days": 1095}),
    "viva_insights/pq_data_sample.csv.gz": ("viva_insights", {"people": 300}),
    "spss/sample_missing.sav": ("spss", {"respondents": 7, "items": 7}),
    "spss/missing_test.sav": ("spss", {"respondents": 2, "items": 1}),
    "spss/ordered_category.sav": ("spss", {"respondents": 4, "items": 1}),
    "viva_insights/g2g_data.csv": ("viva_insights", {}),
    "viva_insights/mt_data.csv": ("viva_insights", {}),
    "viva_insights/p2p_data.csv": ("viva_insights", {"interactions": 2014}),
}


@pytest.mark.parametrize("name", REAL)
def test_a_real_file_reads_without_a_mapping(name: str, fixtures: Path) -> None:
    export = smf.read_export(fixtures / name)
    kind, rows = REAL[name]
    assert export.format == kind
    assert {table: len(export.tables[table]) for table in rows} == rows


def test_facebook_totals_are_those_of_the_published_table(fixtures: Path) -> None:
    path = fixtures / "posts" / "dataset_Facebook.csv"
    plain = pd.read_csv(path, sep=";", encoding="latin-1")
    posts = smf.read_export(path).tables["posts"]
    assert posts["reach"].sum() == plain["Lifetime Post Total Reach"].sum()
    assert posts["comments"].sum() == plain["comment"].sum()
    assert posts["paid"].sum() == plain["Paid"].sum()


def test_user_missing_codes_are_no_answers(fixtures: Path) -> None:
    rows = smf.read_export(fixtures / "spss" / "sample_missing.sav").tables["responses"]
    assert (rows["missing"] == "user_missing").sum() > 0
    assert rows.loc[rows["missing"] == "user_missing", "value"].isna().all()


def test_the_stars_of_the_survey_keep_their_options(fixtures: Path) -> None:
    export = smf.read_export(fixtures / "surveymonkey" / "StarWars.csv")
    seen = export.tables["responses"].query("item.str.startswith('Which of the following')")
    plain = pd.read_csv(fixtures / "surveymonkey" / "StarWars.csv", encoding="cp1252", skiprows=[1])
    assert seen["value"].sum() == plain.iloc[:, 3:9].notna().sum().sum()


def test_research_tables_read_with_a_mapping(fixtures: Path) -> None:
    plain = pd.read_csv(fixtures / "waves" / "univbct.csv")
    columns = {"SUBNUM": "respondent", "COMPANY": "unit", "TIME": "wave", "JSAT": "JSAT", "READY": "READY"}
    mapping = {"table": "survey", "columns": columns}
    tables = smf.read_export(fixtures / "waves" / "univbct.csv", mapping=mapping).tables
    answers = tables["responses"].query("item == 'JSAT'")
    assert answers["value"].sum() == pytest.approx(plain["JSAT"].sum())
    answered = plain.dropna(subset=["JSAT", "READY"], how="all").groupby("TIME").size()
    assert list(tables["respondents"].groupby("wave").size()) == list(answered)
    columns = {"1": "source", "2": "target", "3": "at"}
    mapping = {"table": "interactions", "header_row": 0, "columns": columns}
    talk = smf.read_export(fixtures / "internal_network" / "CollegeMsg.txt", mapping=mapping).tables
    assert len(talk["interactions"]) == talk["activity"]["posts"].sum() == 59_835
    assert talk["activity"]["actor"].nunique() == 1_350
