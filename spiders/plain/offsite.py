"""The offsite middleware: Scrapy's own, which also tells the book what is outside ``allowed_domains``."""

from __future__ import annotations

from typing import Any

from scrapy import Request
from scrapy.downloadermiddlewares.offsite import OffsiteMiddleware
from scrapy.exceptions import IgnoreRequest

from spiders.policy.scope import Verdict

_SCOPE = Verdict("refused", "scope")


class BookOffsiteMiddleware(OffsiteMiddleware):  # type: ignore[misc]
    """In the place of ``OffsiteMiddleware``."""

    def process_request(self, request: Request, spider: Any = None) -> None:
        try:
            super().process_request(request)
        except IgnoreRequest:
            crawl = getattr(self.crawler, "plain_crawl", None)
            if crawl is not None:
                crawl.drop(request, _SCOPE)
            raise
