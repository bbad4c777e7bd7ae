"""Public channels: engagement over time, what works where, how fast the organisation answers."""

from collections.abc import Mapping, Sequence
from typing import Any

from smf_helpers.figures.forest import Line, Panel, forest, shown, why_not
from smf_helpers.figures.parts import band, dates, line, nothing, percents, separators, up_to
from smf_helpers.figures.plate import Plate
from smf_helpers.figures.reader import Reader, iso
from smf_helpers.figures.register import FIGURES
from smf_helpers.figures.theme import axis, layout, plain, words


@FIGURES.register("channel_months")
def channel_months(reader: Reader) -> Plate:
    """Draw engagement month by month, one panel a channel."""
    rows = [row for row in reader.rows("channel_weeks") if reader.number(row, "engagement_rate") is not None]
    channels = list(dict.fromkeys(row["channel"] for row in rows))
    if not channels:
        few = reader.text("No month has enough posts.") if reader.rows("channel_weeks") else ""
        headline = reader.text("Engagement over time cannot be shown")
        return nothing(reader, "channel_months", headline, "channel_weeks", reason=few)
    traces: list[dict[str, Any]] = []
    for place, channel in enumerate(channels):
        mine = sorted((row for row in rows if row["channel"] == channel), key=lambda row: iso(row["month"]))
        traces += _channel(reader, mine, "" if place == 0 else str(place + 1))
    headline = _months_headline(reader, rows, channels)
    columns = min(len(channels), 2)
    wide, narrow = _grid(reader, rows, channels, columns), _grid(reader, rows, channels, 1)
    down = -(-len(channels) // columns)
    made = layout(height=70 + 220 * down, left=46, right=14, separators=separators(reader), **wide)
    made["margin"] |= {"t": 30}
    return Plate(
        name="channel_months",
        headline=headline,
        subtitle=reader.text("Engagement rate by month; band: 95 % interval; each channel on its own scale"),
        alt=reader.text(
            "Line charts of engagement by month, one for each channel. {finding}", finding=headline
        ),
        tables=("channel_weeks",),
        plot={"data": traces, "layout": made},
        narrow={"height": 60 + 230 * len(channels), **narrow},
        definition=reader.text(
            "Reactions, comments and shares for each person reached; for each view where a channel tells no reach, for each follower "
            "where it tells neither. The note below the table names which; they are never mixed."
        ),
        n=reader.plural("{n} channel", "{n} channels", len(channels)),
        wide=True,
    )


def _months_headline(reader: Reader, rows: Sequence[Mapping[str, Any]], channels: Sequence[str]) -> str:
    moved = []
    for channel in channels:
        mine = sorted((row for row in rows if row["channel"] == channel), key=lambda row: iso(row["month"]))
        first, last = mine[0], mine[-1]
        high, low = reader.interval(first, "engagement_rate")[1], reader.interval(last, "engagement_rate")[0]
        if high is not None and low is not None and low > high:
            moved.append(reader.label(channel))
    if not moved:
        return reader.text("Engagement has not clearly grown on any channel")
    return reader.text("Engagement has grown on {channels}", channels=", ".join(moved))


def _channel(reader: Reader, rows: Sequence[Mapping[str, Any]], number: str) -> list[dict[str, Any]]:
    at = [iso(row["month"]) for row in rows]
    sides = [reader.interval(row, "engagement_rate") for row in rows]
    axes = {"xaxis": f"x{number}", "yaxis": f"y{number}"}
    said = [
        plain(f"{reader.day(day)}: {reader.estimate(row, 'channel_weeks', 'engagement_rate')}")
        for day, row in zip(at, rows, strict=True)
    ]
    return [
        band(at, [low for low, _ in sides], [high for _, high in sides], "$primary@0.16", **axes),
        line(at, [row["engagement_rate"] for row in rows], "$primary", said, **axes),
    ]


def _grid(
    reader: Reader, rows: Sequence[Mapping[str, Any]], channels: Sequence[str], columns: int
) -> dict[str, Any]:
    down = -(-len(channels) // columns)
    gap_x, gap_y = 0.09, 0.28 / down
    width, height = (1 - gap_x * (columns - 1)) / columns, (1 - gap_y * (down - 1)) / down
    made: dict[str, Any] = {"annotations": []}
    for place, channel in enumerate(channels):
        number = "" if place == 0 else str(place + 1)
        left, top = (place % columns) * (width + gap_x), 1 - (place // columns) * (height + gap_y)
        mine = [row for row in rows if row["channel"] == channel]
        most = up_to(
            [reader.interval(row, "engagement_rate")[1] or row["engagement_rate"] for row in mine], 0.01
        )
        made[f"xaxis{number}"] = axis(
            domain=[round(left, 4), round(left + width, 4)], anchor=f"y{number}", **dates(reader, nticks=4)
        )
        made[f"yaxis{number}"] = percents(
            reader, most, domain=[round(max(top - height, 0), 4), round(top, 4)], anchor=f"x{number}"
        )
        made["annotations"].append(
            words(
                f"<b>{plain(reader.label(channel))}</b>",
                x=round(left, 4),
                xref="paper",
                xanchor="left",
                y=round(top, 4),
                yref="paper",
                yanchor="bottom",
                yshift=6,
                font={"color": "$ink", "size": 13},
            )
        )
    return made


@FIGURES.register("channel_kinds")
def channel_kinds(reader: Reader) -> Plate:
    """Draw what kind of post works on each channel."""
    rows = reader.rows("channel_kinds")
    panels = []
    for channel in dict.fromkeys(row["channel"] for row in rows):
        mine = sorted(
            (row for row in rows if row["channel"] == channel),
            key=lambda row: -(reader.number(row, "engagement_rate") or -1.0),
        )
        lines = [
            Line(
                label=reader.text(
                    "{kind} ({count} posts)",
                    kind=reader.label(row["kind"]),
                    count=reader.count(row["n_posts"]),
                ),
                row=row,
                name="engagement_rate",
            )
            for row in mine
        ]
        panels.append(Panel(table="channel_kinds", lines=lines, title=reader.label(channel)))
    if not any(shown(reader, panel.lines) for panel in panels):
        return nothing(
            reader, "channel_kinds", reader.text("What works where cannot be told yet"), "channel_kinds"
        )
    plot, narrow = forest(reader, *panels, left=160, right=170)
    headline = _kinds_headline(reader, rows)
    return Plate(
        name="channel_kinds",
        headline=headline,
        subtitle=reader.text("Engagement rate by kind of post, 95 % interval"),
        alt=reader.text("Dot chart of engagement by kind of post and channel. {finding}", finding=headline),
        tables=("channel_kinds",),
        plot=plot,
        narrow=narrow,
        definition=reader.text("Kinds with few posts are drawn towards the mean of their channel."),
        n=reader.plural("{n} kind", "{n} kinds", len(rows)),
        grade="associated",
    )


def _kinds_headline(reader: Reader, rows: Sequence[Mapping[str, Any]]) -> str:
    told = [row for row in rows if reader.number(row, "engagement_rate") is not None]
    best = []
    apart: tuple[str, str] | None = None
    for channel in dict.fromkeys(row["channel"] for row in told):
        mine = sorted(
            (row for row in told if row["channel"] == channel), key=lambda row: -row["engagement_rate"]
        )
        if len(mine) > 1:
            low, high = (
                reader.interval(mine[0], "engagement_rate")[0],
                reader.interval(mine[1], "engagement_rate")[1],
            )
            least = reader.interval(mine[-1], "engagement_rate")[1]
            if apart is None and low is not None and least is not None and low > least:
                apart = (reader.label(mine[0]["kind"]), reader.label(mine[-1]["kind"]))
            if low is not None and high is not None and low > high:
                best.append(
                    reader.text(
                        "{kind} on {channel}",
                        kind=reader.label(mine[0]["kind"]),
                        channel=reader.label(channel),
                    )
                )
    if not best and apart:
        return reader.text("{first} bring clearly more than {last}", first=apart[0], last=apart[1])
    if not best:
        return reader.text("No kind of post stands clearly above the others")
    return reader.text("What works clearly best: {kinds}", kinds=", ".join(best))


@FIGURES.register("response")
def response(reader: Reader) -> Plate:
    """Draw how many hours an answer takes, and how many are answered within a day."""
    rows = reader.rows("response")
    lines = [
        Line(
            label=f"{reader.label(row['channel'])} · {_kind(reader, row['kind'])}",
            row=row,
            name="median_hours",
            strong=row["kind"] == "crisis",
            aside=why_not(reader, row, "median_hours"),
        )
        for row in rows
    ]
    if not shown(reader, lines):
        return nothing(reader, "response", reader.text("How fast we answer cannot be told yet"), "response")
    plot, narrow = forest(
        reader, Panel(table="response", lines=lines, bounds=_hours(reader, lines)), left=210, right=240
    )
    told = [each for each in lines if reader.number(each.row, "median_hours") is not None]
    slow = max(told, key=lambda each: each.row["median_hours"])
    message = (
        "Half of the crisis messages wait {hours} hours or more: {channel}"
        if slow.row["kind"] == "crisis"
        else "Half of the messages wait {hours} hours or more: {channel}"
    )
    headline = reader.text(
        message,
        hours=reader.language.number(slow.row["median_hours"], 1),
        channel=reader.label(slow.row["channel"]),
    )
    channels = {row["channel"] for row in rows}
    return Plate(
        name="response",
        headline=headline,
        subtitle=reader.text("Median hours to an answer, 95 % interval"),
        alt=reader.text("Dot chart of hours to an answer by channel. {finding}", finding=headline),
        tables=("response",),
        plot=plot,
        narrow=narrow,
        definition=reader.text("A message without an answer counts as still waiting; it is never left out."),
        n=reader.plural("{n} channel", "{n} channels", len(channels)),
    )


def _kind(reader: Reader, kind: str) -> str:
    name = reader.text("all messages") if kind == "all" else reader.label(kind)
    return name[:1].lower() + name[1:]


def _hours(reader: Reader, lines: Sequence[Line]) -> tuple[float, float]:
    highs = [
        reader.interval(each.row, "median_hours")[1] or reader.number(each.row, "median_hours")
        for each in lines
    ]
    return (0.0, round(up_to(highs, 1.0) * 1.06, 1))
