"""Loopback ports for our servers: those of the last start if they are free, or other free ones.

A server binds its port seconds after it was chosen. Until then an abstract Unix socket of the port's number tells every
other one of our processes that it is taken.
"""

from __future__ import annotations

import json
import random
import socket
from collections.abc import Iterable, Sequence
from pathlib import Path

from storage.files import read_json, replace_whole
from storage.model.errors import ServiceError

_taken: dict[int, socket.socket] = {}
_LOWEST, _HIGHEST = 20000, 32000
"""Below the kernel's range for outgoing connections (32768 and up), which could take a port before its server does."""


def keep_ports(path: Path, names: Sequence[str]) -> dict[str, int]:
    """Return a port for each of *names*: those in *path* when all are free. A process of others may still take one.

    They are this process's until it ends, or ``release_ports``. Raises ServiceError when the machine has none left.
    """
    ports = read_json(path, dict[str, int]) or {}
    if set(ports) != set(names) or not all(_take(port) for port in ports.values()):
        ports = dict(zip(names, _find_ports(len(names)), strict=True))
        replace_whole(path, json.dumps(ports))
    return ports


def release_ports(ports: Iterable[int]) -> None:
    """Give back *ports*, once servers listen on them."""
    for port in ports:
        if sign := _taken.pop(port, None):
            sign.close()


def _find_ports(count: int) -> list[int]:
    found: list[int] = []
    # In random order: two supervisors that start together must not try the same ports one after the other.
    for port in random.SystemRandom().sample(range(_LOWEST, _HIGHEST), _HIGHEST - _LOWEST):
        if port not in _taken and _take(port):
            found.append(port)
        if len(found) == count:
            return found
    raise ServiceError(f"no {count} free ports between {_LOWEST} and {_HIGHEST}")


def _take(port: int) -> bool:
    """Take *port* for this process, which may have it already; say whether it is free."""
    if port not in _taken:
        sign = socket.socket(socket.AF_UNIX)
        try:
            sign.bind(f"\0hemeroteca-port-{port}")
        except OSError:
            sign.close()
            return False
        _taken[port] = sign
    if _is_free(port):
        return True
    release_ports([port])
    return False


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
