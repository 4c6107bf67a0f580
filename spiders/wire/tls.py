"""TLS policies: the certificate must be valid, or, if a card says so, its faults are only recorded."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

from OpenSSL.crypto import X509
from OpenSSL.SSL import VERIFY_PEER, Connection, Context
from scrapy.utils.python import to_unicode
from service_identity import VerificationError
from service_identity.pyopenssl import verify_hostname, verify_ip_address
from twisted.internet._sslverify import ClientTLSOptions, OpenSSLDefaultPaths
from twisted.internet.ssl import optionsForClientTLS
from twisted.web.iweb import IPolicyForHTTPS
from zope.interface import implementer


class Trust(OpenSSLDefaultPaths):  # type: ignore[misc]
    """The machine's certificate authorities, and those in *ca_file*."""

    def __init__(self, ca_file: Path | None) -> None:
        self._ca_file = ca_file

    def _addCACertsToContext(self, context: Context) -> None:
        super()._addCACertsToContext(context)
        if self._ca_file:
            context.load_verify_locations(str(self._ca_file))


@implementer(IPolicyForHTTPS)
class TlsPolicy:
    """*make_options* is Twisted's ``optionsForClientTLS`` or like it. A context a host is kept: each reads every CA."""

    def __init__(self, trust: Trust, make_options: Callable[..., Any]) -> None:
        self._trust = trust
        self._make_options = make_options
        self._options_of = functools.lru_cache(maxsize=64)(self._options)

    def creatorForNetloc(self, hostname: bytes, port: int) -> Any:
        return self._options_of(to_unicode(hostname, "ascii"))

    def _options(self, hostname: str) -> Any:
        return self._make_options(hostname, trustRoot=self._trust)


def make_recording_options(hostname: str, trustRoot: Trust) -> ClientTLSOptions:
    """Return options that accept any certificate; ``connection.faults`` says what is wrong with it."""
    strict = optionsForClientTLS(hostname, trustRoot=trustRoot)
    return _RecordingOptions(strict._createConnection, hostname)


class _RecordingOptions(ClientTLSOptions):  # type: ignore[misc]
    def clientConnectionForTLS(self, tlsProtocol: Any) -> Connection:
        connection = super().clientConnectionForTLS(tlsProtocol)
        connection.faults = faults = []
        verify = verify_hostname if self._hostnameIsDnsName else verify_ip_address

        def note(chain: Connection, certificate: X509, error: int, depth: int, whole: int) -> bool:
            if not whole:
                faults.append(f"certificate {depth}: OpenSSL error {error}")
            return True

        def check_name() -> None:
            try:
                verify(connection, self._hostnameASCII)
            except VerificationError as error:
                faults.append(f"not for {self._hostnameASCII}: {type(error).__name__}")

        connection.set_verify(VERIFY_PEER, note)
        connection.check_name = check_name
        return connection
