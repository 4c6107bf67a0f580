"""The download handler of plain Scrapy spiders: admitted requests are fetched in their turn, and recorded."""

from __future__ import annotations

from scrapy import Request
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from spiders.wire.handler import CaptureDownloadHandler


class ArchiveDownloadHandler(BaseDownloadHandler):  # type: ignore[misc]
    """``DOWNLOAD_HANDLERS``. Those of ``newspaper`` go to the wire as they are."""

    lazy = False

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._crawler = crawler
        self._is_plain = hasattr(crawler, "plain_crawl")
        crawler.capture_handler = self._capture = CaptureDownloadHandler(crawler)

    async def download_request(self, request: Request) -> Response:
        if not self._is_plain:
            return await self._capture.download_request(request)
        if self._crawler.plain_crawl is None:
            raise IgnoreRequest("the source is not open")
        response: Response = await self._crawler.plain_crawl.fetch(request)
        return response

    async def close(self) -> None:
        await self._capture.close()
