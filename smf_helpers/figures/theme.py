"""One theme for every figure: named colours in light and dark, one font, one grid, no legend.

A figure names colours by role (``$ink``, ``$primary@0.2``); the page, Lab and the slides put in the shade
that fits the ground they stand on. Hues beyond the client's two are those of Okabe and Ito, which people with
colour-blindness can tell apart; shape or dash always says the same thing again.

References
----------
Okabe and Ito 2008, Color Universal Design, https://jfly.uni-koeln.de/color/.
"""

import re
from collections.abc import Mapping
from copy import deepcopy
from typing import Any, Final

from smf_helpers.figures.colour import GRAPHIC_RATIO, mix, readable
from smf_helpers.results.released import Brand
from smf_helpers.texts import chart_text as plain

__all__ = [
    "AXIS",
    "DASHES",
    "FONT",
    "HOUSE",
    "PAPER",
    "SERIES",
    "WORDS",
    "axis",
    "coloured",
    "hues",
    "layout",
    "palettes",
    "plain",
    "scale_ticks",
    "tint",
    "value_axis",
    "words",
]

FONT: Final = (
    'Inter, "Segoe UI Variable Text", "Segoe UI", system-ui, -apple-system, "Helvetica Neue", '
    "Arial, sans-serif"
)

PAPER: Final = {"light": "#ffffff", "dark": "#11191d"}
_GROUND: Final = {
    "light": {
        "canvas": "#f4f6f5",
        "ink": "#15232a",
        "soft": "#4d5d66",
        "faint": "#84939a",
        "rule": "#dbe2e4",
        "wash": "#edf1f1",
    },
    "dark": {
        "canvas": "#0b1114",
        "ink": "#e9eff1",
        "soft": "#a8b6bc",
        "faint": "#71828a",
        "rule": "#2a373d",
        "wash": "#19242a",
    },
}
_HUES: Final = {
    "blue": "#0072b2",
    "orange": "#e69f00",
    "green": "#009e73",
    "purple": "#cc79a7",
    "sky": "#56b4e9",
    "vermilion": "#d55e00",
}
SERIES: Final = ("$primary", "$accent", "$blue", "$orange", "$green", "$purple")
"""Colours of several series, in order; dash and direct label tell them apart as well."""

DASHES: Final = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")

_TOKEN = re.compile(r"\$([a-z]+)(?:@([0-9.]+))?")


def palettes(brand: Brand) -> dict[str, dict[str, str]]:
    """Give every named colour in light and in dark, derived from the client's two, and the font.

    Examples
    --------
    >>> colours = palettes(Brand())
    >>> colours["light"]["primary"], sorted(colours) == ["dark", "light"]
    ('#1f4e5f', True)
    """
    found = {}
    for mode, paper in PAPER.items():
        ground = dict(_GROUND[mode], paper=paper)
        ground["primary"] = readable(brand.primary, paper)
        ground["accent"] = readable(brand.accent, paper, GRAPHIC_RATIO)
        ground["accentink"] = readable(brand.accent, paper)
        ground["primarywash"] = mix(paper, ground["primary"], 0.1)
        ground["accentwash"] = mix(paper, ground["accent"], 0.12)
        ground |= {name: readable(hue, paper) for name, hue in _HUES.items()}
        found[mode] = ground | {"font": f"{brand.font}, {FONT}" if brand.font else FONT}
    return found


def hues(brand: Brand) -> str:
    """Give the client's two colours in light and in dark as CSS variables, for drawings in Lab.

    Examples
    --------
    >>> hues(Brand()).split(";")[0]
    '--primary-light:#1f4e5f'
    """
    return ";".join(
        f"--{name}-{mode}:{palette[name]}"
        for mode, palette in palettes(brand).items()
        for name in ("primary", "accent")
    )


def tint(token: str, palette: Mapping[str, str]) -> str:
    """Put in the shade for one colour name; any other text comes back as it is.

    Examples
    --------
    >>> tint("$ink@0.5", {"ink": "#15232a"})
    'rgba(21,35,42,0.5)'
    """
    found = _TOKEN.fullmatch(token)
    if not found or found[1] not in palette:
        return token
    colour = palette[found[1]]
    if not found[2] or not colour.startswith("#"):
        return colour
    parts = ",".join(str(int(colour[place : place + 2], 16)) for place in (1, 3, 5))
    return f"rgba({parts},{found[2]})"


def coloured(part: Any, palette: Mapping[str, str]) -> Any:
    """Put the shades of a palette into a whole figure."""
    if isinstance(part, str):
        return tint(part, palette)
    if isinstance(part, Mapping):
        return {key: coloured(value, palette) for key, value in part.items()}
    if isinstance(part, list | tuple):
        return [coloured(value, palette) for value in part]
    return part


def axis(**changes: Any) -> dict[str, Any]:
    """Give an axis of the house: no box, no zero line, quiet ticks."""
    return {
        "showgrid": False,
        "zeroline": False,
        "ticks": "",
        "tickfont": {"color": "$soft", "size": 12},
        "fixedrange": True,
        **changes,
    }


def value_axis(**changes: Any) -> dict[str, Any]:
    """Give an axis that values are read from: a thin grid, nothing else."""
    return axis(showgrid=True, gridcolor="$rule", gridwidth=1, **changes)


def scale_ticks(low: float = 1, high: float = 5, **changes: Any) -> dict[str, Any]:
    """Give the axis of an answer scale, 1 to 5 unless it is another."""
    step = (high - low) / (4 if high - low != 10 else 5)
    ticks = [low + step * place for place in range(round((high - low) / step) + 1)]
    room = 0.0375 * (high - low)
    return value_axis(range=[low - room, high + room], tickvals=ticks, **changes)


HOUSE: dict[str, Any] = {
    "font": {"family": "$font", "size": 13, "color": "$ink"},
    "paper_bgcolor": "rgba(0,0,0,0)",
    "plot_bgcolor": "rgba(0,0,0,0)",
    "showlegend": False,
    "dragmode": False,
    "hovermode": "closest",
    "hoverlabel": {
        "bgcolor": "$paper",
        "bordercolor": "$rule",
        "font": {"family": "$font", "size": 13, "color": "$ink"},
        "align": "left",
    },
}
"""What the layouts of all figures have in common."""
AXIS: dict[str, Any] = {
    "zeroline": False,
    "ticks": "",
    "fixedrange": True,
    "tickfont": {"color": "$soft", "size": 12},
}
WORDS: dict[str, Any] = {"showarrow": False, "font": {"color": "$ink", "size": 12}}
"""What most axes, and most words on figures, have in common."""


def layout(*, height: int, left: int = 44, right: int = 24, **changes: Any) -> dict[str, Any]:
    """Give the layout of the house: transparent ground, our font, no legend, room for direct labels."""
    margin = {"l": left, "r": right, "t": 12, "b": 34, "pad": 4}
    return {"height": height, "margin": margin, **deepcopy(HOUSE), **changes}


def words(text: str, **changes: Any) -> dict[str, Any]:
    """Give an annotation of plain words."""
    return {"text": text, "showarrow": False, "font": {"color": "$soft", "size": 12}, **changes}
