"""Cleaning a crawl: documents from what it captured, committed by a text manifest."""

from __future__ import annotations

import secrets
import statistics
from collections.abc import Container, Sequence

import structlog

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.cleaning.captured_pages import RESERVED, clean_captures, clean_unreserved
from hemeroteca.archive.cleaning.committed_articles import find_articles
from hemeroteca.archive.cleaning.inputs import NO_INPUTS, CleaningInputs, read_inputs, read_page_inputs
from hemeroteca.archive.cleaning.item_facts import use_said
from hemeroteca.archive.cleaning.learning import update_memory
from hemeroteca.archive.cleaning.losses import find_losses
from hemeroteca.archive.crawling.upload import make_durable
from hemeroteca.archive.keeping_apart import Troubles
from hemeroteca.extraction.workers.pool import WorkerPool
from storage import keys
from storage.documents import DOCUMENT, write_documents
from storage.kept import CurrentCleaning, KeptCrawl, choose_current, find_lost
from storage.manifests import put_manifest
from storage.model.capture import Capture
from storage.model.crawl import Crawl, StoredObject
from storage.model.document import FIXITY, CleanText, Document, Extractor, NotCleaned, TextManifest, text_digest
from storage.model.errors import NoMainTextError
from storage.model.page_facts import Signals
from storage.objects import Store

log = structlog.get_logger()


def clean_crawl(archive: Archive, crawl: Crawl, workers: WorkerPool) -> list[TextManifest]:
    """Clean the articles that *crawl* captured, and commit a cleaning for each of its manifests; none where none is.

    Each response is cleaned; a revisit has the document of the record it refers to. A cleaning of the same manifest by
    the same extractor that is there already is returned as it is, with what adds to it. One by another extractor
    stays current where a new one would lose documents of it.

    A damaged record is not cleaned, for ``fixity``; the next time what reads again is added. Raises FixityError, once
    the other manifests are cleaned, for a damaged index, ledger, site memory or, where the card asks for them, items:
    nothing is committed without them, because the same captures and inputs must give the same documents. It is tried
    again later.
    """
    troubles = Troubles()
    found: list[TextManifest] = []
    for kept in archive.holdings.find_manifests_of_crawl(crawl):
        with troubles.keep_apart("manifest not cleaned", key=kept.key):
            found += _clean(archive, kept, workers)
    troubles.raise_first()
    return found


def _clean(archive: Archive, kept: KeptCrawl, workers: WorkerPool) -> list[TextManifest]:
    inputs = read_inputs(archive.holdings, kept.manifest)
    own = [one for one in kept.cleanings if one.manifest.extractor.id == inputs.extractor.id]
    key = keys.text_manifest(kept.key, inputs.extractor)
    for current in choose_current(own):
        added = add_lost(archive, key, current, workers, inputs)
        return [*(part.manifest for part in current.parts), *added]
    made = make_cleaning(archive, kept.key, workers, inputs)
    for current in choose_current(kept.cleanings):
        if losses := find_losses(archive.holdings, current, find_lost([made])):
            log.warning("crawl not cleaned anew", key=current.first.key, reason="documents would be lost", urls=losses)
            return [part.manifest for part in current.parts]
    damaged = find_damaged_cleanings(archive, key)
    made = made.replace(learned=update_memory(archive, kept.manifest.crawl, inputs.memory, made), replaces=damaged)
    return [commit_cleaning(archive, keys.text_more(key, damaged) if damaged else key, made)]


def add_lost(
    archive: Archive, key: str, current: CurrentCleaning, workers: WorkerPool, inputs: CleaningInputs
) -> list[TextManifest]:
    """Clean what *current* lost to damaged records, and commit what reads again in a cleaning that adds to it.

    *key* is that of the whole cleaning, which *inputs* are those of. Nothing is learned from what is added.
    """
    if not current.lost:
        return []
    first = current.first
    made = make_cleaning(archive, first.manifest.crawl_manifest, workers, inputs, only=current.lost)
    others = tuple(one for one in made.not_cleaned if one.reason != FIXITY)
    read = sorted(current.lost - find_lost([made]))
    if not read:
        return []
    damaged = find_damaged_cleanings(archive, key)
    more = made.replace(adds_to=first.key, read_again=read, not_cleaned=others, replaces=damaged)
    return [commit_cleaning(archive, keys.text_more(key, [first.key, *damaged, *read]), more)]


def find_damaged_cleanings(archive: Archive, key: str) -> tuple[str, ...]:
    """Return the keys that cannot be read whole, of the text manifest at *key* and what adds to it or stands for it."""
    found = [key] if archive.store.stat(key) else []
    found += sorted(archive.store.list_keys(keys.text_mores_of(key)))
    return tuple(one for one in found if archive.holdings.find_text_manifest(one) is None)


def make_cleaning(
    archive: Archive,
    crawl_manifest: str,
    workers: WorkerPool,
    inputs: CleaningInputs = NO_INPUTS,
    only: Container[str] | None = None,
) -> TextManifest:
    """Clean the articles that the manifest at *crawl_manifest* commits, and put their documents.

    With *only*, those of these record ids. Returns the manifest for them, which nobody has put yet. Raises
    MissingObjectError without a *crawl_manifest*.
    """
    holdings = archive.holdings
    crawled = holdings.read_manifest(crawl_manifest)
    clean = clean_unreserved if crawled.source.signals == "honour" else clean_captures
    found = find_articles(holdings, crawl_manifest, crawled)
    articles = [capture for capture in found if only is None or capture.record_id in only]
    inputs = read_page_inputs(holdings, crawled, inputs)
    results = clean(holdings, articles, workers, inputs)
    texts = [(capture, result) for capture, result in results if isinstance(result, CleanText)]
    documents = [_make_document(archive, inputs, capture, text) for capture, text in texts]
    not_cleaned = [_not_cleaned(capture, why) for capture, why in results if isinstance(why, NoMainTextError)]
    crawl = crawled.crawl
    return TextManifest(
        crawl_id=crawl.id,
        source_id=crawl.source_id,
        night=crawl.night,
        crawl_manifest=crawl_manifest,
        extractor=inputs.extractor,
        ended=archive.settings.now(),
        software=archive.software,
        objects=(_put_documents(archive.store, crawl, inputs.extractor, documents),) if documents else (),
        documents=len(documents),
        without_text=sum(one.without_text is not None for one in documents),
        not_cleaned=tuple(not_cleaned),
        reserved=sum(one.reason == RESERVED for one in not_cleaned),
        confidence=_mean_confidence(documents),
        flagged=sum(bool(one.quality_flags) for one in documents),
        site_memory=inputs.memory.used,
    )


def commit_cleaning(archive: Archive, key: str, manifest: TextManifest) -> TextManifest:
    """Put *manifest* at *key*, create-only, and return the one that is there now."""
    make_durable(archive)
    if not put_manifest(archive.store, key, manifest):
        return archive.holdings.read_text_manifest(key)
    make_durable(archive)
    log.info("crawl cleaned", key=key, documents=manifest.documents, not_cleaned=len(manifest.not_cleaned))
    return manifest


def _not_cleaned(capture: Capture, error: NoMainTextError) -> NotCleaned:
    detail = str(error).removeprefix(error.reason).removeprefix(": ") or None
    return NotCleaned(record_id=capture.record_id, url=capture.target_uri, reason=error.reason, detail=detail)


def _make_document(archive: Archive, inputs: CleaningInputs, capture: Capture, text: CleanText) -> Document:
    text = use_said(capture, text, inputs.said.get(capture.record_id, {}))
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
        extractor=inputs.extractor,
        extracted_at=archive.settings.now(),
        software=archive.software,
        text_digest=text_digest(text.text),
        **{name: getattr(capture, name) for name in Signals.model_fields},
        **text.model_dump(),
    )


def _mean_confidence(documents: Sequence[Document]) -> float | None:
    known = [one.confidence for one in documents if one.confidence is not None]
    return round(statistics.fmean(known), 4) if known else None


def _put_documents(store: Store, crawl: Crawl, extractor: Extractor, documents: list[Document]) -> StoredObject:
    content = write_documents(documents)
    key = keys.documents(crawl, extractor, secrets.token_hex(4))
    store.put_new(key, content, schema=DOCUMENT)
    return StoredObject.of(key, content, DOCUMENT, len(documents))
