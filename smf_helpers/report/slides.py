"""A release as slides: native charts that stay editable, in the client's template or ours.

Title, the three questions, the double cycle, what changed and what to do next; then one chart a slide with the
finding as its title. Notes stay empty, authors and dates are the same each time, and the workbooks inside
the charts hold text and rounded numbers only.
"""

import base64
import io
import zipfile
from pathlib import Path
from typing import Any

from smf_helpers.figures import FIGURES, Reader
from smf_helpers.framework import QUESTIONS
from smf_helpers.report.book import open_report
from smf_helpers.report.chart_slide import add_chart_slide
from smf_helpers.report.charts import office_charts
from smf_helpers.report.cycle_slide import add_cycle_slide
from smf_helpers.report.sections.minute import VERDICTS, headline_beside
from smf_helpers.report.sheets import created
from smf_helpers.report.slide_words import Deck
from smf_helpers.results.released import Release
from smf_helpers.texts import plain_text

_ZIP_DATE = (1980, 1, 1, 0, 0, 0)


def write_slides(
    release: Release | str | Path, out: str | Path, *, template: str | Path | None = None
) -> Path:
    """Write the slides of a release.

    Parameters
    ----------
    release : a release, or the path of its file.
    out : file to write, ``.pptx``.
    template : the client's own ``.pptx``; its master, size and fonts are kept and its slides left out. By
        default the one that the release brings, else ours.
    """
    from pptx import Presentation

    reader = open_report(release).reader
    theirs = _template(reader) if template is None else str(template)
    presentation = Presentation(theirs)
    deck = Deck(presentation, reader, own=theirs is None)
    _title(deck, reader)
    _answers(deck, reader)
    add_cycle_slide(deck, FIGURES["double_cycle"](reader))
    _next(deck, reader)
    for chart in office_charts(reader):
        add_chart_slide(deck, chart)
    _protection(deck, reader)
    _settle(presentation, reader)
    packed = io.BytesIO()
    presentation.save(packed)
    Path(out).write_bytes(_same_each_time(packed.getvalue()))
    return Path(out)


def _template(reader: Reader) -> io.BytesIO | None:
    """Give the template that the release brings."""
    _, _, body = reader.release.brand.template.partition(";base64,")
    return io.BytesIO(base64.b64decode(body)) if body else None


def _title(deck: Deck, reader: Reader) -> None:
    release = reader.release
    slide = deck.slide(release.name, cover=True)
    deck.write(
        slide,
        release.brand.title or reader.text("Social media culture report"),
        (0.9, 1.7, 11.0, 0.5),
        size=18,
        ink="paper",
        bold=True,
    )
    deck.write(
        slide,
        reader.text("Data up to {date}", date=reader.day(release.as_of, "long")),
        (0.9, 4.4, 11.0, 0.5),
        size=18,
        ink="paper",
    )
    if release.brand.greeting:
        deck.write(slide, release.brand.greeting, (0.9, 5.1, 9.5, 1.4), size=16, ink="paper")
    deck.logo(slide)


def _answers(deck: Deck, reader: Reader) -> None:
    slide = deck.slide(reader.text("Three questions, three answers"))
    known = {answer.question: answer for answer in reader.release.answers}
    for place, question in enumerate(QUESTIONS):
        left = 0.6 + place * 4.1
        answer = known.get(place + 1)  # type: ignore[call-overload]
        verdict = answer.verdict if answer else "unknown"
        ink = "accentink" if verdict in ("no", "act") else "soft" if verdict == "unknown" else "primary"
        deck.rule(slide, left, 1.72, 3.85, ink)
        deck.write(slide, reader.text(question), (left, 1.85, 3.85, 0.75), size=14, ink="soft")
        word = reader.text(VERDICTS[verdict])
        headline = headline_beside(word, answer.headline) if answer else reader.text("Cannot be told yet.")
        words = [(word, 28.0, ink, True), (headline, 18.0, "ink", True)]
        if answer:
            told = reader.text("How sure") + ": " + answer.uncertainty
            words += [(answer.because, 13.0, "ink", False), (told, 12.0, "soft", False)]
        deck.flow(slide, words, (left, 2.55, 3.85, 4.5))


def _next(deck: Deck, reader: Reader) -> None:
    slide = deck.slide(reader.text("The next three actions"))
    actions = reader.release.actions[:3]
    if not actions:
        deck.write(
            slide,
            reader.text("No action follows from what can be told so far."),
            (0.9, 2.2, 11.0, 1.0),
            size=20,
        )
    for place, action in enumerate(actions):
        top = 1.75 + place * 1.65
        deck.number(slide, place + 1, 0.9, top)
        what = action.what + (f" ({action.when})" if action.when else "")
        words = [(what, 20.0, "ink", True), (action.why, 15.0, "soft", False)]
        deck.flow(slide, words, (1.9, top - 0.02, 10.3, 1.5))


def _protection(deck: Deck, reader: Reader) -> None:
    slide = deck.slide(reader.text("Who is protected, and how"))
    lines = (
        reader.text(
            "No group of fewer than {minimum} people is shown, nor any from which such a group could be worked out.",
            minimum=reader.release.minimum,
        ),
        reader.text("Every number on these slides stands in the page and in the workbook as well."),
        reader.text("An interval holds the true value 95 times in 100 such measurements."),
    )
    for place, line in enumerate(lines):
        deck.write(slide, line, (0.9, 1.9 + 1.0 * place, 11.2, 0.9), size=20)


def _settle(presentation: Any, reader: Reader) -> None:
    """Set the properties of the file to what is the same each time."""
    properties = presentation.core_properties
    when = created(reader.release)
    properties.author = properties.last_modified_by = properties.comments = properties.keywords = ""
    properties.title = plain_text(reader.release.name)
    properties.subject = properties.category = ""
    properties.created = properties.modified = properties.last_printed = when
    properties.revision = 1
    properties.language = reader.release.language


def _same_each_time(content: bytes) -> bytes:
    """Give the same archive with fixed times, so that equal releases give equal files."""
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for entry in source.infolist():
            fixed = zipfile.ZipInfo(entry.filename, _ZIP_DATE)
            fixed.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(fixed, source.read(entry))
    return made.getvalue()
