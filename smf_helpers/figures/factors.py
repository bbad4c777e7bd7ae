"""The eight factors: over the waves, what changed, what is needed, what goes with recommending."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from smf_helpers.figures.cycle import bottleneck
from smf_helpers.figures.forest import Line, Panel, forest, shown, stands_out, why_not
from smf_helpers.figures.parts import band, dots, line, nothing, separators
from smf_helpers.figures.plate import Plate
from smf_helpers.figures.reader import Reader
from smf_helpers.figures.register import FIGURES
from smf_helpers.figures.theme import axis, layout, plain, scale_ticks, words
from smf_helpers.framework import FACTOR_KEYS

FIT = {4: 28, 2: 18}
"""Letters that fit under a panel, by the number of panels in a row."""


@FIGURES.register("factor_waves")
def factor_waves(reader: Reader) -> Plate:
    """Draw each factor over the waves, eight small panels on one scale."""
    rows = reader.rows("factors", unit="all")
    waves = [wave for wave in reader.waves if any(row["wave"] == wave for row in rows)]
    if not any(reader.number(row, "mean") is not None for row in rows):
        return nothing(reader, "factor_waves", reader.text("The factors cannot be shown"), "factors")
    headline = _level_headline(reader, [row for row in rows if row["wave"] == waves[-1]])
    plot, narrow = _panels(reader, rows, waves)
    return Plate(
        name="factor_waves",
        headline=headline,
        subtitle=reader.text(
            "Mean score of each factor, 1 to 5, whole organisation, {count} waves from {first} to {last}; "
            "band: 95 % interval",
            count=len(waves),
            first=reader.label(waves[0]),
            last=reader.label(waves[-1]),
        ),
        alt=reader.text(
            "Eight small line charts, one for each factor, over the waves. {finding}", finding=headline
        ),
        tables=("factors",),
        keep={"factors": {"unit": "all"}},
        plot=plot,
        narrow=narrow,
        definition=reader.text("A factor's score is the mean of its items on the scale of 1 to 5."),
        n=reader.count(next(row for row in rows if row["wave"] == waves[-1])["n"]),
        wide=True,
    )


def _level_headline(reader: Reader, rows: Sequence[Mapping[str, Any]]) -> str:
    told = [row for row in rows if reader.number(row, "mean") is not None]
    if not told:
        return reader.text("The eight factors over the waves")
    best, worst = max(told, key=lambda row: row["mean"]), min(told, key=lambda row: row["mean"])
    return reader.text(
        "Strongest: {best} ({high}); weakest: {worst} ({low})",
        best=reader.label(best["factor"]),
        high=reader.language.number(best["mean"], 1),
        worst=reader.label(worst["factor"]),
        low=reader.language.number(worst["mean"], 1),
    )


def _panels(
    reader: Reader, rows: Sequence[Mapping[str, Any]], waves: Sequence[str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    held = bottleneck(reader)
    traces: list[dict[str, Any]] = []
    for place, key in enumerate(FACTOR_KEYS):
        mine = {row["wave"]: row for row in rows if row["factor"] == key}
        strong = held is not None and held["factor"] == key and held["probability"] > 0.5
        traces += _panel(reader, mine, waves, place, "$accent" if strong else "$primary")
    wide, narrow = _grid(reader, rows, waves, 4), _grid(reader, rows, waves, 2)
    plot: dict[str, Any] = {
        "data": traces,
        "layout": layout(height=420, left=26, right=8, separators=separators(reader), **wide),
    }
    plot["layout"]["margin"] |= {"t": 30, "b": 26}
    return plot, {"height": 760, **narrow}


def _panel(
    reader: Reader, mine: Mapping[str, Mapping[str, Any]], waves: Sequence[str], place: int, colour: str
) -> list[dict[str, Any]]:
    number = "" if place == 0 else str(place + 1)
    axes = {"xaxis": f"x{number}", "yaxis": f"y{number}"}
    at = list(range(len(waves)))
    values = [reader.number(mine[wave], "mean") if wave in mine else None for wave in waves]
    sides = [reader.interval(mine[wave], "mean") if wave in mine else (None, None) for wave in waves]
    said = [
        plain(f"{reader.label(wave)}: {reader.estimate(mine[wave], 'factors', 'mean')}")
        if wave in mine
        else ""
        for wave in waves
    ]
    made = [
        band(at, [low for low, _ in sides], [high for _, high in sides], colour + "@0.16", **axes),
        line(at, values, colour, said, mode="lines+markers", marker={"size": 5, "color": colour}, **axes),
    ]
    last = max((i for i in at if values[i] is not None), default=None)
    return made if last is None else [*made, dots([last], [values[last]], colour, [said[last]], **axes)]


def _grid(
    reader: Reader, rows: Sequence[Mapping[str, Any]], waves: Sequence[str], columns: int
) -> dict[str, Any]:
    down = len(FACTOR_KEYS) // columns
    gap_x, gap_y = 0.05 if columns > 2 else 0.13, 0.46 / down
    width, height = (1 - gap_x * (columns - 1)) / columns, (1 - gap_y * (down - 1)) / down
    made: dict[str, Any] = {"annotations": []}
    for place, key in enumerate(FACTOR_KEYS):
        number = "" if place == 0 else str(place + 1)
        left = (place % columns) * (width + gap_x)
        top = 1 - (place // columns) * (height + gap_y)
        made[f"xaxis{number}"] = axis(
            domain=[round(left, 4), round(left + width, 4)],
            anchor=f"y{number}",
            range=[-0.3, len(waves) - 0.4],
            showticklabels=False,
        )
        made[f"yaxis{number}"] = scale_ticks(
            domain=[round(top - height, 4), round(top, 4)],
            anchor=f"x{number}",
            showticklabels=place % columns == 0,
        )
        made["annotations"] += _heading(reader, rows, waves, key, left, left + width, top, height)
        made["annotations"] += _ends(reader, waves, left, left + width, top - height, FIT[columns])
    return made


def _ends(
    reader: Reader, waves: Sequence[str], left: float, right: float, bottom: float, fit: int
) -> list[dict[str, Any]]:
    """Name the first and the last wave under a panel, at its two ends; only the last where both do not fit."""
    at = {"xref": "paper", "yref": "paper", "y": round(bottom, 4), "yanchor": "top", "yshift": -3}
    look = {"color": "$soft", "size": 11}
    fits = len(reader.label(waves[0])) + len(reader.label(waves[-1])) <= fit
    first = words(plain(reader.label(waves[0])), x=round(left, 4), xanchor="left", font=look, **at)
    last = words(plain(reader.label(waves[-1])), x=round(right, 4), xanchor="right", font=look, **at)
    return [first, last] if len(waves) > 1 and fits else [last]


def _heading(
    reader: Reader,
    rows: Sequence[Mapping[str, Any]],
    waves: Sequence[str],
    key: str,
    left: float,
    right: float,
    top: float,
    height: float,
) -> list[dict[str, Any]]:
    now = next((row for row in rows if row["factor"] == key and row["wave"] == waves[-1]), {})
    value = reader.number(now, "mean")
    told = reader.language.number(value, 1) if value is not None else ""
    at = {"xref": "paper", "yref": "paper", "y": round(top, 4), "yanchor": "bottom", "yshift": 5}
    ink = {"color": "$ink", "size": 13 if right - left < 0.3 else 12}
    name = words(plain(reader.short(key)), x=round(left, 4), xanchor="left", font=ink, **at)
    if not any(reader.number(row, "mean") is not None for row in rows if row["factor"] == key):
        middle = {"x": round((left + right) / 2, 4), "xanchor": "center"}
        place = at | {"y": round(top - height / 2, 4), "yanchor": "middle", "yshift": 0}
        return [name, words(f"<i>{plain(reader.refusal(now, 'mean'))}</i>", **middle, **place)]
    return [
        name,
        words(f"<b>{told}</b>", x=round(right, 4), xanchor="right", font=ink, **at),
    ]


def change_headline(reader: Reader) -> str:
    """Say which factors rose and fell since the last wave, as their verdicts say."""
    rows = reader.changes()
    told = [row for row in rows if reader.number(row, "change") is not None]
    rose = [row for row in told if row["verdict"] == "rose"]
    fell = [row for row in told if row["verdict"] == "fell"]
    if not told:
        return reader.text("What changed cannot be told yet: it takes two waves that can be compared")
    if not rose and not fell:
        return reader.text("No factor has clearly moved since the last wave")
    up, down = max(rose, key=_change, default=None), min(fell, key=_change, default=None)
    if up is None and down is not None:
        return reader.text("{factor} fell since the last wave", factor=reader.label(down["factor"]))
    if down is None and up is not None:
        if len(rose) == 1:
            return reader.text("{factor} rose since the last wave", factor=reader.label(up["factor"]))
        return reader.text(
            "{count} of eight factors rose since the last wave, {factor} most",
            count=len(rose),
            factor=reader.label(up["factor"]),
        )
    return reader.text(
        "{up} rose most since the last wave, {down} fell",
        up=reader.label(up["factor"] if up else ""),
        down=reader.label(down["factor"] if down else ""),
    )


def _change(row: Mapping[str, Any]) -> float:
    return float(row["change"])


@FIGURES.register("factor_change")
def factor_change(reader: Reader) -> Plate:
    """Draw the change of each factor since the last wave with its interval and verdict."""
    last = reader.changes()
    lines = [
        Line(
            label=reader.label(row["factor"]),
            short=reader.short(row["factor"]),
            row=row,
            name="change",
            aside=reader.label(row["verdict"]),
            strong=row["verdict"] == "fell",
        )
        for row in last
    ]
    if not shown(reader, lines):
        return nothing(reader, "factor_change", change_headline(reader), "factor_change")
    plot, narrow = forest(
        reader, Panel(table="factor_change", lines=lines, zero=0.0, signed=True), left=240, right=270
    )
    headline = change_headline(reader)
    return Plate(
        name="factor_change",
        headline=headline,
        subtitle=reader.text(
            "Change of the mean score from wave {first} to {last}, points on the scale of 1 to 5, 95 % "
            "interval; {design}",
            first=reader.label(last[0]["from_wave"]),
            last=reader.label(last[0]["to_wave"]),
            design=reader.label(last[0]["design"]),
        ),
        alt=reader.text(
            "Dot chart of the change of eight factors with intervals. {finding}", finding=headline
        ),
        tables=("factor_change",),
        keep={"factor_change": {"unit": "all"}},
        plot=plot,
        narrow=narrow,
        definition=reader.text(
            "A change is told as risen or fallen only where its whole interval lies on one side of "
            "zero, and as "
            "no change only where it lies within what would not matter."
        ),
        n=reader.count(last[0]["n"]),
    )


@FIGURES.register("needs")
def needs(reader: Reader) -> Plate:
    """Draw importance minus performance of each factor, largest need first."""
    rows = list(reader.rows("needs", unit="all"))
    rows.sort(key=lambda row: -(reader.number(row, "need") or -9.0))
    lines = [
        Line(
            label=reader.label(row["factor"]),
            short=reader.short(row["factor"]),
            row=row,
            name="need",
            aside="" if row["verdict"] == "need" else reader.label(row["verdict"]),
            strong=place == 0,
        )
        for place, row in enumerate(rows)
    ]
    if not shown(reader, lines):
        return nothing(reader, "needs", reader.text("What is needed most cannot be told yet"), "needs")
    plot, narrow = forest(
        reader, Panel(table="needs", lines=lines, zero=0.0, signed=True), left=240, right=200
    )
    top = rows[0]
    headline = (
        reader.text(
            "The greatest need: {factor}"
            if stands_out(reader, lines)
            else "The greatest need, not clearly before the next: {factor}",
            factor=reader.label(top["factor"]),
        )
        if top["verdict"] == "need"
        else reader.text("No factor lags clearly behind its importance")
    )
    return Plate(
        name="needs",
        headline=headline,
        subtitle=reader.text("Importance minus performance, points on the scale of 1 to 5, 95 % interval"),
        alt=reader.text(
            "Dot chart of the need for eight factors with intervals. {finding}", finding=headline
        ),
        tables=("needs",),
        plot=plot,
        narrow=narrow,
        definition=reader.text("Need is how important people find a factor minus how well it works today."),
        n=reader.count(top["n"]),
    )


@FIGURES.register("drivers")
def drivers(reader: Reader) -> Plate:
    """Draw which factors go with recommending."""
    rows = sorted(reader.rows("drivers"), key=lambda row: -(reader.number(row, "weight") or -9.0))
    lines = [
        Line(
            label=reader.label(row["factor"]),
            short=reader.short(row["factor"]),
            row=row,
            name="weight",
            aside=why_not(reader, row, "weight"),
        )
        for row in rows
    ]
    if not shown(reader, lines):
        return nothing(
            reader, "drivers", reader.text("What goes with recommending cannot be told yet"), "drivers"
        )
    clear = stands_out(reader, lines)
    if clear:
        lines[0] = replace(lines[0], strong=True)
    plot, narrow = forest(reader, Panel(table="drivers", lines=lines), left=240, right=130)
    headline = (
        reader.text(
            "{factor} goes with recommending more than any other factor",
            factor=reader.label(rows[0]["factor"]),
        )
        if clear
        else reader.text("No factor clearly goes with recommending more than the others")
    )
    return Plate(
        name="drivers",
        headline=headline,
        subtitle=reader.text("Relative weight in explaining recommendation, 95 % interval"),
        alt=reader.text(
            "Dot chart of the weights of eight factors with intervals. {finding}", finding=headline
        ),
        tables=("drivers",),
        plot=plot,
        narrow=narrow,
        definition=reader.text(
            "The weights share out what the eight factors together explain of the answers to the "
            "recommendation question."
        ),
        n=reader.count(rows[0]["n"]),
        grade="associated",
    )
