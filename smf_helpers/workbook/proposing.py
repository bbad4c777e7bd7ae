"""How results become proposed tables: one registry, one way to write a row.

A proposer is a function that takes the workbook and yields `Proposal`s; it is registered beside its fellows and
found by being registered. Rows are dicts in the words of the catalogue; people behind a row are named by groups.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from smf_helpers.registry import Registry
from smf_helpers.results.catalogue import CATALOGUE
from smf_helpers.results.core import SHOWN, Estimate
from smf_helpers.results.publication import Cell, GroupRef, Mark, Proposal, Table

if TYPE_CHECKING:
    from smf_helpers.workbook.book import Workbook

Proposer = Callable[["Workbook"], Iterator[Proposal]]

PROPOSERS: Registry[Proposer] = Registry("proposer")
"""Everything that can be published, by subject; the order is the order of the report."""

PROPOSER_OF: Final[dict[str, str]] = {}
"""Which subject proposes a table, so that whoever asks for one table computes no other subject."""

ALL = "all"
"""The unit that stands for the whole organisation."""


def proposes(subject: str, *tables: str) -> Callable[[Proposer], Proposer]:
    """Register the decorated function as the proposer of these tables; it yields them in this order, cheapest first."""

    def keep(make: Proposer) -> Proposer:
        PROPOSER_OF.update(dict.fromkeys(tables, subject))
        return PROPOSERS.add(subject, make)

    return keep


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of a proposed table.

    Attributes
    ----------
    cells : column → value; columns not named stay empty.
    groups : the people it tells about; empty when it is not about people.
    count : people with an answer to the measure.
    """

    cells: Mapping[str, Cell]
    groups: tuple[GroupRef, ...] = ()
    count: int = 0


def propose(
    name: str, rows: Iterable[Row], *, note: str = "", reason: str = "", measure: str = ""
) -> Proposal:
    """Make a proposal for the catalogue's table `name`.

    Parameters
    ----------
    name : name in the catalogue.
    rows : the rows, in the order in which a reader wants them.
    note : what must be said beside the table.
    reason : why there are no rows, in words; needed when there are none.
    measure : name of the measure set, by default the table's name; sets share one hide pattern.

    Raises
    ------
    KeyError
        A cell names a column that the catalogue does not have: a mistake in the code, not of a user.
    """
    spec = CATALOGUE[name]
    names = [column.name for column in spec.columns]
    found = list(rows)
    for row in found:
        unknown = set(row.cells) - set(names)
        if unknown:
            raise KeyError(f"{name} has no column {', '.join(sorted(unknown))}")
    return Proposal(
        table=Table(
            spec=spec,
            rows=tuple(tuple(_plain(row.cells.get(column)) for column in names) for row in found),
            note=note,
            reason=reason if not found else "",
        ),
        groups=tuple(row.groups for row in found),
        counts=tuple(row.count for row in found),
        measure=measure or name,
    )


def estimated(estimate: Estimate, name: str = "value") -> dict[str, Cell]:
    """Give the cells of an estimate: value, limits, status and reason; `Mark.UNSURE` where it may not be shown."""
    stem = "" if name in {"value", "mean", "share", "estimate", "fitted", "level"} else f"{name}_"
    told = estimate.status in SHOWN and estimate.value is not None
    return {
        name: estimate.value if told else Mark.UNSURE,
        f"{stem}low": estimate.low if told else None,
        f"{stem}high": estimate.high if told else None,
    }


def quantity(name: str, estimate: Estimate, groups: tuple[GroupRef, ...] = ()) -> Row:
    """Give a row of one of the tables whose rows are named quantities."""
    cells: dict[str, Cell] = {
        "quantity": name,
        **estimated(estimate),
        "unit_of": estimate.unit,
        "status": estimate.status.value,
        "reason": estimate.reason,
        "n": estimate.n,
    }
    return Row(cells=cells, groups=groups, count=estimate.n or 0)


def _plain(value: object) -> Cell:
    """Give a Python scalar for whatever numpy or pandas handed over; NaN becomes None."""
    item = getattr(value, "item", None)
    plain = item() if callable(item) and not isinstance(value, str) else value
    if isinstance(plain, float) and plain != plain:
        return None
    date = getattr(plain, "date", None)
    return date() if callable(date) else plain  # type: ignore[return-value]
