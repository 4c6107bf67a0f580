"""Late commits: what no manifest took in time is in the archive all the same, and counted once."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from hemeroteca.archive import tasks
from hemeroteca.archive.archive import Archive
from hemeroteca.archive.crawling.attempts import holder_of
from hemeroteca.archive.crawling.late import ABANDONED, mark_spent
from hemeroteca.archive.publishing.late_commits import commit_late
from hemeroteca.archive.publishing.rebuild import rebuild
from storage import keys
from storage.model.errors import RunFailedError
from storage.objects import S3Settings
from storage.spool import create_attempt
from storage.table_reads import read_table
from tests.archive.dying import Died, dying
from tests.archive.homes import (
    FIRST,
    Origin,
    addresses,
    counts_of,
    demo_card,
    ledger_of,
    make_home,
    manifest_of,
    manifests,
    only_crawl,
    open_home,
    pass_night,
    plan,
    recorded,
    rows,
    run_of,
    served,
    spooled,
    unlisted,
)
from tests.archive.late import check_interrupted, killed, late_key, late_manifest, late_texts
from tests.archive.running_crawl import Crawling, directory_of, notes
from tests.demo.expected import NIGHT_1
from tests.storage.known_rows import find_pending
from tests.waiting import wait_for


def test_a_crawl_whose_retries_are_spent_is_committed_late_with_every_url_accounted_for(
    archive: Archive, origin: Origin
) -> None:
    run = run_of(archive)
    note = killed(archive, origin)
    asked = len(origin.rows())
    assert tasks.build_tables(archive, run)["late"] == 1
    assert len(origin.rows()) == asked
    (manifest,) = manifests(archive.store).values()
    assert manifest == late_manifest(archive, note)
    check_interrupted(archive, origin, manifest)
    assert recorded(archive.store).keys() <= served(origin.ledger).keys()
    assert len(archive.catalog.find_captures()) == sum(recorded(archive.store).values())
    assert read_table(archive.store, "ledger", FIRST).num_rows == manifest.discovered
    assert read_table(archive.store, "documents", FIRST).num_rows == late_texts(archive, note).documents
    with pytest.raises(RunFailedError, match="demo-faro: its crawl was not finished"):
        tasks.judge_run(archive, run)
    outcomes = ledger_of(archive.store, manifest)
    unasked = {url for url, one in outcomes.items() if one.reason == "interrupted" and one.purpose == "article"}
    assert unasked <= find_pending(archive.catalog).keys(), "the next night asks for them"
    before = rows(archive)
    rebuild(archive)
    assert rows(archive) == before


def test_nothing_is_committed_late_before_its_retries_are_spent(archive: Archive, origin: Origin) -> None:
    note = killed(archive, origin)
    files = spooled(archive)
    assert commit_late(archive, note.attempt.started + ABANDONED) == []
    assert commit_late(archive) == []
    assert {path.name.removesuffix(".open") for path in files} == {path.name for path in spooled(archive)}
    assert not manifests(archive.store)
    (shard,) = plan(archive, run_of(archive))
    tasks.crawl_shard(archive, shard, last_try=False)
    assert counts_of(manifest_of(archive, only_crawl(archive))) == NIGHT_1["demo-faro"]


def test_a_crawl_that_was_stopped_with_what_ran_it_is_committed_a_day_later(archive: Archive, origin: Origin) -> None:
    note = killed(archive, origin)
    day = note.attempt.started + ABANDONED
    assert commit_late(archive, day) == []
    assert commit_late(archive, day + timedelta(seconds=1)) == [late_key(archive, note)]
    (manifest,) = manifests(archive.store).values()
    check_interrupted(archive, origin, manifest)


def test_a_late_commit_that_dies_at_any_put_is_finished_the_next_time(archive: Archive, origin: Origin) -> None:
    note = killed(archive, origin)
    mark_spent(archive, note.crawl)
    committing, cleaning = range(5), range(3)  # WARC file, two indexes, ledger, manifest; documents, memory, manifest
    for put in (*committing, *cleaning):
        for answered in (False, True):
            with pytest.raises(Died), dying(archive.store, put, answered):
                commit_late(archive)
    assert spooled(archive)
    assert commit_late(archive) == []  # all of it is committed already
    (manifest,) = manifests(archive.store).values()
    check_interrupted(archive, origin, manifest)
    assert archive.catalog.is_published(late_key(archive, note))
    (row,) = archive.catalog.find_crawls(FIRST)
    assert row.documents == late_texts(archive, note).documents


def test_a_late_commit_that_died_before_its_texts_or_tables_has_them_the_next_time(
    archive: Archive, origin: Origin
) -> None:
    note = killed(archive, origin)
    mark_spent(archive, note.crawl)
    with pytest.raises(Died), dying(archive.store, 5, False):  # the first put after the manifest: its documents
        commit_late(archive)
    assert not list(archive.store.list_keys("documents/"))
    with pytest.raises(Died), dying(archive.store, 3, False):  # after documents, memory and text manifest: a table
        commit_late(archive)
    assert late_texts(archive, note) and not list(archive.store.list_keys("tables/"))
    commit_late(archive)
    assert not spooled(archive)
    assert read_table(archive.store, "documents", FIRST).num_rows == late_texts(archive, note).documents
    assert read_table(archive.store, "ledger", FIRST).num_rows == late_manifest(archive, note).discovered


def test_an_attempt_whose_maker_died_before_it_wrote_anything_is_removed_a_day_later(archive: Archive) -> None:
    attempt = create_attempt(archive.settings.home.spool, "demo-faro-20260301-nightly", "11111111")
    commit_late(archive)
    assert attempt.exists()
    long_ago = time.time() - ABANDONED.total_seconds() - 1
    os.utime(attempt, (long_ago, long_ago))
    commit_late(archive)
    assert not list(archive.settings.home.spool.iterdir())


def test_a_later_run_of_the_night_takes_the_place_of_a_late_commit_and_fetches_nothing_twice(
    tmp_path: Path, s3_settings: S3Settings, origin: Origin
) -> None:
    sitemap = {"kind": "sitemap", "url": "http://faro.hemeroteca.test/sitemap.xml"}
    home = make_home(tmp_path / "home", demo_card("faro", delay_seconds=0.01, discoveries=[sitemap]))
    archive = open_home(home, s3_settings, connect_to=origin.newspapers.connect_to)
    note = killed(archive, origin)
    tasks.build_tables(archive, run_of(archive))
    late = ledger_of(archive.store, late_manifest(archive, note))
    asked = len(origin.rows())
    pass_night(archive, "again")
    tasks.judge_run(archive, run_of(archive, "again"))
    manifest = manifest_of(archive, only_crawl(archive))
    outcomes = ledger_of(archive.store, manifest)
    assert late.keys() <= outcomes.keys()
    assert {outcome.state for outcome in late.values()} == {"captured", "failed", "refused"}
    cut_short = [url for url, outcome in late.items() if outcome.reason == "interrupted"]
    assert {outcomes[url].state for url in cut_short} == {"captured"}
    had = {url for url, outcome in late.items() if outcome.purpose == "article" and outcome.record_id}
    assert not had & set(addresses(origin.rows()[asked:]))
    assert {url: outcomes[url].record_id for url in had} == {url: late[url].record_id for url in had}
    assert set(recorded(archive.store).values()) == {1}
    assert read_table(archive.store, "ledger", FIRST).num_rows == manifest.discovered
    texts = read_table(archive.store, "documents", FIRST)["derived_from"].to_pylist()
    assert len(texts) == len(set(texts)) > late_texts(archive, note).documents
    found = archive.catalog.find_crawls(FIRST)
    assert {(row.late, row.discovered) for row in found} == {(False, manifest.discovered), (True, 0)}
    assert len(archive.catalog.find_captures()) == sum(recorded(archive.store).values())
    assert not spooled(archive)
    before = rows(archive)
    rebuild(archive)
    assert rows(archive) == before
    archive.close()


@pytest.fixture
def two_papers(tmp_path: Path, s3_settings: S3Settings, origin: Origin) -> Iterator[Archive]:
    home = make_home(
        tmp_path / "home",
        demo_card("faro", delay_seconds=0.02, hosts=["faro.hemeroteca.test", "shared.test"]),
        demo_card("courier", delay_seconds=0.02, hosts=["courier.hemeroteca.test", "shared.test"]),
    )
    archive = open_home(home, s3_settings, connect_to=origin.newspapers.connect_to)
    yield archive
    archive.close()


def test_what_another_night_left_in_the_spool_is_committed_published_and_in_that_night_s_tables(
    two_papers: Archive, origin: Origin, s3_settings: S3Settings
) -> None:
    """The machine went down for a day in the middle of a crawl."""
    note = killed(two_papers, origin)
    mark_spent(two_papers, note.crawl)
    tomorrow = FIRST + timedelta(days=1)
    later = open_home(two_papers.settings.home.path, s3_settings, tomorrow, connect_to=origin.newspapers.connect_to)
    run = run_of(later)
    (shard,) = tasks.plan_night(later, run, only=["demo-courier"])
    tasks.crawl_shard(later, shard, last_try=False)
    tasks.publish_shard(later, shard)
    assert tasks.build_tables(later, run)["late"] == 1
    assert later.catalog.is_published(late_key(later, note))
    assert read_table(later.store, "ledger", FIRST).num_rows == late_manifest(later, note).discovered
    assert read_table(later.store, "documents", FIRST).num_rows == late_texts(later, note).documents
    assert read_table(later.store, "ledger", tomorrow).num_rows == manifest_of(later, only_crawl(later)).discovered
    assert not later.coordination.find_leases(f"{note.crawl.id}/{note.attempt.nonce}", later.settings.now())
    later.close()


def test_a_spool_that_is_damaged_is_kept_and_holds_up_nobody(two_papers: Archive, origin: Origin) -> None:
    (shard,) = plan(two_papers, run_of(two_papers))
    origin.newspapers.hold_after(60)
    crawling = Crawling(two_papers, shard)
    wait_for(lambda: len(origin.rows()) >= 60)
    for source_id in ("demo-faro", "demo-courier"):
        (note,) = notes(two_papers, source_id)
    assert note.pid
    os.kill(note.pid, signal.SIGKILL)
    origin.newspapers.drop()
    crawling.join()
    (damaged,) = notes(two_papers, "demo-faro")
    warc = next(directory_of(two_papers, damaged).glob("*.warc.gz.open"))
    content = bytearray(warc.read_bytes())
    settled = warc.with_name(warc.name.removesuffix(".open"))
    content[len(content) // 2] ^= 0xFF
    settled.write_bytes(content)
    warc.unlink()
    tasks.build_tables(two_papers, run_of(two_papers))
    (manifest,) = manifests(two_papers.store).values()
    assert manifest.crawl.source_id == "demo-courier"
    assert settled.exists()
    assert {path.parts[-3] for path in spooled(two_papers)} == {damaged.crawl.id}
    with pytest.raises(RunFailedError, match=f"demo-faro: its crawl was not finished: .*{settled.name}"):
        tasks.judge_run(two_papers, run_of(two_papers))


def test_what_a_crawl_step_of_another_machine_left_is_committed_by_whoever_runs_tables(
    tmp_path: Path, s3_settings: S3Settings, origin: Origin
) -> None:
    """Two machines share the bucket and coordination, not the spool."""
    shared = f"sqlite:///{tmp_path / 'shared.sqlite'}"
    here, there = (
        open_home(
            make_home(tmp_path / name, demo_card("faro", delay_seconds=0.01)),
            s3_settings,
            connect_to=origin.newspapers.connect_to,
            coordination=shared,
        )
        for name in ("here", "there")
    )
    note = killed(there, origin)
    there.coordination.release_leases(there.coordination.find_leases(holder_of(note.attempt), there.settings.now()))
    (shard,) = plan(here, run_of(here))
    tasks.crawl_shard(here, shard, last_try=False)
    tasks.crawl_shard(there, shard, last_try=False)  # the retry finds it committed
    assert not list(there.store.list_keys("documents/")), "a crawl step cleans nothing"
    assert set(manifests(here.store)) == {keys.crawl_manifest(note.crawl)}, "and commits nothing late"
    assert tasks.build_tables(here, run_of(here))["late"] == 1
    assert late_manifest(here, note).end_reason == "late"
    assert recorded(here.store).keys() <= served(origin.ledger).keys()
    assert set(recorded(here.store).values()) == {1}
    assert len(here.catalog.find_captures()) == sum(recorded(here.store).values())
    assert commit_late(here) == commit_late(there) == []
    assert not spooled(here) and not spooled(there)
    assert not unlisted(here.store)
    here.close()
    there.close()
