"""The spider ``newspaper``: crawls the sources of a job side by side; each ends on its own.

It drives Scrapy's download handlers itself, one coroutine a source (spiders.crawl.source_crawl), and gives Scrapy's
scheduler no requests: a source ends when its coroutine ends, and an error in one does not reach the others.

    scrapy crawl newspaper -a source=ID     one card of seeds/, into the spool that the setting CRAWL_SPOOL names

A card with ``spider: NAME`` is crawled by the Newspaper subclass in spiders/NAME.py; its ``source_crawl`` is the
SourceCrawl subclass that overrides a method ``find_in_…``, by which the documents of a kind are read.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import structlog
from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.http import Response

from spiders.crawl.book import Book
from spiders.crawl.card_job import find_card, make_job
from spiders.crawl.opened_source import ProcessParts, disk_is_full, open_source, share_parts
from spiders.crawl.progress_lines import Progress
from spiders.crawl.source_crawl import SourceCrawl
from spiders.crawl.spool_space import SpoolSpace
from spiders.further_tasks import read_further_tasks
from spiders.job import CrawlTask, Job
from spiders.loop_watch import Turn
from spiders.manners.contact import require_contact
from spiders.wire.recorder import Recorder, utc_now
from storage.model.errors import SeedError

log = structlog.get_logger()


class Newspaper(Spider):  # type: ignore[misc]
    """*job* and *make_turn*, by crawl id, come from ``spiders.run``, *source* from ``scrapy crawl``."""

    name = "newspaper"
    source_crawl: type[SourceCrawl] = SourceCrawl

    def __init__(
        self,
        source: str | None = None,
        job: Job | None = None,
        make_turn: Callable[[str], Turn] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._make_turn = make_turn
        self._source = source
        self._job = job
        self._crawls: list[asyncio.Task[None]] = []
        self._beginning: asyncio.Task[None] | None = None
        self._stopping = False
        self.all_begun = False
        """Every task of the job was given out."""
        self.begun: set[str] = set()
        """Crawl ids whose tasks were."""
        self.ended: set[str] = set()
        """Crawl ids whose ended.json is written."""
        self.disk_full = False
        """True when the crawl stopped because the spool's disk has no room."""

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Newspaper:
        spider: Newspaper = super().from_crawler(crawler, *args, **kwargs)
        spider.recorder = crawler.recorder = Recorder(utc_now)
        spider._slots = asyncio.Semaphore(crawler.settings.getint("CONCURRENT_REQUESTS"))
        return spider

    def stop(self) -> None:
        """Begin nothing more. Exchanges under way are finished and written, and the WARC files are closed."""
        self._stopping = True
        for task in (self._beginning, *self._crawls):
            if task is not None:
                task.cancel()

    def _make_job(self) -> Job:
        if self._source is None:
            raise SeedError("source: name a card of seeds/: -a source=ID")
        return make_job(self.crawler.settings, find_card(self.crawler.settings, self._source, self.name))

    async def start(self) -> AsyncIterator[Request]:
        self._job = job = self._job or self._make_job()
        require_contact(job)
        async with share_parts(job, self.crawler.settings.get("COORDINATION"), self.recorder) as parts:
            self._parts: ProcessParts = parts
            if not self._stopping:
                self._beginning = asyncio.create_task(self._begin_all(job))
                await asyncio.wait([self._beginning])
            await asyncio.gather(*self._crawls)
            if self._beginning and not self._beginning.cancelled():
                self._beginning.result()
        return
        yield  # an empty generator: Scrapy closes the spider when it ends

    async def _begin_all(self, job: Job) -> None:
        """Begin each source at once when its task is there."""
        for task in job.tasks:
            self._begin(job, task)
        async for task in read_further_tasks(job.further):
            require_contact(job.replace(tasks=(task,)))
            self._begin(job, task)
        self.all_begun = True

    def _begin(self, job: Job, task: CrawlTask) -> None:
        self.begun.add(task.crawl.id)
        crawl = self._crawl(job, task)
        steps = self._make_turn(task.crawl.id).take(crawl) if self._make_turn else crawl
        self._crawls.append(asyncio.create_task(steps))

    async def _crawl(self, job: Job, task: CrawlTask) -> None:
        """Crawl one source; its errors end here."""
        book = Book(task.crawl, task.directory)
        progress = Progress(task.crawl, book)
        try:
            await self._crawl_source(job, task, progress)
        except asyncio.CancelledError:
            log.info("source stopped", crawl_id=task.crawl.id, **book.counts())
        except Exception as error:
            if disk_is_full(error):
                log.error("crawl stopped", crawl_id=task.crawl.id, reason="disk_full", detail=str(error))
                progress.end("stopped", "disk_full")
                self.disk_full = True
                asyncio.get_running_loop().call_soon(self.stop)  # not from within a task that it cancels
                return
            log.exception("source failed", crawl_id=task.crawl.id, reason=repr(error))
            progress.end("failed", repr(error))

    async def _crawl_source(self, job: Job, task: CrawlTask, progress: Progress) -> None:
        downloads = _Downloads(self.crawler, self._slots, self._parts.spool)
        async with open_source(self._parts, job, task, progress, downloads.fetch) as opened:
            try:
                await self.source_crawl(opened).run()
            finally:
                await downloads.wait_for_all()
            self.ended.add(task.crawl.id)


class _Downloads:
    """The exchanges of one source that are under way. A stop waits for them, and never cuts them."""

    def __init__(self, crawler: Crawler, slots: asyncio.Semaphore, spool: SpoolSpace) -> None:
        self._handlers = crawler.engine.downloader.handlers
        self._slots = slots
        self._spool = spool
        self._under_way: set[asyncio.Task[Response]] = set()

    async def fetch(self, request: Request) -> Response:
        await self._spool.wait()
        download = asyncio.create_task(self._download(request))
        self._under_way.add(download)
        download.add_done_callback(self._done)
        return await asyncio.shield(download)

    async def wait_for_all(self) -> None:
        """Wait until nothing is under way."""
        if self._under_way:
            await asyncio.wait(self._under_way)

    async def _download(self, request: Request) -> Response:
        # past the queue and middlewares of Scrapy, which take as long again: turns, tries and decoding are our own
        async with self._slots:
            return await self._handlers.download_request_async(request)

    def _done(self, download: asyncio.Task[Response]) -> None:
        self._under_way.discard(download)
        if not download.cancelled():
            download.exception()  # so that asyncio does not report it when nobody waits for it any more
