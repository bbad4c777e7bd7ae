"""A project of small generated clients: two survey waves each, half of them with a tested pilot.

The organisations truly differ: each factor of each has a level of its own, drawn around the same centre with the
spread `SPREAD`, so a comparison of them has a known truth.
"""

import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from smf_helpers.framework import BARRIERS, FACTOR_KEYS
from smf_helpers.ingest.sample import practice, survey_files, table_files
from smf_helpers.ingest.sample.answers import WavePlan, simulate_answers
from smf_helpers.ingest.sample.organisation import make_people

SEED: Final = 1212
CENTRE: Final = (3.2, 3.1, 3.0, 3.1, 3.3, 3.0, 2.7, 3.1)
"""Level of each factor over all organisations."""

SPREAD: Final = 0.4
"""How far organisations differ, as a standard deviation on the scale of 1 to 5."""

OPENED: Final = (date(2025, 10, 6), date(2026, 4, 13))
_NAMES: Final = (
    "Aallokko", "Birchwood", "Cobalt", "Delta Mills", "Eastgate", "Fjordline", "Granite", "Harbour", "Ivory",
    "Juniper", "Kestrel", "Lakeside",
)  # fmt: skip
_UNITS: Final = ("Sales", "Service", "Operations", "Office")
_COLOURS: Final = ("#0b4f6c", "#5b2a86", "#1b5e3f", "#7a2e1d", "#274690", "#6b4e00")


def levels(number: int) -> npt.NDArray[np.float64]:
    """Give the planted level of each factor of one organisation."""
    rng = np.random.default_rng([SEED, number, 0])
    return np.clip(np.array(CENTRE) + rng.normal(0, SPREAD, len(FACTOR_KEYS)), 1.6, 4.4)


def organisation_files(number: int) -> dict[str, bytes]:
    """Make the exports of one organisation, without its params."""
    streams = [np.random.default_rng([SEED, number, stream]) for stream in range(1, 5)]
    people = make_people(
        streams[0],
        headcounts(number),
        domain=f"client{number}.example",
        prefix="C",
        begins_on=OPENED[0] - timedelta(days=200),
        ends_on=OPENED[1],
        executives=2,
    )
    means = dict(zip(FACTOR_KEYS, levels(number), strict=True))
    means |= {f"importance:{factor}": 3.9 for factor in FACTOR_KEYS}
    plans = [
        WavePlan(
            name=str(place + 1),
            opened_on=opened,
            closed_on=opened + timedelta(days=14),
            means=means,
            barriers=dict.fromkeys(BARRIERS, 0.25),
            response=0.7,
            recommendation=6.0 + 0.5 * float(levels(number)[-1] - CENTRE[-1]) / SPREAD,
        )
        for place, opened in enumerate(OPENED)
    ]
    census = simulate_answers(streams[1], people, plans, lambda unit, module, wave: 0.0)
    made = {
        f"wave {place + 1}.csv": survey_files.limesurvey(streams[2], people, wave)
        for place, wave in enumerate(census)
    }
    if number % 2 == 0:
        pilot = {_UNITS[1]: (OPENED[0], [person for person in people if person.unit == _UNITS[1]][:14])}
        ratings, _ = practice.simulate_skills(streams[3], pilot, list(OPENED))
        made["skills.csv"] = table_files.skills_table(ratings)
    made["people.csv"] = table_files.people_list(people, tokens=True)
    return made


def headcounts(number: int) -> dict[str, int]:
    """Give the people of each unit of one organisation: 60 to 150 in all."""
    sizes = np.random.default_rng([SEED, number, 9]).integers(15, 38, len(_UNITS))
    return dict(zip(_UNITS, (int(size) for size in sizes), strict=True))


def organisation_params(number: int) -> str:
    """Write the params of one organisation."""
    return "\n".join(_lines(number)) + "\n"


def _lines(number: int) -> Iterator[str]:
    client, name = client_id(number), client_name(number)
    yield f"# {name}, an invented organisation, made by `smf sample`."
    yield f"client: {client}"
    yield f"name: {name}"
    yield "as_of: 2026-04-30"
    yield "organisation:"
    yield "  units:"
    for unit, headcount in headcounts(number).items():
        yield f"    - {{name: {unit}, headcount: {headcount}}}"
    yield "sources:"
    yield "  - path: people.csv"
    for place in range(len(OPENED)):
        yield f'  - {{path: wave {place + 1}.csv, wave: "{place + 1}"}}'
    if number % 2 == 0:
        yield "  - path: skills.csv"
    yield "waves:"
    for place, opened in enumerate(OPENED):
        closed = opened + timedelta(days=14)
        yield f'  - {{wave: "{place + 1}", opened_on: {opened}, closed_on: {closed}}}'
    if number % 2 == 0:
        yield "skills: {scale: [0, 100], proficient: 70}"
    yield f'brand: {{primary: "{_COLOURS[number % len(_COLOURS)]}"}}'


def client_name(number: int) -> str:
    """Give the name of one organisation."""
    round_, place = divmod(number, len(_NAMES))
    return _NAMES[place] + (f" {round_ + 1}" if round_ else "")


def client_id(number: int) -> str:
    """Give the client id of one organisation."""
    return client_name(number).lower().replace(" ", "-")


def write_project(folder: Path, notebooks: Path, clients: int) -> int:
    """Write a whole project of generated clients: params, data, notebooks; give how many there are.

    Parameters
    ----------
    folder : folder to make; files of the same names are written anew.
    notebooks : folder of the notebooks to take along.
    clients : how many.
    """
    shutil.copytree(notebooks, folder / "notebooks", dirs_exist_ok=True)
    (folder / "params").mkdir(parents=True, exist_ok=True)
    for number in range(clients):
        inputs = folder / "data" / "raw" / client_id(number)
        inputs.mkdir(parents=True, exist_ok=True)
        for name, content in organisation_files(number).items():
            (inputs / name).write_bytes(content)
        params = folder / "params" / f"{client_id(number)}.yml"
        params.write_text(organisation_params(number), encoding="utf-8")
    return clients
