"""A crawl process whose loop takes too much CPU time for one turn is ended, and it is known whose turn that was."""

from __future__ import annotations

import asyncio
from pathlib import Path

from spiders.loop_watch import STALLED, LoopWatch, find_turn, name_turn_file, read_turn
from storage.model.limits import CrawlLimits
from storage.warc.record import WarcResponse
from tests.spiders.crawling import Run, task_of
from tests.spiders.plain.own_spiders import own_card, write_spider
from tests.spiders.press import Press, Reply
from tests.warc_records import of_type

P = "http://paper.test"
SPIN = """
import re

class Paper(scrapy.Spider):
    name = "paper"
    start_urls = ["http://paper.test/", "http://paper.test/spin"]
    custom_settings = {"CONCURRENT_REQUESTS": 1}

    def parse(self, response):
        if response.url.endswith("/spin"):
            re.match("(a|a?)+$", "a" * 60 + "!")  # one call, which never lets another thread run
"""


def test_a_loop_without_a_turn_is_ended_and_what_was_acknowledged_is_there(tmp_path: Path) -> None:
    with Press() as press:
        press.put(f"{P}/", Reply(200, b"<p>front", (("Content-Type", "text/html"),)))
        press.put(f"{P}/spin", Reply(200, b"<p>spin", (("Content-Type", "text/html"),)))
        task = task_of(tmp_path / "spool", own_card())
        limits = CrawlLimits(stall_seconds=1)
        run = Run(press, task, environment=write_spider(tmp_path, SPIN), limits=limits).wait(STALLED)
    (job_file,) = task.spool.glob("job-*.json")
    assert read_turn(name_turn_file(job_file)) == task.crawl.id
    assert "in parse" in run.err, "where it stood is logged"
    assert {record.target_uri for record in of_type(run.records(), WarcResponse)} >= {f"{P}/"}


def test_each_step_is_noted_as_its_crawls_own(tmp_path: Path) -> None:
    path = tmp_path / "shard.turn"
    seen: list[tuple[str, str | None]] = []

    async def work(name: str) -> str:
        await asyncio.sleep(0)
        seen.append((name, read_turn(path)))
        await asyncio.gather(child(name), child(name))
        seen.append((name, read_turn(path)))
        return name

    async def child(name: str) -> None:
        await asyncio.sleep(0.01)
        seen.append((name, read_turn(path)))

    async def run() -> list[str]:
        watch = LoopWatch(path, 600)
        asyncio.get_running_loop().set_task_factory(watch.make_task)
        turns = (watch.make_turn(name).take(work(name)) for name in ("a", "b", "c"))
        assert find_turn() is None
        return list(await asyncio.gather(*turns))

    assert asyncio.run(run()) == ["a", "b", "c"]
    assert len(seen) == 12 and all(name == noted for name, noted in seen)
