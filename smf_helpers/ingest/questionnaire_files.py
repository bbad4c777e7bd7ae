"""The ready-made survey as files: for LimeSurvey, for Qualtrics, as a workbook and as a document.

LimeSurvey reads a tab-separated structure (classes S, SL, G, Q, SQ, A; codes of letters and digits), Qualtrics its
advanced text format with recode values. Both give back the codes and the numbers of the items.
"""

import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from xml.sax.saxutils import escape

from smf_helpers.ingest.questionnaire import PARTS, About, Question, questions_of
from smf_helpers.ingest.questionnaire_words import TITLE, WELCOME

Writer = Callable[[Path, str, tuple[About, ...]], None]

_LIME_COLUMNS = (
    *(
        "id",
        "related_id",
        "class",
        "type/scale",
        "name",
        "relevance",
        "text",
        "help",
        "language",
        "validation",
    ),
    *("mandatory", "encrypted", "other", "default", "same_default", "same_script"),
)
_FIXED_TIME = (2026, 1, 1, 0, 0, 0)


def write_limesurvey(path: Path, language: str, about: tuple[About, ...]) -> None:
    """Write LimeSurvey's tab-separated survey structure."""
    lines = ["\t".join(_LIME_COLUMNS)]
    for row in _lime_rows(language, about):
        lines.append("\t".join(_flat(str(row.get(column, ""))) for column in _LIME_COLUMNS))
    path.write_bytes(("\ufeff" + "\r\n".join(lines) + "\r\n").encode())


def _lime_rows(language: str, about: tuple[About, ...]) -> Iterator[Mapping[str, object]]:
    for name, value in (
        ("sid", 1),
        ("language", language),
        ("format", "G"),
        ("anonymized", "N"),
        ("datestamp", "Y"),
    ):
        yield {"class": "S", "name": name, "text": value}
    for name, value in (("surveyls_title", TITLE[language]), ("surveyls_welcometext", WELCOME[language])):
        yield {"class": "SL", "name": name, "text": value, "language": language}
    number = 0

    def question(kind: str, code: str, text: str) -> Mapping[str, object]:
        nonlocal number
        number += 1
        base = {"id": number, "class": "Q", "type/scale": kind, "name": code, "relevance": 1, "text": text}
        return {**base, "language": language, "mandatory": "N", "other": "N"}

    for place, (part, title, _) in enumerate(PARTS, start=1):
        yield {
            "id": place,
            "class": "G",
            "type/scale": place,
            "name": title[language],
            "relevance": 1,
            "language": language,
        }
        for asking in about if part == PARTS[0][0] else ():
            yield question("L", asking.code, asking.wording)
            for k, text in enumerate(asking.options, start=1):
                yield _lime_answer(number, k, text, language)
        for item in questions_of(part):
            kind = {"many_of": "M", "text": "T"}.get(item.kind, "L")
            yield question(kind, item.tool_code, item.wording[language])
            asked = number
            for k, text in enumerate(item.options.get(language, ())):
                if item.kind == "many_of":
                    number += (
                        1  # without an id of its own LimeSurvey takes one that a question has, and drops it
                    )
                    base = {"id": number, "related_id": asked, "class": "SQ", "type/scale": 0}
                    yield {
                        **base,
                        "name": item.option_code(k),
                        "relevance": 1,
                        "text": text,
                        "language": language,
                    }
                else:
                    yield _lime_answer(asked, item.low + k, text, language)


def _lime_answer(question: int, code: int, text: str, language: str) -> Mapping[str, object]:
    return {"id": question, "class": "A", "type/scale": 0, "name": code, "text": text, "language": language}


def write_qualtrics(path: Path, language: str, about: tuple[About, ...]) -> None:
    """Write Qualtrics' advanced text format, each choice with its number as recode value."""
    lines = ["[[AdvancedFormat]]", ""]
    for place, (part, title, _) in enumerate(PARTS):
        lines += [f"[[Block:{_flat(title[language])}]]", ""]
        if place == 0:
            lines += ["[[Question:DB]]", "[[ID:WELCOME]]", _flat(WELCOME[language]), ""]
            for asking in about:
                choices = [
                    line
                    for k, text in enumerate(asking.options, 1)
                    for line in (f"[[Choice:{k}]]", _flat(text))
                ]
                lines += ["[[Question:MC:SingleAnswer:Vertical]]", f"[[ID:{asking.code}]]", asking.wording]
                lines += ["[[AdvancedChoices]]", *choices, ""]
        for item in questions_of(part):
            lines += _qualtrics_question(item, language)
    path.write_bytes(("\r\n".join(lines) + "\r\n").encode())


def _qualtrics_question(item: Question, language: str) -> list[str]:
    head = {
        "text": "[[Question:TE:Essay]]",
        "many_of": "[[Question:MC:MultipleAnswer:Vertical]]",
        "one_of": "[[Question:MC:SingleAnswer:Vertical]]",
    }.get(item.kind, "[[Question:MC:SingleAnswer:Horizontal]]")
    lines = [head, f"[[ID:{item.code}]]", _flat(item.wording[language])]
    if item.options:
        first = 1 if item.kind == "many_of" else item.low
        lines.append("[[AdvancedChoices]]")
        for k, text in enumerate(item.options[language]):
            lines += [f"[[Choice:{first + k}]]", _flat(text)]
    return [*lines, ""]


def write_xlsx(path: Path, language: str, about: tuple[About, ...]) -> None:
    """Write a workbook: the questions with their codes, scales and keys, and the answer texts."""
    import datetime as dt

    import xlsxwriter

    safe = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(str(path), safe)
    book.set_properties({"author": "", "created": dt.datetime(*_FIXED_TIME[:6])})
    bold, wrap = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
    sheet = book.add_worksheet("questions")
    sheet.set_column(1, 1, 70, wrap)
    sheet.set_column(2, 3, 22, wrap)
    rows = [("code", "question", "part", "module", "answering", "lowest", "highest", "reverse-keyed")]
    rows += [(q.code, q.wording, PARTS[0][1][language], "", "one_of", "", "", "") for q in about]
    for part, title, _ in PARTS:
        rows += [
            (
                *(q.code, q.wording[language], title[language], q.module, q.kind),
                *((str(q.low), str(q.high)) if q.options else ("", "")),
                "yes" if q.reverse else "",
            )
            for q in questions_of(part)
        ]
    answers = [("code", "number", "answer")]
    answers += [(q.code, str(k), text) for q in about for k, text in enumerate(q.options, start=1)]
    answers += [
        (
            q.code + (f"_{q.keys[k]}" if q.kind == "many_of" else ""),
            str(1 if q.kind == "many_of" else q.low + k),
            text,
        )
        for part, _, _ in PARTS
        for q in questions_of(part)
        for k, text in enumerate(q.options.get(language, ()))
    ]
    other = book.add_worksheet("answers")
    other.set_column(0, 0, 20)
    other.set_column(2, 2, 50)
    for target, lines in ((sheet, rows), (other, answers)):
        for r, line in enumerate(lines):
            for c, text in enumerate(line):
                target.write_string(r, c, text, bold if r == 0 else None)
        target.freeze_panes(1, 0)
    book.close()


def write_docx(path: Path, language: str, about: tuple[About, ...]) -> None:
    """Write a document to read, to print or to copy from: plain WordprocessingML with headings."""
    body = [_paragraph(TITLE[language], "Title"), _paragraph(WELCOME[language])]
    for place, (part, title, _) in enumerate(PARTS):
        body.append(_paragraph(title[language], "Heading1"))
        for asking in about if place == 0 else ():
            body.append(_paragraph(f"{asking.code}  {asking.wording}", "Heading2"))
            body += [_paragraph(f"☐ {text}") for text in asking.options]
        for item in questions_of(part):
            body.append(_paragraph(f"{item.code}  {item.wording[language]}", "Heading2"))
            body += [_paragraph(f"☐ {text}") for text in item.options.get(language, ())]
            if item.kind == "text":
                body.append(_paragraph("_" * 60))
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    page = '<w:sectPr><w:pgSz w:w="11906" w:h="16838"/></w:sectPr>'
    parts = {
        "[Content_Types].xml": _CONTENT_TYPES,
        "_rels/.rels": _RELATIONS,
        "word/_rels/document.xml.rels": _DOCUMENT_RELATIONS,
        "word/document.xml": f'{_XML}<w:document xmlns:w="{space}"><w:body>{"".join(body)}{page}</w:body></w:document>',
        "word/styles.xml": f'{_XML}<w:styles xmlns:w="{space}">{"".join(_style(*s) for s in _STYLES)}</w:styles>',
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(zipfile.ZipInfo(name, _FIXED_TIME), text, zipfile.ZIP_DEFLATED)


def _paragraph(text: str, style: str = "") -> str:
    dressed = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f'<w:p>{dressed}<w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>'


def _style(name: str, label: str, size: int, bold: bool) -> str:
    weight = "<w:b/>" if bold else ""
    return (
        f'<w:style w:type="paragraph" w:styleId="{name}"><w:name w:val="{label}"/>'
        f'<w:pPr><w:keepNext/><w:spacing w:before="160" w:after="60"/></w:pPr>'
        f'<w:rPr>{weight}<w:sz w:val="{size}"/></w:rPr></w:style>'
    )


def _flat(text: str) -> str:
    """Keep a text on one line and in one cell."""
    return " ".join(text.split())


_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_STYLES = (
    ("Title", "Title", 36, True),
    ("Heading1", "heading 1", 28, True),
    ("Heading2", "heading 2", 22, True),
)
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_CONTENT_TYPES = (
    f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
    f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/word/document.xml" ContentType="{_WORD}.document.main+xml"/>'
    f'<Override PartName="/word/styles.xml" ContentType="{_WORD}.styles+xml"/></Types>'
)
_RELATIONS = (
    f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>'
)
_DOCUMENT_RELATIONS = (
    f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>'
)

WRITERS: dict[str, Writer] = {
    "limesurvey": write_limesurvey,
    "qualtrics": write_qualtrics,
    "xlsx": write_xlsx,
    "docx": write_docx,
}
