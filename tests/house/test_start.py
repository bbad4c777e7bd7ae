"""Starting is instant: heavy imports come when they are needed."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("pandas", "numpy", "scipy", "plotly", "papermill", "pydantic", "ipywidgets", "dask", "pandera")


def loaded_after(statement: str) -> set[str]:
    code = f"import sys; {statement}; print(*sorted(m for m in {HEAVY!r} if m in sys.modules))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(out.stdout.split())


def test_importing_the_package_imports_nothing_heavy() -> None:
    assert loaded_after("import smf_helpers") == set()


def test_the_command_line_imports_nothing_heavy() -> None:
    assert loaded_after("import smf_helpers.cli") == set()


def test_help_costs_little_next_to_importing_pandas() -> None:
    def cpu(*command: str) -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, *command], capture_output=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    ours = min(cpu("-m", "smf_helpers", "--help") for _ in range(3))
    theirs = min(cpu("-c", "import pandas") for _ in range(3))
    assert ours < theirs


def test_the_public_face_is_whole() -> None:
    import smf_helpers

    for name in smf_helpers.__all__:
        assert getattr(smf_helpers, name) is not None, name


@pytest.mark.parametrize("command", [("sample", "try-out"), ("lab",), ("report",), ("check",)])
def test_outside_a_project_a_command_says_where_to_go(tmp_path: Path, command: tuple[str, ...]) -> None:
    at = [sys.executable, "-m", "smf_helpers", *command]
    done = subprocess.run(
        at, cwd=tmp_path, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(Path.cwd())}
    )
    assert done.returncode == 1 and done.stderr.startswith("Y000"), done.stderr
    assert not list(tmp_path.iterdir())
