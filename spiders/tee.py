"""A client connection whose bytes, both ways, also go into the exchange that is under way on it.

Twisted pools connections and sends one request at a time on each, so an exchange owns its connection from
``request`` until the response is parsed. The pieces of Twisted used here are private; pyproject pins Scrapy.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from scrapy.core.downloader.handlers.http11 import (
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
    _LenientHTTPClientParser,
)
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IHandshakeListener
from twisted.python.failure import Failure
from twisted.web.client import Agent
from zope.interface import implementer

from storage.warc.exchange import Exchange, Tls
from storage.warc.http import transfer_codings

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


def session_of(connection: Any) -> Tls:
    """Return the protocol version and cipher of an OpenSSL connection after its handshake."""
    if check_name := getattr(connection, "check_name", None):
        check_name()
    version = connection.get_protocol_version_name().removeprefix("TLSv")
    name = connection.get_cipher_name()
    return Tls(
        f"tls/{version if '.' in version else version + '.0'}",
        name if name.startswith("TLS_") else IANA_CIPHERS.get(name),
        "; ".join(getattr(connection, "faults", ())) or None,
    )


class _TeeTransport:
    """The transport of *protocol*: what is written goes into the exchange, then out."""

    def __init__(self, transport: Any, protocol: TeeProtocol) -> None:
        self._transport = transport
        self._protocol = protocol

    def write(self, data: bytes) -> None:
        self._protocol.note_sent(data)
        self._transport.write(data)

    def writeSequence(self, pieces: Iterable[bytes]) -> None:
        self.write(b"".join(pieces))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class _TeeParser(_LenientHTTPClientParser):  # type: ignore[misc]
    """Knows of transfer codings no more than where the body ends: whoever wants it decoded has the WARC."""

    def allHeadersReceived(self) -> None:
        headers = self.connHeaders
        if values := headers.getRawHeaders(b"Transfer-Encoding"):
            codings = transfer_codings(values)
            headers.removeHeader(b"Transfer-Encoding")
            if codings:
                headers.removeHeader(b"Content-Length")
            if b"chunked" in codings[-1:]:
                headers.setRawHeaders(b"Transfer-Encoding", [b"chunked"])
        super().allHeadersReceived()


@implementer(IHandshakeListener)
class TeeProtocol(_LenientHTTP11ClientProtocol):  # type: ignore[misc]
    """One connection of the pool."""

    _exchange: Exchange | None = None
    _tls: Tls | None = None
    _fault: Failure | None = None
    """Why Twisted gave up on a response that our framer still follows."""

    def makeConnection(self, transport: Any) -> None:
        super().makeConnection(_TeeTransport(transport, self))

    def handshakeCompleted(self) -> None:
        self._tls = session_of(self.transport.getHandle())
        if self._exchange is not None:
            self._exchange.tls = self._tls

    def request(self, request: Any) -> Any:
        self._exchange = request._parsedURI.exchange
        self._exchange.begin(self.transport.getPeer().host)
        self._exchange.tls = self._tls
        response = super().request(request)
        self._parser.__class__ = _TeeParser  # as Scrapy's own is put there
        return response

    def note_sent(self, data: bytes) -> None:
        if self._exchange is not None:
            self._exchange.sent(data)

    def dataReceived(self, data: bytes) -> None:
        exchange = self._exchange
        if exchange is not None:
            exchange.received(data)
            if exchange.framer.broken and not exchange.has_response:
                # Twisted bounds a header line, not their number
                self.transport.abortConnection()
            elif exchange.is_too_long and not exchange.framer.done:
                self.transport.abortConnection()
        if self._fault is None:
            super().dataReceived(data)
        elif not self._is_followed():
            super()._giveUp(self._fault)

    def _giveUp(self, reason: Failure) -> None:
        """Called when a response does not please Twisted: it is received to its end all the same."""
        if self._is_followed():
            self._fault = reason
        else:
            super()._giveUp(reason)

    def _is_followed(self) -> bool:
        exchange = self._exchange
        return exchange is not None and exchange.has_response and not (exchange.framer.done or exchange.framer.broken)

    def _finishResponse(self, rest: bytes) -> None:
        self._exchange = None  # what comes now belongs to no exchange
        super()._finishResponse(rest)

    def connectionLost(self, reason: Failure) -> None:
        exchange, self._exchange = self._exchange, None
        if exchange is not None:
            exchange.closed_cleanly = bool(reason.check(ConnectionDone))
        super().connectionLost(reason)


class TeeFactory(_LenientHTTP11ClientFactory):  # type: ignore[misc]
    def buildProtocol(self, addr: Any) -> TeeProtocol:
        return TeeProtocol(self._quiescentCallback)


class TeeAgent(Agent):  # type: ignore[misc]
    """Send one request; its exchange travels on the parsed URI."""

    exchange: Exchange
    kind: tuple[bool, str]
    """Whether private addresses are allowed, and the TLS policy."""

    def _requestWithEndpoint(
        self, key: tuple[Any, ...], endpoint: Any, method: bytes, parsedURI: Any, *rest: Any
    ) -> Any:
        parsedURI.exchange = self.exchange
        # a connection that a private source opened, or one without verifying, is not lent to another
        return super()._requestWithEndpoint((*key, *self.kind), endpoint, method, parsedURI, *rest)
