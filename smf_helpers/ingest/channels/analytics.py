"""Google Analytics 4 (a preamble of ``#`` lines, then a table) and Meta Ads Manager (a total without a name first)."""

import re
from typing import Final

from smf_helpers.ingest.channels.metrics import days_of
from smf_helpers.ingest.grids import Grid
from smf_helpers.ingest.headers import named, normal
from smf_helpers.ingest.readers import Detection, Reading, register
from smf_helpers.ingest.sources import Source

_LOOK: Final = 12
_CURRENCY: Final = re.compile(r"amount spent \(([a-z]{3})\)")


def _ga4_header(grid: Grid) -> int | None:
    """Give the row of the header: the first one after the ``#`` lines."""
    rows = grid.head(_LOOK)
    if not rows or not rows[0][0].startswith("#"):
        return None
    for number, row in enumerate(rows):
        if not row[0].startswith("#") and any(cell.strip() for cell in row):
            return number
    return None


def detect_ga4(source: Source) -> Detection | None:
    """Tell it by its preamble, or by a date and metrics that only Analytics calls so."""
    if source.bundle or len(source.grids) != 1:
        return None
    grid = source.grids[0]
    header = _ga4_header(grid)
    if header is not None:
        return Detection(confidence=0.95, variant="CSV with preamble")
    places = named(grid.row(0), "ga4")
    own = {"sessions", "users", "events"} & set(places)
    return Detection(confidence=0.75, variant="table") if "date" in places and len(own) >= 2 else None


@register("google_analytics", "channel", detect_ga4, "Google Analytics 4: any report by date")
def read_ga4(source: Source) -> Reading:
    """Read the first table by date; a report by another dimension has no days and is told."""
    grid = source.grids[0]
    header = _ga4_header(grid) or 0
    reading = Reading().about(grid, header)
    places = named(grid.row(header), "ga4")
    reading.leave_out(grid.row(header), places.values())
    body = grid.below(header)
    first = body.columns[0]
    after = [i for i, text in enumerate(first.values) if str(text).startswith("#")]
    if after:
        reading.rejected["rows of further tables"] += body.n_rows - after[0]
        reading.rows_in += body.n_rows - after[0]
        body = body.part(slice(0, after[0]))
    body = body.part(body.filled())
    reading.rows_in += body.n_rows
    if "date" not in places:
        reading.rejected["rows by another dimension than the date"] += body.n_rows
        reading.notes.append("the report has no date: choose one by date")
        return reading
    total = body.columns[places["date"]].map(
        lambda text: normal(text) in ("", "total", "grand total"), dtype=bool
    )
    if total.any():
        reading.rejected["totals rows"] += int(total.sum())
        body = body.part(~total)
    metrics = {name: place for name, place in places.items() if name != "date"}
    channel = source.options.channel or "website"
    reading.tables["channel_days"] = days_of(
        body, places["date"], metrics, channel, reading, definition="ga4"
    )
    return reading


def detect_ads(source: Source) -> Detection | None:
    """Tell it by the range of the report and the amount spent, whose currency stands in the header."""
    if source.bundle or not source.grids:
        return None
    header = [normal(text) for text in source.grids[0].row(0)]
    spent = any(_CURRENCY.match(text) for text in header)
    ranged = {"reporting starts", "reporting ends"} <= set(header)
    campaign = {"campaign name", "campaign id", "impressions"} <= set(header)
    return Detection(confidence=0.93, variant="report") if (ranged and spent) or campaign else None


@register("meta_ads", "channel", detect_ads, "Meta Ads Manager report")
def read_ads(source: Source) -> Reading:
    """Read spend, impressions and reach by the first day of each row's range; the nameless total is left out."""
    grid = source.grids[0]
    reading = Reading().about(grid, 0)
    header = [normal(text) for text in grid.row(0)]
    places = named(grid.row(0), "meta_ads")
    reading.leave_out(grid.row(0), places.values())
    body = grid.below(0)
    reading.rows_in = body.n_rows
    total = body.columns[places["name"]].blank() if "name" in places else None
    if total is not None and total.any():
        reading.rejected["totals rows"] += int(total.sum())
        body = body.part(~total)
    currency = next((match[1].upper() for text in header if (match := _CURRENCY.match(text))), "")
    if currency:
        reading.notes.append(f"amounts are in {currency}")
    if "date" not in places:
        reading.rejected["rows without a day"] += body.n_rows
        return reading
    summed = _summed(body, places, source.options.channel or "facebook", reading, currency)
    reading.tables["channel_days"] = summed
    return reading


def _summed(body: Grid, places: dict[str, int], channel: str, reading: Reading, currency: str) -> "object":
    """Add the ads of a day up; reach is never added."""
    import numpy as np
    import pandas as pd

    from smf_helpers.ingest.times import times
    from smf_helpers.ingest.values import numbers

    day = pd.Series(times(body.columns[places["date"]], order="mdy").values).dt.normalize()
    rows = []
    for metric in ("impressions", "clicks", "spent"):
        if metric not in places:
            continue
        values = pd.Series(numbers(body.columns[places[metric]]).values)
        total = values.groupby(day).sum(min_count=1).dropna()
        name = f"paid_{metric}" + (f"_{currency.lower()}" if metric == "spent" and currency else "")
        rows.append(
            pd.DataFrame({"date": total.index, "metric": name, "value": total.to_numpy(dtype=np.float64)})
        )
    found = pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=["date", "metric", "value"])
    return found.assign(channel=channel, grain="flow", definition_version="meta-ads")
