"""JupyterLab as a person uses it: `smf lab` in a process of its own, driven in a real browser."""

import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from smf_helpers.widgets.lab import lab_command
from tests.ports import free_port

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))),
    None,
)
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
PATIENCE = 300_000
_READY = """() => window.jupyterapp && jupyterapp.shell.currentWidget?.context?.sessionContext?.session?.kernel?.status === "idle" """
_DONE = """() => jupyterapp.shell.currentWidget.content.widgets.filter((cell) => cell.model.type === "code")
  .every((cell) => cell.model.executionCount && !cell.promptNode?.textContent.includes("*"))"""
_FAULTS = """() => jupyterapp.shell.currentWidget.content.widgets.filter((cell) => cell.model.outputs).flatMap((cell) =>
  [...Array(cell.model.outputs.length).keys()].map((place) => cell.model.outputs.get(place).toJSON()))
  .filter((output) => output.output_type === "error" || output.output_type === "stream").map((output) => JSON.stringify(output))"""


@contextmanager
def served(root: Path, notebooks: Path) -> Iterator[str]:
    """Start Lab on a folder of notebooks and give its address; it ends with the block."""
    port = free_port()
    more = [
        "--no-browser",
        "--allow-root",
        "--IdentityProvider.token=room",
        "--LabApp.expose_app_in_browser=True",
    ]
    command = [*lab_command(root, port, notebooks), *more]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            try:
                with urllib.request.urlopen(f"{address}/api?token=room"):
                    break
            except OSError:
                time.sleep(0.2)
        yield address
    finally:
        process.terminate()
        process.wait()


def opened(browser: Any, address: str, notebook: str) -> Any:
    """Open a notebook in a page of its own; `page.heard` holds what the console complained of."""
    page = browser.new_page(viewport={"width": 1440, "height": 1000})
    page.set_default_timeout(PATIENCE)
    page.heard = []
    page.on("console", lambda said: page.heard.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda fault: page.heard.append(str(fault)))
    page.goto(f"{address}/lab/tree/{notebook}?token=room&reset", wait_until="domcontentloaded")
    page.wait_for_function(_READY)
    return page


def run_all(page: Any) -> list[str]:
    """Run every cell to the end and give the errors and print-outs, as JSON."""
    page.evaluate("jupyterapp.commands.execute('runmenu:run-all')")
    page.wait_for_function(_DONE)
    return list(page.evaluate(_FAULTS))
