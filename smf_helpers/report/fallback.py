"""What a block looks like where only plain HTML can be shown, such as in JupyterLab."""

from html import escape
from typing import Any


def as_text(block: dict[str, Any]) -> str:
    """Give a block in one line of text."""
    named = (block.get(key) for key in ("title", "headline", "claim", "text", "name"))
    return next((str(text) for text in named if text), block["kind"])


def as_html(block: dict[str, Any]) -> str:
    """Give a block as plain HTML without style or script."""
    kind = block["kind"]
    if kind == "section":
        return f"<h2>{escape(block['title'])}</h2><p>{escape(block['lead'])}</p>"
    if kind == "table":
        return _table(block)
    if kind == "figure":
        tables = "".join(_table(table) for table in block["tables"][:1])
        return f"<h3>{escape(block['headline'])}</h3><p>{escape(block['subtitle'])}</p>{tables}"
    if kind == "claim":
        return f"<p><b>{escape(block['claim'])}</b> {escape('; '.join(block['evidence']))}</p>"
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
