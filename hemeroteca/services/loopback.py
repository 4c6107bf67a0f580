"""Health questions to our own servers: on loopback, past any proxy of the environment."""

from __future__ import annotations

import time
import urllib.request
from collections.abc import Callable

from hemeroteca.services.children import Children
from storage.model.errors import ServiceError

_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_POLL_SECONDS = 0.05


def read_url(url: str, timeout: float = 5.0) -> bytes | None:
    """Return the body of a 2xx answer; None when there is no such answer."""
    try:
        with _DIRECT.open(url, timeout=timeout) as answer:
            content: bytes = answer.read()
            return content
    except OSError:
        return None


def wait_until(ready: Callable[[], object], children: Children, seconds: float) -> None:
    """Return when *ready* gives something true. Raises ServiceError when one of *children* ends, or time is up."""
    deadline = time.monotonic() + seconds
    while not ready():
        children.check()
        if time.monotonic() > deadline:
            raise ServiceError(f"{children.last.name} is not ready after {seconds:.0f} s; see {children.last.log_file}")
        time.sleep(_POLL_SECONDS)
