"""What an attacker brings along: published cells in any form, and the lattice of groups they lie on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any, Final

import numpy as np

from smf_helpers.errors import Fault, PrivacyError
from smf_helpers.privacy.groups import Floats, tell
from smf_helpers.privacy.rounding import n_bounds
from smf_helpers.results.privacy import PublishedCell
from smf_helpers.results.publication import Dims

OTHER: Final = "~other"
MAX_ATOMS: Final = 20_000

Headcounts = Mapping[Dims, int]
"""People by full combination of dimension values: who answered, as a manager may know it."""


def read_cells(cells: Any) -> list[PublishedCell]:
    """Read published cells from `PublishedCell`s, dicts, or a frame with a row a cell.

    A dict or row has ``dims`` (pairs or a mapping; all other unknown columns are taken as dimensions
    when it is absent), ``mean``, and may have ``measure, wave, n, decimals, scale``; ``n`` is a number, a band
    such as ``5-9``, or absent.

    Raises
    ------
    PrivacyError
        When a cell has no mean (A001).
    """
    records = cells.to_dict("records") if hasattr(cells, "to_dict") else cells
    return [cell if isinstance(cell, PublishedCell) else _from_record(cell) for cell in records]


_FIELDS: Final = {"dims", "mean", "measure", "wave", "n", "decimals", "n_step", "scale", "low", "high"}


def _from_record(record: Mapping[str, Any]) -> PublishedCell:
    if record.get("mean") is None:
        raise PrivacyError(
            Fault(
                code="A001", where="attack", what="A cell has no mean.", remedy="Give published cells only."
            )
        )
    dims = record.get("dims")
    if dims is None:
        dims = {key: value for key, value in record.items() if key not in _FIELDS and value not in (None, "")}
    pairs = dims.items() if isinstance(dims, Mapping) else dims
    low_end, high_end = record.get("scale", (1.0, 5.0))
    slack = 0.5 * 10.0 ** -int(record.get("decimals", 1))
    n_low, n_high = n_bounds(record.get("n"))
    step = int(record.get("n_step", 1) or 1)
    return PublishedCell(
        measure=str(record.get("measure", "")),
        wave=str(record.get("wave", "")),
        dims=tuple(sorted((str(key), str(value)) for key, value in pairs)),
        n_low=max(0, n_low - step // 2),
        n_high=n_high + step // 2,
        low=max(float(low_end), float(record["mean"]) - slack),
        high=min(float(high_end), float(record["mean"]) + slack),
        scale=(float(low_end), float(high_end)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Lattice:
    """Every combination of dimension values, and every group over them.

    Attributes
    ----------
    dims : the groups an attacker can name: published, hidden but known, and their margins.
    matrix : groups over atoms, 0/1.
    sizes : people in each atom, or None when the attacker does not know.
    atoms : the combination that each atom is.
    """

    dims: tuple[Dims, ...]
    matrix: Floats
    sizes: Floats | None
    atoms: tuple[Dims, ...]

    def row(self, dims: Dims) -> int:
        """Give the row of a group."""
        return self.dims.index(dims)


def lattice(groups: Iterable[Dims], headcounts: Headcounts | None) -> Lattice:
    """Lay out the combinations of the values named in `groups` (and in `headcounts`, where known)."""
    named = sorted({tuple(sorted(dims)) for dims in groups} | {()})
    values: dict[str, set[str]] = {}
    for dims in [*named, *(headcounts or ())]:
        for name, value in dims:
            values.setdefault(name, set()).add(value)
    names = sorted(values)
    if headcounts is None:
        atoms = [
            dict(zip(names, chosen, strict=True))
            for chosen in product(*([*sorted(values[name]), OTHER] for name in names))
        ]
        if len(atoms) > MAX_ATOMS:
            raise PrivacyError(
                Fault(
                    code="A002",
                    where="attack",
                    what=f"The breakdowns have {len(atoms)} combinations.",
                    remedy=f"At most {MAX_ATOMS} can be attacked; publish fewer breakdowns.",
                )
            )
        sizes = None
    else:
        kept = sorted((tuple(sorted(dims)), n) for dims, n in headcounts.items() if n > 0)
        atoms = [dict(dims) for dims, _ in kept]
        sizes = np.array([n for _, n in kept], dtype=float)
    sits = {
        (name, value): np.array([atom.get(name) == value for atom in atoms], dtype=bool)
        for name in names
        for value in values[name]
    }
    matrix = np.ones((len(named), len(atoms)))
    for row, dims in enumerate(named):
        for pair in dims:
            matrix[row] *= sits[pair]
    combined = tuple(tuple(sorted(atom.items())) for atom in atoms)
    return Lattice(dims=tuple(named), matrix=matrix, sizes=sizes, atoms=combined)


def aims(known: Lattice) -> list[tuple[str, Floats]]:
    """Name the groups that an attacker aims at: each group, each parent without a child, each combination."""
    found: dict[bytes, tuple[str, Floats]] = {}
    names = [tell(dims) for dims in known.dims]
    for name, vector in zip(names, known.matrix, strict=True):
        if vector.any():
            found.setdefault(vector.tobytes(), (name, vector))
    for atom in range(known.matrix.shape[1]):
        single = np.zeros(known.matrix.shape[1])
        single[atom] = 1.0
        found.setdefault(single.tobytes(), (tell(known.atoms[atom]), single))
    overlap = known.matrix @ known.matrix.T
    within = np.argwhere(overlap == known.matrix.sum(axis=1)[:, None])
    for child, parent in within:
        rest = known.matrix[parent] - known.matrix[child]
        if rest.any():
            found.setdefault(rest.tobytes(), (f"{names[parent]} without {names[child]}", rest))
    return list(found.values())
