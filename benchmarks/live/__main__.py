"""Measure the live side and write ``benchmarks/results/live.md``. Run: ``python -m benchmarks.live``."""

import os
import sys
from pathlib import Path
from typing import Any

from benchmarks.live.lab import FAST, measure_lab, share
from benchmarks.live.room import CROWD, WALLS, measure_room

RESULTS = Path(__file__).parents[1] / "results" / "live.md"


def line(name: str, took: list[float], goal: str) -> str:
    """Write one line of the table."""
    numbers = " | ".join(f"{value:.0f}" for value in (share(took, 0.5), share(took, 0.95), max(took)))
    return f"| {name} | {numbers} | {goal} |"


def written(lab: dict[str, Any], room: dict[str, Any], load: float) -> str:
    """Write the page."""
    votes = [
        f"| {name} | {found['p50']:.1f} | {found['p95']:.1f} | {found['max']:.1f} | p95 < 100 ms |"
        for name, found in (
            (f"{CROWD} phones, three votes each within four seconds", room["spread"]),
            (f"{CROWD} phones, all in the same instant", room["together"]),
        )
    ]
    kept = "; ".join(f"{room[way]['votes']} votes kept, {room[way]['walls_with_gaps']} of {WALLS} walls missed an update"
                     for way in ("spread", "together"))  # fmt: skip
    return "\n".join(
        [
            "# Live: how fast a picture follows a hand",
            "",
            f"Written by `python -m benchmarks.live`: JupyterLab and Chromium without a graphics card on {os.cpu_count()} "
            f"cores; load of the machine when it began {load:.1f}.",
            "",
            "| what, in milliseconds | p50 | p95 | max | wanted |",
            "| --- | --- | --- | --- | --- |",
            line(
                f"slider to picture through the kernel, {lab['points']:,} points",
                lab["kernel"],
                "p95 < 100 ms",
            ),
            line("slider to picture in the browser (what-if)", lab["live"], "p95 < 50 ms"),
            line("first paint of the wall, five times", room["paint"], "< 1,000 ms"),
            *votes,
            "",
            f"Of {FAST} fast events in the browser {lab['seen']} were drawn, {lab['seen'] / lab['seconds']:.0f} a second. "
            f"Phones vote from a process of their own on loopback; {kept}. "
            f"Faults in Lab's cells and console: {'; '.join(map(str, lab['faults'])) or 'none'}.",
            "",
        ]
    )


def main() -> None:
    """Measure and write."""
    load = os.getloadavg()[0]
    page = written(measure_lab(), measure_room(), load)
    RESULTS.write_text(page, encoding="utf-8")
    sys.stdout.write(page)


if __name__ == "__main__":
    main()
