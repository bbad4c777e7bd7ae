"""Learning by doing: whether practice gets better the more of it there has been."""

from collections.abc import Mapping, Sequence
from typing import Any

from smf_helpers.figures.forest import Line, Panel, forest, shown, why_not
from smf_helpers.figures.parts import nothing
from smf_helpers.figures.plate import Plate
from smf_helpers.figures.reader import Reader
from smf_helpers.figures.register import FIGURES

MOST_NAMED = 2
"""Measures that a headline names; of more it tells the number only."""


@FIGURES.register("experience")
def experience(reader: Reader) -> Plate:
    """Draw the progress ratio of each team or channel: below 1, doing teaches."""
    rows = reader.rows("experience")
    lines = [
        Line(
            label=f"{reader.label(row['team'])} · {reader.label(row['measure'])}",
            row=row,
            name="progress_ratio",
            strong=_better(reader, row),
            aside=why_not(reader, row, "progress_ratio"),
        )
        for row in rows
    ]
    if not shown(reader, lines):
        return nothing(
            reader, "experience", reader.text("Whether doing teaches cannot be told yet"), "experience"
        )
    told = any(reader.number(row, "retention") is not None for row in rows)
    plot, narrow = forest(reader, Panel(table="experience", lines=lines, zero=1.0), left=210, right=250)
    sure = [each for each in lines if _better(reader, each.row)]
    headline = (
        reader.text(
            "Experience shows in {count} of {all} measures of practice: {names}",
            count=len(sure),
            all=len(lines),
            names=", ".join(each.label for each in sure),
        )
        if 0 < len(sure) <= MOST_NAMED
        else reader.text(
            "Experience shows in {count} of {all} measures of practice", count=len(sure), all=len(lines)
        )
        if sure
        else reader.text("Experience does not show in practice yet")
    )
    return Plate(
        name="experience",
        headline=headline,
        subtitle=reader.text(
            "Factor by which a measure changes with each doubling of experience, 95 % interval"
        ),
        alt=reader.text(
            "Dot chart of progress ratios with intervals around one. {finding}", finding=headline
        ),
        tables=("experience",),
        plot=plot,
        narrow=narrow,
        definition=reader.text("1 is no learning; answers twice as fast after each doubling would be 0.5."),
        n=reader.plural("{n} series", "{n} series", len(lines)),
        note="" if told else _forgetting(reader, rows),
    )


def _forgetting(reader: Reader, rows: Sequence[Mapping[str, Any]]) -> str:
    """Say why it is not told how much of the experience a break costs."""
    reasons = dict.fromkeys(reader.finished(row["forgetting"]) for row in rows if row.get("forgetting"))
    untold = reader.text("How much of the experience is kept over a break cannot be told.")
    return " ".join([untold, *list(reasons)[:1]]) if reasons else ""


def _better(reader: Reader, row: Mapping[str, Any]) -> bool:
    """Say whether doing more has gone with doing better: faster answers, or more that comes back."""
    low, high = reader.interval(row, "progress_ratio")
    if low is None or high is None:
        return False
    return high < 1 if row["measure"] == "answer_hours" else low > 1
