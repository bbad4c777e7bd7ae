"""Who is who over all files of a client: one person, one id, whatever a system calls them; then pseudonyms."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from smf_helpers.ingest.headers import normal
from smf_helpers.tables import conform, empty

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd

PERSON_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "people": ("person",),
    "respondents": ("respondent",),
    "responses": ("respondent",),
    "activity": ("actor",),
    "interactions": ("source", "target"),
    "skills": ("learner",),
}
"""Columns that hold the id of a person."""


class Ids:
    """Aliases of people: e-mail, survey token and employee number of one person lead to the same id."""

    def __init__(self) -> None:
        self._main: dict[str, str] = {}

    def learn(self, main: str, *aliases: str | None) -> None:
        """Let aliases stand for `main`; the first meaning of an alias stays."""
        for alias in (main, *aliases):
            if alias and normal(alias):
                self._main.setdefault(normal(alias), main)

    def main(self, raw: str) -> str:
        """Give the one id of whoever is called `raw`."""
        return self._main.get(normal(raw), raw)

    def all(self, values: "pd.Series") -> "pd.Series":
        """Give the one id of everybody in a column."""
        known = {value: self.main(value) for value in values.dropna().unique()}
        return values.map(known).astype("str")


def join_people(lists: Sequence["pd.DataFrame"], ids: Ids) -> "pd.DataFrame":
    """Join people lists: an HR list (with aliases) stands over what platforms know of their users."""
    import pandas as pd

    if not lists:
        return empty("people")
    ranked = sorted(lists, key=lambda rows: not any(str(name).startswith("alias_") for name in rows))
    parts = []
    for rows in ranked:
        aliases = [name for name in rows if str(name).startswith("alias_")]
        for main, *others in rows[["person", *aliases]].itertuples(index=False):
            known = ids.main(str(main))
            ids.learn(known, str(main), *(None if pd.isna(other) else str(other) for other in others))
        named = rows.drop(columns=aliases)
        named = named.assign(person=ids.all(named["person"]))
        parts.append(conform("people", named))
    joined = pd.concat(parts, ignore_index=True)
    return joined.groupby("person", sort=False, as_index=False).first()[list(empty("people").columns)]


def pseudonymous(
    tables: "Mapping[str, pd.DataFrame]", ids: Ids, pseudonym: Callable[[str], str], anonymous: set[str]
) -> "dict[str, pd.DataFrame]":
    """Replace every id of a person by a pseudonym; in anonymous waves it is good for that wave only."""
    import pandas as pd

    waves = tables.get("waves", empty("waves"))
    unkeyed = anonymous | set(waves.loc[waves["key_kind"] == "none", "wave"])
    made: dict[str, str] = {}

    def hidden(raw: str) -> str:
        if raw not in made:
            made[raw] = pseudonym(raw)
        return made[raw]

    found = {}
    for name, rows in tables.items():
        changed = {}
        for column in PERSON_COLUMNS.get(name, ()):
            if "wave" in rows and name in ("respondents", "responses"):
                scope = rows["wave"].where(rows["wave"].isin(unkeyed), "").fillna("")
                people, raws = _coded(rows[column])
                scopes, names = _coded(scope)
                pairs, place = np.unique(people * max(len(names), 1) + scopes, return_inverse=True)
                known = [
                    hidden(f"{names[wave]}\x1f{raws[person]}" if names[wave] else ids.main(raws[person]))
                    for person, wave in zip(*np.divmod(pairs, max(len(names), 1)), strict=True)
                ]
                keys = np.array(known, dtype=object)[place]
                changed[column] = pd.Series(keys, index=rows.index, dtype="str")
            else:
                table = {raw: hidden(ids.main(raw)) for raw in rows[column].dropna().unique()}
                changed[column] = rows[column].map(table).astype("str")
        found[name] = rows.assign(**changed) if changed else rows
    return found


def _coded(values: "pd.Series") -> tuple["npt.NDArray[np.intp]", "npt.NDArray[np.object_]"]:
    """Give the place of each value among the different ones, an empty one included, and these as plain objects."""
    import pandas as pd

    places, found = pd.factorize(values, use_na_sentinel=False)
    return places, np.asarray(found, dtype=object)
