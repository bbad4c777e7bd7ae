"""The service as a process of its own on loopback: votes, privacy, a kill, and a full room."""

import asyncio
import contextlib
import importlib.util
import json
import os
import signal
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from smf_helpers.release.file import save_release
from smf_helpers.results.released import Brand, Release

PHONES = Path(__file__).with_name("phones.py")
_spec = importlib.util.spec_from_file_location("phones", PHONES)
assert _spec and _spec.loader
phones = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(phones)

pytestmark = pytest.mark.server
Start = Callable[..., Any]


def post(port: int, path: str, wish: Any) -> tuple[int, dict[str, Any]]:
    return asyncio.run(phones.call(port, path, wish))


def get(port: int, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}") as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.read().decode()


def cast(service: Any, score: int, n: int = 1) -> list[str]:
    """Let n new phones rate every factor alike; give their tokens."""
    tokens = []
    for _ in range(n):
        tokens.append(post(service.port, "/join", {"code": service.code})[1]["device"])
        wish = {"device": tokens[-1], "step": "factors", "answers": dict.fromkeys(phones.FACTORS, score)}
        assert post(service.port, "/vote", wish) == (200, {"kept": True})
    return tokens


def steer(service: Any, **wish: Any) -> dict[str, Any]:
    return post(service.port, f"/steer?key={service.key}", wish)[1]


def exported(service: Any) -> dict[tuple[str, str, int], int]:
    lines = get(service.port, f"/export.csv?key={service.key}")[1].splitlines()[1:]
    return {(s, i, int(c)): int(n) for s, i, c, n in (line.split(",") for line in lines)}


def test_nothing_is_shown_below_five_votes_and_a_single_vote_moves_no_picture(start: Start) -> None:
    service = start()
    cast(service, 2, 4)
    few = steer(service, revealed=True)
    assert (few["n"], few["few"], few["picture"], exported(service)) == (0, True, "", {})
    cast(service, 2)
    five = steer(service)
    assert five["counted"] == 5 and "2.0" in five["picture"]
    cast(service, 5)
    six = steer(service)
    assert (six["n"], six["counted"], six["picture"]) == (6, 5, five["picture"])
    cast(service, 5, 4)
    ten = steer(service)
    assert ten["counted"] == 10 and "3.5" in ten["picture"]


def test_a_device_has_one_vote_and_only_the_room_may_vote(start: Start) -> None:
    service = start()
    (token,) = cast(service, 1)
    again = {"device": token, "step": "factors", "answers": dict.fromkeys(phones.FACTORS, 4)}
    assert post(service.port, "/vote", again)[0] == 200
    cast(service, 4, 4)
    steer(service, revealed=True)
    assert exported(service)["factors", "listening", 4] == 5
    assert post(service.port, "/join", {"code": "WRONG"})[0] == 403
    assert post(service.port, "/vote", {**again, "device": "made-up"})[0] == 403
    assert post(service.port, "/vote", {**again, "answers": {"listening": 3}})[0] == 422
    assert post(service.port, "/vote", {**again, "answers": dict.fromkeys(phones.FACTORS, 6)})[0] == 422
    assert post(service.port, "/vote", {**again, "more": "x" * 5000})[0] == 400
    assert get(service.port, "/wall")[0] == get(service.port, "/events")[0] == 403
    assert post(service.port, "/steer", {"reset": True})[0] == 403
    answers = [post(service.port, "/vote", again)[0] for _ in range(30)]
    assert 429 in answers


def test_the_trainer_closes_hides_and_resets(start: Start) -> None:
    service = start()
    (token, *_) = cast(service, 3, 5)
    assert steer(service)["picture"] == ""
    assert steer(service, revealed=True)["picture"].startswith("<svg")
    steer(service, closed=True)
    late = {"device": token, "step": "factors", "answers": dict.fromkeys(phones.FACTORS, 1)}
    assert post(service.port, "/vote", late)[0] == 409
    fresh = steer(service, reset=True)
    assert (fresh["n"], fresh["picture"], fresh["closed"], exported(service)) == (0, "", False, {})


def test_results_from_elsewhere_and_raised_hands_count_too(start: Start) -> None:
    service = start()
    steer(service, go="barriers", revealed=True)
    pasted = "1. Too busy;Security worries\n" + "Reason;Excuse\n" * 4 + "Excuse;Excuse\n"
    assert "80%" in steer(service, results=pasted)["picture"]
    for _ in range(5):
        steer(service, hand=["time", 2, 1])
    assert "40%" in steer(service)["picture"]
    assert "Listening" in steer(service, results="a,b\n1,2\n")["refused"]


async def vote_until_killed(service: Any, after: int) -> dict[str, list[dict[str, int]]]:
    """Let 20 phones vote without a pause and kill the service when `after` votes were answered for.

    Give for each device the answers that may stand in the file: the last that was kept (none at first), and
    the one under way.
    """
    may: dict[str, list[dict[str, int]]] = {}
    n_kept = 0

    async def phone(place: int) -> None:
        nonlocal n_kept
        line = phones.Line(service.port)
        device = (await line.post("/join", {"code": service.code}))[1]["device"]
        may[device] = [{}]
        for turn in range(10):
            answers = dict.fromkeys(phones.FACTORS, 1 + (place + turn) % 5)
            may[device] = [*may[device][-1:], answers]
            try:
                status, _ = await line.post(
                    "/vote", {"device": device, "step": "factors", "answers": answers}
                )
            except (OSError, asyncio.IncompleteReadError):
                return
            assert status == 200
            may[device] = [answers]
            n_kept += 1
            if n_kept == after:
                service.kill()

    await asyncio.gather(*(phone(place) for place in range(20)))
    assert after <= n_kept < 200
    return may


def test_no_kept_vote_is_lost_when_the_service_is_killed_in_the_middle(start: Start) -> None:
    service = start()
    may = asyncio.run(vote_until_killed(service, 90))
    again = start()
    assert (again.key, again.code) == (service.key, service.code)
    with contextlib.closing(sqlite3.connect(again.file)) as file:
        held = {
            device: json.loads(said) for device, said in file.execute("SELECT device, answers FROM votes")
        }
    assert len(may) == 20 and set(held) <= set(may)
    assert all(held.get(device, {}) in answers for device, answers in may.items())
    cast(again, 2, 5)
    assert steer(again, revealed=True)["n"] == len(held) + 5


def test_a_full_room_votes_and_every_wall_gets_every_update(start: Start) -> None:
    service = start()
    n = 200 if os.environ.get("SMF_FULL") else 60
    command = [sys.executable, str(PHONES), str(service.port), service.code, service.key, str(n), "3", "1"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    measured = json.loads(done.stdout)
    assert measured["votes"] == n and measured["walls_with_gaps"] == 0 and measured["updates"] >= 1
    steer(service, revealed=True)
    assert sum(exported(service)["factors", "listening", score] for score in range(1, 6)) >= n - 4


def test_the_wall_of_a_client_stands_at_once_on_what_its_last_report_told(
    start: Start, tmp_path: Path
) -> None:
    told = Release(client="x", name="Their name", language="en", as_of="", brand=Brand(), tables={})
    save_release(told, tmp_path / "private" / "releases" / "x.json")
    (tmp_path / "data").mkdir()
    (tmp_path / "params").mkdir()
    (tmp_path / "params" / "x.yml").write_text("client: x\n")  # nothing that an analysis could start from
    service = start(client="x")
    assert get(service.port, f"/wall?key={service.key}")[0] == 200


def test_the_service_ends_when_it_is_asked_to_though_a_wall_listens(start: Start) -> None:
    service = start()
    with urllib.request.urlopen(f"http://127.0.0.1:{service.port}/events?key={service.key}") as wall:
        assert wall.readline()
        service.process.send_signal(signal.SIGINT)
        assert service.process.wait(timeout=120) == 0
