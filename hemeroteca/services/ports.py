"""Loopback ports for our servers: those of the last start while they are free, or free ones."""

from __future__ import annotations

import json
import random
import socket
from collections.abc import Sequence
from pathlib import Path

from storage.files import read_json, replace_whole
from storage.model.errors import ServiceError

_LOWEST, _HIGHEST = 20000, 32000
"""Below the kernel's range for outgoing connections (32768 and up), which could take a port before its server does."""


def keep_ports(path: Path, names: Sequence[str]) -> dict[str, int]:
    """Return a port for each of *names*: those in *path* when all are free. Another process may still take one.

    Raises ServiceError when the machine has none left.
    """
    ports = read_json(path, dict[str, int]) or {}
    if set(ports) != set(names) or not all(_is_free(port) for port in ports.values()):
        ports = dict(zip(names, _find_ports(len(names)), strict=True))
        replace_whole(path, json.dumps(ports))
    return ports


def _find_ports(count: int) -> list[int]:
    found: list[int] = []
    # In random order: two supervisors that start together must not try the same ports one after the other.
    for port in random.SystemRandom().sample(range(_LOWEST, _HIGHEST), _HIGHEST - _LOWEST):
        if _is_free(port):
            found.append(port)
        if len(found) == count:
            return found
    raise ServiceError(f"no {count} free ports between {_LOWEST} and {_HIGHEST}")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
