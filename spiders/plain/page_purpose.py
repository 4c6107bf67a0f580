"""What a request of a Scrapy spider is for: an article, a listing of articles, or one of the site's rules.

In this order:
    robots        it asks for a robots.txt
    meta          the request's ``meta["hemeroteca"]``: article, section, feed or sitemap
    article       one of the card's ``article`` patterns fits; if there are any and none fits: section
    sitemap       the callback of a SitemapSpider by which it reads sitemaps
    feed          a start request of an XMLFeedSpider or CSVFeedSpider
    section       any other start request
    article       anything else: what is HTML becomes a document
"""

from __future__ import annotations

import re
from typing import NamedTuple

from scrapy import Request, Spider
from scrapy.spiders import CrawlSpider, CSVFeedSpider, SitemapSpider, XMLFeedSpider

from spiders.policy.scope import clean_url
from storage.model.outcome import Kind
from storage.model.pattern import compile_pattern
from storage.model.source import ADHOC, Source

PURPOSE_META = "hemeroteca"
"""Key of ``Request.meta`` by which a spider says what a request is for."""
FOUND_META = "hemeroteca_found"
"""Key of ``Request.meta`` under which ``Found`` goes from the spider middleware to where the request is entered."""

_MARKS: frozenset[Kind] = frozenset({"article", "section", "feed", "sitemap"})
_ROBOTS = re.compile(r"https?://[^/?#]*/robots\.txt")


class Found(NamedTuple):
    """How a spider came to a request: on the page *via*, or as one that it starts with.

    *redirects* is how many redirects its ``meta`` had then, copied from another request's.
    """

    via: str | None = None
    is_start: bool = False
    redirects: int = 0


class Purpose(NamedTuple):
    """``is_listing``: read for what it leads to, so it is asked for every night, whatever the archive has of it."""

    kind: Kind
    is_listing: bool = False


class Purposes:
    """The purposes of the requests of one *spider*; callbacks that it starts with read listings elsewhere too."""

    def __init__(self, spider: Spider, source: Source) -> None:
        self._spider = spider
        self._has_card = source.id != ADHOC
        self._patterns = [compile_pattern(pattern) for pattern in source.article]
        self._starting: set[str] = set()

    def find(self, request: Request, found: Found) -> Purpose:
        """Return what *request* is for."""
        if found.is_start:
            self._starting.add(_callback_name(request))
        address = clean_url(request.url) or request.url
        if _ROBOTS.fullmatch(address):
            return Purpose("robots", is_listing=True)
        if mark := request.meta.get(PURPOSE_META):
            return Purpose(mark, is_listing=mark != "article")
        if not self._has_card:
            return Purpose("section", is_listing=True)
        if self._patterns:
            fits = any(pattern.search(address) for pattern in self._patterns)
            return Purpose("article") if fits else Purpose("section", is_listing=True)
        return self._guess(request, found)

    def _guess(self, request: Request, found: Found) -> Purpose:
        if isinstance(self._spider, SitemapSpider) and request.callback == self._spider._parse_sitemap:
            return Purpose("sitemap", is_listing=True)
        if found.is_start:
            is_feed = isinstance(self._spider, XMLFeedSpider | CSVFeedSpider)
            return Purpose("feed" if is_feed else "section", is_listing=True)
        return Purpose("article", is_listing=self._leads_on(request))

    def _leads_on(self, request: Request) -> bool:
        if isinstance(self._spider, CrawlSpider) and "rule" in request.meta:
            return self._spider.rules[request.meta["rule"]].callback is None
        return _callback_name(request) in self._starting


def check_mark(request: Request) -> None:
    """Raise ValueError when a spider says of *request* that it is for something which does not exist."""
    mark = request.meta.get(PURPOSE_META)
    if mark is not None and mark not in _MARKS:
        raise ValueError(f'meta["{PURPOSE_META}"] is {mark!r}: must be one of {", ".join(sorted(_MARKS))}')


def _callback_name(request: Request) -> str:
    return getattr(request.callback, "__name__", "parse") if request.callback else "parse"
