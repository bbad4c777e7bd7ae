"""The published tables as a workbook: one sheet a table, native charts, and cells that can do nothing.

Text is written as text and never as a formula, a link or a number; there are no hidden sheets, comments or
names; author and dates are the same each time, so equal releases give equal files.
"""

import datetime as dt
from pathlib import Path
from typing import Any

from smf_helpers.figures import Reader
from smf_helpers.report.blocks import NUMERIC, column_label
from smf_helpers.report.book import open_report
from smf_helpers.report.charts import OfficeChart, number_format, office_charts, reaches
from smf_helpers.report.colours import OFFICE_HUES
from smf_helpers.results.publication import Cell, Column, Kind, Mark, Table
from smf_helpers.results.released import Release
from smf_helpers.texts import cell_text, plain_text

HEAD_ROW = 3
TITLE_HEIGHT, LINE_HEIGHT = 24, 15
WIDEST = 44


def write_sheets(release: Release | str | Path, out: str | Path) -> Path:
    """Write the workbook of a release.

    Parameters
    ----------
    release : a release, or the path of its file.
    out : file to write, ``.xlsx``.
    """
    import xlsxwriter

    reader = open_report(release).reader
    safe = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "in_memory": True,
    }
    with xlsxwriter.Workbook(str(out), safe) as book:
        book.set_properties(
            {
                "title": cell_text(reader.release.name),
                "author": "",
                "company": "",
                "created": created(reader.release),
            }
        )
        formats = _formats(book, reader)
        _front(book, reader, formats)
        charts = office_charts(reader)
        if charts:
            _charts(book, reader, charts, formats)
        for table in reader.release.tables.values():
            if table.rows:
                _sheet(book, reader, table, formats)
    return Path(out)


def created(release: Release) -> dt.datetime:
    """Give the date that a file of this release bears: the date up to which the data go."""
    try:
        return dt.datetime.fromisoformat(release.as_of[:10])
    except ValueError:
        return dt.datetime(2000, 1, 1)


def _formats(book: Any, reader: Reader) -> dict[str, Any]:
    look = {"font_name": "Calibri", "font_size": 11, "valign": "top"}
    primary = reader.release.brand.primary
    return {
        "title": book.add_format({**look, "bold": True, "font_size": 16, "font_color": primary}),
        "soft": book.add_format({**look, "font_color": "#4d5d66"}),
        "head": book.add_format(
            {
                **look,
                "bold": True,
                "bottom": 1,
                "bottom_color": primary,
                "text_wrap": True,
                "valign": "bottom",
            }
        ),
        "count": book.add_format(
            {
                **look,
                "bold": True,
                "bottom": 1,
                "bottom_color": primary,
                "text_wrap": True,
                "valign": "bottom",
                "align": "right",
            }
        ),
        "text": book.add_format({**look, "text_wrap": True}),
        "band": book.add_format({**look, "align": "right"}),
        "mark": book.add_format({**look, "italic": True, "font_color": "#4d5d66", "align": "right"}),
        "percent": book.add_format({**look, "num_format": "0%"}),
        "percent2": book.add_format({**look, "num_format": "0.00%"}),
        **{
            f"number{n}": book.add_format({**look, "num_format": "#,##0" + ("." + "0" * n if n else "")})
            for n in range(5)
        },
    }


def _front(book: Any, reader: Reader, formats: dict[str, Any]) -> None:
    sheet = book.add_worksheet(_name(reader.text("Read me")))
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 1, 90)
    sheet.write_string(0, 0, cell_text(reader.release.name), formats["title"])
    sheet.write_string(
        1, 0, reader.text("Data up to {date}", date=reader.day(reader.release.as_of, "long")), formats["soft"]
    )
    lines = [
        (reader.text("Mark"), reader.text("What it means")),
        (
            reader.text("not shown (confidentiality)"),
            reader.text("The number could tell about a small group, alone or together with others."),
        ),
        (
            reader.text("not enough to say"),
            reader.text("There are too few data, or they do not settle the question."),
        ),
    ]
    for row, (left, right) in enumerate(lines, start=HEAD_ROW):
        look = formats["head"] if row == HEAD_ROW else formats["text"]
        sheet.write_string(row, 0, left, look)
        sheet.write_string(row, 1, right, look)
    row = HEAD_ROW + len(lines) + 1
    sheet.write_string(row, 0, reader.text("Sheet"), formats["head"])
    sheet.write_string(row, 1, reader.text("What one row is"), formats["head"])
    for place, table in enumerate(reader.release.tables.values(), start=row + 1):
        told = (
            reader.text(table.spec.row)
            if table.rows
            else reader.finished(table.reason) or reader.text("not enough to say")
        )
        sheet.write_string(place, 0, _name(table.spec.name), formats["text"])
        sheet.write_string(place, 1, cell_text(f"{reader.text(table.spec.title)}: {told}"), formats["text"])
    sheet.hide_gridlines(2)
    sheet.set_row(0, TITLE_HEIGHT)
    _paper(sheet)


def _sheet(book: Any, reader: Reader, table: Table, formats: dict[str, Any]) -> None:
    sheet = book.add_worksheet(_name(table.spec.name))
    sheet.write_string(0, 0, reader.text(table.spec.title), formats["title"])
    sheet.write_string(
        1, 0, cell_text(reader.finished(table.note) or reader.text(table.spec.row)), formats["soft"]
    )
    sheet.set_row(0, TITLE_HEIGHT)
    for row, cells in enumerate(table.rows, start=HEAD_ROW + 1):
        longest = max(
            (len(_words(reader, cell, of)) for cell, of in zip(cells, table.spec.columns, strict=True)),
            default=0,
        )
        if longest > WIDEST:
            sheet.set_row(row, LINE_HEIGHT * -(-longest // (WIDEST - 4)))
    for place, column in enumerate(table.spec.columns):
        head = formats["count" if column.kind in NUMERIC else "head"]
        sheet.write_string(HEAD_ROW, place, column_label(reader, column), head)
        widest = max((len(_words(reader, row[place], column)) for row in table.rows), default=8)
        sheet.set_column(place, place, min(max(widest + 2, 11), WIDEST))
        for row, cells in enumerate(table.rows, start=HEAD_ROW + 1):
            _cell(sheet, reader, row, place, cells[place], column, formats)
    _paper(sheet)
    sheet.freeze_panes(HEAD_ROW + 1, 1)
    sheet.hide_gridlines(2)


def _paper(sheet: Any) -> None:
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)


def _words(reader: Reader, cell: Cell, column: Column) -> str:
    return "" if cell is None else reader.cell(cell, column)


def _cell(
    sheet: Any, reader: Reader, row: int, place: int, cell: Cell, column: Column, formats: dict[str, Any]
) -> None:
    """Write one published cell: a number as the gate rounded it, anything else as text."""
    if cell is None or cell == "":
        sheet.write_blank(row, place, None)
    elif isinstance(cell, int | float) and not isinstance(cell, bool):
        if column.unit == "share":
            look = "percent" if column.decimals <= 2 else "percent2"
        else:
            look = f"number{min(column.decimals, 4)}" if column.kind is not Kind.KEY else "number0"
        sheet.write_number(row, place, cell, formats[look])
    else:
        look = "mark" if isinstance(cell, Mark) else "band" if column.kind in NUMERIC else "text"
        sheet.write_string(row, place, cell_text(reader.cell(cell, column)), formats[look])


def _name(name: str) -> str:
    """Give a sheet name that Excel takes: at most 31 letters, none of ``[]:*?/\\``."""
    return "".join(" " if letter in "[]:*?/\\" else letter for letter in name)[:31]


# --- charts -------------------------------------------------------------------------------------------


def _charts(book: Any, reader: Reader, charts: list[OfficeChart], formats: dict[str, Any]) -> None:
    """Lay out the numbers of each chart, and the chart beside them."""
    name = _name(reader.text("Charts"))
    sheet = book.add_worksheet(name)
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 6, 12)
    sheet.hide_gridlines(2)
    _paper(sheet)
    top = 0
    for chart in charts:
        sheet.set_row(top, TITLE_HEIGHT)
        sheet.write_string(top, 0, cell_text(chart.plate.headline), formats["title"])
        sheet.write_string(top + 1, 0, cell_text(chart.measure), formats["soft"])
        look = "percent" if chart.percent else "number1"
        for row, category in enumerate(chart.categories, start=top + 3):
            sheet.write_string(row, 0, cell_text(category), formats["text"])
        for place, series in enumerate(chart.series, start=1):
            sheet.write_string(top + 2, place, cell_text(series.name), formats["count"])
            for row, value in enumerate(series.values, start=top + 3):
                if value is not None:
                    sheet.write_number(row, place, value, formats[look])
        if chart.kind == "interval":
            heads = (reader.text("Up to high"), reader.text("Down to low"))
            for place, (head, reach) in enumerate(
                zip(heads, reaches(chart), strict=True), start=len(chart.series) + 1
            ):
                sheet.write_string(top + 2, place, head, formats["count"])
                sheet.write_column(top + 3, place, reach, formats[look])
        drawn = _chart(book, name, chart, top)
        options = {"description": plain_text(chart.plate.alt, 250), "object_position": 1}
        sheet.insert_chart(top + 2, 7, drawn, options)
        top += max(len(chart.categories) + 5, 22)


def _chart(book: Any, sheet: str, chart: OfficeChart, top: int) -> Any:
    kinds = {
        "stack": {"type": "column", "subtype": "percent_stacked"},
        "interval": {"type": "line"},
        "line": {"type": "line"},
    }
    made = book.add_chart(kinds[chart.kind])
    last = top + 2 + len(chart.categories)
    for place, series in enumerate(chart.series, start=1):
        made.add_series(
            {
                "name": [sheet, top + 2, place],
                "categories": [sheet, top + 3, 0, last, 0],
                "values": [sheet, top + 3, place, last, place],
                **_look(chart, series.role, place - 1),
                **(_bars(sheet, chart, top) if series.role == "value" and chart.kind == "interval" else {}),
            }
        )
    made.set_title({"none": True})
    made.set_legend({"position": "bottom"} if chart.kind != "interval" else {"none": True})
    axis: dict[str, Any] = {
        "num_format": number_format(chart),
        "major_gridlines": {"visible": True, "line": {"color": "#dbe2e4"}},
    }
    axis |= {"min": chart.low} if chart.low is not None else {}
    axis |= {"max": chart.high} if chart.high is not None else {}
    made.set_y_axis({**axis, "line": {"none": True}})
    made.set_x_axis(
        {
            "date_axis": False,
            "text_axis": True,
            "interval_unit": max(1, len(chart.categories) // 12),
            "label_position": "low",
        }
    )
    made.set_size({"width": 720, "height": 380})
    return made


def _bars(sheet: str, chart: OfficeChart, top: int) -> dict[str, Any]:
    """Give the intervals of a chart's dots as error bars, from the columns beside its series."""
    above, below = (
        "='" + sheet.replace("'", "''") + f"'!${column}${top + 4}:${column}${top + 3 + len(chart.categories)}"
        for column in ("E", "F")
    )
    return {
        "y_error_bars": {
            "type": "custom",
            "plus_values": above,
            "minus_values": below,
            "end_style": 0,
            "line": {"color": OFFICE_HUES[0], "width": 2.25},
        }
    }


def _look(chart: OfficeChart, role: str, place: int) -> dict[str, Any]:
    colour = OFFICE_HUES[0]
    if chart.kind == "stack":
        return {"fill": {"color": OFFICE_HUES[place % len(OFFICE_HUES)]}, "gap": 60}
    if chart.kind == "interval":
        if role != "value":
            return {"line": {"none": True}, "marker": {"type": "none"}}
        return {
            "line": {"none": True},
            "marker": {"type": "circle", "size": 9, "fill": {"color": colour}, "border": {"color": colour}},
            "data_labels": {"value": True, "position": "right", "font": {"bold": True}},
        }
    if role == "dots":
        return {"line": {"none": True}, "marker": {"type": "circle", "size": 4, "fill": {"color": "#15232a"}}}
    if role in ("low", "high"):
        return {"line": {"color": "#84939a", "width": 1, "dash_type": "dash"}, "marker": {"type": "none"}}
    dashed = {"dash_type": "round_dot", "width": 1.5} if role == "dashed" else {"width": 2.5}
    return {"line": {"color": OFFICE_HUES[place % len(OFFICE_HUES)], **dashed}, "marker": {"type": "none"}}
