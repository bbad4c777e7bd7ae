"""Published cells as an attacker reads them: what mean and how many people each figure allows.

A reading is made from the released form of a cell (rounded, banded), never from the proposed one.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from smf_helpers.privacy.publish import Row
from smf_helpers.privacy.rounding import (
    FEW_BAND,
    HIGH_BAND,
    LOW_BAND,
    MOST_BAND,
    n_bounds,
    shown_n,
)
from smf_helpers.privacy.rules import DIFFERENCES, QUANTILES, RESPONSE_RATES, SCALE
from smf_helpers.results.privacy import PublishedCell
from smf_helpers.results.publication import Cell, Column, Dims, GroupRef, Kind, Mark, Table
from smf_helpers.results.released import Release

BANDED: Mapping[str, tuple[float, float]] = {
    HIGH_BAND: (4.5, 5.0),
    LOW_BAND: (1.0, 1.5),
    FEW_BAND: (0.0, 0.1),
    MOST_BAND: (0.9, 1.0),
}
"""What a band says about a mean or share."""

WAVE_PREFIX: Final = "survey:"
_WIDER_SCALES = ((0.0, 5.0), (1.0, 7.0), (0.0, 10.0), (0.0, 100.0))


def is_mean_of_people(column: Column) -> bool:
    """Say whether a column holds means or shares over people, which an attacker can combine."""
    if not column.personal or column.name in DIFFERENCES | QUANTILES | RESPONSE_RATES:
        return False
    return column.kind in (Kind.MEAN, Kind.SHARE)


def reading(cell: Cell, column: Column) -> tuple[float, float] | None:
    """Give the means that a published cell allows, or None when it tells none."""
    if isinstance(cell, Mark) or cell is None or isinstance(cell, bool):
        return None
    if isinstance(cell, str):
        return BANDED.get(cell)
    if isinstance(cell, int | float):
        slack = 0.005 if column.kind is Kind.SHARE else 0.05
        return float(cell) - slack, float(cell) + slack
    return None


def scale_of(column: Column, readings: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Give the ends of the scale: shares 0 to 1, means 1 to 5, or the next scale that holds them all."""
    if column.kind is Kind.SHARE:
        return 0.0, 1.0
    middles = [(low + high) / 2 for low, high in readings]
    for low, high in (SCALE, *_WIDER_SCALES):
        if all(low <= middle <= high for middle in middles):
            return low, high
    return min(middles), max(middles)


def read_table(
    table: Table, rows: Mapping[int, Row], dims: Mapping[int, Dims]
) -> list[tuple[int, PublishedCell]]:
    """Read a released table as published cells, each with the position of its row.

    Parameters
    ----------
    table : as released.
    rows : position → who is behind the row; rows about several populations are left out.
    dims : position → group of the row.
    """
    columns = [
        (place, column) for place, column in enumerate(table.spec.columns) if is_mean_of_people(column)
    ]
    if not columns:
        return []
    names = [column.name for column in table.spec.columns]
    keys = [
        column.name
        for column in table.spec.columns
        if column.kind is Kind.KEY and column.name not in ("unit", "wave", "role", "status", "verdict")
    ]
    amounts = [
        column.name for column in table.spec.columns if column.kind is Kind.AMOUNT and not column.personal
    ]
    about: dict[int, tuple[int, int, str]] = {}
    for position, row in rows.items():
        record = dict(zip(names, table.rows[position], strict=True))
        n_low, n_high = n_bounds(record.get("n", shown_n(row.group_n, 1)))
        about[position] = n_low, n_high, _case(record, dims[position], keys, amounts)
    found: list[tuple[int, PublishedCell]] = []
    measured = table.spec.same_as or table.spec.name
    for place, column in columns:
        told = {
            position: read
            for position in rows
            if (read := reading(table.rows[position][place], column)) is not None
        }
        scale = scale_of(column, list(told.values()))
        for position, (low, high) in told.items():
            n_low, n_high, case = about[position]
            cell = PublishedCell(
                measure=f"{measured}|{column.name}{case}",
                wave=rows[position].refs[0].population,
                dims=dims[position],
                n_low=n_low,
                n_high=n_high,
                low=max(low, scale[0]),
                high=min(high, scale[1]),
                scale=scale,
                answers=rows[position].count,
            )
            found.append((position, cell))
    return found


def _case(record: Mapping[str, Cell], dims: Dims, keys: Sequence[str], amounts: Sequence[str]) -> str:
    """Name what a row measures beside its table and column: the keys that are not the group, and the amounts."""
    group = {value for _, value in dims} | {"all"}
    told = [str(record[key]) for key in keys if record[key] is not None and str(record[key]) not in group]
    return "".join(f"|{value}" for value in (*told, *(str(record[amount]) for amount in amounts)))


def read_released(release: Release) -> list[PublishedCell]:
    """Read a release as published cells: what somebody with the delivered tables has in hand."""
    cells: list[PublishedCell] = []
    for table in release.tables.values():
        names = [column.name for column in table.spec.columns]
        by = next((name for name in ("unit", "role") if name in names), None)
        if by is None:
            continue
        rows, dims = {}, {}
        for position, record in enumerate(table.records()):
            wave = f"{WAVE_PREFIX}{record['wave']}" if "wave" in names else table.spec.name
            dims[position] = () if record[by] == "all" else ((by, str(record[by])),)
            rows[position] = Row(
                table=table.spec.name,
                position=position,
                refs=(GroupRef(population=wave, dims=dims[position]),),
                count=0,
                group_n=0,
                measure=table.spec.name,
            )
        cells += [cell for _, cell in read_table(table, rows, dims)]
    return cells
