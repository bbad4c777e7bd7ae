"""Plain tables of a client: the HR list of people, ratings of skills, the inbox."""

from typing import Any

from smf_helpers.ingest.sample.containers import delimited
from smf_helpers.ingest.sample.organisation import Person
from smf_helpers.ingest.sample.practice import Inbound, Rating


def people_list(people: list[Person], *, tokens: bool) -> bytes:
    """Write the HR list: number, e-mail, unit, role, first and last day; survey token if there is one."""
    head = ["Employee number", "E-mail", "Name", "Unit", "Role", "Joined", "Left", "Executive"]
    rows: list[list[Any]] = [[*head, "Survey token"] if tokens else head]
    for person in people:
        row: list[Any] = [
            person.number,
            person.email,
            person.name,
            person.unit,
            person.role,
            person.joined_on.isoformat(),
            person.left_on.isoformat() if person.left_on else "",
            "yes" if person.executive else "no",
        ]
        rows.append([*row, person.token] if tokens else row)
    return delimited(rows)


def skills_table(ratings: list[Rating]) -> bytes:
    """Write one row a rating: who, which skill, when, score on 0-100, how it was found."""
    rows: list[list[Any]] = [["Employee number", "Skill", "Date", "Score", "Source", "Unit"]]
    rows += [
        [r.learner.number, r.skill, r.at.isoformat(), r.score, r.source, r.learner.unit] for r in ratings
    ]
    return delimited(rows)


def inbox_table(inbox: list[Inbound]) -> bytes:
    """Write one row an inbound message: when it came, when it was first answered, whether in a crisis."""
    rows: list[list[Any]] = [["Message ID", "Channel", "Received (UTC)", "First answer (UTC)", "Crisis"]]
    rows += [
        [
            m.number,
            m.channel,
            f"{m.at:%Y-%m-%d %H:%M:%S}",
            f"{m.answered_at:%Y-%m-%d %H:%M:%S}" if m.answered_at else "",
            "yes" if m.crisis else "no",
        ]
        for m in inbox
    ]
    return delimited(rows)
