"""The table of params, written from the schema, and the scaffold that `smf new` starts from."""

from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from smf_helpers.errors import Fault, ParamsError
from smf_helpers.params.schema import CLIENT_ID, RESERVED, ClientParams

_HEAD = """# What a client's YAML may say

One file a client, only what differs from the defaults. This page is generated from the schema
(`smf params-guide > params/README.md`); a test fails when the two differ. Unknown keys are refused.
"""

SCAFFOLD = """# {name}: only what differs from the defaults; params/README.md lists every key.
client: {client}
name: "{name}"
language: en                  # en or fi
# timezone: Europe/Helsinki

organisation:
  units:                      # names as they stand in the survey; headcounts make response and adoption rates true
    - {{name: Customer service, headcount: 40, joined_rollout_on: 2026-01-15}}
    - {{name: Marketing, headcount: 25}}

sources:                      # files under data/raw/{client}/, untouched as downloaded
  - {{path: survey-2026-1.csv, wave: "2026-1"}}
  # - {{path: people.csv}}
  # - {{path: viva-engage-export.zip}}
  # - {{path: linkedin-content.xls, channel: linkedin}}

# items:                      # only for questions that are not from `smf questionnaire`
#   Q7: {{module: listening, scale: [1, 5]}}

# interventions:
#   - {{kind: policy_published, name: Social media policy, starts_on: 2026-03-01}}

# incidents:                  # posts that broke the rules; [] where there were none
#   - {{date: 2026-02-17, scope: internal}}

# brand: {{primary: "#1f4e5f", accent: "#d1495b", greeting: "Thank you for taking part."}}
# privacy: {{profile: standard}}
# publish: {{outputs: [html, pptx, xlsx]}}
"""


def scaffold_client(client: str, root: Path) -> tuple[Path, Path]:
    """Make params/CLIENT.yml and data/raw/CLIENT/; an existing file is never touched.

    Raises
    ------
    ParamsError
        The client id is not usable, or its YAML is there already.
    """
    if not CLIENT_ID.match(client) or client in RESERVED:
        raise ParamsError(
            Fault(
                code="Y003",
                where=client[:40],
                what="A client id is 1 to 63 small letters, digits and hyphens.",
                remedy="Choose one such as 'acme' or 'city-of-oulu'.",
            )
        )
    file, folder = root / "params" / f"{client}.yml", root / "data" / "raw" / client
    if file.exists():
        raise ParamsError(
            Fault(code="Y003", where=str(file), what="This client is there already.", remedy="Edit the file.")
        )
    file.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(parents=True, exist_ok=True)
    file.write_text(SCAFFOLD.format(client=client, name=client.replace("-", " ").title()), encoding="utf-8")
    return file, folder


def params_guide() -> str:
    """Write the documentation of every key as Markdown."""
    parts = [_HEAD]
    for model in _models(ClientParams, []):
        title = "The client" if model is ClientParams else f"`{model.__name__}`"
        parts.append(f"\n## {title}\n\n{(model.__doc__ or '').splitlines()[0]}\n")
        parts.append("| key | type | default | what it says |\n| --- | --- | --- | --- |")
        parts += [_row(name, field) for name, field in model.model_fields.items()]
    return "\n".join(parts) + "\n"


def _models(model: type[BaseModel], seen: list[type[BaseModel]]) -> list[type[BaseModel]]:
    if model in seen:
        return seen
    seen.append(model)
    for field in model.model_fields.values():
        for kind in _kinds(field.annotation):
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                _models(kind, seen)
    return seen


def _kinds(annotation: Any) -> list[Any]:
    return [annotation, *(kind for arg in getattr(annotation, "__args__", ()) for kind in _kinds(arg))]


def _row(name: str, field: FieldInfo) -> str:
    default = "required" if field.is_required() else _shown(field.default)
    return f"| `{name}` | {_type(field.annotation)} | {default} | {field.description} |"


def _shown(default: Any) -> str:
    if default is None or default in ((), {}, ""):
        return ""
    if isinstance(default, BaseModel):
        return "see below"
    if isinstance(default, tuple):
        return "`[" + ", ".join(str(part) for part in default) + "]`"
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def _type(annotation: Any) -> str:
    args = [
        arg for arg in getattr(annotation, "__args__", ()) if arg is not type(None) and arg is not Ellipsis
    ]
    origin = getattr(annotation, "__origin__", None)
    if hasattr(annotation, "__metadata__"):
        return _type(annotation.__origin__)
    if origin is tuple:
        return f"list of {_type(args[0])}" if len(set(args)) == 1 and len(args) == 1 else "pair of numbers"
    if origin is dict:
        return f"name → {_type(args[1])}"
    if str(origin) == "typing.Literal":
        return " · ".join(f"`{arg}`" for arg in args)
    if args:
        return " or ".join(_type(arg) for arg in args)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return f"[{annotation.__name__}](#{annotation.__name__.lower()})"
    return {
        "str": "text",
        "int": "whole number",
        "float": "number",
        "bool": "true or false",
        "date": "date",
    }.get(getattr(annotation, "__name__", ""), "anything")
