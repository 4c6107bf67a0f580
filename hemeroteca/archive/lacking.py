"""What is committed of a night and lacks its cleaning or its publication, told by listings alone."""

from __future__ import annotations

from collections.abc import Iterable

from hemeroteca.archive.archive import Archive
from storage import keys
from storage.model.night import Night
from storage.night_listing import NightListing


def find_published(archive: Archive, night: Night) -> set[str]:
    """Return the keys of the manifests of *night*, of crawls and of cleanings, that the catalog has."""
    prefixes = (keys.CRAWL_MANIFESTS, keys.TEXT_MANIFESTS)
    return {key for prefix in prefixes for key in archive.catalog.find_publications(f"{prefix}{keys.day(night)}/")}


def find_lacking(archive: Archive, night: Night, listed: NightListing, crawl_ids: Iterable[str]) -> list[str]:
    """Return which of *crawl_ids* have a manifest in *night* that is not cleaned, or a manifest that is not published.

    A cleaning by any extractor counts: another one is what ``reextract`` is for.
    """
    published = find_published(archive, night)
    return [one for one in crawl_ids if listed.find_uncleaned(one) or not published.issuperset(listed.keys_of(one))]
