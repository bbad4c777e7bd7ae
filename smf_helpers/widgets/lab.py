"""`smf lab`: the command that opens JupyterLab on the notebooks, everything ready."""

import json
import sys
from pathlib import Path
from typing import Final

START: Final = "00_start.ipynb"

SETTINGS: Final = {
    "lab/settings/page_config.json": {
        "disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True},
    },
    "lab/settings/overrides.json": {
        "@jupyterlab/apputils-extension:notification": {"checkForUpdates": False, "fetchNews": "false"},
        "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
    },
}
"""What is set beforehand: no pop-up over the charts, no question to the network, no cell unloaded on scrolling."""


DARK: Final = """[data-jp-theme-light=false] .jp-RenderedPlotly { filter: invert(.93) hue-rotate(180deg); }
"""
"""Finished figures stand on white paper; where Lab is dark their paper turns dark and their hues stay."""


def prepare(folder: Path) -> Path:
    """Write the settings and the style of Lab below `folder` and give it.

    Raises
    ------
    OSError : the folder cannot be written to.
    """
    for name, settings in SETTINGS.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(settings, indent=2), encoding="utf-8")
    style = folder / "custom" / "custom.css"
    style.parent.mkdir(exist_ok=True)
    style.write_text(DARK, encoding="utf-8")
    return folder


def lab_command(root: Path, port: int, notebooks: Path | None = None) -> list[str]:
    """Give the command that opens Lab on the notebooks of a workbook.

    Lab listens on this machine only and asks for a token of its own, which is in the address that it opens.

    Parameters
    ----------
    root : folder that holds ``notebooks/``, ``params/`` and ``data/``.
    port : port on this machine; the next free one is taken where it is used.
    notebooks : folder that Lab shows; ``notebooks/`` of the workbook by default.
    """
    settings = prepare(root / ".cache" / "lab")
    notebooks = notebooks or root / "notebooks"
    return [
        sys.executable,
        "-m",
        "jupyterlab",
        f"--ServerApp.root_dir={notebooks}",
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={port}",
        f"--LabApp.default_url=/lab/tree/{START}",
        f"--LabApp.user_settings_dir={settings / 'user'}",
        f"--LabApp.workspaces_dir={settings / 'workspaces'}",
        f"--LabServerApp.app_settings_dir={settings / 'lab' / 'settings'}",
        "--LabApp.custom_css=True",
        f"--ServerApp.tornado_settings=static_custom_path={settings / 'custom'}",
        "--log-level=WARN",
    ]
