"""Where a section is added: key, title, lead, and the function that makes its blocks."""

from collections.abc import Callable
from dataclasses import dataclass

from smf_helpers.figures import Reader
from smf_helpers.registry import Registry
from smf_helpers.report.blocks import Block

Maker = Callable[[Reader], list[Block]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """One section of the report.

    Attributes
    ----------
    key : name in the notebook and in the page's addresses.
    title : title in English, looked up in the catalogue of the language.
    lead : what the section answers, a sentence in English.
    make : gives its blocks.
    """

    key: str
    title: str
    lead: str
    make: Maker


CHAPTERS: Registry[Chapter] = Registry("section")
"""The sections of a client's report."""

SIDE_BY_SIDE: Registry[Chapter] = Registry("section of the portfolio")
"""The sections of a page that compares several clients."""


def chapter(key: str, title: str, lead: str, *, of: Registry[Chapter] = CHAPTERS) -> Callable[[Maker], Maker]:
    """Register the decorated function as a section, of a client's report by default."""

    def keep(make: Maker) -> Maker:
        of.add(key, Chapter(key=key, title=title, lead=lead, make=make))
        return make

    return keep
