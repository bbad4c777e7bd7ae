"""A widget is one observable value; the picture is a pure function of it."""

import json
from pathlib import Path

import pandas as pd
import pytest

from smf_helpers.framework import FACTOR_KEYS
from smf_helpers.results.publication import Mark
from smf_helpers.widgets import FactorView, WhatIfView, client_chooser, lab_command
from smf_helpers.widgets.factor_view import factor_line

FACTORS = pd.DataFrame(
    [
        {"wave": wave, "unit": unit, "factor": factor, "mean": 2.0 + place, "low": 1.5 + place, "high": 3.0}
        for place, wave in enumerate(("1", "2"))
        for unit in ("all", "Sales")
        for factor in FACTOR_KEYS
    ]
)


def test_the_picture_follows_the_value_and_keeps_its_layout() -> None:
    view = FactorView(FACTORS)
    before = view.figure.layout.to_plotly_json()
    view.value = ("listening", "Sales")
    drawn = factor_line(FACTORS, "listening", "Sales")
    assert list(view.figure.data[0].y) == drawn["y"] == [2.0, 3.0]
    assert "Listening, Sales" in view.figure.layout.title.text
    after = view.figure.layout.to_plotly_json()
    assert {k: v for k, v in after.items() if k != "title"} == {
        k: v for k, v in before.items() if k != "title"
    }


def test_a_number_that_cannot_be_told_is_a_gap() -> None:
    frame = FACTORS.astype({"mean": object})
    frame.loc[frame["wave"] == "2", "mean"] = Mark.UNSURE
    assert factor_line(frame, "listening", "all")["y"] == [2.0, None]


def test_the_what_if_of_lab_is_the_module_of_the_page() -> None:
    source = Path("smf_helpers/assets/what_if.js").read_text(encoding="utf-8")
    view = WhatIfView(spec={"weeks": 1}, value={})
    assert str(view._esm).startswith(source)
    assert "export default" in str(view._esm)


def test_the_chooser_holds_the_clients_and_one_value() -> None:
    chooser = client_chooser("kauppa")
    assert chooser.value == "kauppa" and {"northgrid", "pienpaja"} <= set(chooser.options)


def test_lab_opens_the_start_page_on_this_machine_without_pop_ups(tmp_path: Path) -> None:
    command = lab_command(tmp_path, 8899)
    assert "--ServerApp.ip=127.0.0.1" in command and any("00_start.ipynb" in part for part in command)
    assert not any("token" in part and part.endswith("=") for part in command)
    config = json.loads((tmp_path / ".cache/lab/labconfig/page_config.json").read_text())
    assert config["disabledExtensions"]["@jupyterlab/apputils-extension:announcements"] is True


@pytest.mark.parametrize("name", ["smf_helpers.widgets.what_if", "smf_helpers.widgets.factor_view"])
def test_no_widget_captures_output(name: str) -> None:
    text = Path(*name.split(".")).with_suffix(".py").read_text()
    assert "Output(" not in text and "interact" not in text
