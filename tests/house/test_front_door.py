"""pyproject, locks and conda environment agree, and hold no address of an index."""

import asyncio
import datetime as dt
import json
import re
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[2] / "docs"))
import renew
from make_site import make_site

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
LOCKS = ("requirements.lock", "requirements-test.lock", "requirements-setup.lock")


def locked(name: str) -> dict[str, str]:
    """Give package → version of a lock, for the Python that runs the tests."""
    found = {}
    for line in (ROOT / name).read_text().splitlines():
        if "==" in line and not line.startswith(" "):
            need = Requirement(line.rstrip(" \\"))
            if need.marker is None or need.marker.evaluate():
                found[canonicalize_name(need.name)] = str(next(iter(need.specifier)).version)
    return found


def needs(*extras: str) -> list[Requirement]:
    lines = [
        *PROJECT["dependencies"],
        *(line for extra in extras for line in PROJECT["optional-dependencies"][extra]),
    ]
    return [need for line in lines if (need := Requirement(line)).name != PROJECT["name"]]


@pytest.mark.parametrize(
    ("lock", "extras"),
    [("requirements.lock", renew.RUN_EXTRAS), ("requirements-test.lock", renew.TEST_EXTRAS)],
)
def test_the_lock_satisfies_pyproject(lock: str, extras: tuple[str, ...]) -> None:
    versions = locked(lock)
    for need in needs(*extras):
        assert need.specifier.contains(versions[canonicalize_name(need.name)], prereleases=True), need


def test_the_locks_agree_with_each_other() -> None:
    whole = locked("requirements-test.lock")
    for lock in ("requirements.lock", "requirements-setup.lock"):
        part = locked(lock)
        assert part
        assert {name: whole.get(name) for name in part} == part


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_has_a_hash_for_everything_and_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert not re.search(r"https?:|file:|index-url|find-links", text)
    blocks = re.split(r"\n(?=\S)", text.strip())
    assert all("--hash=sha256:" in block for block in blocks if "==" in block)


def test_the_conda_environment_is_what_pyproject_says() -> None:
    assert (ROOT / "environment.yml").read_text() == renew.environment()


def conda_specs() -> list[str]:
    listed = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    return [line for line in listed if isinstance(line, str)]


def test_conda_parses_every_spec_strictly() -> None:
    rattler = pytest.importorskip("rattler", reason="py-rattler is not installed")
    for spec in conda_specs():
        rattler.MatchSpec(spec, strict=True)
    for wrong in ("numpy >==3", "numpy >=3,<", "numpy => 3"):
        with pytest.raises(Exception, match=r".+"):
            rattler.MatchSpec(wrong, strict=True)


def repodata(folder: Path, versions: dict[str, str]) -> Path:
    """Write a conda channel's index that offers exactly the locked versions."""
    names = {canonicalize_name(name): name for name in versions}
    records = {
        f"{name}-{versions[name]}-0.conda": {
            "name": name, "version": versions[name], "build": "0", "build_number": 0, "depends": [],
            "subdir": "noarch", "md5": "0" * 32, "sha256": "0" * 64, "size": 1,
            "timestamp": int(dt.datetime(2026, 1, 1, tzinfo=dt.UTC).timestamp() * 1000),
        }
        for name in names.values()
    }  # fmt: skip
    file = folder / "repodata.json"
    file.write_text(json.dumps({"info": {"subdir": "noarch"}, "packages": {}, "packages.conda": records}))
    return file


def solve(file: Path, specs: list[str]) -> dict[str, str]:
    import rattler

    data = rattler.SparseRepoData(rattler.Channel("conda-forge"), "noarch", str(file))
    found = asyncio.run(rattler.solve_with_sparse_repodata(specs, [data]))
    return {record.name.normalized: str(record.version) for record in found}


def test_the_conda_solver_finds_the_locked_versions(tmp_path: Path) -> None:
    pytest.importorskip("rattler", reason="py-rattler is not installed")
    versions = {**locked("requirements.lock"), "python": "3.13.0", "pip": "25.0"}
    solved = solve(repodata(tmp_path, versions), conda_specs())
    for spec in conda_specs():
        name = spec.split()[0]
        assert solved[name] == versions[name]
    with pytest.raises(Exception, match="numpy"):
        solve(repodata(tmp_path, versions), [*conda_specs(), "numpy >=99"])


def test_the_site_holds_every_guide_and_no_link_of_it_leads_nowhere(tmp_path: Path) -> None:
    pages = make_site(tmp_path)
    assert {page.name for page in pages} > {
        "index.html",
        "for-analysts.html",
        "for-consultants.html",
        "for-trainers.html",
    }
    for page in pages:
        for address in re.findall(r'(?:href|src)="([^"]+)"', page.read_text(encoding="utf-8")):
            if not address.startswith(("http://", "https://", "#")):
                assert (page.parent / address.partition("#")[0]).is_file(), (page.name, address)
