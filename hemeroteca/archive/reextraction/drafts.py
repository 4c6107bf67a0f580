"""Extracting again with today's extractor and cards: first drafts, then a comparison; made current only on request.

A draft is a cleaning whose manifest lies under ``drafts/text/``; its documents lie beside all others, and nobody reads
them until the same manifest is put under ``manifests/text/``. Each step may be repeated: it looks at each night in
turn, by listings, and reads only what is left to do.
"""

from __future__ import annotations

from itertools import pairwise

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.cleaning.clean import add_lost, commit_cleaning, make_cleaning
from hemeroteca.archive.cleaning.committed_articles import find_articles
from hemeroteca.archive.cleaning.inputs import read_cards_today, read_page_inputs
from hemeroteca.archive.forms import read_form
from hemeroteca.archive.keeping_apart import Troubles
from hemeroteca.archive.reextraction.differences import Differences, compare_cleanings
from hemeroteca.archive.reextraction.superseded import draft_superseded
from hemeroteca.archive.reextraction.targets import (
    Today,
    choose_crawled,
    find_draft,
    find_targets,
    find_unpublished,
    list_drafted,
)
from hemeroteca.extraction.extractor import EXTRACTOR
from hemeroteca.extraction.workers.pool import WorkerPool
from storage.closing_note import digest_lines
from storage.kept import find_lost
from storage.model.base import Record
from storage.model.crawl import source_of
from storage.model.errors import FixityError, NotArchivedError, SeedError
from storage.model.night import Night
from storage.model.source import SourceId
from storage.night_listing import NightListing, list_night

MOST_SPANS = 200


class ReextractionRequest(Record):
    """What is to be extracted again: nights, both ends included, of *sources* (none: all). None: no bound."""

    since: Night | None = None
    until: Night | None = None
    sources: tuple[SourceId, ...] = ()
    publish: bool = False


def read_reextraction_request(form: dict[str, object]) -> ReextractionRequest:
    """Return the request that *form* makes. Raises SeedError, which says what is wrong with it."""
    request = read_form(ReextractionRequest, form)
    if request.since and request.until and request.since > request.until:
        raise SeedError(f"the first night, {request.since}, is after the last, {request.until}")
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

    Where it has, and another cleaning was made current since, its documents are drafted once more without reading a
    page. To a draft that lost pages to damaged records, those that read again are added. What cannot be drafted is kept
    in *troubles*. A night of which nothing is left to draft, of any source, is noted: it is listed and not read again
    until its crawls, the extractor or what a card says of documents are others.
    """
    made = 0
    today = Today(read_cards_today(archive.settings))
    for night in find_nights(archive, request):
        with troubles.keep_apart("night not extracted again", night=str(night)):
            listed = list_night(archive.store, night)
            if _is_done(archive, night, listed, today):
                continue
            chosen = choose_crawled(listed, request.sources)
            drafted, is_done = _draft_night(archive, chosen, today, workers, troubles)
            made += drafted
            if is_done and not request.sources:
                archive.coordination.write_note(_note_of(night), _digest_inputs(listed, today))
            elif drafted:  # with these cards, which may change back
                archive.coordination.remove_note(_note_of(night))
    return made


def _draft_night(
    archive: Archive, listed: NightListing, today: Today, workers: WorkerPool, troubles: Troubles
) -> tuple[int, bool]:
    """Draft what is lacking of a night; return how many drafts that were, and whether none is lacking now."""
    left = today.leave_out_cleaned(listed)
    made, done = 0, len(listed.manifests) - len(left.manifests)
    for target in find_targets(archive, left, today, troubles):
        with troubles.keep_apart("crawl not extracted again", crawl_id=target.crawl_id):
            if target.cleanings:
                made += target.superseded is not None and draft_superseded(archive, target, target.superseded)
                done += 1
            elif drafted := find_draft(archive, target):
                add_lost(archive, target.draft, drafted, workers, target.inputs)
                done += not drafted.lost
            else:
                cleaning = make_cleaning(archive, target.kept.key, workers, target.inputs)
                cleaning = commit_cleaning(archive, target.draft, cleaning)
                made += 1
                done += not find_lost([cleaning])
    return made, done == len(listed.manifests)


def _is_done(archive: Archive, night: Night, listed: NightListing, today: Today) -> bool:
    """Say whether it is noted that nothing of what is *listed* of *night* is left to draft."""
    return archive.coordination.read_note(_note_of(night)) == _digest_inputs(listed, today)


def _note_of(night: Night) -> str:
    return f"drafted/{night}"


def _digest_inputs(listed: NightListing, today: Today) -> str:
    """Return the digest of what decides which drafts a night is to have. A crawl's site memory stays what it was."""
    sources = {source_of(crawl_id) for crawl_id in listed.crawl_ids}
    cards = [f"{source_id} {today.cards[source_id].digest()}" for source_id in sources & today.cards.keys()]
    crawled = [f"{key} {listed.tags[key]}" for key in listed.manifests]
    return digest_lines([*crawled, *cards], EXTRACTOR.settings_digest)


def find_nights(archive: Archive, request: ReextractionRequest) -> list[Night]:
    return archive.catalog.find_nights(request.since, request.until, request.sources)


def find_differences(archive: Archive, request: ReextractionRequest, troubles: Troubles) -> Differences:
    """Compare unpublished drafts with the current documents."""
    found = Differences(extractor=EXTRACTOR.id)
    today = Today(read_cards_today(archive.settings))
    for night in find_nights(archive, request):
        for target in find_targets(archive, list_drafted(archive, night, request.sources), today, troubles):
            with troubles.keep_apart("draft not compared", crawl_id=target.crawl_id):
                if drafted := find_unpublished(archive, target):
                    found = found.plus(compare_cleanings(archive.holdings, target.current, drafted))
    return found


def find_not_drafted(archive: Archive, request: ReextractionRequest, troubles: Troubles) -> None:
    """Keep in *troubles* what is wrong with each crawl that today's extractor has cleaned in no draft either."""
    today = Today(read_cards_today(archive.settings))
    for night in find_nights(archive, request):
        listed = list_night(archive.store, night)
        if _is_done(archive, night, listed, today):
            continue
        left = today.leave_out_cleaned(choose_crawled(listed, request.sources))
        for target in find_targets(archive, left, today, troubles):
            with troubles.keep_apart("crawl not extracted again", crawl_id=target.crawl_id):
                if not target.cleanings and not find_draft(archive, target):
                    find_articles(archive.holdings, target.kept.key, target.kept.manifest)
                    read_page_inputs(archive.holdings, target.kept.manifest, target.inputs)
                    raise FixityError(f"{target.kept.key}: not extracted again: see the log of the draft step")
