"""Whatever arrives on the zygote's socket, it goes on serving, and nothing of the strangers stays."""

import json
import os
import random
import socket
import struct
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from smf_helpers.batch import watch
from smf_helpers.batch.warm import Zygote

FULL = bool(os.environ.get("SMF_FULL"))
LETTERS = 3000 if FULL else 120


@pytest.fixture
def zygote() -> Iterator[Zygote]:
    """Give a running zygote that has imported nothing."""
    running = Zygote({"modules": [], "kernels": False, "bare": True})
    try:
        assert running.wait()
        yield running
    finally:
        running.close()


def letter(chance: random.Random) -> bytes:
    """Give bytes that nobody would send: noise, broken or deep JSON, requests with wrong parts."""
    kind = chance.choice(["job", "kernel", "learn", "nothing", 7, None, ["job"]])
    whole = json.dumps({"kind": kind, "modules": chance.choice([[], [1], "os", None, {"a": 1}, ["no.such"]])})
    return chance.choice(
        [
            chance.randbytes(chance.randrange(1, 2000)),
            whole.encode(),
            whole[: chance.randrange(1, len(whole))].encode(),
            b"[" * chance.randrange(1, 60_000),
            b'{"kind":' * 7000,
            json.dumps(kind).encode(),
            b"\x00",
        ]
    )


def test_the_zygote_survives_garbage(zygote: Zygote, record_property):
    record_property("count", LETTERS)
    chance = random.Random(11)
    with ExitStack() as open_lines:
        kept: list[socket.socket] = []
        for _ in range(LETTERS):
            line = open_lines.enter_context(call(zygote))
            kept.append(line)
            bother(line, chance)
            while len(kept) > chance.randrange(8):
                kept.pop(chance.randrange(len(kept))).close()
    assert zygote.alive()
    (keeper,) = (pid for pid in watch.children(os.getpid()) if runs_zygote(pid))
    (grown,) = watch.children(keeper)
    serve_one(zygote)
    assert watch.children(grown) == []
    assert len(list(Path(f"/proc/{grown}/fd").iterdir())) < 30, "descriptors of strangers are let go"


def bother(line: socket.socket, chance: random.Random) -> None:
    """Send up to two letters with up to four descriptors each."""
    handles = [os.open(os.devnull, os.O_RDWR) for _ in range(chance.randrange(5))]
    try:
        for _ in range(chance.randrange(3)):
            with suppress(ConnectionError):  # it may have hung up on us
                socket.send_fds(line, [letter(chance)], handles)
    finally:
        for handle in handles:
            os.close(handle)


def runs_zygote(pid: int) -> bool:
    return b"smf_helpers.batch.zygote" in Path(f"/proc/{pid}/cmdline").read_bytes()


def serve_one(zygote: Zygote) -> None:
    """Have it fork one process whose letter is empty: it ends, by itself, with a status."""
    with call(zygote) as line, Path(os.devnull).open("r+b") as nothing:
        socket.send_fds(line, [b'{"kind": "job"}'], [nothing.fileno()] * 3)
        assert json.loads(line.recv(4096))["pid"]
        assert json.loads(line.recv(4096)) == {"status": 70}


def call(zygote: Zygote) -> socket.socket:
    """Connect to it, standing in the queue for a minute at most."""
    line = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", 60, 0))
    line.connect(zygote.address)
    return line
