"""The least that our own drawings need of SVG: elements with escaped text, and smooth ribbons."""

import functools
import itertools
import math
from collections.abc import Iterable, Sequence
from html import escape

Point = tuple[float, float]


def element(name: str, *inside: str, **attributes: str | float) -> str:
    """Write one element; attribute names take ``_`` for ``-``, ``class_`` for ``class``.

    Examples
    --------
    >>> element("circle", cx=1, cy=2.5, r=3, class_="node")
    '<circle cx="1" cy="2.5" r="3" class="node"/>'
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(number(value), quote=True)}"'
        for key, value in attributes.items()
    )
    return f"<{name}{written}>{''.join(inside)}</{name}>" if inside else f"<{name}{written}/>"


def number(value: str | float) -> str:
    """Write a coordinate with at most one decimal; text comes back as it is."""
    if isinstance(value, str):
        return value
    return f"{round(value, 1) + 0.0:g}"


def text(content: str, x: float, y: float, class_: str = "", anchor: str = "middle") -> str:
    """Write a line of text."""
    return element("text", escape(content), x=x, y=y, class_=class_, text_anchor=anchor)


def path(points: Iterable[Point], *, closed: bool = False) -> str:
    """Write the path data of a polyline: its start, then steps from point to point.

    Examples
    --------
    >>> path([(0, 0), (10, 5), (12.5, 5)])
    'M0 0l10 5 2.5 0'
    """
    rounded = [(round(x, 1), round(y, 1)) for x, y in points]
    start = f"M{number(rounded[0][0])} {number(rounded[0][1])}"
    steps = " ".join(f"{number(b[0] - a[0])} {number(b[1] - a[1])}" for a, b in itertools.pairwise(rounded))
    return f"{start}l{steps}{'z' if closed else ''}"


@functools.lru_cache(maxsize=16)
def ribbon(line: tuple[Point, ...], widths: tuple[float, ...]) -> str:
    """Write the path data of a band along `line` whose width changes on the way; the same band is written once."""
    return path(outline(line, widths), closed=True)


def outline(line: Sequence[Point], widths: Sequence[float]) -> list[Point]:
    """Give the corners of a band along `line` whose width changes on the way."""
    left, right = [], []
    for place, (x, y) in enumerate(line):
        before, after = line[max(place - 1, 0)], line[min(place + 1, len(line) - 1)]
        dx, dy = after[0] - before[0], after[1] - before[1]
        length = math.hypot(dx, dy) or 1.0
        half = widths[place] / 2
        left.append((x - dy / length * half, y + dx / length * half))
        right.append((x + dy / length * half, y - dx / length * half))
    return [*left, *reversed(right)]


def wrapped(content: str, width: int) -> list[str]:
    """Break words into lines of at most about `width` letters.

    Examples
    --------
    >>> wrapped("Determining target groups and channels", 18)
    ['Determining target', 'groups and', 'channels']
    """
    lines: list[str] = []
    for word in content.split():
        if lines and len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += " " + word
        else:
            lines.append(word)
    return lines
