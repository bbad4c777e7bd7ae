"""Multi-select answers in one cell: split by `;`, by new lines, or by commas with the options known."""

import re
from typing import Final

import numpy as np

from smf_helpers.ingest.catalogue import ItemCatalogue, ItemSpec
from smf_helpers.ingest.grids import Column
from smf_helpers.ingest.headers import clean_name, normal
from smf_helpers.ingest.surveys.answers import KIND, Answers

_FEW: Final = 25
"""A guessed multi-select has at most this many options."""


def split_choices(
    column: Column,
    spec: ItemSpec,
    catalogue: ItemCatalogue,
    not_asked: tuple[str, ...],
    *,
    guess: bool = False,
    seen: np.ndarray | None = None,
) -> list[tuple[ItemSpec, Answers]]:
    """Give one item of 0 and 1 for each option; a blank cell chose nothing, or was skipped by those not in `seen`.

    With `guess`, only a column whose cells repeatedly join the same few texts by `;` counts as multi-select;
    otherwise the list is empty.
    """
    hidden = {normal(text) for text in not_asked}
    if guess and not _joined(column):
        return []
    chosen: list[set[str]] = []
    shown: dict[str, str] = {}
    for level in column.levels:
        parts = set()
        for text in _parts(level, spec, catalogue):
            name = (catalogue.option(spec, text) if spec.options else None) or f"{spec.item}:{text[:80]}"
            shown.setdefault(name, text)
            parts.add(name)
        chosen.append(parts)
    names = [*spec.options, *(name for name in shown if name not in spec.options)]
    if guess and len(names) > _FEW:
        return []
    blank = np.array([not level.strip() for level in column.levels] or [True])
    kept_out = np.array([normal(level) in hidden and bool(level) for level in column.levels] or [False])
    found = []
    for name in names:
        table = np.array([float(name in parts) for parts in chosen] or [0.0])
        table[blank | kept_out] = np.nan
        kinds = np.where(kept_out, KIND["not_asked"], np.where(blank, KIND["skipped"], 0)).astype(np.int8)
        values, missing = table[column.codes], kinds[column.codes]
        if seen is not None:
            none = seen & blank[column.codes]
            values, missing = np.where(none, 0.0, values), np.where(none, 0, missing).astype(np.int8)
        answers = Answers(
            values=values,
            missing=missing,
            texts=None,
            low=0.0,
            high=1.0,
            unknown=np.zeros(len(column), dtype=bool),
        )
        facet = name.removeprefix(f"{spec.item}_")
        module = f"{spec.module}:{facet}" if spec.module and name in spec.options else ""
        wording = shown.get(name) or next(iter(spec.options.get(name, ())), "")
        found.append((ItemSpec(item=name, module=module, low=0.0, high=1.0, wording=wording), answers))
    return found


def _joined(column: Column) -> bool:
    used = column.used()
    several = [level for level in used if ";" in level.rstrip("; ")]
    if len(several) < 2 or len(several) < 0.2 * len(used):
        return False
    parts = [clean_name(part) for level in used for part in level.split(";") if part.strip()]
    return len(set(parts)) <= min(_FEW, len(parts) / 2) and max(map(len, parts)) < 120


def _parts(level: str, spec: ItemSpec, catalogue: ItemCatalogue) -> list[str]:
    text = level.strip().strip(";").strip()
    if not text:
        return []
    if spec.options and catalogue.option(spec, text):
        return [text]
    if ";" in text or "\n" in text:
        return [part for part in (clean_name(part) for part in re.split(r"[;\n]", text)) if part]
    if "," in text and spec.options:
        return _by_commas(text, spec, catalogue)
    return [clean_name(text)]


def _by_commas(text: str, spec: ItemSpec, catalogue: ItemCatalogue) -> list[str]:
    """Cut at those commas that leave known options; the longest option wins, an unknown rest stays whole."""
    pieces = [piece.strip() for piece in text.split(",")]
    found: list[str] = []
    rest: list[str] = []
    start = 0
    while start < len(pieces):
        for end in range(len(pieces), start, -1):
            candidate = ", ".join(pieces[start:end])
            if catalogue.option(spec, candidate):
                found.append(candidate)
                start = end
                break
        else:
            rest.append(pieces[start])
            start += 1
    return [*found, *([", ".join(rest)] if rest else [])]
