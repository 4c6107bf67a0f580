"""What there is to clean of a crawl: the articles that each of its manifests commits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from storage.captures.index import INDEX_SCHEMA, read_cdxj
from storage.ledger import LEDGERS, read_announced
from storage.manifests import list_manifests_of_crawl, read_manifest
from storage.model.capture import Capture
from storage.model.crawl import Crawl, Manifest, StoredObject
from storage.model.errors import FixityError, NotArchivedError
from storage.objects import Store


def read_manifests(store: Store, crawl: Crawl) -> list[tuple[str, Manifest]]:
    """Return the manifests of *crawl* with their keys: the one in time, then late ones as they were committed."""
    found = [(key, read_manifest(store, key)) for key in list_manifests_of_crawl(store, crawl)]
    own = [(key, manifest) for key, manifest in found if manifest.crawl.id == crawl.id]
    return sorted(own, key=lambda one: (one[1].late, one[1].ended, one[0]))


def find_articles(store: Store, key: str, manifest: Manifest) -> list[Capture]:
    """Return the articles of the manifest at *key*; of a late one, those that no manifest before it has."""
    articles = list(_read_articles(store, manifest))
    if not manifest.late:
        return articles
    held: set[tuple[str, str | None]] = set()
    for other_key, other in read_manifests(store, manifest.crawl):
        if other_key == key:
            break
        held |= {(capture.target_uri, capture.payload_digest) for capture in _read_articles(store, other)}
    return [capture for capture in articles if (capture.target_uri, capture.payload_digest) not in held]


def read_announcements(store: Store, manifest: Manifest) -> dict[str, tuple[str, datetime]]:
    """Return, by record id, the kind of discovery that announced a page, and when that says it was published."""
    found: dict[str, tuple[str, datetime]] = {}
    for stored in manifest.objects:
        if stored.schema_name in LEDGERS:
            found |= read_announced(_read_object(store, stored))
    return found


def _read_articles(store: Store, manifest: Manifest) -> Iterator[Capture]:
    """Yield the responses with status 200 that were wanted as articles, in the order of the index."""
    for stored in manifest.objects:
        if stored.schema_name == INDEX_SCHEMA:
            for capture in read_cdxj(_read_object(store, stored)):
                if capture.record_type == "response" and capture.purpose == "article" and capture.status == 200:
                    yield capture


def _read_object(store: Store, stored: StoredObject) -> bytes:
    try:
        return store.read(stored.key, sha256=stored.sha256, length=stored.bytes)
    except NotArchivedError as error:
        raise FixityError(f"{stored.key}: is gone") from error
