"""`smf workshop`: start the room on this machine, or for the phones in it."""

import contextlib
import socket
from pathlib import Path
from types import FrameType

from smf_helpers.errors import Fault, SMFError
from smf_helpers.language import languages
from smf_helpers.release.material import open_material
from smf_helpers.results.released import Release

LOOPBACK = "127.0.0.1"
KEPT = 30
"""Seconds for which a phone's connection is kept: longer than a phone waits before it asks again."""


def room_address() -> str:
    """Give this machine's address in the room's network; nothing is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return ""
        return str(probe.getsockname()[0])


def serve_workshop(
    root: Path,
    *,
    share: bool = False,
    port: int = 8765,
    language: str = "en",
    release: Path | Release | None = None,
) -> None:
    """Run the service of the room until it is stopped; votes stay in ``private/workshop/room.sqlite``.

    Parameters
    ----------
    root : folder of the workbook.
    share : listen to the room's network, so that phones can vote; else to this machine only.
    port : port to listen on.
    language : of wall and phones.
    release : a release, or its file, whose what-if and learning curve are shown; an invented organisation by default.

    Raises
    ------
    SMFError : the language is not there, there is no network to share with, or the release cannot be read.
    """
    import uvicorn

    from smf_helpers.workshop.service import make_service

    if language not in languages():
        _stop(f"There are no words in '{language}'.", f"Choose one of {', '.join(languages())}.")
    host = room_address() if share else LOOPBACK
    if not host:
        _stop("This machine is in no network.", "Join the room's Wi-Fi, or start without --share.")
    address = f"http://{host}:{port}"
    material = open_material(release)
    if material.invented:
        print(
            f"Not in the release, so of the invented organisation: {' and '.join(material.invented)}.",
            flush=True,
        )
    app = make_service(
        root / "private" / "workshop" / "room.sqlite",
        code=language,
        material=material,
        address=address if share else "",
    )
    room = app.state.service.room
    print(f"Wall (keep this address to yourself): {address}/wall?key={room.key}", flush=True)
    print(f"Phones: {address}/  code {room.code}" if share else "Phones: start with --share.", flush=True)

    class Server(uvicorn.Server):
        def handle_exit(self, sig: int, frame: FrameType | None) -> None:
            """Hang up on the walls, which would listen for ever."""
            app.state.service.end()
            super().handle_exit(sig, frame)

    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEPT,
    )
    with contextlib.suppress(KeyboardInterrupt):
        Server(config).run()


def _stop(what: str, remedy: str) -> None:
    raise SMFError(Fault(code="E021", where="smf workshop", what=what, remedy=remedy))
