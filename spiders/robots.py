"""robots.txt of each origin a crawl meets (RFC 9309), fetched as any URL is and obeyed before every request.

2xx           its first 500 KiB are the rules
4xx           everything is allowed (RFC 9309, 2.3.1.3); 429 is no such answer
anything else everything is refused: 5xx, no answer, a cut one, more than five redirects (2.3.1.4)

Where nothing was asked for (no turn, a private address), the URL ends for the same reason as its robots.txt.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from protego import Protego

from spiders.outcomes import Book
from spiders.scope import Verdict, origin, redirect_target
from spiders.sitemaps import sitemaps_in_robots
from storage.warc.exchange import ExchangeFacts

PRODUCT_TOKEN = "hemeroteca"
MAX_BYTES = 500 * 1024
MAX_REDIRECTS = 5
_FORBIDDEN = Verdict("refused", "robots")
_BYTE_ORDER_MARK = re.compile(rb"\A\xef(?:\xbb(?:\xbf)?)?")  # also a mark that was cut, as Google reads it
_LINE_END = re.compile(r"\r\n|\r|\n")
_AGENT = re.compile(r"\s*user[ -]?agent(?:\s*:\s*|\s+)(.*?)\s*$", re.IGNORECASE)
_RULE = re.compile(r"\s*(allow|disallow)(?:\s*:\s*|\s+)(.*?)\s*$", re.IGNORECASE)
_DELAY = re.compile(r"\s*(crawl-delay)(?:\s*:\s*|\s+)(.*?)\s*$", re.IGNORECASE)
_TOKEN = re.compile(r"[A-Za-z_-]+|\*(?:\s|$)")

Fetch = Callable[[str, Callable[[str, bytes], None]], Awaitable[None]]
"""Ask for a URL and what it redirects to; each body of a 2xx answer goes to the second argument, with its URL."""


@dataclass(frozen=True)
class Rules:
    """What one origin allows. *verdict* speaks for every URL when there are no rules to ask."""

    protego: Protego | None = None
    verdict: Verdict | None = None
    crawl_delay_seconds: float = 0.0

    def refuse(self, url: str) -> Verdict | None:
        if self.protego is None:
            return self.verdict
        return None if self.protego.can_fetch(url, PRODUCT_TOKEN) else _FORBIDDEN


def read_rules(body: bytes) -> Rules:
    """Read the rules of a robots.txt; what lies beyond 500 KiB, or is no rule, is ignored."""
    text = _BYTE_ORDER_MARK.sub(b"", body[:MAX_BYTES]).decode("utf-8", "replace")
    rules = Protego.parse("\n".join(_plain_lines(text, _RULE)))
    delay = Protego.parse("\n".join(_plain_lines(text, _DELAY))).crawl_delay(PRODUCT_TOKEN)
    return Rules(rules, crawl_delay_seconds=max(0.0, float(delay or 0.0)))


def _plain_lines(text: str, wanted: re.Pattern[str]) -> Iterator[str]:
    """Yield the *wanted* records for a matcher that takes a prefix for a name and lets any record part a group.

    Only a whole product token names a crawler (RFC 9309, 2.2.1): ``Foo/1.0 (beta)`` is Foo, and H is not us. Other
    records do not come between (2.2.4).
    """
    for line in _LINE_END.split(text):
        line = line.partition("#")[0]
        if agent := _AGENT.match(line):
            token = _TOKEN.match(agent[1])
            name = token[0].strip() if token else ""
            yield f"user-agent: {name if name.lower() in ('*', PRODUCT_TOKEN.lower()) else '-'}"
        elif record := wanted.match(line):
            yield f"{record[1]}: {record[2]}"


class Robots:
    """The rules of the origins of one source. They are fetched one after the other, so that each ends in the book."""

    def __init__(self, book: Book, fetch: Fetch) -> None:
        self._book = book
        self._fetch = fetch
        self._rules: dict[str, Rules] = {}
        self._lock = asyncio.Lock()
        self._bodies: dict[str, bytes] = {}

    async def rules_for(self, url: str) -> Rules:
        """Return the rules for *url*, asking for its origin's robots.txt the first time."""
        parts = urlsplit(url)
        address = f"{parts.scheme}://{parts.netloc}/robots.txt"
        if address not in self._rules:
            async with self._lock:
                if address not in self._rules:
                    self._rules[address] = await self._read(address)
        return self._rules[address]

    async def sitemaps_of(self, url: str) -> tuple[str, ...]:
        """Return the sitemaps that the robots.txt of *url*'s origin names; its redirects are followed."""
        await self.rules_for(url)
        address = f"{origin(url)}/robots.txt"
        for _ in range(MAX_REDIRECTS + 1):
            if address in self._bodies:
                return sitemaps_in_robots(self._bodies[address], address)
            outcome = self._book.outcome(address)
            address = redirect_target(outcome.detail or "", address) or "" if outcome else ""
        return ()

    async def _read(self, address: str) -> Rules:
        if self._book.discover(address, ExchangeFacts(kind="robots", purpose="robots")):
            await self._fetch(address, self._keep)
        return self._judge(address, 0)

    def _keep(self, url: str, body: bytes) -> None:
        self._bodies[url] = body

    def _judge(self, address: str, redirects: int) -> Rules:
        outcome = self._book.outcome(address)
        if address in self._bodies:
            return read_rules(self._bodies[address])
        if outcome is None or redirects > MAX_REDIRECTS:
            return Rules(verdict=_FORBIDDEN)
        if outcome.state == "skipped" or outcome.reason == "private_address":
            return Rules(verdict=Verdict(outcome.state, outcome.reason or ""))
        if outcome.state == "captured" and outcome.detail:
            return self._judge(redirect_target(outcome.detail, address) or address, redirects + 1)
        status = outcome.status or 0
        unavailable = 400 <= status < 500 and status != 429 and outcome.reason == f"http_{status}"
        return Rules() if unavailable else Rules(verdict=_FORBIDDEN)
