"""The files that a client gets, made from an executed notebook or from a release."""

from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from smf_helpers.batch import files


def make_output(by: str, notebook: Any, release: Path, path: Path) -> None:
    """Make one output: by a registered exporter, or by a function of the release and the path."""
    module, _, name = by.partition(":")
    if module != "nbconvert":
        resolve(by)(release, path)
        return
    made, _resources = exporter(name).from_notebook_node(
        notebook, resources={"metadata": {"name": path.stem}}
    )
    files.write_new(path, made if isinstance(made, bytes) else made.encode("utf-8"))


@cache
def exporter(name: str) -> Any:
    """Give the registered exporter of that name, made once a process."""
    from nbconvert.exporters import get_exporter

    return get_exporter(name)()


def resolve(dotted: str) -> Callable[..., Any]:
    """Give the function that ``package.module:function`` names."""
    module, _, name = dotted.partition(":")
    function: Callable[..., Any] = getattr(import_module(module), name)
    return function
