"""The chains of sectors in an old workbook (.xls, a compound file): each must come to an end.

A chain that runs in a circle has no length, and a reader that follows it fills the memory. Reference: [MS-CFB], sections 2.2 to 2.4.
"""

import struct
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Links = npt.NDArray[np.int64]

HEADER: Final = 512
IN_HEADER: Final = 109
"""Sectors of the allocation table that the header itself names."""

NO_SECTOR: Final = 0xFFFFFFFA
"""From here up a number is a mark (end of chain, free, table), not a sector."""


def has_endless_chain(raw: bytes) -> bool:
    """Say whether a chain of the allocation tables of a compound file runs in a circle.

    Examples
    --------
    >>> has_endless_chain(b"too short to hold a table")
    False
    """
    if len(raw) < HEADER:
        return False
    (shift,) = struct.unpack_from("<H", raw, 30)
    mini, _, onward = struct.unpack_from("<3I", raw, 60)
    size = 1 << shift if 7 <= shift <= 16 else HEADER
    found, seen = [np.frombuffer(raw, "<u4", IN_HEADER, 76)], set()
    while onward < NO_SECTOR:
        sector = _sector(raw, onward, size)
        if onward in seen:
            return True
        if len(sector) < 2:
            break
        seen.add(onward)
        found.append(sector[:-1])
        onward = int(sector[-1])
    links = _joined([_sector(raw, int(at), size) for at in np.concatenate(found) if at < NO_SECTOR])
    if _circles(links):
        return True
    chain, at = [], mini
    while at < len(links):
        chain.append(_sector(raw, at, size))
        at = int(links[at])
    return _circles(_joined(chain))


def _sector(raw: bytes, at: int, size: int) -> npt.NDArray[np.uint32]:
    part = raw[(at + 1) * size : (at + 2) * size]
    return np.frombuffer(part, "<u4", len(part) // 4)


def _joined(parts: list[Any]) -> Links:
    return np.concatenate(parts).astype(np.int64) if parts else np.empty(0, dtype=np.int64)


def _circles(links: Links) -> bool:
    """Say whether following the links from anywhere never leaves the table: doubled steps end outside it, or never."""
    n = len(links)
    onward = np.append(np.where(links < n, links, n), n)
    for _ in range(n.bit_length()):
        onward = onward[onward]
    return bool((onward != n).any())
