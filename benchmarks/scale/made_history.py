"""Nights that a newspaper might have had, stored and published by the code that does this for real ones.

WARC files are not made: what is measured reads none.
"""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple

from benchmarks.scale.made_pages import EXTRACTOR, SOFTWARE, Look, look_at_pages
from hemeroteca.archive.archive import Archive
from hemeroteca.archive.publishing.tables import write_night_tables
from storage import keys
from storage.captures.index import INDEX_SCHEMA, write_cdxj
from storage.catalog import Catalog
from storage.documents import DOCUMENT, describe_object, write_documents
from storage.ledger import LEDGER, write_ledger
from storage.manifests import put_manifest
from storage.model.capture import Capture
from storage.model.crawl import Attempt, Crawl, Manifest, OutcomeCount, StoredObject, nightly_id
from storage.model.document import TextManifest
from storage.model.night import Night
from storage.model.outcome import Outcome
from storage.model.placed_document import PlacedDocument
from storage.model.source import Source
from storage.objects import Store


class MadeNight(NamedTuple):
    """One crawl and its cleaning, with every object that their manifests name but the WARC file."""

    manifest: Manifest
    captures: list[Capture]
    outcomes: list[Outcome]
    cleaning: TextManifest
    documents: list[PlacedDocument]
    contents: tuple[tuple[StoredObject, bytes], ...]

    @property
    def key(self) -> str:
        return keys.crawl_manifest(self.manifest.crawl)

    @property
    def text_key(self) -> str:
        return keys.text_manifest(self.key, EXTRACTOR)

    def publish(self, catalog: Catalog) -> None:
        catalog.apply_manifest(self.key, self.manifest, self.captures, self.outcomes)
        catalog.apply_text_manifest(self.text_key, self.cleaning, self.documents)

    def put_manifests(self, store: Store) -> None:
        put_manifest(store, self.key, self.manifest)
        put_manifest(store, self.text_key, self.cleaning)


def put_night(archive: Archive, made: MadeNight) -> None:
    """Put every object of a night that is published, and its tables."""
    for stored, content in made.contents:
        archive.store.put_new(stored.key, content, schema=stored.schema_name)
    made.put_manifests(archive.store)
    write_night_tables(archive, made.manifest.crawl.night)


class Newspaper:
    """The nights of *source* one after another, the first after *day*: *articles* new ones each. The same each time."""

    def __init__(self, source: Source, day: Night, articles: int) -> None:
        self.source = source
        self._day = day
        self._articles = articles
        self._chance = random.Random(source.id)
        self._before: list[Capture] = []
        self._previous: str | None = None

    def make_night(self) -> MadeNight:
        self._day += timedelta(days=1)
        crawl = Crawl(
            id=nightly_id(self.source.id, self._day),
            source_id=self.source.id,
            night=self._day,
            trigger="nightly",
            started=datetime.combine(self._day, time(3), UTC),
        )
        base = str(self.source.homepage).rstrip("/")
        looks = look_at_pages(crawl, base, self._articles, self._before, self._chance)
        made = _commit(self.source, crawl, looks, self._previous)
        self._previous = made.key
        self._before = [look.capture for look in looks if look.document]
        return made


def _commit(source: Source, crawl: Crawl, looks: list[Look], previous: str | None) -> MadeNight:
    captures = [look.capture for look in looks]
    outcomes = [look.outcome for look in looks]
    documents = [look.document for look in looks if look.document]
    attempt = Attempt(crawl_id=crawl.id, nonce=keys.make_nonce(crawl.id), started=crawl.started)
    index_key = keys.cdxj_beside(captures[0].location.key)
    parts = (
        _encode(index_key, write_cdxj(captures), INDEX_SCHEMA, len(captures)),
        _encode(keys.ledger(crawl, attempt), write_ledger(outcomes), LEDGER, len(outcomes)),
    )
    text_key = keys.documents(crawl, EXTRACTOR, attempt.nonce)
    cleaned, content = _encode(text_key, write_documents(documents), DOCUMENT, len(documents))
    manifest = make_manifest(source, crawl, outcomes).model_copy(
        update={"attempts": (attempt,), "objects": tuple(stored for stored, _ in parts), "previous": previous}
    )
    cleaning = make_cleaning(manifest, len(documents)).model_copy(update={"objects": (cleaned,)})
    held = describe_object(cleaned, content)
    placed = [PlacedDocument(document, held, row) for row, document in enumerate(documents)]
    return MadeNight(manifest, captures, outcomes, cleaning, placed, (*parts, (cleaned, content)))


def _encode(key: str, content: bytes, schema: str, records: int) -> tuple[StoredObject, bytes]:
    return StoredObject.of(key, content, schema, records), content


def make_manifest(source: Source, crawl: Crawl, outcomes: list[Outcome]) -> Manifest:
    counted = Counter((outcome.purpose, outcome.state) for outcome in outcomes)
    return Manifest(
        crawl=crawl,
        source=source,
        source_digest=source.digest(),
        attempts=(),
        ended=crawl.started + timedelta(hours=1),
        end_reason="finished",
        software=SOFTWARE,
        objects=(),
        discovered=len(outcomes),
        counts=tuple(
            OutcomeCount(purpose=purpose, state=state, urls=urls) for (purpose, state), urls in counted.items()
        ),
        wire_bytes=sum(outcome.wire_bytes for outcome in outcomes),
    )


def make_cleaning(manifest: Manifest, documents: int) -> TextManifest:
    crawl = manifest.crawl
    return TextManifest(
        crawl_id=crawl.id,
        source_id=crawl.source_id,
        night=crawl.night,
        crawl_manifest=keys.crawl_manifest(crawl),
        extractor=EXTRACTOR,
        ended=manifest.ended + timedelta(hours=1),
        software=SOFTWARE,
        objects=(),
        documents=documents,
        confidence=0.9,
    )
