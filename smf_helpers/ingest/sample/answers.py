"""Answers of a sample client's people, wave by wave, from known means.

Every person answers every question in the simulation (the census); the export holds those who responded. An
answer to an agreement item is ``round(mean + unit + person + item + noise)`` cut to 1-5, so that the census
means, not the planted ones, are the truth that an analysis should find.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from smf_helpers.framework import BARRIERS, FACTOR_KEYS, STAGES
from smf_helpers.ingest.questionnaire import Question
from smf_helpers.ingest.sample.items import SAMPLE_ITEMS
from smf_helpers.ingest.sample.organisation import Person, there

PERSON_SD: Final = 0.5
NOISE_SD: Final = 0.75


@dataclass(frozen=True, slots=True, kw_only=True)
class WavePlan:
    """A round of asking: its name, its days, and the planted means of the organisation.

    Attributes
    ----------
    means : factor or module → mean agreement on 1-5.
    barriers : barrier → share of people who name it.
    response : expected share of people who answer.
    """

    name: str
    opened_on: date
    closed_on: date
    means: Mapping[str, float]
    barriers: Mapping[str, float]
    response: float
    recommendation: float = 6.5


@dataclass(frozen=True, slots=True, kw_only=True)
class WaveAnswers:
    """The census of one wave: who responded, and everybody's answer to every item.

    Attributes
    ----------
    answers : item code → numbers, one a person; barriers are ``BAR_<barrier>`` with 0 and 1.
    responded : who is in the export.
    present : who was employed.
    """

    plan: WavePlan
    answers: Mapping[str, np.ndarray]
    responded: np.ndarray
    present: np.ndarray


UnitShift = Callable[[str, str, int], float]
"""(unit, module, number of the wave) → shift of the mean against the organisation."""


def simulate_answers(
    rng: np.random.Generator, people: list[Person], plans: list[WavePlan], shift: UnitShift
) -> list[WaveAnswers]:
    """Let everybody answer every wave; persons keep their leaning, stage and willingness to respond."""
    leaning = {factor: rng.normal(0, PERSON_SD, len(people)) for factor in FACTOR_KEYS}
    general = rng.normal(0, PERSON_SD / 2, len(people))
    willing = rng.normal(0, 0.8, len(people))
    hard = {item.code: float(rng.normal(0, 0.12)) for item in SAMPLE_ITEMS}
    stage = rng.choice(len(STAGES), p=(0.45, 0.33, 0.18, 0.04), size=len(people))
    census = []
    for number, plan in enumerate(plans):
        stage = stage if number == 0 else _move(rng, stage)
        answers: dict[str, np.ndarray] = {}
        for item in SAMPLE_ITEMS:
            own = leaning.get(item.module, 0.0) + general
            answers.update(_answer(rng, item, plan, people, own + hard[item.code], shift, number, stage))
        present = there(people, plan.opened_on)
        base = np.log(plan.response / (1 - plan.response))
        responded = present & (rng.random(len(people)) < 1 / (1 + np.exp(-(base + willing))))
        census.append(WaveAnswers(plan=plan, answers=answers, responded=responded, present=present))
    return census


def _answer(
    rng: np.random.Generator,
    item: Question,
    plan: WavePlan,
    people: list[Person],
    own: np.ndarray,
    shift: UnitShift,
    number: int,
    stage: np.ndarray,
) -> dict[str, np.ndarray]:
    n = len(people)
    if item.kind == "text":
        return {item.code: np.where(rng.random(n) < 0.06, rng.integers(0, 8, n), -1)}
    if item.module == "stage":
        return {item.code: stage.copy()}
    if item.module == "access":
        return {item.code: rng.choice(3, p=(0.55, 0.35, 0.10), size=n)}
    if item.kind == "many_of":
        return {
            f"{item.code}_{barrier}": (rng.random(n) < plan.barriers[barrier]).astype(int)
            for barrier in BARRIERS
        }
    module = item.module
    mean = plan.recommendation if module == "recommendation" else plan.means.get(module, 4.0)
    spread = 1.8 if module == "recommendation" else NOISE_SD
    units = np.array([shift(person.unit, module, number) for person in people])
    values = np.rint(mean + units + own * (2 if module == "recommendation" else 1) + rng.normal(0, spread, n))
    values = np.clip(values, item.low, item.high).astype(int)
    return {item.code: item.low + item.high - values if item.reverse else values}


def _move(rng: np.random.Generator, stage: np.ndarray) -> np.ndarray:
    draw = rng.random(stage.size)
    up = draw < np.take((0.22, 0.20, 0.14, 0.0), stage)
    down = draw > 1 - np.take((0.0, 0.04, 0.06, 0.08), stage)
    return np.clip(stage + up - down, 0, len(STAGES) - 1)


def census_means(wave: WaveAnswers, rows: np.ndarray | None = None) -> dict[str, float]:
    """Give the true factor means of a wave on 1-5 (reverse-keyed items turned), over those employed."""
    rows = wave.present if rows is None else wave.present & rows
    means = {}
    for factor in FACTOR_KEYS:
        items = [item for item in SAMPLE_ITEMS if item.module == factor]
        turned = [
            item.low + item.high - wave.answers[item.code] if item.reverse else wave.answers[item.code]
            for item in items
        ]
        means[factor] = float(np.mean(turned, axis=0)[rows].mean())
    return means
