"""The probable cause of what is wrong with a crawl: found from its rows, documents and earlier nights, and noted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import structlog

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.watching.cause_notes import cause_note
from hemeroteca.archive.watching.probable_cause import CrawlFacts, DocumentFacts, find_cause
from storage.documents import DOCUMENT
from storage.kept import KeptCleaning, choose_current
from storage.model.crawl import Manifest
from storage.model.night import Night
from storage.model.outcome import Outcome

log = structlog.get_logger()

_LOOKED_BACK = 30
"""How many nights of a newspaper say what is usual."""
_WATCHED = frozenset({"nightly", "fresh", "manual"})
_MOST_CHARACTERS = 500


def note_cause(
    archive: Archive, manifest: Manifest, outcomes: Sequence[Outcome], cleanings: Iterable[KeptCleaning]
) -> None:
    """Note the probable cause of what is wrong with a crawl of a whole newspaper, or that nothing is.

    Raises FixityError for documents that are damaged.
    """
    crawl = manifest.crawl
    cause = find_cause(_gather(archive, manifest, outcomes, cleanings)) if crawl.trigger in _WATCHED else None
    note = cause_note(crawl.night, crawl.id)
    if cause is not None:
        log.warning("look at a newspaper", crawl_id=crawl.id, cause=cause)
        archive.coordination.write_note(note, cause[:_MOST_CHARACTERS])
    elif archive.coordination.read_note(note) is not None:
        archive.coordination.remove_note(note)


def _gather(
    archive: Archive, manifest: Manifest, outcomes: Sequence[Outcome], cleanings: Iterable[KeptCleaning]
) -> CrawlFacts:
    return CrawlFacts(
        source=manifest.source,
        outcomes=outcomes,
        documents=list(_read_documents(archive, cleanings)),
        new_by_night=_count_new(archive, manifest),
    )


def _count_new(archive: Archive, manifest: Manifest) -> list[int]:
    """Return how many new articles the newspaper's last nights brought, by all their crawls but backfills."""
    crawl, source = manifest.crawl, manifest.source
    most = _LOOKED_BACK * source.visits
    rows = archive.catalog.last_crawls(source.id, most, before=crawl.night) + archive.catalog.find_crawls(
        crawl.night, source.id
    )
    found: dict[Night, int] = {}
    for row in rows:
        if row.trigger != "backfill" and not row.late:
            found[row.night] = found.get(row.night, 0) + row.new_articles
    return [found[night] for night in sorted(found)] if crawl.night in found else []  # else it is not published yet


def _read_documents(archive: Archive, cleanings: Iterable[KeptCleaning]) -> Iterator[DocumentFacts]:
    for current in choose_current(cleanings):
        for stored in archive.holdings.find_objects(current.first.manifest, DOCUMENT):
            rows = archive.holdings.read_rows(stored).select(["url", "title", "quality_flags", "without_text"])
            for row in rows.to_pylist():
                lacking = {"untitled": not row["title"], "without text": row["without_text"] is not None}
                flags = (*row["quality_flags"], *(name for name, lacks in lacking.items() if lacks))
                yield DocumentFacts(row["url"], flags)
