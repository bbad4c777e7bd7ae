import csv
import io
import zipfile
from collections import Counter

import pytest

import smf_helpers as smf
from smf_helpers.framework import BARRIERS, FACTOR_KEYS, MODULES
from smf_helpers.ingest.questionnaire import ITEMS, LANGUAGES, PARTS, questions_of, write_questionnaire
from smf_helpers.ingest.questionnaire_files import WRITERS
from smf_helpers.ingest.questionnaire_words import ROLE, ROLES

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
    one = write_questionnaire(form, language, tmp_path / "a", units=UNITS, roles=True).read_bytes()
    assert one == write_questionnaire(form, language, tmp_path / "b", units=UNITS, roles=True).read_bytes()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_tool_asks_for_the_role_only_when_it_is_wanted(tmp_path, language):
    calamine = pytest.importorskip("python_calamine")
    etree = pytest.importorskip("lxml.etree")
    for wanted in (True, False):
        text = {}
        for form in WRITERS:
            path = write_questionnaire(form, language, tmp_path / f"{form}{wanted}", roles=wanted)
            text[form] = path.read_bytes().decode("utf-8-sig") if form in ("limesurvey", "qualtrics") else ""
        book = calamine.CalamineWorkbook.from_path(str(tmp_path / f"xlsx{wanted}"))
        text["xlsx"] = str([book.get_sheet_by_name(name).to_python() for name in book.sheet_names])
        with zipfile.ZipFile(tmp_path / f"docx{wanted}") as archive:
            text["docx"] = "".join(etree.fromstring(archive.read("word/document.xml")).itertext())
        for said in text.values():
            assert all((words in said) is wanted for words in (ROLE[language], ROLES[language][2]))


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


def test_limesurvey_finds_an_id_of_its_own_on_every_question_and_option(tmp_path):
    """LimeSurvey 6.4 drops an option whose id a question has, and renames one called ``time``."""
    path = write_questionnaire("limesurvey", "en", tmp_path / "s.txt", units=UNITS)
    text = path.read_bytes().decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE))
    own = [row for row in rows if row["class"] in ("Q", "SQ")]
    assert len({row["id"] for row in own}) == len(own) == len(ITEMS) + 1 + len(BARRIERS)
    asked = {row["id"] for row in own if row["class"] == "Q"}
    assert all(row["related_id"] in asked for row in own if row["class"] == "SQ")
    assert "time" not in {row["name"] for row in own}


META = {
    "code": ("id", "submitdate", "lastpage", "startlanguage", "seed", "startdate", "datestamp"),
    "en": (
        *("Response ID", "Date submitted", "Last page", "Start language", "Seed"),
        *("Date started", "Date last action"),
    ),
    "fi": (
        *("Vastaus-ID", "Lähetys päivämäärä", "Viimeinen sivu", "Aloituskieli", "Siemen"),
        *("Aloituspäivämäärä", "Viimeisimmän toiminteen päivämäärä"),
    ),
}
"""The first columns of LimeSurvey's results, under question codes and under full texts."""


@pytest.mark.parametrize("texts", [False, True], ids=["codes", "full answers"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_comes_back_from_limesurvey_is_read_without_a_mapping(tmp_path, language, texts):
    header, rows, answers = list(META[language if texts else "code"]), [], []
    for n in range(12):
        day = f"2026-05-{n + 1:02d} 10:00:00"
        rows.append([str(n + 1), day, "4", language, "7", day, day])
        answers.append({})
    columns = [
        ("UNIT", {"en": "Which unit do you work in?", "fi": "Missä yksikössä työskentelet?"}[language])
    ]
    header += [columns[0][1], ROLE[language]] if texts else ["UNIT", "ROLE"]
    for n, row in enumerate(rows):
        row += [UNITS[n % 2], ROLES[language][n % 4]]
    for item in ITEMS:
        wording = item.wording[language] if texts else item.tool_code
        if item.kind == "many_of":
            for k, key in enumerate(item.keys):
                header.append(f"{wording} [{item.options[language][k] if texts else item.option_code(k)}]")
                for n, row in enumerate(rows):
                    named = (n + k) % 3 == 0
                    yes, no = {"en": ("Yes", "No"), "fi": ("Kyllä", "Ei")}[language] if texts else ("Y", "")
                    row.append(yes if named else no)
                    answers[n][f"BAR_{key}"] = float(named)
            continue
        header.append(wording)
        for n, row in enumerate(rows):
            if item.kind == "text":
                row.append("")
                continue
            place = (n + len(header)) % len(item.options[language])
            row.append(item.options[language][place] if texts else str(item.low + place))
            answers[n][item.code] = float(item.low + place)
    file = tmp_path / "results-survey.csv"
    lines = [";".join(f'"{cell}"' for cell in line) for line in (header, *rows)]
    file.write_bytes(("\ufeff" + "\n".join(lines) + "\n").encode())
    export = smf.read_export(file)
    assert export.format == "limesurvey"
    found = export.tables["responses"].pivot(index="respondent", columns="item", values="value")
    order = list(dict.fromkeys(export.tables["responses"]["respondent"]))
    assert set(found.columns) - {"COM"} == set(answers[0])
    for person, said in zip(order, answers, strict=True):
        assert {item: found.loc[person, item] for item in said} == said
    modules = dict(zip(export.tables["items"]["item"], export.tables["items"]["module"], strict=True))
    assert all(modules[item.code] == item.module for item in ITEMS if item.kind not in ("text", "many_of"))
    units = export.tables["respondents"].set_index("respondent")["unit"]
    assert [units[person] for person in order] == [UNITS[n % 2] for n in range(12)]
    roles = export.tables["respondents"].set_index("respondent")["role"]
    assert [roles[person] for person in order] == [ROLES[language][n % 4] for n in range(12)]


@pytest.mark.parametrize("split", [False, True], ids=["one column", "a column an option"])
@pytest.mark.parametrize("texts", [False, True], ids=["values", "labels"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_comes_back_from_qualtrics_is_read_without_a_mapping(tmp_path, language, texts, split):
    names = ["StartDate", "EndDate", "Status", "Progress", "Finished", "RecordedDate", "ResponseId"]
    columns = [(name, name, name[0].lower() + name[1:]) for name in names]
    rows = [
        ["2026-05-01 10:00:00", "2026-05-01 10:09:00", "0", "100", "1", "2026-05-01 10:09:00", f"R_{n:015d}"]
        for n in range(12)
    ]
    answers: list[dict[str, float]] = [{} for _ in rows]
    columns.append(("ROLE", ROLE[language], "QID99"))
    for n, row in enumerate(rows):
        row.append(ROLES[language][n % 4])
    for place, item in enumerate(ITEMS):
        wording, options = item.wording[language], item.options.get(language, ())
        if item.kind == "text":
            continue
        if item.kind == "many_of":
            for n, said in enumerate(answers):
                said.update({f"BAR_{key}": float((n + k) % 3 == 0) for k, key in enumerate(item.keys)})
            given = [
                [options[k] if texts else str(k + 1) for k in range(len(options)) if (n + k) % 3 == 0]
                for n in range(len(rows))
            ]
            if split:
                for k, text in enumerate(options):
                    shown = f"{wording} - Selected Choice - {text}"
                    columns.append((f"{item.code}_{k + 1}", shown, f"QID{place}_{k + 1}"))
                    mark = text if texts else "1"
                    for n, row in enumerate(rows):
                        row.append(mark if (n + k) % 3 == 0 else "")
            else:
                columns.append((item.code, f"{wording} - Selected Choice", f"QID{place}"))
                for n, row in enumerate(rows):
                    row.append(",".join(given[n]))
            continue
        columns.append((item.code, wording, f"QID{place}"))
        for n, row in enumerate(rows):
            at = (n + place) % len(options)
            row.append(options[at] if texts else str(item.low + at))
            answers[n][item.code] = float(item.low + at)
    file = tmp_path / "results.csv"
    with file.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out)
        writer.writerow([name for name, _, _ in columns])
        writer.writerow([text for _, text, _ in columns])
        writer.writerow([f'{{"ImportId":"{ident}"}}' for _, _, ident in columns])
        writer.writerows(rows)
    export = smf.read_export(file)
    assert export.format == "qualtrics"
    assert export.tables["respondents"]["role"].tolist() == [ROLES[language][n % 4] for n in range(12)]
    found = export.tables["responses"].pivot(index="respondent", columns="item", values="value")
    order = list(dict.fromkeys(export.tables["responses"]["respondent"]))
    for person, said in zip(order, answers, strict=True):
        assert {item: found.loc[person, item] for item in said} == said


def abbreviated(text):
    """Cut a heading as LimeSurvey's "abbreviated question text" does."""
    return text if len(text) <= 15 else f"{text[:15]}.. "


@pytest.mark.parametrize("language", LANGUAGES)
def test_abbreviated_headings_of_limesurvey_are_refused_with_what_to_do(tmp_path, language):
    header = [abbreviated(text) for text in (*META[language], *(item.wording[language] for item in ITEMS))]
    file = tmp_path / "results-survey.csv"
    day = "2026-05-01 10:00:00"
    row = ["1", day, "4", language, "7", day, day, *("4" for _ in ITEMS)]
    lines = [";".join(f'"{cell}"' for cell in line) for line in (header, row, row)]
    file.write_bytes(("\ufeff" + "\n".join(lines) + "\n").encode())
    with pytest.raises(smf.SMFError, match="abbreviated") as told:
        smf.read_export(file)
    assert "Question code" in str(told.value)
