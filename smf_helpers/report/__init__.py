"""Executed notebook → page, slides, tables, print; and the index over all clients. Knows releases only."""

from importlib import import_module
from typing import Any

_FACE = {
    "open_report": "smf_helpers.report.book",
    "open_portfolio": "smf_helpers.report.book",
    "Report": "smf_helpers.report.book",
    "Section": "smf_helpers.report.book",
    "export_page": "smf_helpers.report.exporter",
    "write_sheets": "smf_helpers.report.sheets",
    "write_slides": "smf_helpers.report.slides",
    "share_scripts": "smf_helpers.report.exporter",
    "warm": "smf_helpers.report.exporter",
    "write_html": "smf_helpers.report.printing",
    "write_print": "smf_helpers.report.printing",
    "print_pdf": "smf_helpers.report.printing",
}

__all__ = [*_FACE]


def __getattr__(name: str) -> Any:
    if name in _FACE:
        return getattr(import_module(_FACE[name]), name)
    raise AttributeError(f"module 'smf_helpers.report' has no attribute '{name}'")
