"""Site memory in the bucket (schema site-memory/2): compressed JSON, one object for each cleaning, found by its key.

An object has what differs from the memory before it, which it names with its digest; every so often one has all pages.
So a night adds what it learned, not all that is known, and what any night knew can be read by a few objects.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from storage import keys
from storage.model.crawl import Crawl, StoredObject
from storage.model.errors import FixityError
from storage.model.night import Night
from storage.model.remembered import RememberedPage, StoredSiteMemory
from storage.objects import Store
from storage.packed import unpack

SITE_MEMORY = "site-memory/2"
MOST_OBJECTS = 16
"""How many objects have to be read at most for all pages of a memory."""

_MAX_UNPACKED_BYTES = 64 * 1024 * 1024
_MONTHS = 4  # what is older than 90 nights is forgotten


class KeptMemory(NamedTuple):
    """A site memory as it was after a cleaning."""

    stored: StoredObject
    """The object that was put last."""
    pages: tuple[RememberedPage, ...]
    """All that were remembered then."""
    objects: int
    """How many objects have them."""


def put_site_memory(store: Store, crawl: Crawl, memory: StoredSiteMemory, nonce: str) -> StoredObject:
    """Put what was learned from *crawl*, create-only."""
    key = keys.site_memory(crawl, memory.learned, nonce)
    content = gzip.compress(memory.model_dump_json(by_alias=True).encode(), mtime=0)
    store.put_new(key, content, schema=SITE_MEMORY, content_type="application/gzip")
    return StoredObject.of(key, content, SITE_MEMORY, len(memory.pages))


def list_site_memories_before(store: Store, crawl: Crawl) -> Iterator[str]:
    """Yield the keys of what was learned of the source before *crawl* started, in the four months up to its night, the
    newest first: also of cleanings that were never committed.
    """
    for month in _months(crawl.night):
        learned = store.list_keys(keys.site_memories_of(crawl.source_id, month))
        found = [key for key in learned if keys.is_learned_before(key, crawl)]
        yield from sorted(found, key=keys.learned_of, reverse=True)


def read_site_memory(content: bytes) -> StoredSiteMemory:
    """Return the memory that ``put_site_memory`` put. Raises FixityError for anything else."""
    try:
        return StoredSiteMemory.model_validate_json(unpack(content, _MAX_UNPACKED_BYTES))
    except ValueError as error:
        raise FixityError(f"not a site memory: {error}") from error


def join_memories(stored: StoredObject, memories: Sequence[StoredSiteMemory]) -> KeptMemory:
    """Return the memory that *memories* make, each of which adds to the one before; *stored* is the last of them."""
    pages: dict[str, RememberedPage] = {}
    for memory in memories:
        for page in memory.forgotten:
            pages.pop(page, None)
        pages |= {one.page: one for one in memory.pages}
    return KeptMemory(stored, tuple(pages.values()), len(memories))


def _months(night: Night) -> list[date]:
    """Return the first days of the months that a memory may be in, the newest first."""
    count = night.year * 12 + night.month - 1
    return [date(one // 12, one % 12 + 1, 1) for one in range(count, count - _MONTHS, -1)]
