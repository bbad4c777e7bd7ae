"""Published tables → claims in plain words, each with its evidence, grade and remedy.

All prose about results lives in this room, written per kind of result: a *writer* reads published tables and
yields `Finding`s, and is registered in `WRITERS`. A writer sees what passed the gate and nothing else, so no
sentence can hold a number that the page may not show.
"""

from collections.abc import Mapping

from smf_helpers.findings import adoption, framework, interventions, learning, people
from smf_helpers.findings.answers import answer
from smf_helpers.findings.reading import Reading
from smf_helpers.findings.register import WRITERS
from smf_helpers.language import language as language_of
from smf_helpers.results.claims import Action, Answer, Finding
from smf_helpers.results.publication import Table

__all__ = ["WRITERS", "Reading", "adoption", "conclude", "framework", "interventions", "learning", "people"]


def conclude(
    tables: Mapping[str, Table], *, language: str = "en", labels: Mapping[str, str] | None = None
) -> tuple[list[Finding], list[Answer], list[Action]]:
    """Write the findings of these tables, and the three answers from the findings only.

    Parameters
    ----------
    tables : published tables by name; tables that are absent are simply not told about.
    language : language code of the sentences.
    labels : the client's own labels for its keys.

    Examples
    --------
    >>> findings, answers, actions = conclude({})
    >>> [answer.verdict for answer in answers]
    ['unknown', 'unknown', 'unknown']
    """
    reading = Reading(tables=tables, language=language_of(language), labels=labels or {})
    findings = [finding for write in WRITERS.values() for finding in write(reading)]
    findings.sort(key=lambda finding: (-finding.weight, finding.key))
    answers, actions = answer(reading, findings)
    return findings, answers, actions
