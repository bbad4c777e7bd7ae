"""Google Forms: straight from the form (zone in the time), or through a sheet (times in the sheet's locale)."""

import re
from typing import Final

from smf_helpers.ingest.delimited import check_ragged
from smf_helpers.ingest.headers import named, normal
from smf_helpers.ingest.readers import Detection, Reading, register
from smf_helpers.ingest.sources import Source
from smf_helpers.ingest.surveys.layout import Question, SurveyTable
from smf_helpers.ingest.surveys.table import read_survey
from smf_helpers.ingest.times import times

_DIRECT: Final = re.compile(
    r"\d{4}/\d{1,2}/\d{1,2} \d{1,2}:\d{2}:\d{2} [AP]M (?:GMT|UTC)?[+-]?", re.IGNORECASE
)


def detect(source: Source) -> Detection | None:
    """Tell it by the first column: a time stamp, in any known language, and times under it."""
    if source.bundle or not source.grids or source.grids[0].n_rows < 2:
        return None
    grid = source.grids[0]
    header, first = grid.row(0), grid.row(1)
    if "submitted" not in named(header[:1], "google_forms") or len(header) < 3:
        return None
    direct = _DIRECT.match(first[0])
    find = source.options.catalogue.find
    asks = any("?" in text or len(text.split()) > 2 or find(text) for text in header[1:])
    if not direct and not asks:
        return None
    confidence = 0.95 if direct else 0.85
    return Detection(confidence=confidence, variant="direct" if direct else "through a sheet")


@register("google_forms", "survey", detect, "Google Forms responses, direct CSV or through Sheets")
def read(source: Source) -> Reading:
    """Read one row a response; an e-mail column makes it a panel."""
    grid = source.grids[0]
    check_ragged(grid, 0)
    reading = Reading().about(grid, 0)
    header, body = grid.row(0), grid.below(0)
    known = named(header, "google_forms")
    stamps = times(body.columns[0], order=source.options.date_format, zone=source.options.timezone)
    questions = [
        Question(position=position, header=text)
        for position, text in enumerate(header)
        if position not in known.values() and normal(text)
    ]
    email = body.columns[known["email"]] if "email" in known else None
    panel = email is not None and email.says()
    table = SurveyTable(
        grid=body,
        questions=questions,
        respondent=email if panel else None,
        key_kind="panel" if panel else "none",
        submitted=stamps,
        taken=set(known.values()),
    )
    return read_survey(table, source, reading)
