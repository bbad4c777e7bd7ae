"""What ran, so that any number can be traced: inputs by hash, params, versions, seed."""

import hashlib
import json
import platform
from collections.abc import Iterator
from importlib import metadata
from typing import TYPE_CHECKING

from smf_helpers import __version__
from smf_helpers.results.publication import Proposal
from smf_helpers.workbook.proposing import Row, propose, proposes

if TYPE_CHECKING:
    from smf_helpers.workbook.book import Workbook

DATED = {
    "waves": "closed_on",
    "channel_days": "date",
    "posts": "published_at",
    "activity": "week",
    "interactions": "at",
    "messages": "at",
    "skills": "at",
}
"""Tables and the column that says how far they go."""

VERSIONED = ("numpy", "pandas", "scipy", "plotly", "papermill")


def method(book: "Workbook") -> dict[str, str]:
    """Give what ran as text values: no paths, no times, no names."""
    params = json.dumps(book.params.model_dump(mode="json"), sort_keys=True)
    versions = {name: metadata.version(name) for name in VERSIONED}
    return {
        "as_of": as_of(book),
        "params": hashlib.sha256(params.encode()).hexdigest()[:12],
        "seed": str(book.params.seed),
        "smf-workbook": __version__,
        "python": platform.python_version(),
        **versions,
    }


def as_of(book: "Workbook") -> str:
    """Give the day up to which data count: the client's, or the last day in the data."""
    if book.params.as_of:
        return book.params.as_of.isoformat()
    days = [str(book.rows(name)[column].max())[:10] for name, column in DATED.items() if len(book.rows(name))]
    return max((day for day in days if day[:1].isdigit()), default="")


@proposes("sources", "sources")
def propose_sources(book: "Workbook") -> Iterator[Proposal]:
    """Say which files went in, and how many rows came of them."""
    rows = []
    if book.log is not None:
        for entry in book.log.to_dict("records"):
            rows.append(
                Row(
                    cells={
                        "file": str(entry["file"]),
                        "format": str(entry["format"]),
                        "variant": str(entry.get("variant") or ""),
                        "table": str(entry.get("table") or ""),
                        "rows_in": entry["rows_in"],
                        "rows_out": entry["rows_out"],
                        "notes": str(entry.get("notes") or ""),
                        "digest": str(entry.get("digest") or "")[:12],
                    }
                )
            )
    yield propose("sources", rows, reason="No file was read.")
