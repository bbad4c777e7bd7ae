"""Texts from data that want to run, to ask for something, or to compute: in every format they stay texts."""

import os

import pytest
from planted import planted_release

from smf_helpers.privacy.extract import extract
from smf_helpers.report import write_html, write_print, write_sheets, write_slides
from tests.pages.chromium import NEEDS_BROWSER, READY
from tests.privacy.injections import A_RELEASE, PAYLOADS, POSITIONS, poisoned

pytestmark = NEEDS_BROWSER
FULL = os.environ.get("SMF_FULL") == "1"
STARTS = range(0, len(PAYLOADS), A_RELEASE) if FULL else (0, A_RELEASE, 38)
"""In the short form scripts, links, and characters that no XML may hold."""


@pytest.mark.parametrize("start", STARTS)
def test_no_script_runs_no_request_leaves_and_no_cell_computes(start, browser, tmp_path):
    payloads = PAYLOADS[start : start + A_RELEASE]
    release = poisoned(planted_release(), payloads)
    file = write_html(release, tmp_path / "report.html")
    files = [file, write_sheets(release, tmp_path / "r.xlsx"), write_slides(release, tmp_path / "r.pptx")]
    if FULL:
        files.append(write_print(release, tmp_path / "r.pdf"))
    assert [danger for path in files for danger in extract(path).dangers] == []
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    asked, heard = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("dialog", lambda dialog: heard.append(dialog.message))
    page.goto(file.as_uri(), timeout=90_000)
    page.wait_for_selector(READY, state="attached", timeout=90_000)
    assert page.evaluate("window.pwned") is None
    assert [url for url in asked if url != file.as_uri() and not url.startswith(("data:", "blob:"))] == []
    assert heard == []
    page.close()


def test_every_payload_reaches_every_position():
    for start in range(0, len(PAYLOADS), A_RELEASE):
        payloads = PAYLOADS[start : start + A_RELEASE]
        release = poisoned(planted_release(), payloads)
        for position in POSITIONS:
            held = {
                str(record[position]).rstrip(" ")
                for table in release.tables.values()
                for record in (table.records() if position in {c.name for c in table.spec.columns} else ())
            }
            assert {payload.rstrip(" ") for payload in payloads} <= held, position
    assert len(PAYLOADS) == 60
