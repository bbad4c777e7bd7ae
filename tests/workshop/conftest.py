import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.ports import free_port

ROOT = Path(__file__).parents[2]


@dataclass(kw_only=True)
class Running:
    """A service in a process of its own."""

    port: int
    key: str
    code: str
    file: Path
    process: subprocess.Popen[str]

    def kill(self) -> None:
        """End it without a farewell."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """Start services over the same room; all are ended with the test."""
    started: list[Running] = []

    def run(client: str = "") -> Running:
        port = free_port()
        command = [sys.executable, "-m", "smf_helpers", "workshop", "--port", str(port)]
        process = subprocess.Popen(
            [*command, "--client", client] if client else command,
            stdout=subprocess.PIPE,
            text=True,
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        assert process.stdout is not None
        key = next(line for line in process.stdout if "key=" in line).split("key=")[1].strip()
        process.stdout.readline()
        while process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
        from smf_helpers.workshop.room import Room

        file = tmp_path / "private" / "workshop" / "room.sqlite"
        room = Room(file)
        code = room.code
        room.close()
        started.append(Running(port=port, key=key, code=code, file=file, process=process))
        return started[-1]

    yield run
    for each in started:
        if each.process.poll() is None:
            each.process.terminate()
            each.process.wait()
        assert each.process.stdout is not None
        each.process.stdout.close()
