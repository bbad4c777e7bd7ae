"""Suppression rules as survey vendors describe them, rebuilt from what they publish: for comparison only.

Each takes the sizes of the groups (by dims) and says which are shown. None is a vendor's own code.
"""

from collections import defaultdict


def _parents(dims):
    """The groups above: a role within a unit belongs to the unit and to the role."""
    return [tuple(pair for pair in dims if pair != left_out) for left_out in dims]


def _families(sizes):
    """(Parent, dimension that divides it) → its parts."""
    families = defaultdict(list)
    for dims in sizes:
        for parent in _parents(dims):
            (name,) = {name for name, _ in dims} - {name for name, _ in parent}
            if parent in sizes:
                families[parent, name].append(dims)
    return families


def everything(sizes, k=5):
    return set(sizes)


def threshold(sizes, k=5):
    return {dims for dims, n in sizes.items() if n >= k}


def _siblings(sizes, k, enough):
    hidden = {dims for dims, n in sizes.items() if n < k}
    changed = True
    while changed:
        changed = False
        for family in _families(sizes).values():
            gone = [dims for dims in family if dims in hidden]
            left = sorted((dims for dims in family if dims not in hidden), key=lambda d: (sizes[d], d))
            if gone and left and not enough(gone, sizes):
                hidden.add(left[0])
                changed = True
    return set(sizes) - hidden


def two_siblings(sizes, k=5):
    """Hide the next smallest siblings until two are hidden."""
    return _siblings(sizes, k, lambda gone, _: len(gone) >= 2)


def siblings_until_k(sizes, k=5):
    """Hide the next smallest siblings until k people are hidden."""
    return _siblings(sizes, k, lambda gone, n: len(gone) >= 2 and sum(n[dims] for dims in gone) >= k)


def remainder(sizes, k=5):
    """Hide a group when the rest of a parent would be below k."""
    return {
        dims
        for dims, n in sizes.items()
        if n >= k and all(not 0 < sizes[parent] - n < k for parent in _parents(dims) if parent in sizes)
    }


POLICIES = {
    "everything shown": everything,
    "threshold only": threshold,
    "hide siblings until 2 hidden": two_siblings,
    "hide if remainder of parent < 5": remainder,
    "hide siblings until 5 hidden": siblings_until_k,
}
