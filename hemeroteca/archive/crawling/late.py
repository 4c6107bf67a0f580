"""What is late: records that no manifest lists in time. A crawl step uploads and marks them, ``tables`` commits them.

A mark is the manifest that is to be committed, kept in coordination: whichever machine runs ``tables`` finds it there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import structlog

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.crawling.attempts import HeldAttempt, mend_attempt, read_attempt_note, release_attempts
from hemeroteca.archive.crawling.commit import (
    Tally,
    make_durable,
    make_manifest,
    other_ledgers,
    put_ledger,
    read_outcomes,
    upload_warcs,
)
from spiders.job import AttemptNote
from storage import keys
from storage.model.crawl import Attempt, Crawl, Manifest, StoredObject
from storage.model.outcome import Outcome
from storage.spool import attempt_lock, list_attempts

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


class LateCommit(NamedTuple):
    """A manifest for what is late, its objects in the bucket, and the key where it is to be put."""

    key: str
    manifest: Manifest


def mark_spent(archive: Archive, crawl: Crawl) -> None:
    """Note that *crawl* will not be tried again: what the spool has of it may be committed late."""
    archive.coordination.write_note(f"spent/{crawl.id}", str(crawl.night))


def is_given_up(archive: Archive, spooled: SpooledCrawl, now: datetime) -> bool:
    """Say whether nobody will try the crawl again: its retries are spent, or its last try began too long ago."""
    is_spent = archive.coordination.read_note(f"spent/{spooled.crawl.id}") is not None
    return is_spent or spooled.note.attempt.started < now - ABANDONED


def leave_late(archive: Archive, crawl_id: str) -> None:
    """Upload what the spool holds of a committed crawl beyond its manifests, and mark it to be committed.

    It stays in the spool until ``tables`` of this machine finds it committed.
    """
    with hold_spooled(archive, crawl_id) as spooled:
        late = upload_late(archive, spooled, is_committed=True) if spooled else None
        if late:
            make_durable(archive)
            archive.coordination.write_note(f"{_MARK}{late.key}", late.manifest.model_dump_json(by_alias=True))
            log.info("late records marked", crawl_id=crawl_id, key=late.key, objects=len(late.manifest.objects))


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
                lock.release()
                continue
            found.append((HeldAttempt(note.attempt, directory, lock), note))
            mend_attempt(directory)
        found.sort(key=lambda one: one[1].attempt.started)
        yield SpooledCrawl([held for held, _ in found], found[-1][1]) if found else None
    finally:
        release_attempts(held for held, _ in found)


def upload_late(archive: Archive, spooled: SpooledCrawl, is_committed: bool) -> LateCommit | None:
    """Put what no manifest lists into the bucket, and return the manifest for it; None when there is nothing.

    Beside the crawl's manifest it adds captures only. In its stead it accounts for every URL: those that had not ended
    are ``failed: interrupted``.
    """
    crawl = spooled.crawl
    taken = _taken_keys(archive, crawl)
    untaken = [path for one in spooled.attempts for path in one.warcs() if keys.warc(crawl, path.name) not in taken]
    new = [one.attempt for one in spooled.attempts if any(path.parent == one.directory for path in untaken)]
    attempt = new[-1] if new else spooled.note.attempt
    key = keys.late_manifest(crawl, attempt)
    ledgers = [ledger for ledger in other_ledgers(archive, crawl) if ledger.key not in taken]
    if not new and (archive.store.stat(key) or (is_committed and not ledgers)):
        return None
    if is_committed:
        warcs = upload_warcs(archive, crawl, untaken)
        objects = [stored for warc in warcs for stored in warc.objects]
        manifest = _make_manifest(archive, spooled, Tally(), end_reason="late", objects=objects, superseded=ledgers)
        return LateCommit(key, manifest)
    objects, tally = _upload_account(archive, spooled, attempt)
    superseded = [ledger for ledger in ledgers if ledger.key != keys.ledger(crawl, attempt)]
    manifest = _make_manifest(archive, spooled, tally, end_reason="interrupted", objects=objects, superseded=superseded)
    return LateCommit(key, manifest)


def _upload_account(archive: Archive, spooled: SpooledCrawl, attempt: Attempt) -> tuple[list[StoredObject], Tally]:
    """Put all that the attempts captured, and a ledger that says how every URL ended."""
    paths = [path for one in spooled.attempts for path in one.warcs()]
    warcs = list(upload_warcs(archive, spooled.crawl, paths, with_outcomes=True))
    acknowledged = [outcome for warc in warcs for outcome in warc.outcomes]
    outcomes = _outcomes(spooled.attempts, acknowledged)
    ledger, tally = put_ledger(archive, spooled.crawl, attempt, outcomes)
    return [*(stored for warc in warcs for stored in warc.objects), ledger], tally


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


def _taken_keys(archive: Archive, crawl: Crawl) -> set[str]:
    """Return the keys of every object that a manifest of *crawl* lists."""
    own = [kept.manifest for kept in archive.holdings.find_manifests_of_crawl(crawl)]
    return {stored.key for manifest in own for stored in (*manifest.objects, *manifest.superseded)}


def _outcomes(attempts: list[HeldAttempt], acknowledged: list[Outcome]) -> list[Outcome]:
    """Return one outcome a URL: those of an attempt that ended, if there is one.

    Else the acknowledged ones, and for other URLs what the spool says: ``interrupted``, unless they ended unasked.
    """
    for one in reversed(attempts):
        if one.end:
            return list(read_outcomes(one.directory))
    found: dict[str, Outcome] = {}
    for one in attempts:
        if (one.directory / "discovered.jsonl").exists():
            found |= {outcome.url: outcome for outcome in read_outcomes(one.directory, "discovered.jsonl")}
    found |= {outcome.url: outcome for outcome in acknowledged}
    return list(found.values())
