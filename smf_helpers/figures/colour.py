"""Colours: contrast as WCAG defines it, and shades that keep it.

A client brings two colours; every other shade on the page is derived here, so that text stays readable in
light and in dark whatever the client's colours are.

References
----------
Web Content Accessibility Guidelines 2.2, success criteria 1.4.3 and 1.4.11, https://www.w3.org/TR/WCAG22/.
"""

import colorsys
import re
from typing import Final

TEXT_RATIO: Final = 4.5
"""Least contrast of text, WCAG AA."""

GRAPHIC_RATIO: Final = 3.0
"""Least contrast of lines and marks that carry meaning, WCAG AA."""

_HEX = re.compile(r"#[0-9a-fA-F]{6}")


def is_colour(text: str) -> bool:
    """Say whether `text` is a colour as ``#rrggbb``.

    Examples
    --------
    >>> is_colour("#1f4e5f"), is_colour("teal")
    (True, False)
    """
    return bool(_HEX.fullmatch(text))


def channels(colour: str) -> tuple[int, int, int]:
    """Give red, green and blue, 0 to 255, of a colour as ``#rrggbb``."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def luminance(colour: str) -> float:
    """Give the relative luminance of a colour, 0 (black) to 1 (white).

    Examples
    --------
    >>> luminance("#000000"), round(luminance("#ffffff"), 6)
    (0.0, 1.0)
    """
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (value / 255 for value in channels(colour))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Give the contrast ratio of two colours, 1 to 21.

    Examples
    --------
    >>> round(contrast("#000000", "#ffffff"), 1)
    21.0
    >>> round(contrast("#767676", "#ffffff"), 2)
    4.54
    """
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def mix(colour: str, other: str, part: float) -> str:
    """Mix `part` of `other` (0 to 1) into `colour`.

    Examples
    --------
    >>> mix("#000000", "#ffffff", 0.5)
    '#808080'
    """
    pairs = zip(channels(colour), channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * part):02x}" for a, b in pairs)


def readable(colour: str, on: str, ratio: float = TEXT_RATIO) -> str:
    """Give the shade of the same hue nearest to `colour` that reaches the contrast `ratio` on the ground `on`.

    Examples
    --------
    >>> readable("#1f4e5f", "#ffffff")
    '#1f4e5f'
    >>> contrast(readable("#1f4e5f", "#11181c"), "#11181c") >= 4.5
    True
    """
    dark = luminance(on) < 0.18
    hue, light, fullness = colorsys.rgb_to_hls(*(part / 255 for part in channels(colour)))
    for step in range(51):
        level = light + ((1.0 if dark else 0.0) - light) * step / 50
        parts = (
            colorsys.hls_to_rgb(hue, level, fullness) if step else [part / 255 for part in channels(colour)]
        )
        shade = "#" + "".join(f"{round(255 * part):02x}" for part in parts)
        if contrast(shade, on) >= ratio:
            return shade
    return "#ffffff" if dark else "#000000"
