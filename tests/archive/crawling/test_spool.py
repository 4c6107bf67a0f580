"""The spool while a crawl runs: files go to the bucket as they are closed, and a bucket that is away stops nobody."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hemeroteca.archive import tasks
from hemeroteca.archive.archive import Archive, embedded_s3_settings
from hemeroteca.archive.crawling.crawl_process import run_directory
from hemeroteca.home import Home
from hemeroteca.services.children import Children
from hemeroteca.services.seaweed import start_s3, stop_s3
from storage.objects import S3Settings
from storage.spool import list_warcs
from tests.archive.homes import (
    Origin,
    addresses,
    check_committed,
    demo_card,
    ledger_of,
    make_home,
    manifests,
    open_home,
    plan,
    recorded,
    run_of,
    served,
    spooled,
    unlisted,
)
from tests.archive.running_crawl import Crawling, directory_of, kill_once, notes
from tests.waiting import wait_for

SMALL = 12_000


def slow_archive(directory: Path, s3: S3Settings, origin: Origin, **limits: Any) -> Archive:
    """An archive whose crawl of some seconds closes a WARC file every dozen pages."""
    home = make_home(directory / "home", demo_card("faro", delay_seconds=0.05))
    return open_home(home, s3, connect_to=origin.newspapers.connect_to, warc_max_bytes=SMALL, **limits)


def crawl_log(archive: Archive) -> list[dict[str, str]]:
    found = sorted(run_directory(archive.settings, run_of(archive)).glob("*.log"))
    return [json.loads(line) for path in found for line in path.read_text().splitlines() if line.startswith("{")]


def events(archive: Archive) -> list[str]:
    return [line["event"] for line in crawl_log(archive)]


def spooled_bytes(archive: Archive) -> int:
    return sum(path.stat().st_size for path in archive.settings.home.spool.rglob("*") if path.is_file())


def test_a_closed_file_is_in_the_bucket_and_gone_from_the_spool_before_the_crawl_ends(
    tmp_path: Path, s3_settings: S3Settings, origin: Origin
) -> None:
    archive = slow_archive(tmp_path, s3_settings, origin)
    (shard,) = plan(archive, run_of(archive))
    origin.newspapers.hold_after(45)
    crawling = Crawling(archive, shard)
    wait_for(lambda: len(list(archive.store.list_keys("warc/"))) >= 2)
    (note,) = notes(archive)
    directory = directory_of(archive, note)
    first = list_warcs(directory)[0]
    wait_for(lambda: not first.exists() or crawling.ended)
    assert not crawling.ended
    assert not (directory / "ended.json").exists()
    origin.newspapers.release()
    crawling.join()
    assert crawling.fault is None
    manifest = check_committed(archive, origin, lost=0)
    warcs = [stored.key for stored in manifest.objects if stored.schema_name == "warc/1.1"]
    assert len(warcs) > 3
    assert {key.rpartition("/")[2] for key in warcs} > {first.name}
    for key in warcs:
        gzip.decompress(archive.store.read(key))
    archive.close()


@pytest.mark.drill
def test_a_killed_crawl_is_adopted_with_the_files_that_had_left_the_spool(
    tmp_path: Path, s3_settings: S3Settings, origin: Origin
) -> None:
    archive = slow_archive(tmp_path, s3_settings, origin)
    (shard,) = plan(archive, run_of(archive))

    def some_are_gone() -> bool:
        paths = [path for note in notes(archive) for path in list_warcs(directory_of(archive, note))]
        return len(origin.rows()) > 30 and not all(path.exists() for path in paths)

    origin.newspapers.hold_after(45)
    note = kill_once(archive, shard, some_are_gone)
    origin.newspapers.drop()
    gone = {path.name for path in list_warcs(directory_of(archive, note)) if not path.exists()}
    asked = len(origin.rows())
    tasks.crawl_shard(archive, shard, last_try=False)
    manifest = check_committed(archive, origin, lost=1)
    assert gone <= {stored.key.rpartition("/")[2] for stored in manifest.objects}
    ledger = ledger_of(archive.store, manifest)
    kept = {url for url, outcome in ledger.items() if outcome.purpose == "article" and outcome.status == 200}
    again = addresses(origin.rows()[asked:])
    assert len(kept & set(addresses(origin.rows()[: asked - 1]))) > 10
    assert not kept & set(addresses(origin.rows()[: asked - 1])) & set(again)
    archive.close()


def test_a_lost_crawl_is_committed_late_with_the_files_that_had_left_the_spool(
    tmp_path: Path, s3_settings: S3Settings, origin: Origin
) -> None:
    archive = slow_archive(tmp_path, s3_settings, origin)
    (shard,) = plan(archive, run_of(archive))

    def some_are_gone() -> bool:
        return any(not path.exists() for note in notes(archive) for path in list_warcs(directory_of(archive, note)))

    origin.newspapers.hold_after(45)
    kill_once(archive, shard, some_are_gone)
    origin.newspapers.drop()
    tasks.build_tables(archive, run_of(archive))  # its retries are spent
    (manifest,) = manifests(archive.store).values()
    assert manifest.late
    found, sent = recorded(archive.store), served(origin.ledger)
    assert set(found.values()) == {1}
    assert len(sent.keys() - found.keys()) <= 1
    assert manifest.discovered == sum(count.urls for count in manifest.counts)
    assert not unlisted(archive.store)
    assert not spooled(archive)
    archive.close()


class OwnS3:
    """An S3 server of the test's own, to be stopped and started."""

    def __init__(self, home: Home, children: Children) -> None:
        self._home = home
        self._children = children
        self.start()

    def start(self) -> None:
        self._child = start_s3(self._home, self._children)

    def stop(self) -> None:
        stop_s3(self._home, self._children, self._child)

    @property
    def settings(self) -> S3Settings:
        return embedded_s3_settings(self._home)


@pytest.fixture
def own_s3(tmp_path: Path) -> Iterator[OwnS3]:
    with Children() as children:
        server = OwnS3(Home(tmp_path / "s3-home"), children)
        yield server
        server.stop()


def test_while_the_bucket_is_away_the_spool_fills_to_its_mark_and_nothing_is_lost(
    tmp_path: Path, own_s3: OwnS3, origin: Origin
) -> None:
    high, low = 180_000, 170_000  # 60 kB from the start, and in the end 145 kB, are no WARC files
    slack = 80_000  # what comes in the second until it looks
    archive = slow_archive(tmp_path, own_s3.settings, origin, spool_high_bytes=high, spool_low_bytes=low)
    (shard,) = plan(archive, run_of(archive))
    origin.newspapers.hold_after(5)
    crawling = Crawling(archive, shard)
    wait_for(lambda: len(origin.rows()) >= 5)
    own_s3.stop()
    origin.newspapers.release()
    wait_for(lambda: "crawl paused" in events(archive))
    asked = len(origin.rows())
    (note,) = notes(archive)
    assert not (directory_of(archive, note) / "ended.json").exists()
    assert high <= spooled_bytes(archive) < high + slack
    own_s3.start()
    wait_for(lambda: "crawl resumed" in events(archive))
    assert len(origin.rows()) <= asked + 1
    crawling.join()
    assert crawling.fault is None
    check_committed(archive, origin, lost=0)
    archive.close()


def test_a_crawl_that_ends_while_the_bucket_is_away_is_committed_when_it_is_back(
    tmp_path: Path, own_s3: OwnS3, origin: Origin
) -> None:
    home = make_home(tmp_path / "home", demo_card("faro", delay_seconds=0.01))
    archive = open_home(home, own_s3.settings, connect_to=origin.newspapers.connect_to)
    (shard,) = plan(archive, run_of(archive))
    origin.newspapers.hold_after(5)
    crawling = Crawling(archive, shard)
    wait_for(lambda: len(origin.rows()) >= 5)
    own_s3.stop()
    origin.newspapers.release()
    (note,) = notes(archive)
    wait_for((directory_of(archive, note) / "ended.json").exists)
    own_s3.start()
    crawling.join()
    assert crawling.fault is None
    check_committed(archive, origin, lost=0)
    archive.close()
