"""A spool that is full, or whose disk is: crawls wait or stop for that reason, and what was acknowledged is whole."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from spiders.crawl.spool_space import SpoolSpace
from spiders.job import DISK_FULL
from spiders.wire.recorder import Recorder, utc_now
from storage.captures.index import index_warc
from storage.model.limits import CrawlLimits
from storage.warc.members import mend_warc
from tests.spiders.crawl.test_crawl_stops import mended, resumed
from tests.spiders.crawling import Run, card, task_of
from tests.spiders.press import Press, feed

P = "http://paper.test"
PAGES = 40
NO_RESERVE = CrawlLimits(disk_free_bytes=0)


@pytest.fixture
def press() -> Iterator[Press]:
    """A paper whose pages do not compress: 30 kB each."""
    with Press() as press:
        press.put(f"{P}/feed", feed(*(f"/{number}" for number in range(PAGES))))
        for number in range(PAGES):
            press.put(f"{P}/{number}", "".join(f"<p>{hash((number, n)):x}" for n in range(2200)))
        yield press


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of half a megabyte, which ``remount`` makes larger."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", disk], capture_output=True).returncode:
        pytest.skip("mounting needs root")
    yield disk
    subprocess.run(["umount", "-l", disk], check=True)


def remount(disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,size=32m", disk], check=True)


def test_a_full_disk_stops_the_crawl_for_that_reason_and_the_last_record_is_cut_back(
    press: Press, small_disk: Path
) -> None:
    run = Run(press, task_of(small_disk, card()), limits=NO_RESERVE).wait(DISK_FULL)
    assert run.ended() is None
    assert [(event["event"], event.get("reason")) for event in run.events][-1] == ("stopped", "disk_full")
    for path in run.directory().glob("*.warc.gz*"):
        assert mend_warc(path) == 0, "nothing is left of the exchange that did not fit"
    had = mended(run)
    assert 5 < len(had) < PAGES
    remount(small_disk)
    again = Run(press, resumed(small_disk, run.tasks[0], had), limits=NO_RESERVE).wait()
    assert again.tally() == {"captured": PAGES + 3}
    taken = {url for url in (outcome.url for outcome in had) if url.rpartition("/")[2].isdigit()}
    assert all(press.times(url) == 1 for url in taken)
    for path in again.directory().glob("*.warc.gz"):
        index_warc(path, again.tasks[0].crawl, path.name)


def test_what_is_known_counts_and_a_crawl_goes_on_when_all_that_can_leave_has_left(tmp_path: Path) -> None:
    attempt = tmp_path / "a-20260301-nightly" / "11111111"
    attempt.mkdir(parents=True)

    async def look(*sizes: tuple[int, int]) -> list[bool]:
        """Return whether there is space with so many bytes known and so many of WARC files, one after the other."""
        space = SpoolSpace([tmp_path], CrawlLimits(spool_high_bytes=1000, spool_low_bytes=500), Recorder(utc_now))
        found = []
        for known, warc in sizes:
            (attempt / "known.sqlite").write_bytes(b"1" * known)
            (attempt / "a.warc.gz").write_bytes(b"1" * warc)
            space.check()
            waiting = asyncio.create_task(space.wait())
            await asyncio.sleep(0)
            found.append(waiting.done())
            waiting.cancel()
        return found

    found = asyncio.run(look((900, 10), (900, 100), (900, 90), (900, 0), (1000, 0), (1000, 0), (400, 90)))
    assert found == [True, False, False, True, False, False, True]


def test_a_crawl_waits_while_the_disk_has_less_than_its_reserve(press: Press, small_disk: Path) -> None:
    reserve = CrawlLimits(disk_free_bytes=10 * 1024 * 1024)
    run = Run(press, task_of(small_disk, card()), limits=reserve)
    run.wait_for_log("crawl paused")
    assert press.asked == []
    remount(small_disk)
    run.wait()
    assert run.tally()["captured"] == PAGES + 3
