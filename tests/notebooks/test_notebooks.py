"""The notebooks run by papermill for every client, and say what their proof cells say, under nbval."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
import papermill
import pytest

from smf_helpers.batch.direct import register
from smf_helpers.batch.provisioner import announce, install_kernelspec
from smf_helpers.batch.warm import SOCKET, Zygote, zygote_possible
from smf_helpers.params import project_root
from smf_helpers.privacy.keys import create_secret

ROOT = Path(__file__).parents[2]
QUESTIONS = sorted((ROOT / "notebooks").glob("0*.ipynb"))
WORKSHOP = ROOT / "notebooks" / "workshop.ipynb"
FULL = bool(os.environ.get("SMF_FULL"))
CLIENTS = sorted(path.stem for path in (ROOT / "params").glob("*.yml")) if FULL else ["pienpaja"]
PROVEN = [*QUESTIONS, WORKSHOP, ROOT / "notebooks" / "client_analysis.ipynb"]
"""Every notebook that runs without a release of its own."""


STACK = ["plotly.express", "scipy.stats", "ipywidgets", "anywidget", "pandera", *(f"smf_helpers.{room}" for room in (
    "workbook", "ingest", "measures", "models", "findings", "privacy", "release", "report", "widgets.workshop"
))]  # fmt: skip
"""What the notebooks import; a kernel that is forked from a process with it starts at once."""


@pytest.fixture(autouse=True)
def _ready(monkeypatch: pytest.MonkeyPatch, warm: dict[str, str]) -> None:
    """Key the pseudonyms, so that a clone in which nobody typed `smf keys` passes as well; start kernels warm."""
    for name, value in {"SMF_SECRET": create_secret(), **warm}.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="module")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Give the environment in which `python3` is the warm kernel of the house."""
    folder = tmp_path_factory.mktemp("jupyter")
    spec = install_kernelspec(folder)
    spec.rename(spec.with_name("python3"))
    announce()
    if not zygote_possible():
        yield {}
        return
    zygote = Zygote({"modules": STACK, "kernels": True, "bare": True})
    try:
        assert zygote.wait()
        yield {"JUPYTER_PATH": str(folder), SOCKET: zygote.address}
    finally:
        zygote.close()


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("path", QUESTIONS, ids=lambda path: path.stem)
def test_papermill_runs_it_to_the_end(path: Path, client: str, tmp_path: Path) -> None:
    ran(path, {"client": client}, tmp_path)


@pytest.mark.parametrize("language", ["en", "fi"])
def test_papermill_runs_the_workshop_in_both_languages(language: str, tmp_path: Path) -> None:
    ran(WORKSHOP, {"language": language}, tmp_path)


def ran(path: Path, given: dict[str, str], folder: Path) -> None:
    register()
    out = folder / path.name
    papermill.execute_notebook(
        path,
        out,
        given,
        engine_name="smf-kernel",
        kernel_name="python3",
        progress_bar=False,
        cwd=str(path.parent),
    )
    done = nbformat.read(out, as_version=4)
    code = [cell for cell in done.cells if cell.cell_type == "code" and cell.source]
    assert all(cell.execution_count for cell in code)
    assert not [o for cell in code for o in cell.outputs if o.output_type in ("error", "stream")]


@pytest.mark.parametrize("path", [*QUESTIONS, WORKSHOP], ids=lambda path: path.stem)
def test_it_is_thin_and_holds_no_output_but_its_proof(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert sum("parameters" in cell.metadata.get("tags", []) for cell in code) == 1
    assert all(len(cell.source.splitlines()) <= 6 for cell in code)
    imports = {line for cell in code for line in cell.source.splitlines() if "import " in line}
    assert imports == {"import smf_helpers as smf"}
    assert all(not cell.outputs or "proof" in cell.metadata.get("tags", []) for cell in code)
    assert "widgets" not in notebook.metadata


@pytest.fixture
def proven() -> Iterator[list[Path]]:
    """Give the notebooks for nbval: as they stand where they hold a proof, else with the smallest client unless SMF_FULL."""
    if FULL:
        yield PROVEN
        return
    folder = ROOT / ".cache" / f"nbval-{os.getpid()}"
    folder.mkdir(parents=True)
    try:
        kept = []
        for path in PROVEN:
            text = path.read_text(encoding="utf-8")
            if '"proof"' not in text:
                text = text.replace('client = \\"northgrid\\"', 'client = \\"pienpaja\\"')
            kept.append(folder / path.name)
            kept[-1].write_text(text, encoding="utf-8")
        yield kept
    finally:
        shutil.rmtree(folder)


def test_the_proof_cells_come_out_as_they_stand(proven: list[Path]) -> None:
    command = [
        sys.executable, "-m", "pytest", "--nbval-lax", "--nbval-cell-timeout", "300", "-q",
        "-n", "2", "--dist", "loadfile", "-p", "no:cacheprovider", "-c", os.devnull, "--rootdir", str(project_root(ROOT)), *map(str, proven),
    ]  # fmt: skip
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=env)
    assert done.returncode == 0, done.stdout[-2000:]
