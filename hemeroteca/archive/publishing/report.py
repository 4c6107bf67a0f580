"""The verdict on a run: which sources failed, and whether every sum matches."""

from __future__ import annotations

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.crawling.plan import PlannedCrawl, RunRef, read_plan
from storage import keys
from storage.ledger import LEDGERS
from storage.model.crawl import Manifest
from storage.model.errors import RunFailedError
from storage.model.outcome import STORED
from storage.model.source import DISCOVERY_TRAITS

NOT_MODIFIED = 304
NO_DISCOVERY_READ = "none of its feeds, sitemaps or sections could be read"


def judge_run(archive: Archive, run: RunRef) -> None:
    """Raise RunFailedError, in one line, when a source of *run* failed or its sums do not match."""
    wrong = [why for planned in read_plan(archive, run).crawls() if (why := _find_fault(archive, planned))]
    if wrong:
        raise RunFailedError("; ".join(wrong))


def _find_fault(archive: Archive, planned: PlannedCrawl) -> str | None:
    crawl = planned.crawl
    manifest = archive.holdings.find_manifest(keys.crawl_manifest(crawl))
    if manifest is None:
        return f"{crawl.source_id}: its crawl was not finished"
    counted = sum(count.urls for count in manifest.counts)
    if counted != manifest.discovered:
        return f"{crawl.source_id}: {manifest.discovered} URLs discovered, {counted} accounted for"
    row = [row for row in archive.catalog.find_crawls(crawl.night, crawl.source_id) if row.crawl_id == crawl.id]
    if not row:
        return f"{crawl.source_id}: its crawl is committed and not published"
    if not planned.only_urls and not count_discoveries_read(archive, manifest):
        return f"{crawl.source_id}: {NO_DISCOVERY_READ}"
    return None


def count_discoveries_read(archive: Archive, manifest: Manifest) -> int:
    """Return how many feeds, sitemaps and sections were read; one that only redirects was not."""
    ledgers = archive.holdings.find_objects(manifest, *LEDGERS)
    outcomes = [outcome for stored in ledgers for outcome in archive.holdings.read_outcomes(stored)]
    found = [outcome for outcome in outcomes if outcome.purpose in DISCOVERY_TRAITS and outcome.state in STORED]
    return sum(1 for outcome in found if outcome.status == NOT_MODIFIED or not 300 <= (outcome.status or 0) < 400)
