"""The download handler: fetches like Scrapy's own, and writes every exchange to the WARC exactly as sent and received.

Reads from ``request.meta``
    source_id       whose WARC the exchange goes to (``crawler.recorder``, see spiders.wire.recorder)
    facts           ExchangeFacts: kind, purpose, via, redirected_from, announced
    known           KnownCapture of this URL, or None
    tls             "record": when a certificate does not verify, that is recorded and the page is fetched all the same
    keep_body       False: the body goes to the WARC alone, the response comes without it, with the flag NOT_KEPT
    allow_private   True: any address may be reached, and connect_to rules apply; else public ones only
Writes to ``request.meta``
    outcome         the Outcome of the exchange, before the response is returned or an error raised; absent when
                    nothing was tried, or nothing written

The settings CAPTURE_CONNECT_TO (list of curl's HOST1:PORT1:HOST2:PORT2) and CAPTURE_CA_FILE (path) are read once.
A body of more than DOWNLOAD_MAXSIZE bytes is cut there (``length``). The response has the body without its content
codings, decoded while it came, and no Content-Encoding. It comes without a body of more than 64 MiB, with the flag
NOT_KEPT; of one that does not decode it has what comes before the damage, with the flag that its outcome has. The WARC
has both.
A crawler without a recorder (``scrapy shell``) fetches under the same rules and writes nothing.
Raises ValueError for a method or the name of a header that would make another request of it, and tries nothing;
FetchRefused("private_address") or ("port") when policy forbids the address; Scrapy's own download errors; StorageError
when the exchange could not be written. A response that is cut is returned all the same: its outcome says ``failed``.
"""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from urllib.parse import urldefrag

from scrapy import Request
from scrapy.core.downloader._idna_patch import _install_twisted_idna_fallbacks
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadFailedError, DownloadTimeoutError
from scrapy.http import Headers, Response
from scrapy.responsetypes import responsetypes
from scrapy.utils._download_handlers import wrap_twisted_exceptions
from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet.protocol import Factory
from twisted.internet.ssl import optionsForClientTLS

from spiders.wire.connect_rules import read_connect_to
from spiders.wire.connection import Connection, Pool
from spiders.wire.destinations import Endpoints
from spiders.wire.failure import classify_error
from spiders.wire.recorder import Recorder, utc_now
from spiders.wire.tls import TlsPolicy, Trust, make_recording_options
from storage.captures.exchange import BodyLimits, Exchange, ExchangeFacts
from storage.model.errors import FetchRefused
from storage.request_key import make_request_query
from storage.warc.http import DECODE_LIMIT_BYTES, HttpHead
from storage.warc.received_limits import RECEIVED, STORED

NOT_KEPT = "not_kept"
_MOST_KEPT_BYTES = DECODE_LIMIT_BYTES  # sitemaps.org allows 50 MB
_NOBODYS_FACTS = ExchangeFacts(kind="article", purpose="article")
_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_AUTHORITY_END = re.compile("[/?#]")
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}
_WITH_CONTENT = frozenset({"POST", "PUT", "PATCH"})
"""Methods whose request says that it is empty (RFC 9110 section 8.6): servers wait for a body, or answer 411."""
_OURS = frozenset({b"Host", b"Connection", b"Content-Length", b"Transfer-Encoding"})


class CaptureDownloadHandler(BaseDownloadHandler):  # type: ignore[misc]
    """``DOWNLOAD_HANDLERS = {"http": "spiders.wire.handler.CaptureDownloadHandler", "https": the same}``."""

    lazy = False

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        _install_twisted_idna_fallbacks()
        settings = crawler.settings
        ca_file = settings.get("CAPTURE_CA_FILE")
        trust = Trust(Path(ca_file) if ca_file else None)
        self._tls: dict[str, TlsPolicy] = {
            "verify": TlsPolicy(trust, optionsForClientTLS),
            "record": TlsPolicy(trust, make_recording_options),
        }
        self._rules = read_connect_to(settings.getlist("CAPTURE_CONNECT_TO"))
        most_bytes = settings.getint("DOWNLOAD_MAXSIZE") or STORED.payload_bytes
        self._limits = RECEIVED._replace(payload_bytes=most_bytes, seconds=settings.getfloat("DOWNLOAD_TIMEOUT"))
        self._recorder: Recorder | None = getattr(crawler, "recorder", None)
        given = {**settings.getdict("DEFAULT_REQUEST_HEADERS"), "User-Agent": settings["USER_AGENT"]}
        self._headers = dict(Headers(given))
        self._pool = Pool(settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN"))

    async def download_request(self, request: Request) -> Response:
        request.meta.pop("outcome", None)
        _check_names(request)
        exchange = self._begin_exchange(request)
        try:
            with wrap_twisted_exceptions():
                await self._fetch(request, exchange)
        except FetchRefused:
            exchange.close()
            raise
        except BaseException as error:
            exchange.end(*classify_error(error))
            self._write(request, exchange)
            raise
        exchange.end()
        response = _make_response(request, exchange)
        self._write(request, exchange)
        if response is None:
            raise DownloadFailedError("not an HTTP response")
        return response

    async def close(self) -> None:
        await self._pool.close()

    def _begin_exchange(self, request: Request) -> Exchange:
        url, recorder = urldefrag(request.url)[0], self._recorder
        directory = recorder.directory_of(request.meta["source_id"]) if recorder else None
        limits = BodyLimits(directory, self._limits, keep_decoded=request.meta.get("keep_body", True))
        facts = request.meta["facts"] if recorder else _NOBODYS_FACTS
        exchange = Exchange(url, request.method, facts, recorder.clock if recorder else utc_now, limits)
        if request.method != "GET":
            exchange.request_query = make_request_query(_content_type(request), request.body)
        return exchange

    async def _fetch(self, request: Request, exchange: Exchange) -> None:
        scheme, netloc, path = _split(exchange.url)
        allow_private, tls = bool(request.meta.get("allow_private")), request.meta.get("tls", "verify")
        # a connection to a private address, or one that was not verified, is not reused for a stricter source
        key = (scheme, netloc, allow_private, tls)
        try:
            async with asyncio.timeout(self._limits.seconds):
                connection = self._pool.take(key)
                if connection is None:
                    endpoints = Endpoints(self._tls[tls], self._rules if allow_private else None, self._limits.seconds)
                    connected = endpoints.make_endpoint(exchange.url).connect(Factory.forProtocol(Connection))
                    connection = await maybe_deferred_to_future(connected)
                await connection.send(exchange, self._request_bytes(request, netloc, path), self._limits.silent_seconds)
        except TimeoutError as error:
            raise DownloadTimeoutError(str(error) or f"longer than {self._limits.seconds:g} seconds") from error
        self._pool.give_back(key, connection)

    def _request_bytes(self, request: Request, netloc: str, path: str) -> bytes:
        """Return the request as it is sent, with the headers of the settings that it does not have.

        A line end in a value, which may come from an origin, does not start a header.
        """
        lines = [f"{request.method} {path} HTTP/1.1".encode("ascii"), b"Host: " + netloc.encode("ascii")]
        for name, values in (self._headers | dict(request.headers)).items():
            if name not in _OURS:
                lines += [name + b": " + b" ".join(value.splitlines()) for value in values]
        if request.body or request.method in _WITH_CONTENT:
            lines.append(b"Content-Length: %d" % len(request.body))
        return b"\r\n".join([*lines, b"", request.body])

    def _write(self, request: Request, exchange: Exchange) -> None:
        try:
            if self._recorder is not None:
                outcome = self._recorder.write(request.meta["source_id"], exchange, request.meta.get("known"))
                request.meta["outcome"] = outcome
        finally:
            exchange.close()


def _check_names(request: Request) -> None:
    """Raise ValueError when the method or the name of a header is no token (RFC 9110 section 5.6.2)."""
    for name in (request.method.encode(), *request.headers):
        if not _TOKEN.fullmatch(name):
            raise ValueError(f"{name!r}: cannot be a method or the name of a header")


def _content_type(request: Request) -> str | None:
    value: bytes | None = request.headers.get(b"Content-Type")
    return value.decode("latin-1") if value else None


def _split(url: str) -> tuple[str, str, str]:
    """Return scheme, host with port as in the Host header, and path with query as in the request line."""
    scheme, _, rest = url.partition("://")
    end = _AUTHORITY_END.search(rest)
    place = end.start() if end else len(rest)
    netloc, path = rest[:place].rpartition("@")[2], rest[place:]
    return scheme, netloc.removesuffix(_DEFAULT_PORTS.get(scheme, "")), path if path.startswith("/") else f"/{path}"


def _make_response(request: Request, exchange: Exchange) -> Response | None:
    """Return the response for the spider, with its decoded body where that is wanted and there is one."""
    head = exchange.framer.head
    if head is None:
        return None
    headers = Headers()
    _add_headers(headers, head)
    is_kept = request.meta.get("keep_body", True) and exchange.payload_bytes <= _MOST_KEPT_BYTES
    body = exchange.body if is_kept else None
    if body is None:
        flag = exchange.body_error if is_kept else NOT_KEPT if exchange.payload_bytes else None
        flags = [flag] if flag else []
        part = exchange.decoded_part if flag == "undecodable" else b""
        return Response(exchange.url, head.status, headers=headers, body=part, flags=flags, request=request)
    headers.pop("Content-Encoding", None)
    kind = responsetypes.from_args(headers=headers, url=exchange.url, body=body)
    return kind(url=exchange.url, status=head.status, headers=headers, body=body, request=request)


def _add_headers(headers: Headers, head: HttpHead) -> None:
    for name, value in head.headers:
        dict.setdefault(headers, name.title(), []).append(value)  # as appendlist does, in a tenth of its time
