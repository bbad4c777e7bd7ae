"""LinkedIn's analytics of a creator: a workbook with days, top posts (two tables side by side) and followers."""

from smf_helpers.ingest.channels.metrics import days_of, merged_days, posts_of, unique_posts
from smf_helpers.ingest.grids import Grid
from smf_helpers.ingest.headers import named, normal
from smf_helpers.ingest.readers import Detection, Reading, register
from smf_helpers.ingest.sources import Source

_SHEETS = ("discovery", "engagement", "top posts", "followers", "demographics")


def _sheet(grid: Grid) -> str:
    return normal(grid.place.rsplit("|", 1)[-1])


def detect(source: Source) -> Detection | None:
    """Tell it by the names of its sheets and the three columns of the daily one."""
    if source.bundle or len(source.grids) < 2:
        return None
    names = [_sheet(grid) for grid in source.grids]
    daily = any(
        {"date", "impressions", "engagements"} <= set(map(normal, grid.row(0))) for grid in source.grids
    )
    known = sum(name in _SHEETS for name in names)
    return Detection(confidence=0.96, variant="creator analytics") if known >= 2 and daily else None


@register("linkedin_creator", "channel", detect, "LinkedIn analytics of a creator's profile")
def read(source: Source) -> Reading:
    """Read days and top posts; shares of demographics are left out."""
    import pandas as pd

    reading = Reading(encoding="workbook")
    channel = source.options.channel or "linkedin"
    days = []
    for grid in source.grids:
        sheet = _sheet(grid)
        if sheet == "engagement":
            places = named(grid.row(0), "linkedin_creator")
            days.append(_days(grid, 0, places, channel, reading))
        elif sheet == "followers":
            header = next((r for r in range(min(6, grid.n_rows)) if normal(grid.row(r)[0]) == "date"), None)
            if header is not None:
                days.append(
                    _days(grid, header, named(grid.row(header), "linkedin_creator"), channel, reading)
                )
        elif sheet == "top posts":
            _top_posts(grid, channel, reading)
        else:
            reading.rows_in += max(grid.n_rows - 1, 0)
            reading.rejected["shares of the audience and totals"] += max(grid.n_rows - 1, 0)
    if days:
        reading.tables["channel_days"] = merged_days(pd.concat(days, ignore_index=True), source.name, reading)
    return reading


def _days(grid: Grid, header: int, places: dict[str, int], channel: str, reading: Reading) -> "object":
    body = grid.below(header)
    body = body.part(body.filled())
    reading.rows_in += body.n_rows
    metrics = {name: place for name, place in places.items() if name != "date"}
    reading.leave_out(grid.row(header), places.values())
    return days_of(
        body, places["date"], metrics, channel, reading, order="mdy", definition="linkedin-creator"
    )


def _top_posts(grid: Grid, channel: str, reading: Reading) -> None:
    """Read the two tables that stand side by side: the best by engagements and the best by impressions."""
    import pandas as pd

    header = next(
        (r for r in range(min(6, grid.n_rows)) if any("url" in normal(t) for t in grid.row(r))), None
    )
    if header is None:
        return
    titles = grid.row(header)
    starts = [i for i, text in enumerate(titles) if "url" in normal(text)]
    found = []
    for start in starts:
        end = next((s for s in starts if s > start), len(titles))
        part = Grid(place=grid.place, columns=grid.columns[start:end], first_row=grid.first_row).below(header)
        part = part.part(~part.columns[0].blank())
        reading.rows_in += part.n_rows
        places = named(titles[start:end], "linkedin_creator_posts")
        reading.leave_out(titles[start:end], places.values())
        found.append(
            posts_of(part, places, channel, reading, order="mdy", zone="UTC", definition="linkedin-")
        )
    posts = pd.concat(found, ignore_index=True).groupby("post", as_index=False, sort=False).first()
    reading.tables["posts"] = unique_posts(posts, grid.place, reading)
