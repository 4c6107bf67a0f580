"""Making drafts current: publishing their manifests, and rewriting the tables of their nights once each."""

from __future__ import annotations

import structlog

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.cleaning.clean import commit_cleaning
from hemeroteca.archive.cleaning.inputs import read_cards_today
from hemeroteca.archive.cleaning.losses import find_losses
from hemeroteca.archive.keeping_apart import Troubles
from hemeroteca.archive.lacking import find_published
from hemeroteca.archive.publishing.publish import publish_manifests
from hemeroteca.archive.publishing.tables import update_night_tables
from hemeroteca.archive.reextraction.differences import SHOWN
from hemeroteca.archive.reextraction.drafts import ReextractionRequest, find_nights
from hemeroteca.archive.reextraction.targets import (
    Target,
    Today,
    find_targets,
    find_unpublished,
    list_drafted,
)
from hemeroteca.extraction.extractor import EXTRACTOR
from storage import keys
from storage.kept import CurrentCleaning
from storage.model.errors import FixityError
from storage.model.night import Night
from storage.night_listing import list_night

log = structlog.get_logger()


def promote_drafts(archive: Archive, request: ReextractionRequest, troubles: Troubles) -> int:
    """Publish drafts to catalog and tables, if *request* says so, and return of how many crawls.

    Only nights are read that have drafts which are not published, or that a try before this one has begun. Not a draft
    that lost a document which is current now, because a record is damaged: that is kept in *troubles*.
    """
    if not request.publish:
        return 0
    today = Today(read_cards_today(archive.settings))
    published = 0
    for night in find_nights(archive, request):
        with troubles.keep_apart("drafts not published", night=str(night)):
            published += _promote_night(archive, night, request, today, troubles)
    log.info("extraction published", extractor=EXTRACTOR.id, crawls=published)
    return published


def _promote_night(
    archive: Archive, night: Night, request: ReextractionRequest, today: Today, troubles: Troubles
) -> int:
    """Publish the drafts of *night*, and return of how many crawls.

    That it was begun is noted until its tables are written: what dies on the way is finished by the next try.
    """
    published = 0
    for target in find_targets(archive, list_drafted(archive, night, request.sources), today, troubles):
        with troubles.keep_apart("draft not published", crawl_id=target.crawl_id):
            if drafted := find_unpublished(archive, target):
                _check_nothing_is_lost(archive, target, drafted)
                archive.coordination.write_note(_note_of(night), "")
                _put(archive, target, drafted)
                published += 1
    if archive.coordination.read_note(_note_of(night)) is not None:
        _finish(archive, night)
    return published


def _finish(archive: Archive, night: Night) -> None:
    """Apply what was put of the drafts of *night* to the catalog, and write its tables."""
    listed, published = list_night(archive.store, night), find_published(archive, night)
    drafts = set(archive.store.list_keys(f"{keys.TEXT_DRAFTS}{keys.day(night)}/"))
    found = Troubles()
    with found.keep_apart("drafts not published", night=str(night)):
        publish_manifests(archive, [key for key in listed.texts if keys.draft_of(key) in drafts - published])
    update_night_tables(archive, night)
    found.raise_store_error()
    archive.coordination.remove_note(_note_of(night))
    found.raise_first()


def _note_of(night: Night) -> str:
    return f"promoting/{night}"


def _put(archive: Archive, target: Target, drafted: CurrentCleaning) -> None:
    """Put what is not published of a draft as text manifests: the first one supersedes what is current, the others add
    to it.
    """
    ended, current = archive.settings.now(), target.current
    parts = (part for part in drafted.parts if keys.published_of(part.key) not in target.cleanings)
    for part in parts:
        changes = {"adds_to": target.text} if part.manifest.adds_to else {"supersedes": current and current.first.key}
        commit_cleaning(archive, keys.published_of(part.key), part.manifest.replace(ended=ended, **changes))


def _check_nothing_is_lost(archive: Archive, target: Target, drafted: CurrentCleaning) -> None:
    """Raise FixityError if *drafted* lacks a document, because of a damaged record, that the current cleaning has."""
    if losses := find_losses(archive.holdings, target.current, drafted.lost):
        raise FixityError(
            f"{drafted.first.key}: is not published: {len(losses):,} current documents would be lost, because"
            f" their records cannot be read: {', '.join(losses[:SHOWN])}"
        )
