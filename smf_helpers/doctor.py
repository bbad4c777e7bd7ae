"""Is this machine able to do all of it, and if not, what to type."""

import importlib.util
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

EXTRAS = {
    "spss": (("pyreadstat",), "SPSS files"),
    "workshop": (("starlette", "uvicorn", "segno"), "the projector's page and the phones"),
    "big": (("duckdb", "ibis", "pyarrow"), "logs of millions of rows and Parquet"),
    "sql": (("sqlalchemy",), "sources in a database"),
    "store": (("fsspec", "s3fs"), "sources and reports in an object store"),
    "cluster": (("dask", "distributed"), "batches on a Dask cluster"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One thing the suite needs or can use: is it there, what for, how to get it."""

    name: str
    fine: bool
    what: str
    remedy: str = ""
    needed: bool = False


def find_browser() -> str | None:
    """Give the path of a Chromium, or None: ``SMF_CHROMIUM`` first, then the usual names."""
    named = os.environ.get("SMF_CHROMIUM")
    return named or next((path for name in BROWSERS if (path := shutil.which(name))), None)


def _secret() -> Part:
    named, kept = "SMF_SECRET" in os.environ, Path("private/secret").exists()
    what = "SMF_SECRET" if named else "private/secret" if kept else "nothing keys the pseudonyms yet"
    return Part(name="secret", fine=named or kept, what=what, remedy="Type: smf keys")


def examine() -> list[Part]:
    """Look at Python, the browser, the secret and the extras."""
    version = ".".join(str(part) for part in sys.version_info[:3])
    browser = find_browser()
    parts = [
        Part(
            name="Python",
            fine=sys.version_info >= (3, 11),
            what=version,
            remedy="Install Python 3.11 or newer.",
            needed=True,
        ),
        Part(
            name="browser",
            fine=browser is not None,
            what=browser or "no Chromium found: pages are made, PDF and the browser tests are not",
            remedy="Install the package 'chromium' with your system's package manager, or set SMF_CHROMIUM.",
        ),
        _secret(),
    ]
    for extra, (modules, what) in EXTRAS.items():
        lacking = [name for name in modules if importlib.util.find_spec(name) is None]
        parts.append(
            Part(name=extra, fine=not lacking, what=what, remedy=f"Type: pip install 'smf-workbook[{extra}]'")
        )
    return parts
