"""`smf lab` in a real browser: run all, move the controls, the picture follows, nobody complains."""

import os
import shutil
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent))
from driven import CHROMIUM, FLAGS, opened, run_all, served

from smf_helpers.privacy.keys import create_secret

ROOT = Path(__file__).parents[2]
FULL = bool(os.environ.get("SMF_FULL"))
CLIENT = "northgrid" if FULL else "pienpaja"
pytestmark = [
    pytest.mark.browser,
    pytest.mark.server,
    pytest.mark.skipif(CHROMIUM is None, reason="No Chromium on this machine: apt-get install chromium."),
]


@pytest.fixture(scope="module")
def lab():
    """Lab on copies of the notebooks, and a browser."""
    from playwright.sync_api import sync_playwright

    folder = ROOT / ".cache" / f"driven-{os.getpid()}"
    folder.mkdir(parents=True)
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        (folder / path.name).write_text(
            path.read_text().replace('client = \\"northgrid\\"', f'client = \\"{CLIENT}\\"')
        )
    before = os.environ.get("SMF_SECRET")
    os.environ["SMF_SECRET"] = create_secret()
    try:
        with served(ROOT, folder) as address, sync_playwright() as play:
            browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            yield browser, address
            browser.close()
    finally:
        os.environ.pop("SMF_SECRET") if before is None else os.environ.update(SMF_SECRET=before)
        shutil.rmtree(folder)


def clean(page) -> None:
    assert page.heard == []
    assert page.locator(".jp-Dialog, .Toastify__toast").count() == 0


def test_the_workshop_runs_in_lab_and_its_pictures_follow_the_controls(lab) -> None:
    page = opened(*lab, "workshop.ipynb")
    assert run_all(page) == []
    cycle = page.locator(".smf-lab svg.cycle").first
    cycle.wait_for(state="attached")
    before = cycle.inner_html()
    page.locator(".noUi-handle").first.press("ArrowLeft")
    page.wait_for_function(
        "before => document.querySelector('.smf-lab svg.cycle').innerHTML !== before", arg=before
    )
    lever = page.locator(".smf-what-if input[type=range]").first
    path = (
        "() => [...document.querySelectorAll('.smf-what-if path')].map((one) => one.getAttribute('d')).join()"
    )
    drawn = page.evaluate(path)
    lever.press("End")
    assert page.evaluate(path) != drawn
    clean(page)
    page.close()


def test_a_click_on_a_point_leads_down_to_the_answers(lab) -> None:
    page = opened(*lab, "02_framework.ipynb")
    assert run_all(page) == []
    box = page.locator(".js-plotly-plot[data-drawn]")
    box.wait_for(state="attached")
    title = "() => document.querySelector('[data-drawn]').previousSibling.textContent"
    before = page.evaluate(title)
    page.locator(".widget-dropdown select").first.select_option("Listening")
    page.wait_for_function(f"before => ({title})() !== before", arg=before)
    box.scroll_into_view_if_needed()
    box.locator(".points path").last.click(force=True)
    page.locator(".smf-rows td").first.wait_for(state="attached")
    clean(page)
    page.close()


@pytest.mark.skipif(not FULL, reason="Every notebook in the browser runs with SMF_FULL=1.")
@pytest.mark.parametrize("name", sorted(path.name for path in (ROOT / "notebooks").glob("0*.ipynb")))
def test_every_notebook_runs_without_a_complaint(lab, name: str) -> None:
    page = opened(*lab, name)
    assert run_all(page) == []
    clean(page)
    page.close()
