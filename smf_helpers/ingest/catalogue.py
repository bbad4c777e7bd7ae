"""The items that columns of a survey are matched with: the ready-made questionnaire and the client's own."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Final

import yaml

from smf_helpers.framework import ACCESS, STAGES
from smf_helpers.ingest.headers import normal, unnumbered


@dataclass(frozen=True, kw_only=True)
class ItemSpec:
    """What is known of a question before a file is read.

    Attributes
    ----------
    item : name of the question in the canonical tables.
    module : factor or module of the framework.
    low, high : ends of the scale; None where it has no number.
    reverse : agreeing means less of the factor.
    wording : question as asked.
    headers : further headers under which it stands in files.
    labels : answer text → number, beyond the scales that are known.
    options : for multi-select: option's item → its texts and codes.
    composite : answers are means of several, so values between the points are right.
    """

    item: str
    module: str
    low: float | None = None
    high: float | None = None
    reverse: bool = False
    wording: str = ""
    headers: tuple[str, ...] = ()
    labels: Mapping[str, float] = field(default_factory=dict)
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    composite: bool = False

    @cached_property
    def numbers(self) -> dict[str, float]:
        """Normal form of an answer text → number."""
        return {normal(text): number for text, number in self.labels.items()}


class ItemCatalogue:
    """Items by name, found by code, wording or any header that the client gave."""

    def __init__(self, items: Iterable[ItemSpec] = ()) -> None:
        self.items: dict[str, ItemSpec] = {item.item: item for item in items}
        self._by_header: dict[str, ItemSpec] = {}
        self._options: dict[str, tuple[ItemSpec, str]] = {}
        for item in self.items.values():
            for header in (item.item, item.wording, *item.headers):
                for form in (normal(header), unnumbered(header)):
                    if form:
                        self._by_header.setdefault(form, item)
            for option, texts in item.options.items():
                for text in texts:
                    self._options.setdefault(f"{item.item}\0{_squeezed(text)}", (item, option))

    def __len__(self) -> int:
        return len(self.items)

    def find(self, *headers: str) -> ItemSpec | None:
        """Give the item of the first header that is known."""
        for header in headers:
            item = self._by_header.get(normal(header)) or self._by_header.get(unnumbered(header))
            if item is not None:
                return item
        return None

    def option(self, item: ItemSpec, text: str) -> str | None:
        """Give the option's own item, told from its text or code."""
        found = self._options.get(f"{item.item}\0{_squeezed(text)}")
        return found[1] if found else None

    @classmethod
    @cache
    def ready_made(cls) -> "ItemCatalogue":
        """Give the items of the ready-made questionnaire, in all of its languages."""
        return cls(_ready_made())


def _squeezed(text: str) -> str:
    return "".join(mark for mark in normal(text) if mark.isalnum())


def _ready_made() -> list[ItemSpec]:
    from smf_helpers.ingest.questionnaire import ITEMS

    found = []
    for asked in ITEMS:
        by_place = list(zip(*asked.options.values(), strict=True))
        keys = asked.keys or ("",) * len(by_place)
        several = asked.kind == "many_of"
        texts = [
            tuple(
                dict.fromkeys(
                    (
                        *([key] if key else []),
                        *words,
                        *((asked.option_code(k), str(k + 1)) if several else ()),
                    )
                )
            )
            for k, (key, words) in enumerate(zip(keys, by_place, strict=True))
        ]
        numbered = asked.kind not in ("many_of", "text")
        labels = {text: float(asked.low + place) for place, words in enumerate(texts) for text in words}
        found.append(
            ItemSpec(
                item=asked.code,
                module=asked.module,
                low=None if asked.kind == "text" else asked.low,
                high=None if asked.kind == "text" else asked.high,
                reverse=asked.reverse,
                wording=asked.wording["en"],
                headers=asked.headers,
                labels=labels if numbered else {},
                options={f"{asked.code}_{key}": words for key, words in zip(keys, texts, strict=True)}
                if several
                else {},
            )
        )
    return found


KEYS: Final[dict[str, tuple[str, ...]]] = {"stage": STAGES, "access": ACCESS}
"""Modules whose answers are also kept as words."""


def own_items(items: Mapping[str, Any], ready: ItemCatalogue) -> ItemCatalogue:
    """Put the client's items (params) over those of the ready-made questionnaire."""
    own = []
    for name, item in items.items():
        base = ready.items.get(name)
        default = (0.0, 10.0) if item.module == "recommendation" else (1.0, 5.0)
        low, high = item.scale or ((base.low, base.high) if base else default)
        own.append(
            ItemSpec(
                item=name,
                module=item.module,
                low=None if item.module == "comment" else low,
                high=None if item.module == "comment" else high,
                reverse=item.reverse,
                wording=item.wording or (base.wording if base else ""),
                headers=(*item.columns, *(base.headers if base else ())),
                labels={**(base.labels if base else {}), **(item.labels or {})},
                options=base.options if base else {},
                composite=item.composite,
            )
        )
    kept = [item for name, item in ready.items.items() if name not in items]
    return ItemCatalogue([*own, *kept])


@cache
def scales() -> Mapping[str, Any]:
    """Give the answer texts that are known without a mapping: ``scales.yml`` beside this file."""
    text = Path(__file__).with_name("scales.yml").read_text(encoding="utf-8")
    loaded: Mapping[str, Any] = yaml.safe_load(text)
    return loaded


@cache
def known_scales() -> list[dict[str, float]]:
    """Give each known scale as normal form → position from 0 to 1."""
    found = []
    for texts in scales()["scales"]:
        last = len(texts) - 1
        found.append({normal(str(text)): place / last for place, text in enumerate(texts)})
    return found


@cache
def missing_words() -> dict[str, str]:
    """Give the texts that mean no answer: normal form → kind of missing answer."""
    return {normal(str(text)): kind for kind, texts in scales()["missing"].items() for text in texts}


@cache
def yes_no() -> dict[str, float]:
    """Give the texts that mean yes (1) and no (0)."""
    words = scales()["yes_no"]
    return {
        normal(str(text)): float(value)
        for value, texts in ((1, words["yes"]), (0, words["no"]))
        for text in texts
    }
