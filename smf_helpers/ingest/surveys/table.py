"""A survey in wide form → respondents, responses, items and the wave: what all survey formats share."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from smf_helpers.ingest.catalogue import ItemSpec
from smf_helpers.ingest.frames import text_array
from smf_helpers.ingest.grids import Column, Grid
from smf_helpers.ingest.headers import clean_name, named, normal
from smf_helpers.ingest.limits import MAX_TEXT
from smf_helpers.ingest.readers import Reading
from smf_helpers.ingest.sources import Source
from smf_helpers.ingest.surveys.answers import KIND, Answers, read_answers
from smf_helpers.ingest.surveys.choices import split_choices
from smf_helpers.ingest.values import Times
from smf_helpers.tables import MISSING

if TYPE_CHECKING:
    import pandas as pd

_BRACKET: Final = re.compile(r"(.*?)\s*\[([^\[\]]*)\]\s*\Z", re.DOTALL)
_STATED: Final = re.compile(r"\b([01])\s*(?:to|bis|till|a|à|[-–…])\s*(\d{1,3})\W*\Z")
_UNTIDY: Final = re.compile(r"\.0+$|^\s|\s$|\s\s|[\x00-\x09\x0b-\x1f\x7f]", re.MULTILINE)
_SHOWN: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A column of answers: where it stands, what it is called, which option of a multi-select it is."""

    position: int
    header: str
    code: str = ""
    option: str = ""


@dataclass(slots=True, kw_only=True)
class SurveyTable:
    """A survey as its format left it: one row a respondent, header rows gone.

    Attributes
    ----------
    grid : rows of respondents.
    questions : columns of answers.
    respondent : ids; None where nobody can be told apart from one wave to another.
    key_kind : ``panel``, ``self_made``, ``hashed`` or ``none``.
    submitted : when each was sent.
    not_asked : texts that mark a question that was not shown.
    """

    grid: Grid
    questions: list[Question]
    respondent: Column | None = None
    key_kind: str = "none"
    submitted: Times | None = None
    not_asked: tuple[str, ...] = ()
    unit: Column | None = None
    role: Column | None = None
    tenure: Column | None = None
    weight: Column | None = None
    wave: Column | None = None
    taken: set[int] = field(default_factory=set)


def split_header(header: str) -> tuple[str, str]:
    """Split ``question [option]`` into its two parts; the option is empty where there is none."""
    match = _BRACKET.match(header)
    return (match[1], match[2]) if match and match[1] else (header, "")


def scale_in(header: str) -> tuple[float, float] | None:
    """Give the scale that a wording states, such as ``(1 to 7)`` at its end.

    Examples
    --------
    >>> scale_in("How likely are you to recommend us, 0-10?"), scale_in("In 2019-2020 we")
    ((0.0, 10.0), None)
    """
    match = _STATED.search(header)
    low, high = (float(match[1]), float(match[2])) if match else (0.0, 0.0)
    return (low, high) if low in (0.0, 1.0) and 2 <= high <= 100 else None


def find_attributes(table: SurveyTable, source: Source) -> None:
    """Take unit, role, tenure, weight and wave out of the questions, told by their headers."""
    headers = [question.header for question in table.questions]
    places = named(headers, "respondent")
    wanted = source.options.wave_column
    if wanted is not None:
        forms = [normal(header) for header in headers]
        if normal(wanted) in forms:
            places["wave"] = forms.index(normal(wanted))
    for name in ("unit", "role", "tenure", "weight", "wave", "respondent"):
        if name not in places or (name == "wave" and source.options.wave and not wanted):
            continue
        if getattr(table, name) is not None:
            continue
        question = table.questions[places[name]]
        setattr(table, name, table.grid.columns[question.position])
        table.taken.add(question.position)
        if name == "respondent":
            table.key_kind = "self_made"
    table.questions = [question for question in table.questions if question.position not in table.taken]


def read_survey(table: SurveyTable, source: Source, reading: Reading) -> Reading:
    """Turn a survey into canonical tables and account for every row that is not there."""
    find_attributes(table, source)
    grid = table.grid
    reading.rows_in = grid.n_rows
    answered = _answered(table)
    kept = np.flatnonzero(answered)
    blank = int((~answered).sum())
    if blank:
        reading.rejected["rows without any answer"] += blank
    kept = _without_totals(table, kept, reading)
    kept = _without_copies(table, kept, reading)
    grid = grid.part(kept)
    table = _kept(table, grid, kept)
    waves = _waves(table, source, reading)
    people = _respondents(table, source, reading, waves)
    responses, items = _responses(table, source, reading, people, waves)
    reading.tables = {
        "respondents": people,
        "responses": responses,
        "items": items,
        "waves": _wave_table(people, table.key_kind),
    }
    return reading


def _answered(table: SurveyTable) -> np.ndarray:
    hidden = {normal(text) for text in table.not_asked}
    said = np.zeros(table.grid.n_rows, dtype=bool)
    for question in table.questions:
        column = table.grid.columns[question.position]
        said |= column.map(lambda text: bool(text.strip()) and normal(text) not in hidden, dtype=bool)
    return said


def _without_totals(table: SurveyTable, kept: np.ndarray, reading: Reading) -> np.ndarray:
    first = table.grid.columns[0]
    ends = np.concatenate([kept[:2], kept[-2:]])
    words = ("total", "totals", "summe", "gesamt", "yhteensä", "sum", "average", "mean", "keskiarvo")
    at = [row for row in ends if normal(first.levels[first.codes[row]]) in words]
    total = np.isin(kept, at)
    if total.any():
        reading.rejected["totals rows"] += int(total.sum())
        reading.warn("S121", table.grid.place, "A totals row was left out.", "")
    return kept[~total]


def _without_copies(table: SurveyTable, kept: np.ndarray, reading: Reading) -> np.ndarray:
    """Keep one of rows that are equal in every cell."""
    if table.respondent is None and table.submitted is None:
        return kept
    if any(len(column.levels) == table.grid.n_rows for column in table.grid.columns):
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


def _waves(table: SurveyTable, source: Source, reading: Reading) -> Column:
    n = table.grid.n_rows
    if table.wave is None:
        return Column(np.zeros(n, dtype=np.int32), [source.options.wave or _stem(source.name)])
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


def _stem(name: str) -> str:
    return name.rsplit("/", 1)[-1].split(".", 1)[0] or "wave"


def _respondents(table: SurveyTable, source: Source, reading: Reading, waves: Column) -> "pd.DataFrame":
    import pandas as pd

    n = table.grid.n_rows
    place = table.grid.place
    if table.respondent is None:
        ids: Any = [f"{source.digest[:8]}-{line}" for line in table.grid.line_numbers()]
    else:
        ids = _clean_ids(table.respondent, table, reading)
    columns: dict[str, Any] = {"respondent": pd.array(ids, dtype="str"), "wave": text_array(waves)}
    columns["unit"] = _names(table.unit, n, place, reading, "unit")
    columns["role"] = _names(table.role, n, place, reading, "role")
    for name in ("tenure", "weight"):
        column = getattr(table, name)
        if column is not None:
            from smf_helpers.ingest.values import numbers

            columns[name] = numbers(column).values
    columns["submitted_at"] = _submitted(table, source, reading, n)
    people = pd.DataFrame(columns)
    if table.respondent is not None:
        _check_people(people, table, reading)
    return people


def _clean_ids(column: Column, table: SurveyTable, reading: Reading) -> list[str]:
    from smf_helpers.ingest.values import lossy_ids

    lossy = lossy_ids(column)
    if lossy:
        what = f"{lossy} respondent ids were rounded by a spreadsheet (1.2E+11)."
        reading.fail("S303", table.grid.place, what, "Export again and do not save it from a spreadsheet.")
    whole = "\n".join(column.levels)
    if whole.isascii() and not _UNTIDY.search(whole):
        return list(column.values)
    levels = [re.sub(r"^(\d+)\.0+$", r"\1", clean_name(level)) for level in column.levels]
    changed = sum(a != b for a, b in zip(levels, column.levels, strict=True))
    if changed:
        reading.warn("S304", table.grid.place, f"{changed} ids were tidied (blanks, '.0').")
    return list(np.array(levels or [""], dtype=object)[column.codes])


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


def _names(column: Column | None, n: int, place: str, reading: Reading, what: str) -> Any:
    """Give names with their spellings merged: the first one stands for all."""
    if column is None:
        return text_array(Column(np.zeros(n, dtype=np.int32), [""]), blank_is_missing=True)
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


def _wave_table(people: "pd.DataFrame", key_kind: str) -> "pd.DataFrame":
    import pandas as pd

    days = people["submitted_at"].dt.tz_localize(None).dt.normalize()
    grouped = days.groupby(people["wave"].astype(str), sort=True)
    return pd.DataFrame(
        {
            "wave": list(grouped.groups),
            "opened_on": grouped.min().to_numpy(),
            "closed_on": grouped.max().to_numpy(),
            "key_kind": key_kind,
        }
    )


@dataclass(slots=True)
class _Long:
    """Answers collected question by question."""

    items: list[ItemSpec] = field(default_factory=list)
    rows: list[np.ndarray] = field(default_factory=list)
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
    for question in table.questions:
        column = table.grid.columns[question.position]
        for spec, answers in _one_question(question, column, table, source):
            names[spec.item] += 1
            if names[spec.item] > 1:
                if spec.module:
                    what = f"The item '{spec.item}' stands in two columns."
                    reading.fail("S104", table.grid.place, what, "Remove one and run again.")
                    continue
                spec = _renamed(spec, f"{spec.item} ({names[spec.item]})")
            _check_scale(spec, answers, table, reading)
            long.add(_incomparable(spec, source), answers)
    n, count = table.grid.n_rows, len(long.items)
    if not count:
        reading.fail(
            "S105", table.grid.place, "No column holds answers.", "Check the file, or give a mapping."
        )
        return pd.DataFrame(), pd.DataFrame()
    respondent = people["respondent"].array
    every = np.tile(np.arange(n), count)
    columns = {
        "respondent": respondent.take(every),
        "wave": people["wave"].array.take(every),
        "item": text_array(Column(np.repeat(np.arange(count), n), [spec.item for spec in long.items])),
        "value": np.concatenate(long.values),
        "text": _texts(long.texts, n, table, reading),
        "missing": text_array(Column(np.concatenate(long.missing), list(MISSING))),
    }
    return pd.DataFrame(columns), _items(long.items)


def _texts(texts: Sequence[Column | None], n: int, table: SurveyTable, reading: Reading) -> Any:
    levels: list[str] = [""]
    codes = []
    cut = 0
    for column in texts:
        if column is None:
            codes.append(np.zeros(n, dtype=np.int64))
            continue
        codes.append(column.codes + len(levels))
        for level in column.levels:
            cut += len(level) > MAX_TEXT
            levels.append(level[:MAX_TEXT].strip())
    if cut:
        what = f"{cut} answers are longer than {MAX_TEXT:,} characters and were cut."
        reading.warn("S125", table.grid.place, what)
    return text_array(Column(np.concatenate(codes), levels), blank_is_missing=True)


def _items(specs: list[ItemSpec]) -> "pd.DataFrame":
    import pandas as pd

    nan = float("nan")
    return pd.DataFrame(
        {
            "item": [spec.item for spec in specs],
            "wording": [spec.wording for spec in specs],
            "module": [spec.module for spec in specs],
            "scale_min": [nan if spec.low is None else spec.low for spec in specs],
            "scale_max": [nan if spec.high is None else spec.high for spec in specs],
            "reverse": [spec.reverse for spec in specs],
        }
    )


def _renamed(spec: ItemSpec, name: str) -> ItemSpec:
    from dataclasses import replace

    return replace(spec, item=name)


def _incomparable(spec: ItemSpec, source: Source) -> ItemSpec:
    """An item that the params call not comparable gets a name of its own in this wave."""
    if spec.item not in source.options.not_comparable:
        return spec
    return _renamed(spec, f"{spec.item}@{source.options.wave or _stem(source.name)}")


def _resolve(question: Question, source: Source) -> tuple[ItemSpec, str] | None:
    catalogue = source.options.catalogue
    base, option = split_header(question.header)
    option = question.option or option
    code, code_option = split_header(question.code)
    option = option or code_option
    spec = catalogue.find(question.code, question.header) if not option else None
    if spec is not None:
        return spec, ""
    spec = catalogue.find(f"{base} [{option}]", code, base) if option else None
    if spec is not None and spec.options:
        return spec, option
    inner = catalogue.find(option) if option else None
    return (inner, "") if inner is not None else ((spec, option) if spec is not None else None)


def _one_question(
    question: Question,
    column: Column,
    table: SurveyTable,
    source: Source,
) -> list[tuple[ItemSpec, Answers]]:
    known = _resolve(question, source)
    codes = source.options.missing_codes
    if known is not None and known[0].options:
        spec, option = known
        if not option:
            return split_choices(column, spec, source.options.catalogue, table.not_asked)
        name = source.options.catalogue.option(spec, option) or f"{spec.item}:{option}"
        return [(option_spec(spec, name, option), _ticks(column, table.not_asked))]
    if known is not None:
        spec, option = known
        if option:
            spec = _renamed(spec, f"{spec.item}:{option}")
        answers = read_answers(column, spec, not_asked=table.not_asked, codes=codes)
        if spec.item in source.options.not_comparable:
            free = read_answers(column, None, not_asked=table.not_asked, codes=codes)
            from dataclasses import replace

            said = scale_in(question.header)
            low, top = said if said else (spec.low, _round_up(free.high, spec.high))
            return [(replace(spec, low=low, high=top), replace(free, low=low, high=top))]
        return [(spec, answers)]
    spec = ItemSpec(item=_own_name(question), module="", wording=question.header.strip(), low=None, high=None)
    if not question.option:
        split = split_choices(column, spec, source.options.catalogue, table.not_asked, guess=True)
        if split:
            return split
    answers = read_answers(column, None, not_asked=table.not_asked, codes=codes)
    from dataclasses import replace

    if question.option and answers.low is None and len(column.used()) == 1:
        return [(replace(spec, low=0.0, high=1.0), _ticks(column, table.not_asked))]
    return [(replace(spec, low=answers.low, high=answers.high), answers)]


def _round_up(found: float | None, usual: float | None) -> float | None:
    """Give the top of a changed scale: the usual one unless an answer lies beyond it (then 7 or 10)."""
    if found is None or usual is None or found <= usual:
        return usual
    return next((top for top in (6.0, 7.0, 10.0, 100.0) if found <= top), found)


def option_spec(spec: ItemSpec, name: str, option: str) -> ItemSpec:
    """Give the item of one option of a multi-select, with its facet of the module."""
    facet = name.removeprefix(f"{spec.item}_").removeprefix(f"{spec.item}:")
    module = f"{spec.module}:{facet}" if spec.module and name in spec.options else ""
    texts = spec.options.get(name, ())
    wording = texts[1] if len(texts) > 1 else option or spec.wording
    return ItemSpec(item=name, module=module, low=0.0, high=1.0, wording=wording)


def _ticks(column: Column, not_asked: tuple[str, ...]) -> Answers:
    """Read a column of one option: its own text, 1, Y or yes when chosen; blank, 0 or no when not."""
    from smf_helpers.ingest.catalogue import yes_no

    hidden = {normal(text) for text in not_asked}

    def tick(text: str) -> float:
        form = normal(text)
        if form in hidden:
            return float("nan")
        return 0.0 if form in ("", "0", "0.0") or yes_no().get(form) == 0.0 else 1.0

    values = column.map(tick, dtype=float)
    missing = np.where(np.isnan(values), KIND["not_asked"], 0).astype(np.int8)
    none = np.zeros(len(column), dtype=bool)
    return Answers(values=values, missing=missing, texts=None, low=0.0, high=1.0, unknown=none)


def _own_name(question: Question) -> str:
    name = clean_name(question.code or question.header)[:120] or f"column {question.position + 1}"
    return f"{name}:{clean_name(question.option)[:80]}" if question.option else name


def _check_scale(spec: ItemSpec, answers: Answers, table: SurveyTable, reading: Reading) -> None:
    """Refuse answers outside the scale of a described item, and texts that are no answer on it."""
    if not spec.module or spec.low is None or spec.high is None:
        return
    place, lines = table.grid.place, table.grid.line_numbers()
    if answers.unknown.any():
        where = ", ".join(str(line) for line in lines[answers.unknown][:_SHOWN])
        what = f"{spec.item}: {int(answers.unknown.sum())} answers are no numbers and no known labels (lines {where})."
        reading.fail("S203", place, what, "Give `labels:` for this item: answer text → number.")
    values = answers.values
    with np.errstate(invalid="ignore"):
        outside = (values < spec.low) | (values > spec.high)
        split = (
            np.isfinite(values)
            & (values != np.rint(values))
            & (spec.high - spec.low <= 10)
            & (not spec.composite)
        )
    if outside.any():
        found = np.unique(values[np.isfinite(values)])
        guess = _other_scale(found, spec)
        where = ", ".join(str(line) for line in lines[outside][:_SHOWN])
        scale = f"{spec.low:g}-{spec.high:g}"
        if guess:
            reading.fail(
                "S202", place, f"{spec.item}: the scale looks like {guess}, not {scale}.",
                "Set `scale:` of the item, or name it under `not_comparable:` of the wave.",
            )  # fmt: skip
        else:
            what = f"{spec.item}: {int(outside.sum())} values outside {scale} (lines {where})."
            reading.fail("S201", place, what, "Set `missing_codes:` if they mean no answer.")
    if split.any():
        where = ", ".join(str(line) for line in lines[split][:_SHOWN])
        what = f"{spec.item}: {int(split.sum())} answers lie between the points of the scale (lines {where})."
        reading.fail("S204", place, what, "Export single answers, not means.")
    if not np.isfinite(values).any() and len(values) and not answers.unknown.any():
        reading.warn("S126", place, f"{spec.item}: nobody answered; it is left out of the scores.")


def _other_scale(found: np.ndarray, spec: ItemSpec) -> str:
    """Name the scale that the values fit when they do not fit the item's own."""
    if spec.low is None or spec.high is None or len(found) < 4 or not np.all(found == np.rint(found)):
        return ""
    low, high = found.min(), found.max()
    if low == 0 and high == spec.high - 1:
        return f"0-{high:g}"
    return next((f"1-{top}" for top in (6, 7, 10) if low >= 1 and spec.high < high == top), "")
