"""One learner among all, and the ratings behind the picture: everyone's pace is different.

The picture is a pure function of the place of the slider: `learner_line` says what is drawn.
"""

from typing import TYPE_CHECKING, Any, Final

import ipywidgets
import traitlets

from smf_helpers.figures.theme import plain
from smf_helpers.widgets.live import LivePlot, rows_as_html

if TYPE_CHECKING:
    import pandas as pd

    from smf_helpers.workbook import Workbook

HEIGHT: Final = 420
COLUMNS: Final = ("at", "skill", "score", "source", "unit")
DAYS: Final = 7.0


def in_order(book: "Workbook") -> "pd.DataFrame":
    """Give the learners, fastest first; those whose pace cannot be told come last."""
    from smf_helpers.workbook.learning import learning_fit

    learners = learning_fit(book).learners
    return learners.sort_values("weeks_to_80", na_position="last").reset_index(drop=True)


def weeks_and_scores(book: "Workbook") -> "pd.DataFrame":
    """Give every rating with the weeks since its learner's first one: ``learner, week, score``."""
    rated = book.rows("skills").dropna(subset=["score"])
    first = rated.groupby("learner")["at"].transform("min")
    return rated.assign(week=(rated["at"] - first).dt.days / DAYS)[["learner", "week", "score"]]


def learner_line(rated: "pd.DataFrame", learner: str) -> dict[str, list[float]]:
    """Give what is drawn for a learner: the mean of the ratings of each day on which there are some."""
    mine = rated[rated["learner"] == learner].groupby("week")["score"].mean()
    return {"x": [float(week) for week in mine.index], "y": [float(score) for score in mine]}


def learner_title(learners: "pd.DataFrame", place: int) -> str:
    """Give the line above the picture: which learner, how many weeks to 80 % of the own gain, with interval."""
    row = learners.iloc[place]
    pace = "pace not to be told"
    if row["weeks_to_80"] == row["weeks_to_80"]:
        low, high = (_told(row[f"weeks_to_80_{end}"]) for end in ("low", "high"))
        pace = f"80 % of the gain after {row['weeks_to_80']:.1f} weeks ({low} to {high})"
    return plain(f"Learner {place + 1} of {len(learners)}, {row['unit']}: {pace}")


def _told(limit: float) -> str:
    return f"{limit:.1f}" if limit == limit else "open"


class LearnerView(ipywidgets.VBox):
    """A slider from the fastest learner to the slowest, a picture, and the ratings behind it.

    Parameters
    ----------
    book : a workbook.

    Attributes
    ----------
    value : place of the learner, 0 for the fastest; may be set.
    rows : that learner's canonical ratings, as a frame.
    """

    value = traitlets.Int(0, help="place of the learner, the fastest first")

    def __init__(self, book: "Workbook") -> None:
        self._book, self._learners, self._rated = book, in_order(book), weeks_and_scores(book)
        last = max(len(self._learners) - 1, 0)
        self._slider = ipywidgets.IntSlider(
            0, 0, last, description="Fastest to slowest", readout=False,
            style={"description_width": "initial"}, layout={"width": "min(520px, 100%)"},
        )  # fmt: skip
        self.rows = book.behind("learning_curve").head(0)
        self._below = ipywidgets.HTML()
        if not len(self._learners):
            self._below.value = rows_as_html(
                self.rows, (), "No skills were measured: there is no learner to show."
            )
            super().__init__(children=[self._below])
            return
        typical = book.frame("learning_curve")
        self.figure = LivePlot(
            _traces(self._rated, typical, learner_line(self._rated, self._learners["learner"][0])),
            learner_title(self._learners, 0),
            height=HEIGHT,
            xaxis={
                "title": {"text": "weeks since the first rating"},
                "fixedrange": True,
                "rangemode": "tozero",
            },
            yaxis={"title": {"text": "score"}, "fixedrange": True, "gridcolor": "$rule"},
        )
        super().__init__(children=[self._slider, self.figure, self._below])
        traitlets.link((self._slider, "value"), (self, "value"))
        self.observe(self._draw, names="value")
        self._go_down()

    def _draw(self, change: Any) -> None:
        drawn = learner_line(self._rated, self._learners["learner"][change["new"]])
        self.figure.change(-1, learner_title(self._learners, change["new"]), **drawn)
        self._go_down()

    def _go_down(self) -> None:
        self.rows = self._book.behind("learning_curve", learner=self._learners["learner"][self.value])
        said = f"{len(self.rows)} ratings behind it, as a frame in .rows; the first of them:"
        self._below.value = rows_as_html(self.rows, COLUMNS, said)


def _traces(
    rated: "pd.DataFrame", typical: "pd.DataFrame", mine: dict[str, list[float]]
) -> list[dict[str, Any]]:
    everybody = {"x": rated["week"].tolist(), "y": rated["score"].tolist()}
    quiet = {"type": "scatter", "hoverinfo": "skip"}
    return [
        {**quiet, **everybody, "mode": "markers", "marker": {"size": 5, "color": "$faint@0.35"}},
        {
            **quiet,
            "x": typical["week"].tolist(),
            "y": typical["level"].tolist(),
            "mode": "lines",
            "line": {"color": "$soft", "width": 2, "dash": "dash"},
        },
        {
            "type": "scatter",
            **mine,
            "mode": "lines+markers",
            "line": {"color": "$accent", "width": 2.6},
            "marker": {"size": 8},
        },
    ]
