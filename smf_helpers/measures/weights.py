"""Raking: weights that bring those who answered to what is known of the organisation.

Iterative proportional fitting multiplies the weights margin by margin until every weighted margin stands on its target. It works
on the cells in which the margins cross, so its cost hardly depends on the number of people. Where a weight would leave the
limits, the same calibration is solved with bounds (Deville and Sarndal 1992). Raking repairs only what the margins know:
people who differ in other ways from those who answered are not brought back. The price is Kish's design effect.
References: Deming and Stephan (1940), doi:10.1214/aoms/1177731829; Deville and Sarndal (1992), doi:10.1080/01621459.1992.10475217.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from smf_helpers.errors import Fault, TableError
from smf_helpers.measures.design import group_sums, kish
from smf_helpers.results.core import Status
from smf_helpers.results.survey import Raking

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]
Margins = Mapping[Any, "Mapping[Hashable, float] | pd.Series"]

TOLERANCE = 1e-10
"""Largest relative distance of a weighted margin from its target."""

_ROUNDS = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Margin:
    """One margin: the category of each cell (-1 where it has no target) and the targets as shares."""

    category: Ints
    target: Floats


def rake(
    respondents: pd.DataFrame,
    margins: Margins,
    *,
    weights: "npt.ArrayLike | None" = None,
    limits: tuple[float, float] | None = (0.1, 10.0),
) -> "pd.Series":
    """Give weights whose weighted margins stand on the targets; see `calibrate` for what they cost.

    Parameters
    ----------
    respondents, margins, weights, limits : as in `calibrate`.

    Returns
    -------
    Series
        One weight a respondent, with the index of `respondents`. Targets that are shares (sum 1) give
        weights of mean 1; headcounts give weights that sum to the headcount.

    Raises
    ------
    TableError
        When a margin's column is missing or its targets are not positive numbers.

    References
    ----------
    Deming and Stephan (1940), doi:10.1214/aoms/1177731829.

    Examples
    --------
    >>> people = pd.DataFrame({"unit": ["Sales", "Sales", "Sales", "IT"]})
    >>> rake(people, {"unit": {"Sales": 50, "IT": 50}}).round(2).tolist()
    [16.67, 16.67, 16.67, 50.0]
    """
    return calibrate(respondents, margins, weights=weights, limits=limits).weights


def calibrate(
    respondents: pd.DataFrame,
    margins: Margins,
    *,
    weights: "npt.ArrayLike | None" = None,
    limits: tuple[float, float] | None = (0.1, 10.0),
) -> Raking:
    """Rake respondents to known margins and say what it costs.

    Parameters
    ----------
    respondents : a row a respondent.
    margins : column (or tuple of columns, for a joint margin) → category → target share or headcount. People
        whose category is missing or has no target keep their share of that margin.
    weights : weights to start from; equal by default.
    limits : smallest and largest weight, as multiples of the mean weight; None for none.

    Returns
    -------
    Raking
        ``boundary`` when the margins cannot all be met within the limits, with the largest error left.

    Raises
    ------
    TableError
        When a margin's column is missing or its targets are not positive numbers.

    Examples
    --------
    >>> people = pd.DataFrame({"unit": ["Sales", "Sales", "Sales", "IT"]})
    >>> calibrate(people, {"unit": {"Sales": 0.5, "IT": 0.5}})
    Raking(4 weights, deff 1.33, largest error 0, ok)
    """
    targets = _targets(respondents, margins)
    start = np.ones(len(respondents)) if weights is None else np.asarray(weights, dtype=np.float64)
    if not len(respondents) or not targets or not start.sum() > 0:
        reason = "There is nobody to weight." if not len(respondents) else "There is no margin to rake to."
        held = pd.Series(start, index=respondents.index, name="weight")
        return Raking(
            weights=held,
            deff=kish(start),
            n_effective=float(len(start)),
            n_trimmed=0,
            largest_error=0.0,
            status=Status.INSUFFICIENT_DATA,
            reason=reason,
        )
    codes = [_codes(respondents, columns, target) for columns, target in targets.items()]
    wanted = [np.array([*target.values()]) for target in targets.values()]
    cell, table = _cells(codes, [len(target) for target in wanted])
    people = np.bincount(cell, minlength=len(table)).astype(np.float64)
    notes = [
        told for j, columns in enumerate(targets) for told in _told(table[:, j], people, columns, wanted[j])
    ]
    mass = people if weights is None else group_sums(cell, start, len(table))
    mass = mass / mass.sum()
    sides = [_settle(_Margin(category=table[:, j], target=target), mass) for j, target in enumerate(wanted)]
    factor = _iterate(mass, sides)
    weight = start / start.sum() * factor[cell]
    held = mass * factor
    trimmed = np.zeros(len(weight), dtype=bool)
    if limits is not None and ((weight * len(weight) < limits[0]) | (weight * len(weight) > limits[1])).any():
        weight, trimmed = _bounded(start, cell, table, sides, factor, limits)
        held = group_sums(cell, weight, len(table))
    error = max(_error(held, side) for side in sides)
    met = error <= 1e-7
    if not met:
        notes.append("The margins contradict each other, or cannot be met within the limits of the weights.")
    deff = kish(weight)
    return Raking(
        weights=pd.Series(weight * _total(margins, len(respondents)), index=respondents.index, name="weight"),
        deff=deff,
        n_effective=len(weight) / deff,
        n_trimmed=int(trimmed.sum()),
        largest_error=float(error),
        status=Status.OK if met else Status.BOUNDARY,
        reason=" ".join(dict.fromkeys(notes)),
    )


def _targets(respondents: pd.DataFrame, margins: Margins) -> dict[tuple[str, ...], dict[Hashable, float]]:
    """Give the targets as shares, by tuple of columns; refuse what cannot be a margin."""
    faults, found = [], {}
    for name, given in margins.items():
        columns = name if isinstance(name, tuple) else (name,)
        named = dict(given)
        target = np.array([*named.values()], dtype=np.float64)
        where = "margins." + "+".join(str(column) for column in columns)
        lost = [column for column in columns if column not in respondents]
        if lost:
            what = f"The respondents have no column '{lost[0]}'."
            faults.append(
                Fault(code="T106", where=where, what=what, remedy="Name a column of the respondents.")
            )
        elif not (np.isfinite(target).all() and (target >= 0).all() and target.sum() > 0):
            what = "A target is no number, or negative, or all are zero."
            faults.append(Fault(code="T107", where=where, what=what, remedy="Give headcounts or shares."))
        else:
            shares = (target / target.sum()).tolist()
            found[tuple(str(column) for column in columns)] = dict(zip(named, shares, strict=True))
    if faults:
        raise TableError(*faults)
    return found


def _total(margins: Margins, n: int) -> float:
    """Give what the weights sum to: the headcount of the first margin, or n where targets are shares."""
    total = float(sum(dict(next(iter(margins.values()))).values()))
    return float(n) if abs(total - 1) < 1e-6 else total


def _codes(
    respondents: pd.DataFrame, columns: tuple[str, ...], target: Mapping[Hashable, float]
) -> npt.NDArray[np.integer]:
    """Give each respondent's category of a margin: its place among the targets, -1 where it has none."""
    labels = list(target)
    if len(columns) == 1 and (placed := _texts_placed(respondents[columns[0]], labels)) is not None:
        return placed
    if len(columns) == 1:
        code, found = pd.factorize(respondents[columns[0]])
    else:
        code, found = pd.factorize(pd.MultiIndex.from_frame(respondents[list(columns)]))
    position = {label: place for place, label in enumerate(labels)}
    return np.array([*(position.get(label, -1) for label in found), -1], dtype=np.intp)[code]


def _texts_placed(column: pd.Series, labels: list[Hashable]) -> npt.NDArray[np.integer] | None:
    """Look texts that stand in Arrow's memory up among the labels, which is cheaper than to sort them out first."""
    if getattr(column.dtype, "storage", "") != "pyarrow" or not all(isinstance(each, str) for each in labels):
        return None
    import pyarrow as pa
    import pyarrow.compute as pc

    texts = pa.chunked_array(column.array.__arrow_array__())  # type: ignore[attr-defined]
    found = pc.index_in(texts, value_set=pa.array(labels, type=texts.type))
    return np.asarray(found.fill_null(-1).combine_chunks())


def _cells(codes: list[npt.NDArray[np.integer]], sizes: list[int]) -> tuple[Ints, Ints]:
    """Cross the margins: the cell of each respondent, and the categories of each cell that occurs."""
    shape = [size + 1 for size in sizes]
    if np.prod([float(size) for size in shape]) > 1e7:
        found, cell = np.unique(np.stack(codes, axis=1), axis=0, return_inverse=True)
        return cell.reshape(-1), found.astype(np.intp)
    flat = np.zeros(len(codes[0]), dtype=np.intp)
    for code, size in zip(codes, shape, strict=True):
        flat *= size
        flat += code
        flat += 1
    seen = np.bincount(flat, minlength=int(np.prod(shape))) > 0
    table = np.stack(np.unravel_index(np.flatnonzero(seen), shape), axis=1) - 1
    return (np.cumsum(seen) - 1)[flat], table


def _told(category: Ints, people: Floats, columns: tuple[str, ...], target: Floats) -> list[str]:
    """Say whom a margin leaves out: people without a target, and targets that nobody answered from."""
    held = group_sums(category + 1, people, len(target) + 1)
    name, notes = "+".join(columns), []
    if held[0]:
        notes.append(f"{held[0]:.0f} people have no target in '{name}' and keep their share.")
    lost = float(target[held[1:] == 0].sum())
    if lost > 0:
        notes.append(f"Nobody answered from {lost:.0%} of '{name}': no weight can speak for them.")
    return notes


def _settle(side: _Margin, mass: Floats) -> _Margin:
    """Spread the targets over the categories that occur; people without a target keep their share."""
    inside = side.category >= 0
    held = group_sums(side.category[inside], mass[inside], len(side.target))
    target = np.where(held > 0, side.target, 0.0)
    total = target.sum()
    share = float(mass[inside].sum())
    return _Margin(category=side.category, target=target * share / total if total > 0 else held)


def _iterate(mass: Floats, sides: list[_Margin]) -> Floats:
    """Fit the margins in turn until they all stand; the factor by which each cell's weights are multiplied."""
    fitted = mass.copy()
    for _ in range(_ROUNDS):
        moved = 0.0
        for side in sides:
            held = group_sums(side.category + 1, fitted, len(side.target) + 1)[1:]
            ratio = np.divide(side.target, held, out=np.ones(len(held)), where=held > 0)
            moved = max(moved, float(np.abs(ratio[side.target > 0] - 1).max(initial=0.0)))
            fitted = fitted * np.append(ratio, 1.0)[side.category]
        if moved < TOLERANCE:
            break
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(mass > 0, fitted / mass, 1.0)


def _error(fitted: Floats, side: _Margin) -> float:
    """Give the largest relative distance of a fitted margin from its targets."""
    held = group_sums(side.category + 1, fitted, len(side.target) + 1)[1:]
    wanted = side.target > 0
    return float(np.max(np.abs(held[wanted] / side.target[wanted] - 1), initial=0.0))


def _bounded(
    start: Floats, cell: Ints, table: Ints, sides: list[_Margin], factor: Floats, limits: tuple[float, float]
) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Solve the calibration with bounds by damped Newton steps on the dual; weights sum to one.

    ``w = clip(d exp(x' b), low, high)`` with ``sum w x = targets``: x names the categories of each person's cell.
    """
    n = len(start)
    low, high = limits[0] / n, limits[1] / n
    base = start / start.sum()
    columns = [np.eye(len(side.target) + 1)[side.category + 1][:, 1:] for side in sides]
    design = np.concatenate([*columns, np.ones((len(table), 1))], axis=1)
    wanted = np.concatenate([*(side.target for side in sides), [1.0]])
    with np.errstate(divide="ignore"):
        tilt = np.linalg.lstsq(design, np.log(np.maximum(factor, 1e-12)), rcond=None)[0]

    def weigh(b: Floats) -> tuple[Floats, Floats, Floats]:
        raw = base * np.exp(np.clip(design @ b, -50, 50))[cell]
        weight = np.clip(raw, low, high)
        free = group_sums(cell, np.where((raw > low) & (raw < high), weight, 0.0), len(table))
        held = group_sums(cell, weight, len(table))
        return weight, design.T @ held - wanted, free

    weight, gap, free = weigh(tilt)
    for _ in range(200):
        if np.abs(gap).max() < TOLERANCE / 10:
            break
        curve = design.T @ (design * free[:, None]) + 1e-14 * np.eye(len(tilt))
        step = -np.linalg.lstsq(curve, gap, rcond=1e-13)[0]
        size = min(1.0, 5.0 / max(float(np.abs(step).max()), 1e-300))
        for _ in range(30):
            trial = weigh(tilt + size * step)
            if np.abs(trial[1]).sum() < np.abs(gap).sum():
                break
            size /= 2
        else:
            break
        tilt, (weight, gap, free) = tilt + size * step, trial
    weight = np.clip(weight / weight.sum(), low, high)
    return weight, (weight <= low * (1 + 1e-9)) | (weight >= high * (1 - 1e-9))
