"""Zip archives: looked through before anything is unpacked, and read in memory, never extracted."""

import io
import stat
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import PurePosixPath
from typing import Final

from smf_helpers.errors import Fault, InputError
from smf_helpers.ingest.limits import MAX_MEMBERS, MAX_RATIO, MAX_UNPACKED

DAMAGED: Final = (zipfile.BadZipFile, zlib.error, ValueError, OSError, EOFError, NotImplementedError)
"""What `zipfile` raises on an archive that is cut or broken, or packed in a way it does not know."""

_CLUTTER: Final = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")


def _fault(code: str, where: str, what: str, remedy: str = "Export it again.") -> InputError:
    return InputError(Fault(code=code, where=where, what=what, remedy=remedy))


@contextmanager
def checked_members(
    raw: bytes, where: str, *, code: str = "Z002", damaged: str = "Z003"
) -> Iterator[zipfile.ZipFile]:
    """Open a zip whose members are safe to read.

    Raises
    ------
    InputError
        Z001 paths that lead out, Z002 bombs (size, ratio, members), Z003 damaged, encrypted or duplicate members.
    """
    try:
        pack = zipfile.ZipFile(io.BytesIO(raw))
    except DAMAGED as problem:
        raise _fault(damaged, where, "The archive is cut or damaged.") from problem
    with pack:
        members = pack.infolist()
        if len(members) > MAX_MEMBERS:
            raise _fault(code, where, f"The archive has {len(members):,} members.", "Export a smaller range.")
        for member in members:
            _check_path(member, where)
        twice = [name for name, n in Counter(member.filename for member in members).items() if n > 1]
        if twice:
            raise _fault(damaged, where, f"The archive holds {len(twice)} members twice.")
        unpacked = sum(member.file_size for member in members)
        packed = sum(member.compress_size for member in members) or 1
        if unpacked > MAX_UNPACKED or unpacked > 1_000_000 + MAX_RATIO * packed or _overlaps(members):
            what = f"The archive would unpack to {unpacked / 1e6:,.0f} MB from {packed / 1e6:,.2f} MB."
            raise _fault(code, where, what, "If it is a real export, ask for a smaller range.")
        yield pack


def _check_path(member: zipfile.ZipInfo, where: str) -> None:
    name = member.filename
    if not name:
        raise _fault("Z003", where, "A member of the archive has no name.")
    path = PurePosixPath(name.replace("\\", "/"))
    outside = path.is_absolute() or ".." in path.parts or ":" in name.split("/")[0] or "\\" in name
    link = stat.S_ISLNK(member.external_attr >> 16)
    if outside or link:
        raise _fault("Z001", where, "A member of the archive leads out of it.", "Do not open this file.")


def _overlaps(members: list[zipfile.ZipInfo]) -> bool:
    spans = sorted((member.header_offset, member.compress_size) for member in members)
    return any(start + size > after for (start, size), (after, _) in pairwise(spans))


def read_archive(raw: bytes, where: str) -> dict[str, bytes]:
    """Read every member that may hold data: name → bytes, in the order of the archive.

    Raises
    ------
    InputError
        As `checked_members`, and Z003 for a member that cannot be read.
    """
    found: dict[str, bytes] = {}
    with checked_members(raw, where) as pack:
        for member in pack.infolist():
            if member.is_dir() or any(part in member.filename for part in _CLUTTER):
                continue
            if member.flag_bits & 0x1:
                raise _fault("Z003", where, "The archive is encrypted.", "Save it without a password.")
            try:
                with pack.open(member) as stream:
                    content = stream.read(member.file_size + 1)
            except DAMAGED as problem:
                raise _fault("Z003", where, "A member of the archive is damaged.") from problem
            if len(content) > member.file_size:
                raise _fault("Z002", where, "A member of the archive is larger than it says.")
            found[member.filename] = content
    return found
