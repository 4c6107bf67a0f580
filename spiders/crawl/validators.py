"""The validators of one source in one crawl: which are sent, and which 304 is checked.

The first 304 that a crawl gets for each purpose is fetched again without validators. What that shows
(spiders.policy.conditional_requests) holds for the purpose from then on, in later crawls too.
"""

from __future__ import annotations

from http import HTTPStatus

import structlog

from spiders.job import CrawlTask
from spiders.policy.conditional_requests import make_conditions
from storage.captures.exchange import ExchangeFacts
from storage.known import Known, KnownCapture
from storage.model.outcome import Kind, Outcome, more_distrust

log = structlog.get_logger()


class Validators:
    """*known* has what earlier crawls found out about them."""

    def __init__(self, task: CrawlTask, known: Known) -> None:
        self._task = task
        self._known = known
        self._distrust = known.find_distrusted()
        self._checked: set[Kind] = set()

    def headers(self, facts: ExchangeFacts, known: KnownCapture | None) -> dict[str, str]:
        """Return the headers to send; none in a backfill, which reads for other nights what a crawl has read before."""
        if self._task.fresh or self._task.crawl.for_nights or facts.checks:
            return {}
        return make_conditions(facts.purpose, known, self._distrust.get(facts.purpose))

    def check(self, outcome: Outcome) -> str | None:
        """Return the record id of *outcome* if it is a 304 to check, once a crawl and purpose.

        A daytime crawl relies on the check of the night.
        """
        if outcome.status != HTTPStatus.NOT_MODIFIED or outcome.purpose in self._checked:
            return None
        known = self._known.find(outcome.url)
        if self._task.crawl.trigger == "daytime" or known is None or known.body_digest is None:
            return None
        self._checked.add(outcome.purpose)
        return outcome.record_id

    def note(self, outcome: Outcome) -> None:
        """Take note of what a response showed of its source's validators."""
        purpose, distrust = outcome.purpose, outcome.distrust
        if distrust is None:
            return
        before = self._distrust.get(purpose)
        if distrust != before:
            crawl_id = self._task.crawl.id
            log.warning("validators lie", crawl_id=crawl_id, url=outcome.url, purpose=purpose, reason=distrust)
        self._distrust[purpose] = more_distrust(distrust, before)
