"""An exchange: one request and its response, with times, peer address and how it ended."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, Literal, NamedTuple

from storage.captures.decoded_body import BEGINNING_BYTES, DecodedBody
from storage.model.base import Record, UtcTime
from storage.model.outcome import Distrust, Kind
from storage.model.page_facts import PageFacts, Signals
from storage.warc.content_range import find_missing_part
from storage.warc.fields import label_sha1
from storage.warc.http import DECODE_LIMIT_BYTES, HttpFramer
from storage.warc.received_limits import RECEIVED, ReceivedLimits

Truncation = Literal["time", "length", "disconnect"]
_IN_MEMORY_BYTES = 1024 * 1024
_PIECE_BYTES = 256 * 1024


class ExchangeFacts(Record):
    """What the spider knows about a request: it goes into the WARC file and the ledger."""

    kind: Kind
    purpose: Kind
    via: str | None = None
    redirected_from: tuple[str, ...] = ()
    announced: UtcTime | None = None
    checks: str | None = None
    """The record id of a 304 that this request, made without validators, checks."""
    signals: Signals = Signals()
    """What robots.txt and tdmrep.json say about the use of this URL; it holds where the page says nothing."""


class Failure(NamedTuple):
    """Why an exchange did not end well: ``reason`` is one of ``model.outcome.FAILED``."""

    reason: str
    detail: str = ""


class TlsSession(NamedTuple):
    """``version`` as WARC-Protocol has it (``tls/1.3``), ``cipher`` by its IANA name.

    ``fault`` says why the certificate does not verify, when the card says to fetch all the same.
    """

    version: str
    cipher: str | None
    fault: str | None = None


class BodyLimits(NamedTuple):
    """What is ``received`` of an answer, and where it goes.

    Above 1 MiB a body goes to a file without a name in ``directory`` (None: the system's for temporary files). With
    ``keep_decoded`` the body without its content codings is held in memory too, for ``Exchange.body``.
    """

    directory: Path | None = None
    received: ReceivedLimits = RECEIVED
    keep_decoded: bool = False


NO_LIMITS = BodyLimits()


class Exchange:
    """The bytes of one exchange as they cross the wire; a body above 1 MiB is not held in memory.

    ``begin`` → ``sent`` and ``received`` any number of times → ``end``. What arrives after ``end`` is ignored.
    """

    def __init__(
        self, url: str, method: str, facts: ExchangeFacts, clock: Callable[[], datetime], limits: BodyLimits = NO_LIMITS
    ) -> None:
        self.url = url
        self.method = method
        self.facts = facts
        self.begun = clock()
        self.ended: datetime | None = None
        self.truncated: Truncation | None = None
        self.is_unclosed = False
        """The connection broke off, but the body, whose length nothing says, has its end."""
        self.missing_part: str | None = None
        """What the response is of the page, where a server sent a part of it unasked."""
        self.failure: Failure | None = None
        self.disk_error: OSError | None = None
        """Why the disk refused what was received: such an exchange cannot be written."""
        self.body_digest: str | None = None
        """SHA-256 hex of the body without content coding, from ``end`` on; None for none, a cut or a broken one."""
        self.body_error: str | None = None
        """Why a whole body has no digest: ``undecodable`` or ``too_large``."""
        self._clock = clock
        self._limits = limits
        self._body: DecodedBody | None = None
        self._held: list[bytes] = []
        self._spool: BinaryIO | None = None
        self.page = PageFacts()
        """What the response says about itself; set before the exchange is written."""
        self.distrust: Distrust | None = None
        """What it shows about the validators of its source; set before the exchange is written."""
        self.request_query = ""
        """What its body adds to the URL (``request_key.make_request_query``); set before the exchange is written."""
        self.request = bytearray()
        self.peer: str | None = None
        self.tls: TlsSession | None = None
        self.closed_cleanly = True
        self.framer = HttpFramer(self.method, self._keep, self._count_payload, limits.received)
        self.block_bytes = self.payload_bytes = self.wire_bytes = 0
        self.block_sha1, self.payload_sha1 = hashlib.sha1(), hashlib.sha1()

    def begin(self, peer: str | None) -> None:
        self.begun = self._clock()
        self.peer = peer

    def sent(self, data: bytes) -> None:
        if self.ended is None:
            self.request += data

    def received(self, data: bytes) -> None:
        if self.ended is None and self.disk_error is None:
            self.wire_bytes += len(data)
            try:
                self.framer.feed(data)
            except OSError as error:
                self.disk_error = error

    def end(self, failure: Failure | None = None, truncated: Truncation | None = None) -> None:
        """End the exchange. A response that is whole by its own framing is never truncated."""
        self.ended = self._clock()
        if self.tls is None and self.url.startswith("https:"):
            self.request.clear()  # never sent: the handshake did not finish
        if self.framer.over:
            failure, truncated = Failure("length", self.framer.over), "length"
        body_digest = self._body.end() if self._body else None
        self.failure = failure
        self.is_unclosed = truncated is None and self._ends_unclosed()
        whole = self.framer.done or (truncated is None and self.framer.to_close and self.closed_cleanly)
        if self.has_response and not (whole or self.is_unclosed):
            self.truncated = truncated or "disconnect"
            self.failure = failure or self._cut()
        elif self.framer.head is not None:
            has_body = self.method != "HEAD"
            self.missing_part = find_missing_part(self.framer.head, self.payload_bytes) if has_body else None
            self.failure = Failure("length", self.missing_part) if self.missing_part else None
        elif failure is None:
            self.failure = Failure("protocol", "no HTTP response")
        if self._body and not self.truncated:
            self.body_digest, self.body_error = body_digest, self._body.error

    def _ends_unclosed(self) -> bool:
        """Say whether the body has its end, though the end of the connection, which is to say so, was none in order."""
        return self.framer.to_close and not self.closed_cleanly and self._body is not None and self._body.has_its_end()

    def _cut(self) -> Failure:
        if self.framer.to_close and self.tls is not None:
            return Failure("tls", "ended without close_notify")  # asking again would end alike
        return Failure("protocol" if self.framer.broken else "connect", "response cut")

    @property
    def has_response(self) -> bool:
        """True when at least a whole response head came."""
        return self.framer.head is not None

    @property
    def body_beginning(self) -> bytes:
        """The beginning of the body without content coding: at least ``BEGINNING_BYTES``, or all of it."""
        return self._body.read(BEGINNING_BYTES) if self._body else b""

    @property
    def body(self) -> bytes | None:
        """The body without content coding, of a cut one what came; None when it does not decode or was not kept."""
        if self.body_error or not self._limits.keep_decoded:
            return None
        return self._body.read(DECODE_LIMIT_BYTES) if self._body else b""

    @property
    def decoded_part(self) -> bytes:
        """Of a body that does not decode, what comes before the damage; nothing where it was not kept."""
        return self._body.read(DECODE_LIMIT_BYTES) if self._body and self._limits.keep_decoded else b""

    @cached_property
    def payload_digest(self) -> str:
        """The digest of the payload as WARC has it, once the exchange has ended."""
        return label_sha1(self.payload_sha1.digest())

    @property
    def is_too_long(self) -> bool:
        """True when more came than is taken: the rest is not read."""
        return self.framer.over is not None

    @property
    def milliseconds(self) -> int:
        """Time from the first byte of the request, or from the attempt to connect, to the end."""
        return int(((self.ended or self._clock()) - self.begun).total_seconds() * 1000)

    def block(self) -> Iterator[bytes]:
        """Yield the response, head and body as they came, 1xx blocks and bytes after its end left out."""
        yield from self._held
        if self._spool is not None:
            self._spool.seek(0)
            while piece := self._spool.read(_PIECE_BYTES):
                yield piece

    def close(self) -> None:
        """Drop the bytes and the temporary file."""
        self._held.clear()
        if self._spool is not None:
            self._spool.close()
            self._spool = None

    def _keep(self, raw: bytes) -> None:
        self.block_sha1.update(raw)
        self.block_bytes += len(raw)
        if self._spool is None and self.block_bytes <= _IN_MEMORY_BYTES:
            self._held.append(raw)
            return
        if self._spool is None:
            self._spool = tempfile.TemporaryFile(dir=self._limits.directory)  # noqa: SIM115 - lives until close
            self._spool.writelines(self._held)
            self._held.clear()
        self._spool.write(raw)

    def _count_payload(self, payload: bytes) -> None:
        self.payload_sha1.update(payload)
        self.payload_bytes += len(payload)
        if self._body is None and payload:
            assert self.framer.head is not None
            self._body = DecodedBody(self.framer.head, self._limits.keep_decoded)
        if self._body is not None:
            self._body.feed(payload)
