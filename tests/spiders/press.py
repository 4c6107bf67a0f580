"""A web of several hosts on one loopback port: each URL's answer is set beforehand, and requests are recorded."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple, Self


class Reply(NamedTuple):
    """One answer. ``wait`` is held until it is set; without a status the connection is cut. The second half of a slow
    body comes so many ``seconds`` after the first.
    """

    status: int = 200
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    wait: threading.Event | None = None
    seconds: float = 0.0


class Asked(NamedTuple):
    """One request: when its head had come, and when it was answered (monotonic seconds)."""

    url: str
    headers: dict[str, str]
    begun: float
    ended: float
    status: int


@dataclass
class Press:
    """``pages[url]``: the answers of a URL in turn, the last one for good. What is not told is a 404.

    ``arrived`` has the URLs of all requests, ``asked`` those that were answered.
    """

    pages: dict[str, list[Reply]] = field(default_factory=dict)
    arrived: list[str] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)

    def put(self, url: str, *replies: Reply | str | bytes) -> None:
        made = [r if isinstance(r, Reply) else Reply(body=r.encode() if isinstance(r, str) else r) for r in replies]
        self.pages[url] = made

    def redirect(self, url: str, target: str, status: int = 301) -> None:
        self.put(url, Reply(status, b"moved", (("Location", target),)))

    def times(self, url: str) -> int:
        return sum(one.url == url for one in self.asked)

    @property
    def port(self) -> int:
        return int(self._server.server_port)

    @property
    def connect_to(self) -> tuple[str, ...]:
        return (f":80:127.0.0.1:{self._server.server_port}",)

    def __enter__(self) -> Self:
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.press = self
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for replies in self.pages.values():
            for reply in replies:
                if reply.wait:
                    reply.wait.set()
        self._server.shutdown()
        self._server.server_close()

    def answer(self, url: str, headers: dict[str, str]) -> Reply:
        with self._lock:
            replies = self.pages.get(url) or [Reply(404, b"not here")]
            reply = replies.pop(0) if len(replies) > 1 else replies[0]
        has, asked = dict(reply.headers), headers.get("If-None-Match")
        same = has.get("ETag") == asked if asked else has.get("Last-Modified") == headers.get("If-Modified-Since", "-")
        return Reply(304, b"", reply.headers) if same else reply


class _Server(ThreadingHTTPServer):
    press: Press
    request_queue_size = 128


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        begun = time.monotonic()
        headers = dict(self.headers)
        url = f"http://{headers['Host']}{self.path}"
        press = self.server.press
        press.arrived.append(url)
        reply = press.answer(url, headers)
        if reply.wait:
            reply.wait.wait()
        if not reply.seconds:  # a slow one is answered when all of it has come
            press.asked.append(Asked(url, headers, begun, time.monotonic(), reply.status))
        if not reply.status:
            self.close_connection = True
            return
        self.send_response(reply.status)
        for name, value in reply.headers:
            self.send_header(name, value)
        if reply.status != 304:
            self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        body = b"" if reply.status == 304 else reply.body
        if reply.seconds:
            self.wfile.write(body[: len(body) // 2])
            body = body[len(body) // 2 :]
            time.sleep(reply.seconds)
            press.asked.append(Asked(url, headers, begun, time.monotonic(), reply.status))
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


def feed(*links: str | tuple[str, str]) -> str:
    """An RSS feed of *links*, each with its publication date if it has one."""
    items = []
    for link in links:
        url, dated = (link, "") if isinstance(link, str) else link
        items.append(f"<item><title>t</title><link>{url}</link>{f'<pubDate>{dated}</pubDate>' if dated else ''}</item>")
    return f'<rss version="2.0"><channel><title>n</title>{"".join(items)}</channel></rss>'


def sitemap(*links: str | tuple[str, str]) -> str:
    pairs = [(link, "") if isinstance(link, str) else link for link in links]
    entries = (f"<url><loc>{url}</loc>{f'<lastmod>{d}</lastmod>' if d else ''}</url>" for url, d in pairs)
    return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{"".join(entries)}</urlset>'


def sitemap_index(*links: str | tuple[str, str]) -> str:
    pairs = [(link, "") if isinstance(link, str) else link for link in links]
    entries = (f"<sitemap><loc>{url}</loc>{f'<lastmod>{d}</lastmod>' if d else ''}</sitemap>" for url, d in pairs)
    return f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{"".join(entries)}</sitemapindex>'
