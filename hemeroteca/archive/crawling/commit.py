"""Committing a crawl: its files go into the bucket, then the manifest that makes it real."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import structlog

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.crawling.attempts import HeldAttempt, StoredWarc, holder_of, note_stored_warc, read_stored_warc
from hemeroteca.archive.crawling.plan import PlannedCrawl
from storage import keys
from storage.captures.index import INDEX_SCHEMA, RECORDS_SCHEMA, read_cdxj, read_records_index, write_index
from storage.files import sync_filesystem
from storage.ledger import LEDGER, read_ledger, write_ledger
from storage.manifests import put_manifest
from storage.model.crawl import Attempt, Crawl, Manifest, OutcomeCount, StoredObject
from storage.model.errors import AlreadyStoredError, FencedError, FixityError, StorageError
from storage.model.outcome import Kind, Outcome, State
from storage.model.source import Source
from storage.spool import is_stored, list_warcs, remove_attempt

log = structlog.get_logger()

WARC = "warc/1.1"
_READERS: dict[str, Callable[[bytes], list[Any]]] = {
    INDEX_SCHEMA: read_cdxj,
    RECORDS_SCHEMA: read_records_index,
    LEDGER: read_ledger,
}


def commit_crawl(archive: Archive, planned: PlannedCrawl, winner: HeldAttempt, others: list[HeldAttempt]) -> str:
    """Put everything of a crawl whose source ended in *winner* into the bucket, commit it, and empty the spool.

    Returns the manifest's key. Raises FencedError when another try's manifest is there; the files stay in the spool.
    """
    crawl, end = planned.crawl, winner.end
    if end is None:
        raise StorageError(f"{crawl.id}: {winner.attempt.nonce}: has not ended")
    leases = archive.coordination.find_leases(holder_of(winner.attempt), archive.settings.now())
    archive.coordination.renew_leases(leases, archive.settings.now())
    attempts = [winner, *others]
    warcs = upload_warcs(archive, crawl, [path for held in attempts for path in held.warcs()])
    objects = [stored for warc in warcs for stored in warc.objects]
    ledger, tally = put_ledger(archive, crawl, winner.attempt, read_outcomes(winner.directory))
    manifest = make_manifest(
        archive,
        crawl,
        planned.source,
        tally,
        attempts=tuple(held.attempt for held in attempts),
        ended=end.ended,
        end_reason=end.reason,
        objects=(*objects, ledger),
        superseded=tuple(other for other in other_ledgers(archive, crawl) if other.key != ledger.key),
        gaps=end.gaps,
    )
    make_durable(archive)
    key = keys.crawl_manifest(crawl)
    if not put_manifest(archive.store, key, manifest):
        raise FencedError(f"{key}: another try of this crawl is committed")
    archive.coordination.release_leases(leases)
    log.info("manifest written", crawl_id=crawl.id, key=key, discovered=manifest.discovered)
    make_durable(archive)
    clear_spool(attempts)
    return key


def upload_warcs(
    archive: Archive, crawl: Crawl, paths: Iterable[Path], with_outcomes: bool = False
) -> Iterator[StoredWarc]:
    """Put each WARC file and its two indexes, unless the bucket has them; what is there must be the same."""
    for path in paths:
        yield read_stored_warc(path) or _upload(archive, crawl, path, with_outcomes)


def upload_closed(archive: Archive, crawl: Crawl, directory: Path) -> None:
    """Put the WARC files that a running attempt has closed, and note those that are stored durably: they may go."""
    for path in list_warcs(directory):
        if not is_stored(path):
            stored = _upload(archive, crawl, path, with_outcomes=True)
            make_durable(archive)
            note_stored_warc(path, stored)
            log.info("warc stored", crawl_id=crawl.id, file=path.name)


def _upload(archive: Archive, crawl: Crawl, path: Path, with_outcomes: bool) -> StoredWarc:
    key = keys.warc(crawl, path.name)
    index = write_index(path, crawl, key, with_outcomes)
    sha256 = archive.store.put_new_file(key, path, schema=WARC, content_type="application/warc")
    objects = (
        StoredObject(key=key, bytes=path.stat().st_size, sha256=sha256, records=index.lines, schema_name=WARC),
        _put_same(archive, keys.cdxj(crawl, path.name), index.cdxj, index.captures, INDEX_SCHEMA),
        _put_same(archive, keys.records(crawl, path.name), index.records, index.lines, RECORDS_SCHEMA),
    )
    return StoredWarc(objects=objects, outcomes=index.outcomes)


class Tally:
    """The sums of the outcomes that pass through ``count``: those of a million URLs need not be in memory at once."""

    def __init__(self) -> None:
        self.urls = 0
        self.wire_bytes = 0
        self._counts: Counter[tuple[Kind, State, str | None]] = Counter()

    def count(self, outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
        for outcome in outcomes:
            self.urls += 1
            self.wire_bytes += outcome.wire_bytes
            self._counts[outcome.purpose, outcome.state, outcome.reason] += 1
            yield outcome

    def counts(self) -> tuple[OutcomeCount, ...]:
        """Return how many there were by purpose, state and reason."""
        ordered = sorted(self._counts.items(), key=lambda item: (item[0][0], item[0][1], item[0][2] or ""))
        return tuple(OutcomeCount(purpose=p, state=s, reason=r, urls=n) for (p, s, r), n in ordered)


def put_ledger(
    archive: Archive, crawl: Crawl, attempt: Attempt, outcomes: Iterable[Outcome]
) -> tuple[StoredObject, Tally]:
    """Put the ledger of an attempt, one outcome a URL, and return it with its sums."""
    tally = Tally()
    content = write_ledger(tally.count(outcomes))
    return _put_same(archive, keys.ledger(crawl, attempt), content, tally.urls, LEDGER), tally


def other_ledgers(archive: Archive, crawl: Crawl) -> list[StoredObject]:
    """Return every ledger that a try of *crawl* has put, also of tries that failed."""
    found = [archive.store.stat(key) for key in sorted(archive.store.list_keys(keys.ledgers_of(crawl)))]
    return [
        StoredObject(key=o.key, bytes=o.bytes, sha256=o.sha256 or "", records=0, schema_name=o.schema_name or LEDGER)
        for o in found
        if o
    ]


def read_outcomes(directory: Path, name: str = "ledger.jsonl") -> Iterator[Outcome]:
    """Yield the outcomes that a crawl process left in its spool, without a last line that was cut."""
    with (directory / name).open("rb") as file:
        for line in file:
            if line.endswith(b"\n"):
                yield Outcome.model_validate_json(line)


def clear_spool(attempts: Iterable[HeldAttempt]) -> None:
    """Remove attempts that the bucket has durably."""
    for held in attempts:
        remove_attempt(held.directory)
        held.lock.release()


def make_durable(archive: Archive) -> None:
    """Have the kernel write to disk what the embedded server acknowledged: it does not fsync, as other stores do."""
    if not archive.settings.embedded_s3:
        return
    sync_filesystem(archive.settings.home.s3_data)


def make_manifest(archive: Archive, crawl: Crawl, source: Source, tally: Tally, **facts: Any) -> Manifest:
    """Return the manifest of *crawl*: what *tally* counted, what made it, and the *facts* that differ each time."""
    return Manifest(
        crawl=crawl,
        source=source,
        source_digest=source.digest(),
        software=archive.software,
        discovered=tally.urls,
        counts=tally.counts(),
        wire_bytes=tally.wire_bytes,
        previous=archive.catalog.find_last_manifest(crawl.source_id),
        **facts,
    )


def _put_same(archive: Archive, key: str, content: bytes, records: int, schema: str) -> StoredObject:
    """Put *content*. An object that is there already must decode to the same: compressors differ between machines."""
    try:
        archive.store.put_new(key, content, schema=schema)
    except AlreadyStoredError:
        stored, read = archive.holdings.read_unlisted(key), _READERS[schema]
        if read(stored) != read(content):
            raise FixityError(f"{key}: holds something else than the file that it is made from") from None
        found = archive.store.stat(key)
        content, schema = stored, (found and found.schema_name) or schema
    return StoredObject.of(key, content, schema, records)
