"""From a published figure down to the rows behind it; private, never for a client."""

from typing import TYPE_CHECKING, Any, Final

from smf_helpers.errors import SMFError
from smf_helpers.framework import BARRIERS, FACTOR_KEYS
from smf_helpers.results.catalogue import section_of
from smf_helpers.workbook.proposing import ALL

if TYPE_CHECKING:
    import pandas as pd

    from smf_helpers.workbook.book import Workbook

GROUND: Final = {
    "framework": "responses",
    "learning": "skills",
    "adoption": "activity",
    "path": "responses",
    "people": "responses",
    "channels": "posts",
    "interventions": "interventions",
    "data": "responses",
}
"""Canonical table under the tables of a section."""

APART: Final = {
    "waves": "respondents",
    "mixing": "interactions",
    "network_summary": "interactions",
    "personas": "interactions",
    "champions": "interactions",
    "adoption_sources": "interactions",
    "response": "messages",
    "rollout": "units",
    "experience": "posts",
}
"""Tables that stand on another one than the rest of their section."""

MODULES: Final = {
    "needs": tuple(f"importance:{key}" for key in FACTOR_KEYS),
    "barriers": tuple(f"barrier:{key}" for key in BARRIERS),
    "barrier_tests": tuple(f"barrier:{key}" for key in BARRIERS),
    "recommendation": ("recommendation",),
    "conditions": ("policy", "owner", "executives", "email", "access"),
    "path_occupancy": ("stage",),
    "path_flows": ("stage",),
    "path_time": ("stage",),
    "path_outlook": ("stage",),
    "path_drivers": ("stage",),
}
"""Modules of the questions behind a table; the eight factors by default."""


def rows_behind(book: "Workbook", name: str, **where: Any) -> "pd.DataFrame":
    """Give the canonical rows behind a table, or behind those of its rows that `where` names.

    Parameters
    ----------
    book : the private workbook.
    name : a table of the catalogue, such as ``factors``.
    where : column and value, such as ``factor="listening", wave="2025-autumn", unit="Sales"``; the unit ``all``
        is everybody.

    Raises
    ------
    SMFError : there is no such table, or its rows have no such column.
    """
    ground = APART.get(name) or GROUND.get(section_of(name))
    if ground is None:
        book.table(name)  # says which name is nearest
        raise SMFError(f"'{name}' rests on no rows of its own.")
    rows = _with_people(book, book.rows(ground), ground)
    if ground == "responses":
        modules = MODULES.get(name, FACTOR_KEYS)
        asked = book.rows("items").set_index("item")["module"].rename("module")
        rows = rows.join(asked, on="item")
        rows = rows[rows["module"].isin(modules)]
        rows = rows.assign(**{_topic(name): rows["module"].str.rpartition(":")[2]})
    for column, value in where.items():
        if column == "unit" and value == ALL:
            continue
        if column not in rows:
            raise SMFError(f"The rows behind '{name}' have no '{column}'. They have: {', '.join(rows)}.")
        rows = rows[rows[column].astype(str) == str(value)]
    return rows.reset_index(drop=True)


def _topic(name: str) -> str:
    return "barrier" if name.startswith("barrier") else "condition" if name == "conditions" else "factor"


def _with_people(book: "Workbook", rows: "pd.DataFrame", ground: str) -> "pd.DataFrame":
    """Put the unit beside each row that tells about a person."""
    if ground == "responses":
        people = book.rows("respondents")[["wave", "respondent", "unit"]].drop_duplicates(
            ["wave", "respondent"]
        )
        return rows.merge(people, how="left", on=["wave", "respondent"])
    if ground == "activity":
        people = book.rows("people")[["person", "unit"]].drop_duplicates("person")
        return rows.merge(people.rename(columns={"person": "actor"}), how="left", on="actor")
    return rows
