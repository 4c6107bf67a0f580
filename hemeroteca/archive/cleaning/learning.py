"""Site memory: each cleaning adds its texts to what is remembered of a source, for the crawls that start later."""

from __future__ import annotations

import secrets
from typing import NamedTuple

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
from storage.model.remembered import RememberedPage, StoredSiteMemory
from storage.site_memory import put_site_memory


class RecalledMemory(NamedTuple):
    """What is remembered of a source's pages, and where that is stored."""

    pages: tuple[RememberedPage, ...] = ()
    stored: StoredObject | None = None
    lines: SiteMemory | None = None
    """The lines that recur on them; None when none do."""

    @property
    def used(self) -> StoredObject | None:
        """The stored memory, where it has a part in documents."""
        return self.stored if self.lines else None


def recall_memory(holdings: Holdings, crawl: Crawl) -> RecalledMemory:
    """Return what was last learned of the source before *crawl* started, and is whole."""
    found = holdings.read_site_memory_before(crawl)
    if found is None:
        return RecalledMemory()
    stored, where = found
    pages = keep_newest_pages(stored.pages, crawl.night)
    return RecalledMemory(pages, where, learn_site_memory(pages))


def update_memory(archive: Archive, crawl: Crawl, recalled: RecalledMemory, made: TextManifest) -> StoredObject | None:
    """Put what was *recalled* with the texts of *made* added; None where there is nothing to remember."""
    documents = (document for stored in made.objects for document in archive.holdings.read_documents(stored))
    texts = (remember_page(one.url, lines, crawl.night) for one in documents if (lines := list_learnable_lines(one)))
    pages = keep_newest_pages([*recalled.pages, *texts], crawl.night)
    if not pages:
        return None
    memory = StoredSiteMemory(
        source_id=crawl.source_id,
        crawl_id=crawl.id,
        learned=archive.settings.now(),
        software=archive.software,
        previous=recalled.stored.key if recalled.stored else None,
        pages=pages,
    )
    return put_site_memory(archive.store, crawl, memory, secrets.token_hex(4))
