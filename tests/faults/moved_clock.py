"""A runner under a clock that moves: ``python -m tests.faults.moved_clock FOLDER SECONDS [in-process]``.

It makes a batch, whose clock moves by the seconds when the first client has ended; plans again; changes one client's
input and makes the batch again. It prints what it saw as JSON.
"""

import datetime as dt
import json
import os
import struct
import sys
import time
from pathlib import Path

from smf_helpers.batch import environment, plan_batch, run, run_batch
from tests.batch.notebooks import ANALYSIS, make_clients, make_options
from tests.faults.in_process import InProcessLauncher

WATCHED = [*ANALYSIS, "import time\npathlib.Path(params).with_suffix('.seen').write_text(str(time.time()))"]


def move(seconds: int) -> None:
    """Move the clock of every process that looks at this file."""
    path = Path(os.environ["SMF_TEST_CLOCK"])
    (now,) = struct.unpack("q", path.read_bytes())
    with path.open("r+b") as file:
        file.write(struct.pack("q", now + seconds))


def main(folder: Path, seconds: int) -> None:
    environment._PASSED += ("LD_PRELOAD", "SMF_TEST_CLOCK")
    clients, options = make_clients(folder, 3), make_options(folder, analysis=WATCHED, jobs=1)
    since, told, summer = [], [], [time.localtime().tm_isdst]

    def on_event(event) -> None:
        if event.kind == "ended" and event.done == 1 and not since:
            since.append(json.loads((folder / "reports" / ".lock").read_text())["since"])
            since.append(dt.datetime.now(dt.UTC).isoformat())
            move(seconds)
            summer.append(time.localtime().tm_isdst)
        told.append([event.per_minute, event.left or 0.0])

    begun = time.monotonic()
    first = run_batch(plan_batch(clients, options), on_event)
    took = time.monotonic() - begun
    again = [client.why for client in plan_batch(clients, options).clients]
    assert clients[0].params_path is not None
    clients[0].params_path.write_text("y")  # as long as before
    os.utime(clients[0].params_path, (time.time(), time.time()))
    second = run_batch(plan_batch(clients, options))
    seen = {
        "states": [[row.state for row in outcome.rows] for outcome in (first, second)],
        "seconds": [row.seconds for row in first.rows] + [first.seconds],
        "took": took,
        "again": again,
        "since": since,
        "summer": summer,
        "told": told,
        "clock": [float((folder / f"client-{n}.seen").read_text()) for n in (2, 3)],
    }
    print(json.dumps(seen))


if __name__ == "__main__":
    if "in-process" in sys.argv:
        run.open_launcher = lambda options: InProcessLauncher()
    main(Path(sys.argv[1]), int(sys.argv[2]))
