"""The things that the crawl of one source works with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

from scrapy import Request
from scrapy.http import Response

from spiders.crawl.book import Book
from spiders.job import CrawlTask
from spiders.manners.turns import Turns
from spiders.parsing.limited_reader import LimitedReader
from storage.known import Known

Download = Callable[[Request], Awaitable[Response]]


@dataclass
class CrawlContext:
    """*holder* is the name its leases are held under. After *until* nothing is begun. *silent* counts, for each host,
    how often in a row it gave no response.
    """

    task: CrawlTask
    holder: str
    book: Book
    known: Known
    turns: Turns
    reader: LimitedReader
    download: Download
    clock: Callable[[], datetime]
    until: datetime
    silent: Counter[str] = field(default_factory=Counter)
