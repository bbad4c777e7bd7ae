import csv
import io
import zipfile
from collections import Counter

import pytest

import smf_helpers as smf
from smf_helpers.framework import BARRIERS, FACTOR_KEYS, MODULES
from smf_helpers.ingest.questionnaire import ITEMS, LANGUAGES, PARTS, questions_of, write_questionnaire
from smf_helpers.ingest.questionnaire_files import WRITERS

UNITS = ("Myynti & Markkinointi", "IT")


def test_about_forty_five_questions_cover_every_module():
    assert 43 <= len(ITEMS) <= 47
    heads = {item.module.partition(":")[0] for item in ITEMS}
    assert heads == set(MODULES)
    per_factor = Counter(item.module for item in ITEMS)
    assert all(per_factor[factor] >= 3 for factor in FACTOR_KEYS)
    assert {item.module for item in ITEMS if item.reverse} <= set(FACTOR_KEYS)
    assert sum(item.reverse for item in ITEMS) >= 3


def test_every_question_is_asked_once_and_in_both_languages():
    codes = [item.code for item in ITEMS]
    assert len(set(codes)) == len(codes) == sum(len(questions_of(part)) for part, _, _ in PARTS)
    for item in ITEMS:
        assert set(item.wording) == set(LANGUAGES) and item.wording["en"] != item.wording["fi"]
        assert set(map(len, item.options.values())) <= {len(item.keys) or item.high - item.low + 1}
    headers = [header for item in ITEMS for header in item.headers]
    assert len(set(headers)) == len(headers)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("form", WRITERS)
def test_writing_twice_gives_the_same_bytes(tmp_path, form, language):
    one = write_questionnaire(form, language, tmp_path / "a", units=UNITS).read_bytes()
    assert one == write_questionnaire(form, language, tmp_path / "b", units=UNITS).read_bytes()


@pytest.mark.parametrize("language", LANGUAGES)
def test_limesurvey_gets_codes_it_accepts_and_every_answer(tmp_path, language):
    path = write_questionnaire("limesurvey", language, tmp_path / "s.txt", units=UNITS)
    text = path.read_bytes().decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE))
    kinds = Counter(row["class"] for row in rows)
    assert kinds["G"] == len(PARTS) and kinds["Q"] == len(ITEMS) + 1 and kinds["SQ"] == len(BARRIERS)
    names = [row["name"] for row in rows if row["class"] == "Q"]
    assert all(name.isalnum() and name[0].isalpha() and len(name) <= 20 for name in names)
    assert len(set(names)) == len(names)
    assert all(row["name"].isdigit() for row in rows if row["class"] == "A")
    assert {row["language"] for row in rows if row["class"] in ("G", "Q", "A", "SQ")} == {language}
    asked = {row["text"] for row in rows if row["class"] == "Q"}
    assert all(item.wording[language] in asked for item in ITEMS)


def test_qualtrics_gets_ids_and_recode_values(tmp_path):
    text = write_questionnaire("qualtrics", "en", tmp_path / "s.txt").read_bytes().decode()
    assert text.startswith("[[AdvancedFormat]]")
    assert all(f"[[ID:{item.code}]]" in text for item in ITEMS)
    rec = text.split("[[ID:REC]]")[1].split("[[Question")[0]
    assert [f"[[Choice:{n}]]" in rec for n in range(11)] == [True] * 11


def test_the_workbook_holds_text_only(tmp_path):
    calamine = pytest.importorskip("python_calamine")
    path = write_questionnaire("xlsx", "fi", tmp_path / "s.xlsx", units=("=1+1", "IT"))
    book = calamine.CalamineWorkbook.from_path(str(path))
    rows = book.get_sheet_by_name("questions").to_python()
    assert [row[0] for row in rows[1:]] == [
        "UNIT",
        *(item.code for part, _, _ in PARTS for item in questions_of(part)),
    ]
    assert ["UNIT", "1", "=1+1"] in book.get_sheet_by_name("answers").to_python()


def test_the_document_is_well_formed_and_holds_every_question(tmp_path):
    etree = pytest.importorskip("lxml.etree")
    path = write_questionnaire("docx", "fi", tmp_path / "s.docx", units=UNITS)
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        trees = {name: etree.fromstring(archive.read(name)) for name in archive.namelist()}
    words = "".join(trees["word/document.xml"].itertext())
    assert all(item.wording["fi"] in words for item in ITEMS) and UNITS[0] in words


def test_an_unknown_format_and_language_are_both_named(tmp_path):
    with pytest.raises(smf.SMFError) as told:
        write_questionnaire("pdf", "xx", tmp_path / "s")
    assert len(told.value.faults) == 2 and "limesurvey" in str(told.value)
