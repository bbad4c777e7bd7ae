"""Charts that Office can draw itself, so that a consultant can edit them: one source for slides and sheets.

Every value is a published cell. An interval is drawn as the error bar of its dot, from the published low to the
published high, which Office and LibreOffice draw alike; both limits are series of the chart, so they can be read and edited.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from smf_helpers.figures import FIGURES, Plate, Reader
from smf_helpers.figures.learning import scale_words, skill_scale, weeks_that_matter
from smf_helpers.figures.reader import iso, limits
from smf_helpers.results.catalogue import CATALOGUE
from smf_helpers.results.publication import Cell

Role = Literal["value", "low", "high", "dots", "dashed", "bar"]
MOST_POINTS = 60
"""Points of a line that a slide can carry; of longer series every second, third, … is taken, and the last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One series of a chart: its name, its published values, how it is drawn, and its named colour if not the next."""

    name: str
    values: tuple[float | None, ...]
    role: Role = "value"
    hue: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeChart:
    """A chart for slides and sheets.

    Attributes
    ----------
    name : figure that it stands for.
    kind : ``interval`` (dots with intervals by category), ``line`` (over time) or ``stack`` (parts of a whole).
    percent : values are shares.
    low, high : ends of the value axis, None to fit.
    measure : what is measured, in which unit; the figure's own words where it draws the same.
    percents : how the reader's language writes a share.
    """

    name: str
    plate: Plate
    kind: Literal["interval", "line", "stack"]
    categories: tuple[str, ...]
    series: tuple[Series, ...]
    percent: bool = False
    low: float | None = None
    high: float | None = None
    measure: str = ""
    percents: str = "0%"


def number_format(chart: OfficeChart) -> str:
    """Give the format of a chart's numbers: percents, whole numbers where all are, else one decimal."""
    told = [value for series in chart.series for value in series.values if value is not None]
    return (
        chart.percents
        if chart.percent
        else "0"
        if all(float(value).is_integer() for value in told)
        else "0.0"
    )


def reaches(chart: OfficeChart) -> tuple[list[float], list[float]]:
    """Give how far each dot's interval reaches above and below it; nowhere where a limit is not shown."""
    of = {series.role: series.values for series in chart.series}
    above = [
        round(high - value, 6) if high is not None and value is not None else 0.0
        for high, value in zip(of["high"], of["value"], strict=True)
    ]
    below = [
        round(value - low, 6) if low is not None and value is not None else 0.0
        for low, value in zip(of["low"], of["value"], strict=True)
    ]
    return above, below


Rows = Sequence[Mapping[str, Any]]


def office_charts(reader: Reader) -> list[OfficeChart]:
    """Give every chart that the release has numbers for, in reading order."""
    sections = reader.release.sections

    def wanted(plate: Plate) -> bool:
        return not sections or any(CATALOGUE[name].section in sections for name in plate.tables)

    made = []
    for name, make in _MAKERS.items():
        plate = FIGURES[name](reader)
        if plate.shape == "mark" or not wanted(plate):
            continue
        chart = make(reader, plate)
        if chart is not None:
            measure = _measure(reader, plate) or plate.subtitle
            percents = reader.language.percent(0).replace("\u00a0", "\\ ")
            made.append(replace(chart, measure=measure, percents=percents))
    return made


def _measure(reader: Reader, plate: Plate) -> str:
    """Give the words of a chart that is drawn in another way than its figure; nothing for the others."""
    name = plate.name
    if name == "factor_waves":
        return reader.text(
            "Mean score of each factor, 1 to 5, whole organisation, wave {wave}, 95 % interval",
            wave=reader.label(reader.latest()),
        )
    if name == "barriers":
        return reader.text(
            "People who name each barrier, wave {wave}, 95 % interval",
            wave=reader.label(reader.latest("barriers")),
        )
    if name == "learning_curve":
        return reader.text(
            "Skill on the scale of {low} to {high} by weeks since the first measurement",
            **scale_words(reader),
        )
    if name == "learning_units":
        return reader.text("Typical skill now, {low} to {high}, 95 % interval", **scale_words(reader))
    if name == "rollout":
        return reader.text("Mean change of the eight factors since joining, 95 % interval")
    if name == "path_over_time":
        return reader.text("Share of people at each stage")
    if name == "recommendation" and not plate.note:  # a note says that the intervals are not shown
        return reader.text("Promoters (9–10) minus detractors (0–6), points, 95 % interval")
    return ""


def _intervals(
    reader: Reader, plate: Plate, rows: Rows, key: str, value: str, *, percent: bool = False, **ends: float
) -> OfficeChart | None:
    told = [row for row in rows if reader.number(row, value) is not None]
    if not told:
        return None
    low, high = limits(value)
    parts: tuple[tuple[str, str, Role], ...] = (
        (reader.text("High"), high, "high"),
        (reader.text("Low"), low, "low"),
        (reader.text("Value"), value, "value"),
    )
    return OfficeChart(
        name=plate.name,
        plate=plate,
        kind="interval",
        categories=tuple(reader.short(str(row[key])) for row in told),
        series=tuple(
            Series(name=name, values=tuple(reader.number(row, column) for row in told), role=role)
            for name, column, role in parts
        ),
        percent=percent,
        low=ends.get("low"),
        high=ends.get("high"),
    )


def _factors(reader: Reader, plate: Plate) -> OfficeChart | None:
    rows = reader.rows("factors", unit="all", wave=reader.latest())
    return _intervals(reader, plate, rows, "factor", "mean", low=1, high=5)


def _latest(
    table: str, key: str, value: str, percent: bool = False, *, ranked: bool = False
) -> Callable[..., OfficeChart | None]:
    def make(reader: Reader, plate: Plate) -> OfficeChart | None:
        rows = [row for row in reader.rows(table) if row.get("unit", "all") == "all" or key == "unit"]
        if rows and "wave" in rows[0]:
            rows = [row for row in rows if row["wave"] == reader.latest(table)]
        if table == "factor_change":
            rows = reader.changes()
        if ranked:
            rows = sorted(rows, key=lambda row: -(reader.number(row, value) or -9.0))
        ends = {"low": 0.0} if percent else {}
        return _intervals(reader, plate, rows, key, value, percent=percent, **ends)

    return make


def _lines(
    reader: Reader,
    plate: Plate,
    rows: Rows,
    labels: Sequence[str],
    columns: Sequence[tuple[str, str, Role]],
    **more: Any,
) -> OfficeChart | None:
    step = -(-len(rows) // MOST_POINTS)
    taken = sorted({*range(0, len(rows), max(step, 1)), len(rows) - 1}) if rows else []
    series = tuple(
        Series(name=name, values=tuple(reader.number(rows[i], column) for i in taken), role=role)
        for name, column, role in columns
    )
    shown = tuple(each for each in series if any(value is not None for value in each.values))
    if not shown:
        return None
    return OfficeChart(
        name=plate.name,
        plate=plate,
        kind="line",
        categories=tuple(labels[i] for i in taken),
        series=shown,
        **more,
    )


def _month(reader: Reader, day: Cell) -> str:
    return reader.language.date(iso(day), "LLL y" if reader.language.code == "en" else "M/y")


def _adoption(reader: Reader, plate: Plate) -> OfficeChart | None:
    found = sorted(reader.rows("adoption_curve", unit="all"), key=lambda row: iso(row["at"]))
    rows = [{**row, str(row["phase"]): row["fitted"], "seen": row["observed"]} for row in found]
    labels = [_month(reader, row["at"]) for row in rows]
    columns: list[tuple[str, str, Role]] = [
        (reader.text("observed"), "seen", "dots"),
        (reader.text("fitted"), "observed", "value"),
        (reader.text("forecast"), "forecast", "value"),
        (reader.text("Low"), "low", "low"),
        (reader.text("High"), "high", "high"),
    ]
    return _lines(reader, plate, rows, labels, columns, percent=True, low=0.0)


def _participation(reader: Reader, plate: Plate) -> OfficeChart | None:
    rows = sorted(reader.rows("participation", unit="all"), key=lambda row: iso(row["week"]))
    labels = [_month(reader, row["week"]) for row in rows]
    columns: list[tuple[str, str, Role]] = [
        (reader.text("active"), "active", "value"),
        (reader.text("for the first time"), "new", "dashed"),
        (reader.text("stopped"), "lapsed", "dashed"),
    ]
    if plate.note:  # the figure leaves them out as well: too few to be seen
        columns = columns[:1]
    return _lines(reader, plate, rows, labels, columns, percent=True, low=0.0)


def _learning(reader: Reader, plate: Plate) -> OfficeChart | None:
    rows = [row for row in reader.rows("learning_curve") if reader.number(row, "level") is not None]
    rows = rows[: weeks_that_matter(rows)] if rows else []
    labels = [reader.language.number(row["week"], 0) for row in rows]
    columns: list[tuple[str, str, Role]] = [
        (reader.text("the quickest"), "people_high", "dashed"),
        (reader.text("High"), "high", "high"),
        (reader.text("typical learner"), "level", "value"),
        (reader.text("Low"), "low", "low"),
        (reader.text("the slowest"), "people_low", "dashed"),
    ]
    low, high = skill_scale(reader)
    return _lines(reader, plate, rows, labels, columns, low=low, high=high)


def _learning_units(reader: Reader, plate: Plate) -> OfficeChart | None:
    low, high = skill_scale(reader)
    return _intervals(reader, plate, reader.rows("learning_units"), "unit", "level", low=low, high=high)


def _recommendation(reader: Reader, plate: Plate) -> OfficeChart | None:
    rows = [row for wave in reader.waves for row in reader.rows("recommendation", unit="all", wave=wave)]
    return _intervals(reader, plate, rows, "wave", "value")


def _path(reader: Reader, plate: Plate) -> OfficeChart | None:
    rows = reader.rows("path_occupancy", unit="all")
    days = sorted({iso(row["at"]) for row in rows})
    stages = list(dict.fromkeys(row["stage"] for row in rows))
    cells = {(iso(row["at"]), row["stage"]): reader.number(row, "share") for row in rows}
    return OfficeChart(
        name=plate.name,
        plate=plate,
        kind="stack",
        categories=tuple(reader.day(day) for day in days),
        series=tuple(
            Series(
                name=reader.stage(stage),
                values=tuple(cells.get((day, stage)) for day in days),
                role="bar",
                hue={"none": "faint", "personal": "sky", "internal": "primary", "customer": "accent"}.get(
                    str(stage), ""
                ),
            )
            for stage in stages
        ),
        percent=True,
        low=0.0,
        high=1.0,
    )


_MAKERS: dict[str, Callable[[Reader, Plate], OfficeChart | None]] = {
    "factor_waves": _factors,
    "factor_change": _latest("factor_change", "factor", "change"),
    "needs": _latest("needs", "factor", "need", ranked=True),
    "drivers": _latest("drivers", "factor", "weight", True, ranked=True),
    "learning_curve": _learning,
    "learning_units": _learning_units,
    "adoption_curve": _adoption,
    "participation": _participation,
    "adoption_units": _latest("adoption_units", "unit", "share", True, ranked=True),
    "adoption_sources": _latest("adoption_sources", "source", "share", True, ranked=True),
    "path_over_time": _path,
    "barriers": _latest("barriers", "barrier", "share", True, ranked=True),
    "comment_themes": _latest("comment_themes", "theme", "share", True, ranked=True),
    "conditions": _latest("conditions", "condition", "share", True),
    "segments": _latest("segments", "segment", "share", True),
    "recommendation": _recommendation,
    "rollout": _latest("rollout", "unit", "change"),
}
