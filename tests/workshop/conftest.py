import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
START = (
    "import sys, pathlib; from smf_helpers.workshop import serve_workshop; "
    "serve_workshop(pathlib.Path(sys.argv[1]), port=int(sys.argv[2]), language=sys.argv[3])"
)


@dataclass(kw_only=True)
class Running:
    """A service in a process of its own."""

    port: int
    key: str
    code: str
    process: subprocess.Popen[str]

    def kill(self) -> None:
        """End it without a farewell."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """Start services over the same room; all are ended with the test."""
    started: list[Running] = []

    def run(language: str = "en") -> Running:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        process = subprocess.Popen(
            [sys.executable, "-c", START, str(tmp_path), str(port), language],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        assert process.stdout is not None
        key = process.stdout.readline().split("key=")[1].strip()
        process.stdout.readline()
        while process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
        from smf_helpers.workshop.room import Room

        room = Room(tmp_path / "private" / "workshop" / "room.sqlite")
        code = room.code
        room.close()
        started.append(Running(port=port, key=key, code=code, process=process))
        return started[-1]

    yield run
    for each in started:
        if each.process.poll() is None:
            each.process.terminate()
            each.process.wait()
        assert each.process.stdout is not None
        each.process.stdout.close()
