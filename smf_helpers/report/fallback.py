"""What a block looks like where only plain HTML can be shown, such as in JupyterLab."""

import textwrap
from collections.abc import Mapping
from html import escape
from typing import Any, Final

from smf_helpers.figures import coloured, sketch
from smf_helpers.figures.plate import Plate
from smf_helpers.texts import chart_text

TITLE_WIDTH: Final = 88
"""Letters of a headline on one line above a figure in JupyterLab."""

LINE: Final = {"headline": 21, "subtitle": 17}
"""Height of a line of headline and of subtitle, in pixels."""

_STYLE: Final = """<style>
.smf-lab{--ink:var(--jp-content-font-color1,#15232a);--soft:var(--jp-content-font-color2,#4d5d66);
--paper:var(--jp-layout-color1,#fff);--rule:var(--jp-border-color2,#dbe2e4);--faint:#84939a;
--font:var(--jp-content-font-family,sans-serif);max-width:1060px}
.smf-lab h3{margin:.4em 0 .2em}.smf-lab p{color:var(--soft);margin:.2em 0}
.smf-lab svg{display:block;width:100%;height:auto}.smf-lab svg.upright{display:none}
.smf-lab svg text{fill:var(--ink);font-family:var(--font);font-size:14px}
.smf-lab svg .name{font-weight:600;font-size:15px}.smf-lab svg .score{font-weight:700;font-size:19px}
.smf-lab svg .range,.smf-lab svg .kind,.smf-lab svg .flow{fill:var(--soft)}
.smf-lab .loop{font-size:17px;font-weight:700}.smf-lab .bank{fill:var(--primary);opacity:.18}
.smf-lab .river{fill:var(--primary);opacity:.34}.smf-lab .bed{fill:var(--primary);opacity:.42}
.smf-lab path.held{fill:var(--accent)}.smf-lab .halo{fill:var(--paper)}
.smf-lab .stream path{fill:none;stroke:var(--paper);stroke-width:2.2}
.smf-lab .ring{fill:var(--paper);stroke:var(--primary);stroke-width:3}
.smf-lab .held .ring{stroke:var(--accent);stroke-width:4}.smf-lab .link .ring{fill:var(--primary)}
.smf-lab .link .score{fill:var(--paper);font-size:25px}.smf-lab .tag{fill:var(--accent);font-weight:700}
</style>"""


def titled(block: dict[str, Any], palette: Mapping[str, str]) -> dict[str, Any]:
    """Give the plot of a figure block with its headline and subtitle above it, complete in itself."""
    plot = coloured(block["plot"], palette)
    headline = textwrap.wrap(block["headline"], TITLE_WIDTH)
    subtitle = textwrap.wrap(block["subtitle"], TITLE_WIDTH + 20)
    layout = dict(plot["layout"])
    margin = dict(layout.get("margin", {}))
    room = LINE["headline"] * len(headline) + LINE["subtitle"] * len(subtitle) + 14
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
        "pad": {"t": 8, "l": 8},
    }
    layout["margin"] = {**margin, "t": margin.get("t", 12) + room}
    layout["height"] = layout.get("height", 320) + room
    layout["paper_bgcolor"] = palette["paper"]
    return {**plot, "layout": layout}


def as_text(block: dict[str, Any]) -> str:
    """Give a block in one line of text."""
    named = (block.get(key) for key in ("title", "headline", "claim", "text", "name"))
    return next((str(text) for text in named if text), block["kind"])


def in_lab(block: dict[str, Any], palette: Mapping[str, str]) -> str:
    """Give a block as HTML for JupyterLab: a drawing is drawn, in the client's colours and Lab's ground."""
    if block["kind"] != "figure" or block["shape"] != "drawing":
        return as_html(block)
    svg = sketch(Plate(name=block["name"], headline="", shape="drawing", drawing=block["drawing"]))
    hues = f"--primary:{palette['primary']};--accent:{palette['accent']}"
    head = f"<h3>{escape(block['headline'])}</h3><p>{escape(block['subtitle'])}</p>"
    return f'{_STYLE}<div class="smf-lab" style="{hues}">{head}{svg}</div>'


def as_html(block: dict[str, Any]) -> str:
    """Give a block as plain HTML without style or script."""
    kind = block["kind"]
    if kind == "section":
        return f"<h2>{escape(block['title'])}</h2><p>{escape(block['lead'])}</p>"
    if kind == "table":
        return _table(block)
    if kind == "figure":
        tables = "".join(_table(table) for table in block["tables"][:1])
        mark = f"<p><b>{escape(block['mark'])}</b> {escape(block['reason'])}</p>" if block["mark"] else ""
        return f"<h3>{escape(block['headline'])}</h3><p>{escape(block['subtitle'])}</p>{mark}{tables}"
    if kind == "claim":
        told = "; ".join(block["evidence"])
        lines = "".join(
            f"<li><i>{escape(line['name'])}:</i> {escape(line['text'])}</li>" for line in block["lines"]
        )
        return f"<p><b>{escape(block['claim'])}</b> {escape(told)}</p><ul>{lines}</ul>"
    items = block.get("items", [])
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
