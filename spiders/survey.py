"""The survey of a newspaper without a card: the search for its discovery documents, starting at its front page.

Fetched are, in this order, each a capture like any other: the front page, robots.txt, the sitemaps that it names, the
feeds that the page names, links that look like either, and last, for a kind that is still missing, the usual places one
after the other. Articles are not fetched.
"""

from __future__ import annotations

from spiders.crawl.source_crawl import SourceCrawl
from spiders.discovery.entries import Entry
from spiders.discovery.feeds import NotAFeedError
from spiders.discovery.listing import ListedDiscovery
from spiders.newspaper import Newspaper
from spiders.parsing.parsers import FRONT_PAGE, OUTLINE
from spiders.policy.scope import read_origin
from storage.model.source import ReadKind

_MOST_IN_INDEX = 3
_USUAL: dict[ReadKind, tuple[str, ...]] = {
    "feed": ("/feed/", "/rss.xml", "/rss", "/feed.xml", "/atom.xml"),
    "sitemap": ("/sitemap.xml", "/sitemap_index.xml", "/news-sitemap.xml", "/sitemap-news.xml"),
}


class SurveyCrawl(SourceCrawl):
    """Reads discovery documents and fetches nothing that they announce."""

    most_listed = 25
    _front: str | None = None

    async def _discover(self) -> None:
        self._kinds: set[ReadKind] = set()
        await super()._discover()
        front = self._front or self.source.homepage
        if read_origin(front) != read_origin(self.source.homepage):
            await self._read_all(
                [ListedDiscovery(Entry(url), front, "sitemap") for url in await self._fetcher.find_sitemaps(front)]
            )
        for kind, paths in _USUAL.items():
            for path in paths:
                if kind not in self._kinds:
                    await self._read_all([ListedDiscovery(Entry(read_origin(front) + path), front, kind)])

    async def _enter_articles(self, found: list[Entry], via: str) -> list[Entry]:
        """Enter none: a survey fetches no articles."""
        return []

    def _parse(self, kind: ReadKind, body: bytes, url: str) -> tuple[list[Entry], list[ListedDiscovery]]:
        try:
            found, documents = super()._parse(kind, body, url)
        except NotAFeedError:
            found, documents = [], self._linked_discoveries(body, url)  # an HTML page about feeds, linked like a feed
            if not documents or kind != "feed":
                raise
        else:
            self._kinds.add(kind)
        if kind == "section":
            self._front = url
            documents += self._linked_discoveries(body, url)
        if kind == "sitemap":
            documents = sorted(documents, key=lambda one: "news" not in one.document.url)[:_MOST_IN_INDEX]
        return found, documents

    def _linked_discoveries(self, body: bytes, url: str) -> list[ListedDiscovery]:
        """Return the links of a page that look like a feed or a sitemap, or the feeds of an outline."""
        reader = self.context.reader
        if outline := reader.read(OUTLINE, body, url):
            return [ListedDiscovery(Entry(feed), url, "feed") for feed in outline]
        links = reader.read(FRONT_PAGE, body, url).links
        return [ListedDiscovery(Entry(link), url, "sitemap" if "sitemap" in link.lower() else "feed") for link in links]


class Survey(Newspaper):
    name = "survey"
    source_crawl = SurveyCrawl
