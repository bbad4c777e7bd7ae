"""A small writer of old workbooks (.xls: BIFF8 records in a compound file), for look-alikes of exports that are such."""

import struct
from collections.abc import Mapping, Sequence

SECTOR = 512
END, FREE, FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _text(text: str, width: str) -> bytes:
    return struct.pack(f"<{width}B", len(text), 1) + text.encode("utf-16-le")


def _cell(row: int, column: int, value: object) -> bytes:
    place = struct.pack("<HHH", row, column, 0)
    if isinstance(value, int | float):
        return record(0x0203, place + struct.pack("<d", value))
    return record(0x0204, place + _text(str(value), "H"))


def xls(sheets: Mapping[str, Sequence[Sequence[object]]], *, from_1904: bool = False) -> bytes:
    """Write sheets of texts and numbers; blank texts are left out."""
    bodies = []
    for rows in sheets.values():
        cells = b"".join(
            _cell(r, c, value) for r, row in enumerate(rows) for c, value in enumerate(row) if value != ""
        )
        extent = struct.pack("<IIHHH", 0, len(rows), 0, max(map(len, rows), default=0), 0)
        head = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0)) + record(0x0200, extent)
        bodies.append(head + cells + record(0x000A, b""))
    start = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0))
    start += record(0x0022, struct.pack("<H", from_1904))
    listed = sum(len(record(0x0085, struct.pack("<IBB", 0, 0, 0) + _text(name, "B"))) for name in sheets)
    offset, index = len(start) + listed + 4, b""
    for name, body in zip(sheets, bodies, strict=True):
        index += record(0x0085, struct.pack("<IBB", offset, 0, 0) + _text(name, "B"))
        offset += len(body)
    return _compound(start + index + record(0x000A, b"") + b"".join(bodies))


def _compound(stream: bytes) -> bytes:
    size = max(len(stream), 4096)
    n = -(-size // SECTOR)
    table = [FAT, END, *range(3, n + 2), END]
    assert len(table) <= SECTOR // 4
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    head += struct.pack("<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, END, 0, END, 0)
    head += struct.pack("<109I", 0, *[FREE] * 108)

    def entry(name: str, kind: int, child: int, first: int, length: int) -> bytes:
        wide = (name + "\0").encode("utf-16-le") if name else b""
        links = struct.pack("<BBIII", kind, 1, FREE, FREE, child)
        return (
            wide.ljust(64, b"\0")
            + struct.pack("<H", len(wide))
            + links
            + bytes(36)
            + struct.pack("<IQ", first, length)
        )

    folder = (
        entry("Root Entry", 5, 1, END, 0) + entry("Workbook", 2, FREE, 2, size) + entry("", 0, FREE, 0, 0) * 2
    )
    fat = struct.pack("<128I", *table, *[FREE] * (128 - len(table)))
    return head + fat + folder + stream.ljust(n * SECTOR, b"\0")
