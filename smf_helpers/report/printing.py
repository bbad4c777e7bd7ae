"""A release → its page without a notebook, and the page → paper: PDF by Chromium, the same bytes each time."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from smf_helpers.errors import Fault, SMFError
from smf_helpers.report.book import open_report
from smf_helpers.report.page import Assets, write_page
from smf_helpers.results.released import Release

BROWSERS: Final = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "msedge",
)
SECONDS: Final = 120
_FLAGS: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-color-profile=srgb",
    "--no-pdf-header-footer",
    "--virtual-time-budget=20000",
)
_STAMPS: Final = re.compile(rb"\((D:)\d{14}([+-]\d{2}'\d{2}'?|Z)?\)")
_PRODUCER: Final = re.compile(rb"/(Producer|Creator) \((?:[^()\\]|\\.)*\)")


def write_html(release: Release | str | Path, out: str | Path, *, assets: Assets = "single") -> Path:
    """Write the page of a release without running a notebook; the page is the one the notebook gives."""
    report = open_report(release)
    blocks = [block for key in report.sections for block in report.section(key).blocks]
    target = Path(out)
    target.write_text(write_page(blocks, assets=assets), encoding="utf-8")
    return target


def write_print(release: Release | str | Path, out: str | Path) -> Path:
    """Write the PDF of a release.

    Raises
    ------
    SMFError : no Chromium was found on this machine, or it could not print.
    """
    with tempfile.TemporaryDirectory() as folder:
        return print_pdf(write_html(release, Path(folder) / "report.html"), out)


def print_pdf(page: str | Path, out: str | Path) -> Path:
    """Print a page to PDF: A4, tagged, without date or name of a machine in it.

    Parameters
    ----------
    page : HTML file.
    out : PDF file to write.

    Raises
    ------
    SMFError : no Chromium was found on this machine, or it could not print.
    """
    target = Path(out).absolute()
    browser = find_browser()
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "page.pdf"
        command = [
            browser,
            *_FLAGS,
            f"--user-data-dir={folder}/profile",
            f"--print-to-pdf={made}",
            Path(page).absolute().as_uri(),
        ]
        try:
            with _room_for_addresses():
                subprocess.run(command, capture_output=True, timeout=SECONDS, check=True)
            content = made.read_bytes()
        except (OSError, subprocess.SubprocessError) as broken:
            raise SMFError(
                Fault(
                    code="P001",
                    where=target.name,
                    what="Chromium could not print the page.",
                    remedy="Try `smf doctor`, or print the page from a browser.",
                )
            ) from broken
    target.write_bytes(_unstamped(content))
    return target


@contextmanager
def _room_for_addresses() -> Iterator[None]:
    """Lift the soft limit of addresses, under which a batch runs and no browser starts."""
    try:
        import resource
    except ImportError:  # a system without such limits
        yield
        return
    now, most = resource.getrlimit(resource.RLIMIT_AS)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    try:
        yield
    finally:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_AS, (now, most))


def find_browser() -> str:
    """Give the command of an installed Chromium.

    Raises
    ------
    SMFError : there is none.
    """
    named = os.environ.get("SMF_CHROMIUM", "")
    for name in (named, *BROWSERS):
        found = shutil.which(name) if name else None
        if found:
            return found
    raise SMFError(
        Fault(
            code="P002",
            where="pdf",
            what="No Chromium was found on this machine; the PDF needs one.",
            remedy="Install Chromium or Chrome, or set SMF_CHROMIUM to its command.",
        )
    )


def _unstamped(content: bytes) -> bytes:
    """Take date and program out of a PDF, byte for byte in place, so that its cross-references still hold."""
    same = _STAMPS.sub(lambda found: b"(D:20000101000000" + b" " * (len(found[0]) - 18) + b")", content)
    return _PRODUCER.sub(
        lambda found: (
            found[0][: found[0].index(b"(") + 1] + b" " * (len(found[0]) - found[0].index(b"(") - 2) + b")"
        ),
        same,
    )
