"""The extension that archives what a plain Scrapy spider does: it opens the source, keeps items, and ends the source.

A runner that knows the task sets ``crawler.assignment`` before the crawl; else the card is the spider argument or
setting ``source``/``CRAWL_SOURCE``, or the only one that names the spider.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import structlog
from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DontCloseSpider, NotConfigured
from scrapy.http import Response
from twisted.python.failure import Failure

from spiders.crawl.book import Book
from spiders.crawl.card_job import find_card, make_job
from spiders.crawl.opened_source import ProcessParts, disk_is_full, open_source, share_parts
from spiders.crawl.progress_lines import Progress
from spiders.job import CrawlTask, Job
from spiders.manners.contact import require_contact
from spiders.plain.allowed_settings import check_settings
from spiders.plain.command_log import log_as_scrapy, tell_not_captured
from spiders.plain.contained_calls import contain_scraping, contain_signals
from spiders.plain.error_place import describe_error
from spiders.plain.link_middleware import make_request
from spiders.plain.plain_crawl import BUDGET, RECORD_META, PlainCrawl
from spiders.plain.request_policy import find_book_url
from spiders.plain.scraped_items import ScrapedItems
from spiders.wire.recorder import Recorder, utc_now
from storage.model.errors import SeedError, StorageError

log = structlog.get_logger()

_STOPPED = "shutdown"  # Scrapy's reason for a crawl that a signal stops
_FAULT = "archive_error"


@dataclass
class Assignment:
    """One source's crawl, given to a crawler; and how it ended. *parts*: None when it shares nothing with others."""

    job: Job
    task: CrawlTask
    parts: ProcessParts | None = None
    is_stopped: bool = False
    """The process was asked to stop."""
    is_ended: bool = False
    is_reported: bool = False
    """How it ended has been told."""
    disk_full: bool = False


class ArchiveExtension:
    """One of ``EXTENSIONS``; ``newspaper`` and its kin do without it."""

    def __init__(self, crawler: Crawler, assignment: Assignment) -> None:
        self._crawler = crawler
        self._assignment = assignment
        self._stack = AsyncExitStack()
        self._crawl: PlainCrawl | None = None
        self._items: ScrapedItems | None = None
        self._fault: BaseException | None = None
        self._closing: asyncio.Task[None] | None = None
        self._due_entered = False
        task = assignment.task
        self._is_command = assignment.parts is None
        out = None if self._is_command else sys.__stdout__  # `scrapy fetch` prints pages there
        self._progress = Progress(task.crawl, Book(task.crawl, task.directory), out)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ArchiveExtension:
        if not hasattr(crawler, "assignment"):
            log_as_scrapy()
        if hasattr(crawler.spidercls, "source_crawl"):
            raise NotConfigured
        assignment = getattr(crawler, "assignment", None) or _read_assignment(crawler)
        contain_signals()
        crawler.plain_crawl = None
        crawler.recorder = assignment.parts.recorder if assignment.parts else Recorder(utc_now)
        made = cls(crawler, assignment)
        for handler, signal in (
            (made._open, signals.spider_opened),
            (made._close, signals.spider_closed),
            (made._enter, signals.request_scheduled),
            (made._enter_due, signals.spider_idle),
            (made._note_error, signals.spider_error),
            (made._keep_item, signals.item_scraped),
            (made._note_item_error, signals.item_error),
        ):
            crawler.signals.connect(handler, signal=signal)
        return made

    async def _open(self, spider: Spider) -> None:
        job, task, parts = self._assignment.job, self._assignment.task, self._assignment.parts
        contain_scraping(self._crawler.engine.scraper, self._note_failure)
        try:
            require_contact(job.replace(tasks=(task,)))
            if parts is None:
                coordination = self._crawler.settings.get("COORDINATION")
                parts = await self._stack.enter_async_context(share_parts(job, coordination, self._crawler.recorder))
            self._spool = parts.spool
            opened = await self._stack.enter_async_context(
                open_source(parts, job, task, self._progress, self._download)
            )
        except Exception as error:
            self._fail(error)
            return
        seconds = task.source.time_budget_seconds
        self._stack.callback(asyncio.get_running_loop().call_later(seconds, self._begin_closing, BUDGET).cancel)
        self._items = ScrapedItems(task.directory, spider.name)
        self._crawl = self._crawler.plain_crawl = PlainCrawl(opened, spider, job, self._fail)
        if self._assignment.is_stopped:
            self._begin_closing(_STOPPED)

    async def _download(self, request: Request) -> Response:
        await self._spool.wait()
        return await self._crawler.capture_handler.download_request(request)

    def _enter(self, request: Request, spider: Spider) -> None:
        if self._crawl is not None:
            self._crawl.enter(request)

    def _enter_due(self, spider: Spider) -> None:
        """Ask for what is pending or due for another look, once the spider has asked for all of its own."""
        task = self._assignment.task
        if self._crawl is None or self._due_entered or task.only_urls or task.crawl.for_nights is not None:
            return
        self._due_entered = True
        due = self._crawl.find_due()
        for url, via in due:
            self._crawler.engine.crawl(make_request(url, via))
        if due:
            raise DontCloseSpider

    def _note_error(self, failure: Failure, response: Response | Failure | None, spider: Spider) -> None:
        request = getattr(response, "request", None)
        if request is None:  # the spider's start failed, so what else there is nobody knows
            self._fault = self._fault or failure.value
        elif self._crawl is not None:
            self._crawl.fail_page(request, "callback_error", describe_error(failure.value))

    def _note_failure(self, request: Request, error: BaseException) -> None:
        if self._crawl is not None:
            self._crawl.note_failure(request, error)

    async def _keep_item(self, item: Any, response: Response | None, spider: Spider) -> None:
        request = getattr(response, "request", None)
        if self._items is None:
            return
        try:
            url = find_book_url(request) if request else None
            self._items.add(item, url, request.meta.get(RECORD_META) if request else None)
        except StorageError as error:
            self._fail(error)
        except (TypeError, ValueError) as error:
            log.error("item not kept", crawl_id=self._assignment.task.crawl.id, reason=str(error))
            self._fail_item(request, error, f"item: {type(error).__name__}: {error}")

    def _note_item_error(self, item: Any, response: Response | None, spider: Spider, failure: Failure) -> None:
        self._fail_item(getattr(response, "request", None), failure.value, describe_error(failure.value))

    def _fail_item(self, request: Request | None, error: BaseException, detail: str) -> None:
        """Let the page of an item that is lost count as failed, or else the source, of which it is."""
        if request is None:
            self._fault = self._fault or error
        elif self._crawl is not None:
            self._crawl.fail_page(request, "callback_error", detail)

    def _fail(self, error: Exception) -> None:
        """Note why the source cannot continue, and close the spider."""
        self._fault = self._fault or error
        self._begin_closing(_FAULT)

    def _begin_closing(self, reason: str) -> None:
        if self._crawl is not None:
            self._crawl.is_closing = True
        if self._closing is None:
            self._closing = asyncio.ensure_future(self._close_spider(reason))

    async def _close_spider(self, reason: str) -> None:
        await asyncio.sleep(0)  # Scrapy may be about to open it
        if self._crawler.engine.spider is not None:
            await self._crawler.engine.close_spider_async(reason=reason)

    async def give_up(self) -> None:
        """End the source, whose spider continues though its time is up: pages in its callbacks count as failed."""
        scraped = self._crawler.engine.scraper.slot
        if self._crawl is None:
            self._fault = self._fault or TimeoutError("the spider was not opened in time")
        elif scraped is not None:
            for request in tuple(scraped.active):
                self._crawl.fail_page(request, "callback_error", "had not ended when its time was up")
        await self._close(self._crawler.spider, BUDGET)

    async def _close(self, spider: Spider | None, reason: str) -> None:
        if self._assignment.is_reported:
            return
        try:
            async with self._stack:
                if self._crawl is not None and self._fault is None and not self._is_stopped(reason):
                    await self._crawl.end(reason)
                    self._assignment.is_ended = True
        except Exception as error:
            self._fault = self._fault or error
            self._assignment.is_ended = False
        self._crawl = self._crawler.plain_crawl = self._items = None  # what comes later is nobody's
        self._report()

    def _is_stopped(self, reason: str) -> bool:
        """Say whether a signal stopped the crawl; a spider may close itself for the same *reason*."""
        return self._assignment.is_stopped or (self._assignment.parts is None and reason == _STOPPED)

    def _report(self) -> None:
        crawl_id = self._assignment.task.crawl.id
        self._assignment.is_reported = self._fault is not None or self._assignment.is_ended
        if self._fault is None:
            if not self._assignment.is_ended:
                log.info("source stopped", crawl_id=crawl_id, **self._progress.book.counts())
            elif self._is_command:
                tell_not_captured(self._assignment.task.directory)
        elif disk_is_full(self._fault):
            log.error("crawl stopped", crawl_id=crawl_id, reason="disk_full", detail=str(self._fault))
            self._progress.end("stopped", "disk_full")
            self._assignment.disk_full = True
        else:
            trace = None if isinstance(self._fault, SeedError) else self._fault
            log.error("source failed", crawl_id=crawl_id, reason=describe_error(self._fault), exc_info=trace)
            self._progress.end("failed", describe_error(self._fault))


def _read_assignment(crawler: Crawler) -> Assignment:
    """Return the assignment of ``scrapy crawl`` and the like. Raises SeedError."""
    source_id = getattr(crawler.spider, "source", None) or crawler.settings.get("CRAWL_SOURCE")
    source = find_card(crawler.settings, source_id, crawler.spidercls.name)
    check_settings(crawler.spidercls, source.id)
    job = make_job(crawler.settings, source)
    return Assignment(job, job.tasks[0])
