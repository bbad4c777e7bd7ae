"""The what-if stands on the page where the release has one, in the reader's language, and nowhere else."""

import dataclasses
import json
import re

import pytest
from planted import planted_release, silent_release

from smf_helpers.report import open_report, scripts
from smf_helpers.report.page import write_page
from smf_helpers.report.what_if import module_words


def page(release):
    report = open_report(release)
    return write_page([block for key in report.sections for block in report.section(key).blocks])


@pytest.fixture(scope="module")
def text():
    return page(planted_release())


def test_the_module_and_the_clients_own_model_are_in_the_file(text):
    model = planted_release().what_if
    found = re.search(
        r'what-if-place" data-language="en"><script type="application/json">(.+?)</script>', text
    )
    spec = json.loads(found[1])["spec"]
    assert tuple(spec["start"]) == model.start
    assert [tuple(draw) for draw in spec["draws"]] == list(model.draws)
    assert "smfWhatIf = (() =>" in text


def test_there_is_no_what_if_where_the_release_has_none():
    without = page(dataclasses.replace(planted_release(), what_if=None))
    assert "smfWhatIf = (() =>" not in without and 'class="what-if-place"' not in without
    assert 'class="what-if-place"' not in page(silent_release())


def test_a_page_without_the_module_has_no_empty_place(monkeypatch):
    monkeypatch.setattr(scripts, "asset", lambda name: "" if name == "what_if.js" else "x")
    report = open_report(planted_release())
    assert "what_if" not in [block["kind"] for block in report.section("adoption").blocks]


def test_the_modules_words_are_read_from_the_module_itself():
    words = module_words()
    assert words["title"] == "What if?" and len(words) > 30
    assert all("{" not in text or re.search(r"\{\w+\}", text) for text in words.values())
