"""Qualtrics CSV: three header rows (names, labels, ImportId), or the legacy two (V1…, names).

Row 3 holds the zone and tells duplicate names apart. Previews and spam are no respondents; timing and display
order are no answers.
"""

import re
from typing import Final

import numpy as np

from smf_helpers.ingest.delimited import check_ragged
from smf_helpers.ingest.grids import Grid
from smf_helpers.ingest.headers import named, normal
from smf_helpers.ingest.readers import Detection, Reading, register
from smf_helpers.ingest.sources import Source
from smf_helpers.ingest.surveys.layout import Question, SurveyTable
from smf_helpers.ingest.surveys.table import read_survey
from smf_helpers.ingest.times import times
from smf_helpers.params.schema import is_zone

_IMPORT: Final = re.compile(r'"ImportId"\s*:\s*"([^"]*)"')
_ZONE: Final = re.compile(r'"timeZone"\s*:\s*"([^"]*)"')
_SKIPPED: Final = re.compile(r".*(?:_First Click|_Last Click|_Page Submit|_Click Count|_DO_?.*|_DO)\Z")
_META: Final = {
    "startDate": "started",
    "endDate": "submitted",
    "status": "status",
    "ipAddress": "address",
    "progress": "progress",
    "duration": "duration",
    "finished": "finished",
    "recordedDate": "recorded",
    "_recordId": "id",
    "recipientLastName": "name",
    "recipientFirstName": "name",
    "recipientEmail": "email",
    "externalDataReference": "reference",
    "locationLatitude": "place",
    "locationLongitude": "place",
    "distributionChannel": "channel",
    "userLanguage": "language",
}
_DROPPED: Final = {
    "1": "previews",
    "survey preview": "previews",
    "umfragevorschau": "previews",
    "8": "spam",
    "spam": "spam",
    "2": "tests",
    "survey test": "tests",
}


def _variant(grid: Grid) -> str | None:
    if grid.n_rows >= 3 and sum("ImportId" in text for text in grid.row(2)) > len(grid.columns) // 2:
        return "three header rows"
    if grid.n_rows >= 2:
        first, second = grid.row(0), [normal(text) for text in grid.row(1)]
        if [text.strip() for text in first[:3]] == ["V1", "V2", "V3"] and "responseid" in second[:2]:
            return "legacy"
    return None


def detect(source: Source) -> Detection | None:
    """Tell it by the ImportId row, whatever the language of the labels."""
    if source.bundle or not source.grids:
        return None
    variant = _variant(source.grids[0])
    return Detection(confidence=0.98, variant=variant) if variant else None


@register("qualtrics", "survey", detect, "Qualtrics CSV, current or legacy")
def read(source: Source) -> Reading:
    """Read one row a response; external reference or e-mail make it a panel."""
    grid = source.grids[0]
    check_ragged(grid, 0)
    current = _variant(grid) != "legacy"
    last = 2 if current else 1
    reading = Reading().about(grid, last)
    names, labels, body = grid.row(0), grid.row(1), grid.below(last)
    zone = source.options.timezone
    if current:
        imports = [match[1] if (match := _IMPORT.search(text)) else "" for text in grid.row(2)]
        meta = {position: _META[text] for position, text in enumerate(imports) if text in _META}
        said = next((match[1] for text in grid.row(2) if (match := _ZONE.search(text))), zone)
        if said is None or is_zone(said):
            zone = said
        else:
            what = "The time zone that the third row names is not known."
            reading.fail("S407", f"{grid.place}:3", what, "Export it again, or correct the third row.")
    else:
        found = named(labels[:12], "qualtrics_legacy")
        meta = {position: name for name, position in found.items()}
    place = {name: position for position, name in reversed(meta.items())}
    if "status" in place:
        body = _without_tests(body, place["status"], reading)
    questions = [
        Question(position=position, header=labels[position] if current else text, code=text)
        for position, text in enumerate(names)
        if position not in meta and not _SKIPPED.match(text) and (text.strip() or labels[position].strip())
    ]
    if not current:
        questions = [Question(position=q.position, header=labels[q.position]) for q in questions]
    key = next(
        (body.columns[place[name]] for name in ("reference", "email") if name in place and body.n_rows
         and len(body.columns[place[name]].used()) > 0.5 * body.n_rows), None
    )  # fmt: skip
    stamp = place.get("recorded", place.get("submitted"))
    table = SurveyTable(
        grid=body,
        questions=questions,
        respondent=key,
        key_kind="panel" if key is not None else "none",
        submitted=None
        if stamp is None
        else times(body.columns[stamp], order=source.options.date_format, zone=zone),
        taken=set(meta),
    )
    return read_survey(table, source, reading)


def _without_tests(body: Grid, status: int, reading: Reading) -> Grid:
    kinds = body.columns[status].map(lambda text: _DROPPED.get(normal(text), ""))
    for kind in sorted({kind for kind in kinds if kind}):
        reading.rejected[kind] += int(np.sum(kinds == kind))
    return body.part(kinds == "")
