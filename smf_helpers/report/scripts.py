"""The scripts of a page: ours, and plotly.js from the installed package; each allowed by its digest only."""

import base64
import functools
import gzip
import hashlib
import importlib.util
import re
from pathlib import Path

from smf_helpers.errors import SMFError

ASSETS = Path(__file__).parent.parent / "assets"


@functools.cache
def asset(name: str) -> str:
    """Give the text of one of our own assets; empty where it is not installed."""
    path = ASSETS / name
    return path.read_text(encoding="utf-8") if path.is_file() else ""


@functools.cache
def what_if_module() -> str:
    """Give the what-if module; the name of the SVG namespace, which is no address, is put together in place.

    A page can then be searched for addresses, and none is found.
    """
    return asset("what_if.js").replace(
        '"http://www.w3.org/2000/svg"', '["http" + ":", "", "www.w3.org", "2000", "svg"].join("/")'
    )


@functools.cache
def style(name: str) -> str:
    """Give one of our styles without comments and line breaks."""
    return re.sub(r"\s*\n\s*", "", re.sub(r"/\*.*?\*/", "", asset(name), flags=re.S))


@functools.cache
def plotly_source() -> bytes:
    """Give plotly.js as the installed plotly package brings it.

    Raises
    ------
    SMFError : the plotly package is not installed, or brings no script.
    """
    spec = importlib.util.find_spec("plotly")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder) / "package_data" / "plotly.min.js"
        if path.is_file():
            return path.read_bytes()
    raise SMFError("plotly.js was not found in the installed plotly package: install the requirements again.")


@functools.cache
def plotly_packed() -> str:
    """Give plotly.js as gzip in base64, the same bytes at every run."""
    packed = gzip.compress(plotly_source(), compresslevel=9, mtime=0)
    return base64.b64encode(packed).decode("ascii")


@functools.cache
def shared_files() -> dict[str, bytes]:
    """Give the scripts that pages share, each under a name made from its content, in the order in which they run."""
    files = {
        "plotly": plotly_source(),
        "what_if": what_if_module().encode("utf-8"),
        "report": asset("report.js").encode("utf-8"),
    }
    return {f"{name}-{hashlib.sha256(text).hexdigest()[:12]}.js": text for name, text in files.items()}


def digest(script: str | bytes) -> str:
    """Give the digest by which a policy allows a script.

    Examples
    --------
    >>> digest("")
    "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
    """
    raw = script.encode("utf-8") if isinstance(script, str) else script
    return "'sha256-" + base64.b64encode(hashlib.sha256(raw).digest()).decode("ascii") + "'"


@functools.cache
def plotly_digest() -> str:
    """Give the digest of plotly.js."""
    return digest(plotly_source())


def policy(*allowed: str) -> str:
    """Give the content security policy of a page that may run the allowed scripts and load nothing.

    Examples
    --------
    >>> policy("'self'").split("; ")[:2]
    ["default-src 'none'", "script-src 'self'"]
    """
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {' '.join(allowed)}",
            "style-src 'unsafe-inline'",
            "img-src data:",
            "font-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )
