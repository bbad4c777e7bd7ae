"""The double cycle: the eight factors as a river whose width is the score, with the bottleneck marked.

This file says what is drawn; `river` draws it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from smf_helpers.figures.plate import Plate
from smf_helpers.figures.reader import Reader
from smf_helpers.figures.register import FIGURES
from smf_helpers.framework import FACTORS, LINK
from smf_helpers.results.publication import Mark

SURE = 0.5
"""A factor is named the bottleneck when it is the weakest in more than this share of the draws."""


@FIGURES.register("double_cycle")
def double_cycle(reader: Reader) -> Plate:
    """Draw the latest wave of the whole organisation round the double cycle."""
    wave = reader.latest()
    rows = {row["factor"]: row for row in reader.rows("factors", unit="all", wave=wave)}
    told = {key: row for key, row in rows.items() if reader.number(row, "mean") is not None}
    narrow = bottleneck(reader)
    if not told:
        return _nothing(reader)
    stations = [_station(reader, rows.get(factor.key), factor.key, narrow) for factor in FACTORS]
    headline = cycle_headline(reader, narrow)
    flow = {row["cycle"]: row for row in reader.rows("flow", unit="all", wave=wave)}
    return Plate(
        name="double_cycle",
        headline=headline,
        subtitle=reader.text(
            "Mean score of each factor, 1 to 5, whole organisation, wave {wave}; the wider the river, the "
            "better it flows; pale banks: 95 % interval",
            wave=reader.label(wave),
        ),
        alt=reader.text(
            "Drawing of the double cycle as a figure of eight with a score for each of eight factors. "
            "{finding}",
            finding=headline,
        ),
        tables=("factors", "flow", "bottleneck"),
        keep={name: {"wave": str(wave), "unit": "all"} for name in ("factors", "flow", "bottleneck")},
        shape="drawing",
        drawing={
            "stations": stations,
            "cycles": [_cycle(reader, flow.get(key), key) for key in ("internal", "external", "link")],
            "held": reader.text("holds the flow back"),
        },
        definition=reader.text(
            "A factor's score is the mean of its items on the scale of 1 to 5. The bottleneck is the factor "
            "that comes out weakest when the sampling error is drawn again and again."
        ),
        n=reader.count(next(iter(told.values()))["n"]),
        movement=_movement(reader),
        note=_untold(reader, rows, stations),
        wide=True,
    )


def _untold(
    reader: Reader, rows: Mapping[str, Mapping[str, Any]], stations: Sequence[Mapping[str, Any]]
) -> str:
    """Say once what the dash in a circle stands for."""
    marks = dict.fromkeys(
        reader.refusal(rows.get(each["key"]) or {}, "mean") for each in stations if each["value"] is None
    )
    return f"–: {', '.join(marks)}" if marks else ""


def bottleneck(reader: Reader, unit: str = "all") -> dict[str, Any] | None:
    """Give the row of the factor that most probably holds the flow back at the latest wave."""
    rows = [
        row
        for row in reader.rows("bottleneck", unit=unit, wave=reader.latest("bottleneck"))
        if reader.number(row, "probability") is not None
    ]
    return max(rows, key=lambda row: row["probability"], default=None)


def cycle_headline(reader: Reader, narrow: Mapping[str, Any] | None) -> str:
    """Say which factor holds the flow back, or that it cannot be told."""
    if narrow is None:
        return reader.text("Which factor holds the flow back cannot be told yet")
    chance = reader.language.percent(min(float(narrow["probability"]), 0.99))
    name = reader.label(narrow["factor"])
    if narrow["probability"] > SURE:
        if narrow["probability"] > 0.99:  # nothing is ever quite sure
            return reader.text(
                "{factor} holds the flow back (over {chance} sure)", factor=name, chance=chance
            )
        return reader.text("{factor} holds the flow back ({chance} sure)", factor=name, chance=chance)
    return reader.text(
        "No single factor stands out as the bottleneck; {factor} comes nearest ({chance})",
        factor=name,
        chance=chance,
    )


def _nothing(reader: Reader) -> Plate:
    table = reader.table("factors")
    hidden = any(row.get("mean") is Mark.CONFIDENTIAL for row in reader.rows("factors"))
    return Plate(
        name="double_cycle",
        headline=reader.text("The double cycle cannot be drawn"),
        tables=("factors",),
        shape="mark",
        mark=Mark.CONFIDENTIAL if hidden else Mark.UNSURE,
        reason=reader.finished(table.reason) if table else "",
    )


def _movement(reader: Reader) -> str:
    row = next((row for row in reader.changes() if row["factor"] == LINK), None)
    if row is None or reader.number(row, "change") is None:
        return ""
    return reader.text(
        "the link {change}", change=reader.estimate(row, "factor_change", "change", signed=True)
    )


def _station(
    reader: Reader, row: Mapping[str, Any] | None, key: str, narrow: Mapping[str, Any] | None
) -> dict[str, Any]:
    value = reader.number(row, "mean") if row else None
    low, high = reader.interval(row, "mean") if row else (None, None)
    held = narrow is not None and narrow["factor"] == key and narrow["probability"] > SURE
    return {
        "key": key,
        "name": reader.short(key) if key != LINK else reader.label(key),
        "value": value,
        "low": low,
        "high": high,
        "score": reader.language.number(value, 1) if value is not None else "–",
        "range": f"{reader.language.number(low, 1)}–{reader.language.number(high, 1)}"
        if low is not None and high is not None
        else ""
        if value is None
        else reader.refusal(row or {}, "mean"),
        "held": held,
    }


def _cycle(reader: Reader, row: Mapping[str, Any] | None, key: str) -> dict[str, Any]:
    names = {
        "internal": reader.text("Internal cycle"),
        "external": reader.text("External cycle"),
        "link": reader.text("The link"),
    }
    kinds = {
        "internal": reader.text("strategy"),
        "external": reader.text("implementation"),
        "link": reader.text("joins both"),
    }
    flow = reader.estimate(row, "flow", "value") if row else reader.text(str(Mark.UNSURE.value))
    return {"key": key, "name": names[key], "kind": kinds[key], "flow": reader.text("flow {flow}", flow=flow)}
