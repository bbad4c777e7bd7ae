"""Colours of charts in Office files, and the check of a client's brand."""

import re
from typing import Final

from smf_helpers.errors import Fault
from smf_helpers.figures.colour import GRAPHIC_RATIO, TEXT_RATIO, contrast, is_colour, readable
from smf_helpers.results.released import Brand

OFFICE_HUES: Final = ("#1f4e5f", "#d1495b", "#0072b2", "#946600", "#007a59", "#a3568a")
"""Hues of series in sheets, where a file has no theme of ours: dark enough on white for everybody."""

PAPER: Final = "#ffffff"
_FONT: Final = re.compile(r"[\w\s,\"'-]{0,200}")
_LOGO: Final = re.compile(r"(data:image/(png|jpeg|svg\+xml);base64,[A-Za-z0-9+/=]+)?")
LONGEST_GREETING: Final = 600


def check_brand(brand: Brand) -> list[Fault]:
    """Say everything that is wrong with a client's look, each with its reason and remedy; nothing if all is well.

    The primary colour carries text on white and white text on itself, so it needs a contrast of 4.5; the accent
    carries lines and marks, so it needs 3 (WCAG 2.2, level AA).

    Examples
    --------
    >>> [fault.code for fault in check_brand(Brand(primary="#ffd400"))]
    ['C002']
    >>> check_brand(Brand())
    []
    """
    return [*_colour_faults(brand), *_other_faults(brand)]


def _colour_faults(brand: Brand) -> list[Fault]:
    faults = []
    for name, colour, ratio in (
        ("primary", brand.primary, TEXT_RATIO),
        ("accent", brand.accent, GRAPHIC_RATIO),
    ):
        where = f"brand.{name}"
        if not is_colour(colour):
            faults.append(
                Fault(code="C001", where=where, what="Not a colour.", remedy="Write it as #rrggbb.")
            )
        elif contrast(colour, PAPER) < ratio:
            found = contrast(colour, PAPER)
            faults.append(
                Fault(
                    code="C002",
                    where=where,
                    what=f"The contrast of {colour} to white is {found:.1f}; readers need at least {ratio:g}.",
                    remedy=f"Take a darker shade; the nearest that is readable is {readable(colour, PAPER, ratio)}.",
                )
            )
    return faults


def _other_faults(brand: Brand) -> list[Fault]:
    faults = []
    if not _FONT.fullmatch(brand.font):
        faults.append(
            Fault(
                code="C003",
                where="brand.font",
                what="The font holds something that is not the name of a font.",
                remedy="Give names of installed fonts, separated by commas.",
            )
        )
    if not _LOGO.fullmatch(brand.logo):
        faults.append(
            Fault(
                code="C004",
                where="brand.logo",
                what="The logo is not a picture that a page can hold.",
                remedy="Give a PNG, JPEG or SVG file.",
            )
        )
    if len(brand.greeting) > LONGEST_GREETING:
        faults.append(
            Fault(
                code="C005",
                where="brand.greeting",
                what=f"The greeting has {len(brand.greeting)} letters.",
                remedy=f"Shorten it to {LONGEST_GREETING}.",
            )
        )
    return faults
