"""A young internal platform: who joins when (a Bass process with pushes from above), who writes to whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

import numpy as np

from smf_helpers.ingest.sample.organisation import Person
from smf_helpers.ingest.sample.truth import Diffusion

TEXTS: Final = (
    "Does anybody have a template for this?",
    "We tried it last week and it saved us an afternoon.",
    "Thank you, that helps a lot.",
    "I wrote down what we learnt, see the attachment.",
    "Good point, let us ask the customers first.",
    "Who could show this to our team?",
    "The new page is online, comments are welcome.",
    "Same here, we had the same question.",
    "I can be there on Thursday.",
    "A customer praised this today, well done everybody.",
    "Short summary of our meeting, decisions at the end.",
    "This did not work for us, here is why.",
)
MENTION: Final = 0.12
ANSWER: Final = 0.62
REACT: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message on the platform; `thread` is the number of the one that opened the thread."""

    number: int
    sender: int
    at: datetime
    group: str
    text: int
    thread: int
    replied_to: int | None
    mentions: tuple[int, ...]
    reactions: tuple[int, ...]


def simulate_adoption(
    rng: np.random.Generator,
    people: list[Person],
    plan: Diffusion,
    weeks: int,
    opened: Mapping[str, date],
) -> tuple[np.ndarray, Diffusion]:
    """Draw the week in which each person first writes, or -1 for never.

    Each week, whoever is employed, may take part and has not yet does so with probability ``p + q F + push``,
    `F` being the share of adopters among the eligible; `opened` gives the day a unit came to the platform.
    """
    may = rng.permutation(len(people)) < plan.eligible
    week_of = np.full(len(people), -1)
    new = []
    for week in range(weeks):
        monday = plan.launched_on + timedelta(weeks=week)
        here = np.array(
            [
                p.joined_on <= monday
                and (p.left_on is None or p.left_on > monday)
                and opened.get(p.unit, plan.launched_on) <= monday
                for p in people
            ]
        )
        push = sum(size for day, size in plan.pushes.items() if day <= monday < day + timedelta(weeks=8))
        hazard = plan.p + plan.q * (week_of >= 0).sum() / plan.eligible + push
        first = here & may & (week_of < 0) & (rng.random(len(people)) < hazard)
        week_of[first] = week
        new.append(int(first.sum()))
    known = Diffusion(
        launched_on=plan.launched_on,
        p=plan.p,
        q=plan.q,
        eligible=plan.eligible,
        pushes=plan.pushes,
        adopters=tuple(new),
    )
    return week_of, known


def simulate_messages(
    rng: np.random.Generator,
    people: list[Person],
    week_of: np.ndarray,
    *,
    launched_on: date,
    weeks: int,
    pace: float,
    open_share: tuple[float, float],
    boost: Mapping[date, float] | None = None,
) -> list[Message]:
    """Let those who joined write: a few a lot, most a little; replies go to the own unit more often.

    `pace` is the mean number of messages a person and week, `open_share` the share in open groups at the
    beginning and at the end, `boost` multiplies the pace from a day on.
    """
    rate = pace * rng.gamma(0.6, 1 / 0.6, len(people))
    units = [person.unit for person in people]
    written: list[Message] = []
    recent: list[int] = []
    for week in range(weeks):
        monday = launched_on + timedelta(weeks=week)
        factor = float(np.prod([size for day, size in (boost or {}).items() if day <= monday] or [1.0]))
        numbers = rng.poisson(rate * factor) * ((week_of >= 0) & (week_of < week))
        numbers += week_of == week
        for index, person in enumerate(people):
            if person.left_on is not None and person.left_on <= monday:
                numbers[index] = 0
        senders = np.repeat(np.arange(len(people)), numbers)
        times = np.sort(rng.integers(0, 5 * 9 * 3600, senders.size))
        opened = open_share[0] + (open_share[1] - open_share[0]) * week / max(weeks - 1, 1)
        for sender, second in zip(rng.permutation(senders), times, strict=True):
            day, clock = divmod(int(second), 9 * 3600)
            at = datetime(monday.year, monday.month, monday.day, 7, tzinfo=UTC) + timedelta(
                days=day, seconds=clock
            )
            written.append(_write(rng, written, recent, int(sender), at, units, opened))
            recent = [*recent[-39:], written[-1].number]
    return written


def _write(
    rng: np.random.Generator,
    written: list[Message],
    recent: list[int],
    sender: int,
    at: datetime,
    units: list[str],
    open_share: float,
) -> Message:
    number = len(written)
    answered = None
    if recent and rng.random() < ANSWER:
        others = [i for i in recent if written[i].sender != sender]
        near = [i for i in others if units[written[i].sender] == units[sender]]
        choice = near if near and rng.random() < 0.6 else others
        answered = written[int(rng.choice(choice))] if choice else None
    group = "All company" if rng.random() < open_share else units[sender]
    writers = sorted({message.sender for message in written[-60:]} - {sender})
    mentions = (int(rng.choice(writers)),) if writers and rng.random() < MENTION else ()
    fans = rng.poisson(REACT) if writers else 0
    return Message(
        number=number,
        sender=sender,
        at=at,
        group=answered.group if answered else group,
        text=int(rng.integers(len(TEXTS))),
        thread=answered.thread if answered else number,
        replied_to=answered.number if answered else None,
        mentions=mentions,
        reactions=tuple(int(i) for i in rng.choice(writers, min(fans, len(writers)), replace=False))
        if fans
        else (),
    )
