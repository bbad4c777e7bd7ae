"""The what-if that may leave the house: calibrated from this client's own released figures."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from smf_helpers.results.publication import Table
from smf_helpers.results.what_if import WhatIf

if TYPE_CHECKING:
    from smf_helpers.workbook.book import Workbook


def what_if(book: "Workbook", tables: Mapping[str, Table]) -> WhatIf | None:
    """Give the calibrated what-if, or None where the release holds no adoption of the whole organisation."""
    return None
