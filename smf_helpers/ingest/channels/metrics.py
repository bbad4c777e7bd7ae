"""What the formats of external channels share: posts and days from columns named by a group of synonyms.

A metric is a stock, a flow or a window, and follows a definition: no line is drawn across a change of it.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from smf_helpers.ingest.frames import all_differ, cleaned, constant, text_array
from smf_helpers.ingest.grids import Column, Grid
from smf_helpers.ingest.readers import Reading, frame
from smf_helpers.ingest.times import Times, times
from smf_helpers.ingest.values import lossy_ids, numbers
from smf_helpers.tables import empty

if TYPE_CHECKING:
    import pandas as pd

COUNTS: Final = ("impressions", "reach", "reactions", "comments", "shares", "clicks", "saves", "followers")
STOCKS: Final = frozenset({"followers"})
WINDOWS: Final = frozenset({"reach_28d", "reach_7d", "active_28d"})


def grain_of(metric: str) -> str:
    """Say whether a daily metric is a stock, a flow or a window."""
    return "stock" if metric in STOCKS else "window" if metric in WINDOWS else "flow"


def posts_of(
    body: Grid,
    places: Mapping[str, int],
    channel: str | Column,
    reading: Reading,
    *,
    order: str | None = None,
    zone: str | None = None,
    definition: str = "",
    decimal: str | None = None,
) -> "pd.DataFrame":
    """Give the canonical posts of a grid whose columns are known.

    `places` is field → position; ``post`` falls back to ``permalink`` where a spreadsheet has rounded the ids.
    Views stand in for impressions where a vendor has replaced one by the other; the definition says so.
    """
    key = places.get("post", places.get("permalink"))
    if key is None:
        reading.fail("S102", body.place, "There is no column with ids or links of posts.", "Give a mapping.")
        return frame({"post": [], "channel": []})
    if lossy_ids(body.columns[key]) and "permalink" in places:
        reading.warn("S303", body.place, "The ids were rounded by a spreadsheet; the links are used instead.")
        key = places["permalink"]
    n = body.n_rows
    made: dict[str, Any] = {"post": text_array(cleaned(body.columns[key]))}
    made["channel"] = text_array(constant(channel, n) if isinstance(channel, str) else channel)
    if "published_at" in places:
        stamps = times(body.columns[places["published_at"]], order=order, zone=zone)
        made["published_at"] = _moments(stamps, body, reading)
    for name in ("kind", "text"):
        if name in places:
            made[name] = text_array(cleaned(body.columns[places[name]]), blank_is_missing=True)
    shown = places.get("impressions", places.get("views"))
    for name in COUNTS:
        position = shown if name == "impressions" else places.get(name)
        if position is not None:
            made[name] = _counts(body.columns[position], name, body, reading, decimal)
    by_views = "impressions" not in places and "views" in places
    basis = "" if shown is None else "views" if by_views else "impressions"
    made["definition_version"] = text_array(constant(definition + basis, n))
    if "paid" in places:
        made["paid"] = body.columns[places["paid"]].map(lambda text: bool(text.strip()), dtype=bool)
    _check_counts(made, body, reading)
    return frame(made)


def _check_counts(made: Mapping[str, Any], body: Grid, reading: Reading) -> None:
    """Refuse negative lifetime figures; tell posts with more answers than impressions."""
    lines = body.line_numbers()
    for name in COUNTS:
        negative = np.less(made[name], 0) if name in made else np.zeros(0, dtype=bool)
        if negative.any():
            shown = ", ".join(str(line) for line in lines[negative][:5])
            what = f"{int(negative.sum())} values of '{name}' are negative (lines {shown})."
            reading.fail("C201", body.place, what, "A post cannot have fewer than none: export again.")
    parts = [made[name] for name in ("reactions", "comments", "shares") if name in made]
    if parts and "impressions" in made:
        engaged = np.nansum(parts, axis=0)
        more = engaged > made["impressions"]
        if more.any():
            what = f"{int(more.sum())} posts have more reactions, comments and shares than impressions."
            reading.warn("C206", body.place, what, "Check the columns, or the range of the export.")


def unique_posts(posts: "pd.DataFrame", place: str, reading: Reading) -> "pd.DataFrame":
    """Leave out rows without an id and keep the last of equal posts; refuse a grain finer than a post."""
    blank = (posts["post"] == "").to_numpy()
    if blank.any():
        reading.rejected["rows without a post id"] += int(blank.sum())
        posts = posts[~blank]
    if not all_differ(posts["post"]):
        twice = posts.duplicated(["channel", "post"], keep="last").to_numpy()
        reading.rejected["earlier rows of the same post"] += int(twice.sum())
        posts = posts[~twice]
    return posts.reset_index(drop=True)


def days_of(
    body: Grid,
    date: int,
    metrics: Mapping[str, int],
    channel: str,
    reading: Reading,
    *,
    order: str | None = None,
    definition: str = "",
    decimal: str | None = None,
) -> "pd.DataFrame":
    """Give the canonical channel days of a grid with a date and a column for each metric."""
    import pandas as pd

    stamps = times(body.columns[date], order=order)
    reading.notes += [note for note in stamps.notes if note not in reading.notes]
    if stamps.order == "ambiguous":
        what = "The day and the month of the dates cannot be told apart."
        reading.fail("S402", body.place, what, "Set `date_format:`, for example `%d/%m/%Y`.")
    day = pd.Series(stamps.values).dt.normalize()
    lost = day.isna().to_numpy()
    if lost.any():
        reading.rejected["rows without a date"] += int(lost.sum())
    parts = []
    for metric, position in metrics.items():
        values = _counts(body.columns[position], metric, body, reading, decimal)
        rows = pd.DataFrame({"channel": channel, "date": day, "metric": metric, "value": values})
        rows["grain"], rows["definition_version"] = grain_of(metric), definition
        parts.append(rows[~lost & rows["value"].notna().to_numpy()])
    found = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    return merged_days(found, body.place, reading)


def merged_days(found: "pd.DataFrame", place: str, reading: Reading) -> "pd.DataFrame":
    """Keep one value a channel, day and metric; two different ones are a conflict, told as a warning."""
    if not len(found):
        return empty("channel_days")
    key = ["channel", "date", "metric"]
    same = found.duplicated([*key, "value"]).to_numpy()
    if same.any():
        reading.rejected["days that stand twice"] += int(same.sum())
    found = found[~same]
    conflict = found.duplicated(key, keep="last").to_numpy()
    if conflict.any():
        what = f"{int(conflict.sum())} days have two different values; the later one was kept."
        reading.warn("C202", place, what, "Export the range once.")
    return found[~conflict].reset_index(drop=True)


def _counts(column: Column, name: str, body: Grid, reading: Reading, decimal: str | None) -> np.ndarray:
    found = numbers(column, decimal=decimal)
    if found.bad.any() and _months(column):
        what = f"The column '{name}' holds dates where numbers belong: a spreadsheet changed them."
        reading.fail("C203", body.place, what, "Export again and do not save it from a spreadsheet.")
    elif found.bad.any():
        shown = ", ".join(str(line) for line in body.line_numbers()[found.bad][:5])
        what = f"{int(found.bad.sum())} values of '{name}' are no numbers (lines {shown})."
        reading.fail("C201", body.place, what, "Mend them, or leave them blank.")
    reading.notes += [note for note in found.notes if note not in reading.notes]
    return found.values


def _months(column: Column) -> bool:
    from smf_helpers.ingest.times import month_of

    parts = [level.replace(".", "-").split("-") for level in column.used()[:200]]
    turned = [
        part for part in parts if len(part) == 2 and any(word.isalpha() and month_of(word) for word in part)
    ]
    return len(turned) > 0


def _moments(stamps: Times, body: Grid, reading: Reading) -> "pd.Series":
    import pandas as pd

    reading.notes += [note for note in stamps.notes if note not in reading.notes]
    if stamps.order == "ambiguous":
        what = "The day and the month of the times cannot be told apart; they are left out."
        reading.warn("S402", body.place, what, "Set `date_format:`, for example `%d/%m/%Y`.")
    if stamps.order == "mixed":
        what = "Day first and month first are mixed in one column."
        reading.fail("S401", body.place, what, "Set `date_format:`.")
    elif stamps.bad.any() and stamps.order != "ambiguous":
        shown = ", ".join(str(line) for line in body.line_numbers()[stamps.bad][:5])
        what = f"{int(stamps.bad.sum())} times cannot be read (lines {shown})."
        reading.fail("S401", body.place, what, "Mend them, or set `date_format:`.")
    return pd.Series(stamps.values).dt.tz_localize("UTC")
