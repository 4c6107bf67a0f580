"""What spiders scraped is committed with its crawl: whatever dies on the way, nothing is lost and nothing is twice."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from hemeroteca.archive import tasks
from hemeroteca.archive.archive import Archive, read_s3_settings
from hemeroteca.archive.bucket_check import check_bucket
from hemeroteca.archive.crawling.commit import read_outcomes
from hemeroteca.archive.crawling.late import mark_spent
from hemeroteca.archive.publishing.late_commits import commit_late
from hemeroteca.archive.publishing.rebuild import rebuild
from hemeroteca.archive.reading.kept_items import read_kept_items
from storage import keys
from storage.items import ITEMS
from storage.model.errors import FixityError
from tests.archive.dying import Died, dying
from tests.archive.faulty import tear
from tests.archive.homes import (
    Origin,
    check_committed,
    demo_card,
    make_home,
    manifest_of,
    manifests,
    only_crawl,
    open_home,
    plan,
    rows,
    run_of,
    spooled,
    take_steps,
    unlisted,
)
from tests.archive.late import killed, late_manifest
from tests.archive.running_crawl import directory_of
from tests.archive.scraped_items import (
    crawl_to_commit,
    listed_items,
    names,
    scrape,
    scrape_ended,
    scrape_killed,
    tried,
)
from tests.conftest import s3_client

PUTS = 6
"""WARC file, its two indexes, ledger, items, manifest."""


def test_items_are_listed_with_their_number_and_read_back_in_their_order(archive: Archive, origin: Origin) -> None:
    (shard,) = plan(archive, run_of(archive))
    pages = scrape_ended(crawl_to_commit(archive, shard))
    tasks.crawl_shard(archive, shard, last_try=False)
    check_committed(archive, origin, lost=0)
    (stored,) = listed_items(archive)
    crawl = only_crawl(archive).crawl
    assert stored.key.startswith(keys.items_of(crawl)) and stored.records == len(pages) > 20
    told = archive.store.stat(stored.key)
    assert told and (told.schema_name, told.sha256, told.bytes) == (ITEMS, stored.sha256, stored.bytes)
    kept = list(read_kept_items(archive))
    assert [(one.url, one.record_id) for one in kept] == [(one.url, one.record_id) for one in pages]
    assert {(one.source_id, one.night, one.crawl_id, one.spider) for one in kept} == {
        ("demo-faro", crawl.night, crawl.id, "faro")
    }


def test_a_commit_with_items_that_dies_at_any_put_is_finished(archive: Archive, origin: Origin) -> None:
    (shard,) = plan(archive, run_of(archive))
    pages = scrape_ended(crawl_to_commit(archive, shard))
    for put in range(PUTS):
        for answered in (False, True):
            with pytest.raises(Died), dying(archive.store, put, answered):
                tasks.crawl_shard(archive, shard, last_try=False)
    tasks.crawl_shard(archive, shard, last_try=False)
    tasks.build_tables(archive, run_of(archive))
    assert check_committed(archive, origin, lost=0).superseded == ()
    assert tried(archive) == names(pages, "ended")


def test_items_of_adopted_pages_count_and_those_of_pages_fetched_again_do_not(
    archive: Archive, origin: Origin, tmp_path: Path
) -> None:
    note = killed(archive, origin)
    before = scrape_killed(archive, note, tmp_path / "copy")
    (shard,) = plan(archive, run_of(archive))
    again = scrape_ended(crawl_to_commit(archive, shard))
    tasks.crawl_shard(archive, shard, last_try=False)
    check_committed(archive, origin, lost=1)
    adopted = [one for one in before if one.purpose == "article"]
    assert len(before) > len(adopted) > 0, "sections are fetched again"
    assert {one.url for one in before} - {one.url for one in adopted} <= {one.url for one in again}
    assert tried(archive) == names(adopted, "killed") | names(again, "ended")


def test_an_adopted_page_keeps_the_items_of_all_its_records(archive: Archive, origin: Origin, tmp_path: Path) -> None:
    """A spider may ask for a page twice: only the last record is in the ledger."""
    note = killed(archive, origin)
    before = scrape_killed(archive, note, tmp_path / "copy")
    article = next(one for one in before if one.purpose == "article")
    earlier = [article.replace(record_id="urn:uuid:1"), article.replace(record_id=None)]
    scrape(directory_of(archive, note), earlier, "killed")
    (shard,) = plan(archive, run_of(archive))
    crawl_to_commit(archive, shard)
    tasks.crawl_shard(archive, shard, last_try=False)
    assert names([article, *earlier], "killed").items() <= tried(archive).items()


def test_what_was_scraped_of_a_page_that_fails_when_it_is_fetched_again_counts(
    archive: Archive, origin: Origin, tmp_path: Path
) -> None:
    before = scrape_killed(archive, killed(archive, origin), tmp_path / "copy")
    (shard,) = plan(archive, run_of(archive))
    ended = crawl_to_commit(archive, shard)
    section = next(one for one in before if one.purpose == "section")
    ledger = ended / "ledger.jsonl"
    failed = section.replace(state="failed", reason="timeout", record_id=None, status=None)
    outcomes = [failed if one.url == section.url else one for one in read_outcomes(ended)]
    ledger.write_text("".join(f"{one.model_dump_json()}\n" for one in outcomes))
    tasks.crawl_shard(archive, shard, last_try=False)
    assert (section.url, section.record_id) in tried(archive)


def test_a_line_that_was_cut_and_lines_without_an_item_stop_no_other(archive: Archive) -> None:
    (shard,) = plan(archive, run_of(archive))
    ended = crawl_to_commit(archive, shard)
    pages = scrape_ended(ended)
    items = ended / "items.jsonl"
    first, *others = items.read_bytes().splitlines(keepends=True)
    wrong = b'{"url": "http://x.test/", "spider": "faro"}\n'
    items.write_bytes(first + b"not JSON\n" + wrong + b"\xff\xfe\n" + b"".join(others) + others[0][:-5])
    with capture_logs() as logs:
        tasks.crawl_shard(archive, shard, last_try=False)
    assert tried(archive) == names(pages, "ended")
    (log,) = [one for one in logs if one["event"] == "items left out"]
    assert (log["log_level"], log["lines"], log["attempt"]) == ("warning", 3, ended.name)
    assert "Expecting value" in log["reason"]


def test_a_crawl_without_a_single_item_lists_none(archive: Archive) -> None:
    (shard,) = plan(archive, run_of(archive))
    (crawl_to_commit(archive, shard) / "items.jsonl").write_bytes(b'{"cut')
    tasks.crawl_shard(archive, shard, last_try=False)
    assert not listed_items(archive)
    assert list(read_kept_items(archive)) == []


def test_a_late_commit_of_a_crawl_whose_retries_are_spent_takes_its_items(
    archive: Archive, origin: Origin, tmp_path: Path
) -> None:
    note = killed(archive, origin)
    pages = scrape_killed(archive, note, tmp_path / "copy")
    with (directory_of(archive, note) / "items.jsonl").open("ab") as file:
        file.write(b'{"url": "http://cut.test/')
    mark_spent(archive, note.crawl)
    for put in range(PUTS):
        for answered in (False, True):
            with pytest.raises(Died), dying(archive.store, put, answered):
                commit_late(archive)
    commit_late(archive)
    (stored,) = archive.holdings.find_objects(late_manifest(archive, note), ITEMS)
    assert stored.records == len(pages)
    assert tried(archive) == names(pages, "killed")
    assert not spooled(archive) and not unlisted(archive.store)


def test_what_a_lost_machine_had_put_is_adopted_from_the_bucket(
    archive: Archive, origin: Origin, tmp_path: Path
) -> None:
    """It died before its manifest, and its disk is gone: only what is in the bucket is left."""
    (shard,) = plan(archive, run_of(archive))
    pages = scrape_ended(crawl_to_commit(archive, shard))
    with pytest.raises(Died), dying(archive.store, PUTS - 1, answered=False):
        tasks.crawl_shard(archive, shard, last_try=False)
    (put,) = archive.store.list_keys("items/")
    home = make_home(tmp_path / "other", demo_card("faro"))
    s3 = read_s3_settings(archive.settings)
    with open_home(home, s3, connect_to=origin.newspapers.connect_to) as other:
        (shard,) = plan(other, run_of(other))
        tasks.crawl_shard(other, shard, last_try=False)
        manifest = manifest_of(other, only_crawl(other))
        assert tried(other) == names([one for one in pages if one.purpose == "article"], "ended")
        assert put in {stored.key for stored in manifest.superseded}
        assert not unlisted(other.store) and not spooled(other)


def test_items_that_come_back_after_the_commit_are_committed_late_and_once(
    archive: Archive, origin: Origin, tmp_path: Path
) -> None:
    """Another machine has adopted the pages from the bucket, where no items were yet."""
    note = killed(archive, origin)
    before = scrape_killed(archive, note, tmp_path / "copy")
    spool = archive.settings.home.spool
    shutil.copytree(spool, tmp_path / "spool")
    (directory_of(archive, note) / "items.jsonl").unlink()
    (shard,) = plan(archive, run_of(archive))
    again = scrape_ended(crawl_to_commit(archive, shard))
    tasks.crawl_shard(archive, shard, last_try=False)
    assert tried(archive) == names(again, "ended")
    for committed in (1, 0):
        shutil.copytree(tmp_path / "spool", spool, dirs_exist_ok=True)
        assert len(commit_late(archive)) == committed
        adopted = [one for one in before if one.purpose == "article"]
        assert tried(archive) == names(adopted, "killed") | names(again, "ended")
        assert not spooled(archive)
    assert len(listed_items(archive)) == 2 and not unlisted(archive.store)

    damaged, whole = listed_items(archive)
    tear(read_s3_settings(archive.settings), damaged.key)
    found = []
    with pytest.raises(FixityError, match=damaged.key):
        for item in read_kept_items(archive):
            found.append(item.url)
    assert len(found) == whole.records, "what is whole is read all the same"


def test_items_of_a_crawl_whose_manifest_is_damaged_are_committed_again(archive: Archive, origin: Origin) -> None:
    (shard,) = plan(archive, run_of(archive))
    pages = scrape_ended(crawl_to_commit(archive, shard))
    tasks.crawl_shard(archive, shard, last_try=False)
    tear(read_s3_settings(archive.settings), keys.crawl_manifest(only_crawl(archive).crawl))
    assert list(read_kept_items(archive)) == []
    tasks.crawl_shard(archive, shard, last_try=False)
    assert len(commit_late(archive)) == 1
    assert tried(archive) == names(pages, "ended")
    assert not spooled(archive)


def test_the_catalog_is_rebuilt_beside_items_and_the_bucket_is_checked_for_them(archive: Archive) -> None:
    run = run_of(archive)
    (shard,) = plan(archive, run)
    ended = crawl_to_commit(archive, shard)
    scrape_ended(ended)
    take_steps(archive, run, [shard])
    before = rows(archive)
    rebuild(archive)
    assert rows(archive) == before
    assert check_bucket(archive).objects == len([*archive.store.list_keys("")]) - len(
        [*archive.store.list_keys("tables/"), *archive.store.list_keys("manifests/crawl/")]
    )
    (stored,) = listed_items(archive)
    s3 = read_s3_settings(archive.settings)
    s3_client(s3).delete_object(Bucket=s3.bucket, Key=s3.prefix + stored.key)
    assert check_bucket(archive).missing.first == (stored.key,)
    with pytest.raises(FixityError, match="is missing, but a manifest lists it"):
        list(read_kept_items(archive))
    assert manifest_of(archive, only_crawl(archive)) in manifests(archive.store).values()
