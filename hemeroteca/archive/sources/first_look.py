"""The first look at a newspaper before it is enabled: whether what its card names can be read, and announces articles.

Nothing is archived. robots.txt is obeyed, and the card's pause is kept between two requests.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

from hemeroteca.configuration import Settings
from hemeroteca.download import Asker, download
from spiders.discovery.entries import Entry
from spiders.discovery.feeds import NotAFeedError
from spiders.discovery.listing import ListedDiscovery, list_discoveries, order_listed
from spiders.parsing.limited_reader import LimitedReader
from spiders.parsing.parsers import FEED, FEEDS_IN_PAGE, SECTION, SITEMAP, SITEMAPS_IN_ROBOTS
from spiders.policy.scope import is_article_link, make_host_key, read_origin, refuse
from spiders.wire.connect_rules import read_connect_to
from storage.captures.exchange import ExchangeFacts
from storage.model.errors import NotArchivedError, ParserLimitError
from storage.model.source import ReadKind, Source

_MOST_LISTED = 3
_LONGEST_PAUSE_SECONDS = 30.0
_ARTICLE = ExchangeFacts(kind="article", purpose="article")
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


@dataclass
class FirstLook:
    """What was found: the articles that a newspaper announces, the newest date, and what was not read, in words."""

    source: Source
    articles: set[str] = field(default_factory=set)
    elsewhere: int = 0
    """How many addresses it announces that are none of its own."""
    newest: datetime | None = None
    faults: list[str] = field(default_factory=list)
    answers: bool = False
    """Whether its front page answers: asked only where a spider of its own finds the articles."""

    @property
    def is_good(self) -> bool:
        """It can be crawled."""
        return bool(self.articles) or self.answers

    def describe(self, now: datetime) -> str:
        """Return what was read, in a few words."""
        if self.answers:
            return "its front page answers; its spider finds the articles when it crawls"
        dated = f", newest {_tell_age(now - self.newest)}" if self.newest else ", without dates"
        if self.articles:
            return f"read {_count(len(self.articles), 'address', 'addresses')}{dated}"
        if self.elsewhere:
            listed = _count(self.elsewhere, "address is", "addresses are")
            return f"{listed} listed, none of them its own: see `hosts`, `include` and `exclude` in its card"
        return "nothing could be read" if self.faults else "it lists no articles"


def look_at(settings: Settings, source: Source, pause: Callable[[float], None] = time.sleep) -> FirstLook:
    """Read what the card of *source* names, and return what was found. Raises SeedError where nobody may be asked."""
    asker = Asker(
        settings.contact,
        settings.now(),
        allow_private=source.allow_private,
        connect_to=read_connect_to(filter(None, settings.connect_to.split(","))) if source.allow_private else (),
        verify=source.tls == "verify",
    )
    with LimitedReader() as reader:
        return _Looker(source, asker, reader, pause).look()


class _Looker:
    """Looks at one newspaper."""

    def __init__(self, source: Source, asker: Asker, reader: LimitedReader, pause: Callable[[float], None]) -> None:
        self._source = source
        self._asker = asker
        self._reader = reader
        self._pause = pause
        self._asked: set[str] = set()
        self._hosts: set[str] = set()
        self._found = FirstLook(source)

    def look(self) -> FirstLook:
        named = [(url, kind) for url, kind, _ in list_discoveries(self._source, None)]
        if not named:
            self._found.answers = self._fetch(self._source.homepage, "front page") is not None
            return self._found
        for url, kind in named:
            self._read(url, kind)
        if not self._found.articles and not any(kind == "sitemap" for _, kind in named):
            self._read_sitemaps_of_robots()
        return self._found

    def _read(self, url: str, kind: ReadKind, depth: int = 0) -> None:
        """Read one document and, of those that it lists, some, until one announces articles."""
        if (body := self._fetch(url, kind)) is None:
            return
        try:
            listed = order_listed(list(self._parse(kind, body, url)))
        except NotAFeedError:
            self._note_fault(url, kind, f"it is not a {kind}")
            return
        except ParserLimitError as error:
            self._note_fault(url, kind, str(error))
            return
        for one in islice(listed, _MOST_LISTED) if depth < _MOST_LISTED else ():
            if self._found.articles:
                return
            self._read(one.document.url, one.kind, depth + 1)

    def _parse(self, kind: ReadKind, body: bytes, url: str) -> Iterator[ListedDiscovery]:
        """Note the articles of a document, and yield the documents that it lists."""
        if kind == "section":
            links = self._reader.read(SECTION, body, url)
            self._note([link for link in links if is_article_link(self._source, link.url)])
            for feed in self._reader.read(FEEDS_IN_PAGE, body, url):
                yield ListedDiscovery(Entry(feed), url, "feed")
            return
        entries = self._reader.read(FEED if kind == "feed" else SITEMAP, body, url)
        self._note([one for one in entries if not one.is_sitemap])
        yield from (ListedDiscovery(one, url, "sitemap") for one in entries if one.is_sitemap)

    def _note(self, entries: list[Entry]) -> None:
        own = [one for one in entries if refuse(self._source, one.url, _ARTICLE) is None]
        self._found.articles.update(one.url for one in own)
        self._found.elsewhere += len(entries) - len(own)
        dates = [one.announced for one in own if one.announced and one.announced <= self._asker.now + _DAY]
        self._found.newest = max(filter(None, [*dates, self._found.newest]), default=None)

    def _read_sitemaps_of_robots(self) -> None:
        robots = f"{read_origin(self._source.homepage)}/robots.txt"
        told = len(self._found.faults)
        if (body := self._fetch(robots, "robots.txt")) is None:
            del self._found.faults[told:]  # that there is none is no fault
        else:
            named = self._reader.read(SITEMAPS_IN_ROBOTS, body, robots)
            for url in named[:_MOST_LISTED]:
                self._read(url, "sitemap")

    def _fetch(self, url: str, kind: str) -> bytes | None:
        """Return the body of a document that was not asked for yet; note why there is none."""
        if url in self._asked:
            return None
        if make_host_key(url) in self._hosts:
            seconds = max(self._source.delay_seconds, self._find_crawl_delay(url))
            if seconds > _LONGEST_PAUSE_SECONDS:
                self._note_fault(url, kind, f"not read yet: requests must be {seconds:g} s apart")
                return None
            self._pause(seconds)
        self._asked.add(url)
        self._hosts.add(make_host_key(url))
        try:
            return download(url, self._asker).body
        except NotArchivedError as error:
            self._note_fault(url, kind, str(error).removeprefix(f"{url}: "))
            return None

    def _find_crawl_delay(self, url: str) -> float:
        rules = self._asker.rules.get(read_origin(url))
        return rules.crawl_delay_seconds if rules else 0.0

    def _note_fault(self, url: str, kind: str, why: str) -> None:
        self._found.faults.append(f"{kind} {url}: {why}")


def _tell_age(age: timedelta) -> str:
    if age < _HOUR:
        return f"{max(int(age.total_seconds() // 60), 0)} min ago"
    return f"{int(age / _HOUR)} h ago" if age < 2 * _DAY else f"{age.days} days ago"


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"
