"""The one door from a manifest to its objects: what passes through it is what was promised, byte for byte.

A mismatch is read again, over another connection, before anything is condemned: most are faults of the way, not of
what is kept. Rights are not looked at here: fixity, rebuild and cleaning read everything.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import BinaryIO, TypeVar

import pyarrow as pa
import structlog

from storage import keys
from storage.captures.index import RECORDS_SCHEMAS, read_cdxj, read_records_index
from storage.captures.stored_records import read_span, read_stored_record, read_stored_request, split_spans
from storage.documents import (
    describe_object,
    join_parts,
    read_document_row,
    read_document_table,
    read_documents,
)
from storage.items import read_items
from storage.kept import KeptCleaning, KeptCrawl, cleaning_order, crawl_order
from storage.ledger import LEDGERS, read_ledger, read_ledger_table
from storage.manifests import (
    list_manifests_of,
    list_manifests_of_crawl,
    list_text_manifests_of,
    list_text_manifests_of_crawl,
    read_manifest,
    read_text_manifest,
)
from storage.model.capture import Capture, IndexedRecord
from storage.model.crawl import Crawl, Manifest, StoredObject
from storage.model.document import Document, TextManifest
from storage.model.errors import FixityError, MissingObjectError
from storage.model.outcome import Outcome
from storage.model.placed_document import DocumentsObject, ObjectPart, PlacedDocument
from storage.model.remembered import StoredSiteMemory
from storage.model.scraped_item import ScrapedItem
from storage.night_listing import NightListing
from storage.objects import Store
from storage.rereading import Rereader
from storage.site_memory import (
    MOST_OBJECTS,
    KeptMemory,
    join_memories,
    list_site_memories_before,
    read_site_memory,
)

log = structlog.get_logger()

SMALL_BYTES = 1 << 20
"""Up to here an object of documents is read whole for one of them: that is one request, and two for a larger one."""

T = TypeVar("T")


class Holdings:
    """What a bucket holds, as its manifests promise it. Threads may share it.

    Every method that reads raises FixityError for what is not as promised, MissingObjectError for what is not there,
    StorageError when the store does not answer.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._read_again = Rereader(store).read

    def find_manifests(self, listed: NightListing) -> Iterator[KeptCrawl]:
        """Yield what is *listed* of a night, by crawl: in time, then late. A damaged manifest counts as absent."""
        yield from self._keep(listed.manifests, listed.texts)

    def find_manifests_of_crawl(self, crawl: Crawl) -> list[KeptCrawl]:
        """Return what is committed of *crawl*: in time, then late as it was committed."""
        found = self._keep(
            list_manifests_of_crawl(self._store, crawl), list_text_manifests_of_crawl(self._store, crawl)
        )
        return [kept for kept in found if kept.manifest.crawl.id == crawl.id]

    def _keep(self, crawl_keys: Iterable[str], text_keys: Iterable[str]) -> Iterator[KeptCrawl]:
        cleanings: dict[str, list[KeptCleaning]] = defaultdict(list)
        for key in text_keys:
            if cleaning := self.find_text_manifest(key):
                cleanings[cleaning.crawl_manifest].append(KeptCleaning(key, cleaning))
        crawls = [(key, manifest) for key in crawl_keys if (manifest := self.find_manifest(key))]
        for key, manifest in sorted(crawls, key=crawl_order):
            yield KeptCrawl(key, manifest, tuple(sorted(cleanings[key], key=cleaning_order)))

    def find_manifest(self, key: str) -> Manifest | None:
        """Return the manifest of a crawl; None when it is not there, or damaged."""
        return self._find(key, self.read_manifest)

    def find_text_manifest(self, key: str) -> TextManifest | None:
        """Return the manifest of a cleaning; None when it is not there, or damaged."""
        return self._find(key, self.read_text_manifest)

    def _find(self, key: str, read: Callable[[str], T]) -> T | None:
        try:
            return read(key)
        except MissingObjectError:
            return None
        except FixityError as error:
            log.error("manifest damaged", key=key, reason=str(error))
            return None

    def read_manifest(self, key: str) -> Manifest:
        """Return the manifest of a crawl at *key*."""
        return self._read_again(key, lambda store: read_manifest(store, key))

    def read_text_manifest(self, key: str) -> TextManifest:
        """Return the manifest of a cleaning at *key*."""
        return self._read_again(key, lambda store: read_text_manifest(store, key))

    def find_objects(self, manifest: Manifest | TextManifest, *schemas: str) -> Iterator[StoredObject]:
        """Yield the objects of *manifest*; with *schemas* those that are written in one of these."""
        for stored in manifest.objects:
            if not schemas or stored.schema_name in schemas:
                yield stored

    def read(self, stored: StoredObject | DocumentsObject) -> bytes:
        """Return the whole object, of the length and the SHA-256 that its manifest promises."""
        try:
            return self._read_again(
                stored.key, lambda store: store.read(stored.key, sha256=stored.sha256, length=stored.bytes)
            )
        except MissingObjectError as error:
            raise MissingObjectError(f"{stored.key}: is missing, but a manifest lists it") from error

    def read_unlisted(self, key: str) -> bytes:
        """Return the whole object at *key*, which no manifest lists yet, as its writer said that it is."""
        return self._read_again(key, lambda store: store.read(key))

    def check(self, stored: StoredObject, copy: BinaryIO | None = None) -> None:
        """Read the whole object as a stream and hold it to *stored*; the file *copy* gets what came last."""

        def check(store: Store) -> None:
            found = store.read_digest(stored.key, copy)
            if (found.bytes, found.sha256) != (stored.bytes, stored.sha256):
                raise FixityError(f"{stored.key}: {found.bytes} bytes with SHA-256 {found.sha256}: not what was stored")

        self._read_again(stored.key, check)

    def read_rows(self, stored: StoredObject) -> pa.Table:
        """Return the rows of a ledger or of documents, in the columns of today's schema."""
        read = read_ledger_table if stored.schema_name in LEDGERS else read_document_table
        with _naming(stored.key):
            return read(self.read(stored))

    def read_captures(self, stored: StoredObject) -> list[Capture]:
        """Return the captures that a CDXJ index lists."""
        with _naming(stored.key):
            return read_cdxj(self.read(stored))

    def read_indexed(self, stored: StoredObject) -> list[IndexedRecord]:
        """Return the lines of a records index."""
        with _naming(stored.key):
            return read_records_index(self.read(stored))

    def read_outcomes(self, stored: StoredObject) -> list[Outcome]:
        """Return the outcomes of a ledger."""
        with _naming(stored.key):
            return read_ledger(self.read(stored))

    def read_items(self, stored: StoredObject) -> Iterator[ScrapedItem]:
        """Yield the items of a crawl as they are used; all of their object is held to its digest first."""
        with _naming(stored.key):
            yield from read_items(self.read(stored))

    def read_documents(self, stored: StoredObject) -> list[Document]:
        """Return the documents of an object, in the order of its rows."""
        with _naming(stored.key):
            return read_documents(self.read(stored))

    def read_record(self, capture: Capture) -> bytes:
        """Return the stored gzip member of *capture*, by one range read, held to its record digest."""
        return self._read_again(capture.location.key, lambda store: read_stored_record(store, capture))

    def read_records(self, captures: Iterable[Capture]) -> Iterator[tuple[Capture, bytes | FixityError]]:
        """Yield each capture with its stored member, in stored order; a damaged one with the error instead."""
        for span in split_spans(captures):
            for capture, stored in read_span(self._store, span):
                yield capture, self._read_alone(capture) if isinstance(stored, FixityError) else stored

    def _read_alone(self, capture: Capture) -> bytes | FixityError:
        try:
            return self.read_record(capture)
        except FixityError as error:
            return error

    def read_request(self, capture: Capture) -> bytes:
        """Return the stored gzip member of the request of *capture*, held to the digest in the records index."""
        where = capture.request
        if where is None:
            raise MissingObjectError(f"{capture.record_id}: has no record of its request")
        lines = [line for line in self._find_indexed(capture) if line.record_type == "request"]
        promised = [line.sha256 for line in lines if line.offset == where.offset]
        if not promised:
            raise MissingObjectError(f"{where.key}: its index has no request at {where.offset}")
        return self._read_again(where.key, lambda store: read_stored_request(store, capture, promised[0]))

    def _find_indexed(self, capture: Capture) -> list[IndexedRecord]:
        """Return the lines of the records index of the WARC file that holds the request of *capture*."""
        assert capture.request is not None
        beside = keys.records_beside(capture.request.key)
        for key in list_manifests_of(self._store, capture.crawl_id, capture.night):
            manifest = self.find_manifest(key)
            found = self.find_objects(manifest, *RECORDS_SCHEMAS) if manifest else ()
            for stored in sorted(found, key=lambda one: one.key != beside):  # one that was put again lies elsewhere
                lines = self.read_indexed(stored)
                if any(line.record_id == capture.record_id for line in lines):
                    return lines
        raise MissingObjectError(f"{beside}: no manifest lists it")

    def read_placed_documents(self, stored: StoredObject) -> list[PlacedDocument]:
        """Return the documents of an object with their rows, and the digests by which each can be read alone."""
        with _naming(stored.key):
            content = self.read(stored)
            held = describe_object(stored, content)
            return [PlacedDocument(document, held, row) for row, document in enumerate(read_documents(content))]

    def read_document(self, capture: Capture, key: str, row: int, held: DocumentsObject | None = None) -> Document:
        """Return the document in *row* (from 0) of the object at *key*, which is made from *capture* and no other.

        A large object that is *held* is read in two ranges, a small one whole; any other whole as its manifest has it.
        """
        with _naming(key):
            if held and held.bytes > SMALL_BYTES:
                document = self._read_row(held, row)
            else:
                document = read_document_row(self.read(held or self._find_promised(capture, key)), row)
        if (document.derived_from, document.payload_digest) != (capture.record_id, capture.payload_digest or ""):
            raise FixityError(f"{key}: row {row} is the document of {document.derived_from}, not {capture.record_id}")
        return document

    def _read_row(self, held: DocumentsObject, row: int) -> Document:
        parts = [(part, self._read_part(held.key, part)) for part in (held.footer, held.find_group(row))]
        return read_document_row(join_parts(held, parts), row)

    def _read_part(self, key: str, part: ObjectPart) -> bytes:
        return self._read_again(key, lambda store: store.read_range(key, part.offset, part.bytes, sha256=part.sha256))

    def _find_promised(self, capture: Capture, key: str) -> StoredObject:
        """Return what a text manifest of the crawl of *capture* promises of the object at *key*."""
        for text_key in list_text_manifests_of(self._store, capture.crawl_id, capture.night):
            cleaning = self.find_text_manifest(text_key)
            for stored in cleaning.objects if cleaning else ():
                if stored.key == key:
                    return stored
        raise MissingObjectError(f"{key}: no text manifest lists it")

    def read_site_memory_before(self, crawl: Crawl) -> KeptMemory | None:
        """Return what was known last of the source before *crawl* started; None when nothing was.

        Only a memory that a text manifest names counts: others are of cleanings that were never committed. One that
        is damaged is passed over, or its newspaper would have no texts from then on.
        """
        for key in list_site_memories_before(self._store, crawl):
            for text_key in list_text_manifests_of(self._store, keys.teacher_of(key), keys.night_of(key)):
                cleaning = self.find_text_manifest(text_key)
                if cleaning and cleaning.learned and cleaning.learned.key == key:
                    try:
                        return self._read_site_memory(cleaning.learned)
                    except FixityError as error:
                        log.error("site memory passed over", key=key, reason=str(error))
        return None

    def _read_site_memory(self, stored: StoredObject) -> KeptMemory:
        """Return the memory whose last object is *stored*: that one and those that it adds to are read."""
        found: list[StoredSiteMemory] = []
        wanted: StoredObject | None = stored
        while wanted:
            if len(found) == MOST_OBJECTS:
                raise FixityError(f"{stored.key}: adds to more than {MOST_OBJECTS - 1} objects")
            with _naming(wanted.key):
                found.append(read_site_memory(self.read(wanted)))
            wanted = found[-1].adds_to
        return join_memories(stored, found[::-1])


@contextmanager
def _naming(key: str) -> Iterator[None]:
    """Turn whatever goes wrong in reading an object into a FixityError that names it."""
    try:
        yield
    except FixityError as error:
        raise error if str(error).startswith(key) else type(error)(f"{key}: {error}") from error
    except (ValueError, pa.ArrowException, OSError, EOFError) as error:
        raise FixityError(f"{key}: cannot be read: {error}") from error
