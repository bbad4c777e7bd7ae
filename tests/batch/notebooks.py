"""Small pairs of notebooks for the tests, and functions that they name as outputs."""

import json
from collections.abc import Sequence
from pathlib import Path

from smf_helpers.batch import BatchOptions, ClientTask, Limits, Output
from smf_helpers.errors import PrivacyError
from smf_helpers.privacy.canaries import Finder, read_marks

ANALYSIS = [
    "client: str\nparams: str\nrelease: str\ndraws: int = 3",
    "import json, pathlib\ntext = pathlib.Path(params).read_text()",
    "pathlib.Path(release).write_text(json.dumps({'client': client, 'size': len(text), 'draws': draws}))",
]
REPORT = [
    'release: str = ""',
    "import json, pathlib\nknown = json.loads(pathlib.Path(release).read_text())",
    "print(known['client'], known['size'], known['draws'])",
]


def write_notebook(path: Path, sources: Sequence[str], *, tags: dict[int, list[str]] | None = None) -> Path:
    """Write a notebook whose first cell declares the parameters."""
    marks = {0: ["parameters"], **(tags or {})}
    cells = [
        {
            "cell_type": "code",
            "id": f"c{place}",
            "metadata": {"tags": marks.get(place, [])},
            "execution_count": None,
            "outputs": [],
            "source": source,
        }
        for place, source in enumerate(sources)
    ]
    spec = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    path.write_text(json.dumps({"cells": cells, "metadata": spec, "nbformat": 4, "nbformat_minor": 5}))
    return path


def make_clients(folder: Path, n: int) -> list[ClientTask]:
    """Write n small clients."""
    tasks = []
    for place in range(1, n + 1):
        path = folder / f"client-{place}.yml"
        path.write_text("x" * place)
        tasks.append(ClientTask(client=f"client-{place}", params_path=path))
    return tasks


def make_options(
    folder: Path,
    *,
    analysis: Sequence[str] = ANALYSIS,
    report: Sequence[str] = REPORT,
    **more: object,
) -> BatchOptions:
    """Write a pair of notebooks and give the options of a batch over them."""
    defaults: dict[str, object] = {
        "out": str(folder / "reports"),
        "analysis": write_notebook(folder / "analysis.ipynb", analysis),
        "report": write_notebook(folder / "report.ipynb", report),
        "outputs": (
            Output(file="report.txt", by="tests.batch.notebooks:write_page"),
            Output(file="sheet.json", by="tests.batch.notebooks:write_sheet"),
        ),
        "jobs": 2,
        "limits": Limits(seconds=60),
    }
    return BatchOptions(**{**defaults, **more})  # type: ignore[arg-type]


def tree(folder: Path) -> dict[str, bytes]:
    """Give every finished file below a folder by its relative name."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.relative_to(folder).parts[0].startswith(".")
    }


def write_page(release: Path, path: Path) -> None:
    path.write_text(f"page of {json.loads(release.read_text())['client']}\n")


def write_sheet(release: Path, path: Path) -> None:
    path.write_bytes(release.read_bytes())


def refuse(release: Path, folder: Path) -> None:
    if json.loads(release.read_text())["client"] == "client-2":
        raise PrivacyError("A number does not trace back to the release.")


def search(release: Path, folder: Path) -> None:
    """Refuse a page with words of another client, by the marks that lie beside the clients' private folders."""
    client = json.loads(release.read_text())["client"]
    finder = Finder(read_marks(release.parent.parent / "clients.json", without=client))
    if finder.holds((Path(folder) / "report.txt").read_text()):
        raise PrivacyError("The page holds words of another client.")


def break_disk(release: Path, path: Path) -> None:
    raise OSError(28, "No space left on device")
