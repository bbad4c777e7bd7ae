"""Who is behind the numbers: the populations that the gate protects."""

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from smf_helpers.results.publication import Dims, Population

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd

    Words = npt.NDArray[np.object_]
    Places = npt.NDArray[np.intp]
    Bools = npt.NDArray[np.bool_]

    from smf_helpers.workbook.book import Workbook

NO_ANSWER = np.uint64(2**64 - 1)
"""What stands for the digest of a question that was asked and not answered."""

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
    return _joined(sorted(values.tolist()))


def _joined(lines: list[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _told(responses: "pd.DataFrame") -> tuple["Words", "Places", "Bools"]:
    """Give the different (item, answer) as text, the place of each row's among them, and which have no answer."""
    import pandas as pd

    items, item_names = pd.factorize(responses["item"])
    values, numbers = pd.factorize(responses["value"], use_na_sentinel=False)
    many = max(len(numbers), 1)
    pairs, place = np.unique(items * many + values, return_inverse=True)
    given = pd.Series(numbers).astype(str).fillna("").to_numpy(dtype=object)[pairs % many]
    texts = np.asarray(item_names, dtype=object)[pairs // many] + "\t" + given
    return texts, place, given == ""


def _answer_digests(responses: "pd.DataFrame") -> dict[str, str]:
    """Give a digest of (person, item, answer) for each wave, independent of the order of rows."""
    texts, place, _ = _told(responses)
    lines = responses["respondent"].to_numpy(dtype=object) + "\t" + texts[place]
    return {
        str(wave): _joined(sorted(lines[rows].tolist()))
        for wave, rows in responses.groupby("wave", observed=True).indices.items()
    }


def _person_digests(responses: "pd.DataFrame") -> dict[str, dict[str, str]]:
    """Give a digest of what each person answered in each wave, independent of the order of rows."""
    import pandas as pd

    texts, place, silent = _told(responses)
    waves, wave_names = pd.factorize(responses["wave"].astype(str))
    persons, person_names = pd.factorize(responses["respondent"].astype(str))
    # A sum of digests does not mind the order.
    digests = pd.util.hash_array(texts, categorize=False)
    digests[silent] = NO_ANSWER
    keys, mine = np.unique(waves * max(len(person_names), 1) + persons, return_inverse=True)
    sums = np.zeros(len(keys), dtype=np.uint64)
    np.add.at(sums, mine, digests[place])
    found: dict[str, dict[str, str]] = {}
    for key, digest in zip(keys.tolist(), sums.tolist(), strict=True):
        wave, person = divmod(key, len(person_names))
        found.setdefault(wave_names[wave], {})[person_names[person]] = f"{digest & 0xFFFFFFFF:08x}"
    return found
