"""Tables of several files → one table each: overlaps, waves and their items, units, the day up to which data count."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from smf_helpers.ingest.headers import normal
from smf_helpers.ingest.joining import Ids
from smf_helpers.ingest.surveys.respondents import by_number
from smf_helpers.params import ClientParams
from smf_helpers.results.ingest import Export
from smf_helpers.tables import SCHEMAS, conform, empty

if TYPE_CHECKING:
    import pandas as pd

_DATED: Final = {
    "posts": "published_at",
    "channel_days": "date",
    "activity": "week",
    "interactions": "at",
    "messages": "at",
    "skills": "at",
}


def settle(
    params: ClientParams, exports: Sequence[Export], people: "pd.DataFrame", ids: Ids
) -> "dict[str, pd.DataFrame]":
    """Put the tables of all files together as the params say; ids are still raw, one for each person."""
    found = {
        name: merged(name, exports) for name in SCHEMAS if name not in ("people", "units", "interventions")
    }
    found["people"] = people
    names = _unit_names(params)
    for table in ("people", "respondents", "skills"):
        found[table] = found[table].assign(unit=_renamed(found[table]["unit"], names))
    found["respondents"] = _with_attributes(found["respondents"], found["people"], ids)
    found["waves"] = _waves(params, found["waves"])
    found["units"] = _units(params, found)
    found["interventions"] = _interventions(params)
    if params.as_of is not None:
        found |= {name: _until(found[name], column, params.as_of) for name, column in _DATED.items()}
    return {name: conform(name, rows.reset_index(drop=True)) for name, rows in found.items()}


def merged(name: str, exports: Sequence[Export]) -> "pd.DataFrame":
    """Put the rows of all exports together; of a key that stands twice the later file's row stays."""
    import pandas as pd

    schema = SCHEMAS[name]
    parts = [export.tables[name] for export in exports if name in export.tables and len(export.tables[name])]
    if not parts:
        return empty(name)
    together = pd.concat([part[schema.names] for part in parts], ignore_index=True)
    if name == "items":
        return _items(together)
    if name == "waves":
        return together.groupby("wave", as_index=False, sort=False).agg(
            {"opened_on": "min", "closed_on": "max", "invited": "max", "key_kind": "first"}
        )
    if not schema.key:
        if len(parts) == 1:
            return together  # rows that are alike in one file are no overlap of files
        source = pd.Series([i for i, part in enumerate(parts) for _ in range(len(part))])
        within = together.groupby([*schema.names, source], dropna=False).cumcount()
        return together[~together.assign(_n=within).duplicated()].reset_index(drop=True)
    return together.drop_duplicates(list(schema.key), keep="last", ignore_index=True)


def _items(together: "pd.DataFrame") -> "pd.DataFrame":
    """Keep one row an item; a scale that was only seen in the data is as wide as all waves show it."""
    loose = together["module"] == ""
    lows = together["scale_min"].where(loose).groupby(together["item"]).transform("min")
    highs = together["scale_max"].where(loose).groupby(together["item"]).transform("max")
    wide = together.assign(scale_min=together["scale_min"].where(~loose, lows),
                           scale_max=together["scale_max"].where(~loose, highs))  # fmt: skip
    return wide.drop_duplicates("item", ignore_index=True)


def _unit_names(params: ClientParams) -> dict[str, str]:
    names: dict[str, str] = {}
    for unit in params.organisation.units:
        for spelling in (unit.name, *unit.also):
            names.setdefault(normal(spelling), unit.name)
    return names


def _renamed(units: "pd.Series", names: Mapping[str, str]) -> "pd.Series":
    """Call units as the params do; spellings that they do not know are merged under the first one seen."""
    known = dict(names)
    table = {}
    for unit in units.dropna().unique():
        table[unit] = known.setdefault(normal(unit), unit)
    return units.map(table).astype("str")


def _with_attributes(respondents: "pd.DataFrame", people: "pd.DataFrame", ids: Ids) -> "pd.DataFrame":
    """Fill unit, role and tenure from the people list where the survey does not say."""
    if not len(respondents) or not len(people):
        return respondents
    about = people.set_index("person")
    who = ids.all(respondents["respondent"])
    filled: dict[str, Any] = {}
    for name in ("unit", "role"):
        filled[name] = respondents[name].where(respondents[name].notna(), who.map(about[name]))
    joined = who.map(about["joined_on"])
    years = (respondents["submitted_at"].dt.tz_localize(None) - joined).dt.days / 365.25
    filled["tenure"] = respondents["tenure"].where(respondents["tenure"].notna(), years.clip(0, 80).round(2))
    return respondents.assign(**filled)


def _waves(params: ClientParams, waves: "pd.DataFrame") -> "pd.DataFrame":
    import pandas as pd

    declared = {wave.wave: wave for wave in params.waves}
    headcount = params.organisation.headcount or sum(
        unit.headcount or 0 for unit in params.organisation.units
    )
    rows = []
    for wave in waves.to_dict("records"):
        about = declared.get(wave["wave"])
        rows.append(
            {
                "wave": wave["wave"],
                "opened_on": pd.Timestamp(about.opened_on)
                if about and about.opened_on
                else wave["opened_on"],
                "closed_on": pd.Timestamp(about.closed_on)
                if about and about.closed_on
                else wave["closed_on"],
                "invited": about.invited if about and about.invited else (headcount or pd.NA),
                "key_kind": "none" if about and about.anonymous else wave["key_kind"],
            }
        )
    if not rows:
        return empty("waves")
    found = pd.DataFrame(rows)
    # A wave whose days nobody knows still needs a place in the order: its number's, else that of the files.
    missing = list(found.loc[found["opened_on"].isna(), "wave"])
    for day, name in enumerate(by_number(missing)):
        found.loc[found["wave"] == name, "opened_on"] = pd.Timestamp("1970-01-01") + pd.Timedelta(days=day)
    return conform("waves", found).sort_values(["opened_on", "wave"], ignore_index=True)


def _units(params: ClientParams, found: "Mapping[str, pd.DataFrame]") -> "pd.DataFrame":
    import pandas as pd

    people = found["people"]
    here = people[people["left_on"].isna() & ~people["state"].isin(["bot", "guest", "deleted"])]
    counted = here.groupby("unit").size()
    rows: list[dict[str, Any]] = [
        {
            "unit": unit.name,
            "parent": unit.parent,
            "headcount": unit.headcount if unit.headcount is not None else counted.get(unit.name, pd.NA),
            "joined_rollout_on": pd.Timestamp(unit.joined_rollout_on) if unit.joined_rollout_on else pd.NaT,
        }
        for unit in params.organisation.units
    ]
    listed = {row["unit"] for row in rows}
    seen = pd.concat([found[name]["unit"] for name in ("people", "respondents", "skills")]).dropna().unique()
    rows += [
        {"unit": unit, "headcount": counted.get(unit, pd.NA), "joined_rollout_on": pd.NaT}
        for unit in sorted(set(seen) - listed)
    ]
    return conform("units", pd.DataFrame(rows)) if rows else empty("units")


def _interventions(params: ClientParams) -> "pd.DataFrame":
    import pandas as pd

    rows = [
        {
            "kind": done.kind,
            "name": done.name,
            "starts_on": pd.Timestamp(done.starts_on),
            "ends_on": pd.Timestamp(done.ends_on) if done.ends_on else pd.NaT,
            "scope": done.scope or "",
            "owner": done.owner or "",
        }
        for done in params.interventions
    ]
    return conform("interventions", pd.DataFrame(rows)) if rows else empty("interventions")


def _until(rows: "pd.DataFrame", column: str, last: Any) -> "pd.DataFrame":
    import pandas as pd

    end = pd.Timestamp(last) + pd.Timedelta(days=1)
    if rows[column].dt.tz is not None:
        end = end.tz_localize("UTC")
    return rows[rows[column].isna() | (rows[column] < end)]
