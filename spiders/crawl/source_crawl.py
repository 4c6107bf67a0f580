"""The crawl of one source, from its discovery documents to ended.json.

1. Articles that an earlier attempt captured are adopted.
2. The card's discoveries are read, one after the other, sitemaps with what they list. Where the card names no feed,
   the feeds that its sections name are read too; where it names no sitemap, those of robots.txt.
3. Articles are fetched within the budget, in this order: what a person asked for, what is announced, what is pending,
   what is due for another look (spiders.crawl.wanted_articles). Hosts are fetched from side by side, one request at a
   time at each.
4. The WARC is closed, the ledger written, the source ended, while others continue.
"""

from __future__ import annotations

import asyncio
import re
from collections import defaultdict
from datetime import date, datetime
from typing import assert_never

import structlog

from spiders.crawl.attempt import read_outcome_lines
from spiders.crawl.book import discovery_of
from spiders.crawl.fetch import Fetcher
from spiders.crawl.opened_source import OpenedSource
from spiders.crawl.wanted_articles import WantedArticles
from spiders.discovery.entries import Entry
from spiders.discovery.feeds import NotAFeedError
from spiders.discovery.gaps import Gaps
from spiders.discovery.listing import ListedDiscovery, date_entries, list_discoveries, order_listed
from spiders.parsing.parsers import FEED, FEEDS_IN_PAGE, SECTION, SITEMAP
from spiders.policy.scope import (
    CARD,
    OVER_BUDGET,
    REQUEST,
    Verdict,
    clean_url,
    is_article_link,
    is_own_host,
    make_host_key,
    postpone,
    read_host,
    read_origin,
    refuse,
    resolve_redirect,
    tell_other_host,
)
from spiders.policy.url_variants import spell_normally
from storage.captures.exchange import ExchangeFacts
from storage.captures.outcomes import REDIRECTS, find_target
from storage.model.errors import ParserLimitError
from storage.model.outcome import Kind, Outcome
from storage.model.source import DiscoveryKind, ReadKind

log = structlog.get_logger()

_DTD = re.compile(rb"<!ENTITY|<!DOCTYPE[^>\[]*\b(?:SYSTEM|PUBLIC)\b")
_DTD_BYTES = 4096

MAX_LISTED = 200
MAX_DISCOVERED = 100_000
"""Discovery documents that others list are read up to this many, or up to this many URLs; the rest is over budget."""

_AT_ONCE = 500


class SourceCrawl:
    """Crawls one source. A spider of its own overrides the ``find_…`` methods."""

    most_listed = MAX_LISTED

    def __init__(self, opened: OpenedSource) -> None:
        self.context = context = opened.context
        self.source = context.task.source
        self.book = context.book
        self._opened = opened
        self._fetcher = Fetcher(context)
        self._articles = WantedArticles(context.task, context.book, context.known)
        self._listed = 0
        self._gaps = Gaps(context.known)
        self._hosts = set(self.source.hosts)
        self._elsewhere: dict[str, str] = {}
        """Of a section without articles of its own, where its links lead."""

    async def run(self) -> None:
        """Crawl the source to its end. Raises StorageError, among them FencedError: then it has no ended.json."""
        self._adopt()
        for asked in self.context.task.urls:
            if url := self._clean(asked, "article", REQUEST):
                self._articles.enter(url, REQUEST)
        if not self.context.task.only_urls:
            await self._discover()
            self._articles.enter_due()
        self._opened.directory.journal.flush()
        await self._fetch_articles()
        await self._articles.end_duplicates(self._fetcher.fetch)
        await self._opened.end(OVER_BUDGET, self._gaps.find_open())

    def _clean(self, url: str, kind: Kind, via: str) -> str | None:
        """Return *url* as it is fetched; refuse it when it is no URL."""
        cleaned = clean_url(url)
        if cleaned is None and self.book.discover(url, _found(kind, via)):
            self.book.refuse(url, Verdict("refused", "scheme"))
        return cleaned

    # what an earlier attempt acknowledged

    def _adopt(self) -> None:
        adopted = [outcome for outcome in read_outcome_lines(self.context.task.adopted) if outcome.purpose == "article"]
        followed = {outcome.redirected_from[-1] for outcome in adopted if outcome.redirected_from}
        unfollowed = [one for one in adopted if _leads_on(one) and one.url not in followed]
        pointless = {outcome.url for outcome in unfollowed if not find_target(outcome)}  # fetched again for its target
        for outcome in adopted:
            if outcome.url not in pointless:
                self.book.adopt(outcome)
                self._articles.note_adopted(outcome)
                self._fetcher.validators.note(outcome)
        for outcome in unfollowed:
            target = resolve_redirect(find_target(outcome) or "", outcome.url)
            if target and self._fetcher.enter_target(target, outcome.url, discovery_of(outcome)):
                self._articles.add_redirect_target(target)

    # discovery

    async def _discover(self) -> None:
        for address, kind, night in list_discoveries(self.source, self.context.task.crawl.for_nights):
            url = self._clean(address, kind, CARD)
            if url and self.book.discover(url, _found(kind, CARD)):
                await self._read_all(await self._read_document(url, kind, night))
        if not self._names("sitemap"):
            robots = f"{read_origin(self.source.homepage)}/robots.txt"
            sitemaps = await self._fetcher.find_sitemaps(self.source.homepage)
            await self._read_all([ListedDiscovery(Entry(url), robots, "sitemap") for url in sitemaps])

    def _names(self, kind: DiscoveryKind) -> bool:
        return any(discovery.kind == kind for discovery in self.source.discoveries)

    async def _read_all(self, listed: list[ListedDiscovery]) -> None:
        while listed:
            listed += await self._read_listed(listed.pop(0))

    async def _read_document(self, url: str, kind: ReadKind, night: date | None = None) -> list[ListedDiscovery]:
        """Read one discovery document; *night* dates undated entries. Return what it lists, newest first."""
        listed: list[ListedDiscovery] = []

        async def read(address: str, body: bytes) -> str | None:
            if _DTD.search(body, 0, _DTD_BYTES):
                log.warning("dtd not followed", url=address, crawl_id=self.context.task.crawl.id)
            try:
                # in a thread, and a large one in a process: other sources must continue
                found, documents = await asyncio.to_thread(self._parse, kind, body, address)
            except NotAFeedError:
                return "not_a_feed"
            except ParserLimitError as error:
                log.warning("document over a limit", url=address, reason=str(error))
                return "parser_limit"
            listed.extend(documents)
            if night is not None:
                found = date_entries(found, night)
            allowed = await self._enter_articles(found, address)
            self._gaps.note_document(address, kind, allowed)
            return None if found or documents else "empty"

        self._opened.directory.journal.flush()  # written first: the document may kill this process
        await self._fetcher.fetch(url, read)
        for address, elsewhere in self._elsewhere.items():
            self.book.add_detail(address, elsewhere)
        self._elsewhere.clear()
        self._opened.progress.report()
        return order_listed(listed)

    def _parse(self, kind: ReadKind, body: bytes, url: str) -> tuple[list[Entry], list[ListedDiscovery]]:
        """Return what a document announces: articles, and other documents."""
        found = self.find(kind, body, url)
        documents = [ListedDiscovery(one, url, "sitemap", anywhere=False) for one in found if one.is_sitemap]
        if kind == "section" and not self._names("feed"):
            feeds = self.context.reader.read(FEEDS_IN_PAGE, body, url)
            documents += [ListedDiscovery(Entry(feed), url, "feed") for feed in feeds]
        return [one for one in found if not one.is_sitemap], documents

    async def _enter_articles(self, found: list[Entry], via: str) -> list[Entry]:
        """Enter the articles that a document announces, in their normal spelling; return those that policy allows."""
        allowed = []
        for number, one in enumerate(one._replace(url=spell_normally(one.url)) for one in found):
            if self._articles.enter(one.url, via, one.announced):
                allowed.append(one)
                self._tell_twin(read_host(one.url))
            if number % _AT_ONCE == _AT_ONCE - 1:
                await asyncio.sleep(0)
        return allowed

    def _tell_twin(self, host: str) -> None:
        """Say once of a *host* that the card does not name, and that counts as its own, that it does."""
        if host not in self._hosts:
            self._hosts.add(host)
            log.warning("twin host followed", crawl_id=self.context.task.crawl.id, host=host, reason="add it to hosts")

    async def _read_listed(self, one: ListedDiscovery) -> list[ListedDiscovery]:
        """Read a document that another one lists."""
        url = one.document.url
        facts = _found(one.kind, one.listed_in, one.document.announced)
        if not self.book.discover(url, facts):
            return []
        verdict = refuse(self.source, url, facts)
        if (
            verdict is None and self.context.task.crawl.for_nights
        ):  # else no date beside it says that it has nothing new
            verdict = postpone(self.context.task, url, None, None, facts)
        own = one.anywhere or is_own_host(self.source, url) or make_host_key(url) == make_host_key(one.listed_in)
        if verdict is None and not own:
            verdict = Verdict("refused", "scope")
        if verdict is None and (self._listed >= self.most_listed or len(self.book) >= MAX_DISCOVERED):
            verdict = OVER_BUDGET
        if verdict is not None:
            self.book.refuse(url, verdict)
            return []
        self._listed += 1
        return await self._read_document(url, one.kind)

    def find(self, kind: ReadKind, body: bytes, url: str) -> list[Entry]:
        """Return what a discovery document of the card announces. Raises NotAFeedError."""
        match kind:
            case "feed":
                return self.find_in_feed(body, url)
            case "sitemap":
                return self.find_in_sitemap(body, url)
            case "section":
                return self.find_in_section(body, url)
            case _:
                assert_never(kind)

    def find_in_feed(self, body: bytes, url: str) -> list[Entry]:
        return self.context.reader.read(FEED, body, url)

    def find_in_sitemap(self, body: bytes, url: str) -> list[Entry]:
        return self.context.reader.read(SITEMAP, body, url)

    def find_in_section(self, body: bytes, url: str) -> list[Entry]:
        """Return the links of a section page that are meant as articles, the likeliest first."""
        links = self.context.reader.read(SECTION, body, url)
        own = [link for link in links if is_article_link(self.source, link.url)]
        if not own and (elsewhere := tell_other_host(self.source, [link.url for link in links])):
            self._elsewhere[url] = elsewhere
        return own

    # articles

    async def _fetch_articles(self) -> None:
        by_host: dict[str, list[str]] = defaultdict(list)
        for url in self._articles.within_budget():
            by_host[make_host_key(url)].append(url)
        async with asyncio.TaskGroup() as group:
            for urls in by_host.values():
                group.create_task(self._fetch_all(urls))

    async def _fetch_all(self, urls: list[str]) -> None:
        for url in urls:
            if self.book.is_open(url):
                await self._fetcher.fetch(url)
                self._opened.progress.report()


def _found(kind: Kind, via: str, announced: datetime | None = None) -> ExchangeFacts:
    return ExchangeFacts(kind=kind, purpose=kind, via=via, announced=announced)


def _leads_on(outcome: Outcome) -> bool:
    is_redirect = outcome.state == "captured" and outcome.status in REDIRECTS
    return is_redirect or find_target(outcome) is not None
