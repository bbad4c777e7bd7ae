"""Bytes of the containers that exports come in: delimited text, workbook, zip; the same bytes every time."""

import csv
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

EPOCH: Final = (1980, 1, 1, 0, 0, 0)
MADE: Final = datetime(2026, 1, 1)


def delimited(
    rows: Iterable[Sequence[Any]],
    *,
    sep: str = ",",
    encoding: str = "utf-8",
    quote_all: bool = False,
    end: str = "\r\n",
) -> bytes:
    """Write rows as delimited text."""
    out = io.StringIO(newline="")
    style: Any = csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL
    csv.writer(out, delimiter=sep, lineterminator=end, quoting=style).writerows(rows)
    return out.getvalue().encode(encoding)


def zipped(members: Mapping[str, bytes]) -> bytes:
    """Pack members in the order given, without a clock."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as pack:
        for name, content in members.items():
            info = zipfile.ZipInfo(name, EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            pack.writestr(info, content)
    return out.getvalue()


def workbook(sheets: Mapping[str, Iterable[Sequence[Any]]]) -> bytes:
    """Write sheets of rows as .xlsx; datetimes become serial days with a format, text stays text."""
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    book.set_properties({"created": MADE, "author": ""})
    moment = book.add_format({"num_format": "m/d/yy h:mm:ss"})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for r, row in enumerate(rows):
            for c, value in enumerate(row):
                if isinstance(value, datetime):
                    sheet.write_datetime(r, c, value, moment)
                elif value is not None and value != "":
                    sheet.write(r, c, value)
    book.close()
    return out.getvalue()
