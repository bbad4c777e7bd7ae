"""Findings and answers: claims in plain words, each with evidence, grade and remedy."""

from dataclasses import dataclass
from typing import Literal

Grade = Literal["measured", "associated", "tested", "assumed"]
Question = Literal[1, 2, 3]
Tone = Literal["good", "bad", "mixed", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Where a claim comes from: a published table, its rows, and the figures as told.

    Attributes
    ----------
    table : name of the published table.
    where : (column, value) pairs that pick the rows.
    text : the figures in words, such as ``3.4 of 5 (3.2 to 3.6), 212 people``.
    """

    table: str
    where: tuple[tuple[str, str], ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A claim in plain words.

    Attributes
    ----------
    key : stable name, such as ``bottleneck`` or ``barrier:time``.
    kind : the registered kind of result that wrote it.
    question : which of the three questions it helps to answer.
    claim : one sentence.
    evidence : where it comes from.
    grade : how far the claim goes.
    overturn : what would overturn it, one sentence.
    remedy : what practice recommends, tied to the factor; empty where nothing needs doing.
    factor : factor concerned, or empty.
    unit : unit concerned, or empty for the whole organisation.
    tone : good, bad, mixed or unknown news.
    weight : importance for the reader, 0 to 1, for ordering.
    caveat : what the reader must keep in mind; empty where nothing.
    """

    key: str
    kind: str
    question: Question
    claim: str
    evidence: tuple[Evidence, ...]
    grade: Grade
    overturn: str
    remedy: str = ""
    factor: str = ""
    unit: str = ""
    tone: Tone = "unknown"
    weight: float = 0.5
    caveat: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer to one of the three questions, made from findings only.

    Attributes
    ----------
    question : 1, 2 or 3.
    verdict : ``yes``, ``partly``, ``no`` or ``unknown`` for 1 and 2; ``act`` for 3.
    headline : the answer in one sentence.
    because : what it rests on, one or two sentences.
    uncertainty : how sure we are and why, one sentence.
    findings : keys of the findings it rests on, most important first.
    """

    question: Question
    verdict: Literal["yes", "partly", "no", "unknown", "act"]
    headline: str
    because: str
    uncertainty: str
    findings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One of the next actions: what to do, for whom, and the finding that asks for it."""

    what: str
    why: str
    finding: str
    factor: str = ""
    when: str = ""
