"""A survey as its format left it: one row a respondent, columns of answers, and who and when beside them."""

import re
from dataclasses import dataclass, field
from typing import Final

from smf_helpers.ingest.grids import Column, Grid
from smf_helpers.ingest.headers import named, normal
from smf_helpers.ingest.sources import Source
from smf_helpers.ingest.times import Times

_BRACKET: Final = re.compile(r"(.*?)\s*\[([^\[\]]*)\]\s*\Z", re.DOTALL)
_STATED: Final = re.compile(r"\b([01])\s*(?:to|bis|till|a|à|[-–…])\s*(\d{1,3})\W*\Z")


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
