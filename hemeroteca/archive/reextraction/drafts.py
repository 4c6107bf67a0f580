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
from hemeroteca.archive.cleaning.clean import add_lost, commit_cleaning, make_cleaning
from hemeroteca.archive.cleaning.committed_articles import find_articles, read_announcements
from hemeroteca.archive.cleaning.inputs import CleaningInputs, read_inputs, read_overrides_today
from hemeroteca.archive.cleaning.losses import find_losses
from hemeroteca.archive.keeping_apart import Troubles
from hemeroteca.archive.publishing.publish import publish_crawl
from hemeroteca.archive.publishing.tables import update_night_tables
from hemeroteca.archive.reextraction.differences import SHOWN, Differences, compare_cleanings
from hemeroteca.extraction.extractor import EXTRACTOR
from hemeroteca.extraction.workers.pool import WorkerPool
from storage import keys
from storage.kept import CurrentCleaning, KeptCleaning, KeptCrawl, choose_current
from storage.model.base import Record, reason_of
from storage.model.errors import FixityError, NotArchivedError, SeedError
from storage.model.night import Night
from storage.model.source import SourceId
from storage.night_listing import list_night

log = structlog.get_logger()

MOST_SPANS = 200


class ReextractionRequest(Record):
    """What is to be extracted again: nights, both ends included, of *sources* (none: all). None: no bound."""

    since: Night | None = None
    until: Night | None = None
    sources: tuple[SourceId, ...] = ()
    publish: bool = False


class _Target(NamedTuple):
    """What a manifest of a crawl commits, with what to clean it with: today's card of its source, else the one it was
    crawled with.
    """

    kept: KeptCrawl
    inputs: CleaningInputs

    @property
    def crawl_id(self) -> str:
        return self.kept.manifest.crawl.id

    @property
    def text(self) -> str:
        return keys.text_manifest(self.kept.key, self.inputs.extractor)

    @property
    def draft(self) -> str:
        return keys.text_draft(self.kept.key, self.inputs.extractor)

    @property
    def is_cleaned(self) -> bool:
        """Today's extractor has cleaned it, and not in a draft alone."""
        return any(one.manifest.extractor.id == self.inputs.extractor.id for one in self.kept.cleanings)

    @property
    def current(self) -> CurrentCleaning | None:
        return next(iter(choose_current(self.kept.cleanings)), None)


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


def make_drafts(archive: Archive, request: ReextractionRequest, workers: WorkerPool, troubles: Troubles) -> int:
    """Draft a cleaning of each crawl that today's extractor has not cleaned, and return how many were drafted.

    To a draft that lost pages to damaged records, those that read again are added. What cannot be drafted is kept in
    *troubles*.
    """
    made = 0
    for target in _find_targets(archive, request, troubles):
        with troubles.keep_apart("crawl not extracted again", crawl_id=target.crawl_id):
            if target.is_cleaned:
                continue
            if drafted := _find_draft(archive, target):
                add_lost(archive, target.draft, drafted, workers, target.inputs)
                continue
            commit_cleaning(archive, target.draft, make_cleaning(archive, target.kept.key, workers, target.inputs))
            made += 1
    return made


def find_differences(archive: Archive, request: ReextractionRequest, troubles: Troubles) -> Differences:
    """Compare unpublished drafts with the current documents."""
    found = Differences(extractor=EXTRACTOR.id)
    for target, drafted in _find_drafts(archive, request, troubles):
        with troubles.keep_apart("draft not compared", crawl_id=target.crawl_id):
            found = found.plus(compare_cleanings(archive.holdings, target.current, drafted))
    return found


def promote_drafts(archive: Archive, request: ReextractionRequest, troubles: Troubles) -> int:
    """Publish drafts to catalog and tables, if *request* says so, and return of how many crawls.

    Not a draft that lost a document which is current now, because a record is damaged: that is kept in *troubles*.
    """
    if not request.publish:
        return 0
    published = 0
    for night in archive.catalog.find_nights(request.since, request.until, request.sources):
        tonight = request.replace(since=night, until=night)
        for target, drafted in _find_drafts(archive, tonight, troubles):
            with troubles.keep_apart("draft not published", crawl_id=target.crawl_id):
                _promote(archive, target, drafted)
                published += 1
        # also those that a try before this one had put and not applied
        for target in _find_targets(archive, tonight, Troubles()):
            with troubles.keep_apart("crawl not published", crawl_id=target.crawl_id):
                publish_crawl(archive, target.kept.manifest.crawl)
        with troubles.keep_apart("tables not written", night=str(night)):
            update_night_tables(archive, night)
    log.info("extraction published", extractor=EXTRACTOR.id, crawls=published)
    return published


def find_not_drafted(archive: Archive, request: ReextractionRequest, troubles: Troubles) -> None:
    """Keep in *troubles* what is wrong with each crawl that today's extractor has cleaned in no draft either."""
    for target in _find_targets(archive, request, troubles):
        with troubles.keep_apart("crawl not extracted again", crawl_id=target.crawl_id):
            if not target.is_cleaned and not _find_draft(archive, target):
                find_articles(archive.holdings, target.kept.key, target.kept.manifest)
                read_announcements(archive.holdings, target.kept.manifest)
                raise FixityError(f"{target.kept.key}: was not extracted again: the step that drafts says why")


def _promote(archive: Archive, target: _Target, drafted: CurrentCleaning) -> None:
    _check_nothing_is_lost(archive, target, drafted)
    ended, current = archive.settings.now(), target.current
    superseded = current.first.key if current else None
    first, *added = drafted.parts
    commit_cleaning(archive, target.text, first.manifest.replace(ended=ended, supersedes=superseded))
    for more in added:
        key = f"{keys.TEXT_MANIFESTS}{more.key.removeprefix(keys.TEXT_DRAFTS)}"
        commit_cleaning(archive, key, more.manifest.replace(ended=ended, adds_to=target.text))


def _check_nothing_is_lost(archive: Archive, target: _Target, drafted: CurrentCleaning) -> None:
    """Raise FixityError when *drafted* has no document, for a damaged record, where the current cleaning has one."""
    if losses := find_losses(archive.holdings, target.current, drafted.lost):
        raise FixityError(
            f"{drafted.first.key}: is not published: {len(losses):,} documents that are current would be lost, for"
            f" their records cannot be read: {', '.join(losses[:SHOWN])}"
        )


def _find_drafts(
    archive: Archive, request: ReextractionRequest, troubles: Troubles
) -> Iterator[tuple[_Target, CurrentCleaning]]:
    """Yield each crawl that today's extractor has cleaned only in a draft."""
    for target in _find_targets(archive, request, troubles):
        if not target.is_cleaned and (drafted := _find_draft(archive, target)):
            yield target, drafted


def _find_draft(archive: Archive, target: _Target) -> CurrentCleaning | None:
    found = [target.draft, *sorted(archive.store.list_keys(keys.text_mores_of(target.draft)))]
    drafts = [KeptCleaning(key, draft) for key in found if (draft := archive.holdings.find_text_manifest(key))]
    return next(iter(choose_current(drafts)), None)


def _find_targets(archive: Archive, request: ReextractionRequest, troubles: Troubles) -> Iterator[_Target]:
    """Yield every crawl manifest of the request, late ones too."""
    cards = read_overrides_today(archive.settings)
    for night in archive.catalog.find_nights(request.since, request.until, request.sources):
        for kept in archive.holdings.find_manifests(list_night(archive.store, night)):
            source_id = kept.manifest.crawl.source_id
            if request.sources and source_id not in request.sources:
                continue
            with troubles.keep_apart("crawl not extracted again", crawl_id=kept.manifest.crawl.id):
                inputs = read_inputs(archive.holdings, kept.manifest, cards.get(source_id))
                yield _Target(kept, inputs)
