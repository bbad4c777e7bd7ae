"""The people of a survey: tidy ids and names, waves, times; one row a respondent and wave."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from smf_helpers.ingest.frames import text_array, text_list
from smf_helpers.ingest.grids import Column
from smf_helpers.ingest.headers import clean_name, normal
from smf_helpers.ingest.readers import Reading
from smf_helpers.ingest.sources import Source
from smf_helpers.ingest.surveys.layout import SurveyTable
from smf_helpers.ingest.values import lossy_ids, numbers

if TYPE_CHECKING:
    import pandas as pd

_SHOWN: Final = 5
_NUMBER: Final = re.compile(r"\d{1,15}")
_NAT: Final = np.datetime64("NaT", "us")


def waves_of(table: SurveyTable, source: Source, reading: Reading) -> Column:
    """Give the wave of each row; two spellings of one wave are refused."""
    n = table.grid.n_rows
    if table.wave is None:
        return Column(np.zeros(n, dtype=np.int32), [source.options.wave or file_stem(source.name)])
    levels = [re.sub(r"^(\d+)\.0+$", r"\1", clean_name(level)) for level in table.wave.levels]
    forms: dict[str, set[str]] = {}
    for level in levels:
        if level:
            forms.setdefault(re.sub(r"[^a-z0-9]", "", normal(level).replace("wave", "w")), set()).add(level)
    several = [len(spellings) for spellings in forms.values() if len(spellings) > 1]
    if several:
        what = f"A wave is spelt in {max(several)} ways."
        reading.fail("S403", table.grid.place, what, "Write each wave in one way.")
    return Column(table.wave.codes, levels)


def file_stem(name: str) -> str:
    """Give the name of a file without folders and endings: the name of a wave that nobody named."""
    return name.rsplit("/", 1)[-1].split(".", 1)[0] or "wave"


def respondents_of(table: SurveyTable, source: Source, reading: Reading, waves: Column) -> "pd.DataFrame":
    """Give one row a respondent; without ids the rows of the file stand for them."""
    import pandas as pd

    n = table.grid.n_rows
    place = table.grid.place
    if table.respondent is None:
        stem = source.digest[:8]
        numbered = [f"{stem}-{line}" for line in table.grid.line_numbers().tolist()]
        ids = Column(np.arange(n, dtype=np.int32), numbered)
    else:
        ids = _clean_ids(table.respondent, table, reading)
    columns: dict[str, Any] = {"respondent": text_array(ids), "wave": text_array(waves)}
    for name, names in (("unit", table.unit), ("role", table.role)):
        if names is not None:
            columns[name] = _names(names, place, reading, name)
    for name in ("tenure", "weight"):
        column = getattr(table, name)
        if column is not None:
            columns[name] = numbers(column).values
    columns["submitted_at"] = _submitted(table, source, reading, n)
    people = pd.DataFrame(columns, copy=False)
    if table.respondent is not None and (not ids.all_differ() or ids.blank().any()):
        _check_people(people, table, reading)
    return people


def _clean_ids(column: Column, table: SurveyTable, reading: Reading) -> Column:
    lossy = lossy_ids(column)
    if lossy:
        what = f"{lossy} respondent ids were rounded by a spreadsheet (1.2E+11)."
        reading.fail("S303", table.grid.place, what, "Export again and do not save it from a spreadsheet.")
    if column.cells is not None and column.cells.plain():
        return column
    whole = " ".join(column.levels) + " "
    plain = whole.isascii() and whole.isprintable() and whole.count(" ") == len(column.levels)
    if plain and ".0 " not in whole and ".00" not in whole:
        return column
    levels = [re.sub(r"^(\d+)\.0+$", r"\1", clean_name(level)) for level in column.levels]
    changed = sum(a != b for a, b in zip(levels, column.levels, strict=True))
    if changed:
        reading.warn("S304", table.grid.place, f"{changed} ids were tidied (blanks, '.0').")
    return Column(column.codes, levels)


def _check_people(people: "pd.DataFrame", table: SurveyTable, reading: Reading) -> None:
    lines = table.grid.line_numbers()
    empty = (people["respondent"] == "").to_numpy()
    if empty.any():
        shown = ", ".join(str(line) for line in lines[empty][:_SHOWN])
        what = f"{int(empty.sum())} rows have no respondent id (lines {shown})."
        reading.fail("S302", table.grid.place, what, "Fill them in, or leave the id column out.")
    twice = people.duplicated(["wave", "respondent"], keep=False).to_numpy() & ~empty
    if twice.any():
        shown = ", ".join(str(line) for line in lines[twice][:_SHOWN])
        what = f"{int(twice.sum())} rows share a respondent id but differ (lines {shown})."
        reading.fail("S301", table.grid.place, what, "Keep one answer a person and wave.")


def _names(column: Column, place: str, reading: Reading, what: str) -> Any:
    """Give names with their spellings merged: the first one stands for all."""
    shown: dict[str, str] = {}
    cleaned = [clean_name(level) for level in column.levels]
    spellings: Counter[str] = Counter()
    for name in cleaned:
        if name and normal(name) not in shown:
            shown[normal(name)] = name
        spellings[normal(name)] += 1
    merged = [shown.get(normal(name), "") for name in cleaned]
    several = sum(count > 1 for form, count in spellings.items() if form)
    changed = sum(a != b for a, b in zip(cleaned, column.levels, strict=True))
    if several or changed:
        reading.warn("S123", place, f"{several} names of a {what} were spelt in several ways; merged.")
    odd = sum(normal(name) in ("all", "total", "other") for name in shown.values())
    if odd:
        reading.warn("S124", place, f"A {what} is called All, Total or Other; it is kept as a {what}.")
        merged = [
            f"{name} ({what})" if normal(name) in ("all", "total", "other") else name for name in merged
        ]
    return text_array(Column(column.codes, merged), blank_is_missing=True)


def _submitted(table: SurveyTable, source: Source, reading: Reading, n: int) -> "pd.Series":
    import pandas as pd

    stamps = table.submitted
    if stamps is None:
        return pd.Series(np.full(n, np.datetime64("NaT"), dtype="datetime64[us]")).dt.tz_localize("UTC")
    for note in stamps.notes:
        reading.notes.append(note)
    if stamps.order == "ambiguous":
        what = "The day and the month of the times cannot be told apart."
        reading.warn("S402", table.grid.place, what, "Set `date_format:`; the times are left out.")
    if stamps.order == "mixed" or stamps.bad.any():
        lines = table.grid.line_numbers()[stamps.bad] if stamps.bad.any() else table.grid.line_numbers()[:1]
        shown = ", ".join(str(line) for line in lines[:_SHOWN])
        what = f"{max(int(stamps.bad.sum()), 1)} times cannot be read (lines {shown})."
        reading.fail("S401", table.grid.place, what, "Mend them, or set `date_format:`.")
    if not stamps.zoned:
        reading.notes.append("times without a zone are taken as UTC")
    return pd.Series(stamps.values).dt.tz_localize("UTC")


def by_number(waves: Sequence[str]) -> list[str]:
    """Sort names that differ in their numbers only by these, W9 before W10; others keep their place.

    Examples
    --------
    >>> by_number(["spring", "W10", "W9", "autumn"])
    ['spring', 'W9', 'W10', 'autumn']
    """
    first: dict[str, int] = {}
    for place, name in enumerate(waves):
        first.setdefault(_NUMBER.sub("#", name), place)
    return sorted(
        waves, key=lambda name: (first[_NUMBER.sub("#", name)], [int(n) for n in _NUMBER.findall(name)])
    )


def out_of_order(waves: "pd.DataFrame") -> list[str]:
    """Give the waves that opened before one with a smaller number in an otherwise equal name.

    Examples
    --------
    >>> import pandas as pd
    >>> out_of_order(pd.DataFrame({"wave": ["W9", "W10"], "opened_on": pd.to_datetime(["2025-03-01", "2025-02-01"])}))
    ['W10']
    """
    last: dict[str, Any] = {}
    found = []
    dated = dict(zip(waves["wave"], waves["opened_on"], strict=True))
    for name in by_number(list(dated)):
        kind, opened = _NUMBER.sub("#", name), dated[name]
        if opened < last.get(kind, opened):
            found.append(name)
        last[kind] = max(opened, last.get(kind, opened))
    return found


def wave_table(people: "pd.DataFrame", waves: Column, key_kind: str) -> "pd.DataFrame":
    """Give one row a wave, from the first to the last answer."""
    import pandas as pd

    days = (
        people["submitted_at"]
        .dt.tz_localize(None)
        .to_numpy()
        .astype("datetime64[D]")
        .astype("datetime64[us]")
    )
    known = ~np.isnat(days)
    spans: dict[str, tuple[np.datetime64, np.datetime64]] = {}
    for place, name in enumerate(waves.levels):
        here = days[known & (waves.codes == place)]
        if (waves.codes == place).any():
            spans[name] = (here.min(), here.max()) if len(here) else (_NAT, _NAT)
    names = by_number(sorted(spans))
    ends = np.array([spans[name] for name in names], dtype="datetime64[us]").reshape(-1, 2)
    columns = {"wave": text_list(names), "opened_on": ends[:, 0], "closed_on": ends[:, 1]}
    return pd.DataFrame(columns | {"key_kind": text_list([key_kind] * len(names))}, copy=False)
