"""Healing: a later run cleans, publishes and puts into the tables what a run that broke off left out.

Nights are compared by listings; manifests are read only where something is lacking.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

import structlog

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.cleaning.clean import clean_crawl
from hemeroteca.archive.crawling.plan import RunRef
from hemeroteca.archive.keeping_apart import Troubles
from hemeroteca.archive.lacking import find_lacking
from hemeroteca.archive.publishing.publish import publish_crawl
from hemeroteca.archive.publishing.report import NightJudge
from hemeroteca.archive.publishing.tables import update_night_tables
from hemeroteca.archive.unhealed import TABLES, read_unhealed
from hemeroteca.extraction.workers.pool import WorkerPool
from storage.model.night import Night
from storage.night_listing import list_night

log = structlog.get_logger()

NIGHTS = 7
"""How many nights a run looks at again: it heals those before its own, and compares the catalog with the last ones."""


def heal_nights(archive: Archive, tonight: Night, troubles: Troubles) -> list[str]:
    """Heal the nights before *tonight*, and return the id of each crawl, and a word for each night's tables, now whole.

    What cannot be healed is kept in *troubles*, and tried again by the next run.
    """
    healed: list[str] = []
    for days in range(NIGHTS, 0, -1):
        with troubles.keep_apart("night not healed", night=str(tonight - timedelta(days=days))):
            healed += _heal_night(archive, tonight - timedelta(days=days), troubles)
    return healed


def find_healed(archive: Archive, night: Night, crawl_ids: Collection[str]) -> list[str]:
    """Return which of *crawl_ids*, which lacked something, lack nothing any more."""
    if not crawl_ids:
        return []
    judge = NightJudge(archive, night)
    return [crawl_id for crawl_id in crawl_ids if not judge.find_lacking(crawl_id)]


def _heal_night(archive: Archive, night: Night, troubles: Troubles) -> list[str]:
    listed = list_night(archive.store, night)
    if not listed.keys:
        return []
    lacking = find_lacking(archive, night, listed, listed.crawl_ids)
    with WorkerPool(1, environment=archive.settings.environment) as workers:
        for crawl_id in lacking:
            with troubles.keep_apart("crawl not healed", crawl_id=crawl_id):
                _heal_crawl(archive, listed.manifests_of(crawl_id), workers)
    is_written = update_night_tables(archive, night)
    healed = find_healed(archive, night, lacking)
    if is_written or TABLES in read_unhealed(archive, night):
        judge = NightJudge(archive, night)
        judge.find_faults_of_tables()
        healed += [f"tables of {night}"] * judge.are_tables_whole
    if healed:
        log.info("night healed", night=str(night), healed=healed)
    return healed


def note_healed(archive: Archive, run: RunRef, healed: list[str]) -> None:
    archive.coordination.write_note(healed_note(run.key), ", ".join(healed))


def read_healed(archive: Archive, run: RunRef) -> str | None:
    """Return what *run* has healed, in one line; None when there was nothing."""
    return archive.coordination.read_note(healed_note(run.key))


def healed_note(run: str) -> str:
    """Return the name of the note of what a run has healed."""
    return f"healed/{run}"


def _heal_crawl(archive: Archive, manifests: list[str], workers: WorkerPool) -> None:
    """Clean and publish a crawl. Raises FixityError when none of its *manifests* can be read."""
    found = (archive.holdings.find_manifest(key) for key in manifests)
    crawled = next((manifest for manifest in found if manifest), None) or archive.holdings.read_manifest(manifests[0])
    clean_crawl(archive, crawled.crawl, workers)
    publish_crawl(archive, crawled.crawl)
