"""A plain Scrapy spider that asks for a list of pages: what ``make bench-crawl`` measures of a user's own spider."""

from __future__ import annotations

from pathlib import Path

import scrapy
from scrapy.http import Response


class BenchSpider(scrapy.Spider):  # type: ignore[misc]
    name = "bench_spider"

    def __init__(self, urls: str, **arguments: object) -> None:
        super().__init__(**arguments)
        self.start_urls = Path(urls).read_text().split()

    def parse(self, response: Response) -> None:
        """Make nothing of a page, as bare Scrapy's spider does."""
