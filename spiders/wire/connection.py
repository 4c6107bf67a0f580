"""A client connection: one exchange at a time, which gets every byte sent and received.

Only our own framer (storage.warc.http) parses the response: a client with rules of its own would refuse responses that
must be archived, and takes as long again. Twisted opens the connections (spiders.wire.destinations).
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Hashable
from typing import Any

from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IHandshakeListener
from twisted.internet.protocol import Protocol
from twisted.python.failure import Failure
from zope.interface import implementer

from spiders.loop_watch import Turn, find_turn
from storage.captures.exchange import Exchange, TlsSession

_IDLE_SECONDS = 240.0  # routers in between forget an unused connection
_CLOSING_SECONDS = 1.0

_BULK = {"AES128-GCM-SHA256": "AES_128_GCM_SHA256", "AES256-GCM-SHA384": "AES_256_GCM_SHA384"} | {
    "CHACHA20-POLY1305": "CHACHA20_POLY1305_SHA256",
    "AES128-SHA256": "AES_128_CBC_SHA256",
    "AES256-SHA384": "AES_256_CBC_SHA384",
    "AES128-SHA": "AES_128_CBC_SHA",
    "AES256-SHA": "AES_256_CBC_SHA",
}
IANA_CIPHERS = {
    f"{exchange}-{bulk}": f"TLS_{exchange.replace('-', '_')}_WITH_{iana}"
    for exchange in ("ECDHE-ECDSA", "ECDHE-RSA", "DHE-RSA")
    for bulk, iana in _BULK.items()
}
"""OpenSSL's names of TLS 1.2 ciphers → IANA's; those of TLS 1.3 are the same."""


def read_tls_session(connection: Any) -> TlsSession:
    """Return the protocol version and cipher of an OpenSSL connection after its handshake."""
    if check_name := getattr(connection, "check_name", None):
        check_name()
    version = connection.get_protocol_version_name().removeprefix("TLSv")
    name = connection.get_cipher_name()
    return TlsSession(
        f"tls/{version if '.' in version else version + '.0'}",
        name if name.startswith("TLS_") else IANA_CIPHERS.get(name),
        "; ".join(getattr(connection, "faults", ())) or None,
    )


@implementer(IHandshakeListener)
class Connection(Protocol):  # type: ignore[misc]
    """One connection. After an exchange it may serve another when ``is_reusable``."""

    def __init__(self) -> None:
        self.is_reusable = False
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.idle_since = 0.0
        self._exchange: Exchange | None = None
        self._answered: asyncio.Future[None] | None = None
        self._tls: TlsSession | None = None
        self._lost: Failure | None = None
        self._last_piece = 0.0
        self._watch: asyncio.TimerHandle | None = None
        self._turn: Turn | None = None

    async def send(self, exchange: Exchange, request: bytes, silent_seconds: float) -> None:
        """Send *request* and return when the response is whole, is no HTTP, is too long, or is cut after its head.

        Raises the reason when the connection ends before a head came, TimeoutError when nothing comes for so long.
        """
        if self._lost is not None:
            raise self._lost.value
        self.is_reusable = False
        self._exchange, self._turn = exchange, find_turn()
        exchange.begin(self.transport.getPeer().host)
        exchange.tls = self._tls
        exchange.sent(request)
        self._answered = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        self._last_piece = asyncio.get_running_loop().time()
        self._watch_silence(silent_seconds)
        try:
            await self._answered
        finally:
            if self._watch:
                self._watch.cancel()
            self._exchange = None
            if not self.is_reusable and self._lost is None:
                self.transport.abortConnection()

    def close(self) -> None:
        if self._lost is None:
            self.transport.loseConnection()

    def handshakeCompleted(self) -> None:
        self._tls = read_tls_session(self.transport.getHandle())
        if self._exchange is not None:
            self._exchange.tls = self._tls

    def dataReceived(self, data: bytes) -> None:
        exchange = self._exchange
        if exchange is None:  # bytes that nobody asked for
            self.is_reusable = False
            self.transport.abortConnection()
            return
        self._last_piece = asyncio.get_running_loop().time()
        if self._turn:
            self._turn.begin()
        exchange.received(data)
        framer = exchange.framer
        if framer.done:
            self._end(is_reusable=not framer.extra and _stays_open(exchange))
        elif exchange.disk_error or exchange.is_too_long or (framer.broken and not exchange.has_response):
            self._end(is_reusable=False)

    def connectionLost(self, reason: Failure) -> None:
        self._lost = reason
        self.is_reusable = False
        self.closed.set_result(None)
        exchange, waiting = self._exchange, self._answered
        if exchange is None or waiting is None or waiting.done():
            return
        exchange.closed_cleanly = bool(reason.check(ConnectionDone))
        if exchange.has_response:
            self._end(is_reusable=False)
        else:
            waiting.set_exception(reason.value)

    def _watch_silence(self, seconds: float) -> None:
        """Have the exchange fail once nothing came for so long."""
        loop = asyncio.get_running_loop()
        left = self._last_piece + seconds - loop.time()
        if left > 0:
            self._watch = loop.call_later(left, self._watch_silence, seconds)
        elif self._answered is not None and not self._answered.done():
            self._answered.set_exception(TimeoutError(f"nothing was received for {seconds:g} seconds"))

    def _end(self, is_reusable: bool) -> None:
        if self._answered is not None and not self._answered.done():
            self.is_reusable = is_reusable
            self._answered.set_result(None)


def _stays_open(exchange: Exchange) -> bool:
    """Say whether the connection serves another request (RFC 9112 section 9.3)."""
    head = exchange.framer.head
    if head is None or head.version != "1.1":
        return False
    options = [option.strip().lower() for line in head.values(b"connection") for option in line.split(b",")]
    return b"close" not in options


class Pool:
    """Idle connections, at most *most* for each key."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._idle: defaultdict[Hashable, list[Connection]] = defaultdict(list)

    def take(self, key: Hashable) -> Connection | None:
        """Take an open one out of the pool; None when there is none."""
        now = asyncio.get_running_loop().time()
        idle = self._idle[key]
        while idle:
            connection = idle.pop()
            if connection.is_reusable and now - connection.idle_since < _IDLE_SECONDS:
                return connection
            connection.close()
        return None

    def give_back(self, key: Hashable, connection: Connection) -> None:
        """Keep *connection* for the next request, or close it."""
        connection.idle_since = asyncio.get_running_loop().time()
        if connection.is_reusable and len(self._idle[key]) < self._most:
            self._idle[key].append(connection)
        else:
            connection.close()

    async def close(self) -> None:
        """Close all, and wait at most a second for that."""
        idle = [connection for connections in self._idle.values() for connection in connections]
        self._idle.clear()
        for connection in idle:
            connection.close()
        if idle:
            await asyncio.wait([connection.closed for connection in idle], timeout=_CLOSING_SECONDS)
