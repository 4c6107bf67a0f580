"""Whether servers answer: asked once, or until they do; our own on loopback, bypassing any proxy in the environment."""

from __future__ import annotations

import socket
import ssl
import time
import urllib.request
from collections.abc import Callable

from hemeroteca.services.children import Children
from storage.model.errors import ServiceError

ANSWER_SECONDS = 5.0
_POLL_SECONDS = 0.05


def fetch_url(url: str, timeout: float = ANSWER_SECONDS, tls: ssl.SSLContext | None = None) -> bytes | None:
    """Return the body of a 2xx answer; None when there is no such answer."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=tls))
    try:
        with direct.open(url, timeout=timeout) as answer:
            content: bytes = answer.read()
            return content
    except OSError:
        return None


def wait_until(is_ready: Callable[[], object], children: Children, seconds: float) -> None:
    """Return when *is_ready* gives something true. Raises ServiceError when one of *children* ends, or time is up."""
    deadline = time.monotonic() + seconds
    while not is_ready():
        children.check()
        if time.monotonic() > deadline:
            raise ServiceError(f"{children.last.name} is not ready after {seconds:.0f} s; see {children.last.log_file}")
        time.sleep(_POLL_SECONDS)


def check_loopback() -> None:
    """Raise ServiceError when this machine cannot reach itself: none of our servers could be."""
    try:
        with socket.socket() as server:
            server.bind(("127.0.0.1", 0))
            server.listen()
            socket.create_connection(server.getsockname(), timeout=ANSWER_SECONDS).close()
    except OSError as error:
        fix = "is the loopback interface up (`ip link set lo up`), and does no firewall block it?"
        raise ServiceError(f"127.0.0.1 cannot be reached: {error.strerror or error}; {fix}") from error
