"""What a notebook needs, read off its cells before anything runs."""

import ast
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

_WIDGETS = {"ipywidgets", "anywidget"}


def imported_by(cells: Iterable[Mapping[str, Any]]) -> list[str]:
    """Give the modules that a notebook's cells import by name."""
    names: list[str] = []
    for cell in cells:
        if cell["cell_type"] != "code":
            continue
        try:
            nodes = list(ast.walk(ast.parse(cell["source"])))
        except SyntaxError:
            continue
        names += [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
        names += [node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module]
    return list(dict.fromkeys(names))


def wants_kernel(cells: Iterable[Mapping[str, Any]]) -> bool:
    """Say whether a notebook names widgets, which only a kernel can serve."""
    return any(name.partition(".")[0] in _WIDGETS for name in imported_by(cells))


def is_foreign(notebook: Path) -> bool:
    """Say whether a notebook is written in another language than Python."""
    spec = json.loads(notebook.read_text(encoding="utf-8"))["metadata"].get("kernelspec", {})
    return bool(spec.get("language", "python") != "python")
