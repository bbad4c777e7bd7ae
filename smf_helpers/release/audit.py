"""The last look at what goes out: the audit of the finished files, and the sheet a consultant signs."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from smf_helpers.privacy.canaries import read_marks
from smf_helpers.privacy.delivery import audit_delivery, find_tokens, refuse
from smf_helpers.release.file import open_release
from smf_helpers.release.make import OWN_MARKS
from smf_helpers.results.privacy import DeliveryAudit
from smf_helpers.results.released import Release
from smf_helpers.texts import html_text

SHEET: Final = "audit.html"
"""Name of the sheet, beside the release in the private folder; it is never delivered."""

OTHERS_MARKS: Final = "clients.json"
"""In the batch's private folder: for every client digests of the names that only its own files may hold."""

DELIVERED: Final = (".html", ".xlsx", ".pptx", ".pdf", ".csv", ".json", ".svg", ".txt", ".md")


def audit_files(release: str | Path, folder: str | Path) -> DeliveryAudit:
    """Audit the finished files in `folder` against the release they were made from; write the sheet.

    The files are searched for ids and comments of the client's own people, and for the names of every other client
    of the batch; both lie beside the release as digests.

    Parameters
    ----------
    release : the release file; the audit sheet is written beside it.
    folder : the staging folder, with everything that would be delivered and nothing else.

    Raises
    ------
    PrivacyError
        When a number does not come from the release, or a file holds what it must not hold.
    """
    opened = open_release(release)
    files = sorted(path for path in Path(folder).rglob("*") if path.suffix.lower() in DELIVERED)
    private = Path(release).parent
    marks = [
        read_marks(private / OWN_MARKS),
        read_marks(private.parent / OTHERS_MARKS, without=opened.client),
    ]
    audit = audit_delivery(files, opened, marks=marks)
    (private / SHEET).write_text(audit_sheet(opened, audit), encoding="utf-8")
    refuse(audit, opened.client)
    return audit


def scan_batch(
    delivered: Mapping[str, Sequence[Path]], tokens: Mapping[str, Sequence[str]]
) -> dict[str, list[str]]:
    """Find tokens of other clients in a batch's files.

    Parameters
    ----------
    delivered : client → its files.
    tokens : client → words that only its own files may hold (its name, units, ids).

    Returns
    -------
    client → places; empty when every file holds its own client's words only.
    """
    found = {}
    for client, files in delivered.items():
        own = {token.casefold() for token in tokens.get(client, ())}
        foreign = [
            token
            for other, words in tokens.items()
            for token in words
            if other != client and token.casefold() not in own
        ]
        places = find_tokens(files, foreign)
        if places:
            found[client] = places
    return found


def audit_sheet(release: Release, audit: DeliveryAudit) -> str:
    """Write the one-page audit sheet: what was checked, what was found, and what a human has to tick."""
    verdict = "may be delivered" if audit.passed else "must not be delivered"
    checked = {
        "Files": ", ".join(audit.files),
        "Numbers traced to the release": f"{audit.numbers} looked at, {len(audit.surplus)} without a source",
        "Tokens of respondents or other clients": str(len(audit.leaks)),
        "Scripts, formulas, outside addresses, hidden parts": str(len(audit.dangers)),
        "Attacks on the delivered figures": f"{sum(audit.attack.tried.values())} tried, "
        f"{len(audit.attack.findings)} found something",
        "Profile": f"{release.profile}, groups from {release.minimum} people",
        **release.audit,
    }
    rows = "".join(
        f"<tr><th scope=row>{html_text(name[:1].upper() + name[1:])}</th><td>{html_text(value, 400)}</td></tr>"
        for name, value in checked.items()
    )
    found = "".join(
        f"<li>{html_text(place, 200)}</li>" for place in (*audit.surplus, *audit.leaks, *audit.dangers)[:20]
    )
    ticks = "".join(
        f"<li>&#9744; {text}</li>"
        for text in (
            "I have looked at the report and at the files named above.",
            "Names of units and channels are those that the client knows.",
            "Comments quoted word for word, where there are any, name nobody.",
        )
    )
    said = release.tables["comments"].column("comment") if "comments" in release.tables else []
    words = "".join(f"<li>&#9744; {html_text(text, 5_000)}</li>" for text in said)
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Audit sheet {html_text(release.client)}</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>:root{{color-scheme:light dark}}
body{{font:15px/1.5 Inter,"Segoe UI",system-ui,"Helvetica Neue",Arial,sans-serif;max-width:46em;margin:2.5em auto;padding:0 1.2em}}
h1{{font-size:2em;line-height:1.15;letter-spacing:-.02em;margin:0}}h2{{font-size:1.2em;margin:1.8em 0 .4em}}
.verdict{{font-size:1.15em;border-left:4px solid {"#1b6e4a" if audit.passed else "#b3261e"};padding:.1em 0 .1em .8em;margin:.9em 0 1.4em}}
table{{border-collapse:collapse;width:100%}}th,td{{text-align:left;border-bottom:1px solid #8885;padding:.4em 1em .4em 0;vertical-align:top}}
th{{font-weight:600;width:46%}}ul{{list-style:none;padding:0;margin:0}}li{{padding:.3em 0}}.sign{{margin-top:2.4em}}
@page{{size:A4;margin:18mm}}@media print{{body{{font-size:10.5pt;margin:0;padding:0}}}}</style></head><body>
<h1>Audit sheet: {html_text(release.name)}</h1>
<p class="verdict">Data up to {html_text(release.as_of)}. This delivery <strong>{verdict}</strong>.</p>
<table>{rows}</table>{f"<h2>Found</h2><ul>{found}</ul>" if found else ""}
<h2>To tick by hand</h2><ul>{ticks}</ul>{f"<h2>Quoted word for word</h2><ul>{words}</ul>" if words else ""}
<p class="sign">Name, date, signature: ______________________________________</p>
</body></html>
"""
