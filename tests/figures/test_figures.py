"""Every registered figure is complete, plain, drawn from published numbers only, and silent where it must be."""

import json
from dataclasses import replace

import pytest
from planted import planted_release, silent_release, veiled_release

from smf_helpers.figures import FIGURES, coloured, draw, palettes, sketch
from smf_helpers.figures.colour import contrast
from smf_helpers.figures.reader import Reader
from smf_helpers.results.publication import Mark
from smf_helpers.results.released import Brand

RELEASES = {"en": planted_release("en"), "fi": planted_release("fi")}
ALLOWED = {"scatter", "bar"}


def numbers(part):
    """Give every number inside nested lists."""
    if isinstance(part, list):
        return [found for each in part for found in numbers(each)]
    return [part] if isinstance(part, float | int) and not isinstance(part, bool) else []


@pytest.mark.parametrize("language", RELEASES)
@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_of_a_full_release_says_its_finding_and_is_drawn(name, language):
    plate = draw(name, RELEASES[language])
    assert plate.name == name
    assert plate.headline and plate.subtitle and plate.alt and plate.definition and plate.n
    assert plate.headline in plate.alt
    assert plate.shape in ("plot", "drawing")


@pytest.mark.parametrize("name", FIGURES)
def test_plotly_itself_accepts_every_plot_in_light_and_in_dark(name):
    import plotly.graph_objects as go

    plate = draw(name, RELEASES["en"])
    if plate.shape != "plot":
        assert sketch(plate).startswith("<")
        return
    for palette in palettes(Brand()).values():
        figure = go.Figure(coloured(plate.plot, palette))
        assert {trace.type for trace in figure.data} <= ALLOWED
        assert "$" not in json.dumps(coloured(plate.plot, palette)["data"]).replace("&#36;", "")
    go.Figure(coloured({"layout": {**plate.plot["layout"], **plate.narrow}}, palettes(Brand())["dark"]))


@pytest.mark.parametrize("name", FIGURES)
def test_no_number_is_drawn_that_is_not_published(name):
    release = RELEASES["en"]
    plate = draw(name, release)
    published = {
        float(cell)
        for table in plate.tables
        for row in release.tables[table].rows
        for cell in row
        if isinstance(cell, float | int)
    }
    places = set(range(100)) | {row + 0.24 for row in range(40)}
    for trace in plate.plot.get("data", []):
        drawn = {float(value) for axis in ("x", "y") for value in numbers(trace[axis])}
        assert drawn <= published | places, (name, drawn - published - places)


@pytest.mark.parametrize("name", FIGURES)
def test_a_release_without_numbers_gets_marks_with_their_reason(name):
    plate = draw(name, silent_release())
    assert (plate.shape, plate.mark) == ("mark", Mark.UNSURE)
    assert plate.reason == "Two waves are too few for this."
    assert not plate.plot and not plate.drawing


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_whose_cells_the_gate_refused_says_so_and_draws_nothing(name):
    plate = draw(name, veiled_release())
    assert plate.shape == "mark"
    assert plate.mark in (Mark.CONFIDENTIAL, Mark.UNSURE)


def test_a_hidden_row_keeps_its_place_and_carries_the_mark():
    plate = draw("adoption_units", RELEASES["en"])
    notes = [note["text"] for note in plate.plot["layout"]["annotations"]]
    assert "<i>not shown (confidentiality)</i>" in notes
    assert "Finance" in plate.plot["layout"]["yaxis"]["ticktext"]


def test_a_clients_label_is_never_read_as_markup():
    plate = draw("adoption_units", RELEASES["en"])
    drawn = json.dumps(plate.plot)
    assert "Grid &lt;operations&gt;" in drawn and "<operations>" not in drawn
    assert "Grid &lt;operations&gt;" in sketch(draw("units", RELEASES["en"]))


def test_the_bottleneck_is_named_only_when_it_is_likelier_than_not():
    plate = draw("double_cycle", RELEASES["en"])
    assert plate.headline == "Measuring and evaluating holds the flow back (91% sure)"
    assert [station["key"] for station in plate.drawing["stations"] if station["held"]] == ["measuring"]


def test_a_river_is_narrowest_where_the_score_is_lowest():
    from smf_helpers.figures.river import UPRIGHT, _line, _stops, _widths

    stations = draw("double_cycle", RELEASES["en"]).drawing["stations"]
    stops = _stops(_line(UPRIGHT))
    widths = _widths(stops, stations, "value")
    at_stops = [widths[stop] for stop in stops]
    weakest = min(stations, key=lambda station: station["value"])["key"]
    assert stations[at_stops.index(min(at_stops))]["key"] == weakest


def test_finnish_numbers_have_their_comma_and_their_space():
    reader = Reader(RELEASES["fi"])
    row = reader.rows("barriers", unit="all")[0]
    assert reader.estimate(row, "barriers", "share").startswith("21\u00a0%")


@pytest.mark.parametrize(
    "brand", [Brand(), Brand(primary="#ffd400", accent="#fff6a0"), Brand(primary="#000000")]
)
def test_text_stays_readable_in_light_and_dark_whatever_the_client_brings(brand):
    for palette in palettes(brand).values():
        for ink in ("ink", "soft", "primary", "accentink"):
            assert contrast(palette[ink], palette["paper"]) >= 4.5
            assert contrast(palette[ink], palette["canvas"]) >= 4.0
        for line in ("accent", "faint", "blue", "orange", "green", "sky", "vermilion", "purple"):
            assert contrast(palette[line], palette["paper"]) >= 3.0


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("en", "No curve is drawn. The curve does not describe these data: after 8 weeks it has 38%"),
        ("fi", "Käyrää ei piirretä. Käyrä ei kuvaa tätä aineistoa: 8 viikon kohdalla sen mukaan 38"),
    ],
)
def test_where_no_curve_may_be_drawn_the_dots_stand_alone_and_the_reader_is_told_why(language, says):
    release = RELEASES[language]
    why = "The curve does not describe these data: after 8 weeks it has 38%, where 62% had adopted."
    curve, figures = release.tables["adoption_curve"], release.tables["adoption_summary"]
    blank = {"fitted": Mark.UNSURE, "low": None, "high": None}
    dots = [tuple({**row, **blank}.values()) for row in curve.records(phase="observed")]
    tables = {
        **release.tables,
        "adoption_curve": replace(curve, rows=tuple(dots)),
        "adoption_summary": replace(figures, note=why),
    }
    plate = draw("adoption_curve", replace(release, tables=tables))
    assert plate.note.startswith(says)
    assert {trace["mode"] for trace in plate.plot["data"]} == {"markers"}
