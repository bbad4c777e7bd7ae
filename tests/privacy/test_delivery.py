"""The audit of delivered files: whatever is planted in a page, a sheet or a slide is found."""

import base64
import json
import os
from dataclasses import replace

import numpy as np
import pytest

from smf_helpers.errors import InputError, PrivacyError
from smf_helpers.privacy.canaries import Finder, read_marks
from smf_helpers.privacy.delivery import audit_delivery, find_tokens, numbers_of, refuse
from smf_helpers.privacy.extract import extract
from smf_helpers.release import audit_files, audit_sheet, save_release, scan_batch
from smf_helpers.results.catalogue import CATALOGUE
from smf_helpers.results.publication import Mark, Table
from smf_helpers.results.released import Brand, Release
from smf_helpers.texts import marks_of

POLICY = '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'">'
HIDDEN = Mark.CONFIDENTIAL


FULL = os.environ.get("SMF_FULL") == "1"
FACTOR_ROWS = (
    ("2026-1", "all", "listening", 3.4, 3.2, 3.6, 0.35, 212),
    ("2026-1", "Sales", "listening", 3.1, 2.8, 3.4, 0.28, 64),
    ("2026-1", "Board", "listening", HIDDEN, HIDDEN, HIDDEN, HIDDEN, HIDDEN),
    ("2026-1", "Office", "listening", HIDDEN, HIDDEN, HIDDEN, HIDDEN, HIDDEN),
)


def release(rows=FACTOR_ROWS):
    return Release(
        client="acme",
        name="Acme Oy",
        language="en",
        as_of="2026-03-31",
        brand=Brand(),
        tables={"factors": Table(spec=CATALOGUE["factors"], rows=tuple(rows))},
    )


def page(tmp_path, body="", policy=POLICY, name="report.html"):
    path = tmp_path / name
    path.write_text(f"<!doctype html><html><head>{policy}</head><body>{body}</body></html>", encoding="utf-8")
    return path


def figure(**trace):
    content = {"data": [{"type": "bar", **trace}], "layout": {}}
    return f'<script type="application/json">{json.dumps(content)}</script>'


def packed(values):
    raw = base64.b64encode(np.asarray(values, dtype="<f8").tobytes()).decode()
    return {"dtype": "f8", "bdata": raw}


def test_a_page_that_tells_the_release_passes(tmp_path):
    body = "<p>3.4 of 5 (3.2 to 3.6), 212 people, 35&nbsp;% favourable, March 31, 2026</p>"
    body += figure(x=["all", "Sales"], y=[3.4, 3.1], error_x={"array": [0.2, 0.3]}) + figure(
        y=packed([3.4, 3.1])
    )
    audit = audit_delivery([page(tmp_path, body)], release())
    assert audit.passed and audit.numbers > 10
    refuse(audit, "acme")


@pytest.mark.parametrize(
    "body",
    [
        "<p>The board says 2.7.</p>",
        "<p title='n 41'>x</p>",
        "<!-- mean 2.71 -->",
        "<table><tr><td>3.4736842105</td></tr></table>",
        "<p>only 3 people</p>",
        figure(y=[3.4, 2.7]),
        figure(y=packed([3.4, 2.7])),
        f"<script>Plotly.newPlot('x', {json.dumps([{'y': packed([1.5, 2.5, 4.25])}])})</script>",
        figure(y=[3.4], text=["2.9"]),
        "<svg><text>2.9</text></svg>",
        '<script type="application/json">{"anything": [{"deep": 2.7}]}</script>',
    ],
)
def test_a_number_that_is_not_of_the_release_is_found(tmp_path, body):
    audit = audit_delivery([page(tmp_path, body)], release())
    assert audit.surplus
    with pytest.raises(PrivacyError, match="D101"):
        refuse(audit, "acme")


def axis_with(places, texts):
    content = {"data": [], "layout": {"xaxis": {"tickvals": places, "ticktext": texts}}}
    return f'<script type="application/json">{json.dumps(content)}</script>'


@pytest.mark.parametrize(
    ("places", "texts", "passes"),
    [
        ([0, 0.25, 0.5, 0.75], ["0 %", "25 %", "50 %", "75 %"], True),
        ([0, 0.25], ["0\u00a0%", "25\u00a0%"], True),
        ([0, 0.25, 0.5, 0.75], ["0 %", "25 %", "50 %", "74 %"], False),
        ([0, 0.25, 0.5, 0.74], ["0 %", "25 %", "50 %", "74 %"], False),
        ([0, 0.41], ["0 %", "41 %"], False),
        ([0, 1, 2], ["Sales", "75", "Crew"], False),
    ],
)
def test_a_number_passes_as_a_tick_only_at_its_own_place_on_an_even_axis(tmp_path, places, texts, passes):
    audit = audit_delivery([page(tmp_path, axis_with(places, texts))], release())
    assert bool(audit.surplus) is not passes
    assert audit_delivery([page(tmp_path, "<p>75 %</p>")], release()).surplus


@pytest.mark.parametrize(
    ("body", "policy"),
    [
        ("", ""),
        ("<script src='https://example.org/x.js'></script>", POLICY),
        ("<img src=x onerror=alert(1)>", POLICY),
        ("<a href='javascript:alert(1)'>x</a>", POLICY),
        ("<iframe></iframe>", POLICY),
        ("<form></form>", POLICY),
        (figure(y=[3.4], customdata=["p1"]), POLICY),
        (figure(type="violin", y=[3.4]), POLICY),
    ],
)
def test_what_a_page_must_not_hold_is_found(tmp_path, body, policy):
    audit = audit_delivery([page(tmp_path, body, policy)], release())
    with pytest.raises(PrivacyError, match="D103"):
        refuse(audit, "acme")


def test_tokens_are_found_and_not_told(tmp_path):
    path = page(tmp_path, figure(y=[3.4], x=["KX7Q2M-canary"]))
    audit = audit_delivery([path], release(), canaries=["kx7q2m-Canary", "abc"])
    assert len(audit.leaks) == 1
    with pytest.raises(PrivacyError, match="D102") as caught:
        refuse(audit, "acme")
    assert "canary" not in str(caught.value).lower()


def test_a_batch_is_scanned_for_words_of_other_clients(tmp_path):
    own, foreign = page(tmp_path, "Sales North", name="a.html"), page(tmp_path, "Unit Zebra", name="b.html")
    tokens = {"acme": ["Sales North"], "beta": ["Unit Zebra", "Sales North"], "gamma": ["Nobody"]}
    assert scan_batch({"acme": [own], "beta": [foreign]}, tokens) == {}
    assert set(scan_batch({"acme": [own, foreign], "beta": [foreign]}, tokens)) == {"acme"}
    assert find_tokens([own], ["Elsewhere"]) == []


def workbook(path, fill):
    xlsxwriter = pytest.importorskip("xlsxwriter")
    with xlsxwriter.Workbook(str(path)) as book:
        fill(book)
    return path


def test_a_workbook_of_released_numbers_passes_and_formulas_and_hidden_sheets_do_not(tmp_path):
    def good(book):
        sheet = book.add_worksheet("Factors")
        sheet.write_string(0, 0, "Sales")
        sheet.write_number(0, 1, 3.1)
        sheet.write_number(1, 1, 0.28)

    def formula(book):
        book.add_worksheet("Factors").write_formula(0, 0, "=1+1")

    def hidden(book):
        book.add_worksheet("Factors")
        book.add_worksheet("Rows").hide()

    def raw(book):
        book.add_worksheet("Factors").write_number(0, 0, 3.0947)

    assert not audit_delivery([workbook(tmp_path / "good.xlsx", good)], release()).surplus
    assert audit_delivery([workbook(tmp_path / "formula.xlsx", formula)], release()).dangers
    assert audit_delivery([workbook(tmp_path / "hidden.xlsx", hidden)], release()).dangers
    assert audit_delivery([workbook(tmp_path / "raw.xlsx", raw)], release()).surplus == (
        "raw.xlsx|sheet1!A1",
    )


def slides(path, values, text="Sales", notes=""):
    pptx = pytest.importorskip("pptx")
    from pptx.chart.data import CategoryChartData
    from pptx.enum.chart import XL_CHART_TYPE

    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    slide.shapes.title.text = text
    chart = CategoryChartData()
    chart.categories = ["all", "Sales"]
    chart.add_series("mean", values)
    slide.shapes.add_chart(XL_CHART_TYPE.BAR_CLUSTERED, 0, 0, 10**6, 10**6, chart)
    if notes:
        slide.notes_slide.notes_text_frame.text = notes
    deck.save(str(path))
    return path


def test_slides_are_read_with_their_embedded_workbooks(tmp_path):
    good = audit_delivery([slides(tmp_path / "good.pptx", (3.4, 3.1))], release())
    assert not good.surplus and not good.dangers
    bad = audit_delivery([slides(tmp_path / "bad.pptx", (3.4, 2.6))], release())
    places = " ".join(bad.surplus)
    assert "chart" in places and "Excel" in places
    assert audit_delivery([slides(tmp_path / "notes.pptx", (3.4, 3.1), notes="ask Anna")], release()).dangers


def test_the_attacker_goes_over_what_is_delivered(tmp_path):
    rows = (
        ("2026-1", "all", "listening", 3.4, 3.2, 3.6, 0.35, 67),
        ("2026-1", "Sales", "listening", 3.1, 2.8, 3.4, 0.28, 64),
        ("2026-1", "Board", "listening", HIDDEN, HIDDEN, HIDDEN, HIDDEN, HIDDEN),
    )
    audit = audit_delivery([page(tmp_path)], release(rows))
    with pytest.raises(PrivacyError, match="D104"):
        refuse(audit, "acme")


def test_the_hook_of_the_batch_writes_the_sheet_and_refuses(tmp_path):
    folder = tmp_path / "final"
    folder.mkdir()
    saved = save_release(release(), tmp_path / "release.json")
    page(folder, "<p>3.4</p>")
    assert audit_files(saved, folder).passed
    sheet = (tmp_path / "audit.html").read_text(encoding="utf-8")
    assert "may be delivered" in sheet and "signature" in sheet
    page(folder, "<p>2.7</p>")
    with pytest.raises(PrivacyError):
        audit_files(saved, folder)
    assert "must not be delivered" in (tmp_path / "audit.html").read_text(encoding="utf-8")


def test_a_file_that_cannot_be_read_is_an_error_not_a_pass(tmp_path):
    for name in ("x.xlsx", "x.pptx", "x.exe"):
        (tmp_path / name).write_bytes(b"nothing")
        with pytest.raises(InputError, match="D001"):
            extract(tmp_path / name)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1,234.5 and 1 234,5 and 1.234,5", [1234.5, 1234.5, 1234.5]),
        ("12,3 %", [12.3]),
        ("w2 Q1 a3b #ff00 v1.2.3", []),
        ("5-9", [5, 9]),
        ("2026-03-31", [2026, 3, 31]),
    ],
)
def test_numbers_are_read_as_readers_write_them(text, values):
    assert [value for value, _, _ in numbers_of(text)] == values


class _Print:
    """A printed page as the PDF reader gives it back."""

    def __init__(self, text):
        self.text = text

    def __call__(self, content, where, found):
        found.texts.append((f"{where} page 1", self.text))


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        ("3.43.13.4\n212 people, 0.35 of 64", True),
        ("2.0 2.5 3.0 3.5", True),
        ("3.4 2.73", False),
        ("only 3 people", False),
        ("187", False),
    ],
)
def test_print_is_traced_though_its_figures_run_together(tmp_path, monkeypatch, text, passes):
    monkeypatch.setattr("smf_helpers.privacy.extract._read_pdf", _Print(text))
    (tmp_path / "report.pdf").write_bytes(b"%PDF-1.7")
    assert (not audit_delivery([tmp_path / "report.pdf"], release()).surplus) == passes


def test_a_hidden_number_that_stands_elsewhere_in_the_release_does_not_pass_in_its_cell(tmp_path):
    def sheet(rows):
        def fill(book):
            page = book.add_worksheet("factors")
            page.write_string(0, 0, "The eight factors")
            for at, row in enumerate(rows, start=4):
                for place, cell in enumerate(row):
                    (page.write_string if isinstance(cell, str) else page.write_number)(at, place, cell)

        return fill

    rows = [[str(cell.value) if isinstance(cell, Mark) else cell for cell in row] for row in FACTOR_ROWS]
    leaked = [*rows[:2], [*rows[2][:3], 3.1, *rows[2][4:]], rows[3]]
    assert not audit_delivery([workbook(tmp_path / "good.xlsx", sheet(rows))], release()).surplus
    assert audit_delivery([workbook(tmp_path / "bad.xlsx", sheet(leaked))], release()).surplus == (
        "bad.xlsx|factors row 7 column 4: not the released figure",
    )


def test_marks_find_ids_names_and_comments_and_nothing_else(tmp_path):
    said = "My boss never reads what we write on the channel, honestly"
    (tmp_path / "marks.json").write_text(json.dumps(marks_of(["E-10452", "Maria Virtanen"], comments=[said])))
    known = [read_marks(tmp_path / "marks.json")]
    for text, leaks in (
        ("<p>Nothing of theirs: Maria, 10452, my boss never reads</p>", 0),
        ("<p>signed by maria virtanen</p>", 1),
        ("<p>E-10452</p>", 1),
        (f"<p>{said.upper()}!</p>", 1),
        (figure(text=["Maria  Virtanen"], y=[3.4]), 1),
    ):
        assert len(audit_delivery([page(tmp_path, text)], release(), marks=known).leaks) == leaks, text


def test_the_audit_of_a_delivery_looks_for_its_own_people_and_for_other_clients(tmp_path):
    private, staging = tmp_path / "acme", tmp_path / "acme" / "final"
    staging.mkdir(parents=True)
    save_release(release(), private / "release.json")
    others = {"acme": marks_of(["Acme Oy", "Shared Name"]), "beta": marks_of(["Beta kx7q2m", "Shared Name"])}
    (tmp_path / "clients.json").write_text(json.dumps(others))
    (private / "marks.json").write_text(json.dumps(marks_of(["anna-0042x"])))
    page(staging, "<p>Acme Oy, Shared Name, 3.4</p>")
    assert audit_files(private / "release.json", staging).passed
    for word in ("Beta kx7q2m", "anna-0042x"):
        page(staging, f"<p>{word}</p>")
        with pytest.raises(PrivacyError, match="D102"):
            audit_files(private / "release.json", staging)


def test_no_client_finds_words_of_another_among_five_hundred(tmp_path):
    """Canaries of 500 clients; one file of each is searched for those of all others."""
    count = 500 if FULL else 40
    words = {f"c{n}": [f"Unit q{n}zz canary", f"kx{n:04d}q-{n}"] for n in range(count)}
    (tmp_path / "clients.json").write_text(json.dumps({name: marks_of(own) for name, own in words.items()}))
    for name, own in words.items():
        finder = Finder(read_marks(tmp_path / "clients.json", without=name))
        assert not finder.holds(f"Acme and its parts: {', '.join(own)}.")
        assert finder.holds(f"... {words['c1' if name != 'c1' else 'c2'][0].upper()} ...")


def test_the_sheet_lists_every_quoted_comment_to_tick(tmp_path):
    made = release()
    quoted = Table(spec=CATALOGUE["comments"], rows=(("2026-1", "Fewer tools <b>please</b>"),))
    made = replace(made, tables={**made.tables, "comments": quoted})
    sheet = audit_sheet(made, audit_delivery([page(tmp_path)], made))
    assert "&#9744; Fewer tools &lt;b&gt;please&lt;/b&gt;" in sheet
