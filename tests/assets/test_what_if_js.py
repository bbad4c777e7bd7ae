"""The JavaScript twin of the what-if equals the Python reference on the shared vectors, in Node and in a browser."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from smf_helpers.doctor import find_browser

ASSETS = Path(__file__).parents[2] / "smf_helpers" / "assets"
MODULE = (ASSETS / "what_if.js").read_text(encoding="utf-8")
VECTORS = json.loads((ASSETS / "what_if_vectors.json").read_text())

WORST = """
(vectors) => Math.max(...vectors.flatMap((v) => {
  const got = smfWhatIf.project(v.what_if, v.settings, v.expected.active.length - 1);
  return Object.entries(v.expected).flatMap(([name, wanted]) =>
    wanted.length === got[name].length ? wanted.map((x, i) => Math.abs(x - got[name][i])) : [Infinity]);
}))
"""


def test_node_computes_what_python_computes() -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node is not installed")
    script = f"{MODULE}\nconsole.log(({WORST})({json.dumps(VECTORS)}))"
    out = subprocess.run([node, "-"], input=script, capture_output=True, text=True, check=True)
    assert 0 <= float(out.stdout) <= 1e-9


@pytest.fixture(scope="module")
def page() -> Any:
    if find_browser() is None:
        pytest.skip("no Chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=find_browser(), args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 900, "height": 900})
        page.set_content(f"<div id=host></div><script>{MODULE}</script>")
        yield page
        browser.close()


@pytest.mark.browser
def test_the_browser_computes_what_python_computes(page: Any) -> None:
    assert 0 <= page.evaluate(WORST, VECTORS) <= 1e-9


@pytest.mark.browser
def test_each_of_a_hundred_fast_steps_is_drawn(page: Any) -> None:
    spec = {**VECTORS[0]["what_if"], "weeks": 520}
    drawn = page.evaluate(
        """(spec) => {
          const live = smfWhatIf.mount(document.getElementById("host"), spec);
          const slider = document.querySelector("input[type=range]");
          const line = document.querySelectorAll(".smf-what-if svg path")[3];
          const seen = new Set();
          const before = live.drawings.count;
          for (let i = 0; i < 100; i++) {
            slider.value = spec.levers[0].low + (i / 99) * (spec.levers[0].high - spec.levers[0].low);
            slider.dispatchEvent(new Event("input"));
            seen.add(slider.value + line.getAttribute("d"));
          }
          return { count: live.drawings.count - before, different: seen.size, steps: new Set([...seen].map((s) => s.split("M")[0])).size };
        }""",
        spec,
    )
    assert drawn["count"] == 100
    assert drawn["different"] == drawn["steps"] > 10


@pytest.mark.browser
def test_a_preset_and_the_way_back(page: Any) -> None:
    said = page.evaluate(
        """(spec) => {
          document.getElementById("host").replaceChildren();
          smfWhatIf.mount(document.getElementById("host"), spec);
          const label = () => document.querySelector(".smf-what-if svg").getAttribute("aria-label");
          const press = (text) => [...document.querySelectorAll(".w-presets button")].find((b) => b.textContent === text).click();
          const before = label();
          press("The programme stops");
          const stopped = label();
          press("As now");
          return [before, stopped, label()];
        }""",
        VECTORS[0]["what_if"],
    )
    assert said[0] == said[2] != said[1]
    assert "fewer than as now" in said[1]
