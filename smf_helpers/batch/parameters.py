"""The typed parameter table: what the cell tagged ``parameters`` declares, and whether the values fit.

The schema is read from the cell by its syntax, nothing is run: ``client: str`` must be given,
``draws: int = 2000`` may be, ``as_of = "2026-01-01"`` takes its type from its default. papermill itself
accepts a misspelt name, a wrong type and even code in the place of a name; here each is a fault, found
for all clients before anything starts.
"""

import ast
import datetime as dt
import keyword
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from pathlib import PurePath
from typing import Any

from smf_helpers.errors import Fault

_SIMPLE = {"str", "int", "float", "bool", "list", "dict"}
_ALIASES = {
    "Path": "str",
    "date": "str",
    "datetime": "str",
    "tuple": "list",
    "Sequence": "list",
    "Mapping": "dict",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One declared parameter.

    Attributes
    ----------
    name : identifier.
    kinds : accepted kinds out of str, int, float, bool, list, dict, None; empty accepts all.
    required : True when the cell gives no value.
    """

    name: str
    kinds: frozenset[str]
    required: bool


def read_schema(cells: Iterable[Mapping[str, Any]]) -> dict[str, Parameter]:
    """Read what the cell tagged ``parameters`` declares.

    Examples
    --------
    >>> cell = {"cell_type": "code", "metadata": {"tags": ["parameters"]},
    ...         "source": "client: str\\nshare: float | None = None\\ndraws = 2000"}
    >>> [(p.name, sorted(p.kinds), p.required) for p in read_schema([cell]).values()]
    [('client', ['str'], True), ('share', ['None', 'float'], False), ('draws', ['int'], False)]
    """
    schema: dict[str, Parameter] = {}
    for cell in cells:
        if cell["cell_type"] != "code" or "parameters" not in cell["metadata"].get("tags", ()):
            continue
        for line in ast.parse(cell["source"]).body:
            if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name):
                kinds = _annotated(line.annotation)
                name, required = line.target.id, line.value is None
            elif isinstance(line, ast.Assign) and isinstance(line.targets[0], ast.Name):
                kinds, name, required = _inferred(line.value), line.targets[0].id, False
            else:
                continue
            schema[name] = Parameter(name=name, kinds=kinds, required=required)
    return schema


def _annotated(node: ast.expr) -> frozenset[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return _annotated(ast.parse(node.value, mode="eval").body)
    if isinstance(node, ast.Constant) and node.value is None:
        return frozenset({"None"})
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return _annotated(node.left) | _annotated(node.right)
    if isinstance(node, ast.Subscript):
        return _annotated(node.value)
    name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
    name = _ALIASES.get(name, name)
    return frozenset({name}) if name in _SIMPLE else frozenset()


def _inferred(node: ast.expr) -> frozenset[str]:
    try:
        value = ast.literal_eval(node)
    except ValueError:
        return frozenset()
    if value is None:
        return frozenset()
    return frozenset({_kind(list(value) if isinstance(value, tuple) else value)})


def _kind(value: object) -> str:
    return "None" if value is None else type(value).__name__


def plain(value: object) -> object:
    """Turn a value as it comes from a table or a YAML into one that a cell can hold.

    Dates become ISO text, decimals floats, numpy scalars their Python value, sets sorted lists.

    Raises
    ------
    TypeError
        When there is no faithful plain form.

    Examples
    --------
    >>> plain({"since": dt.date(2026, 1, 5), "units": {"b", "a"}})
    {'since': '2026-01-05', 'units': ['a', 'b']}
    """
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, PurePath):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, set | frozenset):
        return sorted((plain(inner) for inner in value), key=repr)
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if type(value).__module__.split(".")[0] == "numpy" and hasattr(value, "tolist"):
        return plain(value.tolist())
    raise TypeError(type(value).__name__)


def check_parameters(
    schema: Mapping[str, Parameter], given: Mapping[str, object], *, where: str
) -> tuple[dict[str, object], list[Fault]]:
    """Hold `given` against the schema; give the plain values and every fault."""
    values: dict[str, object] = {}
    faults: list[Fault] = []

    def wrong(code: str, name: str, what: str, remedy: str) -> None:
        faults.append(Fault(code=code, where=f"{where}, parameter '{name}'", what=what, remedy=remedy))

    for name, raw in given.items():
        if not name.isidentifier() or keyword.iskeyword(name):
            wrong("Y005", name[:40], "The name is not an identifier.", "Use letters, digits and underscores.")
            continue
        parameter = schema.get(name)
        if parameter is None:
            near = get_close_matches(name, schema, n=1)
            hint = f"Did you mean '{near[0]}'?" if near else f"Declared are: {', '.join(schema) or 'none'}."
            wrong("B201", name, "The notebook does not declare it.", hint)
            continue
        try:
            value = plain(raw)
        except TypeError as strange:
            wrong(
                "B203", name, f"A value of type {strange} cannot be handed to a notebook.", _wanted(parameter)
            )
            continue
        fitted = _fit(value, parameter.kinds)
        if fitted is _UNFIT:
            wrong("B203", name, f"The value is of type {_kind(value)}.", _wanted(parameter))
            continue
        values[name] = fitted
    for parameter in schema.values():
        if parameter.required and parameter.name not in given:
            wrong("B202", parameter.name, "It has no default and was not given.", _wanted(parameter))
    return values, faults


_UNFIT = object()


def _fit(value: object, kinds: frozenset[str]) -> object:
    if not kinds or _kind(value) in kinds:
        return value
    if "float" in kinds and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if "int" in kinds and isinstance(value, float) and math.isfinite(value) and value == int(value):
        return int(value)
    return _UNFIT


def _wanted(parameter: Parameter) -> str:
    return f"Expected: {' or '.join(sorted(parameter.kinds)) or 'any plain value'}."
