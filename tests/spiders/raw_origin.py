"""An origin on loopback that sends exactly the bytes it is given, and keeps the requests it gets."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

Action = Callable[[socket.socket], bool]
"""Answer one request; return whether the connection stays open for another."""


def reply(answer: bytes) -> Action:
    def act(connection: socket.socket) -> bool:
        connection.sendall(answer)
        return True

    return act


def reply_and_close(answer: bytes) -> Action:
    def act(connection: socket.socket) -> bool:
        connection.sendall(answer)
        return False

    return act


def reply_and_reset(answer: bytes) -> Action:
    """Send *answer*, then reset the connection instead of closing it; a kernel hands on what came before a reset."""

    def act(connection: socket.socket) -> bool:
        connection.sendall(answer)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return False

    return act


def reply_without_goodbye(answer: bytes) -> Action:
    """Send *answer* and end the connection; over TLS without the close_notify that says that this was all."""

    def act(connection: socket.socket) -> bool:
        connection.sendall(answer)
        connection.close()
        raise ConnectionAbortedError

    return act


_NOT_HERE = reply(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")


class RawOrigin:
    """Serve ``actions[path]`` on *host* at ``port`` until closed, other paths not at all; with *tls*, over it."""

    def __init__(self, actions: dict[str, Action], tls: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> None:
        self.actions = actions
        self.requests: list[bytes] = []
        self.connections = 0
        self.closing = threading.Event()
        self._tls = tls
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.create_server((host, 0), family=family)
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def hold(self, answer: bytes = b"") -> Action:
        """An action that sends *answer* and then nothing until the origin is closed."""

        def act(connection: socket.socket) -> bool:
            connection.sendall(answer)
            self.closing.wait(30)
            return False

        return act

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.closing.set()
        # wakes accept, which close alone would not
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while not self.closing.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            stack.enter_context(connection)
            if self._tls:
                connection = stack.enter_context(self._tls.wrap_socket(connection, server_side=True))
            while request := self._read_request(connection):
                self.requests.append(request)
                path = request.split(b" ", 2)[1].decode()
                if not self.actions.get(path, _NOT_HERE)(connection):
                    if self._tls and isinstance(connection, ssl.SSLSocket):
                        connection.unwrap()
                    return

    @staticmethod
    def _read_request(connection: socket.socket) -> bytes:
        request = b""
        while not request.endswith(b"\r\n\r\n"):
            piece = connection.recv(65536)
            if not piece:
                return b""
            request += piece
        return request
