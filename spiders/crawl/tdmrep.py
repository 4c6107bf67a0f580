"""The ``/.well-known/tdmrep.json`` of each crawled origin (W3C TDM Reservation Protocol, 2024).

It is fetched once an origin and crawl, like any URL: a capture with an outcome of its own. What it reserves is recorded
with each page there (``model.page_facts.Signals``). Of several locations that match a page the first one counts: the
protocol has the most specific one come first.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any, NamedTuple
from urllib.parse import urljoin, urlsplit

from spiders.crawl.book import Book
from spiders.crawl.robots import Fetch
from spiders.policy.robots_txt import Rule, make_rule, read_path
from storage.captures.exchange import ExchangeFacts

PATH = "/.well-known/tdmrep.json"
MAX_BYTES = 500 * 1024


class Reservation(NamedTuple):
    """What one location says; ``policy`` is absolute."""

    location: Rule
    reserved: bool
    policy: str | None


def read_reservations(body: bytes, url: str) -> list[Reservation]:
    """Return what the file at *url* reserves; entries that do not follow the protocol are skipped."""
    try:
        listed = json.loads(body) if len(body) <= MAX_BYTES else []
    except (ValueError, RecursionError):
        return []
    found = [_reservation(one, url) for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    return [one for one in found if one]


def _reservation(entry: dict[str, Any], url: str) -> Reservation | None:
    location, reserved, policy = (entry.get(name) for name in ("location", "tdm-reservation", "tdm-policy"))
    if not isinstance(location, str) or str(reserved) not in ("0", "1"):
        return None
    rule = make_rule(False, location.encode(errors="replace").decode("latin-1"))
    return Reservation(rule, str(reserved) == "1", _absolute(policy, url) if isinstance(policy, str) else None)


def _absolute(address: str, url: str) -> str | None:
    try:
        return urljoin(url, address.strip())
    except ValueError:
        return None


class Reservations:
    """The reservations of the origins of one source."""

    def __init__(self, book: Book, fetch: Fetch) -> None:
        self._book = book
        self._fetch = fetch
        self._read: dict[str, list[Reservation]] = {}
        self._lock = asyncio.Lock()

    async def find(self, url: str) -> Reservation | None:
        """Return what holds for *url*, or None; its origin's file is fetched the first time."""
        parts = urlsplit(url)
        address = f"{parts.scheme}://{parts.netloc}{PATH}"
        async with self._lock:
            if address not in self._read:
                self._read[address] = []
                if self._book.discover(address, ExchangeFacts(kind="tdmrep", purpose="tdmrep")):
                    await self._fetch(address, lambda found, body: self._keep(address, found, body))
        path = read_path(url, plain=True)
        return next((one for one in self._read[address] if one.location.matches(path)), None)

    def _keep(self, address: str, url: str, body: bytes) -> None:
        self._read[address] = read_reservations(body, url)
