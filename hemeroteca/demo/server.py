"""The demo's HTTP/1.1 server on loopback: a host name for each newspaper, every response logged before it is sent."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import socket
import sys
import threading
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs

from hemeroteca.demo.papers import PAPERS, Paper
from hemeroteca.demo.served_log import ServedLog, ServedResponse
from hemeroteca.demo.site import SiteResponse, respond, respond_search

CHUNK_BYTES = 1500
MOST_FORM_BYTES = 4096
_BY_HOST = {paper.host: paper for paper in PAPERS}


class Newspapers:
    """The newspapers, served on 127.0.0.1 while the context lasts.

    ``port`` is known at once (0 asks for a free one). The edition served is that of the ISO date in *night_file*, which
    is read at each request, else that of *night*, else today's (UTC).
    """

    def __init__(
        self,
        ledger: Path | None = None,
        night: date | None = None,
        port: int = 0,
        night_file: Path | None = None,
    ) -> None:
        self._log = ServedLog(ledger) if ledger else None
        self._night = night or datetime.now(UTC).date()
        self._night_file = night_file
        self._server = _Server(port, self.night, self._log)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def connect_to(self) -> str:
        """The setting (``HEMEROTECA_CONNECT_TO``) that leads port 80 of every host here."""
        return f":80:127.0.0.1:{self.port}"

    def night(self) -> date:
        if self._night_file and self._night_file.exists():
            return date.fromisoformat(self._night_file.read_text().strip())
        return self._night

    def set_night(self, night: date) -> None:
        """Serve the edition of *night* from the next request on."""
        self._night = night

    def start(self) -> Self:
        self._thread.start()
        return self

    def stop(self) -> None:
        """Close the port and every open connection. The log is complete afterwards."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.close()
        if self._log:
            self._log.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    request_queue_size = 128

    def __init__(self, port: int, night: Callable[[], date], log: ServedLog | None) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.night = night
        self.log = log
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def close(self) -> None:
        """Close the port and the open connections, and wait for their threads."""
        self.socket.close()
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):  # the client hung up first
                    connection.shutdown(socket.SHUT_RDWR)
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """End the connection silently where the client hung up or the log is full or closed; print any other error."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        paper = self._find_paper()
        if paper is None:
            self._send(_build_plain_response(HTTPStatus.MISDIRECTED_REQUEST))
            return
        path = self.path.partition("?")[0]
        self._send(respond(paper, path, self.server.night()))

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_POST(self) -> None:
        """Answer the search form, the only one that is taken."""
        paper, length = self._find_paper(), self.headers.get("Content-Length", "")
        if paper is None or self.path != "/search" or not length.isdigit() or int(length) > MOST_FORM_BYTES:
            self.send_error(HTTPStatus.NOT_IMPLEMENTED)
            return
        form = parse_qs(self.rfile.read(int(length)).decode("latin-1"))
        self._send(respond_search(paper, " ".join(form.get("q", [])), self.server.night()))

    def _find_paper(self) -> Paper | None:
        return _BY_HOST.get((self.headers.get("Host") or "").partition(":")[0].lower())

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer a request that is not taken. Its body is not read, so the connection ends."""
        self.close_connection = True
        self._send(_build_plain_response(HTTPStatus(code)))

    def log_message(self, format: str, *args: Any) -> None:
        """Print nothing: ``ServedLog`` has every response."""

    def _send(self, page: SiteResponse) -> None:
        headers = getattr(self, "headers", None) or {}
        body = page.body
        encoded = page.gzip and "gzip" in headers.get("Accept-Encoding", "")
        if encoded:
            body = gzip.compress(body, mtime=0)
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"' if page.etag else None
        fresh = page.status == HTTPStatus.OK and _is_fresh(headers, etag, page.modified)
        status = HTTPStatus.NOT_MODIFIED if fresh else HTTPStatus(page.status)
        nonce = uuid.uuid4().hex
        head = [
            f"HTTP/1.1 {status.value} {status.phrase}",
            f"Date: {self.date_time_string()}",
            "Server: Hemeroteca-Demo",
        ]
        head.append(f"X-Nonce: {nonce}")
        head += _build_validators(etag, page.modified)
        if self.close_connection:
            head.append("Connection: close")
        if not fresh:
            head += _build_representation_headers(page, encoded, len(body))
            body = _chunk_body(body) if page.chunked else body
        unsent = fresh or self.command == "HEAD"
        self._log_response(nonce, status.value, headers)
        self.wfile.write("\r\n".join([*head, "", ""]).encode("latin-1") + (b"" if unsent else body))

    def _log_response(self, nonce: str, status: int, headers: Any) -> None:
        if self.server.log is None:
            return
        self.server.log.write(
            ServedResponse(
                time=datetime.now(UTC),
                nonce=nonce,
                host=(headers.get("Host") or "").lower(),
                method=self.command or "",
                path=getattr(self, "path", ""),
                status=status,
                user_agent=headers.get("User-Agent", ""),
                conditional="If-None-Match" in headers or "If-Modified-Since" in headers,
            )
        )


def _is_fresh(headers: Any, etag: str | None, modified: datetime | None) -> bool:
    """Say whether the answer is 304 (RFC 9110, section 13.2.2): If-None-Match, where present, alone counts."""
    asked = headers.get("If-None-Match")
    if asked is not None:
        return etag is not None and etag in [tag.strip().removeprefix("W/") for tag in asked.split(",")]
    since = headers.get("If-Modified-Since")
    if since is None or modified is None:
        return False
    try:
        return modified.replace(microsecond=0) <= parsedate_to_datetime(since)
    except (ValueError, TypeError):  # no date, or one without a zone
        return False


def _build_validators(etag: str | None, modified: datetime | None) -> list[str]:
    lines = [f"ETag: {etag}"] if etag else []
    if modified:
        lines.append(f"Last-Modified: {format_datetime(modified.astimezone(UTC), usegmt=True)}")
    return lines


def _build_representation_headers(page: SiteResponse, encoded: bool, length: int) -> list[str]:
    lines = [f"Content-Type: {page.media_type}"]
    if page.gzip:
        lines.append("Vary: Accept-Encoding")
    if encoded:
        lines.append("Content-Encoding: gzip")
    if page.location:
        lines.append(f"Location: {page.location}")
    return [*lines, "Transfer-Encoding: chunked" if page.chunked else f"Content-Length: {length}"]


def _chunk_body(body: bytes) -> bytes:
    pieces = [body[start : start + CHUNK_BYTES] for start in range(0, len(body), CHUNK_BYTES)]
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def _build_plain_response(status: HTTPStatus) -> SiteResponse:
    return SiteResponse(status.value, "text/plain; charset=utf-8", f"{status.value} {status.phrase}\n".encode())
