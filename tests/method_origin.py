"""An origin on loopback that answers every method, and says in its page which request it got."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, NamedTuple, Self


class Received(NamedTuple):
    """One request as it arrived; header names are in lowercase."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class MethodOrigin:
    """Serve ``http://127.0.0.1:port`` until closed; ``received`` has every request."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        received = self.received

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                received.append(Received(self.command, self.path, headers, body))
                page = make_page(self.command, self.path, body)
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(page)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(page)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = answer  # noqa: N815 - their names

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()


def make_page(method: str, path: str, body: bytes) -> bytes:
    """Return the article that answers a request. It names the plain address as canonical, as pages of results do."""
    asked = f"{method} {path} {body!r}"
    sentence = "The harbour of the old town was rebuilt over three years, and the fishermen went back to their boats. "
    paragraphs = "".join(f"<p>{number} of {asked}: {sentence * 3}</p>" for number in range(1, 6))
    head = f'<link rel="canonical" href="{path.partition("?")[0]}"><title>{asked}</title>'
    return (
        f"<!doctype html><html lang=en><head>{head}</head><body><article>{paragraphs}</article></body></html>".encode()
    )
