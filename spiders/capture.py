"""The download handler: fetches as Scrapy's own does, and writes every exchange as it crossed the wire.

Reads from ``request.meta``
    source_id       whose WARC the exchange goes to (``crawler.recorder``, see spiders.recorder)
    facts           ExchangeFacts: kind, purpose, via, redirected_from, announced
    known           KnownCapture of this URL, or None
    tls             "record": a certificate that does not verify is written down, and the page fetched; else it is not
    keep_body       False: the body goes to the WARC alone, the response comes without it, with the flag NOT_KEPT
    allow_private   True: any address may be reached, and connect_to rules apply; else public ones only
Writes to ``request.meta``
    capture         CaptureNote, before the response is returned or an error raised; absent when nothing was tried

The settings CAPTURE_CONNECT_TO (list of curl's HOST1:PORT1:HOST2:PORT2) and CAPTURE_CA_FILE (path) are read once.
A body of more than DOWNLOAD_MAXSIZE bytes is cut there (``length``). One above 1 MiB, of a discovery document above
64 MiB, goes to the WARC alone: the response comes without it, with the flag NOT_KEPT.
A crawler without a recorder (``scrapy shell``) fetches under the same rules and writes nothing.
Raises FetchRefused("private_address") when policy forbids the address; Scrapy's own download errors; StorageError
when the exchange could not be written. A response that is cut is returned all the same: see ``capture.written.state``.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler, _ScrapyAgent
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadFailedError
from scrapy.http import Response
from scrapy.utils._download_handlers import wrap_twisted_exceptions
from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet.ssl import optionsForClientTLS

from spiders.connect import Endpoints, read_connect_to
from spiders.failure import classify
from spiders.recorder import Recorder, utc_now
from spiders.tee import TeeAgent, TeeFactory
from spiders.tls import Tls, Trust, recording_options
from storage.model.errors import FetchRefused
from storage.model.record import Record, UtcTime
from storage.warc.exchange import Exchange, ExchangeFacts, Failure, Room, Truncation
from storage.warc.written import WrittenCapture

NOT_KEPT = "not_kept"
_KEPT_BYTES = 1024 * 1024
_KEPT_DOCUMENT_BYTES = 64 * 1024 * 1024  # sitemaps.org allows 50 MB


class CaptureNote(Record):
    """How one exchange ended. ``written`` is None when no response came; then ``reason`` says why.

    ``reason`` is one of ``model.outcome.FAILED`` (see spiders.failure), or None when the response is whole:
    judge its status by ``written.state`` and ``written.reason``.
    """

    written: WrittenCapture | None
    reason: str | None
    detail: str
    begun: UtcTime
    duration_seconds: float
    wire_bytes: int


class CaptureDownloadHandler(HTTP11DownloadHandler):  # type: ignore[misc]
    """``DOWNLOAD_HANDLERS = {"http": "spiders.capture.CaptureDownloadHandler", "https": the same}``."""

    lazy = False

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._pool._factory = TeeFactory
        # a request that died with a kept connection is the spider's to send again, after the host's delay
        self._pool.retryAutomatically = False
        settings = crawler.settings
        ca_file = settings.get("CAPTURE_CA_FILE")
        trust = Trust(Path(ca_file) if ca_file else None)
        self._tls: dict[str, Tls] = {"verify": Tls(trust, optionsForClientTLS), "record": Tls(trust, recording_options)}
        self._rules = read_connect_to(settings.getlist("CAPTURE_CONNECT_TO"))
        self._recorder: Recorder | None = getattr(crawler, "recorder", None)

    async def download_request(self, request: Request) -> Response:
        request.meta.pop("capture", None)
        exchange = self._exchange_of(request)
        try:
            response = await self._fetch(request, exchange)
        except FetchRefused:
            exchange.close()
            raise
        except BaseException as error:
            self._write(request, exchange, *classify(error))
            raise
        self._write(request, exchange, None, _cut(response))
        if not exchange.has_response:
            raise DownloadFailedError("not an HTTP response")
        return response

    def _exchange_of(self, request: Request) -> Exchange:
        url = urldefrag(request.url)[0]
        if self._recorder is None:
            return Exchange(url, request.method, ExchangeFacts(kind="article", purpose="article"), utc_now)
        room = Room(self._recorder.directory_of(request.meta["source_id"]), self._default_maxsize or None)
        return Exchange(url, request.method, request.meta["facts"], self._recorder.clock, room)

    async def _fetch(self, request: Request, exchange: Exchange) -> Response:
        agent = _CaptureAgent(
            contextFactory=self._tls[request.meta.get("tls", "verify")],
            connectTimeout=self._crawler.settings.getfloat("DOWNLOAD_TIMEOUT"),
            pool=self._pool,
            fail_on_dataloss=self._fail_on_dataloss,
            crawler=self._crawler,
        )
        agent.exchange = exchange
        agent.rules = self._rules if request.meta.get("allow_private") else None
        with wrap_twisted_exceptions():
            return await maybe_deferred_to_future(agent.download_request(request))

    def _write(
        self, request: Request, exchange: Exchange, failure: Failure | None, truncated: Truncation | None
    ) -> None:
        exchange.end(failure, truncated)
        written = None
        try:
            if self._recorder is not None:
                written = self._recorder.write(request.meta["source_id"], exchange, request.meta.get("known"))
        finally:
            exchange.close()
        request.meta["capture"] = CaptureNote(
            written=written,
            reason=exchange.failure.reason if exchange.failure else None,
            detail=exchange.failure.detail if exchange.failure else "",
            begun=exchange.begun,
            duration_seconds=exchange.milliseconds / 1000,
            wire_bytes=exchange.wire_bytes,
        )


class _CaptureAgent(_ScrapyAgent):  # type: ignore[misc]
    """Scrapy's use of an agent, with ours; no proxies."""

    exchange: Exchange
    rules: Any = None

    def _get_agent(self, request: Request, timeout: float) -> TeeAgent:
        from twisted.internet import reactor

        endpoints = Endpoints(reactor, self._contextFactory, self.rules, timeout)
        agent: TeeAgent = TeeAgent.usingEndpointFactory(reactor, endpoints, self._pool)
        agent.exchange = self.exchange
        agent.kind = (self.rules is not None, request.meta.get("tls", "verify"))
        return agent

    def _cb_bodyready(self, txresponse: Any, request: Request) -> Any:
        deliver = txresponse.deliverBody

        def deliver_into_bounded(reader: Any) -> None:
            purpose = self.exchange.facts.purpose
            kept_bytes = _KEPT_BYTES if purpose == "article" else _KEPT_DOCUMENT_BYTES
            reader._bodybuf = _BoundedBody(kept_bytes if request.meta.get("keep_body", True) else 0)
            deliver(reader)

        txresponse.deliverBody = deliver_into_bounded
        return super()._cb_bodyready(txresponse, request)

    def _cb_bodydone(self, result: Any, url: str) -> Response:
        response: Response = super()._cb_bodydone(result, url)
        if self.exchange.payload_bytes and not response.body:
            response.flags.append(NOT_KEPT)
        return response


class _BoundedBody(BytesIO):
    """What Scrapy makes the response's body from: all of it, or nothing when it is longer than *most_bytes*."""

    def __init__(self, most_bytes: int) -> None:
        super().__init__()
        self._left = most_bytes

    def write(self, data: Any) -> int:
        self._left -= len(data)
        if self._left >= 0:
            return super().write(data)
        self.seek(0)
        self.truncate()
        return len(data)


def _cut(response: Response) -> Truncation | None:
    if "download_stopped" in response.flags:
        return "length"
    return "disconnect" if "dataloss" in response.flags else None
