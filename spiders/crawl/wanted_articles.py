"""The articles that one crawl found, and which of them it fetches tonight.

``enter`` gives every article to the book, and ends it there when it is not to be fetched. The others are fetched within
the night's budget: new articles, of what is pending (storage.pending) at most half of it while new ones wait, then what
is due for another look. Of URLs that differ only in tracking parameters one is fetched
(spiders.crawl.tracking_duplicates).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime
from functools import lru_cache

from spiders.crawl.book import Book
from spiders.crawl.tracking_duplicates import TrackingDuplicates
from spiders.job import CrawlTask
from spiders.policy.pending_articles import find_due, find_expired, share_budget
from spiders.policy.scope import KNOWN, OVER_BUDGET, REQUEST, Verdict, postpone, refuse
from spiders.policy.traps import Traps
from spiders.policy.url_variants import spell_in_small_letters, strip_session
from storage.captures.exchange import ExchangeFacts
from storage.known import Known, KnownCapture, KnownPending, read_moment
from storage.model.outcome import PENDING, Outcome

_NEW, _PENDING, _KNOWN = range(3)


class WantedArticles:
    """Of one source; *known* is what the archive holds of it."""

    def __init__(self, task: CrawlTask, book: Book, known: Known) -> None:
        self._task = task
        self._book = book
        self._known = known
        self._ranks: dict[str, tuple[int, str]] = {}
        """Of what is to be fetched: which articles come first."""
        self._traps = Traps()
        self._duplicates = TrackingDuplicates(book)
        self._asked = 0
        self._budget_left = 0

    def enter(self, url: str, via: str, announced: datetime | None = None) -> bool:
        """Enter *url*, which may be here already; say whether policy allows it, whatever else becomes of it.

        One that the archive holds in small letters, from before all were spelled normally, stays so.
        """
        if "%" in url and not self._known.find(url) and self._known.find(small := spell_in_small_letters(url)):
            url = small
        facts = _facts_of(via, announced)
        refusal = refuse(self._task.source, url, facts, asked=via == REQUEST)
        if self._book.discover(url, facts) or self._reopen_newer(url, facts):
            if refusal is not None:
                self._book.refuse(url, refusal)
            else:
                self._decide(url, facts)
        return refusal is None

    def _reopen_newer(self, url: str, facts: ExchangeFacts) -> bool:
        """Open *url* again where it was refused for its date, and *facts* have a newer one; say whether that is so."""
        if facts.announced is None or (ended := self._book.find_outcome(url)) is None:
            return False
        if ended.reason != "too_old" or ended.announced is None or facts.announced <= ended.announced:
            return False
        self._book.reopen(url, facts)
        return True

    def _decide(self, url: str, facts: ExchangeFacts) -> None:
        if facts.via == REQUEST:
            self._ranks[url] = (_NEW, "")
            return
        known, pending = self._known.find(url), self._known.find_pending(url)
        verdict, detail = postpone(self._task, url, known, pending, facts), None
        is_new = known is None and pending is None
        if verdict is None and is_new and not facts.announced and (detail := self._traps.refuse(url)):
            verdict = Verdict("refused", "trap")
        if verdict is not None:
            self._book.refuse(url, verdict, detail)
        elif not self._duplicates.hold_back(url):
            rank = _NEW if is_new else _KNOWN if known else _PENDING
            self._ranks[url] = (rank, _rank_pending(pending) if pending and rank == _PENDING else "")

    def enter_due(self) -> None:
        """Enter what is pending, and articles that are due for another look, though nothing announces them.

        In a backfill only what a backfill of its nights left pending.
        """
        for pending in list(find_drawn(self._task, self._known)):
            announced = read_moment(pending.announced) if pending.announced else None
            self.enter(pending.url, PENDING, announced)
        if self._task.crawl.for_nights is None:
            for known in list(self._known.find_due(self._task.crawl.night, self._task.source.looks)):
                if has_no_session(known):
                    self.enter(known.url, KNOWN)

    def add_redirect_target(self, url: str) -> None:
        """Fetch *url*, which is in the book: an adopted article redirects to it."""
        self._ranks[url] = (_NEW, "")

    def note_adopted(self, outcome: Outcome) -> None:
        """Count what an earlier attempt fetched against the budget."""
        self._asked += outcome.kind == "article"

    def within_budget(self) -> list[str]:
        """Return the articles to fetch, new ones first, and end those over the budget."""
        most = self._task.source.nightly_budget
        most = max(0, min(most, self._task.page_budget or most) - self._asked)
        wanted = sorted((url for url in self._ranks if self._book.is_open(url)), key=self._ranks.__getitem__)
        ranks = Counter(self._ranks[url][0] for url in wanted)
        new, _ = share_budget(most, ranks[_NEW], ranks[_PENDING])
        chosen = [*wanted[:new], *wanted[ranks[_NEW] :][: most - new]]
        for url in wanted[new : ranks[_NEW]] + wanted[ranks[_NEW] :][most - new :]:
            self._book.refuse(url, OVER_BUDGET)
        self._budget_left = max(0, most - len(wanted))
        return chosen

    async def end_duplicates(self, fetch: Callable[[str], Awaitable[None]]) -> None:
        """End the duplicates that were held back, fetching those whose other URL is gone."""
        await self._duplicates.end(fetch, self._budget_left)


def _rank_pending(pending: KnownPending) -> str:
    """Return what puts the never asked for first: they are given up when they wait too long, what failed is not."""
    return f"{pending.asks > 0:d} {pending.since}"


@lru_cache(maxsize=4096)  # a page's links differ in nothing but the URL
def _facts_of(via: str, announced: datetime | None) -> ExchangeFacts:
    return ExchangeFacts(kind="article", purpose="article", via=via, announced=announced)


def find_drawn(task: CrawlTask, known: Known) -> Iterator[KnownPending]:
    """Yield what is pending and has a row tonight: what has waited for too long, and what is due."""
    source, crawl = task.source, task.crawl
    if not crawl.for_nights:
        yield from find_expired(known, source, crawl.night)
    yield from find_due(known, source, crawl.night, crawl.for_nights)


def has_no_session(known: KnownCapture) -> bool:
    """Say whether the URL has no session id; with one, the site announces a new URL each night."""
    return strip_session(known.url) == known.url
