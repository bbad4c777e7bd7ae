"""Which rows of a survey are respondents: not blank rows, not totals, not copies of another row."""

import numpy as np

from smf_helpers.ingest.grids import Column, Grid
from smf_helpers.ingest.headers import normal
from smf_helpers.ingest.readers import Reading
from smf_helpers.ingest.surveys.layout import SurveyTable
from smf_helpers.ingest.times import Times


def respondent_rows(table: SurveyTable, reading: Reading) -> SurveyTable:
    """Keep the rows that are respondents and account for the others."""
    answered = _answered(table)
    kept = np.flatnonzero(answered)
    blank = int((~answered).sum())
    if blank:
        reading.rejected["rows without any answer"] += blank
    kept = _without_totals(table, kept, reading)
    kept = _without_copies(table, kept, reading)
    return table if len(kept) == table.grid.n_rows else _kept(table, table.grid.part(kept), kept)


def _answered(table: SurveyTable) -> np.ndarray:
    hidden = {normal(text) for text in table.not_asked}
    said = np.zeros(table.grid.n_rows, dtype=bool)
    for question in table.questions:
        column = table.grid.columns[question.position]
        if said.all():
            break
        said |= column.map(lambda text: bool(text.strip()) and normal(text) not in hidden, dtype=bool)
    return said


def _without_totals(table: SurveyTable, kept: np.ndarray, reading: Reading) -> np.ndarray:
    first = table.grid.columns[0]
    ends = np.concatenate([kept[:2], kept[-2:]])
    words = ("total", "totals", "summe", "gesamt", "yhteensä", "sum", "average", "mean", "keskiarvo")
    at = [row for row in ends if normal(first.at(int(row))) in words]
    total = np.isin(kept, at)
    if total.any():
        reading.rejected["totals rows"] += int(total.sum())
        reading.warn("S121", table.grid.place, "A totals row was left out.", "")
    return kept[~total]


def _without_copies(table: SurveyTable, kept: np.ndarray, reading: Reading) -> np.ndarray:
    """Keep one of rows that are equal in every cell."""
    if table.respondent is None and table.submitted is None:
        return kept
    if any(column.all_differ() for column in table.grid.columns):
        return kept
    rows = np.stack([column.codes for column in table.grid.columns], axis=1)[kept]
    seen = {row.tobytes(): place for place, row in reversed(list(enumerate(rows)))}
    first = np.array(sorted(seen.values()), dtype=int)
    twice = len(kept) - len(first)
    if twice:
        reading.rejected["exact copies of a row"] += twice
        reading.warn("S122", table.grid.place, f"{twice} rows are exact copies; one of each was kept.")
    return kept[first]


def _kept(table: SurveyTable, grid: Grid, kept: np.ndarray) -> SurveyTable:
    def cut(column: Column | None) -> Column | None:
        return None if column is None else column.take(kept)

    submitted = table.submitted
    if submitted is not None:
        submitted = Times(
            values=submitted.values[kept],
            bad=submitted.bad[kept],
            order=submitted.order,
            zoned=submitted.zoned,
            notes=submitted.notes,
        )
    return SurveyTable(
        grid=grid,
        questions=table.questions,
        respondent=cut(table.respondent),
        key_kind=table.key_kind,
        submitted=submitted,
        not_asked=table.not_asked,
        unit=cut(table.unit),
        role=cut(table.role),
        tenure=cut(table.tenure),
        weight=cut(table.weight),
        wave=cut(table.wave),
    )
