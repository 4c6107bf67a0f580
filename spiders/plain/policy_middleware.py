"""The downloader middleware that holds back requests for hosts and pages, or beyond budgets, that are closed tonight.

It is the last one before the downloader, so no middleware of a spider's own stands between it and the host.
"""

from __future__ import annotations

from scrapy import Request
from scrapy.crawler import Crawler


class PolicyMiddleware:
    """One of ``DOWNLOADER_MIDDLEWARES``. The download handler takes nothing that it did not admit."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> PolicyMiddleware:
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        if crawl := getattr(self._crawler, "plain_crawl", None):
            await crawl.admit(request)
