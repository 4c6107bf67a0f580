"""Publishing: applying manifests to the catalog, each one once, in whatever order they come."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.keeping_apart import Troubles
from hemeroteca.archive.publishing.rebuild_notes import note_published
from storage import keys
from storage.captures.index import INDEX_SCHEMA
from storage.catalog import PUBLISH_LOCK, Catalog
from storage.documents import DOCUMENT
from storage.holdings import Holdings
from storage.ledger import LEDGERS
from storage.manifests import list_manifests_of_crawl, list_text_manifests_of_crawl
from storage.model.crawl import Crawl


def publish_crawl(archive: Archive, crawl: Crawl) -> None:
    """Apply every manifest of *crawl* that the catalog does not have, late ones and cleanings too."""
    found = (list_manifests_of_crawl(archive.store, crawl), list_text_manifests_of_crawl(archive.store, crawl))
    publish_manifests(archive, chain.from_iterable(found))


def publish_manifests(archive: Archive, manifests: Iterable[str]) -> None:
    """Apply those of *manifests* that the catalog does not have.

    What cannot be read does not stop the others: its error is raised after them.
    """
    troubles = Troubles()
    for key in manifests:
        with troubles.keep_apart("manifest not published", key=key), archive.coordination.lock(PUBLISH_LOCK):
            if not archive.catalog.is_published(key):
                note_published(archive.coordination, key)
                apply_manifest(archive.holdings, archive.catalog, key)
    troubles.raise_first()


def apply_manifest(holdings: Holdings, catalog: Catalog, key: str) -> bool:
    """Apply the manifest at *key* to *catalog*; False when it was applied before."""
    if catalog.is_published(key):
        return False
    if key.startswith(keys.TEXT_MANIFESTS):
        cleaning = holdings.read_text_manifest(key)
        documents = map(holdings.read_placed_documents, holdings.find_objects(cleaning, DOCUMENT))
        return catalog.apply_text_manifest(key, cleaning, chain.from_iterable(documents))
    manifest = holdings.read_manifest(key)
    captures = map(holdings.read_captures, holdings.find_objects(manifest, INDEX_SCHEMA))
    outcomes = map(holdings.read_outcomes, holdings.find_objects(manifest, *LEDGERS))
    return catalog.apply_manifest(key, manifest, chain.from_iterable(captures), chain.from_iterable(outcomes))
