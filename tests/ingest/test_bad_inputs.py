"""The table of bad inputs: each gets the stated reaction, none is silently accepted."""

import gzip
import io
import pickle
import re
import struct
import time
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest

import smf_helpers as smf
from smf_helpers.errors import InputError
from smf_helpers.ingest import READERS
from smf_helpers.ingest.reading import read_source
from smf_helpers.ingest.sample.containers import workbook, zipped
from smf_helpers.ingest.sources import ReadOptions, open_source
from smf_helpers.results.ingest import Export
from tests.ingest.biff import xls
from tests.ingest.cases import Case
from tests.ingest.conftest import ROOT
from tests.ingest.lookalikes import CASES, nested_zip

HEAD = "Respondent ID,Department,OBJ1,OBJ2,REC"
GOOD = HEAD + "\n1,Sales,4,5,9\n2,Works,3,2,7\n3,Sales,1,5,10\n"


def read(raw: bytes | str, tmp_path: Path, name: str = "w1.csv", **options: object) -> Export:
    """Read with options as the client's YAML gives them; errors raise."""
    path = tmp_path / name
    path.write_bytes(raw if isinstance(raw, bytes) else raw.encode())
    export, faults = read_source(open_source(path, ReadOptions(**options)))  # type: ignore[arg-type]
    errors = [fault for fault in faults if fault.severity == "error"]
    if errors:
        raise InputError(*errors)
    return export


def units(export: Export) -> list[str]:
    return list(export.tables["respondents"]["unit"].fillna(""))


def notes(export: Export) -> str:
    return " ".join(export.log["notes"].astype(str)) + " " + " ".join(export.log["rejected"])


def _utf8_overlong() -> bytes:
    return GOOD.encode().replace(b"Works", b"W\xc0\xafrks")


def _xlsx(edit: Callable[[dict[str, bytes]], dict[str, bytes]]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(workbook({"S": [row.split(",") for row in GOOD.splitlines()]}))) as pack:
        members = {name: pack.read(name) for name in pack.namelist()}
    return zipped(edit(members))


def _sheet(body: bytes, head: bytes = b"") -> bytes:
    xml = (
        b'<?xml version="1.0"?>'
        + head
        + b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        + body
        + b"</sheetData></worksheet>"
    )
    return _xlsx(lambda members: members | {"xl/worksheets/sheet1.xml": xml})


def _from_1904() -> bytes:
    import xlsxwriter

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"date_1904": True}) as book:
        page, day = book.add_worksheet("S"), book.add_format({"num_format": "yyyy-mm-dd"})
        page.write_row(0, 0, ["Employee number", "Skill", "Date", "Score"])
        page.write_row(1, 0, ["1", "writing", "", 4])
        page.write_datetime(1, 2, datetime(2025, 3, 4), day)
    return out.getvalue()


def _zip(*members: tuple[str, bytes], **about: object) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as pack:
        for name, content in members:
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = int(about.get("attr", 0)) << 16  # type: ignore[call-overload]
            pack.writestr(info, content)
    return out.getvalue()


def _twice() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as pack:
        pack.writestr("a.csv", GOOD)
        with pytest.warns(UserWarning, match="Duplicate"):
            pack.writestr("a.csv", GOOD)
    return out.getvalue()


def _encrypted() -> bytes:
    raw = bytearray(_zip(("a.csv", GOOD.encode())))
    raw[6] |= 1
    raw[raw.rindex(b"PK\x01\x02") + 8] |= 1
    return bytes(raw)


def _slack(**members: bytes) -> bytes:
    day = b'[{"type":"message","user":"U1","text":"hi <@U2>","ts":"1741000000.000100"}]'
    users = (
        b'[{"id":"U1","name":"a","profile":{"email":"a@x"}},{"id":"U2","name":"b","profile":{"email":"b@x"}}]'
    )
    found = {
        "users.json": users,
        "channels.json": b"[]",
        "general/2025-03-03.json": day,
        "general/2025-03-04.json": day.replace(b"174100", b"174110"),
    }
    return zipped({name: content for name, content in (found | members).items() if content != b"DROP"})


def _bits(raw: bytes, at: int) -> bytes:
    return raw[:at] + bytes([raw[at] ^ 0xFF]) + raw[at + 1 :]


def _without(parts: dict[str, bytes], name: str) -> dict[str, bytes]:
    return {member: content for member, content in parts.items() if member != name}


def _formulas() -> bytes:
    head = "".join(
        f'<c r="{"ABCDE"[i]}1" t="inlineStr"><is><t>{name}</t></is></c>'
        for i, name in enumerate(HEAD.split(","))
    )
    rows = "".join(
        f'<row r="{r}">' + "".join(f'<c r="{c}{r}"><f>1+{r}</f></c>' for c in "ABCDE") + "</row>"
        for r in (2, 3)
    )
    return _sheet(f'<row r="1">{head}</row>{rows}'.encode())


def _overlapping() -> bytes:
    raw = bytearray(_zip(("a.csv", GOOD.encode()), ("b.csv", GOOD.encode())))
    second = raw.rindex(b"PK\x01\x02")
    raw[second + 42 : second + 46] = (0).to_bytes(4, "little")
    return bytes(raw)


def _nameless() -> bytes:
    raw = _zip(("a", b"x"))
    at = raw.index(b"PK\x01\x02")
    listed, end = bytearray(raw[at : at + 46]), bytearray(raw[at + 47 :])
    listed[28:30], end[12:16] = bytes(2), (46).to_bytes(4, "little")
    return raw[:at] + bytes(listed) + bytes(end)


def _webropol(answer: str) -> bytes:
    asked = '{"QuestionId":1,"QuestionTitle":"Why?","QuestionTypeName":"questionType_openended","QuestionAnswers":[{"OptionAnswer":%s}]}'
    return ('{"SurveyAnswers":[{"RespondentId":1,"RespondentAnswers":[' + asked % answer + "]}]}").encode()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500 + "EncryptedPackage".encode("utf-16-le")
LAUGHS = b'<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'

REFUSED: dict[str, tuple[bytes | str | Callable[[], bytes], str]] = {
    "1 no bytes": (b"", "S001"),
    "1 blanks": (b" \r\n \r\n", "S001"),
    "1 header only": (HEAD + "\n", "S001"),
    "2 picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "S002"),
    "2 pickle": (pickle.dumps({"a": [1, 2]}), "S002"),
    "2 array of objects": (b"\x93NUMPY\x01\x00v\x00{'descr': '|O'}", "S002"),
    "2 R data": (gzip.compress(b"RDX3\nX\n\x00"), "S002"),
    "2 binary": (bytes(range(1, 32)) * 100, "S002"),
    "2 web page": (b"<!DOCTYPE html><html><body>Sign in</body></html>", "S002"),
    "5 UTF-16 without a mark": (GOOD.encode("utf-16-le"), "S003"),
    "5 UTF-32": (GOOD.encode("utf-32"), "S003"),
    "5 Shift-JIS": ((HEAD + "\n1,営業のこたえ,4,5,9\n2,わたしたち,4,4,4\n").encode("shift-jis"), "S003"),
    "7 two encodings": (
        GOOD.encode() + "4,Müllerei,3,3,3\n5,Büro,2,2,2\n".encode() + "6,Lösung,1,1,1\n".encode("latin-1"),
        "S004",
    ),
    "8 NUL in a line": (GOOD.encode().replace(b"Works", b"Wo\0rks"), "S005"),
    "8 NUL tail": (GOOD.encode() + b"\0" * 400, "S005"),
    "9 overlong": (_utf8_overlong, "S003"),
    "16 unclosed quote": (HEAD + '\n1,"Sales,4,5,9\n2,Works,3,2,7\n', "S006"),
    "17 ragged": (GOOD + "4,Sales,4\n5,Sales,1,2,3,4,5\n", "S007"),
    "18 column twice": (HEAD + ",obj1 \n1,Sales,4,5,9,3\n2,Sales,4,5,9,3\n", "S104"),
    "20 no header": ("1,Sales,4,5\n2,Works,3,2\n".replace("Sales", "7").replace("Works", "8"), "S101"),
    "24 a million columns": (",".join(["a"] * 1_000_000) + "\n", "S009"),
    "27 outside the scale": (GOOD + "4,Sales,6,-1,9\n5,Sales,99,0,8\n", "S201"),
    "27 not a number": (GOOD + "4,Sales,0x3,TRUE-ish,9\n", "S203"),
    "27 400 digits": (GOOD + f"4,Sales,{'9' * 400},3,9\n", "S203"),
    "27 infinite": (GOOD + "4,Sales,inf,3,9\n", "S203"),
    "27 percent": (GOOD + "4,Sales,80 %,3,9\n", "S203"),
    "27 true": (GOOD + "4,Sales,TRUE,3,9\n", "S203"),
    "29 between the points": (GOOD + "4,Sales,3.5,3,9\n", "S204"),
    "29 unknown labels": (GOOD + "4,Sales,rather so,3,9\n", "S203"),
    "30 scale 0-4": (HEAD + "\n" + "".join(f"{i},Sales,{i % 5},3,9\n" for i in range(20)), "S202"),
    "30 scale 1-7": (HEAD + "\n" + "".join(f"{i},Sales,{1 + i % 7},3,9\n" for i in range(20)), "S202"),
    "34 same respondent": (GOOD + "1,Sales,2,2,2\n", "S301"),
    "35 blank ids": (GOOD + ",Sales,2,2,2\n", "S302"),
    "36 rounded ids": (HEAD + "\n1.22158E+17,Sales,4,5,9\n1.22159E+17,Sales,3,3,3\n", "S303"),
    "42 days and months mixed": (
        "Employee number,Skill,Date,Score\n1,writing,13/01/2025,4\n2,writing,01/13/2025,4\n",
        "S401",
    ),
    "42 no such day": (
        "Employee number,Skill,Date,Score\n1,writing,30.02.2025,4\n2,writing,01.03.2025,4\n",
        "S401",
    ),
    "42 year 1": (
        "Employee number,Skill,Date,Score\n1,writing,0001-01-01,4\n2,writing,9999-12-31,4\n",
        "S401",
    ),
    "43 day or month": (
        "Employee number,Skill,Date,Score\n1,writing,03/04/2025,4\n2,writing,05/06/2025,4\n",
        "S402",
    ),
    "51 words for numbers": ("Employee number,Skill,Date,Score\n1,writing,2025-03-04,a lot\n", "C201"),
    "55 billion laughs": (b'<?xml version="1.0"?>' + LAUGHS + b"<x>&b;</x>", "X001"),
    "55 entities in a sheet": (lambda: _sheet(b"", LAUGHS), "X001"),
    "56 far cell": (
        lambda: _sheet(
            b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
        ),
        "X002",
    ),
    "56 sheet bomb": (lambda: _sheet(b" " * 210_000_000), "X002"),
    "56 a million rows too many": (
        lambda: _sheet(b'<row r="9000000"><c r="A9000000"><v>1</v></c></row>'),
        "X00",
    ),
    "57 no sheet inside": (lambda: _xlsx(lambda parts: _without(parts, "xl/worksheets/sheet1.xml")), "X003"),
    "57 cut workbook": (lambda: workbook({"S": [["a", "b"], [1, 2]]})[:900], "Z003"),
    "57 broken XML": (lambda: _sheet(b"<row><c r='A1'><v>1</row>"), "X003"),
    "57 password": (OLE, "X003"),
    "57 no workbook inside": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\1" * 2000, "X003"),
    "59 formulas without values": (_formulas, "X104"),
    "61 zip slip": (lambda: _zip(("../../evil.csv", GOOD.encode())), "Z001"),
    "61 absolute": (lambda: _zip(("/etc/evil.csv", GOOD.encode())), "Z001"),
    "61 Windows": (lambda: _zip(("C:\\evil.csv", GOOD.encode())), "Z001"),
    "61 symlink": (lambda: _zip(("a.csv", b"/etc/passwd"), attr=0o120777), "Z001"),
    "62 bomb": (lambda: _zip(("a.csv", b"0" * 250_000_000)), "Z002"),
    "62 nested": (lambda: nested_zip(3), "S100"),
    "62 members": (lambda: _zip(*((f"{i}.csv", b"x") for i in range(20_001))), "Z002"),
    "62 members that overlap": (_overlapping, "Z002"),
    "63 member without a name": (_nameless, "Z003"),
    "63 encrypted": (_encrypted, "Z003"),
    "63 cut": (lambda: _zip(("a.csv", GOOD.encode()))[:60], "Z003"),
    "63 checksum": (lambda: _bits(_zip(("a.csv", GOOD.encode())), 45), "Z003"),
    "63 member twice": (_twice, "Z003"),
    "64 brackets": (b"[" * 200_000, "S100"),
    "64 Webropol cut": (b'{"SurveyAnswers": [{"RespondentId": 1', "Z004"),
    "64 Webropol NaN": (b'{"SurveyAnswers": [{"RespondentId": NaN}]}', "Z004"),
    "64 Webropol number of 10,000 digits": (
        b'{"SurveyAnswers": [{"RespondentId": ' + b"9" * 10_000 + b"}]}",
        "Z004",
    ),
    "64 Webropol lone surrogate": (_webropol('"\\ud800"'), "Z004"),
    "64 Webropol brackets": (b'{"SurveyAnswers": ' + b"[" * 200_000, "Z004"),
    "64 no user list that parses": (lambda: _slack(**{"users.json": b"[{"}), "Z004"),
    "66 unknown language": ("Sisältö ja muuta,Otsake,Näytöt\nabc,x,1\nabd,y,2\n", "S100"),
    "74 cut SPSS": (b"$FL2@(#) SPSS DATA FILE" + b"\0" * 50, "S010"),
    "74 cut Parquet": (b"PAR1" + b"\0" * 50, "S010"),
    "74 SQLite": (b"SQLite format 3\0" + b"\0" * 100, "S002"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_bad_input_is_refused_with_its_code(case: str, tmp_path: Path) -> None:
    raw, code = REFUSED[case]
    start = time.process_time()
    with pytest.raises(InputError) as caught:
        read(raw() if callable(raw) else raw, tmp_path)
    assert any(fault.code.startswith(code) for fault in caught.value.faults), str(caught.value)
    assert time.process_time() - start < 10
    for fault in caught.value.faults:
        assert fault.what.endswith(".") or fault.what.endswith("file.")
        assert fault.where.startswith("w1.csv") and str(tmp_path) not in str(fault)


@pytest.mark.parametrize(
    "case", ["27 not a number", "29 unknown labels", "34 same respondent", "51 words for numbers"]
)
def test_a_message_quotes_no_answer(case: str, tmp_path: Path) -> None:
    raw, _ = REFUSED[case]
    with pytest.raises(InputError) as caught:
        read(raw, tmp_path)  # type: ignore[arg-type]
    assert not any(word in str(caught.value) for word in ("rather so", "TRUE-ish", "a lot", "Works"))


def test_all_faults_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read(GOOD + "1,Sales,6,3.5,9\n,Sales,1,1,77\n", tmp_path)
    assert {"S201", "S204", "S301", "S302"} <= {fault.code for fault in caught.value.faults}


READ: dict[str, tuple[bytes | str | Callable[[], bytes], str]] = {
    "3 mark": (b"\xef\xbb\xbf" + GOOD.encode(), ""),
    "4 UTF-16 with a mark": (GOOD.encode("utf-16"), "UTF-16"),
    "6 cp1252": (GOOD.replace("Works", "Büro").encode("cp1252"), "cp1252"),
    "10 second mark": (GOOD.encode() + "\ufeff4,Sales,4,4,4\n".encode(), "glued"),
    "10 header again": (
        GOOD + GOOD.replace("\n1,", "\n11,").replace("\n2,", "\n12,").replace("\n3,", "\n13,"),
        "stands again at line 5",
    ),
    "11 controls in names": (GOOD.replace("Works", "Wo\u200brks\u202e"), "merged"),
    "12 spellings": (GOOD + "4,SALES ,4,4,4\n5, sales,4,4,4\n", "merged"),
    "13 semicolons": (GOOD.replace(",", ";"), ""),
    "13 tabs": (GOOD.replace(",", "\t"), ""),
    "13 pipes": (GOOD.replace(",", "|"), ""),
    "14 decimal comma": (
        "Employee number;Skill;Date;Score\n1;writing;2025-03-04;4,5\n2;writing;2025-03-04;3,5\n",
        "decimal comma",
    ),
    "15 CR only": (GOOD.replace("\n", "\r"), ""),
    "15 mixed line ends": (GOOD.replace("\n", "\r\n", 1), ""),
    "19 unnamed columns": ("\n".join(f"{line}," for line in GOOD.splitlines()) + "\n", "without a header"),
    "21 totals row": (GOOD + "Total,,8,12,26\n", "totals"),
    "22 3,000 more columns": (
        "\n".join(
            line + "".join(f",{'Q' if i == 0 else 1}{k}" for k in range(3000))
            for i, line in enumerate(GOOD.splitlines())
        )
        + "\n",
        "3,000 columns (Q0, Q1, Q2, Q3, Q4, …) are no known questions",
    ),
    "22 columns of a list": (
        "Employee number,Skill,Date,Score,Source,Unit,Pet\n1,writing,2025-03-04,4,test,Sales,cat\n",
        "1 column (Pet) left out",
    ),
    "23 a cell of 5 MB": (
        HEAD.replace("REC", "COM") + f"\n1,Sales,4,5,{'x' * 5_000_000}\n2,Sales,4,4,y\n",
        "cut",
    ),
    "26 no comment and no role": (GOOD, ""),
    "28 blanks of all kinds": (GOOD + "4,Sales,N/A,-,NaN\n", ""),
    "31 nobody answered": ("Respondent ID,OBJ1,OBJ2,OBJ3\n1,4,5,\n2,3,3,\n", "nobody answered"),
    "32 rows without answers": (GOOD + "4,Sales,,,\n", "rows without any answer"),
    "33 copies": (GOOD + "3,Sales,1,5,10\n", "copies"),
    "36 ids as floats": (GOOD.replace("\n1,", "\n1.0,"), "tidied"),
    "37 department NULL": (GOOD.replace("Works", "NULL"), ""),
    "38 department Total": (GOOD.replace("Works", "Total"), "All, Total or Other"),
    "40 hostile names": (GOOD.replace("Works", "../../" + "x" * 10_000), ""),
    "44 spreadsheet days": (
        "Employee number,Skill,Date,Score\n1,writing,44008,4\n2,writing,44009,4\n",
        "spreadsheet days",
    ),
    "44 two-digit years": (
        "Employee number,Skill,Date,Score\n1,writing,13.03.25,4\n2,writing,14.03.25,4\n",
        "two-digit",
    ),
    "44 seconds since 1970": (
        "Employee number,Skill,Date,Score\n1,writing,1741000000,4\n2,writing,1741100000,4\n",
        "seconds since 1970",
    ),
    "44 days from 1904": (lambda: _from_1904(), "counts its days from 1904"),
    "48 formulas": (GOOD.replace("Works", "=1+1"), ""),
    "50 regex traps": (
        HEAD.replace("REC", "COM")
        + "\n"
        + "".join(f"{i},Sales,4,5,{mark * 30_000}\n" for i, mark in enumerate("a<@1-")),
        "",
    ),
    "51 thousands and 1.2K": (
        'Employee number,Skill,Date,Score\n1,writing,2025-03-04,1.2K\n2,writing,2025-03-04,"12,345"\n',
        "",
    ),
    "56 a lying dimension": (
        lambda: _xlsx(
            lambda parts: (
                parts
                | {
                    "xl/worksheets/sheet1.xml": re.sub(
                        rb'<dimension ref="[^"]*"',
                        b'<dimension ref="A1:XFD1048576"',
                        parts["xl/worksheets/sheet1.xml"],
                    )
                }
            )
        ),
        "",
    ),
    "56 half a million blank rows": (GOOD + ",,,,\n" * 500_000, "rows without any answer"),
    "57 text under the name of a workbook": (GOOD, ""),
    "60 macros": (lambda: _xlsx(lambda parts: parts | {"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0 evil"}), ""),
    "58 second sheet": (
        lambda: workbook({"Cover": [["Our survey"]], "S": [row.split(",") for row in GOOD.splitlines()]}),
        "",
    ),
    "58 table in the middle of a sheet": (
        lambda: workbook({"S": [[], [], *[["", "", *row.split(",")] for row in GOOD.splitlines()]]}),
        "starts at row 3",
    ),
    "58 two sheets": (
        lambda: workbook(
            {
                "S": [row.split(",") for row in GOOD.splitlines()],
                "T": [row.split(",") for row in GOOD.splitlines()],
            }
        ),
        "Several sheets",
    ),
    "20 lines above the header": ("Our survey\n\n" + GOOD, "above the header"),
    "59 error cells": (
        lambda: workbook(
            {"S": [*[row.split(",") for row in GOOD.splitlines()], ["4", "Sales", "#REF!", "3", "9"]]}
        ),
        "#REF!",
    ),
    "65 no user list": (lambda: _slack(**{"users.json": b"DROP"}), "missing"),
    "65 wrapped folder": (
        lambda: zipped(
            {
                f"export/{name}": raw
                for name, raw in {
                    "users.json": b"[]",
                    "channels.json": b"[]",
                    "general/2025-03-03.json": b'[{"type":"message","user":"U1","text":"hi","ts":"1741000000.000100"}]',
                }.items()
            }
        ),
        "",
    ),
    "64 a day that is cut": (lambda: _slack(**{"general/2025-03-05.json": b'[{"type":'}), "damaged"),
}


@pytest.mark.parametrize("case", READ)
def test_an_awkward_input_is_read_and_told(case: str, tmp_path: Path) -> None:
    raw, note = READ[case]
    start = time.process_time()
    export = read(raw() if callable(raw) else raw, tmp_path)
    assert time.process_time() - start < 10
    assert export.tables and note in notes(export), notes(export)


def test_names_that_are_equal_after_cleaning_are_one_unit(tmp_path: Path) -> None:
    export = read(GOOD + "4,SALES ,4,4,4\n5, sales,4,4,4\n6,Wo\u200brks,4,4,4\n", tmp_path)
    assert units(export) == ["Sales", "Works", "Sales", "Sales", "Sales", "Works"]


def test_units_that_look_like_numbers_or_nothing_stay_texts(tmp_path: Path) -> None:
    rows = "".join(
        f"{i},{name},4,4,4\n" for i, name in enumerate(["0010", "10", "1e1", "NULL", "None", "NA"])
    )
    assert units(read(HEAD + "\n" + rows, tmp_path)) == ["0010", "10", "1e1", "NULL", "None", "NA"]


def test_missing_codes_are_no_answers(tmp_path: Path) -> None:
    export = read(GOOD + "4,Sales,99,3,9\n", tmp_path, missing_codes=(99.0,))
    assert (export.tables["responses"]["missing"] == "user_missing").sum() == 1


def test_a_declared_encoding_helps(tmp_path: Path) -> None:
    raw = GOOD.replace("Works", "営業").encode("shift-jis")
    assert units(read(raw, tmp_path, encoding="shift-jis"))[1] == "営業"


def test_a_date_format_settles_what_is_ambiguous(tmp_path: Path) -> None:
    raw = "Employee number,Skill,Date,Score\n1,writing,03/04/2025,4\n"
    export = read(raw, tmp_path, date_format="%d/%m/%Y")
    assert export.tables["skills"]["at"].iloc[0] == pd.Timestamp("2025-04-03")


def test_a_separator_that_could_be_two_is_asked_for(tmp_path: Path) -> None:
    raw = "a;b,c\n1;2,3\n4;5,6\n"
    with pytest.raises(InputError, match="S008"):
        read(raw, tmp_path)


def test_two_spellings_of_a_wave_are_refused(tmp_path: Path) -> None:
    raw = HEAD.replace("Department", "Wave") + "\n1,W1,4,5,9\n2,Wave 1,3,3,3\n3,w1,2,2,2\n"
    with pytest.raises(InputError, match="S403"):
        read(raw, tmp_path)


def test_days_that_count_from_1904_are_the_days_that_were_meant(tmp_path: Path) -> None:
    assert read(_from_1904(), tmp_path).tables["skills"]["at"].iloc[0] == pd.Timestamp("2025-03-04")


SKILLS = [["Employee number", "Skill", "Date", "Score"], ["1", "writing", 44258, 4]]


def test_bare_day_numbers_are_told_and_refused_where_the_workbook_counts_from_1904(tmp_path: Path) -> None:
    export = read(xls({"S": SKILLS}), tmp_path)
    assert export.tables["skills"]["at"].iloc[0] == pd.Timestamp("2021-03-03")
    assert "numbers read as spreadsheet days" in notes(export)
    with pytest.raises(InputError, match=r"S406.*from 1904.*Format these cells as dates"):
        read(xls({"S": SKILLS}, from_1904=True), tmp_path)
    dated = [SKILLS[0], ["1", "writing", "2021-03-03", 4]]
    assert "counts its days from 1904" in notes(read(xls({"S": dated}, from_1904=True), tmp_path))


def test_a_time_zone_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    raw = next(case.raw for case in CASES if case.format == "qualtrics" and b"America/Denver" in case.raw)
    with pytest.raises(InputError, match=r"S407.*time zone that the third row names"):
        read(raw.replace(b"America/Denver", b"America/De]ver"), tmp_path)


def test_the_ninth_wave_comes_before_the_tenth(tmp_path: Path) -> None:
    raw = HEAD.replace("Department", "Wave") + "\n1,W10,4,5,9\n2,W9,3,3,3\n"
    assert list(read(raw, tmp_path).tables["waves"]["wave"]) == ["W9", "W10"]


def test_same_instant_in_two_zones_is_one_time(tmp_path: Path) -> None:
    raw = "Message ID,Channel,Received,First answer\n1,x,2025-03-04T10:00:00+02:00,\n2,x,2025-03-04T08:00:00Z,\n"
    at = read(raw, tmp_path).tables["messages"]["at"]
    assert at.iloc[0] == at.iloc[1]


def test_a_mapping_names_the_nearest_column(tmp_path: Path) -> None:
    mapping = {"table": "survey", "columns": {"Dept": "unit", "Person": "respondent"}}
    with pytest.raises(InputError) as caught:
        read(GOOD.replace("Department", "Depts"), tmp_path, mapping=mapping)
    assert [fault.code for fault in caught.value.faults] == ["S102", "S102"]
    assert "Did you mean 'Depts'?" in str(caught.value)


def test_overflowing_and_odd_numbers_are_told(tmp_path: Path) -> None:
    raw = "Employee number,Skill,Date,Score\n1,writing,2025-03-04,1e999\n2,writing,2025-03-04,5\n"
    with pytest.raises(InputError, match="C201"):
        read(raw, tmp_path)


def test_days_with_two_values_are_told(tmp_path: Path) -> None:
    raw = '"Date","Tweets published","impressions"\n"2021-04-30","2","1200"\n"2021-04-30","2","1300"\n'
    export = read(raw, tmp_path)
    assert "two different values" in notes(export)


POSTS = "Post ID,Page ID,Publish time,Permalink,Post type,Impressions,Reach,Reactions,Comments,Shares\n"


def test_more_answers_than_impressions_are_told(tmp_path: Path) -> None:
    export = read(POSTS + "11,1,02/16/2025 05:14,https://f/1,Photo,10,9,50,0,0\n", tmp_path)
    assert "C206" in notes(export)


def test_negative_lifetime_figures_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="C201"):
        read(POSTS + "11,1,02/16/2025 05:14,https://f/1,Photo,10,-9,1,0,0\n", tmp_path)


def test_rounded_ids_of_posts_give_way_to_links(tmp_path: Path) -> None:
    rows = "1.22158E+17,1,02/16/2025 05:14,https://f/1,Photo,10,9,1,0,0\n1.22158E+17,1,02/17/2025 05:14,https://f/2,Photo,10,9,1,0,0\n"
    export = read(POSTS + rows, tmp_path)
    assert list(export.tables["posts"]["post"]) == ["https://f/1", "https://f/2"]


def test_the_daily_breakdown_of_posts_is_never_taken_for_posts(tmp_path: Path) -> None:
    head = POSTS.replace("Impressions", "Date,Impressions")
    with pytest.raises(InputError, match="C204"):
        read(head + "11,1,02/16/2025 05:14,https://f/1,Photo,02/17/2025,10,9,1,0,0\n", tmp_path)


def test_numbers_that_a_spreadsheet_turned_into_dates_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="C203"):
        read(POSTS + "11,1,02/16/2025 05:14,https://f/1,Photo,3.apr,9,1,0,0\n", tmp_path)


def test_formula_texts_stay_texts(tmp_path: Path) -> None:
    export = read(HEAD.replace("REC", "COM") + "\n1,=1+1,4,5,=HYPERLINK(1)\n2,Sales,4,4,@SUM\n", tmp_path)
    assert units(export)[0] == "=1+1"
    assert "=HYPERLINK(1)" in set(export.tables["responses"]["text"].dropna())


def test_hidden_sheets_are_never_loaded(tmp_path: Path) -> None:
    import xlsxwriter

    path = tmp_path / "w1.csv"
    book = xlsxwriter.Workbook(path)
    shown, hidden = book.add_worksheet("S"), book.add_worksheet("H")
    for r, row in enumerate(GOOD.splitlines()):
        for c, cell in enumerate(row.split(",")):
            shown.write(r, c, cell)
            hidden.write(r, c, "secret")
    hidden.very_hidden()
    book.close()
    assert len(open_source(path, ReadOptions()).grids) == 1


def test_a_pickle_is_never_loaded(tmp_path: Path) -> None:
    class Bomb:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return (Path.touch, (tmp_path / "exploded",))  # type: ignore[return-value]

    with pytest.raises(InputError, match="S002"):
        read(pickle.dumps(Bomb()), tmp_path)
    assert not (tmp_path / "exploded").exists()


def test_a_survey_named_as_a_channel_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "w1.csv"
    path.write_text(GOOD)
    with pytest.raises(InputError, match="S106"):
        smf.read_export(path, format="meta_posts")


def test_one_to_four_respondents_are_read_as_they_are(tmp_path: Path) -> None:
    assert len(read(GOOD, tmp_path).tables["respondents"]) == 3


def test_row_order_does_not_change_what_is_read(tmp_path: Path) -> None:
    head, *rows = GOOD.splitlines()
    turned = "\n".join([head, *reversed(rows)]) + "\n"
    first, second = (read(raw, tmp_path).tables["responses"] for raw in (GOOD, turned))
    key = ["respondent", "item"]
    pd.testing.assert_frame_equal(
        first.sort_values(key, ignore_index=True)[[*key, "value"]],
        second.sort_values(key, ignore_index=True)[[*key, "value"]],
    )


def test_lines_of_a_fault_are_those_of_the_file(tmp_path: Path) -> None:
    raw = HEAD.replace("REC", "COM") + '\n1,Sales,4,5,"two\nlines"\n2,Sales,77,4,x\n'
    with pytest.raises(InputError) as caught:
        read(raw, tmp_path)
    assert "lines 4" in str(caught.value)


@pytest.mark.parametrize("answers", ["followers,0", "day missing"])
def test_gaps_and_falls_of_followers_are_read_as_they_are(answers: str, tmp_path: Path) -> None:
    days = ["2025-03-01", "2025-03-02", "2025-03-05" if answers == "day missing" else "2025-03-03"]
    rows = "".join(f"{day},{n},{g}\n" for day, n, g in zip(days, (500, 501, 0), (1, 1, -501), strict=True))
    export = read("Date,Followers,Difference in followers from previous day\n" + rows, tmp_path)
    held = export.tables["channel_days"].query("metric == 'followers'")
    assert list(held["value"]) == [500, 501, 0] and len(held) == 3


def test_a_channel_named_as_a_survey_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "posts.csv"
    path.write_text(POSTS + "11,1,02/16/2025 05:14,https://f/1,Photo,10,9,1,0,0\n")
    with pytest.raises(InputError, match=r"S106 posts\.csv: This looks like a channel file"):
        smf.read_export(path, format="limesurvey")


IN_A_TEST_OF_ITS_OWN = {
    25: "a_mapping_names_the_nearest_column", 39: "units_that_look_like_numbers_or_nothing_stay_texts",
    41: "one_to_four_respondents_are_read_as_they_are", 45: "same_instant_in_two_zones_is_one_time",
    46: "the_ninth_wave_comes_before_the_tenth", 52: "more_answers_than_impressions_are_told",
    54: "a_survey_named_as_a_channel_is_refused", 60: "hidden_sheets_are_never_loaded",
}  # fmt: skip
ELSEWHERE = {
    47: "privacy", 49: "privacy", 53: "measures", 67: "params", 68: "params", 69: "params", 70: "params", 71: "params",
    72: "params", 73: "batch", 75: "batch",
}  # fmt: skip
"""Rows whose reaction is another room's: texts as shown, comments, rates, the YAML, notebooks."""


def test_every_row_of_the_table_of_bad_inputs_has_its_test() -> None:
    numbered = {int(case.split()[0]) for case in (*REFUSED, *READ)}
    assert all(f"test_{name}" in globals() for name in IN_A_TEST_OF_ITS_OWN.values())
    assert all((ROOT / "tests" / room).is_dir() for room in ELSEWHERE.values())
    assert numbered | set(IN_A_TEST_OF_ITS_OWN) | set(ELSEWHERE) == set(range(1, 76))


def test_a_part_of_a_workbook_that_cannot_be_unpacked_is_damaged(tmp_path: Path) -> None:
    raw = workbook({"S": [row.split(",") for row in GOOD.splitlines()]})
    start = raw.index(b"xl/worksheets/sheet1.xml") + len(b"xl/worksheets/sheet1.xml")
    with pytest.raises(InputError, match="X003"):
        read(raw[:start] + b"\xff" * 40 + raw[start + 40 :], tmp_path)


def test_a_table_of_days_without_a_metric_is_an_empty_one(tmp_path: Path) -> None:
    export = read("# ----\n# Start date: 20250301\nDate,Other\n20250301,1\n", tmp_path)
    assert not len(export.tables["channel_days"])


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.name.endswith(".csv")], ids=lambda case: case.name
)
def test_a_first_line_with_nothing_below_it_is_refused_in_every_format(case: Case, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"S001|S002|S005|S100|S101"):
        read(case.raw.split(b"\n", 1)[0] + b"\n", tmp_path, case.name)


def test_a_known_format_that_lacks_a_column_names_it(tmp_path: Path) -> None:
    raw = "PrimaryCollaborator_PersonId,SecondaryCollaborator_PersonId,Diverse_tie_score\np1,p2,1\np2,p1,1\n"
    with pytest.raises(InputError, match=r"S102 w1\.csv: There is no column for 'date'"):
        read(raw, tmp_path)


@pytest.mark.parametrize("name", READERS)
def test_a_file_under_the_wrong_name_of_a_format_never_crashes_a_reader(name: str, tmp_path: Path) -> None:
    for raw in (GOOD, POSTS + "11,1,02/16/2025 05:14,https://f/1,Photo,10,9,1,0,0\n", "a,b\n1,2\n"):
        (tmp_path / "w1.csv").write_text(raw)
        try:
            smf.read_export(tmp_path / "w1.csv", format=name)
        except InputError as problem:
            assert problem.faults


@pytest.mark.parametrize("rows", [(15_663_104, 2), (0, 4_000_000_000)])
def test_an_old_sheet_that_lies_about_its_rows_does_not_end_the_process(
    rows: tuple[int, int], tmp_path: Path
):
    """The reader would ask for hundreds of gigabytes and abort, which nobody can catch (found by fuzzing)."""
    raw = xls({"a": [["unit", "n"], ["north", 1]]})
    at = raw.index(b"\x00\x02\x0e\x00") + 4
    told = raw[:at] + struct.pack("<II", *rows) + raw[at + 8 :]
    with pytest.raises(InputError, match=r"X003 w1\.xls"):
        read(told, tmp_path, "w1.xls")
