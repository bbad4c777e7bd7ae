"""The registry of formats: a reader says whether a source is its own, and turns it into canonical tables."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from smf_helpers.errors import Fault
from smf_helpers.ingest.grids import Grid
from smf_helpers.ingest.headers import clean_name
from smf_helpers.ingest.sources import Source
from smf_helpers.registry import Registry

if TYPE_CHECKING:
    import pandas as pd

Kind = Literal["survey", "channel", "internal", "table"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """How sure a reader is that a source is its own, and which of its layouts it is."""

    confidence: float
    variant: str = ""


@dataclass(slots=True, kw_only=True)
class Reading:
    """What a reader made of a source, and an account of every row that is not there.

    Attributes
    ----------
    tables : canonical table → frame; columns that the format does not have may be absent.
    rows_in : rows of the file that could have held a record.
    rejected : reason → rows left out.
    notes : what a user should know.
    faults : what is wrong; errors are raised together, warnings are told.
    """

    tables: dict[str, "pd.DataFrame"] = field(default_factory=dict)
    rows_in: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    encoding: str = ""
    separator: str = ""
    header_row: int | None = None

    def about(self, grid: Grid, header: int | None = None) -> "Reading":
        """Note how the grid was read."""
        self.encoding, self.separator = grid.encoding, grid.separator
        self.header_row = None if header is None else grid.first_row + header
        self.notes += [note for note in grid.notes if note not in self.notes]
        return self

    def leave_out(self, header: Sequence[str], taken: Iterable[int]) -> None:
        """Tell which named columns of a table count in nothing."""
        used = set(taken)
        others = [text for place, text in enumerate(header) if place not in used and text.strip()]
        if others and (note := f"{listed(others)} left out") not in self.notes:
            self.notes.append(note)

    def warn(self, code: str, where: str, what: str, remedy: str = "") -> None:
        """Add a warning."""
        self.faults.append(Fault(code=code, where=where, what=what, remedy=remedy, severity="warning"))

    def fail(self, code: str, where: str, what: str, remedy: str = "") -> None:
        """Add an error."""
        self.faults.append(Fault(code=code, where=where, what=what, remedy=remedy))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """A format: its kind, how it is told, how it is read.

    `detect` gives None where the source is not of this format; `read` may assume that `detect` did not, or that
    the user named the format.
    """

    kind: Kind
    detect: Callable[[Source], Detection | None]
    read: Callable[[Source], Reading]
    about: str


READERS: Final = Registry[Reader]("format")


def register(name: str, kind: Kind, detect: Callable[[Source], Detection | None], about: str) -> Any:
    """Register the decorated function as the reader of a format."""

    def keep(read: Callable[[Source], Reading]) -> Callable[[Source], Reading]:
        READERS.add(name, Reader(kind=kind, detect=detect, read=read, about=about))
        return read

    return keep


def listed(headers: Sequence[str]) -> str:
    """Say how many columns, and the names of the first five.

    Examples
    --------
    >>> listed(["Q1", "Q2"]), listed([f"Q{n}" for n in range(3000)])
    ('2 columns (Q1, Q2)', '3,000 columns (Q0, Q1, Q2, Q3, Q4, …)')
    """
    first = ", ".join(clean_name(text)[:40] for text in headers[:5])
    return f"{len(headers):,} column{'s' * (len(headers) > 1)} ({first}{', …' if len(headers) > 5 else ''})"


def frame(columns: Mapping[str, Any]) -> "pd.DataFrame":
    """Make a frame of columns of equal length."""
    import pandas as pd

    return pd.DataFrame(dict(columns), copy=False)


def without(rows: "pd.DataFrame", lost: np.ndarray) -> "pd.DataFrame":
    """Leave rows out and number the others anew."""
    return rows[~lost].reset_index(drop=True) if lost.any() else rows
