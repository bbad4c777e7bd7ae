"""The double cycle as native shapes: the river, the stations with their scores, the bottleneck marked."""

from collections.abc import Mapping, Sequence
from typing import Any

from smf_helpers.figures import Plate
from smf_helpers.figures.river import LYING, river_shapes
from smf_helpers.framework import LINK
from smf_helpers.report.slide_words import Deck, Words, describe

LEFT, TOP, SCALE = 0.75, 1.95, 0.01183
"""Place of the drawing on the slide in inches, and inches a unit of the drawing."""

LABEL = 0.9
"""Height of the box of a station's words, in inches."""


def add_cycle_slide(deck: Deck, plate: Plate) -> None:
    """Add the slide of the double cycle; a mark where it cannot be drawn."""
    slide = deck.slide(plate.headline)
    if plate.shape == "mark":
        said = deck.reader.text(str(plate.mark.value)) if plate.mark else ""
        deck.write(slide, " ".join(filter(None, (said + ".", plate.reason))), (0.9, 2.4, 11.0, 1.5), size=20)
        return
    deck.write(slide, plate.subtitle, (0.6, 1.42, 12.1, 0.5), size=13, ink="soft")
    shapes = river_shapes(plate.drawing, LYING)
    river = _freeform(deck, slide, shapes.river, "primary", 0.38)
    describe(river, plate.alt)
    if shapes.held:
        _freeform(deck, slide, shapes.held, "accent", 0.0)
    for station, (x, y) in zip(plate.drawing["stations"], shapes.places, strict=True):
        _station(deck, slide, station, x, y)
    for cycle in plate.drawing["cycles"]:
        if cycle["key"] in LYING.loops:
            x, y = LYING.loops[cycle["key"]]
            rows = [(cycle["name"], 15.0, "ink", True), (cycle["flow"], 12.0, "soft", False)]
            _words(deck, slide, rows, x, y - 22, 190)


def _freeform(deck: Deck, slide: Any, points: Sequence[tuple[float, float]], ink: str, pale: float) -> Any:
    placed = [deck.emu((LEFT + x * SCALE, TOP + y * SCALE, 0, 0))[:2] for x, y in points]
    builder = slide.shapes.build_freeform(*placed[0], scale=1.0)
    builder.add_line_segments([tuple(each) for each in placed[1:]], close=True)
    shape = builder.convert_to_shape()
    deck.fill(shape, ink)
    if pale:
        shape.fill.fore_color.rgb = deck.pale(ink, pale)
    return shape


def _station(deck: Deck, slide: Any, station: Mapping[str, Any], x: float, y: float) -> None:
    from pptx.enum.shapes import MSO_SHAPE
    from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
    from pptx.util import Pt

    link, held = station["key"] == LINK, station["held"]
    radius = LYING.link_radius if link else LYING.radius
    box = (LEFT + (x - radius) * SCALE, TOP + (y - radius) * SCALE, 2 * radius * SCALE, 2 * radius * SCALE)
    circle = slide.shapes.add_shape(MSO_SHAPE.OVAL, *deck.emu(box))
    deck.fill(circle, "primary" if link else "paper", "accent" if held else "primary")
    circle.line.width = Pt(3)
    frame = circle.text_frame
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    frame.word_wrap = False
    frame.text = station["score"]
    frame.vertical_anchor = MSO_ANCHOR.MIDDLE
    frame.paragraphs[0].alignment = PP_ALIGN.CENTER
    run = frame.paragraphs[0].runs[0]
    run.font.size, run.font.bold = Pt(20 if link else 15), True
    run.font.color.rgb = deck.rgb("paper" if link else "ink")
    describe(circle, f"{station['name']}: {station['score']} ({station['range']})")
    rows: list[Words] = [(station["name"], 13, "ink", True), (station["range"], 11, "soft", False)]
    rows += [(deck.held_words, 11, "accentink", True)] if held else []
    _label(deck, slide, rows, x, y, radius, link)


def _label(
    deck: Deck, slide: Any, rows: Sequence[Words], x: float, y: float, radius: float, link: bool
) -> None:
    """Put the words of a station outside the loop: beside it at the ends, else above or below."""
    side = x - LYING.centre[0]
    if not link and abs(side) > 290:
        at = x + (radius + 72) * (1 if side > 0 else -1)
        _words(deck, slide, rows, at, y - 9 * len(rows), 146)
    elif link or y < LYING.centre[1]:
        _words(deck, slide, rows, x, y - radius - (28 if link else 6), 200, upwards=True)
    else:
        _words(deck, slide, rows, x, y + radius + 8, 200)


def _words(
    deck: Deck,
    slide: Any,
    rows: Sequence[Words],
    x: float,
    y: float,
    wide: float,
    *,
    upwards: bool = False,
) -> None:
    """Write words centred on x, down from y or up to it."""
    top = TOP + y * SCALE - (LABEL if upwards else 0.0)
    box = (LEFT + (x - wide / 2) * SCALE, top, wide * SCALE, LABEL)
    deck.flow(slide, rows, box, gap=0, centred=True, upwards=upwards)
