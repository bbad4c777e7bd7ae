"""The service of a workshop room: phones vote, walls follow, the trainer holds the key.

A vote is answered only when it is on disk; votes that come together are written together. Whoever holds the
room's code may vote, whoever holds the key may see the wall and steer. No name, no address is kept.
"""

import asyncio
import contextlib
import csv
import io
import json
import secrets
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from smf_helpers.errors import SMFError
from smf_helpers.figures.vocabulary import LABELS, SHORT
from smf_helpers.figures.what_if import module_source, words_in
from smf_helpers.figures.workshop.ballots import BALLOTS, STEPS, Tally, checked
from smf_helpers.figures.workshop.pictures import barrier_picture, curves_picture, cycle_picture, means
from smf_helpers.figures.workshop.words import PAGE, REMEDIES, page_words
from smf_helpers.language import Language, language
from smf_helpers.release.material import Material, sample_material
from smf_helpers.texts import script_json
from smf_helpers.workshop.imports import read_results
from smf_helpers.workshop.room import MINIMUM, Room, Vote

HERE: Final = Path(__file__).parent
MOST_BYTES: Final = 4_096
MOST_PASTED: Final = 400_000
BURST, EVERY = 10, 0.5
"""Votes that a device may send at once, and seconds after which it may send one more."""
PAUSE: Final = 0.1
"""Seconds between two pictures of the votes: a room that votes at once moves the walls ten times a second, no more."""
BEAT: Final = 15.0
"""Seconds after which a silent wall hears that the service lives."""
WRONG_BURST: Final = 200
"""Wrong codes that the room bears in a minute, from everybody together."""

_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS: Final = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}


class _Guard:
    """Give every answer the same headers."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                extra = [(name.encode(), value.encode()) for name, value in _HEADERS.items()]
                message["headers"] = [*message.get("headers", []), *extra]
            await send(message)

        await self.app(scope, receive, dressed if scope["type"] == "http" else send)


class Service:
    """One room on the network.

    Parameters
    ----------
    room : its memory.
    tongue : language of wall and phones.
    material : what is shown beside the votes.
    address : where phones reach it; empty when they cannot.
    """

    def __init__(self, room: Room, tongue: Language, material: Material, address: str = "") -> None:
        self.room, self.tongue, self.material, self.address = room, tongue, material, address
        self.walls: set[asyncio.Queue[bytes]] = set()
        self.beat = 0
        self._drawn: tuple[object, str] = (None, "")
        self._coming: asyncio.Queue[tuple[Vote, asyncio.Future[None]]] = asyncio.Queue()
        self._moved = asyncio.Event()
        self._spent: dict[str, tuple[float, float]] = {}
        self._wrong: list[float] = []

    # --- votes ---------------------------------------------------------------------------------
    async def write_votes(self) -> None:
        """Write votes for ever: all that came while the last ones were written go together."""
        while True:
            batch = [await self._coming.get()]
            while not self._coming.empty():
                batch.append(self._coming.get_nowait())
            try:
                self.room.record(vote for vote, _ in batch)
            except Exception as problem:
                for _, answered in batch:
                    if not answered.done():
                        answered.set_exception(problem)
                continue
            for _, answered in batch:
                if not answered.done():
                    answered.set_result(None)
            self._moved.set()
            await asyncio.sleep(0)

    async def tell_votes(self) -> None:
        """Tell the walls of new votes for ever: those that came since the last time together."""
        while True:
            await self._moved.wait()
            self._moved.clear()
            self.tell()
            await asyncio.sleep(PAUSE)

    def tell(self) -> None:
        """Send the present state to every wall; one that cannot follow gets the newest only."""
        self.beat += 1
        told = self._event()
        for wall in self.walls:
            if wall.full():
                while not wall.empty():
                    wall.get_nowait()
            wall.put_nowait(told)

    def end(self) -> None:
        """End the streams of all walls."""
        for wall in self.walls:
            while not wall.empty():
                wall.get_nowait()
            wall.put_nowait(b"")

    def _event(self) -> bytes:
        """Write the present state for the walls, once for all of them."""
        return f"data: {json.dumps(self.state())}\n\n".encode()

    def state(self) -> dict[str, Any]:
        """Say what the wall shows."""
        room, step = self.room, self.room.step
        shown = room.revealed(step)
        n = room.voted(step)
        return {
            "beat": self.beat,
            "step": step,
            "revealed": shown,
            "closed": room.closed(step),
            "n": n if n >= MINIMUM else 0,
            "few": 0 < n < MINIMUM,
            "counted": room.counted(step) if step in BALLOTS and shown else 0,
            "picture": self.picture(step) if shown or step == "curves" else "",
        }

    def picture(self, step: str) -> str:
        """Give the picture of a step, empty where too few have voted; it is drawn again only when it moves."""
        tally, shown = self.room.tally(step), self.room.revealed(step)
        drawn = (step, shown, tally)
        if self._drawn[0] != drawn:
            self._drawn = drawn, self._picture(step, tally, shown)
        return self._drawn[1]

    def _picture(self, step: str, tally: Tally, shown: bool) -> str:
        if step == "factors":
            return cycle_picture(means(tally), self.tongue)
        if step == "barriers":
            return barrier_picture(tally, self.tongue)
        if step == "curves":
            name = self.material.name or self.tongue.text(PAGE["sample"])
            return curves_picture(
                tally if shown else {}, self.tongue, self.material.curve if shown else (), name
            )
        return ""

    def _may(self, device: str) -> bool:
        """Whether a device may vote just now: a bucket of `BURST` votes that fills one every `EVERY` seconds."""
        now = time.monotonic()
        left, since = self._spent.get(device, (float(BURST), now))
        left = min(BURST, left + (now - since) / EVERY)
        self._spent[device] = (left - 1 if left >= 1 else left, now)
        return left >= 1

    def _holds_code(self, code: Any) -> bool:
        now = time.monotonic()
        self._wrong = [at for at in self._wrong if now - at < 60]
        if len(self._wrong) >= WRONG_BURST:
            return False
        fine = isinstance(code, str) and secrets.compare_digest(
            code.upper().encode(), self.room.code.encode()
        )
        if not fine:
            self._wrong.append(now)
        return fine

    def _holds_key(self, request: Request) -> bool:
        key = request.headers.get("x-key") or request.query_params.get("key", "")
        return secrets.compare_digest(key.encode(), self.room.key.encode())

    # --- phones --------------------------------------------------------------------------------
    async def phone(self, request: Request) -> Response:
        """Give the page for phones."""
        return self._page("phone.html", self._phone_words())

    async def join(self, request: Request) -> Response:
        """Give a device its token for the room's code."""
        asked = await _json(request)
        if asked is None or not self._holds_code(asked.get("code")):
            return _refused(403, "wrong_code")
        device = self.room.admit()
        return JSONResponse({"device": device}) if device else _refused(503, "full")

    async def now(self, request: Request) -> Response:
        """Tell a phone which step it is and whether votes are taken."""
        step = self.room.step
        taken = step in BALLOTS and not self.room.closed(step)
        return JSONResponse({"step": step, "open": taken})

    async def vote(self, request: Request) -> Response:
        """Take a vote; the answer comes when it is on disk."""
        asked = await _json(request)
        if asked is None:
            return _refused(400, "malformed")
        device, step = asked.get("device"), asked.get("step")
        if not isinstance(device, str) or not self.room.knows(device):
            return _refused(403, "unknown_device")
        if not self._may(device):
            return _refused(429, "too_often")
        answers = checked(step, asked.get("answers")) if isinstance(step, str) else None
        if answers is None:
            return _refused(422, "invalid")
        if self.room.closed(str(step)):
            return _refused(409, "closed")
        answered: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        await self._coming.put((Vote(step=str(step), device=device, answers=answers), answered))
        await answered
        return JSONResponse({"kept": True})

    # --- the wall ------------------------------------------------------------------------------
    async def wall(self, request: Request) -> Response:
        """Give the projector's page to whoever holds the key."""
        if not self._holds_key(request):
            return PlainTextResponse("The address of the wall has a key in it.", status_code=403)
        words = {
            "words": page_words(self.tongue),
            "what_if": {
                "spec": self.material.what_if,
                "texts": words_in(self.tongue),
                "language": self.tongue.code,
            },
            "ballots": self._ballots(),
            "code": self.room.code,
            "address": self.address,
            "state": self.state(),
        }
        return self._page("wall.html", words)

    async def events(self, request: Request) -> Response:
        """Send the state to a wall, at once and whenever it changes."""
        if not self._holds_key(request):
            return _refused(403, "key")
        mine: asyncio.Queue[bytes] = asyncio.Queue(maxsize=512)
        mine.put_nowait(self._event())
        self.walls.add(mine)

        async def stream() -> AsyncIterator[bytes]:
            try:
                told = b": hello\n\n"
                while told:
                    yield told
                    try:
                        told = await asyncio.wait_for(mine.get(), BEAT)
                    except TimeoutError:
                        told = b": still here\n\n"
            finally:
                self.walls.discard(mine)

        return StreamingResponse(stream(), media_type="text/event-stream")

    async def steer(self, request: Request) -> Response:
        """Do what the trainer asks: go, reveal, close, reset, hands, import."""
        if not self._holds_key(request):
            return _refused(403, "key")
        asked = await _json(request, MOST_PASTED)
        if asked is None:
            return _refused(400, "malformed")
        room = self.room
        if asked.get("go") in STEPS:
            room.go(str(asked["go"]))
        step = room.step
        if isinstance(asked.get("revealed"), bool):
            room.mark(step, revealed=asked["revealed"])
        if isinstance(asked.get("closed"), bool):
            room.mark(step, closed=asked["closed"])
        if asked.get("reset") is True:
            room.reset(step)
        if isinstance(hand := asked.get("hand"), list) and len(hand) == 3:
            room.raise_hand(step, str(hand[0]), *(part if type(part) is int else 0 for part in hand[1:]))
        if isinstance(asked.get("results"), str):
            try:
                room.add_hands(step, read_results(step, asked["results"]))
            except SMFError as problem:
                return JSONResponse({"refused": str(problem)}, status_code=422)
        self.tell()
        return JSONResponse(self.state())

    async def export(self, request: Request) -> Response:
        """Give what was shown, item by item, as CSV; nothing below the minimum, no row of a person."""
        if not self._holds_key(request):
            return _refused(403, "key")
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["step", "item", "answer", "n"])
        for step in BALLOTS:
            for item, counts in self.room.tally(step).items():
                writer.writerows([step, item, choice, n] for choice, n in counts.items())
        name = {"content-disposition": 'attachment; filename="workshop.csv"'}
        return Response(out.getvalue(), media_type="text/csv; charset=utf-8", headers=name)

    async def code_picture(self, request: Request) -> Response:
        """Give the QR code of the phones' address."""
        import segno

        out = io.BytesIO()
        if not self.address:
            return PlainTextResponse("", status_code=404)
        segno.make(f"{self.address}/#{self.room.code}", error="m").save(out, kind="svg", scale=8, border=2)
        return Response(out.getvalue(), media_type="image/svg+xml")

    async def file(self, request: Request) -> Response:
        """Give a script or a style of ours."""
        name = request.path_params["name"]
        if name == "what_if.js":
            return Response(module_source(), media_type="text/javascript")
        if name not in ("wall.js", "phone.js", "workshop.css"):
            return PlainTextResponse("", status_code=404)
        kind = "text/css" if name.endswith("css") else "text/javascript"
        return Response((HERE / name).read_text(encoding="utf-8"), media_type=kind)

    # --- pages ---------------------------------------------------------------------------------
    def _ballots(self) -> dict[str, Any]:
        names = {key: self.tongue.text(LABELS.get(key, key)) for b in BALLOTS.values() for key in b.items}
        return {
            step: {
                "items": [[item, names[item]] for item in ballot.items],
                "choices": list(ballot.choices),
                "short": {item: self.tongue.text(SHORT.get(item, names[item])) for item in ballot.items},
                "remedies": {item: self.tongue.text(REMEDIES.get(item, "")) for item in ballot.items},
            }
            for step, ballot in BALLOTS.items()
        }

    def _phone_words(self) -> dict[str, Any]:
        return {"words": page_words(self.tongue), "ballots": self._ballots()}

    def _page(self, name: str, given: dict[str, Any]) -> Response:
        page = (HERE / name).read_text(encoding="utf-8")
        title = given["words"]["workshop"]
        page = page.replace("{language}", self.tongue.code).replace("{title}", title)
        return HTMLResponse(page.replace("{given}", script_json(json.dumps(given))))


async def _json(request: Request, most: int = MOST_BYTES) -> dict[str, Any] | None:
    """Read a small JSON object, None where it is none or too large."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > most:
            return None
    try:
        found = json.loads(body)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _refused(status: int, why: str) -> Response:
    return JSONResponse({"refused": why}, status_code=status)


def make_service(
    file: Path | str, *, code: str = "en", material: Material | None = None, address: str = ""
) -> Starlette:
    """Make the service of a room as an ASGI application.

    Parameters
    ----------
    file : the room's SQLite file.
    code : language of wall and phones.
    material : what is shown beside the votes; an invented organisation by default.
    address : where phones reach it; empty when they cannot.
    """
    service = Service(Room(file), language(code), material or sample_material(), address)

    @contextlib.asynccontextmanager
    async def life(app: Starlette) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(service.write_votes()), asyncio.create_task(service.tell_votes())]
        yield
        for task in tasks:
            task.cancel()
        service.room.close()

    app = Starlette(
        routes=[
            Route("/", service.phone),
            Route("/join", service.join, methods=["POST"]),
            Route("/now", service.now),
            Route("/vote", service.vote, methods=["POST"]),
            Route("/wall", service.wall),
            Route("/events", service.events),
            Route("/steer", service.steer, methods=["POST"]),
            Route("/export.csv", service.export),
            Route("/code.svg", service.code_picture),
            Route("/file/{name}", service.file),
        ],
        middleware=[Middleware(_Guard)],
        lifespan=life,
    )
    app.state.service = service
    return app
