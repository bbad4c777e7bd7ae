"""The people of a sample client: invented names, units, roles, joiners and leavers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np

_STARTS: Final = (
    "Al",
    "Be",
    "Ca",
    "Da",
    "El",
    "Fi",
    "Gro",
    "Ha",
    "Il",
    "Jo",
    "Ka",
    "Lo",
    "Mi",
    "No",
    "Ol",
    "Pe",
)
_MIDDLES: Final = ("r", "nn", "l", "s", "t", "v", "m", "nd", "rk", "st")
_ENDS: Final = ("a", "en", "i", "o", "us", "ine", "ar", "el")
_PLACES: Final = ("berg", "vik", "ström", "mäki", "feld", "holm", "wood", "dal", "niemi", "ford")

ROLES: Final = ("specialist", "team lead", "manager", "executive")


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One invented employee, with the ids under which the client's systems know them."""

    number: str
    token: str
    email: str
    name: str
    unit: str
    role: str
    joined_on: date
    left_on: date | None

    @property
    def executive(self) -> bool:
        """Whether the person belongs to the management."""
        return self.role == "executive"


def make_people(
    rng: np.random.Generator,
    units: Mapping[str, int],
    *,
    domain: str,
    prefix: str,
    begins_on: date,
    ends_on: date,
    executives: int,
) -> list[Person]:
    """Invent the people of all units; `units` gives how many there are in each.

    About one in twenty joins and one in twenty-five leaves between `begins_on` and `ends_on`; the first
    `executives` people of the first unit are the management and stay.
    """
    people: list[Person] = []
    span = (ends_on - begins_on).days
    for unit, headcount in units.items():
        for place in range(headcount):
            index = len(people)
            name = _name(rng)
            role = "executive" if index < executives else ROLES[int(rng.choice(3, p=(0.82, 0.13, 0.05)))]
            joined = begins_on - timedelta(days=int(rng.integers(60, 9000)))
            left = None
            if role != "executive" and place > 1:
                if rng.random() < 0.05:
                    joined = begins_on + timedelta(days=int(rng.integers(30, span - 30)))
                elif rng.random() < 0.04:
                    left = begins_on + timedelta(days=int(rng.integers(60, span)))
            people.append(
                Person(
                    number=f"{prefix}{index + 1:05d}",
                    token=_token(rng),
                    email=f"{_plain(name)}{index + 1}@{domain}",
                    name=name,
                    unit=unit,
                    role=role,
                    joined_on=joined,
                    left_on=left,
                )
            )
    return people


def there(people: list[Person], on: date) -> np.ndarray:
    """Say who is employed on that day."""
    return np.array([p.joined_on <= on and (p.left_on is None or p.left_on > on) for p in people])


def _name(rng: np.random.Generator) -> str:
    first = f"{rng.choice(_STARTS)}{rng.choice(_MIDDLES)}{rng.choice(_ENDS)}"
    last = f"{rng.choice(_STARTS)}{rng.choice(_MIDDLES)}{rng.choice(_PLACES)}"
    return f"{first} {last}"


def _plain(name: str) -> str:
    return name.lower().replace("ä", "a").replace("ö", "o").replace(" ", ".")


def _token(rng: np.random.Generator) -> str:
    letters = np.array(list("abcdefghjkmnpqrstuvwxyz23456789"))
    return "".join(rng.choice(letters, size=15))
