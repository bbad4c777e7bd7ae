"""Every sentence of figures and report is in every catalogue, and every placeholder survives translation."""

import ast
import re
import string
from pathlib import Path

import pytest
from planted import planted_release

from smf_helpers.framework import FACTORS, QUESTIONS
from smf_helpers.language import language, languages
from smf_helpers.report import open_report
from smf_helpers.report.page import write_page
from smf_helpers.report.what_if import module_words
from smf_helpers.results.catalogue import CATALOGUE
from smf_helpers.results.publication import Mark

PACKAGE = Path(__file__).parents[2] / "smf_helpers"
TABLES = {"LABELS", "SHORT", "UNITS", "GRADES", "VERDICTS"}
SAME = {"n", "Omega"}


def literals(node):
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.IfExp):
        return literals(node.body) + literals(node.orelse)
    if isinstance(node, ast.Tuple):
        return [text for each in node.elts for text in literals(each)]
    return []


def messages():
    found = [factor.label for factor in FACTORS] + [factor.short for factor in FACTORS] + list(QUESTIONS)
    found += [mark.value for mark in Mark] + list(module_words().values())
    for spec in CATALOGUE.values():
        found += [spec.title, spec.row, *(column.about for column in spec.columns)]
        found += [column.name.replace("_", " ").capitalize() for column in spec.columns if column.name != "n"]
    for file in sorted([*PACKAGE.glob("figures/*.py"), *PACKAGE.glob("report/**/*.py")]):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == "text"
            ):
                found += [text for argument in node.args[:1] for text in literals(argument)]
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "chapter":
                found += [text for argument in node.args[1:] for text in literals(argument)]
            if isinstance(node, ast.Assign | ast.AnnAssign):
                target = node.targets[0] if isinstance(node, ast.Assign) else node.target
                name = getattr(target, "id", "")
                if name in TABLES and isinstance(node.value, ast.Dict):
                    found += [text for value in node.value.values for text in literals(value)]
                if name in ("TERMS", "message"):
                    found += literals(node.value)
    for name in ("page.html.j2", "blocks.html.j2"):
        text = (PACKAGE / "assets" / name).read_text(encoding="utf-8")
        found += [a or b for a, b in re.findall(r"""say\((?:"([^"]+)"|'([^']+)')\)""", text)]
    return sorted({text for text in found if text})


def fields(text):
    return sorted({name for _, name, _, _ in string.Formatter().parse(text) if name})


@pytest.mark.parametrize("code", [code for code in languages() if code != "en"])
def test_every_sentence_is_translated_and_keeps_its_values(code):
    words = language(code)
    told = {message: words.text(message) for message in messages()}
    assert len(told) > 700
    missing = [
        message
        for message, found in told.items()
        if found == message and message not in SAME and len(message.split()) > 2
    ]
    assert missing == []
    assert [message for message, found in told.items() if fields(message) != fields(found)] == []


def test_a_finnish_page_has_no_english_sentence_of_ours_left():
    report = open_report(planted_release("fi"))
    page = write_page([block for key in report.sections for block in report.section(key).blocks])
    body = re.sub(r"<script.*?</script>", "", page.split("<body>")[1], flags=re.S)
    long = [message for message in messages() if len(message) > 25 and "{" not in message]
    assert [message for message in long if f">{message}<" in body] == []
    assert '<html lang="fi">' in page and "Minuutissa" in body
