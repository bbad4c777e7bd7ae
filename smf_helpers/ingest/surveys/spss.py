"""SPSS .sav and .zsav: variables with labels; user-missing codes are no answers and stay told apart."""

import tempfile
from pathlib import Path
from typing import Any

from smf_helpers.errors import Fault, InputError
from smf_helpers.ingest.grids import Column, Grid
from smf_helpers.ingest.readers import Detection, Reading, register
from smf_helpers.ingest.sources import Source, missing_extra
from smf_helpers.ingest.surveys.layout import Question, SurveyTable
from smf_helpers.ingest.surveys.table import read_survey
from smf_helpers.ingest.workbooks import cell_text

USER_MISSING = "user-missing"
"""What stands in a cell whose number the file itself declares missing."""


def detect(source: Source) -> Detection | None:
    """Tell it by its magic bytes."""
    if not source.is_sav:
        return None
    return Detection(confidence=1.0, variant="zsav" if source.raw[:4] == b"$FL3" else "sav")


@register("spss", "survey", detect, "SPSS .sav or .zsav")
def read(source: Source) -> Reading:
    """Read values, variable labels as wordings, user-missing codes as missing."""
    try:
        import pyreadstat
    except ImportError as problem:
        raise missing_extra(source.name, "SPSS", "spss") from problem
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file.sav"
        path.write_bytes(source.raw)
        try:
            rows, about = pyreadstat.read_sav(path, user_missing=True, apply_value_formats=False)
        except Exception as problem:
            what = "The SPSS file is cut or damaged."
            raise InputError(
                Fault(code="S010", where=source.name, what=what, remedy="Export it again.")
            ) from problem
    columns = [_column(rows[name].tolist(), _missing(about, name)) for name in rows]
    grid = Grid(place=source.name, columns=columns, encoding=str(about.file_encoding or ""))
    reading = Reading().about(grid)
    labels = dict(zip(about.column_names, about.column_labels, strict=True))
    sets = [members["label"] for members in (getattr(about, "mr_sets", None) or {}).values()]
    if sets:
        reading.notes.append(f"{len(sets)} multiple-response sets: their variables are read one by one")
    questions = [
        Question(position=position, header=labels.get(name) or name, code=name)
        for position, name in enumerate(rows)
    ]
    return read_survey(SurveyTable(grid=grid, questions=questions), source, reading)


def _missing(about: Any, name: str) -> list[tuple[Any, Any]]:
    ranges = [(span["lo"], span["hi"]) for span in about.missing_ranges.get(name, [])]
    return ranges + [(value, value) for value in about.missing_user_values.get(name, [])]


def _column(values: list[Any], missing: list[tuple[Any, Any]]) -> Column:
    return Column.of([_text(value, missing) for value in values])


def _text(value: Any, missing: list[tuple[Any, Any]]) -> str:
    if value is None or value != value:
        return ""
    for low, high in missing:
        if isinstance(value, str) == isinstance(low, str) and low <= value <= high:
            return USER_MISSING
    return cell_text(value)
