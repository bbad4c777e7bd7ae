"""The words of the ready-made survey, in English and Finnish: questions, answers, greetings.

A wording that changes is another question: give it another code, or waves can no longer be compared.
"""

from typing import Final

from smf_helpers.framework import FACTOR_KEYS

Texts = dict[str, tuple[str, ...]]

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
STAGE_TEXTS: Final[Texts] = {
    "en": ("Not at all", "Privately, in my own time", "With colleagues at work", "With customers at work"),
    "fi": (
        "En lainkaan",
        "Yksityisesti vapaa-ajalla",
        "Työssä kollegoiden kanssa",
        "Työssä asiakkaiden kanssa",
    ),
}
BARRIER_TEXTS: Final[Texts] = {
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
ACCESS_TEXTS: Final[Texts] = {
    "en": ("Open", "Restricted", "Banned"),
    "fi": ("Avoin", "Rajoitettu", "Kielletty"),
}

SHORT: Final = dict(zip(FACTOR_KEYS, ("OBJ", "TCH", "ACT", "OWN", "LIS", "ENG", "MEA", "LCU"), strict=True))

FACTORS: Final[tuple[tuple[str, str, str], ...]] = (
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
REVERSED: Final = frozenset({"TCH3", "OWN3", "MEA3", "LCU3"})

SKILLS: Final[dict[str, tuple[str, str]]] = {
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
IMPORTANCE: Final[dict[str, tuple[str, str]]] = {
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
CONDITIONS: Final[tuple[tuple[str, str, str, str], ...]] = (
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

UNIT: Final[dict[str, str]] = {"en": "Which unit do you work in?", "fi": "Missä yksikössä työskentelet?"}
ROLE: Final[dict[str, str]] = {"en": "What is your role?", "fi": "Missä roolissa työskentelet?"}
ROLES: Final[Texts] = {
    "en": ("Employee", "Specialist", "Supervisor or team lead", "Manager or executive"),
    "fi": ("Työntekijä", "Asiantuntija", "Esihenkilö tai tiiminvetäjä", "Johtaja tai johtoryhmän jäsen"),
}
TITLE: Final[dict[str, str]] = {
    "en": "The culture of social media in our organisation",
    "fi": "Sosiaalisen median kulttuuri organisaatiossamme",
}
WELCOME: Final[dict[str, str]] = {
    "en": "Answering takes about ten minutes. Nobody sees single answers: results are shown for groups only.",
    "fi": "Vastaaminen vie noin kymmenen minuuttia. Yksittäisiä vastauksia ei näe kukaan: tulokset näytetään "
    "vain ryhmittäin.",
}
