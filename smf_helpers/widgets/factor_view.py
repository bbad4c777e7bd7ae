"""One factor in one unit over the waves, and the answers behind the point that is clicked.

The picture is a pure function of the choice: `factor_line` says what is drawn, the widget only moves it.
"""

from typing import TYPE_CHECKING, Any, Final

import ipywidgets
import traitlets

from smf_helpers.figures.theme import axis, scale_ticks
from smf_helpers.figures.vocabulary import LABELS
from smf_helpers.widgets.live import LivePlot, rows_as_html

if TYPE_CHECKING:
    import pandas as pd

    from smf_helpers.workbook import Workbook

ALL: Final = "all"
HEIGHT: Final = 360
HINT: Final = "Click a point: the answers behind it come here, and as a frame in .rows"
COLUMNS: Final = ("respondent", "unit", "item", "value")


def factor_line(factors: "pd.DataFrame", factor: str, unit: str) -> dict[str, list[Any]]:
    """Give what is drawn for a factor in a unit: waves, means, and the reach of the interval either way.

    Parameters
    ----------
    factors : the table ``factors``, one row a factor, unit and wave.
    factor, unit : keys in it.

    Returns
    -------
    ``x``, ``y``, ``up``, ``down``: one entry a wave of the table; None where there is no number.
    """
    import pandas as pd

    waves = list(dict.fromkeys(factors["wave"]))
    mine = factors[(factors["factor"] == factor) & (factors["unit"] == unit)].set_index("wave").reindex(waves)
    mean, low, high = (pd.to_numeric(mine[name], errors="coerce") for name in ("mean", "low", "high"))
    columns = {"y": mean, "up": high - mean, "down": mean - low}
    numbers = {
        name: [None if value != value else float(value) for value in each] for name, each in columns.items()
    }
    return {"x": [str(wave) for wave in waves], **numbers}


def factor_title(factor: str, unit: str) -> str:
    """Give the line above the picture."""
    where = LABELS[ALL] if unit == ALL else unit
    return f"{LABELS.get(factor, factor)}, {where}: mean with 95 % interval, 1 to 5"


class FactorView(ipywidgets.VBox):
    """Two choosers, a picture, and the answers behind a point.

    Parameters
    ----------
    book : a workbook.

    Attributes
    ----------
    value : the pair (factor, unit); may be set.
    wave : the wave whose answers are shown; may be set; empty at first.
    rows : the canonical answers behind that point, as a frame.
    """

    value = traitlets.Tuple(traitlets.Unicode(), traitlets.Unicode(), help="factor and unit")
    wave = traitlets.Unicode("", help="wave whose answers are shown")

    def __init__(self, book: "Workbook") -> None:
        self._book, self._factors = book, book.frame("factors")
        names, units = (list(dict.fromkeys(self._factors[column])) for column in ("factor", "unit"))
        start = (names[0] if names else "", ALL if ALL in units else "")
        self._factor = ipywidgets.Dropdown(
            options=[(LABELS.get(name, name), name) for name in names], value=start[0] or None
        )
        self._unit = ipywidgets.Dropdown(
            options=[(LABELS[ALL] if unit == ALL else unit, unit) for unit in units], value=start[1] or None
        )
        drawn = factor_line(self._factors, *start)
        self.rows = book.behind("factors").head(0)
        self.figure = LivePlot(
            [_trace(drawn)],
            factor_title(*start),
            rows_as_html(self.rows, (), HINT),
            height=HEIGHT,
            xaxis=axis(type="category"),
            yaxis=scale_ticks(),
        )
        choosers = ipywidgets.HBox([self._factor, self._unit])
        super().__init__(children=[choosers, self.figure], value=start)
        self._factor.observe(self._choose, names="value")
        self._unit.observe(self._choose, names="value")
        self.observe(self._draw, names=["value", "wave"])
        self.figure.observe(self._clicked, names="clicked")

    def _choose(self, change: Any) -> None:
        self.value = (self._factor.value or "", self._unit.value or "")

    def _draw(self, change: Any) -> None:
        factor, unit = self.value
        self._factor.value, self._unit.value = factor, unit
        drawn = factor_line(self._factors, factor, unit)
        self.figure.change(0, factor_title(factor, unit), self._go_down(), **_moved(drawn))

    def _clicked(self, change: Any) -> None:
        self.wave = str(change["new"]["x"])

    def _go_down(self) -> str:
        if not self.wave:
            return rows_as_html(self.rows, (), HINT)
        factor, unit = self.value
        self.rows = self._book.behind("factors", factor=factor, unit=unit, wave=self.wave)
        said = f"{len(self.rows)} answers behind {LABELS.get(factor, factor)}, wave {self.wave}; the first of them:"
        return rows_as_html(self.rows, COLUMNS, said)


def _trace(drawn: dict[str, list[Any]]) -> dict[str, Any]:
    hover = {"hovertemplate": "%{x}: %{y:.2f}<extra></extra>"}
    look = {"line": {"color": "$primary", "width": 2.6}, "marker": {"size": 11, "color": "$primary"}}
    return {"type": "scatter", "mode": "lines+markers", **look, **hover, **_moved(drawn)}


def _moved(drawn: dict[str, list[Any]]) -> dict[str, Any]:
    reach = {"type": "data", "symmetric": False, "array": drawn["up"], "arrayminus": drawn["down"]}
    return {"x": drawn["x"], "y": drawn["y"], "error_y": {**reach, "color": "$primary@0.5", "width": 0}}
