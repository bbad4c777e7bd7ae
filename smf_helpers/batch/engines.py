"""What the papermill engines of the batch share: an honest account of what ran.

papermill's own base class turns every cell that never ran into "completed" when a kernel dies. These engines say
what they have seen: `smf_helpers.batch.direct.DirectEngine` runs cells in its own process,
`smf_helpers.batch.kernels.KernelEngine` in a kernel.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell
from papermill.engines import Engine, NotebookExecutionManager

_SENTINEL = "smf: every cell has run"


class CellError(Exception):
    """A cell raised; carries what a page about the failure may need."""

    def __init__(self, ename: str, evalue: str) -> None:
        super().__init__(ename)
        self.ename = ename
        self.evalue = evalue


class DeadKernelError(Exception):
    """The kernel ended, or fell silent, while a cell ran."""


class NeedsKernel(BaseException):
    """The notebook asked for something that only a kernel has."""


class OutputLimit(BaseException):
    """The cells of a notebook said more than a run may say; no `except Exception` may swallow it."""


@dataclass(slots=True, kw_only=True)
class Progress:
    """What an engine knows by its own eyes.

    Attributes
    ----------
    executed : code cells that ran to their end, by position.
    reached : position of the cell that was started last.
    said : bytes of output so far.
    limit : bytes allowed.
    notebook : the notebook as it is being executed.
    warm : True when the kernel was forked from a zygote.
    finished : True when a last cell of our own, behind all others, ran too.
    """

    executed: set[int] = field(default_factory=set)
    reached: int = -1
    said: int = 0
    limit: int = 20_000_000
    notebook: Any = None
    warm: bool = False
    finished: bool = False

    def hear(self, size: int) -> None:
        """Count output; raise when it is too much."""
        self.said += size
        self.check()

    def check(self) -> None:
        """Raise when there was too much output, even if a cell swallowed the first complaint."""
        if self.said > self.limit:
            raise OutputLimit


class TrueManager(NotebookExecutionManager):
    """papermill's book-keeping, without its habit of calling unrun cells completed."""

    def notebook_complete(self, **kwargs: Any) -> None:
        """Close the books; cells that never ran stay pending."""
        self.end_time = self.now()
        self.nb.metadata.papermill["end_time"] = self.end_time.isoformat()
        self.save()


class TrueEngine(Engine):
    """An engine whose account of a run can be believed."""

    @classmethod
    def execute_notebook(
        cls,
        nb: Any,
        kernel_name: str | None,
        output_path: str | None = None,
        progress_bar: bool = False,
        log_output: bool = False,
        autosave_cell_every: int = 0,
        **kwargs: Any,
    ) -> Any:
        """Run the cells in order until one fails; drop the state of widgets, which nobody can serve."""
        manager = TrueManager(
            nb, output_path=output_path, progress_bar=False, autosave_cell_every=autosave_cell_every
        )
        progress = kwargs.setdefault("progress", Progress())
        progress.notebook = nb
        nb.cells.append(new_code_cell(f"print({_SENTINEL!r})"))
        manager.notebook_start()
        try:
            cls.execute_managed_notebook(manager, kernel_name, **kwargs)
        finally:
            last = nb.cells.pop()
            progress.finished = any(_SENTINEL in output.get("text", "") for output in last.outputs)
            manager.nb.metadata.pop("widgets", None)
            manager.notebook_complete()
        return manager.nb

    @staticmethod
    def run_cells(
        nb_man: NotebookExecutionManager, progress: Progress, run: Callable[[NotebookNode], CellError | None]
    ) -> None:
        """Run the code cells in order.

        Parameters
        ----------
        run : runs one cell, its outputs included; gives the error that it ended with.

        Raises
        ------
        CellError
            When a cell raises and is not tagged ``raises-exception``.
        OutputLimit
            When the cells said more than they may.
        """
        for index, cell in enumerate(nb_man.nb.cells):
            if cell.cell_type != "code":
                continue
            tags = cell.metadata.get("tags", ())
            progress.reached = index
            nb_man.cell_start(cell, index)
            try:
                idle = not cell.source.strip() or "skip-execution" in tags
                error = None if idle else run(cell)
                progress.check()
                if error is not None and "raises-exception" not in tags:
                    raise error
            except BaseException:
                nb_man.cell_exception(cell, cell_index=index)
                raise
            finally:
                nb_man.cell_complete(cell, cell_index=index)
            progress.executed.add(index)
