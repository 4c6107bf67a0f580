"""Committing late captures in full: the manifests, the documents, the catalog and the tables of their nights."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import NamedTuple

import structlog

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.cleaning.clean import clean_crawl
from hemeroteca.archive.crawling.attempts import holder_of
from hemeroteca.archive.crawling.commit import clear_spool, put_whole
from hemeroteca.archive.crawling.late import (
    LateCommit,
    find_remainders,
    has_late,
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


class _Unfinished(NamedTuple):
    """A crawl that is committed late, and not known to be cleaned, published and in the tables of its night."""

    crawl: Crawl
    strike_off: Callable[[], None]
    """Removes what leads to it: its mark, or its files in the spool."""


def commit_late(archive: Archive, now: datetime | None = None, troubles: Troubles | None = None) -> list[str]:
    """Commit what crawl steps have marked, and what this machine's spool has of crawls that are committed or given up.

    All is committed first; then each crawl is cleaned and published, and the tables of each night are written, once.
    Marks and files in the spool go last: after a death on the way, the next ``tables`` does again what is left. Returns
    the keys of the new manifests. What cannot be committed stays where it is, in the log and in *troubles*.
    """
    troubles = troubles or Troubles()
    put: list[str] = []
    unfinished: list[_Unfinished] = []
    for late in read_marks(archive):
        with troubles.keep_apart("crawl not committed", crawl_id=late.manifest.crawl.id):
            put += _put(archive, late)
            unfinished.append(_Unfinished(late.manifest.crawl, partial(remove_mark, archive, late)))
    sweep_spool(archive.settings.home.spool)
    for crawl_id in list_crawls(archive.settings.home.spool):
        with troubles.keep_apart("crawl not committed", crawl_id=crawl_id):
            put += _commit_spooled(archive, crawl_id, now or archive.settings.now(), unfinished)
    if unfinished:
        make_durable(archive)
        _finish(archive, unfinished, troubles)
    return put


def _commit_spooled(archive: Archive, crawl_id: str, now: datetime, unfinished: list[_Unfinished]) -> list[str]:
    """Commit what is late in the spool, and return the key of its manifest; add the crawl to *unfinished*."""
    with hold_spooled(archive, crawl_id) as spooled:
        if spooled is None:
            return []
        is_committed = archive.holdings.find_manifest(keys.crawl_manifest(spooled.crawl)) is not None
        if not is_committed and not is_given_up(archive, spooled, now):
            return []
        late = upload_late(archive, spooled, is_committed)
        put = _put(archive, late) if late else []
    unfinished.append(_Unfinished(spooled.crawl, partial(_clear_spool, archive, crawl_id)))
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


def _finish(archive: Archive, unfinished: list[_Unfinished], troubles: Troubles) -> None:
    """Clean and publish each crawl, write each night's tables, and strike off what is done: perhaps no other step ever
    will. What is damaged is left to ``report`` and to later runs.
    """
    crawls = {one.crawl.id: one.crawl for one in unfinished}
    done: set[str] = set()
    with WorkerPool(1, environment=archive.settings.environment) as workers:
        for crawl_id, crawl in crawls.items():
            with troubles.keep_apart("crawl not committed", crawl_id=crawl_id):
                _clean_and_publish(archive, crawl, workers)
                done.add(crawl_id)
    for night in sorted({crawl.night for crawl in crawls.values()}):
        with troubles.keep_apart("tables not written", night=str(night)):
            update_night_tables(archive, night)
            _strike_off([one for one in unfinished if one.crawl.night == night and one.crawl.id in done], troubles)


def _clean_and_publish(archive: Archive, crawl: Crawl, workers: WorkerPool) -> None:
    """Clean and publish what is committed of *crawl*. Raises StorageError."""
    found = Troubles()
    with found.keep_apart("crawl not cleaned", crawl_id=crawl.id):
        clean_crawl(archive, crawl, workers)
    with found.keep_apart("crawl not published", crawl_id=crawl.id):
        publish_crawl(archive, crawl)
    found.raise_store_error()


def _strike_off(finished: list[_Unfinished], troubles: Troubles) -> None:
    for one in finished:
        with troubles.keep_apart("crawl not committed", crawl_id=one.crawl.id):
            one.strike_off()


def _clear_spool(archive: Archive, crawl_id: str) -> None:
    """Remove the attempts at a crawl of which every record is taken, and free their hosts.

    Not those that somebody works on again.
    """
    with hold_spooled(archive, crawl_id) as spooled:
        if spooled is None:
            return
        taken = Taken(archive, spooled.crawl)
        if not taken.manifests or has_late(spooled, taken, find_remainders(archive, spooled, taken)):
            raise StorageError(f"{crawl_id}: not all of its spool is committed")
        clear_spool(spooled.attempts)
        for one in spooled.attempts:
            leases = archive.coordination.find_leases(holder_of(one.attempt), archive.settings.now())
            archive.coordination.release_leases(leases)
