"""Where a connection may go: only to public addresses, unless the card says otherwise.

A request with ``allow_private`` may reach any address, and ``connect_to`` rules may send it to a loopback one. URL,
Host header, SNI and certificate check stay those of the host in the URL.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import structlog
from scrapy.utils.python import to_unicode
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import HostnameEndpoint, wrapClientTLS
from twisted.internet.error import DNSLookupError
from twisted.internet.interfaces import IHostnameResolver, IResolutionReceiver
from twisted.python.failure import Failure
from twisted.web.client import URI
from twisted.web.error import SchemeNotSupported
from zope.interface import implementer

from spiders.wire.addresses import is_public
from spiders.wire.connect_rules import ConnectRule, find_target
from spiders.wire.tls import TlsPolicy
from storage.model.errors import FetchRefused
from storage.model.web_address import REFUSED_PORTS

log = structlog.get_logger()


@implementer(IHostnameResolver)
class _PublicAddresses:
    """Passes on the public addresses that *resolver* finds, and keeps the others for the error."""

    def __init__(self, resolver: Any) -> None:
        self.refused: list[str] = []
        self._resolver = resolver

    def resolveHostName(self, receiver: Any, host: str, *arguments: Any, **options: Any) -> Any:
        public = _PublicReceiver(receiver, host, self.refused.append)
        return self._resolver.resolveHostName(public, host, *arguments, **options)


@implementer(IResolutionReceiver)
class _PublicReceiver:
    """Gives *receiver* the public addresses of *host*, and calls *refuse* with each of the others."""

    def __init__(self, receiver: Any, host: str, refuse: Callable[[str], None]) -> None:
        self._host = host
        self.resolutionBegan = receiver.resolutionBegan
        self.resolutionComplete = receiver.resolutionComplete
        self._receiver = receiver
        self._refuse = refuse

    def addressResolved(self, address: Any) -> None:
        if is_public(address.host):
            self._receiver.addressResolved(address)
        else:
            self._refuse(address.host)
            log.warning("address refused", host=self._host, address=address.host)


class PublicEndpoint(HostnameEndpoint):  # type: ignore[misc]
    """Connects to a host at its public addresses; fails with FetchRefused("private_address") when it has only others.

    The addresses that are checked are those that are connected to, so DNS rebinding changes nothing.
    """

    def _getNameResolverAndMaybeWarn(self, reactor: Any) -> Any:
        self._public = _PublicAddresses(super()._getNameResolverAndMaybeWarn(reactor))
        return self._public

    def connect(self, protocolFactory: Any) -> Deferred[Any]:
        return super().connect(protocolFactory).addErrback(self._explain)

    def _explain(self, failure: Failure) -> Failure:
        if self._public.refused and failure.check(DNSLookupError):
            raise FetchRefused("private_address", f"{self._hostText} is {', '.join(self._public.refused)}")
        return failure


class Endpoints:
    """Makes the endpoint that a request connects to, with its TLS. *rules* None: only public addresses."""

    def __init__(self, tls: TlsPolicy, rules: Sequence[ConnectRule] | None, timeout_seconds: float) -> None:
        self._tls = tls
        self._rules = rules
        self._timeout_seconds = timeout_seconds

    def make_endpoint(self, url: str) -> Any:
        """Return Twisted's endpoint for *url*.

        Raises SchemeNotSupported for a scheme that we do not speak, FetchRefused("port") for one of another protocol.
        """
        from twisted.internet import reactor

        uri = URI.fromBytes(url.encode("ascii"))
        if uri.scheme not in (b"http", b"https"):
            raise SchemeNotSupported(f"Unsupported scheme: {uri.scheme!r}")
        if uri.port in REFUSED_PORTS:
            raise FetchRefused("port", f"{uri.port} is not the web's")
        host = to_unicode(uri.host, "ascii")
        if self._rules is None:
            endpoint = PublicEndpoint(reactor, host, uri.port, timeout=self._timeout_seconds)
        else:
            endpoint = HostnameEndpoint(
                reactor, *find_target(self._rules, host, uri.port), timeout=self._timeout_seconds
            )
        if uri.scheme == b"http":
            return endpoint
        return wrapClientTLS(self._tls.creatorForNetloc(uri.host, uri.port), endpoint)
