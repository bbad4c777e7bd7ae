"""What a report depends on, as fingerprints: by content, never by time of day."""

import hashlib
import json
import platform
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import smf_helpers
from smf_helpers.results.batch import Output

_CODE = {".py", ".js", ".css", ".html", ".j2", ".svg", ".po", ".mo", ".yml", ".json"}


def of(value: Any) -> str:
    """Give the SHA-256 of a plain value.

    Examples
    --------
    >>> of({"a": 1, "b": 2}) == of({"b": 2, "a": 1})
    True
    """
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()


def of_notebooks(paths: Iterable[Path]) -> str:
    """Fingerprint templates by what their cells say; outputs, counts and cell ids do not matter."""
    return of([[_cell(cell) for cell in read_cells(path)] for path in paths])


def read_cells(path: Path) -> list[dict[str, Any]]:
    """Read a notebook's cells, each source as one text."""
    cells: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [{**cell, "source": _joined(cell["source"])} for cell in cells]


def _joined(source: str | list[str]) -> str:
    return source if isinstance(source, str) else "".join(source)


def _cell(cell: Mapping[str, Any]) -> list[Any]:
    return [cell["cell_type"], cell["source"], sorted(cell.get("metadata", {}).get("tags", ()))]


def of_outputs(outputs: Iterable[Output], audit: str) -> str:
    """Fingerprint which files are made, and by what."""
    return of([[(output.file, output.by) for output in outputs], audit])


@cache
def of_environment() -> str:
    """Fingerprint the interpreter, every installed distribution with its version, and our own code."""
    installed = sorted({found.stem for root in sys.path for found in Path(root or ".").glob("*.dist-info")})
    return of([platform.python_version(), platform.machine(), installed, code_version()])


@cache
def code_version() -> str:
    """Fingerprint the package's own files."""
    root = Path(smf_helpers.__file__).parent
    code = hashlib.sha256()
    for path in sorted(root.rglob("*")):
        if path.suffix in _CODE and path.is_file():
            code.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return code.hexdigest()


def key_of(parts: Mapping[str, str]) -> str:
    """Give the one key of all parts."""
    return of(dict(parts))
