"""The pace of learning: everyone's own, and where each unit stands."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from smf_helpers.figures.forest import Line, Panel, forest, shown
from smf_helpers.figures.learning import scale_words, skill_scale
from smf_helpers.figures.parts import dots, nothing, separators
from smf_helpers.figures.plate import Plate
from smf_helpers.figures.reader import Reader
from smf_helpers.figures.register import FIGURES
from smf_helpers.figures.theme import axis, layout, plain, words

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
    told = [each for each in gain if (reader.interval(each.row, "gain")[0] or 0.0) > 0]
    best = max(told, key=lambda each: each.row["gain"], default=None)
    ahead = Panel(
        table="learning_units",
        lines=gain,
        title=reader.text("Expected gain over the next wave"),
        zero=0.0,
        signed=True,
    )
    now = Panel(
        table="learning_units",
        lines=level,
        title=reader.text("Skill now") if best else "",
        bounds=skill_scale(reader),
    )
    plot, narrow = forest(reader, *((now, ahead) if best else (now,)), left=160, right=210)
    headline = (
        reader.text("{unit} has most to gain by the next wave", unit=best.label)
        if best is not None
        else reader.text("No unit is clearly about to gain more skill")
    )
    return Plate(
        name="learning_units",
        headline=headline,
        subtitle=reader.text(
            "Typical skill, {low} to {high}, and expected gain, with 95 % intervals"
            if best
            else "Typical skill now, {low} to {high}, 95 % interval",
            **scale_words(reader),
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
