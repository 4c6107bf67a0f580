"""What was not read before a crawl: gaps and missed nights, and whether a backfill looked for them since."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hemeroteca.archive.archive import Archive
    from storage.catalog import CrawlRow

_HOUR, _DAY = 3600, 24 * 3600


def find_gap(crawl: CrawlRow, backfills: Sequence[CrawlRow]) -> dict[str, object]:
    """Return its longest gap in seconds, the missed nights before it, whether the gaps were backfilled."""
    longest = max((_seconds(crawl, number) for number in range(len(crawl.gaps))), default=None)
    return {
        "gap_seconds": longest,
        "missed_nights": count_missed_nights(crawl),
        "backfilled": _is_filled(crawl, backfills),
    }


def format_gap(crawl: CrawlRow, backfills: Sequence[CrawlRow]) -> str:
    """Return the same for a table's cell: ``31h``, ``3d``, ``2n``, ``-`` for none; ``+`` when it was backfilled."""
    facts = find_gap(crawl, backfills)
    seconds, nights = facts["gap_seconds"], count_missed_nights(crawl)
    if isinstance(seconds, float):
        words = f"{seconds / _HOUR:.0f}h" if seconds < 2 * _DAY else f"{seconds / _DAY:.0f}d"
    else:
        words = f"{nights}n" if nights else "-"
    return f"{words}+" if facts["backfilled"] else words


def count_missed_nights(crawl: CrawlRow) -> int:
    """Return how many nights lie between *crawl*, if it is a nightly one, and the nightly one before it."""
    if crawl.nightly_before is None or crawl.trigger != "nightly":
        return 0
    return (crawl.night - crawl.nightly_before).days - 1


def find_filling(archive: Archive, crawls: Iterable[CrawlRow]) -> list[CrawlRow]:
    """Return the backfills that may have filled gaps of *crawls* since."""
    with_gaps = [crawl for crawl in crawls if crawl.gaps]
    if not with_gaps:
        return []
    sources = {crawl.source_id for crawl in with_gaps}
    return archive.catalog.find_backfills(sources, min(crawl.started for crawl in with_gaps))


def find_empty_backfills(crawls: Iterable[CrawlRow]) -> Iterator[str]:
    """Yield a line for each backfill whose articles can no longer be discovered."""
    for crawl in crawls:
        wanted = [c for c in crawl.counts if c.purpose == "article" and c.reason not in ("other_night", "scope")]
        if crawl.for_since and not wanted:
            nights = f"{crawl.for_since} to {crawl.for_until}"
            yield f"{crawl.source_id}: {nights}: nothing lists the articles of those nights any more"


def _seconds(crawl: CrawlRow, number: int) -> float:
    gap = crawl.gaps[number]
    return ((gap.until or crawl.started) - gap.since).total_seconds()


def _is_filled(crawl: CrawlRow, backfills: Sequence[CrawlRow]) -> bool:
    """Say whether each day of each gap was looked for by a later backfill of its source."""
    spans = [(gap.since.date(), (gap.until or crawl.started).date()) for gap in crawl.gaps]
    later = [one for one in backfills if one.source_id == crawl.source_id and one.started >= crawl.started]
    looked = [(one.for_since, one.for_until) for one in later if one.for_since and one.for_until]
    return bool(spans) and all(
        any(first <= since and until <= last for first, last in looked) for since, until in spans
    )
