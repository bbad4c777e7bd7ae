"""Answers as a sheet: from one row an answer to one row a respondent and wave.

Every item comes onto one common scale (linearly, by its own ends) and reverse-keyed items are turned, so
that more always means more of the factor. An answer outside its item's scale, and two different answers
of one person to one item, are nobody's answer: they become missing and are counted in the notes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from smf_helpers.errors import Fault, TableError
from smf_helpers.tables import SCHEMAS

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]
Words = npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """Answers of people (rows) to items (columns), empty where missing.

    Attributes
    ----------
    people : ``wave, respondent``, sorted by wave in time, then by respondent.
    items : the rows of the items table, in column order.
    values : people x items, as answered or on the common scale.
    wave : number of each row's wave, in time.
    waves : names of the waves, in time.
    notes : what was left out, and why.
    """

    people: pd.DataFrame
    items: pd.DataFrame
    values: Floats
    wave: Ints
    waves: tuple[str, ...]
    notes: tuple[str, ...]


def need_columns(name: str, frame: pd.DataFrame, columns: Sequence[str]) -> None:
    """Refuse a frame that lacks one of `columns`; all that are missing are named at once."""
    about = {field.name: field.about for field in SCHEMAS[name].fields}
    lost = [column for column in columns if column not in frame]
    if lost:
        raise TableError(
            *(
                Fault(
                    code="T101",
                    where=name,
                    what=f"The column '{column}' is missing.",
                    remedy=f"It holds: {about.get(column, column)}.",
                )
                for column in lost
            )
        )


def order_waves(names: Any, waves: pd.DataFrame | None) -> tuple[str, ...]:
    """Give the names in order of time: by ``opened_on`` where it is known, else by name."""
    found = sorted({str(name) for name in names})
    if waves is None or not len(waves) or "opened_on" not in waves:
        return tuple(found)
    opened = dict(zip(waves["wave"].astype(str), pd.to_datetime(waves["opened_on"]), strict=True))
    late = pd.Timestamp.max
    return tuple(sorted(found, key=lambda name: (opened.get(name, late), name)))


def lay_out(
    responses: pd.DataFrame,
    items: pd.DataFrame,
    *,
    scale: tuple[float, float] | None = (1.0, 5.0),
    waves: pd.DataFrame | None = None,
) -> Sheet:
    """Lay the answers to `items` out as a sheet.

    Parameters
    ----------
    responses, items : canonical tables; answers to other items are left out.
    scale : ends of the common scale; None keeps answers as they were given, unturned.
    waves : canonical table, for the order of the waves.

    Raises
    ------
    TableError
        When a needed column is missing.

    Examples
    --------
    >>> rows = pd.DataFrame({"wave": "a", "respondent": ["p", "p"], "item": ["x", "y"], "value": [2.0, 7.0]})
    >>> asked = pd.DataFrame({"item": ["x", "y"], "module": "listening", "scale_min": 1.0,
    ...                       "scale_max": [5.0, 7.0], "reverse": [True, False]})
    >>> lay_out(rows, asked).values
    array([[4., 5.]])
    """
    need_columns("responses", responses, ("respondent", "wave", "item", "value"))
    need_columns("items", items, ("item", "module"))
    asked = items.drop_duplicates("item").reset_index(drop=True)
    held, wave_names = coded(responses["wave"])
    names = order_waves(wave_names[np.bincount(held[held >= 0], minlength=len(wave_names)) > 0], waves)
    column = _places(*coded(responses["item"]), asked["item"].to_numpy(dtype=object))
    rows = np.flatnonzero((column >= 0) & (held >= 0))
    column, wave = column[rows], _places(held[rows], wave_names, np.array(names, dtype=object))
    respondent, keys = _in_order(*coded(responses["respondent"].take(rows)))
    known = respondent >= 0
    flat = (wave * len(keys) + respondent)[known]
    seen = np.bincount(flat, minlength=len(names) * len(keys)) > 0
    row, present = (np.cumsum(seen) - 1)[flat], np.flatnonzero(seen)
    notes: list[str] = []
    value = _given(responses, rows[known])
    values = _fill(value, row, column[known], (len(present), len(asked)), notes)
    low, high, turned = _ends(asked)
    outside = (values < low) | (values > high)
    if outside.any():
        notes.append(f"{int(outside.sum())} answers outside the scale of their item were left out.")
        values[outside] = np.nan
    if scale is not None:
        values = np.where(turned, low + high - values, values)
        values = scale[0] + (scale[1] - scale[0]) * (values - low) / (high - low)
    order = present // max(len(keys), 1)
    people = pd.DataFrame(
        {"wave": np.array(names, dtype=object)[order], "respondent": keys[present % max(len(keys), 1)]}
    )
    return Sheet(people=people, items=asked, values=values, wave=order, waves=names, notes=tuple(notes))


def coded(values: "pd.Series") -> tuple[Ints, Words]:
    """Give the place of each value among the different ones, -1 where it is empty, and these."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        return values.cat.codes.to_numpy(), values.cat.categories.to_numpy(dtype=object)
    codes, found = pd.factorize(values)
    return codes, np.asarray(found, dtype=object)


def _places(codes: Ints, found: Words, names: Words) -> Ints:
    """Give the place of each coded value among `names`, -1 where it is none of them."""
    return np.append(pd.Index(names).get_indexer(pd.Index(found, dtype=object)), -1)[codes]


def _in_order(codes: Ints, found: Words) -> tuple[Ints, Words]:
    """Keep those of the names that are there, sorted."""
    there = np.flatnonzero(np.bincount(codes[codes >= 0], minlength=len(found)))
    order = np.argsort(found[there], kind="stable")
    place = np.full(len(found) + 1, -1, dtype=np.intp)
    place[there[order]] = np.arange(len(there))
    return place[codes], found[there[order]]


def _given(responses: pd.DataFrame, rows: Ints) -> Floats:
    """Give the answers of some rows as numbers, empty where a kind of missing answer is stated."""
    value = responses["value"].take(rows).to_numpy(dtype=np.float64, na_value=np.nan)
    if "missing" not in responses:
        return value
    kinds, names = coded(responses["missing"].take(rows))
    stated = np.append(names != "", False)
    return np.where(stated[kinds], np.nan, value)


def _fill(value: Floats, row: Ints, column: Ints, shape: tuple[int, int], notes: list[str]) -> Floats:
    """Put each answer into its cell; a cell with two different answers stays empty."""
    valid = np.isfinite(value)
    cell, value = (row * shape[1] + column)[valid], value[valid]
    values = np.full(shape[0] * shape[1], np.nan)
    values[cell] = value
    torn = np.unique(cell[values[cell] != value])
    if len(torn):
        values[torn] = np.nan
        notes.append(f"{len(torn)} questions with two different answers of one person were left out.")
    return values.reshape(shape)


def _ends(items: pd.DataFrame) -> tuple[Floats, Floats, npt.NDArray[np.bool_]]:
    """Give lowest answer, highest answer and direction of each item; 1 to 5 where nothing is said."""

    def numbers(name: str, otherwise: float) -> Floats:
        if name not in items:
            return np.full(len(items), otherwise)
        return items[name].fillna(otherwise).to_numpy(dtype=np.float64)

    low, high = numbers("scale_min", 1.0), numbers("scale_max", 5.0)
    if (high <= low).any():
        raise TableError(
            Fault(
                code="T105",
                where="items.scale_max",
                what=f"{int((high <= low).sum())} items have a highest answer that is not above the lowest.",
                remedy="State the scale of each item.",
            )
        )
    turned = (
        items["reverse"].fillna(False).to_numpy(dtype=bool)
        if "reverse" in items
        else np.zeros(len(items), dtype=bool)
    )
    return low, high, turned
