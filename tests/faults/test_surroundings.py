"""Odd surroundings change no byte, and where there is no room nothing torn stays."""

import functools
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from smf_helpers.batch import plan_batch, run_batch
from tests.batch.notebooks import make_clients, make_options, tree

FULL = bool(os.environ.get("SMF_FULL"))

TURKISH = {"LC_ALL": "tr_TR.UTF-8"}
SURROUNDINGS: dict[str, tuple[dict[str, str], str]] = {
    "all of them at once": (
        {**TURKISH, "TZ": "Pacific/Kiritimati", "HOME": "", "PYTHONHASHSEED": "4711"},
        "os.umask(0o077); resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64)); os.chdir('/proc')",
    ),
    "a Turkish locale": (TURKISH, "assert locale.setlocale(locale.LC_ALL, '')"),
    "a German locale": ({"LC_ALL": "de_DE.UTF-8"}, "assert locale.setlocale(locale.LC_ALL, '')"),
    "the C locale": ({"LC_ALL": "C"}, ""),
    "a far time zone": ({"TZ": "Pacific/Kiritimati"}, ""),
    "a zone with nights of change": ({"TZ": "Europe/Berlin"}, ""),
    "another seed of hashes": ({"PYTHONHASHSEED": "4711"}, ""),
    "no files for others": ({}, "os.umask(0o077)"),
    "no home": ({}, "del os.environ['HOME']"),
    "a folder that nobody may write to": ({}, "os.chdir('/proc')"),
    "64 descriptors": ({}, "resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))"),
    "another file as standard input, none as output": ({}, "os.close(0); os.close(1)"),
}
"""Name → variables, and what the runner does first. The path always has blanks, umlauts and 200 characters."""
RUNNER = (
    "import locale, os, sys, pathlib, resource\n"
    "exec(sys.argv[2])\n"
    "from tests.batch.notebooks import make_clients, make_options\n"
    "from smf_helpers.batch import plan_batch, run_batch\n"
    "folder = pathlib.Path(sys.argv[1])\n"
    "sys.exit(run_batch(plan_batch(make_clients(folder, 2), make_options(folder))).exit_code)"
)


@pytest.fixture(scope="module")
def locales(tmp_path_factory) -> dict[str, str]:
    """Build the locales that the machine may lack; give the variable that names their folder."""
    folder = tmp_path_factory.mktemp("locales")
    builder = shutil.which("localedef")
    for name in ("tr_TR", "de_DE") if builder else ():
        argv = [builder, "--no-archive", "-i", name, "-f", "UTF-8", folder / f"{name}.UTF-8"]
        subprocess.run(argv, capture_output=True, check=False)
    return {"LOCPATH": str(folder)} if len(list(folder.iterdir())) == 2 else {}


@pytest.mark.parametrize("name", SURROUNDINGS if FULL else list(SURROUNDINGS)[:1])
def test_odd_surroundings_change_no_byte(tmp_path: Path, locales: dict[str, str], name: str):
    variables, first = SURROUNDINGS[name]
    if "locale." in first and not locales:
        pytest.skip("The locale can neither be found nor built here.")
    calm, odd = tmp_path / "calm", tmp_path / f"odd ä ö {'x' * 190}"
    calm.mkdir()
    odd.mkdir()
    run_batch(plan_batch(make_clients(calm, 2), make_options(calm)))
    env = {**os.environ, "PYTHONPATH": str(Path.cwd()), **locales, **variables}
    assert (
        subprocess.run([sys.executable, "-c", RUNNER, str(odd), first], env=env, check=False).returncode == 0
    )
    assert tree(odd / "reports") == tree(calm / "reports")
    assert (odd / "reports" / "client-1" / "report.txt").stat().st_mode & 0o777 == 0o644


SMALL_DISK = (
    "import pathlib, resource, sys\n"
    "from tests.batch.notebooks import make_clients, make_options\n"
    "from smf_helpers.batch import plan_batch, run_batch\n"
    "from smf_helpers.errors import BatchError\n"
    "folder, limit = pathlib.Path(sys.argv[1]), int(sys.argv[2])\n"
    "plan = plan_batch(make_clients(folder, 1), make_options(folder))\n"
    "if limit >= 0: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))\n"
    "try:\n    sys.exit(run_batch(plan).exit_code)\nexcept BatchError as told:\n    sys.exit(str(told))"
)
SIZES = [0, 15, 100, 1_000, 3_000, 10_000, 20_000, 30_000, 40_000, 60_000]
MOUNTS = [16, 32, 48, 64, 80, 96, 112, 128, 160, 192]
"""Kilobytes of a file system; a batch of one client needs some more than a hundred."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> dict[str, bytes]:
    """Give the tree of an undisturbed run."""
    calm = tmp_path_factory.mktemp("calm")
    run_batch(plan_batch(make_clients(calm, 1), make_options(calm)))
    return tree(calm / "reports")


def check_nothing_torn(
    ran: "subprocess.CompletedProcess[str]", left: dict[str, bytes], whole: dict[str, bytes]
):
    """What was made is whole, and what was not was told in plain words."""
    assert ran.returncode in (0, 1, 3) and "Traceback" not in ran.stderr, ran.stderr
    made = {name: content for name, content in left.items() if name in whole and name != "index.html"}
    assert made.items() <= whole.items()
    assert ran.returncode != 0 or left == whole


@pytest.mark.parametrize("size", SIZES if FULL else SIZES[2:8:3])
def test_files_that_may_not_grow_leave_nothing_torn_and_are_made_when_there_is_room(
    tmp_path: Path, whole: dict[str, bytes], size: int
):
    env = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    argv = [sys.executable, "-c", SMALL_DISK, str(tmp_path), str(size)]
    ran = subprocess.run(argv, env=env, capture_output=True, text=True, check=False)
    reports = tmp_path / "reports"
    check_nothing_torn(ran, tree(reports) if reports.exists() else {}, whole)
    assert run_batch(plan_batch(make_clients(tmp_path, 1), make_options(tmp_path))).exit_code == 0
    assert tree(reports) == whole


@functools.cache
def may_mount() -> bool:
    """Say whether this process may mount a file system that only it sees."""
    argv = ["unshare", "--mount", "mount", "-t", "tmpfs", "none", "/mnt"]
    return shutil.which("unshare") is not None and not subprocess.run(argv, capture_output=True).returncode


@pytest.mark.parametrize("kilobytes", MOUNTS if FULL else MOUNTS[3:4])
def test_a_small_file_system_that_is_full_leaves_nothing_torn_and_heals_when_it_grows(
    tmp_path: Path, whole: dict[str, bytes], kilobytes: int
):
    if not may_mount():
        pytest.skip("Mounting a small file system needs rights that this user has not.")
    small, left, healed = (tmp_path / name for name in ("small", "left", "healed"))
    small.mkdir()
    (small / "reports").mkdir()
    env = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    run = f'"$1" -c "$2" "{small}" -1'
    script = (
        f'mount -t tmpfs -o size={kilobytes}k none "{small}/reports" || exit 99\n'
        f'{run}; code=$?; cp -r "{small}/reports" "{left}"\n'
        f'mount -o remount,size=64m "{small}/reports"; {run} || exit 98\n'
        f'cp -r "{small}/reports" "{healed}"; exit $code'
    )
    argv = ["unshare", "--mount", "sh", "-c", script, "sh", sys.executable, SMALL_DISK]
    ran = subprocess.run(argv, env=env, capture_output=True, text=True, check=False)
    check_nothing_torn(ran, tree(left), whole)
    assert tree(healed) == whole
