"""A source that keeps its process busy costs its neighbours one try, and an owner that is killed leaves no process."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hemeroteca.archive import tasks
from hemeroteca.archive.archive import Archive
from hemeroteca.archive.crawl_trouble import has_stalled, read_trouble
from hemeroteca.archive.crawling import crawl_guard
from hemeroteca.archive.crawling.crawl_process import run_directory
from hemeroteca.archive.crawling.plan import read_plan
from spiders.job import Job
from storage.model.errors import CrawlDiedError
from storage.objects import S3Settings
from tests.archive.homes import Origin, demo_card, make_home, manifests, open_home, plan, run_of
from tests.spiders.plain.own_spiders import write_spider
from tests.waiting import HANGS_SECONDS

SPIDER = """
import pathlib, re

class Paper(scrapy.Spider):
    name = "paper"

    async def start(self):
        yield scrapy.Request(f"http://{self.host}.hemeroteca.test/")

    def parse(self, response):
        flag = pathlib.Path(self.flag)
        if self.host == "faro" and not flag.exists():
            flag.touch()
            re.match("(a|a?)+$", "a" * 60 + "!")
        yield from response.follow_all(css="main a", callback=self.parse_story)

    def parse_story(self, response):
        pass
"""


@pytest.fixture
def archive(
    tmp_path: Path, s3_settings: S3Settings, origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Archive]:
    for name, value in write_spider(tmp_path, SPIDER).items():
        monkeypatch.setenv(name, value)
    cards = [
        demo_card(
            name,
            hosts=[f"{name}.hemeroteca.test", "shared.test"],  # papers that name a host together are one shard
            spider="mypress.paper",
            spider_arguments={"host": name, "flag": str(tmp_path / "flag")},
        )
        for name in ("faro", "courier")
    ]
    home = make_home(tmp_path / "home", *cards)
    with open_home(home, s3_settings, connect_to=origin.newspapers.connect_to, stall_seconds=1) as archive:
        yield archive


def jobs(archive: Archive) -> list[list[str]]:
    """Return which source each crawl process of the last try was given first."""
    files = run_directory(archive.settings, run_of(archive)).glob("*.job.json")
    return [[task.source.id for task in Job.model_validate_json(path.read_text()).tasks] for path in files]


def test_the_first_retry_runs_the_source_that_stalled_alone(archive: Archive) -> None:
    (shard,) = plan(archive, run_of(archive))
    by_source = {one.source.id: one.crawl.id for one in read_plan(archive, run_of(archive)).crawls()}
    with pytest.raises(CrawlDiedError):
        tasks.crawl_shard(archive, shard, last_try=False)
    assert {name: has_stalled(archive, crawl_id) for name, crawl_id in by_source.items()} == {
        "demo-faro": True,
        "demo-courier": False,
    }
    assert "busy" in (read_trouble(archive, by_source["demo-faro"]) or "")
    tasks.crawl_shard(archive, shard, last_try=False)
    assert sorted(jobs(archive)) == [["demo-courier"], ["demo-faro"]]
    assert {manifest.crawl.source_id for manifest in manifests(archive.store).values()} == set(by_source)


STUCK = """
import os, signal, time
signal.signal(signal.SIGTERM, lambda *_: os.write(2, b"asked\\n"))
print(1, flush=True)
time.sleep(600)
"""
OWNER = """
import subprocess, sys, time
from hemeroteca.archive.crawling.crawl_process import CrawlProcess, _guard

child = subprocess.Popen([sys.executable, "-c", sys.argv[1]], stdout=subprocess.PIPE, start_new_session=True)
child.stdout.readline()
process = CrawlProcess(child, _guard(child))
print(child.pid, flush=True)
process.stop()
"""


def test_a_stuck_process_goes_with_an_owner_that_was_interrupted_and_killed() -> None:
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", OWNER, STUCK], stdout=pipe, stderr=pipe, text=True) as owner:
        assert owner.stdout and owner.stderr
        handle = os.pidfd_open(int(owner.stdout.readline()))
        assert owner.stderr.readline() == "asked\n"
        owner.kill()
    try:
        assert _ends(handle), "nobody is left to kill it but its guard"
    finally:
        os.close(handle)


def test_a_guard_goes_with_the_process_that_it_guards() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, start_new_session=True)
    handle = os.pidfd_open(child.pid)
    command = [sys.executable, "-I", "-S", crawl_guard.__file__, str(handle), "600"]
    guard = subprocess.Popen(command, stdin=subprocess.PIPE, pass_fds=(handle,))
    child.send_signal(signal.SIGKILL)
    child.communicate()
    assert guard.wait(HANGS_SECONDS) == 0
    os.close(handle)


def _ends(handle: int) -> bool:
    return bool(select.select([handle], [], [], HANGS_SECONDS)[0])
