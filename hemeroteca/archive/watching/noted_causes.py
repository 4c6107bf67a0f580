"""What each newspaper's night says of it: the probable cause of what is wrong, found once, noted for ``status``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import structlog

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.watching.cause_notes import cause_note
from hemeroteca.archive.watching.probable_cause import CrawlFacts, DocumentFacts, find_cause
from storage.documents import DOCUMENT
from storage.kept import KeptCleaning, choose_current
from storage.ledger import LEDGERS
from storage.model.crawl import Manifest

log = structlog.get_logger()

_LOOKED_BACK = 30
"""How many of a newspaper's nightly crawls say what is usual."""
_WATCHED = ("nightly", "manual")


def note_cause(archive: Archive, manifest: Manifest, cleanings: Iterable[KeptCleaning]) -> None:
    """Note the probable cause of what is wrong with a crawl of a whole newspaper, or that nothing is.

    Raises FixityError for a ledger or documents that are damaged.
    """
    crawl = manifest.crawl
    cause = find_cause(_gather(archive, manifest, cleanings)) if crawl.trigger in _WATCHED else None
    note = cause_note(crawl.night, crawl.id)
    if cause is not None:
        log.warning("look at a newspaper", crawl_id=crawl.id, cause=cause)
        archive.coordination.write_note(note, cause)
    elif archive.coordination.read_note(note) is not None:
        archive.coordination.remove_note(note)


def _gather(archive: Archive, manifest: Manifest, cleanings: Iterable[KeptCleaning]) -> CrawlFacts:
    crawl, holdings = manifest.crawl, archive.holdings
    earlier = archive.catalog.last_crawls(crawl.source_id, _LOOKED_BACK, "nightly", crawl.night)
    return CrawlFacts(
        source=manifest.source,
        outcomes=[
            outcome
            for stored in holdings.find_objects(manifest, *LEDGERS)
            for outcome in holdings.read_outcomes(stored)
        ],
        documents=list(_read_documents(archive, cleanings)),
        new_before=[row.new_articles for row in earlier],
    )


def _read_documents(archive: Archive, cleanings: Iterable[KeptCleaning]) -> Iterator[DocumentFacts]:
    for current in choose_current(cleanings):
        for stored in archive.holdings.find_objects(current.first.manifest, DOCUMENT):
            for row in archive.holdings.read_rows(stored).select(["url", "title", "quality_flags"]).to_pylist():
                yield DocumentFacts(row["url"], row["title"], tuple(row["quality_flags"]))
