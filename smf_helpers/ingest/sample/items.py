"""What the sample clients were asked: codes, modules, wordings and options of their questionnaires.

The three surveys share one set of items. Code and wording are written here for the generator only; a real
client's questionnaire comes from the client, and the ready-made one from the house's own list.
"""

from dataclasses import dataclass
from typing import Final, Literal

from smf_helpers.framework import ACCESS, BARRIERS, FACTOR_KEYS, STAGES

Kind = Literal["agree", "rating", "one_of", "many_of", "text"]

AGREE: Final[dict[str, tuple[str, ...]]] = {
    "en": ("Strongly disagree", "Disagree", "Neither agree nor disagree", "Agree", "Strongly agree"),
    "fi": (
        "Täysin eri mieltä",
        "Jokseenkin eri mieltä",
        "Ei samaa eikä eri mieltä",
        "Jokseenkin samaa mieltä",
        "Täysin samaa mieltä",
    ),
}
"""Answer texts of the five-point scale of agreement, from 1 to 5."""

STAGE_TEXTS: Final[dict[str, tuple[str, ...]]] = {
    "en": ("Not at all", "Privately, in my own time", "With colleagues at work", "With customers at work"),
    "fi": (
        "En lainkaan",
        "Yksityisesti vapaa-ajalla",
        "Työssä kollegoiden kanssa",
        "Työssä asiakkaiden kanssa",
    ),
}

BARRIER_TEXTS: Final[dict[str, tuple[str, ...]]] = {
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

ACCESS_TEXTS: Final[dict[str, tuple[str, ...]]] = {
    "en": ("Open", "Restricted", "Banned"),
    "fi": ("Avoin", "Rajoitettu", "Kielletty"),
}

SKILLS: Final = ("writing", "dialogue", "listening", "crisis")


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleItem:
    """A question of the sample survey.

    Attributes
    ----------
    code : short name of the item, the column of an export that shows codes.
    module : factor or module of the framework, with a facet after a colon.
    kind : how it is answered.
    low, high : ends of the scale; 0 and 0 for items without a number.
    reverse : agreeing means less of the factor.
    wording : question by language.
    options : answer texts by language, in the order of their numbers.
    """

    code: str
    module: str
    kind: Kind
    low: int
    high: int
    wording: dict[str, str]
    reverse: bool = False
    options: dict[str, tuple[str, ...]] | None = None


_FACTOR_ITEMS: Final[tuple[tuple[str, str, str, str], ...]] = (
    (
        "OBJ1",
        "objectives",
        "We know what social media should achieve for us",
        "Tiedämme, mitä tavoittelemme somessa",
    ),
    ("OBJ2", "objectives", "Our goals for social media are written down", "Somen tavoitteemme on kirjattu"),
    ("OBJ3", "objectives", "My own work has a goal for social media", "Omalla työlläni on some-tavoite"),
    (
        "TCH1",
        "targets_channels",
        "We know which channels our customers use",
        "Tiedämme asiakkaidemme kanavat",
    ),
    (
        "TCH2",
        "targets_channels",
        "We choose a channel for its target group",
        "Valitsemme kanavan kohderyhmän mukaan",
    ),
    (
        "ACT1",
        "activities",
        "We have agreed what we do in each channel",
        "Olemme sopineet, mitä kussakin kanavassa tehdään",
    ),
    ("ACT2", "activities", "There is time set aside for social media", "Somelle on varattu työaikaa"),
    ("ACT3", "activities", "Our activities follow a plan", "Toimimme suunnitelman mukaan"),
    (
        "OWN1",
        "ownership",
        "Everybody knows who owns social media here",
        "Kaikki tietävät, kuka vastaa somesta",
    ),
    ("OWN2", "ownership", "The owner has the means to do the job", "Vastuuhenkilöllä on tarvittavat keinot"),
    ("LIS1", "listening", "We follow what is said about us", "Seuraamme, mitä meistä puhutaan"),
    (
        "LIS2",
        "listening",
        "What customers say reaches those who can act",
        "Asiakkaiden viestit päätyvät oikeille ihmisille",
    ),
    (
        "ENG1",
        "engaging",
        "We answer quickly, honestly and personally",
        "Vastaamme nopeasti, rehellisesti ja omina itsenämme",
    ),
    (
        "ENG2",
        "engaging",
        "We take part in conversations, not only in posting",
        "Osallistumme keskusteluihin emmekä vain julkaise",
    ),
    ("ENG3", "engaging", "I comment on what my colleagues write", "Kommentoin kollegoideni kirjoituksia"),
    ("MEA1", "measuring", "We look at figures before we decide", "Katsomme lukuja ennen päätöksiä"),
    ("MEA2", "measuring", "We know what our social media brings us", "Tiedämme, mitä some meille tuottaa"),
    ("LCU1", "learning_culture", "We learn from what did not work", "Opimme siitä, mikä ei toiminut"),
    (
        "LCU2",
        "learning_culture",
        "My superior encourages me to try things",
        "Esihenkilöni kannustaa kokeilemaan",
    ),
    (
        "LCU3",
        "learning_culture",
        "Mistakes in social media are held against us",
        "Somevirheitä muistellaan pitkään",
    ),
)
_REVERSED: Final = frozenset({"LCU3"})

_OTHERS: Final[tuple[tuple[str, str, str, str], ...]] = (
    ("POL1", "policy", "I know our rules for social media", "Tunnen some-ohjeemme"),
    ("OWNR1", "owner", "Somebody is there to ask about social media", "Someasioissa on joku, jolta kysyä"),
    ("EXE1", "executives", "Our executives take part themselves", "Johtomme osallistuu itse"),
    (
        "EML1",
        "email",
        "Social media has replaced e-mail in my work",
        "Some on korvannut sähköpostia työssäni",
    ),
)

_SHORT: Final = dict(zip(FACTOR_KEYS, ("OBJ", "TCH", "ACT", "OWN", "LIS", "ENG", "MEA", "LCU"), strict=True))


def _agree(code: str, module: str, english: str, finnish: str) -> SampleItem:
    return SampleItem(
        code=code,
        module=module,
        kind="agree",
        low=1,
        high=5,
        wording={"en": english, "fi": finnish},
        reverse=code in _REVERSED,
        options=AGREE,
    )


def _rating(code: str, module: str, english: str, finnish: str, low: int, high: int) -> SampleItem:
    return SampleItem(
        code=code, module=module, kind="rating", low=low, high=high, wording={"en": english, "fi": finnish}
    )


SAMPLE_ITEMS: Final[tuple[SampleItem, ...]] = (
    *(_agree(*row) for row in _FACTOR_ITEMS),
    SampleItem(
        code="STAGE",
        module="stage",
        kind="one_of",
        low=0,
        high=len(STAGES) - 1,
        wording={"en": "How do you use social media?", "fi": "Miten käytät sosiaalista mediaa?"},
        options=STAGE_TEXTS,
    ),
    *(
        _rating(
            f"SKL_{skill}", f"skill:{skill}", f"My skill in {skill}, 1 to 5", f"Taitoni ({skill}), 1–5", 1, 5
        )
        for skill in SKILLS
    ),
    SampleItem(
        code="BAR",
        module="barrier",
        kind="many_of",
        low=0,
        high=1,
        wording={"en": "What holds you back?", "fi": "Mikä sinua estää?"},
        options=BARRIER_TEXTS,
    ),
    _rating(
        "REC",
        "recommendation",
        "How likely are you to recommend us, 0 to 10?",
        "Kuinka todennäköisesti suosittelet meitä, 0–10?",
        0,
        10,
    ),
    *(
        _rating(
            f"IMP_{_SHORT[factor]}",
            f"importance:{factor}",
            f"How important is it: {factor}?".replace("_", " "),
            f"Kuinka tärkeää: {_SHORT[factor]}?",
            1,
            5,
        )
        for factor in FACTOR_KEYS
    ),
    *(_agree(*row) for row in _OTHERS),
    SampleItem(
        code="ACC1",
        module="access",
        kind="one_of",
        low=0,
        high=len(ACCESS) - 1,
        wording={
            "en": "Access to social media at work is",
            "fi": "Pääsy sosiaaliseen mediaan työpaikalla on",
        },
        options=ACCESS_TEXTS,
    ),
    SampleItem(
        code="COM",
        module="comment",
        kind="text",
        low=0,
        high=0,
        wording={"en": "What would you change?", "fi": "Mitä muuttaisit?"},
    ),
)

BARRIER_CODES: Final = tuple(f"BAR_{barrier}" for barrier in BARRIERS)
