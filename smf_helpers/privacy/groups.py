"""Groups of people as the gate sees them: 0/1 vectors over the atoms of a population.

An atom is a set of people whom no candidate group separates; whatever can be computed from published
figures about groups is a statement about atoms.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from smf_helpers.errors import Fault, PrivacyError
from smf_helpers.results.publication import Dims, GroupRef, Population

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

SUBSET = "same people"
"""Start of the dimension name under which a group that is named by its people stands in keys."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A candidate for publication: its dims, and who is in it.

    Attributes
    ----------
    dims : sorted (dimension, value) pairs.
    people : positions in the population's list of people, sorted, as bytes (hashable).
    level : number of dimensions; the whole population is level 0.
    """

    dims: Dims
    people: bytes
    level: int

    @property
    def positions(self) -> Ints:
        """Positions of its people."""
        return np.frombuffer(self.people, dtype=np.int64)

    @property
    def n(self) -> int:
        """Number of people in it."""
        return len(self.people) // 8


def find_group(population: Population, ref: GroupRef) -> Group:
    """Give the people of `population` that `ref` names.

    Raises
    ------
    PrivacyError
        When the reference names a dimension that the population does not have (P010).
    """
    inside = np.ones(len(population.people), dtype=bool)
    for dimension, value in ref.dims:
        if dimension not in population.dimensions:
            raise PrivacyError(
                Fault(
                    code="P010",
                    where=population.key,
                    what=f"A proposal breaks down by '{dimension}', which this population does not have.",
                    remedy="Propose only breakdowns by the population's own dimensions.",
                )
            )
        inside &= population.dimensions[dimension] == value
    dims = tuple(sorted(ref.dims))
    if ref.subset is not None:
        named = np.asarray(ref.subset, dtype=np.str_)
        inside &= np.isin(population.people, named)
        digest = hashlib.sha256("\n".join(np.unique(named)).encode()).hexdigest()[:8]
        dims = tuple(sorted((*dims, (f"{SUBSET} {digest}", "yes"))))
    return Group(
        dims=dims,
        people=np.flatnonzero(inside).astype(np.int64).tobytes(),
        level=len(ref.dims) + (ref.subset is not None),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """Groups of one population over its atoms.

    Attributes
    ----------
    groups : the candidates, in a fixed order.
    matrix : shape (groups, atoms), 1 where the atom is inside the group.
    sizes : people in each atom.
    """

    groups: tuple[Group, ...]
    matrix: Floats
    sizes: Ints

    @property
    def n(self) -> Ints:
        """People in each group."""
        return np.array([group.n for group in self.groups], dtype=np.int64)

    def merged(self, rows: Sequence[int]) -> "Cover":
        """Merge the atoms that none of `rows` separates; people in none of them drop out."""
        kept = self.matrix[list(rows)]
        if not kept.any():
            return Cover(groups=self.groups, matrix=self.matrix[:, :0], sizes=self.sizes[:0])
        _, first, place = np.unique(kept, axis=1, return_index=True, return_inverse=True)
        sizes = np.bincount(place.ravel(), weights=self.sizes).astype(np.int64)
        used = kept[:, first].any(axis=0)
        return Cover(groups=self.groups, matrix=self.matrix[:, first[used]], sizes=sizes[used])


def cover(groups: Iterable[Group], size: int) -> Cover:
    """Reduce a population of `size` people to the atoms of `groups`."""
    ordered = tuple(sorted(set(groups), key=lambda group: (group.level, -group.n, group.dims, group.people)))
    inside = np.zeros((len(ordered), size), dtype=bool)
    for row, group in enumerate(ordered):
        inside[row, group.positions] = True
    matrix, sizes = merge_atoms(inside)
    return Cover(groups=ordered, matrix=matrix, sizes=sizes)


def merge_atoms(inside: Bools) -> tuple[Floats, Ints]:
    """Merge people (columns) that no group (row) separates; drop those in no group."""
    if inside.shape[0] == 0 or inside.shape[1] == 0:
        return np.zeros((inside.shape[0], 0)), np.zeros(0, dtype=np.int64)
    packed = np.packbits(inside, axis=0)
    _, first, sizes = np.unique(packed, axis=1, return_index=True, return_counts=True)
    used = inside[:, first].any(axis=0)
    # By first appearance in a canonical matrix, not in the input: the order of people must not matter.
    columns = inside[:, first[used]].astype(float)
    order = np.lexsort(columns[::-1])[::-1]
    return columns[:, order], sizes[used][order].astype(np.int64)


def small_targets(view: Cover, minimum: int) -> list[tuple[str, Floats]]:
    """Name every small group that an attacker would aim at: groups, complements in a parent, atoms.

    Returns
    -------
    name and 0/1 vector over the atoms of each group of 1 to `minimum` - 1 people, each vector once.
    """
    found: dict[bytes, tuple[str, Floats]] = {}

    def aim(name: str, vector: Floats) -> None:
        people = vector @ view.sizes
        if 0 < people < minimum:
            found.setdefault(vector.tobytes(), (name, vector))

    names = [tell(group.dims) for group in view.groups]
    for name, vector in zip(names, view.matrix, strict=True):
        aim(name, vector)
    n = view.n
    inner = view.matrix @ (view.matrix * view.sizes).T
    for parent, child in zip(*np.nonzero(np.rint(inner) == n[:, None]), strict=True):
        # inner[parent, child] == n[parent]: `parent` of this pair lies inside `child`.
        if 0 < n[child] - n[parent] < minimum:
            aim(f"{names[child]} without {names[parent]}", view.matrix[child] - view.matrix[parent])
    for atom in np.flatnonzero(view.sizes < minimum):
        vector = np.zeros(len(view.sizes))
        vector[atom] = 1.0
        inside = [names[row] for row in np.flatnonzero(view.matrix[:, atom])]
        aim(" and ".join(inside) or "others", vector)
    return list(found.values())


def tell(dims: Sequence[tuple[str, str]]) -> str:
    """Name a group in words."""
    return ", ".join(f"{dimension} {value}" for dimension, value in dims) or "everybody"


def gather(populations: Mapping[str, Population], refs: Iterable[GroupRef]) -> dict[GroupRef, Group]:
    """Find the people of every reference, each once.

    Raises
    ------
    PrivacyError
        When a reference names a population that was not handed in (P011).
    """
    found: dict[GroupRef, Group] = {}
    for ref in refs:
        if ref in found:
            continue
        if ref.population not in populations:
            raise PrivacyError(
                Fault(
                    code="P011",
                    where=ref.population,
                    what="A proposal names a population that is not there.",
                    remedy="Hand every population to the gate together with its proposals.",
                )
            )
        found[ref] = find_group(populations[ref.population], ref)
    return found
