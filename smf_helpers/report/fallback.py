"""What a block looks like where only plain HTML can be shown, such as in JupyterLab."""

import textwrap
from collections.abc import Mapping
from html import escape
from typing import Any, Final

from smf_helpers.figures import coloured, sketch
from smf_helpers.figures.plate import Plate
from smf_helpers.figures.theme import hues
from smf_helpers.report.scripts import style
from smf_helpers.results.released import Brand
from smf_helpers.texts import chart_text

TITLE_WIDTH: Final = 88
"""Letters of a headline on one line above a figure in JupyterLab."""

LINE: Final = {"headline": 21, "subtitle": 17}
"""Height of a line of headline and of subtitle, in pixels."""


def titled(block: dict[str, Any], palette: Mapping[str, str]) -> dict[str, Any]:
    """Give the plot of a figure block with its headline and subtitle above it, complete in itself."""
    plot = coloured(block["plot"], palette)
    headline = textwrap.wrap(block["headline"], TITLE_WIDTH)
    subtitle = textwrap.wrap(block["subtitle"], TITLE_WIDTH + 20)
    layout = dict(plot["layout"])
    margin = dict(layout.get("margin", {}))
    room = LINE["headline"] * len(headline) + LINE["subtitle"] * len(subtitle) + 26
    lines = [f"<b>{chart_text(line)}</b>" for line in headline]
    lines += [
        f'<span style="font-size:13px;color:{palette["soft"]}">{chart_text(line)}</span>' for line in subtitle
    ]
    layout["title"] = {
        "text": "<br>".join(lines),
        "font": {"size": 17, "color": palette["ink"]},
        "x": 0,
        "xref": "container",
        "xanchor": "left",
        "y": 1,
        "yref": "container",
        "yanchor": "top",
        "pad": {"t": 22, "l": 8},
    }
    layout["margin"] = {**margin, "t": margin.get("t", 12) + room}
    layout["height"] = layout.get("height", 320) + room
    layout["paper_bgcolor"] = palette["paper"]
    return {**plot, "layout": layout}


def as_text(block: dict[str, Any]) -> str:
    """Give a block in one line of text."""
    named = (block.get(key) for key in ("title", "headline", "claim", "text", "name"))
    return next((str(text) for text in named if text), block["kind"])


def in_lab(block: dict[str, Any], brand: Brand) -> str:
    """Give a block as HTML for JupyterLab: a drawing is drawn, in the client's colours and Lab's ground."""
    if block["kind"] != "figure" or block["shape"] != "drawing":
        return as_html(block)
    svg = sketch(Plate(name=block["name"], headline="", shape="drawing", drawing=block["drawing"]))
    head = f"<h3>{escape(block['headline'])}</h3><p>{escape(block['subtitle'])}</p>"
    return f'<style>{style("lab.css")}</style><div class="smf-lab" style="{hues(brand)}">{head}{svg}</div>'


def as_html(block: dict[str, Any]) -> str:
    """Give a block as plain HTML without style or script."""
    kind = block["kind"]
    if kind == "section":
        return f"<h2>{escape(block['title'])}</h2><p>{escape(block['lead'])}</p>"
    if kind == "heading":
        return f"<h3>{escape(block['text'])}</h3>"
    if kind == "cover":
        return f"<p><b>{escape(block['name'])}</b> {escape(block['as_of'])}</p>"
    if kind == "table":
        return _table(block)
    if kind == "figure":
        head = f"<h3>{escape(block['headline'])}</h3><p>{escape(block['subtitle'])}</p>"
        if block["mark"]:
            return f"{head}<p><b>{escape(block['mark'])}</b> {escape(block['reason'])}</p>"
        return head + "".join(_table(table) for table in block["tables"][:1])
    if kind == "claim":
        told = "; ".join(block["evidence"])
        lines = "".join(
            f"<li><i>{escape(line['name'])}:</i> {escape(line['text'])}</li>" for line in block["lines"]
        )
        return f"<p><b>{escape(block['claim'])}</b> {escape(told)}</p><ul>{lines}</ul>"
    items = block.get("items", [])
    if kind == "more":
        inner = "".join(as_html(item) for item in items)
        return f"<details><summary>{escape(block['title'])}</summary>{inner}</details>"
    if items:
        return "<ul>" + "".join(f"<li>{escape(_item(item))}</li>" for item in items) + "</ul>"
    return f"<p>{escape(as_text(block))}</p>"


def _item(item: dict[str, Any]) -> str:
    keys = (
        "question",
        "word",
        "headline",
        "label",
        "name",
        "value",
        "range",
        "what",
        "why",
        "term",
        "about",
        "mark",
    )
    return " · ".join(str(item[key]) for key in keys if item.get(key))


def _table(block: dict[str, Any]) -> str:
    head = "".join(f"<th>{escape(column['name'])}</th>" for column in block["columns"])
    rows = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in block["rows"]
    )
    return f"<table><caption>{escape(block['title'])}</caption><tr>{head}</tr>{rows}</table>"
