"""Holdings give what manifests promise, byte for byte, or say what is wrong: one flipped bit anywhere is found."""

from __future__ import annotations

import gzip
import random
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest

from storage.captures.index import INDEX_SCHEMA
from storage.documents import DOCUMENT
from storage.holdings import Holdings
from storage.kept import KeptCrawl
from storage.keys import CRAWL_MANIFESTS, TEXT_MANIFESTS
from storage.model.capture import Capture
from storage.model.crawl import StoredObject
from storage.model.errors import FixityError, MissingObjectError
from storage.night_listing import list_night
from storage.objects import S3Settings, Store
from storage.packed import unpack
from storage.rereading import READ_AGAIN
from tests.conftest import flip_bit, replace_object, s3_client
from tests.data.bucket_1 import put_bucket_1

NIGHT, LATE_NIGHT = date(2026, 11, 23), date(2026, 11, 24)
Read = Callable[[Holdings, StoredObject], object]
READERS: dict[str, Read] = {
    "warc": Holdings.read,
    "index": Holdings.read_captures,
    "records": Holdings.read_indexed,
    "ledger": Holdings.read_outcomes,
    "document": Holdings.read_documents,
}


@pytest.fixture
def holdings(store: Store) -> Holdings:
    """A bucket that holds two nights."""
    put_bucket_1(store)
    return Holdings(store)


def kept_of(holdings: Holdings, night: date) -> list[KeptCrawl]:
    return list(holdings.find_manifests(list_night(holdings._store, night)))


def first(holdings: Holdings) -> KeptCrawl:
    return kept_of(holdings, NIGHT)[0]


def objects(kept: KeptCrawl) -> list[StoredObject]:
    return [*kept.manifest.objects, *(stored for one in kept.cleanings for stored in one.manifest.objects)]


def captures(holdings: Holdings, kept: KeptCrawl) -> list[Capture]:
    return [
        one for stored in holdings.find_objects(kept.manifest, INDEX_SCHEMA) for one in holdings.read_captures(stored)
    ]


def reader_of(stored: StoredObject) -> Read:
    return READERS[stored.schema_name.partition("/")[0]]


@contextmanager
def flipping(store: Store, times: int) -> Iterator[list[str]]:
    """Flip a bit of the first *times* bodies that any client of *store*'s bucket reads; yield the paths."""
    flipped: list[str] = []
    connect = Store.connect_anew

    def flip(model: Any, parsed: dict[str, Any], **_: Any) -> None:
        if len(flipped) < times:
            flipped.append(model.name)
            body = bytearray(parsed["Body"].read())
            body[len(body) // 2] ^= 1
            parsed["Body"] = Whole(bytes(body))

    def connected(self: Store) -> Store:
        other = connect(self)
        other._client.meta.events.register("after-call.s3.GetObject", flip)
        return other

    store._client.meta.events.register("after-call.s3.GetObject", flip)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Store, "connect_anew", connected)
        yield flipped
    store._client.meta.events.unregister("after-call.s3.GetObject", flip)


class Whole:
    """A body that has come already."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def read(self) -> bytes:
        return self._content


def test_a_night_is_found_with_its_late_crawls_and_cleanings(holdings: Holdings) -> None:
    kept = kept_of(holdings, LATE_NIGHT)
    assert [(one.manifest.crawl.source_id, one.manifest.late, len(one.cleanings)) for one in kept] == [
        ("demo-courier", True, 0),
        ("demo-faro", False, 1),
    ]
    for one in kept:
        assert one.key.startswith(CRAWL_MANIFESTS)
        assert all(c.key.startswith(TEXT_MANIFESTS) and c.manifest.crawl_manifest == one.key for c in one.cleanings)
        assert holdings.find_manifests_of_crawl(one.manifest.crawl) == [one]
    assert kept_of(holdings, NIGHT - timedelta(days=1)) == []


def test_a_bit_that_flips_at_rest_is_found_in_every_kind_of_object(holdings: Holdings, s3_settings: S3Settings) -> None:
    chance = random.Random(11)
    for stored in objects(first(holdings)):
        read = reader_of(stored)
        before = read(holdings, stored)
        for at in {
            0,
            stored.bytes - 1,
            *chance.sample(range(stored.bytes), 3),
        }:  # the last bytes of Parquet: its footer
            flip_bit(s3_settings, stored.key, at)
            with pytest.raises(FixityError, match=re.escape(stored.key)):
                read(holdings, stored)
            flip_bit(s3_settings, stored.key, at)
        assert read(holdings, stored) == before


def test_a_bit_that_flips_on_its_way_costs_nothing_until_it_flips_each_time(holdings: Holdings, store: Store) -> None:
    for stored in objects(first(holdings)):
        read = reader_of(stored)
        before = read(holdings, stored)
        with flipping(store, READ_AGAIN) as flipped:
            assert read(Holdings(store), stored) == before
        assert len(flipped) == READ_AGAIN
        with flipping(store, READ_AGAIN + 1), pytest.raises(FixityError, match=re.escape(stored.key)):
            read(Holdings(store), stored)


def test_records_and_requests_are_held_to_their_digests(
    holdings: Holdings, store: Store, s3_settings: S3Settings
) -> None:
    found = [one for one in captures(holdings, first(holdings)) if one.request]
    one = found[0]
    assert one.request
    with flipping(store, 1):
        before = holdings.read_record(one), holdings.read_request(one)
    with flipping(store, 1):
        assert {c.record_id: r for c, r in holdings.read_records(found)}[one.record_id] == before[0]
    flip_bit(s3_settings, one.location.key, one.location.offset + one.location.length // 2)
    with pytest.raises(FixityError, match=one.location.key):
        holdings.read_record(one)
    results = {c.record_id: r for c, r in holdings.read_records(found)}
    assert isinstance(results.pop(one.record_id), FixityError)
    assert all(isinstance(record, bytes) for record in results.values())
    assert holdings.read_request(one) == before[1]
    flip_bit(s3_settings, one.request.key, one.request.offset + 12)
    with pytest.raises(FixityError, match=one.request.key):
        holdings.read_request(one)


def test_a_document_is_of_its_capture_and_no_other(holdings: Holdings) -> None:
    kept = next(one for one in kept_of(holdings, NIGHT) if one.cleanings)
    (stored,) = holdings.find_objects(kept.cleanings[0].manifest, DOCUMENT)
    documents = holdings.read_documents(stored)
    by_record = {one.record_id: one for one in captures(holdings, kept)}
    one, other = (by_record[document.derived_from] for document in documents[:2])
    assert holdings.read_document(one, stored.key, 0) == documents[0]
    with pytest.raises(FixityError, match=f"{stored.key}: row 0 is the document of {one.record_id}"):
        holdings.read_document(other, stored.key, 0)
    with pytest.raises(FixityError, match="row 0"):
        holdings.read_document(one.replace(payload_digest="sha1:OTHER"), stored.key, 0)


def test_what_is_gone_is_missing_and_a_torn_manifest_counts_as_absent(
    holdings: Holdings, store: Store, s3_settings: S3Settings
) -> None:
    kept = first(holdings)
    whole = store.read(kept.key)
    replace_object(s3_settings, kept.key, whole[: len(whole) // 2])
    assert holdings.find_manifest(kept.key) is None
    assert kept.key not in {one.key for one in kept_of(holdings, NIGHT)}
    with pytest.raises(FixityError, match=re.escape(kept.key)):
        holdings.read_manifest(kept.key)
    replace_object(s3_settings, kept.key, whole)
    assert first(holdings) == kept
    gone = kept.manifest.objects[0]
    s3_client(s3_settings).delete_object(Bucket=s3_settings.bucket, Key=s3_settings.prefix + gone.key)
    with pytest.raises(MissingObjectError, match=gone.key):
        holdings.read(gone)
    assert holdings.find_text_manifest(f"{TEXT_MANIFESTS}2026/11/23/nothing.json") is None


def test_the_manifest_of_another_crawl_or_cleaning_counts_as_absent(
    holdings: Holdings, store: Store, s3_settings: S3Settings
) -> None:
    """A store that mixes its objects up gives each with what its writer said of it."""
    here, *_, there = [kept for night in (NIGHT, LATE_NIGHT) for kept in kept_of(holdings, night) if kept.cleanings]
    (text,), (other,) = (one.cleanings for one in (here, there))
    client, place = s3_client(s3_settings), {"Bucket": s3_settings.bucket}
    for key, source, find in (
        (here.key, there.key, holdings.find_manifest),
        (text.key, other.key, holdings.find_text_manifest),
    ):
        assert find(key)
        found = client.get_object(**place, Key=s3_settings.prefix + source)
        client.put_object(**place, Key=s3_settings.prefix + key, Body=found["Body"].read(), Metadata=found["Metadata"])
        assert find(key) is None
        assert find(source)


def test_what_unpacks_to_too_much_is_not_unpacked() -> None:
    bomb = gzip.compress(bytes(1 << 20))
    assert unpack(bomb, 1 << 20) == bytes(1 << 20)
    with pytest.raises(FixityError, match="more than 1048575 bytes"):
        unpack(bomb, (1 << 20) - 1)
    for damaged in (bomb[:-1], bomb[:-5] + b"\0" + bomb[-4:], bomb + b"x", b"no gzip", b""):
        with pytest.raises(FixityError):
            unpack(damaged, 1 << 20)
