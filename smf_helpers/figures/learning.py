"""Learning: the curve of the typical learner, and the people around it."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from smf_helpers.figures.parts import (
    apart,
    band,
    dots,
    end_label,
    end_room,
    line,
    nothing,
    separators,
    whiskers,
)
from smf_helpers.figures.plate import Plate
from smf_helpers.figures.reader import Reader
from smf_helpers.figures.register import FIGURES
from smf_helpers.figures.theme import axis, layout, plain, scale_ticks


@FIGURES.register("learning_curve")
def learning_curve(reader: Reader) -> Plate:
    """Draw the typical learner with its interval, the spread of people, and what was measured."""
    rows = [row for row in reader.rows("learning_curve") if reader.number(row, "level") is not None]
    if len(rows) < 2:
        return nothing(
            reader, "learning_curve", reader.text("How people learn cannot be told yet"), "learning_curve"
        )
    headline = learning_headline(reader)
    rest = _rest(reader, rows)
    rows = rows[: weeks_that_matter(rows)]
    weeks = [float(row["week"]) for row in rows]
    measured = [
        row
        for row in reader.rows("learning_waves", unit="all")
        if reader.number(row, "mean") is not None and row["week"] <= weeks[-1]
    ]
    traces = [*_people(reader, rows, weeks), *_typical(reader, rows, weeks), *_measured(reader, measured)]
    made = _layout(reader, rows, weeks)
    return Plate(
        name="learning_curve",
        headline=headline,
        subtitle=reader.text(
            "Skill on the scale of {low} to {high} by weeks since the first measurement; line: typical "
            "learner with 95 % interval; pale band: eight of ten people; dots: measured",
            **scale_words(reader),
        ),
        alt=reader.text(
            "Line chart of the typical learner's skill over weeks with a band of people. {finding}",
            finding=headline,
        ),
        tables=("learning_curve", "learning_waves"),
        plot={"data": traces, "layout": made},
        narrow={"margin": made["margin"] | {"l": 30, "b": 40, "pad": 2}, "height": 320},
        definition=reader.text(
            "The curve is fitted to all learners at once, each with a pace of their own; the typical "
            "learner is the "
            "middle one, not the mean of those who stayed."
        ),
        n=reader.count(rows[0]["n"]),
        note=" ".join(part for part in (rest, _table_note(reader, "learning_curve")) if part),
    )


MOST_GAIN, STRETCH, FIRST_WEEKS = 0.99, 1.3, 12.0
"""Share of the gain after which a curve is flat, the stretch drawn beyond it, and the least weeks drawn."""


def weeks_that_matter(rows: Sequence[Mapping[str, Any]]) -> int:
    """Count the weeks worth drawing: the flat rest would squeeze the weeks in which people learn."""
    first, last = float(rows[0]["level"]), float(rows[-1]["level"])
    aim = MOST_GAIN * abs(last - first)
    reached = next((row["week"] for row in rows if abs(float(row["level"]) - first) >= aim), rows[-1]["week"])
    end = max(STRETCH * float(reached), FIRST_WEEKS)
    within = sum(float(row["week"]) <= end for row in rows)
    return within if 2 <= within <= 0.8 * len(rows) else len(rows)


def _rest(reader: Reader, rows: Sequence[Mapping[str, Any]]) -> str:
    """Say in words what lies beyond the weeks drawn."""
    shown = weeks_that_matter(rows)
    if shown == len(rows):
        return ""
    return reader.text(
        "Week {week} to week {last} are not drawn: the curve is flat.",
        week=reader.language.number(rows[shown]["week"], 0),
        last=reader.language.number(rows[-1]["week"], 0),
    )


SCALES = ((1.0, 5.0), (0.0, 10.0), (0.0, 100.0))
"""Scales on which skill may be scored; the first that holds every released figure, where none is named."""


def skill_scale(reader: Reader) -> tuple[float, float]:
    """Give the ends of the scale on which skill was scored."""
    unit = next((str(row["unit_of"]) for row in reader.rows("learning_summary", quantity="level_now")), "")
    if named := re.search(r"scale of (\S+) to (\S+)$", unit):
        return float(named[1]), float(named[2])
    tables = (("learning_curve", "level"), ("learning_waves", "mean"), ("learning_units", "level"))
    values = [
        value
        for table, name in tables
        for row in reader.rows(table)
        if (value := reader.number(row, name)) is not None
    ]
    top = max(values, default=1.0)
    return next((scale for scale in SCALES if top <= scale[1]), (0.0, top))


def scale_words(reader: Reader) -> dict[str, str]:
    """Give the ends of the scale as words for a subtitle."""
    low, high = skill_scale(reader)
    return {"low": reader.language.number(low, 0), "high": reader.language.number(high, 0)}


def learning_headline(reader: Reader) -> str:
    """Say whether the typical learner gained, from the first and the last row of the curve."""
    rows = [row for row in reader.rows("learning_curve") if reader.number(row, "level") is not None]
    if len(rows) < 2:
        return reader.text("How people learn cannot be told yet")
    first, last = rows[0], rows[-1]
    high, low = reader.interval(first, "level")[1], reader.interval(last, "level")[0]
    values = {
        "first": reader.language.number(first["level"], 1),
        "last": reader.language.number(last["level"], 1),
        "weeks": reader.language.number(last["week"], 0),
    }
    if high is not None and low is not None and low > high:
        now, half = _summary(reader, "level_now"), _summary(reader, "half_life")
        if now is not None and half is not None:
            return reader.text(
                "The typical learner rose from {first} to {now}, half of it within {weeks} weeks",
                first=values["first"],
                now=reader.language.number(now, 1),
                weeks=reader.language.number(half, 1),
            )
        return reader.text("The typical learner rose from {first} to {last} in {weeks} weeks", **values)
    if high is not None and low is not None and last["level"] < first["level"]:
        return reader.text("The typical learner moved from {first} to {last} in {weeks} weeks", **values)
    return reader.text(
        "No clear gain yet: the typical learner stands at {last} after {weeks} weeks", **values
    )


def _summary(reader: Reader, quantity: str) -> float | None:
    rows = reader.rows("learning_summary", quantity=quantity)
    return reader.number(rows[0], "value") if rows else None


def _table_note(reader: Reader, name: str) -> str:
    table = reader.table(name)
    return reader.finished(table.note) if table else ""


def _people(
    reader: Reader, rows: Sequence[Mapping[str, Any]], weeks: Sequence[float]
) -> list[dict[str, Any]]:
    low = [reader.number(row, "people_low") for row in rows]
    high = [reader.number(row, "people_high") for row in rows]
    return [band(weeks, low, high, "$primary@0.10")]


def _typical(
    reader: Reader, rows: Sequence[Mapping[str, Any]], weeks: Sequence[float]
) -> list[dict[str, Any]]:
    sides = [reader.interval(row, "level") for row in rows]
    said = [
        plain(
            reader.text(
                "Week {week}: {level}",
                week=reader.language.number(row["week"], 0),
                level=reader.estimate(row, "learning_curve", "level"),
            )
        )
        for row in rows
    ]
    return [
        band(weeks, [low for low, _ in sides], [high for _, high in sides], "$primary@0.24"),
        line(weeks, [row["level"] for row in rows], "$primary", said, line={"width": 3.2}),
    ]


def _measured(reader: Reader, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    if not rows:
        return []
    at = [float(row["week"]) for row in rows]
    sides = [reader.interval(row, "mean") for row in rows]
    said = [
        plain(reader.text("Measured: {mean}", mean=reader.estimate(row, "learning_waves", "mean")))
        for row in rows
    ]
    look = {"color": "$paper", "size": 8, "line": {"color": "$ink", "width": 1.6}}
    return [
        whiskers(at, [low for low, _ in sides], [high for _, high in sides], "$ink", 1.2),
        dots(at, [row["mean"] for row in rows], "$ink", said, marker=look),
    ]


def _layout(reader: Reader, rows: Sequence[Mapping[str, Any]], weeks: Sequence[float]) -> dict[str, Any]:
    last = rows[-1]
    ends = [
        (reader.number(last, "people_high"), reader.text("the quickest"), "$soft"),
        (reader.number(last, "level"), reader.text("typical learner"), "$primary"),
        (reader.number(last, "people_low"), reader.text("the slowest"), "$soft"),
    ]
    known = [(value, name, colour) for value, name, colour in ends if value is not None]
    places = apart([value for value, _, _ in known], 0.075 * skill_scale(reader)[1])
    right = end_room([name for _, name, _ in known])
    return layout(
        height=360,
        left=32,
        right=right,
        separators=separators(reader),
        yaxis=scale_ticks(*skill_scale(reader)),
        xaxis=axis(
            range=[min(weeks), max(weeks)],
            nticks=8,
            title={"text": reader.text("weeks"), "font": {"size": 12, "color": "$soft"}, "standoff": 4},
        ),
        annotations=[
            end_label(name, place, colour) for (_, name, colour), place in zip(known, places, strict=True)
        ],
    ) | {"margin": {"l": 32, "r": right, "t": 12, "b": 42, "pad": 4}}
