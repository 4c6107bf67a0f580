"""Site memory: each cleaning adds its texts to what is remembered about a source, for crawls that start later.

What changes is stored, page by page, and not how: whoever reads it later needs none of the rules of today.
"""

from __future__ import annotations

import secrets
from typing import NamedTuple

import structlog

from hemeroteca.archive.archive import Archive
from hemeroteca.extraction.recurring_lines import (
    SiteMemory,
    keep_newest_pages,
    learn_site_memory,
    list_learnable_lines,
    remember_page,
)
from storage.holdings import Holdings
from storage.model.crawl import Crawl, StoredObject
from storage.model.document import TextManifest
from storage.model.errors import FixityError, StorageError
from storage.model.remembered import RememberedPage, StoredSiteMemory
from storage.site_memory import MOST_OBJECTS, KeptMemory, put_site_memory

log = structlog.get_logger()

_MOST_PUTS = 2
"""How often a memory is put before the store counts as one that keeps nothing."""


class RecalledMemory(NamedTuple):
    """What is remembered of a source's pages, and where that is stored."""

    pages: tuple[RememberedPage, ...] = ()
    kept: KeptMemory | None = None
    lines: SiteMemory | None = None
    """The lines that recur on them; None when none do."""

    @property
    def used(self) -> StoredObject | None:
        """The stored memory, where it has a part in documents."""
        return self.kept.stored if self.kept and self.lines else None


def recall_memory(holdings: Holdings, crawl: Crawl) -> RecalledMemory:
    """Return what was last known of the source before *crawl* started, and is whole."""
    kept = holdings.read_site_memory_before(crawl)
    if kept is None:
        return RecalledMemory()
    pages = keep_newest_pages(kept.pages, crawl.night)
    return RecalledMemory(pages, kept, learn_site_memory(pages))


def update_memory(archive: Archive, crawl: Crawl, recalled: RecalledMemory, made: TextManifest) -> StoredObject | None:
    """Put what the texts of *made* change of what was *recalled*; None where they change nothing: what was recalled is
    remembered further.
    """
    documents = (document for stored in made.objects for document in archive.holdings.read_documents(stored))
    texts = [remember_page(one.url, lines, crawl.night) for one in documents if (lines := list_learnable_lines(one))]
    if not texts:
        return None
    kept = recalled.kept
    memory = StoredSiteMemory(
        source_id=crawl.source_id,
        crawl_id=crawl.id,
        learned=archive.settings.now(),
        software=archive.software,
        previous=kept.stored.key if kept else None,
        pages=keep_newest_pages([*recalled.pages, *texts], crawl.night),
    )
    new = _leave_out_known(memory, kept) if kept else memory
    return _put_whole(archive, crawl, new) if new else None


def _put_whole(archive: Archive, crawl: Crawl, memory: StoredSiteMemory) -> StoredObject:
    """Put a memory, once more where the store did not keep it whole. Raises StorageError."""
    for _ in range(_MOST_PUTS):
        stored = put_site_memory(archive.store, crawl, memory, secrets.token_hex(4))
        try:
            archive.holdings.check(stored)
            return stored
        except FixityError as error:
            log.error("put again", key=stored.key, reason=str(error))
    raise StorageError(f"{stored.key}: the store did not keep this object whole")


def _leave_out_known(memory: StoredSiteMemory, kept: KeptMemory) -> StoredSiteMemory | None:
    """Return what of *memory* differs from *kept*, which it grew from: all of it where that would be more, or need too
    many objects; None when nothing differs.
    """
    before, now = ({one.page: one for one in pages} for pages in (kept.pages, memory.pages))
    new = tuple(one for one in memory.pages if before.get(one.page) != one)
    forgotten = tuple(sorted(before.keys() - now.keys()))
    if not new and not forgotten:
        return None
    if kept.objects >= MOST_OBJECTS or len(new) + len(forgotten) > len(now):
        return memory
    return memory.model_copy(update={"previous": None, "adds_to": kept.stored, "forgotten": forgotten, "pages": new})
