"""The whole bucket in one listing, compared with what is promised and known."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from storage.bucket_listing import SHOWN, BucketListing, Named
from storage.keys import crawl_of, evidence_night_of
from storage.model.crawl import StoredObject
from storage.objects import Store

NIGHT, LATER = date(2026, 3, 1), date(2026, 3, 2)
LOST, LIVE = "es-faro-20260301-nightly", "es-faro-20260301T030000Z-manual-0badcafe"
EVIDENCE = [
    f"documents/source=es-faro/date=2026-03-01/{LOST}-model-1-01234567-aaaaaaaa.parquet",
    f"index/es-faro/2026/03/01/{LOST}-aaaaaaaa-00000.cdxj.gz",
    f"index/es-faro/2026/03/01/{LOST}-aaaaaaaa-00000.records.jsonl.gz",
    f"items/source=es-faro/date=2026-03-01/{LOST}-aaaaaaaa.jsonl.gz",
    f"ledger/source=es-faro/date=2026-03-01/{LOST}-aaaaaaaa.parquet",
    f"manifests/text/2026/03/01/{LOST}-model-1-01234567.json",
    f"warc/es-faro/2026/03/01/{LOST}-aaaaaaaa-00000.warc.gz",
]
COMMITTED = [key.replace(LOST, LIVE) for key in EVIDENCE]
LATE = f"manifests/crawl/2026/03/01/{LIVE}-late-bbbbbbbb.json"


@pytest.fixture
def listing() -> Iterator[BucketListing]:
    with BucketListing() as made:
        yield made


def put(store: Store, keys: list[str]) -> None:
    for key in keys:
        store.put_new(key, b"12345", schema="")


def stored(key: str, size: int = 5) -> StoredObject:
    return StoredObject.of(key, b"x" * size, "", 1)


def test_every_key_of_a_crawl_says_its_crawl_and_its_night() -> None:
    manifest = f"manifests/crawl/2026/03/01/{LOST}.json"
    assert {crawl_of(key) for key in [*EVIDENCE, manifest, manifest.replace(".json", "-late-0badcafe.json")]} == {LOST}
    assert {crawl_of(key) for key in [*COMMITTED, LATE]} == {LIVE}
    assert {evidence_night_of(key) for key in [*EVIDENCE, manifest]} == {NIGHT}
    assert crawl_of("tables/ledger/night=2026-03-01/part-0.parquet") is None
    assert evidence_night_of("log/any") is None


def test_evidence_whose_crawl_has_no_manifest_is_named_once_it_is_old(store: Store, listing: BucketListing) -> None:
    put(store, [*EVIDENCE, *COMMITTED, LATE, "tables/ledger/night=2026-03-01/part-0.parquet", "warc/strange"])
    listing.take(store)
    assert list(listing.find_uncommitted(LATER)) == EVIDENCE
    assert list(listing.find_uncommitted(NIGHT)) == []


def test_what_a_manifest_promises_is_there_in_its_size(store: Store, listing: BucketListing) -> None:
    put(store, COMMITTED)
    listing.take(store)
    whole, short, long, *_ = COMMITTED
    gone = "index/gone.cdxj.gz"
    listing.promise([stored(whole), stored(short, 6), stored(long, 4), stored(gone)])
    assert sorted(listing.find_missing()) == sorted([short, long, gone])
    assert listing.count_promised() == 4


def test_what_the_catalog_knows_is_there_and_long_enough(store: Store, listing: BucketListing) -> None:
    put(store, COMMITTED)
    listing.take(store)
    long, short, promised, *_ = COMMITTED
    listing.know([(long, 3), (short, 2), (short, 9), (short, 1), ("warc/gone", 1), (promised, 9)])
    listing.promise([stored(promised)])
    assert sorted(listing.find_missing()) == sorted([short, "warc/gone"]), "a manifest knows better than the catalog"


def test_manifests_that_the_catalog_does_not_know_are_found_by_night(store: Store, listing: BucketListing) -> None:
    later = "manifests/crawl/2026/03/02/es-faro-20260302-nightly.json"
    text = "manifests/text/2026/03/01/es-faro-20260301-nightly-model-1-01234567.json"
    put(store, [LATE, later, text])
    listing.know([(LATE, 1)])
    listing.take(store)
    assert list(listing.list_manifests()) == [LATE, text, later]
    assert list(listing.find_unpublished()) == [text, later]


def test_of_many_keys_the_first_are_named_and_the_rest_counted() -> None:
    assert str(Named.of(["a", "b"])) == "a, b"
    many = Named.of(f"{number:04}" for number in range(SHOWN + 1200))
    assert (many.total, len(many.first)) == (SHOWN + 1200, SHOWN)
    assert str(many).endswith(f"{SHOWN - 1:04} and 1,200 more")
