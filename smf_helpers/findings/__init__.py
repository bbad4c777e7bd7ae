"""Published tables → claims in plain words, each with its evidence, grade and remedy.

All prose about results lives in this room, written per kind of result: a *writer* reads published tables and
yields `Finding`s, and is registered in `WRITERS`. A writer sees what passed the gate and nothing else, so no
sentence can hold a number that the page may not show.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from smf_helpers.language import Language, language
from smf_helpers.registry import Registry
from smf_helpers.results.claims import Action, Answer, Finding
from smf_helpers.results.publication import Table

__all__ = ["WRITERS", "Reading", "conclude"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a writer has before it: the tables, the language, and labels of the client's own keys."""

    tables: Mapping[str, Table]
    language: Language
    labels: Mapping[str, str]


WRITERS: Registry[Callable[[Reading], Iterator[Finding]]] = Registry("finding")


def conclude(
    tables: Mapping[str, Table], *, language: str, labels: Mapping[str, str]
) -> tuple[list[Finding], list[Answer], list[Action]]:
    """Write the findings of these tables, and the three answers from the findings only."""
    reading = Reading(tables=tables, language=_language(language), labels=labels)
    findings = [finding for write in WRITERS.values() for finding in write(reading)]
    return findings, [], []


def _language(code: str) -> Language:
    return language(code)
