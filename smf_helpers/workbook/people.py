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
    Ints = npt.NDArray[np.intp]

    from smf_helpers.workbook.book import Workbook

NO_ANSWER = np.uint64(2**64 - 1)
"""What stands for the digest of a question that was asked and not answered."""

DIMENSIONS: tuple[str, ...] = ("unit", "role")


def populations(book: "Workbook") -> dict[str, Population]:
    """Give one population for each survey wave, one for the internal platforms, one for the learners."""
    found = {}
    respondents = book.rows("respondents")
    digests = _answer_digests(book.rows("responses"))
    for wave in book.waves:
        rows = respondents[respondents["wave"] == wave]
        if len(rows):
            snapshot, said = digests.get(wave, ("", {}))
            population = _population(book, f"survey:{wave}", rows, "respondent", snapshot)
            answers = tuple(said.get(person, "") for person in population.people.tolist())
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


def _told(responses: "pd.DataFrame") -> tuple["Words", "Ints", "npt.NDArray[np.bool_]"]:
    """Give the different (item, answer) as text, the place of each row's among them, and which have no answer."""
    import pandas as pd

    items, item_names = pd.factorize(responses["item"])
    values, numbers = pd.factorize(responses["value"], use_na_sentinel=False)
    many = max(len(numbers), 1)
    pairs, place = np.unique(items * many + values, return_inverse=True)
    given = pd.Series(numbers).astype(str).fillna("").to_numpy(dtype=object)[pairs % many]
    texts = np.asarray(item_names, dtype=object)[pairs // many] + "\t" + given
    return texts, place, given == ""


def _answer_digests(responses: "pd.DataFrame") -> dict[str, tuple[str, dict[str, str]]]:
    """Give for each wave a digest of all (person, item, answer) and one of what each person answered.

    Neither depends on the order of rows: the first is made of the sorted lines, the second of a sum.
    """
    import pandas as pd

    if not len(responses):
        return {}
    texts, place, silent = _told(responses)
    waves, wave_names = pd.factorize(responses["wave"])
    persons, names = pd.factorize(responses["respondent"])
    names, persons = _sorted(np.asarray(names, dtype=object), persons)
    by_text = np.argsort(texts)
    texts, place = _sorted(texts, place)
    hashes = pd.util.hash_array(texts, categorize=False)
    hashes[silent[by_text]] = NO_ANSWER
    rows = np.sort((waves * len(names) + persons) * len(texts) + place)
    whose, said = np.divmod(rows, len(texts))
    first = np.flatnonzero(np.diff(whose, prepend=-1))
    sums = np.add.reduceat(hashes[said], first) & np.uint64(0xFFFFFFFF)
    said_by = "\t" + texts
    found = {}
    for wave, name in enumerate(wave_names):
        begin, end = np.searchsorted(whose, [wave * len(names), (wave + 1) * len(names)])
        lines = names[whose[begin:end] % len(names)] + said_by[said[begin:end]]
        here = (first >= begin) & (first < end)
        people = names[whose[first[here]] % len(names)]
        told = {person: f"{digest:08x}" for person, digest in zip(people, sums[here].tolist(), strict=True)}
        found[str(name)] = _joined(lines.tolist()), told
    return found


def _sorted(names: "Words", place: "Ints") -> tuple["Words", "Ints"]:
    """Sort the names, and give the places among them anew."""
    order = np.argsort(names)
    rank = np.empty(len(names), dtype=np.intp)
    rank[order] = np.arange(len(names))
    return names[order], rank[place]
