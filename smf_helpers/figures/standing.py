"""Organisations side by side: where half of them stand, and where this one does.

Made for the pages of the portfolio only, so it is not registered with the figures of a client's report.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from smf_helpers.figures.forest import Line, Panel, forest, shown
from smf_helpers.figures.parts import nothing
from smf_helpers.figures.plate import Plate
from smf_helpers.figures.reader import Reader
from smf_helpers.figures.vocabulary import UNITS

BOUNDS: Final = {"scale points": (1.0, 5.0)}
_BAND: Final = ("quarter_low", "quarter_high")


def benchmark(reader: Reader) -> Plate:
    """Draw where the organisations lie: the middle one, and the half around it."""
    rows = reader.rows("benchmark")
    lines = [
        _line(reader, row, "", reader.text("half {low} to {high}", **_half(reader, row))) for row in rows
    ]
    if not shown(reader, lines):
        return nothing(
            reader, "benchmark", reader.text("The organisations cannot be compared yet"), "benchmark"
        )
    told = [each for each in lines if reader.number(each.row, "value") is not None]
    factors = [each for each in told if each.row["unit_of"] == "scale points"] or told
    best = max(factors, key=lambda each: each.row["value"])
    weak = min(factors, key=lambda each: each.row["value"])
    headline = reader.text(
        "Comparable organisations are best at {best}, weakest at {weak}", best=best.label, weak=weak.label
    )
    plot, narrow = forest(reader, *_panels(reader, "benchmark", lines), left=190, right=265)
    return Plate(
        name="benchmark",
        headline=headline,
        subtitle=reader.text(
            "The middle organisation with its 95 % interval; bar: where half of the organisations stand"
        ),
        alt=reader.text("Dot chart of organisations by measure. {finding}", finding=headline),
        tables=("benchmark",),
        plot=plot,
        narrow=narrow,
        wide=True,
        definition=reader.text(
            "The spread of the organisations is freed from the error of each one's own measurement (partial pooling)."
        ),
        n=_organisations(reader, rows),
    )


def standing(reader: Reader) -> Plate:
    """Draw one organisation beside the others: its own dot, their bar, and its quarter in words."""
    rows = reader.rows("standing")
    lines = [_line(reader, row, "others", _place(reader, row)) for row in rows]
    if not shown(reader, lines):
        return nothing(reader, "standing", reader.text("There is nothing to compare yet"), "standing")
    known = [str(row["quarter"]) for row in rows]
    if not any(known):
        headline = reader.text("There are too few comparable organisations yet")
    elif "best quarter" in known:
        names = [each.label for each in lines if each.row["quarter"] == "best quarter"]
        headline = reader.text(
            "Like the best quarter of comparable organisations: {names}", names=_list(names)
        )
    else:
        headline = reader.text("On no measure clearly in the best quarter of comparable organisations")
    plot, narrow = forest(reader, *_panels(reader, "standing", lines), left=190, right=265)
    return Plate(
        name="standing",
        headline=headline,
        subtitle=reader.text(
            "Dot and line: this organisation with its 95 % interval; bar: where half of the others stand; grey: the middle one"
        ),
        alt=reader.text("Dot chart of one organisation beside others. {finding}", finding=headline),
        tables=("standing",),
        plot=plot,
        narrow=narrow,
        wide=True,
        definition=reader.text(
            "A quarter is named where it is at least 80 % sure; each organisation is drawn towards the others as far as "
            "its own measurement is uncertain (partial pooling)."
        ),
        n=_organisations(reader, rows),
    )


def _line(reader: Reader, row: Mapping[str, Any], ghost: str, aside: str) -> Line:
    told = reader.number(row, "value") is not None
    return Line(
        label=reader.label(row["measure"]),
        row=row,
        name="value",
        ghost=ghost,
        band=_BAND,
        said=_said(reader, row) if told else "",
        aside=aside if told else reader.finished(row["reason"]),
        strong=row.get("quarter") == "last quarter",
        short=reader.short(str(row["measure"])),
    )


def _said(reader: Reader, row: Mapping[str, Any]) -> str:
    low, high = (_number(reader, row, row[name]) for name in ("low", "high"))
    return reader.text(
        "{value} ({low} to {high})", value=_number(reader, row, row["value"]), low=low, high=high
    )


def _number(reader: Reader, row: Mapping[str, Any], value: Any) -> str:
    if not isinstance(value, int | float):
        return "–"
    return reader.language.number(value, 0 if row["unit_of"] in ("percent", "points") else 1)


def _half(reader: Reader, row: Mapping[str, Any]) -> dict[str, str]:
    return {side: _number(reader, row, row[f"quarter_{side}"]) for side in ("low", "high")}


def _place(reader: Reader, row: Mapping[str, Any]) -> str:
    return reader.label(row["quarter"]) if row["quarter"] else reader.text("too few to compare")


def _panels(reader: Reader, table: str, lines: Sequence[Line]) -> list[Panel]:
    units = list(dict.fromkeys(str(each.row["unit_of"]) for each in lines))
    made = []
    for unit in units:
        mine = [each for each in lines if each.row["unit_of"] == unit]
        if shown(reader, mine):
            title = reader.text(UNITS.get(unit, unit)).capitalize()
            made.append(Panel(table=table, lines=mine, title=title, bounds=BOUNDS.get(unit)))
    return made


def _organisations(reader: Reader, rows: Sequence[Mapping[str, Any]]) -> str:
    most = max((int(row["clients"]) for row in rows), default=0)
    return reader.plural("{n} organisation", "{n} organisations", most)


def _list(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (" …" if len(names) > 3 else "")
