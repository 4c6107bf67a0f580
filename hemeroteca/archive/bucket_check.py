"""Whether the bucket has all the evidence that its manifests, its other evidence and the catalog mention."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.catalog_check import note_comparison
from storage.bucket_listing import BucketListing, Named, kind_of
from storage.catalog.shortfall import note_damaged, read_damaged
from storage.model.crawl import Manifest
from storage.model.document import TextManifest
from storage.model.errors import FixityError, HemerotecaError
from storage.model.night import Night

GRACE = timedelta(days=2)
"""A crawl runs for hours and is given up after a day: what no manifest commits after two, none will."""


class BucketCheck(NamedTuple):
    """What comparing the whole bucket has found."""

    objects: int
    """How many objects there should be."""
    missing: Named
    """Those of them that are gone or of another size."""
    manifests: int
    damaged: Named
    """Manifests that cannot be read whole, or whose objects a rebuild could not read and still cannot be read."""
    nights: list[Night]
    """Those that have manifests of crawls."""
    uncommitted: Named
    """Evidence of crawls that have no manifest: it is gone, or their machine was lost before it committed them."""


def check_bucket(archive: Archive) -> BucketCheck:
    """List the bucket once, read every manifest, and compare names and sizes; what the catalog lacks is noted.

    A lost try's objects are not *uncommitted*: its crawl has a manifest, of another try. Nor are those of the last
    two nights, by their keys: their crawls may still run or be committed late.
    """
    with BucketListing() as listing:
        is_catalog_read = _know(archive, listing)
        listing.take(archive.store)
        manifests, damaged = _read_manifests(archive, listing)
        if is_catalog_read:
            noted = read_damaged(archive.coordination, archive.catalog.name)
            damaged |= {key for key in noted if _is_damaged(archive, key)}
            note_damaged(archive.coordination, archive.catalog.name, damaged)
            note_comparison(archive, listing.find_unpublished())
        return BucketCheck(
            objects=listing.count_promised(),
            missing=Named.of(listing.find_missing()),
            manifests=manifests,
            damaged=Named.of(sorted(damaged)),
            nights=listing.list_nights(),
            uncommitted=Named.of(listing.find_uncommitted(archive.settings.tonight() - GRACE)),
        )


def _know(archive: Archive, listing: BucketListing) -> bool:
    """Add what the catalog refers to; False when it cannot be read."""
    try:
        listing.know(archive.catalog.find_least_sizes())
    except HemerotecaError:
        return False
    return True


def _read_manifests(archive: Archive, listing: BucketListing) -> tuple[int, set[str]]:
    """Add what every manifest promises, and return how many there are and the keys of damaged ones."""
    read, damaged = 0, set()
    for key in listing.list_manifests():
        read += 1
        try:
            listing.promise(_read_manifest(archive, key).objects)
        except FixityError:
            damaged.add(key)
    return read, damaged


def _read_manifest(archive: Archive, key: str) -> Manifest | TextManifest:
    holdings = archive.holdings
    return holdings.read_manifest(key) if kind_of(key) == "crawl" else holdings.read_text_manifest(key)


def _is_damaged(archive: Archive, key: str) -> bool:
    """Say whether the manifest at *key*, or an object of it that a rebuild reads, cannot be read whole."""
    try:
        for stored in _read_manifest(archive, key).objects:
            if kind_of(stored.key) not in ("warc", "items"):
                archive.holdings.read(stored)
    except FixityError:
        return True
    return False
