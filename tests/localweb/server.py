"""The pages of localweb on two loopback ports, https and http: a certificate for each host, chosen by SNI.

Articles leave as they are kept, gzipped. Every response has an X-Nonce header and is noted before it is sent.
"""

from __future__ import annotations

import asyncio
import ssl
import threading
import uuid
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

import trustme

from tests.localweb.web import Web


class Sent(NamedTuple):
    """One response: to a request for *url*, made with the TLS name *sni* (None: without TLS)."""

    url: str
    status: int
    nonce: str
    sni: str | None


class LocalWeb:
    """Serves *web* while the context lasts; *directory* takes the authority's certificate."""

    def __init__(self, web: Web, directory: Path) -> None:
        self.sent: list[Sent] = []
        self.ca_file = directory / "ca.pem"
        self._web = web
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(self.ca_file))
        self._contexts = {host: _context(authority, host) for host in web.hosts}
        self._names = {id(context): host for host, context in self._contexts.items()}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)

    @property
    def connect_to(self) -> str:
        return f":443:127.0.0.1:{self._ports[0]},:80:127.0.0.1:{self._ports[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        self._ports = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(30)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(30)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _listen(self) -> tuple[int, int]:
        by_name = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        by_name.sni_callback = self._choose
        places = [
            await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=tls, backlog=256) for tls in (by_name, None)
        ]
        self._servers = places
        https, http = (place.sockets[0].getsockname()[1] for place in places)
        return https, http

    async def _close(self) -> None:
        for server in self._servers:
            server.close()
        own = asyncio.current_task()
        connections = [task for task in asyncio.all_tasks() if task is not own]
        for connection in connections:
            connection.cancel()
        await asyncio.gather(*connections, return_exceptions=True)

    def _choose(self, connection: ssl.SSLObject, name: str | None, context: ssl.SSLContext) -> int | None:
        if name not in self._contexts:
            return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
        connection.context = self._contexts[name]
        return None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tls = writer.get_extra_info("ssl_object")
        sni = self._names[id(tls.context)] if tls else None
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                fields = dict(line.lower().split(": ", 1) for line in head[1:] if line)
                url = f"{'https' if tls else 'http'}://{fields['host']}{head[0].split(' ')[1]}"
                writer.write(self._answer(url, sni, "gzip" in fields.get("accept-encoding", "")))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def _answer(self, url: str, sni: str | None, gzip: bool) -> bytes:
        page = self._web.pages.get(url)
        sent = Sent(url, 200 if page else 404, uuid.uuid4().hex, sni)
        packed = page is not None and page.packed and gzip
        body = b"not here" if page is None else page.body() if packed else page.plain()
        lines = [
            f"HTTP/1.1 {sent.status} {'OK' if page else 'Not Found'}",
            f"Content-Type: {page.media_type if page else 'text/plain'}",
            f"Content-Length: {len(body)}",
            f"X-Nonce: {sent.nonce}",
        ]
        lines += ["Content-Encoding: gzip"] if packed else []
        self.sent.append(sent)
        return "\r\n".join([*lines, "", ""]).encode() + body


def _context(authority: trustme.CA, host: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(host).configure_cert(context)
    return context
