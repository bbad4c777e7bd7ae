"""Make the pictures of the guides from the running product: Lab, the report, the wall and a phone.

Run: ``make pictures``, or ``python docs/make_pictures.py workshop report lab`` for some of them. Writes ``docs/pictures/*.webp``.
"""

import asyncio
import io
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "notebooks"))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "workshop"))
sys.path.insert(0, str(Path(__file__).parents[1]))

import phones
from driven import CHROMIUM, FLAGS, opened, run_all, served
from PIL import Image

from smf_helpers.figures.workshop.ballots import BALLOTS
from smf_helpers.privacy.keys import create_secret
from smf_helpers.workshop.room import Room

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "docs" / "pictures"
WIDTH, PORT, VOTERS = 960, 8796, 14
CLIENT = "kauppa"
WEAK = ("measuring", "technology", "legal")
"""What the invented room rates low."""
SERVE = (
    "import sys, pathlib; from smf_helpers.workshop import serve; serve.room_address = lambda: serve.LOOPBACK; "
    "serve.serve_workshop(pathlib.Path(sys.argv[1]), port=int(sys.argv[2]), share=True)"
)
"""The wall as with --share, but for this machine only."""


def keep(page: Any, name: str, width: int = WIDTH) -> None:
    """Save what a page shows, scaled to the width of a guide."""
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    size = (width, round(picture.height * width / picture.width))
    PICTURES.mkdir(exist_ok=True)
    picture.resize(size, Image.Resampling.LANCZOS).save(PICTURES / f"{name}.webp", quality=72, method=6)
    print(f"{name}.webp  {(PICTURES / f'{name}.webp').stat().st_size // 1024} kB")


def picture_lab(browser: Any) -> None:
    """Show the start page, and a learner with the rows behind."""
    folder = ROOT / ".cache" / "pictures"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ROOT / "notebooks", folder, ignore=shutil.ignore_patterns(".*"))
    with served(ROOT, folder) as address:
        page = opened(browser, address, "00_start.ipynb")
        page.wait_for_timeout(1500)
        keep(page, "lab-start")
        page.close()
        page = opened(browser, address, "03_learning.ipynb")
        assert run_all(page) == []
        page.locator(".js-plotly-plot[data-drawn]").scroll_into_view_if_needed()
        page.locator(".noUi-handle").first.press("ArrowRight")
        page.wait_for_timeout(2000)
        keep(page, "lab-learner")
        page.close()
    shutil.rmtree(folder)


def picture_report(browser: Any) -> None:
    """Show the first screen of a client's report, made in a folder of its own: no ledger of this one is touched."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "params").mkdir()
        shutil.copy(ROOT / "params" / f"{CLIENT}.yml", home / "params")
        for name in ("data", "notebooks"):
            shutil.copytree(ROOT / name, home / name, ignore=shutil.ignore_patterns("raw", ".*"))
        env = {**os.environ, "SMF_SECRET": create_secret(), "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "smf_helpers", "report", CLIENT, "--only", "html"]
        subprocess.run(command, check=True, cwd=home, env=env)
        page = browser.new_page(viewport={"width": 1440, "height": 1000})
        page.goto((home / "reports" / CLIENT / "report.html").as_uri())
        page.wait_for_selector("html[data-ready]", state="attached", timeout=180_000)
        page.wait_for_timeout(1000)
        keep(page, "report")
        page.close()


@contextmanager
def room() -> Iterator[tuple[str, str]]:
    """Start a workshop in a folder of its own; give the key of its wall and the code of its room."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", SERVE, folder, str(PORT)]
        service = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env={**os.environ})
        try:
            assert service.stdout is not None
            key = service.stdout.readline().split("key=")[1].strip()
            held = Room(Path(folder) / "private" / "workshop" / "room.sqlite")
            code = held.code
            held.close()
            yield key, code
        finally:
            service.terminate()
            service.wait()


def picture_workshop(browser: Any) -> None:
    """Show the wall after a vote, its what-if, and a phone."""
    aside = ThreadPoolExecutor(1)

    def post(path: str, wish: dict[str, Any]) -> dict[str, Any]:
        return aside.submit(lambda: asyncio.run(phones.call(PORT, path, wish))).result()[1]

    with room() as (key, code):
        page = browser.new_page(viewport={"width": 1920, "height": 1080})
        for _ in range(100):
            try:
                page.goto(f"http://127.0.0.1:{PORT}/wall?key={key}")
                break
            except Exception:
                page.wait_for_timeout(200)
        chance = random.Random(3)
        for step, ballot in BALLOTS.items():
            last = ballot.choices[-1]
            for _ in range(VOTERS):
                device = post("/join", {"code": code})["device"]
                answers = {
                    item: max(
                        1, min(last, round(chance.gauss(last * (0.4 if item in WEAK else 0.68), last / 5)))
                    )
                    for item in ballot.items
                }
                post("/vote", {"device": device, "step": step, "answers": answers})
        for step in ("factors", "what_if", "barriers"):
            post(f"/steer?key={key}", {"go": step})
            post(f"/steer?key={key}", {"revealed": True})
            page.wait_for_timeout(1200)
            keep(page, f"wall-{step.replace('_', '-')}")
        post(f"/steer?key={key}", {"go": "factors"})
        phone = browser.new_page(viewport={"width": 390, "height": 844}, device_scale_factor=2)
        phone.goto(f"http://127.0.0.1:{PORT}/#{code}")
        phone.wait_for_selector("fieldset")
        keep(phone, "phone", 320)


PARTS = {"workshop": picture_workshop, "report": picture_report, "lab": picture_lab}


def main(parts: list[str]) -> None:
    """Make every picture, or those of the named parts."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for part in parts or PARTS:
            PARTS[part](browser)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
