"""Late commits: records that no manifest took are committed beside it, or in its stead once retries are spent."""

from __future__ import annotations

from pathlib import Path

import structlog

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.attempts import HeldAttempt, mend_attempt, read_note
from hemeroteca.archive.commit import clear, count_outcomes, make_durable, put_ledger, read_outcomes, upload_warcs
from spiders.job import AttemptNote
from storage import keys
from storage.manifests import manifests_of_night, put_manifest, read_manifest
from storage.model.crawl import Attempt, Crawl, Manifest
from storage.model.outcome import Outcome
from storage.spool import AttemptLock, list_attempts, list_crawls

log = structlog.get_logger()


def mark_spent(archive: Archive, crawl: Crawl) -> None:
    """Record that nobody will try *crawl* again: what is in its spool may be committed late."""
    archive.coordination.note(f"spent/{crawl.id}", str(crawl.night))


def sweep(archive: Archive) -> list[str]:
    """Commit late what lies in this machine's spool and may be; return the manifests' keys."""
    found = [commit_late(archive, crawl_id) for crawl_id in list_crawls(archive.settings.spool)]
    return [key for key in found if key]


def commit_late(archive: Archive, crawl_id: str) -> str | None:
    """Commit what the spool holds of a crawl beyond its manifests; None when there is nothing or it is too early.

    Beside the crawl's manifest captures only are added; without one, unfinished URLs are ``failed: interrupted``.
    """
    held, note = _hold(archive.settings.spool, crawl_id)
    try:
        if note is None:
            return None
        committed = archive.store.stat(keys.crawl_manifest(note.crawl)) is not None
        if not committed and archive.coordination.read_note(f"spent/{crawl_id}") is None:
            return None
        return _commit(archive, held, note, committed)
    finally:
        for attempt in held:
            attempt.lock.release()


def _hold(spool: Path, crawl_id: str) -> tuple[list[HeldAttempt], AttemptNote | None]:
    """Lock the attempts that nobody works on; attempts still worked on are left alone."""
    held: list[HeldAttempt] = []
    newest: AttemptNote | None = None
    for directory in list_attempts(spool, crawl_id):
        lock = AttemptLock(directory)
        if not lock.acquire():
            continue
        note = read_note(directory)
        if note is None:
            lock.release()
            continue
        mend_attempt(directory)
        held.append(HeldAttempt(note.attempt, directory, lock))
        if newest is None or note.attempt.started > newest.attempt.started:
            newest = note
    return held, newest


def _commit(archive: Archive, held: list[HeldAttempt], note: AttemptNote, committed: bool) -> str | None:
    crawl, attempt = note.crawl, note.attempt
    taken = _taken_keys(archive, crawl)
    paths = [path for one in held for path in one.warcs() if keys.warc(crawl, path.name) not in taken]
    if committed and not paths:
        clear(held)
        return None
    uploaded = upload_warcs(archive, crawl, paths)
    outcomes = [] if committed else _outcomes(held, uploaded.outcomes)
    ledger = () if committed else (put_ledger(archive, crawl, attempt, outcomes),)
    manifest = Manifest(
        crawl=crawl,
        source=note.source,
        source_digest=note.source.digest(),
        attempts=tuple(one.attempt for one in held),
        ended=archive.settings.now(),
        end_reason="late" if committed else "interrupted",
        software=archive.software,
        objects=(*uploaded.objects, *ledger),
        discovered=len(outcomes),
        counts=count_outcomes(outcomes),
        wire_bytes=sum(outcome.wire_bytes for outcome in outcomes),
        previous=archive.catalog.last_manifest(crawl.source_id),
        late=True,
    )
    return _put(archive, manifest, attempt, held)


def _put(archive: Archive, manifest: Manifest, attempt: Attempt, held: list[HeldAttempt]) -> str | None:
    key = keys.late_manifest(manifest.crawl, attempt)
    make_durable(archive)
    if not put_manifest(archive.store, key, manifest):
        log.warning("late manifest is there already", key=key)
        return None
    make_durable(archive)
    clear(held)
    log.info("late manifest written", key=key, objects=len(manifest.objects))
    return key


def _taken_keys(archive: Archive, crawl: Crawl) -> set[str]:
    """Return the keys of every object that a manifest of *crawl* lists."""
    found = (
        read_manifest(archive.store, key) for key in manifests_of_night(archive.store, crawl.night) if crawl.id in key
    )
    return {stored.key for manifest in found if manifest.crawl.id == crawl.id for stored in manifest.objects}


def _outcomes(held: list[HeldAttempt], acknowledged: list[Outcome]) -> list[Outcome]:
    """Return one outcome a URL: what was acknowledged, and ``interrupted`` for what was discovered and not ended."""
    found: dict[str, Outcome] = {}
    for one in held:
        for name in ("discovered.jsonl", "ledger.jsonl"):
            if (one.directory / name).exists():
                found |= {outcome.url: outcome for outcome in read_outcomes(one.directory, name)}
    found |= {outcome.url: outcome for outcome in acknowledged}
    return list(found.values())
