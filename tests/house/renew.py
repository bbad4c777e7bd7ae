"""Renew the locks and environment.yml from pyproject.toml: what `make lock` runs."""

import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
RUN_EXTRAS = ("spss", "workshop")
TEST_EXTRAS = ("test", "voila")


def lock(target: str, *sources: str) -> None:
    command = [
        sys.executable, "-m", "uv", "pip", "compile", *sources, "--universal", "--python-version", "3.11",
        "--generate-hashes", "--no-header", "--no-emit-index-url", "--no-emit-find-links", "--no-annotate",
        "--quiet", "--output-file", target,
    ]  # fmt: skip
    subprocess.run(command, cwd=ROOT, check=True)


def renew() -> None:
    """Resolve the tests' environment first: the product's is a part of it, and so is uv, which installs both."""
    with tempfile.TemporaryDirectory() as folder:
        build, tool = Path(folder) / "build.in", Path(folder) / "tool.in"
        build.write_text("setuptools>=77\n")
        tool.write_text("uv\n")
        same = ("--constraint", "requirements-test.lock")
        lock("requirements-test.lock", "pyproject.toml", str(build), *_extras(TEST_EXTRAS))
        lock("requirements.lock", "pyproject.toml", str(build), *same, *_extras(RUN_EXTRAS))
        lock("requirements-setup.lock", str(tool), *same)
    (ROOT / "environment.yml").write_text(environment())


def _extras(names: tuple[str, ...]) -> list[str]:
    return [word for name in names for word in ("--extra", name)]


def environment() -> str:
    """Give environment.yml: the same names and ranges as pyproject, from conda where conda has them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    needs = sorted({*project["dependencies"], *(need for extra in RUN_EXTRAS for need in extras[extra])})
    lines = [
        "# Made by `make lock` from pyproject.toml; the exact versions are in requirements.lock.",
        "# conda env create -f environment.yml && conda activate smf-workbook && smf report",
        "name: smf-workbook",
        "channels:",
        "  - conda-forge",
        "  - nodefaults",
        "dependencies:",
        f"  - python {project['requires-python']},<3.15",
        "  - pip",
    ]
    lines += [f"  - {conda_spec(need)}" for need in needs]
    return "\n".join([*lines, "  - pip:", "      - --no-deps -e .", ""])


CONDA_NAMES = {"pandera[pandas]": "pandera"}


def conda_spec(need: str) -> str:
    """Turn a requirement into a conda spec: name, blank, range.

    >>> conda_spec("pandera[pandas]>=0.35")
    'pandera >=0.35'
    """
    at = min(need.find(mark) if mark in need else len(need) for mark in "<>=!~")
    name = need[:at].strip()
    return f"{CONDA_NAMES.get(name, name)} {need[at:].strip()}".strip()


if __name__ == "__main__":
    renew()
