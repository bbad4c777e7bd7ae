"""Who is behind the numbers: the populations that the gate protects."""

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from smf_helpers.results.publication import Dims, Population

if TYPE_CHECKING:
    import pandas as pd

    from smf_helpers.workbook.book import Workbook

DIMENSIONS: tuple[str, ...] = ("unit", "role")


def populations(book: "Workbook") -> dict[str, Population]:
    """Give one population for each survey wave, one for the internal platforms, one for the learners."""
    found = {}
    respondents = book.rows("respondents")
    digests = _answer_digests(book.rows("responses"))
    persons = _person_digests(book.rows("responses"))
    for wave in book.waves:
        rows = respondents[respondents["wave"] == wave]
        if len(rows):
            population = _population(book, f"survey:{wave}", rows, "respondent", digests.get(wave, ""))
            said = persons.get(wave, {})
            answers = tuple(said.get(str(person), "") for person in population.people)
            found[f"survey:{wave}"] = replace(population, answers=answers)
    people = eligible(book)
    if len(people):
        found["people"] = _population(book, "people", people, "person", _digest(people["person"]))
    skills = book.rows("skills").drop_duplicates("learner")
    if len(skills):
        found["skills"] = _population(book, "skills", skills, "learner", _digest(skills["learner"]))
    return found


def eligible(book: "Workbook") -> "pd.DataFrame":
    """Give the people who could take part: the people list without bots and guests, else the actors seen."""
    import pandas as pd

    people = book.rows("people")
    if len(people):
        return people[~people["state"].isin(["bot", "guest"])]
    seen = pd.concat([book.rows("activity")["actor"], book.rows("interactions")["source"]]).drop_duplicates()
    return pd.DataFrame({"person": seen.astype(str).sort_values(ignore_index=True)})


def _population(book: "Workbook", key: str, rows: "pd.DataFrame", person: str, snapshot: str) -> Population:
    offered: set[str] = {"unit", *book.params.publish.breakdowns}
    kept = rows.drop_duplicates(person).sort_values(person)
    dimensions = {
        name: kept[name].fillna("").to_numpy(dtype=str)
        for name in DIMENSIONS
        if name in kept and name in offered and kept[name].notna().any()
    }
    headcounts: dict[Dims, int] = {
        (() if unit == "all" else (("unit", unit),)): n for unit, n in book.headcounts.items()
    }
    return Population(
        key=key,
        people=kept[person].to_numpy(dtype=str),
        dimensions=dimensions,
        headcounts=headcounts,
        snapshot=snapshot,
    )


def _digest(values: "pd.Series") -> str:
    joined = "\n".join(np.sort(values.to_numpy(dtype=str)))
    return hashlib.sha256(joined.encode()).hexdigest()


def _answer_digests(responses: "pd.DataFrame") -> dict[str, str]:
    """Give a digest of (person, item, answer) for each wave, independent of the order of rows."""
    found = {}
    for wave, rows in responses.groupby("wave", observed=True):
        lines = (
            rows["respondent"].astype(str)
            + "\t"
            + rows["item"].astype(str)
            + "\t"
            + rows["value"].astype(str)
        )
        found[str(wave)] = _digest(lines)
    return found


def _person_digests(responses: "pd.DataFrame") -> dict[str, dict[str, str]]:
    """Give a digest of what each person answered in each wave, independent of the order of rows."""
    import pandas as pd

    lines = responses["item"].astype(str) + "\t" + responses["value"].astype(str)
    each = pd.DataFrame(
        {
            "wave": responses["wave"].astype(str).to_numpy(),
            "respondent": responses["respondent"].astype(str).to_numpy(),
            # A sum of digests does not mind the order.
            "digest": pd.util.hash_array(lines.to_numpy(dtype=object), categorize=True),
        }
    )
    found: dict[str, dict[str, str]] = {}
    for (wave, person), digest in each.groupby(["wave", "respondent"], sort=False)["digest"].sum().items():
        found.setdefault(wave, {})[person] = f"{int(digest) & 0xFFFFFFFF:08x}"
    return found
