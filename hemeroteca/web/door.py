"""The door: what every route has in common, and who is let in."""

from __future__ import annotations

from typing import NamedTuple, Self

from fastapi import Request

from hemeroteca.archive.archive import Archive
from hemeroteca.web.asking import Asking
from hemeroteca.web.memento_links import Addresses
from hemeroteca.web.reading import Reading


class Door(NamedTuple):
    """What the routes of one process share."""

    archive: Archive
    asking: Asking
    replay_port: int
    replay_origin: str | None
    """Where a proxy shows the port of the archived bytes; None: the same host, that port."""

    @classmethod
    def of(cls, request: Request) -> Self:
        door = request.app.state.door
        assert isinstance(door, cls)
        return door

    def let_in(self, request: Request) -> Reading:
        """Return the archive as whoever asks may read it: on loopback everybody may read everything."""
        return Reading(self.archive, "public")

    def addresses(self, request: Request) -> Addresses:
        """Return where TimeGates and mementos lie, as this request's sender sees them."""
        root = request.scope.get("root_path", "")
        return Addresses(
            f"{request.url.scheme}://{request.url.netloc}{root}/web/", f"{self._replay(request)}{root}/web/"
        )

    def _replay(self, request: Request) -> str:
        if self.replay_origin:
            return self.replay_origin.rstrip("/")
        host = request.url.hostname or "127.0.0.1"
        return f"{request.url.scheme}://{f'[{host}]' if ':' in host else host}:{self.replay_port}"
