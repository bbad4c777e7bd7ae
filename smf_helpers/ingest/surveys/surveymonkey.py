"""SurveyMonkey: all responses expanded (two header rows), condensed (one), and coded for statistics packages.

Row 1 holds questions (blank for the second and later options), row 2 the options. A chosen option holds its own
text. In the coded shape ``q0004_0003`` is option 3 of question 4 and the first column has no name.
"""

import re
from typing import Final

from smf_helpers.ingest.delimited import check_ragged
from smf_helpers.ingest.grids import Column, Grid
from smf_helpers.ingest.headers import named, normal
from smf_helpers.ingest.readers import Detection, Reading, register
from smf_helpers.ingest.sources import Source
from smf_helpers.ingest.surveys.layout import Question, SurveyTable
from smf_helpers.ingest.surveys.table import read_survey
from smf_helpers.ingest.times import times
from smf_helpers.ingest.values import lossy_ids

_WHOLE: Final = (
    "response",
    "open-ended response",
    "vastaus",
    "antwort",
    "svar",
    "réponse",
    "respuesta",
    "resposta",
)
_CODE: Final = re.compile(r"q\d{4}(?:_\d{4})*(?:_other)?\Z")


def _variant(grid: Grid) -> str | None:
    if grid.n_rows < 2 or len(grid.columns) < 3:
        return None
    first, second = [normal(text) for text in grid.row(0)], [normal(text) for text in grid.row(1)]
    known = named(first, "surveymonkey")
    others = [text for place, text in enumerate(first) if text and place not in known.values()]
    codes = sum(bool(_CODE.match(text)) for text in others)
    if codes >= max(2, len(first) // 2) and len(others) - codes <= 1:  # the weight
        return "coded"
    if "respondent" not in known:
        return None
    if not second[known["respondent"]] and any(text in _WHOLE for text in second):
        return "two header rows"
    return "condensed" if "collector" in known else None


def detect(source: Source) -> Detection | None:
    """Tell it by its ids and its two header rows, or by its codes."""
    if source.bundle or not source.grids:
        return None
    variant = _variant(source.grids[0])
    return Detection(confidence=0.95, variant=variant) if variant else None


@register("surveymonkey", "survey", detect, "SurveyMonkey: expanded, condensed or coded")
def read(source: Source) -> Reading:
    """Read any of the three shapes; ids that a spreadsheet has rounded are not used as ids."""
    grid = source.grids[0]
    variant = _variant(grid)
    check_ragged(grid, 0)
    rows = 1 if variant == "two header rows" else 0
    reading = Reading().about(grid, rows)
    header, body = grid.row(0), grid.below(rows)
    known = named(header, "surveymonkey")
    options = grid.row(1) if rows else [""] * len(header)
    questions, asked = [], ""
    for position, text in enumerate(header):
        asked = text if text.strip() else asked
        if position in known.values() or (variant == "coded" and not _CODE.match(normal(text))):
            continue
        option = "" if normal(options[position]) in _WHOLE else options[position]
        code = text if variant == "coded" else ""
        questions.append(Question(position=position, header=asked, code=code, option=option))
    stamps = None
    if "submitted" in known or "started" in known:
        column = body.columns[known.get("submitted", known.get("started", 0))]
        stamps = times(column, order=source.options.date_format or "mdy", zone=source.options.timezone)
    table = SurveyTable(
        grid=body,
        questions=questions,
        submitted=stamps,
        taken=set(known.values()),
    )
    respondent = _panel(body, known, reading)
    if respondent is not None:
        table.respondent, table.key_kind = respondent, "panel"
    return read_survey(table, source, reading)


def _panel(body: Grid, known: dict[str, int], reading: Reading) -> Column | None:
    """Give custom data or e-mail as key where everybody has one; a respondent id is good for one wave only."""
    for name in ("custom", "email"):
        if name in known:
            column = body.columns[known[name]]
            if not column.blank().any() and len(column.used()) == body.n_rows:
                return column
    if "respondent" in known and lossy_ids(body.columns[known["respondent"]]):
        reading.warn(
            "S303", body.place, "The respondent ids were rounded by a spreadsheet; they are not used."
        )
    return None
