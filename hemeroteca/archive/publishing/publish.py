"""Publishing: manifests are applied to the catalog, each once, in whatever order they come."""

from __future__ import annotations

from collections.abc import Iterator

from hemeroteca.archive.archive import Archive
from storage import keys
from storage.captures.index import INDEX_SCHEMA, read_cdxj
from storage.catalog import PUBLISH_LOCK, Catalog
from storage.documents import DOCUMENT, read_documents
from storage.ledger import LEDGERS, read_ledger
from storage.manifests import list_manifests_of_crawl, list_text_manifests_of_crawl, read_manifest, read_text_manifest
from storage.model.capture import Capture
from storage.model.crawl import Crawl, StoredObject
from storage.model.document import Document
from storage.model.outcome import Outcome
from storage.objects import Store


def publish_crawl(archive: Archive, crawl: Crawl) -> None:
    """Apply every manifest of *crawl* that the catalog does not have, late ones and cleanings too."""
    for key in [*list_manifests_of_crawl(archive.store, crawl), *list_text_manifests_of_crawl(archive.store, crawl)]:
        with archive.coordination.lock(PUBLISH_LOCK):
            apply_manifest(archive.store, archive.catalog, key)


def apply_manifest(store: Store, catalog: Catalog, key: str) -> bool:
    """Apply the manifest at *key* to *catalog*; False when it was applied before."""
    if catalog.is_published(key):
        return False
    if key.startswith(keys.TEXT_MANIFESTS):
        cleaning = read_text_manifest(store, key)
        return catalog.apply_text_manifest(key, cleaning, _read_documents(store, cleaning.objects))
    manifest = read_manifest(store, key)
    return catalog.apply_manifest(
        key, manifest, list(_read_captures(store, manifest.objects)), list(_read_outcomes(store, manifest.objects))
    )


def _read_captures(store: Store, objects: tuple[StoredObject, ...]) -> Iterator[Capture]:
    for stored in objects:
        if stored.schema_name == INDEX_SCHEMA:
            yield from read_cdxj(store.read(stored.key, sha256=stored.sha256, length=stored.bytes))


def _read_outcomes(store: Store, objects: tuple[StoredObject, ...]) -> Iterator[Outcome]:
    for stored in objects:
        if stored.schema_name in LEDGERS:
            yield from read_ledger(store.read(stored.key, sha256=stored.sha256, length=stored.bytes))


def _read_documents(store: Store, objects: tuple[StoredObject, ...]) -> Iterator[tuple[Document, str, int]]:
    for stored in objects:
        if stored.schema_name == DOCUMENT:
            content = store.read(stored.key, sha256=stored.sha256, length=stored.bytes)
            for row, document in enumerate(read_documents(content)):
                yield document, stored.key, row
