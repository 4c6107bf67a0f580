"""What to clean in a crawl: the articles that each of its manifests commits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from http import HTTPStatus

from storage.captures.index import INDEX_SCHEMA
from storage.holdings import Holdings
from storage.ledger import LEDGERS, find_announced
from storage.model.capture import Capture
from storage.model.crawl import Manifest

_PAGES = frozenset({HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT})
"""A part that is the whole page is one; of any other the flag ``truncated`` says so."""


def find_articles(holdings: Holdings, key: str, manifest: Manifest) -> list[Capture]:
    """Return the articles of the manifest at *key*; of a late one, those that no manifest before it has."""
    articles = list(_read_articles(holdings, manifest))
    if not manifest.late:
        return articles
    held: set[tuple[str | None, ...]] = set()
    for other in holdings.find_manifests_of_crawl(manifest.crawl):
        if other.key == key:
            break
        held |= {_identify(one) for one in _read_articles(holdings, other.manifest)}
    return [capture for capture in articles if _identify(capture) not in held]


def _identify(article: Capture) -> tuple[str | None, ...]:
    """Return what two captures of one article in one crawl share: the request and the answer."""
    return article.target_uri, article.method, article.request_query, article.payload_digest


def read_announcements(holdings: Holdings, manifest: Manifest) -> dict[str, tuple[str, datetime]]:
    """Return, by record id, the kind of discovery that announced a page, and when that says it was published."""
    found: dict[str, tuple[str, datetime]] = {}
    for stored in holdings.find_objects(manifest, *LEDGERS):
        found |= find_announced(holdings.read_rows(stored))
    return found


def _read_articles(holdings: Holdings, manifest: Manifest) -> Iterator[Capture]:
    """Yield the pages that were wanted as articles, in the order of the index."""
    for stored in holdings.find_objects(manifest, INDEX_SCHEMA):
        for capture in holdings.read_captures(stored):
            if capture.record_type == "response" and capture.purpose == "article" and capture.status in _PAGES:
                yield capture
