"""G12 in pieces: kill batches at random instants, resume each, and add what was found to what is known.

``python -m benchmarks.batch.kills [N] [--minutes M]`` goes on until N batches have been killed in all, over as many
calls as it takes, and keeps the sums in ``benchmarks/results/kills.json``; the table of ``benchmarks.batch`` reads them.
"""

import argparse
import json
import random
import tempfile
import time
from pathlib import Path

from benchmarks.batch.safety import COUNTED, Kills

SUMS = Path(__file__).parents[1] / "results" / "kills.json"


def known() -> dict[str, int]:
    """Give what all calls so far have found."""
    return json.loads(SUMS.read_text()) if SUMS.exists() else dict.fromkeys(COUNTED, 0)


def kill_until(kills: int, minutes: float) -> dict[str, int]:
    """Kill until so many have been killed in all, or the time is over; give the sums."""
    end = time.monotonic() + 60 * minutes
    sums = known()
    with tempfile.TemporaryDirectory() as home:
        batches = Kills(Path(home)) if sums["killed"] < kills else None
        while batches is not None and sums["killed"] < kills and time.monotonic() < end:
            found = batches.once(random.Random(sums["killed"]))
            sums = {name: sums[name] + found[name] for name in COUNTED}
            SUMS.write_text(json.dumps(sums, indent=1) + "\n")
    return sums


def main() -> None:
    """Kill, and say what is known now."""
    options = argparse.ArgumentParser(prog="python -m benchmarks.batch.kills")
    options.add_argument("kills", type=int, nargs="?", default=500)
    options.add_argument("--minutes", type=float, default=9.0)
    asked = options.parse_args()
    print(kill_until(asked.kills, asked.minutes))


if __name__ == "__main__":
    main()
