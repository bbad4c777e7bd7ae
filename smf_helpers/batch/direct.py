"""The direct engine: cells run in an IPython shell of this very process, without a kernel.

The process was made for one client and ends with it, so nothing is shared; what a kernel adds (sockets,
JSON of every message, a second process) is not needed where no widget talks back. What the shell shows
goes into the notebook in the form that a kernel's messages would have taken.
"""

import io
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.formatters import DisplayFormatter
from IPython.core.interactiveshell import InteractiveShell
from nbformat import NotebookNode
from traitlets import Type
from traitlets.config import Config

from smf_helpers.batch.engines import CellError, NeedsKernel, Progress, TrueEngine
from smf_helpers.batch.kernels import KernelEngine
from smf_helpers.batch.sink import Sink

_WIDGET = "application/vnd.jupyter.widget-view+json"


class _Publisher(DisplayPublisher):
    sink: Sink

    def publish(
        self,
        data: Mapping[str, Any],
        metadata: Mapping[str, Any] | None = None,
        source: str | None = None,
        *,
        transient: Mapping[str, Any] | None = None,
        update: bool = False,
        **kwargs: Any,
    ) -> None:
        if _WIDGET in data:
            raise NeedsKernel
        self.sink.display(data, metadata or {}, (transient or {}).get("display_id", ""), update)

    def clear_output(self, wait: bool = False) -> None:
        self.sink.clear(wait)


class _Hook(DisplayHook):
    sink: Sink

    def write_output_prompt(self) -> None:
        """A notebook has its own prompts."""

    def write_format_data(
        self, format_dict: Mapping[str, Any], md_dict: Mapping[str, Any] | None = None
    ) -> None:
        if _WIDGET in format_dict:
            raise NeedsKernel
        self.sink.show("execute_result", format_dict, md_dict or {}, execution_count=self.prompt_count)

    def finish_displayhook(self) -> None:
        """Nothing was printed that would need a line end."""


class _Formatter(DisplayFormatter):
    """Leaves out the plain text of what has a form for a page too: each table would be laid out twice."""

    def format(
        self, obj: Any, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        if self.ipython_display_formatter(obj):
            return {}, {}
        rich = super().format(obj, include, {*(exclude or ()), "text/plain"})
        return rich if rich[0] else super().format(obj, include, exclude)


class _Stream(io.TextIOBase):
    def __init__(self, name: str, sink: Sink) -> None:
        self._name, self._sink = name, sink

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return "utf-8"

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if text:
            self._sink.stream(self._name, text)
        return len(text)


class Shell(InteractiveShell):
    """An IPython shell that shows things to a notebook."""

    display_pub_class = Type(_Publisher)
    displayhook_class = Type(_Hook)

    def init_display_formatter(self) -> None:
        """Take our own formatter."""
        self.display_formatter = _Formatter(parent=self)
        self.configurables.append(self.display_formatter)

    def attach(self, sink: Sink) -> None:
        """Let everything that is shown go to this sink."""
        self.display_pub.sink = self.displayhook.sink = self._sink = sink

    def _showtraceback(self, etype: type[BaseException], evalue: BaseException, stb: list[str]) -> None:
        self._sink.fail(etype.__name__, str(evalue), list(stb))

    def ask_exit(self) -> None:
        """Treat `exit()` as what it is: the notebook stops early."""
        raise SystemExit

    def enable_gui(self, gui: str | None = None) -> None:
        """Refuse event loops of windows, which a batch does not have."""
        if gui not in (None, "inline"):
            raise NeedsKernel


def make_shell() -> Shell:
    """Make the shell of this process; without history, which would need a thread and a file."""
    config = Config()
    config.HistoryManager.enabled = False
    config.HistoryManager.hist_file = ":memory:"
    config.InteractiveShell.colors = "nocolor"
    config.InteractiveShell.xmode = "Context"
    shell: Shell = Shell.instance(config=config)
    InteractiveShell._instance = shell
    return shell


@contextmanager
def _said_to(sink: Sink) -> Iterator[None]:
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = _Stream("stdout", sink), _Stream("stderr", sink)  # type: ignore[assignment]
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


class DirectEngine(TrueEngine):
    """Run a notebook's cells in this process."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: Any, kernel_name: str | None, progress: Progress | None = None, **kwargs: Any
    ) -> None:
        """Run the code cells in order.

        Raises
        ------
        NeedsKernel
            When a cell shows a widget or wants a window.
        """
        progress = progress or Progress()
        shell, sink = make_shell(), Sink(progress)
        shell.attach(sink)

        def run(cell: NotebookNode) -> CellError | None:
            sink.open(cell.outputs)
            with _said_to(sink):
                result = shell.run_cell(cell.source, store_history=True)
            cell.execution_count = result.execution_count
            error = result.error_before_exec or result.error_in_exec
            if isinstance(error, NeedsKernel):
                raise error
            return None if error is None else CellError(type(error).__name__, str(error))

        cls.run_cells(nb_man, progress, run)
        nb_man.nb.metadata["language_info"] = {"name": "python", "version": sys.version.split()[0]}


def register() -> None:
    """Make the engines known to papermill, also where the package is not installed."""
    from papermill.engines import papermill_engines

    papermill_engines.register("smf-kernel", KernelEngine)
    papermill_engines.register("smf-direct", DirectEngine)
