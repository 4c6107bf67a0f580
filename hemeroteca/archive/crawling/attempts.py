"""The attempts at a crawl: begun for a crawl process, or adopted from one that has ended.

A retry waits for its predecessors' locks, mends what they wrote and adopts it: their WARC files keep their names,
and articles they acknowledged are not fetched again.
"""

from __future__ import annotations

import os
import secrets
import signal
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple

import structlog

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.crawling.forecast import note_forecast
from hemeroteca.archive.crawling.known_of_source import refresh_known
from hemeroteca.archive.crawling.plan import PlannedCrawl
from hemeroteca.archive.crawling.scraped import bring_items
from spiders.job import AttemptNote, CrawlTask, EndNote
from storage import keys
from storage.captures.index import index_warc
from storage.captures.stored_exchanges import cut_unfinished
from storage.files import FileLock, open_replacement, read_process, replace_whole
from storage.model.base import Record
from storage.model.crawl import Attempt, Crawl, StoredObject
from storage.model.errors import FixityError, MissingObjectError, StorageError, disk_error
from storage.model.outcome import Outcome
from storage.spool import (
    STORED_SUFFIX,
    attempt_lock,
    create_attempt,
    is_stored,
    list_attempts,
    list_warcs,
)
from storage.warc.members import OPEN_SUFFIX, finish_warc, mend_warc
from storage.warc.reader import iter_records

log = structlog.get_logger()

KILLED_SECONDS = 10.0  # a killed process gives its lock back as soon as the kernel has buried it


class StoredWarc(Record):
    """``{file}.stored.json``: a WARC file and its indexes as the bucket has them, and the outcomes of its exchanges."""

    objects: tuple[StoredObject, ...]
    outcomes: tuple[Outcome, ...]
    superseded: tuple[StoredObject, ...] = ()
    """What the store did not keep whole of it."""


def read_stored_warc(path: Path) -> StoredWarc | None:
    """Return what the bucket has of the WARC file that is or was at *path*; None unless it has all of it."""
    try:
        return StoredWarc.model_validate_json(path.with_name(path.name + STORED_SUFFIX).read_bytes())
    except FileNotFoundError:
        return None


def note_stored_warc(path: Path, stored: StoredWarc) -> None:
    """Note in the spool that the bucket has the WARC file at *path*. Raises StorageError."""
    replace_whole(path.with_name(path.name + STORED_SUFFIX), stored.model_dump_json(by_alias=True))


class HeldAttempt(NamedTuple):
    """An attempt whose lock this process holds: its files may be read, moved and removed."""

    attempt: Attempt
    directory: Path
    lock: FileLock

    @property
    def end(self) -> EndNote | None:
        """How the source ended in this attempt; None when it did not."""
        try:
            return EndNote.model_validate_json((self.directory / "ended.json").read_text())
        except FileNotFoundError:
            return None

    def warcs(self) -> list[Path]:
        """Return the WARC files of the attempt. One that the bucket has may be gone from the spool."""
        return list_warcs(self.directory)


def begin_attempt(archive: Archive, planned: PlannedCrawl, predecessors: list[HeldAttempt]) -> CrawlTask:
    """Begin the next attempt at a crawl, and return its task: what is known of the source, and what is adopted."""
    attempt = Attempt(crawl_id=planned.crawl.id, nonce=secrets.token_hex(4), started=archive.settings.now())
    directory = create_attempt(archive.settings.home.spool, planned.crawl.id, attempt.nonce)
    note = AttemptNote(crawl=planned.crawl, source=planned.source, attempt=attempt)
    _write_note(directory, note)
    known = refresh_known(archive, planned.crawl.source_id)
    if planned.crawl.trigger == "nightly":
        note_forecast(archive, planned.source, planned.crawl.night, known)
    adopted = directory / "adopted.jsonl"
    outcomes = find_adopted_outcomes(planned.crawl, predecessors)
    replace_whole(adopted, "".join(f"{outcome.model_dump_json()}\n" for outcome in outcomes))
    _take_over_leases(archive, predecessors, attempt)
    log.info("attempt begun", crawl_id=planned.crawl.id, attempt=attempt.nonce, adopted=len(outcomes))
    return CrawlTask(
        crawl=planned.crawl,
        source=planned.source,
        attempt=attempt,
        spool=archive.settings.home.spool,
        known=known,
        adopted=adopted,
        urls=planned.urls,
        only_urls=planned.only_urls,
        page_budget=planned.page_budget,
        fresh=planned.fresh,
        ignore_robots=planned.ignore_robots,
    )


def take_attempts(archive: Archive, planned: PlannedCrawl, wait_seconds: float) -> list[HeldAttempt]:
    """Lock and mend every attempt at a crawl: those in this spool, and those that another machine left in the bucket.

    A predecessor that still runs is waited for, then killed. Raises StorageError when its lock is still held.
    """
    held: list[HeldAttempt] = []
    try:
        for directory in list_attempts(archive.settings.home.spool, planned.crawl.id):
            held.append(_take(directory, planned.crawl, wait_seconds))
            mend_attempt(directory)
        for foreign in _fetch_foreign(archive, planned, tuple(held)):
            held.append(foreign)  # at once, so that its lock is released when the next one fails
        for one in held:
            bring_items(archive, planned.crawl, one.attempt, one.directory)
    except BaseException:
        release_attempts(held)
        raise
    return held


def release_attempts(attempts: Iterable[HeldAttempt]) -> None:
    """Release the locks of *attempts*; one that is not held is left alone."""
    for held in attempts:
        held.lock.release()


def holder_of(attempt: Attempt) -> str:
    """Return the name under which an attempt holds leases."""
    return f"{attempt.crawl_id}/{attempt.nonce}"


def find_adopted_outcomes(crawl: Crawl, attempts: list[HeldAttempt]) -> list[Outcome]:
    """Return the outcomes of the articles that *attempts* acknowledged: of each URL the last one."""
    found = {o.url: o for o in find_acknowledged(crawl, attempts) if o.purpose == "article" and o.record_id}
    return list(found.values())


def find_acknowledged(crawl: Crawl, attempts: list[HeldAttempt]) -> Iterator[Outcome]:
    """Yield the outcomes of all exchanges that *attempts* acknowledged, those of the oldest first."""
    for attempt in sorted(attempts, key=lambda held: held.attempt.started):
        for path in attempt.warcs():
            stored = read_stored_warc(path)
            yield from stored.outcomes if stored else index_warc(path, crawl, path.name).outcomes


def mend_attempt(directory: Path) -> None:
    """Cut each open WARC file after its last whole exchange and close it; one without a whole record is removed."""
    for path in directory.glob("*.warc.gz.open"):
        cut_bytes = mend_warc(path)
        with suppress(FixityError):  # of a record that is not ours: whoever indexes the file says so
            cut_bytes += cut_unfinished(path)
        if path.stat().st_size:
            finish_warc(path)
        else:
            path.unlink()
        log.info("warc mended", file=path.name, cut_bytes=cut_bytes)


def read_attempt_note(directory: Path) -> AttemptNote | None:
    """Return the note of the attempt in *directory*; None when its maker died before it was written."""
    try:
        return AttemptNote.model_validate_json((directory / "attempt.json").read_text())
    except FileNotFoundError:
        return None


def _write_note(directory: Path, note: AttemptNote) -> None:
    replace_whole(directory / "attempt.json", note.model_dump_json(by_alias=True))


def _take(directory: Path, crawl: Crawl, wait_seconds: float) -> HeldAttempt:
    lock = attempt_lock(directory)
    note = read_attempt_note(directory)
    if not lock.acquire(wait_seconds):
        note = read_attempt_note(directory)
        if note and note.pid and read_process(note.pid) == (note.pid, note.pid_started):
            log.warning("predecessor killed", crawl_id=crawl.id, pid=note.pid)
            os.kill(note.pid, signal.SIGKILL)
        if not lock.acquire(KILLED_SECONDS):
            raise StorageError(f"{directory}: another process is working on this attempt and does not end")
    attempt = note.attempt if note else Attempt(crawl_id=crawl.id, nonce=directory.name, started=crawl.started)
    return HeldAttempt(attempt, directory, lock)


def _fetch_foreign(archive: Archive, planned: PlannedCrawl, held: tuple[HeldAttempt, ...]) -> Iterator[HeldAttempt]:
    """Yield the attempts of other machines, and bring the WARC files that this spool lacks from the bucket."""
    prefix = keys.warcs_of(planned.crawl)
    found = {attempt.attempt.nonce: attempt for attempt in held}
    for key in _list_foreign(archive, planned.crawl, held):
        nonce = key.removeprefix(prefix)[:8]
        if nonce not in found:
            found[nonce] = _make_foreign_attempt(archive, planned, nonce, key)
            yield found[nonce]
        _fetch_warc(archive, key, found[nonce].directory)


def _list_foreign(archive: Archive, crawl: Crawl, held: Iterable[HeldAttempt]) -> list[str]:
    """Return the keys of the crawl's WARC files, but not of those that were not whole and were put again, nor of what
    is a file that *held* has, put again.
    """
    found = set(archive.store.list_keys(keys.warcs_of(crawl)))
    listed = archive.holdings.find_manifests_of_crawl(crawl)
    superseded = {stored.key for kept in listed for stored in kept.manifest.superseded}
    foreign = {key for key in found - superseded if keys.put_again(key) not in found}
    for path in (path for attempt in held for path in attempt.warcs()):
        key = keys.warc(crawl, path.name)
        while (key := keys.put_again(key)) in found:
            foreign.discard(key)
    return sorted(foreign)


def _make_foreign_attempt(archive: Archive, planned: PlannedCrawl, nonce: str, first_key: str) -> HeldAttempt:
    """Make a directory here for an attempt of another machine. It began with the first record of its first file."""
    crawl = planned.crawl
    directory = create_attempt(archive.settings.home.spool, crawl.id, nonce)
    lock = attempt_lock(directory)
    if not lock.acquire():
        raise StorageError(f"{directory}: another process is working on this attempt")
    try:
        _fetch_warc(archive, first_key, directory)
        records = (record for path in list_warcs(directory) for record in iter_records(path))
        first = next(records, None)
        attempt = Attempt(crawl_id=crawl.id, nonce=nonce, started=first.date if first else crawl.started)
        _write_note(directory, AttemptNote(crawl=crawl, source=planned.source, attempt=attempt))
    except BaseException:
        lock.release()
        raise
    return HeldAttempt(attempt, directory, lock)


def _fetch_warc(archive: Archive, key: str, directory: Path) -> None:
    """Copy a WARC file from the bucket, unless it is there: of one that is damaged, the part before the damage."""
    path = directory / key.rpartition("/")[2]
    if path.exists() or is_stored(path):
        return
    told = archive.store.stat(key)
    if told is None:
        raise StorageError(f"{key}: is listed but missing")
    try:
        with open_replacement(path.with_name(path.name + OPEN_SUFFIX)) as file:
            _copy(archive, told.promise(), file)
    except OSError as error:
        raise disk_error(f"{path}: not written", error) from error
    mend_attempt(directory)


def _copy(archive: Archive, stored: StoredObject, file: BinaryIO) -> None:
    try:
        archive.holdings.check(stored, file)
    except MissingObjectError as error:
        raise StorageError(f"{stored.key}: is listed, but the store does not return it") from error
    except FixityError as error:
        log.error("warc damaged", key=stored.key, reason=str(error))


def _take_over_leases(archive: Archive, predecessors: list[HeldAttempt], attempt: Attempt) -> None:
    now = archive.settings.now()
    for held in predecessors:
        old = holder_of(held.attempt)
        hosts = [lease.host for lease in archive.coordination.find_leases(old, now)]
        archive.coordination.take_over_leases(hosts, old, holder_of(attempt), now)
