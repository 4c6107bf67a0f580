"""The bucket takes an object once and gives it back as it was."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import SecretStr

from storage.model.errors import AlreadyStoredError, FixityError, MissingObjectError, StorageError, StoreRefusedError
from storage.objects import S3Settings, Store

REQUESTS: list[Callable[[Store], object]] = [
    lambda store: store.put_new("warc/a", b"", schema="warc/1.1"),
    lambda store: store.read("warc/a"),
    lambda store: store.stat("warc/a"),
    lambda store: list(store.list_keys("")),
]


def test_an_object_is_created_once(store: Store) -> None:
    digest = store.put_new("manifests/a.json", b"one", schema="manifest/1")
    with pytest.raises(AlreadyStoredError):
        store.put_new("manifests/a.json", b"two", schema="manifest/1")
    assert digest == hashlib.sha256(b"one").hexdigest()
    assert store.put_new("manifests/a.json", b"one", schema="manifest/1") == digest
    assert store.read("manifests/a.json", sha256=digest, length=3) == b"one"


def test_an_object_says_its_size_digest_and_schema(store: Store) -> None:
    digest = store.put_new("index/a", b"12345", schema="index/1")
    found = store.stat("index/a")
    assert found is not None
    assert (found.bytes, found.sha256, found.schema_name) == (5, digest, "index/1")
    assert store.stat("index/b") is None


def test_a_file_is_put_once_and_what_is_kept_of_it_is_read_as_a_stream(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    path.write_bytes(b"first")
    digest = store.put_new_file("warc/a.warc.gz", path, schema="warc/1.1", content_type="application/warc")
    path.write_bytes(b"other")
    with pytest.raises(AlreadyStoredError):
        store.put_new_file("warc/a.warc.gz", path, schema="warc/1.1", content_type="application/warc")
    with (tmp_path / "copy").open("w+b") as copy:
        copy.write(b"something longer that was there")
        assert store.read_digest("warc/a.warc.gz", copy) == (5, digest, digest)
    assert (tmp_path / "copy").read_bytes() == b"first"
    with pytest.raises(MissingObjectError):
        store.read_digest("warc/b.warc.gz")


def test_one_range_gives_the_bytes_of_one_record(store: Store) -> None:
    store.put_new("warc/a", bytes(range(100)), schema="warc/1.1")
    assert store.read_range("warc/a", 10, 5) == bytes(range(10, 15))
    with pytest.raises(FixityError):
        store.read_range("warc/a", 95, 10)
    with pytest.raises(FixityError):
        store.read_range("warc/a", 100, 1)


def test_bytes_that_are_not_the_promised_ones_are_a_fixity_error(store: Store) -> None:
    store.put_new("warc/a", b"kept", schema="warc/1.1")
    with pytest.raises(FixityError):
        store.read("warc/a", sha256="0" * 64)
    with pytest.raises(FixityError):
        store.read("warc/a", length=5)


def test_what_is_not_there_is_missing(store: Store) -> None:
    with pytest.raises(MissingObjectError):
        store.read("warc/none")


def test_only_tables_are_written_twice(store: Store) -> None:
    for content in (b"one", b"two"):
        store.put_derived("tables/a", content, schema="ledger/1")
    assert store.read("tables/a") == b"two"
    with pytest.raises(ValueError, match="tables/"):
        store.put_derived("warc/a", b"", schema="warc/1.1")


def test_a_listing_is_complete_past_a_page(store: Store) -> None:
    names = {f"index/{number:04d}" for number in range(1005)}
    for name in names:
        store.put_new(name, b"", schema="index/1")
    assert set(store.list_keys("index/")) == names


def test_a_wrong_key_is_refused_by_the_server(s3_settings: S3Settings) -> None:
    stranger = Store(s3_settings.replace(secret_key=SecretStr("wrong")))
    for ask in REQUESTS:
        with pytest.raises(StoreRefusedError, match="403"):
            ask(stranger)


def test_a_bucket_that_is_not_there_is_not_an_object_that_is_not_there(s3_settings: S3Settings) -> None:
    nowhere = Store(s3_settings.replace(bucket="nowhere"))
    for ask in REQUESTS:
        with pytest.raises(StoreRefusedError, match="bucket"):
            ask(nowhere)


def test_a_store_that_does_not_answer_is_a_storage_error() -> None:
    absent = S3Settings(endpoint_url="http://127.0.0.1:9", bucket="b", access_key="a", secret_key=SecretStr("s"))
    with pytest.raises(StorageError):
        Store(absent).stat("warc/a")


def test_the_first_key_is_that_of_the_oldest_day(store: Store) -> None:
    assert store.find_first_key("manifests/crawl/") is None
    for day in ("2026/03/01", "2025/12/31", "2026/01/01"):
        store.put_new(f"manifests/crawl/{day}/x.json", b"{}", schema="manifest/1")
    store.put_new("manifests/a.json", b"{}", schema="manifest/1")
    assert store.find_first_key("manifests/crawl/") == "manifests/crawl/2025/12/31/x.json"
