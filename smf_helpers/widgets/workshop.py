"""The steps of the workshop in Lab: each a few controls whose `value` is what the group said, and one picture of it."""

from abc import abstractmethod
from pathlib import Path
from typing import Any, Final

import ipywidgets
import traitlets

from smf_helpers.figures.theme import hues
from smf_helpers.figures.workshop.ballots import CURVES, EXCUSE, REASON
from smf_helpers.figures.workshop.pictures import barrier_picture, curves_picture, cycle_picture
from smf_helpers.figures.workshop.words import CURVE_NAMES, PAGE
from smf_helpers.framework import BARRIERS, FACTORS
from smf_helpers.language import language
from smf_helpers.release.material import Material, open_material
from smf_helpers.results.released import Brand
from smf_helpers.widgets.what_if_view import WhatIfView, what_if

STYLE: Final = Path(__file__).parents[1] / "assets" / "lab.css"
_WIDE: Final = {"description_width": "280px"}


class _Step(ipywidgets.VBox):
    """Controls above a picture; a subclass says how the controls and the picture follow from `value`."""

    value = traitlets.Dict(help="what the group said; may be set")

    def __init__(self, above: list[Any], controls: list[Any]) -> None:
        self._picture, self._placing = ipywidgets.HTML(), False
        super().__init__(children=[*above, self._picture], value=self._said())
        for control in controls:
            control.observe(self._choose, names="value")
        self.observe(self._draw, names="value")
        self._draw()

    @abstractmethod
    def _said(self) -> dict[str, Any]:
        """Read `value` from the controls."""

    @abstractmethod
    def _place(self) -> None:
        """Put the controls where `value` says."""

    @abstractmethod
    def _drawing(self) -> str:
        """Draw `value`."""

    def _choose(self, change: Any) -> None:
        if not self._placing:
            self.value = self._said()

    def _draw(self, change: Any = None) -> None:
        self._placing = True
        try:
            self._place()
        finally:
            self._placing = False
        style = STYLE.read_text(encoding="utf-8")
        self._picture.value = (
            f'<style>{style}</style><div class="smf-lab" style="{hues(Brand())}">{self._drawing()}</div>'
        )


class RatingView(_Step):
    """Step 1: the group rates the eight factors and sees its double cycle and its bottleneck.

    Parameters
    ----------
    code : language of the words.
    """

    def __init__(self, code: str = "en") -> None:
        self._tongue = language(code)
        self._sliders = {
            factor.key: ipywidgets.FloatSlider(
                3.0, min=1.0, max=5.0, step=0.1, readout_format=".1f", style=_WIDE,
                description=self._tongue.text(factor.label), layout={"width": "97%"},
            )
            for factor in FACTORS
        }  # fmt: skip
        grid = ipywidgets.GridBox(
            list(self._sliders.values()),
            layout={
                "grid_template_columns": "repeat(2, minmax(0, 1fr))",
                "max_width": "1060px",
                "grid_gap": "0 32px",
            },
        )
        super().__init__([grid], list(self._sliders.values()))

    def _said(self) -> dict[str, Any]:
        return {key: slider.value for key, slider in self._sliders.items()}

    def _place(self) -> None:
        for key, slider in self._sliders.items():
            slider.value = self.value.get(key, slider.value)

    def _drawing(self) -> str:
        return cycle_picture(dict(self.value), self._tongue)


class GuessView(_Step):
    """Step 3: the group guesses the learning curve, then sees it.

    Parameters
    ----------
    material : whose curve is revealed.
    code : language of the words.
    """

    def __init__(self, material: Material, code: str = "en") -> None:
        self._tongue, self._material = language(code), material
        names = {key: self._tongue.text(CURVE_NAMES[key]) for key in CURVES}
        self._guesses = {
            key: ipywidgets.BoundedIntText(
                0, min=0, max=1000, description=name, style=_WIDE, layout={"width": "97%"}
            )
            for key, name in names.items()
        }
        self._reveal = ipywidgets.ToggleButton(False, description=self._tongue.text(PAGE["reveal"]))
        grid = ipywidgets.GridBox(
            list(self._guesses.values()),
            layout={
                "grid_template_columns": "repeat(2, minmax(0, 1fr))",
                "max_width": "1060px",
                "grid_gap": "0 32px",
            },
        )
        super().__init__([grid, self._reveal], [*self._guesses.values(), self._reveal])

    def _said(self) -> dict[str, Any]:
        counts = {key: control.value for key, control in self._guesses.items()}
        return counts | {"revealed": self._reveal.value}

    def _place(self) -> None:
        for key, control in self._guesses.items():
            control.value = self.value.get(key, control.value)
        self._reveal.value = bool(self.value.get("revealed"))

    def _drawing(self) -> str:
        counts = {place: self.value.get(key, 0) for place, key in enumerate(CURVES, start=1)}
        name = self._material.name or self._tongue.text(PAGE["sample"])
        truth = self._material.curve if self.value.get("revealed") else ()
        return f'<div class="shapes">{curves_picture({"curve": counts}, self._tongue, truth, name)}</div>'


class ReasonView(_Step):
    """Step 4: how many call each barrier a reason, how many an excuse; with the remedy of each.

    Parameters
    ----------
    code : language of the words.
    """

    def __init__(self, code: str = "en") -> None:
        from smf_helpers.figures.vocabulary import LABELS

        self._tongue = language(code)
        words = {
            choice: self._tongue.text(PAGE[key]) for choice, key in ((REASON, "reason"), (EXCUSE, "excuse"))
        }
        self._counts = {
            (barrier, choice): ipywidgets.BoundedIntText(
                0, min=0, max=1000, description=word, layout={"width": "170px"}
            )
            for barrier in BARRIERS
            for choice, word in words.items()
        }
        lines = [
            ipywidgets.HBox(
                [
                    ipywidgets.Label(self._tongue.text(LABELS[barrier]), layout={"width": "300px"}),
                    *(self._counts[barrier, choice] for choice in words),
                ]
            )
            for barrier in BARRIERS
        ]
        super().__init__(lines, list(self._counts.values()))

    def _said(self) -> dict[str, Any]:
        return {key: [self._counts[key, choice].value for choice in (REASON, EXCUSE)] for key in BARRIERS}

    def _tally(self) -> dict[str, dict[int, int]]:
        return {
            key: dict(zip((REASON, EXCUSE), self.value.get(key, (0, 0)), strict=True)) for key in BARRIERS
        }

    def _place(self) -> None:
        for barrier, counts in self._tally().items():
            for choice, n in counts.items():
                self._counts[barrier, choice].value = n

    def _drawing(self) -> str:
        return barrier_picture(self._tally(), self._tongue)


class WorkshopSteps:
    """The four steps of the workshop, each a widget of its own.

    Parameters
    ----------
    code : language of the words: en or fi.
    release : path of a release whose what-if and learning curve are shown; an invented organisation by default.

    Raises
    ------
    SMFError : the release cannot be read.
    """

    def __init__(self, code: str = "en", release: str = "") -> None:
        self._code, self._material = code, open_material(Path(release) if release else None)

    def rate(self) -> RatingView:
        """Give step 1: the eight factors and the double cycle."""
        return RatingView(self._code)

    def what_if(self) -> WhatIfView:
        """Give step 2: the levers of adoption."""
        return what_if(self._material, self._code)

    def guess(self) -> GuessView:
        """Give step 3: which curve will the typical learner follow?"""
        return GuessView(self._material, self._code)

    def barriers(self) -> ReasonView:
        """Give step 4: reason or excuse?"""
        return ReasonView(self._code)
