"""Tables as they leave the house: refused cells marked, numbers rounded, differences recomputed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeGuard

from smf_helpers.errors import Fault, PrivacyError
from smf_helpers.privacy.groups import Group
from smf_helpers.privacy.rounding import rounded, shown_cell
from smf_helpers.privacy.rules import INVITED, OUTCOMES, Profile
from smf_helpers.results.publication import Cell, Column, GroupRef, Kind, Mark, Proposal, Table

ROUNDING: Final = 0.151
"""By how much a rounded change and the difference of two rounded means can be apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A proposed row about people: where it stands, whom it tells about, how many answered."""

    table: str
    position: int
    refs: tuple[GroupRef, ...]
    count: int
    group_n: int
    measure: str


def told_rows(proposals: Sequence[Proposal], groups: Mapping[GroupRef, Group], profile: Profile) -> list[Row]:
    """Give the rows about people that have enough of them; the others are refused at once.

    Raises
    ------
    PrivacyError
        When a proposal does not say for every row whom it is about (P012).
    """
    rows = []
    for proposal in proposals:
        name = proposal.table.spec.name
        if not len(proposal.table.rows) == len(proposal.groups) == len(proposal.counts):
            raise PrivacyError(
                Fault(code="P012", where=name, what="Rows, groups and counts of a proposal do not match.")
            )
        for position, (refs, count) in enumerate(zip(proposal.groups, proposal.counts, strict=True)):
            if not refs:
                continue
            group_n = min(groups[ref].n for ref in refs)
            if min(count, group_n) >= profile.minimum:
                rows.append(
                    Row(
                        table=name,
                        position=position,
                        refs=refs,
                        count=min(count, group_n) if count > group_n else count,
                        group_n=group_n,
                        measure=proposal.measure or name,
                    )
                )
    return rows


def publish(
    proposals: Sequence[Proposal],
    rows: Sequence[Row],
    allowed: set[GroupRef],
    profile: Profile,
    *,
    refused: frozenset[tuple[str, int]] = frozenset(),
) -> dict[str, Table]:
    """Give the released tables.

    Parameters
    ----------
    rows : the rows about enough people.
    allowed : groups that may be shown.
    refused : (table, row) pairs that must be hidden all the same.
    """
    told = {
        (row.table, row.position): row
        for row in rows
        if all(ref in allowed for ref in row.refs) and (row.table, row.position) not in refused
    }
    tables: dict[str, Table] = {}
    for proposal in proposals:
        spec = proposal.table.spec
        published = tuple(
            _row(spec.columns, cells, refs, told.get((spec.name, position)), profile)
            for position, (cells, refs) in enumerate(zip(proposal.table.rows, proposal.groups, strict=True))
        )
        tables[spec.name] = replace(proposal.table, rows=published)
    return recompute_differences(tables)


def _row(
    columns: Sequence[Column],
    cells: tuple[Cell, ...],
    refs: tuple[GroupRef, ...],
    row: Row | None,
    profile: Profile,
) -> tuple[Cell, ...]:
    if not refs:
        # A figure about people that does not say which people cannot be judged, so it is not shown.
        return tuple(
            hidden_cell(value, column)
            if column.personal and _is_number(value)
            else shown_cell(value, column, 0, profile, group_n=0, invited=None)
            for value, column in zip(cells, columns, strict=True)
        )
    if row is None:
        return tuple(hidden_cell(value, column) for value, column in zip(cells, columns, strict=True))
    asked = next(
        (value for value, column in zip(cells, columns, strict=True) if column.name in INVITED), None
    )
    invited = int(asked) if isinstance(asked, int | float) and not isinstance(asked, bool) else None
    published = {
        column.name: shown_cell(value, column, row.count, profile, group_n=row.group_n, invited=invited)
        for value, column in zip(cells, columns, strict=True)
    }
    for column in columns:
        if column.kind is Kind.INTERVAL:
            published[column.name] = _limit(published, column)
    return tuple(published.values())


def _limit(published: Mapping[str, Cell], column: Column) -> Cell:
    """Keep a limit on its side of the published estimate; a banded or hidden estimate has none."""
    limit, estimate = published[column.name], published.get(column.of)
    if isinstance(estimate, str):
        return Mark.CONFIDENTIAL if estimate is not Mark.UNSURE else Mark.UNSURE
    if not _is_number(limit) or not _is_number(estimate):
        return limit
    return float(min(limit, estimate) if column.name.endswith("low") else max(limit, estimate))


def hidden_cell(value: Cell, column: Column) -> Cell:
    """Give the cell of a row that is not shown: keys stay, whatever tells a result does not."""
    if column.personal or column.name in OUTCOMES:
        return Mark.CONFIDENTIAL
    return value if column.kind in (Kind.KEY, Kind.TEXT) or value is None else _impersonal(value, column)


def _impersonal(value: Cell, column: Column) -> Cell:
    return rounded(value, column.decimals) if _is_number(value) and isinstance(value, float) else value


def _is_number(value: Any) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def recompute_differences(tables: dict[str, Table]) -> dict[str, Table]:
    """Recompute differences from the published figures, so that a reader's subtraction agrees.

    A change between waves is the later published mean minus the earlier, where the same questions are behind
    both; a need is the published importance minus the published performance; recommendation is the published
    share of promoters minus that of detractors.
    """
    result = dict(tables)
    if "factor_change" in tables and "factors" in tables:
        means = {
            (row["wave"], row["unit"], row["factor"]): row["mean"] for row in tables["factors"].records()
        }

        def change(row: dict[str, Any]) -> Cell:
            if not _is_number(row["change"]):
                return row["change"]
            ends = [means.get((row[end], row["unit"], row["factor"])) for end in ("from_wave", "to_wave")]
            shown = _minus(ends[1], ends[0], row["change"])
            # Where only some of the questions were asked alike, the change is a figure of its own.
            return shown if _is_number(shown) and abs(shown - row["change"]) < ROUNDING else row["change"]

        result["factor_change"] = _with(tables["factor_change"], "change", change)
    if "needs" in tables:
        result["needs"] = _with(
            tables["needs"],
            "need",
            lambda row: (
                _minus(row["importance"], row["performance"], row["need"])
                if _is_number(row["need"])
                else row["need"]
            ),
        )
    if "recommendation" in tables:
        result["recommendation"] = _with(tables["recommendation"], "value", _net_promoters)
    return result


def _net_promoters(row: Mapping[str, Any]) -> Cell:
    shares = _is_number(row["promoters"]) and _is_number(row["detractors"])
    if not shares or row["value"] is None or row["value"] is Mark.UNSURE:
        return row["value"]  # type: ignore[no-any-return]
    return rounded(100 * (row["promoters"] - row["detractors"]), 0)


def _minus(left: Any, right: Any, otherwise: Cell) -> Cell:
    return rounded(left - right, 1) if _is_number(left) and _is_number(right) else otherwise


def _with(table: Table, name: str, compute: Any) -> Table:
    names = [column.name for column in table.spec.columns]
    limits = {column.name: column for column in table.spec.columns if column.of == name}
    rows = []
    for record in table.records():
        before, record[name] = record[name], compute(record)
        if _is_number(before):
            for limit, column in limits.items():
                record[limit] = _limit(record, column)
        rows.append(tuple(record[key] for key in names))
    return replace(table, rows=tuple(rows))
