"""What a client's YAML may say, and the strict loader that reads it."""

from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from smf_helpers.errors import Fault, ParamsError
from smf_helpers.params.look import LOOK_FILES, look_fault
from smf_helpers.params.schema import ClientParams
from smf_helpers.params.strict_yaml import Document, Place, read_yaml

__all__ = ["ClientParams", "client_folder", "load_params", "notebooks_folder", "project_root"]

_REMEDY = {
    "missing": "Add it.",
    "extra_forbidden": "Remove it.",
    "greater_than_equal": "Raise it.",
}


def load_params(path: str | Path) -> ClientParams:
    """Read a client's YAML into typed params.

    Parameters
    ----------
    path : the file.

    Returns
    -------
    ClientParams
        Frozen, with every default filled in.

    Raises
    ------
    ParamsError
        Every fault of the file at once, each with file, line, and remedy.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "acme.yml"
    >>> _ = file.write_text("client: acme\\nname: Acme\\nsources: [{path: wave.csv}]\\n")
    >>> load_params(file).privacy.min_respondents
    5
    """
    file = Path(path)
    document = read_yaml(file)
    try:
        params = ClientParams.model_validate(document.values)
    except ValidationError as problem:
        raise ParamsError(*_faults(problem, document, file.name)) from None
    faults = _outside(params, document, file)
    if faults:
        raise ParamsError(*faults)
    return params


def project_root(start: Path | None = None) -> Path:
    """Give the nearest folder at or above `start` (by default here) that holds ``params/`` and ``data/``."""
    here = (start or Path.cwd()).resolve()
    marks = ("params", "data")
    return next((at for at in (here, *here.parents) if all((at / mark).is_dir() for mark in marks)), here)


def notebooks_folder() -> Path:
    """Give the notebooks of the project that holds the present folder.

    Raises
    ------
    ParamsError
        Where there are none, because the present folder is in no project.
    """
    folder = project_root() / "notebooks"
    if not folder.is_dir():
        what = "There are no notebooks here."
        remedy = "Change into the folder of your project; it holds notebooks/, params/ and data/."
        raise ParamsError(Fault(code="Y000", where=str(folder), what=what, remedy=remedy))
    return folder


def client_folder(params: ClientParams, root: Path | None = None) -> Path:
    """Give the folder of a client's inputs."""
    top = root or project_root()
    return (top / (params.folder or f"data/raw/{params.client}")).resolve()


def _faults(problem: ValidationError, document: Document, name: str) -> list[Fault]:
    return [_fault(error, document, name) for error in problem.errors(include_url=False, include_input=False)]


def _fault(error: Any, document: Document, name: str) -> Fault:
    place: Place = tuple(error["loc"])
    key = ".".join(str(part) for part in place) or "the file"
    where = f"{name}:{document.line(place)}"
    kind = error["type"]
    code = "P001" if "min_respondents" in place else "Y003" if place == ("client",) else "Y002"
    if kind == "extra_forbidden":
        near = get_close_matches(str(place[-1]), _known(place[:-1]), n=1)
        hint = f"Did you mean '{near[0]}'?" if near else f"Known here: {', '.join(_known(place[:-1]))}."
        return Fault(code="Y002", where=where, what=f"Unknown key '{key}'.", remedy=hint)
    if kind == "missing":
        return Fault(code="Y002", where=where, what=f"'{key}' is missing.", remedy="Add it.")
    said = str(error["msg"]).removeprefix("Value error, ")
    if "min_respondents" in place:
        return Fault(
            code=code,
            where=where,
            what=f"'{key}' must be a whole number, at least 5.",
            remedy="Write 5 or more.",
        )
    return Fault(
        code=code, where=where, what=f"'{key}': {said[:1].lower()}{said[1:]}.", remedy="See params/README.md."
    )


def _known(place: Place) -> list[str]:
    """Names allowed at a place of the schema."""
    model: Any = ClientParams
    for part in place:
        if isinstance(part, int):
            continue
        field = model.model_fields.get(str(part)) if _is_model(model) else None
        if field is not None:
            model = next((kind for kind in _flat(field.annotation) if _is_model(kind)), None)
    return list(model.model_fields) if _is_model(model) else []


def _flat(annotation: Any) -> list[Any]:
    args = getattr(annotation, "__args__", ())
    return [annotation, *(kind for arg in args for kind in _flat(arg))]


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _outside(params: ClientParams, document: Document, file: Path) -> list[Fault]:
    """Inputs must lie in the client's own folder, and a folder belongs to one client."""
    root = project_root(file.parent)
    folder = client_folder(params, root)
    raw = root / "data" / "raw"
    faults = []
    if folder.is_relative_to(raw.resolve()) and folder.name != params.client:
        faults.append(
            Fault(code="Y004", where=f"{file.name}:{document.line(('folder',))}", what="'folder' is another client's.",
                  remedy=f"Use data/raw/{params.client}.")
        )  # fmt: skip
    paths: list[tuple[Place, str | None]] = [
        (("sources", at, "path"), source.path) for at, source in enumerate(params.sources)
    ]
    look: list[tuple[Place, str | None]] = [
        (("brand", name), getattr(params.brand, name)) for name in LOOK_FILES
    ]
    for place, path in (*paths, *look):
        if path and not (folder / path).resolve().is_relative_to(folder):
            faults.append(
                Fault(code="Y004", where=f"{file.name}:{document.line(place)}",
                      what="This path leads out of the client's folder.", remedy="Copy the file into the folder.")
            )  # fmt: skip
        elif path and place[0] == "brand" and (wrong := look_fault(str(place[1]), folder / path)):
            what, remedy = wrong
            faults.append(
                Fault(code="Y005", where=f"{file.name}:{document.line(place)}", what=what, remedy=remedy)
            )
    return faults
