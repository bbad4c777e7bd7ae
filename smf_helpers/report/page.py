"""Blocks → one HTML page by our own template: text escaped, figures from JSON, scripts by digest."""

import functools
import json
import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Literal

from smf_helpers.figures.colour import TEXT_RATIO, is_colour, readable
from smf_helpers.figures.theme import AXIS, HOUSE, WORDS
from smf_helpers.language import language
from smf_helpers.report import scripts
from smf_helpers.report.blocks import Block
from smf_helpers.report.book import drawn
from smf_helpers.texts import script_json

Assets = Literal["single", "shared"]

SHARED = "_assets"
"""Folder of shared assets, beside the pages."""

_FONT = re.compile(r"[\w\s,\"'-]{1,200}")
_LOGO = re.compile(r"data:image/(png|jpeg|svg\+xml);base64,[A-Za-z0-9+/=]+")
_AXIS = re.compile(r"[xy]axis")
_KEY = re.compile(r"[a-z][a-z0-9_]*")
MOST_NUMBER = 15
"""Letters of the longest number of a table; what is longer is words."""

_EMPTY_COVER: dict[str, Any] = {
    "client": "",
    "name": "Report",
    "title": "",
    "language": "en",
    "as_of": "",
    "greeting": "",
    "logo": "",
    "palettes": {},
    "band": "",
}


def write_page(blocks: Sequence[Block], *, assets: Assets = "single", address: str = SHARED) -> str:
    """Give the page of a report.

    Parameters
    ----------
    blocks : what the sections sent, in order; a block of kind ``section`` opens a section.
    assets : ``single`` puts everything into one file; ``shared`` takes the scripts from the
        folder ``_assets`` beside the page.
    address : where the shared scripts stand, seen from the page.
    """
    cover = _cover(blocks)
    say = language(cover["language"]).text
    what_if = scripts.what_if_module() if any(block["kind"] == "what_if" for block in blocks) else ""
    ours = [script for script in (what_if, scripts.asset("report.js")) if script]
    allowed = [scripts.digest(script) for script in ours]
    single = assets == "single"
    block_template, page_template = _templates()

    def render(block: Block) -> str:
        return block_template.render(block=_dressed(block), say=say, grid=lambda each: _safe(_grid(each)))

    return page_template.render(
        cover=cover,
        say=say,
        sections=_sections(blocks),
        render=lambda block: _safe(render(block)),
        style=_style(cover),
        page_facts=script_json(
            json.dumps({"palettes": cover["palettes"], "house": HOUSE, "axis": AXIS, "words": WORDS})
        ),
        packed=scripts.plotly_packed() if single else "",
        shared=[] if single else [f"{address}/{name}" for name in scripts.shared_files()],
        scripts=ours if single else [],
        policy=scripts.policy(*([*allowed, scripts.plotly_digest()] if single else ["file:", "'self'"])),
        single=single,
    )


@functools.cache
def _templates() -> tuple[Any, Any]:
    from jinja2 import Environment

    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return (
        environment.from_string(scripts.asset("blocks.html.j2")),
        environment.from_string(scripts.asset("page.html.j2")),
    )


def _safe(html: str) -> Any:
    from markupsafe import Markup

    return Markup(html)


def _cover(blocks: Sequence[Block]) -> dict[str, Any]:
    """Give the cover, taking nothing from it that could leave its place in the page."""
    from smf_helpers.figures.theme import palettes
    from smf_helpers.results.released import Brand

    cover: dict[str, Any] = _EMPTY_COVER | next((block for block in blocks if block["kind"] == "cover"), {})
    plain = palettes(Brand())
    given = cover["palettes"] if isinstance(cover["palettes"], Mapping) else {}
    cover["palettes"] = {
        mode: {
            name: colour if _harmless(str(colour := given.get(mode, {}).get(name, fallback))) else fallback
            for name, fallback in shades.items()
        }
        for mode, shades in plain.items()
    }
    cover["logo"] = cover["logo"] if _LOGO.fullmatch(str(cover["logo"])) else ""
    cover["language"] = cover["language"] if _KEY.fullmatch(str(cover["language"])) else "en"
    band = str(cover["band"]) if is_colour(str(cover["band"])) else Brand().primary
    cover["band"] = readable(band, "#ffffff", TEXT_RATIO)
    return cover


def _harmless(value: str) -> bool:
    return is_colour(value) or bool(_FONT.fullmatch(value))


def _style(cover: Mapping[str, Any]) -> str:
    def variables(mode: str) -> str:
        return "".join(f"--{name}:{value};" for name, value in cover["palettes"][mode].items())

    root = f":root{{--band:{cover['band']};{variables('light')}}}"
    night = f"@media screen and (prefers-color-scheme: dark){{:root{{{variables('dark')}}}}}"
    return root + night + scripts.style("report.css")


def _sections(blocks: Sequence[Block]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for block in blocks:
        if block["kind"] == "section" and _KEY.fullmatch(str(block["key"])):
            found.append({**block, "blocks": []})
        elif block["kind"] != "cover":
            if not found:
                found.append({"key": "opening", "title": "", "lead": "", "blocks": []})
            found[-1]["blocks"].append(block)
    for section in found:
        section["blocks"] = _untold(section["blocks"])
    return found


def _untold(blocks: Sequence[Block]) -> list[Block]:
    """Gather what a section cannot tell at its end, once a reason, in place of a frame for each."""
    kept: list[Block] = []
    groups: dict[tuple[str, str], list[dict[str, str]]] = {}
    for block in blocks:
        if not _silent(block):
            kept.append(block)
            continue
        if block["kind"] == "boxes" and kept and kept[-1]["kind"] == "heading":
            kept.pop()
        for (mark, reason), title in _refusals(block):
            name = f"fig-{block['name']}" if block["kind"] == "figure" else ""
            groups.setdefault((mark, reason), []).append({"title": title, "id": name})
    told = [{"mark": mark, "reason": reason, "items": items} for (mark, reason), items in groups.items()]
    return [*kept, {"kind": "untold", "groups": told}] if told else kept


def _silent(block: Block) -> bool:
    """Say whether a block tells nothing but why it tells nothing."""
    kind = block["kind"]
    return (
        (kind == "figure" and block["shape"] == "mark")
        or (kind == "table" and not block["rows"])
        or (kind == "boxes" and not any(item["value"] for item in block["items"]))
    )


def _refusals(block: Block) -> list[tuple[tuple[str, str], str]]:
    """Give mark and reason of what a silent block does not tell, each with its title."""
    if block["kind"] == "boxes":
        return [((item["mark"], item["reason"]), item["label"]) for item in block["items"]]
    title = block["headline"] if block["kind"] == "figure" else block["title"]
    return [((block.get("mark", ""), block.get("reason", "")), title)]


def _dressed(block: Block) -> Block:
    """Add what the template puts in unescaped: JSON made safe for a script, drawings made here."""
    if block["kind"] == "what_if":
        return block | {"json": script_json(json.dumps({"spec": block["spec"], "texts": block["texts"]}))}
    if block["kind"] != "figure":
        return block
    if block["shape"] == "drawing":
        return block | {"svg": drawn(block)}
    if block["shape"] != "plot":
        return block
    plot = block["plot"]
    layout, narrow = _lean(plot["layout"]), _lean(block.get("narrow", {}))
    made = {
        "data": _lean(plot["data"]),
        "layout": _less(layout, HOUSE | {key: AXIS for key in layout if _AXIS.match(key)}),
        "narrow": _less({**layout, **narrow}, layout),
    }
    text = json.dumps(made, separators=(",", ":"), ensure_ascii=False)
    return block | {"json": script_json(text)}


def _grid(table: Block) -> str:
    """Give head and body of a table; written here and not in the template, since tables are most of a page.

    HTML lets cells and rows end where the next begins; leaving their ends out makes a page a tenth smaller.
    """
    starts = [
        "<th scope=row>",
        *(
            "<td class=n>"
            if each["numeric"]
            else "<td class=t>"
            if each.get("words")
            else "<td class=d>"
            if each.get("day")
            else "<td>"
            for each in table["columns"][1:]
        ),
    ]
    head = "".join(
        f'<th scope="col"{" class=n" if each["numeric"] else ""} title="{escape(each["about"], quote=True)}">'
        f"{escape(each['name'])}"
        for each in table["columns"]
    ).replace(' title=""', "")
    body = "\n".join(
        "<tr>" + "".join(_opened(start, cell) + escape(cell) for start, cell in zip(starts, row, strict=True))
        for row in table["rows"]
    )
    return f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody>"


def _opened(start: str, cell: str) -> str:
    """Give the start of a cell: words among numbers, such as why there is none, may take several lines."""
    return '<td class="n said">' if start == "<td class=n>" and len(cell) > MOST_NUMBER else start


def _less(whole: Mapping[str, Any], base: Mapping[str, Any]) -> dict[str, Any]:
    """Give what turns `base` into `whole`, the page's script lays it over: None takes a key away."""
    found: dict[str, Any] = dict.fromkeys(key for key in base if key not in whole)
    for key, each in whole.items():
        before = base.get(key)
        if isinstance(each, Mapping) and isinstance(before, Mapping):
            if inner := _less(each, before):
                found[key] = inner
        elif key not in base or each != before:
            found[key] = each
    return found


def _lean(part: Any) -> Any:
    """Write whole numbers without their ``.0``, and words on a figure without what the page's script knows of them."""
    if isinstance(part, list):
        return [_lean(each) for each in part]
    if isinstance(part, Mapping):
        known = WORDS if part.get("showarrow") is False else {}
        return {key: _lean(each) for key, each in part.items() if key not in known or each != known[key]}
    return int(part) if isinstance(part, float) and part.is_integer() else part
