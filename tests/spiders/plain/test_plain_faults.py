"""What the code of one newspaper's spider does wrong costs that newspaper alone, and its page or its crawl says so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.spiders.crawling import Run, task_of
from tests.spiders.plain.own_spiders import own_card, write_spider
from tests.spiders.press import Press

SPIDER = """
import asyncio, os, signal, sys, threading, time

class PaperSpider(scrapy.Spider):
    name = "paper"
    custom_settings = {"ITEM_PIPELINES": {"mypress.paper.Pipeline": 300}}

    def __init__(self, host, evil="", **kwargs):
        super().__init__(**kwargs)
        self.evil = evil
        self.start_urls = [f"http://{host}/"]
        self.do_evil("init")

    @classmethod
    def from_crawler(cls, crawler, *args, **kwargs):
        spider = super().from_crawler(crawler, *args, **kwargs)
        for name in ("spider_opened", "request_scheduled", "response_received", "item_scraped", "spider_idle",
                     "spider_closed"):
            crawler.signals.connect(lambda name=name: spider.do_evil(name), getattr(scrapy.signals, name), weak=False)
        return spider

    def do_evil(self, place):
        where, _, what = self.evil.partition(": ")
        if where == place:
            exec(compile(what, "<string>", "exec"))  # exec of a text marks a KeyboardInterrupt as the process's end

    async def start(self):
        async for one in super().start():
            yield one
        self.do_evil("start")

    def parse(self, response):
        yield response.follow("/a", self.parse_a, errback=self.note)
        yield response.follow("/b", self.parse_b)
        yield response.follow("/gone", self.parse_b, errback=self.note)

    def parse_a(self, response):
        self.do_evil("call")
        return [{"page": "a"}]

    def parse_b(self, response):
        self.do_evil("generator")
        yield {"page": "b"}

    def note(self, failure):
        self.do_evil("errback")
        yield {"page": "gone"}

    async def wait(self):
        await asyncio.sleep(10_000)

class Waiting(PaperSpider):
    name = "waiting"

    async def parse_a(self, response):
        await self.wait()

class Pipeline:
    def __init__(self, crawler):
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler):
        return cls(crawler)

    def process_item(self, item):
        self.crawler.spider.do_evil("pipeline")
        return item
"""
WHOLE = {"/": "captured", "/a": "captured", "/b": "captured", "/gone": "failed http_404"}


@pytest.fixture
def press() -> Iterator[Press]:
    with Press() as press:
        yield press


def crawl_all(
    press: Press,
    folder: Path,
    *evils: str,
    status: int | None = 0,
    grace: float = 1.0,
    spider: str = "PaperSpider",
    **card: Any,
) -> Run:
    """Crawl a newspaper for each of *evils* in one process."""
    tasks = []
    for number, evil in enumerate(evils):
        host = f"p{number}.test"
        for path in ("", "a", "b"):
            press.put(f"http://{host}/{path}", f"<h1>{path}</h1>")
        arguments = {"host": host, "evil": evil}
        source = own_card(f"paper.{spider}", source_id=f"aa-p{number}", host=host, spider_arguments=arguments, **card)
        tasks.append(task_of(folder / "spool", source))
    return Run(press, *tasks, environment=write_spider(folder, SPIDER), stop_grace_seconds=grace).wait(status)


def ends(run: Run, number: int) -> dict[str, str]:
    """How the newspaper's own pages ended, by path."""
    prefix = f"http://p{number}.test"
    own = {url.removeprefix(prefix): end for url, end in run.ends(number).items()}
    return {path: end for path, end in own.items() if path not in ("/robots.txt", "/.well-known/tdmrep.json")}


def test_whatever_a_callback_raises_costs_its_page_alone(press: Press, tmp_path: Path) -> None:
    raised = ("SystemExit(0)", "KeyboardInterrupt", "GeneratorExit", "asyncio.CancelledError", "MemoryError")
    evils = [f"{place}: raise {what}" for what in raised for place in ("call", "generator")]
    run = crawl_all(press, tmp_path, *evils, "")
    for number, evil in enumerate(evils):
        path = "/a" if evil.startswith("call") else "/b"
        assert ends(run, number) == WHOLE | {path: "failed callback_error"}, evil
        detail = run.outcomes(number)[f"http://p{number}.test{path}"].detail or ""
        assert detail.startswith("<string>:1: ") and raised[number // 2].split(".")[-1].split("(")[0] in detail
    assert ends(run, len(evils)) == WHOLE


def test_what_an_errback_or_a_pipeline_raises_costs_its_page_alone(press: Press, tmp_path: Path) -> None:
    run = crawl_all(press, tmp_path, "errback: raise SystemExit(0)", "pipeline: raise SystemExit(0)", "")
    assert ends(run, 0) == WHOLE | {"/gone": "failed callback_error"}
    assert ends(run, 1) == dict.fromkeys(WHOLE, "failed callback_error") | {"/": "captured"}
    assert ends(run, 2) == WHOLE


def test_no_spider_ends_the_process_of_the_others(press: Press, tmp_path: Path) -> None:
    evils = (
        "call: from twisted.internet import reactor; reactor.stop()",
        "call: asyncio.get_running_loop().stop()",
        "call: asyncio.get_running_loop().call_soon(sys.exit)",
        "call: asyncio.ensure_future(self.crawler.stop_async())",
        "call: from scrapy.exceptions import CloseSpider; raise CloseSpider('shutdown')",
        "start: from scrapy.exceptions import CloseSpider; raise CloseSpider('archive_error')",
        "init: threading.Thread(target=time.sleep, args=(10_000,)).start()",
        "",
    )
    run = crawl_all(press, tmp_path, *evils)
    assert all(run.ended(number) for number in range(len(evils)))
    assert ends(run, 0) == WHOLE | {"/a": "failed callback_error"}
    assert [ends(run, number) for number in (1, 2, 6, 7)] == [WHOLE] * 4


def test_a_spider_that_cannot_be_begun_fails_with_its_reason(press: Press, tmp_path: Path) -> None:
    evils = ("init: raise ValueError('no name')", "init: sys.exit(0)", "start: sys.exit(0)", "start: 1 / 0", "")
    run = crawl_all(press, tmp_path, *evils, status=1)
    reasons = {event["source_id"]: event["reason"] for event in run.events if event["event"] == "failed"}
    assert reasons == {
        "aa-p0": "<string>:1: ValueError: no name",
        "aa-p1": "<string>:1: SystemExit: 0",
        "aa-p2": "<string>:1: SpiderExitError: SystemExit(0)",
        "aa-p3": "<string>:1: ZeroDivisionError: division by zero",
    }
    assert not any(run.ended(number) for number in range(4))
    assert ends(run, 4) == WHOLE


def test_a_callback_that_does_not_end_costs_its_page_when_the_time_is_over(press: Press, tmp_path: Path) -> None:
    run = crawl_all(press, tmp_path, "", spider="Waiting", grace=5.0, time_budget_seconds=5.0)
    assert ends(run, 0) == WHOLE | {"/a": "failed callback_error"}
    assert run.outcomes()["http://p0.test/a"].detail == "had not ended when its time was up"
    ended = run.ended()
    assert ended is not None and ended.reason == "budget"


def test_a_callback_that_blocks_the_process_ends_it_and_the_log_says_where(press: Press, tmp_path: Path) -> None:
    run = crawl_all(press, tmp_path, "call: time.sleep(10_000)", status=1)
    assert run.ended() is None
    assert "Timeout (" in run.err
    assert re.search(r'mypress/paper.py", line \d+ in parse_a\n', run.err)


@pytest.mark.parametrize("place", ["init", "start", "call", "pipeline", "errback"])
def test_a_stop_at_any_moment_is_one_graceful_stop_of_all(press: Press, tmp_path: Path, place: str) -> None:
    twice = "os.kill(os.getpid(), signal.SIGTERM); os.kill(os.getpid(), signal.SIGTERM)"
    run = crawl_all(press, tmp_path, f"{place}: {twice}", "generator: time.sleep(0.2)", status=3, grace=30.0)
    assert not run.ended(0)
    assert not [event for event in run.events if event["event"] == "failed"]
    assert not list(run.directory().parent.parent.glob("*/*/*.open"))
    responses = [record.header("WARC-Target-URI") for number in (0, 1) for record in run.records(number)]
    assert {one.url for one in press.asked} == set(responses)


def test_what_a_spider_prints_is_in_the_log_and_not_in_the_progress(press: Press, tmp_path: Path) -> None:
    run = crawl_all(press, tmp_path, "call: print('{half a line', end='')")
    assert "{half a line" in run.err
    assert [event["event"] for event in run.events][-1] == "ended"


SIGNALS = ("spider_opened", "request_scheduled", "response_received", "item_scraped", "spider_idle", "spider_closed")


def test_what_the_receivers_of_signals_raise_is_logged_and_costs_nothing(press: Press, tmp_path: Path) -> None:
    evils = [f"{name}: {what}" for name in SIGNALS for what in ("sys.exit(3)", "raise KeyboardInterrupt")]
    run = crawl_all(press, tmp_path, *evils, "")
    assert [ends(run, number) for number in range(len(evils) + 1)] == [WHOLE] * (len(evils) + 1)
    assert run.err.count("SpiderExitError: SystemExit(3)") >= len(SIGNALS)
