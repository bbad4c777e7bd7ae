"""Typeform CSV: a token in the first column, UTC times and a network id at the end, tags in the headers."""

import re
from typing import Final

from smf_helpers.ingest.delimited import check_ragged
from smf_helpers.ingest.headers import named, normal
from smf_helpers.ingest.readers import Detection, Reading, register
from smf_helpers.ingest.sources import Source
from smf_helpers.ingest.surveys.layout import Question, SurveyTable
from smf_helpers.ingest.surveys.table import read_survey
from smf_helpers.ingest.times import times

_TOKEN: Final = re.compile(r"[0-9a-z]{20,40}\Z")


def detect(source: Source) -> Detection | None:
    """Tell it by ``#`` with tokens under it, or by its times and network id."""
    if source.bundle or not source.grids or source.grids[0].n_rows < 2:
        return None
    header, first = source.grids[0].row(0), source.grids[0].row(1)
    known = named(header, "typeform")
    token = header[0].strip() == "#" and bool(_TOKEN.match(first[0].strip()))
    closing = {"submitted", "network"} <= set(known)
    if not token and not closing:
        return None
    return Detection(confidence=0.97 if token and closing else 0.9, variant="responses")


@register("typeform", "survey", detect, "Typeform responses as CSV")
def read(source: Source) -> Reading:
    """Read one row a response; repeated questions of branches stay apart by their position."""
    grid = source.grids[0]
    check_ragged(grid, 0)
    reading = Reading().about(grid, 0)
    header, body = grid.row(0), grid.below(0)
    known = named(header, "typeform")
    if header[0].strip() == "#":
        known["token"] = 0
    questions = [
        Question(position=position, header=_bare(text))
        for position, text in enumerate(header)
        if position not in known.values() and normal(text)
    ]
    stamps = None
    if "submitted" in known:
        stamps = times(body.columns[known["submitted"]], order=source.options.date_format, zone="UTC")
        if stamps.order == "ambiguous":
            stamps = times(body.columns[known["submitted"]], order="dmy", zone="UTC")
    table = SurveyTable(grid=body, questions=questions, submitted=stamps, taken=set(known.values()))
    return read_survey(table, source, reading)


def _bare(header: str) -> str:
    return re.sub(r"<[^<>]{1,80}>", "", header).strip()
