"""The dupefilter: Scrapy's own, which also tells the book what it filters."""

from __future__ import annotations

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.dupefilters import RFPDupeFilter

from spiders.policy.scope import Verdict

_DUPLICATE = Verdict("skipped", "duplicate")


class BookDupeFilter(RFPDupeFilter):  # type: ignore[misc]
    """``DUPEFILTER_CLASS``: a request whose URL differs from an earlier one's in spelling alone is a duplicate."""

    crawler: Crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> BookDupeFilter:
        made: BookDupeFilter = super().from_crawler(crawler)
        made.crawler = crawler
        return made

    def request_seen(self, request: Request) -> bool:
        is_seen: bool = super().request_seen(request)
        crawl = getattr(self.crawler, "plain_crawl", None)
        if is_seen and crawl is not None:
            crawl.drop(request, _DUPLICATE)
        return is_seen
