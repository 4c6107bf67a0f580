"""The spider middleware that records where each request was found, and whether each listing gave anything.

It is the one nearest to the engine, so it sees what the middlewares of a spider's own have left of the output.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from spiders.plain.contained_calls import contain_each
from spiders.plain.page_purpose import FOUND_META, Found, check_mark
from spiders.policy.scope import REQUEST, SPIDER


class LinkMiddleware:
    """One of ``SPIDER_MIDDLEWARES``."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> LinkMiddleware:
        return cls(crawler)

    async def process_start(self, start: AsyncIterator[Any]) -> AsyncIterator[Any]:
        crawl = getattr(self._crawler, "plain_crawl", None)
        for url in crawl.task.urls if crawl else ():
            yield make_request(url, REQUEST)
        if crawl and crawl.task.only_urls:
            return
        # Scrapy reads it without a pause, also while it closes: an endless one is all it does
        async for one in contain_each(start):
            if crawl and crawl.is_closing:
                return
            yield _mark(one, Found(SPIDER, is_start=True))
            await asyncio.sleep(0)

    async def process_spider_output(self, response: Response, result: AsyncIterator[Any]) -> AsyncIterator[Any]:
        count = 0
        async for one in result:
            count += 1
            yield _mark(one, Found(response.url))
        crawl = getattr(self._crawler, "plain_crawl", None)
        is_command = not hasattr(self._crawler, "assignment")  # `scrapy parse` and `check` keep what a callback gives
        if crawl is not None and not count and not is_command:
            crawl.note_empty(response.request)


def make_request(url: str, via: str) -> Request:
    """Return a request that no callback of the spider's is for: its page is archived, and no more."""
    return Request(url, callback=_archive_only, meta={FOUND_META: Found(via)}, dont_filter=True)


def _archive_only(response: Response) -> None:
    return None


def _mark(one: Any, found: Found) -> Any:
    if isinstance(one, Request):
        check_mark(one)
        one.meta[FOUND_META] = found._replace(redirects=len(one.meta.get("redirect_urls", ())))
    return one
