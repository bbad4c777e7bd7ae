"""Learning in pilots, week by week and person by person, and the organisation's curve beside its people's."""

from collections.abc import Mapping, Sequence
from typing import Any

from smf_helpers.figures.learning import skill_scale
from smf_helpers.figures.parts import (
    apart,
    dots,
    end_label,
    end_room,
    folded,
    key,
    line,
    narrow_ends,
    nothing,
    percents,
    separators,
    whiskers,
)
from smf_helpers.figures.plate import Plate
from smf_helpers.figures.reader import Reader, Row
from smf_helpers.figures.register import FIGURES
from smf_helpers.figures.theme import axis, layout, plain, scale_ticks, words
from smf_helpers.results.publication import Mark

PATHS = (
    ("moving_up", "$primary"),
    ("holding", "$primary@0.38"),
    ("falling_back", "$accent"),
    ("left", "$soft@0.45"),
)
Kinds = Sequence[tuple[str, str]]


@FIGURES.register("pilot_weeks")
def pilot_weeks(reader: Reader) -> Plate:
    """Draw every pilot week by week, and those not yet in the roll-out over the same weeks."""
    rows = [row for row in reader.rows("pilot_weeks") if reader.number(row, "mean") is not None]
    pilots = list(dict.fromkeys(row["unit"] for row in rows if row["group"] == "in_pilot"))
    if not pilots:
        return nothing(
            reader, "pilot_weeks", reader.text("How the pilots went cannot be told yet"), "pilot_weeks"
        )
    compared = [row["unit"] for row in rows if row["group"] == "not_yet"]
    strong = compared[0] if compared else pilots[-1]
    traces: list[dict[str, Any]] = []
    ends: list[tuple[float, str, str]] = []
    for unit in sorted(pilots, key=lambda unit: unit == strong):
        colour = "$primary" if unit == strong else "$primary@0.42"
        ends += _track(reader, rows, unit, "in_pilot", colour, reader.label(unit), traces)
    ends += _track(reader, rows, strong, "not_yet", "$ink", reader.text("not yet in the roll-out"), traces)
    low, high = skill_scale(reader)
    places = apart([end for end, _, _ in ends], 0.062 * (high - low))
    folded_ends = narrow_ends(
        [(name, end, colour) for end, name, colour in ends], 0.075 * (high - low), left=30
    )
    headline = _pilot_headline(reader)
    return Plate(
        name="pilot_weeks",
        headline=headline,
        subtitle=reader.text(
            "Mean skill by week of the pilot, {low} to {high}, with 95 % interval; dashed: those not yet in the roll-out",
            low=reader.language.number(low, 0),
            high=reader.language.number(high, 0),
        ),
        alt=reader.text("Line chart of mean skill by week of each pilot. {finding}", finding=headline),
        tables=("pilot_weeks", "pilot_paths"),
        plot={
            "data": traces,
            "layout": layout(
                height=340,
                left=30,
                right=end_room([name for _, name, _ in ends]),
                separators=separators(reader),
                yaxis=scale_ticks(low, high),
                xaxis=axis(
                    dtick=1,
                    title={"text": reader.text("week of the pilot"), "font": {"size": 12, "color": "$soft"}},
                ),
                annotations=[
                    end_label(name, place, colour)
                    for (_, name, colour), place in zip(ends, places, strict=True)
                ],
            ),
        },
        narrow=folded_ends | {"margin": folded_ends["margin"] | {"b": 44}, "height": 320},
        definition=reader.text(
            "Those not yet in the roll-out were measured over the same weeks; both know the questions by the second time."
        ),
        n=reader.plural("{n} pilot", "{n} pilots", len(pilots)),
        grade="tested" if compared else "measured",
    )


def _track(
    reader: Reader,
    rows: Sequence[Row],
    unit: str,
    group: str,
    colour: str,
    name: str,
    traces: list[dict[str, Any]],
) -> list[tuple[float, str, str]]:
    """Add one group's line with its intervals; give where its label belongs."""
    part = [row for row in rows if row["unit"] == unit and row["group"] == group]
    if not part:
        return []
    at, level = [row["week"] for row in part], [row["mean"] for row in part]
    sides = [reader.interval(row, "mean") for row in part]
    said = [
        plain(
            reader.text(
                "{group}, week {week}: {mean}",
                group=name,
                week=reader.language.number(row["week"], 0),
                mean=reader.estimate(row, "pilot_weeks", "mean"),
            )
        )
        for row in part
    ]
    if "@" not in colour:
        traces.append(whiskers(at, [low for low, _ in sides], [high for _, high in sides], colour, 1.4))
    look = {"dash": "dash", "width": 2.2} if group == "not_yet" else {"width": 3 if "@" not in colour else 2}
    traces.append(line(at, level, colour, line=look))
    traces.append(dots(at, level, colour, said, marker={"size": 8}))
    return [(float(level[-1]), name, colour.partition("@")[0])]


def _pilot_headline(reader: Reader) -> str:
    told = [row for row in reader.rows("pilot_paths") if reader.number(row, "difference") is not None]
    for row in told:
        low, high = reader.interval(row, "difference")
        if low is not None and high is not None and low > 0:
            return reader.text(
                "{unit} gained {gain} points more in its pilot than those not yet in the roll-out",
                unit=reader.label(row["unit"]),
                gain=reader.language.number(row["difference"], 1),
            )
    changed = [row for row in reader.rows("pilot_paths") if row["unit"] != "all"]
    rising = [row for row in changed if (reader.interval(row, "change")[0] or 0) > 0]
    if rising:
        return reader.text("Skill rose in {count} of {all} pilots", count=len(rising), all=len(changed))
    return reader.text("No pilot shows a clear rise yet")


@FIGURES.register("pilot_paths")
def pilot_paths(reader: Reader) -> Plate:
    """Draw how many of each pilot's people moved up, held, fell back or left."""
    rows = [row for row in reader.rows("pilot_paths") if not isinstance(row["moving_up"], Mark | None)]
    drawn = [row for row in rows if reader.number(row, "moving_up") is not None]
    if not drawn:
        return nothing(
            reader, "pilot_paths", reader.text("Who is on which path cannot be told yet"), "pilot_paths"
        )
    rows = rows[::-1]
    places = list(range(len(rows)))
    kinds = tuple(
        (name, colour)
        for name, colour in PATHS
        if any(reader.number(row, name) or _band_edge(row[name]) for row in rows)
    )
    traces = [_share_bar(reader, rows, places, name, colour) for name, colour in kinds]
    rests = [1 - _band_edge(row["moving_up"]) if _band_edge(row["moving_up"]) else 0.0 for row in rows]
    if any(rests):
        traces.append(_rest_of_band(places, rests))
    names = [
        plain(reader.text("all pilots") if row["unit"] == "all" else reader.label(row["unit"]))
        for row in rows
    ]
    headline = _paths_headline(reader, drawn)
    return Plate(
        name="pilot_paths",
        headline=headline,
        subtitle=reader.text(
            "Share of each pilot's people, last score against the first: up, holding, back, or no score in the last week"
        ),
        alt=reader.text("Stacked bars of the paths of each pilot's people. {finding}", finding=headline),
        tables=("pilot_paths",),
        plot={
            "data": traces,
            "layout": layout(
                height=74 + 40 * len(rows),
                left=170,
                right=80,
                barmode="stack",
                bargap=0.45,
                annotations=_legend(reader, kinds, -164) + _up(reader, rows),
                xaxis=percents(reader, 1.0),
                yaxis=axis(tickvals=places, ticktext=names),
            )
            | {"margin": {"l": 170, "r": 80, "t": 36, "b": 30, "pad": 6}},
        },
        narrow={
            "margin": {"l": 112, "r": 62, "t": 36, "b": 30, "pad": 4},
            "annotations": _legend(reader, kinds, -108) + _up(reader, rows),
            "yaxis": axis(tickvals=places, ticktext=[folded(name) for name in names]),
        },
        definition=reader.text(
            "Up or back is a change larger than two scores differ by from noise alone (reliable change, 95 %)."
        ),
        n=reader.plural("{n} pilot", "{n} pilots", sum(row["unit"] != "all" for row in rows)),
        note=reader.text("Hatched: of so few people a share near 100 % is told as a band only.")
        if any(rests)
        else "",
    )


def _legend(reader: Reader, kinds: Kinds, start: int) -> list[Mapping[str, Any]]:
    """Name the paths that are drawn above the bars, each beside a square of its colour, from `start` pixels on."""
    found: list[Mapping[str, Any]] = []
    for name, colour in kinds:
        label = reader.label(name)
        found += [key("■", colour, 0, up=4, right=start), key(label, "$soft", 0, up=4, right=start + 14)]
        start += 34 + round(6.8 * len(label))
    return found


def _up(reader: Reader, rows: Sequence[Row]) -> list[Mapping[str, Any]]:
    """Write how many moved up at the end of each bar, as it is published: a share, or a band of shares."""
    return [
        words(
            f"<b>{plain(_share_words(reader, row, 'moving_up'))}</b>",
            x=1,
            xref="paper",
            xanchor="left",
            xshift=10,
            y=place,
            yanchor="middle",
            font={"color": "$primary", "size": 12.5},
        )
        for place, row in enumerate(rows)
    ]


def _share_words(reader: Reader, row: Row, name: str) -> str:
    share = reader.number(row, name)
    return (
        reader.language.percent(share)
        if share is not None
        else reader.cell(row[name], reader.column("pilot_paths", name))
    )


def _rest_of_band(places: Sequence[int], rests: Sequence[float]) -> dict[str, Any]:
    """Hatch what lies between the end that a band surely reaches and the whole."""
    hatch = {"shape": "/", "size": 7, "solidity": 0.28, "fgcolor": "$primary", "bgcolor": "rgba(0,0,0,0)"}
    return {
        "type": "bar",
        "orientation": "h",
        "x": list(rests),
        "y": list(places),
        "marker": {"color": "$primary", "pattern": hatch, "line": {"width": 0}},
        "hoverinfo": "skip",
    }


def _band_edge(cell: Any) -> float:
    """Give how far a bar of a banded share surely reaches: 0.9 for "> 90 %"; 0 for anything else."""
    return float(cell.strip("> %")) / 100 if isinstance(cell, str) and cell.startswith(">") else 0.0


def _share_bar(
    reader: Reader, rows: Sequence[Row], places: Sequence[int], name: str, colour: str
) -> dict[str, Any]:
    shares = [reader.number(row, name) or _band_edge(row[name]) for row in rows]
    said = [
        plain(
            f"{reader.label(row['unit'])}, {reader.label(name)}: "
            + (reader.banded(row[name]) if isinstance(row[name], str) else reader.language.percent(share))
        )
        for row, share in zip(rows, shares, strict=True)
    ]
    return {
        "type": "bar",
        "orientation": "h",
        "name": plain(reader.label(name)),
        "x": shares,
        "y": list(places),
        "marker": {"color": colour, "line": {"width": 0}},
        "text": said,
        "textposition": "none",
        "hovertemplate": "%{text}<extra></extra>",
    }


def _paths_headline(reader: Reader, rows: Sequence[Row]) -> str:
    whole = next((row for row in rows if row["unit"] == "all"), None)
    back = max(
        rows, key=lambda row: (reader.number(row, "falling_back") or 0) + (reader.number(row, "left") or 0)
    )
    lost = (reader.number(back, "falling_back") or 0) + (reader.number(back, "left") or 0)
    if lost >= 0.2:
        return reader.text(
            "{unit} lost most: {share} fell back or left",
            unit=reader.label(back["unit"]),
            share=reader.language.percent(lost),
        )
    if whole is not None:
        return reader.text(
            "Over all pilots {share} moved up",
            share=reader.language.percent(reader.number(whole, "moving_up") or 0),
        )
    least = min(rows, key=lambda row: reader.number(row, "moving_up") or 0)
    return reader.text(
        "In every pilot shown at least {share} moved up",
        share=reader.language.percent(reader.number(least, "moving_up") or 0),
    )


@FIGURES.register("organisation_beside")
def organisation_beside(reader: Reader) -> Plate:
    """Draw the people's skill above the organisation's learning culture, on one calendar."""
    rows = [
        row for row in reader.rows("organisation_beside") if reader.number(row, "organisation") is not None
    ]
    people = [row for row in rows if reader.number(row, "people") is not None]
    if len(rows) < 2 or len(people) < 2:
        return nothing(
            reader,
            "organisation_beside",
            reader.text("The organisation cannot be set beside its people yet"),
            "organisation_beside",
        )
    headline = _lag_headline(reader)
    low, high = skill_scale(reader)
    at = [row["week"] for row in rows]
    sides = [reader.interval(row, "organisation") for row in rows]
    followed = [row for row in rows if reader.number(row, "followed") is not None]
    lower = {"xaxis": "x", "yaxis": "y2"}
    traces = [
        line(
            [row["week"] for row in people], [row["people"] for row in people], "$primary", line={"width": 3}
        ),
        dots(
            [row["week"] for row in people],
            [row["people"] for row in people],
            "$primary",
            [_wave_words(reader, row, "people") for row in people],
        ),
        whiskers(at, [one for one, _ in sides], [two for _, two in sides], "$ink", 1.6) | lower,
        dots(
            at,
            [row["organisation"] for row in rows],
            "$ink",
            [_wave_words(reader, row, "organisation") for row in rows],
        )
        | lower,
    ]
    if followed:
        x, y = [row["week"] for row in followed], [row["followed"] for row in followed]
        traces.append(line(x, y, "$ink", line={"dash": "dot", "width": 1.8}) | lower)
    return Plate(
        name="organisation_beside",
        headline=headline,
        subtitle=reader.text(
            "Above: mean skill of the people, {low} to {high}; below: learning and culture in the survey, 1 to 5, with 95 % interval",
            low=reader.language.number(low, 0),
            high=reader.language.number(high, 0),
        ),
        alt=reader.text(
            "Two line charts on one calendar, people above and organisation below. {finding}",
            finding=headline,
        ),
        tables=("organisation_beside", "organisation_lag"),
        plot={
            "data": traces,
            "layout": layout(
                height=400,
                left=34,
                right=24,
                separators=separators(reader),
                xaxis=axis(
                    anchor="y2",
                    nticks=8,
                    title={
                        "text": reader.text("weeks since the first score"),
                        "font": {"size": 12, "color": "$soft"},
                        "standoff": 4,
                    },
                ),
                yaxis=scale_ticks(low, high, domain=[0.56, 0.96]),
                yaxis2=scale_ticks(1, 5, domain=[0.0, 0.42]),
                annotations=[_panel(reader.text("People"), 0.98), _panel(reader.text("Organisation"), 0.44)],
            ),
        },
        narrow={"margin": {"l": 30, "r": 12, "t": 12, "b": 44, "pad": 2}},
        definition=reader.text(
            "Both on one calendar; where the organisation follows, the dotted line is its people's curve so many weeks later."
        ),
        n=reader.count(rows[-1]["n"]),
        grade="associated",
        note=reader.text("A common cause that reaches people first would look the same."),
    )


def _panel(title: str, y: float) -> Mapping[str, Any]:
    return words(plain(title), x=0, xref="paper", xanchor="left", y=y, yref="paper", yanchor="bottom")


def _wave_words(reader: Reader, row: Row, name: str) -> str:
    return plain(f"{reader.label(row['wave'])}: {reader.estimate(row, 'organisation_beside', name)}")


def _lag_headline(reader: Reader) -> str:
    row = next(iter(reader.rows("organisation_lag", quantity="lag")), None)
    lag = reader.number(row, "value") if row else None
    if row is None or lag is None:
        return reader.text("By how much the organisation follows its people cannot be told")
    low, high = reader.interval(row, "value")
    if low is None or high is None:
        return reader.text(
            "The organisation follows its people, at most {weeks} weeks later",
            weeks=reader.language.number(high if high is not None else lag, 0),
        )
    return reader.text(
        "The organisation follows its people about {weeks} weeks later ({low} to {high})",
        weeks=reader.language.number(lag, 0),
        low=reader.language.number(low, 0),
        high=reader.language.number(high, 0),
    )
