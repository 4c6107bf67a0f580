"""The server's two applications: one reads the index and, later, shows pages; the other has the archived bytes alone.

They lie on two ports, so that no archived page shares an origin with anything of ours.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple

from fastapi import APIRouter, FastAPI, Request
from starlette.datastructures import MutableHeaders
from starlette.responses import JSONResponse, Response
from starlette.types import Message, Receive, Scope, Send

from hemeroteca.archive.archive import Archive
from hemeroteca.configuration import read_settings
from hemeroteca.web import cdx_routes, memento_routes
from hemeroteca.web.asking import Asking
from hemeroteca.web.door import Door
from storage.model.errors import FixityError, HemerotecaError, NotArchivedError, SeedError, StorageError

_THREADS = 8
_ANSWER_SECONDS = 20.0
_RETRY_SECONDS = "5"
_STATUSES: tuple[tuple[type[HemerotecaError], int], ...] = (
    (SeedError, 400),
    (NotArchivedError, 404),
    (FixityError, 500),
    (StorageError, 503),
)
_PROTECTION = {
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}


class Options(NamedTuple):
    """How the server runs; the same in each of its processes."""

    replay_port: int
    replay_origin: str | None = None
    root_path: str = ""
    threads: int = _THREADS
    answer_seconds: float = _ANSWER_SECONDS


class Doors:
    """The application by port: ``replay_port`` has the archived bytes, any other the rest."""

    def __init__(self, archive: Archive, options: Options) -> None:
        door = Door(
            archive, Asking(options.threads, options.answer_seconds), options.replay_port, options.replay_origin
        )
        self._replay_port = options.replay_port
        self._reading = _make_application(door, options, cdx_routes.router, memento_routes.router)
        self._replay = _make_application(door, options, memento_routes.router)

    @property
    def applications(self) -> tuple[FastAPI, FastAPI]:
        return self._reading, self._replay

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        of_replay = scope["type"] == "http" and scope["server"][1] == self._replay_port
        await (self._replay if of_replay else self._reading)(scope, receive, _protected(send))


def make_doors(options: Options) -> Doors:
    """Return the application of one process, which opens the archive that the environment names."""
    return Doors(Archive(read_settings()), options)


def _make_application(door: Door, options: Options, *routers: APIRouter) -> FastAPI:
    @asynccontextmanager
    async def live(app: FastAPI) -> AsyncIterator[None]:
        yield
        door.archive.close()

    app = FastAPI(title="hemeroteca", docs_url=None, redoc_url=None, root_path=options.root_path, lifespan=live)
    app.state.door = door
    app.add_exception_handler(HemerotecaError, _tell_error)
    for router in routers:
        app.include_router(router)
    return app


async def _tell_error(request: Request, error: Exception) -> Response:
    """Answer what went wrong, in one sentence; a store or catalog that does not answer: come back later."""
    status = next((status for kind, status in _STATUSES if isinstance(error, kind)), 500)
    headers = {"retry-after": _RETRY_SECONDS} if status == 503 else {}
    if request.url.path.startswith("/web/"):
        headers["vary"] = "accept-datetime"
    return JSONResponse({"message": str(error)}, status, headers=headers)


def _protected(send: Send) -> Send:
    """Return *send* with the headers of every answer, where it does not bring its own."""

    async def send_protected(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _PROTECTION.items():
                headers.setdefault(name, value)
        await send(message)

    return send_protected
