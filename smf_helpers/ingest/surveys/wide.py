"""Any wide table that is plainly a survey: columns of the ready-made questionnaire, or headers that ask.

The last resort before a mapping: it never wins over a format that is told by its structure.
"""

import re
from typing import Final

from smf_helpers.ingest.delimited import check_ragged
from smf_helpers.ingest.headers import named, normal
from smf_helpers.ingest.readers import Detection, Reading, register
from smf_helpers.ingest.sources import Source
from smf_helpers.ingest.surveys.layout import Question, SurveyTable
from smf_helpers.ingest.surveys.table import read_survey
from smf_helpers.ingest.times import times

_ASKS: Final = re.compile(r"\?\W*\Z")


def detect(source: Source) -> Detection | None:
    """Tell it by headers that are known items, or of which most are questions."""
    if source.bundle or not source.grids or source.grids[0].n_rows < 2:
        return None
    header = [text for text in source.grids[0].row(0) if normal(text)]
    if len(header) < 2 or named(header, "meta_posts").get("permalink") is not None:
        return None
    known = sum(source.options.catalogue.find(text) is not None for text in header)
    if known >= min(3, len(header) - 1) and known:
        return Detection(confidence=0.7, variant="known items")
    asking = sum(bool(_ASKS.search(text)) or len(text.split()) > 6 for text in header)
    return Detection(confidence=0.55, variant="questions as headers") if asking >= 0.6 * len(header) else None


@register("wide_survey", "survey", detect, "Any wide survey table whose headers are items or questions")
def read(source: Source) -> Reading:
    """Read every column as a question, but for id, unit, role and time where they are told by their headers."""
    grid = source.grids[0]
    check_ragged(grid, 0)
    reading = Reading().about(grid, 0)
    header, body = grid.row(0), grid.below(0)
    stamp = named(header, "google_forms").get("submitted")
    stamps = None
    if stamp is not None:
        stamps = times(body.columns[stamp], order=source.options.date_format, zone=source.options.timezone)
    unnamed = [position for position, text in enumerate(header) if not normal(text)]
    if unnamed:
        reading.warn("S127", grid.place, f"{len(unnamed)} columns without a header were left out.")
    questions = [
        Question(position=position, header=text)
        for position, text in enumerate(header)
        if normal(text) and position != stamp
    ]
    taken = {stamp} if stamp is not None else set()
    table = SurveyTable(grid=body, questions=questions, submitted=stamps, taken=taken)
    return read_survey(table, source, reading)
