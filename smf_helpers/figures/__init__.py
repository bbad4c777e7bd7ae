"""Figures: published tables in, finished plates out; nothing is computed on the way.

A figure is registered beside its fellows in `FIGURES`; the headline says the finding, the interval is always
drawn, and where the release holds no number a plain mark says so. `draw` makes one figure of a release,
`sketch` gives a named drawing as SVG.
"""

from collections.abc import Callable, Mapping
from typing import Any

from smf_helpers.figures import (  # noqa: F401  (each module registers its figures)
    adoption,
    channels,
    cycle,
    deeds,
    experience,
    factors,
    learning,
    learning_pace,
    learning_pilot,
    participation,
    people,
    sources,
    units,
)
from smf_helpers.figures import path as path_figures
from smf_helpers.figures.people import draw_mixing
from smf_helpers.figures.plate import Plate
from smf_helpers.figures.reader import Reader
from smf_helpers.figures.register import FIGURES
from smf_helpers.figures.river import draw_double_cycle
from smf_helpers.figures.theme import coloured, palettes
from smf_helpers.figures.units import draw_units
from smf_helpers.results.released import Release

__all__ = ["FIGURES", "Plate", "Reader", "coloured", "draw", "palettes", "plotly_figure", "sketch"]

_SKETCHES: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "double_cycle": draw_double_cycle,
    "path": path_figures.draw_path,
    "units": draw_units,
    "roles": draw_units,
    "mixing": draw_mixing,
}


def draw(name: str, release: Release | Reader) -> Plate:
    """Make one figure of a release.

    Parameters
    ----------
    name : name in the register of figures, such as ``adoption_curve``.
    release : what passed the gate, or a reader of it.

    Raises
    ------
    ModelError : there is no figure of that name.
    """
    return FIGURES[name](release if isinstance(release, Reader) else Reader(release))


def sketch(plate: Plate) -> str:
    """Give a drawing as SVG or as a table of small SVGs, coloured by the page's style."""
    return _SKETCHES[plate.name](plate.drawing)


def plotly_figure(plate: Plate, release: Release, mode: str = "light") -> Any:
    """Give a plot as a finished plotly figure, in light or in dark."""
    import plotly.graph_objects as go

    return go.Figure(coloured(plate.plot, palettes(release.brand)[mode]))
