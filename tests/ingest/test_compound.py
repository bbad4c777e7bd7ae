"""Old workbooks whose sectors run in a circle are refused before a reader follows them; whole ones are not."""

import struct

import pytest

from smf_helpers.errors import InputError
from smf_helpers.ingest.compound import has_endless_chain
from smf_helpers.ingest.workbooks import read_workbook
from tests.ingest.biff import FAT, SECTOR, xls

ROWS = [["name", "n"], *([f"row {n}", n] for n in range(400))]


def tied(raw: bytes, sector: int, to: int) -> bytes:
    """Let a sector of the allocation table be followed by another."""
    (table,) = struct.unpack_from("<I", raw, 76)
    at = (table + 1) * SECTOR + 4 * sector
    return raw[:at] + struct.pack("<I", to) + raw[at + 4 :]


def test_a_whole_workbook_has_no_endless_chain() -> None:
    raw = xls({"Sheet": ROWS})
    (table,) = struct.unpack_from("<I", raw, 76)
    assert struct.unpack_from("<I", raw, (table + 1) * SECTOR + 4 * table)[0] == FAT
    assert not has_endless_chain(raw)
    assert len(read_workbook(raw, "whole.xls")) == 1


@pytest.mark.parametrize("longer", [False, True], ids=["one sector", "the whole chain"])
def test_a_circle_is_refused_before_it_fills_the_memory(longer: bool) -> None:
    raw = xls({"Sheet": ROWS})
    (table,) = struct.unpack_from("<I", raw, 76)
    links = struct.unpack_from("<128I", raw, (table + 1) * SECTOR)
    linked = [place for place, link in enumerate(links) if link < len(links)]
    bad = tied(raw, linked[-1], linked[0] if longer else linked[-1])
    assert has_endless_chain(bad)
    with pytest.raises(InputError, match="X003"):
        read_workbook(bad, "circle.xls")


def test_a_circle_of_tables_is_refused() -> None:
    raw = bytearray(xls({"Sheet": ROWS}))
    raw[68:72] = struct.pack("<I", 0)
    raw[SECTOR + SECTOR - 4 : 2 * SECTOR] = struct.pack("<I", 0)
    assert has_endless_chain(bytes(raw))
