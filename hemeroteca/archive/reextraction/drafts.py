"""Extracting again with today's extractor and cards: first drafts, then a comparison, and current only when asked.

A draft is a cleaning whose manifest lies under ``drafts/text/``; its documents lie beside all others, and nobody reads
them until the same manifest is put under ``manifests/text/``. Each step may be repeated.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import structlog
from pydantic import ValidationError

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.cleaning.clean import commit_cleaning, make_cleaning
from hemeroteca.archive.cleaning.inputs import CleaningInputs, read_inputs, read_overrides_today
from hemeroteca.archive.publishing.publish import publish_crawl
from hemeroteca.archive.publishing.tables import choose_newest, update_night_tables
from hemeroteca.archive.reextraction.differences import Differences, compare_cleanings
from hemeroteca.extraction.extractor import EXTRACTOR
from hemeroteca.extraction.workers.pool import WorkerPool
from storage import keys
from storage.manifests import list_manifests_of_night
from storage.model.base import Record, reason_of
from storage.model.crawl import Crawl
from storage.model.document import TextManifest
from storage.model.errors import FixityError, NotArchivedError, SeedError
from storage.model.night import Night
from storage.model.source import SourceId

log = structlog.get_logger()

MOST_SPANS = 200


class ReextractionRequest(Record):
    """What is to be extracted again: nights, both ends included, of *sources* (none: all). None: no bound."""

    since: Night | None = None
    until: Night | None = None
    sources: tuple[SourceId, ...] = ()
    publish: bool = False


class _Target(NamedTuple):
    """The part of a crawl that the manifest at *key* commits, with what to clean it with: today's card of its source,
    else the one it was crawled with.
    """

    key: str
    crawl: Crawl
    inputs: CleaningInputs

    @property
    def text(self) -> str:
        return keys.text_manifest(self.key, self.inputs.extractor)

    @property
    def draft(self) -> str:
        return keys.text_draft(self.key, self.inputs.extractor)


def read_reextraction_request(form: dict[str, object]) -> ReextractionRequest:
    """Return the request that *form* makes. Raises SeedError, which says what is wrong with it."""
    try:
        request = ReextractionRequest.model_validate(form)
    except ValidationError as error:
        lines = [f"request: {'.'.join(map(str, e['loc']))}: {reason_of(e)}" for e in error.errors()]
        raise SeedError("\n".join(lines)) from None
    if request.since and request.until and request.since > request.until:
        raise SeedError(f"request: since: {request.since}: is after {request.until}")
    return request


def split_request(archive: Archive, request: ReextractionRequest) -> list[ReextractionRequest]:
    """Split *request* by nights, into at most twice as many parts as there are crawl slots.

    Raises NotArchivedError when nothing was crawled then.
    """
    nights = archive.catalog.find_nights(request.since, request.until, request.sources)
    if not nights:
        raise NotArchivedError("no crawl of these newspapers in these nights")
    count = min(2 * archive.settings.crawl_slots, MOST_SPANS, len(nights))
    bounds = [len(nights) * number // count for number in range(count + 1)]
    return [request.replace(since=nights[a], until=nights[b - 1]) for a, b in pairwise(bounds)]


def make_drafts(archive: Archive, request: ReextractionRequest, workers: WorkerPool) -> int:
    """Draft a cleaning of each crawl that today's extractor has not cleaned, and return how many were drafted.

    Raises FixityError for a damaged manifest or index, once the others are drafted.
    """
    made, faults = 0, []
    for target in _find_targets(archive, request):
        if _exists(archive, target.text) or _exists(archive, target.draft):
            continue
        try:
            commit_cleaning(archive, target.draft, make_cleaning(archive, target.key, workers, target.inputs))
            made += 1
        except FixityError as error:
            log.error("crawl not extracted again", crawl_id=target.crawl.id, reason=str(error))
            faults.append(error)
    for fault in faults:
        raise fault
    return made


def find_differences(archive: Archive, request: ReextractionRequest) -> Differences:
    """Compare unpublished drafts with the current documents."""
    found = Differences(extractor=EXTRACTOR.id)
    for target, drafted in _find_drafts(archive, request):
        found = found.plus(compare_cleanings(archive.holdings, _read_current(archive, target), drafted))
    return found


def promote_drafts(archive: Archive, request: ReextractionRequest) -> int:
    """Publish drafts to catalog and tables, if *request* says so, and return of how many crawls."""
    if not request.publish:
        return 0
    published = 0
    for night in archive.catalog.find_nights(request.since, request.until, request.sources):
        tonight = request.replace(since=night, until=night)
        crawls = [_promote(archive, target, drafted) for target, drafted in _find_drafts(archive, tonight)]
        for target in _find_targets(archive, tonight):  # also those that a try before this one had put and not applied
            publish_crawl(archive, target.crawl)
        update_night_tables(archive, night)
        published += len(crawls)
    log.info("extraction published", extractor=EXTRACTOR.id, crawls=published)
    return published


def _promote(archive: Archive, target: _Target, drafted: TextManifest) -> TextManifest:
    current = _read_current(archive, target)
    superseded = keys.text_manifest(target.key, current.extractor) if current else None
    manifest = drafted.replace(ended=archive.settings.now(), supersedes=superseded)
    return commit_cleaning(archive, target.text, manifest)


def _find_drafts(archive: Archive, request: ReextractionRequest) -> Iterator[tuple[_Target, TextManifest]]:
    """Yield each crawl that today's extractor has cleaned only in a draft."""
    for target in _find_targets(archive, request):
        if not _exists(archive, target.text) and (drafted := archive.holdings.find_text_manifest(target.draft)):
            yield target, drafted


def _find_targets(archive: Archive, request: ReextractionRequest) -> Iterator[_Target]:
    """Yield every crawl manifest of the request, late ones too."""
    cards = read_overrides_today(archive.settings)
    for night in archive.catalog.find_nights(request.since, request.until, request.sources):
        for key in list_manifests_of_night(archive.store, night):
            manifest = archive.holdings.find_manifest(key)
            if manifest and (not request.sources or manifest.crawl.source_id in request.sources):
                overrides = cards.get(manifest.crawl.source_id)
                yield _Target(key, manifest.crawl, read_inputs(archive.holdings, manifest, overrides))


def _exists(archive: Archive, key: str) -> bool:
    return archive.store.stat(key) is not None


def _read_current(archive: Archive, target: _Target) -> TextManifest | None:
    """Return the cleaning whose documents are current; None when there is none."""
    kept = archive.holdings.find_manifests_of_crawl(target.crawl)
    cleanings = (cleaning for one in kept if one.key == target.key for cleaning in one.cleanings)
    return next((newest.manifest for newest in choose_newest(cleanings)), None)
