"""Late commits: records that no manifest took are committed beside it, or in its stead once retries are spent."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import structlog

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.cleaning.clean import clean_crawl
from hemeroteca.archive.crawling.attempts import HeldAttempt, holder_of, mend_attempt, read_note, release
from hemeroteca.archive.crawling.commit import (
    Tally,
    clear,
    make_durable,
    other_ledgers,
    put_ledger,
    read_outcomes,
    upload_warcs,
)
from hemeroteca.archive.publishing.publish import publish_crawl
from hemeroteca.archive.publishing.tables import write_night
from hemeroteca.extraction.workers.pool import WorkerPool
from spiders.job import AttemptNote
from storage import keys
from storage.manifests import crawl_manifests_of, put_manifest, read_manifest
from storage.model.crawl import Crawl, Manifest
from storage.model.errors import FixityError, StorageError
from storage.model.outcome import Outcome
from storage.spool import attempt_lock, list_attempts, list_crawls

log = structlog.get_logger()

ABANDONED = timedelta(days=1)
"""After so long nobody tries a crawl again: what ran it was stopped, and did not say so."""


def mark_spent(archive: Archive, crawl: Crawl) -> None:
    """Record that nobody will try *crawl* again: what is in its spool may be committed late."""
    archive.coordination.note(f"spent/{crawl.id}", str(crawl.night))


def sweep(archive: Archive, now: datetime | None = None) -> list[str]:
    """Commit late what lies in this machine's spool and may be *now*; return the manifests' keys.

    What cannot be committed stays in the spool, and in the log.
    """
    found: list[str] = []
    abandoned = (now or archive.settings.now()) - ABANDONED
    for crawl_id in list_crawls(archive.settings.spool):
        try:
            if key := commit_late(archive, crawl_id, abandoned):
                found.append(key)
        except (FixityError, StorageError) as error:
            log.error("crawl not committed", crawl_id=crawl_id, reason=str(error))
    return found


def commit_late(archive: Archive, crawl_id: str, abandoned: datetime | None = None) -> str | None:
    """Commit, clean and publish what the spool holds of a crawl beyond its manifests; None: nothing, or too early.

    It is late enough once its retries are spent, or when its last try began before *abandoned*.
    Beside the crawl's manifest captures only are added; without one, unfinished URLs are ``failed: interrupted``.
    """
    held, note = _hold(archive.settings.spool, crawl_id)
    try:
        if note is None:
            return None
        committed = archive.store.stat(keys.crawl_manifest(note.crawl)) is not None
        left = abandoned is not None and note.attempt.started < abandoned
        spent = left or archive.coordination.read_note(f"spent/{crawl_id}") is not None
        if not committed and not spent:
            return None
        return _commit(archive, held, note, committed)
    finally:
        release(held)


def _hold(spool: Path, crawl_id: str) -> tuple[list[HeldAttempt], AttemptNote | None]:
    """Lock the attempts that nobody works on, and return them, oldest first, and the newest one's note."""
    found: list[tuple[HeldAttempt, AttemptNote]] = []
    for directory in list_attempts(spool, crawl_id):
        lock = attempt_lock(directory)
        if not lock.acquire():
            continue
        note = read_note(directory)
        if note is None:
            lock.release()
            continue
        mend_attempt(directory)
        found.append((HeldAttempt(note.attempt, directory, lock), note))
    found.sort(key=lambda one: one[1].attempt.started)
    return [held for held, _ in found], found[-1][1] if found else None


def _commit(archive: Archive, held: list[HeldAttempt], note: AttemptNote, committed: bool) -> str | None:
    crawl = note.crawl
    taken = _taken_keys(archive, crawl)
    untaken = [path for one in held for path in one.warcs() if keys.warc(crawl, path.name) not in taken]
    new = [one.attempt for one in held if any(path.parent == one.directory for path in untaken)]
    attempt = new[-1] if new else note.attempt
    key = keys.late_manifest(crawl, attempt)
    left = [ledger for ledger in other_ledgers(archive, crawl) if ledger.key not in taken]
    if not new and (archive.store.stat(key) or (committed and not left)):
        _finish(archive, crawl, held)
        return None
    paths = untaken if committed else [path for one in held for path in one.warcs()]
    warcs = list(upload_warcs(archive, crawl, paths, with_outcomes=not committed))
    objects, tally = [stored for warc in warcs for stored in warc.objects], Tally()
    if not committed:
        acknowledged = [outcome for warc in warcs for outcome in warc.outcomes]
        ledger, tally = put_ledger(archive, crawl, attempt, _outcomes(held, acknowledged))
        objects.append(ledger)
    manifest = Manifest(
        crawl=crawl,
        source=note.source,
        source_digest=note.source.digest(),
        attempts=tuple(one.attempt for one in held),
        ended=archive.settings.now(),
        end_reason="late" if committed else "interrupted",
        software=archive.software,
        objects=tuple(objects),
        superseded=tuple(other for other in left if other.key != keys.ledger(crawl, attempt) or committed),
        discovered=tally.urls,
        counts=tally.counts(),
        wire_bytes=tally.wire_bytes,
        previous=archive.catalog.last_manifest(crawl.source_id),
        late=True,
    )
    return _put(archive, key, manifest, held)


def _put(archive: Archive, key: str, manifest: Manifest, held: list[HeldAttempt]) -> str | None:
    make_durable(archive)
    if not put_manifest(archive.store, key, manifest):
        log.warning("late manifest is there already", key=key)
        return None
    log.info("late manifest written", key=key, objects=len(manifest.objects))
    _finish(archive, manifest.crawl, held)
    return key


def _finish(archive: Archive, crawl: Crawl, held: list[HeldAttempt]) -> None:
    """Clean and publish what is committed of *crawl* and write its night's tables, which no step may do any more.

    Then empty the spool, so that whoever dies before is followed by one who does it all again; and free the hosts.
    """
    make_durable(archive)
    with WorkerPool(1) as workers:
        clean_crawl(archive, crawl, workers)
    publish_crawl(archive, crawl)
    write_night(archive, crawl.night)
    clear(held)
    for one in held:
        archive.coordination.release(archive.coordination.held_by(holder_of(one.attempt), archive.settings.now()))


def _taken_keys(archive: Archive, crawl: Crawl) -> set[str]:
    """Return the keys of every object that a manifest of *crawl* lists."""
    found = (read_manifest(archive.store, key) for key in crawl_manifests_of(archive.store, crawl))
    own = [manifest for manifest in found if manifest.crawl.id == crawl.id]
    return {stored.key for manifest in own for stored in (*manifest.objects, *manifest.superseded)}


def _outcomes(held: list[HeldAttempt], acknowledged: list[Outcome]) -> list[Outcome]:
    """Return one outcome a URL: the ledger of an attempt that ended; else what was acknowledged, and how the spool
    says that other URLs ended: ``interrupted`` unless it was without an exchange.
    """
    for one in reversed(held):
        if one.end:
            return list(read_outcomes(one.directory))
    found: dict[str, Outcome] = {}
    for one in held:
        if (one.directory / "discovered.jsonl").exists():
            found |= {outcome.url: outcome for outcome in read_outcomes(one.directory, "discovered.jsonl")}
    found |= {outcome.url: outcome for outcome in acknowledged}
    return list(found.values())
