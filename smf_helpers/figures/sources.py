"""Where adoption comes from: what the adoptions are consistent with."""

from smf_helpers.figures.forest import Line, Panel, forest, shown
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
            aside="" if reader.number(row, "share") is not None else reader.finished(row["reason"]),
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
