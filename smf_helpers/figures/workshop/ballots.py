"""What a vote may say: one complete ballot a step, checked before anything is kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from smf_helpers.framework import BARRIERS, FACTOR_KEYS

CURVES: Final = ("fast", "steady", "late", "straight")
"""The shapes among which the group guesses."""

REASON, EXCUSE = 1, 2

Tally = dict[str, dict[int, int]]
"""How many gave each answer: item → answer → n; empty where nothing may be shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ballot:
    """What is asked at a step.

    Attributes
    ----------
    items : keys, all of which a vote answers.
    choices : the answers that each may have.
    """

    items: tuple[str, ...]
    choices: tuple[int, ...]


BALLOTS: Final[dict[str, Ballot]] = {
    "factors": Ballot(items=FACTOR_KEYS, choices=(1, 2, 3, 4, 5)),
    "curves": Ballot(items=("curve",), choices=tuple(range(1, len(CURVES) + 1))),
    "barriers": Ballot(items=BARRIERS, choices=(REASON, EXCUSE)),
}

STEPS: Final = ("factors", "what_if", "curves", "barriers")
"""The four steps of the workshop; nobody votes on the what-if."""


def checked(step: str, answers: Any) -> dict[str, int] | None:
    """Give the answers if they are a complete and valid ballot of the step, else None.

    Examples
    --------
    >>> checked("curves", {"curve": 2})
    {'curve': 2}
    >>> checked("curves", {"curve": True}) is checked("curves", {"curve": 9}) is None
    True
    """
    ballot = BALLOTS.get(step)
    if ballot is None or not isinstance(answers, Mapping) or set(answers) != set(ballot.items):
        return None
    if any(type(value) is not int or value not in ballot.choices for value in answers.values()):
        return None
    return {item: answers[item] for item in ballot.items}
