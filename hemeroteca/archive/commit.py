"""Committing a crawl: its files into the bucket, then the manifest that makes it real."""

from __future__ import annotations

import ctypes
import hashlib
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import structlog

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.attempts import HeldAttempt, StoredWarc, holder_of, note_stored, read_stored
from spiders.job import EndNote
from storage import keys
from storage.index import INDEX_SCHEMA, RECORDS_SCHEMA, index_warc, read_cdxj, read_records, write_cdxj, write_records
from storage.ledger import read_ledger, write_ledger
from storage.manifests import put_manifest
from storage.model.crawl import Attempt, Crawl, Manifest, OutcomeCount, StoredObject
from storage.model.errors import AlreadyStoredError, FencedError, FixityError, StorageError
from storage.model.outcome import Outcome
from storage.model.source import Source
from storage.spool import is_stored, list_warcs

log = structlog.get_logger()

WARC = "warc/1.1"
LEDGER = "ledger/1"
_READERS: dict[str, Callable[[bytes], list[Any]]] = {
    INDEX_SCHEMA: read_cdxj,
    RECORDS_SCHEMA: read_records,
    LEDGER: read_ledger,
}


def commit_crawl(archive: Archive, source: Source, crawl: Crawl, winner: HeldAttempt, others: list[HeldAttempt]) -> str:
    """Put everything of a crawl whose source ended in *winner* into the bucket, commit it, and empty the spool.

    Returns the manifest's key. Raises FencedError when another try's manifest is there; the files stay in the spool.
    """
    end = winner.end
    if end is None:
        raise StorageError(f"{crawl.id}: {winner.attempt.nonce}: has not ended")
    leases = archive.coordination.held_by(holder_of(winner.attempt), archive.settings.now())
    archive.coordination.renew(leases, archive.settings.now())
    attempts = [winner, *others]
    outcomes = read_outcomes(winner.directory)
    uploaded = upload_warcs(archive, crawl, [path for held in attempts for path in held.warcs()])
    ledger = put_ledger(archive, crawl, winner.attempt, outcomes)
    manifest = _manifest(archive, source, crawl, end, outcomes).replace(
        attempts=tuple(held.attempt for held in attempts),
        objects=(*uploaded.objects, ledger),
        superseded=tuple(other for other in other_ledgers(archive, crawl) if other.key != ledger.key),
    )
    make_durable(archive)
    key = keys.crawl_manifest(crawl)
    if not put_manifest(archive.store, key, manifest):
        raise FencedError(f"{key}: another try of this crawl is committed")
    archive.coordination.release(leases)
    log.info("manifest written", crawl_id=crawl.id, key=key, discovered=manifest.discovered)
    make_durable(archive)
    clear(attempts)
    return key


def upload_warcs(archive: Archive, crawl: Crawl, paths: Iterable[Path]) -> StoredWarc:
    """Put each WARC file and its two indexes, unless the bucket has them; what is there must be the same."""
    stored = [read_stored(path) or _upload(archive, crawl, path) for path in paths]
    return StoredWarc(
        objects=tuple(one for warc in stored for one in warc.objects),
        outcomes=tuple(one for warc in stored for one in warc.outcomes),
    )


def upload_closed(archive: Archive, crawl: Crawl, directory: Path) -> None:
    """Put the WARC files that a running attempt has closed, and note each that is stored durably: it may go."""
    for path in list_warcs(directory):
        if not is_stored(path):
            stored = _upload(archive, crawl, path)
            make_durable(archive)
            note_stored(path, stored)
            log.info("warc stored", crawl_id=crawl.id, file=path.name)


def _upload(archive: Archive, crawl: Crawl, path: Path) -> StoredWarc:
    key = keys.warc(crawl, path.name)
    index = index_warc(path, crawl, key)
    sha256 = archive.store.put_new_file(key, path, schema=WARC, content_type="application/warc")
    cdxj, records = write_cdxj(index.captures), write_records(index.records)
    objects = (
        _stored(key, path.stat().st_size, sha256, len(index.records), WARC),
        _put_same(archive, keys.cdxj(crawl, path.name), cdxj, len(index.captures), INDEX_SCHEMA),
        _put_same(archive, keys.records(crawl, path.name), records, len(index.records), RECORDS_SCHEMA),
    )
    return StoredWarc(objects=objects, outcomes=tuple(index.outcomes))


def put_ledger(archive: Archive, crawl: Crawl, attempt: Attempt, outcomes: list[Outcome]) -> StoredObject:
    """Put the ledger of an attempt."""
    return _put_same(archive, keys.ledger(crawl, attempt), write_ledger(outcomes), len(outcomes), LEDGER)


def other_ledgers(archive: Archive, crawl: Crawl) -> list[StoredObject]:
    """Return the ledgers that tries of *crawl* had put, whatever became of them."""
    found = [archive.store.stat(key) for key in sorted(archive.store.keys(keys.ledgers_of(crawl)))]
    return [_stored(o.key, o.bytes, o.sha256 or "", 0, o.schema_name or LEDGER) for o in found if o]


def read_outcomes(directory: Path, name: str = "ledger.jsonl") -> list[Outcome]:
    """Return the outcomes that a crawl process left in its spool; a last line that was cut is passed over."""
    lines = (directory / name).read_text().split("\n")[:-1]
    return [Outcome.model_validate_json(line) for line in lines]


def count_outcomes(outcomes: Iterable[Outcome]) -> tuple[OutcomeCount, ...]:
    """Count *outcomes* by purpose, state and reason."""
    counts = Counter((outcome.purpose, outcome.state, outcome.reason) for outcome in outcomes)
    ordered = sorted(counts.items(), key=lambda item: (item[0][0], item[0][1], item[0][2] or ""))
    return tuple(OutcomeCount(purpose=p, state=s, reason=r, urls=n) for (p, s, r), n in ordered)


def clear(attempts: Iterable[HeldAttempt]) -> None:
    """Remove attempts that the bucket holds durably, and the crawl's directory with the last of them."""
    for held in attempts:
        shutil.rmtree(held.directory)
        held.lock.release()
        if not any(held.directory.parent.iterdir()):
            held.directory.parent.rmdir()


def make_durable(archive: Archive) -> None:
    """Have the kernel write what the embedded server acknowledged: it calls no fsync itself. Other stores do."""
    if not archive.settings.embedded_s3:
        return
    descriptor = os.open(archive.settings.home / "s3" / "data", os.O_RDONLY)
    try:
        if ctypes.CDLL(None, use_errno=True).syncfs(descriptor):
            raise StorageError(f"{archive.settings.home}: syncfs: {os.strerror(ctypes.get_errno())}")
    finally:
        os.close(descriptor)


def _manifest(archive: Archive, source: Source, crawl: Crawl, end: EndNote, outcomes: list[Outcome]) -> Manifest:
    return Manifest(
        crawl=crawl,
        source=source,
        source_digest=source.digest(),
        attempts=(),
        ended=end.ended,
        end_reason=end.reason,
        software=archive.software,
        objects=(),
        discovered=len({outcome.url for outcome in outcomes}),
        counts=count_outcomes(outcomes),
        gaps=end.gaps,
        wire_bytes=sum(outcome.wire_bytes for outcome in outcomes),
        previous=archive.catalog.last_manifest(crawl.source_id),
    )


def _put_same(archive: Archive, key: str, content: bytes, records: int, schema: str) -> StoredObject:
    """Put *content*; where an earlier try put it, that must say the same (compressors differ between machines)."""
    try:
        sha256 = archive.store.put_new(key, content, schema=schema)
    except AlreadyStoredError:
        stored, read = archive.store.read(key), _READERS[schema]
        if read(stored) != read(content):
            raise FixityError(f"{key}: holds something else than what it is made from") from None
        content, sha256 = stored, hashlib.sha256(stored).hexdigest()
        found = archive.store.stat(key)
        schema = (found and found.schema_name) or schema
    return _stored(key, len(content), sha256, records, schema)


def _stored(key: str, size: int, sha256: str, records: int, schema: str) -> StoredObject:
    return StoredObject.model_validate(
        {"key": key, "bytes": size, "sha256": sha256, "records": records, "schema": schema}
    )
