"""One learner among all, and the ratings behind the picture: everyone's pace is different.

The picture is a pure function of the place of the slider: `learner_lines` says what is drawn.
"""

from typing import TYPE_CHECKING, Any, Final

import ipywidgets
import traitlets

from smf_helpers.figures.theme import axis, value_axis, words
from smf_helpers.widgets.live import LivePlot, rows_as_html

if TYPE_CHECKING:
    import pandas as pd

    from smf_helpers.workbook import Workbook

HEIGHT: Final = 420
COLUMNS: Final = ("at", "skill", "score", "source", "unit")
DAYS: Final = 7.0
MINE: Final = 2
"""Place of the trace of the learner that the slider chose."""
STROKE: Final = (0.008, 0.006)
"""Length and width of the stroke of a rating, as shares of the time and of the scores shown."""


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


def learner_lines(rated: "pd.DataFrame") -> dict[str, dict[str, list[float]]]:
    """Give what is drawn for each learner: the mean of the ratings of each day on which there are some."""
    means = rated.groupby(["learner", "week"])["score"].mean().reset_index()
    return {
        str(learner): {"x": mine["week"].astype(float).tolist(), "y": mine["score"].astype(float).tolist()}
        for learner, mine in means.groupby("learner")
    }


def strokes(rated: "pd.DataFrame", length: float, width: float) -> dict[str, list[float | None]]:
    """Give every rating as a short stroke; all are one filled path, which a browser draws in a fraction of the time of dots."""
    x: list[float | None] = []
    y: list[float | None] = []
    for week, score in zip(rated["week"].tolist(), rated["score"].tolist(), strict=True):
        left, right, low, high = week - length / 2, week + length / 2, score - width / 2, score + width / 2
        x += [left, right, right, left, None]
        y += [low, low, high, high, None]
    return {"x": x, "y": y}


def learner_title(learners: "pd.DataFrame", place: int) -> str:
    """Give the line above the picture: which learner, how many weeks to 80 % of the own gain, with interval."""
    row = learners.iloc[place]
    pace = "pace not to be told"
    if row["weeks_to_80"] == row["weeks_to_80"]:
        low, high = (_told(row[f"weeks_to_80_{end}"]) for end in ("low", "high"))
        pace = f"80 % of the gain after {row['weeks_to_80']:.1f} weeks ({low} to {high})"
    return f"Learner {place + 1} of {len(learners)}, {row['unit']}: {pace}"


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
        rated = weeks_and_scores(book)
        self._learners, self._lines = in_order(book), learner_lines(rated)
        last = max(len(self._learners) - 1, 0)
        self._slider = ipywidgets.IntSlider(
            0, 0, last, description="Fastest to slowest", readout=False,
            style={"description_width": "initial"}, layout={"width": "min(520px, 100%)"},
        )  # fmt: skip
        behind = book.behind("learning_curve")
        self._behind = behind.groupby("learner")
        if not len(self._learners):
            self.rows = behind.head(0)
            nobody = "No skills were measured: there is no learner to show."
            super().__init__(children=[ipywidgets.HTML(rows_as_html(self.rows, (), nobody))])
            return
        typical = book.frame("learning_curve")
        self.figure = LivePlot(
            _traces(rated, typical, self._lines[self._learners["learner"][0]]),
            learner_title(self._learners, 0),
            self._go_down(),
            height=HEIGHT,
            xaxis=axis(title={"text": "weeks since the first rating", "font": {"size": 13}}),
            yaxis=value_axis(title={"text": "score", "font": {"size": 13}}),
            annotations=[_label(typical)] if len(typical) else [],
        )
        super().__init__(children=[self._slider, self.figure])
        traitlets.link((self._slider, "value"), (self, "value"))
        self.observe(self._draw, names="value")

    def _draw(self, change: Any) -> None:
        drawn = self._lines[self._learners["learner"][self.value]]
        self.figure.change(MINE, learner_title(self._learners, self.value), self._go_down(), **drawn)

    def _go_down(self) -> str:
        mine = self._behind.get_group(self._learners["learner"][self.value])
        self.rows = mine.reset_index(drop=True)
        said = f"{len(self.rows)} ratings behind it, as a frame in .rows; the first of them:"
        return rows_as_html(self.rows, COLUMNS, said)


def _label(typical: "pd.DataFrame") -> dict[str, Any]:
    last = typical.iloc[-1]
    return words(
        "typical learner", x=last["week"], y=last["level"], xanchor="right", yanchor="bottom", yshift=4
    )


def _traces(
    rated: "pd.DataFrame", typical: "pd.DataFrame", mine: dict[str, list[float]]
) -> list[dict[str, Any]]:
    length, width = STROKE
    reach = max(rated["score"].max() - rated["score"].min(), 1.0)
    everybody = strokes(rated, length * max(rated["week"].max(), 1.0), width * reach)
    quiet = {"type": "scatter", "hoverinfo": "skip"}
    return [
        {**quiet, **everybody, "mode": "none", "fill": "toself", "fillcolor": "$faint@0.5"},
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
            "hovertemplate": "week %{x:.0f}: %{y:.1f}<extra></extra>",
        },
    ]
