"""The page is one safe file: figures from JSON, text escaped, scripts by digest, no other host."""

import base64
import gzip
import hashlib
import json
import re
from pathlib import Path

import pytest
from planted import planted_release, silent_release

from smf_helpers.figures import FIGURES
from smf_helpers.report import export_page, open_report
from smf_helpers.report.book import MIME
from smf_helpers.report.chapters import CHAPTERS
from smf_helpers.report.exporter import cleaned


def notebook(release):
    """Give the executed notebook of a release, as the kernel would have written it."""
    report = open_report(release)
    cells = [
        {
            "cell_type": "code",
            "source": "SECRET_SOURCE",
            "metadata": {},
            "outputs": [
                {"output_type": "display_data", "data": json.loads(json.dumps(bundle)), "metadata": {}}
                for bundle in report.section(key).bundles()
            ],
        }
        for key in report.sections
    ]
    return {"cells": cells, "metadata": {}}


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "client.html"
    return export_page(notebook(planted_release()), path).read_text(encoding="utf-8")


def scripts_of(page):
    return re.findall(r"<script>(.*?)</script>", page, re.S)


def test_every_section_and_every_figure_is_on_the_page(page):
    for key in CHAPTERS:
        assert f'<section id="{key}"' in page
    shown = re.findall(r'id="fig-(\w+)"', page)
    assert sorted(shown) == sorted(FIGURES)


def test_code_and_notebook_source_never_reach_the_page(page):
    assert "SECRET_SOURCE" not in page and MIME not in page


def test_the_policy_allows_exactly_the_scripts_of_the_page_by_their_digest(page):
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)[1].replace("&#39;", "'")
    packed = re.search(r'id="plotly-packed">([^<]+)<', page)[1]
    plotly = gzip.decompress(base64.b64decode(packed))
    digests = {
        base64.b64encode(hashlib.sha256(script).digest()).decode()
        for script in [plotly, *(text.encode() for text in scripts_of(page))]
    }
    assert set(re.findall(r"'sha256-([^']+)'", policy)) == digests
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe-inline" not in policy.split("style-src")[0]


def test_a_single_file_names_no_other_host_and_keeps_its_size(page):
    readable = re.sub(r'id="plotly-packed">[^<]+', "", page)
    assert not re.search(r"https?:|//\w+\.\w|src=\"[^d]", readable)
    assert len(page.encode()) <= 2_600_000


def test_a_page_with_shared_scripts_is_small_and_brings_plotly_once(tmp_path):
    node = notebook(planted_release())
    for name in ("a", "b"):
        path = export_page(node, tmp_path / f"{name}.html", assets="shared")
        assert path.stat().st_size <= 450_000
    assert sorted(file.name.split("-")[0] for file in (tmp_path / "_assets").iterdir()) == [
        "plotly",
        "report",
        "what_if",
    ]


def test_the_same_release_gives_the_same_bytes(tmp_path):
    one = export_page(notebook(planted_release()), tmp_path / "one.html").read_bytes()
    two = export_page(notebook(planted_release()), tmp_path / "two.html").read_bytes()
    assert one == two


def test_a_clients_words_are_text_everywhere(page):
    assert "Northern Grid &amp; Partners" in page
    assert "<operations>" not in page
    assert "Grid &lt;operations&gt;" in page


def test_a_release_without_numbers_still_makes_an_honest_page(tmp_path):
    text = export_page(notebook(silent_release()), tmp_path / "s.html").read_text(encoding="utf-8")
    assert text.count("not enough to say") > 8 and text.count('<dt id="fig-') > 20
    assert 'class="plot"' not in text
    assert "Two waves are too few for this." in text


def test_what_an_analyst_adds_is_let_in_without_script(tmp_path):
    outputs = [
        {"output_type": "display_data", "data": {"text/html": "<h3>Mine</h3><script>alert(1)</script>"}},
        {"output_type": "display_data", "data": {"text/html": '<img src=x onerror="alert(2)"><p>kept</p>'}},
        {"output_type": "stream", "name": "stdout", "text": "PRINTED"},
        {"output_type": "error", "ename": "ValueError", "evalue": "first\nTRACE", "traceback": ["TRACE"]},
    ]
    cells = [
        {"cell_type": "markdown", "source": "Hello <script>alert(3)</script> **there**", "metadata": {}},
        {"cell_type": "code", "source": "", "metadata": {}, "outputs": outputs},
    ]
    text = export_page({"cells": cells}, tmp_path / "own.html").read_text(encoding="utf-8")
    body = text.split("<body>")[1]
    assert "alert(" not in body and "onerror" not in body and "PRINTED" not in body and "TRACE" not in body
    assert "<h3>Mine</h3>" in body and "<p>kept</p>" in body and "<strong>there</strong>" in body
    assert "ValueError" in body and "first" in body


@pytest.mark.parametrize(
    "hostile",
    [
        {"palettes": {"light": {"ink": "red;}</style><script>x()</script>"}}},
        {"palettes": {"light": {"font": "x;} body{background:url(//evil)}"}}},
        {"logo": "https://evil/x.png"},
        {"language": '"><script>x()</script>'},
        {"band": "url(//evil)"},
        {"name": "</title><script>x()</script>"},
        {"greeting": "<img src=x onerror=x()>"},
    ],
)
def test_a_hostile_cover_cannot_leave_its_place(tmp_path, hostile):
    cover = {"kind": "cover"} | hostile
    cells = [{"cell_type": "code", "outputs": [{"output_type": "display_data", "data": {MIME: cover}}]}]
    text = export_page({"cells": cells}, tmp_path / "h.html").read_text(encoding="utf-8")
    assert "<script>x()" not in text and "evil" not in text and "<img" not in text


def test_an_allow_list_keeps_markup_and_drops_addresses():
    assert cleaned('<a href="http://x">y</a><iframe src="z"></iframe>') == "<a>y</a>"


def test_the_exporter_is_one_of_nbconverts_own(tmp_path):
    import nbformat

    from smf_helpers.report.exporter import SmfExporter

    node = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("Words")])
    path = tmp_path / "n.ipynb"
    nbformat.write(node, path)
    html, resources = SmfExporter(assets="shared").from_filename(str(path))
    assert "Words" in html and resources["output_extension"] == ".html"
    assert Path(path).read_text(encoding="utf-8").count("Words") == 1
