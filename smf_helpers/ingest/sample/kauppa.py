"""Kauppa, a Finnish retailer of 300 people: three waves in Microsoft Forms, Slack, Facebook and Instagram."""

from datetime import date, timedelta
from typing import Final

import numpy as np

from smf_helpers.framework import BARRIERS, FACTOR_KEYS
from smf_helpers.ingest.sample import channel_files, platform_files, practice, survey_files, table_files
from smf_helpers.ingest.sample.answers import WavePlan, simulate_answers
from smf_helpers.ingest.sample.items import SKILLS
from smf_helpers.ingest.sample.network import simulate_adoption, simulate_messages
from smf_helpers.ingest.sample.organisation import make_people
from smf_helpers.ingest.sample.truth import Diffusion, Sample
from smf_helpers.ingest.sample.truths import survey_truth

NAME: Final = "kauppa"
SEED: Final = 300
UNITS: Final[dict[str, int]] = {
    "Johto": 12,
    "Keskustan myymälä": 70,
    "Itäkeskus": 62,
    "Pohjoisen myymälä": 48,
    "Verkkokauppa": 36,
    "Varasto": 52,
    "Markkinointi": 20,
}
LAUNCH: Final = date(2025, 3, 3)
LAST: Final = date(2026, 9, 30)
OPENED: Final = (date(2025, 5, 12), date(2025, 11, 10), date(2026, 5, 11))
OWNER: Final = date(2025, 9, 1)
BAN: Final = date(2026, 1, 12)
UNCHANGED: Final = ("Varasto",)
LIFT: Final = 1.5
EXPERIENCE: Final = 0.12
_START: Final[dict[str, float]] = {
    "objectives": 3.4,
    "targets_channels": 3.6,
    "activities": 3.3,
    "ownership": 2.3,
    "listening": 3.3,
    "engaging": 3.4,
    "measuring": 3.0,
    "learning_culture": 3.1,
}
_RISE: Final[dict[str, float]] = {"ownership": 0.15, "learning_culture": 0.2}
_TEXTS: Final = (
    "Uutuudet ovat hyllyssä",
    "Näin pakkaamme tilauksesi",
    "Viikon kysymys: mitä toivot valikoimaan?",
    "Myyjämme kertoo, miten valita oikea koko",
)


def plans() -> list[WavePlan]:
    """Give the three waves."""
    made = []
    for number, opened in enumerate(OPENED):
        means = {factor: _START[factor] + _RISE.get(factor, 0.0) * number for factor in FACTOR_KEYS}
        means |= {"policy": 3.4, "owner": 2.2 if opened < OWNER else 3.9, "executives": 3.0, "email": 3.1}
        means |= {f"skill:{skill}": 3.0 + 0.2 * number for skill in SKILLS}
        overload = 0.48 if opened < OWNER else 0.22
        shares = (0.15, 0.20, 0.22, overload, 0.18, 0.10, 0.40)
        made.append(
            WavePlan(
                name=("kevät 2025", "syksy 2025", "kevät 2026")[number],
                opened_on=opened,
                closed_on=opened + timedelta(days=14),
                means=means,
                barriers=dict(zip(BARRIERS, shares, strict=True)),
                response=0.6,
                recommendation=7.2,
            )
        )
    return made


def shift(unit: str, module: str, number: int) -> float:
    """Give a unit's distance from the organisation."""
    if module not in FACTOR_KEYS:
        return 0.0
    steady = {"Markkinointi": 0.5, "Varasto": -0.4, "Verkkokauppa": 0.2}
    return steady.get(unit, 0.0) - (_RISE.get(module, 0.0) * number if unit in UNCHANGED else 0.0)


def make(seed: int = SEED) -> Sample:
    """Make the client: files, params and truth."""
    streams = [np.random.default_rng([seed, stream]) for stream in range(6)]
    people = make_people(
        streams[0], UNITS, domain="kauppa.example", prefix="K", begins_on=LAUNCH, ends_on=LAST, executives=6
    )
    census = simulate_answers(streams[1], people, plans(), shift)
    files = {
        f"kysely/Some työssä {number}.xlsx": survey_files.microsoft_forms(streams[2], people, wave)
        for number, wave in enumerate(census, start=1)
    }
    weeks = (LAST - LAUNCH).days // 7
    plan = Diffusion(launched_on=LAUNCH, p=0.012, q=0.09, eligible=210)
    week_of, diffusion = simulate_adoption(streams[3], people, plan, weeks, {"Varasto": BAN})
    messages = simulate_messages(
        streams[3],
        people,
        week_of,
        launched_on=LAUNCH,
        weeks=weeks,
        pace=0.28,
        open_share=(0.5, 0.6),
    )
    files["slack-export.zip"] = platform_files.slack(people, messages, LAUNCH)
    files |= _channels(streams[4])
    files["henkilosto.csv"] = table_files.people_list(people, tokens=False)
    truth = survey_truth(
        NAME,
        seed,
        UNITS,
        people,
        census,
        rising="learning_culture",
        bottleneck="ownership",
        remedied_barrier=("tool_overload", "Somevastaava aloittaa"),
        unchanged_units=UNCHANGED,
        effects={"Somevastaava aloittaa": LIFT, "Puhelinkielto puretaan": 1.0},
        effect_of="ratio of the engagement rate of Instagram posts after and before",
        diffusion=diffusion,
        experience=EXPERIENCE,
        counts={"people": len(people)},
    )
    return Sample(name=NAME, files=files, truth=truth)


def _channels(rng: np.random.Generator) -> dict[str, bytes]:
    span = (LAST - LAUNCH).days
    facebook = practice.simulate_posts(
        rng,
        [LAUNCH + timedelta(days=offset) for offset in range(0, span, 5)],
        kinds=("Photos", "Links", "Videos"),
        texts=_TEXTS,
        reach=1500,
        rate=0.03,
        experience=0.0,
    )
    instagram = practice.simulate_posts(
        rng,
        [LAUNCH + timedelta(days=offset) for offset in range(1, span, 3)],
        kinds=("IG image", "IG reel", "IG carousel"),
        texts=_TEXTS,
        reach=1900,
        rate=0.025,
        experience=EXPERIENCE,
        step={OWNER: LIFT},
    )
    days = span + 1
    visits = [int(value) for value in rng.poisson(40, days)]
    follows = [int(value) for value in rng.poisson(2.2, days)]
    reach = [int(value) for value in rng.poisson(420, days)]
    return {
        "meta/Mar-03-2025_Sep-30-2026_facebook.csv": channel_files.facebook_posts(facebook),
        "meta/Mar-03-2025_Sep-30-2026_instagram.csv": channel_files.instagram_posts(instagram),
        "meta/Reach.csv": channel_files.meta_card(
            [("Facebook reach", LAUNCH, reach), ("Instagram reach", LAUNCH, [2 * value for value in reach])]
        ),
        "meta/Follows.csv": channel_files.meta_card([("Instagram follows", LAUNCH, follows)]),
        "meta/Visits.csv": channel_files.meta_card([("Facebook visits", LAUNCH, visits)]),
    }
