"""The files of a client's look: its logo and its PPTX template, checked before anything runs, read as data addresses."""

import base64
import zipfile
from pathlib import Path
from typing import Final

_PICTURES: Final = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
_SLIDES: Final = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
_PRESENTATION: Final = "ppt/presentation.xml"
_MACROS: Final = "vbaProject.bin"

LOOK_FILES: Final = {"logo": 200_000, "template": 8_000_000}
"""Keys of the brand that name a file, and the most bytes of it: a logo stands in every page, so it is small."""


def look_fault(name: str, path: Path) -> tuple[str, str] | None:
    """Say what is wrong with a file of the look and what to do about it; None where it can be used."""
    if not path.is_file():
        return f"The {name} '{path.name}' is not there.", "Put it into the client's folder."
    size, most = path.stat().st_size, LOOK_FILES[name]
    if size > most:
        return f"The {name} has {size:,} bytes, more than {most:,}.", "Save it smaller."
    if not _kind(name, path):
        wanted = "a PNG, JPEG or SVG picture" if name == "logo" else "a PPTX presentation without macros"
        return f"The {name} '{path.name}' is not {wanted}.", "Save it as one."
    return None


def look_address(name: str, path: Path) -> str:
    """Give a file of the look as a data address, so that a release holds it and needs no path."""
    return f"data:{_kind(name, path)};base64,{base64.b64encode(path.read_bytes()).decode('ascii')}"


def _kind(name: str, path: Path) -> str:
    """Tell a file by its content; empty where it is not what it should be."""
    if name == "template":
        return _SLIDES if _is_presentation(path) else ""
    head = path.read_bytes()
    for start, kind in _PICTURES.items():
        if head.startswith(start):
            return kind
    return "image/svg+xml" if b"<svg" in head[:1000] else ""


def _is_presentation(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except zipfile.BadZipFile:
        return False
    return _PRESENTATION in names and not any(name.endswith(_MACROS) for name in names)
