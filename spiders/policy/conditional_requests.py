"""Conditional requests: which ETag and Last-Modified are sent, and whether a response shows that they can be trusted.

A source whose validators are wrong is distrusted, in one of two ways:
``validators``  a 304 came though the body had changed: none are sent any more
``etag``        the ETag changed though Last-Modified and body did not: only Last-Modified is sent, because a server
                must ignore it beside an ETag (RFC 9110, 13.1.3)
"""

from __future__ import annotations

from http import HTTPStatus

from storage.captures.exchange import Exchange
from storage.known import KnownCapture
from storage.model.outcome import RULES, Distrust, Kind
from storage.model.source import DISCOVERY_TRAITS

_UNCONDITIONAL = RULES.union(kind for kind, traits in DISCOVERY_TRAITS.items() if not traits.asked_conditionally)
"""Rules must be read to be obeyed."""


def make_conditions(purpose: Kind, known: KnownCapture | None, distrust: Distrust | None) -> dict[str, str]:
    """Return the headers that ask for a URL only if it has changed since *known*."""
    if known is None or purpose in _UNCONDITIONAL or distrust == "validators":
        return {}
    found = {"If-None-Match": None if distrust else known.etag, "If-Modified-Since": known.last_modified}
    return {name: value for name, value in found.items() if value}


def find_distrust(exchange: Exchange, known: KnownCapture | None) -> Distrust | None:
    """Return what the ended *exchange* shows of the validators that *known* came with."""
    head = exchange.framer.head
    if known is None or head is None or head.status != HTTPStatus.OK or exchange.facts.purpose in _UNCONDITIONAL:
        return None
    if exchange.body_digest is None or known.body_digest is None:
        return None
    if exchange.body_digest != known.body_digest:
        return "validators" if exchange.facts.checks else None
    modified, etag = head.value(b"last-modified"), head.value(b"etag")
    same_date = modified is not None and modified == known.last_modified
    return "etag" if same_date and etag and known.etag and _opaque(etag) != _opaque(known.etag) else None


def _opaque(etag: str) -> str:
    return etag.removeprefix("W/")
