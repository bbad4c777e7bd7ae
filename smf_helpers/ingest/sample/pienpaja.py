"""Pienpaja, a workshop of 38 people: two anonymous waves in Google Forms, awkward on purpose, and few posts.

Where somebody asks for change, learning curves or an adoption curve here, "not enough to say" is the truth.
"""

from datetime import date, timedelta
from typing import Final

import numpy as np

from smf_helpers.framework import BARRIERS, FACTOR_KEYS
from smf_helpers.ingest.sample import practice, survey_files
from smf_helpers.ingest.sample.answers import WavePlan, simulate_answers
from smf_helpers.ingest.sample.containers import delimited
from smf_helpers.ingest.sample.organisation import make_people
from smf_helpers.ingest.sample.truth import Sample
from smf_helpers.ingest.sample.truths import survey_truth

NAME: Final = "pienpaja"
SEED: Final = 38
UNITS: Final[dict[str, int]] = {"Hitsaamo": 13, "Maalaamo": 9, "Myynti": 11, "Päämaja": 5}
OPENED: Final = (date(2025, 10, 6), date(2026, 9, 14))
WIDER: Final = ("We look at figures before we decide. (1 to 7)", 7)
REWORDED: Final = "My boss lets me try things"


def plans() -> list[WavePlan]:
    """Give the two waves; nothing is planted to change between them."""
    return [
        WavePlan(
            name=name,
            opened_on=opened,
            closed_on=opened + timedelta(days=10),
            means=dict(zip(FACTOR_KEYS, (3.1, 3.0, 2.9, 3.2, 3.1, 2.8, 2.6, 3.0), strict=True)),
            barriers=dict.fromkeys(BARRIERS, 0.25),
            response=0.62,
        )
        for name, opened in zip(("1", "2"), OPENED, strict=True)
    ]


def make(seed: int = SEED) -> Sample:
    """Make the client: files, params and truth."""
    streams = [np.random.default_rng([seed, stream]) for stream in range(5)]
    people = make_people(
        streams[0],
        UNITS,
        domain="pienpaja.example",
        prefix="P",
        begins_on=OPENED[0] - timedelta(days=200),
        ends_on=OPENED[1],
        executives=1,
    )
    census = simulate_answers(streams[1], people, plans(), lambda unit, module, number: 0.0)
    wider = {
        "MEA1": (WIDER[0], lambda value: 1 + round((value - 1) * (WIDER[1] - 1) / 4)),
        "LCU2": (REWORDED, lambda value: value),
    }
    files = {
        "wave 1.csv.zip": survey_files.google_forms(streams[2], people, census[0], through_sheets=False),
        "wave 2 (Päämaja).csv": survey_files.google_forms(
            streams[2], people, census[1], through_sheets=True, without=("EXE1",), rewritten=wider
        ),
        "posts.csv": _posts(streams[3]),
    }
    truth = survey_truth(NAME, seed, UNITS, people, census, counts={"posts": 9})
    return Sample(name=NAME, files=files, truth=truth)


def _posts(rng: np.random.Generator) -> bytes:
    posts = practice.simulate_posts(
        rng,
        [OPENED[0] + timedelta(days=31 * index) for index in range(9)],
        kinds=("kuva",),
        texts=("Uusi hitsauspöytä", "Kesätyöntekijät esittäytyvät"),
        reach=120,
        rate=0.05,
        experience=0.0,
    )
    rows: list[list[object]] = [["Tunniste", "Pvm", "Teksti", "Tavoitetut", "Näyttökerrat", "Tykkäykset"]]
    rows += [
        [f"P{post.number}", f"{post.at:%d.%m.%Y}", post.text, post.reach, post.impressions, post.reactions]
        for post in posts
    ]
    return delimited(rows, sep=";", encoding="cp1252")
