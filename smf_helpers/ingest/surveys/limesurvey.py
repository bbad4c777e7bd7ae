"""LimeSurvey CSV: answer codes under question codes, or answer texts under question texts.

An empty submit date is a partial answer, ``N/A`` a question that was not shown, columns such as
``groupTime12`` are timings; duplicate codes are told apart by position.
"""

import re
from typing import Final

import numpy as np

from smf_helpers.errors import Fault, InputError
from smf_helpers.ingest.delimited import check_ragged
from smf_helpers.ingest.headers import named, normal, synonyms
from smf_helpers.ingest.readers import Detection, Reading, register
from smf_helpers.ingest.sources import Source
from smf_helpers.ingest.surveys.layout import Question, SurveyTable, split_header
from smf_helpers.ingest.surveys.table import read_survey
from smf_helpers.ingest.times import Times, times

_CODES: Final = ("id", "submitdate", "lastpage")
_TIMING: Final = re.compile(
    r"(?:interviewtime|groupTime\d+|.*Time\d*$|Total time|Group time.*|Question time.*)"
)
_CUT: Final = re.compile(r"(?<!\.)\.\.\s*(?:\[.*\]\s*)?\Z", re.DOTALL)
"""A heading that LimeSurvey cut off: "abbreviated question text", by default after 15 letters."""
_NOT_RECORDED: Final = np.datetime64("1980-01-01T00:00:00")


def detect(source: Source) -> Detection | None:
    """Tell it by its first three columns, in codes or in words of any known language."""
    if source.bundle or len(source.grids) != 1:
        return None
    header = source.grids[0].row(0)
    first = tuple(normal(text) for text in header[:3])
    if first == _CODES:
        return Detection(confidence=0.99, variant="answer codes")
    found = named(header[:9], "limesurvey")
    if len(found) >= 4:
        return Detection(confidence=0.95, variant="answer texts")
    if _is_cut(header) and len(found) + sum(map(_is_start, header[:9])) >= 4:
        return Detection(confidence=0.95, variant="abbreviated headings")
    return None


def _is_cut(header: list[str]) -> bool:
    return sum(bool(_CUT.search(text)) for text in header) >= 3


def _is_start(text: str) -> bool:
    """Say whether a cut heading is the start of one of LimeSurvey's own."""
    start = normal(_CUT.sub("", text))
    known = synonyms()["limesurvey"]
    return bool(_CUT.search(text)) and len(start) >= 8 and any(word.startswith(start) for word in known)


@register("limesurvey", "survey", detect, "LimeSurvey results as CSV, codes or full texts")
def read(source: Source) -> Reading:
    """Read both dialects; they give the same numbers."""
    grid = source.grids[0]
    check_ragged(grid, 0)
    reading = Reading().about(grid, 0)
    header, body = grid.row(0), grid.below(0)
    if _is_cut(header):
        cut = sum(bool(_CUT.search(text)) for text in header)
        raise InputError(
            Fault(
                code="S128",
                where=grid.place,
                what=f"{cut} headings are abbreviated: it cannot be told which question they are.",
                remedy="In LimeSurvey export again with 'Question code' or 'Full question text' as headings.",
            )
        )
    known = named(header, "limesurvey")
    coded = normal(header[0]) == "id"
    meta = set(known.values())
    questions = []
    for position, text in enumerate(header):
        if position in meta or not text.strip() or (_TIMING.fullmatch(text) and position > len(meta) + 1):
            continue
        option = split_header(text)[1]
        if option and normal(option) in ("comment",):
            continue
        questions.append(Question(position=position, header=text, code=text if coded else "", option=option))
    token = body.columns[known["token"]] if "token" in known else None
    usable = token is not None and token.says()
    stamps = _submitted(body.columns[known["submitted"]], source) if "submitted" in known else None
    if stamps is not None:
        partial = int(np.isnat(stamps.values).sum())
        if partial:
            reading.notes.append(f"{partial} partial answers (no submit date) were kept")
    table = SurveyTable(
        grid=body,
        questions=questions,
        respondent=token if usable else None,
        key_kind="panel" if usable else "none",
        submitted=stamps,
        not_asked=("N/A",),
        taken=meta,
    )
    return read_survey(table, source, reading)


def _submitted(column: object, source: Source) -> Times:
    from smf_helpers.ingest.grids import Column

    assert isinstance(column, Column)
    stamps = times(column, order=source.options.date_format, zone=source.options.timezone)
    values = stamps.values.copy()
    values[np.abs(values - _NOT_RECORDED) < np.timedelta64(1, "D")] = np.datetime64("NaT")
    return Times(values=values, bad=stamps.bad, order=stamps.order, zoned=stamps.zoned, notes=stamps.notes)
