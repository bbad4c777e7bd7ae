"""The clock goes back an hour, or through a night on which it is changed: nothing is lost, redone or told wrongly."""

import datetime as dt
import json
import os
import shutil
import struct
import subprocess
import sys
import time
from pathlib import Path

import pytest

from smf_helpers.batch import plan_batch, run_batch
from tests.batch.notebooks import make_clients, make_options, tree
from tests.faults.moved_clock import WATCHED

FULL = bool(os.environ.get("SMF_FULL"))

HELSINKI = "EET-2EEST,M3.5.0/3,M10.5.0/4"
NIGHTS = {
    "an hour back": ("2026-06-01T12:00:00+00:00", -3600, [1, 1]),
    "the night of the autumn change": ("2026-10-25T00:59:00+00:00", 70, [1, 0]),
    "the night of the spring change": ("2026-03-29T00:59:00+00:00", 70, [0, 1]),
    "a month forward": ("2026-06-01T12:00:00+00:00", 31 * 86400, [1, 1]),
}
"""Name → the time at the start, the seconds by which the clock moves in mid-run, and whether it is summer then."""


@pytest.fixture(scope="module")
def shim(tmp_path_factory) -> Path:
    """Build what moves a process's clock; the machine's own stays as it is."""
    compiler = shutil.which("cc")
    if sys.platform != "linux" or compiler is None:
        pytest.skip("A clock is moved by a small C library, which needs Linux and a C compiler.")
    built = tmp_path_factory.mktemp("clock") / "clock.so"
    source = Path(__file__).with_name("clock.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-Wall", "-Werror", "-o", built, source], check=True)
    return built


@pytest.mark.parametrize("night", NIGHTS if FULL else list(NIGHTS)[:1])
def test_a_clock_that_moves_in_mid_run_changes_nothing(tmp_path: Path, shim: Path, night: str):
    start, seconds, summer = NIGHTS[night]
    clock = tmp_path / "clock"
    begin = int(dt.datetime.fromisoformat(start).timestamp() - time.time())
    clock.write_bytes(struct.pack("q", begin))
    env = {**os.environ, "PYTHONPATH": str(Path.cwd()), "TZ": HELSINKI}
    env |= {"LD_PRELOAD": str(shim), "SMF_TEST_CLOCK": str(clock)}
    argv = [sys.executable, "-m", "tests.faults.moved_clock", str(tmp_path), str(seconds)]
    argv += [] if FULL else ["in-process"]
    ran = subprocess.run(argv, env=env, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    seen = json.loads(ran.stdout)
    began, now = map(dt.datetime.fromisoformat, seen["since"])
    assert began.utcoffset() == dt.timedelta(0) and began.isoformat() >= start and began <= now
    assert seen["summer"] == summer
    moved = seen["clock"][0] - now.timestamp()
    assert seconds <= moved < seconds + seen["took"], "the notebooks saw the moved clock"
    assert seen["states"] == [["ok"] * 3, ["ok", "unchanged", "unchanged"]]
    assert seen["again"] == ["unchanged"] * 3
    assert all(0 <= each <= seen["took"] for each in seen["seconds"])
    assert all(min(each) >= 0 for each in seen["told"])
    calm = tmp_path / "calm"
    calm.mkdir()
    clients = make_clients(calm, 3)
    clients[0].params_path.write_text("y")
    run_batch(plan_batch(clients, make_options(calm, analysis=WATCHED)))
    assert tree(tmp_path / "reports") == tree(calm / "reports")
