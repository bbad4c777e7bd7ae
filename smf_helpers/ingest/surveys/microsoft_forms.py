"""Microsoft Forms workbook (or its CSV re-save): id, two times, e-mail and name, then one column a question."""

import re
from typing import Final

from smf_helpers.ingest.headers import named, normal
from smf_helpers.ingest.readers import Detection, Reading, register
from smf_helpers.ingest.sources import Source
from smf_helpers.ingest.surveys.layout import Question, SurveyTable
from smf_helpers.ingest.surveys.table import read_survey
from smf_helpers.ingest.times import times

_QUIZ: Final = re.compile(r"(?:points|feedback) - ", re.IGNORECASE)


def detect(source: Source) -> Detection | None:
    """Tell it by the first five columns, in any known language."""
    if source.bundle or not source.grids:
        return None
    found = named(source.grids[0].row(0)[:6], "microsoft_forms")
    order = [found.get(field) for field in ("id", "started", "submitted", "email", "name")]
    return Detection(confidence=0.97, variant="workbook") if order == [0, 1, 2, 3, 4] else None


@register("microsoft_forms", "survey", detect, "Microsoft Forms responses (.xlsx, or re-saved as CSV)")
def read(source: Source) -> Reading:
    """Read the first sheet; people are known by e-mail unless every e-mail says anonymous."""
    grid = source.grids[0]
    reading = Reading().about(grid, 0)
    header, body = grid.row(0), grid.below(0)
    known = named(header[:12], "microsoft_forms")
    questions = [
        Question(position=position, header=_statement(text))
        for position, text in enumerate(header)
        if position not in known.values() and text.strip() and not _QUIZ.match(text)
    ]
    email = body.columns[known["email"]]
    personal = [text for text in email.used() if normal(text) not in ("anonymous", "anonyymi", "anonym")]
    panel = bool(personal) and len(personal) > 0.5 * body.n_rows
    stamps = times(
        body.columns[known["submitted"]], order=source.options.date_format, zone=source.options.timezone
    )
    table = SurveyTable(
        grid=body,
        questions=questions,
        respondent=email if panel else None,
        key_kind="panel" if panel else "none",
        submitted=stamps,
        taken=set(known.values()),
    )
    return read_survey(table, source, reading)


def _statement(header: str) -> str:
    """Write the older ``Question.Statement`` as ``Question [Statement]``."""
    parts = re.match(r"(.{10,}?[?:])\.(\S.*)\Z", header, re.DOTALL)
    return f"{parts[1]} [{parts[2]}]" if parts else header
