"""Colours of charts in Office files that have no theme of ours."""

from typing import Final

OFFICE_HUES: Final = ("#1f4e5f", "#d1495b", "#0072b2", "#946600", "#007a59", "#a3568a")
"""Hues of series in sheets, where a file has no theme of ours: dark enough on white for everybody."""
