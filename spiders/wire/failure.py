"""Why an exchange failed: errors of Twisted and Scrapy as reasons of the ledger (``model.outcome.FAILED``).

timeout   nothing, or not everything, came in time
dns       the name has no address
tls       no TLS session: handshake or certificate
connect   no connection, or it was lost before the response was whole
length    the body is longer than we take
protocol  what came is no HTTP response, or its framing cannot be trusted
interrupted  the crawl stopped meanwhile
error     anything else
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from OpenSSL import SSL
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
    StopDownload,
)
from service_identity import CertificateError, VerificationError
from twisted.internet.error import ConnectError, ConnectionClosed
from twisted.web.client import ResponseNeverReceived

from storage.captures.exchange import Failure, Truncation

_TLS = (SSL.Error, VerificationError, CertificateError)
_LOST = (ConnectionClosed, ConnectError, ConnectionError, ResponseNeverReceived, ResponseDataLossError)


def classify_error(error: BaseException) -> tuple[Failure, Truncation]:
    """Return the reason of *error*, and the WARC-Truncated of a response that had begun."""
    detail = f"{type(error).__name__}: {error}"[:500]
    if isinstance(error, DownloadTimeoutError):
        return Failure("timeout", detail), "time"
    if isinstance(error, (DownloadCancelledError, StopDownload)):
        return Failure("length", detail), "length"
    if isinstance(error, CannotResolveHostError):
        return Failure("dns", detail), "disconnect"
    if isinstance(error, (asyncio.CancelledError, GeneratorExit, KeyboardInterrupt, SystemExit)):
        return Failure("interrupted", detail), "disconnect"
    return Failure(_reason(list(_causes(error))), detail), "disconnect"


def _reason(causes: list[BaseException]) -> str:
    if any(isinstance(cause, _TLS) for cause in causes):
        return "tls"
    if any(isinstance(cause, _LOST) for cause in causes):
        return "connect"
    return "protocol" if isinstance(causes[0], DownloadFailedError) else "error"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield *error* and what caused it; Twisted keeps a list of reasons in some of its errors."""
    yield error
    if error.__cause__ is not None:
        yield from _causes(error.__cause__)
    for failure in getattr(error, "reasons", ()):
        yield from _causes(failure.value)
