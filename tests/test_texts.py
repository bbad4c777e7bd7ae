"""Texts from outside stay text, in every medium that can read something into them."""

import html
import json
import re

import pytest

from smf_helpers.texts import (
    cell_text,
    chart_text,
    html_text,
    latex_text,
    markdown_text,
    plain_text,
    script_json,
)

PAYLOADS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' onmouseover='alert(1)",
    "</script><script>alert(1)</script>",
    '<a href="javascript:alert(1)">x</a>',
    "[x](javascript:alert(1))",
    "![x](https://example.org/x.png)",
    "{{ 7*7 }}",
    "{% import os %}",
    "${7*7}",
    "%{x:.2f}",
    "$\\href{javascript:alert(1)}{x}$",
    "\\input{/etc/passwd}",
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "＝1+1",
    '=HYPERLINK("http://example.org")',
    "=cmd|' /C calc'!A0",
    "%matplotlib inline",
    "!ls",
    "a\u202eb",
    "a\u200bb",
    "a\x00b",
    "a\ud800b",
    "../../etc/passwd",
    "CON",
    "x" * 10_000,
]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_name_becomes_one_short_visible_line(payload):
    line = plain_text(payload)
    assert len(line) <= 120 and line.isprintable() and line == line.strip()
    line.encode("utf-8")


@pytest.mark.parametrize("payload", PAYLOADS)
def test_in_html_it_opens_no_element_and_leaves_no_attribute(payload):
    escaped = html_text(payload)
    assert not re.search("[<>\"']", escaped)
    assert html.unescape(escaped) == plain_text(payload)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_in_a_chart_it_has_no_markup_no_template_and_no_formula_signs(payload):
    escaped = chart_text(payload)
    assert "<" not in escaped and "%{" not in escaped and "$" not in escaped


@pytest.mark.parametrize("payload", PAYLOADS)
def test_in_a_sheet_it_never_starts_like_a_formula(payload):
    cell = cell_text(payload)
    assert not cell or cell[0] not in "=+-@\t\r\n＝＋－＠"
    assert len(cell) <= 32_767


@pytest.mark.parametrize("payload", PAYLOADS)
def test_in_a_script_element_it_cannot_end_the_script_and_stays_the_same(payload):
    printable = payload.encode("utf-8", "replace").decode()
    embedded = script_json(json.dumps(printable, ensure_ascii=False))
    assert "<" not in embedded
    assert json.loads(embedded) == printable


@pytest.mark.parametrize("payload", PAYLOADS)
def test_in_latex_no_command_survives(payload):
    escaped = latex_text(payload)
    bare = re.sub(r"\\textbackslash\{\}|\\textasciicircum\{\}|\\textasciitilde\{\}|\\[{}$&#%_]", "", escaped)
    assert not re.search(r"[\\{}$&#%_^~]", bare)


def test_in_markdown_marks_are_words():
    assert markdown_text("[x](javascript:a)") == r"\[x\]\(javascript\:a\)"
    assert "<" not in markdown_text("<b>").replace(r"\<", "")
