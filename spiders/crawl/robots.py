"""The robots.txt of each origin that a crawl meets (RFC 9309): fetched like any URL, obeyed before every request.

2xx           its first 500 KiB are the rules (spiders.policy.robots_txt); of a cut one, what came
4xx           everything is allowed (RFC 9309, 2.3.1.3), but not after 429
anything else everything is refused: 5xx, no response, more than five redirects, a loop of them (2.3.1.4)

When robots.txt could not be asked for (no turn, a private address), the URL ends for the same reason as its robots.txt.
After 24 hours it is read again (2.4).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import structlog

from spiders.crawl.book import Book
from spiders.discovery.packed_body import unpack_body
from spiders.parsing.limited_reader import LimitedReader
from spiders.parsing.parsers import ROBOTS, SITEMAPS_IN_ROBOTS
from spiders.policy.robots_txt import CrawlerRules
from spiders.policy.scope import ROBOTS_NOT_READ, Verdict, read_origin, resolve_redirect
from storage.captures.exchange import ExchangeFacts
from storage.model.errors import ParserLimitError
from storage.model.outcome import says_no_rules

log = structlog.get_logger()

MAX_REDIRECTS = 5
MOST_AGE = timedelta(hours=24)
MOST_DELAY_SECONDS = 300.0
"""A longer Crawl-delay is cut to this, as Heritrix does; the outcome of the robots.txt says so."""
FORBIDDEN = Verdict("refused", "robots")
_UNASKED = frozenset({"private_address", "port"})
"""Reasons for which nothing at all is asked of an origin."""

Fetch = Callable[[str, Callable[[str, bytes], None]], Awaitable[None]]
"""Fetch a URL and what it redirects to; call the second argument with the URL and body of a 2xx response."""


@dataclass(frozen=True)
class Rules:
    """What one origin allows us. *verdict* holds for every URL when there are no rules."""

    rules: CrawlerRules = CrawlerRules()
    verdict: Verdict | None = None

    @property
    def crawl_delay_seconds(self) -> float:
        return min(self.rules.crawl_delay_seconds, MOST_DELAY_SECONDS)

    def refuse(self, url: str) -> Verdict | None:
        return self.verdict or (None if self.rules.allow(url) else FORBIDDEN)


class Robots:
    """The rules of the origins of one source. One is fetched at a time, so that none is fetched twice."""

    def __init__(self, book: Book, fetch: Fetch, clock: Callable[[], datetime], reader: LimitedReader) -> None:
        self._book = book
        self._reader = reader
        self._fetch = fetch
        self._clock = clock
        self._rules: dict[str, tuple[Rules, datetime]] = {}
        self._lock = asyncio.Lock()
        self._bodies: dict[str, bytes] = {}

    async def fetch_rules(self, url: str) -> Rules:
        """Return the rules for *url*; its origin's robots.txt is fetched the first time, and again after a day."""
        parts = urlsplit(url)
        address = f"{parts.scheme}://{parts.netloc}/robots.txt"
        if not self._is_fresh(address):
            async with self._lock:
                if not self._is_fresh(address):
                    self._rules[address] = await self._read(address), self._clock()
        return self._rules[address][0]

    def _is_fresh(self, address: str) -> bool:
        return address in self._rules and self._clock() - self._rules[address][1] < MOST_AGE

    async def find_sitemaps(self, url: str) -> tuple[str, ...]:
        """Return the sitemaps that the robots.txt of *url*'s origin names; its redirects are followed."""
        address, body = await self.find_body(url)
        if body is None:
            return ()
        with suppress(ParserLimitError):
            return await asyncio.to_thread(self._reader.read, SITEMAPS_IN_ROBOTS, body, address)
        return ()

    async def find_body(self, url: str) -> tuple[str, bytes | None]:
        """Return the robots.txt of *url*'s origin and where it was found in the end; None when there is none."""
        await self.fetch_rules(url)
        address = f"{read_origin(url)}/robots.txt"
        for _ in range(MAX_REDIRECTS + 1):
            if address in self._bodies:
                return address, self._bodies[address]
            outcome = self._book.find_outcome(address)
            address = resolve_redirect(outcome.detail or "", address) or "" if outcome else ""
        return address, None

    async def _read(self, address: str) -> Rules:
        if address in self._rules:
            self._reopen(address)
        else:
            self._book.discover(address, ExchangeFacts(kind="robots", purpose="robots"))
        if self._book.is_open(address):
            await self._fetch(address, self._keep)
        rules = await self._rules_of(address, 0)
        if rules.rules.crawl_delay_seconds > MOST_DELAY_SECONDS:
            detail = f"Crawl-delay of {rules.rules.crawl_delay_seconds:g} s, limited to {MOST_DELAY_SECONDS:g} s"
            log.warning("crawl delay kept shorter", url=address, seconds=rules.rules.crawl_delay_seconds)
            self._book.add_detail(address, detail)
        return rules

    def _reopen(self, address: str) -> None:
        """Open *address* again, and what it redirected to, so that both are fetched again."""
        outcome = self._book.find_outcome(address)
        while outcome is not None and outcome.purpose == "robots":
            self._book.reopen(outcome.url)
            self._bodies.pop(outcome.url, None)
            outcome = self._book.find_outcome(resolve_redirect(outcome.detail or "", outcome.url) or "")

    def _keep(self, url: str, body: bytes) -> None:
        self._bodies[url] = body
        with suppress(ValueError):  # one that is damaged has no rule in it
            self._bodies[url] = unpack_body(body)

    async def _rules_of(self, address: str, redirects: int) -> Rules:
        outcome = self._book.find_outcome(address)
        if address in self._bodies:
            return await self._parse(address)
        if outcome is None or redirects > MAX_REDIRECTS:
            return Rules(verdict=ROBOTS_NOT_READ)
        if outcome.state == "skipped" or outcome.reason in _UNASKED:
            return Rules(verdict=Verdict(outcome.state, outcome.reason or ""))
        if outcome.state == "captured" and outcome.detail:
            return await self._rules_of(resolve_redirect(outcome.detail, address) or address, redirects + 1)
        has_none = says_no_rules("robots", outcome.status or 0)  # its body, cut or not, says nothing
        return Rules() if has_none else Rules(verdict=ROBOTS_NOT_READ)

    async def _parse(self, address: str) -> Rules:
        try:
            return Rules(await asyncio.to_thread(self._reader.read, ROBOTS, self._bodies[address], address))
        except ParserLimitError as error:
            log.warning("robots.txt over a limit", url=address, reason=str(error))
            return Rules(verdict=FORBIDDEN)
