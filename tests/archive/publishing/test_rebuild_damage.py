"""Rebuilding from a bucket that is damaged: what can be read is rebuilt, the rest is named."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.bucket_check import check_bucket
from hemeroteca.archive.catalog_check import describe_shortfall
from hemeroteca.archive.publishing.rebuild import REBUILD_LOCK, rebuild
from storage.model.errors import ServiceError
from storage.objects import S3Settings, Store
from tests.archive.homes import make_home, open_home
from tests.conftest import s3_client
from tests.data.bucket_1 import put_bucket_1

MONDAY = "manifests/crawl/2026/11/23/demo-faro-20261123-nightly.json"
TUESDAY = "manifests/crawl/2026/11/24/demo-faro-20261124-nightly.json"
LATE = "manifests/crawl/2026/11/24/demo-courier-20261124-nightly-late-29f5d2b1.json"
NO_TEXT = "manifests/text/2026/11/24/demo-faro-20261124-nightly-trafilatura-2.3.1-71eea3db.json"


class Bucket:
    """The bucket of a test, whose objects may be harmed and put back."""

    def __init__(self, s3: S3Settings) -> None:
        self._s3 = s3
        self._client = s3_client(s3)
        self.store = Store(s3)
        self._whole: dict[str, bytes] = {}

    def change(self, key: str, content: bytes | None) -> None:
        """Replace the object at *key*, or remove it."""
        self._whole.setdefault(key, self.store.read(key))
        place = {"Bucket": self._s3.bucket, "Key": self._s3.prefix + key}
        if content is None:
            self._client.delete_object(**place)
        else:
            self._client.put_object(**place, Body=content)

    def flip(self, key: str) -> None:
        content = bytearray(self.store.read(key))
        content[len(content) // 2] ^= 1
        self.change(key, bytes(content))

    def put_back(self) -> None:
        for key, content in self._whole.items():
            self.change(key, content)


@pytest.fixture
def bucket(s3_settings: S3Settings) -> Bucket:
    put_bucket_1(Store(s3_settings))
    return Bucket(s3_settings)


@pytest.fixture
def archive(tmp_path: Path, s3_settings: S3Settings, bucket: Bucket) -> Iterator[Archive]:
    archive = open_home(make_home(tmp_path / "home"), s3_settings, date(2026, 11, 30))
    yield archive
    archive.close()


def object_of(bucket: Bucket, prefix: str, name: str) -> str:
    (found,) = (key for key in bucket.store.list_keys(prefix) if name in key)
    return found


def test_what_is_damaged_is_left_out_and_named_until_it_is_put_back(archive: Archive, bucket: Bucket) -> None:
    bucket.change(MONDAY, b"{")
    bucket.flip(object_of(bucket, "index/demo-courier/", ".cdxj.gz"))
    done = rebuild(archive)
    assert {row.manifest_key for row in archive.catalog.find_crawls()} == {TUESDAY}
    assert [fault.partition(":")[0] for fault in done.faults] == [MONDAY, LATE]
    assert set(done.check.damaged.first) == {MONDAY, LATE}
    assert done.check.missing.total == 0
    assert describe_shortfall(archive) is None, "a rebuild would not help"
    assert describe_shortfall(archive, with_doubts=True) == (
        "damaged manifests of 2026-11-23, 2026-11-24 are not in the catalog: `hemeroteca --demo doctor` names them"
    )
    bucket.put_back()
    assert check_bucket(archive).damaged.total == 0
    assert describe_shortfall(archive) == (
        "the catalog lacks 2 crawls of 2026-11-23, 2026-11-24: `hemeroteca --demo rebuild`"
    )
    again = rebuild(archive)
    assert (again.faults, again.rows["crawls"]) == ((), 3)
    assert describe_shortfall(archive, with_doubts=True) is None


def test_objects_that_are_gone_or_of_another_size_are_named(archive: Archive, bucket: Bucket) -> None:
    rebuild(archive)
    gone = object_of(bucket, "index/demo-courier/", ".records")
    cut = object_of(bucket, "ledger/source=demo-courier/", "parquet")
    long = object_of(bucket, "warc/demo-courier/", "warc")
    bucket.change(gone, None)
    bucket.change(cut, bucket.store.read(cut)[:-1])
    bucket.change(long, bucket.store.read(long) + b"x")
    check = check_bucket(archive)
    assert sorted(check.missing.first) == sorted([gone, cut, long])
    assert (check.damaged.total, check.uncommitted.total) == (0, 0)


def test_evidence_whose_manifest_is_gone_is_named(archive: Archive, bucket: Bucket, s3_settings: S3Settings) -> None:
    rebuild(archive)
    bucket.change(LATE, None)
    check = check_bucket(archive)
    assert LATE in check.missing.first, "the catalog knows it still"
    done = rebuild(archive)
    assert done.check.missing.total == 0
    assert done.faults == ()
    assert done.check.uncommitted.total == 4
    assert all("demo-courier-20261124-nightly-" in key for key in done.check.uncommitted.first)
    with open_home(archive.settings.home.path, s3_settings, date(2026, 11, 26)) as sooner:
        assert check_bucket(sooner).uncommitted.total == 0, "it may still be committed"


def test_a_cleaning_without_the_manifest_of_its_crawl_is_named(archive: Archive, bucket: Bucket) -> None:
    bucket.change(TUESDAY, None)
    found = check_bucket(archive).uncommitted
    assert NO_TEXT in found.first
    assert {key.partition("/")[0] for key in found.first} == {"documents", "index", "ledger", "manifests", "warc"}


def test_the_second_of_two_rebuilds_says_that_another_runs(archive: Archive) -> None:
    with archive.coordination.lock(REBUILD_LOCK), pytest.raises(ServiceError, match="another rebuild is running"):
        rebuild(archive)
    assert archive.catalog.list_others() == []
    assert rebuild(archive).rows["crawls"] == 3


def test_what_a_killed_rebuild_left_is_removed_by_the_next(archive: Archive, s3_settings: S3Settings) -> None:
    before = rebuild(archive).rows
    name = archive.catalog.name
    killed = kill_rebuild(archive)
    assert archive.catalog.name == name
    assert archive.catalog.list_others() == [killed]
    assert archive.catalog.count_rows() == before
    assert rebuild(archive).rows == before
    assert archive.catalog.list_others() == []


KILLED = """
import os, signal, sys
from hemeroteca.archive.archive import Archive
from hemeroteca.archive.publishing import rebuild
from hemeroteca.configuration import read_settings

def die(holdings, catalog, key, applied=[]):
    if applied:
        print(catalog.name, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
    applied.append(apply(holdings, catalog, key))

apply, rebuild.apply_manifest = rebuild.apply_manifest, die
with Archive(read_settings()) as archive:
    rebuild.rebuild(archive)
"""


def kill_rebuild(archive: Archive) -> str:
    """Kill a rebuild in a process of its own once it has applied a manifest, and return the name of its catalog."""
    s3 = archive.settings
    assert s3.s3_secret_key
    environment = os.environ | {
        "HEMEROTECA_HOME": str(s3.home),
        "HEMEROTECA_S3_ENDPOINT": s3.s3_endpoint or "",
        "HEMEROTECA_S3_BUCKET": s3.s3_bucket or "",
        "HEMEROTECA_S3_PREFIX": s3.s3_prefix,
        "HEMEROTECA_S3_ACCESS_KEY": s3.s3_access_key or "",
        "HEMEROTECA_S3_SECRET_KEY": s3.s3_secret_key.get_secret_value(),
    }
    ended = subprocess.run([sys.executable, "-c", KILLED], env=environment, capture_output=True, text=True)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    return ended.stdout.strip()
