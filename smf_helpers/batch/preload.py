"""What the zygote imports before it forks: learned from runs, and refused when it is not safe to fork."""

import os
import sys
from collections.abc import Iterable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from smf_helpers.batch.imports import import_papermill
from smf_helpers.batch.rehearsal import rehearse

_ENGINE = ("smf_helpers.batch.perform", "smf_helpers.batch.direct")
_KERNEL = (
    *("ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.zmqshell", "ipykernel.debugger"),
    *("IPython.core.debugger", "IPython.core.oinspect", "IPython.core.completerlib"),
    *("IPython.extensions.storemagic", "sqlite3", "tornado.platform.asyncio"),
)
"""What a kernel imports while it starts, some of it late."""
_WARMING = "warming up"


def learn(modules: Iterable[str], skip: Iterable[str] = ()) -> str | None:
    """Import modules, looking after each whether a fork would still be safe.

    A module that cannot be imported is left to whoever needs it.

    Returns
    -------
    The package that started a thread or opened a file, or None.
    """
    left_out = set(skip)
    before = _open_files()
    for name in modules:
        package = name.partition(".")[0]
        if name in sys.modules or package in left_out:
            continue
        try:
            import_module(name)
        except BaseException:
            continue
        if _threads() > 1 or _open_files() - before:
            return package
    return None


def _threads() -> int:
    return sum(1 for _ in Path("/proc/self/task").iterdir())


def _open_files() -> set[str]:
    """Give what this process holds open, by what it is."""
    held = set()
    for entry in Path("/proc/self/fd").iterdir():
        try:
            held.add(f"{entry.name}:{entry.readlink()}")
        except OSError:
            continue
    return {name for name in held if not name.endswith(f"/proc/{os.getpid()}/fd")}


def prepare(orders: Mapping[str, Any]) -> str | None:
    """Make this process a zygote: import, warm up, make the shell.

    Parameters
    ----------
    orders : ``modules`` to import, packages to ``skip``, functions to call (``warm``), exporters to try
        (``exporters``) and whether kernels will be forked (``kernels``).

    Returns
    -------
    The package that makes forking unsafe, ``warming up`` when that does, or None.
    """
    sys.argv = [""]
    sys.path[:0] = [path for path in orders.get("path", ()) if path not in sys.path]
    import_papermill()
    from smf_helpers.batch.direct import make_shell

    kernel = _KERNEL if orders.get("kernels") else ()
    skip = orders.get("skip", ())
    unsafe = learn([*_ENGINE, *kernel, *orders.get("modules", ())], skip)
    if unsafe is None and _WARMING not in skip:
        before = _open_files()
        rehearse()
        if not orders.get("bare"):
            _warm(orders)
        make_shell()
        if _threads() > 1 or _open_files() - before:
            return _WARMING
    return unsafe


def _warm(orders: Mapping[str, Any]) -> None:
    """Do once what every run would do again: compile schemas and templates."""
    import nbformat

    from smf_helpers.batch.outputs import exporter, resolve

    empty = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell("1"), nbformat.v4.new_markdown_cell("a")]
    )
    nbformat.validate(empty)
    if orders.get("kernels"):
        from smf_helpers.batch.provisioner import announce

        announce()  # looks through every package that is installed
    for name in orders.get("exporters", ()):
        exporter(name).from_notebook_node(empty)
    for dotted in orders.get("warm", ()):
        resolve(dotted)()
