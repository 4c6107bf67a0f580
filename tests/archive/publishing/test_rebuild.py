"""What is derived: published once, the same whenever it is made, and again from the bucket alone."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from hemeroteca.archive import tasks
from hemeroteca.archive.archive import Archive
from hemeroteca.archive.crawling.late import mark_spent
from hemeroteca.archive.crawling.plan import PlannedCrawl
from hemeroteca.archive.publishing.rebuild import rebuild
from hemeroteca.archive.publishing.tables import write_night_tables
from hemeroteca.archive.reading.lookup import find_closest, find_payload_capture, read_body, read_warc
from hemeroteca.archive.watching.cause_notes import read_causes
from storage import keys
from storage.documents import read_documents, write_documents
from storage.manifests import read_text_manifest
from storage.model.crawl import StoredObject
from storage.objects import S3Settings, Store
from storage.table_reads import read_table
from tests.archive.dying import counting_gets
from tests.archive.held_newspapers import HeldNewspapers
from tests.archive.homes import (
    FIRST,
    Origin,
    clean_workers,
    demo_card,
    make_home,
    manifest_of,
    manifests,
    open_home,
    parts,
    pass_night,
    plan,
    recorded,
    rows,
    run_of,
    served,
)
from tests.archive.running_crawl import kill_after
from tests.conftest import S3Server
from tests.demo.expected import EXPECTED

SECOND = FIRST + timedelta(days=1)


class Nights(NamedTuple):
    """Two nights of two newspapers; a third paper's crawl was killed in the second night, and committed late."""

    archive: Archive
    s3: S3Settings
    origin: Origin
    crawls: dict[int, list[PlannedCrawl]]


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory, s3_server: S3Server) -> Iterator[Nights]:
    place = tmp_path_factory.mktemp("nights")
    s3 = s3_server.new_prefix()
    home = make_home(
        place / "home",
        demo_card("faro"),
        demo_card("courier"),
        demo_card("anzeiger", enabled=False, delay_seconds=0.01),
    )
    with HeldNewspapers(ledger=place / "origin.jsonl", night=FIRST) as newspapers:
        origin = Origin(newspapers, place / "origin.jsonl")
        first = open_home(home, s3, FIRST, connect_to=newspapers.connect_to, crawl_slots=2)
        crawls = {1: pass_night(first)}
        first.close()
        newspapers.set_night(SECOND)
        archive = open_home(home, s3, SECOND, connect_to=newspapers.connect_to, crawl_slots=2)
        run = run_of(archive, "killed")
        (shard,) = tasks.plan_night(archive, run, only=["demo-anzeiger"])
        note = kill_after(archive, shard, origin, 31, "demo-anzeiger")
        mark_spent(archive, note.crawl)
        crawls[2] = pass_night(archive)
        yield Nights(archive, s3, origin, crawls)
        archive.close()


def test_the_nights_come_to_what_was_written_down(nights: Nights) -> None:
    for number, crawls in nights.crawls.items():
        for planned in crawls:
            expected = EXPECTED[number][planned.source.id]
            manifest = manifest_of(nights.archive, planned)
            assert {(c.purpose, c.state, c.reason): c.urls for c in manifest.counts} == expected
            (row,) = nights.archive.catalog.find_crawls(planned.crawl.night, planned.source.id)
            assert {(c.purpose, c.state, c.reason): c.urls for c in row.counts} == expected
            assert read_causes(nights.archive, planned.crawl.night) == {}, "a healthy newspaper is accused"


def test_every_record_is_a_row_and_every_row_reads_back(nights: Nights) -> None:
    captures = nights.archive.catalog.find_captures()
    found, sent = recorded(nights.archive.store), served(nights.origin.ledger)
    assert found.keys() <= sent.keys()
    assert set(found.values()) == {1}
    assert len(sent) - len(found) <= 1  # under way when the third paper's process was killed
    assert len(captures) == len({capture.record_id for capture in captures}) == len(found)
    for capture in captures[::20]:
        with counting_gets(nights.archive.store) as gets:
            member = read_warc(nights.archive, capture)
        where = capture.location
        assert gets == [f"bytes={where.offset}-{where.offset + where.length - 1}"]
        assert len(member) == where.length


def test_a_revisit_gives_the_body_of_its_original_by_one_get(nights: Nights) -> None:
    """Whatever the client sends is counted, whichever way it goes."""
    archive = nights.archive
    revisits = [c for c in archive.catalog.find_captures() if c.record_type == "revisit" and c.purpose == "article"]
    assert {capture.status for capture in revisits} == {200, 304}
    for capture in revisits[::15]:
        with counting_gets(archive.store) as gets:
            body = read_body(archive, capture)
        original = find_payload_capture(archive, capture)
        assert original.date < capture.date
        assert len(gets) == 1
        assert body == read_body(archive, original)
        assert find_closest(archive, capture.target_uri) == capture
        assert find_closest(archive, capture.target_uri, original.date) == original


def test_publishing_again_changes_nothing(nights: Nights) -> None:
    before, tables = rows(nights.archive), parts(nights.archive.store)
    for name in ("nightly", "killed"):
        for shard in plan(nights.archive, run_of(nights.archive, name)):
            tasks.clean_shard(nights.archive, shard, clean_workers())
            tasks.publish_shard(nights.archive, shard)
        tasks.build_tables(nights.archive, run_of(nights.archive, name))
    assert rows(nights.archive) == before
    assert parts(nights.archive.store) == tables


def test_tables_have_the_rows_of_each_night_s_crawls_and_nothing_else(nights: Nights) -> None:
    store = nights.archive.store
    late = [manifest for manifest in manifests(store).values() if manifest.late]
    for number, night in ((1, FIRST), (2, SECOND)):
        ledger, documents = read_table(store, "ledger", night), read_table(store, "documents", night)
        own = [manifest_of(nights.archive, planned) for planned in nights.crawls[number]]
        own += [manifest for manifest in late if manifest.crawl.night == night]
        assert Counter(ledger["crawl_id"].to_pylist()) == {m.crawl.id: m.discovered for m in own}
        crawls = {row.crawl_id: row.documents for row in nights.archive.catalog.find_crawls(night)}
        assert Counter(documents["crawl_id"].to_pylist()) == {m.crawl.id: crawls[m.crawl.id] for m in own}
    assert len(late) == 1


def test_a_newer_cleaning_takes_the_place_of_an_older_one_in_the_tables(
    nights: Nights, tmp_path: Path, s3_server: S3Server
) -> None:
    archive = copy_of(nights, tmp_path, s3_server.new_prefix())
    planned = nights.crawls[1][0]
    (old_key,) = (
        k for k in archive.store.list_keys(keys.TEXT_MANIFESTS) if k.rpartition("/")[2].startswith(planned.crawl.id)
    )
    old = read_text_manifest(archive.store, old_key)
    (stored,) = old.objects
    extractor = old.extractor.replace(version="9")
    kept = [one.replace(extractor=extractor) for one in read_documents(archive.store.read(stored.key))[:3]]
    content, key = write_documents(kept), keys.documents(planned.crawl, extractor, "0badcafe")
    archive.store.put_new(key, content, schema="document/1")
    objects = (StoredObject.of(key, content, "document/1", 3),)
    newer = old.replace(extractor=extractor, ended=archive.settings.now(), objects=objects, documents=3)
    archive.store.put_new(
        keys.text_manifest(keys.crawl_manifest(planned.crawl), extractor),
        newer.model_dump_json(by_alias=True).encode(),
        schema=newer.schema_name,
    )
    write_night_tables(archive, FIRST)
    table = read_table(archive.store, "documents", FIRST)
    mine = table.filter([name == planned.crawl.id for name in table["crawl_id"].to_pylist()])
    assert mine["url"].to_pylist() == [document.url for document in kept]
    assert set(mine["extractor_version"].to_pylist()) == {"9"}
    archive.close()


def test_rebuilding_gives_every_row_again(nights: Nights) -> None:
    archive = nights.archive
    before, tables, name = rows(archive), parts(archive.store), archive.catalog.name
    assert all(before[table] for table in before if table != "doubles")
    done = rebuild(archive)
    assert archive.catalog.name != name
    assert archive.catalog.list_others() == []
    assert (done.faults, done.check.missing.total, done.check.uncommitted.total) == ((), 0, 0)
    assert done.rows == {table: len(found) for table, found in before.items()}
    assert rows(archive) == before
    assert parts(archive.store) == tables


def test_a_copy_of_the_bucket_under_another_name_rebuilds_to_the_same_answers(
    nights: Nights, tmp_path: Path, s3_server: S3Server
) -> None:
    copied = copy_of(nights, tmp_path, s3_server.new_bucket())
    assert not parts(copied.store)
    rebuild(copied)
    assert rows(copied) == rows(nights.archive)
    assert parts(copied.store) == parts(nights.archive.store)
    for capture in nights.archive.catalog.find_captures()[::40]:
        found = find_closest(copied, capture.target_uri, capture.date)
        assert found == capture
        assert read_warc(copied, found, with_request=True) == read_warc(nights.archive, capture, with_request=True)
    copied.close()


def copy_of(nights: Nights, tmp_path: Path, s3: S3Settings) -> Archive:
    """Return the archive of a new home over a copy of the bucket's evidence."""
    home = make_home(tmp_path / "copy")
    shutil.copytree(nights.archive.settings.home.path / "cards", home / "cards", dirs_exist_ok=True)
    source, target = nights.archive.store, Store(s3)
    for key in source.list_keys(""):
        if not key.startswith("tables/"):
            stat = source.stat(key)
            assert stat
            target.put_new(key, source.read(key), schema=stat.schema_name or "")
    return open_home(home, s3, SECOND)
