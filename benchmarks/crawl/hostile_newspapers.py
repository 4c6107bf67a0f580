"""Newspapers on loopback for `hostile_night`: honest ones, and five that do what hostile sites do.

Each request is noted. The hostile ones:
    robots     a robots.txt whose rule has 400,000 spaces; a feed of CDATA sections that never end
    front      a front page of links within objects within links
    endless    articles that go on for ever behind a broken chunk, or in headers
    packed     articles that unpack to a gigabyte
    pages      articles with 200,000 attributes, or nested 50,000 deep
"""

from __future__ import annotations

import socketserver
import threading
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any, Self

MIB = 1 << 20
TEXT = "".join(
    f"<p>The council of {town} met on Tuesday evening to discuss the new harbour wall, its cost to the town, and when "
    "the work may begin; after two hours it voted, with three voices against, to ask for other offers.</p>\n"
    for town in ("Albury", "Benton", "Carden", "Dunmore", "Elbrook", "Farley", "Gorton", "Hadley")
)
HOSTILE = ("robots", "front", "endless", "packed", "pages")

Pieces = Iterable[bytes]


def answer(body: bytes, *headers: str, kind: str = "text/html; charset=utf-8") -> bytes:
    lines = ["HTTP/1.1 200 OK", f"Content-Type: {kind}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def article(host: str, number: int) -> bytes:
    title = f"Story {number} of {host}"
    body = f"<html lang=en><head><title>{title}</title></head><body><article><h1>{title}</h1>\n{TEXT}</article>"
    return answer(body.encode())


def feed(host: str, paths: Iterable[str]) -> bytes:
    items = "".join(f"<item><link>http://{host}{path}</link></item>" for path in paths)
    return answer(f"<rss><channel>{items}</channel></rss>".encode(), kind="application/rss+xml")


def make_honest(host: str, articles: int) -> dict[str, Pieces]:
    paths = [f"/2026/03/01/story-of-the-day-{number}.html" for number in range(articles)]
    return {"/feed": [feed(host, paths)], **{path: [article(host, n)] for n, path in enumerate(paths)}}


def make_hostile(name: str, host: str, articles: int) -> dict[str, Pieces]:
    """Return the site of the hostile newspaper *name*."""
    site = make_honest(host, articles)
    stories = [path for path in site if path != "/feed"]
    match name:
        case "robots":
            site["/robots.txt"] = [answer(b"User-agent: *\nAllow: /" + b" " * 400_000 + b"x\n", kind="text/plain")]
            site["/feed"] = [answer(b"<rss>&amp;" + b"<![CDATA[" * 100_000, kind="application/rss+xml")]
        case "front":
            site["/"] = [answer(b"<a href=/x><object>" * 50_000)]
        case "endless":
            for number, path in enumerate(stories):
                site[path] = _Endless(number)
        case "packed":
            packer = zlib.compressobj(9, zlib.DEFLATED, 31)
            bomb = b"".join([packer.compress(bytes(MIB)) for _ in range(1024)] + [packer.flush()])
            site |= dict.fromkeys(stories, [answer(bomb, "Content-Encoding: gzip")])
        case "pages":
            attributes = b"<p " + b" ".join(b"a%d=1" % number for number in range(200_000)) + b">x</p>"
            pages = (answer(attributes), answer(b"<div>" * 50_000 + TEXT.encode()))
            site |= {path: [pages[number % 2]] for number, path in enumerate(stories)}
    return site


class _Endless:
    """An answer that does not end, in its body or, every second one, in its head."""

    def __init__(self, number: int) -> None:
        self._in_head = number % 2 == 0

    def __iter__(self) -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
        yield b"X: " if self._in_head else b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"
        for _ in range(200):
            yield b"x" * MIB


class _Handler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        with suppress(OSError):
            head = b""
            while line := self.rfile.readline(65536):
                head += line
                if line in (b"\r\n", b"\n"):
                    break
            for piece in self.server.origin.find(head.decode("latin-1")):  # type: ignore[attr-defined]
                self.wfile.write(piece)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128
    origin: Any


class NewspaperOrigin:
    """Serves *sites* by host until it is closed. ``asked`` counts the requests by host and path."""

    def __init__(self, sites: dict[str, dict[str, Pieces]]) -> None:
        self.asked: Counter[tuple[str, str]] = Counter()
        self._sites = sites
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.origin = self
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def connect_to(self) -> str:
        return f":80:127.0.0.1:{self._server.server_address[1]}"

    def find(self, head: str) -> Pieces:
        lines = head.split("\r\n")
        path = lines[0].split(" ")[1]
        host = next(line[6:].strip() for line in lines if line.lower().startswith("host: "))
        self.asked[host, path] += 1
        nothing = [b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"]
        return self._sites.get(host, {}).get(path, nothing)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
