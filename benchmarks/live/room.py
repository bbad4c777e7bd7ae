"""200 phones at once on loopback, from a process of its own; and how soon the wall is painted."""

import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))
sys.path.insert(0, str(ROOT / "tests" / "notebooks"))
PHONES = ROOT / "tests" / "workshop" / "phones.py"
SERVE = (
    "import sys, pathlib; from smf_helpers.workshop import serve_workshop; "
    "serve_workshop(pathlib.Path(sys.argv[1]), port=int(sys.argv[2]))"
)
PORT, CROWD, WALLS = 8797, 200, 3
_PAINTED = """() => new Promise((told) => new PerformanceObserver((list) => {
  const [first] = list.getEntriesByName("first-contentful-paint");
  if (first) told(first.startTime);
}).observe({ type: "paint", buffered: true }))"""


def measure_room() -> dict[str, Any]:
    """Let 200 phones vote three times each in four seconds a round, then all in the same instant."""
    from smf_helpers.workshop.room import Room

    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", SERVE, folder, str(PORT)]
        service = subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}
        )
        try:
            assert service.stdout is not None
            key = service.stdout.readline().split("key=")[1].strip()
            service.stdout.readline()
            room = Room(Path(folder) / "private" / "workshop" / "room.sqlite")
            code = room.code
            room.close()
            _wait()
            _reveal(key)
            spread = _crowd(code, key, 3, 4.0)
            together = _crowd(code, key, 1, 0.0)
            return {"spread": spread, "together": together, "paint": _paint(key)}
        finally:
            service.kill()
            service.wait()


def _wait() -> None:
    import socket

    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", PORT)) == 0:
                return


def _reveal(key: str) -> None:
    """Show the picture, so that it is drawn anew as the votes come in."""
    asked = urllib.request.Request(f"http://127.0.0.1:{PORT}/steer?key={key}", data=b'{"revealed": true}')
    with urllib.request.urlopen(asked) as answer:
        assert json.load(answer)["revealed"]


def _crowd(code: str, key: str, rounds: int, pause: float) -> dict[str, Any]:
    numbers = [str(CROWD), str(WALLS), str(rounds), str(pause)]
    command = [sys.executable, str(PHONES), str(PORT), code, key, *numbers]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout))


def _paint(key: str) -> list[float]:
    """Open the wall five times and give the milliseconds to its first contentful paint."""
    from driven import CHROMIUM, FLAGS
    from playwright.sync_api import sync_playwright

    took = []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for _ in range(5):
            page = browser.new_page(viewport={"width": 1920, "height": 1080})
            page.goto(f"http://127.0.0.1:{PORT}/wall?key={key}")
            took.append(page.evaluate(_PAINTED))
            page.close()
        browser.close()
    return took


if __name__ == "__main__":
    print(measure_room())
