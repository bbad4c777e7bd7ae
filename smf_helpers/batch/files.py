"""The one file layer of the batch: what it writes is whole or absent.

Every call that changes a disk goes through here, so that a test can let any one of them fail.
"""

import hashlib
import os
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from smf_helpers.errors import BatchError, Fault

before_call: Callable[[str, Path], None] | None = None
"""Called with the name and the target of each operation before it happens; may raise `OSError`."""


def _about_to(operation: str, path: Path) -> None:
    if before_call is not None:
        before_call(operation, path)


def make_folder(path: Path, *, mode: int = 0o755) -> Path:
    """Make `path`, refusing a symbolic link that stands in its place."""
    _about_to("mkdir", path)
    refuse_link(path)
    path.mkdir(parents=True, exist_ok=True)
    if stat.S_IMODE(path.stat().st_mode) != mode:
        path.chmod(mode)
    return path


def refuse_link(path: Path) -> None:
    """Raise when `path` is a symbolic link: nothing of ours is ever one."""
    if path.is_symlink():
        raise BatchError(
            Fault(
                code="B110",
                where=path.name,
                what="A symbolic link stands where the batch wants to write.",
                remedy="Remove it and run again; its target was not touched.",
            )
        )


def write_new(path: Path, content: bytes, *, mode: int = 0o644) -> str:
    """Write a file that does not exist yet, down to the disk; give its SHA-256."""
    _about_to("open", path)
    with suppress(FileNotFoundError):
        path.unlink()
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), mode)
    with os.fdopen(handle, "wb") as file:
        _about_to("write", path)
        file.write(content)
        file.flush()
        _about_to("fsync", path)
        os.fsync(file.fileno())
    path.chmod(mode)
    return hashlib.sha256(content).hexdigest()


def settle(path: Path, *, mode: int = 0o644) -> str:
    """Bring a file that somebody else wrote down to the disk; give its SHA-256."""
    _about_to("fsync", path)
    refuse_link(path)
    with path.open("rb") as file:
        os.fsync(file.fileno())
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    path.chmod(mode)
    return digest


def write_atomic(path: Path, content: bytes, *, mode: int = 0o644) -> str:
    """Write a file so that a reader sees the old one or the new one, never a part."""
    staged = path.with_name(f".{path.name}.new")
    digest = write_new(staged, content, mode=mode)
    replace(staged, path)
    return digest


def replace(staged: Path, final: Path) -> None:
    """Put a finished file under its final name in one step."""
    _about_to("replace", final)
    refuse_link(final)
    staged.replace(final)


def sync_folder(path: Path) -> None:
    """Make the names inside a folder durable, where the system can."""
    _about_to("fsync", path)
    if os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def remove(path: Path) -> None:
    """Remove a file if it is there; a link is removed, never followed."""
    _about_to("unlink", path)
    with suppress(FileNotFoundError):
        path.unlink()


def remove_tree(path: Path) -> None:
    """Remove a folder of ours with all that is in it; links are removed, never followed."""
    if path.is_symlink() or not path.is_dir():
        remove(path)
        return
    for entry in sorted(path.iterdir()):
        remove_tree(entry)
    _about_to("rmdir", path)
    path.rmdir()


def digest_of(path: Path) -> str:
    """Give the SHA-256 of a file, or of a folder's sorted names and files."""
    if path.is_dir():
        inner = hashlib.sha256()
        for entry in sorted(path.rglob("*")):
            if entry.is_file():
                inner.update(f"{entry.relative_to(path).as_posix()}\0{digest_of(entry)}\n".encode())
        return inner.hexdigest()
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def send(content: bytes, system: Any, path: str) -> None:
    """Write one object of an ``fsspec`` file system."""
    _about_to("send", Path(path))
    system.makedirs(system._parent(path), exist_ok=True)
    system.pipe_file(path, content)
