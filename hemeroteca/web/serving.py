"""Serving the archive: uvicorn on two ports, loopback unless told otherwise, until SIGTERM, which lets answers end."""

from __future__ import annotations

import socket
from functools import partial
from typing import NamedTuple

import uvicorn
from uvicorn.supervisors import Multiprocess

from hemeroteca.web.application import Options, make_doors
from storage.model.errors import SeedError, ServiceError

_DRAIN_SECONDS = 30
_KEEP_ALIVE_SECONDS = 15


class Place(NamedTuple):
    """Where the server listens."""

    host: str = "127.0.0.1"
    port: int = 8480
    replay_port: int = 8481


class Listening(NamedTuple):
    """The sockets of a server that has not begun to answer."""

    reading: socket.socket
    replay: socket.socket

    @property
    def addresses(self) -> tuple[str, str]:
        """Where the index is read, and where the archived bytes lie."""
        return _address(self.reading), _address(self.replay)


def listen(place: Place) -> Listening:
    """Take both ports; 0 is any that is free.

    Raises SeedError for a host that is not this one, ServiceError for a port that is taken.

    Beyond loopback somebody has to say who may read: that is the work of a proxy in front.
    """
    if not is_loopback(place.host):
        raise SeedError(f"--host: {place.host}: only loopback; put a proxy that asks who reads in front of it")
    return Listening(_bind(place.host, place.port), _bind(place.host, place.replay_port))


def serve(listening: Listening, options: Options, workers: int) -> None:
    """Answer until SIGTERM or SIGINT; answers that have begun are brought to their end."""
    chosen = options._replace(replay_port=listening.replay.getsockname()[1])
    config = uvicorn.Config(
        partial(make_doors, chosen),
        factory=True,
        workers=workers,
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=_DRAIN_SECONDS,
    )
    if workers > 1:
        Multiprocess(config, sockets=list(listening)).run()
    else:
        uvicorn.Server(config).run(sockets=list(listening))


def is_loopback(host: str) -> bool:
    return host == "localhost" or host.startswith("127.") or host == "::1"


def _address(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise ServiceError(f"{host}:{port}: {error.strerror}: choose another with --port or --replay-port") from None
    listening.set_inheritable(True)
    return listening
