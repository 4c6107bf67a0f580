"""What a crawl leaves pending (storage.pending): which of its URLs will be tried again, and which are given up."""

from __future__ import annotations

from spiders.job import CrawlTask
from spiders.policy.pending_articles import find_oldest, is_expired
from storage.known import Known, KnownPending
from storage.model.outcome import Outcome
from storage.pending import MOST_ASKED, find_effect


class LeftPending:
    """Of one source; *known* is what is pending before the crawl."""

    def __init__(self, task: CrawlTask, known: Known) -> None:
        self._known = known
        self._oldest = None if task.crawl.for_nights else find_oldest(task.source, task.crawl.night)
        self._added: set[str] = set()
        self._ended: set[str] = set()

    def note(self, outcome: Outcome) -> Outcome:
        """Return *outcome*, which says ``given_up`` where its URL is not asked for again."""
        if outcome.purpose != "article":
            return outcome
        effect, before = find_effect(outcome), self._known.find_pending(outcome.url)
        waited = before is not None and not (before.given_up or before.held)
        if effect in (None, "settled") or self._known.find(outcome.url):
            is_ended = effect == "settled" or (effect is None and outcome.status is not None)
            self._count(outcome.url, waited and not is_ended, waited)
            return outcome
        is_over = self._is_over(outcome, effect == "asked", before)
        was_over = before is not None and before.given_up
        self._count(outcome.url, not is_over and not was_over, waited)
        return outcome.replace(pending="given_up") if is_over else outcome

    def _is_over(self, outcome: Outcome, is_asked: bool, before: KnownPending | None) -> bool:
        if not is_asked:
            return before is not None and is_expired(before, self._oldest)
        asks = before.asks if before else 0
        is_first_tonight = before is None or before.last_asked != str(outcome.night)
        return asks + is_first_tonight >= MOST_ASKED

    def _count(self, url: str, waits: bool, waited: bool) -> None:
        (self._added.add if waits and not waited else self._added.discard)(url)
        (self._ended.add if waited and not waits else self._ended.discard)(url)

    def count(self) -> int:
        """Return how many URLs of the source are pending now."""
        return self._known.count_pending() + len(self._added) - len(self._ended)
