"""The lines of a client's ledger: one entry a release, as JSON, and the digest that chains it to the line before."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from smf_helpers.results.privacy import PublishedCell, ReleasedGroup


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the ledger: what one release made public.

    Attributes
    ----------
    profile, minimum : thresholds in force.
    kid : id of the key that made the pseudonyms.
    snapshots : population → digest of its people and answers.
    people : population → pseudonyms, sorted.
    answers : population → digest of each person's answers, aligned with `people`; empty where not known.
    groups : every group that was shown, with its figures.
    """

    profile: str
    minimum: int
    kid: str
    snapshots: Mapping[str, str]
    people: Mapping[str, tuple[str, ...]]
    answers: Mapping[str, tuple[str, ...]]
    groups: tuple[ReleasedGroup, ...]


def body_of(entry: Entry) -> dict[str, Any]:
    """Give an entry as JSON: groups as bitmaps over the population's people."""
    place = {key: {person: at for at, person in enumerate(people)} for key, people in entry.people.items()}

    def bitmap(group: ReleasedGroup) -> str:
        bits = np.zeros(len(place[group.population]), dtype=bool)
        bits[[place[group.population][person] for person in group.members]] = True
        return np.packbits(bits).tobytes().hex()

    return {
        "profile": entry.profile,
        "minimum": entry.minimum,
        "kid": entry.kid,
        "snapshots": dict(entry.snapshots),
        "people": {key: list(people) for key, people in entry.people.items()},
        "answers": {key: list(answers) for key, answers in entry.answers.items()},
        "groups": [
            {
                "population": group.population,
                "dims": [list(pair) for pair in group.dims],
                "members": bitmap(group),
                "figures": _figures(group),
            }
            for group in entry.groups
        ],
    }


def entry_of(body: Mapping[str, Any]) -> Entry:
    """Read an entry from its JSON; an older line has no digests of answers and no figures."""
    people = {key: tuple(names) for key, names in body["people"].items()}

    def members(record: Mapping[str, Any]) -> tuple[str, ...]:
        names = people[record["population"]]
        bits = np.unpackbits(np.frombuffer(bytes.fromhex(record["members"]), dtype=np.uint8))
        return tuple(names[at] for at in np.flatnonzero(bits[: len(names)]))

    return Entry(
        profile=body["profile"],
        minimum=int(body["minimum"]),
        kid=body["kid"],
        snapshots=dict(body["snapshots"]),
        people=people,
        answers={key: tuple(answers) for key, answers in body.get("answers", {}).items()},
        groups=tuple(_group(record, members(record)) for record in body["groups"]),
    )


def _figures(group: ReleasedGroup) -> list[list[Any]] | None:
    """Give the figures of a group as lists; its population and dims stand beside them."""
    if group.figures is None:
        return None
    return [
        [cell.measure, cell.n_low, cell.n_high, cell.low, cell.high, *cell.scale, cell.answers]
        for cell in group.figures
    ]


def _group(record: Mapping[str, Any], members: tuple[str, ...]) -> ReleasedGroup:
    dims = tuple((name, value) for name, value in record["dims"])
    figures = record.get("figures")
    return ReleasedGroup(
        population=record["population"],
        dims=dims,
        members=members,
        figures=None
        if figures is None
        else tuple(
            PublishedCell(
                measure=measure,
                wave=record["population"],
                dims=dims,
                n_low=n_low,
                n_high=n_high,
                low=low,
                high=high,
                scale=(scale_low, scale_high),
                answers=answers,
            )
            for measure, n_low, n_high, low, high, scale_low, scale_high, answers in figures
        ),
    )


def text_of(thing: Any) -> str:
    """Write JSON in the one form that digests are taken of."""
    return json.dumps(thing, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest_of(previous: str, body: Mapping[str, Any]) -> str:
    """Give the digest of a line, which holds that of the line before."""
    return hashlib.sha256((previous + text_of(body)).encode()).hexdigest()
