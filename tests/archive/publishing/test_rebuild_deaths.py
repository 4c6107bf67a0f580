"""Rebuilds and publishers that are killed, or run at once: what the catalog has in the end is the same."""

from __future__ import annotations

import os
import signal
from threading import Event, Thread

import pytest

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.publishing.manifest_rows import apply_manifests, read_ahead
from hemeroteca.archive.publishing.publish import publish_crawl
from hemeroteca.archive.publishing.rebuild import rebuild
from hemeroteca.archive.publishing.rebuild_notes import note_rebuild, read_half_made, read_published
from storage.catalog import PUBLISH_LOCK, Catalog
from storage.database import open_engine, parse_database_url, sqlite_file, writing
from storage.holdings import Holdings
from storage.manifests import list_all_manifests, read_manifest
from storage.model.errors import ServiceError, StorageError
from tests.archive.dying import counting_gets
from tests.archive.homes import rows
from tests.archive.publishing.dying_work import PUBLISH, Interrupted, kill
from tests.archive.publishing.harmed_bucket import LATE, MONDAY, TUESDAY, Bucket

MODULE = "hemeroteca.archive.publishing.rebuild"


def publish(harmed: Archive, *keys: str) -> None:
    for key in keys or list(list_all_manifests(harmed.store)):
        publish_crawl(harmed, read_manifest(harmed.store, key).crawl)


POINTS = {
    "before its catalog is made": (f"{MODULE}:Catalog.create_beside", "before", 0),
    "before it is noted": (f"{MODULE}:note_rebuild", "before", 0),
    "before a manifest is applied": ("storage.catalog.in_use:Catalog.apply_rows", "before", 0),
    "once some manifests are applied": ("storage.catalog.in_use:Catalog.apply_rows", "after", 1),
    "within a manifest": ("storage.catalog.apply:_merge_looks", "before", 1),
    "before the switch": (f"{MODULE}:Catalog.switch_to", "before", 0),
    "after the switch": (f"{MODULE}:Catalog.switch_to", "after", 0),
    "before the old catalog is removed": (f"{MODULE}:Catalog.remove", "before", 0),
    "before the tables are mended": (f"{MODULE}:_mend_tables", "before", 0),
}


@pytest.mark.parametrize("point", POINTS)
def test_wherever_a_rebuild_is_killed_the_catalog_answers_and_the_next_one_ends_it(harmed: Archive, point: str) -> None:
    publish(harmed)
    before = rows(harmed)
    kill(harmed, *POINTS[point])
    assert rows(harmed) == before
    publish(harmed)
    assert rebuild(harmed).faults == ()
    assert rows(harmed) == before
    assert harmed.catalog.list_others() == []
    assert (read_half_made(harmed.coordination), read_published(harmed.coordination)) == (None, [])


def test_a_rebuild_goes_on_where_it_was_killed(harmed: Archive) -> None:
    kill(harmed, "storage.catalog.in_use:Catalog.apply_rows", "after", 1)
    name = read_half_made(harmed.coordination)
    with counting_gets(harmed.store) as all_gets:
        rebuild_alone(harmed)
    assert harmed.catalog.name == name
    kill(harmed, "storage.catalog.in_use:Catalog.create_beside", "before")
    with counting_gets(harmed.store) as gets:
        rebuild_alone(harmed)
    assert len(all_gets) < len(gets)


def rebuild_alone(harmed: Archive) -> None:
    """Rebuild with objects read in this process, so that they can be counted."""
    assert rebuild(harmed, workers=1).faults == ()


def test_a_store_that_goes_away_costs_only_what_was_under_way(harmed: Archive) -> None:
    whole = harmed.holdings
    publish(harmed)
    before = rows(harmed)
    harmed.holdings = Interrupted(harmed.store, LATE, go_away)
    with pytest.raises(StorageError):
        rebuild(harmed, workers=1)
    assert rows(harmed) == before
    name = read_half_made(harmed.coordination)
    harmed.holdings = whole
    rebuild_alone(harmed)
    assert (harmed.catalog.name, rows(harmed)) == (name, before)


def go_away() -> None:
    raise StorageError("the store does not answer")


def test_what_another_release_or_damage_left_is_begun_anew(harmed: Archive) -> None:
    url, coordination = harmed.settings.catalog_url(), harmed.coordination
    publish(harmed)
    before = rows(harmed)
    for nonce, harm in (("0000000a", make_older), ("0000000b", flip_pages)):
        name = Catalog.beside_name(url, nonce)
        Catalog.create_beside(url, coordination, name).close()
        note_rebuild(coordination, name)
        harm(url, name)
        rebuild_alone(harmed)
        assert harmed.catalog.name != name
        assert (rows(harmed), harmed.catalog.list_others()) == (before, [])


def test_what_was_applied_and_is_gone_since_is_not_in_the_catalog(harmed: Archive, bucket: Bucket) -> None:
    bucket.change(MONDAY, None)
    rebuild_alone(harmed)
    before = rows(harmed)
    bucket.put_back()
    kill(harmed, "storage.catalog.in_use:Catalog.apply_rows", "after", 1)
    name = read_half_made(harmed.coordination)
    bucket.change(MONDAY, None)
    rebuild_alone(harmed)
    assert harmed.catalog.name != name
    assert rows(harmed) == before


def make_older(url: str, name: str) -> None:
    engine = open_engine(parse_database_url(url), name)
    with writing(engine) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    engine.dispose()


def flip_pages(url: str, name: str) -> None:
    path = sqlite_file(parse_database_url(url), name)
    content = bytearray(path.read_bytes())
    content[8192:16384] = bytes(byte ^ 0xFF for byte in content[8192:16384])
    path.write_bytes(content)


def test_what_is_published_during_a_rebuild_is_in_its_catalog(harmed: Archive, bucket: Bucket) -> None:
    publish(harmed)
    before = rows(harmed)
    bucket.change(TUESDAY, None)
    rebuild_alone(harmed)

    def commit_and_publish() -> None:
        bucket.put_back()
        publish(harmed, TUESDAY)
        assert read_published(harmed.coordination) == [TUESDAY]

    harmed.holdings = Interrupted(harmed.store, MONDAY, commit_and_publish)
    rebuild_alone(harmed)
    assert rows(harmed) == before


def test_a_publisher_killed_once_it_has_noted_a_manifest_has_it_published_by_the_rebuild(
    harmed: Archive, bucket: Bucket
) -> None:
    publish(harmed)
    before = rows(harmed)
    bucket.change(TUESDAY, None)
    rebuild_alone(harmed)
    assert rows(harmed) != before

    def commit_and_die() -> None:
        bucket.put_back()
        work = PUBLISH.format(key=TUESDAY)
        kill(harmed, "hemeroteca.archive.publishing.publish:apply_manifest", "before", work=work)
        assert not harmed.catalog.is_published(TUESDAY)

    harmed.holdings = Interrupted(harmed.store, MONDAY, commit_and_die)
    rebuild_alone(harmed)
    assert rows(harmed) == before


def test_publishers_that_run_all_the_while_lose_nothing_to_the_switch(harmed: Archive) -> None:
    publish(harmed)
    before = rows(harmed)
    ended = Event()

    def publish_on() -> None:
        with Archive(harmed.settings) as own:
            while not ended.is_set():
                publish(own)

    publishers = [Thread(target=publish_on) for _ in range(2)]
    for one in publishers:
        one.start()
    try:
        for _ in range(2):
            rebuild_alone(harmed)
            assert rows(harmed) == before
    finally:
        ended.set()
        for one in publishers:
            one.join()
    assert rows(harmed) == before


def test_who_waits_for_the_switch_publishes_to_the_new_catalog(harmed: Archive, bucket: Bucket) -> None:
    publish(harmed)
    before = rows(harmed)
    bucket.change(TUESDAY, None)
    url, coordination = harmed.settings.catalog_url(), harmed.coordination
    rebuild_alone(harmed)
    bucket.put_back()
    fresh = Catalog.create_beside(url, coordination, Catalog.beside_name(url, "0000000c"))
    with Archive(harmed.settings) as own:
        assert not own.catalog.is_published(TUESDAY)
        waiting = Thread(target=publish, args=(own,))
        with coordination.lock(PUBLISH_LOCK):
            waiting.start()
            fresh.switch_to(fresh.name)
        waiting.join()
    assert rows(harmed) == before


def test_processes_that_read_give_the_same_rows_and_name_what_is_damaged(harmed: Archive, bucket: Bucket) -> None:
    rebuild_alone(harmed)
    before = rows(harmed)
    assert rebuild(harmed, workers=2).faults == ()
    assert rows(harmed) == before
    bucket.change(MONDAY, b"{")
    bucket.flip(next(key for key in bucket.store.list_keys("index/demo-courier/") if key.endswith(".cdxj.gz")))
    assert [fault.partition(":")[0] for fault in rebuild(harmed, workers=2).faults] == [MONDAY, LATE]
    alone = rebuild(harmed, workers=1)
    assert [fault.partition(":")[0] for fault in alone.faults] == [MONDAY, LATE]
    assert harmed.catalog.find_captures(crawl_id="demo-courier-20261124-nightly") == []


def test_a_reading_process_that_is_killed_costs_only_what_was_under_way(harmed: Archive) -> None:
    publish(harmed)
    before = rows(harmed)
    with (
        pytest.raises(StorageError, match="run it again, and it resumes"),
        read_ahead(harmed, 2) as submit,
    ):
        submit(kill_itself).result()
    assert rebuild(harmed, workers=2).faults == ()
    assert rows(harmed) == before


def kill_itself(_: Holdings) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_each_object_is_read_once(harmed: Archive, bucket: Bucket) -> None:
    kinds = ("manifests/", "index/", "ledger/", "documents/")
    have_rows = [key for kind in kinds for key in bucket.store.list_keys(kind) if ".records." not in key]
    manifests = list(bucket.store.list_keys("manifests/"))
    with counting_gets(harmed.store) as gets, read_ahead(harmed, 1) as submit:
        assert [key for key, error in apply_manifests(submit, harmed.catalog, manifests) if not error] == manifests
    assert len(gets) == len(have_rows)


def test_the_second_of_two_rebuilds_leaves_the_first_alone(harmed: Archive) -> None:
    refused: list[ServiceError] = []

    def rebuild_too() -> None:
        with Archive(harmed.settings) as own, pytest.raises(ServiceError, match="another rebuild") as error:
            rebuild(own)
        refused.append(error.value)

    harmed.holdings = Interrupted(harmed.store, MONDAY, rebuild_too)
    rebuild_alone(harmed)
    assert len(refused) == 1
    assert harmed.catalog.count_rows()["crawls"] == 3
