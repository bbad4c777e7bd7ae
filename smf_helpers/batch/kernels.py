"""The kernel engine: cells run in a kernel, asked and heard without an event loop.

A client that waits for a message with one long poll can sleep through it for ever (nbclient issue 312). This one
looks at both of its sockets, in short steps, and at the process between them; what it hears it puts where the
direct engine puts what it sees. Widgets get no answer: nobody is there to move them.
"""

import os
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import zmq
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager
from nbformat import NotebookNode
from papermill.engines import NotebookExecutionManager
from traitlets.config import Config

from smf_helpers.batch.engines import CellError, DeadKernelError, Progress, TrueEngine
from smf_helpers.batch.sink import Sink
from smf_helpers.batch.warm import SOCKET

_STEP = 250
"""Milliseconds between two looks at a kernel that says nothing."""
_SILENT = 30.0
"""Seconds after a reply in which a living kernel must also say that it is idle."""
_AGAIN = 1.0
"""Seconds until a kernel that has not answered yet is asked again."""
_ARGUMENTS = ["--log-level=ERROR", "--HistoryManager.enabled=False"]
Message = dict[str, Any]


class _Kernel:
    """A running kernel and the two channels that a notebook needs."""

    def __init__(self, manager: KernelManager, client: BlockingKernelClient) -> None:
        self._manager = manager
        self._client = client
        self._shell, self._iopub = client.shell_channel.socket, client.iopub_channel.socket
        self._poller = zmq.Poller()
        self._poller.register(self._shell, zmq.POLLIN)
        self._poller.register(self._iopub, zmq.POLLIN)
        self.language: Mapping[str, Any] = {}
        self.warm = bool(getattr(manager.provisioner, "warm", False))

    def greet(self, patience: float) -> None:
        """Ask until it answers on both channels: what it says before we are connected is lost."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            asked = self._client.kernel_info()
            answer = self._hear(asked, None, time.monotonic() + _AGAIN)
            if answer is not None:
                self.language = answer["language_info"]
                return
        raise DeadKernelError

    def run(self, cell: NotebookNode, sink: Sink) -> CellError | None:
        """Run one cell; its outputs go to the sink."""
        sink.open(cell.outputs)
        asked = self._client.execute(cell.source, allow_stdin=False)
        reply = self._hear(asked, sink, None)
        if reply is None:
            raise DeadKernelError
        cell.execution_count = reply.get("execution_count")
        if any(one.get("source") == "ask_exit" for one in reply.get("payload", ())):
            return CellError("SystemExit", "")  # `quit()`: a kernel goes on until it finds the time to end
        if reply["status"] == "ok":
            return None
        return CellError(str(reply.get("ename", reply["status"])), str(reply.get("evalue", "")))

    def _hear(self, asked: str, sink: Sink | None, deadline: float | None) -> Message | None:
        """Hear all that answers one request: the reply, and on the other channel everything until it is idle.

        None when the deadline passes first; one of its own begins with the reply.
        """
        reply: Message | None = None
        idle = False
        while reply is None or not idle:
            ready = dict(self._poller.poll(_STEP))
            now = time.monotonic()
            if not ready:
                if deadline is not None and now > deadline:
                    return None
                if not self._manager.is_alive():
                    raise DeadKernelError
            if self._iopub in ready:
                message = self._client.iopub_channel.get_msg(timeout=0)
                if message["parent_header"].get("msg_id") == asked:
                    idle = idle or message["content"].get("execution_state") == "idle"
                    if sink is not None:
                        _put(message, sink)
            if self._shell in ready:
                message = self._client.shell_channel.get_msg(timeout=0)
                if message["parent_header"].get("msg_id") == asked:
                    reply, deadline = message["content"], deadline or now + _SILENT
        return reply


def _put(message: Message, sink: Sink) -> None:
    content = message["content"]
    shown = content.get("transient", {}).get("display_id", "")
    match message["msg_type"]:
        case "stream":
            sink.stream(content["name"], content["text"])
        case "display_data" | "update_display_data" as kind:
            sink.display(content["data"], content["metadata"], shown, kind == "update_display_data")
        case "execute_result":
            count = content["execution_count"]
            sink.show("execute_result", content["data"], content["metadata"], execution_count=count)
        case "error":
            sink.fail(content["ename"], content["evalue"], content["traceback"])
        case "clear_output":
            sink.clear(content["wait"])


class KernelEngine(TrueEngine):
    """Run a notebook in a kernel."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: NotebookExecutionManager,
        kernel_name: str,
        progress: Progress | None = None,
        start_timeout: float = 60,
        **kwargs: Any,
    ) -> None:
        """Start the kernel, run the cells, end the kernel at once.

        Raises
        ------
        DeadKernelError
            When the kernel ends before the last cell has.
        """
        progress = progress or Progress()
        with _private_sockets(nb_man.nb) as config, _kernel(kernel_name, config, start_timeout) as kernel:
            progress.warm = kernel.warm
            sink = Sink(progress)
            cls.run_cells(nb_man, progress, lambda cell: kernel.run(cell, sink))
            nb_man.nb.metadata["language_info"] = kernel.language


@contextmanager
def _kernel(name: str, config: Config, patience: float) -> Iterator[_Kernel]:
    context = zmq.Context()
    context.rcvhwm = 0  # otherwise what we have not read yet is dropped beyond a thousand messages
    manager = KernelManager(kernel_name=name, config=config, context=context)
    manager.start_kernel(extra_arguments=_ARGUMENTS)
    try:
        client = manager.client()
        try:
            client.start_channels(stdin=False, hb=False, control=False)
            kernel = _Kernel(manager, client)
            kernel.greet(patience)
            yield kernel
        finally:
            client.stop_channels()
    finally:
        manager.shutdown_kernel(now=True)
        context.destroy(linger=0)


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
        yield Config(KernelManager={"transport": "ipc", "connection_file": f"{folder}/k.json"})
