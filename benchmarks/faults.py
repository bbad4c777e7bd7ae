"""The fault plan at its full counts, in pieces, and what each has found.

``python -m benchmarks.faults [WORDS …] [--again] [--minutes M]`` runs the rows that have one of the words, or all, piece
by piece until the time is over, leaving out what has passed before unless it is to run again. It keeps what was found in
``benchmarks/results/faults.json`` and writes ``benchmarks/results/faults.md``.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

from benchmarks.batch.kills import known

RESULTS = Path(__file__).parent / "results"
SUMS = RESULTS / "faults.json"
KILLS, LIMITS, POISON = (f"tests/faults/test_{name}.py" for name in ("kills", "limits", "poison"))
AROUND = "tests/faults/test_surroundings.py"
PLAN = {
    "runner killed at a random moment, 40 clients": [(KILLS, f"any_moment and {n}") for n in range(4)],
    "runner told to stop: TERM, INT, HUP": [(KILLS, "told_to_stop")],
    "keeper, zygote or run killed in mid-batch": [(KILLS, "any_one_process")],
    "notebook's process ends (KILL, SEGV, ABRT, exit), each place, each path": [(LIMITS, "ends_anywhere")],
    "too much memory, too many processes, each path": [(LIMITS, "too_much_memory")],
    "notebook hangs, each path": [(LIMITS, "hangs")],
    "call N of the file layer fails (ENOSPC, EIO, EACCES, EMFILE)": [
        ("tests/faults/test_disk.py", "each_call")
    ],
    "disk fills, or a kill comes, while a page is replaced": [
        ("tests/faults/test_disk.py", "stays_whole or reason")
    ],
    "a file may not grow (RLIMIT_FSIZE); a file system of a few hundred KB": [
        (AROUND, "grow or small_file_system")
    ],
    "two runners on one folder, then a stale lock": [(KILLS, "two_runners or manifest")],
    "clients that clash": [("tests/faults/test_inputs.py", "clash")],
    "1 bad client of 500": [(POISON, "cost_only and 500-1")],
    "25 bad clients of 500": [(POISON, "cost_only and 500-25")],
    "180 bad clients of 200": [(POISON, "cost_only and 200-180")],
    "input changed after the plan": [("tests/faults/test_inputs.py", "after_the_plan")],
    "clock and nights of change": [("tests/faults/test_clock.py", "clock")],
    "locale, time zone, umask, home, folder, path, descriptors": [(AROUND, "odd_surroundings")],
    "links planted": [("tests/faults/test_disk.py", "link")],
    "words of one client in another's files, 500 clients": [(POISON, "token")],
    "garbage on the zygote's socket": [("tests/faults/test_zygote.py", "zygote")],
    "500 clients three times in one runner": [(POISON, "batch_after_batch")],
    "the engine's other tests (paths, cluster, S3)": [("tests/batch", "")],
}
"""Row of the plan → its pieces, each a file and the words that select its tests."""
ELSEWHERE = """
Three rows of the plan have pages or commands of their own: 500 batches of the full workload killed and resumed
([batch](batch.md), {killed} killed so far, {bad} wrong), privacy ([privacy](privacy.md)) and the fuzzing of the readers
(`make fuzz`).
"""


def run(file: str, words: str) -> dict[str, Any]:
    """Run one piece at its full count; give what it found."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    ).stdout.strip()
    with tempfile.TemporaryDirectory() as home:
        told = Path(home) / "told.xml"
        argv = [sys.executable, "-m", "pytest", file, "-k", words, "-rs", f"--junitxml={told}"]
        ran = subprocess.run(argv, env={**os.environ, "SMF_FULL": "1"}, check=False)
        return summary(told, passed=ran.returncode == 0, commit=commit)


def summary(told: Path, *, passed: bool, commit: str) -> dict[str, Any]:
    """Give what one run of pytest has told in its XML."""
    cases = ET.parse(told).getroot().findall(".//testcase") if told.exists() else []
    counts = [case.find("properties/property[@name='count']") for case in cases]
    return {
        "passed": passed and bool(cases),
        "count": sum(1 if count is None else int(count.get("value", 1)) for count in counts),
        "skipped": sum(case.find("skipped") is not None for case in cases),
        "failed": sum(case.find(kind) is not None for case in cases for kind in ("failure", "error")),
        "seconds": round(sum(float(case.get("time", 0)) for case in cases)),
        "commit": commit,
    }


def write_page(found: dict[str, dict[str, Any]]) -> None:
    """Write the table of what is known."""
    lines = []
    for row, pieces in PLAN.items():
        parts = [found[key] for key in (" ".join(piece) for piece in pieces) if key in found]
        if not parts:
            lines.append(f"| {row} | | not run yet | | |")
            continue
        bad, skipped = sum(part["failed"] for part in parts), sum(part["skipped"] for part in parts)
        said = f"{bad} failed" if bad else "passed" if all(part["passed"] for part in parts) else "stopped"
        said += f", {skipped} skipped" if skipped else ""
        said += f" ({len(parts)} of {len(pieces)} pieces)" if len(parts) < len(pieces) else ""
        count, seconds = sum(part["count"] for part in parts), sum(part["seconds"] for part in parts)
        commits = ", ".join(dict.fromkeys(part["commit"] for part in parts))
        lines.append(f"| {row} | {count:,} | {said} | {seconds:,} | {commits} |")
    kills = known()
    bad = sum(count for name, count in kills.items() if name != "killed")
    page = [
        "# The fault plan at its full counts",
        "",
        "Written by `python -m benchmarks.faults`. What each row does and when it passes stands in the tests under",
        "`tests/faults`; the short form of every row runs in `make test`. Seconds are wall time, in part beside other work.",
        "",
        "| fault | count | outcome | s | commit |",
        "| --- | ---: | --- | ---: | --- |",
        *lines,
    ]
    text = "\n".join(page) + "\n" + ELSEWHERE.format(killed=kills["killed"], bad=bad)
    (RESULTS / "faults.md").write_text(text)


def main() -> None:
    """Run what has not passed yet, and write down what is known after each piece."""
    options = argparse.ArgumentParser(prog="python -m benchmarks.faults")
    options.add_argument("words", nargs="*")
    options.add_argument("--again", action="store_true")
    options.add_argument("--minutes", type=float, default=600.0)
    asked = options.parse_args()
    end = time.monotonic() + 60 * asked.minutes
    found: dict[str, dict[str, Any]] = json.loads(SUMS.read_text()) if SUMS.exists() else {}
    for row, pieces in PLAN.items():
        chosen = not asked.words or any(words in row for words in asked.words)
        for piece in pieces if chosen else ():
            key = " ".join(piece)
            wanted = asked.again or not found.get(key, {}).get("passed")
            if wanted and time.monotonic() < end:
                print(f"== {row}", flush=True)
                found[key] = run(*piece)
                SUMS.write_text(json.dumps(found, indent=1) + "\n")
                write_page(found)
    write_page(found)
    sys.exit(not all(part["passed"] for part in found.values()))


if __name__ == "__main__":
    main()
