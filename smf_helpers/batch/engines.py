"""The papermill engines of the batch: honest about what ran, and never hanging.

papermill's own base class turns every cell that never ran into "completed" when a kernel dies; and a
client that waits for a message with one long poll can sleep through it for ever (nbclient issue 312).
`KernelEngine` polls in short steps and keeps the truth; `smf_helpers.batch.direct.DirectEngine` needs no
kernel at all.
"""

import asyncio
import os
import queue
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.channels import AsyncZMQSocketChannel
from jupyter_client.manager import AsyncKernelManager
from nbformat.v4 import new_code_cell
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import Engine, NotebookExecutionManager
from traitlets import Type
from traitlets.config import Config

from smf_helpers.batch.warm import SOCKET

_STEP = 0.25  # seconds between two looks at a channel
_SENTINEL = "smf: every cell has run"


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


class _PatientChannel(AsyncZMQSocketChannel):
    """A channel that looks again every quarter of a second instead of trusting one wake-up."""

    async def get_msg(self, timeout: float | None = None) -> dict[str, Any]:
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            step = _STEP if end is None else max(0.0, min(_STEP, end - time.monotonic()))
            if await self.socket.poll(int(step * 1000)):
                return await self._recv()
            if end is not None and time.monotonic() >= end:
                raise queue.Empty


class PatientClient(AsyncKernelClient):
    """A kernel client all of whose channels are patient."""

    shell_channel_class = Type(_PatientChannel)
    iopub_channel_class = Type(_PatientChannel)
    stdin_channel_class = Type(_PatientChannel)
    control_channel_class = Type(_PatientChannel)


class PatientManager(AsyncKernelManager):
    """A kernel manager that hands out patient clients."""

    client_factory = Type(PatientClient, klass=AsyncKernelClient)


class _Client(PapermillNotebookClient):
    """papermill's client, watched cell by cell."""

    progress: Progress

    def papermill_execute_cells(self) -> None:
        self.progress.warm = getattr(self.km.provisioner, "warm", False)
        for index, cell in enumerate(self.nb.cells):
            if cell.cell_type != "code":
                continue
            self.progress.reached = index
            failed = True
            self.nb_man.cell_start(cell, index)
            try:
                self.execute_cell(cell, index)
                failed = False
            finally:
                if failed:
                    self.nb_man.cell_exception(self.nb.cells[index], cell_index=index)
                self.nb_man.cell_complete(self.nb.cells[index], cell_index=index)
            self.progress.executed.add(index)

    def process_message(self, msg: Any, cell: Any, cell_index: int) -> Any:
        output = super().process_message(msg, cell, cell_index)
        if output is not None:
            self.progress.hear(len(str(msg["content"])))
        return output


class KernelEngine(TrueEngine):
    """Run a notebook in a kernel, with bounded polling and a true account."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: NotebookExecutionManager,
        kernel_name: str,
        progress: Progress | None = None,
        start_timeout: float = 60,
        execution_timeout: float | None = None,
        **kwargs: Any,
    ) -> None:
        """Start the kernel, run the cells, stop the kernel at once."""
        with asyncio.Runner() as runner, _private_sockets(nb_man.nb) as config:
            asyncio.set_event_loop(runner.get_loop())
            client = _Client(
                nb_man,
                config=config,
                kernel_name=kernel_name,
                kernel_manager_class=PatientManager,
                timeout=execution_timeout,
                startup_timeout=start_timeout,
                shutdown_kernel="immediate",
                extra_arguments=["--log-level=ERROR", "--HistoryManager.enabled=False"],
            )
            client.progress = progress or Progress()
            client.execute()


@contextmanager
def _private_sockets(notebook: Any) -> Iterator[Config]:
    """Let a Python kernel listen on sockets of a folder of ours; others are given ports.

    A port is looked for, let go and taken by the kernel a moment later: with several kernels starting at once,
    another takes it first, and the kernel dies before it has said a word.
    """
    language = notebook.metadata.get("kernelspec", {}).get("language", "python")
    if os.name == "nt" or language != "python":
        yield Config()
        return
    zygote = os.environ.get(SOCKET)
    with tempfile.TemporaryDirectory(prefix="k", dir=Path(zygote).parent if zygote else None) as folder:
        yield Config(PatientManager={"transport": "ipc", "connection_file": f"{folder}/k.json"})
