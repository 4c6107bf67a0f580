"""The sources of a shard are begun one after the other, and none waits for those after it."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from hemeroteca.archive import tasks
from hemeroteca.archive.archive import Archive
from hemeroteca.archive.crawling.plan import read_plan
from storage.files import FileLock
from storage.model.errors import CrawlDiedError
from storage.objects import S3Settings
from storage.spool import attempt_lock, create_attempt
from tests.archive.homes import Origin, demo_card, make_home, manifests, open_home, plan, run_of
from tests.archive.running_crawl import Crawling, notes
from tests.waiting import wait_for


class Held(NamedTuple):
    """A shard of two newspapers, being crawled; *lock* keeps the second from being begun."""

    archive: Archive
    shard: str
    crawling: Crawling
    first: str
    second: str
    lock: FileLock


@pytest.fixture
def held(tmp_path: Path, s3_settings: S3Settings, origin: Origin) -> Iterator[Held]:
    # papers that name a host together are one shard
    shared = [demo_card(name, hosts=[f"{name}.hemeroteca.test", "shared.test"]) for name in ("courier", "faro")]
    archive = open_home(make_home(tmp_path / "home", *shared), s3_settings, connect_to=origin.newspapers.connect_to)
    run = run_of(archive)
    (shard,) = plan(archive, run)
    first, second = (one.crawl.id for one in read_plan(archive, run).shards[0])
    lock = attempt_lock(create_attempt(archive.settings.home.spool, second, "0123abcd"))
    assert lock.acquire()
    with _crawling(archive, shard) as crawling:
        yield Held(archive, shard, crawling, first, second, lock)
        lock.release()
    archive.close()


@contextmanager
def _crawling(archive: Archive, shard: str) -> Iterator[Crawling]:
    crawling = Crawling(archive, shard)
    yield crawling
    crawling.join()


def test_a_source_that_cannot_be_begun_yet_keeps_no_other_from_its_crawl(held: Held) -> None:
    wait_for(lambda: bool(list(held.archive.settings.home.spool.glob(f"{held.first}/*/ended.json"))))
    held.lock.release()
    held.crawling.join()
    assert held.crawling.fault is None
    assert {one.crawl.id for one in manifests(held.archive.store).values()} == {held.first, held.second}


def test_a_process_that_dies_before_all_are_begun_is_followed_by_one_for_the_rest(held: Held, origin: Origin) -> None:
    source_id = held.first.partition("-2026")[0]
    wait_for(lambda: bool(notes(held.archive, source_id)))
    (note,) = notes(held.archive, source_id)
    origin.newspapers.hold_after(0)
    assert note.pid
    os.kill(note.pid, signal.SIGKILL)
    held.lock.release()
    held.crawling.join()
    origin.newspapers.drop()
    assert isinstance(held.crawling.fault, CrawlDiedError)
    assert held.first in str(held.crawling.fault)
    assert held.second in str(held.crawling.fault)
    tasks.crawl_shard(held.archive, held.shard, last_try=False)
    assert {one.crawl.id for one in manifests(held.archive.store).values()} == {held.first, held.second}
