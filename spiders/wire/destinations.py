"""Where a connection may go: only to public addresses, unless the card says otherwise.

A request with ``allow_private`` may reach any address, and ``connect_to`` rules may send it to a loopback one. URL,
Host header, SNI and certificate check stay those of the host in the URL.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

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

from spiders.wire.addresses import is_loopback, is_public
from spiders.wire.tls import TlsPolicy
from storage.model.errors import FetchRefused, SeedError
from storage.model.web_address import REFUSED_PORTS

log = structlog.get_logger()

_RULE = re.compile(r"(\[[^\]]*\]|[^:\[\]]*):(\d*):(\[[^\]]*\]|[^:\[\]]*):(\d*)")


class ConnectRule(NamedTuple):
    """One ``HOST1:PORT1:HOST2:PORT2``; an empty part is None and means any (1) or unchanged (2)."""

    host: str | None
    port: int | None
    to_host: str | None
    to_port: int | None


def read_connect_to(entries: Iterable[str]) -> tuple[ConnectRule, ...]:
    """Parse curl's ``--connect-to`` entries. Raises SeedError for a target that is no loopback address."""
    rules = []
    for entry in entries:
        match = _RULE.fullmatch(entry.strip())
        if not match:
            raise SeedError(f"connect_to: {entry}: must be HOST1:PORT1:HOST2:PORT2")
        host, port, to_host, to_port = match.groups()
        target = to_host.strip("[]")
        if target and not is_loopback(target):
            raise SeedError(f"connect_to: {entry}: {target} is not a loopback address")
        rules.append(ConnectRule(host.strip("[]").lower() or None, _number(port), target or None, _number(to_port)))
    return tuple(rules)


def _number(text: str) -> int | None:
    return int(text) if text else None


def find_target(rules: Sequence[ConnectRule], host: str, port: int) -> tuple[str, int]:
    """Return the host and port to connect to: those of the first rule that fits, else *host* and *port*."""
    for rule in rules:
        if rule.host in (None, host.lower()) and rule.port in (None, port):
            return rule.to_host or host, rule.to_port or port
    return host, port


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
