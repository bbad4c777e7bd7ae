"""Where the outputs of a running cell go, in the form that a notebook keeps."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_output

from smf_helpers.batch.engines import Progress


class Sink:
    """The outputs of the cell that is running."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self.outputs: list[NotebookNode] = []
        self._clear = False
        self._known: dict[str, list[NotebookNode]] = {}

    def open(self, outputs: list[NotebookNode]) -> None:
        """Begin a cell."""
        self.outputs, self._clear = outputs, False

    def stream(self, name: str, text: str) -> None:
        """Add what was printed."""
        self.progress.hear(len(text))
        self._clear_now()
        last = self.outputs[-1] if self.outputs else None
        if last is not None and last.output_type == "stream" and last.name == name:
            last.text += text
        else:
            self.outputs.append(new_output("stream", name=name, text=text))

    def show(
        self, kind: str, data: Mapping[str, Any], metadata: Mapping[str, Any], **more: Any
    ) -> NotebookNode:
        """Add something shown, of the kind that a notebook calls it."""
        self._clear_now()
        plain = {mime: _sendable(value) for mime, value in data.items()}
        self.progress.hear(sum(_size(value) for value in plain.values()))
        output = new_output(kind, metadata=dict(metadata), **more)
        dict.update(output.data, plain)  # past NotebookNode, which would copy every number of a chart
        self.outputs.append(output)
        return output

    def display(
        self, data: Mapping[str, Any], metadata: Mapping[str, Any], display_id: str, update: bool
    ) -> None:
        """Show something, or show it instead of what has the same id."""
        if update:
            for output in self._known.get(display_id, []):
                output.data = {mime: _sendable(value) for mime, value in data.items()}
                output.metadata = dict(metadata)
            return
        output = self.show("display_data", data, metadata)
        if display_id:
            self._known.setdefault(display_id, []).append(output)

    def fail(self, ename: str, evalue: str, traceback: list[str]) -> None:
        """Show an error."""
        self.outputs.append(new_output("error", ename=ename, evalue=evalue, traceback=traceback))

    def clear(self, wait: bool) -> None:
        """Take away what the cell has shown, at once or when it shows the next."""
        self._clear = True
        if not wait:
            self._clear_now()

    def _clear_now(self) -> None:
        if self._clear:
            del self.outputs[:]
            self._clear = False


def _sendable(value: Any) -> Any:
    return base64.b64encode(value).decode("ascii") if isinstance(value, bytes) else value


def _size(value: Any) -> int:
    return len(value) if isinstance(value, str) else len(json.dumps(value, default=str))
