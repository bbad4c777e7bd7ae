"""Collects what is true of a simulated census into a `SampleTruth`."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from smf_helpers.framework import BARRIERS
from smf_helpers.ingest.sample.answers import WaveAnswers, census_means
from smf_helpers.ingest.sample.organisation import Person
from smf_helpers.ingest.sample.truth import SampleTruth


def survey_truth(
    name: str,
    seed: int,
    units: Mapping[str, int],
    people: list[Person],
    census: list[WaveAnswers],
    **planted: Any,
) -> SampleTruth:
    """Give the truth of a client: census means over everybody employed, and whatever else was planted."""
    unit_of = np.array([person.unit for person in people])
    return SampleTruth(
        name=name,
        seed=seed,
        units=units,
        waves={wave.plan.name: (wave.plan.opened_on, wave.plan.closed_on) for wave in census},
        factor_means={wave.plan.name: census_means(wave) for wave in census},
        unit_means={
            wave.plan.name: {unit: census_means(wave, unit_of == unit) for unit in units} for wave in census
        },
        barrier_shares={
            wave.plan.name: {
                barrier: float(wave.answers[f"BAR_{barrier}"][wave.present].mean()) for barrier in BARRIERS
            }
            for wave in census
        },
        respondents={wave.plan.name: int(wave.responded.sum()) for wave in census},
        **planted,
    )
