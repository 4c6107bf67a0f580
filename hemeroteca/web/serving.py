"""Serving the archive: uvicorn on two ports, loopback unless told otherwise, until SIGTERM, which lets answers end."""

from __future__ import annotations

import socket
from functools import partial
from typing import NamedTuple

import uvicorn
from uvicorn.supervisors import Multiprocess

from hemeroteca.web.application import Options, make_doors
from storage.model.errors import ServiceError

_BACKLOG = 2048
_DRAIN_SECONDS = 30
_KEEP_ALIVE_SECONDS = 15


class Place(NamedTuple):
    """Where the server listens, and in how many processes it works."""

    host: str = "127.0.0.1"
    port: int = 8480
    replay_port: int = 8481
    workers: int = 2


def serve(place: Place, options: Options) -> None:
    """Serve until SIGTERM or SIGINT. Raises ServiceError where a port is taken."""
    sockets = [_listen(place.host, port) for port in (place.port, place.replay_port)]
    chosen = options._replace(replay_port=sockets[1].getsockname()[1])
    config = uvicorn.Config(
        partial(make_doors, chosen),
        factory=True,
        workers=place.workers,
        access_log=False,
        log_level="warning",
        server_header=False,
        date_header=True,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=_DRAIN_SECONDS,
    )
    server = uvicorn.Server(config)
    if place.workers > 1:
        Multiprocess(config, target=server.run, sockets=sockets).run()
    else:
        server.run(sockets=sockets)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        raise ServiceError(f"{host}:{port}: {error.strerror}: choose another port with --port") from None
    listening.set_inheritable(True)
    return listening
