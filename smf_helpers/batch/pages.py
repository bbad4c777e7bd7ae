"""The two pages that the batch writes itself: why a client has no report, and the list of all clients."""

import base64
import hashlib
from collections.abc import Iterable
from html import escape

from smf_helpers.results.batch import ClientRow

_STYLE = """
:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.5rem;border-bottom:1px solid #8886;vertical-align:top}
th button{font:inherit;font-weight:600;background:none;border:0;padding:0;cursor:pointer;color:inherit}
input{font:inherit;padding:.5rem;width:100%;margin:1rem 0;box-sizing:border-box}
.bad{border-left:.5rem solid #b3261e;padding-left:1rem}
tr.bad td:first-child{border-left:.5rem solid #b3261e}
.state{font-weight:600}
"""

_SCRIPT = """
const body=document.querySelector('tbody'),rows=[...body.rows];
document.querySelector('input').addEventListener('input',e=>{const q=e.target.value.toLowerCase();
for(const r of rows)r.hidden=!r.textContent.toLowerCase().includes(q)});
document.querySelectorAll('th button').forEach((b,i)=>b.addEventListener('click',()=>{
const th=b.parentElement,up=th.getAttribute('aria-sort')!=='ascending';
document.querySelectorAll('th').forEach(t=>t.removeAttribute('aria-sort'));
th.setAttribute('aria-sort',up?'ascending':'descending');
rows.sort((a,c)=>(up?1:-1)*a.cells[i].textContent.localeCompare(c.cells[i].textContent)).forEach(r=>body.append(r))}));
"""


def _page(title: str, body: str, script: str = "") -> bytes:
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    allowed = f"script-src 'sha256-{digest}'" if script else "script-src 'none'"
    policy = f"default-src 'none'; {allowed}; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
    tail = f"<script>{script}</script>" if script else ""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body><main>{body}</main>{tail}</body></html>\n"
    ).encode()


def failure_page(row: ClientRow) -> bytes:
    """Write the page of a client that has no report: which cell, why, what to do."""
    refused = "was refused" if row.state == "refused" else "failed"
    return _page(
        f"No report for {row.client}",
        f'<div class="bad"><h1>No report for {escape(row.client)}</h1>'
        f'<p class="state">The run {refused} ({escape(row.code)}).</p>'
        f"<p>{escape(row.reason)}</p><h2>What to do</h2><p>{escape(row.remedy)}</p></div>",
    )


def index_page(rows: Iterable[ClientRow]) -> bytes:
    """Write the list of all clients; a failed one is red and says why.

    Parameters
    ----------
    rows : one row a client that has a page of either kind.
    """
    lines = []
    for row in sorted(rows, key=lambda row: row.client):
        good = row.state == "ok"
        name = escape(row.client)
        link = f'<a href="{name}/{escape(row.page.rpartition("/")[2])}">{name}</a>'
        why = "" if good else f"{escape(row.code)} {escape(row.reason)} {escape(row.remedy)}"
        kind = "" if good else ' class="bad"'
        lines.append(
            f'<tr{kind}><td>{link}</td><td class="state">{escape(row.state)}</td><td>{why}</td></tr>'
        )
    head = "".join(f'<th scope="col"><button>{name}</button></th>' for name in ("Client", "State", "Reason"))
    body = (
        '<h1>Reports</h1><input type="search" aria-label="Find a client" placeholder="Find a client">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>"
    )
    return _page("Reports", body, _SCRIPT)
