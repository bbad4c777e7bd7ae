"""What every slide is built with: a titled slide, words in a box, a rule, a number in a circle, the logo."""

import base64
import io
from collections.abc import Sequence
from typing import Any

from smf_helpers.figures import Reader, palettes
from smf_helpers.figures.colour import mix
from smf_helpers.texts import plain_text

Box = tuple[float, float, float, float]
Words = tuple[str, float, str, bool]
"""A paragraph: its text, size in points, colour by name, and whether it is bold."""

ONE_LINE = 58
"""Letters of a title that fit on one line in its full size."""

WIDE = 13.333
HIGH = 7.5


class Deck:
    """A presentation that slides are added to, in the client's colours.

    Parameters
    ----------
    presentation : an open presentation of python-pptx.
    reader : the release.
    own : the presentation is ours; in a client's template the slides that are already there are taken out.
    """

    def __init__(self, presentation: Any, reader: Reader, *, own: bool) -> None:
        from pptx.util import Inches

        self.presentation, self.reader, self.own = presentation, reader, own
        self.colours = palettes(reader.release.brand)["light"]
        self.held_words = reader.text("holds the flow back")
        if own:
            presentation.slide_width, presentation.slide_height = Inches(WIDE), Inches(HIGH)
        else:
            _empty(presentation)
        self.scale_x = presentation.slide_width / Inches(WIDE)
        self.scale_y = presentation.slide_height / Inches(HIGH)

    def slide(self, title: str, *, cover: bool = False) -> Any:
        """Add a slide with its title in the title's own place, so that outlines and readers find it."""
        slide = self.presentation.slides.add_slide(self._layout())
        for shape in list(slide.placeholders):
            if shape.placeholder_format.idx != 0:
                shape._element.getparent().remove(shape._element)
        if cover and self.own:
            self.ground(slide)
        holder = slide.shapes.title
        holder.text_frame.text = plain_text(title, 300)
        if self.own:
            self._place_title(holder, cover)
        return slide

    def _layout(self) -> Any:
        layouts = self.presentation.slide_layouts
        titled = [each for each in layouts if each.placeholders and _has_title(each)]
        only = [each for each in titled if len(list(each.placeholders)) <= 4]
        named = [each for each in titled if each.name.casefold() == "title only"]
        return (named or only or titled or list(layouts))[0]

    def _place_title(self, holder: Any, cover: bool) -> None:
        from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
        from pptx.util import Inches, Pt

        box = (0.9, 2.2, 11.0, 2.0) if cover else (0.6, 0.4, 12.1, 1.1)
        holder.left, holder.top, holder.width, holder.height = (Inches(part) for part in box)
        frame = holder.text_frame
        frame.word_wrap = True
        frame.margin_left = 0
        frame.vertical_anchor = MSO_ANCHOR.BOTTOM if cover else MSO_ANCHOR.MIDDLE
        for paragraph in frame.paragraphs:
            paragraph.alignment = PP_ALIGN.LEFT
            for run in paragraph.runs:
                run.font.size = Pt(44 if cover else 26 if len(run.text) <= ONE_LINE else 22)
                run.font.bold = True
                run.font.color.rgb = self.rgb("paper" if cover else "ink")

    def rgb(self, name: str) -> Any:
        """Give a named colour as python-pptx takes it."""
        from pptx.dml.color import RGBColor

        return RGBColor.from_string(self.colours[name].lstrip("#").upper())

    def pale(self, name: str, part: float) -> Any:
        """Give a named colour mixed with that part of white."""
        from pptx.dml.color import RGBColor

        return RGBColor.from_string(mix(self.colours[name], "#ffffff", part).lstrip("#").upper())

    def emu(self, box: Box) -> list[Any]:
        """Give a box in inches of our own slide as lengths on this presentation's slide."""
        from pptx.util import Inches

        scales = (self.scale_x, self.scale_y, self.scale_x, self.scale_y)
        return [int(Inches(part) * scale) for part, scale in zip(box, scales, strict=True)]

    def write(
        self,
        slide: Any,
        text: str,
        box: Box,
        *,
        size: float = 16,
        ink: str = "ink",
        bold: bool = False,
        centred: bool = False,
    ) -> Any:
        """Write a paragraph into a box."""
        from pptx.enum.text import PP_ALIGN
        from pptx.util import Pt

        on_dark = ink == "paper" and not self.own
        shape = slide.shapes.add_textbox(*self.emu(box))
        frame = shape.text_frame
        frame.word_wrap = True
        frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
        run = frame.paragraphs[0].add_run()
        run.text = plain_text(text, 900)
        run.font.size, run.font.bold = Pt(size), bold
        run.font.color.rgb = self.rgb("ink" if on_dark else ink)
        if centred:
            frame.paragraphs[0].alignment = PP_ALIGN.CENTER
        return shape

    def flow(
        self,
        slide: Any,
        paragraphs: Sequence[Words],
        box: Box,
        *,
        gap: float = 6,
        centred: bool = False,
        upwards: bool = False,
    ) -> None:
        """Write paragraphs one under the other into one box, so that a long one pushes the others away.

        They grow from the top of the box, or from its bottom where `upwards` is asked for.
        """
        from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
        from pptx.util import Pt

        shape = slide.shapes.add_textbox(*self.emu(box))
        frame = shape.text_frame
        frame.word_wrap = True
        frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
        frame.vertical_anchor = MSO_ANCHOR.BOTTOM if upwards else MSO_ANCHOR.TOP
        for place, (text, size, ink, bold) in enumerate(paragraphs):
            paragraph = frame.paragraphs[0] if place == 0 else frame.add_paragraph()
            paragraph.space_before = Pt(0 if place == 0 else gap)
            if centred:
                paragraph.alignment = PP_ALIGN.CENTER
            run = paragraph.add_run()
            run.text = plain_text(text, 900)
            run.font.size, run.font.bold = Pt(size), bold
            run.font.color.rgb = self.rgb(ink)

    def ground(self, slide: Any) -> None:
        """Colour the whole slide with the client's primary colour."""
        fill = slide.background.fill
        fill.solid()
        fill.fore_color.rgb = self.rgb("primary")

    def rule(self, slide: Any, left: float, top: float, width: float, ink: str) -> None:
        """Draw a short rule."""
        from pptx.enum.shapes import MSO_SHAPE

        shape = slide.shapes.add_shape(MSO_SHAPE.RECTANGLE, *self.emu((left, top, width, 0.06)))
        self.fill(shape, ink)

    def number(self, slide: Any, number: int, left: float, top: float) -> None:
        """Draw a number in a circle."""
        from pptx.enum.shapes import MSO_SHAPE
        from pptx.enum.text import PP_ALIGN
        from pptx.util import Pt

        shape = slide.shapes.add_shape(MSO_SHAPE.OVAL, *self.emu((left, top, 0.68, 0.68)))
        self.fill(shape, "primary")
        shape.text_frame.text = str(number)
        shape.text_frame.paragraphs[0].alignment = PP_ALIGN.CENTER
        run = shape.text_frame.paragraphs[0].runs[0]
        run.font.size, run.font.bold = Pt(20), True
        run.font.color.rgb = self.rgb("paper")

    def fill(self, shape: Any, ink: str, line: str = "") -> None:
        """Fill a shape, with a line of another colour or none, and without a shadow."""
        shape.fill.solid()
        shape.fill.fore_color.rgb = self.rgb(ink)
        shape.shadow.inherit = False
        if line:
            shape.line.color.rgb = self.rgb(line)
        else:
            shape.line.fill.background()

    def logo(self, slide: Any) -> None:
        """Put the client's logo at the top right, where it is a picture that Office knows."""
        from pptx.util import Inches

        head, _, body = self.reader.release.brand.logo.partition(";base64,")
        if head not in ("data:image/png", "data:image/jpeg"):
            return
        picture = slide.shapes.add_picture(
            io.BytesIO(base64.b64decode(body)), 0, int(Inches(0.6)), height=int(Inches(0.8))
        )
        picture.left = int(self.presentation.slide_width - picture.width - Inches(0.6))
        describe(picture, self.reader.release.name)


def describe(shape: Any, text: str) -> None:
    """Give a shape its alternative text."""
    shape._element.xpath(".//p:cNvPr")[0].set("descr", plain_text(text, 400))


def _has_title(layout: Any) -> bool:
    return any(shape.placeholder_format.idx == 0 for shape in layout.placeholders)


def _empty(presentation: Any) -> None:
    """Take the slides out of a template, with their parts."""
    listed = presentation.slides._sldIdLst
    for entry in list(listed):
        presentation.part.drop_rel(entry.rId)
        listed.remove(entry)
