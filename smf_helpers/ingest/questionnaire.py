"""The ready-made survey: forty-five questions in English and Finnish, and where they come back.

Three questions a factor (some reverse-keyed), the stage of the development path, four skills, the seven barriers,
recommendation, the importance of each factor, policy, owner, executives, e-mail, access and one open question.
`write_questionnaire` exports it for survey tools; an answer sheet that comes back is recognised by `Question.headers`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from smf_helpers.errors import Fault, ParamsError
from smf_helpers.framework import ACCESS, BARRIERS, FACTOR_KEYS, STAGES
from smf_helpers.ingest.questionnaire_words import (
    ACCESS_TEXTS,
    AGREE,
    BARRIER_TEXTS,
    CONDITIONS,
    FACTORS,
    IMPORTANCE,
    IMPORTANT,
    LIKELY,
    REVERSED,
    ROLE,
    ROLES,
    SHORT,
    SKILLED,
    SKILLS,
    STAGE_TEXTS,
    UNIT,
    Texts,
)

Answering = Literal["agree", "rating", "one_of", "many_of", "text"]

LANGUAGES: Final = ("en", "fi")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question of the ready-made survey.

    Attributes
    ----------
    code : name of the item in the canonical tables.
    module : factor or module of the framework, with a facet after a colon.
    kind : how it is answered.
    low, high : ends of the scale; 0 and 1 for each option of ``many_of``, 0 and 0 for text.
    wording : the question by language.
    options : answer texts by language, in the order of their numbers from `low`; empty for text.
    keys : names of the options of ``many_of`` and ``one_of`` in the framework; empty otherwise.
    reverse : agreeing means less of the factor.
    """

    code: str
    module: str
    kind: Answering
    low: int
    high: int
    wording: dict[str, str]
    options: Texts
    keys: tuple[str, ...] = ()
    reverse: bool = False

    @property
    def tool_code(self) -> str:
        """The code for tools that allow letters and digits only."""
        return self.code.replace("_", "")

    def option_code(self, place: int) -> str:
        """The code of an option for tools that allow letters and digits only, and keep ``time`` to themselves."""
        code = self.keys[place].replace("_", "")
        return "busy" if code == "time" else code

    @property
    def headers(self) -> tuple[str, ...]:
        """Every header under which the question comes back: its codes and its wordings."""
        return tuple(dict.fromkeys((self.code, self.tool_code, *self.wording.values())))


def _ask(
    code: str, module: str, texts: tuple[str, str], options: Texts, *, kind: Answering = "agree", low: int = 1
) -> Question:
    return Question(
        code=code,
        module=module,
        kind=kind,
        low=low,
        high=low + len(options["en"]) - 1,
        wording=dict(zip(LANGUAGES, texts, strict=True)),
        options=options,
        keys={"stage": STAGES, "access": ACCESS}.get(module, ()),
        reverse=code in REVERSED,
    )


ITEMS: Final[tuple[Question, ...]] = (
    *(
        _ask(code, factor, (english, finnish), AGREE)
        for code, english, finnish in FACTORS
        for factor in FACTOR_KEYS
        if SHORT[factor] == code[:3]
    ),
    _ask(
        "STAGE",
        "stage",
        ("How do you use social media?", "Miten käytät sosiaalista mediaa?"),
        STAGE_TEXTS,
        kind="one_of",
        low=0,
    ),
    *(
        _ask(f"SKL_{skill}", f"skill:{skill}", texts, SKILLED, kind="rating")
        for skill, texts in SKILLS.items()
    ),
    Question(
        code="BAR",
        module="barrier",
        kind="many_of",
        low=0,
        high=1,
        wording={"en": "What holds you back?", "fi": "Mikä sinua estää?"},
        options=BARRIER_TEXTS,
        keys=BARRIERS,
    ),
    _ask(
        "REC",
        "recommendation",
        (
            "How likely are you to recommend working this way to a colleague?",
            "Kuinka todennäköisesti suosittelet tätä työtapaa kollegallesi?",
        ),
        LIKELY,
        kind="rating",
        low=0,
    ),
    *(
        _ask(f"IMP_{SHORT[factor]}", f"importance:{factor}", texts, IMPORTANT, kind="rating")
        for factor, texts in IMPORTANCE.items()
    ),
    *(_ask(code, module, (english, finnish), AGREE) for code, module, english, finnish in CONDITIONS),
    _ask(
        "ACC1",
        "access",
        (
            "How is your access to social media at work?",
            "Millainen pääsy sinulla on sosiaaliseen mediaan työpaikalla?",
        ),
        ACCESS_TEXTS,
        kind="one_of",
        low=0,
    ),
    Question(
        code="COM",
        module="comment",
        kind="text",
        low=0,
        high=0,
        wording={
            "en": "What would you change? Please write no names.",
            "fi": "Mitä muuttaisit? Älä kirjoita nimiä.",
        },
        options={},
    ),
)
"""The questions in the order in which they are asked."""

PARTS: Final[tuple[tuple[str, dict[str, str], tuple[str, ...]], ...]] = (
    (
        "factors",
        {"en": "How we work with social media", "fi": "Miten toimimme sosiaalisessa mediassa"},
        FACTOR_KEYS,
    ),
    ("use", {"en": "You and social media", "fi": "Sinä ja sosiaalinen media"}, ("stage", "skill", "barrier")),
    (
        "needs",
        {"en": "What matters", "fi": "Mikä on tärkeää"},
        ("recommendation", "importance"),
    ),
    (
        "conditions",
        {"en": "Conditions", "fi": "Edellytykset"},
        ("policy", "owner", "executives", "email", "access", "comment"),
    ),
)
"""Parts of the survey: name, title by language, and the modules that belong to it."""


def questions_of(part: str) -> tuple[Question, ...]:
    """Give the questions of a part of the survey, in order."""
    modules = next(found for name, _, found in PARTS if name == part)
    return tuple(question for question in ITEMS if question.module.partition(":")[0] in modules)


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """A question about the respondent, asked first: its code, its wording and its answers in one language."""

    code: str
    wording: str
    options: tuple[str, ...]


def write_questionnaire(
    format: str, language: str, path: str | Path, *, units: Sequence[str] = (), roles: bool = False
) -> Path:
    """Write the ready-made survey for a survey tool.

    Parameters
    ----------
    format : ``limesurvey`` (tab-separated structure), ``qualtrics`` (advanced text format), ``xlsx`` or ``docx``.
    language : ``en`` or ``fi``.
    path : file to write.
    units : names of the organisation's units; with them the survey starts by asking for the unit. Without them
        the unit has to come from the list of the invited.
    roles : ask for the role too, with four answers from employee to executive.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    ParamsError
        When the format or the language is unknown.
    """
    from smf_helpers.ingest.questionnaire_files import WRITERS

    faults = [
        Fault(
            code="P110",
            where=f"questionnaire.{name}",
            what=f"There is no {name} '{given}'.",
            remedy=f"Known: {', '.join(known)}.",
        )
        for name, given, known in (("format", format, WRITERS), ("language", language, LANGUAGES))
        if given not in known
    ]
    if faults:
        raise ParamsError(*faults)
    file = Path(path)
    about = [About(code="UNIT", wording=UNIT[language], options=tuple(units))] if units else []
    if roles:
        about.append(About(code="ROLE", wording=ROLE[language], options=ROLES[language]))
    WRITERS[format](file, language, tuple(about))
    return file
