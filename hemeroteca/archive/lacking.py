"""What is committed for a night but not cleaned or published, judging only by listings."""

from __future__ import annotations

from collections.abc import Iterable

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.unhealed import read_unhealed
from storage import keys
from storage.model.night import Night
from storage.night_listing import NightListing


def find_published(archive: Archive, night: Night) -> set[str]:
    """Return the keys of the manifests of *night*, of crawls and of cleanings, that the catalog has."""
    prefixes = (keys.CRAWL_MANIFESTS, keys.TEXT_MANIFESTS)
    return {key for prefix in prefixes for key in archive.catalog.find_publications(f"{prefix}{keys.day(night)}/")}


def find_lacking(archive: Archive, night: Night, listed: NightListing, crawl_ids: Iterable[str]) -> list[str]:
    """Return which of *crawl_ids* have a manifest in *night* that is not cleaned, or a manifest that is not published.

    A cleaning by any extractor counts: another one is what ``reextract`` is for. Also those that ``report`` has noted:
    that pages of a cleaning were lost to damage, its name does not say.
    """
    published = find_published(archive, night)
    noted = read_unhealed(archive, night)
    return [
        crawl_id
        for crawl_id in crawl_ids
        if crawl_id in noted or listed.find_uncleaned(crawl_id) or not published.issuperset(listed.keys_of(crawl_id))
    ]
