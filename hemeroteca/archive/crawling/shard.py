"""Crawling a shard: one process fetches; this one starts the sources one by one and commits each as it ends.

The process's death fails the shard's task; a source's failure does not. When one source cannot be stored, the others go
on, and the task fails after them, to be tried again. Nothing is cleaned or published here, and what is late is left for
``tables``.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.crawl_trouble import has_stalled, note_stall, note_trouble
from hemeroteca.archive.crawling.attempts import (
    HeldAttempt,
    begin_attempt,
    mend_attempt,
    release_attempts,
    take_attempts,
)
from hemeroteca.archive.crawling.commit import commit_crawl
from hemeroteca.archive.crawling.crawl_child import CrawlChild, SourceCrawl
from hemeroteca.archive.crawling.crawl_process import run_directory
from hemeroteca.archive.crawling.late import leave_account, leave_late
from hemeroteca.archive.crawling.plan import PlannedCrawl, read_shard
from hemeroteca.archive.crawling.run_progress import read_failures
from hemeroteca.archive.crawling.upload import upload_closed
from spiders.job import DISK_FULL, REFUSED
from spiders.loop_watch import STALLED, read_turn
from storage import keys
from storage.model.errors import (
    CrawlDiedError,
    DiskFullError,
    FencedError,
    FixityError,
    HemerotecaError,
    StorageError,
    StoreRefusedError,
)
from storage.spool import attempt_lock, sweep_spool

log = structlog.get_logger()

POLL_SECONDS = 0.2
UPLOAD_SECONDS = 2.0
STORE_PATIENCE_SECONDS = 3600.0
MOST_PROCESSES = 4


def crawl_shard(archive: Archive, shard: str, last_try: bool) -> None:
    """Crawl what of the shard is not committed yet; with *last_try* each source in a process of its own.

    So is each that stalled the process of an earlier try.

    Raises CrawlDiedError when a process ended before its sources did, DiskFullError when that is because the spool's
    disk is full, StoreRefusedError when the store takes nothing: what was acknowledged is adopted next time.
    """
    run, number, planned = read_shard(archive, shard)
    sweep_spool(archive.settings.home.spool)
    crawls = [SourceCrawl(one) for one in planned]
    try:
        groups = [[crawl] for crawl in crawls] if last_try else _set_apart(archive, crawls)
        _fetch(archive, run_directory(archive.settings, run) / f"shard-{number:03d}", groups)
    finally:
        for crawl in crawls:
            release_attempts(crawl.predecessors)
    unfinished = ", ".join(crawl.id for crawl in crawls if not crawl.is_settled)
    for refusal in (crawl.refusal for crawl in crawls if crawl.refusal):
        raise refusal
    if any(crawl.disk_full for crawl in crawls):
        raise DiskFullError(f"{archive.settings.home.spool}: full; these crawls did not finish: {unfinished}")
    if unfinished:
        raise CrawlDiedError(f"these crawls did not finish: {unfinished}")


def _set_apart(archive: Archive, crawls: list[SourceCrawl]) -> list[list[SourceCrawl]]:
    """Return the crawls in groups: each that stalled its process before by itself, the others together."""
    stalled = [crawl for crawl in crawls if has_stalled(archive, crawl.id)]
    others = [crawl for crawl in crawls if crawl not in stalled]
    return [[crawl] for crawl in stalled] + ([others] if others else [])


@contextmanager
def _keep_apart(crawl: SourceCrawl) -> Iterator[None]:
    """Let the other sources continue if this one fails. It is tried again, unless a person must look at it first."""
    try:
        yield
    except StorageError as error:
        crawl.refusal = error if isinstance(error, StoreRefusedError) else None
        crawl.disk_full = isinstance(error, DiskFullError)
        log.warning("crawl not committed", crawl_id=crawl.id, reason=str(error))
    except HemerotecaError as error:
        crawl.is_settled = True
        log.error("crawl not committed", crawl_id=crawl.id, reason=str(error))


def _begin(archive: Archive, crawl: SourceCrawl) -> None:
    """Begin the next attempt, or commit what an earlier one finished."""
    planned = crawl.planned
    key = keys.crawl_manifest(planned.crawl)
    if archive.store.stat(key):
        if archive.holdings.find_manifest(key):
            leave_late(archive, crawl.id)
        else:
            leave_account(archive, planned)
        crawl.is_settled = True
        return
    predecessors = take_attempts(archive, planned, archive.settings.grace_seconds)
    try:
        finished = next((held for held in predecessors if held.end), None)
        if finished is None:
            crawl.task = begin_attempt(archive, planned, predecessors)
            crawl.predecessors, crawl.is_fetching = predecessors, True
            return
    except BaseException:
        release_attempts(predecessors)
        raise
    _commit(archive, crawl, finished, [held for held in predecessors if held is not finished])


def _commit(archive: Archive, crawl: SourceCrawl, winner: HeldAttempt, others: list[HeldAttempt]) -> None:
    """Commit a crawl that ended, or leave it for ``tables`` if another try was first. Releases the attempts' locks."""
    try:
        _commit_patiently(archive, crawl.planned, winner, others)
    except FencedError as error:
        log.warning("crawl fenced", crawl_id=crawl.id, reason=str(error))
        release_attempts([winner, *others])
        leave_late(archive, crawl.id)
    finally:
        release_attempts([winner, *others])
    crawl.is_settled = True


def _commit_patiently(archive: Archive, planned: PlannedCrawl, winner: HeldAttempt, others: list[HeldAttempt]) -> None:
    """Commit a crawl that ended, once more when the bucket was away and came back."""
    try:
        commit_crawl(archive, planned, winner, others)
    except (FencedError, FixityError, StoreRefusedError):
        raise
    except StorageError as error:
        if not _outlast(archive, error):
            raise
        commit_crawl(archive, planned, winner, others)


def _outlast(archive: Archive, error: StorageError) -> bool:
    """Wait while the bucket is away; say whether it answers within STORE_PATIENCE_SECONDS."""
    until = time.monotonic() + STORE_PATIENCE_SECONDS
    log.warning("store did not answer", reason=str(error))
    while time.monotonic() < until:
        try:
            archive.store.stat("manifests/")
            return True
        except StoreRefusedError:
            return False
        except StorageError:
            time.sleep(UPLOAD_SECONDS)
    return False


def _fetch(archive: Archive, base: Path, groups: list[list[SourceCrawl]]) -> None:
    """Crawl each of *groups* in a process of its own, some at a time, and commit each source as it ends."""
    name = f"{base.name}-{{:03d}}-{os.getpid()}"
    waiting = [CrawlChild(base.with_name(name.format(place)), crawls) for place, crawls in enumerate(groups)]
    running: list[CrawlChild] = []
    try:
        while waiting or running:
            while waiting and len(running) < MOST_PROCESSES:
                running.append(waiting.pop(0))
            for child in running:
                _begin_next(archive, child)
            if not any(child.waiting for child in running):
                time.sleep(POLL_SECONDS)
            ended = [child for child in running if child.is_over]
            for child in running:
                _commit_ended(archive, child)
                _upload_closed(archive, child)
            for child in ended:
                _note_end(archive, child)
            running = [child for child in running if child not in ended]
    finally:
        for child in running:
            if child.process:
                child.process.stop()


def _begin_next(archive: Archive, child: CrawlChild) -> None:
    """Begin one source of *child*, and give it to the process if there is something to fetch."""
    if not child.waiting:
        return
    crawl = child.waiting.pop(0)
    with _keep_apart(crawl):
        _begin(archive, crawl)
    if crawl.task:
        child.give(archive, crawl, crawl.task)
    if not child.waiting:
        child.end_giving()


def _note_end(archive: Archive, child: CrawlChild) -> None:
    if child.process is None:
        return
    status = child.process.poll()
    log.info("crawl process ended", pid=child.process.pid, status=status)
    for crawl in child.crawls:
        crawl.disk_full = status == DISK_FULL and crawl.is_fetching
    failures = read_failures(child.progress)
    if status == STALLED and (stalled := read_turn(child.turn)):
        log.error("crawl process stalled", crawl_id=stalled)
        note_stall(archive, stalled)
        failures[stalled] = "it kept its crawl process so busy that the others got no turn"
    if status == REFUSED:  # for one reason, which is every source's
        why = next(iter(failures.values()), "its job cannot be run")
        failures = {crawl.id: why for crawl in (*child.crawls, *child.waiting)}
    for crawl in (*child.crawls, *child.waiting):
        if not crawl.is_settled:
            note_trouble(archive, crawl.id, failures.get(crawl.id))
            crawl.is_settled = status == REFUSED


def _commit_ended(archive: Archive, child: CrawlChild) -> None:
    """Commit each source that has ended and released its lock; the process may continue with others."""
    for crawl in child.crawls:
        if crawl.task is None or not crawl.is_fetching or not (crawl.task.directory / "ended.json").exists():
            continue
        directory = crawl.task.directory
        lock = attempt_lock(directory)
        if not lock.acquire():
            continue
        crawl.is_fetching = False
        with _keep_apart(crawl):
            mend_attempt(directory)
            _commit(archive, crawl, HeldAttempt(crawl.task.attempt, directory, lock), crawl.predecessors)


def _upload_closed(archive: Archive, child: CrawlChild) -> None:
    """Put the files that running sources have closed; they remove them. A bucket that is away is asked again later."""
    for crawl in child.crawls:
        is_over = child.is_over or not crawl.is_fetching
        if crawl.task is None or is_over or time.monotonic() < crawl.upload_at:
            continue
        crawl.upload_at = time.monotonic() + UPLOAD_SECONDS
        try:
            upload_closed(archive, crawl.planned.crawl, crawl.task.directory)
        except StorageError as error:
            log.warning("warc not stored", crawl_id=crawl.id, reason=str(error))
        except FixityError as error:
            crawl.upload_at = math.inf  # a person is called when the source is committed
            log.error("warc not stored", crawl_id=crawl.id, reason=str(error))
