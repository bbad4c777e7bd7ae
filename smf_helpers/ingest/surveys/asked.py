"""Columns of a survey → items: told by code, wording or option, each with its answers."""

import re
from dataclasses import replace
from typing import Final

import numpy as np

from smf_helpers.ingest.catalogue import ItemSpec, yes_no
from smf_helpers.ingest.grids import Column
from smf_helpers.ingest.headers import clean_name, normal
from smf_helpers.ingest.sources import Source
from smf_helpers.ingest.surveys.answers import KIND, Answers, read_answers
from smf_helpers.ingest.surveys.choices import split_choices
from smf_helpers.ingest.surveys.layout import Question, SurveyTable, scale_in, split_header
from smf_helpers.ingest.surveys.respondents import file_stem

_NUMBERED: Final = re.compile(r"(.+)_(\d{1,2})")
"""A column of one option as Qualtrics names it: the question's name and the option's number."""


def renamed(spec: ItemSpec, name: str) -> ItemSpec:
    """Give the item another name."""
    return replace(spec, item=name)


def incomparable(spec: ItemSpec, source: Source) -> ItemSpec:
    """An item that the params call not comparable gets a name of its own in this wave."""
    if spec.item not in source.options.not_comparable:
        return spec
    return renamed(spec, f"{spec.item}@{source.options.wave or file_stem(source.name)}")


def _resolve(question: Question, source: Source) -> tuple[ItemSpec, str] | None:
    catalogue = source.options.catalogue
    base, option = split_header(question.header)
    option = question.option or option
    code, code_option = split_header(question.code)
    option = option or code_option
    spec = catalogue.find(question.code, question.header) if not option else None
    if spec is not None:
        return spec, ""
    if not option and (numbered := _NUMBERED.fullmatch(question.code)):
        several = catalogue.find(numbered[1])
        if several is not None and several.options:
            return several, numbered[2]
    spec = catalogue.find(f"{base} [{option}]", code, base) if option else None
    if spec is not None and spec.options:
        return spec, option
    inner = catalogue.find(option) if option else None
    return (inner, "") if inner is not None else ((spec, option) if spec is not None else None)


def answers_to(
    question: Question,
    column: Column,
    table: SurveyTable,
    source: Source,
) -> list[tuple[ItemSpec, Answers]]:
    """Give the items that a column holds, each with its answers: one, or one for each option."""
    known = _resolve(question, source)
    codes = source.options.missing_codes
    if known is not None and known[0].options:
        spec, option = known
        if not option:
            seen = _went_on(question, table)
            return split_choices(column, spec, source.options.catalogue, table.not_asked, seen=seen)
        name = source.options.catalogue.option(spec, option) or f"{spec.item}:{option}"
        return [(option_spec(spec, name, option), _ticks(column, table.not_asked))]
    if known is not None:
        spec, option = known
        if option:
            spec = renamed(spec, f"{spec.item}:{option}")
        answers = read_answers(column, spec, not_asked=table.not_asked, codes=codes)
        if spec.item in source.options.not_comparable:
            free = read_answers(column, None, not_asked=table.not_asked, codes=codes)

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

    if question.option and answers.low is None and len(column.used()) == 1:
        return [(replace(spec, low=0.0, high=1.0), _ticks(column, table.not_asked))]
    return [(replace(spec, low=answers.low, high=answers.high), answers)]


def _round_up(found: float | None, usual: float | None) -> float | None:
    """Give the top of a changed scale: the usual one unless an answer lies beyond it (then 7 or 10)."""
    if found is None or usual is None or found <= usual:
        return usual
    return next((top for top in (6.0, 7.0, 10.0, 100.0) if found <= top), found)


def _went_on(question: Question, table: SurveyTable) -> "np.ndarray":
    """Say who answered a later question, or any other where this is the last: they saw it, and a blank chooses nothing."""
    others = [each.position for each in table.questions if each.position != question.position]
    later = [position for position in others if position > question.position] or others
    went_on = np.zeros(table.grid.n_rows, dtype=bool)
    for position in later:
        went_on |= ~table.grid.columns[position].blank()
    return went_on


def option_spec(spec: ItemSpec, name: str, option: str) -> ItemSpec:
    """Give the item of one option of a multi-select, with its facet of the module."""
    facet = name.removeprefix(f"{spec.item}_").removeprefix(f"{spec.item}:")
    module = f"{spec.module}:{facet}" if spec.module and name in spec.options else ""
    texts = spec.options.get(name, ())
    wording = texts[1] if len(texts) > 1 else option or spec.wording
    return ItemSpec(item=name, module=module, low=0.0, high=1.0, wording=wording)


def _ticks(column: Column, not_asked: tuple[str, ...]) -> Answers:
    """Read a column of one option: its own text, 1, Y or yes when chosen; blank, 0 or no when not."""

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
