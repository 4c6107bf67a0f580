"""Free loopback ports for our servers."""

from __future__ import annotations

import random
import socket

_LOWEST, _HIGHEST = 20000, 32000
"""Below the kernel's range for outgoing connections (32768 and up), which could take a port before its server does."""
_TRIES = 1000


def find_ports(count: int) -> list[int]:
    """Return *count* different ports that nobody listens on now. A server must still bear losing one of them."""
    found: list[int] = []
    # Not secrets, and two supervisors that start together must not look at the same ports in the same order.
    for port in random.SystemRandom().sample(range(_LOWEST, _HIGHEST), _TRIES):
        if is_free(port):
            found.append(port)
        if len(found) == count:
            return found
    raise OSError(f"no {count} free ports between {_LOWEST} and {_HIGHEST}")


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
