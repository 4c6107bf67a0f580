"""URLs that differ only in tracking parameters: one of them is fetched each night.

The others end as ``skipped: duplicate``, with the fetched one in ``detail``. Where that one is gone or redirects to
another, the other is fetched too: nothing is lost, and no URL is stored under another's name.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from spiders.crawl.book import Book
from spiders.policy.scope import Verdict, resolve_redirect
from spiders.policy.url_variants import strip_tracking

_DUPLICATE = Verdict("skipped", "duplicate")
_GONE = (404, 410)
_LONGEST_CHAIN = 6


class TrackingDuplicates:
    """The duplicates that one crawl learned of."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._first: dict[str, str] = {}
        self._others: dict[str, str] = {}

    def hold_back(self, url: str) -> bool:
        """Say whether a duplicate of *url* came before it; if so, ``end`` will end *url*."""
        first = self._first.setdefault(strip_tracking(url), url)
        if first == url:
            return False
        self._others[url] = first
        return True

    async def end(self, fetch: Callable[[str], Awaitable[None]], budget: int) -> None:
        """End what was held back. At most *budget* of them are fetched in place of one that is gone, one for each."""
        replaced: set[str] = set()
        for url, first in self._others.items():
            if not self._book.is_open(url):
                continue
            outcome = self._book.find_outcome(first)
            is_gone = outcome is not None and outcome.status in _GONE
            may_replace = is_gone and first not in replaced and len(replaced) < budget
            if may_replace:
                replaced.add(first)
            if may_replace or self._leads_to(first, url):
                await fetch(url)
            else:
                self._book.refuse(url, _DUPLICATE, first)

    def _leads_to(self, first: str, url: str) -> bool:
        for _ in range(_LONGEST_CHAIN):
            outcome = self._book.find_outcome(first)
            if outcome is None or outcome.status is None or not 300 <= outcome.status < 400:
                return False
            first = resolve_redirect(outcome.detail or "", first) or ""
            if first == url:
                return True
        return False
