"""A figure as it stands on a page: what it says, what it shows, and what lies behind it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from smf_helpers.results.claims import Grade
from smf_helpers.results.publication import Mark

Shape = Literal["plot", "drawing", "mark"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plate:
    """One figure with its headline, definition, n, movement and grade; or the mark in its place.

    Attributes
    ----------
    name : name in the register of figures, used as its anchor.
    headline : the finding in one sentence, made from the table's rows.
    subtitle : measure, unit, people, dates.
    alt : kind of figure, what is shown, and the finding, for those who cannot see it.
    tables : names of the published tables behind it.
    keep : table → column and value of the rows that the figure shows, where it shows not all.
    shape : plot (plotly), drawing (named, drawn from `drawing`) or mark (nothing may be drawn).
    plot : plotly figure with colours by name.
    narrow : parts of the layout that differ on a narrow screen.
    drawing : what the named drawing is made from.
    mark, reason : for a mark, which of the two, and why in words.
    definition : what the measure means, a sentence.
    n : how many people or posts, as published.
    movement : what changed since the last wave, or empty.
    grade : how far the claim goes.
    note : what must be said beside it.
    wide : whether it asks for the whole width of the page.
    """

    name: str
    headline: str
    subtitle: str = ""
    alt: str = ""
    tables: tuple[str, ...] = ()
    keep: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    shape: Shape = "plot"
    plot: Mapping[str, Any] = field(default_factory=dict)
    narrow: Mapping[str, Any] = field(default_factory=dict)
    drawing: Mapping[str, Any] = field(default_factory=dict)
    mark: Mark | None = None
    reason: str = ""
    definition: str = ""
    n: str = ""
    movement: str = ""
    grade: Grade = "measured"
    note: str = ""
    wide: bool = False
