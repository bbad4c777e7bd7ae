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

Answering = Literal["agree", "rating", "one_of", "many_of", "text"]
Texts = dict[str, tuple[str, ...]]

LANGUAGES: Final = ("en", "fi")

AGREE: Final[Texts] = {
    "en": ("Strongly disagree", "Disagree", "Neither agree nor disagree", "Agree", "Strongly agree"),
    "fi": (
        "Täysin eri mieltä",
        "Jokseenkin eri mieltä",
        "Ei samaa eikä eri mieltä",
        "Jokseenkin samaa mieltä",
        "Täysin samaa mieltä",
    ),
}
IMPORTANT: Final[Texts] = {
    "en": ("Not important", "Slightly important", "Fairly important", "Important", "Very important"),
    "fi": ("Ei tärkeä", "Hieman tärkeä", "Melko tärkeä", "Tärkeä", "Erittäin tärkeä"),
}
SKILLED: Final[Texts] = {
    "en": ("Beginner", "Some practice", "Able", "Confident", "Could teach others"),
    "fi": ("Aloittelija", "Hieman harjoitellut", "Osaan", "Osaan hyvin", "Voisin opettaa muita"),
}
LIKELY: Final[Texts] = {
    "en": ("0 – Not at all likely", *(str(n) for n in range(1, 10)), "10 – Extremely likely"),
    "fi": (
        "0 – En lainkaan todennäköisesti",
        *(str(n) for n in range(1, 10)),
        "10 – Erittäin todennäköisesti",
    ),
}
_STAGES: Final[Texts] = {
    "en": ("Not at all", "Privately, in my own time", "With colleagues at work", "With customers at work"),
    "fi": (
        "En lainkaan",
        "Yksityisesti vapaa-ajalla",
        "Työssä kollegoiden kanssa",
        "Työssä asiakkaiden kanssa",
    ),
}
_BARRIERS: Final[Texts] = {
    "en": (
        "The technology makes me unsure",
        "I am too shy to voice an opinion",
        "I fear looking silly in front of everybody",
        "There are too many tools, chats and channels",
        "I worry about the legal side",
        "I worry about security",
        "I am too busy",
    ),
    "fi": (
        "Tekniikka tuntuu hankalalta",
        "Olen liian ujo ilmaisemaan mielipidettäni",
        "Pelkään nolaavani itseni kaikkien edessä",
        "Työkaluja ja kanavia on liikaa",
        "Lakiasiat huolettavat minua",
        "Tietoturva huolettaa minua",
        "Minulla on liian kiire",
    ),
}
_ACCESS: Final[Texts] = {
    "en": ("Open", "Restricted", "Banned"),
    "fi": ("Avoin", "Rajoitettu", "Kielletty"),
}


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

    @property
    def headers(self) -> tuple[str, ...]:
        """Every header under which the question comes back: its codes and its wordings."""
        return tuple(dict.fromkeys((self.code, self.tool_code, *self.wording.values())))


_SHORT: Final = dict(zip(FACTOR_KEYS, ("OBJ", "TCH", "ACT", "OWN", "LIS", "ENG", "MEA", "LCU"), strict=True))

_FACTORS: Final[tuple[tuple[str, str, str], ...]] = (
    (
        "OBJ1",
        "We know what social media should achieve for us.",
        "Tiedämme, mitä haluamme sosiaalisella medialla saavuttaa.",
    ),
    ("OBJ2", "Our goals for social media are written down.", "Sosiaalisen median tavoitteemme on kirjattu."),
    (
        "OBJ3",
        "I know what social media should achieve in my own work.",
        "Tiedän, mitä sosiaalisella medialla tavoitellaan omassa työssäni.",
    ),
    (
        "TCH1",
        "We know which channels our customers use.",
        "Tiedämme, mitä kanavia asiakkaamme käyttävät.",
    ),
    ("TCH2", "We choose a channel for its target group.", "Valitsemme kanavan kohderyhmän mukaan."),
    (
        "TCH3",
        "We are in channels where hardly anybody of our target groups is.",
        "Olemme kanavissa, joissa kohderyhmiämme tuskin on.",
    ),
    (
        "ACT1",
        "We have agreed what we do in each channel.",
        "Olemme sopineet, mitä kussakin kanavassa tehdään.",
    ),
    (
        "ACT2",
        "Working time is set aside for social media.",
        "Sosiaaliselle medialle on varattu työaikaa.",
    ),
    (
        "ACT3",
        "What we do in social media follows a plan.",
        "Toimimme sosiaalisessa mediassa suunnitelman mukaan.",
    ),
    (
        "OWN1",
        "Everybody knows who is responsible for social media here.",
        "Kaikki tietävät, kuka meillä vastaa sosiaalisesta mediasta.",
    ),
    (
        "OWN2",
        "Those responsible for social media have what they need to do it well.",
        "Sosiaalisesta mediasta vastaavilla on siihen tarvittavat edellytykset.",
    ),
    (
        "OWN3",
        "Tasks in social media are left undone because nobody feels responsible.",
        "Sosiaalisen median tehtäviä jää tekemättä, koska kukaan ei koe niitä omikseen.",
    ),
    ("LIS1", "We follow what is said about us.", "Seuraamme, mitä meistä puhutaan."),
    (
        "LIS2",
        "What customers say reaches those who can act on it.",
        "Asiakkaiden viestit päätyvät niille, jotka voivat tarttua niihin.",
    ),
    (
        "LIS3",
        "What we hear in social media has changed what we do.",
        "Sosiaalisessa mediassa kuultu on muuttanut toimintaamme.",
    ),
    (
        "ENG1",
        "We answer quickly, honestly and personally.",
        "Vastaamme nopeasti, rehellisesti ja omina itsenämme.",
    ),
    (
        "ENG2",
        "We take part in conversations and do not only post.",
        "Osallistumme keskusteluihin emmekä vain julkaise.",
    ),
    ("ENG3", "I comment on what my colleagues write.", "Kommentoin kollegoideni kirjoituksia."),
    ("MEA1", "We look at figures before we decide.", "Katsomme lukuja ennen kuin päätämme."),
    (
        "MEA2",
        "We know what our social media brings us.",
        "Tiedämme, mitä sosiaalinen media meille tuottaa.",
    ),
    (
        "MEA3",
        "We post without checking afterwards what came of it.",
        "Julkaisemme, mutta emme jälkeenpäin tarkista, mitä siitä seurasi.",
    ),
    ("LCU1", "We learn from what did not work.", "Opimme siitä, mikä ei toiminut."),
    (
        "LCU2",
        "My superior encourages me to try things out.",
        "Esihenkilöni kannustaa minua kokeilemaan.",
    ),
    (
        "LCU3",
        "Mistakes in social media are held against people here.",
        "Sosiaalisessa mediassa tehtyjä virheitä muistellaan meillä pitkään.",
    ),
)
_REVERSED: Final = frozenset({"TCH3", "OWN3", "MEA3", "LCU3"})

_SKILLS: Final[dict[str, tuple[str, str]]] = {
    "writing": (
        "My skill: writing something that is interesting and correct",
        "Taitoni: kirjoittaa kiinnostavasti ja oikein",
    ),
    "dialogue": (
        "My skill: taking part in a conversation in public",
        "Taitoni: osallistua julkiseen keskusteluun",
    ),
    "listening": (
        "My skill: finding out what is said about us",
        "Taitoni: saada selville, mitä meistä puhutaan",
    ),
    "crisis": (
        "My skill: answering quickly and honestly when it matters",
        "Taitoni: vastata nopeasti ja rehellisesti, kun on tosi kyseessä",
    ),
}
_IMPORTANCE: Final[dict[str, tuple[str, str]]] = {
    "objectives": ("How important is it to set objectives?", "Kuinka tärkeää on asettaa tavoitteet?"),
    "targets_channels": (
        "How important is it to determine target groups and channels?",
        "Kuinka tärkeää on määrittää kohderyhmät ja kanavat?",
    ),
    "activities": (
        "How important is it to define activities?",
        "Kuinka tärkeää on sopia, mitä tehdään?",
    ),
    "ownership": (
        "How important is it to assign ownership?",
        "Kuinka tärkeää on sopia, kuka vastaa?",
    ),
    "listening": ("How important is listening?", "Kuinka tärkeää on kuunnella?"),
    "engaging": ("How important is engaging in conversations?", "Kuinka tärkeää on osallistua keskusteluun?"),
    "measuring": (
        "How important is measuring and evaluating?",
        "Kuinka tärkeää on mitata ja arvioida?",
    ),
    "learning_culture": (
        "How important is learning and building a culture?",
        "Kuinka tärkeää on oppia ja rakentaa kulttuuria?",
    ),
}
_CONDITIONS: Final[tuple[tuple[str, str, str, str], ...]] = (
    (
        "POL1",
        "policy",
        "I know what our rules allow me to do in social media.",
        "Tiedän, mitä ohjeemme sallivat minun tehdä sosiaalisessa mediassa.",
    ),
    (
        "OWNR1",
        "owner",
        "There is somebody here whom I can ask about social media.",
        "Meillä on joku, jolta voin kysyä sosiaalisesta mediasta.",
    ),
    (
        "EXE1",
        "executives",
        "Our executives take part in social media themselves.",
        "Johtomme osallistuu sosiaaliseen mediaan itse.",
    ),
    (
        "EML1",
        "email",
        "Social media has replaced e-mail in my work.",
        "Sosiaalinen media on korvannut sähköpostia työssäni.",
    ),
)


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
        reverse=code in _REVERSED,
    )


ITEMS: Final[tuple[Question, ...]] = (
    *(
        _ask(code, factor, (english, finnish), AGREE)
        for code, english, finnish in _FACTORS
        for factor in FACTOR_KEYS
        if _SHORT[factor] == code[:3]
    ),
    _ask(
        "STAGE",
        "stage",
        ("How do you use social media?", "Miten käytät sosiaalista mediaa?"),
        _STAGES,
        kind="one_of",
        low=0,
    ),
    *(
        _ask(f"SKL_{skill}", f"skill:{skill}", texts, SKILLED, kind="rating")
        for skill, texts in _SKILLS.items()
    ),
    Question(
        code="BAR",
        module="barrier",
        kind="many_of",
        low=0,
        high=1,
        wording={"en": "What holds you back?", "fi": "Mikä sinua estää?"},
        options=_BARRIERS,
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
        _ask(f"IMP_{_SHORT[factor]}", f"importance:{factor}", texts, IMPORTANT, kind="rating")
        for factor, texts in _IMPORTANCE.items()
    ),
    *(_ask(code, module, (english, finnish), AGREE) for code, module, english, finnish in _CONDITIONS),
    _ask(
        "ACC1",
        "access",
        (
            "How is your access to social media at work?",
            "Millainen pääsy sinulla on sosiaaliseen mediaan työpaikalla?",
        ),
        _ACCESS,
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

UNIT: Final[dict[str, str]] = {"en": "Which unit do you work in?", "fi": "Missä yksikössä työskentelet?"}
TITLE: Final[dict[str, str]] = {
    "en": "The culture of social media in our organisation",
    "fi": "Sosiaalisen median kulttuuri organisaatiossamme",
}
WELCOME: Final[dict[str, str]] = {
    "en": "Answering takes about ten minutes. Nobody sees single answers: results are shown for groups only.",
    "fi": "Vastaaminen vie noin kymmenen minuuttia. Yksittäisiä vastauksia ei näe kukaan: tulokset näytetään "
    "vain ryhmittäin.",
}


def questions_of(part: str) -> tuple[Question, ...]:
    """Give the questions of a part of the survey, in order."""
    modules = next(found for name, _, found in PARTS if name == part)
    return tuple(question for question in ITEMS if question.module.partition(":")[0] in modules)


def write_questionnaire(format: str, language: str, path: str | Path, *, units: Sequence[str] = ()) -> Path:
    """Write the ready-made survey for a survey tool.

    Parameters
    ----------
    format : ``limesurvey`` (tab-separated structure), ``qualtrics`` (advanced text format), ``xlsx`` or ``docx``.
    language : ``en`` or ``fi``.
    path : file to write.
    units : names of the organisation's units; with them the survey starts by asking for the unit. Without them
        the unit has to come from the list of the invited.

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
    WRITERS[format](file, language, tuple(units))
    return file
