"""A free port for a server that a test starts."""

import random
import socket

# Below the range that the system hands out by itself, so that no connection takes it meanwhile.
_RANGE = (20_000, 32_000)


def free_port() -> int:
    """Give a port of this machine that nobody listens on."""
    while True:
        port = random.SystemRandom().randrange(*_RANGE)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
