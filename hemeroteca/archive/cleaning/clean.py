"""Cleaning a crawl: documents from the payloads it archived, committed by a text manifest."""

from __future__ import annotations

import secrets
import statistics
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

import structlog

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.cleaning.inputs import PLAIN, Recipe, recipe_of
from hemeroteca.archive.cleaning.learning import learn_from
from hemeroteca.archive.cleaning.reservations import are_images_reserved, reserved_by
from hemeroteca.archive.crawling.commit import make_durable
from hemeroteca.archive.reading.stored_records import read_records, read_response
from hemeroteca.extraction.extractor import HTML_MEDIA_TYPES, MAX_PAGE_BYTES
from hemeroteca.extraction.page.served_page import Page
from hemeroteca.extraction.workers.pool import WorkerPool
from storage import keys
from storage.captures.index import INDEX_SCHEMA, read_cdxj
from storage.documents import write_documents
from storage.ledger import LEDGERS, read_announced
from storage.manifests import list_manifests_of_crawl, put_manifest, read_manifest, read_text_manifest
from storage.model.capture import Capture
from storage.model.crawl import Crawl, Manifest, StoredObject
from storage.model.document import CleanText, Document, Extractor, NotCleaned, TextManifest, text_digest
from storage.model.errors import FixityError, NoMainTextError, NotArchivedError
from storage.model.page_facts import Signals
from storage.objects import Store

log = structlog.get_logger()

DOCUMENT = "document/1"
RESERVED = "reserved"

Announced = Mapping[str, tuple[str, datetime]]
"""By record id, the ``feed`` or ``sitemap`` that a page was found in, and when that says it was published."""

_NOTHING: Announced = {}


def clean_crawl(archive: Archive, crawl: Crawl, workers: WorkerPool) -> list[TextManifest]:
    """Clean the articles that *crawl* captured, and commit, a cleaning for each of its manifests; none where none is.

    Each response is cleaned; a revisit has the document of the record it refers to. A cleaning of the same manifest by
    the same extractor that is there already is returned as it is. A damaged record is not cleaned, for ``fixity``;
    raises FixityError for a damaged index or manifest.
    """
    return [_clean(archive, key, crawled, workers) for key, crawled in _manifests_of(archive.store, crawl)]


def _clean(archive: Archive, crawl_manifest: str, crawled: Manifest, workers: WorkerPool) -> TextManifest:
    recipe = recipe_of(archive.store, crawled)
    key = keys.text_manifest(crawl_manifest, recipe.extractor)
    try:
        return read_text_manifest(archive.store, key)
    except NotArchivedError:
        made = make_cleaning(archive, crawl_manifest, workers, recipe)
        learned = learn_from(archive, crawled.crawl, recipe.known, made)
        return commit_cleaning(archive, key, made.replace(learned=learned))


def make_cleaning(archive: Archive, crawl_manifest: str, workers: WorkerPool, recipe: Recipe = PLAIN) -> TextManifest:
    """Clean the articles that the manifest at *crawl_manifest* commits, put their documents, and return the manifest
    of that, which nobody has put.

    Raises NotArchivedError when there is none.
    """
    crawled = read_manifest(archive.store, crawl_manifest)
    announced = _announced(archive.store, crawled)
    articles = _articles(archive.store, crawl_manifest, crawled)
    reserved = _reserved(articles) if crawled.source.signals == "honour" else {}
    free = [capture for capture in articles if capture.record_id not in reserved]
    results = clean_captures(archive.store, free, workers, announced, recipe)
    if crawled.source.signals == "honour":
        results = [(capture, _without_reserved_images(capture, found)) for capture, found in results]
    documents = [
        _document(archive, recipe.extractor, one, found) for one, found in results if isinstance(found, CleanText)
    ]
    refused = [_not_cleaned(one, found) for one, found in results if isinstance(found, NoMainTextError)]
    refused += [_not_cleaned(one, reserved[one.record_id]) for one in articles if one.record_id in reserved]
    return _manifest(archive, crawl_manifest, crawled.crawl, recipe, documents, refused)


def commit_cleaning(archive: Archive, key: str, manifest: TextManifest) -> TextManifest:
    """Put *manifest* at *key*, create-only, and return the one that is there now."""
    make_durable(archive)
    if not put_manifest(archive.store, key, manifest):
        return read_text_manifest(archive.store, key)
    make_durable(archive)
    log.info("crawl cleaned", key=key, documents=manifest.documents, not_cleaned=len(manifest.not_cleaned))
    return manifest


def clean_captures(
    store: Store,
    captures: Iterable[Capture],
    workers: WorkerPool,
    announced: Announced = _NOTHING,
    recipe: Recipe = PLAIN,
) -> list[tuple[Capture, CleanText | NoMainTextError]]:
    """Return what came of each capture, in the order given; *announced* by record id."""
    ordered = list(captures)
    found: dict[str, CleanText | NoMainTextError] = {}
    wanted = []
    for capture in ordered:
        refusal = _refusal(capture)
        if refusal:
            found[capture.record_id] = refusal
        else:
            wanted.append(capture)
    for record_id, result in workers.map(
        (record_id, recipe.for_page(page)) for record_id, page in _pages(store, wanted, found, announced)
    ):
        found[record_id] = result
    return [(capture, found[capture.record_id]) for capture in ordered]


def _manifests_of(store: Store, crawl: Crawl) -> list[tuple[str, Manifest]]:
    """Return the manifests of *crawl* with their keys: the one in time, then late ones as they were committed."""
    found = [(key, read_manifest(store, key)) for key in list_manifests_of_crawl(store, crawl)]
    own = [(key, manifest) for key, manifest in found if manifest.crawl.id == crawl.id]
    return sorted(own, key=lambda one: (one[1].late, one[1].ended, one[0]))


def _articles(store: Store, key: str, manifest: Manifest) -> list[Capture]:
    """Return what is to be cleaned of the manifest at *key*: of a late one, what no manifest before it has already."""
    articles = list(_responses(store, manifest))
    if not manifest.late:
        return articles
    held: set[tuple[str, str | None]] = set()
    for other_key, other in _manifests_of(store, manifest.crawl):
        if other_key == key:
            break
        held |= {(capture.target_uri, capture.payload_digest) for capture in _responses(store, other)}
    return [capture for capture in articles if (capture.target_uri, capture.payload_digest) not in held]


def _responses(store: Store, manifest: Manifest) -> Iterator[Capture]:
    """Yield the responses with status 200 that were wanted as articles, in the order of the index."""
    for stored in manifest.objects:
        if stored.schema_name == INDEX_SCHEMA:
            for capture in read_cdxj(_read_object(store, stored)):
                if capture.record_type == "response" and capture.purpose == "article" and capture.status == 200:
                    yield capture


def _announced(store: Store, manifest: Manifest) -> Announced:
    """Return what the feeds and sitemaps of the crawl say of its pages."""
    found: dict[str, tuple[str, datetime]] = {}
    for stored in manifest.objects:
        if stored.schema_name in LEDGERS:
            found |= read_announced(_read_object(store, stored))
    return found


def _read_object(store: Store, stored: StoredObject) -> bytes:
    try:
        return store.read(stored.key, sha256=stored.sha256, length=stored.bytes)
    except NotArchivedError as error:
        raise FixityError(f"{stored.key}: is gone") from error


def _reserved(articles: Iterable[Capture]) -> dict[str, NoMainTextError]:
    """Return why each article that its publisher reserves is not cleaned, by record id."""
    found = ((capture.record_id, reserved_by(capture)) for capture in articles)
    return {record_id: NoMainTextError(RESERVED, why) for record_id, why in found if why}


def _without_reserved_images(capture: Capture, found: CleanText | NoMainTextError) -> CleanText | NoMainTextError:
    if isinstance(found, CleanText) and are_images_reserved(capture):
        return found.model_copy(update={"images": ()})
    return found


def _refusal(capture: Capture) -> NoMainTextError | None:
    """Say why *capture* is not worth reading; a page that was cut would pass half an article for a whole one."""
    if capture.truncated:
        return NoMainTextError("truncated", capture.truncated)
    if capture.location.length > MAX_PAGE_BYTES:  # stored compressed: what it holds is larger still
        return NoMainTextError("too_large", f"{capture.location.length} bytes stored")
    if capture.media_type and capture.media_type not in HTML_MEDIA_TYPES:
        return NoMainTextError("not_html", capture.media_type)
    return None


def _pages(
    store: Store,
    captures: Iterable[Capture],
    refused: dict[str, CleanText | NoMainTextError],
    announced: Announced,
) -> Iterator[tuple[str, Page]]:
    """Yield the page that each capture holds, by record id; one that cannot be read goes to *refused*."""
    for capture, stored in read_records(store, captures):
        if isinstance(stored, FixityError):
            log.error("record damaged", record_id=capture.record_id, url=capture.target_uri, reason=str(stored))
            refused[capture.record_id] = NoMainTextError("fixity", str(stored))
            continue
        try:
            response = read_response(stored)
            body = response.body(MAX_PAGE_BYTES)
        except NoMainTextError as error:
            refused[capture.record_id] = error
        else:
            content_type = response.head.value(b"content-type")
            said = announced.get(capture.record_id)
            page = Page(body, content_type, capture.target_uri, capture.date, (said,) if said else ())
            yield capture.record_id, page


def _not_cleaned(capture: Capture, error: NoMainTextError) -> NotCleaned:
    detail = str(error).removeprefix(error.reason).removeprefix(": ") or None
    return NotCleaned(record_id=capture.record_id, url=capture.target_uri, reason=error.reason, detail=detail)


def _document(archive: Archive, extractor: Extractor, capture: Capture, clean: CleanText) -> Document:
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
        extractor=extractor,
        extracted_at=archive.settings.now(),
        software=archive.software,
        text_digest=text_digest(clean.text),
        **{name: getattr(capture, name) for name in Signals.model_fields},
        **clean.model_dump(),
    )


def _manifest(
    archive: Archive,
    crawl_manifest: str,
    crawl: Crawl,
    recipe: Recipe,
    documents: list[Document],
    refused: list[NotCleaned],
) -> TextManifest:
    """Put the documents, and return the manifest that commits them."""
    sure = [one.confidence for one in documents if one.confidence is not None]
    return TextManifest(
        crawl_id=crawl.id,
        source_id=crawl.source_id,
        night=crawl.night,
        crawl_manifest=crawl_manifest,
        extractor=recipe.extractor,
        ended=archive.settings.now(),
        software=archive.software,
        objects=(_put_documents(archive.store, crawl, recipe.extractor, documents),) if documents else (),
        documents=len(documents),
        not_cleaned=tuple(refused),
        reserved=sum(one.reason == RESERVED for one in refused),
        confidence=round(statistics.fmean(sure), 4) if sure else None,
        flagged=sum(bool(one.quality_flags) for one in documents),
        site_memory=recipe.known.used,
    )


def _put_documents(store: Store, crawl: Crawl, extractor: Extractor, documents: list[Document]) -> StoredObject:
    content = write_documents(documents)
    key = keys.documents(crawl, extractor, secrets.token_hex(4))
    store.put_new(key, content, schema=DOCUMENT)
    return StoredObject.of(key, content, DOCUMENT, len(documents))
