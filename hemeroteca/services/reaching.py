"""Whether a server can be reached at all, asked for somebody who waits at a terminal: no try is repeated."""

from __future__ import annotations

import socket

from hemeroteca.configuration import Settings
from storage.model.errors import ServiceError

ANSWER_SECONDS = 5.0


def check_loopback() -> None:
    """Raise ServiceError when this machine cannot reach itself: none of our servers could be."""
    try:
        with socket.socket() as server:
            server.bind(("127.0.0.1", 0))
            server.listen()
            socket.create_connection(server.getsockname(), timeout=ANSWER_SECONDS).close()
    except OSError as error:
        fix = "is the loopback interface up (`ip link set lo up`), and no firewall before it?"
        raise ServiceError(f"127.0.0.1 cannot be reached: {error.strerror or error}; {fix}") from error


def check_endpoint(settings: Settings) -> None:
    """Raise ServiceError when nothing answers at the S3 endpoint that is set; boto3 would try for minutes."""
    import httpx

    if not settings.s3_endpoint:
        return
    try:
        # Any answer will do, so its certificate is left to boto3, which may know another authority.
        httpx.head(settings.s3_endpoint, timeout=ANSWER_SECONDS, verify=False)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ServiceError(f"HEMEROTECA_S3_ENDPOINT: {settings.s3_endpoint} does not answer: {error}") from error
