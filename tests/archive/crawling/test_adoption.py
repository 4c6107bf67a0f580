"""What is stored is read back before the spool lets it go: torn objects are put again, and no answer is no verdict."""

from __future__ import annotations

import io
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator

from hemeroteca.archive import tasks
from hemeroteca.archive.archive import Archive, read_s3_settings
from hemeroteca.archive.crawling.upload import MOST_PUTS
from storage import rereading
from storage.captures.index import INDEX_SCHEMA
from storage.model.crawl import Manifest, StoredObject
from storage.model.errors import StorageError
from tests.archive.dying import Died, dying
from tests.archive.faulty import keeping_torn, not_giving, tear
from tests.archive.homes import (
    Origin,
    check_committed,
    counts_of,
    ledger_of,
    manifest_of,
    manifests,
    only_crawl,
    pass_night,
    plan,
    run_of,
    served,
    spooled,
    unlisted,
)
from tests.demo.expected import NIGHT_1

KINDS = {0: "warc/1.1", 1: "index/1", 2: "records/2", 3: "ledger/2"}
"""What a commit puts, in this order; then the manifest."""


def check_whole(archive: Archive, origin: Origin, manifest: Manifest) -> None:
    """Hold all that *manifest* lists to the newspapers' own ledger, and its captures to their places."""
    assert counts_of(manifest) == NIGHT_1["demo-faro"]
    assert len(ledger_of(archive.store, manifest)) == manifest.discovered
    for stored in manifest.objects:
        archive.store.read(stored.key, sha256=stored.sha256, length=stored.bytes)
    warcs = [stored for stored in manifest.objects if stored.schema_name == "warc/1.1"]
    records = [record for stored in warcs for record in records_of(archive, stored)]
    assert sorted(records) == sorted(served(origin.ledger))
    (index,) = archive.holdings.find_objects(manifest, INDEX_SCHEMA)
    captures = archive.holdings.read_captures(index)
    assert {capture.location.key for capture in captures} == {stored.key for stored in warcs}
    for capture in captures:
        archive.holdings.read_record(capture)
    assert not unlisted(archive.store)
    assert not spooled(archive)


def records_of(archive: Archive, stored: StoredObject) -> list[str]:
    found = ArchiveIterator(io.BytesIO(archive.store.read(stored.key)))
    return [one.http_headers.get_header("X-Nonce") for one in found if one.rec_type in ("response", "revisit")]


@pytest.mark.parametrize("put", KINDS)
def test_an_object_that_the_store_kept_torn_is_put_again_and_superseded(
    put: int, archive: Archive, origin: Origin
) -> None:
    (shard,) = plan(archive, run_of(archive))
    with pytest.raises(Died), dying(archive.store, put, answered=True):
        tasks.crawl_shard(archive, shard, last_try=False)
    (torn,) = [
        key
        for prefix in ("warc/", "index/", "ledger/")
        for key in archive.store.list_keys(prefix)
        if (found := archive.store.stat(key)) and found.schema_name == KINDS[put]
    ]
    tear(read_s3_settings(archive.settings), torn)
    tasks.crawl_shard(archive, shard, last_try=False)
    manifest = manifest_of(archive, only_crawl(archive))
    check_whole(archive, origin, manifest)
    assert [stored.key for stored in manifest.superseded if stored.schema_name == KINDS[put]] == [torn]
    for stored in manifest.superseded:
        assert archive.store.read_digest(stored.key)[:2] == (stored.bytes, stored.sha256), "it is described as it is"


def test_a_store_that_kept_nothing_whole_for_long_has_all_once_it_does(archive: Archive, origin: Origin) -> None:
    (shard,) = plan(archive, run_of(archive))
    with keeping_torn(archive.store, read_s3_settings(archive.settings), ".warc.gz") as torn:
        for _ in range(3):
            with pytest.raises(StorageError):
                tasks.crawl_shard(archive, shard, last_try=False)
    assert len(torn) == len(set(torn)) > MOST_PUTS
    tasks.crawl_shard(archive, shard, last_try=False)
    manifest = manifest_of(archive, only_crawl(archive))
    check_whole(archive, origin, manifest)
    assert {stored.key for stored in manifest.superseded} >= set(torn)


@pytest.mark.parametrize(("status", "times"), [(404, 1), (500, 5)])
def test_an_object_that_the_store_does_not_give_back_is_asked_for_again_and_not_put_again(
    status: int, times: int, archive: Archive, origin: Origin
) -> None:
    (shard,) = plan(archive, run_of(archive))
    with not_giving(archive.store, ".warc.gz", status, times) as asked:
        tasks.crawl_shard(archive, shard, last_try=False)
    assert len(asked) == times
    manifest = check_committed(archive, origin, lost=0)
    assert manifest.superseded == ()


def test_while_the_store_does_not_give_an_object_back_the_spool_keeps_it(archive: Archive, origin: Origin) -> None:
    (shard,) = plan(archive, run_of(archive))
    with not_giving(archive.store, ".warc.gz", 404), pytest.raises(StorageError):
        tasks.crawl_shard(archive, shard, last_try=False)
    assert not manifests(archive.store)
    assert [path.name for path in spooled(archive) if path.name.endswith(".warc.gz")]
    tasks.crawl_shard(archive, shard, last_try=False)
    assert check_committed(archive, origin, lost=0).superseded == ()


def test_an_object_that_is_lost_for_good_is_put_again(
    archive: Archive, origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SeaweedFS lists what it lost in a power cut."""
    monkeypatch.setattr(rereading, "LOST_SECONDS", 0)
    (shard,) = plan(archive, run_of(archive))
    with pytest.raises(Died), dying(archive.store, 0, answered=True):
        tasks.crawl_shard(archive, shard, last_try=False)
    (lost,) = archive.store.list_keys("warc/")
    with not_giving(archive.store, lost, 500):
        tasks.crawl_shard(archive, shard, last_try=False)
    manifest = manifest_of(archive, only_crawl(archive))
    check_whole(archive, origin, manifest)
    assert [stored.key for stored in manifest.superseded] == [lost]


def test_a_commit_that_dies_at_any_reading_is_finished(archive: Archive, origin: Origin) -> None:
    (shard,) = plan(archive, run_of(archive))
    reads = 0
    while True:
        try:
            with dying(archive.store, reads, False, "GetObject"):
                tasks.crawl_shard(archive, shard, last_try=False)
        except Died:
            reads += 1
            continue
        break
    assert reads >= 5, "each object and the manifest are read back"
    tasks.build_tables(archive, run_of(archive))
    assert check_committed(archive, origin, lost=0).superseded == ()


def test_a_crawl_whose_manifest_was_kept_torn_is_committed_late_with_every_url_accounted_for(
    archive: Archive, origin: Origin
) -> None:
    run = run_of(archive)
    (shard,) = plan(archive, run)
    with pytest.raises(Died), dying(archive.store, 4, answered=True):
        tasks.crawl_shard(archive, shard, last_try=False)
    (torn,) = archive.store.list_keys("manifests/")
    tear(read_s3_settings(archive.settings), torn)
    tasks.crawl_shard(archive, shard, last_try=False)
    check_late_account(archive, origin, torn)


def test_a_crawl_whose_manifest_is_torn_later_is_committed_late_from_what_the_bucket_has(
    archive: Archive, origin: Origin
) -> None:
    """The night was whole: its texts are there, and it is published."""
    pass_night(archive)
    (torn,) = archive.store.list_keys("manifests/crawl/")
    tear(read_s3_settings(archive.settings), torn)
    assert not spooled(archive)
    (shard,) = plan(archive, run_of(archive, "again"))
    asked = len(origin.rows())
    tasks.crawl_shard(archive, shard, last_try=False)
    assert len(origin.rows()) == asked
    check_late_account(archive, origin, torn)


def check_late_account(archive: Archive, origin: Origin, torn: str) -> None:
    """Run ``tables``, and hold the one manifest that can be read to what the newspapers know."""
    tasks.build_tables(archive, run_of(archive))
    (late,) = (key for key in archive.store.list_keys("manifests/crawl/") if key != torn)
    manifest = archive.holdings.read_manifest(late)
    assert manifest.late
    assert counts_of(manifest) == NIGHT_1["demo-faro"]
    assert len(archive.catalog.find_captures()) == len(served(origin.ledger))
    assert not spooled(archive)
    assert not unread(archive, manifest)


def unread(archive: Archive, manifest: Manifest) -> list[Any]:
    return [
        stored
        for stored in manifest.objects
        if archive.store.read_digest(stored.key)[:2] != (stored.bytes, stored.sha256)
    ]
