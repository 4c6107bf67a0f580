"""The items that crawls have scraped, read back from the bucket one by one."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

import structlog
from pydantic import JsonValue

from hemeroteca.archive.archive import Archive
from storage import keys
from storage.items import ITEMS
from storage.kept import crawl_order
from storage.model.base import Record
from storage.model.crawl import Crawl, StoredObject, source_of
from storage.model.errors import FixityError
from storage.model.night import Night

log = structlog.get_logger()


class KeptItem(Record):
    """One item, and the crawl that scraped it."""

    source_id: str
    night: Night
    crawl_id: str
    url: str | None
    """Of the page that it was scraped from, as the ledger has it; none for an item that is of no page."""
    record_id: str | None
    """Of the capture of that page."""
    spider: str
    item: dict[str, JsonValue]


def read_kept_items(archive: Archive, source_id: str | None = None, night: Night | None = None) -> Iterator[KeptItem]:
    """Yield the items that are committed of a source and a night (None: any), by night, source and crawl.

    Raises FixityError for an object that is damaged or gone, once all others were read. A damaged manifest is logged.
    """
    damaged: FixityError | None = None
    for crawl, stored in _find_objects(archive, source_id, night):
        try:
            yield from _read_object(archive, crawl, stored)
        except FixityError as error:
            log.error("items not read", key=stored.key, reason=str(error))
            damaged = damaged or error
    if damaged:
        raise damaged


def _find_objects(archive: Archive, source_id: str | None, night: Night | None) -> Iterator[tuple[Crawl, StoredObject]]:
    """Yield the objects of items that manifests list: of each crawl the one in time before late ones."""
    prefix = f"{keys.CRAWL_MANIFESTS}{keys.day(night)}/" if night else keys.CRAWL_MANIFESTS
    for crawl_id, listed in groupby(archive.store.list_keys(prefix), key=keys.crawl_of):
        if crawl_id is None or source_id not in (None, source_of(crawl_id)):
            continue
        found = [(key, manifest) for key in listed if (manifest := archive.holdings.find_manifest(key))]
        for _, manifest in sorted(found, key=crawl_order):
            for stored in archive.holdings.find_objects(manifest, ITEMS):
                yield manifest.crawl, stored


def _read_object(archive: Archive, crawl: Crawl, stored: StoredObject) -> Iterator[KeptItem]:
    for one in archive.holdings.read_items(stored):
        yield KeptItem(
            source_id=crawl.source_id,
            night=crawl.night,
            crawl_id=crawl.id,
            url=one.url,
            record_id=one.record_id,
            spider=one.spider,
            item=one.item,
        )
