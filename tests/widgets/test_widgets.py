"""A widget is one observable value; the picture is a pure function of it."""

import json
import re
from copy import deepcopy
from pathlib import Path

import pandas as pd
import pytest

from smf_helpers.framework import BARRIERS, FACTOR_KEYS
from smf_helpers.results.publication import Mark
from smf_helpers.widgets import (
    FactorView,
    LearnerView,
    WhatIfView,
    WorkshopSteps,
    client_chooser,
    lab_command,
)
from smf_helpers.widgets.factor_view import factor_line
from smf_helpers.widgets.learner_view import strokes
from smf_helpers.widgets.live import LivePlot, rows_as_html

FACTORS = pd.DataFrame(
    [
        {"wave": wave, "unit": unit, "factor": factor, "mean": 2.0 + place, "low": 1.5 + place, "high": 3.0}
        for place, wave in enumerate(("1", "2"))
        for unit in ("all", "Sales")
        for factor in FACTOR_KEYS
    ]
)
SKILLS = pd.DataFrame(
    [
        {"learner": f"L{who}", "skill": "writing", "at": pd.Timestamp("2026-01-05") + pd.Timedelta(weeks=week),
         "score": 20.0 + 10 * who + week, "source": "test", "unit": "Sales"}
        for who in range(3)
        for week in range(4)
    ]
)  # fmt: skip


class _Book:
    """A workbook of two tables, for the widgets."""

    def __init__(self) -> None:
        self.asked: list[dict[str, str]] = []

    def frame(self, name: str) -> pd.DataFrame:
        return FACTORS if name == "factors" else pd.DataFrame({"week": [0.0, 1.0], "level": [20.0, 30.0]})

    def rows(self, name: str) -> pd.DataFrame:
        return SKILLS

    def behind(self, name: str, **where: str) -> pd.DataFrame:
        self.asked.append(where)
        held = SKILLS if name == "learning_curve" else pd.DataFrame({"respondent": ["R1"], "value": [4.0]})
        return held[held["learner"] == where["learner"]] if "learner" in where else held


def test_the_picture_follows_the_value_and_keeps_its_layout() -> None:
    view = FactorView(_Book())
    before = deepcopy(view.figure.plot)
    view.value = ("listening", "Sales")
    drawn = factor_line(FACTORS, "listening", "Sales")
    assert view.figure.moved[0] == 0 and view.figure.moved[1]["y"] == drawn["y"] == [2.0, 3.0]
    assert "Listening, Sales" in view.figure.title
    assert view.figure.plot == before


def test_a_unit_that_was_not_asked_in_a_wave_has_a_gap_and_the_axis_stays() -> None:
    once = FACTORS[(FACTORS["unit"] == "all") | (FACTORS["wave"] == "2")]
    assert factor_line(once, "listening", "Sales")["x"] == ["1", "2"]
    assert factor_line(once, "listening", "Sales")["y"] == [None, 3.0]


def test_a_clicked_point_gives_the_rows_behind_it() -> None:
    book = _Book()
    view = FactorView(book)
    view.figure.clicked = {"curve": 0, "point": 1, "x": "2", "y": 3.0}
    assert book.asked[-1] == {"factor": "objectives", "unit": "all", "wave": "2"}
    assert list(view.rows["respondent"]) == ["R1"] and "R1" in view.figure.below


def test_a_change_is_one_small_message(monkeypatch: pytest.MonkeyPatch) -> None:
    plot = LivePlot([{"x": [1], "y": [1]}, {"x": [2], "y": [2]}], "one", height=300)
    sent: list[set[str]] = []
    monkeypatch.setattr(LivePlot, "_send", lambda self, said, buffers=None: sent.append(set(said["state"])))
    plot.change(1, "two", "rows", x=[3], y=[4])
    assert sent == [{"moved", "title", "below"}]
    assert plot.moved == [1, {"x": [3], "y": [4]}]


def test_the_learners_stand_from_the_fastest_to_the_slowest(monkeypatch: pytest.MonkeyPatch) -> None:
    learners = pd.DataFrame(
        {"learner": ["L2", "L0", "L1"], "unit": "Sales", "weeks_to_80": [2.0, 3.0, float("nan")],
         "weeks_to_80_low": [1.0, 2.0, float("nan")], "weeks_to_80_high": [3.0, float("nan"), float("nan")]}
    )  # fmt: skip
    monkeypatch.setattr("smf_helpers.widgets.learner_view.in_order", lambda book: learners)
    view = LearnerView(_Book())
    assert view.figure.plot["data"][2]["y"] == [40.0, 41.0, 42.0, 43.0]
    view.value = 1
    assert view.figure.moved == [2, {"x": [0.0, 1.0, 2.0, 3.0], "y": [20.0, 21.0, 22.0, 23.0]}]
    assert "3.0 weeks (2.0 to open)" in view.figure.title
    assert set(view.rows["learner"]) == {"L0"}
    view.value = 2
    assert "not to be told" in view.figure.title


def test_every_rating_is_one_stroke_of_the_filled_path() -> None:
    drawn = strokes(pd.DataFrame({"week": [1.0, 3.0], "score": [20.0, 40.0]}), 0.5, 2.0)
    assert drawn["x"] == [0.75, 1.25, 1.25, 0.75, None, 2.75, 3.25, 3.25, 2.75, None]
    assert drawn["y"] == [19.0, 19.0, 21.0, 21.0, None, 39.0, 39.0, 41.0, 41.0, None]


def test_cells_of_the_table_below_a_figure_are_escaped() -> None:
    told = rows_as_html(pd.DataFrame({"unit": ["<b>x</b>"]}), ("unit", "absent"), "a & b")
    assert "&lt;b&gt;" in told and "a &amp; b" in told and "<b>x" not in told


def test_a_number_that_cannot_be_told_is_a_gap() -> None:
    frame = FACTORS.astype({"mean": object})
    frame.loc[frame["wave"] == "2", "mean"] = Mark.UNSURE
    assert factor_line(frame, "listening", "all")["y"] == [2.0, None]


@pytest.mark.parametrize("code", ["en", "fi"])
def test_the_steps_of_the_workshop_draw_what_the_group_said(code: str) -> None:
    steps = WorkshopSteps(code)
    rating = steps.rate()
    rating.value = dict.fromkeys(FACTOR_KEYS, 4.0) | {"measuring": 1.5}
    assert ("1.5" if code == "en" else "1,5") in rating._picture.value and "held" in rating._picture.value
    assert rating._sliders["measuring"].value == 1.5
    guess = steps.guess()
    guess._guesses["late"].value = 7
    assert 'class="truth"' not in guess._picture.value and guess.value["late"] == 7
    guess._reveal.value = True
    assert guess._picture.value.count('class="truth"') == 4
    barriers = steps.barriers()
    barriers.value = {barrier: [3, 1] for barrier in BARRIERS}
    assert barriers._picture.value.count("75") >= len(BARRIERS)
    assert steps.what_if().spec["levers"] and steps.what_if().language == code


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
    assert "--ServerApp.ip=127.0.0.1" in command and any(part.endswith("/00_start.ipynb") for part in command)
    assert not any("token" in part and part.endswith("=") for part in command)
    config = json.loads((tmp_path / ".cache/lab/lab/settings/page_config.json").read_text())
    assert config["disabledExtensions"]["@jupyterlab/apputils-extension:announcements"] is True


@pytest.mark.parametrize("path", sorted(Path("smf_helpers/widgets").glob("*.py")), ids=lambda path: path.stem)
def test_no_widget_captures_output(path: Path) -> None:
    text = path.read_text()
    assert "Output(" not in text and "interact" not in text and "FigureWidget" not in text


def test_what_the_page_colours_in_a_drawing_is_coloured_in_lab_too() -> None:
    page, lab = (Path("smf_helpers/assets", name).read_text() for name in ("report.css", "lab.css"))
    coloured = set(re.findall(r"^\.(?:cycle|path) (?:\.\w+ )*\.(\w+) \{ (?:fill|stroke)", page, re.MULTILINE))
    assert {"ring", "river", "move", "head", "body"} <= coloured
    assert {name for name in coloured if f".{name} " not in lab} == set()
