"""One run of the main job over the sample clients, shared by the tests that look at what came out."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CLIENTS = ("kauppa", "northgrid", "pienpaja")
FIXTURES = Path(os.environ.get("SMF_FIXTURES", ROOT.parent / "shared" / "fixtures"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A finished run of `smf`: its project, its exit code, and what it said."""

    project: Path
    code: int
    said: str

    @property
    def reports(self) -> Path:
        return self.project / "reports"


def make_project(folder: Path, clients: tuple[str, ...] = CLIENTS) -> Path:
    """Copy what a user has: params, sample data and notebooks."""
    shutil.copytree(ROOT / "notebooks", folder / "notebooks")
    (folder / "params").mkdir()
    (folder / "data" / "sample").mkdir(parents=True)
    for client in clients:
        shutil.copy(ROOT / "params" / f"{client}.yml", folder / "params")
        shutil.copytree(ROOT / "data" / "sample" / client, folder / "data" / "sample" / client)
    smf(folder, "keys")
    return folder


def smf(project: Path, *words: str, hours: float = 0) -> Run:
    """Run the command `smf` in a project as a user would."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("SMF_", "PYTEST_"))}
    env |= {"PYTHONPATH": str(ROOT), "COLUMNS": "160", "NO_COLOR": "1"}
    command = [sys.executable, "-m", "smf_helpers", *words]
    done = subprocess.run(
        command, cwd=project, env=env, capture_output=True, text=True, timeout=3600 * hours or 540
    )
    return Run(project=project, code=done.returncode, said=done.stdout + done.stderr)


@pytest.fixture(scope="session")
def main_job(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Run `smf report` over the three sample clients."""
    return smf(make_project(tmp_path_factory.mktemp("project")), "report", "--keep")


@pytest.fixture(scope="session")
def composed_job(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Run `smf report` over the client composed of real files, into every output."""
    if not (FIXTURES / "waves" / "univbct.csv").exists():
        pytest.skip(f"the real files are not beside the project ({FIXTURES.name}; set SMF_FIXTURES)")
    project = make_project(tmp_path_factory.mktemp("composed"), ())
    text = (ROOT / "tests" / "clients" / "composed.yml").read_text()
    (project / "params" / "composed.yml").write_text(text.replace("../shared/fixtures", "data/raw/composed"))
    for part in ("waves", "internal_network", "posts"):
        shutil.copytree(FIXTURES / part, project / "data" / "raw" / "composed" / part)
    return smf(project, "report", "--keep")
