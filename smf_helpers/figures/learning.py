"""Learning: the curve of the typical learner, everyone's own pace, units, and learning by doing."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from smf_helpers.figures.forest import Line, Panel, forest, shown
from smf_helpers.figures.parts import apart, band, dots, end_label, line, nothing, separators, whiskers
from smf_helpers.figures.plate import Plate
from smf_helpers.figures.reader import Reader
from smf_helpers.figures.register import FIGURES
from smf_helpers.figures.theme import axis, layout, plain, scale_ticks, words


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
    rows = rows[: _that_matter(rows)]
    weeks = [float(row["week"]) for row in rows]
    measured = [
        row
        for row in reader.rows("learning_waves", unit="all")
        if reader.number(row, "mean") is not None and row["week"] <= weeks[-1]
    ]
    traces = [*_people(reader, rows, weeks), *_typical(reader, rows, weeks), *_measured(reader, measured)]
    return Plate(
        name="learning_curve",
        headline=headline,
        subtitle=reader.text(
            "Skill on the scale of {low} to {high} by weeks since the first measurement; line: typical "
            "learner with 95 % interval; pale band: eight of ten people; dots: measured",
            **_scale_words(reader),
        ),
        alt=reader.text(
            "Line chart of the typical learner's skill over weeks with a band of people. {finding}",
            finding=headline,
        ),
        tables=("learning_curve", "learning_waves"),
        plot={"data": traces, "layout": _layout(reader, rows, weeks, 118)},
        narrow={"margin": {"l": 26, "r": 106, "t": 12, "b": 40, "pad": 2}, "height": 320},
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


def _that_matter(rows: Sequence[Mapping[str, Any]]) -> int:
    """Count the weeks worth drawing: the flat rest would squeeze the weeks in which people learn."""
    first, last = float(rows[0]["level"]), float(rows[-1]["level"])
    aim = MOST_GAIN * abs(last - first)
    reached = next((row["week"] for row in rows if abs(float(row["level"]) - first) >= aim), rows[-1]["week"])
    end = max(STRETCH * float(reached), FIRST_WEEKS)
    within = sum(float(row["week"]) <= end for row in rows)
    return within if 2 <= within <= 0.8 * len(rows) else len(rows)


def _rest(reader: Reader, rows: Sequence[Mapping[str, Any]]) -> str:
    """Say in words what lies beyond the weeks drawn."""
    shown = _that_matter(rows)
    if shown == len(rows):
        return ""
    return reader.text(
        "Week {week} to week {last} are not drawn, where the curve is flat: {level} at the end.",
        week=reader.language.number(rows[shown]["week"], 0),
        last=reader.language.number(rows[-1]["week"], 0),
        level=reader.estimate(rows[-1], "learning_curve", "level"),
    )


SCALES = ((1.0, 5.0), (0.0, 10.0), (0.0, 100.0))
"""Scales on which skill is scored; the first that holds every released figure is the client's."""


def skill_scale(reader: Reader) -> tuple[float, float]:
    """Give the ends of the scale on which skill was scored."""
    tables = (("learning_curve", "level"), ("learning_waves", "mean"), ("learning_units", "level"))
    values = [
        value
        for table, name in tables
        for row in reader.rows(table)
        if (value := reader.number(row, name)) is not None
    ]
    top = max(values, default=1.0)
    return next((scale for scale in SCALES if top <= scale[1]), (0.0, top))


def _scale_words(reader: Reader) -> dict[str, str]:
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
        return reader.text("The typical learner rose from {first} to {last} in {weeks} weeks", **values)
    if high is not None and low is not None and last["level"] < first["level"]:
        return reader.text("The typical learner moved from {first} to {last} in {weeks} weeks", **values)
    return reader.text(
        "No clear gain yet: the typical learner stands at {last} after {weeks} weeks", **values
    )


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


def _layout(
    reader: Reader, rows: Sequence[Mapping[str, Any]], weeks: Sequence[float], right: int
) -> dict[str, Any]:
    last = rows[-1]
    ends = [
        (reader.number(last, "people_high"), reader.text("the quickest"), "$soft"),
        (reader.number(last, "level"), reader.text("typical learner"), "$primary"),
        (reader.number(last, "people_low"), reader.text("the slowest"), "$soft"),
    ]
    known = [(value, name, colour) for value, name, colour in ends if value is not None]
    places = apart([value for value, _, _ in known], 0.075 * skill_scale(reader)[1])
    return layout(
        height=360,
        left=26,
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
    ) | {"margin": {"l": 26, "r": right, "t": 12, "b": 42, "pad": 4}}


STEPS = (1, 2, 4, 8, 13, 26, 52)
"""Weeks that one column of people may stand for."""
COLUMNS = 16


@FIGURES.register("learning_spread")
def learning_spread(reader: Reader) -> Plate:
    """Draw ten people, each standing for a tenth of the learners, in the week by which they have most of their gain."""
    rows = sorted(
        (row for row in reader.rows("learning_spread") if reader.number(row, "weeks_to_80") is not None),
        key=lambda row: row["quantile"],
    )
    if len(rows) < 3:
        return nothing(
            reader,
            "learning_spread",
            reader.text("How people's pace differs cannot be told yet"),
            "learning_spread",
        )
    last = float(rows[-1]["weeks_to_80"])
    step = next((step for step in STEPS if last / step <= COLUMNS), STEPS[-1])
    places = [max(math.ceil(float(row["weeks_to_80"]) / step), 1) * step for row in rows]
    stacks = [places[: at + 1].count(place) for at, place in enumerate(places)]
    traces = _ten_people(reader, rows, places, stacks)
    headline = reader.text(
        "Everyone has a pace of their own: the quickest have most of their gain by week {quick}, the slowest by week {slow}",
        quick=reader.language.number(places[0], 0),
        slow=reader.language.number(places[-1], 0),
    )
    top = max(stacks)
    ends = [(places[0], reader.text("the quickest")), (places[-1], reader.text("the slowest"))]
    return Plate(
        name="learning_spread",
        headline=headline,
        subtitle=reader.text(
            "One dot is one in ten people, over the week by which they have 80 % of their own gain; the ring is the middle"
        ),
        alt=reader.text(
            "Ten dots over the weeks people need for most of their gain. {finding}", finding=headline
        ),
        tables=("learning_spread",),
        plot={
            "data": traces,
            "layout": layout(
                height=110 + 40 * top,
                left=20,
                right=20,
                separators=separators(reader),
                yaxis=axis(range=[0.3, top + 1.1], showticklabels=False),
                xaxis=axis(
                    range=[0, places[-1] + step],
                    dtick=step,
                    tick0=0,
                    showline=True,
                    linecolor="$rule",
                    title={
                        "text": reader.text("weeks"),
                        "font": {"size": 12, "color": "$soft"},
                        "standoff": 4,
                    },
                ),
                annotations=[
                    words(
                        plain(name),
                        x=place,
                        y=max(
                            stack
                            for at, stack in zip(places, stacks, strict=True)
                            if abs(at - place) < 2 * step
                        )
                        + 0.62,
                        yanchor="bottom",
                        font={"size": 12, "color": "$ink"},
                    )
                    for place, name in dict(ends).items()
                ],
            )
            | {"margin": {"l": 20, "r": 20, "t": 8, "b": 44, "pad": 0}},
        },
        narrow={"margin": {"l": 12, "r": 12, "t": 8, "b": 44, "pad": 0}},
        definition=reader.text(
            "Pace is a property of a person; its spread is estimated, never read off the mean. The numbers behind it give each dot its interval."
        ),
        n=reader.count(rows[0]["n"]),
    )


def _ten_people(
    reader: Reader, rows: Sequence[Mapping[str, Any]], places: Sequence[int], stacks: Sequence[int]
) -> list[dict[str, Any]]:
    """Give a dot a person, coloured from quick to slow."""
    said = [
        plain(
            reader.text(
                "Person {place} of {all}: {weeks} weeks",
                place=at + 1,
                all=len(rows),
                weeks=reader.estimate(row, "learning_spread", "weeks_to_80"),
            )
        )
        for at, row in enumerate(rows)
    ]
    third = len(rows) / 3
    colours = [
        "$primary" if at < third else "$accent" if at >= 2 * third else "$primary@0.5"
        for at in range(len(rows))
    ]
    middle = (len(rows) - 1) // 2
    rings = ["$ink" if at == middle else "$paper" for at in range(len(rows))]
    look = {"color": colours, "size": 30, "line": {"color": rings, "width": 2}}
    return [dots(places, stacks, "$primary", said, marker=look)]


@FIGURES.register("learning_units")
def learning_units(reader: Reader) -> Plate:
    """Draw where each unit stands and what it may still gain."""
    rows = reader.rows("learning_units")
    level = [Line(label=reader.label(row["unit"]), row=row, name="level") for row in rows]
    gain = [Line(label=reader.label(row["unit"]), row=row, name="gain") for row in rows]
    if not shown(reader, level):
        return nothing(
            reader, "learning_units", reader.text("Learning by unit cannot be shown"), "learning_units"
        )
    plot, narrow = forest(
        reader,
        Panel(
            table="learning_units", lines=level, title=reader.text("Skill now"), bounds=skill_scale(reader)
        ),
        Panel(
            table="learning_units",
            lines=gain,
            title=reader.text("Expected gain over the next wave"),
            zero=0.0,
            signed=True,
        ),
        left=160,
        right=210,
    )
    told = [each for each in gain if (reader.interval(each.row, "gain")[0] or 0.0) > 0]
    best = max(told, key=lambda each: each.row["gain"], default=None)
    headline = (
        reader.text("{unit} has most to gain by the next wave", unit=best.label)
        if best is not None
        else reader.text("Skill by unit; no unit is clearly about to gain")
    )
    return Plate(
        name="learning_units",
        headline=headline,
        subtitle=reader.text(
            "Typical skill, {low} to {high}, and expected gain, with 95 % intervals", **_scale_words(reader)
        ),
        alt=reader.text("Dot chart of skill and expected gain by unit. {finding}", finding=headline),
        tables=("learning_units",),
        plot=plot,
        narrow=narrow,
        definition=reader.text(
            "Small units are drawn towards the whole organisation, as far as their data are thin."
        ),
        n=reader.plural("{n} unit", "{n} units", len(rows)),
    )


@FIGURES.register("experience")
def experience(reader: Reader) -> Plate:
    """Draw the progress ratio of each team or channel: below 1, doing teaches."""
    rows = reader.rows("experience")
    lines = [
        Line(
            label=f"{reader.label(row['team'])} · {reader.label(row['measure'])}",
            row=row,
            name="progress_ratio",
            aside="" if reader.number(row, "progress_ratio") is not None else reader.finished(row["reason"]),
        )
        for row in rows
    ]
    if not shown(reader, lines):
        return nothing(
            reader, "experience", reader.text("Whether doing teaches cannot be told yet"), "experience"
        )
    kept = [Line(label=each.label, row=each.row, name="retention") for each in lines]
    told = bool(shown(reader, kept))
    change = reader.text("Change per doubling") if told else ""
    panels = [Panel(table="experience", lines=lines, title=change, zero=1.0)]
    if told:
        title = reader.text("Kept over a week without practice")
        panels.append(Panel(table="experience", lines=kept, title=title, bounds=(0.0, 1.05)))
    plot, narrow = forest(reader, *panels, left=210, right=250)
    sure = [each for each in lines if _better(reader, each.row)]
    headline = (
        reader.text(
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
