"""Rebuilding from a bucket that is damaged: what can be read is rebuilt, the rest is named."""

from __future__ import annotations

from datetime import date
from urllib.parse import unquote

import pytest

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.bucket_check import check_bucket
from hemeroteca.archive.catalog_doubts import describe_shortfall
from hemeroteca.archive.publishing.rebuild import rebuild
from hemeroteca.archive.publishing.rebuild_notes import REBUILD_LOCK
from storage.model.errors import ServiceError
from storage.objects import S3Settings
from tests.archive.dying import listening
from tests.archive.homes import open_home
from tests.archive.publishing.harmed_bucket import LATE, MONDAY, NO_TEXT, TUESDAY, Bucket


def object_of(bucket: Bucket, prefix: str, name: str) -> str:
    (found,) = (key for key in bucket.store.list_keys(prefix) if name in key)
    return found


def test_what_is_damaged_is_left_out_and_named_until_it_is_put_back(harmed: Archive, bucket: Bucket) -> None:
    bucket.change(MONDAY, b"{")
    bucket.flip(object_of(bucket, "index/demo-courier/", ".cdxj.gz"))
    done = rebuild(harmed)
    assert {row.manifest_key for row in harmed.catalog.find_crawls()} == {TUESDAY}
    assert [fault.partition(":")[0] for fault in done.faults] == [MONDAY, LATE]
    assert set(done.check.damaged.first) == {MONDAY, LATE}
    assert done.check.missing.total == 0
    assert describe_shortfall(harmed) is None, "a rebuild would not help"
    assert describe_shortfall(harmed, with_doubts=True) == (
        "damaged manifests of 2026-11-23, 2026-11-24 are not in the catalog: `hemeroteca --demo doctor` names them"
    )
    bucket.put_back()
    assert check_bucket(harmed).damaged.total == 0
    assert describe_shortfall(harmed) == (
        "the catalog lacks 2 crawls of 2026-11-23, 2026-11-24: `hemeroteca --demo admin rebuild`"
    )
    again = rebuild(harmed)
    assert (again.faults, again.rows["crawls"]) == ((), 3)
    assert describe_shortfall(harmed, with_doubts=True) is None


def test_objects_that_are_gone_or_of_another_size_are_named(harmed: Archive, bucket: Bucket) -> None:
    rebuild(harmed)
    gone = object_of(bucket, "index/demo-courier/", ".records")
    cut = object_of(bucket, "ledger/source=demo-courier/", "parquet")
    long = object_of(bucket, "warc/demo-courier/", "warc")
    bucket.change(gone, None)
    bucket.change(cut, bucket.store.read(cut)[:-1])
    bucket.change(long, bucket.store.read(long) + b"x")
    check = check_bucket(harmed)
    assert sorted(check.missing.first) == sorted([gone, cut, long])
    assert (check.damaged.total, check.uncommitted.total) == (0, 0)


def test_evidence_whose_manifest_is_gone_is_named(harmed: Archive, bucket: Bucket, s3_settings: S3Settings) -> None:
    rebuild(harmed)
    bucket.change(LATE, None)
    check = check_bucket(harmed)
    assert LATE in check.missing.first, "the catalog knows it still"
    done = rebuild(harmed)
    assert done.check.missing.total == 0
    assert done.faults == ()
    assert done.check.uncommitted.total == 4
    assert all("demo-courier-20261124-nightly-" in key for key in done.check.uncommitted.first)
    with open_home(harmed.settings.home.path, s3_settings, date(2026, 11, 26)) as sooner:
        assert check_bucket(sooner).uncommitted.total == 0, "it may still be committed"


def test_a_cleaning_without_the_manifest_of_its_crawl_is_named(harmed: Archive, bucket: Bucket) -> None:
    bucket.change(TUESDAY, None)
    found = check_bucket(harmed).uncommitted
    assert NO_TEXT in found.first
    assert {key.partition("/")[0] for key in found.first} == {"documents", "index", "ledger", "manifests", "warc"}


def test_the_second_of_two_rebuilds_says_that_another_runs(harmed: Archive) -> None:
    with harmed.coordination.lock(REBUILD_LOCK), pytest.raises(ServiceError, match="another rebuild is running"):
        rebuild(harmed)
    assert harmed.catalog.list_others() == []
    assert rebuild(harmed).rows["crawls"] == 3


def test_tables_that_are_damaged_or_gone_are_mended_and_whole_ones_left_alone(harmed: Archive, bucket: Bucket) -> None:
    rebuild(harmed)
    tables = {key: bucket.store.read(key) for key in bucket.store.list_keys("tables/")}
    damaged, gone = sorted(tables)[0], sorted(tables)[-1]
    put: list[str] = []
    for harm in ((), (damaged,), (damaged, gone)):
        nights = {key.split("/")[2] for key in harm}
        for key in harm:
            bucket.flip(key) if key == damaged else bucket.change(key, None)
        put.clear()
        with listening(harmed.store, "before-send.s3.PutObject", lambda request, **_: put.append(request.url)):
            rebuild(harmed)
        assert {key: bucket.store.read(key) for key in bucket.store.list_keys("tables/")} == tables
        assert {night for url in put for night in nights if night in unquote(url)} == nights
        assert len(put) == 2 * len(nights), "both tables of a night are written"
