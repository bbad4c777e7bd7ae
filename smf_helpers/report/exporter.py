"""An executed notebook → the client's page: an exporter of nbconvert that keeps results and drops code.

Our own JSON is trusted and drawn by our template; anything else that a cell put out (HTML, a picture,
Markdown, a plotly figure of the analyst's own) is let in only after an allow-list has gone over it. Input
cells, widgets and tracebacks never reach the page.
"""

import functools
import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from nbconvert.exporters.html import HTMLExporter
from traitlets import Unicode

from smf_helpers.report import scripts
from smf_helpers.report.blocks import Block
from smf_helpers.report.book import MIME, PLOTLY
from smf_helpers.report.page import SHARED, Assets, write_page

_PICTURE = re.compile(r"[A-Za-z0-9+/=\s]+")
_HTML_TAGS = {
    "a", "abbr", "b", "blockquote", "br", "caption", "code", "dd", "div", "dl", "dt", "em", "figcaption",
    "figure", "h3", "h4", "h5", "hr", "i", "li", "ol", "p", "pre", "small", "span", "strong", "sub", "sup",
    "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
}  # fmt: skip
_HTML_ATTRIBUTES = {
    "th": {"scope", "colspan", "rowspan"},
    "td": {"colspan", "rowspan"},
    "a": {"href"},
    "*": {"title"},
}


class SmfExporter(HTMLExporter):
    """Turn an executed report notebook into one page.

    ``assets`` is ``single`` (everything in one file) or ``shared`` (plotly.js once for all pages).
    """

    export_from_notebook = "Client report (smf)"
    assets = Unicode("single", help="single or shared").tag(config=True)
    address = Unicode(SHARED, help="where shared scripts stand, seen from the page").tag(config=True)

    def from_notebook_node(self, nb: Any, resources: Any = None, **more: Any) -> tuple[str, dict[str, Any]]:
        """Give the page and the resources; the notebook is read, never copied or changed."""
        kept = dict(resources or {})
        kept.setdefault("output_extension", ".html")
        mode: Assets = "shared" if self.assets == "shared" else "single"
        return write_page(list(page_blocks(nb)), assets=mode, address=self.address), kept


class SharedExporter(SmfExporter):
    """The same with the scripts once for a portfolio, in ``_assets`` beside the clients' folders."""

    export_from_notebook = "Client report with shared scripts (smf)"
    assets = Unicode("shared").tag(config=True)
    address = Unicode(f"../{SHARED}").tag(config=True)


def page_blocks(notebook: Mapping[str, Any]) -> Iterator[Block]:
    """Give what the cells of an executed notebook show, in order, as blocks of the page."""
    for cell in notebook["cells"]:
        if "skip" in cell.get("metadata", {}).get("tags", []):
            continue
        if cell["cell_type"] == "markdown":
            yield _markdown("".join(cell["source"]))
        for output in cell.get("outputs", []):
            block = _block(output)
            if block is not None:
                yield block


def _block(output: Mapping[str, Any]) -> Block | None:
    kind = output["output_type"]
    if kind == "error":
        return {"kind": "fault", "name": str(output["ename"]), "text": _first_line(output["evalue"])}
    data = output.get("data", {})
    if MIME in data:
        return dict(data[MIME])
    if PLOTLY in data:
        return _own_figure(data[PLOTLY])
    if "text/html" in data:
        return {"kind": "html", "html": cleaned(_joined(data["text/html"]))}
    if "image/png" in data and _PICTURE.fullmatch(_joined(data["image/png"])):
        return {
            "kind": "html",
            "html": f'<img alt="" src="data:image/png;base64,{_bare(data["image/png"])}">',
        }
    if "text/markdown" in data:
        return _markdown(_joined(data["text/markdown"]))
    return None


def _own_figure(figure: Mapping[str, Any]) -> Block:
    """Take in a plotly figure that an analyst made; its template's colours stay."""
    layout = {"height": 420, **figure.get("layout", {})}
    title = layout.pop("title", "") or ""
    return {
        "kind": "figure",
        "name": "own",
        "shape": "plot",
        "headline": title.get("text", "") if isinstance(title, Mapping) else str(title),
        "subtitle": "",
        "alt": "",
        "plot": {"data": list(figure.get("data", [])), "layout": layout},
        "narrow": {},
        "note": "",
        "facts": [],
        "tables": [],
        "wide": True,
    }


def _markdown(text: str) -> Block:
    from nbconvert.filters.markdown_mistune import markdown2html_mistune

    return {"kind": "html", "html": cleaned(markdown2html_mistune(text))}


@functools.lru_cache(maxsize=256)
def cleaned(html: str) -> str:
    """Let harmless markup through an allow-list: no script, style, form, picture or outside address.

    Examples
    --------
    >>> cleaned('<p onclick="x()">Hello<script>x()</script> <a href="https://example.org">there</a></p>')
    '<p>Hello <a>there</a></p>'
    """
    import nh3

    return nh3.clean(
        html,
        tags=_HTML_TAGS,
        attributes=_HTML_ATTRIBUTES,
        url_schemes=set(),
        link_rel=None,
        strip_comments=True,
    )


def _joined(text: str | list[str]) -> str:
    return text if isinstance(text, str) else "".join(text)


def _bare(text: str | list[str]) -> str:
    return "".join(_joined(text).split())


def _first_line(text: str) -> str:
    return (text.splitlines() or [""])[0][:300]


@functools.cache
def _exporter(assets: str) -> SmfExporter:
    return SmfExporter(assets=assets)


def export_page(notebook: Any, out: Path | str, *, assets: Assets = "single") -> Path:
    """Write the page of an executed notebook.

    Parameters
    ----------
    notebook : path of an executed notebook, or the notebook itself as read by nbformat or json.
    out : file to write; it appears under its name only when complete.
    assets : ``single`` or ``shared``; shared scripts are written once, into ``_assets`` beside the page.

    Returns
    -------
    The path of the page.
    """
    if isinstance(notebook, str | Path):
        notebook = json.loads(Path(notebook).read_text(encoding="utf-8"))
    page, _ = _exporter(assets).from_notebook_node(notebook)
    target = Path(out)
    target.parent.mkdir(parents=True, exist_ok=True)
    if assets == "shared":
        share_scripts(target.parent)
    _place(target, page.encode("utf-8"))
    return target


def share_scripts(folder: Path) -> Path:
    """Put the scripts that pages share into ``_assets`` in `folder`, once; give the folder of the scripts."""
    place = folder / SHARED
    place.mkdir(parents=True, exist_ok=True)
    for name, script in scripts.shared_files().items():
        if not (place / name).is_file():
            _place(place / name, script)
    return place


def warm() -> None:
    """Do once what every page would do again: pack plotly.js, compile the templates, import the writers."""
    scripts.plotly_packed()
    scripts.plotly_digest()
    write_page([])


def _place(target: Path, content: bytes) -> None:
    """Write beside the target, then put in place at one stroke."""
    staged = target.with_name(f".{target.name}.{os.getpid()}")
    staged.write_bytes(content)
    shutil.move(staged, target)
