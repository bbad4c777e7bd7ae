"""The two pages that the batch writes itself: why a client has no report, and the list of all clients."""

import base64
import functools
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Final

from smf_helpers.results.batch import ClientRow

_ASSETS: Final = Path(__file__).parent.parent / "assets"
_KINDS: Final = {".html": "Report", ".pptx": "Slides", ".xlsx": "Tables", ".pdf": "Print"}


@functools.cache
def _asset(name: str) -> str:
    text = (_ASSETS / name).read_text(encoding="utf-8")
    return re.sub(r"\s*\n\s*", "", text) if name.endswith(".css") else text


def _page(title: str, head: str, body: str, script: str = "") -> bytes:
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    allowed = f"script-src 'sha256-{digest}'" if script else "script-src 'none'"
    policy = f"default-src 'none'; {allowed}; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
    tail = f"<script>{script}</script>" if script else ""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_asset('index.css')}</style></head>"
        f'<body><header><div class="inner">{head}</div></header><main>{body}</main>{tail}</body></html>\n'
    ).encode()


def failure_page(row: ClientRow) -> bytes:
    """Write the page of a client that has no report: which cell, why, what to do."""
    refused = "was refused" if row.state == "refused" else "failed"
    title = f"No report for {row.client}"
    return _page(
        title,
        f"<h1>{escape(title)}</h1><p>The run {refused} ({escape(row.code)}).</p>",
        f'<div class="fault bad"><p>{escape(row.reason)}</p>'
        f"<h2>What to do</h2><p>{escape(row.remedy)}</p></div>",
    )


def index_page(
    rows: Iterable[ClientRow], files: Mapping[str, Sequence[str]] | None = None, *, beside: str = ""
) -> bytes:
    """Write the list of all clients; a failed one is red and says why.

    What a run took is told by the command line and not here: the same reports give the same bytes.

    Parameters
    ----------
    rows : one row a client that has a page of either kind.
    files : client → names of its finished files.
    beside : address of the pages that compare clients, or empty.
    """
    listed = sorted(rows, key=lambda row: row.client)
    states = Counter(row.state for row in listed)
    whys = any(row.state != "ok" for row in listed)
    lines = "".join(_line(row, (files or {}).get(row.client, ()), why=whys) for row in listed)
    columns = ("Client", "State", "Files", *(["Why, and what to do"] if whys else []))
    head = "".join(f'<th scope="col"><button>{name}</button></th>' for name in columns)
    chips = "".join(
        f'<button value="{escape(value)}" aria-pressed="{str(not value).lower()}">{name} {number}</button>'
        for value, name, number in (
            ("", "all", len(listed)),
            *((state, state, number) for state, number in sorted(states.items())),
        )
    )
    told = ", ".join(f"{number} {state}" for state, number in sorted(states.items()))
    link = f' · <a href="{escape(beside)}">Clients side by side</a>' if beside else ""
    body = (
        '<div class="tools"><input type="search" aria-label="Find a client" placeholder="Find a client">'
        f'<div class="states" role="group" aria-label="State">{chips}</div></div>'
        f'<p class="count" role="status">{len(listed)} of {len(listed)}</p>'
        f'<div class="card"><table><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table></div>'
    )
    return _page("Reports", f"<h1>Reports</h1><p>{told}{link}</p>", body, _asset("index.js"))


def _line(row: ClientRow, files: Sequence[str], *, why: bool) -> str:
    good = row.state == "ok"
    name = escape(row.client)
    first = escape(row.page.rpartition("/")[2])
    title = f'<a href="{name}/{first}">{name}</a>' if first else name
    links = "".join(
        f'<a href="{name}/{escape(file)}">{kind}</a>'
        for suffix, kind in _KINDS.items()
        for file in sorted(files)
        if good and file.endswith(suffix)
    )
    told = "" if good else f"<b>{escape(row.code)}</b> {escape(row.reason)} {escape(row.remedy)}"
    return (
        f'<tr data-state="{escape(row.state)}"{"" if good else " class=bad"}><th scope="row">{title}</th>'
        f'<td class="state">{escape(row.state)}</td><td class="files">{links}</td>'
        + (f'<td class="why">{told}</td></tr>' if why else "</tr>")
    )
