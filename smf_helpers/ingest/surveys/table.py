"""A survey in wide form → respondents, responses, items and the wave: what all survey formats share."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from smf_helpers.ingest.catalogue import ItemSpec
from smf_helpers.ingest.frames import coded, constant, repeated, stacked, text_list
from smf_helpers.ingest.grids import Column
from smf_helpers.ingest.limits import MAX_TEXT
from smf_helpers.ingest.readers import Reading, listed
from smf_helpers.ingest.sources import Source
from smf_helpers.ingest.surveys.answers import Answers
from smf_helpers.ingest.surveys.asked import answers_to, incomparable, renamed
from smf_helpers.ingest.surveys.layout import SurveyTable, find_attributes
from smf_helpers.ingest.surveys.respondents import respondents_of, wave_table, waves_of
from smf_helpers.ingest.surveys.rows import respondent_rows
from smf_helpers.ingest.surveys.scale_checks import check_scale
from smf_helpers.tables import MISSING

if TYPE_CHECKING:
    import pandas as pd


def read_survey(table: SurveyTable, source: Source, reading: Reading) -> Reading:
    """Turn a survey into canonical tables and account for every row that is not there."""
    find_attributes(table, source)
    reading.rows_in = table.grid.n_rows
    table = respondent_rows(table, reading)
    waves = waves_of(table, source, reading)
    people = respondents_of(table, source, reading, waves)
    responses, items = _responses(table, source, reading, people, waves)
    reading.tables = {
        "respondents": people,
        "responses": responses,
        "items": items,
        "waves": wave_table(people, waves, table.key_kind),
    }
    return reading


@dataclass(slots=True)
class _Long:
    """Answers collected question by question."""

    items: list[ItemSpec] = field(default_factory=list)
    values: list[np.ndarray] = field(default_factory=list)
    missing: list[np.ndarray] = field(default_factory=list)
    texts: list[Column | None] = field(default_factory=list)

    def add(self, item: ItemSpec, answers: Answers) -> None:
        self.items.append(item)
        self.values.append(answers.values)
        self.missing.append(answers.missing)
        self.texts.append(answers.texts)


def _responses(
    table: SurveyTable, source: Source, reading: Reading, people: "pd.DataFrame", waves: Column
) -> tuple["pd.DataFrame", "pd.DataFrame"]:
    import pandas as pd

    long = _Long()
    names: Counter[str] = Counter()
    unknown: list[str] = []
    for question in table.questions:
        column = table.grid.columns[question.position]
        found = answers_to(question, column, table, source)
        if not any(spec.module for spec, _ in found):
            unknown.append(question.code or question.header)
        for spec, answers in found:
            names[spec.item] += 1
            if names[spec.item] > 1:
                if spec.module:
                    what = f"The item '{spec.item}' stands in two columns."
                    reading.fail("S104", table.grid.place, what, "Remove one and run again.")
                    continue
                spec = renamed(spec, f"{spec.item} ({names[spec.item]})")
            check_scale(spec, answers, table, reading)
            long.add(incomparable(spec, source), answers)
    if unknown:
        what = f"{listed(unknown)} are no known questions; they count in no score."
        reading.warn("S127", table.grid.place, what, "Describe them under `items:` if they should.")
    n, count = table.grid.n_rows, len(long.items)
    if not count:
        reading.fail(
            "S105", table.grid.place, "No column holds answers.", "Check the file, or give a mapping."
        )
        return pd.DataFrame(), pd.DataFrame()
    columns = {
        "respondent": repeated(people["respondent"].array, count),
        "wave": repeated(people["wave"].array, count),
        "item": stacked([constant(spec.item, n) for spec in long.items]),
        "value": np.concatenate(long.values),
        "text": _texts(long.texts, n, table, reading),
        "missing": coded(long.missing, MISSING),
    }
    return pd.DataFrame(columns, copy=False), _items(long.items)


def _texts(texts: Sequence[Column | None], n: int, table: SurveyTable, reading: Reading) -> Any:
    parts, cut = [], 0
    for column in texts:
        if column is None:
            parts.append(constant("", n))
            continue
        cut += sum(len(level) > MAX_TEXT for level in column.levels)
        parts.append(Column(column.codes, [level[:MAX_TEXT].strip() for level in column.levels]))
    if cut:
        what = f"{cut} answers are longer than {MAX_TEXT:,} characters and were cut."
        reading.warn("S125", table.grid.place, what)
    return stacked(parts, blank_is_missing=True)


def _items(specs: list[ItemSpec]) -> "pd.DataFrame":
    import pandas as pd

    nan = float("nan")
    return pd.DataFrame(
        {
            "item": text_list([spec.item for spec in specs]),
            "wording": text_list([spec.wording for spec in specs]),
            "module": text_list([spec.module for spec in specs]),
            "scale_min": np.array([nan if spec.low is None else spec.low for spec in specs]),
            "scale_max": np.array([nan if spec.high is None else spec.high for spec in specs]),
            "reverse": np.array([spec.reverse for spec in specs]),
        },
        copy=False,
    )
