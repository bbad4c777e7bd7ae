"""Where finished files go: a folder, or anything that ``fsspec`` can write to."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal, Protocol

from smf_helpers.batch import files, fingerprint
from smf_helpers.batch.journal import stamp
from smf_helpers.errors import BatchError, Fault
from smf_helpers.results.batch import BatchOptions

MANIFEST = "manifest.json"
FAILURE = "failure.html"


class Target(Protocol):
    """A place that holds one folder a client."""

    def publish(self, client: str, staged: Mapping[str, Path], manifest: str) -> dict[str, str]:
        """Put finished files in place one by one, the manifest last; give each file's stamp."""

    def withdraw(self, client: str) -> None:
        """Take away what a client has, the manifest first."""

    def holds(self, client: str, file: str, sha: str, when: str) -> bool:
        """Say whether a finished file is still the one of that digest and stamp."""

    def write(self, name: str, content: bytes) -> None:
        """Write one whole file, such as the index, under a name relative to the target."""

    def address(self, name: str) -> str:
        """Give the address of a name inside the target, for people."""


def is_address(out: str) -> bool:
    """Say whether `out` is an address for ``fsspec`` rather than a folder."""
    return "://" in out


def state_folder(options: BatchOptions) -> Path:
    """Give the folder of journal, lock, logs and work."""
    if options.state is not None:
        return options.state
    if is_address(options.out):
        return Path(".smf") / fingerprint.of(options.out)[:16]
    return Path(options.out)


def open_target(options: BatchOptions) -> Target:
    """Open the target that the options name."""
    if is_address(options.out):
        return _Store(options.out, options.verify)
    return _Folder(Path(options.out), options.verify)


class _Folder:
    """A folder of this machine or of a shared file system."""

    def __init__(self, root: Path, verify: Literal["stat", "content"]) -> None:
        self._root = root
        self._verify = verify

    def publish(self, client: str, staged: Mapping[str, Path], manifest: str) -> dict[str, str]:
        folder = files.make_folder(self._root / client)
        files.remove(folder / MANIFEST)
        files.remove(folder / FAILURE)
        for file, path in staged.items():
            files.replace(path, folder / file)
        for stale in folder.iterdir():
            if stale.name not in staged:
                files.remove_tree(stale)
        # Beside the staged files, so that a kill in mid-writing leaves no part of it in the client's folder.
        whole = next(iter(staged.values()), folder / MANIFEST).with_name(f".{MANIFEST}.new")
        files.write_new(whole, manifest.encode())
        files.replace(whole, folder / MANIFEST)
        files.sync_folder(folder)
        return {file: stamp(folder / file) for file in (*staged, MANIFEST)}

    def withdraw(self, client: str) -> None:
        folder = self._root / client
        files.refuse_link(folder)
        if folder.is_dir():
            files.remove(folder / MANIFEST)
            files.remove_tree(folder)

    def holds(self, client: str, file: str, sha: str, when: str) -> bool:
        path = self._root / client / file
        with suppress(OSError):
            if path.is_symlink():
                return False
            return stamp(path) == when if self._verify == "stat" else files.digest_of(path) == sha
        return False

    def write(self, name: str, content: bytes) -> None:
        path = self._root / name
        files.make_folder(path.parent)
        files.write_atomic(path, content)

    def address(self, name: str) -> str:
        return str(self._root / name)


class _Store:
    """An object store or any other file system of ``fsspec``; each object appears whole."""

    def __init__(self, address: str, verify: Literal["stat", "content"]) -> None:
        try:
            import fsspec

            self._system: Any
            self._system, self._root = fsspec.core.url_to_fs(address)
        except ImportError as missing:
            raise BatchError(
                Fault(
                    code="B102",
                    where=address,
                    what=f"Writing there needs the package '{missing.name}'.",
                    remedy="Install the extra 'store'.",
                )
            ) from missing
        self._out = address.rstrip("/")
        self._verify = verify

    def publish(self, client: str, staged: Mapping[str, Path], manifest: str) -> dict[str, str]:
        folder = f"{self._root}/{client}"
        self._system.invalidate_cache()
        before = {path.rpartition("/")[2] for path in self._system.find(folder)}
        for file in sorted(before - set(staged), key=lambda name: name != MANIFEST):
            self._system.rm_file(f"{folder}/{file}")
        for file, path in staged.items():
            files.send(path.read_bytes(), self._system, f"{folder}/{file}")
        files.send(manifest.encode(), self._system, f"{self._root}/{client}/{MANIFEST}")
        return {file: self._stamp(f"{self._root}/{client}/{file}") for file in (*staged, MANIFEST)}

    def withdraw(self, client: str) -> None:
        self._system.invalidate_cache()
        folder = f"{self._root}/{client}"
        if self._system.exists(f"{folder}/{MANIFEST}"):
            self._system.rm_file(f"{folder}/{MANIFEST}")
        if self._system.exists(folder):
            self._system.rm(folder, recursive=True)

    def holds(self, client: str, file: str, sha: str, when: str) -> bool:
        import hashlib

        path = f"{self._root}/{client}/{file}"
        with suppress(OSError):
            if self._verify == "stat":
                return self._stamp(path) == when
            return hashlib.sha256(self._system.cat_file(path)).hexdigest() == sha
        return False

    def write(self, name: str, content: bytes) -> None:
        files.send(content, self._system, f"{self._root}/{name}")

    def address(self, name: str) -> str:
        return f"{self._out}/{name}"

    def _stamp(self, path: str) -> str:
        known = self._system.info(path)
        mark = known.get("ETag") or known.get("mtime") or known.get("LastModified") or ""
        return f"{known['size']}:{mark}"
