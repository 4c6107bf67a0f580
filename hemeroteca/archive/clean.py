"""Cleaning a crawl: documents from the payloads it archived, committed by a text manifest."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from datetime import datetime

import structlog

from hemeroteca.archive.archive import Archive
from hemeroteca.extraction.article import EXTRACTOR
from hemeroteca.extraction.workers import Job, Workers
from storage import keys
from storage.documents import write_documents
from storage.index import INDEX_SCHEMA, read_cdxj
from storage.manifests import put_manifest, read_manifest, read_text_manifest
from storage.model.capture import Capture
from storage.model.crawl import Crawl, Manifest, StoredObject
from storage.model.document import CleanText, Document, NotCleaned, TextManifest, text_digest
from storage.model.errors import FixityError, NoMainTextError
from storage.warc.http import HttpHead, decode_content
from storage.warc.reader import parse_response, read_member

log = structlog.get_logger()

DOCUMENT = "document/1"
WHOLE_BYTES = 64 * 1024 * 1024
"""A WARC file up to this size is read by one GET: most of its records are wanted."""


def clean_crawl(archive: Archive, crawl: Crawl, workers: Workers) -> TextManifest:
    """Clean what *crawl* captured and commit it; a cleaning by the same extractor that is there already is returned.

    Only new payloads are cleaned: a revisit's document is that of the record it refers to.
    """
    key = keys.text_manifest(crawl, EXTRACTOR)
    if archive.store.stat(key):
        return read_text_manifest(archive.store, key)
    manifest = read_manifest(archive.store, keys.crawl_manifest(crawl))
    captures = {capture.record_id: capture for capture in _articles(archive, manifest)}
    refused: list[NotCleaned] = []
    jobs = _jobs(archive, manifest, list(captures.values()), refused)
    documents = []
    for record_id, result in workers.map(jobs):
        capture = captures[record_id]
        if isinstance(result, NoMainTextError):
            refused.append(_not_cleaned(capture, result))
        else:
            documents.append(_document(archive, capture, result))
    documents.sort(key=lambda document: (document.url, document.fetched_at))
    cleaning = _commit(archive, crawl, documents, refused)
    log.info("crawl cleaned", crawl_id=crawl.id, documents=cleaning.documents, not_cleaned=len(cleaning.not_cleaned))
    return cleaning


def read_body(stored: bytes, capture: Capture) -> tuple[HttpHead, bytes]:
    """Return the head and content-decoded body of the response member *stored*.

    Raises FixityError when it is not the record that *capture* names, NoMainTextError when its coding is broken.
    """
    if f"sha256:{hashlib.sha256(stored).hexdigest()}" != capture.record_digest:
        raise FixityError(f"{capture.location.key}: the record at {capture.location.offset} is not what was stored")
    head, payload = parse_response(read_member(stored))
    return head, decode_content(payload, head.headers)


def _articles(archive: Archive, manifest: Manifest) -> Iterator[Capture]:
    for stored in manifest.objects:
        if stored.schema_name == INDEX_SCHEMA:
            for capture in read_cdxj(archive.store.read(stored.key, sha256=stored.sha256, length=stored.bytes)):
                if capture.record_type == "response" and capture.purpose == "article" and capture.status == 200:
                    yield capture


def _jobs(archive: Archive, manifest: Manifest, captures: list[Capture], refused: list[NotCleaned]) -> Iterator[Job]:
    """Yield the pages to clean, file by file; one that cannot be read is *refused* and the next one comes."""
    sizes = {stored.key: stored.bytes for stored in manifest.objects}
    key, content = "", b""
    for capture in sorted(captures, key=lambda capture: (capture.location.key, capture.location.offset)):
        where = capture.location
        if where.key != key:
            key = where.key
            content = archive.store.read(key) if sizes[key] <= WHOLE_BYTES else b""
        if content:
            stored = content[where.offset : where.offset + where.length]
        else:
            stored = archive.store.read_range(key, where.offset, where.length)
        try:
            head, body = read_body(stored, capture)
        except FixityError as error:
            log.error("record damaged", key=key, offset=where.offset, reason=str(error))
            refused.append(_not_cleaned(capture, NoMainTextError("fixity", str(error))))
        except NoMainTextError as error:
            refused.append(_not_cleaned(capture, error))
        else:
            yield Job(capture.record_id, body, head.value(b"content-type"), capture.target_uri)


def _not_cleaned(capture: Capture, error: NoMainTextError) -> NotCleaned:
    return NotCleaned(record_id=capture.record_id, url=capture.target_uri, reason=error.reason, detail=str(error))


def _document(archive: Archive, capture: Capture, clean: CleanText) -> Document:
    return Document(
        derived_from=capture.record_id,
        payload_record=capture.record_id,
        payload_digest=capture.payload_digest or "",
        location=capture.location,
        crawl_id=capture.crawl_id,
        source_id=capture.source_id,
        night=capture.night,
        url=capture.target_uri,
        urlkey=capture.urlkey,
        via=capture.via,
        redirected_from=capture.redirected_from,
        fetched_at=capture.date,
        status=capture.status,
        extractor=EXTRACTOR,
        extracted_at=archive.settings.now(),
        software=archive.software,
        text_digest=text_digest(clean.text),
        **clean.model_dump(),
    )


def _commit(archive: Archive, crawl: Crawl, documents: list[Document], refused: list[NotCleaned]) -> TextManifest:
    key = keys.text_manifest(crawl, EXTRACTOR)
    ended: datetime = archive.settings.now()
    cleaning = TextManifest(
        crawl_id=crawl.id,
        source_id=crawl.source_id,
        night=str(crawl.night),
        crawl_manifest=keys.crawl_manifest(crawl),
        extractor=EXTRACTOR,
        ended=ended,
        software=archive.software,
        objects=(_put_documents(archive, crawl, documents),) if documents else (),
        documents=len(documents),
        not_cleaned=tuple(sorted(refused, key=lambda one: (one.url, one.record_id))),
    )
    return cleaning if put_manifest(archive.store, key, cleaning) else read_text_manifest(archive.store, key)


def _put_documents(archive: Archive, crawl: Crawl, documents: list[Document]) -> StoredObject:
    content = write_documents(documents)
    key = keys.documents(crawl, EXTRACTOR, secrets.token_hex(4))
    sha256 = archive.store.put_new(key, content, schema=DOCUMENT)
    return StoredObject.model_validate(
        {"key": key, "bytes": len(content), "sha256": sha256, "records": len(documents), "schema": DOCUMENT}
    )
