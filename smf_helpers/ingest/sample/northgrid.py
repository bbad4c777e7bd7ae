"""Northgrid, a utility of 1,200 people: six waves in LimeSurvey, Viva Engage from its first day, LinkedIn."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

import numpy as np

from smf_helpers.framework import BARRIERS, FACTOR_KEYS
from smf_helpers.ingest.sample import channel_files, platform_files, practice, survey_files, table_files
from smf_helpers.ingest.sample.answers import WavePlan, simulate_answers
from smf_helpers.ingest.sample.items import SKILLS
from smf_helpers.ingest.sample.network import simulate_adoption, simulate_messages
from smf_helpers.ingest.sample.organisation import Person, make_people
from smf_helpers.ingest.sample.truth import Diffusion, Sample
from smf_helpers.ingest.sample.truths import survey_truth

NAME: Final = "northgrid"
SEED: Final = 1200
UNITS: Final[dict[str, int]] = {
    "Management": 40,
    "Customer Service": 150,
    "Communications": 30,
    "Grid Operations": 210,
    "Field Maintenance": 240,
    "Metering": 95,
    "Energy Trading": 60,
    "IT": 110,
    "Engineering": 130,
    "Finance": 55,
    "HR": 40,
    "Procurement": 40,
}
ROLLOUT: Final[dict[str, date]] = {
    "Customer Service": date(2024, 1, 8),
    "Communications": date(2024, 1, 8),
    "Management": date(2024, 1, 8),
    "HR": date(2024, 6, 3),
    "IT": date(2024, 6, 3),
    "Metering": date(2024, 9, 16),
    "Engineering": date(2025, 1, 13),
    "Grid Operations": date(2025, 1, 13),
    "Field Maintenance": date(2025, 5, 5),
    "Energy Trading": date(2025, 9, 15),
    "Finance": date(2025, 9, 15),
    "Procurement": date(2026, 2, 2),
}
LAUNCH: Final = date(2024, 1, 8)
LAST: Final = date(2026, 9, 30)
POLICY: Final = date(2024, 9, 30)
EXECUTIVES: Final = date(2025, 2, 3)
TRAINING: Final = date(2025, 10, 6)
CRISIS: Final = date(2025, 11, 17)
UNCHANGED: Final = ("Finance", "Procurement")
OPENED: Final = tuple(date(year, month, 4) for year in (2024, 2025, 2026) for month in (3, 9))
_START: Final[dict[str, float]] = {
    "objectives": 3.2,
    "targets_channels": 3.3,
    "activities": 3.0,
    "ownership": 3.1,
    "listening": 3.2,
    "engaging": 2.9,
    "measuring": 2.2,
    "learning_culture": 2.5,
}
_RISE: Final[dict[str, float]] = {"learning_culture": 0.24, "engaging": 0.08, "ownership": 0.05}
_TEXTS: Final = (
    "How we read a meter without ringing the bell",
    "Three colleagues, one night shift, no outage",
    "Apprentices wanted: see a substation from the inside",
    "What a storm taught us",
    "Your questions about the new tariff, answered",
)
BOOST: Final = 1.6
EXPERIENCE: Final = 0.22


def plans() -> list[WavePlan]:
    """Give the six waves with their planted means and barriers."""
    made = []
    for number, opened in enumerate(OPENED):
        means = {factor: _START[factor] + _RISE.get(factor, 0.0) * number for factor in FACTOR_KEYS}
        means |= {"policy": 2.4 if opened < POLICY else 3.8, "owner": 3.0 + 0.1 * number}
        means |= {"executives": 2.3 if opened < EXECUTIVES else 3.3, "email": 2.2 + 0.15 * number}
        means |= {f"skill:{skill}": 2.6 + 0.13 * number for skill in SKILLS}
        means |= {f"importance:{factor}": 4.4 if factor == "measuring" else 3.9 for factor in FACTOR_KEYS}
        barriers = {"technology": 0.22, "shyness": 0.15, "embarrassment": 0.18, "tool_overload": 0.30}
        barriers |= {"legal": 0.40 if opened < POLICY else 0.14, "security": 0.20, "time": 0.45}
        made.append(
            WavePlan(
                name=f"{opened.year}-{'spring' if opened.month < 6 else 'autumn'}",
                opened_on=opened,
                closed_on=opened + timedelta(days=18),
                means=means,
                barriers={barrier: barriers[barrier] for barrier in BARRIERS},
                response=0.47,
                recommendation=6.2 + 0.15 * number,
            )
        )
    return made


def shift(unit: str, module: str, number: int) -> float:
    """Give a unit's distance from the organisation; the unchanged units take the rise back."""
    steady = {"Customer Service": 0.35, "Communications": 0.45, "Field Maintenance": -0.35, "Metering": -0.1}
    taken = -_RISE.get(module, 0.0) * number if unit in UNCHANGED else 0.0
    return (steady.get(unit, 0.0) if module in FACTOR_KEYS else 0.0) + taken


def make(seed: int = SEED) -> Sample:
    """Make the client: files, params and truth."""
    streams = [np.random.default_rng([seed, stream]) for stream in range(8)]
    people = make_people(
        streams[0],
        UNITS,
        domain="northgrid.example",
        prefix="NG",
        begins_on=LAUNCH,
        ends_on=LAST,
        executives=14,
    )
    census = simulate_answers(streams[1], people, plans(), shift)
    files = {
        f"survey/results-survey_{wave.plan.name}.csv": survey_files.limesurvey(
            streams[2], people, wave, texts=number == 3
        )
        for number, wave in enumerate(census)
    }
    platform, diffusion = _platform(streams[3], people)
    files |= platform
    files |= _channel(streams[4])
    pilots = _pilots(streams[5], people)
    ratings, curves = practice.simulate_skills(
        streams[5],
        pilots,
        [wave.plan.opened_on for wave in census],
        waiting={"Field Maintenance": "Customer Service"},
    )
    inbox = practice.simulate_inbox(
        streams[6],
        LAUNCH,
        140,
        channels=("linkedin", "facebook", "e-mail form"),
        each_week=4,
        hours=20,
        crisis=(CRISIS, 60, 30),
    )
    files["skills.csv"] = table_files.skills_table(ratings)
    files["people.csv"] = table_files.people_list(people, tokens=True)
    files["inbox.csv"] = table_files.inbox_table(inbox)
    truth = survey_truth(
        NAME,
        seed,
        UNITS,
        people,
        census,
        rising="learning_culture",
        bottleneck="measuring",
        remedied_barrier=("legal", "Rules for social media"),
        unchanged_units=UNCHANGED,
        effects={"Executives join in": BOOST, "Refresher for the field": 1.0},
        effect_of="ratio of the messages a week after and before",
        diffusion=diffusion,
        learners=curves,
        answer_hours=(20, 30),
        experience=EXPERIENCE,
        counts={"people": len(people), "skills": len(ratings), "messages": len(inbox)},
    )
    return Sample(name=NAME, files=files, truth=truth)


def _platform(rng: np.random.Generator, people: list[Person]) -> tuple[dict[str, bytes], Diffusion]:
    weeks = (LAST - LAUNCH).days // 7
    plan = Diffusion(launched_on=LAUNCH, p=0.0025, q=0.055, eligible=820, pushes={EXECUTIVES: 0.02})
    week_of, diffusion = simulate_adoption(rng, people, plan, weeks, ROLLOUT)
    messages = simulate_messages(
        rng,
        people,
        week_of,
        launched_on=LAUNCH,
        weeks=weeks,
        pace=0.10,
        open_share=(0.35, 0.7),
        boost={EXECUTIVES: BOOST},
    )
    packed = platform_files.viva_engage(people, messages, week_of, LAUNCH, LAST)
    return {"viva-engage-export.zip": packed}, diffusion


def _channel(rng: np.random.Generator) -> dict[str, bytes]:
    days = [
        LAUNCH + timedelta(days=offset) for offset in range(0, (LAST - LAUNCH).days, 4) if rng.random() < 0.85
    ]
    posts = practice.simulate_posts(
        rng,
        days,
        kinds=("Image", "Video", "Article"),
        texts=_TEXTS,
        reach=2400,
        rate=0.012,
        experience=EXPERIENCE,
    )
    files = {}
    for year in (2024, 2025, 2026):
        first, last = max(date(year, 1, 1), LAUNCH), min(date(year, 12, 31), LAST)
        files[f"linkedin/northgrid_content_{year}.xlsx"] = channel_files.linkedin_content(
            rng, posts, first, last
        )
        files[f"linkedin/northgrid_followers_{year}.xlsx"] = channel_files.linkedin_followers(
            rng, first, last, 3.0
        )
    return files


def _pilots(rng: np.random.Generator, people: list[Person]) -> Mapping[str, tuple[date, list[Person]]]:
    found = {}
    for unit, size in {"Customer Service": 18, "IT": 12, "Metering": 10, "Field Maintenance": 14}.items():
        staff = [p for p in people if p.unit == unit and p.joined_on < LAUNCH and p.left_on is None]
        chosen = rng.choice(len(staff), size=size, replace=False)
        found[unit] = (ROLLOUT[unit] + timedelta(weeks=1), [staff[int(i)] for i in sorted(chosen)])
    return found
