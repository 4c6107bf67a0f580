"""ETag and Last-Modified: what a URL is asked for with, and what an answer shows of their worth.

``validators``  a 304 stood for a body that is no longer the one: none are sent
``etag``        the ETag changed while Last-Modified and body did not: it only costs, and Last-Modified is sent alone,
                which a server must not look at beside an ETag (RFC 9110, 13.1.3)
"""

from __future__ import annotations

from http import HTTPStatus

from storage.captures.exchange import Exchange
from storage.known import KnownCapture
from storage.model.outcome import Distrust, Kind

_UNCONDITIONAL = frozenset({"robots", "tdmrep", "sitemap"})
"""Rules must be read to be obeyed, and an index of sitemaps may stay as it is while they change."""


def make_conditions(purpose: Kind, known: KnownCapture | None, distrust: Distrust | None) -> dict[str, str]:
    """Return the headers that ask for a URL on condition that it is not as *known*."""
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
