"""A slide with one native chart: the finding as title, the measure under it, definition, n and grade at the foot."""

import io
from typing import Any

from smf_helpers.figures import Reader
from smf_helpers.report.blocks import grade_label
from smf_helpers.report.charts import OfficeChart, Series, number_format, reaches
from smf_helpers.report.slide_words import Deck, describe
from smf_helpers.texts import cell_text, plain_text

HUES = ("primary", "accent", "blue", "orange", "green", "purple")
_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"
LABELS = 14
"""Category labels that a slide can carry; between them labels are left empty."""


def add_chart_slide(deck: Deck, chart: OfficeChart) -> None:
    """Add the slide of one chart."""
    reader, plate = deck.reader, chart.plate
    slide = deck.slide(plate.headline)
    deck.write(slide, chart.measure, (0.6, 1.42, 12.1, 0.6), size=13, ink="soft")
    drawn = _add(deck, slide, chart)
    describe(drawn, plate.alt)
    deck.write(slide, _foot(reader, chart), (0.6, 6.78, 12.1, 0.5), size=10.5, ink="soft")


def _foot(reader: Reader, chart: OfficeChart) -> str:
    plate = chart.plate
    grade = grade_label(reader, plate.grade)["word"]
    return "  ·  ".join(filter(None, (plate.definition, f"n {plate.n}" if plate.n else "", grade)))


def _add(deck: Deck, slide: Any, chart: OfficeChart) -> Any:
    from pptx.chart.data import CategoryChartData
    from pptx.enum.chart import XL_CHART_TYPE

    data = CategoryChartData(number_format=number_format(chart))
    data.categories = _labels(chart)
    for series in chart.series:
        data.add_series(plain_text(series.name), series.values)
    kind = XL_CHART_TYPE.COLUMN_STACKED_100 if chart.kind == "stack" else XL_CHART_TYPE.LINE_MARKERS
    frame = slide.shapes.add_chart(kind, *deck.emu((0.5, 2.0, 12.3, 4.7)), data)
    made = frame.chart
    made.part.chart_workbook.update_from_xlsx_blob(_workbook(chart))
    made.font.size = _points(12)
    made.has_title = False
    made.has_legend = chart.kind != "interval"
    if made.has_legend:
        from pptx.enum.chart import XL_LEGEND_POSITION

        made.legend.position, made.legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
    _axes(deck, made, chart)
    for place, series in enumerate(chart.series):
        _dress(deck, made, made.plots[0].series[place], chart, series, place)
    if chart.kind == "stack":
        made.plots[0].gap_width = 60
    if chart.kind == "interval":
        _say(deck, made, chart)
        _reach(deck, made, chart)
    return frame


def _points(size: float) -> Any:
    from pptx.util import Pt

    return Pt(size)


def _labels(chart: OfficeChart) -> list[str]:
    """Give the categories, thinned so that they stay readable."""
    step = -(-len(chart.categories) // LABELS)
    return [plain_text(name) if place % step == 0 else "" for place, name in enumerate(chart.categories)]


def _axes(deck: Deck, made: Any, chart: OfficeChart) -> None:
    from pptx.enum.chart import XL_TICK_LABEL_POSITION, XL_TICK_MARK

    value, category = made.value_axis, made.category_axis
    value.has_major_gridlines = True
    value.major_gridlines.format.line.color.rgb = deck.rgb("rule")
    value.format.line.fill.background()
    value.major_tick_mark = category.major_tick_mark = XL_TICK_MARK.NONE
    value.tick_labels.number_format = number_format(chart)
    value.tick_labels.number_format_is_linked = False
    value.tick_labels.font.color.rgb = deck.rgb("soft")
    if chart.low is not None:
        value.minimum_scale = chart.low
    if chart.high is not None:
        value.maximum_scale = chart.high
        value.major_unit = 0.25 if chart.percent else 1.0 if chart.high <= 5 else chart.high / 5
    category.format.line.color.rgb = deck.rgb("faint")
    category.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    category.tick_labels.font.color.rgb = deck.rgb("ink")


def _dress(deck: Deck, made: Any, drawn: Any, chart: OfficeChart, series: Series, place: int) -> None:
    from pptx.enum.chart import XL_MARKER_STYLE
    from pptx.enum.dml import MSO_LINE

    hue = series.hue or HUES[place % len(HUES)]
    if chart.kind == "stack":
        drawn.format.fill.solid()
        drawn.format.fill.fore_color.rgb = deck.rgb(hue)
        return
    drawn.smooth = False
    marker = drawn.marker
    marker.style = XL_MARKER_STYLE.NONE
    if chart.kind == "interval" or series.role == "dots":
        drawn.format.line.fill.background()
        if series.role in ("value", "dots"):
            ink = "primary" if series.role == "value" else "ink"
            marker.style, marker.size = XL_MARKER_STYLE.CIRCLE, 11 if series.role == "value" else 4
            marker.format.fill.solid()
            marker.format.fill.fore_color.rgb = deck.rgb(ink)
            marker.format.line.fill.background()
        return
    side = series.role in ("low", "high")
    drawn.format.line.color.rgb = deck.rgb("faint" if side else hue)
    drawn.format.line.width = _points(1 if side else 1.75 if series.role == "dashed" else 3)
    if series.role in ("low", "high", "dashed"):
        drawn.format.line.dash_style = MSO_LINE.DASH if side else MSO_LINE.ROUND_DOT


def _reach(deck: Deck, made: Any, chart: OfficeChart) -> None:
    """Draw the interval of each dot as its error bar, from the published low to the published high."""
    from lxml import etree  # type: ignore[import-untyped,unused-ignore]

    place = next(i for i, series in enumerate(chart.series) if series.role == "value")
    series = made.plots[0].series[place]._element
    space = series.nsmap["c"]

    def part(parent: Any, name: str, **given: str) -> Any:
        return etree.SubElement(parent, f"{{{space}}}{name}", **given)

    bars = etree.Element(f"{{{space}}}errBars", nsmap=series.nsmap)
    part(bars, "errDir", val="y")
    part(bars, "errBarType", val="both")
    part(bars, "errValType", val="cust")
    part(bars, "noEndCap", val="1")
    for name, values in zip(("plus", "minus"), reaches(chart), strict=True):
        listed = part(part(bars, name), "numLit")
        part(listed, "formatCode").text = "General"
        part(listed, "ptCount", val=str(len(values)))
        for number, value in enumerate(values):
            part(part(listed, "pt", idx=str(number)), "v").text = f"{value:g}"
    stroke = etree.SubElement(part(bars, "spPr"), f"{{{_DRAWING}}}ln", w="34925", cap="rnd")
    fill = etree.SubElement(stroke, f"{{{_DRAWING}}}solidFill")
    etree.SubElement(fill, f"{{{_DRAWING}}}srgbClr", val=deck.colours["primary"].lstrip("#").upper())
    series.find(f"{{{space}}}cat").addprevious(bars)


def _say(deck: Deck, made: Any, chart: OfficeChart) -> None:
    """Write each value beside its dot."""
    from pptx.enum.chart import XL_LABEL_POSITION

    place = next(i for i, series in enumerate(chart.series) if series.role == "value")
    labels = made.plots[0].series[place].data_labels
    labels.show_value = True
    labels.number_format, labels.number_format_is_linked = number_format(chart), False
    labels.position = XL_LABEL_POSITION.RIGHT
    labels.font.size, labels.font.bold = _points(12), True
    labels.font.color.rgb = deck.rgb("ink")


def _workbook(chart: OfficeChart) -> bytes:
    """Give the workbook inside the chart: text and published numbers, no formula, no date of its own."""
    import datetime as dt

    import xlsxwriter

    made = io.BytesIO()
    safe = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "in_memory": True,
    }
    with xlsxwriter.Workbook(made, safe) as book:
        book.set_properties({"author": "", "created": dt.datetime(2000, 1, 1)})
        sheet = book.add_worksheet("Sheet1")
        for row, name in enumerate(chart.categories, start=1):
            sheet.write_string(row, 0, cell_text(name))
        for place, series in enumerate(chart.series, start=1):
            sheet.write_string(0, place, cell_text(series.name))
            for row, value in enumerate(series.values, start=1):
                if value is not None:
                    sheet.write_number(row, place, value)
    return made.getvalue()
