"""Committing a crawl: its files go into the bucket, and then the manifest that makes it real."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import structlog

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.crawling.attempts import HeldAttempt, StoredWarc, holder_of
from hemeroteca.archive.crawling.plan import PlannedCrawl
from hemeroteca.archive.crawling.scraped import FetchedPages, choose_items
from hemeroteca.archive.crawling.upload import make_durable, measure_object, upload_content, upload_warcs
from storage import keys
from storage.items import ITEMS, write_items
from storage.ledger import LEDGER, write_ledger
from storage.manifests import put_manifest
from storage.model.crawl import Attempt, Crawl, Manifest, OutcomeCount, StoredObject
from storage.model.errors import FencedError, MissingObjectError, StorageError
from storage.model.outcome import Kind, Outcome, State
from storage.model.scraped_item import ScrapedItem
from storage.model.source import Source
from storage.spool import remove_attempt

log = structlog.get_logger()


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
    objects, passed = gather_objects(warcs)
    ledger, tally = put_ledger(archive, crawl, winner.attempt, read_outcomes(winner.directory))
    objects += [ledger, *put_items(archive, crawl, winner.attempt, _find_items(winner, others))]
    manifest = make_manifest(
        archive,
        crawl,
        planned.source,
        tally,
        attempts=tuple(held.attempt for held in attempts),
        ended=end.ended,
        end_reason=end.reason,
        objects=tuple(objects),
        superseded=find_superseded(archive, crawl, objects, passed),
        gaps=end.gaps,
        left_pending=end.pending,
    )
    key = keys.crawl_manifest(crawl)
    if not put_whole(archive, key, manifest):
        raise FencedError(f"{key}: another try of this crawl has been committed")
    archive.coordination.release_leases(leases)
    log.info("manifest written", crawl_id=crawl.id, key=key, discovered=manifest.discovered)
    clear_spool(attempts)
    return key


def gather_objects(warcs: Iterable[StoredWarc]) -> tuple[list[StoredObject], list[StoredObject]]:
    """Return the objects of *warcs*, and those that were passed over; nothing else of them stays in memory."""
    objects: list[StoredObject] = []
    passed: list[StoredObject] = []
    for warc in warcs:
        objects += warc.objects
        passed += warc.superseded
    return objects, passed


def put_whole(archive: Archive, key: str, manifest: Manifest) -> bool:
    """Put a manifest of a crawl and read it back; False when another is there. Raises FixityError, StorageError."""
    if not put_manifest(archive.store, key, manifest):
        return False
    make_durable(archive)
    try:
        archive.holdings.read_manifest(key)
    except MissingObjectError as error:
        raise StorageError(f"{key}: was stored, but the store does not return it") from error
    return True


class Tally:
    """The sums of the outcomes that pass through ``count``: those of a million URLs need not be in memory at once."""

    def __init__(self) -> None:
        self.urls = 0
        self.wire_bytes = 0
        self.given_up = 0
        self._counts: Counter[tuple[Kind, State, str | None]] = Counter()

    def count(self, outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
        for outcome in outcomes:
            self.urls += 1
            self.wire_bytes += outcome.wire_bytes
            self.given_up += outcome.pending == "given_up"
            self._counts[outcome.purpose, outcome.state, outcome.reason] += 1
            yield outcome

    def counts(self) -> tuple[OutcomeCount, ...]:
        """Return how many there were by purpose, state and reason."""
        ordered = sorted(self._counts.items(), key=lambda item: (item[0][0], item[0][1], item[0][2] or ""))
        return tuple(OutcomeCount(purpose=p, state=s, reason=r, urls=n) for (p, s, r), n in ordered)


def put_ledger(
    archive: Archive, crawl: Crawl, attempt: Attempt, outcomes: Iterable[Outcome]
) -> tuple[StoredObject, Tally]:
    """Store the ledger of an attempt, one outcome a URL, and return it with its sums."""
    tally = Tally()
    content = write_ledger(tally.count(outcomes))
    key, written = keys.ledger(crawl, attempt), (LEDGER, tally.urls)
    return upload_content(archive, key, content, written).stored, tally


def put_items(archive: Archive, crawl: Crawl, attempt: Attempt, items: Iterable[ScrapedItem]) -> Iterator[StoredObject]:
    """Store the items of an attempt, and yield their object; nothing where there are none."""
    written = write_items(items)
    if written.number:
        yield upload_content(archive, keys.items(crawl, attempt), written.content, (ITEMS, written.number)).stored


def _find_items(winner: HeldAttempt, others: Iterable[HeldAttempt]) -> Iterator[ScrapedItem]:
    """Yield the items that count: those of *others* first, of pages that *winner* has not fetched again."""
    older = sorted(others, key=lambda held: held.attempt.started)
    directories = [held.directory for held in (*older, winner)]
    return choose_items(directories, winner.directory, find_fetched_again(winner))


def find_fetched_again(ended: HeldAttempt) -> FetchedPages:
    """Return the pages that an attempt which has ended fetched itself, and did not adopt."""
    adopted = (one.record_id for one in read_outcomes(ended.directory, "adopted.jsonl"))
    return FetchedPages(read_outcomes(ended.directory), adopted)


def find_superseded(
    archive: Archive, crawl: Crawl, listed: Iterable[StoredObject], passed: Iterable[StoredObject]
) -> tuple[StoredObject, ...]:
    """Return what does not count beside *listed*: the objects *passed* over, and every other ledger of the crawl
    and all other items.
    """
    counted = {stored.key for stored in listed}
    found = {stored.key: stored for stored in passed}
    for key in list_attempts_own(archive, crawl):
        if key not in counted and key not in found:
            found[key] = measure_object(archive, key)
    return tuple(found[key] for key in sorted(found.keys() - counted))


def list_attempts_own(archive: Archive, crawl: Crawl) -> Iterator[str]:
    """Yield the keys of what each attempt at *crawl* puts of its own when it ends: ledgers and items."""
    for prefix in (keys.ledgers_of(crawl), keys.items_of(crawl)):
        yield from archive.store.list_keys(prefix)


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


def make_manifest(archive: Archive, crawl: Crawl, source: Source, tally: Tally, **facts: Any) -> Manifest:
    """Return the manifest of *crawl*: what *tally* counted, what made it, and the *facts* that differ each time.

    A crawl started when the first of its attempts did: it may have been planned before, or once more since.
    """
    return Manifest(
        crawl=crawl.replace(started=min(attempt.started for attempt in facts["attempts"])),
        source=source,
        source_digest=source.digest(),
        software=archive.software,
        discovered=tally.urls,
        counts=tally.counts(),
        wire_bytes=tally.wire_bytes,
        given_up=tally.given_up,
        previous=archive.catalog.find_last_manifest(crawl.source_id),
        **facts,
    )
