"""The sources of one plain Scrapy spider in a crawl process: one Scrapy crawler each, sharing turns and spool.

So cookies, duplicates, items and arguments are a source's own, and an error in one does not reach the others.
"""

from __future__ import annotations

import asyncio
import faulthandler
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, NoReturn

import structlog
from scrapy import Spider, signals
from scrapy.crawler import AsyncCrawlerRunner, Crawler
from scrapy.settings import Settings
from scrapy.utils.log import configure_logging
from scrapy.utils.reactor import install_reactor

from spiders.crawl.book import Book
from spiders.crawl.opened_source import ProcessParts, share_parts
from spiders.crawl.progress_lines import Progress
from spiders.further_tasks import read_further_tasks
from spiders.job import CrawlTask, Job
from spiders.loop_watch import Turn
from spiders.plain.archive_extension import ArchiveExtension, Assignment
from spiders.plain.error_place import describe_error
from spiders.wire.recorder import Recorder, utc_now

log = structlog.get_logger()

_BLOCKED_GRACES = 10
"""A callback may keep the process from all else for so many times the time that a stop may take."""


class PlainProcess:
    """Crawls the sources of *job* with *spider_class*; ``stop`` ends it early."""

    def __init__(
        self, job: Job, spider_class: type[Spider], settings: Settings, make_turn: Callable[[str], Turn]
    ) -> None:
        self._job = job
        self._make_turn = make_turn
        self._spider_class = spider_class
        self._settings = settings
        self._stopping = False
        self._beginning: asyncio.Task[None] | None = None
        self._crawls: dict[Crawler, asyncio.Task[None]] = {}
        self._started: list[Crawler] = []
        """Crawlers that can be stopped: one that is told so before its engine has started never ends."""
        self._stops: list[asyncio.Task[None]] = []
        self._assignments: list[Assignment] = []
        self.all_begun = False

    @property
    def all_ended(self) -> bool:
        return self.all_begun and all(assignment.is_ended for assignment in self._assignments)

    @property
    def disk_full(self) -> bool:
        return any(assignment.disk_full for assignment in self._assignments)

    def stop(self) -> None:
        """Begin nothing more. Exchanges under way are finished and written, and the WARC files are closed."""
        self._stopping = True
        if self._beginning is not None:
            self._beginning.cancel()
        for crawler in self._crawls:
            crawler.assignment.is_stopped = True
        for crawler in self._started:
            self._end(crawler)

    def _end(self, crawler: Crawler) -> None:
        self._stops.append(asyncio.ensure_future(_stop_crawler(crawler)))

    async def run(self) -> None:
        runner = AsyncCrawlerRunner(self._settings)
        async with share_parts(self._job, self._settings.get("COORDINATION"), Recorder(utc_now)) as parts:
            watching = asyncio.ensure_future(_watch_for_blocks(_BLOCKED_GRACES * self._job.stop_grace_seconds))
            if not self._stopping:
                self._beginning = asyncio.ensure_future(self._begin_all(runner, parts))
                await asyncio.wait([self._beginning])
            await asyncio.gather(*self._crawls.values(), *self._stops, return_exceptions=True)
            watching.cancel()
            if self._beginning and not self._beginning.cancelled():
                self._beginning.result()

    async def _begin_all(self, runner: AsyncCrawlerRunner, parts: ProcessParts) -> None:
        for task in self._job.tasks:
            self._begin(runner, parts, task)
        async for task in read_further_tasks(self._job.further):
            self._begin(runner, parts, task)
        self.all_begun = True

    def _begin(self, runner: AsyncCrawlerRunner, parts: ProcessParts, task: CrawlTask) -> None:
        crawler = runner.create_crawler(self._spider_class)
        crawler.assignment = assignment = Assignment(self._job, task, parts)
        self._assignments.append(assignment)

        def note_start() -> None:
            self._started.append(crawler)
            if self._stopping:
                self._end(crawler)

        crawler.signals.connect(note_start, signal=signals.engine_started, weak=False)
        crawl = self._crawl(runner, crawler, task)
        self._crawls[crawler] = asyncio.ensure_future(self._make_turn(task.crawl.id).take(crawl))

    async def _crawl(self, runner: AsyncCrawlerRunner, crawler: Crawler, task: CrawlTask) -> None:
        """Crawl one source; give it up when its spider does not end in time."""
        most_seconds = task.source.time_budget_seconds + self._job.stop_grace_seconds
        try:
            crawling = asyncio.ensure_future(runner.crawl(crawler, **task.source.spider_arguments))
            done, _ = await asyncio.wait([crawling], timeout=most_seconds)
            if done:
                crawling.result()
            else:
                await crawler.get_extension(ArchiveExtension).give_up()
        except BaseException as error:  # a spider may raise SystemExit as well
            log.error("source failed", crawl_id=task.crawl.id, reason=repr(error), exc_info=error)
            if not crawler.assignment.is_reported:
                Progress(task.crawl, Book(task.crawl, task.directory)).end("failed", describe_error(error))


async def _stop_crawler(crawler: Crawler) -> None:
    """Stop *crawler* as soon as its engine runs: told so before, it never ends."""
    while crawler.crawling and not crawler.engine.running:
        await asyncio.sleep(0.01)
    await crawler.stop_async()


async def _watch_for_blocks(seconds: float) -> None:
    """End the process, which logs where it stands, when nothing else gets its turn in it for *seconds*."""
    try:
        while True:
            faulthandler.dump_traceback_later(seconds, exit=True)
            await asyncio.sleep(seconds / 10)
    finally:
        faulthandler.cancel_dump_traceback_later()


def run_reactor(work: Coroutine[Any, Any, None], settings: Settings) -> None:
    """Run *work* in Scrapy's reactor, which ends with it and not before; raise what it raises."""
    configure_logging(settings)
    install_reactor(settings["TWISTED_REACTOR"], settings["ASYNCIO_EVENT_LOOP"])
    from twisted.internet import reactor

    loop = asyncio.get_event_loop_policy().get_event_loop()
    task = loop.create_task(work)
    stop, reactor.stop = reactor.stop, _refuse_to_stop
    task.add_done_callback(lambda _: stop())
    run: Callable[[], None] = partial(reactor.run, installSignalHandlers=False)
    while reactor.running or not task.done():
        try:
            run()
        except (SystemExit, KeyboardInterrupt) as error:
            log.error("a spider wanted to end the process", reason=repr(error), exc_info=error)
        run = loop.run_forever
    task.result()


def _refuse_to_stop() -> NoReturn:
    raise RuntimeError("other sources need the reactor: to end a spider, raise CloseSpider")
