"""What a look-alike says of itself: its bytes, the format it must be told as, what its canonical tables must hold."""

from dataclasses import dataclass, field
from typing import Any

BOM = "\ufeff".encode()


@dataclass(frozen=True, kw_only=True)
class Case:
    name: str
    raw: bytes
    format: str
    variant: str = ""
    rows: dict[str, int] = field(default_factory=dict)
    sums: dict[tuple[str, str], float] = field(default_factory=dict)
    first: dict[tuple[str, str], Any] = field(default_factory=dict)


def text(content: str, encoding: str = "utf-8") -> bytes:
    return content.strip("\n").encode(encoding) + b"\n"
