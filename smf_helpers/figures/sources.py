"""Where adoption comes from: what the adoptions are consistent with, and who is readier to adopt."""

from smf_helpers.figures.forest import Line, Panel, forest, shown, why_not
from smf_helpers.figures.parts import nothing
from smf_helpers.figures.plate import Plate
from smf_helpers.figures.reader import Reader
from smf_helpers.figures.register import FIGURES


@FIGURES.register("adoption_sources")
def adoption_sources(reader: Reader) -> Plate:
    """Draw what the adoptions are consistent with: programme, organisation, network, executives."""
    rows = reader.rows("adoption_sources")
    lines = [
        Line(
            label=reader.label(row["source"]),
            row=row,
            name="share",
            aside=why_not(reader, row, "share"),
        )
        for row in rows
    ]
    if not shown(reader, lines):
        return nothing(
            reader,
            "adoption_sources",
            reader.text("Where adoption comes from cannot be told yet"),
            "adoption_sources",
        )
    plot, narrow = forest(reader, Panel(table="adoption_sources", lines=lines), left=210, right=260)
    told = [each for each in lines if reader.number(each.row, "share") is not None]
    most = max(told, key=lambda each: each.row["share"])
    headline = reader.text(
        "Where most adoptions come from cannot be told; the largest part that can be told: {source} ({share})"
        if sum(each.row["share"] for each in told) < 0.5
        else "Of the sources that can be told, the largest is this: {source} ({share})",
        source=most.label,
        share=reader.language.percent(most.row["share"]),
    )
    return Plate(
        name="adoption_sources",
        headline=headline,
        subtitle=reader.text("Share of the adoptions that are consistent with each source, 95 % interval"),
        alt=reader.text("Dot chart of the sources of adoption with intervals. {finding}", finding=headline),
        tables=("adoption_sources", "adoption_tests"),
        plot=plot,
        narrow=narrow,
        definition=reader.text(
            "Colleagues who adopt together may also share a manager or a deadline: the tests beside "
            "say whether the explanation survives."
        ),
        n=reader.count(rows[0]["n"]),
        grade="associated",
    )


@FIGURES.register("readiness")
def readiness(reader: Reader) -> Plate:
    """Draw how many times as ready to adopt people with a trait are."""
    rows = reader.rows("readiness")
    lines = [
        Line(
            label=reader.label(row["group"]),
            row=row,
            name="ratio",
            aside=why_not(reader, row, "ratio"),
        )
        for row in rows
    ]
    if not shown(reader, lines):
        return nothing(
            reader, "readiness", reader.text("Who is readier to adopt cannot be told"), "readiness"
        )
    plot, narrow = forest(reader, Panel(table="readiness", lines=lines, zero=1.0), left=170, right=220)
    clear = [each for each in lines if _away_from_one(reader, each)]
    headline = (
        reader.text(
            "Not equally ready to adopt, other things being alike: {names}",
            names=", ".join(each.label for each in clear),
        )
        if clear
        else reader.text("No trait clearly goes with being readier to adopt")
    )
    table = reader.table("readiness")
    return Plate(
        name="readiness",
        headline=headline,
        subtitle=reader.text("Times as ready to adopt, 95 % interval; 1: no difference"),
        alt=reader.text("Dot chart of readiness by role and tenure around one. {finding}", finding=headline),
        tables=("readiness",),
        plot=plot,
        narrow=narrow,
        definition=reader.text(
            "People are compared who had the same programme, colleagues and executives before them, as far as that is known."
        ),
        n=reader.plural("{n} trait", "{n} traits", len(rows)),
        note=reader.finished(table.note) if table else "",
        grade="associated",
    )


def _away_from_one(reader: Reader, line: Line) -> bool:
    low, high = reader.interval(line.row, "ratio")
    return low is not None and high is not None and (low > 1 or high < 1)
