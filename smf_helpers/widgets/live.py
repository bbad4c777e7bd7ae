"""A figure that lives in Lab: a pure function of what the kernel says. What stands still is drawn once, one trace moves.

It stands in for plotly's own live figure, which came up without its traces in JupyterLab 4.6 (plotly 7.1, anywidget
0.11), carries 5 MB of script in each figure, and loses what is set after it was made.
"""

import functools
import gzip
from collections.abc import Mapping, Sequence
from html import escape
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import anywidget
import traitlets

from smf_helpers.figures import palettes
from smf_helpers.figures.theme import layout
from smf_helpers.results.released import Brand

if TYPE_CHECKING:
    import pandas as pd

MODULE: Final = Path(__file__).parents[1] / "assets" / "live_plot.js"

MOST_ROWS: Final = 8
"""Rows that a table below a figure shows."""

_TABLE: Final = """<style>.smf-rows{color:var(--jp-content-font-color1,inherit);max-width:1000px;overflow-x:auto;padding:0 8px 8px}
.smf-rows p{margin:.3em 0;color:var(--jp-content-font-color2,inherit)}
.smf-rows table{border-collapse:collapse;font-size:13px;font-variant-numeric:tabular-nums}
.smf-rows th,.smf-rows td{text-align:left;padding:2px 14px 2px 0;border-bottom:1px solid var(--jp-border-color2,#ddd)}</style>"""


@functools.cache
def packed_plotly() -> bytes:
    """Give plotly.js of the installed plotly as gzip, packed once a process."""
    source = resources.files("plotly").joinpath("package_data", "plotly.min.js").read_bytes()
    return gzip.compress(source, compresslevel=1, mtime=0)


class LivePlot(anywidget.AnyWidget):
    """A figure of which one trace moves; `clicked` says which point was clicked last.

    Parameters
    ----------
    traces : plotly traces whose colours are names of the theme; Lab's ground decides the shades.
    title : the line above it.
    below : what stands below it, as HTML.
    wishes : further layout; the axes stand still, so their ranges must hold whatever the trace may become.

    Attributes
    ----------
    moved : place of the trace that moves and what it is now; empty at first.
    """

    _esm = MODULE
    library = traitlets.Bytes().tag(sync=True)
    palettes = traitlets.Dict().tag(sync=True)
    plot = traitlets.Dict().tag(sync=True)
    moved = traitlets.List().tag(sync=True)
    title = traitlets.Unicode().tag(sync=True)
    below = traitlets.Unicode().tag(sync=True)
    clicked = traitlets.Dict().tag(sync=True)

    def __init__(
        self, traces: Sequence[Mapping[str, Any]], title: str, below: str = "", **wishes: Any
    ) -> None:
        margin = {"l": 48, "r": 24, "t": 16, "b": 40}
        plot = {"data": list(traces), "layout": layout(margin=margin, **wishes)}
        super().__init__(
            library=packed_plotly(), palettes=palettes(Brand()), plot=plot, title=title, below=below
        )

    def change(self, trace: int, title: str, below: str, **wishes: Any) -> None:
        """Change one trace, the title and what stands below: one small message, one picture."""
        with self.hold_sync():
            self.moved, self.title, self.below = [trace, wishes], title, below


def rows_as_html(rows: "pd.DataFrame", columns: Sequence[str], caption: str) -> str:
    """Write the first rows of a frame as a small table for Lab; every cell is escaped."""
    first = rows.head(MOST_ROWS)
    shown = {column: first[column].tolist() for column in columns if column in first}
    head = "".join(f"<th>{escape(str(column))}</th>" for column in shown)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(_short(cell))}</td>" for cell in row) + "</tr>"
        for row in zip(*shown.values(), strict=True)
    )
    return f'{_TABLE}<div class="smf-rows"><p>{escape(caption)}</p><table><tr>{head}</tr>{body}</table></div>'


def _short(cell: Any) -> str:
    if cell is None or cell != cell:
        return ""
    date = getattr(cell, "date", None)
    text = str(date()) if callable(date) else f"{cell:g}" if isinstance(cell, float) else str(cell)
    return text if len(text) < 30 else text[:8] + "…"
