"""Late records, which no manifest listed in time. A crawl step uploads and marks them, and ``tables`` commits them.

A mark is the manifest that is to be committed, kept in coordination: whichever machine runs ``tables`` finds it there.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import structlog

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.crawling.attempts import (
    HeldAttempt,
    find_acknowledged,
    mend_attempt,
    read_attempt_note,
    release_attempts,
    take_attempts,
)
from hemeroteca.archive.crawling.commit import (
    Tally,
    find_fetched_again,
    find_superseded,
    gather_objects,
    list_attempts_own,
    make_manifest,
    put_items,
    put_ledger,
    read_outcomes,
)
from hemeroteca.archive.crawling.plan import PlannedCrawl
from hemeroteca.archive.crawling.scraped import FetchedPages, choose_items, list_scraped
from hemeroteca.archive.crawling.taken import Remainder, Taken, find_remainder, upload_remainder
from spiders.job import AttemptNote
from storage import keys
from storage.items import digest_item
from storage.model.crawl import Crawl, Manifest
from storage.model.errors import FixityError
from storage.model.outcome import Outcome
from storage.model.scraped_item import ScrapedItem
from storage.spool import attempt_lock, list_attempts, remove_attempt

log = structlog.get_logger()

ABANDONED = timedelta(days=1)
"""A crawl whose last try began so long ago is tried no more: its run was stopped without a word."""
_MARK = "late/"


class SpooledCrawl(NamedTuple):
    """What this machine's spool holds of a crawl: the attempts that nobody works on, locked, the oldest first."""

    attempts: list[HeldAttempt]
    note: AttemptNote
    """Of the newest attempt."""

    @property
    def crawl(self) -> Crawl:
        return self.note.crawl

    @property
    def ended(self) -> HeldAttempt | None:
        """The newest attempt in which the source ended."""
        return next((one for one in reversed(self.attempts) if one.end), None)


class LateCommit(NamedTuple):
    """A manifest for what is late, its objects in the bucket, and the key where it is to be put."""

    key: str
    manifest: Manifest


def mark_spent(archive: Archive, crawl: Crawl) -> None:
    """Note that *crawl* will not be tried again: what the spool has of it may be committed late."""
    archive.coordination.write_note(spent_note(crawl.id), str(crawl.night))


def spent_note(crawl_id: str) -> str:
    """Return the name of the note that a crawl will not be tried again."""
    return f"spent/{crawl_id}"


def is_given_up(archive: Archive, spooled: SpooledCrawl, now: datetime) -> bool:
    """Say whether nobody will try the crawl again: its retries are spent, or its last try began too long ago."""
    is_spent = archive.coordination.read_note(spent_note(spooled.crawl.id)) is not None
    return is_spent or spooled.note.attempt.started < now - ABANDONED


def leave_late(archive: Archive, crawl_id: str) -> None:
    """Upload what the spool holds of a committed crawl beyond its manifests, and mark it to be committed.

    It stays in the spool until ``tables`` of this machine finds it committed.
    """
    with hold_spooled(archive, crawl_id) as spooled:
        late = upload_late(archive, spooled, is_committed=True) if spooled else None
        if late:
            archive.coordination.write_note(f"{_MARK}{late.key}", late.manifest.model_dump_json(by_alias=True))
            log.info("late records marked", crawl_id=crawl_id, key=late.key, objects=len(late.manifest.objects))


def leave_account(archive: Archive, planned: PlannedCrawl) -> None:
    """Leave a crawl whose manifest is damaged to ``tables``: nobody can commit it in time any more.

    What the bucket has of it comes into the spool, unless it is still there.
    """
    mark_spent(archive, planned.crawl)
    if not archive.holdings.find_manifests_of_crawl(planned.crawl):  # else it has its late one
        release_attempts(take_attempts(archive, planned, archive.settings.grace_seconds))


def read_marks(archive: Archive) -> list[LateCommit]:
    """Return what crawl steps of any machine have marked and ``tables`` has not finished."""
    found = archive.coordination.read_notes(_MARK)
    return [LateCommit(name.removeprefix(_MARK), Manifest.model_validate_json(text)) for name, text in found.items()]


def remove_mark(archive: Archive, late: LateCommit) -> None:
    archive.coordination.remove_note(f"{_MARK}{late.key}")


@contextmanager
def hold_spooled(archive: Archive, crawl_id: str) -> Iterator[SpooledCrawl | None]:
    """Hold the locks of the attempts at a crawl that nobody works on; None when there are none."""
    found: list[tuple[HeldAttempt, AttemptNote]] = []
    try:
        for directory in list_attempts(archive.settings.home.spool, crawl_id):
            lock = attempt_lock(directory)
            if not lock.acquire():
                continue
            note = read_attempt_note(directory)
            if note is None:
                _discard_stillborn(directory)
                lock.release()
                continue
            found.append((HeldAttempt(note.attempt, directory, lock), note))
            mend_attempt(directory)
        found.sort(key=lambda one: one[1].attempt.started)
        yield SpooledCrawl([held for held, _ in found], found[-1][1]) if found else None
    finally:
        release_attempts(held for held, _ in found)


def _discard_stillborn(directory: Path) -> None:
    """Remove an attempt whose maker died before it had written anything, a day ago."""
    age_seconds = time.time() - directory.stat().st_mtime
    if age_seconds > ABANDONED.total_seconds() and not any(directory.glob("*.warc.gz*")):
        remove_attempt(directory)


def upload_late(archive: Archive, spooled: SpooledCrawl, is_committed: bool) -> LateCommit | None:
    """Put what no manifest lists into the bucket, and return the manifest for it; None when there is nothing.

    Beside the crawl's manifest it adds captures only. In its stead it accounts for every URL: those that had not ended
    are ``failed: interrupted``.
    """
    crawl, taken = spooled.crawl, Taken(archive, spooled.crawl)
    remainders = find_remainders(archive, spooled, taken)
    if taken.manifests and not has_late(spooled, taken, remainders) and not _has_new_account(archive, crawl, taken):
        return None
    objects, passed = gather_objects(upload_remainder(archive, crawl, one) for one in remainders)
    objects += put_items(archive, crawl, spooled.note.attempt, find_late_items(spooled, taken, remainders))
    tally = Tally()
    if not is_committed:
        ledger, tally = put_ledger(archive, crawl, spooled.note.attempt, _account(archive, spooled))
        objects.append(ledger)
    superseded = [one for one in find_superseded(archive, crawl, objects, passed) if one.key not in taken.keys]
    manifest = _make_manifest(
        archive,
        spooled,
        tally,
        end_reason="late" if is_committed else "interrupted",
        objects=objects,
        superseded=superseded,
    )
    return LateCommit(keys.late_manifest(crawl, objects or superseded), manifest)


def find_remainders(archive: Archive, spooled: SpooledCrawl, taken: Taken) -> list[Remainder]:
    """Return what no manifest took of each WARC file in the spool of a crawl."""
    found = (find_remainder(archive, path, taken) for one in spooled.attempts for path in one.warcs())
    return [remainder for remainder in found if remainder]


def has_late(spooled: SpooledCrawl, taken: Taken, remainders: list[Remainder]) -> bool:
    """Say whether the spool of a crawl has records, the *remainders*, or items that no manifest took."""
    return bool(remainders) or any(True for _ in find_late_items(spooled, taken, remainders))


def find_late_items(spooled: SpooledCrawl, taken: Taken, remainders: Iterable[Remainder]) -> Iterator[ScrapedItem]:
    """Yield the items in the spool that no manifest lists, but not of pages that were fetched again since.

    What is committed late brings its items, whatever a manifest has of the same page.
    """
    for item in _find_counted_items(spooled, taken, remainders):
        if digest_item(item) not in taken.items:
            yield item


def _find_counted_items(spooled: SpooledCrawl, taken: Taken, remainders: Iterable[Remainder]) -> Iterator[ScrapedItem]:
    directories, ended = [one.directory for one in spooled.attempts], spooled.ended
    if not taken.manifests:
        again = find_fetched_again(ended) if ended else FetchedPages()
        yield from choose_items(directories, ended and ended.directory, again)
        return
    late_ids = {record.record_id for one in remainders for record in one.records}
    again = FetchedPages(taken.read_outcomes(), list_scraped(directories))
    for item in choose_items(directories, None, FetchedPages()):
        if item.record_id in late_ids or not again.replaces(item):
            yield item


def _has_new_account(archive: Archive, crawl: Crawl, taken: Taken) -> bool:
    return any(key not in taken.keys for key in list_attempts_own(archive, crawl))


def _make_manifest(archive: Archive, spooled: SpooledCrawl, tally: Tally, **facts: Any) -> Manifest:
    return make_manifest(
        archive,
        spooled.crawl,
        spooled.note.source,
        tally,
        attempts=tuple(one.attempt for one in spooled.attempts),
        ended=archive.settings.now(),
        late=True,
        **facts,
    )


def _account(archive: Archive, spooled: SpooledCrawl) -> list[Outcome]:
    """Return one outcome a URL: those of an attempt that ended, if there is one.

    Else the acknowledged ones; for other URLs what a ledger in the bucket says, or the spool: ``interrupted``, unless
    they ended unasked.
    """
    if spooled.ended:
        return list(read_outcomes(spooled.ended.directory))
    found: dict[str, Outcome] = {}
    for one in spooled.attempts:
        if (one.directory / "discovered.jsonl").exists():
            found |= {outcome.url: outcome for outcome in read_outcomes(one.directory, "discovered.jsonl")}
    for key in sorted(archive.store.list_keys(keys.ledgers_of(spooled.crawl))):
        found |= {outcome.url: outcome for outcome in _read_ledger(archive, key)}
    for outcome in find_acknowledged(spooled.crawl, spooled.attempts):
        found[outcome.url] = outcome
    return list(found.values())


def _read_ledger(archive: Archive, key: str) -> list[Outcome]:
    """Return the outcomes of a ledger that may be listed nowhere; none when it cannot be read."""
    told = archive.store.stat(key)
    if told is None or told.sha256 is None:
        return []
    try:
        return archive.holdings.read_outcomes(told.promise())
    except FixityError as error:
        log.warning("ledger not used", key=key, reason=str(error))
        return []
