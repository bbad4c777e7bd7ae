"""The pilots of a client: each unit's weeks since it joined the roll-out, beside those not yet in it."""

from typing import TYPE_CHECKING, Any

from smf_helpers.results.core import SHOWN
from smf_helpers.results.publication import Cell, GroupRef, Mark
from smf_helpers.workbook.proposing import ALL, Row, estimated

if TYPE_CHECKING:
    import pandas as pd

    from smf_helpers.results.learning import PilotView
    from smf_helpers.workbook.book import Workbook

GRACE = 2
"""Weeks before a unit's joining date from which a score counts as the pilot's first."""
WEEKS = 4
"""Length of a pilot."""
LATE = 8
"""Weeks after the joining date by which a pilot's first score must have come."""
PATHS = ("moving up", "holding", "falling back", "left")


def joining(book: "Workbook") -> "pd.Series[Any]":
    """Give the day on which each unit joined the roll-out, where it is known."""
    units = book.rows("units").dropna(subset=["joined_rollout_on"])
    return units.set_index(units["unit"].astype(str))["joined_rollout_on"]


def since_joining(book: "Workbook") -> "pd.DataFrame":
    """Give the scores from when a learner's unit joined the roll-out on; earlier ones are the pilots' comparison."""
    import pandas as pd

    rows = book.rows("skills")
    if not len(rows):
        return rows
    first = {unit: pd.Timestamp(day) - pd.Timedelta(weeks=GRACE) for unit, day in joining(book).items()}
    early = rows["at"] < pd.to_datetime(rows["unit"].map(first))
    return rows[~early]


def pilots(book: "Workbook") -> "dict[str, tuple[Any, list[str], PilotView]]":
    """Look at each unit's pilot once: its first day, the units still waiting, and the view."""
    return book.once("pilots", lambda: _pilots(book))


def _pilots(book: "Workbook") -> "dict[str, tuple[Any, list[str], PilotView]]":
    import pandas as pd

    from smf_helpers.models import view_pilot

    rows = book.rows("skills").dropna(subset=["at", "unit"])
    rows = rows.assign(unit=rows["unit"].astype(str))
    joins, at = joining(book).map(pd.Timestamp), rows["at"]
    found = {}
    for unit, joined in joins.sort_values(kind="stable").items():
        own = at[(rows["unit"] == unit) & (at >= joined - pd.Timedelta(weeks=GRACE))]
        if not len(own) or own.min() > joined + pd.Timedelta(weeks=LATE):
            continue
        first = own.min()
        end = first + pd.Timedelta(weeks=WEEKS)
        waiting = [name for name, day in joins.items() if day > end]
        part = rows[rows["unit"].isin([unit, *waiting]) & at.between(first, end)]
        weeks = ((part["at"] - first).dt.days / 7).astype(float)
        view = view_pilot(part.assign(at=weeks), pilot=[str(unit)], weeks=WEEKS, starts_at=0.0)
        measured = set(part["unit"])
        found[str(unit)] = (first, [name for name in waiting if name in measured], view)
    return found


def pilot_week_rows(book: "Workbook") -> list[Row]:
    """Give each pilot week by week, and those not yet in the roll-out over the same weeks."""
    rows = []
    for unit, (_, waiting, view) in pilots(book).items():
        for row in view.weeks.sort_values(["group", "week"], ascending=[False, True]).to_dict("records"):
            inside = row["group"] == "pilot"
            names = ("week", "mean", "low", "high", "complete", "n")
            cells: dict[str, Cell] = {name: row[name] for name in names}
            cells |= {"unit": unit, "group": "in_pilot" if inside else "not_yet"}
            groups = _groups(book, [unit] if inside else waiting)
            rows.append(Row(cells=cells, groups=groups, count=int(row["n"])))
    return rows


def pilot_path_rows(book: "Workbook") -> list[Row]:
    """Give each pilot's change beside those not yet in the roll-out, and the shares on each path."""
    rows = []
    for unit, (first, waiting, view) in pilots(book).items():
        shares = dict(zip(view.paths["path"], view.paths["share"], strict=True))
        n = int(view.paths["n"].sum())
        judged = any(shares.get(path) for path in PATHS[:3])
        cells: dict[str, Cell] = {
            "unit": unit,
            "started_on": str(first)[:10],
            **estimated(view.change, "change"),
            **estimated(view.waiting, "waiting"),
            **estimated(view.comparison, "difference"),
            **{
                path.replace(" ", "_"): float(shares.get(path, 0.0)) if judged else Mark.UNSURE
                for path in PATHS
            },
            "status": view.change.status.value,
            "reason": view.change.reason or view.comparison.reason,
            "n": n,
        }
        compared = waiting if view.comparison.status in SHOWN or view.waiting.status in SHOWN else []
        rows.append(Row(cells=cells, groups=_groups(book, [unit, *compared]), count=n))
    return rows + _all_pilots(book)


def _all_pilots(book: "Workbook") -> list[Row]:
    """Give the shares on each path over all pilots together, where there are several."""
    import pandas as pd

    found = pilots(book)
    if len(found) < 2:
        return []
    people = pd.concat([view.people for _, _, view in found.values()])
    own = people[(people["group"] == "pilot") & (people["path"] != "not judged")]
    if not len(own):
        return []
    cells: dict[str, Cell] = {path.replace(" ", "_"): float((own["path"] == path).mean()) for path in PATHS}
    cells |= {"unit": ALL, "status": "ok", "reason": "", "n": len(own)}
    return [Row(cells=cells, groups=_groups(book, list(found)), count=len(own))]


def _groups(book: "Workbook", units: list[str]) -> tuple[GroupRef, ...]:
    return tuple(ref for unit in units for ref in book.group("skills", unit))
