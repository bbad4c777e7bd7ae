"""Slider to picture in JupyterLab in a real browser: through the kernel at 1,000 points, and in the browser."""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "notebooks"))
from driven import CHROMIUM, FLAGS, opened, run_all, served

ROOT = Path(__file__).parents[2]
CELLS = (
    'import smf_helpers as smf\nlearner = smf.LearnerView(smf.open_workbook("northgrid"))\nlearner',
    "what_if = smf.WorkshopSteps().what_if()\nwhat_if",
)
STEPS, FAST = 40, 100
KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}

_KERNEL = """async (steps) => {
  const box = document.querySelector(".js-plotly-plot[data-drawn]");
  const handle = document.querySelector(".noUi-handle");
  const frame = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  const took = [];
  handle.focus();
  for (let step = 0; step < steps; step++) {
    const before = box.dataset.drawn;
    const start = performance.now();
    handle.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", keyCode: 39, bubbles: true }));
    while (box.dataset.drawn === before && performance.now() - start < 5000) await frame();
    took.push(performance.now() - start);
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
  return took;
}"""
_BROWSER = """async ([steps, fast]) => {
  const range = document.querySelector(".smf-what-if input[type=range]");
  const paths = document.querySelectorAll(".smf-what-if svg path");
  const now = () => [...paths].map((path) => path.getAttribute("d")).join();
  const painted = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  const low = Number(range.min), high = Number(range.max);
  const move = (place, of) => { range.value = low + ((high - low) * place) / of; range.dispatchEvent(new Event("input", { bubbles: true })); };
  const took = [];
  for (let step = 0; step < steps; step++) {
    const start = performance.now();
    move(1 + (step % 20), 20);
    await painted();
    took.push(performance.now() - start);
    await new Promise((resolve) => setTimeout(resolve, 60));
  }
  let seen = 0, last = now();
  const start = performance.now();
  for (let step = 0; step < fast; step++) {
    move(step % 2 ? 1 : 15, 20);
    await painted();
    const next = now();
    if (next !== last) { seen += 1; last = next; }
  }
  return { took, seen, seconds: (performance.now() - start) / 1000 };
}"""


def notebook() -> str:
    """Give the notebook that is measured."""
    cells = [
        {
            "cell_type": "code",
            "id": f"cell-{place}",
            "metadata": {},
            "source": text,
            "outputs": [],
            "execution_count": None,
        }
        for place, text in enumerate(CELLS)
    ]
    return json.dumps(
        {"cells": cells, "metadata": {"kernelspec": KERNEL}, "nbformat": 4, "nbformat_minor": 5}
    )


def share(took: list[float], of: float) -> float:
    """Give a quantile of what was taken."""
    return sorted(took)[min(len(took) - 1, int(of * len(took)))]


def measure_lab() -> dict[str, Any]:
    """Measure both ways in one session of Lab."""
    from playwright.sync_api import sync_playwright

    folder = ROOT / ".cache" / "live"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "bench.ipynb").write_text(notebook(), encoding="utf-8")
    with served(ROOT, folder) as address, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = opened(browser, address, "bench.ipynb")
        faults = run_all(page)
        page.locator(".js-plotly-plot[data-drawn]").wait_for(state="attached")
        page.wait_for_timeout(2000)
        page.evaluate(_KERNEL, 5)
        kernel = page.evaluate(_KERNEL, STEPS)
        page.locator(".smf-what-if").scroll_into_view_if_needed()
        live = page.evaluate(_BROWSER, [STEPS, FAST])
        points = page.evaluate(
            "() => document.querySelector('.js-plotly-plot[data-drawn]').data[0].x.filter((at) => at === null).length"
        )
        heard = page.heard
        browser.close()
    shutil.rmtree(folder)
    return {
        "points": points, "kernel": kernel, "live": live["took"], "seen": live["seen"], "seconds": live["seconds"],
        "faults": faults + heard,
    }  # fmt: skip


if __name__ == "__main__":
    found = measure_lab()
    print(
        {
            name: value
            if not isinstance(value, list) or not value or isinstance(value[0], str)
            else {"p50": share(value, 0.5), "p95": share(value, 0.95), "max": max(value)}
            for name, value in found.items()
        }
    )
