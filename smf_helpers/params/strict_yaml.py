"""A strict reader of YAML: nothing is guessed, nothing is lost, every fault has its line.

Plain YAML takes the last of two equal keys, turns ``no`` into False and ``0123`` into 83, and lets a few bytes of
aliases grow into gigabytes. Here only ``true``/``false`` are flags, numbers are decimal, dates stay text
until a typed field asks for one, and aliases, tags, a second document or deep nesting are refused.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from smf_helpers.errors import Fault, ParamsError

MAX_BYTES = 1_000_000
MAX_DEPTH = 20

Place = tuple[str | int, ...]
"""Path of keys and positions to a value."""

_TAGS = {
    f"tag:yaml.org,2002:{kind}" for kind in ("str", "int", "float", "bool", "null", "map", "seq", "timestamp")
}
_PADDED = re.compile(r"0[0-9]+\Z")
_NUMBER = re.compile(r"[-+]?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A YAML document and the line on which each of its values stands."""

    values: dict[str, Any]
    lines: dict[Place, int]

    def line(self, place: Place) -> int:
        """Give the line of a value, or of the nearest thing that holds it."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)


def _line(mark: Any) -> int:
    return int(mark.line) + 1


class _RefusedError(Exception):
    """What, remedy and place of something that is well-formed and not wanted."""


class _Composer(yaml.SafeLoader):
    """Makes nodes of the events; stops at the first alias or at too deep a nest, before it costs any memory."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event: yaml.Event = self.peek_event()  # type: ignore[no-untyped-call]
        opens = isinstance(event, yaml.CollectionStartEvent)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _RefusedError(
                "Anchors and aliases are not allowed.", "Write the value out.", event.start_mark
            )
        self.depth += opens
        if self.depth > MAX_DEPTH:
            raise _RefusedError("The file is nested too deeply.", "Flatten it.", event.start_mark)
        node = super().compose_node(parent, index)
        self.depth -= opens
        return node


class _Reader:
    def __init__(self, name: str) -> None:
        self.name = name
        self.lines: dict[Place, int] = {}
        self.faults: list[Fault] = []

    def fault(self, code: str, line: int, what: str, remedy: str) -> None:
        self.faults.append(Fault(code=code, where=f"{self.name}:{line}", what=what, remedy=remedy))

    def value(self, node: yaml.Node, place: Place) -> Any:
        line = _line(node.start_mark)
        self.lines.setdefault(place, line)
        if node.tag not in _TAGS:
            self.fault("Y001", line, "Tags are not allowed.", "Write the plain value.")
            return None
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, place)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*place, at)) for at, item in enumerate(node.value)]
        return self.scalar(node, line)

    def mapping(self, node: yaml.MappingNode, place: Place) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = _line(key_node.start_mark)
            key = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else ""
            if not key:
                self.fault("Y002", line, "A key is not plain text.", "Write a name.")
                continue
            if key in found:
                first = self.lines[(*place, key)]
                self.fault(
                    "Y002",
                    line,
                    f"The key '{key}' stands here again (first in line {first}).",
                    "Remove one of them.",
                )
                continue
            self.lines[(*place, key)] = line
            found[key] = self.value(value_node, (*place, key))
        return found

    def scalar(self, node: yaml.Node, line: int) -> Any:
        text = str(node.value)
        if node.style is not None:  # type: ignore[attr-defined]
            return text
        if text in {"", "~", "null"}:
            return None
        if text in {"true", "false"}:
            return text == "true"
        if _NUMBER.match(text) and len(text) < 20:
            return float(text) if any(mark in text for mark in ".eE") else int(text)
        if _PADDED.match(text):
            self.fault("Y002", line, f"'{text}' could mean a number or a text.", "Put it in quotes.")
        if text.lower() in {"yes", "no", "on", "off", "y", "n"}:
            self.fault(
                "Y002",
                line,
                f"'{text}' could mean a flag or a text.",
                "Write true or false, or put it in quotes.",
            )
        return text


def read_yaml(path: Path) -> Document:
    """Read one YAML mapping strictly.

    Raises
    ------
    ParamsError
        The file is absent, too large, not UTF-8, not well-formed, holds aliases, tags, several documents,
        a key twice, or something other than a mapping at the top. All faults at once, with lines.
    """
    name = path.name
    try:
        raw = path.read_bytes()
    except OSError as problem:
        what = "cannot be read" if path.exists() else "does not exist"
        raise ParamsError(
            Fault(code="Y000", where=str(path), what=f"The file {what}.", remedy="Check the name.")
        ) from problem
    if len(raw) > MAX_BYTES:
        raise ParamsError(Fault(code="Y001", where=name, what="The file is over 1 MB.", remedy="Split it."))
    try:
        text = raw.decode("utf-8-sig")
        nodes = list(yaml.compose_all(text, Loader=_Composer))
    except _RefusedError as problem:
        what, remedy, mark = problem.args
        raise ParamsError(
            Fault(code="Y001", where=f"{name}:{_line(mark)}", what=what, remedy=remedy)
        ) from problem
    except UnicodeDecodeError as problem:
        raise ParamsError(
            Fault(code="Y001", where=name, what="The file is not UTF-8.", remedy="Save it as UTF-8.")
        ) from problem
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        where = f"{name}:{_line(mark)}" if mark is not None else name
        what = getattr(problem, "problem", None) or "it cannot be parsed"
        raise ParamsError(
            Fault(code="Y001", where=where, what=f"This is not well-formed YAML: {what}.",
                  remedy="Check indentation, colons and quotes near this line.")
        ) from problem  # fmt: skip
    return _document(name, nodes)


def _document(name: str, nodes: list[yaml.Node]) -> Document:
    if len(nodes) != 1 or not isinstance(nodes[0], yaml.MappingNode):
        what = (
            "The file holds several documents."
            if len(nodes) > 1
            else "The file is not a list of `key: value`."
        )
        raise ParamsError(
            Fault(
                code="Y002", where=f"{name}:1", what=what, remedy="Start from `smf new`, one client a file."
            )
        )
    reader = _Reader(name)
    values = reader.value(nodes[0], ())
    if reader.faults:
        raise ParamsError(*reader.faults)
    return Document(values=values, lines=reader.lines)
