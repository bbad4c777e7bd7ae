"""Learning by doing: skills in a pilot and after it, posts and what they bring, inbound messages answered."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np

from smf_helpers.ingest.sample.items import SKILLS
from smf_helpers.ingest.sample.organisation import Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """A score of a learner's skill on 0-100."""

    learner: Person
    skill: str
    at: date
    score: float
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A post on an external channel with its lifetime figures."""

    number: int
    at: datetime
    kind: str
    text: str
    reach: int
    impressions: int
    reactions: int
    comments: int
    shares: int
    clicks: int
    saves: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbound:
    """A message that wanted an answer."""

    number: str
    channel: str
    at: datetime
    answered_at: datetime | None
    crisis: bool


def simulate_skills(
    rng: np.random.Generator,
    pilots: Mapping[str, tuple[date, list[Person]]],
    later: list[date],
    *,
    typical_rate: float = 0.45,
    waiting: Mapping[str, str] | None = None,
) -> tuple[list[Rating], dict[str, tuple[float, float, float]]]:
    """Give each learner a curve of their own and rate it weekly in the pilot and at `later` days.

    `waiting` names units whose learners are rated over an earlier unit's pilot too, before they begin to learn.

    The score is ``last - (last - first) exp(-rate weeks)`` plus noise (sd 4), cut to 0-100; rates are
    log-normal around `typical_rate` (sd of the logarithm 0.5). Returns the ratings and the planted curves.
    """
    ratings: list[Rating] = []
    curves: dict[str, tuple[float, float, float]] = {}
    for starts_on, learners in pilots.values():
        for learner in learners:
            first = float(rng.normal(32, 6))
            last = float(min(rng.normal(78, 7), 97.0))
            rate = float(typical_rate * np.exp(rng.normal(0, 0.5)))
            curves[learner.number] = (first, last, rate)
            weekly = [(week, "test") for week in range(5)]
            days = [(starts_on + timedelta(weeks=week), source) for week, source in weekly]
            days += [(day, "test") for day in later if day > starts_on + timedelta(weeks=5)]
            for day, source in days:
                weeks = (day - starts_on).days / 7
                for skill in SKILLS[:2]:
                    level = last - (last - first) * np.exp(-rate * weeks)
                    score = float(np.clip(level + rng.normal(0, 4), 0, 100))
                    ratings.append(
                        Rating(learner=learner, skill=skill, at=day, score=round(score, 1), source=source)
                    )
    return ratings + _while_waiting(rng.spawn(1)[0], pilots, curves, waiting or {}), curves


def _while_waiting(
    rng: np.random.Generator,
    pilots: Mapping[str, tuple[date, list[Person]]],
    curves: Mapping[str, tuple[float, float, float]],
    waiting: Mapping[str, str],
) -> list[Rating]:
    """Rate those who wait at their first level, over the weeks of another unit's pilot."""
    ratings = []
    for unit, other in waiting.items():
        for learner in pilots[unit][1]:
            for week in range(5):
                for skill in SKILLS[:2]:
                    score = round(float(np.clip(curves[learner.number][0] + rng.normal(0, 4), 0, 100)), 1)
                    day = pilots[other][0] + timedelta(weeks=week)
                    ratings.append(Rating(learner=learner, skill=skill, at=day, score=score, source="test"))
    return ratings


def simulate_posts(
    rng: np.random.Generator,
    days: list[date],
    *,
    kinds: tuple[str, ...],
    texts: tuple[str, ...],
    reach: float,
    rate: float,
    experience: float,
    step: Mapping[date, float] | None = None,
    rounds: float = 1.6,
) -> list[Post]:
    """Publish a post on each of `days`; its engagement rate is ``rate n^experience`` times what `step` adds.

    `n` is the number of the post, `step` multiplies the rate from a day on, `rounds` is impressions a
    person reached.
    """
    posts = []
    for index, day in enumerate(days):
        people = int(reach * np.exp(rng.normal(0, 0.45)))
        lift = float(np.prod([size for start, size in (step or {}).items() if start <= day] or [1.0]))
        share = rate * (index + 1) ** experience * lift * np.exp(rng.normal(0, 0.2))
        engaged = int(rng.poisson(people * min(share, 0.6)))
        reactions, comments, shares, saves = (
            int(part) for part in rng.multinomial(engaged, (0.74, 0.13, 0.09, 0.04))
        )
        at = datetime(day.year, day.month, day.day, 8, tzinfo=UTC) + timedelta(
            minutes=int(rng.integers(0, 600))
        )
        posts.append(
            Post(
                number=index + 1,
                at=at,
                kind=str(rng.choice(kinds)),
                text=str(rng.choice(texts)),
                reach=people,
                impressions=int(people * (1 + rng.gamma(2, (rounds - 1) / 2))),
                reactions=reactions,
                comments=comments,
                shares=shares,
                clicks=int(rng.poisson(people * 0.015)),
                saves=saves,
            )
        )
    return posts


def simulate_inbox(
    rng: np.random.Generator,
    begins_on: date,
    weeks: int,
    *,
    channels: tuple[str, ...],
    each_week: float,
    hours: float,
    crisis: tuple[date, int, float],
) -> list[Inbound]:
    """Let messages come in and be answered; answers get faster with practice (``hours n^-0.12``).

    `crisis` is (day, number of messages, mean hours to an answer then). About one in thirty stays open.
    """
    inbox: list[tuple[datetime, float, bool]] = []
    for week in range(weeks):
        for _ in range(int(rng.poisson(each_week))):
            minute = int(rng.integers(0, 7 * 24 * 60))
            at = datetime(begins_on.year, begins_on.month, begins_on.day, tzinfo=UTC)
            at += timedelta(weeks=week, minutes=minute)
            inbox.append((at, hours, False))
    day, number, slow = crisis
    for _ in range(number):
        minute = int(rng.gamma(2, 500))
        at = datetime(day.year, day.month, day.day, 5, tzinfo=UTC) + timedelta(minutes=minute)
        inbox.append((at, slow, True))
    made = []
    for index, (at, mean, urgent) in enumerate(sorted(inbox)):
        typical = mean if urgent else mean * (index + 1) ** -0.12
        wait = float(typical * rng.gamma(1.5, 1 / 1.5))
        answered = None if rng.random() < 1 / 30 else at + timedelta(seconds=int(wait * 3600))
        made.append(
            Inbound(
                number=f"IN-{index + 1:05d}",
                channel=str(rng.choice(channels)),
                at=at,
                answered_at=answered,
                crisis=urgent,
            )
        )
    return made
