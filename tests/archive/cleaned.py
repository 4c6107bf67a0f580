"""Nights of one source that were crawled, cleaned and published, and what the bucket has from them."""

from __future__ import annotations

from typing import NamedTuple

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.crawling.plan import PlannedCrawl
from hemeroteca.extraction.extractor import EXTRACTOR
from storage import keys
from storage.captures.index import INDEX_SCHEMA, read_cdxj
from storage.documents import read_documents
from storage.manifests import read_manifest, read_text_manifest
from storage.model.capture import Capture
from storage.model.crawl import Crawl
from storage.model.document import Document, TextManifest
from storage.objects import Store
from tests.archive.homes import pass_night


class CleanedNight(NamedTuple):
    """One night, crawled, cleaned and published."""

    archive: Archive
    planned: PlannedCrawl
    cleaning: TextManifest
    documents: dict[str, Document]
    captures: list[Capture]

    @property
    def crawl(self) -> Crawl:
        return self.planned.crawl


def work(archive: Archive) -> CleanedNight:
    """Take the one crawl of *archive*'s night from plan to tables."""
    (planned,) = pass_night(archive)
    cleaning = read_text_manifest(archive.store, keys.text_manifest(keys.crawl_manifest(planned.crawl), EXTRACTOR))
    captures = captures_of(archive.store, planned.crawl)
    return CleanedNight(archive, planned, cleaning, documents_of(archive.store, cleaning), captures)


def documents_of(store: Store, cleaning: TextManifest) -> dict[str, Document]:
    documents = [
        document
        for stored in cleaning.objects
        for document in read_documents(store.read(stored.key, sha256=stored.sha256, length=stored.bytes))
    ]
    assert len({document.url for document in documents}) == len(documents) == cleaning.documents
    return {document.url: document for document in documents}


def captures_of(store: Store, crawl: Crawl) -> list[Capture]:
    objects = read_manifest(store, keys.crawl_manifest(crawl)).objects
    indexes = [stored.key for stored in objects if stored.schema_name == INDEX_SCHEMA]
    return [capture for key in indexes for capture in read_cdxj(store.read(key))]


def new_payloads(night: CleanedNight) -> dict[str, Capture]:
    """The responses of *night* that hold an article, by URL."""
    return {
        capture.target_uri: capture
        for capture in night.captures
        if (capture.record_type, capture.purpose, capture.status) == ("response", "article", 200)
    }


def by_place(night: CleanedNight) -> list[Capture]:
    return sorted(new_payloads(night).values(), key=lambda capture: capture.location.offset)
