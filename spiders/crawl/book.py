"""The book of outcomes: every URL that a crawl found, and how each of them ended.

``discover`` enters a URL, ``end`` or ``refuse`` closes it, each once: the outcomes always add up to what was
discovered.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from spiders.crawl.left_pending import LeftPending
from spiders.policy.scope import Verdict
from storage.captures.exchange import ExchangeFacts
from storage.disk_lines import DiskLines
from storage.model.crawl import Crawl
from storage.model.outcome import Outcome, State, reason_is_known
from storage.surt import urlkey

_MAX_DETAIL = 500
_ROBOTS = re.compile(r"https?://[^/?#]*/robots\.txt")
_UNFINISHED = Verdict("failed", "interrupted")


class Book:
    """The account of one crawl. URLs are as ``scope.clean_url`` makes them.

    ``journal``, when set, is called at once with each URL that is entered, as ``failed: interrupted``, and with each
    end that no record in a WARC file shows: the account of a crawl that breaks off is made of these.
    ``left_pending``, when set, says of each end whether its URL is given up.
    URLs that have ended are in a file in *directory*, as lines of the ledger. Memory holds those that have not.
    """

    def __init__(self, crawl: Crawl, directory: Path) -> None:
        self._crawl = crawl
        self.journal: Callable[[Outcome], None] | None = None
        self.left_pending: LeftPending | None = None
        self._open: dict[str, ExchangeFacts] = {}
        self._ended = DiskLines(directory)
        self._counts: Counter[State] = Counter()

    def __contains__(self, url: str) -> bool:
        return url in self._open or url in self._ended

    def __len__(self) -> int:
        """How many URLs were discovered."""
        return len(self._open) + len(self._ended)

    def discover(self, url: str, facts: ExchangeFacts) -> bool:
        """Enter *url*. Return False when it is here already: how it was found first is what counts.

        A robots.txt is entered only as one: whoever announces it as an article must not decide what we may fetch.
        """
        if url in self or (facts.purpose != "robots" and _ROBOTS.fullmatch(url)):
            return False
        self._open[url] = facts
        if self.journal:
            self.journal(self._without_exchange(url, _UNFINISHED))
        return True

    def facts(self, url: str) -> ExchangeFacts:
        """Return how *url*, which has not ended, was found."""
        return self._open[url]

    def find_outcome(self, url: str) -> Outcome | None:
        line = self._ended.get(url)
        return Outcome.model_validate_json(line) if line else None

    def is_open(self, url: str) -> bool:
        return url in self._open

    def reopen(self, url: str, facts: ExchangeFacts | None = None) -> None:
        """Open *url*, which has ended, again, as found by *facts* or as before: only its next end counts."""
        ended = Outcome.model_validate_json(self._ended.pop(url))
        self._counts[ended.state] -= 1
        self.discover(url, facts or discovery_of(ended))

    def fail(self, url: str, reason: str) -> None:
        """Let *url*, which has ended, count as failed for *reason*."""
        ended = Outcome.model_validate_json(self._ended[url])
        self.reopen(url)
        self.end(ended, reason)

    def add_detail(self, url: str, detail: str) -> None:
        """Write *detail* into the outcome of *url*, which has ended."""
        ended = Outcome.model_validate_json(self._ended[url])
        self._ended[url] = ended.model_copy(update={"detail": detail}).to_line()

    def adopt(self, outcome: Outcome) -> None:
        """Enter the outcome that an earlier attempt at this crawl had."""
        self._close(outcome)

    def refuse(self, url: str, verdict: Verdict, detail: str | None = None) -> None:
        """End *url* without an exchange: nothing was sent, or nothing came of it."""
        outcome = self._close(self._without_exchange(url, verdict, detail))
        if self.journal:
            self.journal(outcome)

    def end(self, outcome: Outcome, reason: str | None = None) -> None:
        """End a URL as its last exchange ended; *reason*, if given, is why that is a failure all the same."""
        if outcome.url not in self._open:
            raise RuntimeError(f"{outcome.url}: is not open")
        if reason is not None:
            outcome = outcome.model_copy(update={"state": "failed", "reason": reason})
        self._close(outcome)

    def end_all(self, verdict: Verdict) -> None:
        """End every URL that has not ended."""
        for url in list(self._open):
            self.refuse(url, verdict)

    def counts(self) -> dict[State, int]:
        return dict(+self._counts)

    def lines(self) -> Iterator[bytes]:
        """Yield the outcomes as JSON, one a line, sorted by URL.

        Raises RuntimeError while a URL has not ended: such a ledger must not be written.
        """
        if self._open or sum(self._counts.values()) != len(self._ended):
            raise RuntimeError(f"{self._crawl.id}: {len(self._open)} URLs have not ended")
        yield from (self._ended[url] for url in sorted(self._ended))

    def _without_exchange(self, url: str, verdict: Verdict, detail: str | None = None) -> Outcome:
        facts = self._open[url]
        return Outcome(
            crawl_id=self._crawl.id,
            source_id=self._crawl.source_id,
            night=self._crawl.night,
            url=url,
            urlkey=urlkey(url),
            kind=facts.kind,
            purpose=facts.purpose,
            state=verdict.state,
            reason=verdict.reason,
            detail=detail[:_MAX_DETAIL] if detail else verdict.detail,
            via=facts.via,
            redirected_from=facts.redirected_from,
            announced=facts.announced,
        )

    def _close(self, outcome: Outcome) -> Outcome:
        if outcome.url in self._ended or not reason_is_known(outcome.state, outcome.reason):
            raise RuntimeError(f"{outcome.url}: cannot end as {outcome.state} ({outcome.reason})")
        self._open.pop(outcome.url, None)
        outcome = self.left_pending.note(outcome) if self.left_pending else outcome
        self._ended[outcome.url] = outcome.to_line()
        self._counts[outcome.state] += 1
        return outcome


def discovery_of(outcome: Outcome) -> ExchangeFacts:
    """Return how the URL of *outcome* was found."""
    return ExchangeFacts(
        kind=outcome.kind,
        purpose=outcome.purpose,
        via=outcome.via,
        redirected_from=outcome.redirected_from,
        announced=outcome.announced,
    )
