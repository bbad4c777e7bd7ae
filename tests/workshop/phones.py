"""A room full of phones, in a process of its own: each joins and votes; walls listen. Prints one line of JSON.

Usage: python phones.py PORT CODE KEY PHONES WALLS ROUNDS [SECONDS]

Each phone waits up to SECONDS (4 by default) before each of its votes; with 0 all vote in the same instant.
"""

import asyncio
import json
import random
import sys
import time
from typing import Any

FACTORS = (
    "objectives", "targets_channels", "activities", "ownership", "listening", "engaging", "measuring",
    "learning_culture",
)  # fmt: skip


async def call(port: int, path: str, wish: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """Post JSON over a connection of its own and give status and answer."""
    body = json.dumps(wish).encode()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    writer.write(head.encode() + body)
    await writer.drain()
    answer = await reader.read()
    writer.close()
    top, _, rest = answer.partition(b"\r\n\r\n")
    return int(top.split()[1]), json.loads(rest)


class Line:
    """One phone's connection, kept open as a browser keeps it."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.ends: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, path: str, wish: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Post JSON and give status and answer; a connection that was closed meanwhile is opened again."""
        body = json.dumps(wish).encode()
        asked = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
        for last in (False, True):
            if self.ends is None:
                self.ends = await asyncio.open_connection("127.0.0.1", self.port)
            reader, writer = self.ends
            try:
                writer.write(asked)
                await writer.drain()
                top = await reader.readuntil(b"\r\n\r\n")
                length = next(
                    int(line[15:])
                    for line in top.split(b"\r\n")
                    if line.lower().startswith(b"content-length:")
                )
                rest = await reader.readexactly(length)
            except (ConnectionError, asyncio.IncompleteReadError):
                self.close()
                if last:
                    raise
                continue
            return int(top.split()[1]), json.loads(rest)
        raise ConnectionError

    def close(self) -> None:
        """Hang up."""
        if self.ends is not None:
            self.ends[1].close()
            self.ends = None


async def listen(port: int, key: str, heard: list[int], ready: asyncio.Event) -> None:
    """Keep the number of each state that a wall gets."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET /events?key={key} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    await writer.drain()
    while line := await reader.readline():
        if line.startswith(b"data: "):
            heard.append(json.loads(line[6:])["beat"])
            ready.set()


async def phone(
    port: int,
    code: str,
    rounds: int,
    chance: random.Random,
    took: list[float],
    pause: float,
    joint: asyncio.Barrier,
) -> int:
    """Join, wait until all have, then vote `rounds` times with a pause; give how many votes were kept."""
    line = Line(port)
    _, joined = await line.post("/join", {"code": code})
    await joint.wait()
    kept = 0
    for _ in range(rounds):
        await asyncio.sleep(chance.random() * pause)
        answers = {factor: chance.randint(1, 5) for factor in FACTORS}
        start = time.perf_counter()
        wish = {"device": joined["device"], "step": "factors", "answers": answers}
        status, _ = await line.post("/vote", wish)
        took.append(time.perf_counter() - start)
        kept += status == 200
    line.close()
    return kept


async def main(
    port: int, code: str, key: str, phones: int, walls: int, rounds: int, pause: float = 4.0
) -> dict[str, Any]:
    """Let the room vote and give what was measured."""
    heard: list[list[int]] = [[] for _ in range(walls)]
    ready = [asyncio.Event() for _ in range(walls)]
    listening = [
        asyncio.create_task(listen(port, key, mine, sign)) for mine, sign in zip(heard, ready, strict=True)
    ]
    for sign in ready:
        await sign.wait()
    took: list[float] = []
    joint = asyncio.Barrier(phones)
    kept = await asyncio.gather(
        *(phone(port, code, rounds, random.Random(place), took, pause, joint) for place in range(phones))
    )
    _, last = await call_key(port, key)
    while any(mine[-1] < last["beat"] for mine in heard):
        await asyncio.sleep(0.01)
    for task in listening:
        task.cancel()
    took.sort()
    at = {share: took[min(len(took) - 1, int(share * len(took)))] * 1000 for share in (0.5, 0.95, 1.0)}
    gaps = [mine != list(range(mine[0], mine[-1] + 1)) for mine in heard]
    return {
        "votes": sum(kept), "p50": at[0.5], "p95": at[0.95], "max": at[1.0], "updates": last["beat"],
        "walls_with_gaps": sum(gaps),
    }  # fmt: skip


async def call_key(port: int, key: str) -> tuple[int, dict[str, Any]]:
    """Ask for the present state as the trainer."""
    return await call(port, f"/steer?key={key}", {})


if __name__ == "__main__":
    port, code, key, phones, walls, rounds, *pause = sys.argv[1:]
    seconds = float(pause[0]) if pause else 4.0
    print(json.dumps(asyncio.run(main(int(port), code, key, int(phones), int(walls), int(rounds), seconds))))
