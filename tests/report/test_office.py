"""Slides and sheets hold what the release holds, draw it natively, and can do nothing."""

import dataclasses
import io
import re
import zipfile

import pytest
from planted import planted_release, silent_release

from smf_helpers.figures import Reader
from smf_helpers.params.look import look_address
from smf_helpers.report.charts import office_charts
from smf_helpers.report.sheets import write_sheets
from smf_helpers.report.slides import write_slides
from smf_helpers.results.publication import Mark

HOSTILE = "=1+1|cmd"


@pytest.fixture(scope="module")
def release():
    full = planted_release()
    return dataclasses.replace(full, labels={**full.labels, "marketing": HOSTILE})


@pytest.fixture(scope="module")
def book(release, tmp_path_factory):
    return write_sheets(release, tmp_path_factory.mktemp("x") / "r.xlsx")


@pytest.fixture(scope="module")
def deck(release, tmp_path_factory):
    return write_slides(release, tmp_path_factory.mktemp("p") / "r.pptx")


def parts(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def read_rows(path, sheet):
    from python_calamine import CalamineWorkbook

    return CalamineWorkbook.from_path(str(path)).get_sheet_by_name(sheet).to_python()


def test_every_number_of_every_published_table_is_in_its_sheet(release, book):
    for table in release.tables.values():
        rows = read_rows(book, table.spec.name[:31])[4:]
        assert len(rows) == len(table.rows)
        for written, row in zip(rows, table.rows, strict=True):
            for cell, value in zip(written, row, strict=False):
                if isinstance(value, int | float) and not isinstance(value, bool):
                    assert cell == pytest.approx(value, abs=1e-12)
                elif isinstance(value, Mark):
                    assert cell == value.value


def test_no_cell_is_a_formula_or_a_link_and_nothing_is_hidden(book):
    for name, content in parts(book).items():
        text = content.decode("utf-8", "replace")
        assert ("<f>" not in text and "<f " not in text) or "/charts/" in name
        assert "hyperlink" not in text
        assert 'state="hidden"' not in text and "veryHidden" not in text
        assert "definedName" not in text
        assert "comments" not in name and "pivot" not in name and "externalLink" not in name
    assert any(HOSTILE in cell for row in read_rows(book, "waves") for cell in row if isinstance(cell, str))
    starts = [cell for row in read_rows(book, "waves") for cell in row if isinstance(cell, str)]
    assert not [cell for cell in starts if cell.startswith(("=", "+", "@"))]


def test_the_sheets_have_native_charts_with_words_for_who_cannot_see_them(book):
    inside = parts(book)
    charts = [name for name in inside if name.startswith("xl/charts/chart")]
    assert len(charts) >= 12
    drawing = inside["xl/drawings/drawing1.xml"].decode()
    assert drawing.count('descr="') == len(charts)


def test_every_chart_slide_holds_exactly_the_charts_numbers(release, deck):
    charts = office_charts(Reader(release))
    inside = parts(deck)
    names = sorted(
        (name for name in inside if re.fullmatch(r"ppt/charts/chart\d+\.xml", name)),
        key=lambda name: int(re.findall(r"\d+", name)[-1]),
    )
    assert len(names) == len(charts)
    for name, chart in zip(names, charts, strict=True):
        text = inside[name].decode()
        series = re.findall(r"<c:ser>.*?</c:ser>", text, re.S)
        assert len(series) == len(chart.series)
        for drawn, wanted in zip(series, chart.series, strict=True):
            cached = re.search(r"<c:val>.*?</c:val>", drawn, re.S)[0]
            values = [float(value) for value in re.findall(r"<c:v>([^<]+)</c:v>", cached)]
            assert values == [value for value in wanted.values if value is not None]


def test_the_workbooks_inside_the_charts_are_inert_and_hold_the_same_numbers(release, deck):
    from python_calamine import CalamineWorkbook

    charts = office_charts(Reader(release))
    books = [content for name, content in sorted(parts(deck).items()) if name.endswith(".xlsx")]
    assert len(books) == len(charts)
    wanted = {tuple(value for value in each.series[0].values if value is not None) for each in charts}
    for content in books:
        rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
        assert tuple(row[1] for row in rows[1:] if row[1] != "") in wanted
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")


def test_slides_have_titles_words_for_pictures_empty_notes_and_no_author(deck):
    from pptx import Presentation

    presentation = Presentation(str(deck))
    for slide in presentation.slides:
        assert slide.shapes.title.text_frame.text
        assert not slide.has_notes_slide
        for shape in slide.shapes:
            if shape.has_chart:
                assert shape._element.xpath(".//p:cNvPr")[0].get("descr")
    assert presentation.core_properties.author == ""
    assert presentation.core_properties.created.isoformat().startswith("2026-11-15")


@pytest.mark.parametrize("write", [write_sheets, write_slides])
def test_equal_releases_give_equal_files(write, tmp_path):
    one, two = write(planted_release(), tmp_path / "one"), write(planted_release(), tmp_path / "two")
    assert one.read_bytes() == two.read_bytes()


@pytest.mark.parametrize("write", [write_sheets, write_slides])
def test_a_release_without_numbers_still_gives_a_file(write, tmp_path):
    assert write(silent_release("fi"), tmp_path / "silent").stat().st_size > 5_000


def branded(release, template):
    """Give the release with a template as its workbook would have read it from the client's folder."""
    brand = dataclasses.replace(release.brand, template=look_address("template", template))
    return dataclasses.replace(release, brand=brand)


def test_slides_go_into_the_clients_own_template(tmp_path):
    from pptx import Presentation
    from pptx.util import Inches

    theirs = Presentation()
    theirs.slide_width, theirs.slide_height = Inches(10), Inches(7.5)
    theirs.slides.add_slide(theirs.slide_layouts[0]).shapes.title.text_frame.text = "OLD SLIDE"
    theirs.save(str(tmp_path / "theirs.pptx"))
    made = Presentation(
        str(write_slides(branded(planted_release(), tmp_path / "theirs.pptx"), tmp_path / "o.pptx"))
    )
    assert made.slide_width == Inches(10)
    titles = [slide.shapes.title.text_frame.text for slide in made.slides]
    assert "OLD SLIDE" not in titles and titles[0] == "Northern Grid & Partners"
    for slide in made.slides:
        for shape in slide.shapes:
            assert shape.left >= 0 and shape.left + shape.width <= made.slide_width + 10_000


def test_the_four_outputs_agree_on_the_numbers_that_a_manager_reads(release, book, deck, tmp_path):
    from smf_helpers.report import write_html

    page = write_html(release, tmp_path / "r.html").read_text(encoding="utf-8")
    slides = "".join(
        content.decode("utf-8", "replace") for name, content in parts(deck).items() if "slides/slide" in name
    )
    scores = {
        row["factor"]: row["mean"] for row in Reader(release).rows("factors", unit="all", wave="2026-3")
    }
    sheet = read_rows(book, "factors")
    for score in scores.values():
        assert f">{score:.1f}<" in page
        assert f">{score:.1f}<" in slides
        assert any(score in row for row in sheet)


def test_a_section_that_the_client_does_not_want_is_neither_on_the_page_nor_on_the_slides(tmp_path):
    from smf_helpers.report import open_report

    short = dataclasses.replace(planted_release(), sections=("framework",))
    report = open_report(short)
    assert report.sections == ["minute", "framework", "data"]
    assert report.section("adoption").blocks == [] != report.section("framework").blocks
    assert {chart.name for chart in office_charts(Reader(short))} == {
        "factor_waves", "factor_change", "needs", "drivers",
    }  # fmt: skip


def test_the_clients_title_stands_on_page_and_slides(tmp_path):
    from smf_helpers.report import write_html

    plain = planted_release()
    named = dataclasses.replace(plain, brand=dataclasses.replace(plain.brand, title="Mid-term <review>"))
    assert "Mid-term &lt;review&gt;" in write_html(named, tmp_path / "r.html").read_text(encoding="utf-8")
    inside = parts(write_slides(named, tmp_path / "r.pptx"))
    assert b"Mid-term &lt;review&gt;" in inside["ppt/slides/slide1.xml"]
