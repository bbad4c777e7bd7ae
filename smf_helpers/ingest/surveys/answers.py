"""Answer texts → numbers on the item's own scale, with the kind of every missing answer kept apart."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from smf_helpers.ingest.catalogue import KEYS, ItemSpec, known_scales, missing_words, yes_no
from smf_helpers.ingest.grids import Column
from smf_helpers.ingest.headers import normal
from smf_helpers.tables import MISSING

KIND: Final = {kind: place for place, kind in enumerate(MISSING)}
"""Kind of a missing answer → its place in ``MISSING``."""
_PLAIN: Final = re.compile(r"[+-]?\d{1,15}(?:[.,]\d+)?\Z")
_ANCHORED: Final = re.compile(
    r"(?:.*\D)?\s[-–—=:]\s*(-?\d{1,3})\Z|(-?\d{1,3})\s*[-–—=:.)]\s*\D.*\Z", re.DOTALL
)
_CODE: Final = re.compile(r"A(?:O)?0*(\d{1,3})\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """Answers to one question, one for each row.

    Attributes
    ----------
    values : numbers, NaN where there is none.
    missing : kind of missing answer as its place in ``MISSING``, 0 where there is an answer.
    texts : the answer as text where it is no number: stages, comments, unknown labels.
    low, high : ends of the scale as far as they are known.
    unknown : rows whose text could not be read on the item's scale.
    distinct : the numbers that `values` holds, where they are known.
    """

    values: np.ndarray
    missing: np.ndarray
    texts: Column | None
    low: float | None
    high: float | None
    unknown: np.ndarray
    distinct: np.ndarray | None = None


def read_answers(
    column: Column, spec: ItemSpec | None, *, not_asked: tuple[str, ...] = (), codes: tuple[float, ...] = ()
) -> Answers:
    """Read a column of answers.

    Parameters
    ----------
    column : texts as they stand in the export.
    spec : what is known of the item; None for a question that nobody described.
    not_asked : texts with which this tool marks a question that was not shown.
    codes : numbers that mean no answer.
    """
    hidden = {normal(text) for text in not_asked}
    kinds = [_missing(text, hidden) for text in column.levels]
    asked = [text for text, kind in zip(column.levels, kinds, strict=True) if not kind and text.strip()]
    if spec is not None and spec.low is None:
        said: dict[str, float | None] = dict.fromkeys(asked)
        low = high = None
    elif spec is not None:
        said = _on_scale(asked, spec)
        low, high = spec.low, spec.high
    else:
        said, low, high = _on_any_scale(asked)
    free = not any(number is not None for number in said.values())
    table = np.full(len(column.levels) or 1, np.nan)
    unknown = np.zeros(len(column.levels) or 1, dtype=bool)
    for place, text in enumerate(column.levels):
        if kinds[place]:
            continue
        number = said.get(text)
        if number is None:
            unknown[place] = spec is not None and spec.low is not None
        elif number in codes:
            kinds[place] = "user_missing"
        elif spec is not None and _beyond_code(text, number, spec):
            kinds[place] = "dont_know"
        else:
            table[place] = number
    worded = spec is not None and spec.module in KEYS
    texts = column if free or worded else None
    if spec is not None and worded:
        texts = Column(column.codes, _words(spec, table, column.levels))
    return Answers(
        values=table[column.codes],
        missing=np.array([KIND[kind] for kind in kinds] or [0], dtype=np.int8)[column.codes],
        texts=texts,
        low=low,
        high=high,
        unknown=unknown[column.codes] if unknown.any() else np.broadcast_to(False, len(column)),
        distinct=table,
    )


def _missing(text: str, hidden: set[str]) -> str:
    form = normal(text)
    if not form:
        return "skipped"
    return "not_asked" if form in hidden else missing_words().get(form, "")


def _words(spec: ItemSpec, table: np.ndarray, levels: list[str]) -> list[str]:
    keys = KEYS[spec.module]
    low = spec.low or 0.0
    return [
        keys[int(table[i] - low)] if np.isfinite(table[i]) and 0 <= table[i] - low < len(keys) else ""
        for i in range(len(levels))
    ]


def _plain(text: str) -> float | None:
    bare = text.strip()
    return float(bare.replace(",", ".")) if _PLAIN.match(bare) else None


def _anchored(text: str) -> float | None:
    match = _ANCHORED.match(text.strip())
    return float(match[1] or match[2]) if match else None


def _on_scale(texts: list[str], spec: ItemSpec) -> dict[str, float | None]:
    low, high = spec.low or 0.0, spec.high if spec.high is not None else 0.0
    binary = (low, high) == (0.0, 1.0)
    scale = _fitting(frozenset(map(normal, texts)))
    # TRUE among numbers is no five: yes and no are the ends of a scale where nothing else was answered.
    binary = binary or all(normal(text) in yes_no() for text in texts)
    found: dict[str, float | None] = {}
    for text in texts:
        form = normal(text)
        number = spec.numbers.get(form)
        if number is None:
            number = _plain(text)
        if number is None and (match := _CODE.match(text.strip())):
            number = low + int(match[1]) - 1
        if number is None and scale is not None and form in scale:
            number = low + scale[form] * (high - low)
        if number is None:
            number = _anchored(text)
        if number is None and binary and form in yes_no():
            number = high if yes_no()[form] else low
        found[text] = number
    return found


def _beyond_code(text: str, number: float, spec: ItemSpec) -> bool:
    """An answer code one past the scale is how LimeSurvey writes 'no answer'."""
    return spec.high is not None and number == spec.high + 1 and bool(_CODE.match(text.strip()))


def _on_any_scale(texts: list[str]) -> tuple[dict[str, float | None], float | None, float | None]:
    forms = {normal(text) for text in texts}
    if not texts or (len(forms) > 60 and any(_plain(text) is None for text in texts)):
        return dict.fromkeys(texts), None, None
    numbers = {text: _plain(text) for text in texts}
    mixed = {text: _anchored(text) if numbers[text] is None else numbers[text] for text in texts}
    if all(number is not None for number in mixed.values()):
        known = [number for number in mixed.values() if number is not None]
        return mixed, min(known), max(known)
    if forms <= set(yes_no()):
        return {text: yes_no()[normal(text)] for text in texts}, 0.0, 1.0
    scale = _fitting(frozenset(forms))
    if scale is not None and forms <= set(scale) and len(forms) > 1:
        top = float(len(scale))
        return {text: 1 + scale[normal(text)] * (top - 1) for text in texts}, 1.0, top
    return dict.fromkeys(texts), None, None


@lru_cache(maxsize=4096)
def _fitting(forms: frozenset[str]) -> dict[str, float] | None:
    words = {form for form in forms if not _PLAIN.match(form)}
    if not words:
        return None
    best = max(known_scales(), key=lambda scale: len(words & set(scale)))
    return best if words & set(best) else None
