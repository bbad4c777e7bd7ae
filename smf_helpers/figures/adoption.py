"""Adoption: the curve with what was done on the way, and what earlier forecasts of it were worth."""

from collections.abc import Mapping, Sequence
from typing import Any

from smf_helpers.figures.forest import Line, Panel, forest, shown
from smf_helpers.figures.parts import band, dates, dots, end_label, line, nothing, percents, separators, up_to
from smf_helpers.figures.plate import Plate
from smf_helpers.figures.reader import Reader, iso
from smf_helpers.figures.register import FIGURES
from smf_helpers.figures.theme import axis, layout, plain, words

LEVELS = 4
"""Heights at which the names of interventions are staggered above the curve."""


@FIGURES.register("adoption_curve")
def adoption_curve(reader: Reader) -> Plate:
    """Draw observed and fitted adoption, the forecast with its band, and the interventions."""
    rows = sorted(reader.rows("adoption_curve", unit="all"), key=lambda row: iso(row["at"]))
    told = [row for row in rows if _known(reader, row)]
    if len(told) < 2:
        return nothing(
            reader, "adoption_curve", reader.text("How adoption spreads cannot be told yet"), "adoption_curve"
        )
    headline = adoption_headline(reader)
    top = up_to(
        [value for row in told for value in (reader.number(row, "high"), reader.number(row, "observed"))]
    )
    deeds = _deeds(reader, iso(told[0]["at"]), iso(told[-1]["at"]))
    plot = {
        "data": [*_forecast(reader, told), *_seen(reader, told)],
        "layout": _layout(reader, told, top, deeds),
    }
    return Plate(
        name="adoption_curve",
        headline=headline,
        subtitle=_subtitle(reader, told),
        alt=reader.text(
            "Line chart of the share of adopters over time with a forecast and {count} interventions. "
            "{finding}",
            count=len(deeds),
            finding=headline,
        ),
        tables=("adoption_curve", "interventions"),
        plot=plot,
        narrow=_narrow(reader, told, top, deeds),
        definition=reader.text(
            "Who counts as an adopter is set in the client's parameters; who has not adopted counts as "
            "still waiting."
        ),
        n=reader.count(told[-1]["n"]),
        note=" ".join(part for part in (_uncurved(reader, told), _dated(reader, deeds)) if part),
        wide=True,
    )


def _subtitle(reader: Reader, rows: Sequence[Mapping[str, Any]]) -> str:
    """Name what is drawn, and nothing that is not."""
    if _uncurved(reader, rows):
        return reader.text("Adopters of the eligible people; dots: observed")
    if any(row["phase"] == "forecast" and reader.number(row, "fitted") is not None for row in rows):
        return reader.text(
            "Adopters of the eligible people; dots: observed; line: fitted curve; dashed: forecast; "
            "band: 95 % interval"
        )
    return reader.text(
        "Adopters of the eligible people; dots: observed; line: fitted curve; band: 95 % interval"
    )


def adoption_headline(reader: Reader) -> str:
    """Say where adoption stands, and where it goes if a forecast is told."""
    rows = sorted(reader.rows("adoption_curve", unit="all"), key=lambda row: iso(row["at"]))
    seen = [row for row in rows if reader.number(row, "observed") is not None]
    ahead = [row for row in rows if row["phase"] == "forecast" and reader.number(row, "fitted") is not None]
    if not seen:
        return reader.text("How adoption spreads cannot be told yet")
    now = reader.language.percent(seen[-1]["observed"])
    when = reader.day(iso(seen[-1]["at"]), "long")
    low, high = reader.interval(ahead[-1], "fitted") if ahead else (None, None)
    if low is None or high is None:
        return reader.text("{share} had adopted by {date}", share=now, date=when)
    return reader.text(
        "{share} had adopted by {date}; {low} to {high} are expected by {later}",
        share=now,
        date=when,
        low=reader.language.percent(low),
        high=reader.language.percent(high),
        later=reader.day(iso(ahead[-1]["at"]), "long"),
    )


def _uncurved(reader: Reader, rows: Sequence[Mapping[str, Any]]) -> str:
    """Say why there are only dots, where no curve may be drawn."""
    if any(reader.number(row, "fitted") is not None for row in rows):
        return ""
    figures = reader.table("adoption_summary")
    why = reader.finished(figures.note) if figures else ""
    return f"{reader.text('No curve is drawn.')} {why}".strip()


def _dated(reader: Reader, deeds: Sequence[tuple[str, str]]) -> str:
    if not deeds:
        return ""
    return reader.text("A date beside a change is no proof of its cause: see the ledger of interventions.")


def _known(reader: Reader, row: Mapping[str, Any]) -> bool:
    return reader.number(row, "fitted") is not None or reader.number(row, "observed") is not None


def _seen(reader: Reader, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    seen = [row for row in rows if reader.number(row, "observed") is not None]
    said = [
        plain(f"{reader.day(iso(row['at']))}: {reader.language.percent(row['observed'])}") for row in seen
    ]
    look = {"color": "$ink", "size": 5}
    return [
        dots([iso(row["at"]) for row in seen], [row["observed"] for row in seen], "$ink", said, marker=look)
    ]


def _forecast(reader: Reader, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    fitted = [row for row in rows if reader.number(row, "fitted") is not None]
    seen = [row for row in fitted if row["phase"] != "forecast"]
    ahead = seen[-1:] + [row for row in fitted if row["phase"] == "forecast"]
    made = []
    for part, colour, dash, shade in (
        (seen, "$primary", "solid", "$primary@0.18"),
        (ahead, "$accent", "dash", "$accent@0.16"),
    ):
        if len(part) < 2:
            continue
        at = [iso(row["at"]) for row in part]
        sides = [reader.interval(row, "fitted") for row in part]
        said = [
            plain(f"{reader.day(iso(row['at']))}: {reader.estimate(row, 'adoption_curve', 'fitted')}")
            for row in part
        ]
        made.append(band(at, [low for low, _ in sides], [high for _, high in sides], shade))
        look = {"width": 3, "dash": dash}
        made.append(line(at, [row["fitted"] for row in part], colour, said, line=look))
    return made


def _deeds(reader: Reader, first: str, last: str) -> list[tuple[str, str]]:
    """Give date and name of each intervention within the picture, once each."""
    found = {
        str(row["intervention"]): iso(row["starts_on"])
        for row in reader.rows("interventions")
        if first <= iso(row["starts_on"]) <= last
    }
    return sorted((when, reader.label(name)) for name, when in found.items())


def _layout(
    reader: Reader, rows: Sequence[Mapping[str, Any]], top: float, deeds: Sequence[tuple[str, str]]
) -> dict[str, Any]:
    made = layout(
        height=430 if len(rows) > 3 else 250,
        left=46,
        right=112,
        separators=separators(reader),
        yaxis=percents(reader, top, domain=[0, 0.76] if deeds else [0, 1]),
        xaxis=axis(**dates(reader)),
        shapes=_rules(deeds, rows),
        annotations=[*_names(deeds, rows), *_ends(reader, rows)],
    )
    made["margin"] |= {"t": 8}
    return made


def _narrow(
    reader: Reader, rows: Sequence[Mapping[str, Any]], top: float, deeds: Sequence[tuple[str, str]]
) -> dict[str, Any]:
    numbered = [(when, str(place + 1)) for place, (when, _) in enumerate(deeds)]
    key = " · ".join(f"{place + 1} {plain(name)}" for place, (_, name) in enumerate(deeds))
    notes = [words(f"<b>{name}</b>", x=when, y=1, yref="paper", yanchor="bottom") for when, name in numbered]
    lines = _lines(key, 44)
    if lines:
        notes.append(
            words(
                "<br>".join(lines),
                x=0,
                xref="paper",
                xanchor="left",
                y=0,
                yref="paper",
                yanchor="top",
                align="left",
                yshift=-30,
            )
        )
    return {
        "height": 330 + 16 * len(lines),
        "margin": {"l": 40, "r": 12, "t": 22, "b": 34 + 16 * len(lines), "pad": 2},
        "yaxis": percents(reader, top, domain=[0, 1]),
        "xaxis": axis(**dates(reader, nticks=4)),
        "annotations": notes,
    }


def _lines(text: str, letters: int) -> list[str]:
    found: list[str] = []
    for part in text.split(" · ") if text else []:
        if found and len(found[-1]) + len(part) + 3 <= letters:
            found[-1] += " · " + part
        else:
            found.append(part)
    return found


def _rules(deeds: Sequence[tuple[str, str]], rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    seen = [iso(row["at"]) for row in rows if row["phase"] != "forecast"]
    heights = _heights(deeds)
    made = [_rule(when, height, "$faint", "dot") for (when, _), height in zip(deeds, heights, strict=True)]
    return [*made, _rule(seen[-1], 0.76, "$rule", "solid")] if seen and len(seen) < len(rows) else made


def _rule(when: str, height: float, colour: str, dash: str) -> dict[str, Any]:
    return {
        "type": "line",
        "x0": when,
        "x1": when,
        "y0": 0,
        "y1": height,
        "yref": "paper",
        "line": {"color": colour, "width": 1.2, "dash": dash},
        "layer": "below",
    }


def _heights(deeds: Sequence[tuple[str, str]]) -> list[float]:
    return [0.98 - 0.06 * (place % LEVELS) for place in range(len(deeds))]


def _names(deeds: Sequence[tuple[str, str]], rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [
        words(
            plain(name),
            x=when,
            xanchor="left",
            xshift=4,
            y=height,
            yref="paper",
            yanchor="middle",
            font={"color": "$ink", "size": 12},
        )
        for (when, name), height in zip(deeds, _heights(deeds), strict=True)
    ]


def _ends(reader: Reader, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    last = next((row for row in reversed(rows) if reader.number(row, "fitted") is not None), None)
    if last is None:
        return []
    ahead = last["phase"] == "forecast"
    name = reader.text("forecast") if ahead else reader.text("fitted")
    value = reader.language.percent(last["fitted"])
    return [end_label(f"{name} {value}", last["fitted"], "$accentink" if ahead else "$primary")]


@FIGURES.register("backtest")
def backtest(reader: Reader) -> Plate:
    """Draw earlier forecasts against what came."""
    rows = reader.rows("adoption_backtest")
    lines = [
        Line(
            label=reader.text("by {date}", date=reader.day(iso(row["for_date"]))),
            row=row,
            name="predicted",
            ghost="observed",
            aside=reader.label(row["verdict"]),
            strong=row["verdict"] == "outside",
        )
        for row in rows
    ]
    if not shown(reader, lines):
        why = (
            reader.text("No earlier forecast was better than a straight line on, so none is shown")
            if rows
            else reader.text("There is no earlier forecast to check")
        )
        return nothing(reader, "backtest", why, "adoption_backtest")
    plot, narrow = forest(reader, Panel(table="adoption_backtest", lines=lines), left=210, right=250)
    inside = sum(row["verdict"] == "inside" for row in rows)
    headline = reader.text("{inside} of {all} earlier forecasts held what came", inside=inside, all=len(rows))
    return Plate(
        name="backtest",
        headline=headline,
        subtitle=reader.text("Forecast with its 95 % interval; small grey dot below: what came"),
        alt=reader.text("Dot chart of earlier forecasts and what came. {finding}", finding=headline),
        tables=("adoption_backtest",),
        plot=plot,
        narrow=narrow,
        definition=reader.text("Each forecast was made from the data up to its date only."),
        n=reader.count(rows[-1]["n"]),
        grade="tested",
    )
