"""Webropol, the answers of its REST interface as JSON: nested, one entry a respondent, one answer a row of a grid."""

from typing import Any

from smf_helpers.ingest.grids import Column, Grid
from smf_helpers.ingest.readers import Detection, Reading, register
from smf_helpers.ingest.sources import Source
from smf_helpers.ingest.surveys.layout import Question, SurveyTable
from smf_helpers.ingest.surveys.table import read_survey
from smf_helpers.ingest.times import times


def detect(source: Source) -> Detection | None:
    """Tell it by its two keys."""
    if not source.is_json or b'"SurveyAnswers"' not in source.raw:
        return None
    return Detection(confidence=0.98, variant="REST answers")


@register("webropol", "survey", detect, "Webropol answers as JSON")
def read(source: Source) -> Reading:
    """Read selections and scales as answers, multiple choices as options, texts as texts."""
    found = source.parsed()
    entries = [entry for entry in found.get("SurveyAnswers") or [] if isinstance(entry, dict)]
    columns: dict[tuple[str, str, str], dict[int, str]] = {}
    for number, entry in enumerate(entries):
        for question in entry.get("RespondentAnswers") or []:
            for key, answer in _answers(question):
                columns.setdefault(key, {})[number] = answer
    n = len(entries)
    grid = Grid(
        place=source.name,
        columns=[Column.of([cells.get(i, "") for i in range(n)]) for cells in columns.values()]
        or [Column.of([""] * n)],
        encoding="json",
    )
    reading = Reading().about(grid)
    questions = [
        Question(position=i, header=title, code=key, option=option)
        for i, (key, title, option) in enumerate(columns)
    ]
    ids = [str(entry.get("RespondentEmail") or entry.get("RespondentId") or "") for entry in entries]
    sent = Column.of([str(entry.get("ResponseDate") or "") for entry in entries])
    table = SurveyTable(
        grid=grid,
        questions=questions,
        respondent=Column.of(ids) if entries and all(ids) else None,
        key_kind="panel" if entries and all(ids) else "none",
        submitted=times(sent, zone=source.options.timezone),
    )
    return read_survey(table, source, reading)


def _answers(question: dict[str, Any]) -> list[tuple[tuple[str, str, str], str]]:
    """Give ((code, title, option), answer) of one question; the misspelt key of the interface is real."""
    code, title = str(question.get("QuestionId") or ""), str(question.get("QuestionTitle") or "")
    several = "multiple" in str(question.get("QuestionTypeName") or "").lower()
    found = []
    for answer in question.get("QuestionAnswers") or []:
        text = str(answer.get("OptionAnswer") or answer.get("AttahedTextFieldValue") or "")
        row = str(answer.get("RowText") or "")
        option = text if several else row
        key = code if not option else f"{code} [{option}]"
        found.append(((key, title, option), text))
    return found
