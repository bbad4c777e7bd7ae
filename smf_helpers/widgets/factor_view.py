"""One factor in one unit over the waves: two choices, one picture that follows them.

The picture is a pure function of the choice: `factor_line` says what is drawn, the widget only moves it.
"""

from typing import TYPE_CHECKING, Any, Final

import ipywidgets
import traitlets

from smf_helpers.figures import palettes
from smf_helpers.figures.theme import coloured, layout, plain, scale_ticks
from smf_helpers.figures.vocabulary import LABELS
from smf_helpers.results.released import Brand

if TYPE_CHECKING:
    import pandas as pd

ALL: Final = "all"
HEIGHT: Final = 360


def factor_line(factors: "pd.DataFrame", factor: str, unit: str) -> dict[str, list[Any]]:
    """Give what is drawn for a factor in a unit: waves, means, and the reach of the interval either way.

    Parameters
    ----------
    factors : the table ``factors``, one row a factor, unit and wave.
    factor, unit : keys in it.

    Returns
    -------
    ``x``, ``y``, ``up``, ``down``: one entry a wave; None where there is no number.
    """
    import pandas as pd

    mine = factors[(factors["factor"] == factor) & (factors["unit"] == unit)]
    mean, low, high = (pd.to_numeric(mine[name], errors="coerce") for name in ("mean", "low", "high"))
    columns = {"y": mean, "up": high - mean, "down": mean - low}
    numbers = {
        name: [None if value != value else float(value) for value in each] for name, each in columns.items()
    }
    return {"x": [str(wave) for wave in mine["wave"]], **numbers}


def factor_title(factor: str, unit: str) -> str:
    """Give the line above the picture."""
    where = LABELS[ALL] if unit == ALL else unit
    return plain(f"{LABELS.get(factor, factor)}, {where}: mean with 95 % interval, 1 to 5")


class FactorView(ipywidgets.VBox):
    """Two choosers and a picture; `value` is the pair (factor, unit) and may be set.

    Parameters
    ----------
    factors : the table ``factors`` of a workbook, as a frame.
    """

    value = traitlets.Tuple(traitlets.Unicode(), traitlets.Unicode(), help="factor and unit")

    def __init__(self, factors: "pd.DataFrame") -> None:
        names, units = (list(dict.fromkeys(factors[column])) for column in ("factor", "unit"))
        start = (names[0] if names else "", ALL if ALL in units else "")
        self._factors = factors
        self._factor = ipywidgets.Dropdown(
            options=[(LABELS.get(name, name), name) for name in names], value=start[0] or None
        )
        self._unit = ipywidgets.Dropdown(
            options=[(LABELS[ALL] if unit == ALL else unit, unit) for unit in units], value=start[1] or None
        )
        self.figure = _finished(factors, start)
        choosers = ipywidgets.HBox([self._factor, self._unit])
        super().__init__(children=[choosers, self.figure], value=start)
        self._factor.observe(self._choose, names="value")
        self._unit.observe(self._choose, names="value")
        self.observe(self._draw, names="value")

    def _choose(self, change: Any) -> None:
        self.value = (self._factor.value or "", self._unit.value or "")

    def _draw(self, change: Any) -> None:
        factor, unit = change["new"]
        self._factor.value, self._unit.value = factor, unit
        drawn = factor_line(self._factors, factor, unit)
        with self.figure.batch_update():
            trace = self.figure.data[0]
            trace.x, trace.y = drawn["x"], drawn["y"]
            trace.error_y.array, trace.error_y.arrayminus = drawn["up"], drawn["down"]
            self.figure.layout.title.text = factor_title(factor, unit)


def _finished(factors: "pd.DataFrame", start: tuple[str, str]) -> Any:
    """Give the whole figure, made before it becomes live: what is set later could be lost."""
    import plotly.graph_objects as go

    drawn = factor_line(factors, *start)
    palette = palettes(Brand())["light"]
    plot = {
        "data": [
            {
                "type": "scatter",
                "mode": "lines+markers",
                "x": drawn["x"],
                "y": drawn["y"],
                "line": {"color": "$primary", "width": 2.6},
                "marker": {"size": 9},
                "error_y": {
                    "type": "data",
                    "symmetric": False,
                    "array": drawn["up"],
                    "arrayminus": drawn["down"],
                    "color": "$primary@0.5",
                    "width": 0,
                },
            }
        ],
        "layout": layout(
            height=HEIGHT,
            xaxis={"type": "category", "fixedrange": True},
            yaxis=scale_ticks(),
            title={"text": factor_title(*start), "x": 0, "xanchor": "left", "font": {"size": 15}},
            margin={"l": 44, "r": 24, "t": 48, "b": 34},
        ),
    }
    finished = coloured(plot, palette)
    finished["layout"]["paper_bgcolor"] = palette["paper"]
    return go.FigureWidget(go.Figure(finished))
