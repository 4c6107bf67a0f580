"""Committing what is late, in full: the manifest, the documents, the catalog and the tables of its night."""

from __future__ import annotations

from datetime import datetime

import structlog

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.cleaning.clean import clean_crawl
from hemeroteca.archive.crawling.attempts import holder_of
from hemeroteca.archive.crawling.commit import clear_spool, put_whole
from hemeroteca.archive.crawling.late import (
    LateCommit,
    SpooledCrawl,
    find_remainders,
    hold_spooled,
    is_given_up,
    read_marks,
    remove_mark,
    upload_late,
)
from hemeroteca.archive.crawling.taken import Taken
from hemeroteca.archive.crawling.upload import make_durable
from hemeroteca.archive.keeping_apart import Troubles
from hemeroteca.archive.publishing.publish import publish_crawl
from hemeroteca.archive.publishing.tables import update_night_tables
from hemeroteca.extraction.workers.pool import WorkerPool
from storage import keys
from storage.model.crawl import Crawl
from storage.model.errors import StorageError
from storage.spool import list_crawls, sweep_spool

log = structlog.get_logger()


def commit_late(archive: Archive, now: datetime | None = None, troubles: Troubles | None = None) -> list[str]:
    """Commit what crawl steps have marked, and what this machine's spool has of crawls that are committed or given up.

    Returns the keys of the new manifests. What cannot be committed stays where it is, in the log and in *troubles*.
    """
    troubles = troubles or Troubles()
    found: list[str] = []
    for late in read_marks(archive):
        with troubles.keep_apart("crawl not committed", crawl_id=late.manifest.crawl.id):
            found += _commit_marked(archive, late)
    sweep_spool(archive.settings.home.spool)
    for crawl_id in list_crawls(archive.settings.home.spool):
        with troubles.keep_apart("crawl not committed", crawl_id=crawl_id):
            found += _commit_spooled(archive, crawl_id, now or archive.settings.now())
    return found


def _commit_marked(archive: Archive, late: LateCommit) -> list[str]:
    """Commit what is marked. The mark goes last: after a death on the way, the next ``tables`` does it again."""
    put = _put(archive, late)
    _finish(archive, late.manifest.crawl)
    remove_mark(archive, late)
    return put


def _commit_spooled(archive: Archive, crawl_id: str, now: datetime) -> list[str]:
    """Commit what is late in the spool. Its files go last, for the same reason; its hosts are free again."""
    with hold_spooled(archive, crawl_id) as spooled:
        if spooled is None:
            return []
        is_committed = archive.holdings.find_manifest(keys.crawl_manifest(spooled.crawl)) is not None
        if not is_committed and not is_given_up(archive, spooled, now):
            return []
        late = upload_late(archive, spooled, is_committed)
        put = _put(archive, late) if late else []
        _finish(archive, spooled.crawl)
        _clear(archive, spooled)
        return put


def _put(archive: Archive, late: LateCommit) -> list[str]:
    """Put a late manifest, and return its key when it is new. One that is damaged counts as absent."""
    key = late.key
    while archive.store.stat(key):
        there = archive.holdings.find_manifest(key)
        if there and there.objects == late.manifest.objects:
            log.warning("late manifest is there already", key=key)
            return []
        key = keys.put_again(key)
    if not put_whole(archive, key, late.manifest):
        return []
    log.info("late manifest written", key=key, objects=len(late.manifest.objects))
    return [key]


def _clear(archive: Archive, spooled: SpooledCrawl) -> None:
    """Remove the attempts of which every record is taken, and free their hosts."""
    taken = Taken(archive, spooled.crawl)
    if not taken.manifests or find_remainders(archive, spooled, taken):
        raise StorageError(f"{spooled.crawl.id}: not all of its spool is committed")
    clear_spool(spooled.attempts)
    for one in spooled.attempts:
        leases = archive.coordination.find_leases(holder_of(one.attempt), archive.settings.now())
        archive.coordination.release_leases(leases)


def _finish(archive: Archive, crawl: Crawl) -> None:
    """Clean and publish what is committed of *crawl* and write its night's tables: perhaps no other step ever will.

    What is damaged is left to ``report`` and to later runs. Raises StorageError.
    """
    make_durable(archive)
    troubles = Troubles()
    with (
        troubles.keep_apart("crawl not cleaned", crawl_id=crawl.id),
        WorkerPool(1, environment=archive.settings.environment) as workers,
    ):
        clean_crawl(archive, crawl, workers)
    with troubles.keep_apart("crawl not published", crawl_id=crawl.id):
        publish_crawl(archive, crawl)
    update_night_tables(archive, crawl.night)
    troubles.raise_store_error()
