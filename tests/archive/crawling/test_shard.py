"""Crawling a shard: tries that are killed, adopted, overtaken; what is committed in the end, and what was asked for."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hemeroteca.archive import tasks
from hemeroteca.archive.archive import Archive
from hemeroteca.archive.crawling.crawl_process import run_directory
from hemeroteca.configuration import CHECKOUT
from spiders.job import Job
from storage.model.errors import CrawlDiedError, StoreRefusedError
from storage.objects import S3Settings
from tests.archive.dying import refused_puts
from tests.archive.homes import (
    FIRST,
    Origin,
    addresses,
    check_committed,
    counts_of,
    demo_card,
    ledger_of,
    make_home,
    manifest_of,
    manifests,
    only_crawl,
    open_home,
    plan,
    recorded,
    run_of,
    served,
    spooled,
    unlisted,
)
from tests.archive.running_crawl import Crawling, acknowledged, directory_of, kill_after, notes
from tests.demo.expected import NIGHT_1
from tests.waiting import wait_for


def test_a_crawl_that_goes_well_is_committed_leaves_nothing_and_is_not_repeated(
    archive: Archive, origin: Origin
) -> None:
    (shard,) = plan(archive, run_of(archive))
    tasks.crawl_shard(archive, shard, last_try=False)
    manifest = check_committed(archive, origin, lost=0)
    assert len(manifest.attempts) == 1
    assert manifest.source == only_crawl(archive).source
    assert manifest.source_digest == manifest.source.digest()
    assert manifest.end_reason == "finished"
    assert manifest.wire_bytes == sum(o.wire_bytes for o in ledger_of(archive.store, manifest).values()) > 100_000
    leases = archive.coordination.find_leases(
        f"{manifest.crawl.id}/{manifest.attempts[0].nonce}", archive.settings.now()
    )
    assert not leases
    before, there = len(origin.rows()), set(archive.store.list_keys(""))
    tasks.crawl_shard(archive, shard, last_try=True)
    assert len(origin.rows()) == before
    assert set(archive.store.list_keys("")) == there


def test_a_store_that_refuses_is_told_at_once_and_what_was_fetched_is_committed_once_it_does_not(
    archive: Archive, origin: Origin
) -> None:
    (shard,) = plan(archive, run_of(archive))
    with refused_puts(archive.store), pytest.raises(StoreRefusedError, match="403"):
        tasks.crawl_shard(archive, shard, last_try=False)
    before = len(origin.rows())
    tasks.crawl_shard(archive, shard, last_try=False)
    assert len(origin.rows()) == before
    check_committed(archive, origin, lost=0)


@pytest.mark.parametrize("responses", [0, 6, 40])
def test_a_killed_crawl_is_adopted_and_nothing_acknowledged_is_asked_for_again(
    responses: int, archive: Archive, origin: Origin, tmp_path: Path
) -> None:
    (shard,) = plan(archive, run_of(archive))
    note = kill_after(archive, shard, origin, responses)
    first = origin.rows()
    (tmp_path / "copy").mkdir()
    had = acknowledged(archive, note, tmp_path / "copy")
    assert len(had) >= responses - 4  # one under way, and two more tries of the page that is always an error
    tasks.crawl_shard(archive, shard, last_try=False)
    manifest = check_committed(archive, origin, lost=1)
    assert [attempt.nonce for attempt in manifest.attempts][1:] == [note.attempt.nonce]
    articles = {url for url, outcome in had.items() if outcome.purpose == "article" and outcome.record_id}
    again = set(addresses(origin.rows()[len(first) :]))
    assert not articles & again
    if responses:
        assert f"{only_crawl(archive).source.homepage}robots.txt" in again  # rules are read anew
    kept = {o.url: o.record_id for o in had.values() if o.url in articles}
    outcomes = ledger_of(archive.store, manifest)
    assert {url: outcomes[url].record_id for url in articles} == kept


def test_a_crawl_killed_twice_is_adopted_whole(archive: Archive, origin: Origin) -> None:
    (shard,) = plan(archive, run_of(archive))
    first = kill_after(archive, shard, origin, 25)
    second = kill_after(archive, shard, origin, 25)
    tasks.crawl_shard(archive, shard, last_try=True)
    manifest = check_committed(archive, origin, lost=2)
    assert {first.attempt.nonce, second.attempt.nonce} < {attempt.nonce for attempt in manifest.attempts}


def test_a_retry_waits_for_its_predecessor_then_kills_it(
    tmp_path: Path, s3_settings: S3Settings, origin: Origin
) -> None:
    home = make_home(tmp_path / "home", demo_card("faro", delay_seconds=0.02))
    archive = open_home(home, s3_settings, connect_to=origin.newspapers.connect_to, grace_seconds=0.5)
    (shard,) = plan(archive, run_of(archive))
    origin.newspapers.hold_after(8)
    stuck = Crawling(archive, shard)
    wait_for(lambda: len(origin.rows()) >= 8)
    (note,) = notes(archive)
    assert note.pid
    os.kill(note.pid, signal.SIGSTOP)  # deaf to every polite signal
    origin.newspapers.drop()
    retry = Crawling(archive, shard)
    stuck.join()
    assert isinstance(stuck.fault, CrawlDiedError)
    retry.join()
    assert retry.fault is None
    manifest = check_committed(archive, origin, lost=1)
    assert note.attempt.nonce in {attempt.nonce for attempt in manifest.attempts}
    archive.close()


@contextmanager
def parent_process(archive: Archive, shard: str) -> Iterator[subprocess.Popen[bytes]]:
    """Crawl *shard* in a process of its own."""
    code = (
        "import sys\n"
        "from hemeroteca.archive import tasks\n"
        "from hemeroteca.archive.archive import Archive\n"
        "from hemeroteca.configuration import read_settings\n"
        "with Archive(read_settings()) as archive:\n"
        "    tasks.crawl_shard(archive, sys.argv[1], last_try=False)\n"
    )
    settings = archive.settings
    assert settings.s3_secret_key
    environment = {
        "HOME": str(settings.home), "DEMO": "1", "SEEDS": str(settings.seeds), "TODAY": str(settings.today),
        "CONNECT_TO": settings.connect_to, "S3_ENDPOINT": settings.s3_endpoint or "",
        "S3_BUCKET": settings.s3_bucket or "", "S3_PREFIX": settings.s3_prefix,
        "S3_ACCESS_KEY": settings.s3_access_key or "", "S3_SECRET_KEY": settings.s3_secret_key.get_secret_value(),
    }  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-c", code, shard],
        cwd=CHECKOUT,
        env=os.environ | {f"HEMEROTECA_{name}": value for name, value in environment.items()},
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_a_crawl_whose_parent_died_before_the_commit_is_committed_without_asking_again(
    archive: Archive, origin: Origin
) -> None:
    (shard,) = plan(archive, run_of(archive))
    with parent_process(archive, shard) as parent:
        wait_for(lambda: bool(notes(archive)))
        parent.send_signal(signal.SIGSTOP)  # so that it cannot commit what ends behind its back
        (note,) = notes(archive)
        wait_for((directory_of(archive, note) / "ended.json").exists)
        parent.kill()
    asked = len(origin.rows())
    assert not manifests(archive.store)
    tasks.crawl_shard(archive, shard, last_try=False)
    assert len(origin.rows()) == asked
    manifest = check_committed(archive, origin, lost=0)
    assert [attempt.nonce for attempt in manifest.attempts] == [note.attempt.nonce]


def test_a_crawl_process_whose_parent_is_killed_stops_and_is_adopted(archive: Archive, origin: Origin) -> None:
    (shard,) = plan(archive, run_of(archive))
    origin.newspapers.hold_after(20)
    with parent_process(archive, shard) as parent:
        wait_for(lambda: len(origin.rows()) >= 20)
        parent.kill()
        parent.wait()
    origin.newspapers.release()
    (note,) = notes(archive)
    wait_for(lambda: not Path(f"/proc/{note.pid}").exists())
    assert not list(directory_of(archive, note).glob("*.open"))  # it stopped gracefully
    assert not (directory_of(archive, note) / "ended.json").exists()
    tasks.crawl_shard(archive, shard, last_try=False)
    check_committed(archive, origin, lost=0)


def test_an_attempt_of_another_machine_is_adopted_from_the_bucket(
    archive: Archive, origin: Origin, tmp_path: Path, s3_settings: S3Settings
) -> None:
    """The other machine put its WARC file and was lost before its manifest."""
    (shard,) = plan(archive, run_of(archive))
    tasks.crawl_shard(archive, shard, last_try=False)
    manifest = manifest_of(archive, only_crawl(archive))
    elsewhere = open_home(
        make_home(tmp_path / "elsewhere", demo_card("faro")),
        s3_settings.replace(prefix=f"{s3_settings.prefix}copy/"),
        connect_to=origin.newspapers.connect_to,
    )
    (warc,) = (stored for stored in manifest.objects if stored.key.startswith("warc/"))
    elsewhere.store.put_new(warc.key, archive.store.read(warc.key), schema=warc.schema_name)
    asked = len(origin.rows())
    (shard,) = plan(elsewhere, run_of(elsewhere))
    tasks.crawl_shard(elsewhere, shard, last_try=False)
    ours = manifest_of(elsewhere, only_crawl(elsewhere))
    assert counts_of(ours) | {("tdmrep", "captured", None): 1} == NIGHT_1["demo-faro"]  # no article is left to ask for
    assert manifest.attempts[0].nonce in {attempt.nonce for attempt in ours.attempts}
    assert warc.key in {stored.key for stored in ours.objects}
    again = Counter(row.path for row in origin.rows()[asked:])
    articles = {o.url for o in ledger_of(archive.store, manifest).values() if o.purpose == "article" and o.record_id}
    assert not articles & {f"http://faro.hemeroteca.test{path}" for path in again}
    assert not spooled(elsewhere)
    elsewhere.close()


def test_of_two_tries_that_overlap_one_wins_and_the_other_is_committed_late(
    tmp_path: Path, s3_settings: S3Settings, origin: Origin
) -> None:
    """Two machines that share nothing but the bucket and the night."""
    archives = [
        open_home(
            make_home(tmp_path / name, demo_card("faro", delay_seconds=0.02)),
            s3_settings,
            connect_to=origin.newspapers.connect_to,
        )
        for name in ("one", "two")
    ]
    crawlings = [Crawling(archive, plan(archive, run_of(archive))[0]) for archive in archives]
    for crawling in crawlings:
        crawling.join()
        assert crawling.fault is None
    store = archives[0].store
    (early,) = manifests(store).values()
    assert not early.late, "a crawl step commits nothing late"
    assert recorded(store) == served(origin.ledger), "and leaves nothing in the spool alone"
    for archive in archives:
        tasks.build_tables(archive, run_of(archive))
    found = manifests(store)
    won, late = sorted(found.values(), key=lambda manifest: manifest.late)
    assert [won.late, late.late] == [False, True]
    assert won.crawl.id == late.crawl.id
    assert late.discovered == 0
    assert late.counts == ()
    assert not {attempt.nonce for attempt in won.attempts} & {attempt.nonce for attempt in late.attempts}
    assert not {stored.key for stored in won.objects} & {stored.key for stored in late.objects}
    assert recorded(store) == served(origin.ledger)
    assert not unlisted(store)
    for archive in archives:
        assert not spooled(archive)
        tasks.publish_shard(archive, plan(archive, run_of(archive))[0])
        assert len(archive.catalog.find_captures()) == sum(recorded(store).values())
        rows = archive.catalog.find_crawls(FIRST)
        assert {(row.late, row.discovered) for row in rows} == {(False, won.discovered), (True, 0)}
        archive.close()


def jobs(archive: Archive) -> list[list[str]]:
    """Return which sources each crawl process of the run was given."""
    folder = run_directory(archive.settings, run_of(archive))
    found = [Job.model_validate_json(path.read_text()) for path in sorted(folder.glob("*.job.json"))]
    return [[task.source.id for task in job.tasks] for job in found]


def test_the_last_try_has_a_process_for_each_source_and_one_that_dies_takes_no_other_with_it(
    tmp_path: Path, s3_settings: S3Settings, origin: Origin
) -> None:
    # papers that name a host together are one shard
    shared = [demo_card(name, hosts=[f"{name}.hemeroteca.test", "shared.test"]) for name in ("faro", "courier")]
    archive = open_home(make_home(tmp_path / "home", *shared), s3_settings, connect_to=origin.newspapers.connect_to)
    (shard,) = plan(archive, run_of(archive))
    crawling = Crawling(archive, shard, last_try=True)
    wait_for(lambda: bool(notes(archive, "demo-faro")))
    (note,) = notes(archive, "demo-faro")
    assert note.pid
    os.kill(note.pid, signal.SIGKILL)
    crawling.join()
    assert isinstance(crawling.fault, CrawlDiedError)
    assert note.crawl.id in str(crawling.fault)
    assert "demo-courier" not in str(crawling.fault)
    (manifest,) = manifests(archive.store).values()
    assert counts_of(manifest) == NIGHT_1["demo-courier"]
    assert sorted(jobs(archive)) == [["demo-courier"], ["demo-faro"]]
    tasks.crawl_shard(archive, shard, last_try=True)
    assert {manifest.crawl.source_id for manifest in manifests(archive.store).values()} == {"demo-courier", "demo-faro"}
    archive.close()
